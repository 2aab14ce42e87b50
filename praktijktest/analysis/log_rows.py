"""From a table of somebody's log to rows under the contract's own column names."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from praktijktest.analysis import encoding
from praktijktest.analysis.encoding import BoolArray
from praktijktest.analysis.log_columns import APPLICANT_COLUMNS, JOINED, ColumnPlan, plan_columns
from praktijktest.design import Design
from praktijktest.problems import DataError
from praktijktest.tables import Column, Table, canonical

SEPARATORS = {"profile": "."}


@dataclass(frozen=True, slots=True)
class LogRows:
    """The rows of a log, one per reply or application, under the contract's names.

    Attributes:
        fields: contract column -> values; a column the log lacks is absent.
        attributes: attribute -> level on each row ("" where unknown).
        carried: stratum, covariate or filter -> values.
        row_numbers: row in the file; the header is row 1.
        file_codes: index into `files`.
        files: base names of the files.
    """

    fields: dict[str, Column]
    attributes: dict[str, Column]
    carried: dict[str, Column]
    row_numbers: NDArray[np.int32]
    file_codes: NDArray[np.int16]
    files: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.row_numbers)

    def select(self, mask: BoolArray | NDArray[np.int64]) -> "LogRows":
        """The rows named by a mask or an index."""
        return replace(
            self,
            fields={name: encoding.take(column, mask) for name, column in self.fields.items()},
            attributes={n: encoding.take(column, mask) for n, column in self.attributes.items()},
            carried={name: encoding.take(column, mask) for name, column in self.carried.items()},
            row_numbers=self.row_numbers[mask],
            file_codes=self.file_codes[mask],
        )

    def named(self, name: str) -> Column | None:
        """A column by the name a design uses for it, or None."""
        for columns in (self.fields, self.attributes, self.carried):
            if name in columns:
                return columns[name]
        return None


def log_rows(table: Table, design: Design) -> LogRows:
    """Give the columns of a table the names of the contract, recoded as the design says.

    Raises:
        DataError: with every column that the design needs and the log lacks.
    """
    plan = plan_columns(design, table.header)
    if plan.missing:
        raise DataError("The log lacks columns that the design needs.", plan.missing)
    recodings = canonical_recodings(design)
    rows = _read(table, plan)
    if design.columns.wide:
        rows = _one_row_per_applicant(rows, design)
    fields = {name: _recoded(name, column, recodings) for name, column in rows.fields.items()}
    attributes = {n: _recoded(n, column, recodings) for n, column in rows.attributes.items()}
    carried = {name: _recoded(name, column, recodings) for name, column in rows.carried.items()}
    attributes |= _from_profiles(fields.get("profile"), attributes, design)
    if "profile" not in fields and attributes:
        fields["profile"] = encoding.combine([attributes[n] for n in sorted(attributes)], ".")
    if "profile" not in fields and len(design.calls) == 1:
        fields["profile"] = encoding.constant(design.calls[0].id, len(rows))
    return replace(rows, fields=fields, attributes=attributes, carried=carried)


def canonical_recodings(design: Design) -> dict[str, dict[str, str]]:
    """The design's recodings, with their values written as the reader writes them."""
    return {
        column: {canonical(theirs): canonical(ours) for theirs, ours in mapping.items()}
        for column, mapping in design.columns.values.items()
    }


def _read(table: Table, plan: ColumnPlan) -> LogRows:
    fields = {}
    for name, columns in plan.fields.items():
        parts = [table.columns[column] for column in columns]
        separator = SEPARATORS.get(name, "/") if name in JOINED else "/"
        fields[name] = encoding.combine(parts, separator)
    return LogRows(
        fields=fields,
        attributes={name: table.columns[column] for name, column in plan.attributes.items()},
        carried={name: table.columns[column] for name, column in plan.carried.items()},
        row_numbers=table.row_numbers,
        file_codes=table.file_codes,
        files=table.files,
    )


