"""Time `praktijktest ingest` on ten thousand to a million rows, and on the same file again.

Wall time, processor time and peak memory are those of the whole process; the sizes of the two
stores are what is left on disk.
Usage: python benchmarks/ingest.py [--sizes 10000 100000 1000000] [--log lean|full]
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from million import HERE, LEAN, make_log, measured


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--log", choices=("lean", "full"), default="lean")
    options = parser.parse_args()
    columns = LEAN if options.log == "lean" else None
    print(f"{'rows':>10} {'reading':<7} {'wall s':>7} {'cpu s':>7} {'peak MB':>8} {'stores MB':>9}")
    for size in options.sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            rows = make_log(folder / "log.csv", size, columns)
            shutil.copy(HERE / "million.toml", folder / "design.toml")
            command = [sys.executable, "-m", "praktijktest", "ingest", str(folder / "log.csv")]
            command += ["--round", name, "--who", "benchmark", "--quiet"]
            for reading in ("first", "again"):
                run = measured(command)
                stored = sum(file.stat().st_size for file in folder.glob("*.db")) / 1e6
                print(
                    f"{rows:>10,} {reading:<7} {run.wall:>7.1f} {run.processor:>7.1f} "
                    f"{run.memory:>8.0f} {stored:>9.0f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
