"""Builds one report as data from an analysis document."""

from dataclasses import replace
from typing import Any, Literal

from praktijktest.language import Message, message
from praktijktest.reporting.background_sections import data_section, limits_section, method_section
from praktijktest.reporting.blocks import Report, Section
from praktijktest.reporting.calls_section import (
    calls_method_section,
    calls_section,
    records_section,
)
from praktijktest.reporting.certainty_section import certainty_section
from praktijktest.reporting.disclosure_section import disclosure_section
from praktijktest.reporting.evidence import Entry
from praktijktest.reporting.groups_section import (
    groups_chance_section,
    groups_method_section,
    groups_section,
    overall_table,
)
from praktijktest.reporting.headline_section import headline_section
from praktijktest.reporting.models_section import models_section
from praktijktest.reporting.reader_words import in_reader_words
from praktijktest.reporting.results_sections import (
    cells_section,
    chance_section,
    net_section,
    replies_section,
    rules_section,
)
from praktijktest.reporting.targets_section import targets_section
from praktijktest.reporting.wording import market, verbatim


def build_report(analysis: dict[str, Any], *, kind: Literal["full"] = "full") -> Report:
    """The report of an analysis as data, to be rendered in any language and format.

    Args:
        analysis: the analysis document, as `analysis.json` holds it.
        kind: which report; "full" has every chapter.
    """
    analysis = in_reader_words(analysis)
    hidden = disclosure_section(analysis)
    return Report(
        kind=kind,
        title=analysis["round"]["title"] or analysis["round"]["id"],
        subtitle=message(f"report.{kind}"),
        facts=tuple(_facts(analysis)),
        banners=tuple(_banners(analysis)),
        sections=(*_sections(analysis), *([hidden] if hidden else [])),
    )


def _sections(analysis: Entry) -> tuple[Section, ...]:
    """The chapters that fit the kind of test."""
    models = models_section(analysis)
    if analysis["round"]["kind"] == "mystery":
        return (
            calls_section(analysis),
            records_section(analysis),
            data_section(analysis),
            calls_method_section(analysis),
            limits_section(analysis),
        )
    if analysis["round"]["kind"] == "single":
        return (
            groups_section(analysis),
            groups_chance_section(analysis),
            *([models] if models else []),
            data_section(analysis),
            groups_method_section(analysis),
            limits_section(analysis),
        )
    certainty, chance = certainty_section(analysis), chance_section(analysis)
    return (
        headline_section(analysis),
        cells_section(analysis),
        net_section(analysis),
        rules_section(analysis),
        replace(chance, blocks=(*chance.blocks, *overall_table(analysis))),
        replies_section(analysis),
        *([models] if models else []),
        targets_section(analysis),
        *([certainty] if certainty else []),
        data_section(analysis),
        method_section(analysis),
        limits_section(analysis),
    )


def _facts(analysis: Entry) -> list[tuple[Message, Message]]:
    about = analysis["round"]
    facts = [(message("fact.market"), message(f"market.{market(analysis)}"))]
    if about["place"]:
        facts.append((message("fact.place"), verbatim(about["place"])))
    if about["start"] and about["end"]:
        period = message("period", start=about["start"], end=about["end"])
        facts.append((message("fact.period"), period))
    if about["commissioner"]:
        facts.append((message("fact.commissioner"), verbatim(about["commissioner"])))
    tests = message("unit.tests", count=analysis["data"]["tests_usable"])
    return [*facts, (message("fact.tests"), tests)]


def _banners(analysis: Entry) -> list[Message]:
    return [message("banner.simulated")] if analysis["data"]["simulated"] else []
