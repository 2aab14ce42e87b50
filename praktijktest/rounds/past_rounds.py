"""Published rounds of practice tests, from which a new round can take its expectations."""

import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from importlib.resources import files
from math import ceil, floor
from typing import Any

from praktijktest.problems import UsageError


@dataclass(frozen=True, slots=True)
class PastRound:
    """The four counts of one published round.

    Attributes:
        id: name to give to `--like`.
        title: place, year, who was tested and on what, in English.
        market: housing or labour.
        ground: ground of the vocabulary.
        both: tests in which both applicants were answered.
        only_control: tests in which only the control applicant was.
        only_test: tests in which only the test applicant was.
        neither: tests in which nobody was.
        both_range: smallest and largest `both` that the published figures allow.
        source: where the counts were published.
    """

    id: str
    title: str
    market: str
    ground: str
    both: int
    only_control: int
    only_test: int
    neither: int
    both_range: tuple[int, int]
    source: str

    @property
    def tests(self) -> int:
        """Number of tests of the round."""
        return self.both + self.only_control + self.only_test + self.neither

    @property
    def estimated(self) -> bool:
        """Whether only the margins were published, so that `both` is an estimate."""
        return self.both_range[0] < self.both_range[1]

    def to_dict(self) -> dict[str, Any]:
        """The round as plain data."""
        return {
            "id": self.id,
            "title": self.title,
            "market": self.market,
            "ground": self.ground,
            "tests": self.tests,
            "cells": {
                "both": self.both,
                "only_control": self.only_control,
                "only_test": self.only_test,
                "neither": self.neither,
            },
            "both_range": list(self.both_range),
            "only_control": self.only_control / self.tests,
            "only_test": self.only_test / self.tests,
            "source": self.source,
        }


@lru_cache(maxsize=1)
def past_rounds() -> tuple[PastRound, ...]:
    """The shipped table of published rounds, in the order of the file."""
    text = files("praktijktest.rounds").joinpath("past_rounds.toml").read_text(encoding="utf-8")
    return tuple(_past_round(entry) for entry in tomllib.loads(text)["round"])


def past_round(name: str) -> PastRound:
    """One published round.

    Args:
        name: its id, such as "ghent-2016".

    Raises:
        UsageError: no round has that id; the message names the nearest.
    """
    known = {entry.id: entry for entry in past_rounds()}
    if name in known:
        return known[name]
    near = get_close_matches(name, known, n=3, cutoff=0.4)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    raise UsageError(
        f"There is no published round {name!r}.{hint} "
        "`praktijktest power market --list-rounds` shows them all."
    )


def _past_round(entry: dict[str, Any]) -> PastRound:
    words = {key: entry[key] for key in ("id", "title", "market", "ground", "source")}
    if "cells" in entry:
        cells = entry["cells"]
        return PastRound(**words, **cells, both_range=(cells["both"], cells["both"]))
    tests, control, test = (entry[k] for k in ("tests", "positive_control", "positive_test"))
    low, high = feasible_both(tests, control, test, entry["net_rate_percent"])
    both = (low + high) // 2
    return PastRound(
        **words,
        both=both,
        only_control=control - both,
        only_test=test - both,
        neither=tests - control - test + both,
        both_range=(low, high),
    )


def feasible_both(
    tests: int, positive_control: int, positive_test: int, net_rate_percent: float
) -> tuple[int, int]:
    """The counts of `both` that agree with margins and a published net rate.

    Args:
        tests: number of tests.
        positive_control: tests in which the control applicant was answered.
        positive_test: tests in which the test applicant was answered, fewer.
        net_rate_percent: published (only control - only test) / (at least one answered), in
            whole per cent, so known to half a point.

    Returns:
        Smallest and largest `both`.
    """
    difference = positive_control - positive_test
    answered_most = floor(100 * difference / (net_rate_percent - 0.5))
    answered_least = ceil(100 * difference / (net_rate_percent + 0.5))
    total = positive_control + positive_test
    low = max(total - answered_most, total - tests, 0)
    return low, min(total - answered_least, positive_control, positive_test)
