"""Second opinion on a flag: how probable it is that a target favours the control applicant.

q is the chance that a discordant test of a target favours the control applicant, ½ where
the two are treated alike. Targets are a mixture of q = ½ and other values. Left free, the
mixture puts targets just above ½ and calls them discriminators; a Dirichlet penalty of 10
on the null (Stephens 2017, Biostatistics 18:275-294, where it is `nullweight`) prevents
that. The result is an estimate that leans on its model, so it never flags by itself.

The number of discordant tests says something about q: who discriminates has more of
them. One mixture for all targets would call the reserved agents discriminators and
excuse the others, so every number of discordant tests has a mixture of its own, fitted
to the targets with about as many.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from praktijktest.statistics.count_patterns import (
    Patterns,
    patterns_of,
    patterns_of_pairs,
    thinned,
)
from praktijktest.statistics.mixture_weights import fit_weights, responsibilities
from praktijktest.statistics.mixtures import (
    MOST_PATTERNS,
    binomial_grid,
    log_binomial,
    log_multinomial,
    multinomial_grid,
)

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

NULL_WEIGHT: Final = 10.0

SMALLEST_EFFECT: Final = 0.05
"""Other values of q lie at least so far from ½, or one standard error where that is less."""

NEIGHBOURS: Final = 50.0
"""Targets, weighted by nearness, that a mixture is fitted to at least, if there are so many."""

NEARNESS: Final = 0.25
"""Half width of the neighbourhood as a share of the number of discordant tests."""

EVERY_NUMBER_TO: Final = 8
STEP: Final = 1.25
"""Above 8 discordant tests, those within a quarter of one another share a mixture."""

WIDEN: Final = 1.3
DECIMALS: Final = 12
MOST_ROWS: Final = 4_000
"""Rows of counts judged at a time, to keep the memory small."""


@dataclass(frozen=True, slots=True)
class TwoGroup:
    """What a mixture says of every target; an estimate, not a test.

    Attributes:
        posterior: per target, the probability that it favours the control applicant:
            P(q > ½ | counts). 0 without discordant tests: nothing speaks for it.
        posterior_reverse: per target, P(q < ½ | counts).
        innocent_share: estimated share that does not favour the control (q ≤ ½), of the
            targets with a discordant test; 1 where there are none.
        reverse_share: estimated share with q < ½, of the same targets.
        judged: how many targets have a discordant test.
        null_weight: Dirichlet parameter of q = ½.
        fits: how many mixtures were fitted.
        shortfall: the largest shortfall of their penalised log-likelihoods.
        converged: all fits converged.
    """

    posterior: FloatArray
    posterior_reverse: FloatArray
    innocent_share: float
    reverse_share: float
    judged: int
    null_weight: float
    fits: int
    shortfall: float
    converged: bool

    @property
    def local_fdr(self) -> FloatArray:
        """Per target, the probability that flagging it for favouring the control is wrong."""
        return 1.0 - self.posterior

    def to_dict(self) -> dict[str, Any]:
        """The result as plain data."""
        return {
            "posterior": self.posterior.tolist(),
            "posterior_reverse": self.posterior_reverse.tolist(),
            "innocent_share": self.innocent_share,
            "reverse_share": self.reverse_share,
            "judged": self.judged,
            "null_weight": self.null_weight,
            "fits": self.fits,
            "shortfall": self.shortfall,
            "converged": self.converged,
        }


@dataclass(frozen=True, slots=True)
class _Judged:
    """Per pattern: probability of q above and below ½; and how the fits went."""

    above: FloatArray
    below: FloatArray
    fits: int
    shortfall: float
    converged: bool


def discrimination_posterior(
    wins: ArrayLike, losses: ArrayLike, null_weight: float = NULL_WEIGHT
) -> TwoGroup:
    """P(q > ½ | b, d) per target, from mixtures of binomials given the discordant tests.

    It assumes nothing about how often tests are discordant. `benchmarks/empirical_bayes.py`
    measures how often flags at a given local false discovery rate are wrong.

    Args:
        wins: tests that favoured the control applicant only, shape (targets,).
        losses: tests that favoured the test applicant only, shape (targets,).
        null_weight: Dirichlet parameter of q = ½, at least 1 (no penalty).

    Raises:
        ValueError: impossible counts or weight.
    """
    _check(null_weight)
    patterns = patterns_of_pairs(wins, losses)
    discordant = patterns.counts.sum(axis=1)
    above, below = np.zeros(len(patterns)), np.zeros(len(patterns))
    centre = _centres(discordant)
    fits, shortfall, converged = 0, 0.0, True
    for middle in np.unique(centre[discordant > 0]).tolist():
        rows = (centre == middle) & (discordant > 0)
        part = _judged_nearby(patterns, discordant, middle, rows, null_weight)
        above[rows], below[rows] = part.above, part.below
        fits += part.fits
        shortfall = max(shortfall, part.shortfall)
        converged = converged and part.converged
    whole = _Judged(above, below, fits, shortfall, converged)
    return _two_group(patterns, whole, discordant > 0, null_weight)


def cell_posterior(cells: ArrayLike, null_weight: float = NULL_WEIGHT) -> TwoGroup:
    """P(p10 > p01 | all four cells) per target, from a mixture of four-cell multinomials.

    It also uses how often tests are discordant, which gains power and rests on an
    assumption: that the tests of a target are alike (adverts drawn at random from its own).

    Args:
        cells: shape (targets, 4): both, only_control, only_test, neither.
        null_weight: Dirichlet parameter of the points with p10 = p01 together.

    Raises:
        ValueError: impossible counts or weight.
    """
    _check(null_weight)
    patterns = patterns_of(cells, 4)
    points = multinomial_grid(patterns, 4)
    gap = points[:, 1] - points[:, 2]
    counts, targets = thinned(_some(patterns, patterns.counts.sum(axis=1) > 0), MOST_PATTERNS)
    found = fit_weights(log_multinomial(counts, points), targets, gap == 0.0, null_weight)
    kept = found.weights > 0.0
    above, below = np.zeros(len(patterns)), np.zeros(len(patterns))
    for start in range(0, len(patterns), MOST_ROWS):
        rows = slice(start, start + MOST_ROWS)
        kernel = log_multinomial(patterns.counts[rows], points[kept])
        posterior = responsibilities(kernel, found.weights[kept])
        above[rows] = posterior[:, gap[kept] > 0.0].sum(axis=1)
        below[rows] = posterior[:, gap[kept] < 0.0].sum(axis=1)
    judged = patterns.counts[:, 1:3].sum(axis=1) > 0
    above[~judged], below[~judged] = 0.0, 0.0
    whole = _Judged(above, below, 1, found.shortfall, found.converged)
    return _two_group(patterns, whole, judged, null_weight)


def flagged_by_local_fdr(local_fdr: ArrayLike, alpha: float) -> BoolArray:
    """The longest list, likeliest first, with a mean local false discovery rate ≤ alpha.

    Sun & Cai 2007 (JASA 102:901-912). Targets with equal values are taken together.

    Args:
        local_fdr: per target, shape (targets,).
        alpha: level, inside (0, 1).

    Raises:
        ValueError: the level is impossible, or a value is no probability.
    """
    values = np.asarray(local_fdr, dtype=np.float64)
    if not 0.0 < alpha < 1.0:
        raise ValueError(f"The level alpha must lie between 0 and 1, not {alpha!r}.")
    if values.ndim != 1 or not ((values >= 0.0) & (values <= 1.0)).all():
        raise ValueError("Local false discovery rates must be one row of numbers from 0 to 1.")
    different, inverse, number = np.unique(values, return_inverse=True, return_counts=True)
    mean = np.cumsum(different * number) / np.cumsum(number)
    # Averages of ascending values ascend, so the allowed ones stand in front.
    flagged: BoolArray = (mean.round(DECIMALS) <= alpha)[inverse]
    return flagged


def _judged_nearby(
    patterns: Patterns, discordant: IntArray, middle: int, rows: BoolArray, null_weight: float
) -> _Judged:
    """Fit the mixture of targets with about `middle` discordant tests, and judge `rows`."""
    weight = _nearness(patterns, discordant, middle)
    near = weight > 0.0
    counts, targets = thinned(_some(patterns, near), MOST_PATTERNS)
    if len(counts) == near.sum():
        targets = targets * weight[near]
    points = binomial_grid(_some(patterns, near | rows))
    apart = min(SMALLEST_EFFECT, 0.5 / middle**0.5)
    distance = np.abs(points - 0.5)
    points = points[(distance == 0.0) | (distance >= apart - 1e-9)]
    found = fit_weights(log_binomial(counts, points), targets, points == 0.5, null_weight)
    kept = found.weights > 0.0
    kernel = log_binomial(patterns.counts[rows], points[kept])
    posterior = responsibilities(kernel, found.weights[kept])
    return _Judged(
        above=posterior[:, points[kept] > 0.5].sum(axis=1),
        below=posterior[:, points[kept] < 0.5].sum(axis=1),
        fits=1,
        shortfall=found.shortfall,
        converged=found.converged,
    )


def _nearness(patterns: Patterns, discordant: IntArray, middle: int) -> FloatArray:
    """Weight of every pattern for the mixture at `middle`: 1 there, falling to 0 linearly."""
    half = max(1.0, NEARNESS * middle)
    widest = max(float(discordant.max()), 2.0 * middle)
    while True:
        weight = np.maximum(0.0, 1.0 - np.abs(discordant - middle) / (half + 1.0))
        weight[discordant == 0] = 0.0
        if patterns.targets @ weight >= NEIGHBOURS or half > widest:
            return weight
        half *= WIDEN


def _centres(discordant: IntArray) -> IntArray:
    """The number of discordant tests whose mixture judges a pattern: itself, or a near one."""
    steps = np.round(
        np.log(np.maximum(discordant, EVERY_NUMBER_TO) / EVERY_NUMBER_TO) / np.log(STEP)
    )
    shared = np.round(EVERY_NUMBER_TO * STEP**steps).astype(np.int64)
    return np.where(discordant <= EVERY_NUMBER_TO, discordant, shared)


def _some(patterns: Patterns, kept: BoolArray) -> Patterns:
    return Patterns(patterns.counts[kept], patterns.targets[kept], patterns.of_target[:0])


def _two_group(
    patterns: Patterns, judged: _Judged, is_judged: BoolArray, null_weight: float
) -> TwoGroup:
    number = int(patterns.targets[is_judged].sum())
    above, below = judged.above.clip(0.0, 1.0), judged.below.clip(0.0, 1.0)
    return TwoGroup(
        posterior=above[patterns.of_target],
        posterior_reverse=below[patterns.of_target],
        innocent_share=1.0 - float(patterns.targets @ above) / max(number, 1),
        reverse_share=float(patterns.targets @ below) / max(number, 1),
        judged=number,
        null_weight=null_weight,
        fits=judged.fits,
        shortfall=judged.shortfall,
        converged=judged.converged,
    )


def _check(null_weight: float) -> None:
    if not null_weight >= 1.0:
        raise ValueError(f"The null weight must be at least 1, not {null_weight!r}.")
