"""JSON: a list of objects, an object of columns, an object with one list, or one object a line."""

import codecs
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from praktijktest.problems import DataError, shown
from praktijktest.tables.columns import Column, RowEncoder, encoded
from praktijktest.tables.opened import Opened
from praktijktest.tables.refusals import no_rows, refusal
from praktijktest.tables.values import as_text

FORMS = 'a list of objects, one per row: [{"test": "T1", ...}, ...]'


def open_json(source: Path) -> Opened:
    """Open a JSON file; one object on each line is understood too.

    Raises:
        DataError: it is not JSON, or not a table.
    """
    text = _text(source)
    try:
        content = _parsed(text)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":
            return open_json_lines(source)
        raise _broken(source.name, error.lineno, None) from error
    except (ValueError, RecursionError) as error:
        raise _broken(source.name, None, str(error)) from error
    return _opened(source.name, content)


def open_json_lines(source: Path) -> Opened:
    """Open a file with one JSON object on each line; empty lines count as rows.

    Raises:
        DataError: a line is not a JSON object.
    """
    records: list[dict[str, Any]] = []
    for number, line in enumerate(_text(source).split("\n"), 1):
        if not line.strip():
            records.append({})
            continue
        try:
            record = _parsed(line)
        except (ValueError, RecursionError) as error:
            raise _broken(source.name, number, None) from error
        if not isinstance(record, dict):
            raise _broken(source.name, number, "it is not an object with a name for every cell")
        records.append(record)
    return _from_records(source.name, records)


def _text(source: Path) -> str:
    data = source.read_bytes()
    utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return data.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        raise _broken(source.name, row, "it is not UTF-8, as JSON must be") from error


def _parsed(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_unique)


class _RepeatedNameError(ValueError):
    """A name occurs twice in one object."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _RepeatedNameError(f"one object names {shown(twice)!r} twice")
    return found


def _opened(file: str, content: Any) -> Opened:
    if isinstance(content, dict):
        if content and all(isinstance(value, list) for value in content.values()):
            if not all(_is_records(value) for value in content.values()):
                return _from_columns(file, content)
        elif content and all(isinstance(value, dict) for value in content.values()):
            return _from_columns(file, {name: list(v.values()) for name, v in content.items()})
        tables = [value for value in content.values() if _is_records(value)]
        content = tables[0] if len(tables) == 1 else None
    if not isinstance(content, list) or not (_is_records(content) or not content):
        raise _broken(file, None, f"it does not hold {FORMS}")
    return _from_records(file, content)


def _is_records(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, dict) for v in value)


def _from_columns(file: str, content: dict[str, list[Any]]) -> Opened:
    lengths = {len(values) for values in content.values()}
    if len(lengths) > 1:
        raise _broken(file, None, "its columns differ in length")
    return _of_columns(
        file, tuple(content), [encoded(list(map(_cell, values))) for values in content.values()]
    )


def _from_records(file: str, records: Sequence[dict[str, Any]]) -> Opened:
    names = tuple(dict.fromkeys(name for record in records for name in record))
    encoder = RowEncoder(len(names))
    for record in records:
        encoder.add([_cell(record.get(name)) for name in names])
    return _of_columns(file, names, encoder.columns())


def _of_columns(file: str, names: tuple[str, ...], columns: list[Column]) -> Opened:
    if not columns:
        raise no_rows(file)

    def load(places: Iterable[int]) -> list[Column]:
        return [columns[place] for place in places]

    return Opened(names, load)


def _cell(value: Any) -> str:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return as_text(value)


def _broken(file: str, line: int | None, why: str | None) -> DataError:
    where = f" on line {line}" if line is not None else ""
    return refusal(
        f"{file} cannot be read as JSON.",
        code="not-json",
        message=f"the file cannot be read as a table in JSON{where}" + (f": {why}" if why else ""),
        file=file,
        hint="save the log again, or as CSV",
    )
