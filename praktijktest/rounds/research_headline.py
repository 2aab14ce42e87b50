"""The headline table of a round beside its data, and scripts that work it out again."""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from praktijktest.problems import Problem
from praktijktest.rounds.export_folder import write

CONTRASTS: Final = "contrasts.csv"
HEADLINE: Final = "headline.csv"
SCRIPTS: Final = ("replicate.py", "replicate.R")
CELLS: Final = ("both", "only_control", "only_test", "neither")
RATES: Final = ("net_rate_usable", "net_rate_all", "mcnemar_midp")
LIMITS: Final = ("net_rate_usable_low", "net_rate_usable_high")
CLUSTERED: Final = "targets-like-these"
APART: Final = "|"
"""Between levels or columns in one cell of `contrasts.csv`."""

Columns = dict[str, dict[str, str]]


def headline_files(
    folder: Path, document: Mapping[str, Any], rules: Sequence[str]
) -> tuple[Columns, list[Problem]]:
    """Write what the scripts read beside `applications.csv`, and the scripts.

    Only what can be worked out from the exported applications stands in the table: the Python
    script is run here, and a number it does not find again is left out with a warning.

    Args:
        folder: the export, with `applications.csv` written.
        document: the analysis document.
        rules: columns of `applications.csv` that say what is positive.

    Returns:
        Type of every column of the two tables, by file (nothing for rounds without paired
        tests, which have no four cells); and warnings.
    """
    from praktijktest.rounds.replication.replicate import differences, headline, read
    from praktijktest.tables import plain_csv

    paired = [
        entry
        for entry in document["contrasts"]
        if entry["stratum"] is None
        and entry.get("cells") is not None
        and f"positive:{entry['rule']}" in rules
    ]
    applications = read(folder / "applications.csv")
    specified = [_specification(document, entry, applications) for entry in paired]
    usable = [(entry, row) for entry, row in zip(paired, specified, strict=True) if row is not None]
    if not usable:
        return {}, _unrepeatable(paired)
    header = ["contrast", "rule", "column", "control", "tests", "within", "several", "confidence"]
    write(folder / CONTRASTS, plain_csv(header, [row for _, row in usable]))
    numbers = ["contrast", "rule", *CELLS, *RATES, *LIMITS]
    rows = [_published(entry) for entry, _ in usable]
    write(folder / HEADLINE, plain_csv(numbers, rows))
    wrong = differences(headline(folder), read(folder / HEADLINE))
    if wrong:
        # The document clusters by something that is not in the applications, or a rule of
        # reading needs more than they hold: what is not found again is not promised.
        lost = {tuple(line.split(": ")[0].rsplit(", ", 2)) for line in wrong}
        rows = [
            [
                None if (row[0], row[1], name) in lost else value
                for name, value in zip(numbers, row, strict=True)
            ]
            for row in rows
        ]
        write(folder / HEADLINE, plain_csv(numbers, rows))
    source = files("praktijktest.rounds.replication")
    for name in SCRIPTS:
        write(folder / name, source.joinpath(name).read_bytes())
    types = dict.fromkeys(header, "string") | {"confidence": "number"}
    found = dict.fromkeys(numbers, "number") | dict.fromkeys(CELLS, "integer")
    found |= dict.fromkeys(("contrast", "rule"), "string")
    missing = [entry for entry, row in zip(paired, specified, strict=True) if row is None]
    return {CONTRASTS: types, HEADLINE: found}, [*_unrepeatable(missing), *_lost(wrong)]


def _specification(
    document: Mapping[str, Any], entry: Mapping[str, Any], applications: Any
) -> list[Any] | None:
    """What a script must know of a contrast; None where its columns are not in the file."""
    from praktijktest.tables.writing import neutral

    column = _column(entry["attribute"])
    if column not in applications:
        return None
    values = set(applications[column])
    test = entry["test"]
    levels = [test] if test in values else test.split("+")
    within = [name for name in map(_column, entry["within"]) if name in applications]
    rule = document["method"]["same_profile"]
    cells = [entry["control"], *levels, *within]
    # A level that had to be made inert for spreadsheets is not told apart in a joined cell.
    if entry["control"] not in values or any(APART in c or c != neutral(c) for c in cells):
        return None
    return [
        entry["id"],
        entry["rule"],
        column,
        entry["control"],
        APART.join(levels),
        APART.join(within),
        "first" if rule == "first" else "best",
        document["method"]["confidence"],
    ]


def _column(attribute: str) -> str:
    return "profile" if attribute == "profile" else f"attribute:{attribute}"


def _published(entry: Mapping[str, Any]) -> list[Any]:
    """The numbers of a contrast as the analysis document has them."""
    value = {found["name"]: found["value"] for found in entry["estimates"]}
    midp = {found["name"]: found["p"] for found in entry["significance"]}["mcnemar_midp"]
    clustered = next(
        (
            found
            for found in entry["estimates"]
            if found["name"] == "net_rate_usable" and found["scope"] == CLUSTERED
        ),
        {"low": None, "high": None},
    )
    return [
        entry["id"],
        entry["rule"],
        *(entry["cells"][name] for name in CELLS),
        value["net_rate_usable"],
        value["net_rate_all"],
        midp,
        clustered["low"],
        clustered["high"],
    ]


def _unrepeatable(entries: Sequence[Mapping[str, Any]]) -> list[Problem]:
    names = list(dict.fromkeys(entry["id"] for entry in entries))
    return [
        Problem(
            code="not-in-headline",
            level="warning",
            message=f"contrast {name!r} is not in headline.csv: its levels or columns cannot be "
            "told from the exported applications",
        )
        for name in names
    ]


def _lost(wrong: Sequence[str]) -> list[Problem]:
    return [
        Problem(
            code="number-not-in-headline",
            level="warning",
            message=f"left out of headline.csv, for the scripts do not find it again: {line}",
        )
        for line in wrong
    ]
