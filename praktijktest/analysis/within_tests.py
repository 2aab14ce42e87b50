"""Which of the two applicants of a test was better off, by any measure with an order."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from praktijktest.analysis import encoding
from praktijktest.analysis.encoding import BoolArray, IntArray
from praktijktest.analysis.pairing import FloatArray
from praktijktest.statistics.cells import Cells, Estimate, Significance
from praktijktest.statistics.clustered import cluster_t, clustered_estimates, clustered_mean
from praktijktest.statistics.mcnemar import mcnemar_exact, mcnemar_midp
from praktijktest.statistics.paired import estimates

COMPARED = "tests compared"


@dataclass(frozen=True, slots=True)
class Compared:
    """The sign test of one measure.

    Attributes:
        control_favoured: tests in which the control applicant was better off.
        test_favoured: tests in which the test applicant was.
        equal: tests in which neither was.
        estimate: (control favoured - test favoured) / all of them.
        p_exact, p_midp: two-sided sign tests of the tests that differ.
    """

    control_favoured: int
    test_favoured: int
    equal: int
    estimate: Estimate
    p_exact: float
    p_midp: float

    def to_dict(self) -> dict[str, Any]:
        """The comparison as plain data."""
        return {
            "control_favoured": self.control_favoured,
            "test_favoured": self.test_favoured,
            "equal": self.equal,
            "estimate": self.estimate.to_dict(),
            "p_exact": self.p_exact,
            "p_midp": self.p_midp,
        }


def compared(
    control_better: BoolArray,
    test_better: BoolArray,
    cluster: IntArray,
    name: str,
    confidence: float,
) -> Compared:
    """Compare two applicants of each test; clustered where a target was tested repeatedly.

    Args:
        control_better: per test, whether the control applicant was better off.
        test_better: whether the test applicant was.
        cluster: number of the independent cluster of each test.
        name: name of the estimate.
        confidence: of its interval.
    """
    b, c, n = int(control_better.sum()), int(test_better.sum()), len(cluster)
    cells = Cells(0, b, c, n - b - c)
    numbers = encoding.renumbered(cluster)
    clusters = int(numbers.max(initial=-1)) + 1
    place = np.where(control_better, 1, np.where(test_better, 2, 3))
    if clusters < n:
        flat = np.bincount(numbers.astype(np.int64) * 4 + place, minlength=clusters * 4)
        table = flat.reshape(clusters, 4)
        found = clustered_estimates(table[np.lexsort(table.T)], confidence)
    else:
        found = estimates(cells, confidence)
    net = next(estimate for estimate in found if estimate.name == "net_rate_all")
    return Compared(
        control_favoured=b,
        test_favoured=c,
        equal=n - b - c,
        estimate=replace(net, name=name, denominator=COMPARED),
        p_exact=float(mcnemar_exact(b, c)),
        p_midp=float(mcnemar_midp(b, c)),
    )


@dataclass(frozen=True, slots=True)
class Couples:
    """The units of a contrast with one applicant per group.

    Attributes:
        control, treated: row of the application of either group.
        cluster: number of the independent cluster of each.
        left_out: units with several applicants of a group.
    """

    control: NDArray[np.int64]
    treated: NDArray[np.int64]
    cluster: IntArray
    left_out: int

    def chosen(self, members: BoolArray) -> "Couples":
        """Some of the units; the others count as left out."""
        return Couples(
            self.control[members],
            self.treated[members],
            self.cluster[members],
            self.left_out + int((~members).sum()),
        )

    def compared(
        self, control_better: BoolArray, test_better: BoolArray, name: str, confidence: float
    ) -> Compared:
        """Who was better off in each unit, and by how much more often."""
        return compared(control_better, test_better, self.cluster, name, confidence)


def mean_over_tests(
    values: FloatArray, cluster: IntArray, name: str, confidence: float
) -> tuple[Estimate, Significance]:
    """Mean of a difference over tests, and its t-test, both clustered.

    Args:
        values: the difference in every test.
        cluster: number of the independent cluster of each test.
        name: name of the estimate.
        confidence: of its interval.
    """
    # In an order that no row order changes: sums of fractions depend on it in the last digit.
    order = np.lexsort((values, cluster))
    numbers = encoding.renumbered(cluster[order])
    sums = np.bincount(numbers, weights=values[order]).astype(np.float64)
    sizes = np.bincount(numbers).astype(np.float64)
    ranked = np.lexsort((sizes, sums))
    sums, sizes = sums[ranked], sizes[ranked]
    mean = clustered_mean(sums, sizes, confidence, name=name, denominator=COMPARED)
    return mean, cluster_t(sums, sizes)
