"""The tables of a report folder: raw numbers and codes, for other programs to read."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from praktijktest.reporting.evidence import CELLS, Entry
from praktijktest.reporting.outcome_tables import outcome_tables

Rows = Iterable[Sequence[Any]]
TableOfValues = tuple[list[str], Rows]

ENDS = ("low", "high")

WHICH = ["contrast", "rule", "primary", "stratum_by", "stratum_level"]
"""Columns that say which contrast, rule and stratum a row is about."""


PAIRED = ["ground", "control", "test", "tests", "clusters"]
ABOUT = {
    "paired": PAIRED,
    "set": PAIRED,
    "single": ["ground", "control", "test", "clusters"],
    "mystery": ["ground", "request"],
}
"""Columns that say what a row compares, by kind of test."""

OVERALL = [
    "contrast",
    "rule",
    "name",
    "statistic",
    "degrees",
    "p",
    "p_dealt",
    "n",
    "informative",
]


def report_tables(analysis: dict[str, Any]) -> dict[str, TableOfValues]:
    """Header and rows of every table, by file name.

    Rows are made when they are read: each can be gone through once. Numbers are as the
    analysis document holds them; what does not exist is None.

    Args:
        analysis: the analysis document.
    """
    data = analysis["data"]
    return {
        "contrasts.csv": _estimates(analysis),
        **_counts(analysis),
        "overall.csv": _plain(analysis["overall"], OVERALL),
        "significance.csv": _per_contrast(
            analysis, "significance", ["name", "p", "statistic", "alternative"]
        ),
        "intervals.csv": _per_contrast(
            analysis, "intervals", ["estimate", "method", "scope", "low", "high", "confidence"]
        ),
        "levels.csv": _plain(
            analysis["levels"],
            ["contrast", "level", "arm", "rule", "positive", "applications", "rate"],
        ),
        "outcomes.csv": _plain(
            analysis["outcomes"], ["contrast", "level", "arm", "outcome", "applications"]
        ),
        "models.csv": _models(analysis["models"]),
        "targets.csv": _targets(analysis["targets"]),
        "sensitivity.csv": _sensitivity(analysis["sensitivity"]),
        **outcome_tables(analysis),
        "failed.csv": _failed(data),
        "problems.csv": _plain(
            data["problems"],
            ["code", "level", "file", "row", "column", "value", "message", "hint", "count"],
        ),
    }


def _which(entry: Entry) -> list[Any]:
    stratum = entry["stratum"] or {"by": None, "level": None}
    return [entry["id"], entry["rule"], entry["primary"], stratum["by"], stratum["level"]]


def _plain(rows: Iterable[Entry], header: list[str]) -> TableOfValues:
    return header, ([row[name] for name in header] for row in rows)


def _per_contrast(analysis: Entry, part: str, header: list[str]) -> TableOfValues:
    rows = (
        [*_which(contrast), *(entry[name] for name in header)]
        for contrast in analysis["contrasts"]
        for entry in contrast[part]
    )
    return [*WHICH, *header], rows


def _estimates(analysis: Entry) -> TableOfValues:
    about = [*ABOUT[analysis["round"]["kind"]], "targets"]
    values = ["value", "low", "high", "confidence", "method", "denominator", "n"]
    rows = (
        [
            *_which(contrast),
            *(contrast[name] for name in about),
            estimate["name"],
            estimate["scope"],
            *(estimate[name] for name in values),
        ]
        for contrast in analysis["contrasts"]
        for estimate in contrast["estimates"]
    )
    return [*WHICH, *about, "estimate", "scope", *values], rows


def _counts(analysis: Entry) -> dict[str, TableOfValues]:
    """Four cells, the two groups or the calls, whichever the kind of test has."""
    kind = analysis["round"]["kind"]
    if kind == "mystery":
        header = [*WHICH, "ground", "request", "complied", "unclear", "n", "targets"]
        rows = (
            [
                *_which(entry),
                entry["ground"],
                entry["request"],
                *entry["calls"].values(),
                entry["targets"],
            ]
            for entry in analysis["contrasts"]
        )
        records = _plain(
            analysis["records"], ["target", "pseudonym", "call", "outcome", "evidence"]
        )
        return {"calls.csv": (header, rows), "records.csv": records}
    if kind == "single":
        header = ["control_positive", "control_n", "test_positive", "test_n"]
        rows = (
            [
                *_which(entry),
                *(entry[name] for name in ABOUT[kind]),
                *entry["groups"]["control"].values(),
                *entry["groups"]["test"].values(),
            ]
            for entry in analysis["contrasts"]
        )
        return {"groups.csv": ([*WHICH, *ABOUT[kind], *header], rows)}
    return {"cells.csv": _cells(analysis)}


def _cells(analysis: Entry) -> TableOfValues:
    about = ["ground", "control", "test"]
    counts = [
        "n",
        "tests",
        "tests_incomplete",
        "tests_not_applicable",
        "tests_pending",
        "targets",
        "clusters",
    ]
    signs = ["control_favoured", "test_favoured", "equal"]
    rows = (
        [
            *_which(contrast),
            *(contrast[name] for name in about),
            *_four(contrast["cells"]),
            *(contrast[name] for name in counts),
            *(contrast["signs"][name] for name in signs),
        ]
        for contrast in analysis["contrasts"]
    )
    return [*WHICH, *about, *CELLS, *counts, *signs], rows


def _four(cells: Entry | None) -> list[int | None]:
    return [None if cells is None else cells[name] for name in CELLS]


def _models(models: Sequence[Entry]) -> TableOfValues:
    """One row per term; a model without terms has one row with its messages."""
    about = ["contrast", "name", "rule", "cluster", "clusters", "n", "correction", "joint_p"]
    term = ["name", "coef", "se", "p", "low", "high", "df", "p_bootstrap", "p_holm"]
    rows = (
        [
            *(model[name] for name in about),
            *(found.get(name) for name in term),
            "; ".join(message["message"] for message in model["messages"]),
        ]
        for model in models
        for found in (model["terms"] or [{}])
    )
    return [*about[:1], "model", *about[2:], "term", *term[1:], "messages"], rows


def _targets(targets: Sequence[Entry]) -> TableOfValues:
    first = ["target", "pseudonym", "contrast", "state", "fragile", "n"]
    last = ["net_rate_all", "net_rate_usable", "discordant", "favoured", "p", "p_midp", "q"]
    rules = list(targets[0]["rules"]) if targets else []
    header = [
        *first,
        *CELLS,
        *last,
        "tests_needed",
        "power",
        *(f"{part}:{rule}" for rule in rules for part in ("q", "flagged")),
    ]
    return header, _target_rows(targets, first, last, rules)


def _target_rows(
    targets: Sequence[Entry], first: list[str], last: list[str], rules: list[str]
) -> Iterator[list[Any]]:
    for row in targets:
        values = [row[name] for name in first]
        values += _four(row["cells"])
        values += [row[name] for name in last]
        values += [row["tests_needed"], row["power"]["chance"]]
        for rule in rules:
            decided = row["rules"][rule]
            values += [decided["q"], decided["flagged"]]
        yield values


def _sensitivity(variants: Iterable[Entry]) -> TableOfValues:
    first, last = (
        ["name", "contrast", "rule"],
        ["n", "net_rate_usable", "net_rate_all", "mcnemar_midp"],
    )
    limits = ["usable_low", "usable_high", "all_low", "all_high"]
    headline = ["headline", "headline_value", "headline_low", "headline_high", "scope", "details"]
    rows = (
        [
            *(row[name] for name in first),
            *_four(row["cells"]),
            *(row[name] for name in last),
            *_limits(row),
        ]
        for row in variants
    )
    return [*first, *CELLS, *last, *limits, *headline], rows


def _limits(row: Entry) -> list[Any]:
    """Intervals of a row of the sensitivity table; documents of earlier versions have none."""
    found = {estimate["name"]: estimate for estimate in row.get("estimates", ())}
    if not found:
        return [None] * 10
    rates = [found[name][end] for name in ("net_rate_usable", "net_rate_all") for end in ENDS]
    headline = found[row["headline"]]
    details = "; ".join(f"{name}={value}" for name, value in row["details"].items())
    ends = [headline[name] for name in ("value", *ENDS, "scope")]
    return [*rates, row["headline"], *ends, details or None]


def _failed(data: Entry) -> TableOfValues:
    """Failed tests by reason, then the applications that failed by reason and profile."""
    tests = [[reason, None, count, None] for reason, count in data["tests_failed"].items()]
    applications = [
        [row["reason"], row["profile"], None, row["applications"]] for row in data["failed_by_arm"]
    ]
    return ["reason", "profile", "tests", "applications"], [*tests, *applications]
