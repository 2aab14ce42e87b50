"""Chapters of a comparison on groups: treated and others, who was tested, who stood out."""

from praktijktest.language import Message, message
from praktijktest.reporting.blocks import Block, Column, Heading, Kind, Paragraph, Section, Table
from praktijktest.reporting.comparison_words import (
    denominator,
    direction,
    few,
    headline,
    in_points,
    label,
    points,
    rate,
    rows_of,
    shown_rate,
    step,
)
from praktijktest.reporting.evidence import Entry
from praktijktest.reporting.wording import contrast_label, verbatim


def _column(key: str, kind: Kind) -> Column:
    return Column(message(f"compare.column.{key}"), kind)


def treated_name(comparison: Entry) -> Message:
    """The group that is set apart, in words."""
    treated = comparison["treated"]
    if treated == "place":
        return message("compare.group.place", places=_places(comparison["rounds"]))
    if treated == "tested-before":
        return message("compare.group.before")
    column, _, value = treated.partition("=")
    return message("stratum", by=column, level=value)


def others_name(comparison: Entry) -> Message:
    """The comparison group, in words."""
    treated = comparison["treated"]
    if treated == "place":
        return message("compare.group.place", places=_places(comparison["comparison_rounds"]))
    return message("compare.group.new" if treated == "tested-before" else "compare.group.others")


def _places(rounds: list[Entry]) -> list[Message]:
    names = [row["place"] or row["title"] or row["label"] for row in rounds]
    return [verbatim(name) for name in dict.fromkeys(names)]


def group_section(comparison: Entry) -> Section | None:
    """Rates of both groups in every round, and the difference in differences."""
    if comparison["treated"] is None:
        return None
    treated, others = treated_name(comparison), others_name(comparison)
    blocks: list[Block] = [
        Paragraph(message("compare.groups_intro", treated=treated, others=others))
    ]
    for contrast in comparison["contrasts"]:
        measure = headline(comparison, contrast)
        if len(comparison["contrasts"]) > 1:
            blocks.append(Heading(contrast_label(contrast)))
        blocks.append(_group_table(comparison, contrast, measure))
        found = rows_of(contrast["difference_in_differences"], measure)
        blocks += [
            Paragraph(
                message(
                    f"compare.did.{did_direction(comparison, row)}",
                    step=step(comparison, row),
                    treated=treated,
                    others=others,
                    denominator=denominator(measure),
                    tests=sum(row["tests"]["treated"]),
                    tests_others=sum(row["tests"]["others"]),
                    p=row["p"],
                    **points(comparison, row),
                )
            )
            for row in found
        ]
        if not found:
            blocks.append(Paragraph(message("compare.did.impossible")))
    return Section("groups", message("compare.section.groups"), tuple(blocks))


def _group_table(comparison: Entry, contrast: Entry, measure: str) -> Table:
    return Table(
        id=f"groups-{contrast['id']}",
        caption=message(
            "compare.groups_caption",
            contrast=contrast_label(contrast),
            denominator=denominator(measure),
            confidence=comparison["method"]["confidence"],
        ),
        columns=(
            _column("round", "text"),
            Column(treated_name(comparison), "estimate"),
            Column(others_name(comparison), "estimate"),
            _column("difference", "estimate"),
            _column("tests_treated", "count"),
            _column("tests_others", "count"),
        ),
        rows=tuple(
            (
                label(comparison, row["round"]),
                shown_rate(comparison, row["treated"]),
                shown_rate(comparison, row["others"]),
                in_points(row["difference"]) if both_shown(comparison, row) else None,
                row["treated"]["tests"],
                row["others"]["tests"],
            )
            for row in rows_of(contrast["groups"], measure)
        ),
        notes=(message("compare.groups_note"),),
    )


def did_direction(comparison: Entry, row: Entry) -> str:
    """What a difference in differences says; of few targets it is not shown."""
    targets = [*row["targets"]["treated"], *row["targets"]["others"]]
    return "few" if any(few(comparison, count) for count in targets) else direction(row)


