"""Two nodes behind a balancer are upgraded one after the other under load, the next release's schema coming first: no
webhook is refused, and every message is there once, with one run and one reply.

    python3 tests/e2e/rolling_restart_test.py --rounds 3
"""
import argparse
import tempfile
import time

from crash_test import check_inbound, check_replies, check_runs, drained, set_up
from support import Installation, Store, ask, must, psql, run_test, settings, wait_for

# What a next release may do while this one runs (docs/decisions): it only adds, and says who can go on.
NEXT_SCHEMA = """
BEGIN;
SET LOCAL lock_timeout = '5s';
ALTER TABLE conversation ADD COLUMN of_the_next_release text;
ALTER TABLE message ADD COLUMN of_the_next_release bigint;
INSERT INTO schema_migration (number, applied_at, runs_with)
  SELECT max(number) + 1, 0, max(number) FROM schema_migration;
COMMIT
"""


def restart(node):
    began = time.monotonic()
    node.program.must_live()
    status = node.program.stop(seconds=60)
    stopped = time.monotonic()
    must(status == 0, f"{node.name} ends well", status)
    node.start()
    print(f"{node.name}: stopped in {stopped - began:.2f} s, serves again after {time.monotonic() - stopped:.2f} s", flush=True)


def know_the_app(installation):
    """A node learns of an app that another one was told of when the app is first asked for."""
    words = f"hub.mode=subscribe&hub.challenge=1&hub.verify_token={installation.verify_token}"
    for node in installation.nodes:
        url = f"{node.url}/webhooks/whatsapp?{words}"
        wait_for(f"{node.name} to know the app", lambda url=url: ask("GET", url).status == 200, seconds=5, pause=0.1)


def roll(installation, rounds):
    for _ in range(rounds):
        for node in installation.nodes:
            time.sleep(1)
            restart(node)


def check_webhooks(installation):
    told = installation.control("GET", "/control/stats")["webhooks"]
    must(told["attempts"] == told["made"] == told["acked"], "no webhook was refused or had to be sent again", told)
    print(f"{told['made']} webhooks, each acknowledged at the first attempt")


def test(rounds, rate):
    with tempfile.TemporaryDirectory(prefix="waypost-rolling-") as folder:
        with Installation(folder, settings=settings(log={"level": "warning"}), nodes=2) as installation:
            numbers, store = set_up(installation), Store(installation)
            know_the_app(installation)
            installation.control("POST", "/control/load", {"per_second": rate, "customers": 100, "phone_number_ids": numbers})
            time.sleep(1)
            psql(store.url, NEXT_SCHEMA)
            roll(installation, rounds)
            installation.control("DELETE", "/control/load")
            wait_for("everything to be done", lambda: drained(installation, store), seconds=120, pause=0.5)
            check_webhooks(installation)
            inbound = check_inbound(store, set(installation.control("GET", "/control/load")["acked_wamids"]))
            check_runs(store, inbound)
            check_replies(installation, store, inbound, 0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, help="restarts of each node (default: %(default)s)")
    parser.add_argument("--rate", type=int, default=80, help="webhooks a second (default: %(default)s)")
    options = parser.parse_args()
    run_test(lambda: test(options.rounds, options.rate))
