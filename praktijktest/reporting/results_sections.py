"""Chapters with results: the four cells, net rates, outcome rules, chance, replies."""

from praktijktest.language import Message, message
from praktijktest.reporting.blocks import (
    TOO_FEW,
    Block,
    Bullets,
    Column,
    Heading,
    Kind,
    Paragraph,
    Section,
    Share,
    Table,
    TooFew,
)
from praktijktest.reporting.evidence import (
    NET_RATES,
    Entry,
    cell_counts,
    denominator,
    estimated,
    evidence_of,
    headline_measure,
    p_value,
    whole_round,
)
from praktijktest.reporting.figures import forest, four_cells, response_rates
from praktijktest.reporting.further_figures import strata_pictures
from praktijktest.reporting.sensitivity_table import sensitivity_blocks
from praktijktest.reporting.wording import (
    comparison,
    contrast_label,
    contrast_labels,
    contrast_short,
    ground,
    in_scheme_order,
    meaning_of_positive,
    outcome,
    positive_codes,
    rule_label,
    tests,
)

SIGNIFICANCE = (
    "mcnemar_midp",
    "mcnemar_exact",
    "mcnemar_chi2",
    "mcnemar_chi2_cc",
    "sign_midp",
    "sign_exact",
    "unconditional",
    "randomisation",
    "randomisation_order",
    "cluster_t",
)

CONTRASTS_SIDE_BY_SIDE = 4
ARMS = ("control", "test")


def column(key: str, kind: Kind) -> Column:
    """A column whose heading stands in the catalogue under `column`."""
    return Column(message(f"column.{key}"), kind)


def cells_section(analysis: Entry) -> Section:
    """The four cells as a picture, and the response rates of both groups."""
    counted = any(contrast["cells"] is not None for contrast in whole_round(analysis))
    blocks: list[Block] = [Paragraph(message("cells.intro" if counted else "signs.intro"))]
    for contrast in whole_round(analysis):
        blocks.append(Heading(comparison(contrast), kicker=ground(contrast["ground"])))
        blocks.append(Paragraph(meaning_of_positive(analysis, contrast["rule"]), "note"))
        if contrast["cells"] is None:
            blocks.append(_signs(contrast))
        else:
            blocks.append(four_cells(contrast))
        blocks.append(response_rates(contrast))
    return Section("cells", message("section.cells"), tuple(blocks))


def _signs(contrast: Entry) -> Table:
    signs = contrast["signs"]
    groups = {"control": contrast["control"], "test": contrast["test"]}
    return Table(
        id=f"signs-{contrast['id']}",
        caption=message("signs.caption", tests=tests(contrast)),
        columns=(column("result", "text"), column("tests", "count")),
        rows=tuple(
            (message(f"signs.{name}", **groups), signs[name])
            for name in ("control_favoured", "test_favoured", "equal")
        ),
        notes=(message("signs.note"),),
    )


def net_section(analysis: Entry) -> Section:
    """Net rates with intervals by contrast and stratum, and by denominator."""
    blocks: list[Block] = [Paragraph(message("net_section.intro")), forest(analysis)]
    blocks += strata_pictures(analysis)
    counted = [c for c in whole_round(analysis) if c["cells"] is not None]
    if counted:
        blocks += [
            Paragraph(message("net_section.denominators")),
            _denominators(analysis, counted),
        ]
    return Section("net", message("section.net"), tuple(blocks))


def _denominators(analysis: Entry, contrasts: list[Entry]) -> Table:
    return Table(
        id="denominators",
        caption=message("net_section.caption", confidence=analysis["method"]["confidence"]),
        columns=(
            column("contrast", "text"),
            column("measure", "text"),
            column("tests", "count"),
            column("value", "estimate"),
        ),
        rows=tuple(
            (
                contrast_label(contrast),
                message(f"estimate.{name}"),
                denominator(contrast, name),
                estimated(contrast, name),
            )
            for contrast in contrasts
            for name in NET_RATES
        ),
        grouped=True,
    )


def rules_section(analysis: Entry) -> Section:
    """Every outcome rule side by side."""
    rows = []
    for contrast in whole_round(analysis, primary_only=False):
        counts = (None,) * 4 if contrast["cells"] is None else cell_counts(contrast["cells"])
        name = headline_measure(analysis, contrast)
        rows.append(
            (
                contrast_label(contrast),
                rule_label(contrast["rule"]),
                *counts,
                estimated(contrast, "response_rate_control").value,
                estimated(contrast, "response_rate_test").value,
                estimated(contrast, name),
            )
        )
    name = headline_measure(analysis, whole_round(analysis)[0])
    table = Table(
        id="rules",
        caption=message("rules.caption"),
        columns=(
            column("contrast", "text"),
            column("rule", "text"),
            *(column(name, "count") for name in ("both", "only_control", "only_test", "neither")),
            column("rate_control", "percent"),
            column("rate_test", "percent"),
            Column(message(f"estimate_short.{name}"), "estimate"),
        ),
        rows=tuple(rows),
        grouped=True,
    )
    rules = [
        message("rules.rule", rule=rule_label(rule), positive=positive_codes(analysis, rule))
        for rule in analysis["method"]["positive"]
    ]
    several = len(rules) > 1
    return Section(
        "rules",
        message("section.rules" if several else "section.rules_one"),
        (
            Paragraph(message("rules.intro" if several else "rules.intro_one")),
            Bullets(tuple(rules)),
            table,
            *sensitivity_blocks(analysis),
        ),
    )


