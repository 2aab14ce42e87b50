"""What stands beside the decision on a target and never changes it."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from praktijktest.analysis.encoding import BoolArray
from praktijktest.analysis.target_counts import CountArray, TargetCounts, chosen
from praktijktest.analysis.target_rules import families
from praktijktest.design import Design
from praktijktest.statistics.recoding import undone, worst_case
from praktijktest.statistics.shrinkage import shrunken_net_rates
from praktijktest.statistics.signal_checks import few_discordant, outcome_balance
from praktijktest.statistics.two_group import discrimination_posterior

FloatArray = NDArray[np.float64]


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
    """

    innocent_share: float
    reverse_share: float
    judged: int
    sd_between: float
    in_variance: int
    converged: bool

    def to_dict(self) -> dict[str, float | int | bool]:
        """The numbers as plain data."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


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
        posterior_control: probability that it favours the control applicant.
        shrunken: posterior mean of the net rate over all tests; low, high: its interval.
        markets: per contrast, what its targets are like together.
    """

    few_discordant: BoolArray
    undone_by_recoding: BoolArray
    order_p: FloatArray
    sheet_p: FloatArray
    posterior: FloatArray
    posterior_control: FloatArray
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
    numbers = {name: np.zeros(len(counts)) for name in ("above", "below", "mean", "low", "high")}
    markets = []
    for block in range(len(counts.comparisons)):
        own = np.flatnonzero(counts.contrast == block)
        groups = discrimination_posterior(wins[own], losses[own])
        rates = shrunken_net_rates(counts.cells[own], design.analysis.confidence)
        markets.append(
            Market(
                innocent_share=groups.innocent_share,
                reverse_share=groups.reverse_share,
                judged=groups.judged,
                sd_between=rates.sd_between,
                in_variance=rates.in_variance,
                converged=groups.converged and rates.converged,
            )
        )
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
        posterior_control=numbers["above"],
        shrunken=numbers["mean"],
        low=numbers["low"],
        high=numbers["high"],
        markets=tuple(markets),
    )


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
