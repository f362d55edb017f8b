"""bench/run ingest: webhooks a second through (a) a bare Beast server that reads the body and answers 200, (b) waypostd
acking from its journal, (c) the same until every message is applied in SQLite with its trigger row. One run, several
rounds in turn, medians; prints the ratios b/a and c/a, p50/p99 and memory."""
import argparse
import datetime
import json
import pathlib
import platform
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from installation import PROGRAMS, Failed, Installation, Program, wait_for  # noqa: E402

CONNECTIONS = 64
MARKS = {"b/a": 0.4, "c/a": 0.08, "p99": 10.0}
PHONE_NUMBER_ID = "77000001"
UNLIMITED = {"api": {"limits": False}, "log": {"level": "warning"}}


def load(url, secret, messages):
    """One run of the load generator: its JSON line."""
    done = subprocess.run([PROGRAMS / "bench" / "load_webhooks", "--url", url, "--secret", secret, "--phone-number-id",
                           PHONE_NUMBER_ID, "--messages", str(messages), "--connections", str(CONNECTIONS)],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failed(f"the load generator: {done.stderr.strip()}")
    told = json.loads(done.stdout.strip().splitlines()[-1])
    if told["failed"]:
        raise Failed(f"{told['failed']} requests failed: {told}")
    return told


def bare(folder, messages):
    log = pathlib.Path(folder, "bare.log")
    log.write_bytes(b"")
    server = Program("bare_server", [PROGRAMS / "bench" / "bare_server"], log)
    try:
        told = wait_for("the bare server", lambda: server.must_live() and log.read_text().strip())
        return load(f"http://127.0.0.1:{told}/", "secret", messages)
    finally:
        server.stop()


class Waypost:
    """One installation for all rounds, with one number and no workflow."""

    def __init__(self, folder):
        self.installation = Installation(folder, settings=UNLIMITED).up()
        self.installation.add_app()
        workspace = self.installation.add_workspace("Bench", "bench@example.com", "correct horse battery")
        self.installation.add_number(workspace, PHONE_NUMBER_ID, "+1 555 077 0001")
        self.store = sqlite3.connect(f"file:{folder}/data/waypost.db?mode=ro", uri=True, timeout=30)
        self.sent = 0

    def count(self, table):
        return self.store.execute(f"SELECT count(*) FROM {table}").fetchone()[0]

    def applied(self):
        """Cheap enough to ask often: the low-water mark."""
        row = self.store.execute("SELECT max(position) FROM journal_cursor").fetchone()
        return row[0] or 0

    def round(self, messages):
        """(load's report, seconds until all of it was applied)."""
        before = self.applied()
        began = time.monotonic()
        told = load(self.installation.webhook_url, self.installation.app_secret, messages)
        wait_for("all messages to be applied", lambda: self.applied() >= before + messages, seconds=300, pause=0.01)
        seconds = time.monotonic() - began
        self.sent += messages
        if self.count("message") != self.sent:
            raise Failed(f"{self.count('message')} messages in the store, {self.sent} sent")
        return told, seconds

    def memory_mib(self):
        for line in pathlib.Path(f"/proc/{self.installation.daemon.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024
        return 0.0


def machine():
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
    cores = subprocess.run(["nproc"], capture_output=True, text=True, check=True).stdout.strip()
    return f"{model}, {cores} cores"


def measure(rounds, messages):
    bares, acks, applies = [], [], []
    with tempfile.TemporaryDirectory(prefix="waypost-bench-") as folder:
        waypost = Waypost(folder)
        try:
            for number in range(rounds):
                bares.append(bare(folder, messages))
                told, seconds = waypost.round(messages)
                acks.append(told)
                applies.append(messages / seconds)
                print(f"round {number + 1}: a {bares[-1]['per_second']:,.0f}/s   b {told['per_second']:,.0f}/s   "
                      f"c {applies[-1]:,.0f}/s   p99 {bares[-1]['p99_ms']:.2f} / {told['p99_ms']:.2f} ms", flush=True)
            memory = waypost.memory_mib()
        finally:
            waypost.installation.down()
    return bares, acks, applies, memory


def median(rows, key):
    return statistics.median(row[key] for row in rows)


def report(bares, acks, applies, memory):
    a, b, c = median(bares, "per_second"), median(acks, "per_second"), statistics.median(applies)
    p99 = median(acks, "p99_ms") / median(bares, "p99_ms")
    print(f"\n{machine()}, {datetime.date.today()}, {len(bares)} rounds, {CONNECTIONS} connections, medians\n")
    print("| | webhooks/s | ratio to a | p50 ms | p99 ms |\n|---|---|---|---|---|")
    print(f"| a: bare Beast server, body read, 200 | {a:,.0f} | 1 | {median(bares, 'p50_ms'):.2f} | {median(bares, 'p99_ms'):.2f} |")
    print(f"| b: waypostd, acked from the journal (fsynced) | {b:,.0f} | {b / a:.2f} | {median(acks, 'p50_ms'):.2f} | {median(acks, 'p99_ms'):.2f} |")
    print(f"| c: waypostd, applied in SQLite with trigger rows | {c:,.0f} | {c / a:.3f} | | |")
    print(f"\npeak memory of waypostd: {memory:.0f} MiB")
    verdicts = [("b/a", b / a, b / a >= MARKS["b/a"], "≥"), ("c/a", c / a, c / a >= MARKS["c/a"], "≥"),
                ("p99", p99, p99 <= MARKS["p99"], "≤")]
    for name, value, met, sign in verdicts:
        print(f"{name} {value:.3f}  mark {sign} {MARKS[name]}  {'met' if met else 'MISSED'}")
    return all(met for _, _, met, _ in verdicts)


def main():
    parser = argparse.ArgumentParser(prog="bench/run", description=__doc__)
    parser.add_argument("name", choices=["ingest"], help="what to measure")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each (default: %(default)s)")
    parser.add_argument("--messages", type=int, default=100_000, help="webhooks a round (default: %(default)s)")
    options = parser.parse_args()
    try:
        return 0 if report(*measure(options.rounds, options.messages)) else 1
    except Failed as error:
        print(f"bench/run: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
