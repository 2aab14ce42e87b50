"""Which levels are hidden in which contrast: one stratification after the other, then together."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from praktijktest.disclosure.crossings import Crossings, TestPlaces, crossings, given_away
from praktijktest.disclosure.strata import Block, Pattern, block_of, hidden_levels

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
    named = {str(row[name]) for row in document["targets"] for name in ("target", "pseudonym")}
    found: dict[str, Pattern] = {}
    for group in groups:
        parts = [blocks[contrast] for contrast in group]
        met = None if places is None else crossings(places.of(group), min_cell)
        barred = {name: _barred(parts, name, named, met) for name in names}
        found |= dict.fromkeys(group, _together(parts, names, min_cell, barred, met))
    return found


def _together(
    parts: Sequence[dict[str | None, dict[str, Block]]],
    names: Sequence[str],
    min_cell: int,
    barred: dict[str, set[str]],
    met: Crossings | None,
) -> Pattern:
    """The hidden levels of contrasts that share tests, over all stratifications."""
    pattern = _pattern(parts, names, min_cell, barred)
    unsafe = {
        name: barred[name]
        | {lev for p in parts for lev, block in p.get(name, {}).items() if not block.safe(min_cell)}
        for name in names
    }
    while met is not None and len(names) > 1:
        more = given_away(met, pattern, unsafe)
        if more is not None and not more:
            return pattern
        if more is None:
            break
        wider = {name: pattern[name] | {lev for by, lev in more if by == name} for name in names}
        wider = _pattern(parts, names, min_cell, wider)
        if wider == pattern:
            break
        pattern = wider
    if len(names) > 1:
        # Nobody can say, or nothing helps against, what two stratifications give away together.
        barred = barred | {name: _levels(parts, name) for name in names[1:]}
        return _pattern(parts, names, min_cell, barred)
    return pattern


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
