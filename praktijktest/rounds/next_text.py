"""What `next` says on a terminal."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from praktijktest.rounds.next import NextTests

_WORDS: Final = {
    "open": "open",
    "flag": "flagged",
    "release": "released",
    "undecided": "undecided",
}
_WHY: Final = {
    "out-of-reach": "no result of the remaining tests can decide it",
    "underway": "its last tests have no result yet",
    "cap": "the cap on applications is reached",
    "no-tests-left": "the plan has no test left for it",
}
_HEADER: Final = (
    "target", "contrast", "tests", "only control", "only test", "e-value", "left", "send",
)  # fmt: skip
Cells = tuple[str, ...]


def next_lines(found: "NextTests", most: int) -> list[str]:
    """The counts, the targets to test next, those that wait, and the decided."""
    counts = found.counts()
    moment = f" up to {found.as_of:%Y-%m-%d}" if found.as_of else ""
    lines = [
        f"{counts['targets']} targets and contrasts, {counts['tests']} valid tests{moment}: "
        f"{counts['flag']} flagged, {counts['release']} released, {counts['undecided']} undecided, "
        f"{counts['open']} open."
    ]
    to_test = [row for row in found.rows if row["next"]["tests"]]
    lines += ["", f"Test next ({counts['to_send']} tests, most needed first)"]
    lines += _table(to_test, most) or ["  nobody"]
    lines += _waiting(found.rows)
    for decision in ("flag", "release", "undecided"):
        decided = [row for row in found.rows if row["decision"] == decision]
        if decided:
            lines += ["", f"{_WORDS[decision].capitalize()} ({len(decided)})"]
            lines += _table(decided, most)
    lines += _list_of_all(found)
    return lines


def _waiting(rows: Sequence[dict[str, Any]]) -> list[str]:
    lines = []
    for reason, words in _WHY.items():
        waiting = [row for row in rows if row["next"]["why_none"] == reason]
        if waiting:
            free = min((r["next"]["free_on"] for r in waiting if r["next"]["free_on"]), default="")
            until = f" (the first is free on {free})" if free else ""
            lines.append(f"  {len(waiting)} not tested now: {words}{until}")
    return lines


def _table(rows: Sequence[dict[str, Any]], most: int) -> list[str]:
    """Rows as aligned columns; what is too long is counted."""
    if not rows:
        return []
    cells = [_HEADER, *map(_cells, rows[:most])]
    widths = [max(len(row[column]) for row in cells) for column in range(len(_HEADER))]
    lines = [
        "  "
        + "  ".join(
            text.ljust(width) if column in (0, 1, len(widths) - 1) else text.rjust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]
    if len(rows) > most:
        lines.append(f"  … and {len(rows) - most} more; --json lists them all")
    return lines


def _cells(row: dict[str, Any]) -> Cells:
    e_value, proposal = row["e_value"], row["next"]
    ids = ", ".join(proposal["test_ids"])
    number = str(proposal["tests"]) if proposal["tests"] else ""
    evidence = f"{e_value:.3g}" if e_value is not None else f"e^{row['log_e_value']:.0f}"
    return (
        row["target"],
        row["contrast"],
        str(row["tests"]),
        str(row["wins"]),
        str(row["losses"]),
        evidence,
        str(row["remaining"]),
        f"{number} ({ids})" if ids else number,
    )


def _list_of_all(found: "NextTests") -> list[str]:
    """What may be said of the list as a whole, and of fresh tests."""
    counts = found.counts()
    alpha = found.design.sequential.alpha if found.design.sequential else 0.0
    lines = [
        "",
        f"A target that favours nobody is flagged with chance {alpha:.3g} at most. If none of "
        f"the {counts['targets']} favoured anybody, {counts['targets'] * alpha:.1f} flags would be "
        f"expected at most.",
        f"With a false discovery rate of at most {alpha:.3g} over the whole list "
        f"{counts['flagged_in_list']} flags stand (e-BH).",
    ]
    if any(row["fresh"] for row in found.rows):
        confirmed, released = counts["fresh_confirmed"], counts["fresh_released"]
        lines.append(f"Fresh tests: {confirmed} confirmed, {released} released.")
    return lines
