"""Slots: the tests of every target, in order, before anybody knows their adverts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from praktijktest.planning.blocks import Units, deal
from praktijktest.planning.frame import Frame, TextArray
from praktijktest.planning.ordering import IntArray, keys, permutations

STRATUM_JOIN = "\x1f"


@dataclass(frozen=True, slots=True)
class Slots:
    """The tests of a plan, sorted by target and slot; one entry per test.

    Attributes:
        targets: ids of the targets, sorted.
        target: index into `targets`.
        slot: place among the target's tests, from 0; adverts fill slots in this order.
        contrast: index of the contrast (line-up).
        row: row of the frame whose advert is attached, -1 while the slot is open.
        strata: stratum -> value per test ("" where only the advert will tell).
        carried: further column of the frame -> value per test, in the same way.
        stratum: index into `stratum_labels`.
        stratum_labels: the values of a stratum, joined.
        surplus: adverts of the frame for which their target has no slot.
    """

    targets: tuple[str, ...]
    target: IntArray
    slot: IntArray
    contrast: IntArray
    row: IntArray
    strata: dict[str, TextArray]
    carried: dict[str, TextArray]
    stratum: IntArray
    stratum_labels: tuple[str, ...]
    surplus: int

    def __len__(self) -> int:
        return len(self.target)

    def labels(self) -> list[str]:
        """What a test is called before it has an id: target and slot."""
        pairs = zip(self.target.tolist(), self.slot.tolist(), strict=True)
        return [f"{self.targets[target]}/{slot + 1}" for target, slot in pairs]


def lay_slots(
    frame: Frame,
    contrasts: int,
    tests_per_target: int | None,
    seed: int,
    *,
    adverts_drawn: bool = False,
) -> Slots:
    """Lay out the slots of every target and attach the adverts the frame knows.

    With `tests_per_target` every target has that many slots per contrast, and each run of
    `contrasts` slots holds every contrast once, so that a target left halfway is still
    balanced. Without it a slot is laid for every advert, or, in a frame without adverts,
    one per contrast. Where adverts are what was drawn, every advert has its slot, up to the
    tests per target.

    Args:
        frame: the drawn rows, sorted.
        contrasts: number of contrasts (or calls).
        tests_per_target: tests of every target per contrast, if declared.
        seed: seed of the plan.
        adverts_drawn: whether the sample was one of adverts.
    """
    targets, target_of_row = np.unique(frame.target.astype(str), return_inverse=True)
    target_of_row = target_of_row.astype(np.int64)
    with_advert = np.flatnonzero(frame.advert != "")
    adverts = np.bincount(target_of_row[with_advert], minlength=len(targets))
    if adverts_drawn and tests_per_target is not None:
        counts = np.minimum(adverts, tests_per_target * contrasts)
    elif tests_per_target is not None:
        counts = np.full(len(targets), tests_per_target * contrasts)
    else:
        counts = np.where(adverts > 0, adverts, contrasts)
    target = np.repeat(np.arange(len(targets)), counts)
    first = np.cumsum(counts) - counts
    slot = np.arange(len(target)) - first[target]
    row = _attach(frame, target_of_row, with_advert, counts, first, seed)
    strata = _of_tests(frame.strata, target_of_row, target, row)
    labels, stratum = _joined(strata, len(target))
    units = Units(stratum, target, slot, labels, targets.tolist())
    contrast = _dealt_contrasts(units, contrasts, seed)
    return Slots(
        targets=tuple(targets.tolist()),
        target=target,
        slot=slot,
        contrast=contrast,
        row=row,
        strata=strata,
        carried=_of_tests(frame.carried, target_of_row, target, row),
        stratum=stratum,
        stratum_labels=labels,
        surplus=int(np.maximum(adverts - counts, 0).sum()),
    )


def advert_order(seed: int, adverts: Sequence[str]) -> IntArray:
    """The order in which the new adverts of one target fill its slots, as indices."""
    return np.argsort(keys(seed, "advert", adverts), kind="stable")


def _attach(
    frame: Frame,
    target_of_row: IntArray,
    with_advert: IntArray,
    counts: IntArray,
    first: IntArray,
    seed: int,
) -> IntArray:
    """The frame's row for every slot: adverts in the order of their keys, then nothing."""
    row = np.full(int(counts.sum()), -1, dtype=np.int64)
    shuffled = with_advert[advert_order(seed, frame.advert[with_advert].tolist())]
    ordered = shuffled[np.argsort(target_of_row[shuffled], kind="stable")]
    of = target_of_row[ordered]
    place = np.arange(len(of)) - np.searchsorted(of, of)
    fits = place < counts[of]
    row[first[of[fits]] + place[fits]] = ordered[fits]
    return row


def _of_tests(
    columns: Mapping[str, TextArray], target_of_row: IntArray, target: IntArray, row: IntArray
) -> dict[str, TextArray]:
    """A column per slot: its advert's value; without one the target's, where it has only one."""
    found = {}
    for name, values in columns.items():
        texts, codes = np.unique(values.astype(str), return_inverse=True)
        smallest = np.full(int(target_of_row.max()) + 1, len(texts))
        largest = np.full(len(smallest), -1)
        np.minimum.at(smallest, target_of_row, codes)
        np.maximum.at(largest, target_of_row, codes)
        own = np.where(smallest == largest, smallest, len(texts))
        code = np.where(row >= 0, codes[np.maximum(row, 0)], own[target])
        found[name] = np.asarray([*texts.tolist(), ""], dtype=object)[code]
    return found


def _joined(strata: dict[str, TextArray], size: int) -> tuple[tuple[str, ...], IntArray]:
    if not strata:
        return ("",), np.zeros(size, dtype=np.int64)
    joined = [STRATUM_JOIN.join(values) for values in zip(*strata.values(), strict=True)]
    labels, codes = np.unique(joined, return_inverse=True)
    return tuple(labels.tolist()), codes.astype(np.int64)


def _dealt_contrasts(units: Units, contrasts: int, seed: int) -> IntArray:
    """Which contrast every slot is for; places mean a different contrast in each stratum."""
    dealt = deal(units, contrasts, seed, "contrast")
    order = permutations(seed, "contrast/order", units.streams, contrasts)
    return order[units.stream, dealt.place]
