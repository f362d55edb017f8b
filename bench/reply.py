"""From a customer's message to the reply at Meta, with the statuses of each reply coming back: how long it takes at a steady rate,
and the highest rate that is carried. Three, in turn: waypostd (SQLite, a workflow that answers, pacing off), a gateway as most
teams write it (bench/peers: Express, BullMQ, PostgreSQL with its own defaults), and for scale a bare Beast server that is asked
at the same rate. The sandbox is Meta for both; it, Redis and the load run on the same cores.
"""
import contextlib
import datetime
import json
import pathlib
import shutil
import subprocess
import sys
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path += [str(ROOT / "scripts"), str(ROOT / "tests" / "e2e")]

from figures import Figures, head, verdict  # noqa: E402
from ingest import UNLIMITED as LIMITS_OFF  # noqa: E402
from installation import PROGRAMS, Api, Failed, Installation, Program, wait_for  # noqa: E402
from support import UNLIMITED, publish  # noqa: E402

PEER = pathlib.Path(__file__).resolve().parent / "peers"
NUMBER, DISPLAY, WABA = "79000001", "15550790001", "79000"
CUSTOMERS = 2_000
SECONDS = 10.0
RATES = (100, 1_000)          # a second, whose times are told
FIRST_RATE, STEP = 200, 1.25  # of the search for the highest
HALVINGS = 2                  # of its last step, so that it is known to a sixteenth
SETTLING = 5.0                # seconds that the statuses of what was too much have to come to an end
IN_TIME = 1.0                 # seconds within which all must be answered behind the last message
STATUSES = {"sent_after_ms": 0, "delivered_after_ms": 50, "read_after_ms": "never"}


class Waypost:
    def __init__(self, folder):
        settings = {name: {**UNLIMITED.get(name, {}), **LIMITS_OFF.get(name, {})} for name in {*UNLIMITED, *LIMITS_OFF}}
        self.installation = Installation(folder, settings=settings, sandbox_settings=STATUSES).up()
        self.installation.add_app()
        workspace = self.installation.add_workspace("Bench", "bench@example.com", "correct horse battery")
        self.installation.add_number(workspace, NUMBER, DISPLAY, WABA)
        publish(Api(self.installation.url, workspace, "bench@example.com", "correct horse battery"), "Answer", "answer to {{message.text}}")

    def control(self, *words):
        return self.installation.control(*words)

    def close(self):
        self.installation.down()


class Peer:
    """The peer's two processes with a Redis, a PostgreSQL and a sandbox of their own."""

    def __init__(self, folder):
        self.home = Installation(folder, sandbox_settings=STATUSES)
        self.home.folder.mkdir(parents=True)
        self.programs = []
        self.home.start_redis()
        self.home.start_sandbox()
        self.home.start_postgres()
        token = "sandbox-peer"
        url = urllib.parse.urlsplit(self.home.settings["store"]["url"])
        postgres = {"host": urllib.parse.parse_qs(url.query)["host"][0], "user": url.username, "database": url.path[1:]}
        plan = json.dumps({"postgres": postgres, "redis": str(self.home.redis_socket),
                           "graph": self.home.sandbox_url, "secret": self.home.app_secret, "token": token, "number": NUMBER})
        url = self.start("web", plan)["url"]
        self.start("worker", plan)
        self.control("POST", "/control/numbers", {
            "phone_number_id": NUMBER, "display_phone_number": DISPLAY, "waba_id": WABA, "token": token,
            "app_secret": self.home.app_secret, "webhook_url": url, "verify_token": self.home.verify_token})

    def start(self, role, plan):
        log = self.home.folder / f"peer-{role}.log"
        log.write_bytes(b"")
        program = Program(f"the peer's {role}", ["node", PEER / "gateway.mjs", role, plan], log)
        self.programs.append(program)
        return json.loads(wait_for(f"the peer's {role}", lambda: program.must_live() and log.read_text().strip()).splitlines()[0])

    def control(self, *words):
        return self.home.control(*words)

    def close(self):
        for program in self.programs:
            program.kill()
        self.home.down()


def install_peer():
    if (PEER / "node_modules").exists():
        return
    if not shutil.which("npm"):
        raise Failed("npm is not installed (Debian: npm); it brings the peer")
    done = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=PEER, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failed(f"npm install in {PEER}: {done.stderr.strip()}")


def milliseconds(told):
    return datetime.datetime.fromisoformat(told.replace("Z", "+00:00")).timestamp() * 1000


def rows(gateway, path, name, after):
    """All rows of one of the sandbox's lists behind `after`."""
    found = []
    while True:
        page = gateway.control("GET", f"/control/{path}?after={after}&limit=10000")
        found += page[name]
        after = page["last"]
        if not page[name]:
            return found, after


