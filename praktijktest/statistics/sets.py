"""Tests with one control applicant and several others: a net rate over whole sets.

As the study for the British labour ministry counts its triplets (Wood and others 2009): of the
sets with a positive reply to anyone, the share in which the control got one, minus the average
share of the others.
"""

import numpy as np
from numpy.typing import ArrayLike

from praktijktest.statistics.cells import TARGETS_LIKE_THESE, THESE_TARGETS, Estimate
from praktijktest.statistics.clustered import clustered_mean

SETS_WITH_A_POSITIVE = "sets with a positive reply to anyone"


def net_rate_of_sets(
    replies: ArrayLike, cluster: ArrayLike | None = None, confidence: float = 0.95
) -> Estimate:
    """(positive for control - mean positive of the others) / sets with a positive reply.

    Args:
        replies: whether each applicant got a positive reply, the control in the first column;
            shape (sets, applicants).
        cluster: number of the cluster of each set from 0 up; default: each its own.
        confidence: of the interval, linearised with t on clusters - 1 degrees of freedom.

    Raises:
        ValueError: there are fewer than two applicants per set.
    """
    table = np.asarray(replies, dtype=bool)
    if table.ndim != 2 or table.shape[1] < 2:
        raise ValueError(f"A set has at least two applicants, not the shape {table.shape}.")
    own = np.arange(len(table)) if cluster is None else np.asarray(cluster, dtype=np.int64)
    # Whole numbers until the end, so that the order of the sets never shows.
    others = table.shape[1] - 1
    gap = others * table[:, 0].astype(np.int64) - table[:, 1:].sum(axis=1)
    size = int(own.max(initial=-1)) + 1
    sums = np.bincount(own, weights=gap, minlength=size) / others
    usable = np.bincount(own, weights=table.any(axis=1), minlength=size)
    order = np.lexsort((usable, sums))
    return clustered_mean(
        sums[order],
        usable[order],
        confidence,
        name="net_rate_of_sets",
        denominator=SETS_WITH_A_POSITIVE,
        scope=THESE_TARGETS if size == len(table) else TARGETS_LIKE_THESE,
    )