def _recoded(name: str, column: Column, recodings: Mapping[str, Mapping[str, str]]) -> Column:
    return encoding.recode(column, recodings.get(name, {}))


def _from_profiles(
    profile: Column | None, attributes: Mapping[str, Column], design: Design
) -> dict[str, Column]:
    """Attributes that the design's profile tables give, for those not in the log itself."""
    if profile is None or not design.profiles:
        return {}
    tables = {canonical(entry.id): entry.attributes for entry in design.profiles}
    names = {name for table in tables.values() for name in table} - set(attributes)
    return {
        name: encoding.from_texts(
            profile.codes,
            [canonical(tables.get(value, {}).get(name, "")) for value in profile.values],
        )
        for name in sorted(names)
    }


def _one_row_per_applicant(rows: LogRows, design: Design) -> LogRows:
    """Unfold a wide log: every applicant of the design becomes a row of its own."""
    if "test" not in rows.fields:
        rows = replace(rows, fields={**rows.fields, "test": _row_names(rows)})
    parts = []
    own = set()
    for applicant in design.columns.wide:
        cells = {n: c for n in APPLICANT_COLUMNS if (c := getattr(applicant, n, None))}
        own |= set(cells.values())
        fields = dict(rows.fields)
        fields.update({name: rows.carried[column] for name, column in cells.items()})
        attributes = dict(rows.attributes)
        if applicant.profile is not None:
            fields["profile"] = encoding.constant(canonical(applicant.profile), len(rows))
        for name, value in _applicant_attributes(applicant, design).items():
            attributes[name] = encoding.constant(canonical(value), len(rows))
        part = replace(rows, fields=fields, attributes=attributes)
        if applicant.optional:
            cells_filled = [~encoding.is_empty(rows.carried[column]) for column in cells.values()]
            part = part.select(np.logical_or.reduce(cells_filled))
        parts.append(part)
    unfolded = _stack(parts)
    carried = {name: column for name, column in unfolded.carried.items() if name not in own}
    return replace(unfolded, carried=carried)


def _applicant_attributes(applicant: object, design: Design) -> dict[str, str]:
    """Levels of an applicant: declared with it, or the one contrast's level it names."""
    declared = dict(getattr(applicant, "attributes", None) or {})
    profile = getattr(applicant, "profile", None)
    names = {c.attribute for c in design.comparisons()}
    if declared or profile is None or design.profiles or names == {"profile"}:
        return declared
    return dict.fromkeys(names, profile)


def _row_names(rows: LogRows) -> Column:
    """Without a test column every row of a wide log is a test, named by its file and row."""
    many = len(rows.files) > 1
    names = [
        f"{rows.files[code]}:{number}" if many else str(number)
        for code, number in zip(rows.file_codes, rows.row_numbers, strict=True)
    ]
    return Column(np.arange(len(names), dtype=np.int32), encoding.text_array(names))


def _stack(parts: list[LogRows]) -> LogRows:
    def stacked(columns: list[Column | None], lengths: list[int]) -> Column:
        known = [
            column if column is not None else encoding.constant("", rows)
            for column, rows in zip(columns, lengths, strict=True)
        ]
        return encoding.stacked(known)

    lengths = [len(part) for part in parts]
    field_names = sorted({name for part in parts for name in part.fields})
    attribute_names = sorted({name for part in parts for name in part.attributes})
    carried_names = sorted({name for part in parts for name in part.carried})
    return LogRows(
        fields={n: stacked([p.fields.get(n) for p in parts], lengths) for n in field_names},
        attributes={
            n: stacked([p.attributes.get(n) for p in parts], lengths) for n in attribute_names
        },
        carried={n: stacked([p.carried.get(n) for p in parts], lengths) for n in carried_names},
        row_numbers=np.concatenate([part.row_numbers for part in parts]),
        file_codes=np.concatenate([part.file_codes for part in parts]),
        files=parts[0].files,
    )
