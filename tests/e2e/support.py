"""What the end-to-end tests share: the programs of scripts/installation.py and a few words to say what must hold.

With WAYPOST_TEST_STORE=postgresql the daemon's store is a database of its own on the cluster that was started by
scripts/postgres_cluster in the folder WAYPOST_TEST_POSTGRES."""
import os
import pathlib
import sqlite3
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "scripts"))

from installation import PROGRAMS, Api, Failed, Installation, Program, ask, wait_for  # noqa: E402,F401

DATA = pathlib.Path(__file__).resolve().parent.parent / "data"

# Tests sign in often and send fast; what limits do is tested in tests/api and tests/outbound.
UNLIMITED = {
    "api": {"limits": False},
    "sending": {"pacing": False},
    "runs": {"max_runs_per_contact_per_minute": 100000, "max_equal_texts_in_five_minutes": 100000},
}


def psql(url, text):
    done = subprocess.run(["psql", "-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-c", text, url],
                          capture_output=True, text=True, timeout=30)
    if done.returncode != 0:
        raise Failed(f"psql: {done.stderr}")
    return [line.split("\t") for line in done.stdout.splitlines()]


def fresh_database():
    """The URL of a new, empty database."""
    url = pathlib.Path(os.environ["WAYPOST_TEST_POSTGRES"], "url").read_text()
    name = f"e2e_{os.getpid()}"
    psql(url, f"CREATE DATABASE {name} TEMPLATE template0")
    return url.replace("/postgres?", f"/{name}?")


class Store:
    """Reads the daemon's store while nothing of ours writes it."""

    def __init__(self, installation):
        self.url = installation.settings.get("store", {}).get("url", "")
        self.file = pathlib.Path(installation.folder, "data", "waypost.db")

    def rows(self, text):
        if self.url:
            return [tuple(int(cell) if cell.isdigit() else cell for cell in row) for row in psql(self.url, text)]
        connection = sqlite3.connect(f"file:{self.file}?mode=ro", uri=True, timeout=10)
        try:
            return connection.execute(text).fetchall()
        finally:
            connection.close()

    def one(self, text):
        return self.rows(text)[0][0]


def settings(**sections):
    """UNLIMITED with more keys: settings(sending={"unknown_grace_seconds": 4})."""
    merged = {name: dict(keys) for name, keys in UNLIMITED.items()}
    if os.environ.get("WAYPOST_TEST_STORE") == "postgresql":
        merged["store"] = {"url": fresh_database()}
    for name, keys in sections.items():
        merged.setdefault(name, {}).update(keys)
    return merged


def must(holds, what, found=None):
    if not holds:
        raise Failed(f"{what}" + (f": {found}" if found is not None else ""))


def publish(api, name, body):
    """A published workflow that answers every message with `body`; returns its id."""
    workflow = api.post("/api/workflows", {"name": name})
    graph = {
        "entry": "start",
        "nodes": [{"id": "start", "type": "trigger.inbound_message", "position": {"x": 0, "y": 0}},
                  {"id": "answer", "type": "wa.send_message", "position": {"x": 0, "y": 100}, "data": {"body": body}}],
        "edges": [{"id": "e1", "source": "start", "target": "answer"}],
    }
    api.put(f"/api/workflows/{workflow['id']}/draft", {"draftGraph": graph})
    api.post(f"/api/workflows/{workflow['id']}/publish", {})
    return workflow["id"]


def run_test(test):
    """Runs `test()`; prints what did not hold and exits 1, or prints what held."""
    try:
        test()
    except Failed as error:
        print(f"FAILED: {error}", file=sys.stderr)
        sys.exit(1)
    print("held")
