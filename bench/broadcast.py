"""One broadcast to very many with pacing off, the sandbox standing for Meta on the same cores: the rate, the daemon's highest
memory, and what a recipient takes of store and journal. It is the test tests/e2e/broadcast_crash_test.py, which checks that
nobody got it twice and nobody was forgotten, by hand and larger.
"""
import datetime
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path += [str(ROOT / "scripts"), str(ROOT / "tests" / "e2e")]

from broadcast_crash_test import measure  # noqa: E402
from figures import machine  # noqa: E402

SEED = 1


def broadcast(options, folder):
    if options.store == "postgres":
        print("bench/run broadcast measures SQLite; for PostgreSQL run the test under ctest", file=sys.stderr)
        return False
    told = measure(folder / "broadcast", options.recipients, options.kills, SEED)
    print(f"\n{machine()}, {datetime.date.today()}, pacing off, the sandbox on the same cores\n")
    print("| recipients | kill -9 | recipients/s | the median second | waypostd at most, MB | bytes of the store each | bytes of the journal each | unknown, of in flight at the kills |")
    print("|---|---|---|---|---|---|---|---|")
    print(f"| {options.recipients:,} | {options.kills} | {told['per_second']:,.0f} | {told['median']:,.0f} | {told['peak_mb']:,.0f} | "
          f"{told['store_bytes']:,.0f} | {told['journal_bytes']:,.0f} | {told['unknown']} of {told['in_flight']} |")
    return True
