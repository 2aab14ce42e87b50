"""What is known of the net rate of every target once all targets have been seen.

The net rate over all tests of a target is p10 - p01: the chance that a test favours the
control applicant only, minus the chance that it favours the test applicant only. Targets
have their own (p10, p01), drawn from a distribution that is estimated from all of them:

1. Two beta distributions with the means that are likeliest, averaged over how much the
   targets differ (a uniform prior on the shrinkage, as Morris 1983 advises), so that few
   targets do not pass for identical ones.
2. A few steps of expectation-maximisation from there, which bend it towards what the
   targets show: two kinds of targets, a long tail. Smoothing by roughening (Laird & Louis
   1991, Computational Statistics & Data Analysis 12:27-37; Shen & Louis 1999, JCGS
   8:800-823). Going all the way would give the nonparametric maximum likelihood estimate,
   which is a handful of points; intervals from it are far too short.

The distribution lives on a grid of s = p10 + p01 and v = p10 / s, in which both the
likelihood and the start are products; the net rate is s (2v - 1).
It assumes that the tests of one target are alike: adverts drawn at random from its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import log, pi
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, xlog1py, xlogy

from praktijktest.statistics import beta_binomial
from praktijktest.statistics.count_patterns import FloatArray, IntArray, Patterns, thinned

MOST_PATTERNS: Final = 3_000
FEWEST_CELLS: Final = 41
MOST_CELLS: Final = 121
"""Cells of either axis of the grid."""

CELLS_PER_ERROR: Final = 2.0
REACH: Final = 5.0
"""The grid covers so many standard errors around every target, with two cells in each."""

ROUGHENING: Final = 3.0
"""Steps of expectation-maximisation are so many times the logarithm of the number of targets.
Fewer leave strong discriminators too close to the others, more make intervals too short."""

SHRINKAGES: Final = 25
ANYWHERE: Final = 1e-6
"""Share of the start that is spread evenly, so that no target is impossible."""

CHUNK: Final = 4_000_000


@dataclass(frozen=True, slots=True)
class NetRatePrior:
    """A distribution of (s, v) over targets, on a grid.

    Attributes:
        discordance: values of s, the chance that a test is discordant, shape (i,).
        favour: values of v, the chance that a discordant test favours control, shape (j,).
        mass: probability of every cell, shape (i, j); sums to 1.
        start: the same before the steps of expectation-maximisation. Where few targets
            leave the shape open, the two differ; an interval should hold under both.
        edges: limits of the cells on the scale arcsin √, for s and for v.
        steps: steps of expectation-maximisation after the smooth start.
        targets: how many targets it was estimated from.
        patterns_fitted: how many different counts stood for them.
        converged: the means of the smooth start were found.
    """

    discordance: FloatArray
    favour: FloatArray
    mass: FloatArray
    start: FloatArray
    edges: tuple[FloatArray, FloatArray]
    steps: int
    targets: int
    patterns_fitted: int
    converged: bool

    @property
    def net_rate(self) -> FloatArray:
        """The net rate of every cell, shape (i · j,)."""
        return np.outer(self.discordance, 2.0 * self.favour - 1.0).ravel()

    @property
    def discordance_of_cell(self) -> FloatArray:
        """The chance of a discordant test in every cell, shape (i · j,)."""
        return np.repeat(self.discordance, len(self.favour))


@dataclass(frozen=True, slots=True)
class _Start:
    mass: FloatArray
    converged: bool


def net_rate_prior(patterns: Patterns) -> NetRatePrior:
    """Estimate the distribution of (s, v) over targets.

    Args:
        patterns: rows (only_control, only_test, other tests). Targets without a test
            count for nothing. The last few results are kept: rates, grades and
            predictions of one contrast ask for the same.
    """
    counts = np.ascontiguousarray(patterns.counts, dtype=np.int64)
    targets = np.ascontiguousarray(patterns.targets, dtype=np.float64)
    return _prior(counts.tobytes(), targets.tobytes(), len(patterns))


@lru_cache(maxsize=4)
def _prior(counts_as_bytes: bytes, targets_as_bytes: bytes, rows: int) -> NetRatePrior:
    patterns = Patterns(
        np.frombuffer(counts_as_bytes, dtype=np.int64).reshape(rows, 3),
        np.frombuffer(targets_as_bytes, dtype=np.float64),
        np.zeros(0, dtype=np.int64),
    )
    tested = patterns.counts.sum(axis=1) > 0
    some = Patterns(patterns.counts[tested], patterns.targets[tested], patterns.of_target[:0])
    counts, targets = thinned(some, MOST_PATTERNS)
    edges, starts = [], []
    for yes, no in _pairs(counts):
        edges.append(_axis(yes, no))
        starts.append(_smooth_start(yes, no, targets, edges[-1]))
    discordance, favour = (np.sin((axis[1:] + axis[:-1]) / 2.0) ** 2 for axis in edges)
    start = np.outer(starts[0].mass, starts[1].mass)
    number = int(some.targets.sum())
    mass = start
    steps = round(ROUGHENING * log(number)) if number else 0
    first, second = _likelihood(counts, discordance, favour)
    for _ in range(steps):
        fitted = ((first @ mass) * second).sum(axis=1)
        mass = mass * (first.T @ (second * (targets / fitted)[:, None]))
        mass = mass / mass.sum()
    return NetRatePrior(
        discordance=discordance,
        favour=favour,
        mass=mass,
        start=start,
        edges=(edges[0], edges[1]),
        steps=steps,
        targets=number,
        patterns_fitted=len(counts),
        converged=all(start.converged for start in starts),
    )


def posterior_weights(
    prior: NetRatePrior, mass: FloatArray, counts: IntArray
) -> Iterator[tuple[slice, FloatArray]]:
    """Posterior probability of every cell of the grid, for a few rows of counts at a time.

    Args:
        prior: what targets are like.
        mass: `prior.mass` or `prior.start`.
        counts: rows (only_control, only_test, other tests); a row of zeros gets the prior.

    Yields:
        Which rows, and their probabilities, shape (rows, i · j).
    """
    size = max(1, CHUNK // mass.size)
    for start in range(0, len(counts), size):
        rows = slice(start, min(start + size, len(counts)))
        first, second = _likelihood(counts[rows], prior.discordance, prior.favour)
        weights = first[:, :, None] * second[:, None, :] * mass
        nowhere = weights.max(axis=(1, 2)) <= 0.0
        # Where the prior has nothing at all, what the target itself shows remains.
        weights[nowhere] = first[nowhere, :, None] * second[nowhere, None, :]
        weights /= weights.sum(axis=(1, 2), keepdims=True)
        yield rows, weights.reshape(len(weights), mass.size)


def unresolved(prior: NetRatePrior, counts: IntArray) -> NDArray[np.bool_]:
    """Rows with so many tests that the grid is coarser than their standard errors.

    Such targets need no others to be known well.
    """
    coarse = np.zeros(len(counts), dtype=np.bool_)
    for axis, (yes, no) in zip(prior.edges, _pairs(counts), strict=True):
        angle, error = _angle(yes, no)
        cell = (np.searchsorted(axis, angle, side="right") - 1).clip(0, len(axis) - 2)
        coarse |= np.diff(axis)[cell] > error
    return coarse


def _smooth_start(yes: IntArray, no: IntArray, targets: FloatArray, edges: FloatArray) -> _Start:
    """Beta mass of every cell of an axis, averaged over how much the targets differ.

    The shrinkage B = A / (A + mean number of trials) is uniform beforehand, A being the
    concentration. The mean is pulled to the middle by one imagined target: a single target
    does not tell what others are like.
    """
    counts = np.column_stack([yes, no])
    found = beta_binomial.fitted(counts, targets)
    number = float(found.targets)
    mean = (number * found.alpha / (found.alpha + found.beta) + 0.5) / (number + 1.0)
    trials = float(targets @ counts.sum(axis=1)) / max(number, 1.0)
    # Finer steps towards full shrinkage, where targets hardly differ.
    free = (np.arange(SHRINKAGES) + 0.5) / SHRINKAGES
    concentrations = max(trials, 1.0) * (1.0 - free**2) / free**2
    parameters = concentrations[:, None] * np.array([mean, 1.0 - mean])
    logs = np.array([beta_binomial.log_likelihood(both, counts, targets) for both in parameters])
    chances = np.exp(logs - logs.max()) * free
    upto = betainc(parameters[:, :1], parameters[:, 1:], np.sin(edges) ** 2)
    mass = chances / chances.sum() @ np.diff(upto, axis=1).clip(0.0)
    mass /= max(float(mass.sum()), np.finfo(np.float64).tiny)
    mass += ANYWHERE * np.diff(edges) / (edges[-1] - edges[0])
    return _Start(mass / mass.sum(), found.converged)


def _likelihood(
    counts: IntArray, discordance: FloatArray, favour: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Likelihood of rows of counts in s and in v, each at most 1; shapes (rows, i), (rows, j)."""
    factors = []
    for (yes, no), values in zip(_pairs(counts), (discordance, favour), strict=True):
        logs = xlogy(yes[:, None], values) + xlog1py(no[:, None], -values)
        factors.append(np.exp(logs - logs.max(axis=1, keepdims=True)))
    return factors[0], factors[1]


