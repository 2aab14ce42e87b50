"""The chapter on how far the signals can be trusted: checks that change none of them."""

from typing import Any

from praktijktest.language import Message, message
from praktijktest.reporting.blocks import Block, Bullets, Column, Heading, Paragraph, Section, Table
from praktijktest.reporting.evidence import Entry
from praktijktest.reporting.results_sections import column
from praktijktest.reporting.wording import contrast_labels, contrast_short

DOUBT = 0.05
"""A balance test with a smaller p is worth a warning."""


def certainty_section(analysis: Entry) -> Section | None:
    """How certain the signals are, all rules side by side, and the second phase.

    None where the log gives no result per target, or the analysis is of a version without.
    """
    if not analysis["targets"] or "flag_quality" not in analysis:
        return None
    labels = contrast_labels(analysis)
    several = len(analysis["flag_quality"]) > 1
    blocks: list[Block] = [Paragraph(message("certainty.intro"))]
    for row in analysis["flag_quality"]:
        if several:
            blocks.append(Heading(labels[row["contrast"]]))
        blocks.append(Bullets(tuple(_sentences(row))))
        blocks += [Paragraph(text, "warning") for text in _doubts(row)]
        if len(row["market"]["grades"]["grades"]) > 1:
            blocks.append(_grades(row))
    blocks.append(_rules(analysis))
    if analysis["retests"] is not None:
        blocks += _second_phase(analysis)
    return Section("certainty", message("section.certainty"), tuple(blocks))


def _sentences(row: Entry) -> list[Message]:
    found = []
    if row["signals"]:
        found += [_false_flags(row), _second_opinion(row), _weak(row)]
    else:
        found.append(message("certainty.no_signals"))
    if row["signals_for_test_group"]:
        found.append(message("certainty.reverse", count=row["signals_for_test_group"]))
    for side in ("order", "sheet"):
        balance = row[f"{side}_balance"]
        if balance is not None and balance["p"] > DOUBT:
            found.append(message(f"certainty.{side}_fine", p=balance["p"]))
    found += [_market(row["market"]), _unequal(row["market"]["unequal"])]
    found.append(_positive_list(row["positive_list"]))
    if row["again"] is not None and row["again"]["expected"] is not None:
        found.append(_again(row["again"]))
    return found


def _doubts(row: Entry) -> list[Message]:
    balances = {side: row[f"{side}_balance"] for side in ("order", "sheet")}
    return [
        message(f"certainty.{side}_doubt", p=balance["p"])
        for side, balance in balances.items()
        if balance is not None and balance["p"] <= DOUBT
    ]


def _false_flags(row: Entry) -> Message:
    false = row["false_flags"]
    return message(
        "certainty.false_flags",
        count=row["signals"],
        expected=false["expected"],
        upper=false["upper"],
        confidence=false["confidence"],
    )


def _second_opinion(row: Entry) -> Message:
    second = row["second_opinion"]
    return message(
        "certainty.second_opinion",
        agree=second["agree"],
        count=row["signals"],
        threshold=second["threshold"],
    )


def _weak(row: Entry) -> Message:
    return message(
        "certainty.weak",
        fragile=row["fragile"],
        few=row["few_discordant"],
        recoding=row["undone_by_recoding"],
    )


def _market(market: Entry) -> Message:
    return message(
        "certainty.market",
        count=market["judged"],
        share=market["innocent_share"],
        sd=market["sd_between"],
    )


def _unequal(bound: Entry) -> Message:
    return message(
        "certainty.unequal",
        low=bound["low"],
        count=bound["targets"],
        confidence=bound["confidence"],
    )


def _positive_list(positive: Entry) -> Message:
    return message(
        "certainty.positive_list",
        count=positive["targets"],
        controlled=positive["error_controlled"],
        alpha=positive["alpha"],
        margin=positive["margin"],
        clean=positive["clean_tests"],
        months=positive["months"],
    )


def _again(again: Entry) -> Message:
    values = {
        name: again[name] for name in ("observed", "expected", "low", "high", "confidence", "fresh")
    }
    if again["fresh"] is None:
        return message("certainty.again_predicted", **values)
    place = "within"
    if again["fresh"] < again["low"]:
        place = "below"
    elif again["fresh"] > again["high"]:
        place = "above"
    return message("certainty.again_tested", verdict=message(f"certainty.again_{place}"), **values)


def _grades(row: Entry) -> Table:
    card = row["market"]["grades"]
    return Table(
        id=f"grades-{row['contrast']}",
        caption=message("certainty.grades_caption"),
        columns=(
            column("grade", "count"),
            column("targets", "count"),
            column("expected_net_rate", "percent"),
            column("lowest", "percent"),
            column("highest", "percent"),
        ),
        rows=tuple(
            (one["grade"], one["targets"], one["net_rate"], one["lowest"], one["highest"])
            for one in card["grades"]
        ),
        notes=(
            message(
                "certainty.grades_note",
                wrong=card["discordance_rate"],
                reliability=card["reliability"],
                ungraded=card["ungraded"],
            ),
        ),
    )


def _rules(analysis: Entry) -> Table:
    declared = analysis["flag_rule"]["rule"]
    return Table(
        id="flag-rules",
        caption=message("certainty.rules_caption"),
        columns=(
            column("flag_rule", "text"),
            column("signals", "count"),
            column("declared", "yes"),
        ),
        rows=tuple(
            (message(f"flag_name.{row['rule']}"), row["flagged"], row["rule"] == declared)
            for row in analysis["rule_summary"]
        ),
        notes=(message("certainty.rules_note"),),
    )


def _second_phase(analysis: Entry) -> list[Block]:
    retests = analysis["retests"]
    labels = {entry["id"]: contrast_short(entry) for entry in analysis["contrasts"]}
    several = len(labels) > 1
    text = message(
        "certainty.second_phase",
        count=retests["tests"],
        targets=retests["targets"],
        others=retests["targets_not_flagged"],
    )
    table = Table(
        id="retests",
        caption=message("certainty.retests_caption"),
        columns=(
            column("pseudonym", "name"),
            *([column("contrast", "text")] if several else ()),
            column("state", "state"),
            column("first_only_control", "count"),
            column("first_only_test", "count"),
            column("tests", "count"),
            column("only_control", "count"),
            column("only_test", "count"),
            Column(message("estimate_short.net_rate_all"), "percent"),
            column("p", "p"),
            column("q", "p"),
        ),
        rows=tuple(_retest_row(row, labels if several else None) for row in retests["rows"]),
        notes=(message("certainty.retests_note"),),
    )
    return [Heading(message("certainty.second_phase_heading")), Paragraph(text), table]


def _retest_row(row: Entry, labels: dict[str, Message] | None) -> tuple[Any, ...]:
    return (
        row["pseudonym"],
        *([labels[row["contrast"]]] if labels else ()),
        row["state"],
        row["first"]["only_control"],
        row["first"]["only_test"],
        row["n"],
        row["cells"]["only_control"],
        row["cells"]["only_test"],
        row["net_rate_all"],
        row["p"],
        row["q"],
    )
