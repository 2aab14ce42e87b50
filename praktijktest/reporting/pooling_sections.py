"""What studies show together, and study by study."""

from collections.abc import Iterator

from praktijktest.language import Message, message
from praktijktest.reporting.blocks import (
    Block,
    Bullets,
    Estimated,
    Finding,
    Heading,
    Section,
    Table,
)
from praktijktest.reporting.evidence import MEASURES, Entry
from praktijktest.reporting.pooling_evidence import (
    deviation,
    evidence,
    ground_label,
    how_many,
    in_words,
    is_ratio,
    measure_label,
    number,
    pooled_column,
    table_id,
)
from praktijktest.reporting.pooling_figures import pooled_forest
from praktijktest.reporting.wording import verbatim

NEGLIGIBLE = 1e-8
"""A variance between results that no two decimals would show."""


def results_section(document: Entry) -> Section:
    """The pooled result of every ground, in words that match the evidence."""
    found = [_finding(document, entry) for entry in document["grounds"]]
    return Section("results", message("pooling.section.results"), (*found, overview(document)))


def overview(document: Entry) -> Table:
    """The pooled results of all grounds under one another."""
    return Table(
        id="pooled",
        caption=message(
            "pooling.caption.pooled",
            confidence=document["confidence"],
            measure=measure_label(document),
        ),
        columns=(
            pooled_column("ground", "text"),
            pooled_column("pooled", "estimate"),
            pooled_column("studies", "count"),
            pooled_column("effects", "count"),
            pooled_column("prediction", "text"),
            pooled_column("i2", "percent"),
            pooled_column("tau", "ratio" if is_ratio(document) else "percent"),
            pooled_column("q_p", "p"),
        ),
        rows=tuple(
            (
                ground_label(entry),
                number(document, entry.get("pooled")),
                entry["studies"],
                entry["effects"],
                _span(document, number(document, entry.get("prediction"))),
                *_heterogeneity(entry),
            )
            for entry in document["grounds"]
        ),
    )


def _span(document: Entry, found: Estimated) -> Message | None:
    """An interval without a number in the middle."""
    return None if found.low is None else in_words(document, found, "span")


def _heterogeneity(entry: Entry) -> tuple[float | None, float | None, float | None]:
    """I², the standard deviation between results, and the test of equal effects."""
    if entry["effects"] < 2:
        return None, None, None
    two_level = entry["two_level"]
    return two_level["i2"], total_variance(entry) ** 0.5, two_level["q_p"]


def total_variance(entry: Entry) -> float:
    """The variance between results beyond chance, by the model that is shown."""
    levels = entry["multilevel"]
    found: float = levels["between"] + levels["within"] if levels else entry["two_level"]["tau2"]
    return found


def _finding(document: Entry, entry: Entry) -> Finding:
    pooled = entry.get("pooled")
    favours = evidence(document, pooled)
    key = "nothing" if pooled is None else favours
    kind = "one" if entry["model"] == "one-study" else "verdict"
    found = number(document, pooled)
    known = found.low is not None or found.high is not None
    return Finding(
        ground=ground_label(entry),
        title=how_many(entry),
        verdict=message(f"pooling.{kind}.{key}"),
        evidence=favours,
        sentences=tuple(_sentences(document, entry, found)),
        measure=measure_label(document),
        estimate=found,
        interval_note=message(
            f"pooling.interval.{entry['model']}", confidence=document["confidence"]
        )
        if known
        else message("pooling.interval.none"),
    )


