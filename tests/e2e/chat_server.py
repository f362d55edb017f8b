"""A server that speaks the chat completions API on a free port, for end-to-end tests: answers by a script and counts.

    with ChatServer() as chat:
        api.patch("/api/workspace", {"settings": {"ai": {"baseUrl": chat.base_url, "model": "test"}}})
        chat.will_say("Hello")                      # the next answer; when none is left it calls chat.answer
        chat.will_choose("billing")                 # a router's: {"category": "billing"}
        chat.will_fail(429, retry_after=1)
        ...
        chat.count, chat.requests[-1].messages
"""
import dataclasses
import http.server
import json
import threading
import time


@dataclasses.dataclass
class Asked:
    path: str
    authorization: str
    body: dict
    at: float

    @property
    def messages(self):
        return self.body.get("messages", [])

    @property
    def last_text(self):
        return self.messages[-1]["content"] if self.messages else ""

    @property
    def labels(self):
        """Of a router's request: the categories that it may choose; of any other one: none."""
        schema = self.body.get("response_format", {}).get("json_schema", {}).get("schema", {})
        return schema.get("properties", {}).get("category", {}).get("enum", [])


def completion(text, model="test", tokens=(12, 3), finish="stop"):
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "model": model,
        "choices": [{"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text}}],
        "usage": {"prompt_tokens": tokens[0], "completion_tokens": tokens[1], "total_tokens": sum(tokens)},
    }


def usual_answer(asked):
    """The first category to a router, else an echo: without a script a flow gets through."""
    if asked.labels:
        return json.dumps({"category": asked.labels[0]})
    return f"You said {asked.last_text}"


class ChatServer:
    def __init__(self, answer=usual_answer, key=None):
        """`answer(asked) -> text` where the script says nothing; with `key` every other key is a 401."""
        self.answer = answer
        self.key = key
        self.requests = []
        self._script = []
        self._lock = threading.Lock()
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def start(self):
        self._thread.start()
        return self

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    @property
    def base_url(self):
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    @property
    def count(self):
        with self._lock:
            return len(self.requests)

    def will_say(self, text, delay=0, **kept):
        self._add(200, completion(text, **kept), {}, delay)

    def will_choose(self, label, delay=0):
        self.will_say(json.dumps({"category": label}), delay)

    def will_fail(self, status, message="as asked", code=None, retry_after=None, delay=0):
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        self._add(status, {"error": {"message": message, "type": "error", "code": code}}, headers, delay)

    def _add(self, status, body, headers, delay):
        with self._lock:
            self._script.append((status, body, headers, delay))

    def _next(self, asked):
        with self._lock:
            self.requests.append(asked)
            if self.key is not None and asked.authorization != f"Bearer {self.key}":
                return 401, {"error": {"message": "Incorrect API key provided", "code": "invalid_api_key"}}, {}, 0
            if self._script:
                return self._script.pop(0)
        return 200, completion(self.answer(asked)), {}, 0

    def _handler(self):
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
                if self.path != "/v1/chat/completions":
                    return self.give(404, {"error": {"message": "no such path"}}, {})
                asked = Asked(self.path, self.headers.get("Authorization", ""), body, time.time())
                status, answer, headers, delay = server._next(asked)
                time.sleep(delay)
                self.give(status, answer, headers)

            def give(self, status, body, headers):
                text = json.dumps(body).encode()
                try:
                    self.send_response(status)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(text)))
                    for name, value in headers.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(text)
                except (BrokenPipeError, ConnectionResetError):
                    pass  # the daemon was killed, or waited no longer

            def log_message(self, *_):
                pass

        return Handler
