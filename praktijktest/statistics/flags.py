"""From counts per target to p, adjusted p and a decision, by a named rule."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from praktijktest.statistics import adaptive_rule, multiplicity
from praktijktest.statistics import discrete_fdr as discrete
from praktijktest.statistics.discrete_fdr import Direction, SignFamily, sign_test_family
from praktijktest.statistics.e_values import anytime_p, log_e_values

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
Adjustment = Callable[[ArrayLike, ArrayLike | None], FloatArray]
Verdict = Callable[[int, int, int, int], bool]


def _storey(p: ArrayLike, counts: ArrayLike | None) -> FloatArray:
    return multiplicity.storey_bootstrap(p, counts)[1]


ADAPTIVE: Final = "adaptive-discrete-fdr"
DISCRETE: Final = "discrete-fdr"
DISCRETE_STEPUP: Final = "discrete-fdr-stepup"

E_VALUE: Final = "e-value"

ADJUSTMENTS: Final[dict[str, Adjustment]] = {
    "bonferroni": multiplicity.bonferroni,
    "holm": multiplicity.holm,
    "bh": multiplicity.benjamini_hochberg,
    "by": multiplicity.benjamini_yekutieli,
    "storey": _storey,
    E_VALUE: multiplicity.benjamini_hochberg,
}
"""Rules that look at one number per target: its p-value, or 1/e for the rule on e-values."""

AVAILABLE_RULES: Final = (ADAPTIVE, DISCRETE, DISCRETE_STEPUP, *ADJUSTMENTS)


@dataclass(frozen=True, slots=True)
class FlagDecisions:
    """What a rule decides about every target of a family.

    Attributes:
        rule: name of the rule.
        p: exact sign test p per target (two-sided where the direction is "either").
        p_midp: one-sided sign mid-p per target, whatever the direction.
        q: adjusted p per target, flagged where at most alpha; None where the rule's
            decisions are not nested in alpha.
        flagged: the decision per target.
    """

    rule: str
    p: FloatArray
    p_midp: FloatArray
    q: FloatArray | None
    flagged: BoolArray

    def to_dict(self) -> dict[str, Any]:
        """The decisions as plain lists."""
        return {
            "rule": self.rule,
            "p": self.p.tolist(),
            "p_midp": self.p_midp.tolist(),
            "q": None if self.q is None else self.q.tolist(),
            "flagged": self.flagged.tolist(),
        }


def decide(
    rule: str,
    wins: ArrayLike,
    losses: ArrayLike,
    alpha: float,
    direction: str = "control-favoured",
    tests: ArrayLike | None = None,
) -> FlagDecisions:
    """Judge a family of targets by a named rule.

    Adjusted values are rounded to 12 decimals, so that `q <= alpha` is exactly the
    decision, on every machine; but a target whose p is 1 is never flagged.

    Args:
        rule: one of `AVAILABLE_RULES`.
        wins: tests that favoured the control applicant only, shape (targets,).
        losses: tests that favoured the test applicant only, shape (targets,).
        alpha: level, inside (0, 1).
        direction: "control-favoured", or "either" for two-sided tests.
        tests: all tests of each target, concordant ones included, shape (targets,);
            the adaptive rule finds more with them, the other rules do not use them.

    Raises:
        ValueError: unknown rule or direction, impossible level or counts.
    """
    _check(rule, alpha)
    family = sign_test_family(wins, losses, direction)
    known = _checked_tests(family, tests)
    if rule == ADAPTIVE:
        decided = adaptive_rule.judge(family, alpha, known)
        return FlagDecisions(rule, family.p, family.p_midp, decided.q, decided.flagged)
    if rule == DISCRETE_STEPUP:
        flagged = discrete.discrete_fdr_stepup(family, alpha)
        return FlagDecisions(rule, family.p, family.p_midp, None, flagged)
    if rule == DISCRETE:
        q = discrete.discrete_fdr_stepdown(family)
    else:
        q = ADJUSTMENTS[rule](_evidence(rule, family.wins, family.losses, family.direction), None)
    q = discrete.rounded(q)
    # An estimate of the innocent below alpha would let Storey flag whole lists; a target
    # whose p is 1 shows nothing, and no rule may flag it.
    return FlagDecisions(rule, family.p, family.p_midp, q, (q <= alpha) & (family.p < 1.0))


def fragile(
    rule: str,
    wins: ArrayLike,
    losses: ArrayLike,
    alpha: float,
    flagged: ArrayLike,
    direction: str = "control-favoured",
    tests: ArrayLike | None = None,
) -> BoolArray:
    """Which flags would not survive if any one test of the target were left out.

    The target stays in the family and the other targets stay as they are. Each
    kind of discordant test is left out in turn (a concordant one changes nothing);
    targets with equal counts are computed once.

    Args:
        rule: the rule that flagged; as for `decide`.
        wins: as for `decide`.
        losses: as for `decide`.
        alpha: as for `decide`.
        flagged: which targets were flagged, shape (targets,).
        direction: as for `decide`.
        tests: as for `decide`; the test left out is taken off.

    Raises:
        ValueError: as `decide`, or `flagged` has another length.
    """
    _check(rule, alpha)
    family = sign_test_family(wins, losses, direction)
    is_flagged = np.asarray(flagged, dtype=np.bool_)
    if is_flagged.shape != family.wins.shape:
        raise ValueError(f"Flags {is_flagged.shape} do not fit targets {family.wins.shape}.")
    known = _checked_tests(family, tests)
    if not is_flagged.any():
        return np.zeros(len(is_flagged), dtype=np.bool_)
    if rule != ADAPTIVE:
        return _fragile_by_counts(rule, family, alpha, is_flagged)
    if adaptive_rule.is_short(family):
        return _fragile_by_counts(DISCRETE, family, alpha, is_flagged)
    certain = adaptive_rule.certain_flags(family, alpha)
    part = adaptive_rule.certain_part(family, alpha)
    certain_undone = _fragile_by_counts(DISCRETE, family, part, certain)
    return adaptive_rule.undone_by_one_test(family, alpha, is_flagged, certain_undone, known)


def _fragile_by_counts(
    rule: str, family: SignFamily, alpha: float, flagged: BoolArray
) -> BoolArray:
    result = np.zeros(len(flagged), dtype=np.bool_)
    if not flagged.any():
        return result
    counts = np.stack([family.wins[flagged], family.losses[flagged]], axis=1)
    cases, inverse = np.unique(counts, axis=0, return_inverse=True)
    result[flagged] = _fragile_cases(rule, family, alpha, cases)[inverse.ravel()]
    return result


def _check(rule: str, alpha: float) -> None:
    if rule not in AVAILABLE_RULES:
        raise ValueError(f"No flag rule {rule!r}; there are: {', '.join(AVAILABLE_RULES)}.")
    if not 0.0 < alpha < 1.0:
        raise ValueError(f"The level alpha must lie between 0 and 1, not {alpha!r}.")


def _checked_tests(family: SignFamily, tests: ArrayLike | None) -> IntArray | None:
    if tests is None:
        return None
    known = np.asarray(tests, dtype=np.int64)
    if known.shape != family.wins.shape or (known < family.wins + family.losses).any():
        raise ValueError("Every target needs at least as many tests as discordant ones.")
    return known


def _evidence(rule: str, wins: IntArray, losses: IntArray, direction: Direction) -> FloatArray:
    """What the rule looks at, one number per target: small values speak for a flag."""
    if rule == E_VALUE:
        return anytime_p(log_e_values(wins, losses, direction=direction))
    return discrete.exact_p(wins, losses, direction)


def _fragile_cases(rule: str, family: SignFamily, alpha: float, cases: IntArray) -> BoolArray:
    """For each (wins, losses): does leaving out one win or one loss undo the flag?"""
    fewer = np.concatenate([cases - (1, 0), cases - (0, 1)])
    possible = (fewer >= 0).all(axis=1)
    fewer = fewer.clip(0)
    direction = family.direction
    before = discrete.rounded(_evidence(rule, cases[:, 0], cases[:, 1], direction))
    after = discrete.rounded(_evidence(rule, fewer[:, 0], fewer[:, 1], direction))
    everybody = _evidence(rule, family.wins, family.losses, direction)
    observed, number = np.unique(discrete.rounded(everybody), return_counts=True)
    # Rows that no target has count 0 and change nothing; one target at a time moves there.
    points = np.unique(np.concatenate([observed, after]))
    counts = np.zeros(len(points), dtype=np.int64)
    counts[np.searchsorted(points, observed)] = number
    still_flagged = _verdict(rule, family, alpha, points, counts)
    origin = np.searchsorted(points, before)
    goal = np.searchsorted(points, after)
    undone = np.zeros(len(cases), dtype=np.bool_)
    for row in np.flatnonzero(possible).tolist():
        case = row % len(cases)
        if not undone[case]:
            d = int(cases[case].sum())
            undone[case] = not still_flagged(int(origin[case]), int(goal[row]), d, d - 1)
    return undone


def _verdict(
    rule: str, family: SignFamily, alpha: float, points: FloatArray, counts: IntArray
) -> Verdict:
    """A function that moves one target between p-values and says if it is flagged there.

    Its arguments: row of the p-value before, row after, discordant tests before, after.
    """
    if rule == DISCRETE:
        return _step_down_verdict(family, alpha, points, counts)
    if rule == DISCRETE_STEPUP:
        return _step_up_verdict(family, alpha, points, counts)
    adjust = ADJUSTMENTS[rule]

    def verdict(origin: int, goal: int, _before: int, _after: int) -> bool:
        q = adjust(points, _moved(counts, origin, goal))
        return bool(discrete.rounded(q[goal : goal + 1])[0] <= alpha and points[goal] < 1.0)

    return verdict


def _step_down_verdict(
    family: SignFamily, alpha: float, points: FloatArray, counts: IntArray
) -> Verdict:
    odds = _OddsByDiscordant(points, family.direction)
    total = discrete.total_odds(points, family.discordant, family.targets, family.direction)

    def verdict(origin: int, goal: int, before: int, after: int) -> bool:
        changed = total - odds[before] + odds[after]
        q = discrete.step_down(changed, _moved(counts, origin, goal))
        return bool(discrete.rounded(q[goal : goal + 1])[0] <= alpha)

    return verdict


def _step_up_verdict(
    family: SignFamily, alpha: float, points: FloatArray, counts: IntArray
) -> Verdict:
    direction, known = family.direction, family.discordant
    discordant = np.unique(np.concatenate([known, (known - 1).clip(0)]))
    targets = np.zeros(len(discordant), dtype=np.int64)
    targets[np.searchsorted(discordant, known)] = family.targets
    cdf = np.stack([discrete.null_cdf(points, d, direction) for d in discordant.tolist()])
    # Points that no target can reach any more do no harm: the odds do not change there.
    reachable = discrete.all_supports(discordant, direction)
    odds = _OddsByDiscordant(reachable, direction)
    total = discrete.total_odds(reachable, known, family.targets, direction)

    def verdict(origin: int, goal: int, before: int, after: int) -> bool:
        moved = targets.copy()
        moved[np.searchsorted(discordant, [before, after])] += (-1, 1)
        changed = total - odds[before] + odds[after]
        largest = discrete.step_up_limit(reachable, changed, len(family.p), alpha)
        weights = moved / (1.0 - discrete.null_at(largest, discordant, direction))
        counted = _moved(counts, origin, goal)
        return bool(discrete.step_up(points, weights @ cdf, counted, largest, alpha)[goal])

    return verdict


class _OddsByDiscordant(dict[int, FloatArray]):
    """Null odds at the given points, computed once per number of discordant tests."""

    def __init__(self, points: FloatArray, direction: Direction) -> None:
        super().__init__()
        self._points = points
        self._direction = direction

    def __missing__(self, d: int) -> FloatArray:
        self[d] = discrete.null_odds(self._points, d, self._direction)
        return self[d]


def _moved(counts: IntArray, origin: int, goal: int) -> IntArray:
    moved = counts.copy()
    moved[origin] -= 1
    moved[goal] += 1
    return moved
