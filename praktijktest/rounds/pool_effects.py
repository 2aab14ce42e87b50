"""One study's effect with its variance, whatever was known of the study."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import exp
from typing import Any, Final, Literal

from praktijktest.statistics.cells import Cells
from praktijktest.statistics.paired_effects import (
    Effect,
    Measure,
    effect_of_cells,
    effect_of_groups,
    effect_of_margins,
    least_variance,
    usable_range,
)

Given = Literal["cells", "margins", "groups", "published", "clustered"]
"""What the effect was worked out from; clustered: a report whose targets recur."""

Reason = Literal["no-variance", "needs-cells", "needs-pairs", "no-such-estimate"]
"""Why a study has no effect to pool."""

MEASURES: Final[Mapping[str, Measure]] = {
    "response_ratio": "log-response-ratio",
    "net_rate_usable": "net-rate-usable",
    "net_rate_all": "net-rate-all",
    "odds_ratio_conditional": "log-odds-ratio",
}
"""Measures by the names of the analysis document, in the order of the help page."""

RATIOS: Final = ("response_ratio", "odds_ratio_conditional")
"""Measures that are pooled as logarithms."""

LARGEST_LOG: Final = 20.0
"""A limit of a ratio beyond half a billion says as much as no limit."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a study comes from.

    Attributes:
        label: what it is called in tables and figures.
        ground: its ground, None where none is named.
        study: effects of one study resemble each other.
        cluster: effects within a study that share a deviation, None: each its own.
        file: base name of the report folder or of the table.
        row: row of the table, the header being row 1; None for a report.
        covariates: text by column, for a meta-regression.
    """

    label: str
    ground: str | None
    study: str
    cluster: str | None
    file: str
    row: int | None = None
    covariates: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StudyEffect:
    """A study as it is pooled.

    Attributes:
        origin: where it comes from.
        given: what the effect was worked out from.
        counts: the counts that were given, by name.
        n: tests, or applications of both groups; None where only an effect was published.
        effect: the effect on the scale of the analysis; None where there is none to pool.
        reason: why there is none.
        shifted: a half was added to counts of zero.
        usable: the net rates of tests with a positive reply that margins allow.
        recurring: targets recur, but the variance takes tests as independent.
        freedom: degrees of freedom behind the variance; None where it is taken as known.
    """

    origin: Origin
    given: Given
    counts: Mapping[str, int]
    n: int | None
    effect: Effect | None
    reason: Reason | None = None
    shifted: bool = False
    usable: tuple[float, float] | None = None
    recurring: bool = False
    freedom: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """The study as plain data, without its effect."""
        origin = self.origin
        return {
            "label": origin.label,
            "study": origin.study,
            "cluster": origin.cluster,
            "file": origin.file,
            "row": origin.row,
            "given": self.given,
            "counts": dict(self.counts),
            "n": self.n,
            "shifted": self.shifted,
            "recurring": self.recurring,
        }


def from_cells(origin: Origin, cells: Cells, measure: Measure) -> StudyEffect:
    """A study of which the four cells are known."""
    effect = effect_of_cells(cells, measure)
    return StudyEffect(
        origin,
        "cells",
        cells.to_dict(),
        cells.n,
        effect,
        None if effect else "no-variance",
        shifted=effect is not None and _shifted(cells, measure),
    )


def _shifted(cells: Cells, measure: Measure) -> bool:
    if measure == "log-odds-ratio":
        return not cells.only_control or not cells.only_test
    control, test = cells.both + cells.only_control, cells.both + cells.only_test
    return measure == "log-response-ratio" and (not control or not test)


def from_margins(origin: Origin, control: int, test: int, n: int, measure: Measure) -> StudyEffect:
    """A study of which only the positive replies to each group are known."""
    counts = {"n": n, "control_positive": control, "test_positive": test}
    reason: Reason | None = None
    effect = None
    if measure in ("net-rate-usable", "log-odds-ratio"):
        reason = "needs-cells"
    else:
        effect = effect_of_margins(control, test, n, measure)
        least = least_variance(control, test, n, measure)
        effect = None if effect is None or least is None else _at_least(effect, least)
        reason = None if effect else "no-variance"
    return StudyEffect(
        origin,
        "margins",
        counts,
        n,
        effect,
        reason,
        shifted=effect is not None and measure == "log-response-ratio" and not control * test,
        usable=usable_range(control, test, n) if measure == "net-rate-usable" else None,
    )


def _at_least(effect: Effect, least: float) -> Effect:
    return Effect(effect.value, least, max(effect.variance_high, least))


def from_groups(
    origin: Origin, control: int, n_control: int, test: int, n_test: int, measure: Measure
) -> StudyEffect:
    """A study in which each applicant stood alone."""
    counts = {
        "n_control": n_control,
        "n_test": n_test,
        "control_positive": control,
        "test_positive": test,
    }
    if measure in ("net-rate-usable", "log-odds-ratio"):
        return StudyEffect(origin, "groups", counts, n_control + n_test, None, "needs-pairs")
    effect = effect_of_groups(control, n_control, test, n_test, measure)
    return StudyEffect(
        origin,
        "groups",
        counts,
        n_control + n_test,
        effect,
        None if effect else "no-variance",
        shifted=effect is not None and measure == "log-response-ratio" and not control * test,
    )


def from_published(origin: Origin, value: float, variance: float) -> StudyEffect:
    """A study of which the effect and its variance were published."""
    return StudyEffect(origin, "published", {}, None, Effect(value, variance, variance))


def back_transformed(value: float | None, *, ratio: bool) -> float | None:
    """A value of the scale of the analysis as people read it; None beyond any meaning."""
    if value is None or not ratio:
        return value
    return exp(value) if value < LARGEST_LOG else None
