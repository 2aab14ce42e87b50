"""Refusals that several readers share: a file that is no table, or a table without rows."""

from praktijktest.problems import DataError, Problem


def refusal(
    summary: str,
    *,
    code: str,
    message: str,
    file: str,
    hint: str,
    row: int | None = None,
    value: str | None = None,
) -> DataError:
    """The error of a file that cannot be read, with one problem that says why."""
    problem = Problem(code=code, message=message, file=file, row=row, value=value, hint=hint)
    return DataError(summary, [problem])


def not_a_table(file: str, why: str, hint: str = "save the log as CSV or .xlsx") -> DataError:
    """The file is something else altogether."""
    return refusal(
        f"{file} is not a table.",
        code="not-a-table",
        message=f"this is not a table: it {why}",
        file=file,
        hint=hint,
    )


def empty_file(file: str) -> DataError:
    """The file has no content."""
    return refusal(
        f"{file} is empty.",
        code="empty-file",
        message="the file is empty",
        file=file,
        hint="save the log again, and look at its size",
    )


def no_rows(file: str, header_row: int = 1) -> DataError:
    """The file has column names and nothing below them."""
    return refusal(
        f"{file} has a header but no rows.",
        code="no-rows",
        message="the file has a header but no rows",
        file=file,
        row=header_row,
        hint="is this the right file, and the right header_row and sheet?",
    )


def no_header(file: str, header_row: int, first_filled: int | None) -> DataError:
    """The row that should hold the column names is empty."""
    hint = "set [reading] header_row in the design"
    if first_filled is not None:
        hint += f"; the first row with text is row {first_filled}"
    return refusal(
        f"{file} has no column names in row {header_row}.",
        code="no-header",
        message="this row is empty; column names are expected here",
        file=file,
        row=header_row,
        hint=hint,
    )
