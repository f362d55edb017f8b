"""One broadcast to very many, pacing off, while waypostd is killed with kill -9: twice while the recipients are frozen, then
all along the sending. Nobody gets it twice, nobody is forgotten, and of no more than the sends in flight at the kills is the
outcome unknown. Tells the rate, the daemon's highest memory and what the store takes for a recipient.

    python3 tests/e2e/broadcast_crash_test.py --recipients 1000000 --kills 10        (CI runs it with fewer)
"""
import argparse
import collections
import contextlib
import pathlib
import random
import sqlite3
import subprocess
import tempfile
import time

from support import Api, Failed, Installation, Store, ask, must, run_test, settings, wait_for

PASSWORD = "correct horse battery"
PHONE_NUMBER_ID, WABA_ID = "63100001", "63109001"
GRACE_SECONDS = 6
FROZEN_KILLS = 2  # of the kills, while recipients are frozen
PAGE = 10_000
CONTACT = ("tenant_id", "id", "name", "phone", "opted_out", "marketing_stopped", "fields", "tags", "created_at", "updated_at")
ALIAS = ("tenant_id", "kind", "value", "contact_id", "created_at")


def phone_of(number):
    return f"49152{number:08}"


def id_of(number, now):
    """A UUIDv7, as contacts have that were made one after the other."""
    return (now + number // 1000).to_bytes(6, "big") + (0x7000 | number % 1000).to_bytes(2, "big") + \
        (0x80 << 56 | number).to_bytes(8, "big")


def rows_of(tenant, recipients):
    now = int(time.time() * 1000) - recipients // 1000 - 1000
    for number in range(recipients):
        contact, phone = id_of(number, now), phone_of(number)
        yield (tenant, contact, f"Recipient {number}", phone, False, False, "{}", '["all"]', now, now), \
            (tenant, "phone", phone, contact, now)


def add_to_sqlite(file, tenant, recipients):
    def statement(table, columns):
        return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"

    connection = sqlite3.connect(file)
    with contextlib.closing(connection), connection:
        for contact, alias in rows_of(tenant, recipients):
            connection.execute(statement("contact", CONTACT), contact)
            connection.execute(statement("contact_alias", ALIAS), alias)
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def add_to_postgres(url, tenant, recipients):
    def copy(table, columns, rows):
        done = subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", f"COPY {table} ({', '.join(columns)}) FROM STDIN", url],
                              input="".join(rows), capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Failed(f"psql: {done.stderr}")

    def line(row):
        return "\t".join(cell.hex() if isinstance(cell, bytes) else str(cell) for cell in row) + "\n"

    copy("contact", CONTACT, (line(contact) for contact, _ in rows_of(tenant, recipients)))
    copy("contact_alias", ALIAS, (line(alias) for _, alias in rows_of(tenant, recipients)))


class Figures:
    """What the run is told by."""

    def __init__(self):
        self.highest_kb = 0
        self.in_flight = 0
        self.seconds = 0.0
        self.per_second = []  # accepted in each second of undisturbed sending
        self.store_bytes = self.journal_bytes = 0

    def note_memory(self, pid):
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        self.highest_kb = max(self.highest_kb, next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")))

    def median_rate(self):
        return sorted(self.per_second)[len(self.per_second) // 2] if self.per_second else 0


class Run:
    def __init__(self, installation, recipients):
        self.installation, self.recipients = installation, recipients
        self.store, self.figures = Store(installation), Figures()
        self.workspace = self.api = self.broadcast = None
        self.before = 0

    def sign_in(self):
        self.api = Api(self.installation.url, self.workspace, "broadcast@example.com", PASSWORD)

    def set_up(self):
        """The contacts are put into the store while nobody else has it."""
        self.installation.add_app()
        self.workspace = self.installation.add_workspace("Broadcast", "broadcast@example.com", PASSWORD)
        self.installation.add_number(self.workspace, PHONE_NUMBER_ID, "+1 555 310 0001", WABA_ID)
        self.sign_in()
        wait_for("the templates to be listed", lambda: any(one["name"] == "hello_world" and one["status"] == "APPROVED"
                                                           for one in self.api.get("/api/templates")["items"]))
        must(self.installation.daemon.stop() == 0, "the daemon ends well")
        if self.store.url:
            add_to_postgres(self.store.url, self.workspace, self.recipients)
        else:
            add_to_sqlite(self.store.file, bytes.fromhex(self.workspace.replace("-", "")), self.recipients)
        self.before = self.store_bytes()
        self.installation.start_daemon()

    def store_bytes(self):
        if self.store.url:
            return self.store.one("SELECT pg_database_size(current_database())")
        return sum(file.stat().st_size for file in self.store.file.parent.glob("waypost.db*"))

    def journal_bytes(self):
        return sum(file.stat().st_size for file in (self.store.file.parent / "journal").glob("*") if file.is_file())

    def begin(self):
        draft = self.api.post("/api/broadcasts", {"name": "To all", "template": {"name": "hello_world", "language": "en_US"},
                                                  "audience": {"tags": ["all"]}})
        self.broadcast = draft["id"]
        answer = self.api.post(f"/api/broadcasts/{self.broadcast}/send", {})
        must(answer == {"ok": True, "status": "preparing", "totalRecipients": self.recipients}, "it begins", answer)

    def sent(self):
        """How many Meta has accepted."""
        return self.installation.control("GET", f"/control/sends?after={self.recipients * 2}&limit=1")["total"]

    def kill(self):
        self.installation.daemon.must_live()
        self.figures.note_memory(self.installation.daemon.pid)
        self.installation.daemon.kill()
        in_flight = self.store.one("SELECT count(*) FROM message WHERE state = 'sending'")
        frozen = self.store.one("SELECT count(*) FROM broadcast_recipient")
        self.figures.in_flight += in_flight
        self.installation.start_daemon()
        print(f"killed: {frozen} recipients frozen, {self.sent()} sent, {in_flight} in flight", flush=True)

    def watch_until(self, sent):
        """Waits until so many are sent and keeps what was sent in each whole second meanwhile."""
        count, at, end = self.sent(), time.monotonic(), time.monotonic() + 60 + self.recipients / 100
        while self.sent() < sent:
            self.installation.daemon.must_live()
            must(time.monotonic() < end, "it goes on", self.sent())
            time.sleep(0.1)
            took = time.monotonic() - at
            if took >= 1:
                now = self.sent()
                self.figures.per_second.append((now - count) / took)
                count, at = now, time.monotonic()

    def go_through(self, kills, chance):
        """From the first recipient that is frozen to the last one's status."""
        began = time.monotonic()
        for number in range(min(kills, FROZEN_KILLS)):
            some = self.recipients * (number + chance.random()) / (FROZEN_KILLS + 1)
            wait_for("some to be frozen", lambda: self.store.one("SELECT count(*) FROM broadcast_recipient") >= some, seconds=120)
            self.kill()
        later = kills - min(kills, FROZEN_KILLS)
        for number in range(later):
            self.watch_until(self.recipients * (number + chance.random()) / (later + 1))
            self.kill()
        self.watch_until(self.recipients - self.figures.in_flight)
        self.figures.seconds = time.monotonic() - began
        self.sign_in()
        wait_for("the broadcast to be completed", lambda: self.api.get(f"/api/broadcasts/{self.broadcast}")["status"] == "completed",
                 seconds=120, pause=0.2)
        wait_for("everything to be settled", self.is_settled, seconds=60 + self.recipients / 500, pause=1)
        self.figures.note_memory(self.installation.daemon.pid)

    def is_settled(self):
        return self.store.one("SELECT count(*) FROM message WHERE state IN ('queued', 'sending', 'unknown', 'held', 'accepted', 'sent')") == 0

    def bubbles(self):
        """How often each phone got it."""
        got, seen = collections.Counter(), 0
        while True:
            page = self.installation.control("GET", f"/control/bubbles?after={seen}&limit={PAGE}")["bubbles"]
            if not page:
                return got
            got.update(bubble["customer"]["phone"].lstrip("+") for bubble in page)
            seen += len(page)

    def check(self):
        got, everybody = self.bubbles(), {phone_of(number) for number in range(self.recipients)}
        twice = [phone for phone, times in got.items() if times > 1]
        must(not twice, f"{len(twice)} people got it twice", twice[:5])
        must(got.keys() <= everybody, "nobody else got it", list(got.keys() - everybody)[:5])
        states = dict(self.store.rows("SELECT m.state || COALESCE(':' || m.failure_reason, ''), count(*) FROM broadcast_recipient AS r JOIN "
                                      "message AS m ON m.tenant_id = r.tenant_id AND m.id = r.message_id WHERE r.state = 'taken' GROUP BY 1"))
        print(f"states: {states}; bubbles: {len(got)}; in flight at the kills: {self.figures.in_flight}")
        must(sum(states.values()) == self.recipients, "everybody has a message", states)
        must(self.store.one("SELECT count(*) FROM message WHERE broadcast_id IS NOT NULL") == self.recipients, "nobody has two")
        unknown = states.pop("failed:outcome_unknown", 0)
        must(set(states) <= {"delivered", "read"}, "everybody else's was delivered", states)
        must(unknown <= self.figures.in_flight, "unknown outcomes are at most the sends in flight at the kills", unknown)
        must(len(got) == self.recipients - unknown, "a message of unknown outcome was not delivered", (len(got), unknown))
        stats = ask("GET", f"{self.api.url}/api/broadcasts/{self.broadcast}/stats", headers={
            "Cookie": f"session_token={self.api.session}", "x-tenant-id": self.api.workspace}, timeout=300).json
        must(stats["recipients"] == self.recipients and stats["delivered"] + stats["failed"] == self.recipients and
             stats["failedByReason"].get("outcome_unknown", 0) == unknown, "the stats say so", stats)
        return unknown

    def measure_disk(self):
        must(self.installation.daemon.stop(seconds=60) == 0, "the daemon ends well")
        self.figures.store_bytes, self.figures.journal_bytes = self.store_bytes() - self.before, self.journal_bytes()


def measure(folder, recipients, kills, seed):
    """Goes through it, checks it, and gives {"per_second", "median", "peak_mb", "store_bytes", "journal_bytes", "unknown",
    "in_flight"}; bytes are a recipient's."""
    tuned = settings(sending={"unknown_grace_seconds": GRACE_SECONDS}, queue={"lease_ms": 2000}, log={"level": "warning"})
    meta = {"read_after_ms": "never", "retry_first_ms": 50, "retry_longest_ms": 400}
    with Installation(folder, settings=tuned, sandbox_settings=meta) as installation:
        run = Run(installation, recipients)
        run.set_up()
        run.begin()
        run.go_through(kills, random.Random(seed))
        unknown = run.check()
        run.measure_disk()
        figures = run.figures
        return {"per_second": recipients / figures.seconds, "median": figures.median_rate(), "peak_mb": figures.highest_kb / 1024,
                "store_bytes": figures.store_bytes / recipients, "journal_bytes": figures.journal_bytes / recipients,
                "unknown": unknown, "in_flight": figures.in_flight}


def test(recipients, kills, seed):
    print(f"seed {seed}: {recipients} recipients, {kills} kills", flush=True)
    with tempfile.TemporaryDirectory(prefix="waypost-broadcast-") as folder:
        told = measure(folder, recipients, kills, seed)
    print(f"{told['per_second']:,.0f} recipients/s in all, kills and restarts among it; {told['median']:,.0f}/s the median second; waypostd at "
          f"most {told['peak_mb']:,.0f} MB; a recipient takes {told['store_bytes']:,.0f} bytes of the store and "
          f"{told['journal_bytes']:,.0f} of the journal")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--recipients", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=10, help="how often waypostd is killed (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30), help="of all chance here; printed, to repeat a run")
    options = parser.parse_args()
    run_test(lambda: test(options.recipients, options.kills, options.seed))
