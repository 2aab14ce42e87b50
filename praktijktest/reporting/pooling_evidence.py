"""Reads the pooling document: estimates as people read them, and what they show."""

from collections.abc import Mapping
from typing import Any

from praktijktest.language import Message, message
from praktijktest.reporting.blocks import Column, Estimated, Evidence, Kind
from praktijktest.reporting.evidence import MEASURES, Entry, evidence_of
from praktijktest.reporting.wording import verbatim
from praktijktest.vocabulary import GROUNDS


def measure_label(document: Entry) -> Message:
    """What was pooled, with its denominator."""
    return message(f"estimate.{document['measure']}")


def is_ratio(document: Entry) -> bool:
    """Whether the measure is a ratio, pooled as a logarithm."""
    return MEASURES[document["measure"]].unit == "ratio"


def number(document: Entry, summary: Mapping[str, Any] | None) -> Estimated:
    """An effect of the document as people read it; all None where there is none."""
    unit = MEASURES[document["measure"]].unit
    if summary is None:
        return Estimated(None, None, None, unit)
    shown = summary["back_transformed"]
    return Estimated(shown.get("value"), shown["low"], shown["high"], unit)


def evidence(document: Entry, summary: Mapping[str, Any] | None) -> Evidence:
    """Which arm an effect with its interval favours."""
    return evidence_of(document["measure"], number(document, summary))


def in_words(document: Entry, found: Estimated, kind: str = "estimate") -> Message:
    """A number within a text: with its interval, alone, or the interval alone.

    Args:
        document: the pooling document.
        found: the number.
        kind: "estimate", "number", "range" (between … and …) or "span" (… to …).
    """
    scale = "ratio" if found.unit == "ratio" else "percent"
    values = {"value": found.value, "low": found.low, "high": found.high}
    ends = ("low", "high")
    wanted = {"estimate": ("value", *ends), "number": ("value",), "range": ends, "span": ends}
    return message(f"pooling.{kind}_{scale}", **{name: values[name] for name in wanted[kind]})


def deviation(document: Entry, variance: float) -> Message:
    """A variance as a standard deviation: of logarithms, or in per cent."""
    scale = "ratio" if is_ratio(document) else "percent"
    return message(f"pooling.number_{scale}", value=variance**0.5)


def ground_label(entry: Entry) -> Message:
    """A ground in everyday words, or as the table calls it."""
    code = entry["ground"]
    if code is None:
        return message("pooling.no_ground")
    return message(f"ground.{code}") if code in GROUNDS else verbatim(code)


def how_many(entry: Entry) -> Message:
    """How many results of how many studies."""
    studies = message("pooling.studies", count=entry["studies"])
    if entry["effects"] == entry["studies"]:
        return studies
    results = message("pooling.effects", count=entry["effects"])
    return message("pooling.effects_in_studies", effects=results, studies=studies)


def pooled_column(key: str, kind: Kind) -> Column:
    """A column of the tables of this report."""
    return Column(message(f"pooling.column.{key}"), kind)


def table_id(name: str, place: int) -> str:
    """A fixed name of a table of one ground."""
    return f"{name}-{place + 1}"