def _sentences(document: Entry, entry: Entry, found: Estimated) -> Iterator[Message]:
    """The size in natural frequencies, the next study, and how much studies differ."""
    if found.value is None:
        return
    name = document["measure"]
    if name == "response_ratio":
        yield message("pooling.size.response_ratio", count=round(100 * found.value))
    elif name == "odds_ratio_conditional":
        yield message("pooling.size.odds_ratio_conditional", value=found.value)
    else:
        way = "control" if found.value >= 0 else "test"
        yield message(f"pooling.size.{name}_{way}", count=abs(round(100 * found.value)))
    if entry["prediction"] is not None:
        expected = number(document, entry["prediction"])
        equal = MEASURES[name].equal
        assert equal is not None and expected.low is not None
        high = float("inf") if expected.high is None else expected.high
        inside = "includes" if expected.low <= equal <= high else "excludes"
        yield message(f"pooling.prediction.{inside}", range=in_words(document, expected, "range"))
    yield from _differences(document, entry)


def _differences(document: Entry, entry: Entry) -> Iterator[Message]:
    if entry["effects"] < 2:
        return
    two_level, levels = entry["two_level"], entry["multilevel"]
    if total_variance(entry) < NEGLIGIBLE:
        yield message("pooling.no_heterogeneity", q=two_level["q"], p=two_level["q_p"])
        return
    yield message(
        "pooling.heterogeneity",
        i2=two_level["i2"],
        q=two_level["q"],
        p=two_level["q_p"],
        tau=deviation(document, total_variance(entry)),
    )
    if levels:
        yield message(
            "pooling.heterogeneity_levels",
            between=deviation(document, levels["between"]),
            within=deviation(document, levels["within"]),
        )


def studies_section(document: Entry) -> Section:
    """Every ground with its studies, drawn and in numbers, and what to keep in mind."""
    blocks: list[Block] = []
    for place, entry in enumerate(document["grounds"]):
        blocks.append(Heading(ground_label(entry)))
        said = (*_without(entry), *map(_message, entry["messages"]))
        if said:
            blocks.append(Bullets(said))
        if entry["rows"]:
            blocks.append(pooled_forest(document, entry))
            blocks.append(_studies(document, entry, place))
        if entry["left_out"]:
            blocks.append(_left_out(document, entry, place))
    return Section("studies", message("pooling.section.studies"), tuple(blocks))


def _without(entry: Entry) -> Iterator[Message]:
    """How many studies have no result to pool, and why."""
    reasons = [row["reason"] for row in entry["left_out"]]
    for reason in dict.fromkeys(reasons):
        yield message(f"pooling.without.{reason}", count=reasons.count(reason))


def _message(said: Entry) -> Message:
    return message(f"pooling.message.{said['code']}", **said["values"])


def _studies(document: Entry, entry: Entry, place: int) -> Table:
    return Table(
        id=table_id("studies", place),
        caption=message(
            "pooling.caption.studies",
            confidence=document["confidence"],
            measure=measure_label(document),
        ),
        columns=(
            pooled_column("study", "text"),
            pooled_column("result", "estimate"),
            pooled_column("weight", "percent"),
            pooled_column("n", "count"),
            pooled_column("given", "text"),
        ),
        rows=tuple(
            (
                verbatim(row["label"]),
                number(document, row),
                row["weight"],
                row["n"],
                message(f"pooling.given.{row['given']}"),
            )
            for row in entry["rows"]
        ),
    )


def _left_out(document: Entry, entry: Entry, place: int) -> Table:
    ranged = document["measure"] == "net_rate_usable"
    return Table(
        id=table_id("left-out", place),
        caption=message("pooling.caption.left_out"),
        columns=(
            pooled_column("study", "text"),
            *([pooled_column("range", "text")] if ranged else []),
            pooled_column("reason", "text"),
        ),
        rows=tuple(
            (
                verbatim(row["label"]),
                *([_range(document, row)] if ranged else []),
                message(f"pooling.reason.{row['reason']}"),
            )
            for row in entry["left_out"]
        ),
    )


def _range(document: Entry, row: Entry) -> Message | None:
    """Both ends of the net rates that margins allow."""
    if row["usable_range"] is None:
        return None
    low, high = row["usable_range"]
    return _span(document, Estimated(None, low, high))