class Meter:
    """Lets customers write at a rate, and says how long the replies took."""

    def __init__(self, gateway):
        self.gateway, self.inbound, self.sends, self.is_settled = gateway, 0, 0, True

    def run(self, rate, seconds=SECONDS):
        """p50 and p99 in ms from a message's writing to its reply at Meta, how many there were, and how long after the last
        message the last reply came; nothing where they did not all come in time."""
        self.gateway.control("POST", "/control/load", {"per_second": rate, "customers": CUSTOMERS, "seconds": seconds})
        time.sleep(seconds)
        wrote = wait_for("the load to end", lambda: self.written(), seconds=30)
        end = time.monotonic() + IN_TIME
        try:
            wait_for("all replies", lambda: self.answered() >= wrote, seconds=60)
        except Failed:
            return None
        behind = max(0.0, time.monotonic() - end + IN_TIME)
        written, self.inbound = rows(self.gateway, "inbound", "inbound", self.inbound)
        sent, self.sends = rows(self.gateway, "sends", "sends", self.sends)
        asked = {row["text"]: milliseconds(row["at"]) for row in written}
        took = sorted(milliseconds(row["accepted_at"]) - asked[row["text"].removeprefix("answer to ")] for row in sent)
        if len(took) != wrote:
            raise Failed(f"{wrote} messages, {len(took)} replies")
        return {"p50": took[len(took) // 2], "p99": took[int(0.99 * (len(took) - 1))], "messages": wrote, "behind": behind,
                "is_carried": behind <= IN_TIME}

    def written(self):
        told = self.gateway.control("GET", "/control/load")
        return 0 if told["running"] else told["written"]

    def answered(self):
        return self.gateway.control("GET", "/control/stats")["outbound"]["accepted"] - self.sends

    def highest(self):
        """The highest rate that was carried, of steps and then between them."""
        rate, carried = FIRST_RATE, 0
        while self.carries(rate):
            carried, rate = rate, round(rate * STEP)
        too_much = rate
        for _ in range(HALVINGS if self.is_settled else 0):
            time.sleep(SETTLING)
            middle = (carried + too_much) // 2
            carried, too_much = (middle, too_much) if self.carries(middle) else (carried, middle)
        return carried

    def carries(self, rate):
        told = self.run(rate, 5.0)
        self.is_settled = told is not None
        return self.is_settled and told["is_carried"]


def bare_trip(folder, rate):
    """p99 in ms of a bare round trip at that rate."""
    log = pathlib.Path(folder, "bare.log")
    log.write_bytes(b"")
    server = Program("bare_server", [PROGRAMS / "bench" / "bare_server"], log)
    try:
        url = f"http://127.0.0.1:{wait_for('bare_server', lambda: server.must_live() and log.read_text().strip())}/"
        done = subprocess.run([PROGRAMS / "bench" / "load_webhooks", "--url", url, "--secret", "s", "--phone-number-id", NUMBER,
                               "--seconds", str(SECONDS), "--rate", str(rate)], capture_output=True, text=True, check=True)
        return json.loads(done.stdout.strip().splitlines()[-1])
    finally:
        server.stop()


def warm(gateway):
    meter = Meter(gateway)
    meter.run(50, 2.0)
    return meter


def reply(options, folder):
    install_peer()
    figures = Figures()
    for number in range(1, options.rounds + 1):
        for name, make in (("waypost", Waypost), ("peer", Peer)):
            with contextlib.closing(make(folder / f"{name}-{number}")) as gateway:
                meter = warm(gateway)
                for rate in RATES:
                    told = meter.run(rate)
                    figures.add(f"{name} {rate}", told or {"p50": float("inf"), "p99": float("inf"), "is_carried": False})
            # Anew: whoever was not up to those rates may have work left from them.
            with contextlib.closing(make(folder / f"{name}-{number}-highest")) as gateway:
                figures.add(name, {"per_second": warm(gateway).highest()})
        for rate in RATES:
            figures.add(f"bare {rate}", bare_trip(folder, rate))
        print(f"round {number}: " + "   ".join(f"{name} carries {figures.rows[name][-1]['per_second']:,}/s" for name in ("waypost", "peer")), flush=True)
    return report(figures)


def report(figures):
    head(figures, ["p50 ms at 100/s", "p99 ms", "p50 ms at 1,000/s", "p99 ms", "highest rate carried /s"], f"{CUSTOMERS:,} customers, statuses come back")
    for name in ("waypost", "peer"):
        cells = [f"{figures.median(f'{name} {rate}', part):.1f}" for rate in RATES for part in ("p50", "p99")]
        print(f"| {name} | " + " | ".join(cells) + f" | {figures.median(name, 'per_second'):,.0f} |")
    cells = [f"{figures.median(f'bare {rate}', part):.2f}" for rate in RATES for part in ("p50_ms", "p99_ms")]
    print("| bare round trip | " + " | ".join(cells) + " | |\n")
    highest = figures.median("waypost", "per_second")
    met = [verdict("waypost, highest rate carried", highest, 1000),
           verdict("p99 at 1,000/s / p99 of a bare round trip", figures.median("waypost 1000", "p99") / figures.median("bare 1000", "p99_ms"), 15, at_least=False),
           verdict("highest rate, waypost / peer", highest / max(1, figures.median("peer", "per_second")), 3.0)]
    return all(met)
