"""Which levels are hidden in which contrast: one stratification after the other, then together."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from praktijktest.disclosure.crossings import Crossings, TestPlaces, crossings, given_away
from praktijktest.disclosure.strata import UNPLACED, Block, Pattern, block_of, hidden_levels

Entry = Mapping[str, Any]
Blocks = dict[str, dict[str | None, dict[str, Block]]]
"""Blocks by contrast, stratification (None: the whole round) and level."""


def blocks_of(document: Entry) -> Blocks:
    """The size of every stratum of every contrast, whatever the rule."""
    entries: dict[tuple[str, str | None, str], list[Entry]] = {}
    for entry in document["contrasts"]:
        place = entry["stratum"] or {"by": None, "level": ""}
        entries.setdefault((entry["id"], place["by"], place["level"]), []).append(entry)
    named = bool(document["data"]["targets"])
    found: Blocks = {}
    for (contrast, by, level), rows in entries.items():
        levels = found.setdefault(contrast, {}).setdefault(by, {})
        levels[level] = block_of(rows, named_targets=named)
    return found


def linked(document: Entry, blocks: Blocks) -> list[list[str]]:
    """Contrasts in groups that share no test: each alone, or all together.

    Where the tests of the contrasts add up to the tests of the round they are apart. Where
    they do not, some test counts for two contrasts, and what one shows the other must not hide.
    """
    apart = sum(found[None][""].size for found in blocks.values())
    if apart == document["data"]["tests_usable"]:
        return [[contrast] for contrast in blocks]
    return [list(blocks)]


def patterns(
    document: Entry, blocks: Blocks, min_cell: int, places: TestPlaces | None
) -> dict[str, Pattern]:
    """The hidden levels of every contrast, by stratification."""
    groups = linked(document, blocks)
    names = list(dict.fromkeys(by for found in blocks.values() for by in found if by is not None))
    met = None if places is None or len(names) < 2 else crossings(places, min_cell * len(groups))
    named = {str(row[name]) for row in document["targets"] for name in ("target", "pseudonym")}
    found: dict[str, Pattern] = {}
    for group in groups:
        parts = [blocks[contrast] for contrast in group]
        barred = {name: _barred(parts, name, named, met) for name in names}
        if len(names) > 1 and met is None:
            # Without the tests nobody can say what two stratifications give away together.
            barred |= {name: _levels(parts, name) for name in names[1:]}
        pattern = _pattern(parts, names, min_cell, barred)
        while met is not None and (more := _more(met, pattern)):
            barred = {name: pattern[name] | more.get(name, set()) for name in names}
            pattern = _pattern(parts, names, min_cell, barred)
        found |= dict.fromkeys(group, pattern)
    return found


def _barred(
    parts: Sequence[dict[str | None, dict[str, Block]]],
    name: str,
    named: set[str],
    met: Crossings | None,
) -> set[str]:
    """Levels that may not be shown whatever their size: one target's own, or its name."""
    levels = _levels(parts, name)
    if levels & named:
        return levels
    return {level for level in levels if met is not None and (name, level) in met.dominated}


def _levels(parts: Iterable[dict[str | None, dict[str, Block]]], name: str) -> set[str]:
    return {level for part in parts for level in part.get(name, {})}


def _pattern(
    parts: Sequence[dict[str | None, dict[str, Block]]],
    names: Sequence[str],
    min_cell: int,
    barred: Mapping[str, set[str]],
) -> Pattern:
    totals = [part[None][""] for part in parts]
    return {
        name: hidden_levels([part.get(name, {}) for part in parts], totals, min_cell, barred[name])
        for name in names
    }


def _more(met: Crossings, pattern: Pattern) -> dict[str, set[str]]:
    """Levels that the stratifications together call for, beyond those hidden already."""
    more: dict[str, set[str]] = {}
    for name, level in given_away(met, pattern):
        if level != UNPLACED and level not in pattern[name]:
            more.setdefault(name, set()).add(level)
    return more
