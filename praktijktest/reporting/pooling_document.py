"""Builds the report of a pooling as data: any renderer can write it in any language."""

from dataclasses import replace
from typing import Any

from praktijktest.language import Message, message
from praktijktest.reporting.blocks import (
    Block,
    Bullets,
    Finding,
    Heading,
    Paragraph,
    Report,
    Section,
    Table,
)
from praktijktest.reporting.evidence import Entry
from praktijktest.reporting.pooling_checks import checks_section, moderator_section
from praktijktest.reporting.pooling_evidence import (
    ground_label,
    is_ratio,
    measure_label,
    pooled_column,
)
from praktijktest.reporting.pooling_sections import overview, results_section, studies_section
from praktijktest.reporting.wording import rule_label, verbatim


def pooling_report(document: dict[str, Any], *, fingerprint: str = "") -> Report:
    """The report of a pooling, to be rendered in any language and format.

    Args:
        document: the pooling document, as `pooling.json` holds it.
        fingerprint: SHA-256 of its bytes.
    """
    checks, moderator = checks_section(document), moderator_section(document)
    return Report(
        kind="pooling",
        title=document["title"],
        subtitle=message("pooling.subtitle"),
        facts=tuple(_facts(document)),
        banners=(message("banner.simulated"),) if document["simulated"] else (),
        sections=(
            results_section(document),
            studies_section(document),
            *([checks] if checks else []),
            *([moderator] if moderator else []),
            _data_section(document),
            _method_section(document),
            _limits_section(),
        ),
        statement=message("pooling.statement"),
        dated=document["dated"],
        fingerprint=fingerprint,
    )


ROWS_ON_SCREEN = 15
"""Rows of a table that a terminal shows."""


def screen_report(document: dict[str, Any]) -> Report:
    """The part of the report that fits on a terminal: results, studies and a covariate."""
    report = pooling_report(document)
    shown = ("results", "studies", "moderator")
    return Report(
        kind=report.kind,
        title=report.title,
        subtitle=report.subtitle,
        facts=report.facts,
        banners=report.banners,
        sections=(
            *_words(document),
            *(_shortened(section) for section in report.sections if section.id in shown[1:]),
        ),
        statement=report.statement,
    )


def _shortened(section: Section) -> Section:
    """A section whose tables have no more rows than a screen takes in."""
    return replace(
        section,
        blocks=tuple(
            _head(block) if isinstance(block, Table) else block for block in section.blocks
        ),
    )


def _head(table: Table) -> Table:
    rest = len(table.rows) - ROWS_ON_SCREEN
    if rest <= 0:
        return table
    note = message("pooling.more", count=rest, file="studies.csv")
    return replace(table, rows=table.rows[:ROWS_ON_SCREEN], notes=(note, *table.notes))


def _words(document: Entry) -> tuple[Section, ...]:
    """The verdicts as sentences, since a terminal has no cards, and the overview."""
    section = results_section(document)
    blocks: list[Block] = []
    for block in section.blocks:
        if isinstance(block, Finding):
            blocks.append(Heading(block.ground))
            blocks.append(Paragraph(block.verdict))
            blocks += [Paragraph(sentence) for sentence in block.sentences[:2]]
    return (Section(section.id, section.title, (*blocks, overview(document))),)


def _facts(document: Entry) -> list[tuple[Message, Message]]:
    facts = [
        (message("pooling.fact.measure"), measure_label(document)),
        (
            message("pooling.fact.sources"),
            message("enumeration", items=[verbatim(s["name"]) for s in document["sources"]]),
        ),
    ]
    if document["rule"]:
        facts.append((message("pooling.fact.rule"), rule_label(document["rule"])))
    if document["left_out"]:
        names = [ground_label({"ground": ground}) for ground in document["left_out"]]
        facts.append((message("pooling.fact.left_out"), message("enumeration", items=names)))
    return facts


def _data_section(document: Entry) -> Section:
    rows = tuple(
        (
            verbatim(source["name"]),
            message(
                "pooling.source.simulated"
                if source.get("simulated")
                else f"pooling.source.{source['kind']}"
            ),
            source.get("tests"),
            source.get("rows_read"),
            source.get("rows_left_out"),
        )
        for source in document["sources"]
    )
    table = Table(
        id="data",
        caption=message("pooling.caption.data"),
        columns=(
            pooled_column("source", "text"),
            pooled_column("kind", "text"),
            pooled_column("tests", "count"),
            pooled_column("rows", "count"),
            pooled_column("rows_left_out", "count"),
        ),
        rows=rows,
    )
    return Section("data", message("pooling.section.data"), (table,))


def _method_section(document: Entry) -> Section:
    keys = ["ratio" if is_ratio(document) else "rate"]
    if document["measure"] == "response_ratio":
        keys.append("variance")
    keys.append("random")
    if any(entry.get("multilevel") for entry in document["grounds"]):
        keys.append("levels")
    keys.append("reports")
    items = tuple(message(f"pooling.method.{key}") for key in keys)
    return Section("method", message("pooling.section.method"), (Bullets(items),))


def _limits_section() -> Section:
    items = tuple(message(f"pooling.limit.{key}") for key in ("average", "chosen", "legal"))
    return Section("limits", message("pooling.section.limits"), (Bullets(items),))
