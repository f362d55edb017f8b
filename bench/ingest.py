"""Webhooks a second, side by side in one run, several rounds in turn, medians.

ingest   through (a) a bare Beast server that reads the body and answers 200, (b) waypostd acking from its journal, (c) the
         same until every message is applied in the store with its trigger row. With --store postgres also (r) a bare
         server that inserts each body into the same PostgreSQL, and (p) waypostd applying into it.
scale    one node and two nodes that share one PostgreSQL, applied as in (c), beside (r).
growth   applied as in (c), or (p), into a store of 1,000 conversations and into one of many: what an update costs.
"""
import json
import pathlib
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from figures import Figures, head, verdict  # noqa: E402
from installation import PROGRAMS, Failed, Installation, Program, wait_for  # noqa: E402

CONNECTIONS = 64
PHONE_NUMBER_ID = "77000001"
UNLIMITED = {"api": {"limits": False}, "log": {"level": "warning"}}


def load(url, secret, messages, connections=CONNECTIONS, more=()):
    """One run of the load generator: its JSON line."""
    done = subprocess.run([PROGRAMS / "bench" / "load_webhooks", "--url", url, "--secret", secret, "--phone-number-id",
                           PHONE_NUMBER_ID, "--messages", str(messages), "--connections", str(connections), *map(str, more)],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failed(f"the load generator: {done.stderr.strip()}")
    told = json.loads(done.stdout.strip().splitlines()[-1])
    if told["failed"]:
        raise Failed(f"{told['failed']} requests failed: {told}")
    return told


def bare(folder, messages, name, *options):
    """One run against a bare server, which is started for it."""
    log = pathlib.Path(folder, f"{name}.log")
    log.write_bytes(b"")
    server = Program(name, [PROGRAMS / "bench" / name, *options], log)
    try:
        told = wait_for(name, lambda: server.must_live() and log.read_text().strip())
        return load(f"http://127.0.0.1:{told}/", "secret", messages)
    finally:
        server.stop()


class Waypost:
    """One installation for all rounds, with one number and no workflow. `customers`: that write to it, scattered."""

    def __init__(self, folder, nodes=1, postgres=False, customers=5_000):
        self.customers = customers
        self.installation = Installation(folder, settings=UNLIMITED, nodes=nodes, postgres=postgres).up()
        self.installation.add_app()
        workspace = self.installation.add_workspace("Bench", "bench@example.com", "correct horse battery")
        self.installation.add_number(workspace, PHONE_NUMBER_ID, "+1 555 077 0001")
        self.file = f"file:{self.installation.folder}/data/waypost.db?mode=ro"
        self.sent = 0

    @property
    def store_url(self):
        return self.installation.settings["store"]["url"]

    def number(self, text):
        """The one number that the statement answers."""
        if self.installation.has_postgres:
            done = subprocess.run(["psql", "-X", "-q", "-A", "-t", "-c", text, self.store_url], capture_output=True, text=True, check=True)
            return int(done.stdout.strip())
        connection = sqlite3.connect(self.file, uri=True, timeout=30)
        try:
            return connection.execute(text).fetchone()[0]
        finally:
            connection.close()

    def applied(self):
        """Cheap enough to ask often: the low-water marks of all nodes' journals."""
        return self.number("SELECT CAST(COALESCE(sum(position), 0) AS bigint) FROM journal_cursor")

    def acknowledge(self, messages):
        """A share of the load to each node at once; the reports as one."""
        nodes = self.installation.nodes
        more = ["--customers", self.customers, "--first", self.sent]
        with ThreadPoolExecutor(len(nodes)) as pool:
            told = list(pool.map(lambda node: load(node.url + "/webhooks/whatsapp", self.installation.app_secret,
                                                   messages // len(nodes), CONNECTIONS // len(nodes), more), nodes))
        return {"per_second": sum(one["per_second"] for one in told), "p50_ms": max(one["p50_ms"] for one in told),
                "p99_ms": max(one["p99_ms"] for one in told)}

    def round(self, messages):
        """The load's report, with the messages applied a second."""
        before = self.applied()
        began = time.monotonic()
        told = self.acknowledge(messages)
        # Asking PostgreSQL starts a program each time: seldom enough not to be measured itself.
        pause = 0.25 if self.installation.has_postgres else 0.01
        wait_for("all messages to be applied", lambda: self.applied() >= before + messages, seconds=300 + messages / 1000, pause=pause)
        told["applied"] = messages / (time.monotonic() - began)
        self.sent += messages
        kept = self.number("SELECT count(*) FROM message")
        if kept != self.sent:
            raise Failed(f"{kept} messages in the store, {self.sent} sent")
        return told

    def memory_mib(self):
        for line in pathlib.Path(f"/proc/{self.installation.daemon.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024
        return 0.0

    def down(self):
        self.installation.down()


def ingest(options, folder):
    """Rounds of a, b, c; with PostgreSQL also of r and p."""
    figures, sqlite = Figures(), Waypost(folder / "sqlite")
    postgres = Waypost(folder / "postgres", postgres=True) if options.store == "postgres" else None
    try:
        for number in range(options.rounds):
            figures.add("a", bare(folder, options.messages, "bare_server"))
            figures.add("c", sqlite.round(options.messages))
            if postgres:
                figures.add("r", bare(folder, options.messages, "bare_postgres", "--store", postgres.store_url))
                figures.add("p", postgres.round(options.messages))
            figures.print_round(number + 1)
        memory = sqlite.memory_mib()
    finally:
        sqlite.down()
        if postgres:
            postgres.down()
    return report_ingest(figures, memory)


def report_ingest(figures, memory):
    a, b, c = figures.median("a", "per_second"), figures.median("c", "per_second"), figures.median("c", "applied")
    head(figures, ["webhooks/s", "ratio to a", "p50 ms", "p99 ms"], f"{CONNECTIONS} connections")
    line = "| {} | {:,.0f} | {:.3g} | {:.2f} | {:.2f} |"
    print(line.format("a: bare Beast server, body read, 200", a, 1, figures.median("a", "p50_ms"), figures.median("a", "p99_ms")))
    print(line.format("b: waypostd, acked from the journal (fsynced)", b, b / a, figures.median("c", "p50_ms"), figures.median("c", "p99_ms")))
    print(f"| c: waypostd, applied in SQLite with trigger rows | {c:,.0f} | {c / a:.3f} | | |")
    marks = [("b/a", b / a, 0.4), ("c/a", c / a, 0.08)]
    if "p" in figures.rows:
        r, p = figures.median("r", "per_second"), figures.median("p", "applied")
        print(line.format("r: bare server, one insert a webhook in PostgreSQL", r, r / a, figures.median("r", "p50_ms"), figures.median("r", "p99_ms")))
        print(f"| p: waypostd, applied in PostgreSQL with trigger rows | {p:,.0f} | {p / a:.3f} | | |")
        marks.append(("p/r", p / r, 0.5))
    print(f"\npeak memory of waypostd: {memory:.0f} MiB")
    p99 = figures.median("c", "p99_ms") / figures.median("a", "p99_ms")
    met = [verdict(*mark) for mark in marks] + [verdict("p99 b/a", p99, 10.0, at_least=False)]
    return all(met)


def scale(options, folder):
    """Rounds of one node, two nodes and the reference, each on a PostgreSQL of its own."""
    figures = Figures()
    one = Waypost(folder / "one", postgres=True)
    two = Waypost(folder / "two", nodes=2)
    try:
        for number in range(options.rounds):
            figures.add("r", bare(folder, options.messages, "bare_postgres", "--store", one.store_url))
            figures.add("1", one.round(options.messages))
            figures.add("2", two.round(options.messages))
            figures.print_round(number + 1)
    finally:
        one.down()
        two.down()
    r = figures.median("r", "per_second")
    head(figures, ["acked/s", "applied/s", "applied, ratio to r", "p99 ms"], f"{CONNECTIONS} connections")
    print(f"| r: bare server, one insert a webhook | {r:,.0f} | {r:,.0f} | 1 | {figures.median('r', 'p99_ms'):.2f} |")
    for letter, words in (("1", "1 node"), ("2", "2 nodes")):
        applied = figures.median(letter, "applied")
        print(f"| {words} | {figures.median(letter, 'per_second'):,.0f} | {applied:,.0f} | {applied / r:.2f} | "
              f"{figures.median(letter, 'p99_ms'):.2f} |")
    print()
    return verdict("1 node, applied/r", figures.median("1", "applied") / r, 0.5)


FEW = 1_000  # conversations of growth's smaller store


def growth(options, folder):
    """Rounds into a small store and a large one, which have had a message of each of their conversations before."""
    figures, stores = Figures(), {}
    try:
        for letter, conversations in (("few", FEW), ("many", options.conversations)):
            postgres = options.store == "postgres"
            stores[letter] = Waypost(folder / letter, postgres=postgres, customers=conversations)
            filled = stores[letter].round(conversations)
            made = stores[letter].number("SELECT count(*) FROM conversation")
            print(f"{made:,} conversations made, {filled['applied']:,.0f} a second", flush=True)
            if made != conversations:
                raise Failed(f"{made} conversations, {conversations} were to be made")
        for number in range(options.rounds):
            for letter, store in stores.items():
                figures.add(letter, store.round(options.messages))
            figures.print_round(number + 1)
    finally:
        for store in stores.values():
            store.down()
    return report_growth(figures, options)


def report_growth(figures, options):
    costs = {letter: 1e6 / figures.median(letter, "applied") for letter in ("few", "many")}
    head(figures, ["applied/s", "µs an update", "cost, ratio to few"], f"{options.store}, the default cache, {CONNECTIONS} connections")
    for letter, conversations in (("few", FEW), ("many", options.conversations)):
        print(f"| {conversations:,} conversations | {figures.median(letter, 'applied'):,.0f} | {costs[letter]:.0f} | "
              f"{costs[letter] / costs['few']:.2f} |")
    print()
    return verdict("cost of an update, many/few", costs["many"] / costs["few"], 1.3, at_least=False)
