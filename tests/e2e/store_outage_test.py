"""PostgreSQL stopped, restarted, out of connections, read-only, full, slow: webhooks are acknowledged from the journal all
the while, also by a daemon that is started meanwhile; the API answers 503 with Retry-After; work goes on within 5 s of the
store's return; nothing is lost or doubled."""
import collections
import contextlib
import os
import pathlib
import socket
import subprocess
import tempfile
import threading
import time

from support import Api, Installation, must, psql, publish, run_test, settings, wait_for

PASSWORD = "correct horse battery"
PHONE_NUMBER_ID = "62000001"
CUSTOMERS = 20
RETURN_SECONDS = 5.0
ACK_SECONDS = 1.0


class SlowDoor(threading.Thread):
    """A TCP port before PostgreSQL's socket that holds back what the daemon says for `delay` seconds."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.path, self.delay = path, 0.0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.start()

    def run(self):
        while True:
            client, _ = self.listener.accept()
            server = socket.socket(socket.AF_UNIX)
            try:
                server.connect(self.path)
            except OSError:
                client.close()
                continue
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self.carry, args=(client, server, True), daemon=True).start()
            threading.Thread(target=self.carry, args=(server, client, False), daemon=True).start()

    def carry(self, source, target, asks):
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                if asks and self.delay:
                    time.sleep(self.delay)
                target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class Talk:
    """Customers who write, and the replies they get."""

    def __init__(self, installation, api):
        self.installation, self.api, self.written = installation, api, 0

    def write(self, count=CUSTOMERS):
        """Every message is acknowledged at once, whatever the store does."""
        for _ in range(count):
            self.written += 1
            self.installation.control("POST", f"/control/customers/+49151{self.written % CUSTOMERS:08}/messages",
                                      {"text": f"message {self.written}", "phone_number_id": PHONE_NUMBER_ID})
        wait_for("the webhooks to be acknowledged", lambda: self.acked() == self.written, seconds=ACK_SECONDS * 3)

    def acked(self):
        return self.installation.control("GET", "/control/stats")["inbound"]["acked"]

    def replies(self):
        return [bubble["text"] for bubble in self.installation.control("GET", "/control/bubbles")["bubbles"]]

    def wait(self, what, seconds=RETURN_SECONDS):
        """Work goes on within `seconds`: the first waiting reply is there; and in the end each is, once."""
        before, began = len(self.replies()), time.monotonic()
        wait_for(what, lambda: len(self.replies()) > before or before >= self.written, seconds=seconds, pause=0.05)
        first = time.monotonic() - began
        wait_for(what, lambda: len(self.replies()) >= self.written, seconds=60, pause=0.05)
        doubled = [text for text, times in collections.Counter(self.replies()).items() if times > 1]
        must(not doubled, "nobody got a reply twice", doubled)
        print(f"{what}: the first after {first:.2f} s, all after {time.monotonic() - began:.2f} s", flush=True)

    def must_be_refused(self):
        answer = self.api.call("GET", "/api/conversations")
        must(answer.status == 503, "the API answers 503", (answer.status, answer.body[:200]))
        must(answer.headers.get("Retry-After", "").isdigit(), "with Retry-After", dict(answer.headers))


class Server:
    """The private PostgreSQL, and the role and database that the daemon uses: no superuser, so that limits bind it."""

    def __init__(self, installation, folder):
        self.installation = installation
        installation.has_postgres = True
        installation.postgres_cluster("start-durable")
        self.url = (installation.folder / "postgres" / "url").read_text().strip()
        self.home = pathlib.Path((installation.folder / "postgres" / "home").read_text())
        self.small = Small(folder)
        psql(self.url, "CREATE ROLE gateway LOGIN")
        if self.small.mounted:
            psql(self.url, f"CREATE TABLESPACE small LOCATION '{self.small.place}'")
        space = "TABLESPACE small" if self.small.mounted else ""
        psql(self.url, f"CREATE DATABASE gateway OWNER gateway TEMPLATE template0 {space}")
        self.door = SlowDoor(str(self.home / ".s.PGSQL.5432"))
        self.database = f"postgresql://gateway@127.0.0.1:{self.door.port}/gateway"

    def crash(self):
        self.installation.postgres_cluster("crash")

    def again(self):
        self.installation.postgres_cluster("again")

    def say(self, text):
        psql(self.url, text)
        psql(self.url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'gateway'")


class Small:
    """A disk of 96 MB for the database, where we may mount one."""

    def __init__(self, folder):
        self.place = pathlib.Path(folder) / "small"
        self.place.mkdir()
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=96m,mode=0700", "tmpfs", self.place], capture_output=True)
        self.mounted = done.returncode == 0
        if self.mounted:
            subprocess.run(["chown", "postgres:postgres", self.place], check=True)
            os.chmod(folder, 0o755)

    def fill(self):
        with open(self.place / "filler", "wb") as file, contextlib.suppress(OSError):
            while True:
                file.write(b"\0" * 65536)
                file.flush()

    def free(self):
        (self.place / "filler").unlink()

    def end(self):
        if self.mounted:
            subprocess.run(["umount", "-l", self.place], check=False)


def check_stopped(server, talk):
    server.crash()
    talk.write()
    talk.must_be_refused()
    server.again()
    talk.wait("replies after PostgreSQL's restart")


def check_daemon_started_meanwhile(server, talk):
    server.crash()
    talk.installation.daemon.kill()
    talk.installation.start_daemon()
    talk.write()
    talk.must_be_refused()
    server.again()
    talk.wait("replies after a start without PostgreSQL")


def check_out_of_connections(server, talk):
    server.say("ALTER ROLE gateway CONNECTION LIMIT 0")
    talk.write()
    talk.must_be_refused()
    server.say("ALTER ROLE gateway CONNECTION LIMIT -1")
    talk.wait("replies once there are connections")


def check_read_only(server, talk):
    server.say("ALTER DATABASE gateway SET default_transaction_read_only = on")
    talk.write()
    server.say("ALTER DATABASE gateway RESET default_transaction_read_only")
    talk.wait("replies once PostgreSQL takes writes")


def check_full(server, talk):
    if not server.small.mounted:
        print("a full disk: not tried, this machine lets us mount none")
        return
    server.small.fill()
    for _ in range(5):  # until pages of its own no longer do
        talk.write(200)
    server.small.free()
    talk.wait("replies once the disk has room")


def check_slow(server, talk):
    server.door.delay = 2.0
    talk.write()
    time.sleep(5)
    talk.write()
    server.door.delay = 0.0
    talk.wait("replies once PostgreSQL is quick")


def test():
    with tempfile.TemporaryDirectory(prefix="waypost-outage-", dir="/var/tmp") as folder:
        installation = Installation(pathlib.Path(folder) / "installation", settings=settings(sending={"unknown_grace_seconds": 3}))
        installation.folder.mkdir()
        server = Server(installation, folder)
        installation.settings["store"] = {"url": server.database}
        try:
            with installation:
                installation.add_app()
                workspace = installation.add_workspace("Outage", "outage@example.com", PASSWORD)
                installation.add_number(workspace, PHONE_NUMBER_ID, "+1 555 100 0002")
                api = Api(installation.url, workspace, "outage@example.com", PASSWORD)
                publish(api, "Echo", "echo {{message.text}}")
                talk = Talk(installation, api)
                talk.write()
                talk.wait("replies with PostgreSQL up", 10)
                for check in (check_stopped, check_daemon_started_meanwhile, check_out_of_connections, check_read_only,
                              check_full, check_slow):
                    check(server, talk)
        finally:
            server.small.end()


if __name__ == "__main__":
    run_test(test)
