"""A comparison of rounds as a report: what changed, and what may be said of it."""

from dataclasses import replace
from typing import Any

from praktijktest.language import Message, message
from praktijktest.reporting.blocks import (
    Block,
    Column,
    Evidence,
    Finding,
    Heading,
    Kind,
    Paragraph,
    Report,
    Section,
    Table,
    Trend,
    TrendLine,
)
from praktijktest.reporting.comparison_groups import (
    composition_section,
    group_section,
    stood_out_section,
)
from praktijktest.reporting.comparison_limits import (
    claims_section,
    data_section,
    limits_section,
    method_section,
)
from praktijktest.reporting.comparison_words import (
    denominator,
    direction,
    estimated,
    headline,
    in_points,
    label,
    measures_of,
    points,
    rate,
    rows_of,
    step,
)
from praktijktest.reporting.evidence import Entry
from praktijktest.reporting.wording import comparison as compared_groups
from praktijktest.reporting.wording import contrast_label, contrast_short, ground, market, verbatim

MOST_LINES = 4
"""Lines that a figure tells apart without colour."""

EVIDENCE: dict[str, Evidence] = {
    "fell": "test",
    "rose": "control",
    "none": "none",
    "unknown": "unknown",
}

ON_SCREEN = ("summary", "rates", "changes", "groups", "claims", "notes")
"""Chapters that a terminal shows."""


def comparison_report(comparison: dict[str, Any], fingerprint: str = "") -> Report:
    """The report of a comparison as data, to be rendered in any language and format.

    Args:
        comparison: the comparison document, as `comparison.json` holds it.
        fingerprint: SHA-256 of that document's bytes.
    """
    labels = [row["label"] for row in comparison["rounds"]]
    sections = (
        _summary(comparison),
        _rates(comparison),
        _changes(comparison),
        group_section(comparison),
        composition_section(comparison),
        stood_out_section(comparison),
        claims_section(comparison),
        data_section(comparison),
        method_section(comparison),
        limits_section(),
    )
    return Report(
        kind="comparison",
        title=comparison["title"],
        subtitle=message("compare.subtitle", rounds=[verbatim(name) for name in labels]),
        facts=tuple(_facts(comparison)),
        banners=(message("banner.simulated"),) if comparison["data"]["simulated"] else (),
        sections=tuple(section for section in sections if section is not None),
        dated=comparison["dated"],
        fingerprint=fingerprint,
    )


def screen_report(comparison: dict[str, Any]) -> Report:
    """The part of the report that fits on a terminal, its findings as sentences."""
    report = comparison_report(comparison)
    sections = [section for section in report.sections if section.id in ON_SCREEN]
    warned = tuple(Paragraph(banner) for banner in report.banners)
    first = replace(sections[0], blocks=(*warned, *_as_sentences(sections[0])))
    return replace(report, sections=(first, *sections[1:]))


def _as_sentences(section: Section) -> list[Block]:
    blocks: list[Block] = []
    for block in section.blocks:
        if isinstance(block, Finding):
            blocks += [Heading(block.title), Paragraph(block.verdict)]
            blocks += [Paragraph(sentence) for sentence in block.sentences]
        else:
            blocks.append(block)
    return blocks


def _facts(comparison: Entry) -> list[tuple[Message, Message]]:
    facts = [(message("fact.market"), message(f"market.{market(comparison)}"))]
    places = list(dict.fromkeys(row["place"] for row in comparison["rounds"] if row["place"]))
    if places:
        names = [verbatim(place) for place in places]
        facts.append((message("fact.place"), message("enumeration", items=names)))
    for row in comparison["rounds"]:
        about: Message = message("unit.tests", count=row["tests"])
        if row["start"] and row["end"]:
            period = message("period", start=row["start"], end=row["end"])
            about = message("compare.round", tests=about, period=period)
        facts.append((verbatim(row["label"]), about))
    return facts


def _summary(comparison: Entry) -> Section:
    """The change from the first to the last round of every contrast."""
    blocks: list[Block] = [Paragraph(message("compare.intro"))]
    blocks += [_finding(comparison, contrast) for contrast in comparison["contrasts"]]
    return Section("summary", message("section.summary"), tuple(blocks))


def _finding(comparison: Entry, contrast: Entry) -> Finding:
    measure = headline(comparison, contrast)
    change = rows_of(contrast["changes"], measure)[-1]
    known = rows_of(contrast["rates"], measure)
    confidence = comparison["method"]["confidence"]
    way = direction(change)
    recurring = change["recurring_targets"]
    note = "recurring" if recurring else "apart"
    return Finding(
        ground=ground(contrast["ground"]),
        title=compared_groups(contrast),
        verdict=message(
            f"compare.verdict.{way}",
            first=label(comparison, change["from"]),
            last=label(comparison, change["to"]),
            denominator=denominator(measure),
            **points(comparison, change),
        ),
        evidence=EVIDENCE[way],
        sentences=(
            *(
                message(
                    "compare.rate_sentence",
                    round=label(comparison, row["round"]),
                    rate=rate(row, confidence),
                    n=row["n"],
                    denominator=denominator(measure),
                )
                for row in known
                if row["value"] is not None
            ),
            message("compare.sign", test=contrast["test"], control=contrast["control"]),
        ),
        measure=message(f"compare.change_in.{measure}"),
        estimate=in_points(change),
        interval_note=message(
            "compare.interval.none" if change["low"] is None else f"compare.interval.{note}",
            confidence=confidence,
            count=recurring,
        ),
    )


