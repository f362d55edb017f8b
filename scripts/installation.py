"""A whole Waypost installation in one folder, started for the demo or a test: a private Redis, the sandbox (a simulator
of Meta) and waypostd with SQLite. Everything listens on loopback and is stopped by its pid.

    FOLDER/waypost.toml   settings of waypostd          FOLDER/data    its data_dir
    FOLDER/redis          Redis' data and socket        FOLDER/*.log   what each program said
"""
import http.client
import json
import os
import pathlib
import secrets
import signal
import subprocess
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

    def __init__(self, name, command, log):
        self.name, self.log = name, log
        with open(log, "ab") as out:
            self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=out,
                                            stderr=subprocess.STDOUT, start_new_session=True)

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


class Installation:
    """Start with up(); down() stops whatever runs. `settings` adds lines to waypost.toml: {"section": {"key": value}}."""

    def __init__(self, folder, port=0, settings=None, sandbox_settings=None):
        self.folder = pathlib.Path(folder).resolve()
        self.port, self.admin_port = port, 0
        self.settings = settings or {}
        self.sandbox_settings = sandbox_settings or {"read_after_ms": 150}
        self.redis = self.sandbox = self.daemon = None
        self.sandbox_url = self.url = self.admin_url = None
        self.app_secret, self.verify_token = secrets.token_hex(16), secrets.token_hex(12)

    # Programs -------------------------------------------------------------------------------------------------------

    def up(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        os.chmod(self.folder, 0o700)
        self.start_redis()
        self.start_sandbox()
        self.start_daemon()
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
        for program in (self.daemon, self.sandbox, self.redis):
            try:
                if program:
                    program.stop()
            except Failed as error:
                failed.append(str(error))
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

    def write_settings(self):
        sections = {
            "": {"data_dir": "data"},
            "http": {"listen": f"127.0.0.1:{self.port}"},
            "admin": {"listen": f"127.0.0.1:{self.admin_port}"},
            "redis": {"url": f"unix:{self.redis_socket}"},
            "graph": {"base_url": self.sandbox_url},
        }
        for section, keys in self.settings.items():
            sections.setdefault(section, {}).update(keys)
        lines = []
        for section, keys in sections.items():
            lines += [f"[{section}]"] if section else []
            lines += [f"{key} = {json.dumps(value)}" for key, value in keys.items()] + [""]
        path = self.folder / "waypost.toml"
        path.write_text("\n".join(lines))
        return path

    def start_daemon(self):
        """Starts waypostd and waits until it is ready. Its ports stay the same over restarts."""
        path = self.write_settings()
        (self.folder / "data").mkdir(exist_ok=True)
        addresses = self.folder / "data" / "addresses.json"
        addresses.unlink(missing_ok=True)
        self.daemon = Program("waypostd", [PROGRAMS / "waypostd", "--config", path], self.folder / "waypostd.log")

        def announced():
            self.daemon.must_live()
            return json.loads(addresses.read_text()) if addresses.exists() else None

        told = wait_for("waypostd", announced, pause=0.005)
        self.url, self.admin_url = told["url"], told["adminUrl"]
        self.port = urllib.parse.urlsplit(self.url).port
        self.admin_port = urllib.parse.urlsplit(self.admin_url).port

    # What is set up in it ---------------------------------------------------------------------------------------------

    def cli(self, *words, given=None):
        """Runs the waypost command line and returns the JSON it printed. `given` goes to its standard input."""
        done = subprocess.run([PROGRAMS / "waypost", "--socket", self.folder / "data" / "admin.sock", "--json", *map(str, words)],
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
