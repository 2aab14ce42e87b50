"""What the planned number of tests can show, computed before anything is sent."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from praktijktest.design import Comparison, Design
from praktijktest.planning.plan import Plan

USUAL_SHARES: Final = ((0.15, 0.05), (0.20, 0.10), (0.30, 0.10))
"""Only control, only test: what published rounds found, from small to large differences."""

TARGET_SHARES: Final = ((0.30, 0.05), (0.50, 0.05), (0.70, 0.02))
"""The same for one target that discriminates: sometimes, often, nearly always."""

USUAL_DISCORDANCE: Final = 0.30
USUAL_ICC: Final = 0.05
"""Likeness of the tests of one target, for a second and more cautious number."""

WANTED: Final = 0.8
USUAL_COMPLIANCE: Final = 0.30
PAIRED_KINDS: Final = ("paired", "set")


@dataclass(frozen=True, slots=True)
class MarketLine:
    """Power of one contrast under one assumption.

    Attributes:
        contrast: id of the comparison.
        tests: tests planned.
        only_control: assumed share with only the control applicant answered.
        only_test: assumed share with only the test applicant answered.
        power: exact power of McNemar's test, two-sided.
        clustered: the same for the effective number of tests at `PlannedPower.icc`.
    """

    contrast: str
    tests: int
    only_control: float
    only_test: float
    power: float
    clustered: float


@dataclass(frozen=True, slots=True)
class DetectableLine:
    """Smallest difference of one contrast that is found with the wanted power."""

    contrast: str
    discordance: float
    difference: float


@dataclass(frozen=True, slots=True)
class TargetLine:
    """Chance that one target's sign test reaches alpha under one assumption."""

    only_control: float
    only_test: float
    chance: float


@dataclass(frozen=True, slots=True)
class PrecisionLine:
    """How precisely a share of compliance would be known."""

    call: str
    calls: int
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class PlannedPower:
    """What a plan can show.

    Attributes:
        market: power per contrast and assumption; empty where tests are not paired.
        detectable: smallest difference per contrast.
        target: chances for one target; empty where none has enough tests for a flag.
        precision: mystery calls: interval of a usual share.
        most_tests: most tests of one target on one flagged contrast.
        icc: likeness assumed for `MarketLine.clustered`.
        wanted: power meant by "found".
    """

    market: tuple[MarketLine, ...]
    detectable: tuple[DetectableLine, ...]
    target: tuple[TargetLine, ...]
    precision: tuple[PrecisionLine, ...]
    most_tests: int
    icc: float = USUAL_ICC
    wanted: float = WANTED


def planned_power(
    design: Design, plan: Plan, expected: tuple[float, float] | None = None
) -> PlannedPower:
    """Compute what the tests of a plan can show.

    Args:
        design: the design.
        plan: the plan.
        expected: expected shares of tests with only the control and only the test applicant
            answered; None: three usual assumptions.
    """
    alpha = round(1 - design.analysis.confidence, 6)
    tests = {one.id: _tests_by_target(one, plan) for one in design.comparisons()}
    flagged = [tests[one.id] for one in design.flagged_comparisons()]
    paired = design.kind in PAIRED_KINDS
    most = max((max(own.values(), default=0) for own in flagged), default=0) if paired else 0
    if design.kind == "mystery":
        return PlannedPower((), (), (), _precision(design, plan), most)
    if not paired:
        return PlannedPower((), (), (), (), most)
    shares = (expected,) if expected else USUAL_SHARES
    discordance = sum(expected) if expected else USUAL_DISCORDANCE
    planned = {name: own for name, own in tests.items() if own}
    return PlannedPower(
        market=tuple(
            line for name, own in planned.items() for line in _market(name, own, shares, alpha)
        ),
        detectable=tuple(
            line
            for name, own in planned.items()
            for line in _detectable(name, own, discordance, alpha)
        ),
        target=_target(most, design) if most >= design.flagging.min_tests else (),
        precision=(),
        most_tests=most,
    )


def _tests_by_target(comparison: Comparison, plan: Plan) -> Counter[str]:
    """How many tests of a comparison every target gets."""
    pairs = {
        (row.target, row.test)
        for row in plan.applications
        if comparison.id in row.contrast.split("+")
    }
    return Counter(target for target, _ in pairs)


def _market(
    name: str, tests: Counter[str], shares: Sequence[tuple[float, float]], alpha: float
) -> list[MarketLine]:
    from praktijktest.statistics.power_market import design_effect, power

    total = tests.total()
    effective = max(1, int(total / design_effect(total / len(tests), USUAL_ICC)))
    lines = []
    for only_control, only_test in shares:
        both = power([total, effective], only_control, only_test, alpha=alpha)
        lines.append(
            MarketLine(name, total, only_control, only_test, float(both[0]), float(both[1]))
        )
    return lines


def _detectable(
    name: str, tests: Counter[str], discordance: float, alpha: float
) -> list[DetectableLine]:
    from praktijktest.statistics.power_market import detectable_difference

    found = detectable_difference(tests.total(), discordance, WANTED, alpha=alpha)
    return [] if found is None else [DetectableLine(name, discordance, found)]


def _target(tests: int, design: Design) -> tuple[TargetLine, ...]:
    from praktijktest.statistics.power import chance_of_small_p

    alpha = design.flagging.alpha
    return tuple(
        TargetLine(
            only_control,
            only_test,
            float(chance_of_small_p([tests], only_control, only_test, alpha)[0]),
        )
        for only_control, only_test in TARGET_SHARES
    )


def _precision(design: Design, plan: Plan) -> tuple[PrecisionLine, ...]:
    from praktijktest.statistics.proportions import critical_value, wilson_at

    z = critical_value(design.analysis.confidence)
    calls = Counter(row.profile for row in plan.applications)
    return tuple(
        PrecisionLine(
            call.id,
            calls[call.id],
            USUAL_COMPLIANCE,
            *wilson_at(USUAL_COMPLIANCE * calls[call.id], calls[call.id], z),
        )
        for call in design.calls
        if calls[call.id]
    )
