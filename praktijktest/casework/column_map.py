"""A column map: the headings that a case system expects, in place of ours."""

import tomllib
from pathlib import Path

from praktijktest.casework.fields import FIELDS
from praktijktest.design.nearest import nearest
from praktijktest.problems import DesignError, Problem, UsageError, shown

LARGEST = 100_000


def read_column_map(file: Path) -> dict[str, str]:
    """Our column -> somebody's heading, from a TOML file with one table `[columns]`.

    Raises:
        UsageError: there is no such file.
        DesignError: it cannot be used; its `problems` hold every reason.
    """
    if not file.is_file() or file.stat().st_size > LARGEST:
        raise UsageError(f"There is no column map {file.name}.")
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        problem = Problem("not-toml", f"this is not TOML: {shown(error)}", file=file.name)
        raise DesignError(f"{file.name} cannot be read.", [problem]) from None
    columns = document.get("columns")
    if not isinstance(columns, dict) or set(document) != {"columns"}:
        problem = Problem(
            "bad-value",
            "a column map has one table [columns] and nothing else",
            file=file.name,
            hint='for example: [columns] and below it case = "DossierNr"',
        )
        raise DesignError(f"{file.name} cannot be used.", [problem])
    problems = _problems(columns, file.name)
    if problems:
        raise DesignError(f"{file.name} cannot be used.", problems)
    return dict(columns)


def _problems(columns: dict[str, object], file: str) -> list[Problem]:
    problems, seen = [], set()
    for name, heading in columns.items():
        place = f"columns.{name}"
        if name not in FIELDS:
            hint = nearest(name, FIELDS, "one of: {}")
            problems.append(
                Problem("unknown-key", "no column of a case", file=file, column=place, hint=hint)
            )
        elif not isinstance(heading, str) or not heading.strip():
            problems.append(Problem("bad-value", "must be a heading", file=file, column=place))
        elif heading in seen:
            message = "two columns would have this heading"
            problems.append(
                Problem("bad-value", message, file=file, column=place, value=shown(heading))
            )
        seen.add(heading if isinstance(heading, str) else "")
    return problems
