"""Would a flag survive if one test were left out? For rules that look at more than signs.

Of rules on signs it is `praktijktest.statistics.flags.fragile` that answers.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr

from praktijktest.statistics.discrete_fdr import Direction, rounded
from praktijktest.statistics.multiplicity import storey_bootstrap
from praktijktest.statistics.simes import decide_by_target
from praktijktest.statistics.storey_t import NO_SPREAD, ClusterGaps, storey_t

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


def fragile_by_target(
    rule: str,
    wins: ArrayLike,
    losses: ArrayLike,
    target: ArrayLike,
    alpha: float,
    flagged: ArrayLike,
    direction: Direction = "control-favoured",
) -> BoolArray:
    """Flags by joined p-values that leaving out one discordant test of that ground undoes.

    Args:
        rule: as for `simes.decide_by_target`, as are the other arguments.
        wins: tests that favoured the control only, per (target, ground).
        losses: tests that favoured the test applicant only.
        target: number of the target of each entry.
        alpha: level.
        flagged: which entries were flagged.
        direction: which way a flag looks.
    """
    b, c = np.asarray(wins, dtype=np.int64), np.asarray(losses, dtype=np.int64)
    owner = np.asarray(target)
    result = np.zeros(len(b), dtype=np.bool_)
    known: dict[tuple[tuple[int, int], ...], bool] = {}
    for entry in np.flatnonzero(np.asarray(flagged, dtype=np.bool_)).tolist():
        others = np.flatnonzero((owner == owner[entry]) & (np.arange(len(b)) != entry))
        grounds = sorted(zip(b[others].tolist(), c[others].tolist(), strict=True))
        case = ((int(b[entry]), int(c[entry])), *grounds)
        if case not in known:
            known[case] = _undone(rule, b, c, owner, alpha, entry, direction)
        result[entry] = known[case]
    return result


def fragile_means(
    gaps: ClusterGaps,
    family: ArrayLike,
    flagged: ArrayLike,
    alpha: float,
    direction: Direction = "control-favoured",
) -> BoolArray:
    """Flags of the t-tests over clusters that leaving out any one cluster undoes.

    Args:
        gaps: the gaps of all clusters.
        family: indices of the targets that are judged together.
        flagged: which targets were flagged, shape (targets,).
        alpha: level.
        direction: which way a flag looks.

    Returns:
        Shape (targets,); False outside the family.
    """
    targets = len(gaps.left_out)
    inside = np.zeros(targets, dtype=np.bool_)
    inside[np.asarray(family, dtype=np.int64)] = True
    tested = storey_t(gaps, inside, direction)
    judged = np.flatnonzero(inside & (tested.clusters >= 2))
    p = rounded(tested.p[judged])
    result = np.zeros(targets, dtype=np.bool_)
    for target in np.flatnonzero(np.asarray(flagged, dtype=np.bool_) & inside).tolist():
        largest = _largest_p_without_one(gaps.gap[gaps.target == target], direction)
        place = int(np.searchsorted(judged, target))
        changed = p.copy()
        changed[place] = rounded(np.array([largest]))[0]
        q = rounded(storey_bootstrap(changed)[1])
        result[target] = bool(q[place] > alpha or changed[place] >= 1.0)
    return result


def _undone(
    rule: str,
    wins: IntArray,
    losses: IntArray,
    owner: NDArray[np.int64],
    alpha: float,
    entry: int,
    direction: Direction,
) -> bool:
    for less_wins, less_losses in ((1, 0), (0, 1)):
        if wins[entry] < less_wins or losses[entry] < less_losses:
            continue
        b, c = wins.copy(), losses.copy()
        b[entry] -= less_wins
        c[entry] -= less_losses
        if not decide_by_target(rule, b, c, owner, alpha, direction).flagged[entry]:
            return True
    return False


def _largest_p_without_one(gap: FloatArray, direction: Direction) -> float:
    """The largest p over all ways to leave out one cluster; 1 where too few are left."""
    n = len(gap) - 1
    if n < 2:
        return 1.0
    theta = (gap.sum() - gap) / n
    squares = np.maximum(((gap**2).sum() - gap**2) - n * theta**2, 0.0)
    se = np.sqrt(squares / (n - 1) / n)
    spread = se > NO_SPREAD
    t = np.divide(theta, se, out=np.zeros(len(gap)), where=spread)
    one_sided = np.where(spread, stdtr(n - 1.0, -t), np.where(theta > 0, 2.0**-n, 1.0))
    if direction == "control-favoured":
        return float(one_sided.max())
    two_sided = np.where(spread, 2.0 * stdtr(n - 1.0, -np.abs(t)), 2.0 ** (1.0 - n))
    return float(np.minimum(1.0, two_sided).max())
