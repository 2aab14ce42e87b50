"""Draw the sample: a census, a number in proportion or equal over the strata, or quotas."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from praktijktest.design.planning_sections import Quota, Sampling
from praktijktest.planning.frame import BoolArray, Frame
from praktijktest.planning.ordering import IntArray, keys
from praktijktest.problems import DataError, Problem, shown

STRATUM_SEPARATOR = " / "


@dataclass(frozen=True, slots=True)
class StratumDraw:
    """What was drawn from one stratum (or for one quota).

    Attributes:
        stratum: stratum -> value; empty where the design has no strata.
        available: units in the frame, after exclusions.
        wanted: units asked for.
        drawn: units drawn.
    """

    stratum: dict[str, str]
    available: int
    wanted: int
    drawn: int

    def to_dict(self) -> dict[str, Any]:
        """The draw as plain data."""
        return {
            "stratum": self.stratum,
            "available": self.available,
            "wanted": self.wanted,
            "drawn": self.drawn,
        }


@dataclass(frozen=True, slots=True)
class Sample:
    """The drawn part of a frame.

    Attributes:
        frame: the rows of drawn units.
        draws: per stratum, what was there, wanted and drawn.
        excluded: targets of the frame that the exclusion list took out.
        problems: warnings.
    """

    frame: Frame
    draws: tuple[StratumDraw, ...]
    excluded: int
    problems: tuple[Problem, ...]


def draw_sample(
    frame: Frame, sampling: Sampling, seed: int, excluded: Collection[str] = ()
) -> Sample:
    """Draw targets (or adverts) from a frame, as the design's sampling section says.

    Within a stratum the units with the lowest SHA-256 of seed, purpose and unit id are
    drawn, so that a unit's chance does not depend on where it stands in the file.

    Args:
        frame: the frame.
        sampling: the design's section.
        seed: seed of the plan.
        excluded: targets to leave alone.

    Raises:
        DataError: a stratum or quota has too few units (one problem each, with how many
            are short), a quota fits nobody, or a target lies in two strata.
    """
    left = frame.select(~np.isin(frame.target.astype(str), sorted(excluded) or [""]))
    problems = list(frame.problems) + _unknown_exclusions(frame, excluded)
    targets_out = len(np.unique(frame.target.astype(str))) - len(np.unique(left.target.astype(str)))
    if len(left) == 0:
        raise DataError(
            "Nobody is left to test.",
            [Problem(code="frame-empty", message="the exclusion list takes out every target")],
        )
    if sampling.unit == "advert":
        left = _only_adverts(left)
    units, unit_of_row = _units(left, sampling.unit)
    strata, stratum_of = _strata_of_units(left, unit_of_row, len(units), sampling)
    wanted, cell_of, cells = _wanted(strata, stratum_of, units, sampling, seed)
    chosen, draws = _take(units, cell_of, cells, wanted, seed, left.file)
    return Sample(
        frame=left.select(chosen[unit_of_row]),
        draws=draws,
        excluded=targets_out,
        problems=tuple(problems),
    )


def largest_remainder(size: int, weights: Sequence[int]) -> list[int]:
    """Divide `size` in proportion to the weights by the method of largest remainders.

    Equal remainders go to the earlier entry.
    """
    total = sum(weights)
    shares = [divmod(size * weight, total) for weight in weights]
    found = [whole for whole, _ in shares]
    by_remainder = sorted(range(len(weights)), key=lambda entry: (-shares[entry][1], entry))
    for entry in by_remainder[: size - sum(found)]:
        found[entry] += 1
    return found


def _only_adverts(frame: Frame) -> Frame:
    adverts = frame.select(frame.advert != "")
    if len(adverts) == 0:
        raise DataError(
            "The frame names no adverts.",
            [
                Problem(
                    code="frame-without-adverts",
                    message="sampling.unit is 'advert', but no row names one",
                    file=frame.file,
                    column="advert",
                    hint='add the column advert, or draw targets: unit = "target"',
                )
            ],
        )
    return adverts


def _units(frame: Frame, unit: str) -> tuple[list[str], IntArray]:
    """The ids of what is drawn, sorted, and the unit of every row."""
    values = frame.advert if unit == "advert" else frame.target
    ids, of_row = np.unique(values.astype(str), return_inverse=True)
    return ids.tolist(), of_row.astype(np.int64)


def _strata_of_units(
    frame: Frame, unit_of_row: IntArray, units: int, sampling: Sampling
) -> tuple[list[tuple[str, ...]], IntArray]:
    """The strata that occur, sorted, and the stratum of every unit."""
    rows = list(zip(*(frame.strata[name] for name in sampling.strata), strict=True))
    if not sampling.strata:
        return [()], np.zeros(units, dtype=np.int64)
    strata = sorted(set(rows))
    codes = {stratum: code for code, stratum in enumerate(strata)}
    of_row = np.array([codes[row] for row in rows], dtype=np.int64)
    first = np.full(units, -1, dtype=np.int64)
    first[unit_of_row[::-1]] = of_row[::-1]
    differs = first[unit_of_row] != of_row
    if sampling.allocation != "census" and differs.any():
        row = int(np.flatnonzero(differs)[0])
        raise DataError(
            "The targets cannot be drawn by stratum.",
            [
                Problem(
                    code="frame-target-in-two-strata",
                    message="a target has adverts in several strata",
                    file=frame.file,
                    column="target",
                    value=shown(frame.target[row]),
                    hint='draw adverts (sampling.unit = "advert"), '
                    "or use strata that belong to the target",
                    count=len(np.unique(unit_of_row[differs])),
                )
            ],
        )
    return strata, first


def _wanted(
    strata: list[tuple[str, ...]],
    stratum_of: IntArray,
    units: list[str],
    sampling: Sampling,
    seed: int,
) -> tuple[list[int], IntArray, list[dict[str, str]]]:
    """How many units of every cell, the cell of every unit (-1: none), and the cells."""
    named = [dict(zip(sampling.strata, stratum, strict=True)) for stratum in strata]
    available = np.bincount(stratum_of, minlength=len(strata)).tolist()
    if sampling.allocation == "quota":
        cells = [dict(quota.where) for quota in sampling.quota]
        cell_of_stratum = _quota_of_strata(named, sampling.quota)
        return [quota.size for quota in sampling.quota], cell_of_stratum[stratum_of], cells
    if sampling.allocation == "census":
        return available, stratum_of, named
    size = sampling.size or len(units)
    if sampling.allocation == "proportional":
        return largest_remainder(size, available), stratum_of, named
    # Which strata get one more, when the size does not divide, is decided by the seed.
    labels = [STRATUM_SEPARATOR.join(stratum) for stratum in strata]
    extra = np.argsort(keys(seed, "equal", labels), kind="stable")[: size % len(strata)]
    wanted = np.full(len(strata), size // len(strata))
    wanted[extra] += 1
    return wanted.tolist(), stratum_of, named


def _quota_of_strata(named: list[dict[str, str]], quotas: Sequence[Quota]) -> IntArray:
    """The quota of every stratum, -1 where no quota asks for it."""
    found = np.full(len(named), -1, dtype=np.int64)
    problems = []
    for number, stratum in enumerate(named):
        fitting = [
            entry
            for entry, quota in enumerate(quotas)
            if all(stratum[name] == value for name, value in quota.where.items())
        ]
        if len(fitting) > 1:
            problems.append(
                Problem(
                    code="quotas-overlap",
                    message=f"{len(fitting)} quotas ask for the stratum {_label(stratum)}",
                    column=f"sampling.quota[{fitting[1]}]",
                    hint="let every stratum fall under one quota",
                )
            )
        elif fitting:
            found[number] = fitting[0]
    if problems:
        raise DataError("The quotas cannot be drawn.", problems)
    return found


def _take(
    units: list[str],
    cell_of: IntArray,
    cells: list[dict[str, str]],
    wanted: list[int],
    seed: int,
    file: str,
) -> tuple[BoolArray, tuple[StratumDraw, ...]]:
    """Take the first units of every cell in the order of their keys."""
    available = np.bincount(cell_of[cell_of >= 0], minlength=len(cells)).tolist()
    short = [
        Problem(
            code="frame-too-small",
            message=f"the stratum {_label(cell)} has {have} and the plan wants {want}: "
            f"{want - have} short",
            file=file,
            hint="add to the frame, or ask for fewer",
        )
        for cell, want, have in zip(cells, wanted, available, strict=True)
        if want > have
    ]
    if short:
        raise DataError("The frame is too small for the sample.", short)
    order = np.lexsort((keys(seed, "sample", units), cell_of))
    starts = np.searchsorted(cell_of[order], np.arange(len(cells)))
    place = np.full(len(units), np.iinfo(np.int64).max)
    inside = cell_of[order] >= 0
    place[order[inside]] = np.flatnonzero(inside) - starts[cell_of[order[inside]]]
    limits = np.asarray([*wanted, 0])
    chosen = place < limits[cell_of]
    draws = tuple(
        StratumDraw(stratum=cell, available=have, wanted=want, drawn=want)
        for cell, want, have in zip(cells, wanted, available, strict=True)
    )
    return chosen, draws


def _label(stratum: dict[str, str]) -> str:
    if not stratum:
        return "(whole frame)"
    return STRATUM_SEPARATOR.join(f"{name} = {value}" for name, value in stratum.items())


def _unknown_exclusions(frame: Frame, excluded: Collection[str]) -> list[Problem]:
    unknown = sorted(set(excluded) - set(frame.target))
    if not unknown:
        return []
    return [
        Problem(
            code="exclusion-unknown",
            message="the exclusion list names targets that the frame does not have",
            level="warning",
            column="target",
            value=shown(unknown[0]),
            hint="check how they are written",
            count=len(unknown),
        )
    ]
