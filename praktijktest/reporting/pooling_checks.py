"""How firm a pooled result is: other models, other variances, one study less, small studies."""

from collections.abc import Iterator, Mapping
from typing import Any

from praktijktest.language import Message, message
from praktijktest.reporting.blocks import (
    Block,
    Estimated,
    Heading,
    Paragraph,
    Section,
    Table,
)
from praktijktest.reporting.evidence import MEASURES, Entry
from praktijktest.reporting.pooling_evidence import (
    deviation,
    evidence,
    ground_label,
    in_words,
    is_ratio,
    measure_label,
    number,
    pooled_column,
    table_id,
)
from praktijktest.reporting.wording import verbatim

SMALL = 0.10
"""Below this p-value an asymmetry is said: these tests have little power."""


def checks_section(document: Entry) -> Section | None:
    """The checks of every ground with more than one result; None where there is none."""
    blocks: list[Block] = [Paragraph(message("pooling.check.intro"))]
    for place, entry in enumerate(document["grounds"]):
        if entry["effects"] < 2:
            continue
        blocks.append(Heading(ground_label(entry)))
        blocks.append(_models(document, entry, place))
        blocks += [Paragraph(text) for text in _ends(document, entry)]
        blocks.append(Paragraph(_one_out(document, entry)))
        if entry["leave_one_out"]:
            blocks.append(_one_out_table(document, entry, place))
        blocks += [Paragraph(text) for text in _small_studies(entry)]
    if len(blocks) == 1:
        return None
    return Section("checks", message("pooling.section.checks"), tuple(blocks))


def _models(document: Entry, entry: Entry, place: int) -> Table:
    """The main model and the others side by side."""
    two_level = entry["two_level"]
    rows: list[tuple[str, Mapping[str, Any]]] = [
        ("hksj", two_level["hksj"]),
        ("normal", two_level["normal"]),
        ("fixed", two_level["fixed"]),
    ]
    if entry["multilevel"]:
        rows.insert(0, ("multilevel", entry["pooled"]))
    if entry["least_variance"]:
        rows.append(("least", entry["least_variance"]["pooled"]))
    return Table(
        id=table_id("models", place),
        caption=message("pooling.caption.models", measure=measure_label(document)),
        columns=(
            pooled_column("model", "text"),
            pooled_column("result", "estimate"),
        ),
        rows=tuple(
            (message(f"pooling.model.{name}"), number(document, found)) for name, found in rows
        ),
        notes=(
            message(
                "pooling.check.other_variances",
                reml=deviation(document, two_level["tau2"]),
                dl=deviation(document, two_level["tau2_dl"]),
                pm=deviation(document, two_level["tau2_pm"]),
            ),
        ),
    )


def _ends(document: Entry, entry: Entry) -> Iterator[Message]:
    """What margins leave open, and whether it matters."""
    least = entry["least_variance"]
    if least is None:
        return
    same = evidence(document, least["pooled"]) == evidence(document, entry["pooled"])
    yield message(
        "pooling.check.ends_same" if same else "pooling.check.ends_differ",
        largest=in_words(document, number(document, entry["pooled"])),
        least=in_words(document, number(document, least["pooled"])),
    )


def _one_out(document: Entry, entry: Entry) -> Message:
    if not entry["leave_one_out"]:
        many = entry["effects"] > 2 and entry["studies"] > 2
        return message("pooling.check.too_many" if many else "pooling.check.no_left_out")
    main = evidence(document, entry["pooled"])
    names = [
        verbatim(row["left_out"])
        for row in entry["leave_one_out"]
        if evidence(document, row) != main
    ]
    if names:
        return message("pooling.check.some_decide", names=names)
    return message("pooling.check.none_decides")


def _one_out_table(document: Entry, entry: Entry, place: int) -> Table:
    return Table(
        id=table_id("one-out", place),
        caption=message("pooling.caption.one_out", measure=measure_label(document)),
        columns=(
            pooled_column("left_out", "text"),
            pooled_column("result", "estimate"),
            pooled_column("i2", "percent"),
        ),
        rows=tuple(
            (verbatim(row["left_out"]), number(document, row), row["i2"])
            for row in entry["leave_one_out"]
        ),
    )


def _small_studies(entry: Entry) -> Iterator[Message]:
    found = entry["small_studies"]
    if found is None:
        if not entry["multilevel"]:
            yield message("pooling.check.few_for_small")
        return
    yield message(
        "pooling.check.small",
        tau=found["tau"],
        rank_p=found["rank_p"],
        slope_p=found["slope_p"],
    )
    shown = [p for p in (found["rank_p"], found["slope_p"]) if p is not None and p < SMALL]
    yield message("pooling.check.small_yes" if shown else "pooling.check.small_no")


def moderator_section(document: Entry) -> Section | None:
    """The meta-regressions on one covariate; None where none was asked for."""
    column = document["moderator"]
    found = [entry for entry in document["grounds"] if entry["moderator"] is not None]
    if column is None or not found:
        return None
    fitted = [entry for entry in found if entry["moderator"]["slope"] is not None]
    blocks: list[Block] = [Paragraph(message("pooling.moderation.intro", column=column))]
    if fitted:
        blocks.append(_slopes(document, fitted, column))
    blocks += [Paragraph(_problem(entry, column)) for entry in found if entry not in fitted]
    title = message("pooling.section.moderator", column=column)
    return Section("moderator", title, tuple(blocks))


def _slopes(document: Entry, fitted: list[Entry], column: str) -> Table:
    unit = MEASURES[document["measure"]].unit
    levels = next((e["moderator"]["levels"] for e in fitted if e["moderator"]["levels"]), None)
    notes = [message(f"pooling.moderation.number_{unit}", column=column)]
    if levels:
        notes.append(message("pooling.moderation.levels", low=levels[0], high=levels[-1]))
    return Table(
        id="moderator",
        caption=message("pooling.caption.moderator", column=column),
        columns=(
            pooled_column("ground", "text"),
            pooled_column("per_unit", "estimate"),
            pooled_column("p", "p"),
            pooled_column("effects", "count"),
            pooled_column("missing", "count"),
            pooled_column("explained", "percent"),
        ),
        rows=tuple(
            (
                ground_label(entry),
                _slope(entry["moderator"]["slope"]["back_transformed"], ratio=is_ratio(document)),
                entry["moderator"]["slope"]["p"],
                entry["moderator"]["effects"],
                entry["moderator"]["missing"],
                entry["moderator"]["explained"],
            )
            for entry in fitted
        ),
        notes=tuple(notes),
    )


def _slope(shown: Mapping[str, float | None], *, ratio: bool) -> Estimated:
    return Estimated(shown["value"], shown["low"], shown["high"], "ratio" if ratio else "percent")


def _problem(entry: Entry, column: str) -> Message:
    found = entry["moderator"]
    values: dict[str, Any] = {"ground": ground_label(entry), "column": column}
    if found["problem"] == "too-many-values":
        values["names"] = found["levels"]
    return message(f"pooling.moderation.{found['problem']}", **values)
