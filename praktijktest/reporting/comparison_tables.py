"""The tables of a comparison, as values for files."""

from collections.abc import Iterator, Sequence
from typing import Any

from praktijktest.reporting.evidence import Entry

TableOfValues = tuple[Sequence[str], Iterator[Sequence[Any]]]

FOUND = ("value", "se", "low", "high", "p", "df", "clusters")
ABOUT = ("tests", "n", "targets")
STOOD_OUT = (
    "level",
    "targets",
    "tests_before",
    "tests_after",
    "before",
    "expected",
    "low",
    "high",
)


def comparison_tables(comparison: Entry) -> dict[str, TableOfValues]:
    """Every table of a comparison: file name -> header and rows.

    Args:
        comparison: the comparison document.
    """
    labels = [row["label"] for row in comparison["rounds"]]
    tables: dict[str, TableOfValues] = {
        "rates.csv": (
            ["contrast", "measure", "round", *ABOUT, *FOUND],
            _rows(comparison, "rates", labels, (*ABOUT, *FOUND)),
        ),
        "changes.csv": (
            ["contrast", "measure", "from", "to", "recurring_targets", *FOUND],
            _rows(comparison, "changes", labels, ("recurring_targets", *FOUND)),
        ),
        "composition.csv": (
            ["contrast", "measure", "from", "to", "who", "targets", "round", "tests", *FOUND],
            _composition(comparison, labels),
        ),
    }
    if len(labels) > 2:
        header = ["contrast", "measure", "per", *FOUND]
        tables["trends.csv"] = (header, _trends(comparison))
    if comparison["treated"] is not None:
        header = ["contrast", "measure", "round", "group", *ABOUT, *FOUND]
        tables["groups.csv"] = (header, _groups(comparison, labels))
        header = ["contrast", "measure", "from", "to", *FOUND]
        rows = _rows(comparison, "difference_in_differences", labels, FOUND)
        tables["differences.csv"] = (header, rows)
    if any(contrast["stood_out"] for contrast in comparison["contrasts"]):
        header = ["contrast", "from", "to", *STOOD_OUT, "after", "after_low", "after_high"]
        tables["stood_out.csv"] = (header, _stood_out(comparison, labels))
    return tables


def _rows(
    comparison: Entry, part: str, labels: Sequence[str], values: Sequence[str]
) -> Iterator[Sequence[Any]]:
    for contrast in comparison["contrasts"]:
        for row in contrast[part]:
            places = [labels[row[name]] for name in ("round", "from", "to") if name in row]
            yield [
                contrast["id"],
                row["measure"],
                *places,
                *(row[name] for name in values),
            ]


def _trends(comparison: Entry) -> Iterator[Sequence[Any]]:
    for contrast in comparison["contrasts"]:
        for row in contrast["trends"]:
            unit = comparison["time"]["unit"]
            yield [contrast["id"], row["measure"], unit, *(row[name] for name in FOUND)]


def _groups(comparison: Entry, labels: Sequence[str]) -> Iterator[Sequence[Any]]:
    for contrast in comparison["contrasts"]:
        for row in contrast["groups"]:
            about = [contrast["id"], row["measure"], labels[row["round"]]]
            for group in ("treated", "others"):
                yield [*about, group, *(row[group][name] for name in (*ABOUT, *FOUND))]
            found = [row["difference"][name] for name in FOUND]
            yield [*about, "difference", *(None for _ in ABOUT), *found]


def _composition(comparison: Entry, labels: Sequence[str]) -> Iterator[Sequence[Any]]:
    for contrast in comparison["contrasts"]:
        for row in contrast["composition"]:
            about = [contrast["id"], row["measure"], labels[row["from"]], labels[row["to"]]]
            for who, part, place in (
                ("stayed", "stayed_before", "from"),
                ("stayed", "stayed_after", "to"),
                ("left", "left_before", "from"),
                ("new", "new_after", "to"),
            ):
                found = row[part]
                yield [
                    *about,
                    who,
                    row[who],
                    labels[row[place]],
                    found["tests"],
                    *(found[name] for name in FOUND),
                ]


def _stood_out(comparison: Entry, labels: Sequence[str]) -> Iterator[Sequence[Any]]:
    for contrast in comparison["contrasts"]:
        for row in contrast["stood_out"]:
            after = row["after"]
            yield [
                contrast["id"],
                labels[row["from"]],
                labels[row["to"]],
                *(row[name] for name in STOOD_OUT),
                after["value"],
                after["low"],
                after["high"],
            ]
