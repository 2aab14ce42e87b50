"""The frame: everybody who could be tested, as a file of adverts, vacancies or agents."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from praktijktest.planning.ordering import IntArray
from praktijktest.problems import DataError, Problem, shown
from praktijktest.tables import canonical, read_table

TextArray = NDArray[np.object_]
BoolArray = NDArray[np.bool_]
TEXT_COLUMNS = ("target", "advert", "target_group", "name", "link", "contact")


@dataclass(frozen=True, slots=True)
class Frame:
    """The rows of a frame, sorted by target and advert: the file's order plays no part.

    Attributes:
        file: base name of the file.
        target: target id per row.
        advert: advert reference, "" on a row that names a target only.
        target_group: firm or chain.
        name: name of the target, for people.
        link: where the advert stands.
        contact: mail address or telephone number.
        strata: stratum -> value per row.
        carried: further column that the plan takes along -> value per row.
        problems: warnings about the file.
    """

    file: str
    target: TextArray
    advert: TextArray
    target_group: TextArray
    name: TextArray
    link: TextArray
    contact: TextArray
    strata: dict[str, TextArray]
    carried: dict[str, TextArray]
    problems: tuple[Problem, ...] = ()

    def __len__(self) -> int:
        return len(self.target)

    @property
    def has_adverts(self) -> bool:
        """Whether any row names an advert."""
        return bool((self.advert != "").any())

    def select(self, rows: BoolArray | IntArray) -> "Frame":
        """The frame with some of its rows; a mask keeps the order."""
        return Frame(
            file=self.file,
            strata={name: values[rows] for name, values in self.strata.items()},
            carried={name: values[rows] for name, values in self.carried.items()},
            problems=self.problems,
            **{name: getattr(self, name)[rows] for name in TEXT_COLUMNS},
        )


def read_frame(path: Path, strata: Sequence[str], carried: Sequence[str] = ()) -> Frame:
    """Read a frame from a csv file or a spreadsheet.

    Args:
        path: the file; columns `target` (required), `advert`, `target_group`, `name`,
            `link`, `contact` and the strata.
        strata: the strata of the design; each must be a column.
        carried: further columns to take along; one that the file lacks is empty.

    Raises:
        UsageError: the file is missing or of an unknown kind.
        DataError: the frame cannot be used; its problems name every reason.
    """
    columns, numbers = read_columns(path)
    return frame_from_columns(columns, strata, path.name, numbers, carried=carried)


def read_columns(path: Path) -> tuple[dict[str, TextArray], ArrayLike]:
    """The columns of a table file as texts, and the row in the file of every row.

    A text file of a single column, such as a list of agents, is a table too.

    Raises:
        UsageError: the file is missing or of an unknown kind.
        DataError: it is not a table.
    """
    try:
        table = read_table(path)
    except DataError as error:
        if [problem.code for problem in error.problems] != ["one-column"]:
            raise
        return _read_list(path)
    errors = [problem for problem in table.problems if problem.level == "error"]
    if errors:
        raise DataError(f"{path.name} cannot be read.", errors)
    return {name: column.texts() for name, column in table.columns.items()}, table.row_numbers


def _read_list(path: Path) -> tuple[dict[str, TextArray], ArrayLike]:
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    lines = [(number, line) for number, line in enumerate(csv.reader(io.StringIO(text)), 1) if line]
    header = lines[0][1][0].strip()
    values = [canonical(line[0]) for _, line in lines[1:]]
    return {header: _texts(values)}, [number for number, _ in lines[1:]]


def frame_from_columns(
    columns: Mapping[str, Sequence[str] | TextArray],
    strata: Sequence[str],
    file: str = "frame",
    row_numbers: ArrayLike | None = None,
    *,
    carried: Sequence[str] = (),
    strata_filled: bool = True,
) -> Frame:
    """A frame from columns of texts; see `read_frame`.

    With `strata_filled` false a stratum may be empty.

    Raises:
        DataError: a column is missing, a target is empty or contradicts itself, or one
            advert belongs to two targets.
    """
    missing = [name for name in ("target", *strata) if name not in columns]
    if missing:
        raise DataError(
            "The frame lacks columns that the plan needs.",
            [_missing_column(name, file, list(columns)) for name in missing],
        )
    rows = len(columns["target"])
    if rows == 0:
        raise DataError(
            "The frame has no rows.", [Problem(code="frame-empty", message="no rows", file=file)]
        )
    wanted = (*TEXT_COLUMNS, *strata, *carried)
    texts = {name: _texts(columns.get(name, [""] * rows)) for name in wanted}
    numbers = np.asarray(range(2, rows + 2) if row_numbers is None else row_numbers, np.int64)
    # Rows that repeat a target and advert are told apart by their content, not by their place.
    others = [_codes(texts[name]) for name in reversed(wanted) if name not in ("target", "advert")]
    order = np.lexsort((numbers, *others, _codes(texts["advert"]), _codes(texts["target"])))
    texts = {name: values[order] for name, values in texts.items()}
    numbers = numbers[order]
    errors = _empty_cells(texts, strata if strata_filled else (), file, numbers)
    errors += _contradictions(texts, strata, file, numbers)
    if errors:
        raise DataError("The frame cannot be planned with.", errors)
    kept, warnings = _distinct_rows(texts, file, numbers)
    texts = {name: values[kept] for name, values in texts.items()}
    return Frame(
        file=file,
        strata={name: texts[name] for name in strata},
        carried={name: texts[name] for name in carried},
        problems=tuple(warnings),
        **{name: texts[name] for name in TEXT_COLUMNS},
    )


def adverts_from_columns(
    columns: Mapping[str, Sequence[str] | TextArray],
    strata: Sequence[str],
    file: str,
    row_numbers: ArrayLike | None = None,
) -> Frame:
    """New adverts from columns of texts: `target` and `advert` on every row, strata if known.

    Raises:
        DataError: a column is missing, a cell is empty, or one advert has two targets.
    """
    missing = [name for name in ("target", "advert") if name not in columns]
    if missing:
        raise DataError(
            "The file of adverts lacks columns.",
            [_missing_column(name, file, list(columns)) for name in missing],
        )
    frame = frame_from_columns(columns, strata, file, row_numbers, strata_filled=False)
    empty = frame.advert == ""
    if empty.any():
        raise DataError(
            "The adverts cannot be drawn.",
            [
                Problem(
                    code="frame-cell-empty",
                    message="the advert is empty",
                    file=file,
                    column="advert",
                    value=shown(frame.target[empty][0]),
                    hint="give every advert a reference, such as its number on the site",
                    count=int(empty.sum()),
                )
            ],
        )
    return frame


def read_target_list(path: Path) -> frozenset[str]:
    """The targets of an exclusion list: the column `target`, else the only column.

    Raises:
        UsageError: the file is missing.
        DataError: it has several columns, none of them called `target`.
    """
    columns, _ = read_columns(path)
    if "target" not in columns and len(columns) != 1:
        raise DataError(
            "The exclusion list cannot be read.",
            [_missing_column("target", path.name, list(columns))],
        )
    values = columns["target"] if "target" in columns else next(iter(columns.values()))
    return frozenset(str(value) for value in values) - {""}


def _texts(values: Sequence[str] | TextArray) -> TextArray:
    array = np.empty(len(values), dtype=object)
    array[:] = [str(value).strip() for value in values]
    return array


def _codes(values: TextArray) -> IntArray:
    """One number per value, in the order of the values as text."""
    return np.unique(values.astype(str), return_inverse=True)[1].astype(np.int64)


def _missing_column(name: str, file: str, header: list[str]) -> Problem:
    return Problem(
        code="frame-column-missing",
        message=f"there is no column {name!r}",
        file=file,
        row=1,
        column=name,
        hint=f"the columns are: {shown(', '.join(header))}; add it, or change sampling.strata",
    )


def _empty_cells(
    texts: dict[str, TextArray], strata: Sequence[str], file: str, numbers: IntArray
) -> list[Problem]:
    problems = []
    for name in ("target", *strata):
        empty = np.flatnonzero(texts[name] == "")
        if len(empty):
            problems.append(
                Problem(
                    code="frame-cell-empty",
                    message=f"the {name} is empty",
                    file=file,
                    row=int(numbers[empty].min()),
                    column=name,
                    hint="fill it in, or take the row out of the frame",
                    count=len(empty),
                )
            )
    return problems


def _contradictions(
    texts: dict[str, TextArray], strata: Sequence[str], file: str, numbers: IntArray
) -> list[Problem]:
    """Rows of one target, or of one advert, that cannot both be true."""
    without_advert = texts["advert"] == ""
    groups = texts["target_group"]
    problems = _differing(
        texts["target"], groups, groups != "", "target_group", "target", file, numbers
    )
    for name in strata:
        # The strata of adverts (a district) may differ within one agent; his own may not.
        problems += _differing(
            texts["target"], texts[name], without_advert, name, "target", file, numbers
        )
    problems += _differing(
        texts["advert"], texts["target"], ~without_advert, "target", "advert", file, numbers
    )
    return problems


def _differing(
    unit: TextArray,
    values: TextArray,
    considered: BoolArray,
    column: str,
    unit_name: str,
    file: str,
    numbers: IntArray,
) -> list[Problem]:
    """One problem with the first unit that has two values, and how many units do."""
    units, value_codes, rows = _codes(unit[considered]), _codes(values[considered]), numbers
    if len(units) == 0:
        return []
    pairs = np.unique(units * (value_codes.max() + 1) + value_codes)
    several = np.flatnonzero(np.bincount(pairs // (value_codes.max() + 1)) > 1)
    if len(several) == 0:
        return []
    place = int(np.flatnonzero(np.isin(units, several))[-1])
    first_values = sorted(set(values[considered][units == units[place]]))
    return [
        Problem(
            code="frame-contradiction",
            message=f"one {unit_name} has several values of {column}: "
            + shown(", ".join(first_values)),
            file=file,
            row=int(rows[considered][place]),
            column=column,
            value=shown(unit[considered][place]),
            hint=f"give every row of the {unit_name} the same {column}, or it another id",
            count=len(several),
        )
    ]


def _distinct_rows(
    texts: dict[str, TextArray], file: str, numbers: IntArray
) -> tuple[BoolArray, list[Problem]]:
    """Leave out rows that repeat a target and advert, and count them."""
    target, advert = _codes(texts["target"]), _codes(texts["advert"])
    pair = target * (advert.max() + 1) + advert
    kept = np.r_[True, pair[1:] != pair[:-1]]
    if kept.all():
        return kept, []
    repeated = np.flatnonzero(~kept)
    warning = Problem(
        code="frame-row-repeated",
        message="the same target and advert stand here again; the first row counts",
        level="warning",
        file=file,
        row=int(numbers[repeated].min()),
        value=shown(texts["target"][repeated[0]]),
        count=len(repeated),
    )
    return kept, [warning]
