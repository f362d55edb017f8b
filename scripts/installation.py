"""A whole Waypost installation in one folder, started for the demo or a test: a private Redis, the sandbox (a simulator
of Meta) and waypostd with SQLite, or several waypostd behind a balancer that share a private PostgreSQL. Everything
listens on loopback and is stopped by its pid.

    FOLDER/waypost.toml   settings of waypostd          FOLDER/data    its data_dir
    FOLDER/redis          Redis' data and socket        FOLDER/*.log   what each program said

With several nodes the first line's files stand in FOLDER/node-1, FOLDER/node-2 …, and FOLDER/postgres holds the server.
"""
import http.client
import json
import os
import pathlib
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAMS = pathlib.Path(os.environ.get("WAYPOST_PROGRAMS", ROOT / "build" / "release"))


class Failed(Exception):
    """Something did not come up or did not hold; the words say what to look at."""


def wait_for(what, probe, seconds=30.0, pause=0.02):
    """Calls `probe` until it returns something true, and returns that; Failed after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        found = probe()
        if found:
            return found
        if time.monotonic() > end:
            raise Failed(f"waited {seconds:g} s in vain for {what}")
        time.sleep(pause)


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)


def ask(method, url, body=None, headers=None, timeout=15.0):
    """One HTTP exchange; any status is an Answer, no answer is an OSError."""
    data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method, headers=dict(headers or {}))
    if data is not None and not request.has_header("Content-type"):
        request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return Answer(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.headers, error.read())
    except (http.client.HTTPException, urllib.error.URLError) as error:
        raise OSError(f"{method} {url}: {error}") from None


class Program:
    """A started program, its log and its end."""

    def __init__(self, name, command, log, pass_fds=()):
        self.name, self.log = name, log
        with open(log, "ab") as out:
            self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=out,
                                            stderr=subprocess.STDOUT, start_new_session=True, pass_fds=pass_fds)

    @property
    def pid(self):
        return self.process.pid

    def alive(self):
        return self.process.poll() is None

    def must_live(self):
        if not self.alive():
            tail = pathlib.Path(self.log).read_text(errors="replace")[-2000:]
            raise Failed(f"{self.name} ended with {self.process.returncode}; its log {self.log} ends:\n{tail}")
        return True

    def stop(self, seconds=15.0):
        if not self.alive():
            return self.process.returncode
        self.process.terminate()
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise Failed(f"{self.name} did not stop within {seconds:g} s of SIGTERM; see {self.log}") from None

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


class Node:
    """One waypostd. Its ports stay the same over restarts."""

    def __init__(self, name, folder, sections, port):
        self.name, self.folder, self.sections = name, folder, sections
        self.port, self.admin_port = port, 0
        self.program = self.url = self.admin_url = None

    @property
    def admin_socket(self):
        return self.folder / "data" / "admin.sock"

    def write_settings(self):
        sections = {name: dict(keys) for name, keys in self.sections.items()}
        sections[""] = {"node": self.name, "data_dir": "data", **sections.get("", {})}
        for section, port in (("http", self.port), ("admin", self.admin_port)):
            sections.setdefault(section, {}).setdefault("listen", f"127.0.0.1:{port}")
        lines = []
        for section, keys in sorted(sections.items()):
            lines += [f"[{section}]"] if section else []
            lines += [f"{key} = {json.dumps(value)}" for key, value in keys.items()] + [""]
        path = self.folder / "waypost.toml"
        path.write_text("\n".join(lines))
        return path

    def start(self, *words):
        """Starts waypostd, with more words on its command line, and waits until it serves."""
        (self.folder / "data").mkdir(parents=True, exist_ok=True)
        path = self.write_settings()
        addresses = self.folder / "data" / "addresses.json"
        addresses.unlink(missing_ok=True)
        self.program = Program(self.name, [PROGRAMS / "waypostd", "--config", path, *words], self.folder / "waypostd.log")

        def announced():
            self.program.must_live()
            return json.loads(addresses.read_text()) if addresses.exists() else None

        told = wait_for("waypostd", announced, pause=0.005)
        self.url, self.admin_url = told["url"], told["adminUrl"]
        self.port = urllib.parse.urlsplit(self.url).port
        self.admin_port = urllib.parse.urlsplit(self.admin_url).port


class Balancer:
    """haproxy before the nodes: a connection goes to the next node that takes it."""

    def __init__(self, folder, port, nodes):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        settings = folder / "haproxy.cfg"
        servers = "".join(f"  server {node.name} 127.0.0.1:{node.port} check inter 200ms fall 2 rise 1\n" for node in nodes)
        settings.write_text(f"""global
  nbthread 1
