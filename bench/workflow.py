"""Runs of a workflow a second, five steps each and none of them outside (trigger, field, switch, field, event), carried by the
runner into SQLite, beside bare units of the same number of rows on the same write lane: in turn, in one process and one store.
And what a step costs from the first tenth of the runs to the last, beside a bare unit at the same places: a store that grows
makes both dearer.
"""
import json
import statistics
import subprocess

from figures import Figures, head, verdict
from installation import PROGRAMS, Failed

CONVERSATIONS = 10_000
BARE_BATCHES = 10  # of bare units among all batches of runs: they are rows in the same store


def round_of(options, folder):
    done = subprocess.run([PROGRAMS / "bench" / "run_bench", "--runs", str(options.runs), "--conversations", str(min(CONVERSATIONS, options.runs)),
                           "--bare-every", str(max(1, options.runs // CONVERSATIONS // BARE_BATCHES)), "--folder", folder], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failed(f"run_bench: {done.stderr.strip()}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def workflow(options, folder):
    figures = Figures()
    for number in range(options.rounds):
        figures.add("runs", round_of(options, folder))
        figures.print_round(number + 1)
    return report(options, figures)


def by_tenths(figures, key):
    return [statistics.median(costs) for costs in zip(*(row[key] for row in figures.rows["runs"]))]


def report(options, figures):
    def median(key):
        return figures.median("runs", key)

    head(figures, ["runs/s", "steps/s", "rows of each", "p50 ms", "p99 ms"], f"SQLite, {options.runs:,} runs a round of {CONVERSATIONS:,} "
         "conversations, 64 at once")
    print(f"| runs of five steps | {median('per_second'):,.0f} | {median('steps_per_second'):,.0f} | {median('rows_of_a_run'):,.0f} | "
          f"{median('p50_ms'):.1f} | {median('p99_ms'):.1f} |")
    print(f"| bare units of as many rows | {median('bare_per_second'):,.0f} | | {median('rows_of_a_run'):,.0f} | | |")
    step, bare = by_tenths(figures, "step_us"), by_tenths(figures, "bare_us")
    print("\n| by tenths of the runs | " + " | ".join(str(place + 1) for place in range(len(step))) + " |\n|" + "---|" * (len(step) + 1))
    print("| a step, µs | " + " | ".join(f"{cost:.0f}" for cost in step) + " |")
    print("| a bare unit, µs | " + " | ".join(f"{cost:.0f}" for cost in bare) + " |\n")
    met = [verdict("runs / bare units of as many rows", median("ratio"), 0.3),
           verdict("cost of a step, last tenth / first", step[-1] / step[0], 1.3, at_least=False),
           verdict("the same beside a bare unit's", step[-1] / step[0] / (bare[-1] / bare[0]), 1.3, at_least=False)]
    return all(met)