def _pairs(counts: IntArray) -> tuple[tuple[IntArray, IntArray], tuple[IntArray, IntArray]]:
    """Discordant and other tests, which tell of s; tests for and against control, of v."""
    return (counts[:, :2].sum(axis=1), counts[:, 2]), (counts[:, 0], counts[:, 1])


def _angle(yes: IntArray, no: IntArray) -> tuple[FloatArray, FloatArray]:
    """Observed proportions on the scale arcsin √, with their standard errors (Anscombe 1948)."""
    n = yes + no + 0.75
    return np.arcsin(np.sqrt((yes + 0.375) / n)), 0.5 / np.sqrt(n)


def _axis(yes: IntArray, no: IntArray) -> FloatArray:
    """Cell limits on the scale arcsin √: even, and denser around targets known precisely."""
    angle, error = _angle(yes, no)
    low = float((angle - REACH * error).min(initial=pi / 2.0))
    high = float((angle + REACH * error).max(initial=0.0))
    if low >= high:
        low, high = 0.0, pi / 2.0
    low, high = max(low, 0.0), min(high, pi / 2.0)
    axis = np.linspace(low, high, FEWEST_CELLS + 1)
    width = (high - low) / FEWEST_CELLS
    precise = error < CELLS_PER_ERROR * width
    steps = np.arange(-REACH, REACH + 0.5 / CELLS_PER_ERROR, 1.0 / CELLS_PER_ERROR)
    denser = (angle[precise, None] + error[precise, None] * steps).ravel()
    denser = np.unique(denser[(denser > low) & (denser < high)])
    room = MOST_CELLS - FEWEST_CELLS
    if len(denser) > room:
        denser = denser[np.linspace(0, len(denser) - 1, room).round().astype(np.intp)]
    return np.union1d(axis, denser)