def chance_section(analysis: Entry) -> Section:
    """Could it be chance: in words, then every significance test."""
    contrasts = whole_round(analysis)
    sentences = [_chance_sentence(analysis, contrast) for contrast in contrasts]
    return Section(
        "chance",
        message("section.chance"),
        (
            Paragraph(message("chance.intro")),
            Bullets(tuple(sentences)),
            _significance_table(contrasts),
        ),
    )


def _significance_table(contrasts: list[Entry]) -> Table:
    """One row per test of significance; one per contrast where there are many contrasts."""
    present = [
        name for name in SIGNIFICANCE if any(p_value(c, name) is not None for c in contrasts)
    ]
    names = [message(f"significance.{name}") for name in present]
    if len(contrasts) > CONTRASTS_SIDE_BY_SIDE:
        columns = (column("contrast", "text"), *(Column(name, "p") for name in names))
        rows = tuple(
            (contrast_label(c), *(p_value(c, name) for name in present)) for c in contrasts
        )
    else:
        headings = (Column(contrast_short(c), "p") for c in contrasts)
        columns = (column("significance", "text"), *headings)
        rows = tuple(
            (label, *(p_value(c, name) for c in contrasts))
            for label, name in zip(names, present, strict=True)
        )
    return Table(
        id="significance",
        caption=message("chance.caption"),
        columns=columns,
        rows=rows,
        notes=(message("chance.note"),),
    )


def _chance_sentence(analysis: Entry, contrast: Entry) -> Message:
    name = headline_measure(analysis, contrast)
    evidence = evidence_of(name, estimated(contrast, name))
    p = p_value(contrast, "mcnemar_midp")
    signs = contrast["signs"]
    differing = signs["control_favoured"] + signs["test_favoured"]
    clustered = p_value(contrast, "cluster_t") if contrast["clusters"] < contrast["n"] else None
    scope = "clustered" if contrast["targets"] else "clustered_groups"
    values = {
        "contrast": contrast_label(contrast),
        "differing": message("unit.tests", count=differing),
        "p": p,
        "clustered": message("empty")
        if clustered is None
        else message(f"chance.{scope}", p=clustered),
    }
    if not differing:
        return message("chance.no_discordant", **values)
    limit = 1 - analysis["method"]["confidence"]
    small = p is not None and p <= limit
    shown = evidence in ("control", "test")
    if small == shown:
        return message("chance.shown" if shown else "chance.not_shown", **values)
    return message("chance.only_unclustered" if small else "chance.only_interval", **values)


def replies_section(analysis: Entry) -> Section:
    """What was answered, code by code, and the response rates per level."""
    blocks: list[Block] = [Paragraph(message("replies.intro"))]
    for contrast in whole_round(analysis):
        blocks.append(_outcome_table(analysis, contrast))
    labels = contrast_labels(analysis)
    if analysis["levels"]:
        blocks.append(
            Table(
                id="levels",
                caption=message("replies.levels_caption"),
                columns=(
                    column("contrast", "text"),
                    column("level", "name"),
                    column("rule", "text"),
                    column("positive_share", "share"),
                    column("applications", "count"),
                ),
                rows=tuple(
                    (
                        labels[row["contrast"]],
                        row["level"],
                        rule_label(row["rule"]),
                        Share(row["positive"], row["applications"]),
                        row["applications"],
                    )
                    for row in analysis["levels"]
                ),
                grouped=True,
            )
        )
    return Section("replies", message("section.replies"), tuple(blocks))


def _outcome_table(analysis: Entry, contrast: Entry) -> Table:
    counts: dict[str, dict[str, int | None]] = {"control": {}, "test": {}}
    for row in analysis["outcomes"]:
        if row["contrast"] == contrast["id"]:
            counts[row["arm"]][row["outcome"]] = row["applications"]
    positives = analysis["method"]["positive"]
    rows = []
    for code in in_scheme_order(analysis, [*counts["control"], *counts["test"]]):
        rules = [rule_label(rule) for rule, members in positives.items() if code in members]
        rows.append(
            (
                outcome(analysis, code),
                message("enumeration", items=rules) if rules else None,
                *(_share(counts[arm], code) for arm in ARMS),
            )
        )
    return Table(
        id=f"outcomes-{contrast['id']}",
        caption=message("replies.caption", contrast=contrast_label(contrast)),
        columns=(
            column("reply", "text"),
            column("positive_under", "text"),
            *(Column(message("column.group", name=contrast[arm]), "share") for arm in ARMS),
        ),
        rows=tuple(rows),
    )


def _share(counts: dict[str, int | None], code: str) -> Share | TooFew:
    """A count as a share of its arm; the count alone where others, and so their sum, are hidden."""
    count = counts.get(code, 0)
    if count is None:
        return TOO_FEW
    known = [found for found in counts.values() if found is not None]
    return Share(count, sum(known) if len(known) == len(counts) else 0)
