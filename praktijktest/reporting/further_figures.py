"""Figures of the parts of a round: targets ranked, and the two groups in every stratum."""

from heapq import nsmallest

from praktijktest.language import message
from praktijktest.reporting.blocks import (
    Bar,
    Block,
    Estimated,
    Panel,
    Paragraph,
    RankedTarget,
    Ranking,
    SmallMultiples,
)
from praktijktest.reporting.evidence import Entry, estimated, is_shown, strata, whole_round
from praktijktest.reporting.wording import contrast_short, stratum_label, targets

RANKED = 30
"""Targets in the ranking: a page, and what a reader takes in."""

MOST_PANELS = 36
"""Small multiples that are still a picture; beyond that the table is the better reading."""


def ranking(analysis: Entry) -> Ranking | None:
    """The targets with the largest net rates, drawn towards the round where that was worked out.

    Args:
        analysis: the analysis document.

    Returns:
        The figure, or None where no target could be assessed.
    """
    assessed = [row for row in analysis["targets"] if row["state"] != "too-few-tests"]
    drawn_in = bool(assessed) and all(row.get("shrunken") for row in assessed)

    def rate(row: Entry) -> Estimated:
        if drawn_in:
            found = row["shrunken"]
            return Estimated(found["net_rate_all"], found["low"], found["high"])
        return Estimated(row["net_rate_all"], None, None)

    rated = [(row, rate(row)) for row in assessed]
    known = [(row, found) for row, found in rated if found.value is not None]
    if not known:
        return None
    shown = nsmallest(RANKED, known, key=lambda pair: (-(pair[1].value or 0), pair[0]["pseudonym"]))
    several = len({row["contrast"] for row, _ in known}) > 1
    numbers = {entry["id"]: place for place, entry in enumerate(whole_round(analysis), start=1)}
    rows = tuple(
        RankedTarget(
            f"{row['pseudonym']} ({numbers[row['contrast']]})" if several else row["pseudonym"],
            row["state"],
            found,
        )
        for row, found in shown
    )
    notes = [message("ranking.marks")]
    if several:
        names = [
            message("ranking.contrast", number=number, contrast=contrast_short(entry))
            for number, entry in enumerate(whole_round(analysis), start=1)
        ]
        notes.insert(0, message("ranking.contrasts", names=names))
    kind = "shrunken" if drawn_in else "plain"
    return Ranking(
        title=message(f"ranking.title.{kind}"),
        description=message(
            "ranking.description",
            shown=len(rows),
            targets=message("unit.combinations", count=len(known))
            if several
            else targets(analysis, len(known)),
            highest=rows[0].rate.value,
            lowest=rows[-1].rate.value,
        ),
        left=message("forest.left"),
        right=message("forest.right"),
        rows=rows,
        notes=tuple(notes),
    )


def strata_pictures(analysis: Entry) -> list[Block]:
    """Positive replies of both groups in every stratum, one picture per contrast.

    Args:
        analysis: the analysis document.

    Returns:
        One figure per contrast that has strata; one sentence instead where there would be
        more panels than a reader can compare.
    """
    parts = {entry["id"]: list(strata(analysis, entry["id"])) for entry in whole_round(analysis)}
    count = sum(map(len, parts.values()))
    if count > MOST_PANELS:
        return [Paragraph(message("multiples.too_many", count=count, most=MOST_PANELS), "note")]
    return [
        _multiples(analysis, entry, parts[entry["id"]])
        for entry in whole_round(analysis)
        if parts[entry["id"]]
    ]


def _multiples(analysis: Entry, contrast: Entry, parts: list[Entry]) -> SmallMultiples:
    least = analysis["method"]["min_cell"] or 0
    shown = [entry for entry in parts if is_shown(entry, least)]
    rates = [_shares(entry) for entry in shown]
    name = contrast_short(contrast)
    return SmallMultiples(
        title=message("multiples.title", contrast=name),
        description=message(
            "multiples.description",
            count=len(shown),
            contrast=name,
            parts=[
                message(
                    "multiples.part",
                    stratum=stratum_label(entry),
                    control=control.share.value,
                    test=test.share.value,
                )
                for entry, (control, test) in zip(shown, rates, strict=True)
            ],
        ),
        panels=tuple(_panel(entry, shown=is_shown(entry, least)) for entry in parts),
    )


def _shares(entry: Entry) -> tuple[Bar, Bar]:
    return (
        Bar(entry["control"], "control", estimated(entry, "response_rate_control")),
        Bar(entry["test"], "test", estimated(entry, "response_rate_test")),
    )


def _panel(entry: Entry, *, shown: bool) -> Panel:
    if not shown:
        return Panel(stratum_label(entry), message("too_few"), ())
    return Panel(stratum_label(entry), message("unit.tests", count=entry["n"]), _shares(entry))
