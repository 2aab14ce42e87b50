"""A process that appends to a ledger and says what was stored: for kills and many writers.

Usage: python -m tests.fieldwork.appending FOLDER STORE WRITER TIMES SIZE
"""

import sys
from pathlib import Path

from praktijktest.fieldwork.events import NewEvent
from praktijktest.fieldwork.ledger import open_ledger

ROUND = "gent"


def events(writer: str, turn: int, size: int) -> list[NewEvent]:
    """What a writer appends in one turn."""
    return [
        NewEvent("note", f"t{turn}", f"{writer}-{turn}", values={"note": f"{writer} {turn} {n}"})
        for n in range(size)
    ]


def main(folder: str, store: str, writer: str, times: str, size: str) -> None:
    with open_ledger(Path(folder), ROUND, store=store or None) as ledger:
        for turn in range(int(times)):
            with ledger.writing(f"P-{writer}") as writing:
                head = writing.append(events(writer, turn, int(size)))
            # Only now is it stored, and only now may anybody be told so.
            sys.stdout.write(f"{turn} {head.sequence} {head.hash}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
