"""Numbers send as fast as Meta lets them, and Meta has nothing to refuse; replies do not wait for a broadcast: the small form of
bench/run pacing, which explains itself. Its marks are for a quiet machine; here they have slack."""
import pathlib
import sys
import tempfile

from support import must, run_test

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent.parent / "bench"))

from pacing import QUICK, round_of  # noqa: E402

MOST_THROTTLED, LEAST_USED = 0.005, 0.85
MOST_RATIO, FLOOR_MS = 10.0, 500.0


def test():
    with tempfile.TemporaryDirectory(prefix="waypost-pacing-") as folder:
        told = round_of(pathlib.Path(folder), QUICK)
    full, alone, beside = told["full"], told["alone"], told["beside"]
    print(f"{full['accepted']} accepted, {full['throttled']} throttled, {full['used']:.3f} of the allowed rate used, "
          f"{full['least_used']:.3f} by the slowest number", flush=True)
    print(f"replies: p50 {alone['p50']:.0f} ms and p99 {alone['p99']:.0f} ms alone, {beside['p50']:.0f} and {beside['p99']:.0f} ms beside a "
          f"broadcast of {beside['others']:.1f}/s", flush=True)
    must(full["throttled_share"] <= MOST_THROTTLED, "Meta refuses hardly anything", full)
    must(full["used"] <= 1.02, "nor is the reserve spent", full)
    must(full["least_used"] >= LEAST_USED, "every number sends at its rate", full)
    must(beside["others"] >= 10, "the broadcast goes out beside the replies", beside)
    most = max(MOST_RATIO * alone["p99"], FLOOR_MS)
    must(beside["p99"] <= most, f"replies wait {most:.0f} ms at most beside a broadcast", beside)


if __name__ == "__main__":
    run_test(test)