def both_shown(comparison: Entry, row: Entry) -> bool:
    """Whether neither group of a round has so few targets that its rate is not shown."""
    return not any(few(comparison, row[part]["targets"]) for part in ("treated", "others"))


def composition_section(comparison: Entry) -> Section:
    """Who stayed, left and is new: numbers and rates, never names."""
    blocks: list[Block] = [Paragraph(message("compare.composition_intro"))]
    for contrast in comparison["contrasts"]:
        measure = headline(comparison, contrast)
        rows = rows_of(contrast["composition"], measure)
        if not any(row["stayed"] + row["left"] + row["new"] for row in rows):
            blocks.append(Paragraph(message("compare.composition_unknown")))
            continue
        if len(comparison["contrasts"]) > 1:
            blocks.append(Heading(contrast_label(contrast)))
        blocks.append(_composition_table(comparison, contrast, rows, measure))
        blocks += [Paragraph(_stayers(comparison, row, measure)) for row in rows]
    return Section("composition", message("compare.section.composition"), tuple(blocks))


def _composition_table(
    comparison: Entry, contrast: Entry, rows: list[Entry], measure: str
) -> Table:
    lines = []
    for row in rows:
        for who, before, after in (
            ("stayed", row["stayed_before"], row["stayed_after"]),
            ("left", row["left_before"], None),
            ("new", None, row["new_after"]),
        ):
            lines.append(
                (
                    step(comparison, row),
                    message(f"compare.who.{who}"),
                    row[who],
                    None if before is None else shown_rate(comparison, before),
                    None if after is None else shown_rate(comparison, after),
                )
            )
    return Table(
        id=f"composition-{contrast['id']}",
        caption=message(
            "compare.composition_caption",
            contrast=contrast_label(contrast),
            denominator=denominator(measure),
        ),
        columns=(
            _column("step", "text"),
            _column("who", "text"),
            _column("targets", "count"),
            _column("before", "estimate"),
            _column("after", "estimate"),
        ),
        rows=tuple(lines),
        notes=(message("compare.composition_note", least=comparison["method"]["min_cell"]),),
        grouped=True,
    )


def _stayers(comparison: Entry, row: Entry, measure: str) -> Message:
    """The change among those who were tested in both rounds."""
    if not row["stayed"]:
        return message("compare.stayers.nobody", step=step(comparison, row))
    way = "few" if few(comparison, row["stayed"]) else direction(row["stayed_change"])
    return message(
        f"compare.stayers.{way}",
        step=step(comparison, row),
        count=row["stayed"],
        denominator=denominator(measure),
        **points(comparison, row["stayed_change"]),
    )


def stood_out_section(comparison: Entry) -> Section | None:
    """Those who stood out at first, beside what chance alone would make of them."""
    blocks: list[Block] = []
    for contrast in comparison["contrasts"]:
        for row in contrast["stood_out"]:
            if len(comparison["contrasts"]) > 1:
                blocks.append(Heading(contrast_label(contrast)))
            blocks.append(Paragraph(_fallen_back(comparison, row)))
    if not blocks:
        return None
    intro = Paragraph(message("compare.stood_out_intro"))
    return Section("stood-out", message("compare.section.stood_out"), (intro, *blocks))


def _fallen_back(comparison: Entry, row: Entry) -> Message:
    about = {
        "count": row["targets"],
        "first": label(comparison, row["from"]),
        "last": label(comparison, row["to"]),
        "level": row["level"],
    }
    if few(comparison, row["targets"]):
        return message("compare.stood_out.few", **about)
    after = row["after"]["value"]
    where = "below" if after < row["low"] else "above" if after > row["high"] else "within"
    return message(
        "compare.stood_out.shown",
        before=row["before"],
        tests_before=row["tests_before"],
        expected=row["expected"],
        low=row["low"],
        high=row["high"],
        after=rate(row["after"], comparison["method"]["confidence"]),
        tests_after=row["tests_after"],
        verdict=message(f"certainty.again_{where}"),
        **about,
    )
