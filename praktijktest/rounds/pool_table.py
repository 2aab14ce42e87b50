"""Effects of studies from a table: a row per study or city, read with every problem named."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from praktijktest.problems import DataError, Problem, UsageError, shown
from praktijktest.rounds.pool_effects import Origin, StudyEffect
from praktijktest.rounds.pool_rows import COUNTS, NUMBERS, effect_of_row
from praktijktest.vocabulary import GROUNDS

if TYPE_CHECKING:
    from praktijktest.tables import Table

TEXTS: Final = ("label", "ground", "study", "cluster", "measure", "matched")
COLUMNS: Final = (*TEXTS, *NUMBERS)
"""Our names of the columns."""

ALSO: Final[Mapping[str, str]] = {
    "id": "label",
    "only_majority": "only_control",
    "only_minority": "only_test",
    "n_pairs": "n",
    "pos_majority": "control_positive",
    "pos_minority": "test_positive",
}
"""Names that published tables use, read without being asked."""


@dataclass(frozen=True, slots=True)
class Studies:
    """What a table holds.

    Attributes:
        effects: one per row.
        rows_read: rows of the table.
        rows_left_out: rows that were not wanted.
    """

    effects: tuple[StudyEffect, ...]
    rows_read: int
    rows_left_out: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a table is to be read.

    Attributes:
        measure: name of the measure to pool.
        columns: our name -> theirs.
        keep: their column -> the values that are kept.
        moderator: their column of the covariate, None without.
        ground: what every row is about where the table does not say.
        grounds: what the table calls a ground -> its code.
        sheet: sheet of a spreadsheet.
    """

    measure: str
    columns: Mapping[str, str]
    keep: Mapping[str, Sequence[str]]
    moderator: str | None = None
    ground: str | None = None
    grounds: Mapping[str, str] = field(default_factory=dict)
    sheet: str | None = None


def read_studies(source: Path, wanted: Wanted) -> Studies:
    """Read a table of studies.

    Args:
        source: CSV, Excel or another kind of table.
        wanted: how it is to be read.

    Raises:
        UsageError: there is no such file or column.
        DataError: with every row that cannot be used.
    """
    from praktijktest.tables import read_table
    from praktijktest.tables.table import limited

    table = read_table(source, sheet=wanted.sheet)
    places = _places(table, wanted, source.name)
    texts = {name: [str(v) for v in table.columns[name].texts()] for name in table.columns}
    kept = [
        row
        for row in range(len(table))
        if all(texts[column][row] in values for column, values in wanted.keep.items())
    ]
    if not kept:
        chosen = ", ".join(f"{name} = {' or '.join(v)}" for name, v in wanted.keep.items())
        raise UsageError(f"No row of {source.name} has {chosen}.")
    problems = [problem for problem in table.problems if problem.level == "error"]
    effects: list[StudyEffect] = []
    for row in kept:
        cells = {ours: texts[theirs][row] for ours, theirs in places.items()}
        number = int(table.row_numbers[row])
        covariates = {wanted.moderator: texts[wanted.moderator][row]} if wanted.moderator else {}
        origin = _origin(cells, covariates, wanted, source.name, number)
        effect, found = effect_of_row(cells, places, origin, wanted.measure)
        problems += [*_empty_ground(cells, places, origin), *found]
        if effect is not None:
            effects.append(effect)
    problems += _twice(effects, places.get("label"))
    if problems:
        raise DataError("The table of studies cannot be pooled.", limited(problems))
    return Studies(tuple(effects), table.rows_read, len(table) - len(kept))


def _places(table: "Table", wanted: Wanted, file: str) -> dict[str, str]:
    """Our name of a column -> the name it has in the table.

    Raises:
        UsageError: a column that was named is not there, or nothing could be pooled.
    """
    for ours in wanted.columns:
        if ours not in COLUMNS:
            raise UsageError(f"--column {ours}=…: {_nearest(ours, COLUMNS)}")
    named = [*wanted.columns.values(), *wanted.keep]
    for theirs in (*named, *([wanted.moderator] if wanted.moderator else [])):
        if theirs not in table.columns:
            raise UsageError(
                f"{file} has no column {theirs!r}: {_nearest(theirs, list(table.columns))}"
            )
    places = {name: name for name in COLUMNS if name in table.columns}
    for theirs, ours in ALSO.items():
        if theirs in table.columns:
            places.setdefault(ours, theirs)
    places.update(wanted.columns)
    if not any(set(names) <= places.keys() for names in COUNTS.values()) and not _published(places):
        raise UsageError(
            f"{file} has no columns to pool. It needs both, only_control, only_test and neither; "
            "or n, control_positive and test_positive; or effect with se or variance. Other "
            f"names are given with --column OURS=THEIRS; the table has: "
            f"{', '.join(list(table.columns)[:20])}."
        )
    return places


def _nearest(word: str, known: Sequence[str]) -> str:
    from praktijktest.design.nearest import nearest

    return nearest(word, known, "known are {}")


def _published(places: Mapping[str, str]) -> bool:
    return "effect" in places and ("se" in places or "variance" in places)


def _origin(
    cells: Mapping[str, str],
    covariates: Mapping[str, str],
    wanted: Wanted,
    file: str,
    row: int,
) -> Origin:
    """Where a row comes from; without a label it is called by its study and its row."""
    study = cells.get("study", "")
    label = cells.get("label") or (f"{study} [{row}]" if study else f"{file} [{row}]")
    ground = known_ground(cells["ground"]) if cells.get("ground") else wanted.ground
    return Origin(
        label=label,
        ground=wanted.grounds.get(ground, ground) if ground else None,
        study=study or label,
        cluster=cells.get("cluster") or None,
        file=file,
        row=row,
        covariates=covariates,
    )


def known_ground(text: str) -> str:
    """The code of a ground that is written otherwise, else the text as it stands."""
    code = "-".join(text.casefold().replace("_", " ").split())
    return code if code in GROUNDS else text


def _empty_ground(
    cells: Mapping[str, str], places: Mapping[str, str], origin: Origin
) -> Iterator[Problem]:
    if "ground" in places and not cells["ground"]:
        yield Problem(
            code="no-ground",
            message="this row names no ground",
            file=origin.file,
            row=origin.row,
            column=places["ground"],
            hint="write the ground that was tested",
        )


def _twice(effects: Sequence[StudyEffect], column: str | None) -> Iterator[Problem]:
    """A label that stands twice: a row that was copied would count double."""
    first: dict[tuple[str, str | None], int | None] = {}
    for effect in effects:
        origin = effect.origin
        key = (origin.label, origin.ground)
        if column is not None and key in first:
            yield Problem(
                code="label-twice",
                message=f"this label already stands in row {first[key]}",
                file=origin.file,
                row=origin.row,
                column=column,
                value=shown(origin.label),
                hint="take out a row that stands there twice, or give each row its own label",
            )
        first.setdefault(key, origin.row)
