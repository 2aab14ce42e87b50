"""Cells of tables as HTML. A report has thousands: they are written here, not in a template."""

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup, escape

from praktijktest.language import Language
from praktijktest.reporting.blocks import Column, Estimated, Kind, Share
from praktijktest.reporting.cells import NUMERIC, number_text, written


def row_html(row: Sequence[Any], columns: Sequence[Column], language: Language) -> Markup:
    """The cells of one row; the first one is the heading of the row."""
    parts = []
    for place, (value, column) in enumerate(zip(row, columns, strict=True)):
        tag, scope = ("td", "") if place else ("th", ' scope="row"')
        attributes = f"{scope}{_attributes(value, column.kind)}"
        parts.append(f"<{tag}{attributes}>{_content(value, column.kind, language)}</{tag}>")
    return Markup("".join(parts))


def raw_number(value: Any) -> str | None:
    """The unrounded number of a cell, for who reads the source; None where there is none."""
    number = value
    if isinstance(value, Estimated):
        number = value.value
    elif isinstance(value, Share):
        number = value.count
    is_number = isinstance(number, int | float) and not isinstance(number, bool)
    return repr(number) if is_number else None


def _attributes(value: Any, kind: Kind) -> str:
    if kind == "state":
        return f' class="state state-{escape(value)}"'
    if kind not in NUMERIC:
        return ""
    raw = raw_number(value)
    return ' class="numeric"' if raw is None else f' class="numeric" data-value="{raw}"'


def _content(value: Any, kind: Kind, language: Language) -> str:
    if not isinstance(value, Estimated):
        return escape(written(value, kind, language))
    number = escape(number_text(value, language))
    if value.low is None and value.high is None:
        return f"<b>{number}</b>"
    interval = escape(language.interval(value.low, value.high, value.unit))
    return f'<b>{number}</b> <span class="interval">{interval}</span>'
