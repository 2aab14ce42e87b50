"""How long planning takes: power of a large round, and a curve for flagging agents.

The first line is a whole process with 10,000 tests, per method; the second the simulation of
200 agents with ten numbers of tests and 1,000 lists each, per flag rule; the third the same
decisions made list by list with `flags.decide`, on a sample, as what it is measured against.
Usage: python benchmarks/power.py [--runs 3]
"""

import argparse
import subprocess
import sys
import time
from statistics import median

import numpy as np

from praktijktest.rounds.power_target import curve_numbers
from praktijktest.statistics.flags import decide
from praktijktest.statistics.power_decisions import SIMULATED_RULES
from praktijktest.statistics.power_market import METHODS
from praktijktest.statistics.power_targets import AgentType, flat_plan

AGENTS = (AgentType(30, 0.5, 0.05, True), AgentType(170, 0.12, 0.12, False))
LISTS = 1000
SAMPLE = 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    print("power market, 10,000 tests, whole process")
    for method in METHODS:
        print(f"  {method:22} {median(process(method) for _ in range(runs)):6.2f} s")
    print(f"power target, 200 agents x 10 numbers of tests x {LISTS:,} lists")
    for rule in SIMULATED_RULES:
        print(f"  {rule:22} {median(curve(rule) for _ in range(runs)):6.2f} s")
    print(f"the same with flags.decide list by list (from {SAMPLE} lists per number)")
    print(f"  {'discrete-fdr':22} {one_by_one() * LISTS / SAMPLE:6.2f} s")


def process(method: str) -> float:
    command = [sys.executable, "-m", "praktijktest", "power", "market", "--only-control", "0.2"]
    command += ["--only-test", "0.18", "--tests", "10000", "--method", method, "--json"]
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - began


def curve(rule: str) -> float:
    began = time.perf_counter()
    for tests in curve_numbers(12):
        rng = np.random.default_rng([1, tests])
        flat_plan(AGENTS, tests, rule=rule, alpha=0.05, simulations=LISTS, rng=rng)
    return time.perf_counter() - began


def one_by_one() -> float:
    began = time.perf_counter()
    for tests in curve_numbers(12):
        rng = np.random.default_rng([1, tests])
        for _ in range(SAMPLE):
            drawn = [rng.binomial(tests, kind.discordance, kind.count) for kind in AGENTS]
            wins = [rng.binomial(d, kind.share) for d, kind in zip(drawn, AGENTS, strict=True)]
            won = np.concatenate(wins)
            decide("discrete-fdr", won, np.concatenate(drawn) - won, 0.05)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
