"""Who applies how: line-up, order of sending and letter of every test, dealt by SHA-256.

A test has as many *sheets* as applicants: a sheet is a place in the order of sending (with
its time slot) and a letter. Which applicant gets which sheet is dealt at random, in blocks
that balance order and letter within every target and every stratum, and that cross the two:
each arm writes first as often as second, and as often with every letter in either place.
That the sheet is random is what makes the sign test a randomisation test.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd, lcm

import numpy as np

from praktijktest.planning.applicants import LineUp
from praktijktest.planning.blocks import Units, deal
from praktijktest.planning.ordering import IntArray, permutations
from praktijktest.planning.slots import Slots


@dataclass(frozen=True, slots=True)
class Assigned:
    """The applications of a plan; one entry per application.

    Attributes:
        test: index of the test (entry of the slots).
        contrast: index of the contrast.
        option: line-up within the contrast.
        applicant: place of the applicant in the line-up.
        position: place in the order of sending, from 0.
        template: index of the letter template.
    """

    test: IntArray
    contrast: IntArray
    option: IntArray
    applicant: IntArray
    position: IntArray
    template: IntArray

    def __len__(self) -> int:
        return len(self.test)


def assign(
    slots: Slots, contrasts: Sequence[LineUp], templates: int, order: str, seed: int
) -> Assigned:
    """Deal line-ups, order of sending and letters over the tests.

    Args:
        slots: the tests.
        contrasts: the line-ups of every contrast.
        templates: number of letter templates.
        order: random, control-first or test-first.
        seed: seed of the plan.

    Returns:
        The applications, sorted by test and position.
    """
    parts = [
        _assign_contrast(slots, number, line_up, templates, order, seed)
        for number, line_up in enumerate(contrasts)
    ]
    joined = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in Assigned.__dataclass_fields__
    }
    sorting = np.lexsort((joined["position"], joined["test"]))
    return Assigned(**{name: values[sorting] for name, values in joined.items()})


def _assign_contrast(
    slots: Slots, contrast: int, line_up: LineUp, templates: int, order: str, seed: int
) -> Assigned:
    """The applications of one contrast.

    A block of lcm(arms, templates) tests holds every order and every letter equally often;
    the line-up changes from block to block, and so does the way in which order and letter
    are coupled, until all combinations have occurred (a cycle).
    """
    tests = np.flatnonzero(slots.contrast == contrast)
    purpose = f"sheet/{line_up.contrast}"
    arms = 2 if line_up.size == 1 and len(line_up.options[0]) == 2 else line_up.size
    block_size = lcm(arms, templates)
    couplings, options = gcd(arms, templates), len(line_up.options)
    units = Units(
        slots.stratum[tests],
        slots.target[tests],
        slots.slot[tests],
        slots.stratum_labels,
        slots.targets,
    )
    dealt = deal(units, block_size, seed, purpose)
    option = permutations(seed, f"{purpose}/line-up", units.streams, options)[
        units.stream, dealt.block % options
    ]
    coupling = (dealt.block + dealt.block // lcm(options, couplings)) % couplings
    # Pairs keep their permutations for a whole cycle, so that it is crossed exactly; in a
    # larger set rotations alone would keep neighbours together, so every block gets its own.
    cycle = dealt.block // (options * couplings) if arms == 2 else dealt.block
    label_of, labels = _cycle_labels(units, cycle)
    rotated = (
        permutations(seed, f"{purpose}/order", labels, arms)[label_of] + dealt.place[:, None]
    ) % arms
    shuffled = permutations(seed, f"{purpose}/letter-order", labels, arms)[label_of]
    letters = permutations(seed, f"{purpose}/letter", labels, templates)[label_of]
    turn = (shuffled + (dealt.place + coupling)[:, None]) % templates
    template = np.take_along_axis(letters, turn, axis=1)
    if line_up.size == 1:
        sent = rotated[:, :1] if arms == 2 else np.zeros_like(rotated)
        first = np.zeros(len(tests), dtype=np.int64)
        return _flat(tests, contrast, option, sent, first[:, None], template[:, :1])
    position = _in_order(rotated, line_up, option, order)
    everybody = np.broadcast_to(np.arange(arms), position.shape)
    return _flat(tests, contrast, option, everybody, position, template)


def _cycle_labels(units: Units, cycle: IntArray) -> tuple[IntArray, list[str]]:
    """The cycles that occur, as labels, and the cycle of every unit."""
    most = int(cycle.max(initial=0)) + 1
    found, label_of = np.unique(units.stream * most + cycle, return_inverse=True)
    streams, cycles = np.divmod(found, most)
    labels = [
        f"{units.streams[stream]}|{number}"
        for stream, number in zip(streams.tolist(), cycles.tolist(), strict=True)
    ]
    return label_of.astype(np.int64), labels


def _in_order(rotated: IntArray, line_up: LineUp, option: IntArray, order: str) -> IntArray:
    """Positions as dealt, or with one arm put first and chance left within the arms."""
    if order == "random":
        return rotated
    first = "control" if order == "control-first" else "test"
    later = np.array([[a.arm != first for a in one] for one in line_up.options], dtype=np.int64)
    wanted = later[option] * rotated.shape[1] + rotated
    return np.argsort(np.argsort(wanted, axis=1), axis=1)


def _flat(
    tests: IntArray,
    contrast: int,
    option: IntArray,
    applicant: IntArray,
    position: IntArray,
    template: IntArray,
) -> Assigned:
    size = position.shape[1]
    return Assigned(
        test=np.repeat(tests, size),
        contrast=np.full(position.size, contrast, dtype=np.int64),
        option=np.repeat(option, size),
        applicant=applicant.ravel().astype(np.int64),
        position=position.ravel(),
        template=template.ravel(),
    )


def spread(slots: Slots, values: int, seed: int, purpose: str) -> IntArray:
    """Spread tests over testers (or anything else) evenly in every target and stratum."""
    units = Units(slots.stratum, slots.target, slots.slot, slots.stratum_labels, slots.targets)
    dealt = deal(units, values, seed, purpose)
    labels_of, labels = _cycle_labels(units, dealt.block)
    return permutations(seed, f"{purpose}/value", labels, values)[labels_of, dealt.place]
