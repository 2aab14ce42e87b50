"""Seconds and peak memory of a report on 5,000 targets in every format.

Each format is rendered in a process of its own, so that its peak is its own.
Usage: python benchmarks/reports.py
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from praktijktest.simulation import one_ground, simulate_round, write_csv

TARGETS, SEED = 5_000, 2026
DESIGN = Path(__file__).parent / "million.toml"
MEASURE = Path(__file__).parent / "measure.py"


def analysis_document(folder: Path) -> Path:
    """Analyse a simulated round of 5,000 targets; the path of its analysis document."""
    from praktijktest.rounds.analyse import analyse
    from praktijktest.rounds.report_folder import document_json

    log = folder / "log.csv"
    write_csv(dict(simulate_round(one_ground(TARGETS), seed=SEED).log), log)
    path = folder / "analysis.json"
    with path.open("wb") as stream:
        stream.writelines(document_json(analyse(log, DESIGN).to_dict()))
    return path


def render_one(path: Path, name: str) -> None:
    """Render one format, as a process of its own."""
    from praktijktest.rounds.renderings import SourceDocument, Sources, rendered, renderings_of

    document = json.loads(path.read_bytes())
    sources = Sources((SourceDocument(document, "0" * 64),))
    ((_, content),) = rendered(sources, renderings_of("full", ["nl"], [name]))
    path.with_name(f"report.{name}").write_bytes(content)


def main() -> None:
    """Print one line per format and the total."""
    from praktijktest.reporting.formats import FORMATS

    if len(sys.argv) == 3:
        render_one(Path(sys.argv[1]), sys.argv[2])
        return
    with tempfile.TemporaryDirectory() as scratch:
        path = analysis_document(Path(scratch))
        total = 0.0
        for name in FORMATS:
            command = [sys.executable, str(MEASURE), sys.executable, __file__, str(path), name]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            wall, processor, memory = map(float, done.stdout.split())
            size = path.with_name(f"report.{name}").stat().st_size / 1e6
            total += wall
            print(
                f"{name:5} {wall:5.1f} s wall {processor:5.1f} s processor "
                f"peak {memory:4.0f} MB, file {size:.2f} MB"
            )
        print(f"total {total:5.1f} s")


if __name__ == "__main__":
    main()
