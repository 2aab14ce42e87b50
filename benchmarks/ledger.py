"""Time a million events through the ledger: ingest, verify, snapshot and the analysis of a round.

Every step is the real command as a process of its own. Wall time, processor time and peak
memory are those of the whole process.
Usage: python benchmarks/ledger.py [--events 1000000] [--store postgresql+psycopg://…]
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.million import HERE, measured
from praktijktest.fieldwork.ledger import open_ledger
from praktijktest.simulation import one_ground, simulate_round, write_csv

TESTS_PER_TARGET = 12
EVENTS_PER_APPLICATION = 1.78
"""A sending for every application, and a reply for those that got one."""
COLUMNS = (
    "test",
    "application",
    "target",
    "agent_type",
    "profile",
    "position",
    "template",
    "channel",
    "sent_at",
    "replied_at",
    "outcome",
)


def make_round(folder: Path, events: int) -> int:
    """A round folder without a plan, and a log beside it; returns the rows of the log."""
    folder.mkdir()
    shutil.copy(HERE / "million.toml", folder / "design.toml")
    targets = round(events / EVENTS_PER_APPLICATION / (2 * TESTS_PER_TARGET))
    log = simulate_round(one_ground(targets), seed=events).log
    write_csv({name: log[name] for name in COLUMNS if name in log}, folder / "log.csv")
    return len(log["test"])


def steps(folder: Path, store: str | None) -> dict[str, list[str]]:
    """The commands in their order."""
    at = [] if store is None else ["--store", store]
    program = [sys.executable, "-m", "praktijktest"]
    return {
        "ingest": [*program, "ingest", str(folder / "log.csv"), "--round", str(folder), *at],
        "ingest again": [*program, "ingest", str(folder / "log.csv"), "--round", str(folder), *at],
        "verify": [*program, "verify", str(folder), *at],
        "snapshot": [*program, "snapshot", str(folder), *at],
        "analyse": [*program, "analyse", str(folder), "--out", str(folder / "reports/all"), *at],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--store", help="URL of a database in place of round.db")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "round"
        rows = make_round(folder, wanted.events)
        print(f"log of {rows:,} applications")
        print("| step | events | wall s | processor s | peak MB | events per second |")
        print("|---|---|---|---|---|---|")
        for name, command in steps(folder, wanted.store).items():
            run = measured([*command, "--quiet"])
            with open_ledger(folder, "speed", store=wanted.store, create=False) as ledger:
                events = ledger.head().sequence
            speed = f"{events / run.wall:,.0f}"
            print(
                f"| {name} | {events:,} | {run.wall:.1f} | {run.processor:.1f} "
                f"| {run.memory:.0f} | {speed} |"
            )


if __name__ == "__main__":
    main()
