"""An analysis document as it may be published, and what was hidden to get there."""

from collections import Counter
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final

from praktijktest.disclosure.crossings import TestPlaces
from praktijktest.disclosure.flags import without_targets
from praktijktest.disclosure.known_parts import ABOUT, known_only
from praktijktest.disclosure.patterns import blocks_of, patterns
from praktijktest.disclosure.replies import protect_failures, protect_replies
from praktijktest.disclosure.strata import MIN_TARGETS, Pattern

Document = dict[str, Any]

EMPTY: Final[dict[str, Any]] = {
    "cells": None,
    "signs": dict.fromkeys(("control_favoured", "test_favoured", "equal")),
    "groups": {arm: dict.fromkeys(("positive", "n")) for arm in ("control", "test")},
    "calls": dict.fromkeys(("complied", "unclear", "n")),
    "estimates": [],
    "intervals": [],
    "significance": [],
}
"""Parts of an entry that keep their shape when they are hidden."""

MARGINS: Final = ("tests_incomplete", "tests_not_applicable", "tests_pending")
"""Counts of a stratum that tell the size of the same stratum in another contrast."""


@dataclass(frozen=True, slots=True)
class Protected:
    """A document that may be published.

    Attributes:
        document: the analysis document; hidden numbers are None and their entry has
            `hidden` = True.
        report: what was hidden, by kind; it names no hidden stratum and tells not which of
            them was too small itself, so it may be published too.
    """

    document: Document
    report: dict[str, Any]


def protected(
    document: Mapping[str, Any], min_cell: int, places: TestPlaces | None = None
) -> Protected:
    """An analysis document without anything that singles out a target or a reply.

    Args:
        document: the analysis document; it is not changed.
        min_cell: the fewest tests, or replies of one kind, that may be shown.
        places: where every test stands; without it only the first stratification is shown,
            for nobody could say what several give away together.

    Returns:
        The protected document and what was hidden. Where no contrast is large enough, the
        document has no contrasts.
    """
    blocks = blocks_of(document)
    unsafe = [name for name, found in blocks.items() if not found[None][""].safe(min_cell)]
    known, left_out = known_only(document)
    found = _without_contrasts(known, unsafe)
    blocks = {name: part for name, part in blocks.items() if name not in unsafe}
    hidden = patterns({**document, "contrasts": found["contrasts"]}, blocks, min_cell, places)
    found["contrasts"] = _strata(found["contrasts"], hidden)
    report: dict[str, Any] = {
        "min_cell": min_cell,
        "min_targets": MIN_TARGETS,
        "contrasts": len(unsafe),
        "strata": _strata_report(found["contrasts"]),
        "crossed": places is not None,
        "left_out": left_out,
        "model_terms": _models(found["models"]),
        "replies": protect_replies(found, document, min_cell),
        "failures": protect_failures(found["data"], min_cell),
        **without_targets(found, document, min_cell),
    }
    _problems(found)
    found["disclosure"] = report
    return Protected(found, report)


def _without_contrasts(document: Mapping[str, Any], names: Iterable[str]) -> Document:
    """A copy without targets, and without the contrasts that are too small as a whole."""
    gone = set(names)
    rows = ("targets", "records")
    found = deepcopy({name: part for name, part in document.items() if name not in rows})
    found |= {name: [] for name in rows if name in document}
    declared = {c["declared"] for c in found["contrasts"] if c["id"] in gone and "declared" in c}
    found["contrasts"] = [entry for entry in found["contrasts"] if entry["id"] not in gone]
    for part in ("levels", "outcomes", "sensitivity", "models"):
        found[part] = [row for row in found[part] if row["contrast"] not in gone]
    found["overall"] = [row for row in found["overall"] if row["contrast"] not in declared | gone]
    return found


def _strata(entries: list[Document], hidden: Mapping[str, Pattern]) -> list[Document]:
    """Every entry, those of hidden levels blank, without their name and after the others.

    Neither the name nor the place in the alphabet of a hidden level is told: it may be the
    name of a firm.
    """
    shown, blank = [], []
    number: Counter[tuple[str, str, str]] = Counter()
    for entry in entries:
        stratum = entry["stratum"]
        levels = hidden[entry["id"]][stratum["by"]] if stratum else set()
        if not stratum or not levels:
            shown.append(entry)
        elif stratum["level"] not in levels:
            shown.append(entry | {name: None for name in MARGINS if name in entry})
        else:
            place = (entry["id"], entry["rule"], stratum["by"])
            number[place] += 1
            blank.append(_blank(entry, f"… {number[place]}"))
    order = {entry["id"]: place for place, entry in reversed(list(enumerate(entries)))}
    return sorted([*shown, *blank], key=lambda entry: order[entry["id"]])


def _blank(entry: Document, level: str) -> Document:
    """An entry without its numbers."""
    found: Document = {}
    for name, value in entry.items():
        if name == "stratum":
            found[name] = {"by": value["by"], "level": level}
        elif name in ABOUT:
            found[name] = value
        else:
            found[name] = deepcopy(EMPTY.get(name))
    return found | {"hidden": True}


def _strata_report(entries: Iterable[Document]) -> list[Document]:
    """How many levels of a stratification are hidden and shown, by contrast."""
    counts: dict[tuple[str, str], Counter[bool]] = {}
    for entry in entries:
        if entry["stratum"] and entry["primary"]:
            key = entry["id"], entry["stratum"]["by"]
            counts.setdefault(key, Counter())[bool(entry.get("hidden"))] += 1
    return [
        {"contrast": contrast, "by": by, "hidden": found[True], "shown": found[False]}
        for (contrast, by), found in counts.items()
    ]


def _models(models: list[Document]) -> int:
    """Take out coefficients of the levels of a category: nobody counted who is in them."""
    gone = 0
    for model in models:
        kept = [term for term in model["terms"] if ": " not in term["name"]]
        gone += len(model["terms"]) - len(kept)
        if len(kept) < len(model["terms"]):
            model["terms"], model["reference"] = kept, {}
        model["messages"] = [said for said in model["messages"] if said["code"] != "one-level"]
    return gone


def _problems(found: Document) -> None:
    """Leave of every problem what kind it is and how often it occurs."""
    bare = ("file", "row", "value", "hint")
    found["data"]["problems"] = [
        {**row, **dict.fromkeys(bare), "message": row["code"]} for row in found["data"]["problems"]
    ]
