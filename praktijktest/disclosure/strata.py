"""Strata that are too small, and those hidden with them so that no difference brings one back."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Entry = Mapping[str, Any]
Pattern = dict[str, set[str]]
"""Hidden levels by stratification; the level "" stands for tests without a value."""

MIN_TARGETS = 3
"""With two targets each of them knows the other from the total."""

UNPLACED = ""
"""The tests that are in the total and in no stratum: a stratum that is never shown."""


@dataclass(frozen=True, slots=True)
class Block:
    """What is known of some tests of one contrast.

    Attributes:
        tests: their number; applications of the smaller group where tests have one applicant.
        targets: how many targets they come from; None where the log names none.
        uniform: whether every single one shows unequal treatment, and so every target does.
        size: all of them, whatever their group: what is counted to find tests without a level.
    """

    tests: int
    targets: int | None
    uniform: bool
    size: int

    def safe(self, min_cell: int) -> bool:
        """Whether its numbers may be shown: they are of enough tests and enough targets."""
        enough = self.targets is None or self.targets >= MIN_TARGETS
        return not self.tests or (self.tests >= min_cell and enough and not self.uniform)


def block_of(entries: Iterable[Entry], *, named_targets: bool) -> Block:
    """One stratum of one contrast, from its entries under every rule."""
    found = list(entries)
    first = found[0]
    targets = first["targets"] if named_targets else None
    size = int(first["tests"] if "tests" in first else first["n"])
    return Block(_tests(first), targets, any(map(_uniform, found)), size)


def _tests(entry: Entry) -> int:
    """The number of tests; of unpaired tests, the applications of the smaller group."""
    if "groups" in entry:
        sizes = [group["n"] for group in entry["groups"].values() if group["n"]]
        return min(sizes, default=0)
    if "calls" in entry:
        return int(entry["calls"]["n"])
    return int(entry["tests"])


def _uniform(entry: Entry) -> bool:
    if "calls" in entry:
        return bool(entry["calls"]["n"]) and entry["calls"]["complied"] == entry["calls"]["n"]
    if "groups" in entry:
        control, test = entry["groups"]["control"], entry["groups"]["test"]
        apart = control["positive"] == control["n"] and test["positive"] == 0
        return bool(control["n"] and test["n"]) and apart
    signs = entry["signs"]
    return bool(entry["n"]) and entry["n"] in (signs["control_favoured"], signs["test_favoured"])


def hidden_levels(
    parts: Sequence[Mapping[str, Block]],
    totals: Sequence[Block],
    min_cell: int,
    already: Collection[str] = (),
) -> set[str]:
    """Levels of one stratification to hide, the same for contrasts that share tests.

    A level that is unsafe in any contrast is hidden in all. What is left when shown levels are
    taken from the total is the sum of the hidden ones: that sum must itself be safe and of at
    least two levels in every contrast, else the smallest level still shown is hidden too.

    Args:
        parts: the blocks by level, one mapping per contrast.
        totals: the whole round of each contrast.
        min_cell: the fewest tests that may be shown.
        already: levels that are hidden for another reason.
    """
    whole = [_with_unplaced(part, total) for part, total in zip(parts, totals, strict=True)]
    levels = sorted({level for part in whole for level in part})
    hidden = {
        level
        for level in levels
        if any(level in part and not part[level].safe(min_cell) for part in whole)
    } | (set(already) & set(levels))
    rest = sorted(
        (level for level in levels if level not in hidden),
        key=lambda level: (level != UNPLACED, sum(p[level].tests for p in whole if level in p)),
    )
    hidden_with_them = hidden | {UNPLACED} if UNPLACED in levels and hidden else hidden
    for level in rest:
        if not hidden or all(_rest_is_safe(p, hidden_with_them, min_cell) for p in whole):
            break
        hidden_with_them.add(level)
    return hidden_with_them


def _with_unplaced(part: Mapping[str, Block], total: Block) -> dict[str, Block]:
    """The blocks, and the one that nobody prints: tests of the total that have no level."""
    missing = total.size - sum(block.size for block in part.values())
    if missing <= 0:
        return dict(part)
    return {**part, UNPLACED: Block(missing, None, uniform=False, size=missing)}


def _rest_is_safe(part: Mapping[str, Block], hidden: Collection[str], min_cell: int) -> bool:
    """Whether the total less what is shown says nothing of one hidden level."""
    blocks = [part[level] for level in hidden if level in part and part[level].tests]
    if not blocks:
        return True
    tests = sum(block.tests for block in blocks)
    targets = max((b.targets for b in blocks if b.targets is not None), default=None)
    uniform = all(block.uniform for block in blocks)
    # One of the hidden levels alone has enough targets: their sum might count some of them twice.
    return len(blocks) > 1 and Block(tests, targets, uniform, tests).safe(min_cell)
