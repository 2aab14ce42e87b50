"""Time every flag rule, fragile flags and the report card against the number of targets.

Processor seconds of one process, best of three. Usage: python benchmarks/flags.py
"""

import time
from collections.abc import Callable

import numpy as np

from praktijktest.statistics.flags import AVAILABLE_RULES, decide, fragile
from praktijktest.statistics.grades import report_card

SIZES = (100, 1_000, 10_000, 100_000)


def draw(targets: int, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Counts of a list: 4 to 20 tests per target, 15 % of targets discriminate."""
    guilty = rng.random(targets) < 0.15
    tests = rng.integers(4, 21, targets)
    wins = rng.binomial(tests, np.where(guilty, 0.5, 0.12))
    losses = rng.binomial(tests - wins, np.where(guilty, 0.1, 0.12 / 0.88))
    return wins, losses, tests


def best(work: Callable[..., object], *arguments: object, **named: object) -> float:
    found = []
    for _ in range(3):
        start = time.process_time()
        work(*arguments, **named)
        found.append(time.process_time() - start)
    return min(found)


def main() -> None:
    rng = np.random.default_rng(1)
    lists = {size: draw(size, rng) for size in SIZES}
    print("| rule | " + " | ".join(f"{size:,}" for size in SIZES) + " |")
    print("|---|" + "---|" * len(SIZES))
    for rule in AVAILABLE_RULES:
        seconds = [best(decide, rule, w, x, 0.05, tests=n) for w, x, n in lists.values()]
        print(f"| {rule} | " + " | ".join(f"{value:.3f}" for value in seconds) + " |")
    rule = "adaptive-discrete-fdr"
    seconds = []
    for wins, losses, tests in lists.values():
        flags = decide(rule, wins, losses, 0.05, tests=tests).flagged
        seconds.append(best(fragile, rule, wins, losses, 0.05, flags, tests=tests))
    print("| fragile flags of the default rule | " + " | ".join(f"{v:.3f}" for v in seconds) + " |")
    wins, losses, tests = draw(500, rng)
    other = tests - wins - losses
    cells = np.stack([np.zeros_like(wins), wins, losses, other], axis=1)
    print(f"\nreport card of 500 targets: {best(report_card, cells):.3f} s")


if __name__ == "__main__":
    main()
