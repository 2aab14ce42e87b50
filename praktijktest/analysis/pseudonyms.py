"""Names that stand in for targets and tests wherever others may read along."""

import hashlib
from collections.abc import Iterable

from praktijktest.design import Design


def pseudonyms(targets: Iterable[str], design: Design) -> dict[str, str]:
    """A pseudonym for every target of a round: A001, A002 and so on.

    Targets are ranked by SHA-256 of round and id, so that the number tells nothing of
    the alphabet, and the same round gives the same pseudonyms whatever the row order.
    """
    distinct = sorted(set(targets), key=lambda name: _digest(design.round.id, name))
    width = max(3, len(str(len(distinct))))
    return {name: f"A{number:0{width}d}" for number, name in enumerate(distinct, 1)}


def _digest(round_id: str, name: str) -> bytes:
    return hashlib.sha256(f"{round_id}|target|{name}".encode()).digest()