def _column(key: str, kind: Kind) -> Column:
    return Column(message(f"compare.column.{key}"), kind)


def _rates(comparison: Entry) -> Section:
    blocks: list[Block] = [Paragraph(message("compare.rates_intro"))]
    blocks += _trend_figures(comparison)
    for contrast in comparison["contrasts"]:
        measures = measures_of(contrast)
        by_measure = [rows_of(contrast["rates"], measure) for measure in measures]
        usable = "net_rate_usable" in measures
        blocks.append(
            Table(
                id=f"rates-{contrast['id']}",
                caption=message(
                    "compare.rates_caption",
                    contrast=contrast_label(contrast),
                    confidence=comparison["method"]["confidence"],
                ),
                columns=(
                    _column("round", "text"),
                    *(Column(message(f"estimate_short.{m}"), "estimate") for m in measures),
                    _column("tests", "count"),
                    *([_column("usable", "count")] if usable else []),
                    _column("targets", "count"),
                ),
                rows=tuple(
                    (
                        label(comparison, row["round"]),
                        *(estimated(rows[place]) for rows in by_measure),
                        row["tests"],
                        *([row["n"]] if usable else []),
                        row["targets"],
                    )
                    for place, row in enumerate(by_measure[0])
                ),
            )
        )
    return Section("rates", message("compare.section.rates"), tuple(blocks))


def _trend_figures(comparison: Entry) -> list[Block]:
    """The headline rates over the rounds, a few contrasts to a figure."""
    contrasts = comparison["contrasts"]
    figures: list[Block] = []
    for start in range(0, len(contrasts), MOST_LINES):
        some = contrasts[start : start + MOST_LINES]
        measure = headline(comparison, some[0])
        lines = [(one, rows_of(one["rates"], measure)) for one in some]
        figures.append(
            Trend(
                title=message("compare.trend_title", denominator=denominator(measure)),
                description=message(
                    "compare.trend_description",
                    lines=[
                        message(
                            "compare.trend_line",
                            name=contrast_short(one),
                            values=[
                                message(
                                    "compare.trend_point",
                                    round=label(comparison, row["round"]),
                                    value=row["value"],
                                )
                                for row in rows
                            ],
                        )
                        for one, rows in lines
                    ],
                ),
                rounds=tuple(row["label"] for row in comparison["rounds"]),
                lines=tuple(
                    TrendLine(contrast_short(one), tuple(estimated(row) for row in rows))
                    for one, rows in lines
                ),
                notes=(
                    message("compare.trend_note", confidence=comparison["method"]["confidence"]),
                ),
            )
        )
    return figures


def _changes(comparison: Entry) -> Section:
    blocks: list[Block] = [Paragraph(message("compare.changes_intro"))]
    for contrast in comparison["contrasts"]:
        if len(comparison["contrasts"]) > 1:
            blocks.append(Heading(contrast_label(contrast)))
        blocks.append(_change_table(comparison, contrast))
        blocks += _slopes(comparison, contrast)
    return Section("changes", message("compare.section.changes"), tuple(blocks))


def _change_table(comparison: Entry, contrast: Entry) -> Table:
    measures = measures_of(contrast)
    by_measure = [rows_of(contrast["changes"], measure) for measure in measures]
    columns: list[Column] = [_column("step", "text")]
    for measure in measures:
        columns += [_column(f"change_{measure}", "estimate"), _column("p", "p")]
    return Table(
        id=f"changes-{contrast['id']}",
        caption=message(
            "compare.changes_caption",
            contrast=contrast_label(contrast),
            confidence=comparison["method"]["confidence"],
        ),
        columns=(*columns, _column("recurring", "count")),
        rows=tuple(
            (
                step(comparison, row),
                *(
                    value
                    for rows in by_measure
                    for value in (in_points(rows[place]), rows[place]["p"])
                ),
                row["recurring_targets"],
            )
            for place, row in enumerate(by_measure[0])
        ),
    )


def _slopes(comparison: Entry, contrast: Entry) -> list[Block]:
    """The trend over three rounds or more, in words."""
    measure = headline(comparison, contrast)
    return [
        Paragraph(
            message(
                f"compare.slope.{comparison['time']['unit']}.{direction(row)}",
                count=len(comparison["rounds"]),
                denominator=denominator(measure),
                p=row["p"],
                **points(comparison, row),
            )
        )
        for row in rows_of(contrast["trends"], measure)
    ]
