"""Who codes which reply: dealt out by SHA-256, so that chance decides and anybody can check it."""

from collections.abc import Collection, Sequence
from math import ceil
from typing import Final

from praktijktest.storage import sha256_of_text

ITEM_LETTERS: Final = 10
"""Letters of an item's id: enough for a round, short enough to read out."""


def item_id(round_id: str, reply: str) -> str:
    """What a reply is called on a coding sheet; it says nothing about the test.

    It starts with letters: a spreadsheet takes "5e12345678" for a number.
    """
    return f"it-{sha256_of_text(f'{round_id}|code/item|{reply}')[:ITEM_LETTERS]}"


def dealt(
    replies: Collection[str], coders: Sequence[str], share: float, round_id: str
) -> dict[str, list[str]]:
    """Deal replies out to coders.

    With one coder the sheet holds that share of the replies. With more, every reply has one
    coder and the share of them a second one. Who codes a reply does not depend on which other
    replies there are; the replies that are coded twice are those of the lowest rank by
    SHA-256, so a larger share holds a smaller one.

    Args:
        replies: ids of the replies.
        coders: names of the coders.
        share: share of the replies that are coded twice (of one coder: at all), 0 to 1.
        round_id: id of the round.

    Returns:
        Coder -> replies in the order of the sheet, which is random too.
    """
    ranked = sorted(set(replies), key=lambda reply: _key(round_id, "double", reply))
    sample = ranked[: ceil(round(share * len(ranked), 9))]
    names = sorted(coders)
    sheets: dict[str, set[str]] = {name: set() for name in names}
    if len(names) == 1:
        sheets[names[0]].update(sample)
    else:
        for reply in ranked:
            sheets[names[_first(round_id, reply, len(names))]].add(reply)
        for reply in sample:
            sheets[names[_second(round_id, reply, len(names))]].add(reply)
    return {
        name: sorted(own, key=lambda reply: item_id(round_id, reply))
        for name, own in sheets.items()
    }


def _first(round_id: str, reply: str, coders: int) -> int:
    return int(_key(round_id, "coder", reply), 16) % coders


def _second(round_id: str, reply: str, coders: int) -> int:
    """Any other coder, all equally likely."""
    step = 1 + int(_key(round_id, "second", reply), 16) % (coders - 1)
    return (_first(round_id, reply, coders) + step) % coders


def _key(round_id: str, purpose: str, reply: str) -> str:
    return sha256_of_text(f"{round_id}|code/{purpose}|{reply}")[:16]
