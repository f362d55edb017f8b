"""A workflow of 30 steps of all kinds (sends, waits, HTTP, timers, buttons, fields), one run for each of many customers who
answer what they are asked, while waypostd and Redis are killed with kill -9 at random moments. Every run ends; each message
row, each step and each write of a field is there once; nobody gets a message twice; a call that was carried out again says
so; the order of each contact holds; no answer of a customer is lost.

    python3 tests/e2e/workflow_crash_test.py --runs 1000 --kills 200        (CI runs it with fewer)
"""
import argparse
import collections
import json
import random
import tempfile
import time

from crash_test import all_bubbles, drained
from support import Api, Installation, Store, must, run_test, settings, wait_for
from workflow_stage import CountingServer, imported, key_of
from workflow_walk import ASKED_BY, CALLS, MESSAGES, PHONE_NUMBER_ID, STEPS, Customers, graph_of

PASSWORD = "correct horse battery"
GRACE_SECONDS = 6
KILLED = (("waypostd",), ("redis",), ("waypostd",), ("redis", "waypostd"), ("waypostd",))  # in turn
LONGEST_CALL = 0.2  # of the counting server, seconds


def kill_daemon(installation, store):
    """Returns how many sends may have been in flight."""
    installation.daemon.must_live()
    installation.daemon.kill()
    in_flight = store.one("SELECT count(*) FROM message WHERE state = 'sending'")
    installation.start_daemon()
    return in_flight


def kill_and_restart(installation, store, kills, chance):
    """Returns the most sends that can have been in flight at the kills."""
    in_flight = 0
    for kill in range(kills):
        time.sleep(chance.uniform(0.05, 1.2))
        killed = KILLED[kill % len(KILLED)]
        if "redis" in killed:
            installation.redis.must_live()
            installation.redis.kill()
        if "waypostd" in killed:
            in_flight += kill_daemon(installation, store)
        if "redis" in killed:
            time.sleep(chance.uniform(0, 0.8))
            (installation.folder / "redis" / "redis.sock").unlink(missing_ok=True)
            installation.start_redis()
        if (kill + 1) % 10 == 0 or kill + 1 == kills:
            ended = store.one("SELECT count(*) FROM run WHERE ended_at IS NOT NULL")
            print(f"killed {kill + 1} times, {ended} runs have ended", flush=True)
    return in_flight


class Records:
    """What the store and the sandbox say when all is over; runs by their key."""

    def __init__(self, installation, store):
        self.runs = {key_of(run): {"status": status, "error": error, "steps": steps, "phone": str(phone)} for run, status, error, steps, phone in
                     store.rows("SELECT r.id, r.status, COALESCE(r.error_code, ''), r.steps, c.phone FROM run AS r JOIN contact AS c "
                                "ON c.tenant_id = r.tenant_id AND c.id = r.contact_id")}
        self.steps = collections.defaultdict(list)
        for run, *step in store.rows("SELECT run_id, number, node_id, status, COALESCE(handle, ''), attempt, started_at FROM step "
                                     "ORDER BY run_id, number"):
            self.steps[key_of(run)].append(dict(zip(("number", "node", "status", "handle", "attempt", "at"), step)))
        self.messages = [(key_of(run), name, state, key_of(message)) for run, name, state, message in
                         store.rows("SELECT run_id, node_id, state || COALESCE(':' || failure_reason, ''), id FROM message "
                                    "WHERE direction = 'out' ORDER BY conversation_id, seq")]
        self.bubbles = all_bubbles(installation)

    def handle(self, run, name):
        return next(step["handle"] for step in self.steps[run] if step["node"] == name)


def check_runs(records, count):
    states = collections.Counter((run["status"], run["error"]) for run in records.runs.values())
    must(states == {("completed", ""): count}, "every customer has one run, and it is completed", states)
    phones = collections.Counter(run["phone"] for run in records.runs.values())
    must(len(phones) == count, "no customer has two", phones.most_common(3))


def check_steps(records):
    for run, told in records.runs.items():
        steps = records.steps[run]
        names = ["chose_*" if step["node"].startswith("chose_") else step["node"] for step in steps]
        must(names == list(STEPS), f"run {run} took every step once and in order", names)
        must([step["number"] for step in steps] == list(range(1, told["steps"] + 1)), f"run {run} counts its steps", steps)
        must({step["status"] for step in steps} == {"completed"}, f"all steps of run {run} are completed", steps)
        times = [step["at"] for step in steps]
        must(times == sorted(times), f"the steps of run {run} begin one after the other", times)


