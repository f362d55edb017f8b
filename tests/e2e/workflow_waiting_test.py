"""Waiting is free: while many runs wait, half of them for a reply and half for a time hours away, no worker is held, waypostd
does nothing and has no more memory than without them. And who wakes does so in time: from the webhook of a reply, and from
the time that a delay ends, to the commit of the step that waited.

    python3 tests/e2e/workflow_waiting_test.py --runs 100000        (CI runs it with fewer)
"""
import argparse
import json
import pathlib
import random
import subprocess
import tempfile
import time

from idle_test import check_idle
from installation import PROGRAMS
from support import Api, Installation, Store, must, run_test, settings, wait_for
from workflow_stage import edges, imported, node

PASSWORD = "correct horse battery"
REPLIES, TIMERS = "64200001", "64200002"
FIRST_PHONE = 15_550_100_000  # of the sandbox's load
A_SECOND = 2_000  # messages that the load writes
SOON_SECONDS = 5
WAKES_A_SECOND = 40
# What the heap and the caches of a daemon differ by from one start to the next.
SLACK_MIB = 8
CACHE_BYTES = 2 << 20


def waits_for_a_reply():
    nodes = [node("start", "trigger.inbound_message"), node("wait", "wa.wait_for_reply", timeout={"value": 20, "unit": "hours"}),
             node("answer", "wa.send_message", body="you said {{reply.text}}")]
    return {"entry": "start", "nodes": nodes, "edges": edges("start", "wait") + edges("wait", "answer", "out", "timeout")}


def waits_for_a_time():
    soon = [{"field": "message.text", "operator": "starts_with", "value": "soon", "label": "soon"}]
    nodes = [node("start", "trigger.inbound_message"), node("when", "logic.switch", conditions=soon),
             node("short", "logic.delay", duration={"value": SOON_SECONDS, "unit": "seconds"}),
             node("long", "logic.delay", duration={"value": 6, "unit": "hours"}), node("answer", "wa.send_message", body="it is time")]
    return {"entry": "start", "nodes": nodes, "edges": edges("start", "when") + edges("when", "short", "soon") + edges("when", "long", "default")
            + edges("short", "answer") + edges("long", "answer")}


def set_up(installation):
    installation.add_app()
    for number, graph, name in ((REPLIES, waits_for_a_reply(), "replies"), (TIMERS, waits_for_a_time(), "timers")):
        workspace = installation.add_workspace(name, f"{name}@example.com", PASSWORD)
        installation.add_number(workspace, number, f"+1 555 642 {number[-4:]}", f"6420{number[-4:]}")
        imported(Api(installation.url, workspace, f"{name}@example.com", PASSWORD), name, graph)


def memory_mib(installation):
    status = pathlib.Path(f"/proc/{installation.daemon.pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:")) / 1024


def redis_mib(installation):
    lines = installation.redis_says("INFO", "memory").splitlines()
    return next(int(line.split(":")[1]) for line in lines if line.startswith("used_memory:")) / (1 << 20)


def restart(installation):
    must(installation.daemon.stop() == 0, "the daemon ends well")
    installation.start_daemon()


def waiting(store):
    return store.one("SELECT count(*) FROM run WHERE status = 'waiting'")


def let_wait(installation, store, runs, number):
    """So many customers write to the number, and their runs come to where they wait."""
    before = waiting(store)
    began = time.monotonic()
    installation.control("POST", "/control/load", {"per_second": A_SECOND, "customers": runs, "messages": runs, "phone_number_ids": [number]})
    wait_for("the runs to wait", lambda: installation.daemon.must_live() and waiting(store) >= before + runs, seconds=120 + runs / 50, pause=0.5)
    wait_for("the load to end", lambda: not installation.control("GET", "/control/load")["running"])
    print(f"{runs:,} runs of {number} wait after {time.monotonic() - began:.1f} s", flush=True)


def runs_queue(installation):
    done = subprocess.run([PROGRAMS / "waypost", "--socket", installation.nodes[0].admin_socket, "--json", "queue", "stats"],
                          capture_output=True, text=True, check=True, timeout=60)
    return next(one for one in json.loads(done.stdout)["queues"] if one["queue"] == "runs")


def check_workers(installation):
    """Nobody works for those that wait, and nothing is ready to be worked on."""
    told = wait_for("the queue to be quiet", lambda: quiet(runs_queue(installation)), seconds=30, pause=0.5)
    print(f"the queue of runs: {told['redis']['leased']} leased, {told['redis']['ready']} ready, {told['waiting']}", flush=True)


def quiet(told):
    return told if told["redis"] and told["redis"]["leased"] == 0 and told["redis"]["ready"] == 0 else None


def write(installation, phone, number, text):
    installation.control("POST", f"/control/customers/+{phone}/messages", {"text": text, "phone_number_id": number})


