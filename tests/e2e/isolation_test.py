"""A loud workspace does not make quiet ones wait long: the small form of bench/run isolation, which explains itself. Its mark
is a ratio on a quiet machine; here only what noise cannot do fails."""
import pathlib
import sys
import tempfile

from support import must, run_test

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent.parent / "bench"))

from isolation import HALVES, Plan, round_of  # noqa: E402

# Less loud than there: a CI machine has two cores for everybody here. It is still more than what can be answered.
PLAN = Plan(seconds=5.0, lead=2.0, times=50.0, loud_customers=300)
MOST_RATIO, FLOOR_MS = 10.0, 1000.0  # with an applier whose window a flood fills it is seconds
STAGES = ("run started", "at the Graph API")


def test():
    with tempfile.TemporaryDirectory(prefix="waypost-isolation-") as folder:
        told = round_of(pathlib.Path(folder), PLAN)
    loud = told["loud"]
    for stage in STAGES:
        alone, beside = (told[half][f"{stage} p99"] for half in HALVES)
        print(f"quiet until {stage}: p99 {alone:.0f} ms alone, {beside:.0f} ms beside; p50 {told['alone'][stage + ' p50']:.0f} and {told['beside'][stage + ' p50']:.0f} ms")
    print(f"loud: {loud['per_second']:,.0f} webhooks/s, {loud['answered']:,} answered, {loud['backlog']:,} waited")
    must(loud["backlog"] > PLAN.loud_per_second, "the loud workspace has a backlog", loud)
    for stage in STAGES:
        alone, beside = (told[half][f"{stage} p99"] for half in HALVES)
        most = max(MOST_RATIO * alone, FLOOR_MS)
        must(beside <= most, f"quiet messages wait {most:.0f} ms at most until {stage}", f"{beside:.0f} ms")


if __name__ == "__main__":
    run_test(test)