def check_messages(records, in_flight):
    rows = collections.Counter((run, name) for run, name, _, _ in records.messages)
    must(rows == {(run, name): 1 for run in records.runs for name in MESSAGES}, "each run has each of its messages once",
         [row for row, times in rows.items() if times != 1][:5])
    seen = collections.Counter((bubble["customer"]["phone"], bubble["text"]) for bubble in records.bubbles)
    twice = [bubble for bubble, times in seen.items() if times > 1]
    must(not twice, f"{len(twice)} messages reached their customer twice", twice[:5])
    states = collections.Counter(state for _, _, state, _ in records.messages)
    unknown = states.pop("failed:outcome_unknown", 0)
    print(f"messages: {dict(states)}, {unknown} of unknown outcome, {in_flight} in flight at the kills; bubbles: {len(records.bubbles)}")
    must(set(states) <= {"delivered", "read"}, "every other message was delivered", states)
    must(unknown <= in_flight, "unknown outcomes are at most the sends in flight at the kills", unknown)
    must(len(records.bubbles) == sum(states.values()), "no message of unknown outcome was delivered", (len(records.bubbles), states))


def check_order(records):
    """A customer's phone shows the messages in the order in which the run sent them."""
    got = collections.defaultdict(list)
    for bubble in sorted(records.bubbles, key=lambda bubble: bubble["bubble"]):
        got[bubble["customer"]["phone"]].append(int(bubble["text"][0]))
    wrong = {phone: numbers for phone, numbers in got.items() if numbers != sorted(numbers)}
    must(not wrong, f"{len(wrong)} customers got messages out of their order", list(wrong.items())[:3])


def check_calls(records, server):
    again = 0
    for run in records.runs:
        for name in CALLS:
            step = next(step for step in records.steps[run] if step["node"] == name)
            times = server.calls[f"{with_dashes(run)} {name}"]
            must(times >= 1, f"{name} of run {run} was carried out")
            must(step["handle"] == "out", f"{name} of run {run} has its answer", step)
            must(times == 1 or step["attempt"] > 1, f"{name} of run {run} was carried out {times} times and says so", step)
            again += times > 1
    must(sum(server.calls.values()) >= len(CALLS) * len(records.runs), "nobody else was asked")
    print(f"{sum(server.calls.values())} calls of {len(CALLS) * len(records.runs)} steps, {again} of them carried out again")


def with_dashes(key):
    return "-".join((key[:8], key[8:12], key[12:16], key[16:20], key[20:]))


def check_fields(store, records):
    """Each letter of a trail was written once, by its step."""
    rows = store.rows("SELECT c.phone, c.fields, c.tags, v.fields FROM contact AS c JOIN conversation AS v ON v.tenant_id = c.tenant_id AND "
                      "v.contact_id = c.id")
    must(len(rows) == len(records.runs), "each customer has one conversation", len(rows))
    fields = {}
    for phone, contact, tags, conversation in rows:
        contact, conversation = json.loads(contact), json.loads(conversation)
        must(contact.get("trail") == "ace", f"{phone}: the contact's field was written once a step", contact)
        must(conversation.get("trail") == "bd", f"{phone}: the conversation's field was written once a step", conversation)
        must(json.loads(tags) == ["walked"], f"{phone}: the tag is there", tags)
        fields[str(phone)] = {"said": contact.get("said"), "choice": conversation.get("choice")}
    return fields


def check_answers(records, customers, fields):
    """A wait ends by its time only where the question never arrived; an answer ends the wait that it was meant for."""
    # What comes behind a message of unknown outcome waits until it is known, and with it the question.
    first_unknown = {}
    for run, name, state, _ in records.messages:
        if state == "failed:outcome_unknown":
            first_unknown[run] = min(first_unknown.get(run, len(MESSAGES)), MESSAGES.index(name))
    timeouts = [(run, name) for run in records.runs for name in ASKED_BY if records.handle(run, name) == "timeout"]
    wrong = [(run, name) for run, name in timeouts if first_unknown.get(run, len(MESSAGES)) > MESSAGES.index(ASKED_BY[name])]
    must(not wrong, "no wait missed its answer", wrong[:5])
    for run, told in records.runs.items():
        said = {name: customers.said.get((told["phone"], ASKED_BY[name])) for name in ASKED_BY}
        # An answer to a question that came too late is for whatever waits then.
        if any(text is None or records.handle(run, name) == "timeout" for name, text in said.items()):
            continue
        must(fields[told["phone"]] == {"said": said["wait_name"], "choice": said["choose"]}, f"{told['phone']} was heard", (fields[told["phone"]], said))
        must(records.handle(run, "pick") == said["pick"], f"the row that {told['phone']} chose is the way taken", said)
        must(customers.written[told["phone"]] == 1 + len(ASKED_BY), f"{told['phone']} wrote no more than asked")
    print(f"{len(timeouts)} waits ended by their time")


