"""Calibrate every flag rule: is its error rate what it says, and how much does it find?

Writes calibration.json and calibration.md beside this file, the table into
docs/methods/flags.md, and figures into docs/methods/ where matplotlib is installed. The
numbers do not depend on the number of workers.
Usage: python benchmarks/calibration/run.py [--rounds 250] [--workers N] [--seed 1] [--dry]
"""

import argparse
import json
import os
import sys
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "methods" / "flags.md"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=250, help="per population")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--dry", action="store_true", help="print the table, write nothing")
    options = parser.parse_args()
    if options.rounds < 2 or options.workers < 1:
        parser.error("at least 2 rounds and 1 worker are needed")
    # One thread per worker: the workers keep the cores busy by themselves. Libraries read
    # this when they are loaded, which is why that comes later.
    for library in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(library, "1")
    from tables import figures, markdown, put_into

    results = calibrate(options.rounds, options.workers, options.seed)
    table = markdown(results)
    print(table)
    if options.dry:
        return
    text = json.dumps({"seed": options.seed, "populations": results}, indent=1)
    (HERE / "calibration.json").write_text(text + "\n", encoding="utf-8")
    (HERE / "calibration.md").write_text(table, encoding="utf-8")
    put_into(PAGE, table)
    if not figures(results, PAGE.parent):
        print("matplotlib is not installed: no figures", file=sys.stderr)


def calibrate(rounds: int, workers: int, seed: int) -> list[dict]:
    """Every population's summary, in their order."""
    import numpy as np
    from measure import summary, tasks, work
    from populations import POPULATIONS

    todo = tasks(rounds, seed)
    parts: dict[int, dict[int, Any]] = defaultdict(dict)
    with ProcessPoolExecutor(workers) as pool:
        for done, (place, first, counts) in enumerate(pool.map(work, todo), start=1):
            parts[place][first] = counts
            progress(done, len(todo))
    return [
        summary(population, np.concatenate([parts[place][k] for k in sorted(parts[place])]))
        for place, population in enumerate(POPULATIONS)
    ]


def progress(done: int, total: int) -> None:
    """A bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        return
    filled = 40 * done // total
    end = "\n" if done == total else ""
    print(f"\r[{'#' * filled}{'.' * (40 - filled)}] {done}/{total}", end=end, file=sys.stderr)


if __name__ == "__main__":
    main()
