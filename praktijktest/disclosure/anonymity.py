"""Rows for research: rare combinations of what others may know of a target, taken away."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pandas as pd

HIDDEN: Final = "*"
"""Stands for a value that was taken away because too few targets share it."""

OTHER: Final = "other"
MOST_NUMBERS: Final = 10
"""More different numbers than this become classes."""

CLASSES: Final = 5
DATE: Final = r"\d{4}-\d{2}-\d{2}([T ].*)?"
NUMBER: Final = r"[+-]?\d+(\.\d+)?"


@dataclass(frozen=True, slots=True)
class Anonymity:
    """What was done so that no target is alone.

    Attributes:
        k: how many targets share a combination at least.
        columns: what others may know of a target.
        targets: targets, or tests where the target is unknown.
        classes: combinations that are left.
        smallest: targets in the rarest of them.
        hidden: targets whose value was taken away, by column.
        touched: targets with any value taken away.
        coarser: columns whose numbers became classes or whose dates became months.
        pooled: columns whose rare values became "other".
    """

    k: int
    columns: tuple[str, ...]
    targets: int
    classes: int
    smallest: int
    hidden: dict[str, int]
    touched: int
    coarser: tuple[str, ...]
    pooled: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The check as plain data."""
        return {
            "k": self.k,
            "quasi_identifiers": list(self.columns),
            "targets": self.targets,
            "classes": self.classes,
            "smallest_class": self.smallest,
            "values_hidden": dict(self.hidden),
            "targets_touched": self.touched,
            "made_coarser": list(self.coarser),
            "rare_values_pooled": list(self.pooled),
        }


def anonymous(
    rows: "pd.DataFrame",
    unit: "pd.Series[str]",
    known: Sequence[str],
    fields: Sequence[str],
    k: int,
) -> "tuple[pd.DataFrame, Anonymity]":
    """Rows in which every target shares what others may know of it with k - 1 others.

    A target's signature is the set of values of its rows, column by column. Where fewer than
    `k` targets share one, the value in the column with most different values is taken away in
    all rows of the target, then in the next column. If in the end those without any value are
    fewer than `k`, the rarest signatures join them.

    Args:
        rows: text columns; not changed.
        unit: the target of every row (the test, where it is unknown).
        known: columns with what others may know of a target.
        fields: columns of which only rare values matter: below `k` targets they become "other".
        k: how many targets share a signature at least.

    Returns:
        The rows, and the check made on them after all was done.
    """
    found = rows.copy()
    coarser = tuple(name for name in known if _coarser(found, name))
    pooled = tuple(name for name in fields if _pool(found, unit, name, k))
    order = sorted(known, key=lambda name: (-found[name].nunique(), name))
    hidden: dict[str, int] = dict.fromkeys(known, 0)
    for name in order:
        _hide(found, unit, name, _rare(found, unit, order, k), hidden)
    while len(lonely := _rare(found, unit, order, k)):
        signatures = _signatures(found, unit, order)
        sizes = signatures.map(signatures.value_counts()).drop(lonely)
        if not len(sizes):
            break
        joining = signatures.index[signatures == signatures.loc[str(sizes.idxmin())]]
        for name in order:
            _hide(found, unit, name, lonely.union(joining), hidden)
    sizes = _sizes(found, unit, order)
    signatures = _signatures(found, unit, order)
    check = Anonymity(
        k=k,
        columns=tuple(known),
        targets=len(sizes),
        classes=int(signatures.nunique()),
        smallest=int(sizes.min()) if len(sizes) else 0,
        hidden=hidden,
        touched=int(unit[(found[order] == HIDDEN).any(axis=1)].nunique()),
        coarser=coarser,
        pooled=pooled,
    )
    return found, check


def _signatures(
    rows: "pd.DataFrame", unit: "pd.Series[str]", columns: Sequence[str]
) -> "pd.Series[Any]":
    """What is to be seen of every target, as one text."""
    import pandas as pd

    parts = []
    for name in columns:
        pairs = pd.DataFrame({"unit": unit, "value": rows[name]}).drop_duplicates()
        parts.append(pairs.sort_values(["unit", "value"]).groupby("unit")["value"].agg("\n".join))
    if not parts:
        return pd.Series("", index=pd.Index(sorted(set(unit)), name="unit"), dtype=object)
    joined = pd.concat(parts, axis=1)
    return joined.agg("\t".join, axis=1)


def _sizes(
    rows: "pd.DataFrame", unit: "pd.Series[str]", columns: Sequence[str]
) -> "pd.Series[Any]":
    """How many targets share the signature of every target."""
    signatures = _signatures(rows, unit, columns)
    return signatures.map(signatures.value_counts())


def _rare(
    rows: "pd.DataFrame", unit: "pd.Series[str]", columns: Sequence[str], k: int
) -> "pd.Index[Any]":
    sizes = _sizes(rows, unit, columns)
    return sizes.index[sizes < k]


def _hide(
    rows: "pd.DataFrame",
    unit: "pd.Series[str]",
    name: str,
    targets: "pd.Index[Any]",
    hidden: dict[str, int],
) -> None:
    mine = unit.isin(targets) & (rows[name] != HIDDEN)
    hidden[name] += int(unit[mine].nunique())
    rows.loc[mine, name] = HIDDEN


def _coarser(rows: "pd.DataFrame", name: str) -> bool:
    """Dates become months, and many different numbers become classes of equal size."""
    import pandas as pd

    values = rows[name]
    filled = values[values != ""]
    if not len(filled):
        return False
    if filled.str.fullmatch(DATE).all():
        rows[name] = values.str.slice(0, 7)
        return True
    if filled.nunique() <= MOST_NUMBERS or not filled.str.fullmatch(NUMBER).all():
        return False
    numbers = pd.to_numeric(filled)
    classes = pd.qcut(numbers, CLASSES, duplicates="drop").astype(str)
    rows.loc[filled.index, name] = classes
    return True


def _pool(rows: "pd.DataFrame", unit: "pd.Series[str]", name: str, k: int) -> bool:
    """Values that fewer than k targets have become "other"."""
    targets = unit.groupby(rows[name]).nunique()
    rare = [value for value in targets.index[targets < k] if value != ""]
    rows.loc[rows[name].isin(rare), name] = OTHER
    return bool(rare)
