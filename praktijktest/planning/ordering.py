"""The only source of chance in a plan: units ranked by SHA-256 of seed, purpose and id.

A rank does not depend on the order of rows, on a library's version or on the platform,
and anybody can check one with `printf 'seed|purpose|unit' | sha256sum`.
"""

import hashlib
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
KeyArray = NDArray[np.uint64]


def key(seed: int, purpose: str, unit: str) -> int:
    """The first eight bytes, big-endian, of SHA-256 of "seed|purpose|unit" in UTF-8."""
    digest = hashlib.sha256(f"{seed}|{purpose}|{unit}".encode()).digest()
    return int.from_bytes(digest[:8], "big")


def keys(seed: int, purpose: str, units: Iterable[str]) -> KeyArray:
    """The keys of many units, in their order."""
    start = hashlib.sha256(f"{seed}|{purpose}|".encode())
    found = []
    for unit in units:
        state = start.copy()
        state.update(unit.encode())
        found.append(state.digest()[:8])
    return np.frombuffer(b"".join(found), dtype=">u8").astype(np.uint64)


def ranks(seed: int, purpose: str, units: Sequence[str]) -> IntArray:
    """The place of every unit in the order of the keys, from 0.

    Two equal keys (they would need some four thousand million units) keep the order the
    units came in; callers pass units sorted by id.
    """
    order = np.argsort(keys(seed, purpose, units), kind="stable")
    found = np.empty(len(units), dtype=np.int64)
    found[order] = np.arange(len(units))
    return found


def permutations(seed: int, purpose: str, labels: Sequence[str], size: int) -> IntArray:
    """One permutation of 0 … size - 1 per label, [label, size]."""
    units = (f"{label}|{number}" for label in labels for number in range(size))
    table = keys(seed, purpose, units).reshape(len(labels), size)
    return np.argsort(np.argsort(table, axis=1, kind="stable"), axis=1, kind="stable")


def fractions(seed: int, purpose: str, units: Iterable[str]) -> NDArray[np.float64]:
    """A number in [0, 1) per unit; half a million units of rounding do not matter here."""
    return (keys(seed, purpose, units) >> np.uint64(11)).astype(np.float64) / 2.0**53
