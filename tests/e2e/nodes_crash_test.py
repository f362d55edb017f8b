"""Two nodes on one PostgreSQL and one Redis: kill -9 of either node, of Redis and of PostgreSQL (immediate shutdown) at
random moments under load. Then everything must have happened exactly once, as for one node; the feed must have shown
every event, in order; a dead node's conversations must have been taken over.

    python3 tests/e2e/nodes_crash_test.py --kills 200        (CI runs it with fewer)
    python3 tests/e2e/nodes_crash_test.py --kills 50 --victims node-1 node-2        only the nodes are killed
"""
import argparse
import contextlib
import random
import re
import signal
import subprocess
import tempfile
import threading
import time

from crash_test import (CUSTOMERS, GRACE_SECONDS, NUMBERS_EACH, PASSWORD, WORKSPACES, check_inbound, check_replies, check_runs,
                        drained, set_up)
from support import Api, Installation, Store, ask, must, run_test, settings, wait_for

LEASE_SECONDS = 2.0
VICTIMS = ("node-1", "node-2", "postgres", "redis")
TAKEOVER_SECONDS = 5.0  # behind the lease's end
SENDERS = 64            # sends that a node may have under way


class Feed(threading.Thread):
    """Reads one workspace's feed over the balancer from its first number on, whatever dies meanwhile."""

    def __init__(self, api):
        super().__init__(daemon=True)
        self.api, self.numbers, self.over, self.fault = api, [], threading.Event(), None

    def run(self):
        while not self.over.is_set():
            after = self.numbers[-1] if self.numbers else 0
            try:
                answer = self.api.call("GET", f"/api/events?after={after}&limit=500")
            except OSError:
                answer = None
            if answer is None or answer.status == 503:
                time.sleep(0.1)
                continue
            if answer.status != 200:
                self.fault = f"{answer.status} {answer.body[:200]}"
                return
            self.numbers += [event["number"] for event in answer.json["items"]]

    def finish(self, store, tenant):
        """Everything that the store holds was read, each number once and in order."""
        kept = [number for (number,) in store.rows(f"SELECT number FROM event WHERE tenant_id = '{tenant}' ORDER BY number")]
        wait_for("the feed to be read to its end", lambda: self.fault or (self.numbers and self.numbers[-1] >= kept[-1]))
        self.over.set()
        self.join()
        must(not self.fault, "the feed answers", self.fault)
        must(self.numbers == sorted(set(self.numbers)), "the feed's numbers rise")
        must(self.numbers == kept, "no event appeared behind one already read", sorted(set(kept) - set(self.numbers))[:5])
        must(kept == list(range(1, len(kept) + 1)), "numbers have no gap")
        print(f"feed: {len(kept)} events, all read in order")


class Killer:
    """Kills what it is told and starts it again; counts the sends that may have been under way."""

    def __init__(self, installation, store, chance):
        self.installation, self.store, self.chance, self.in_flight = installation, store, chance, 0

    def strike(self, victim):
        {"node-1": self.node, "node-2": self.node, "redis": self.redis, "postgres": self.postgres}[victim](victim)

    def node(self, name):
        node = next(node for node in self.installation.nodes if node.name == name)
        node.program.must_live()
        node.program.kill()
        self.in_flight += self.store.one("SELECT count(*) FROM message WHERE state = 'sending'")
        node.start()

    def redis(self, _):
        self.installation.redis.kill()
        time.sleep(self.chance.uniform(0, 1))
        self.installation.redis_socket.unlink(missing_ok=True)
        self.installation.start_redis()

    def postgres(self, _):
        self.installation.postgres_cluster("crash")
        self.in_flight += SENDERS * len(self.installation.nodes)
        time.sleep(self.chance.uniform(0, 1))
        self.installation.postgres_cluster("again")


def strike_at_random(killer, kills, victims):
    counts = dict.fromkeys(sorted(set(victims)), 0)
    for kill in range(kills):
        time.sleep(killer.chance.uniform(0.05, 1.2))
        victim = killer.chance.choice(list(counts)) if kill >= len(counts) else list(counts)[kill]  # each at least once
        counts[victim] += 1
        killer.strike(victim)
        if (kill + 1) % 10 == 0 or kill + 1 == kills:
            print(f"struck {counts}, {killer.store.one('SELECT count(*) FROM message')} messages so far", flush=True)


