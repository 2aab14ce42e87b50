"""Time the whole program on ten thousand, a hundred thousand and a million applications.

Beside it runs `bare_script.py` on the same file, in turns. Wall time, processor time and peak
memory are those of the whole process, from its start to its end.
Usage: python benchmarks/million.py [--runs 3] [--sizes 10000 100000 1000000] [--log lean|full]
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from praktijktest.simulation import one_ground, simulate_round, write_csv

HERE = Path(__file__).parent
TESTS_PER_TARGET = 12
LEAN = ("test", "target", "agent_type", "profile", "position", "outcome")
"""Columns of the lean log: what the analysis needs; without times and remarks."""


@dataclass(frozen=True, slots=True)
class Run:
    """One process: wall and processor time in seconds, peak memory in megabytes."""

    wall: float
    processor: float
    memory: float


def measured(command: list[str]) -> Run:
    """Run a command and measure its whole process."""
    made = subprocess.run(
        [sys.executable, str(HERE / "measure.py"), *command],
        cwd=HERE.parent,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if made.returncode:
        sys.exit(f"{' '.join(command)} ended with {made.returncode}")
    return Run(*map(float, made.stdout.split()))


def make_log(path: Path, applications: int, columns: tuple[str, ...] | None) -> int:
    """Write a log of about this many applications; returns its number of rows."""
    targets = round(applications / (2 * TESTS_PER_TARGET * 0.992))
    log = simulate_round(one_ground(targets), seed=applications).log
    write_csv({name: log[name] for name in columns or log}, path)
    return len(log["test"])


def compare(log: Path, folder: Path, runs: int) -> dict[str, list[Run]]:
    """Run both programs in turns."""
    ours = [sys.executable, "-m", "praktijktest", "analyse", str(log), "--quiet"]
    ours += ["--design", str(HERE / "million.toml"), "--out", str(folder / "report")]
    bare = [sys.executable, str(HERE / "bare_script.py"), str(log), str(folder / "bare.csv")]
    found: dict[str, list[Run]] = {"praktijktest": [], "bare script": []}
    for _ in range(runs):
        found["praktijktest"].append(measured(ours))
        found["bare script"].append(measured(bare))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3, help="alternating runs per size")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--log", choices=("lean", "full"), default="lean")
    options = parser.parse_args()
    columns = LEAN if options.log == "lean" else None
    print(f"{'applications':>12} {'program':<13} {'wall s':>7} {'cpu s':>7} {'peak MB':>8}")
    for size in options.sizes:
        with tempfile.TemporaryDirectory() as name:
            log = Path(name) / "log.csv"
            rows = make_log(log, size, columns)
            for program, runs in compare(log, Path(name), options.runs).items():
                wall = statistics.median(run.wall for run in runs)
                processor = statistics.median(run.processor for run in runs)
                memory = statistics.median(run.memory for run in runs)
                print(f"{rows:>12,} {program:<13} {wall:>7.2f} {processor:>7.2f} {memory:>8.0f}")


if __name__ == "__main__":
    main()
