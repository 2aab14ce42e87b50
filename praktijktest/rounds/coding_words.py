"""The words of replies as coders see them."""

from functools import cache
from typing import TYPE_CHECKING

from praktijktest.rounds.status import reply_words

if TYPE_CHECKING:
    from praktijktest.fieldwork.coding_sheet import Item
    from praktijktest.fieldwork.identities import Identities
    from praktijktest.fieldwork.state import RoundState
    from praktijktest.rounds.round_store import OpenRound


def masked_items(opened: "OpenRound", state: "RoundState") -> "tuple[dict[str, Item], int]":
    """Reply -> what its coder sees, and how many replies have no words at hand.

    Names of applicants come from the plan and from the design's profiles; what the target is
    called from the identity store.
    """
    from praktijktest.fieldwork.coding_mask import mask_for
    from praktijktest.fieldwork.coding_sample import item_id
    from praktijktest.fieldwork.coding_sheet import Item

    design = opened.design
    named = [name for profile in design.profiles for name in profile.names]
    named += [one.fields.get("name", "") for one in state.applications.values()]
    mask = mask_for(named, design.round.language)
    words = reply_words(state, opened.identities)
    called = cache(lambda target: _names_of(target, opened.identities))
    items = {}
    without = 0
    for application in state.applications.values():
        for reply in application.replies:
            if reply.words not in words:
                without += 1
                continue
            text = mask.masked(
                words[reply.words],
                applicant=application.fields.get("name", ""),
                target_names=called(application.fields.get("target", "")),
            )
            items[reply.id] = Item(item_id(design.round.id, reply.id), reply.channel, text)
    return items, without


def _names_of(target: str, identities: "Identities") -> tuple[str, ...]:
    """What a target is called."""
    if not target:
        return ()
    names = (identities.details(target).get("name", ""), identities.plain(target) or "")
    return tuple(name for name in names if name)