def check_takeover(installation, store, numbers):
    """What a node has in hand when it dies is done by the other one, soon after the dead one's leases end. So that it has
    something in hand, the store keeps every run from starting for a moment, and the node is stopped meanwhile."""
    installation.control("POST", "/control/load", {"per_second": 60, "customers": 20, "phone_number_ids": numbers})
    time.sleep(1)
    with runs_held_back(store, seconds=2):
        time.sleep(1.5)
        node = max(installation.nodes, key=runs_in_hand)
        node.program.process.send_signal(signal.SIGSTOP)
    installation.control("DELETE", "/control/load")
    time.sleep(0.3)  # what the other node had in hand is done
    node.program.kill()
    began = time.monotonic()
    waiting = set(store.rows("SELECT conversation_id, seq FROM run_trigger"))
    must(waiting, "the node that died had something in hand")

    def taken():
        return not waiting & set(store.rows("SELECT conversation_id, seq FROM run_trigger"))

    wait_for("the surviving node to take over", taken, seconds=LEASE_SECONDS + TAKEOVER_SECONDS, pause=0.05)
    print(f"{len(waiting)} waiting conversations taken over {time.monotonic() - began:.2f} s after the kill")
    node.start()


def runs_in_hand(node):
    metrics = ask("GET", node.admin_url + "/metrics").body.decode()
    return float(re.search(r'^waypost_pool_busy{pool="runs"} (\S+)', metrics, re.MULTILINE).group(1))


@contextlib.contextmanager
def runs_held_back(store, seconds):
    """No run can start or go on for so long."""
    holder = subprocess.Popen(["psql", "-X", "-q", "-c", f"BEGIN; LOCK TABLE run IN EXCLUSIVE MODE; SELECT pg_sleep({seconds}); COMMIT",
                               store.url], stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        holder.wait()


def check_counters(store):
    for kind, table in (("contacts", "contact"), ("conversations", "conversation")):
        counted = store.one(f"SELECT COALESCE(sum(n), 0) FROM counter WHERE kind = '{kind}'")
        there = store.one(f"SELECT count(*) FROM {table} WHERE merged_into IS NULL")
        must(counted == there, f"the counters of {kind} equal the rows", (counted, there))
    twins = store.rows("SELECT tenant_id, kind, value FROM contact_alias GROUP BY 1, 2, 3 HAVING count(*) > 1")
    must(not twins, "an alias leads to one contact", twins[:5])


def test(kills, rate, seed, victims):
    chance = random.Random(seed)
    print(f"seed {seed}: {kills} kills of {', '.join(victims)} at {rate} webhooks/s, two nodes")
    tuned = settings(sending={"unknown_grace_seconds": GRACE_SECONDS}, queue={"lease_ms": int(LEASE_SECONDS * 1000)},
                     log={"level": "warning"})
    with tempfile.TemporaryDirectory(prefix="waypost-nodes-") as folder:
        meta = {"read_after_ms": 150, "retry_first_ms": 50, "retry_longest_ms": 400}
        with Installation(folder, settings=tuned, sandbox_settings=meta, nodes=2) as installation:
            numbers, store = set_up(installation), Store(installation)
            api = Api(installation.url, store.one("SELECT id FROM tenant WHERE name = 'Crash 0'"), "admin0@example.com", PASSWORD)
            feed, killer = Feed(api), Killer(installation, store, chance)
            feed.start()
            installation.control("POST", "/control/faults", {"kind": "drop_after", "probability": 0.01, "seed": seed})
            installation.control("POST", "/control/faults", {"kind": "duplicate_webhooks", "probability": 0.02, "seed": seed})
            installation.control("POST", "/control/load", {"per_second": rate, "customers": CUSTOMERS // (WORKSPACES * NUMBERS_EACH), "phone_number_ids": numbers})
            strike_at_random(killer, kills, victims)
            installation.control("DELETE", "/control/load")
            began = time.monotonic()
            wait_for("everything to be done", lambda: drained(installation, store), seconds=300, pause=0.5)
            print(f"drained in {time.monotonic() - began:.1f} s")
            load = installation.control("GET", "/control/load")
            acked = set(load["acked_wamids"])
            must(len(acked) == load["written"], "after the drain every message is acknowledged", (len(acked), load["written"]))
            inbound = check_inbound(store, acked)
            check_runs(store, inbound)
            check_replies(installation, store, inbound, killer.in_flight)
            check_counters(store)
            feed.finish(store, api.workspace)
            print(f"{inbound} messages, each once in its conversation, each with one run and one reply")
            check_takeover(installation, store, numbers)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200, help="how often something is killed (default: %(default)s)")
    parser.add_argument("--victims", nargs="+", choices=VICTIMS, default=VICTIMS, help="what is killed (default: all)")
    parser.add_argument("--rate", type=int, default=300, help="webhooks a second (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30), help="of all chance here; printed, to repeat a run")
    options = parser.parse_args()
    run_test(lambda: test(options.kills, options.rate, options.seed, options.victims))