defaults
  mode tcp
  timeout connect 1s
  timeout client 80s
  timeout server 80s
  retries 3
  option redispatch 1
frontend waypost
  bind fd@{listener.fileno()}
  default_backend nodes
backend nodes
  balance roundrobin
{servers}""")
        self.program = Program("haproxy", ["haproxy", "-db", "-f", settings], folder / "haproxy.log",
                               pass_fds=[listener.fileno()])
        listener.close()


class Installation:
    """Start with up(); down() stops whatever runs. `settings` adds lines to waypost.toml: {"section": {"key": value}}.
    With `postgres`, and with several nodes unless the settings name a store, a private PostgreSQL is the store."""

    def __init__(self, folder, port=0, settings=None, sandbox_settings=None, nodes=1, postgres=False):
        self.folder = pathlib.Path(folder).resolve()
        self.port = port
        self.settings = {section: dict(keys) for section, keys in (settings or {}).items()}
        self.sandbox_settings = sandbox_settings or {"read_after_ms": 150}
        self.node_count, self.nodes = nodes, []
        self.redis = self.sandbox = self.balancer = self.sandbox_url = None
        self.wants_postgres = postgres or (nodes > 1 and "url" not in self.settings.get("store", {}))
        self.has_postgres = False
        self.app_secret, self.verify_token = secrets.token_hex(16), secrets.token_hex(12)

    @property
    def daemon(self):
        """The first node's program."""
        return self.nodes[0].program if self.nodes else None

    @property
    def url(self):
        return self.balancer.url if self.balancer else self.nodes[0].url

    @property
    def admin_url(self):
        return self.nodes[0].admin_url

    @property
    def programs(self):
        """All that run, in the order in which they are stopped."""
        daemons = [node.program for node in self.nodes]
        balancer = self.balancer.program if self.balancer else None
        return [program for program in (balancer, *daemons, self.sandbox, self.redis) if program]

    # Programs -------------------------------------------------------------------------------------------------------

    def up(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        os.chmod(self.folder, 0o700)
        self.start_redis()
        self.start_sandbox()
        if self.wants_postgres:
            self.start_postgres()
        self.start_nodes()
        return self

    def down(self):
        # A second Ctrl-C must not leave programs behind.
        before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            self._stop_programs()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop_programs(self):
        failed = []
        for program in self.programs:
            try:
                program.stop()
            except Failed as error:
                failed.append(str(error))
        if self.has_postgres:
            self.postgres_cluster("stop")
        if failed:
            raise Failed("; ".join(failed))

    def __enter__(self):
        try:
            return self.up()
        except BaseException:
            self.down()
            raise

    def __exit__(self, *_):
        self.down()

    @property
    def redis_socket(self):
        return self.folder / "redis" / "redis.sock"

    def start_redis(self):
        data = self.folder / "redis"
        data.mkdir(exist_ok=True)
        self.redis = Program("redis-server", ["redis-server", "--port", 0, "--unixsocket", self.redis_socket,
                                              "--unixsocketperm", 700, "--appendonly", "yes", "--dir", data,
                                              "--maxmemory-policy", "noeviction", "--save", ""],
                             self.folder / "redis.log")
        wait_for("Redis", lambda: self.redis.must_live() and self.redis_says("PING") == "PONG")

    def redis_says(self, *words):
        done = subprocess.run(["redis-cli", "-s", self.redis_socket, *words], capture_output=True, text=True, check=False)
        return done.stdout.strip()

    def start_sandbox(self):
        log = self.folder / "sandbox.log"
        log.write_bytes(b"")
        setup = self.folder / "sandbox.json"
        setup.write_text(json.dumps({"numbers": [], "settings": self.sandbox_settings}))
        self.sandbox = Program("waypost-sandbox", [PROGRAMS / "waypost-sandbox", "--listen", "127.0.0.1:0", "--config", setup], log)

        def announced():
            self.sandbox.must_live()
            for line in log.read_text().splitlines():
                if line.startswith("{") and "url" in json.loads(line):
                    return json.loads(line)["url"].rstrip("/")
            return None

        self.sandbox_url = wait_for("the sandbox", announced)

    def postgres_cluster(self, action):
        done = subprocess.run([sys.executable, ROOT / "scripts" / "postgres_cluster", action, self.folder / "postgres"],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Failed(f"PostgreSQL: {done.stderr.strip()}")

    def start_postgres(self):
        self.has_postgres = True
        self.postgres_cluster("start-durable")
        self.settings.setdefault("store", {})["url"] = (self.folder / "postgres" / "url").read_text().strip()

    def start_nodes(self):
        sections = {"redis": {"url": f"unix:{self.redis_socket}"}, "graph": {"base_url": self.sandbox_url}}
        several = self.node_count > 1
        if several:
            sections["security"] = {"key_file": str(self.folder / "store.key")}  # one key for one store
            sections["media"] = {"folder": str(self.folder / "media")}  # and one folder of files
        for section, keys in self.settings.items():
            sections.setdefault(section, {}).update(keys)
        for number in range(1, self.node_count + 1):
            name = f"node-{number}"
            folder = self.folder / name if several else self.folder
            self.nodes.append(Node(name, folder, sections, 0 if several else self.port))
            self.nodes[-1].start()
        if several:
            self.balancer = Balancer(self.folder, self.port, self.nodes)

    def start_daemon(self, *words):
        self.nodes[0].start(*words)

    # What is set up in it ---------------------------------------------------------------------------------------------

    def cli(self, *words, given=None):
        """Runs the waypost command line and returns the JSON it printed. `given` goes to its standard input."""
        done = subprocess.run([PROGRAMS / "waypost", "--socket", self.nodes[0].admin_socket, "--json", *map(str, words)],
                              input=given, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Failed(f"waypost {' '.join(map(str, words))}: {done.stderr.strip()}")
        return json.loads(done.stdout)

    def add_app(self):
        """The default Meta app: its secret and verify token."""
        return self.cli("app", "create", "default", "--secrets-from-stdin",
                        given=json.dumps({"secret": self.app_secret, "verifyToken": self.verify_token}))

    def add_workspace(self, name, email, password):
        """A workspace with an admin; returns its id."""
        workspace = self.cli("workspace", "create", name)["id"]
        self.cli("user", "create", "--workspace", workspace, "--email", email, "--name", "Admin", "--role", "admin",
                 "--password-from-stdin", given=password)
        return workspace

    def add_number(self, workspace, phone_number_id, display, waba_id="9001", name="Demo number"):
        """A business number, at the sandbox and as a channel of the workspace; its webhook comes to us. Returns the channel."""
        token = "sandbox-" + secrets.token_hex(16)
        self.control("POST", "/control/numbers", {
            "phone_number_id": phone_number_id, "display_phone_number": display, "waba_id": waba_id, "token": token,
            "app_secret": self.app_secret, "webhook_url": self.webhook_url, "verify_token": self.verify_token})
        return self.cli("channel", "create", "--workspace", workspace, "--name", name, "--phone-number-id", phone_number_id,
                        "--waba-id", waba_id, "--display-phone-number", display, "--token-from-stdin", given=token)

    def control(self, method, path, body=None):
        """One call of the sandbox's control API."""
        answer = ask(method, self.sandbox_url + path, body)
        if answer.status >= 300:
            raise Failed(f"the sandbox refused {method} {path}: {answer.status} {answer.body.decode(errors='replace')}")
        return answer.json

    @property
    def webhook_url(self):
        return self.url + "/webhooks/whatsapp"


class Api:
    """The HTTP API, signed in to one workspace."""

    def __init__(self, url, workspace, email, password):
        self.url, self.workspace = url, workspace
        answer = ask("POST", url + "/api/auth/sign-in/email", {"email": email, "password": password})
        if answer.status != 200:
            raise Failed(f"sign-in: {answer.status} {answer.body.decode(errors='replace')}")
        cookies = [value.split(";")[0] for value in answer.headers.get_all("Set-Cookie")]
        self.session = next(value.split("=", 1)[1] for value in cookies if value.startswith("session_token="))

    def call(self, method, path, body=None):
        return ask(method, self.url + path, body, {"Cookie": f"session_token={self.session}", "x-tenant-id": self.workspace})

    def get(self, path):
        return self._expect("GET", path, None)

    def post(self, path, body):
        return self._expect("POST", path, body)

    def put(self, path, body):
        return self._expect("PUT", path, body)

    def _expect(self, method, path, body):
        answer = self.call(method, path, body)
        if answer.status >= 300:
            raise Failed(f"{method} {path}: {answer.status} {answer.body.decode(errors='replace')}")
        return answer.json
