"""What the benches share: figures by letter and round, medians, tables, marks."""
import datetime
import platform
import statistics
import subprocess


class Figures:
    """What each round measured, by its letter."""

    def __init__(self):
        self.rows = {}

    def add(self, letter, told):
        self.rows.setdefault(letter, []).append(told)

    def median(self, letter, key):
        return statistics.median(row[key] for row in self.rows[letter])

    def print_round(self, number):
        words = [f"{letter} {rows[-1].get('applied', rows[-1]['per_second']):,.0f}/s" for letter, rows in self.rows.items()]
        print(f"round {number}: " + "   ".join(words), flush=True)


def machine():
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
    cores = subprocess.run(["nproc"], capture_output=True, text=True, check=True).stdout.strip()
    return f"{model}, {cores} cores"


def head(figures, columns, how):
    rounds = len(next(iter(figures.rows.values())))
    print(f"\n{machine()}, {datetime.date.today()}, {rounds} rounds, {how}, medians\n")
    print("| | " + " | ".join(columns) + " |\n|" + "---|" * (len(columns) + 1))


def verdict(name, value, mark, at_least=True):
    met = value >= mark if at_least else value <= mark
    print(f"{name} {value:.3f}  mark {'≥' if at_least else '≤'} {mark}  {'met' if met else 'MISSED'}")
    return met
