"""Chapters on unpaired tests: rates of whole groups, their difference, and chance."""

from praktijktest.language import Message, message
from praktijktest.reporting.blocks import (
    Bar,
    Bars,
    Block,
    Definitions,
    Estimated,
    Heading,
    Paragraph,
    Section,
    Table,
    Unit,
)
from praktijktest.reporting.evidence import Entry, is_shown, whole_round
from praktijktest.reporting.results_sections import column
from praktijktest.reporting.wording import (
    comparison,
    contrast_label,
    ground,
    positive_codes,
    rule_label,
    stratum_label,
)

RATIOS = ("response_ratio", "odds_ratio")
ESTIMATES = ("rate_difference", *RATIOS)


def groups_section(analysis: Entry) -> Section:
    """What the two groups got, contrast by contrast, under the primary rule."""
    blocks: list[Block] = [Paragraph(message("groups.intro"))]
    for contrast in whole_round(analysis):
        blocks.append(Heading(comparison(contrast), kicker=ground(contrast["ground"])))
        blocks.append(Paragraph(_verdict(contrast)))
        blocks.append(Paragraph(_rates(contrast)))
        blocks.append(
            Bars(
                title=message("groups.bars"),
                bars=(
                    Bar(
                        contrast["control"], "control", found_of(contrast, "response_rate_control")
                    ),
                    Bar(contrast["test"], "test", found_of(contrast, "response_rate_test")),
                ),
            )
        )
    blocks.append(_estimates(analysis))
    if len(analysis["contrasts"]) > len(whole_round(analysis)):
        blocks.append(_by_rule_and_stratum(analysis))
    return Section("groups", message("section.groups"), tuple(blocks))


def groups_chance_section(analysis: Entry) -> Section:
    """The significance tests, and those of all groups together."""
    names = list(
        dict.fromkeys(test["name"] for c in whole_round(analysis) for test in c["significance"])
    )
    blocks: list[Block] = [
        Paragraph(message("groups.chance")),
        Table(
            id="groups-significance",
            caption=message("groups.significance_caption"),
            columns=(column("contrast", "text"), column("significance", "text"), column("p", "p")),
            rows=tuple(
                (contrast_label(contrast), message(f"significance.{test['name']}"), test["p"])
                for contrast in whole_round(analysis)
                for name in names
                for test in contrast["significance"]
                if test["name"] == name
            ),
            grouped=True,
        ),
        *overall_table(analysis),
    ]
    return Section("chance", message("section.groups_chance"), tuple(blocks))


def overall_table(analysis: Entry) -> tuple[Block, ...]:
    """Tests of all levels of a contrast together, where the round has such."""
    entries = [
        entry
        for entry in analysis.get("overall", ())
        if entry["rule"] == analysis["method"]["primary"]
    ]
    if not entries:
        return ()
    return (
        Table(
            id="overall",
            caption=message("overall.caption"),
            columns=(
                column("contrast", "text"),
                column("significance", "text"),
                column("levels", "text"),
                column("compared", "count"),
                column("statistic", "ratio"),
                column("p", "p"),
                column("p_dealt", "p"),
                column("overall_value", "estimate"),
            ),
            rows=tuple(
                (
                    message("verbatim", text=entry["contrast"]),
                    _overall_name(entry),
                    message("enumeration", items=entry["levels"]),
                    entry["n"],
                    entry["statistic"],
                    entry["p"],
                    entry["p_dealt"],
                    _overall_value(entry),
                )
                for entry in entries
            ),
            notes=(message("overall.note"), *_overall_notes(entries)),
        ),
    )


def _overall_name(entry: Entry) -> Message:
    """The test by name; within strata with the column that makes them."""
    name = message(f"significance.{entry['name']}")
    return message("overall.by", name=name, by=entry["by"]) if "by" in entry else name


def _overall_value(entry: Entry) -> Estimated | None:
    """The net rate of sets, or the common odds ratio of strata, where there is one."""
    if entry.get("net_rate_of_sets"):
        found = entry["net_rate_of_sets"]
        return Estimated(found["value"], found["low"], found["high"])
    if entry.get("odds_ratio"):
        found = entry["odds_ratio"]
        return Estimated(found["value"], found["low"], found["high"], "ratio")
    return None


