"""The chapter on earlier rounds: rates side by side where they can be compared, and why not."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from praktijktest.language import Message, message
from praktijktest.reporting.blocks import (
    Block,
    Bullets,
    Column,
    Estimated,
    Paragraph,
    Section,
    Table,
    Trend,
    TrendLine,
)
from praktijktest.reporting.evidence import (
    Entry,
    denominator,
    estimate_of,
    net_measure,
    whole_round,
)
from praktijktest.reporting.results_sections import column
from praktijktest.reporting.wording import contrast_label, contrast_short, verbatim

LINES = 4
"""Lines in one drawing that can still be told apart without colour."""


@dataclass(frozen=True, slots=True)
class Series:
    """One contrast over the rounds.

    Attributes:
        contrast: its entry in the latest round.
        measure: name of the rate.
        entries: its entry per round, None where it cannot be compared.
        reasons: why not, per round; None where it can.
    """

    contrast: Entry
    measure: str
    entries: tuple[Entry | None, ...]
    reasons: tuple[str | None, ...]


def trend_section(analysis: Entry, earlier: Sequence[Entry]) -> Section:
    """How the rates of this round relate to those of earlier ones.

    Args:
        analysis: the analysis document of the latest round.
        earlier: those of earlier rounds, in any order.
    """
    rounds = [*sorted(earlier, key=_start), analysis]
    labels = round_labels([one["round"] for one in rounds])
    series = [_series(analysis, contrast, rounds) for contrast in whole_round(analysis)]
    shown = [one for one in series if sum(entry is not None for entry in one.entries) > 1]
    blocks: list[Block] = [Paragraph(message("trend.intro"))]
    for measure in dict.fromkeys(one.measure for one in shown):
        same = [one for one in shown if one.measure == measure]
        starts = range(0, len(same), LINES)
        blocks += [_figure(measure, same[i : i + LINES], labels) for i in starts]
    if not earlier:
        blocks.append(Paragraph(message("trend.no_earlier")))
    if shown:
        blocks.append(Bullets(tuple(_changes(analysis, shown, labels))))
        blocks.append(_table(analysis, shown, labels))
        blocks.append(Paragraph(message("trend.independent"), "note"))
    missing = _not_comparable(series, labels)
    if missing:
        blocks += [Paragraph(message("trend.not_comparable")), Bullets(tuple(missing))]
    return Section("trend", message("section.trend"), tuple(blocks))


def round_labels(rounds: Sequence[Entry]) -> list[str]:
    """The year of each round where that tells them apart, else its id, else with a number."""
    years = [(about["start"] or "")[:4] for about in rounds]
    ids = [str(about["id"]) for about in rounds]
    for names in (years, ids):
        if all(names) and len(set(names)) == len(names):
            return names
    return [f"{name} ({number})" for number, name in enumerate(ids, 1)]


def _start(analysis: Entry) -> str:
    about = analysis["round"]
    return str(about["start"] or about["end"] or about["id"])


def _series(analysis: Entry, contrast: Entry, rounds: Sequence[Entry]) -> Series:
    measure = _measure(analysis, contrast)
    entries: list[Entry | None] = []
    reasons: list[str | None] = []
    for one in rounds:
        then = next((entry for entry in whole_round(one) if entry["id"] == contrast["id"]), None)
        reason = None if one is analysis else _obstacle(analysis, contrast, measure, one, then)
        reasons.append(reason)
        entries.append(then if reason is None else None)
    return Series(contrast, measure, tuple(entries), tuple(reasons))


def _measure(analysis: Entry, contrast: Entry) -> str:
    if "calls" in contrast:
        return "compliance_rate"
    return "rate_difference" if "groups" in contrast else net_measure(analysis, contrast)


def _obstacle(
    analysis: Entry, contrast: Entry, measure: str, earlier: Entry, then: Entry | None
) -> str | None:
    """The first thing that keeps two rounds from being compared; None where nothing does."""
    now_round, then_round = analysis["round"], earlier["round"]
    now_method, then_method = analysis["method"], earlier["method"]
    if then is None:
        return "absent"
    rule = contrast["rule"]
    same_rule = then["rule"] == rule and set(now_method["positive"].get(rule, ())) == set(
        then_method["positive"].get(rule, ())
    )
    checks = {
        "kind": now_round["kind"] == then_round["kind"],
        "place": (now_round["market"], now_round["place"])
        == (then_round["market"], then_round["place"]),
        "groups": all(contrast.get(key) == then.get(key) for key in ("control", "test", "request")),
        "rule": same_rule,
        "window": now_method["response_days"] == then_method["response_days"],
        "confidence": now_method["confidence"] == then_method["confidence"],
        "denominator": _estimate(then, measure).value is not None,
    }
    return next((name for name, alike in checks.items() if not alike), None)


def _estimate(entry: Entry, measure: str) -> Estimated:
    found = estimate_of(entry, measure)
    if found is None:
        return Estimated(None, None, None)
    return Estimated(found["value"], found["low"], found["high"])


def _name(measure: str) -> Message:
    own = measure in ("compliance_rate", "rate_difference")
    return message(f"trend.measure.{measure}" if own else f"estimate.{measure}")


def _label(contrast: Entry) -> Message:
    return verbatim(contrast["request"]) if "calls" in contrast else contrast_label(contrast)


def _short(contrast: Entry) -> Message:
    return verbatim(contrast["request"]) if "calls" in contrast else contrast_short(contrast)


def _figure(measure: str, series: Sequence[Series], labels: Sequence[str]) -> Trend:
    points = [_points(one) for one in series]
    return Trend(
        title=message("trend.title", measure=_name(measure)),
        description=message(
            "trend.description",
            measure=_name(measure),
            parts=[_said(one, line, labels) for one, line in zip(series, points, strict=True)],
        ),
        rounds=tuple(labels),
        lines=tuple(
            TrendLine(_short(one.contrast), line) for one, line in zip(series, points, strict=True)
        ),
        notes=(message("trend.note"),),
    )


def _points(one: Series) -> tuple[Estimated | None, ...]:
    return tuple(
        None if entry is None or (found := _estimate(entry, one.measure)).value is None else found
        for entry in one.entries
    )


def _said(one: Series, line: Sequence[Estimated | None], labels: Sequence[str]) -> Message:
    values = [
        message("trend.point", round=label, value=point.value)
        for label, point in zip(labels, line, strict=True)
        if point is not None
    ]
    return message("trend.line", contrast=_label(one.contrast), values=values)


def _changes(analysis: Entry, series: Sequence[Series], labels: Sequence[str]) -> list[Message]:
    """The change of each contrast since the round before, with its interval."""
    found = []
    for one in series:
        known = [
            (label, point)
            for label, point in zip(labels, _points(one), strict=True)
            if point is not None
        ]
        if len(known) < 2:
            continue
        (before, first), (_, last) = known[-2], known[-1]
        values = {
            "contrast": _label(one.contrast),
            "before": before,
            "first": first.value,
            "last": last.value,
            "measure": _name(one.measure),
        }
        change = _change(first, last)
        if change is None:
            found.append(message("trend.change.no_interval", **values))
            continue
        low, high = change
        way = "higher" if low > 0 else "lower" if high < 0 else "none"
        found.append(
            message(
                f"trend.change.{way}",
                **values,
                low=100 * low,
                high=100 * high,
                confidence=analysis["method"]["confidence"],
            )
        )
    return found


def _change(first: Estimated, last: Estimated) -> tuple[float, float] | None:
    from praktijktest.statistics.independent_rates import difference_limits

    ends = (first.value, first.low, first.high, last.value, last.low, last.high)
    if any(end is None for end in ends):
        return None
    value1, low1, high1, value2, low2, high2 = (float(end) for end in ends if end is not None)
    if not (low1 <= value1 <= high1 and low2 <= value2 <= high2):
        return None
    return difference_limits(value1, (low1, high1), value2, (low2, high2))


def _table(analysis: Entry, series: Sequence[Series], labels: Sequence[str]) -> Table:
    unit = "calls" if analysis["round"]["kind"] == "mystery" else "tests"
    rows: list[tuple[Any, ...]] = []
    for one in series:
        for label, entry in zip(labels, one.entries, strict=True):
            if entry is not None:
                rows.append(
                    (
                        _label(one.contrast),
                        label,
                        entry["n"],
                        _denominator(entry, one.measure),
                        _estimate(entry, one.measure),
                    )
                )
    measures = list(dict.fromkeys(one.measure for one in series))
    return Table(
        id="trend",
        caption=message("trend.caption", measures=[_name(measure) for measure in measures]),
        columns=(
            column("contrast", "text"),
            column("round", "name"),
            column(unit, "count"),
            column("denominator", "count"),
            Column(message("column.value"), "estimate"),
        ),
        rows=tuple(rows),
        grouped=True,
    )


def _denominator(entry: Entry, measure: str) -> int | None:
    if "calls" in entry or "groups" in entry:
        return int(entry["n"])
    return denominator(entry, measure)


def _not_comparable(series: Sequence[Series], labels: Sequence[str]) -> list[Message]:
    return [
        message(
            "trend.left_out",
            round=label,
            contrast=_label(one.contrast),
            reason=message(f"trend.reason.{reason}"),
        )
        for one in series
        for label, reason in zip(labels, one.reasons, strict=True)
        if reason is not None
    ]
