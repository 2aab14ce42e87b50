"""Who is tested next: a sequential rule applied to how far every target is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from praktijktest.rounds.next_counts import Standing
from praktijktest.rounds.next_proposals import Proposal
from praktijktest.statistics.confirmation import Confirmation, confirm
from praktijktest.statistics.e_values import e_benjamini_hochberg
from praktijktest.statistics.sequential import (
    DECISIONS,
    FLAG,
    NEVER,
    UNDECIDED,
    SequentialDecisions,
    SequentialRule,
    judge,
)

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

LARGEST_LOG: Final = 690.0
"""E-values beyond e^690 are given by their logarithm alone."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What the rule says of every (target, contrast), one entry each in every array.

    Attributes:
        decisions: decision, evidence and what is left.
        listed: adjusted e-BH value over the whole list.
        confirmation: what fresh tests say of the flagged targets; None where there are none.
    """

    decisions: SequentialDecisions
    listed: FloatArray
    confirmation: Confirmation | None

    def words(self) -> list[str]:
        """The decisions in words; what nothing can decide any more is undecided."""
        found = np.where(self.decisions.out_of_reach, UNDECIDED, self.decisions.decision)
        return [DECISIONS[code] for code in found.tolist()]


def judged(standing: Standing, rules: Mapping[str, SequentialRule], alpha: float) -> Judged:
    """Apply the rule of each contrast to its targets."""
    counts = standing.screening
    contrasts = np.array([contrast for _, contrast in standing.entries], dtype=object)
    places = [np.flatnonzero(contrasts == contrast) for contrast in rules]
    parts = [
        judge(rule, counts.wins[own], counts.losses[own], counts.tests[own])
        for rule, own in zip(rules.values(), places, strict=True)
    ]
    back = np.argsort(np.concatenate(places))
    decisions = SequentialDecisions(
        decision=np.concatenate([part.decision for part in parts])[back],
        log_e=np.concatenate([part.log_e for part in parts])[back],
        log_release_odds=np.concatenate([part.log_release_odds for part in parts])[back],
        remaining=np.concatenate([part.remaining for part in parts])[back],
        wins_to_flag=np.concatenate([part.wins_to_flag for part in parts])[back],
        losses_to_release=np.concatenate([part.losses_to_release for part in parts])[back],
    )
    return Judged(
        decisions=decisions,
        listed=e_benjamini_hochberg(decisions.log_e),
        confirmation=_confirmation(standing, decisions.decision == FLAG, alpha),
    )


def _confirmation(standing: Standing, flagged: BoolArray, alpha: float) -> Confirmation | None:
    """Fresh tests of flagged targets; entries that were not flagged have p = 1 and stay open."""
    fresh, first = standing.fresh, standing.screening
    if fresh is None:
        return None
    either = np.array([way == "either" for way in standing.directions], dtype=np.bool_)
    mirrored = either & (first.wins < first.losses)
    wins, losses = (
        np.where(flagged, np.where(mirrored, other, own), 0)
        for own, other in ((fresh.wins, fresh.losses), (fresh.losses, fresh.wins))
    )
    return confirm(
        wins,
        losses,
        np.where(flagged, fresh.tests, 0),
        alpha,
        answered=np.where(flagged, fresh.answered, 0),
        screening=(
            np.where(mirrored, first.losses, first.wins),
            np.where(mirrored, first.wins, first.losses),
        ),
    )


def order_of_need(standing: Standing, found: Judged) -> list[int]:
    """Entries, those that need tests most first.

    Open targets that can still be flagged, strongest evidence first, among equals the one
    with the fewest tests; then the open ones that can only be released; then the decided.
    """
    decisions = found.decisions
    hopeless = decisions.wins_to_flag > decisions.remaining
    decided = np.where(decisions.out_of_reach, UNDECIDED, decisions.decision)
    names = np.arange(len(standing.entries))
    keys = (names, standing.screening.tests, -decisions.log_e, hopeless, decided)
    order: list[int] = np.lexsort(keys).tolist()
    return order


def target_rows(
    standing: Standing, found: Judged, order: Sequence[int], proposed: Sequence[Proposal]
) -> Iterator[dict[str, Any]]:
    """Every target and contrast as plain data, in the given order."""
    counts, decisions = standing.screening, found.decisions
    columns: dict[str, Sequence[Any]] = {
        "decision": found.words(),
        "tests": counts.tests.tolist(),
        "wins": counts.wins.tolist(),
        "losses": counts.losses.tolist(),
        "underway": counts.underway.tolist(),
        "remaining": decisions.remaining.tolist(),
        "e_value": [_power(value) for value in decisions.log_e.tolist()],
        "log_e_value": decisions.log_e.tolist(),
        "release_odds": [_power(value) for value in decisions.log_release_odds.tolist()],
        "wins_to_flag": [_reachable(run) for run in decisions.wins_to_flag.tolist()],
        "losses_to_release": [_reachable(run) for run in decisions.losses_to_release.tolist()],
        "q_list": found.listed.tolist(),
    }
    fresh = _fresh(standing, found.confirmation)
    for place in order:
        target, contrast = standing.entries[place]
        yield {
            "target": target,
            "contrast": contrast,
            **{name: values[place] for name, values in columns.items()},
            "next": proposed[place].to_dict(),
            "fresh": fresh.get(place),
        }


def _fresh(standing: Standing, confirmation: Confirmation | None) -> dict[int, dict[str, Any]]:
    """What the fresh tests say, by entry that has any."""
    fresh = standing.fresh
    if fresh is None or confirmation is None:
        return {}
    tests, wins, losses = fresh.tests, fresh.wins, fresh.losses
    state = np.select([confirmation.confirmed, confirmation.released], [1, 2], default=0)
    return {
        place: {
            "tests": int(tests[place]),
            "wins": int(wins[place]),
            "losses": int(losses[place]),
            "p": float(confirmation.p[place]),
            "q": float(confirmation.q[place]),
            "decision": ("open", "confirmed", "released")[state[place]],
            "e_value_both": _power(float(confirmation.log_e_both[place])),
        }
        for place in np.flatnonzero(tests).tolist()
    }


def _power(logarithm: float) -> float | None:
    return exp(logarithm) if logarithm < LARGEST_LOG else None


def _reachable(run: int) -> int | None:
    return None if run >= NEVER // 2 else run
