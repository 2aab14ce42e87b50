"""Small counts in one line of a table whose total is known: hidden so that none comes back."""

from collections.abc import Mapping, Sequence


def hidden_counts(counts: Mapping[str, int], min_cell: int, already: Sequence[str]) -> set[str]:
    """Which counts of a line with a known total are hidden.

    A count above zero and below `min_cell` is hidden. As the total is known, hidden counts must
    be at least two and `min_cell` together; else the next smallest is hidden too. A line with
    one count is its total, and hiding it would hide nothing: it stays, unless it was hidden
    elsewhere.

    Args:
        counts: the counts by name.
        min_cell: the smallest count that may be shown.
        already: names that are hidden in another table that repeats these counts.
    """
    found = {name for name, count in counts.items() if 0 < count < min_cell} | (
        set(already) & set(counts)
    )
    if not found or len(counts) == 1:
        return found & set(already)
    rest = sorted((count, name) for name, count in counts.items() if name not in found)
    for _, name in rest:
        if len(found) > 1 and sum(counts[one] for one in found) >= min_cell:
            break
        found.add(name)
    return found
