"""t-tests of the mean gap between clusters, per target, with Storey's q-values.

For targets that are tested on several independent units (the jobs of an employer, the
adverts of an agent), each with several applications of both groups. The gap of a cluster is
the mean outcome of its control applications minus that of its test applications; clusters
that lack a group are left out and counted. Per target theta is the unweighted mean of the
gaps, its standard error sd / sqrt(clusters), and the test Student's t with clusters - 1
degrees of freedom. Kline, Rose & Walters 2022, Quarterly Journal of Economics 137:1963-2036.
Tested against their 54 firms: theta, standard error and p of each.

A t-test leans on means over clusters being about normal, so it is no exact test: with few
clusters per target prefer the sign tests.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr

from praktijktest.statistics.discrete_fdr import Direction, checked_direction, rounded
from praktijktest.statistics.multiplicity import storey_bootstrap

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

CONTROL, TEST = 0, 1
NO_SPREAD: Final = 1e-12
"""Gaps that differ by less than this are the same but for rounding."""


@dataclass(frozen=True, slots=True)
class ClusterGaps:
    """The gap of every cluster that has applications of both groups.

    Attributes:
        target: index of its target, shape (clusters,).
        gap: mean outcome of its control minus that of its test applications, same shape.
        left_out: per target, how many clusters lack one of the groups, shape (targets,).
    """

    target: IntArray
    gap: FloatArray
    left_out: IntArray


@dataclass(frozen=True, slots=True)
class StoreyT:
    """The t-tests of all targets; every array has shape (targets,).

    A value that does not exist is NaN in the arrays and None in `to_dict`.

    Attributes:
        theta: mean gap; NaN without clusters.
        se: its standard error; NaN with fewer than two clusters.
        p: p-value; NaN with fewer than two clusters.
        q: Storey's q-value among the targets of the family that have a p; NaN for others.
        clusters: clusters used.
        left_out: clusters that lack one of the groups.
        share: estimated share of targets of the family without a gap.
    """

    theta: FloatArray
    se: FloatArray
    p: FloatArray
    q: FloatArray
    clusters: IntArray
    left_out: IntArray
    share: float

    def flagged(self, alpha: float) -> BoolArray:
        """Which targets are flagged at this level; none whose p is 1 or does not exist."""
        return np.nan_to_num(self.q, nan=np.inf) <= np.where(self.p < 1.0, alpha, -1.0)

    def to_dict(self) -> dict[str, Any]:
        """The results as plain lists."""
        numbers = {name: getattr(self, name) for name in ("theta", "se", "p", "q")}
        return {
            **{
                name: [None if np.isnan(value) else float(value) for value in values]
                for name, values in numbers.items()
            },
            "clusters": self.clusters.tolist(),
            "left_out": self.left_out.tolist(),
            "share": self.share,
        }


def cluster_gaps(
    target: ArrayLike, cluster: ArrayLike, arm: ArrayLike, outcome: ArrayLike, targets: int
) -> ClusterGaps:
    """The gap of every cluster, from single applications.

    Args:
        target: index of the target of each application, 0 to targets - 1.
        cluster: index of its cluster, 0 or more; the same index at two targets is two
            clusters.
        arm: 0 for control, 1 for test applications.
        outcome: 1 or 0, or a graded outcome; finite.
        targets: number of targets, those without applications included.

    Raises:
        ValueError: lengths differ, an index is impossible, or an outcome is not a number.
    """
    who, unit = _indices("target", target, targets), _indices("cluster", cluster, None)
    group, value = _indices("arm", arm, 2), np.asarray(outcome, dtype=np.float64)
    if not len(who) == len(unit) == len(group) == len(value):
        raise ValueError("Target, cluster, arm and outcome must have one length.")
    if not np.isfinite(value).all():
        raise ValueError("Outcomes must be numbers.")
    keys = who * (int(unit.max(initial=0)) + 1) + unit
    different, place = np.unique(keys, return_inverse=True)
    count, total = np.zeros((2, len(different), 2))
    for side in (CONTROL, TEST):
        mine = group == side
        count[:, side] = np.bincount(place[mine], minlength=len(different))
        total[:, side] = np.bincount(place[mine], value[mine], minlength=len(different))
    owner = different // (int(unit.max(initial=0)) + 1)
    whole = (count > 0).all(axis=1)
    means = total[whole] / count[whole]
    return ClusterGaps(
        target=owner[whole],
        gap=means[:, CONTROL] - means[:, TEST],
        left_out=np.bincount(owner[~whole], minlength=targets).astype(np.int64),
    )


def storey_t(
    gaps: ClusterGaps, in_family: ArrayLike | None = None, direction: str = "control-favoured"
) -> StoreyT:
    """Test every target and judge the family together.

    Where all gaps of a target are the same, t does not exist. p is then 1 if they are 0 or
    point the other way, else that of the exact sign test of its clusters, 2^-clusters.

    Args:
        gaps: as from `cluster_gaps`.
        in_family: which targets are judged, shape (targets,); default all.
        direction: "control-favoured" for one-sided tests, "either" for two-sided ones.

    Raises:
        ValueError: shapes differ, a gap is not a number, or the direction is unknown.
    """
    known = checked_direction(direction)
    targets = len(gaps.left_out)
    if gaps.target.shape != gaps.gap.shape or not np.isfinite(gaps.gap).all():
        raise ValueError("Every gap must be a number and have a target.")
    inside = np.ones(targets, dtype=bool) if in_family is None else np.asarray(in_family, bool)
    if inside.shape != (targets,):
        raise ValueError(f"The family {inside.shape} does not fit {targets} targets.")
    clusters = np.bincount(gaps.target, minlength=targets).astype(np.int64)
    theta, se, same = _moments(gaps, clusters)
    p = _p_values(theta, se, same, clusters, known)
    judged = inside & (clusters >= 2)
    q = np.full(targets, np.nan)
    share, q[judged] = storey_bootstrap(rounded(p[judged]))
    return StoreyT(theta, se, p, rounded(q), clusters, gaps.left_out, share)


def _moments(gaps: ClusterGaps, clusters: IntArray) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Mean, standard error and whether all gaps are the same, per target."""
    targets = len(clusters)
    theta = np.full(targets, np.nan)
    some, several = clusters > 0, clusters > 1
    theta[some] = np.bincount(gaps.target, gaps.gap, minlength=targets)[some] / clusters[some]
    deviation = gaps.gap - theta[gaps.target]
    squares = np.bincount(gaps.target, deviation**2, minlength=targets)
    furthest = np.zeros(targets)
    np.maximum.at(furthest, gaps.target, np.abs(deviation))
    se = np.full(targets, np.nan)
    n = clusters[several].astype(np.float64)
    se[several] = np.sqrt(squares[several] / (n - 1.0) / n)
    same = several & (furthest <= NO_SPREAD * np.maximum(1.0, np.abs(np.nan_to_num(theta))))
    se[same] = 0.0
    return theta, se, same


