"""kill -9 of waypostd at random moments under load, restarted each time; then everything must have happened exactly once.

    python3 tests/e2e/crash_test.py --kills 100        (CI runs it with fewer)
"""
import argparse
import collections
import random
import tempfile
import time

from support import Api, Installation, Store, must, publish, run_test, settings, wait_for

WORKSPACES, NUMBERS_EACH, CUSTOMERS = 3, 4, 2000
PASSWORD = "correct horse battery"
GRACE_SECONDS = 6


def set_up(installation):
    installation.add_app()
    numbers = []
    for workspace in range(WORKSPACES):
        email = f"admin{workspace}@example.com"
        tenant = installation.add_workspace(f"Crash {workspace}", email, PASSWORD)
        for number in range(NUMBERS_EACH):
            phone_number_id = str(40_000_000 + workspace * 100 + number)
            installation.add_number(tenant, phone_number_id, f"+1 555 {workspace:03} {number:04}", str(50_000_000 + workspace))
            numbers.append(phone_number_id)
        publish(Api(installation.url, tenant, email, PASSWORD), "Echo", "echo {{message.text}}")
    return numbers


def kill_and_restart(installation, store, kills, chance):
    """Returns the most sends that can have been in flight at the kills: rows in state sending at each."""
    in_flight = 0
    for kill in range(kills):
        time.sleep(chance.uniform(0.05, 1.2))
        installation.daemon.must_live()
        installation.daemon.kill()
        in_flight += store.one("SELECT count(*) FROM message WHERE state = 'sending'")
        installation.start_daemon()
        if (kill + 1) % 10 == 0 or kill + 1 == kills:
            print(f"killed {kill + 1} times, {store.one('SELECT count(*) FROM message')} messages so far", flush=True)
    return in_flight


def drained(installation, store):
    """Nothing waits anywhere: the sandbox's webhooks, triggers, runs, sends."""
    for program in installation.programs:
        program.must_live()
    stats = installation.control("GET", "/control/stats")
    if stats["webhooks"]["waiting"]:
        return False
    return store.one("SELECT (SELECT count(*) FROM run_trigger) + (SELECT count(*) FROM run WHERE status IN "
                     "('queued', 'running', 'waiting')) + (SELECT count(*) FROM message WHERE state IN "
                     "('queued', 'sending', 'unknown', 'held', 'accepted', 'sent'))") == 0


def check_inbound(store, acked):
    """Every acked message is in exactly one conversation, once; none is there that was not sent."""
    kept = collections.Counter(wamid for (wamid,) in store.rows("SELECT wamid FROM message WHERE direction = 'in'"))
    doubled = [wamid for wamid, times in kept.items() if times != 1]
    must(not doubled, "messages kept twice", doubled[:5])
    lost = acked - kept.keys()
    must(not lost, f"{len(lost)} acknowledged messages are lost", list(lost)[:5])
    astray = store.rows("SELECT m.wamid FROM message m JOIN conversation c ON c.tenant_id = m.tenant_id AND c.id = "
                        "m.conversation_id WHERE c.channel_id <> m.channel_id OR c.contact_id <> m.contact_id")
    must(not astray, "messages in another conversation than theirs", astray[:5])
    return len(kept)


def check_runs(store, inbound):
    runs = store.rows("SELECT status, count(*), count(DISTINCT message_id) FROM run GROUP BY status")
    must(runs == [("completed", inbound, inbound)], "every trigger has exactly one completed run", runs)


def all_bubbles(installation):
    bubbles, page = [], None
    while page is None or page["bubbles"]:
        page = installation.control("GET", f"/control/bubbles?after={len(bubbles)}&limit=10000")
        bubbles += page["bubbles"]
    return bubbles


def history(store, bubbles, doubled):
    """What the sandbox and the store say of the first of them."""
    for phone, number, text in doubled[:1]:
        yield from (bubble for bubble in bubbles if (bubble["customer"]["phone"], bubble["phone_number_id"], bubble["text"]) == (phone, number, text))
        yield from store.rows(f"SELECT * FROM message WHERE direction = 'out' AND text = '{text}'")


def check_replies(installation, store, inbound, in_flight):
    bubbles = all_bubbles(installation)
    texts = collections.Counter((bubble["customer"]["phone"], bubble["phone_number_id"], bubble["text"]) for bubble in bubbles)
    doubled = [reply for reply, times in texts.items() if times > 1]
    must(not doubled, f"{len(doubled)} replies reached their customer twice", (doubled[:5], *history(store, bubbles, doubled)))
    states = dict(store.rows("SELECT state || COALESCE(':' || failure_reason, ''), count(*) FROM message "
                             "WHERE direction = 'out' GROUP BY 1"))
    print(f"outbound states: {states}; bubbles: {len(bubbles)}; in flight at the kills: {in_flight}")
    unknown = states.pop("failed:outcome_unknown", 0)
    must(set(states) <= {"delivered", "read"}, "every other reply was delivered", states)
    must(sum(states.values()) + unknown == inbound, "every message has its reply", states)
    must(unknown <= in_flight, "unknown outcomes are at most the sends in flight at the kills", (unknown, in_flight))
    # Every bubble belongs to a delivered row, so no row of an unknown outcome was delivered.
    must(len(bubbles) == sum(states.values()), "no message of unknown outcome was delivered", (len(bubbles), states))


def test(kills, rate, seed):
    chance = random.Random(seed)
    print(f"seed {seed}: {kills} kills at {rate} webhooks/s")
    tuned = settings(sending={"unknown_grace_seconds": GRACE_SECONDS}, queue={"lease_ms": 2000}, log={"level": "warning"})
    with tempfile.TemporaryDirectory(prefix="waypost-crash-") as folder:
        # Meta's back-off would leave little to kill into: the sandbox comes again soon.
        meta = {"read_after_ms": 150, "retry_first_ms": 50, "retry_longest_ms": 400}
        with Installation(folder, settings=tuned, sandbox_settings=meta) as installation:
            numbers, store = set_up(installation), Store(installation)
            installation.control("POST", "/control/faults", {"kind": "drop_after", "probability": 0.01, "seed": seed})
            installation.control("POST", "/control/faults", {"kind": "duplicate_webhooks", "probability": 0.02, "seed": seed})
            installation.control("POST", "/control/load", {"per_second": rate, "customers": CUSTOMERS // (WORKSPACES * NUMBERS_EACH), "phone_number_ids": numbers})
            in_flight = kill_and_restart(installation, store, kills, chance)
            installation.control("DELETE", "/control/load")
            began = time.monotonic()
            wait_for("everything to be done", lambda: drained(installation, store), seconds=300, pause=0.5)
            print(f"drained in {time.monotonic() - began:.1f} s")
            load = installation.control("GET", "/control/load")
            acked = set(load["acked_wamids"])
            must(len(acked) == load["written"], "after the drain every message is acknowledged", (len(acked), load["written"]))
            inbound = check_inbound(store, acked)
            check_runs(store, inbound)
            check_replies(installation, store, inbound, in_flight)
            print(f"{inbound} messages, each once in its conversation, each with one run and one reply")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=100, help="how often waypostd is killed (default: %(default)s)")
    parser.add_argument("--rate", type=int, default=500, help="webhooks a second (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30), help="of all chance here; printed, to repeat a run")
    options = parser.parse_args()
    run_test(lambda: test(options.kills, options.rate, options.seed))