def _overall_notes(entries: list[Entry]) -> list[Message]:
    kinds = {"net_rate_of_sets": "overall.sets_note", "odds_ratio": "overall.strata_note"}
    return [message(key) for name, key in kinds.items() if any(e.get(name) for e in entries)]


def found_of(contrast: Entry, name: str) -> Estimated:
    """An estimate with its interval, clustered by target where there is such a one."""
    entries = [entry for entry in contrast["estimates"] if entry["name"] == name]
    entry = max(entries, key=lambda found: found["scope"] == "targets-like-these")
    unit: Unit = "ratio" if name in RATIOS else "percent"
    return Estimated(entry["value"], entry["low"], entry["high"], unit)


def _verdict(contrast: Entry) -> Message:
    found = found_of(contrast, "rate_difference")
    groups = {"control": contrast["control"], "test": contrast["test"]}
    if found.low is None or found.high is None:
        return message("groups.verdict.unknown", **groups)
    if found.high < 0:
        return message("groups.verdict.control", **groups)
    return message(f"groups.verdict.{'test' if found.low > 0 else 'none'}", **groups)


def _rates(contrast: Entry) -> Message:
    counts = contrast["groups"]
    found = found_of(contrast, "rate_difference")
    values = {
        "control": contrast["control"],
        "test": contrast["test"],
        "control_positive": counts["control"]["positive"],
        "control_n": counts["control"]["n"],
        "test_positive": counts["test"]["positive"],
        "test_n": counts["test"]["n"],
    }
    if found.value is None or found.low is None:
        return message("groups.rates_alone", **values)
    return message("groups.rates", **values, difference=found.value, low=found.low, high=found.high)


def _estimates(analysis: Entry) -> Table:
    return Table(
        id="groups-estimates",
        caption=message("groups.caption", confidence=analysis["method"]["confidence"]),
        columns=(
            column("contrast", "text"),
            column("measure", "text"),
            column("value", "estimate"),
        ),
        rows=tuple(
            (contrast_label(contrast), message(f"groups.measure.{name}"), found_of(contrast, name))
            for contrast in whole_round(analysis)
            for name in ESTIMATES
        ),
        notes=(message("groups.clustered"),),
        grouped=True,
    )


def _by_rule_and_stratum(analysis: Entry) -> Table:
    least = analysis["method"]["min_cell"] or 0
    rows = []
    for entry in analysis["contrasts"]:
        shown = entry["stratum"] is None or is_shown(entry, least)
        whole = message("groups.whole")
        rows.append(
            (
                contrast_label(entry),
                whole if entry["stratum"] is None else stratum_label(entry),
                rule_label(entry["rule"]),
                *(
                    found_of(entry, name) if shown else Estimated(None, None, None)
                    for name in ("response_rate_control", "response_rate_test", "rate_difference")
                ),
            )
        )
    return Table(
        id="groups-strata",
        caption=message("groups.strata_caption"),
        columns=(
            column("contrast", "text"),
            column("stratum", "text"),
            column("rule", "text"),
            column("control_rate", "estimate"),
            column("test_rate", "estimate"),
            column("difference", "estimate"),
        ),
        rows=tuple(rows),
        notes=(message("groups.hidden", least=least),),
        grouped=True,
    )


def groups_method_section(analysis: Entry) -> Section:
    """How the numbers of unpaired tests come about, and what they cannot say."""
    method = analysis["method"]
    items = [(message("groups.method.design_term"), message("groups.method.design"))]
    items += [
        (
            message("method.positive_term", rule=rule_label(rule)),
            message("method.positive", codes=positive_codes(analysis, rule)),
        )
        for rule in method["positive"]
    ]
    items += [
        (message(f"groups.method.{name}_term"), message(f"groups.method.{name}"))
        for name in ("intervals", "tests", "targets")
    ]
    items += [
        (message(f"formula.{name}_term"), message(f"formula.{name}"))
        for name in ("wilson", "newcombe")
    ]
    return Section("method", message("section.method"), (Definitions(tuple(items)),))