def wake(installation, store, runs, samples, chance):
    """Some of those that wait get their reply, and as many others come that wait for a short time."""
    woken = chance.sample(range(runs), samples)
    ended = store.one("SELECT count(*) FROM run WHERE status = 'completed'")
    for place, customer in enumerate(woken):
        write(installation, FIRST_PHONE + customer, REPLIES, f"wake {customer}")
        write(installation, f"49161{place:08}", TIMERS, f"soon {place}")
        time.sleep(1 / WAKES_A_SECOND)
    wait_for("all of them to end", lambda: store.one("SELECT count(*) FROM run WHERE status = 'completed'") == ended + 2 * samples, seconds=120, pause=0.2)


def late_replies(store):
    """From a reply's webhook to the commit of the step that waited for it, ms."""
    return [int(at) - int(since) for at, since in store.rows(
        "SELECT s.ended_at, m.received_at FROM step AS s JOIN run AS r ON r.tenant_id = s.tenant_id AND r.id = s.run_id JOIN message AS m ON "
        "m.tenant_id = r.tenant_id AND m.conversation_id = r.conversation_id WHERE s.node_id = 'wait' AND s.handle = 'out' AND m.direction = 'in' "
        "AND m.text LIKE 'wake %'")]


def late_timers(store):
    """From the end of a delay to the commit of its step, ms."""
    return [int(at) - int(since) - SOON_SECONDS * 1000 for at, since in store.rows(
        "SELECT ended_at, started_at FROM step WHERE node_id = 'short' AND status = 'completed'")]


def check_late(what, late, samples, mark):
    late = sorted(late)
    must(len(late) == samples, f"{what}: each of {samples} woke", len(late))
    p99 = late[min(len(late) - 1, int(0.99 * len(late)))]
    print(f"{what}: woke after median {late[len(late) // 2]} ms, p99 {p99} ms, at most {late[-1]} ms", flush=True)
    must(late[0] >= 0, f"{what}: nobody wakes before the cause", late[0])
    must(p99 <= mark, f"{what}: p99 within {mark} ms", p99)


def check_answers(installation, samples):
    """Each of those that woke went on to its message."""
    stats = wait_for("the answers", lambda: told if (told := installation.control("GET", "/control/stats"))["outbound"]["received"] >= 2 * samples else None)
    must(stats["outbound"]["accepted"] == 2 * samples, "nobody else was answered", stats["outbound"])


def memory_at_rest(installation):
    """Of a daemon that was started on the store as it is, once it has found what waits."""
    restart(installation)
    time.sleep(5)
    return memory_mib(installation)


def test(runs, samples, mark, seconds, seed):
    print(f"seed {seed}: {runs:,} runs", flush=True)
    half = runs // 2
    tuned = settings(log={"level": "warning"}, store={"cache_bytes": CACHE_BYTES})
    with tempfile.TemporaryDirectory(prefix="waypost-waiting-") as folder:
        with Installation(folder, settings=tuned, sandbox_settings={"read_after_ms": "never"}) as installation:
            set_up(installation)
            store = Store(installation)
            before, redis_before = memory_at_rest(installation), redis_mib(installation)
            let_wait(installation, store, half, REPLIES)
            let_wait(installation, store, half, TIMERS)
            check_workers(installation)
            worked = memory_mib(installation)
            after = memory_at_rest(installation)
            grown, redis_grown = after - before, redis_mib(installation) - redis_before
            print(f"waypostd {before:.1f} MiB without them, {worked:.1f} MiB when they had come to wait, {after:.1f} MiB started anew with them: "
                  f"{grown * (1 << 20) / (2 * half):.0f} bytes each; Redis {redis_grown * (1 << 20) / (2 * half):.0f} bytes each", flush=True)
            must(grown <= SLACK_MIB, f"the daemon's memory does not grow by more than {SLACK_MIB} MiB", grown)
            check_workers(installation)
            check_idle(installation, f"while {2 * half:,} runs wait", seconds)
            wake(installation, store, half, samples, random.Random(seed))
            check_late("a reply", late_replies(store), samples, mark)
            check_late("a time", late_timers(store), samples, mark)
            check_answers(installation, samples)
            must(waiting(store) == 2 * half - samples, "all others wait on", waiting(store))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=100_000, help="that wait (default: %(default)s)")
    parser.add_argument("--samples", type=int, default=1_000, help="of each kind that wake (default: %(default)s)")
    parser.add_argument("--mark", type=int, default=100, help="ms: the most that the p99 may be (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=10, help="for which the idle daemon is watched (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30), help="of who wakes; printed, to repeat a run")
    options = parser.parse_args()
    run_test(lambda: test(options.runs, min(options.samples, options.runs // 4), options.mark, options.seconds, options.seed))