def check_events(store, records):
    runs = len(records.runs)
    wait_for("the events to be numbered", lambda: store.one("SELECT count(*) FROM event WHERE type = 'run.completed'") >= runs)
    told = collections.Counter(key_of(json.loads(payload)["runId"]) for (payload,) in store.rows("SELECT payload FROM event WHERE type = 'workflow.event'"))
    must(told == dict.fromkeys(records.runs, 1), "each run left its event once", told.most_common(3))
    ends = dict(store.rows("SELECT type, count(*) FROM event WHERE type IN ('run.started', 'run.completed', 'run.failed', 'run.cancelled') GROUP BY type"))
    must(ends == {"run.started": runs, "run.completed": runs}, "each began and ended once", ends)


def check(installation, store, customers, server, in_flight):
    load = {row["wamid"] for row in inbound(installation)}
    kept = collections.Counter(str(wamid) for (wamid,) in store.rows("SELECT wamid FROM message WHERE direction = 'in'"))
    must(kept == dict.fromkeys(load, 1), "every message of a customer is kept once", (len(kept), len(load)))
    records = Records(installation, store)
    check_runs(records, len(customers.written))
    check_steps(records)
    check_messages(records, in_flight)
    check_order(records)
    check_calls(records, server)
    check_answers(records, customers, check_fields(store, records))
    check_events(store, records)


def inbound(installation):
    rows, page = [], None
    while page is None or page["inbound"]:
        page = installation.control("GET", f"/control/inbound?after={len(rows)}&limit=10000")
        rows += page["inbound"]
    return rows


def set_up(installation, url, timeout):
    installation.add_app()
    workspace = installation.add_workspace("Walk", "walk@example.com", PASSWORD)
    installation.add_number(workspace, PHONE_NUMBER_ID, "+1 555 641 0001", "64109001")
    imported(Api(installation.url, workspace, "walk@example.com", PASSWORD), "Walk", graph_of(url, timeout))


def all_is_over(installation, store, customers, runs):
    customers.must_live()
    ended = store.one("SELECT count(*) FROM run WHERE ended_at IS NOT NULL")
    return ended >= runs and not customers.to_write and drained(installation, store)


def test(runs, kills, timeout, seed):
    chance = random.Random(seed)
    print(f"seed {seed}: {runs} runs, {kills} kills", flush=True)
    tuned = settings(sending={"unknown_grace_seconds": GRACE_SECONDS}, queue={"lease_ms": 2000}, outside={"allow": ["127.0.0.1"]},
                     log={"level": "warning"})
    meta = {"read_after_ms": 150, "retry_first_ms": 50, "retry_longest_ms": 400}

    def slow(request):
        time.sleep(random.uniform(0, LONGEST_CALL))
        return server.count(request)

    with tempfile.TemporaryDirectory(prefix="waypost-walk-") as folder, CountingServer(slow) as server:
        with Installation(folder, settings=tuned, sandbox_settings=meta) as installation:
            set_up(installation, server.url, timeout)
            store = Store(installation)
            installation.control("POST", "/control/faults", {"kind": "drop_after", "probability": 0.01, "seed": seed})
            installation.control("POST", "/control/faults", {"kind": "duplicate_webhooks", "probability": 0.02, "seed": seed})
            customers = Customers(installation, runs, kills * 1.2, seed + 1)
            customers.start()
            in_flight = kill_and_restart(installation, store, kills, chance)
            began = time.monotonic()
            wait_for("every run to end", lambda: all_is_over(installation, store, customers, runs), seconds=120 + 4 * timeout + runs / 10, pause=0.5)
            print(f"over {time.monotonic() - began:.1f} s after the last kill")
            customers.stop()
            check(installation, store, customers, server, in_flight)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=1000, help="customers, each with one run (default: %(default)s)")
    parser.add_argument("--kills", type=int, default=200, help="how often waypostd, Redis or both are killed (default: %(default)s)")
    parser.add_argument("--timeout", type=int, default=30, help="seconds that the workflow waits for an answer (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30), help="of all chance here; printed, to repeat a run")
    options = parser.parse_args()
    run_test(lambda: test(options.runs, options.kills, options.timeout, options.seed))
