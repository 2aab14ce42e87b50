"""What stands beside the decision on a target and never changes it."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from praktijktest.analysis.encoding import BoolArray
from praktijktest.analysis.target_counts import CountArray, TargetCounts, chosen
from praktijktest.analysis.target_rules import families
from praktijktest.design import Design
from praktijktest.statistics.grades import Grades, report_card
from praktijktest.statistics.prevalence_bounds import Bound, posterior_bound, prevalence_bound
from praktijktest.statistics.recoding import undone, worst_case
from praktijktest.statistics.shrinkage import shrunken_net_rates
from praktijktest.statistics.signal_checks import few_discordant, outcome_balance
from praktijktest.statistics.two_group import discrimination_posterior

FloatArray = NDArray[np.float64]

_NUMBERS: Final = (
    "innocent_share",
    "reverse_share",
    "judged",
    "sd_between",
    "in_variance",
    "converged",
)


@dataclass(frozen=True, slots=True)
class Market:
    """What the targets of one contrast are like together.

    Attributes:
        innocent_share: estimated share, of targets with a discordant test, that does not
            favour the control applicant.
        reverse_share: estimated share that favours the test applicant.
        judged: targets with a discordant test.
        sd_between: standard deviation of the true net rates (over all tests), noise taken out.
        in_variance: targets with two tests or more, which that rests on.
        converged: both fits converged.
        unequal: share of the targets that treat applicants unequally, at least.
        card: the report card.
    """

    innocent_share: float
    reverse_share: float
    judged: int
    sd_between: float
    in_variance: int
    converged: bool
    unequal: Bound
    card: Grades

    def to_dict(self) -> dict[str, Any]:
        """The numbers as plain data; what the report card says of single targets is theirs."""
        card = self.card.to_dict()
        own = {name: getattr(self, name) for name in _NUMBERS}
        return {
            **own,
            "unequal": self.unequal.to_dict(),
            "grades": {name: value for name, value in card.items() if name != "grade"},
        }


@dataclass(frozen=True, slots=True)
class SignalEvidence:
    """Second opinions and checks, one entry per (target, contrast).

    Attributes:
        few_discordant: fewer than five discordant tests.
        undone_by_recoding: a signal that is none if its ambiguous replies are read the other
            way; False where there is no signal.
        order_p: does who wins hang on who wrote first? Fisher's exact p on the discordant
            tests; NaN where no order is known.
        sheet_p: the same for who had which letter.
        posterior: probability that the target favours the side its tests favour.
        posterior_low: for signals that favour the control applicant, a lower confidence
            bound of that probability that leans on no model of the targets; NaN for others.
        grade: 1 for the most discriminating targets; 0 with too few tests for a grade.
        shrunken: posterior mean of the net rate over all tests; low, high: its interval.
        markets: per contrast, what its targets are like together.
    """

    few_discordant: BoolArray
    undone_by_recoding: BoolArray
    order_p: FloatArray
    sheet_p: FloatArray
    posterior: FloatArray
    posterior_low: FloatArray
    grade: CountArray
    shrunken: FloatArray
    low: FloatArray
    high: FloatArray
    markets: tuple[Market, ...]


def signal_evidence(
    design: Design, counts: TargetCounts, in_family: BoolArray, signal: BoolArray
) -> SignalEvidence:
    """Work out everything that stands beside the decisions.

    Args:
        design: the round's design.
        counts: counts per target and contrast.
        in_family: which entries are judged.
        signal: which are signals.
    """
    wins, losses = counts.cells[:, 1], counts.cells[:, 2]
    numbers = {
        name: np.zeros(len(counts)) for name in ("above", "below", "mean", "low", "high", "bound")
    }
    markets = []
    grade = np.zeros(len(counts), dtype=np.int64)
    for block in range(len(counts.comparisons)):
        own = np.flatnonzero(counts.contrast == block)
        groups = discrimination_posterior(wins[own], losses[own])
        rates = shrunken_net_rates(counts.cells[own], design.analysis.confidence)
        card = report_card(counts.cells[own])
        markets.append(
            Market(
                innocent_share=groups.innocent_share,
                reverse_share=groups.reverse_share,
                judged=groups.judged,
                sd_between=rates.sd_between,
                in_variance=rates.in_variance,
                converged=groups.converged and rates.converged,
                unequal=prevalence_bound(wins[own], losses[own], design.analysis.confidence),
                card=card,
            )
        )
        grade[own] = [given or 0 for given in card.grade]
        numbers["bound"][own] = _posterior_low(design, counts, own, signal)
        numbers["above"][own], numbers["below"][own] = groups.posterior, groups.posterior_reverse
        numbers["mean"][own], numbers["low"][own], numbers["high"][own] = (
            rates.mean,
            rates.low,
            rates.high,
        )
    return SignalEvidence(
        few_discordant=few_discordant(wins, losses),
        undone_by_recoding=_undone_by_recoding(design, counts, in_family, signal),
        order_p=_balance(counts.by_order),
        sheet_p=_balance(counts.by_sheet),
        posterior=np.where(wins >= losses, numbers["above"], numbers["below"]),
        posterior_low=numbers["bound"],
        grade=grade,
        shrunken=numbers["mean"],
        low=numbers["low"],
        high=numbers["high"],
        markets=tuple(markets),
    )


def _posterior_low(
    design: Design, counts: TargetCounts, own: NDArray[np.intp], signal: BoolArray
) -> FloatArray:
    """The bound for those of a contrast that are signals and favour the control."""
    low = np.full(len(own), np.nan)
    wins, losses = counts.cells[own, 1], counts.cells[own, 2]
    which = signal[own] & (wins > losses)
    if which.any():
        low[which] = posterior_bound(wins, losses, which, design.analysis.confidence)[which]
    return low


def _balance(table: CountArray) -> FloatArray:
    """P-values of the balance test; NaN where no discordant test tells."""
    known = table.sum(axis=1) > 0
    p = np.full(len(table), np.nan)
    p[known] = outcome_balance(*table[known].T).p
    return p


def _undone_by_recoding(
    design: Design, counts: TargetCounts, in_family: BoolArray, signal: BoolArray
) -> BoolArray:
    result = np.zeros(len(counts), dtype=bool)
    if not signal.any():
        return result
    for family in families(design, counts, in_family):
        entries = family.entries
        cells = counts.cells[entries]
        changed = worst_case(
            cells[:, 1], cells[:, 2], chosen(counts.hinging, entries), family.direction
        )
        result[entries] = undone(
            design.flagging.rule,
            cells[:, 1],
            cells[:, 2],
            *changed,
            signal[entries],
            family.alpha,
            family.direction,
            counts.tests[entries],
        )
    return result
