"""Keys a second through offer, take and release, beside BullMQ's jobs on the same Redis (appendonly, synced each second, as
Redis' own default says for a queue that may lose a second): by 1, 4 and 16 workers, of 1 owner and of 10,000, while many
keys wait for a later time. And how soon an idle worker starts a key, beside a bare round trip to the same Redis.
"""
import json
import pathlib
import shutil
import subprocess

from figures import Figures, head, verdict
from installation import PROGRAMS, Failed, Program, wait_for

BULLMQ = pathlib.Path(__file__).resolve().parent / "bullmq"
WORKERS, OWNERS = (1, 4, 16), (1, 10_000)


class Redis:
    """A Redis of our own on a socket."""

    def __init__(self, folder):
        self.socket = folder / "redis.sock"
        self.program = Program("redis-server", ["redis-server", "--port", 0, "--unixsocket", self.socket, "--dir", folder,
                                                "--appendonly", "yes", "--appendfsync", "everysec", "--save", "",
                                                "--maxmemory-policy", "noeviction"], folder / "redis.log")
        wait_for("Redis", lambda: self.program.must_live() and self.socket.exists())


def told_by(command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failed(f"{command[0]}: {done.stderr.strip()}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def install_bullmq():
    if (BULLMQ / "node_modules").exists():
        return
    if not shutil.which("npm"):
        raise Failed("npm is not installed (Debian: npm); it brings BullMQ")
    done = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=BULLMQ, capture_output=True,
                          text=True, check=False)
    if done.returncode != 0:
        raise Failed(f"npm install in {BULLMQ}: {done.stderr.strip()}")


def ours(redis, *words):
    return told_by([PROGRAMS / "bench" / "queue_bench", "--redis", f"unix:{redis.socket}", *words])


def round_of(options, redis, figures):
    for workers in WORKERS:
        for owners in OWNERS:
            figures.add(f"ours {owners} {workers}", ours(redis, "--keys", options.messages, "--owners", owners, "--workers", workers,
                                                         "--waiting", options.waiting))
        figures.add(f"bullmq {workers}", told_by(["node", BULLMQ / "bullmq_bench.mjs", redis.socket, options.messages, workers,
                                                  options.waiting // 10]))
    figures.add("latency", ours(redis, "--latency", 2000))


def ready_keys(options, folder):
    install_bullmq()
    redis, figures = Redis(folder), Figures()
    try:
        for number in range(options.rounds):
            round_of(options, redis, figures)
            print(f"round {number + 1} of {options.rounds}", flush=True)
    finally:
        redis.program.stop()
    return report(options, figures)


def report(options, figures):
    head(figures, ["workers", "offered/s", "handled/s", "both/s", "ratio to BullMQ", "bytes a waiting key"],
         f"{options.messages:,} keys, {options.waiting:,} waiting (BullMQ: a tenth)")
    met = True
    for workers in WORKERS:
        other = figures.median(f"bullmq {workers}", "per_second")
        for letter, words in [(f"bullmq {workers}", "BullMQ")] + [(f"ours {owners} {workers}", f"{owners:,} owners") for owners in OWNERS]:
            row = [figures.median(letter, key) for key in ("offered_per_second", "handled_per_second", "per_second")]
            print(f"| {words} | {workers} | {row[0]:,.0f} | {row[1]:,.0f} | {row[2]:,.0f} | {row[2] / other:.1f} | "
                  f"{figures.median(letter, 'bytes_per_waiting_key'):.0f} |")
    print()
    for workers in WORKERS:
        one, many = (figures.median(f"ours {owners} {workers}", "per_second") for owners in OWNERS)
        met &= verdict(f"{workers} workers, 1 owner / BullMQ", one / figures.median(f"bullmq {workers}", "per_second"), 3.0)
        met &= verdict(f"{workers} workers, cost of 10,000 owners / 1 owner", one / many, 1.5, at_least=False)
    met &= verdict("start of a key, p99 / p99 of a round trip", figures.median("latency", "start_p99_us") / figures.median("latency", "trip_p99_us"), 3.0, at_least=False)
    return met
