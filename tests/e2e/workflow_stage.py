"""What the tests of workflows share: graphs in few words, a server that counts what it is asked, and buttons pressed."""
import collections
import http.server
import json
import threading

from support import must


def node(name, kind, /, **config):
    return {"id": name, "type": kind, "position": {"x": 0, "y": 0}, "data": config}


def edges(source, target, *handles):
    """From each of these outputs of a node to the same next one."""
    return [{"id": f"{source}.{handle}", "source": source, "sourceHandle": handle, "target": target} for handle in handles or ("out",)]


def imported(api, name, graph, priority=0):
    """A workflow from a graph, as an export brings it, published; returns its id."""
    workflow = api.post("/api/workflows/import", {"waypost": "workflow", "version": 1, "name": name, "priority": priority, "graph": graph})
    must(workflow["status"] == "draft", f"{name} is a draft when it is imported", workflow)
    api.post(f"/api/workflows/{workflow['id']}/publish", {})
    return workflow["id"]


def key_of(cell):
    """An id as the store, the API and the sandbox write it, in one form."""
    text = cell.hex() if isinstance(cell, bytes) else str(cell)
    return text.removeprefix("\\x").replace("-", "")


def choices(bubble):
    """[{"id", "title"}] of the buttons or rows that a customer sees."""
    action = bubble["content"].get("action", {})
    rows = [row for section in action.get("sections", []) for row in section["rows"]]
    return [button["reply"] for button in action.get("buttons", [])] + [{"id": row["id"], "title": row["title"]} for row in rows]


def pressed(bubble, choice):
    """What a customer writes by choosing: a message for the sandbox."""
    kind = "button_reply" if bubble["content"]["type"] == "button" else "list_reply"
    return {"type": "interactive", "content": {"type": kind, kind: choice}, "reply_to": bubble["wamid"]}


class CountingServer:
    """Somebody outside: keeps every request and answers what `answer(request)` gives: (status, JSON), or by default 200 with
    how often it was asked by that name (the header X-Call). A request: {"method", "path", "headers", "body"}."""

    def __init__(self, answer=None):
        self.answer, self.requests, self.calls = answer or self.count, [], collections.Counter()
        self.lock = threading.Lock()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def take(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                request = {"method": self.command, "path": self.path, "body": body.decode(errors="replace"),
                           "headers": {name.lower(): value for name, value in self.headers.items()}}
                status, said = outer.take(request)
                raw = json.dumps(said).encode()
                try:
                    self.send_response(status)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(raw)))
                    self.end_headers()
                    self.wfile.write(b"" if self.command == "HEAD" else raw)
                except OSError:
                    self.close_connection = True  # whoever asked was killed

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = take

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads, request_queue_size = True, 256

            def handle_error(self, *_):
                pass  # a caller that is killed cuts its connection

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def take(self, request):
        with self.lock:
            self.requests.append(request)
            self.calls[request["headers"].get("x-call", "")] += 1
        return self.answer(request)

    def count(self, request):
        with self.lock:
            return 200, {"count": self.calls[request["headers"].get("x-call", "")]}

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
