"""Chapters on mystery calls: willingness to leave a group out, never a rate of one agent."""

from collections.abc import Iterable

from praktijktest.language import Message, message
from praktijktest.reporting.blocks import (
    TOO_FEW,
    Block,
    Definitions,
    Estimated,
    Heading,
    Paragraph,
    Section,
    Share,
    Table,
)
from praktijktest.reporting.evidence import Entry, is_shown, whole_round
from praktijktest.reporting.results_sections import column
from praktijktest.reporting.wording import (
    ground,
    in_scheme_order,
    outcome,
    positive_codes,
    rule_label,
    stratum_label,
    verbatim,
)

RECORDS_SHOWN = 200
WAYS = (
    "compliance_rate",
    "compliance_rate_unclear_complied",
    "compliance_rate_unclear_left_out",
)


def calls_section(analysis: Entry) -> Section:
    """How many agents complied, by call, with unclear answers shown apart and both ways."""
    blocks: list[Block] = [Paragraph(message("calls.intro")), Paragraph(message("calls.apart"))]
    for entry in whole_round(analysis):
        blocks.append(Heading(verbatim(entry["request"]), kicker=ground(entry["ground"])))
        blocks.append(Paragraph(_sentence(entry)))
    blocks.append(_rates(analysis))
    blocks.append(_unclear(analysis))
    if any(entry["stratum"] for entry in analysis["contrasts"]):
        blocks.append(_strata(analysis))
    blocks.append(_answers(analysis))
    return Section("calls", message("section.calls"), tuple(blocks))


def records_section(analysis: Entry) -> Section:
    """What each agent said, under a pseudonym: a record, not a judgement."""
    records = analysis["records"]
    if not records:
        return Section("records", message("section.records"), (Paragraph(message("records.none")),))
    table = Table(
        id="records",
        caption=message(
            "records.caption", shown=min(len(records), RECORDS_SHOWN), count=len(records)
        ),
        columns=(
            column("pseudonym", "name"),
            column("call", "name"),
            column("reply", "text"),
        ),
        rows=tuple(
            (entry["pseudonym"], entry["call"], outcome(analysis, entry["outcome"]))
            for entry in records[:RECORDS_SHOWN]
        ),
    )
    return Section(
        "records", message("section.records"), (Paragraph(message("records.intro")), table)
    )


def calls_method_section(analysis: Entry) -> Section:
    """How the numbers of mystery calls come about, and what they cannot say."""
    method = analysis["method"]
    items = [(message("calls.method.call_term"), message("calls.method.call"))]
    items += [
        (
            message("calls.method.rule_term", rule=rule_label(rule)),
            message("method.positive", codes=positive_codes(analysis, rule)),
        )
        for rule in method["positive"]
    ]
    items += [
        (message(f"calls.method.{name}_term"), message(f"calls.method.{name}"))
        for name in ("unclear", "intervals", "single")
    ]
    items.append((message("formula.wilson_term"), message("formula.wilson")))
    return Section("method", message("section.method"), (Definitions(tuple(items)),))


def estimate_named(entry: Entry, name: str) -> Estimated:
    """One of the compliance rates of an entry."""
    found = next(estimate for estimate in entry["estimates"] if estimate["name"] == name)
    return Estimated(found["value"], found["low"], found["high"])


def _sentence(entry: Entry) -> Message:
    found = estimate_named(entry, "compliance_rate")
    counts = entry["calls"]
    return message(
        "calls.sentence",
        complied=counts["complied"],
        calls=message("unit.calls", count=counts["n"]),
        share=found.value,
        low=found.low,
        high=found.high,
        unclear=counts["unclear"],
    )


def _rates(analysis: Entry) -> Table:
    return Table(
        id="calls-rates",
        caption=message("calls.caption", confidence=analysis["method"]["confidence"]),
        columns=(
            column("call", "name"),
            column("rule", "text"),
            column("calls", "count"),
            column("complied", "count"),
            column("unclear", "count"),
            column("value", "estimate"),
        ),
        rows=tuple(
            (
                entry["id"],
                rule_label(entry["rule"]),
                entry["calls"]["n"],
                entry["calls"]["complied"],
                entry["calls"]["unclear"],
                estimate_named(entry, "compliance_rate"),
            )
            for entry in whole_round(analysis, primary_only=False)
        ),
    )


def _unclear(analysis: Entry) -> Table:
    return Table(
        id="calls-unclear",
        caption=message("calls.unclear_caption"),
        columns=(
            column("call", "name"),
            column("rule", "text"),
            *(column(name, "estimate") for name in WAYS),
        ),
        rows=tuple(
            (
                entry["id"],
                rule_label(entry["rule"]),
                *(estimate_named(entry, name) for name in WAYS),
            )
            for entry in whole_round(analysis, primary_only=False)
        ),
        notes=(message("calls.unclear_note"),),
    )


def _strata(analysis: Entry) -> Table:
    least = analysis["method"]["min_cell"] or 0
    return Table(
        id="calls-strata",
        caption=message("calls.strata_caption"),
        columns=(
            column("call", "name"),
            column("stratum", "text"),
            column("calls", "count"),
            column("value", "estimate"),
        ),
        rows=tuple(
            (
                entry["id"],
                stratum_label(entry),
                entry["n"],
                estimate_named(entry, "compliance_rate")
                if is_shown(entry, least)
                else Estimated(None, None, None),
            )
            for entry in analysis["contrasts"]
            if entry["stratum"] and entry["primary"]
        ),
        notes=(message("groups.hidden", least=least),),
    )


def _of(rows: Iterable[Entry], row: Entry, totals: dict[str, int]) -> int:
    """What a reply is a share of: nothing where some replies are hidden, and so their sum."""
    partly = any(one["contrast"] == row["contrast"] and one.get("hidden") for one in rows)
    return 0 if partly else totals[row["contrast"]]


def _answers(analysis: Entry) -> Table:
    rows = analysis["outcomes"]
    totals: dict[str, int] = {}
    for row in rows:
        if not row.get("hidden"):
            totals[row["contrast"]] = totals.get(row["contrast"], 0) + row["applications"]
    order = in_scheme_order(analysis, [row["outcome"] for row in rows])
    return Table(
        id="calls-answers",
        caption=message("calls.answers_caption"),
        columns=(column("call", "name"), column("reply", "text"), column("calls", "share")),
        rows=tuple(
            (
                row["contrast"],
                outcome(analysis, row["outcome"]),
                TOO_FEW
                if row.get("hidden")
                else Share(row["applications"], _of(rows, row, totals)),
            )
            for row in sorted(rows, key=lambda row: (row["contrast"], order.index(row["outcome"])))
        ),
        grouped=True,
    )
