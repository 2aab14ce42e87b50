"""Permuted blocks: who gets what, balanced within every target and within every stratum.

A *stream* is a contrast within a stratum, a *group* a target in it. Every group is cut into
whole blocks, in each of which all places from 0 to size - 1 occur once, in random order. What is
left of the groups is laid end to end, the groups in random order, and dealt the places one
after another from a random start. So counts differ by at most one within a group and
within the stream, and every unit is equally likely to get every place.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from praktijktest.planning.ordering import IntArray, keys


@dataclass(frozen=True, slots=True)
class Units:
    """What is dealt to: one entry per unit.

    Attributes:
        stream: index into `streams`.
        group: index into `groups`.
        number: place of the unit in its group, in time; distinct within the group.
        streams: labels of the streams.
        groups: labels of the groups.
    """

    stream: IntArray
    group: IntArray
    number: IntArray
    streams: Sequence[str]
    groups: Sequence[str]

    def __len__(self) -> int:
        return len(self.stream)


@dataclass(frozen=True, slots=True)
class Dealt:
    """Where every unit came to lie.

    Attributes:
        block: number of the block within the stream.
        place: place within the block, 0 … size - 1.
    """

    block: IntArray
    place: IntArray


def deal(units: Units, size: int, seed: int, purpose: str) -> Dealt:
    """Deal the units of every stream into blocks of `size` places.

    Args:
        units: the units.
        size: places per block, at least 1.
        seed: seed of the plan.
        purpose: what the places are for; different purposes are independent.

    Returns:
        Block and place of every unit, in the order of the units.
    """
    pair, pair_of = np.unique(units.stream * len(units.groups) + units.group, return_inverse=True)
    pair_stream, pair_group = np.divmod(pair, len(units.groups))
    pair_labels = [
        f"{units.streams[s]}|{units.groups[g]}"
        for s, g in zip(pair_stream.tolist(), pair_group.tolist(), strict=True)
    ]
    pair_keys = keys(seed, f"{purpose}/group", pair_labels)
    order = np.lexsort((units.number, pair_of, pair_keys[pair_of], units.stream))
    pair_of, stream = pair_of[order], units.stream[order]
    within = _count_up(pair_of)
    counts = np.bincount(pair_of, minlength=len(pair))
    whole = within < (counts // size * size)[pair_of]
    block = np.empty(len(units), dtype=np.int64)
    place = np.empty(len(units), dtype=np.int64)
    opens = whole & (within % size == 0)
    block[whole] = _running(stream, opens)[whole] - 1
    unit_keys = keys(
        seed,
        f"{purpose}/unit",
        (f"{pair_labels[p]}|{n}" for p, n in zip(pair_of, units.number[order], strict=True)),
    )
    place[whole] = _rank_within(stream[whole], block[whole], unit_keys[whole])
    starts = (keys(seed, f"{purpose}/start", units.streams) % np.uint64(size)).astype(np.int64)
    left = _running(stream, ~whole)[~whole] - 1 + starts[stream[~whole]]
    blocks_before = np.bincount(stream[opens], minlength=len(units.streams))
    block[~whole] = blocks_before[stream[~whole]] + left // size
    place[~whole] = left % size
    back = np.argsort(order, kind="stable")
    return Dealt(block=block[back], place=place[back])


def _count_up(codes: IntArray) -> IntArray:
    """0, 1, 2 … within each run of equal codes."""
    starts = np.flatnonzero(np.r_[True, codes[1:] != codes[:-1]])
    lengths = np.diff(np.r_[starts, len(codes)])
    return np.arange(len(codes)) - np.repeat(starts, lengths)


def _running(stream: IntArray, counted: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> IntArray:
    """How many counted units the stream has had so far, this one included."""
    total: IntArray = np.cumsum(counted)
    first = np.flatnonzero(np.r_[True, stream[1:] != stream[:-1]])
    before = total[first] - counted[first]
    lengths = np.diff(np.r_[first, len(stream)])
    return np.asarray(total - np.repeat(before, lengths), dtype=np.int64)


def _rank_within(
    stream: IntArray, block: IntArray, unit_keys: np.ndarray[tuple[int], np.dtype[np.uint64]]
) -> IntArray:
    """The rank of every key within its stream and block."""
    found = np.empty(len(stream), dtype=np.int64)
    if len(stream) == 0:
        return found
    order = np.lexsort((unit_keys, block, stream))
    sorted_pairs = stream[order] * (block.max() + 1) + block[order]
    found[order] = _count_up(sorted_pairs)
    return found
