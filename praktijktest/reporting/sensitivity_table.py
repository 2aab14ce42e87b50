"""The table of other choices: would they have given another result?"""

from collections.abc import Iterator

from praktijktest.language import Message, message
from praktijktest.reporting.blocks import Block, Bullets, Column, Estimated, Kind, Paragraph, Table
from praktijktest.reporting.evidence import MEASURES, NET_RATES, Entry, cell_counts
from praktijktest.reporting.wording import contrast_labels, rule_label

LEAST, MOST = "without-target-lowest", "without-target-highest"
RATES = ("net_rate_usable", "net_rate_all")
PLAIN = ("primary", "other-rule")
"""Choices that the other tables of the chapter show as well."""


def sensitivity_blocks(analysis: Entry) -> list[Block]:
    """The main numbers under choices that the other tables of the chapter do not show.

    Args:
        analysis: the analysis document.
    """
    rows = analysis["sensitivity"]
    if all(row["name"] in PLAIN for row in rows):
        return []
    labels = contrast_labels(analysis)
    headline = next((row["headline"] for row in rows if "headline" in row), RATES[0])
    measures = (*RATES, *([] if headline in NET_RATES[:2] else [headline]))
    table = Table(
        id="sensitivity",
        caption=message("rules.sensitivity_caption"),
        columns=(
            _column("contrast", "text"),
            _column("variant", "text"),
            _column("rule", "text"),
            _column("cells", "cells"),
            *(Column(message(f"estimate_short.{name}"), "estimate") for name in measures),
            Column(message("significance.mcnemar_midp"), "p"),
        ),
        rows=tuple(
            (
                labels[row["contrast"]],
                message("variant_name", code=row["name"]),
                rule_label(row["rule"]),
                None if row["cells"] is None else cell_counts(row["cells"]),
                *(_estimated(row, name) for name in measures),
                row["mcnemar_midp"],
            )
            for row in rows
        ),
        notes=(message("sensitivity.cells"), *_notes(rows)),
        grouped=True,
    )
    targets = [
        _one_target_out(labels[contrast], of_contrast)
        for contrast, of_contrast in _by_contrast(rows).items()
        if LEAST in of_contrast and MOST in of_contrast
    ]
    sentences: list[Block] = [Bullets(tuple(targets))] if targets else []
    return [Paragraph(message("rules.sensitivity")), table, *sentences]


def _column(key: str, kind: Kind) -> Column:
    return Column(message(f"column.{key}"), kind)


def _estimated(row: Entry, name: str) -> Estimated:
    """A measure of a row; documents of earlier versions have no intervals there."""
    unit = MEASURES[name].unit
    for found in row.get("estimates", ()):
        if found["name"] == name:
            return Estimated(found["value"], found["low"], found["high"], unit)
    return Estimated(row.get(name), None, None, unit)


def _notes(rows: list[Entry]) -> Iterator[Message]:
    """What the choices mean, for those that are in the table."""
    names = {row["name"] for row in rows}
    if "ambiguous-least" in names:
        yield message("sensitivity.ambiguous")
    if "failed-least" in names:
        yield message("sensitivity.failed")
    for by in ("date", "test-id"):
        if any(row["name"] == "first-tests" and row["details"]["by"] == by for row in rows):
            yield message(f"sensitivity.first_by.{by}")


def _by_contrast(rows: list[Entry]) -> dict[str, dict[str, Entry]]:
    found: dict[str, dict[str, Entry]] = {}
    for row in rows:
        found.setdefault(row["contrast"], {})[row["name"]] = row
    return found


def _one_target_out(label: Message, rows: dict[str, Entry]) -> Message:
    name = rows[LEAST]["headline"]
    ends = [_estimated(rows[which], name) for which in (LEAST, MOST)]
    most = next((rows[w] for w in (LEAST, MOST) if rows[w]["details"]["moves_most"]), rows[LEAST])
    return message(
        f"sensitivity.one_target_out.{ends[0].unit}",
        contrast=label,
        measure=message(f"estimate.{name}"),
        low=ends[0].value,
        high=ends[1].value,
        pseudonym=most["details"]["pseudonym"],
    )