def _p_values(
    theta: FloatArray, se: FloatArray, same: BoolArray, clusters: IntArray, direction: Direction
) -> FloatArray:
    p = np.full(len(theta), np.nan)
    differing = (clusters > 1) & ~same
    t = theta[differing] / se[differing]
    degrees = clusters[differing] - 1.0
    one_way = np.abs(theta[same]) > NO_SPREAD
    signs = np.exp2(-clusters[same].astype(np.float64))
    if direction == "either":
        p[differing] = np.minimum(1.0, 2.0 * stdtr(degrees, -np.abs(t)))
        p[same] = np.where(one_way, np.minimum(1.0, 2.0 * signs), 1.0)
    else:
        p[differing] = stdtr(degrees, -t)
        p[same] = np.where(one_way & (theta[same] > 0.0), signs, 1.0)
    return p


def _indices(name: str, values: ArrayLike, below: int | None) -> IntArray:
    array = np.asarray(values)
    whole = array.astype(np.int64) if array.size else np.zeros(0, dtype=np.int64)
    if array.ndim != 1 or (whole != array).any() or (whole < 0).any():
        raise ValueError(f"The {name} must be one row of whole numbers from 0 up.")
    if below is not None and (whole >= below).any():
        raise ValueError(f"The {name} must be less than {below}.")
    return whole
