"""Builds one report as data from an analysis document, or one of several rounds."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Literal

from praktijktest.language import Message, message
from praktijktest.reporting.background_sections import data_section, limits_section, method_section
from praktijktest.reporting.blocks import Report, Section
from praktijktest.reporting.calls_section import (
    calls_method_section,
    calls_section,
    records_section,
)
from praktijktest.reporting.certainty_section import certainty_section
from praktijktest.reporting.chapters import chapters
from praktijktest.reporting.description_section import description_section
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
from praktijktest.reporting.outcomes_section import outcomes_section
from praktijktest.reporting.promised_section import promised_sections
from praktijktest.reporting.public_document import disclosure_line, public_document
from praktijktest.reporting.reader_words import in_reader_words
from praktijktest.reporting.references import references_section
from praktijktest.reporting.results_sections import (
    cells_section,
    chance_section,
    net_section,
    replies_section,
    rules_section,
)
from praktijktest.reporting.stages_section import stage_in_words, stages_section
from praktijktest.reporting.summary_page import summary_section
from praktijktest.reporting.targets_section import targets_section
from praktijktest.reporting.trend_section import trend_section
from praktijktest.reporting.wording import market, verbatim

if TYPE_CHECKING:
    from praktijktest.planning.promises import Promised

Kind = Literal["full", "summary", "council", "pre-registration"]
KINDS: Final[tuple[Kind, ...]] = ("full", "summary", "council", "pre-registration")
"""Kinds of report: everything; one page in plain language; the page with earlier rounds;
what was promised beside what was done."""

PLAIN: Final = ("summary", "council")
"""Kinds in plain language."""


def build_report(
    analysis: dict[str, Any],
    *,
    kind: Kind = "full",
    earlier: Sequence[dict[str, Any]] = (),
    promised: "Promised | None" = None,
) -> Report:
    """The report of an analysis as data, to be rendered in any language and format.

    The short kinds are public: small counts are hidden and single targets left out, whoever
    makes them. The full report holds results under pseudonyms, for whoever ran the round; of
    a document that `disclosure.protected` made, it is public too and says what was hidden.

    Args:
        analysis: the analysis document, as `analysis.json` holds it.
        kind: which report; "full" has every chapter.
        earlier: analysis documents of earlier rounds, for "council".
        promised: what the round promised, for "pre-registration": `read_promised` of
            `praktijktest.planning.promises`.

    Raises:
        ValueError: there is no such kind, or "pre-registration" without a promise.
    """
    if kind not in KINDS:
        raise ValueError(f"there is no report of kind {kind!r}")
    if kind == "pre-registration" and promised is None:
        raise ValueError("a comparison with the pre-registration needs what was promised")
    document = analysis if kind == "full" else public_document(analysis)
    shown = in_reader_words(dict(document))
    return Report(
        kind=kind,
        title=shown["round"]["title"] or shown["round"]["id"],
        subtitle=message(f"report.{kind}"),
        facts=tuple(_facts(shown)),
        banners=tuple(_banners(shown)),
        sections=_sections_of(kind, dict(document), shown, earlier, promised),
        statement=message("plain.statement" if kind in PLAIN else "statement"),
    )


def build_reports(
    analyses: Sequence[dict[str, Any]],
    *,
    kind: Kind = "full",
    earlier: Sequence[dict[str, Any]] = (),
    promised: "Sequence[Promised | None]" = (),
) -> Report:
    """One report of several rounds, a chapter each; their numbers are never added up.

    Args:
        analyses: the analysis documents, in the order of the chapters; at least one.
        kind: which report every chapter is.
        earlier: analysis documents of rounds before those, for "council".
        promised: what each round promised, in the same order, for "pre-registration".

    Raises:
        ValueError: there is no round, or `build_report` refuses one.
    """
    if not analyses:
        raise ValueError("a report needs a round")
    promises = promised or [None] * len(analyses)
    reports = [
        build_report(one, kind=kind, earlier=earlier, promised=promise)
        for one, promise in zip(analyses, promises, strict=True)
    ]
    return reports[0] if len(reports) == 1 else chapters(analyses, reports)


def _sections_of(
    kind: Kind,
    document: dict[str, Any],
    shown: Entry,
    earlier: Sequence[dict[str, Any]],
    promised: "Promised | None",
) -> tuple[Section, ...]:
    if kind == "full":
        hidden = disclosure_section(shown)
        return (*_sections(shown), *([hidden] if hidden else []))
    if kind == "pre-registration":
        assert promised is not None
        return promised_sections(document, promised)
    page = summary_section(shown)
    page = replace(page, blocks=(*page.blocks, *disclosure_line(shown)))
    if kind == "summary":
        return (page,)
    before = [in_reader_words(dict(public_document(one))) for one in earlier]
    return (page, trend_section(shown, before))


def _sections(analysis: Entry) -> tuple[Section, ...]:
    """The chapters that fit the kind of test."""
    chapters_of: dict[str, Callable[[Entry], list[Section | None]]] = {
        "mystery": _of_calls,
        "single": _of_groups,
    }
    found = chapters_of.get(analysis["round"]["kind"], _of_pairs)(analysis)
    return tuple(section for section in found if section is not None)


def _of_calls(analysis: Entry) -> list[Section | None]:
    return [
        calls_section(analysis),
        None if "disclosure" in analysis else records_section(analysis),
        data_section(analysis),
        calls_method_section(analysis),
        limits_section(analysis),
        description_section(analysis),
        references_section(analysis),
    ]


def _of_groups(analysis: Entry) -> list[Section | None]:
    return [
        groups_section(analysis),
        groups_chance_section(analysis),
        models_section(analysis),
        data_section(analysis),
        groups_method_section(analysis),
        limits_section(analysis),
        description_section(analysis),
        references_section(analysis),
    ]


def _states_hidden(analysis: Entry) -> bool:
    """Whether not even the numbers per state may be published; the last chapter says so."""
    return "disclosure" in analysis and not analysis["flag_summary"]


def _of_pairs(analysis: Entry) -> list[Section | None]:
    chance = chance_section(analysis)
    return [
        headline_section(analysis),
        cells_section(analysis),
        net_section(analysis),
        rules_section(analysis),
        replace(chance, blocks=(*chance.blocks, *overall_table(analysis))),
        replies_section(analysis),
        stages_section(analysis),
        outcomes_section(analysis),
        models_section(analysis),
        None if _states_hidden(analysis) else targets_section(analysis),
        certainty_section(analysis),
        data_section(analysis),
        method_section(analysis),
        limits_section(analysis),
        description_section(analysis),
        references_section(analysis),
    ]


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
    if analysis["method"].get("headline_stage"):
        facts.append((message("fact.stage"), stage_in_words(analysis)))
    unit = "calls" if about["kind"] == "mystery" else "tests"
    tests = message(f"unit.{unit}", count=analysis["data"]["tests_usable"])
    return [*facts, (message("fact.tests"), tests)]


def _banners(analysis: Entry) -> list[Message]:
    return [message("banner.simulated")] if analysis["data"]["simulated"] else []
