"""bench/run NAME: measures Waypost side by side with a baseline in one run, several rounds in turn, and prints medians.

ingest   webhooks a second: a bare server, acknowledged by waypostd, applied in its store
scale    the same applied by one node and by two on one PostgreSQL
growth   what an update costs in a store of 1,000 conversations and in one of 1,000,000
queue    keys a second through the queue, beside BullMQ on the same Redis; and how soon an idle worker starts
reply    from a customer's message to the reply at Meta, beside a gateway as most teams write it
isolation how long quiet workspaces wait beside a loud one, by how long they wait alone
pacing   whether numbers send as fast as Meta lets them and no faster, and how long replies wait beside a broadcast
broadcast one broadcast to very many: rate, memory, store, while waypostd is killed
workflow runs of five steps a second, beside bare units of as many rows; what a step costs from the first run to the last
"""
import argparse
import pathlib
import sys
import tempfile

from broadcast import broadcast
from ingest import Failed, growth, ingest, scale
from isolation import isolation
from pacing import pacing
from ready_keys import ready_keys
from reply import reply
from workflow import workflow


def main():
    parser = argparse.ArgumentParser(prog="bench/run", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
                                     epilog="Example: bench/run ingest --store postgres --rounds 3")
    parser.add_argument("name", choices=["ingest", "scale", "growth", "queue", "reply", "isolation", "pacing", "broadcast", "workflow"], help="what to measure")
    parser.add_argument("--store", choices=["sqlite", "postgres"], default="sqlite", help="of ingest, growth and isolation (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each (default: %(default)s)")
    parser.add_argument("--messages", type=int, default=100_000, help="webhooks, or keys, a round (default: %(default)s)")
    parser.add_argument("--waiting", type=int, default=1_000_000, help="keys of queue that wait meanwhile (default: %(default)s)")
    parser.add_argument("--conversations", type=int, default=1_000_000, help="of growth's larger store (default: %(default)s)")
    parser.add_argument("--recipients", type=int, default=1_000_000, help="of broadcast (default: %(default)s)")
    parser.add_argument("--kills", type=int, default=10, help="of broadcast: how often waypostd is killed (default: %(default)s)")
    parser.add_argument("--runs", type=int, default=100_000, help="of workflow, a round (default: %(default)s)")
    parser.add_argument("--loud", type=float, default=100.0, help="of isolation: webhooks a second of the loud workspace (default: %(default)g)")
    parser.add_argument("--flood", action="store_true", help="of isolation: more than the machine carries")
    parser.add_argument("--quick", action="store_true", help="one short round of isolation or pacing, to try it")
    options = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory(prefix="waypost-bench-") as folder:
            measure = {"ingest": ingest, "scale": scale, "growth": growth, "queue": ready_keys, "reply": reply, "isolation": isolation, "pacing": pacing, "broadcast": broadcast, "workflow": workflow}[options.name]
            return 0 if measure(options, pathlib.Path(folder)) else 1
    except Failed as error:
        print(f"bench/run: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
