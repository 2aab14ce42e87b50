"""Whether what a design says about form exports fits its columns and its outcome codes."""

from collections.abc import Iterator, Sequence
from typing import Final

from praktijktest.design.form_sections import Form
from praktijktest.design.keys import dotted
from praktijktest.design.model import Design
from praktijktest.design.nearest import nearest
from praktijktest.problems import Problem
from praktijktest.vocabulary import LOG_COLUMNS

WHOSE: Final = ("application", "test")
"""Columns of which a form must have one: without it nobody knows what an answer is about."""


def form_problems(design: Design) -> Iterator[Problem]:
    """Forms with one name, columns that the ledger does not have, codes out of the scheme."""
    known = _known_columns(design)
    codes = (*design.outcome_codes(), *design.failed_codes())
    for place, form in enumerate(design.forms):
        key = f"form[{place}]"
        if form.id in [other.id for other in design.forms[:place]]:
            yield Problem(
                code="duplicate-id",
                message="another [[form]] has this id",
                column=f"{key}.id",
                value=form.id,
                hint="every id once",
            )
        yield from _column_problems(form, key, known)
        for theirs, ours in form.values.get("outcome", {}).items():
            if ours and codes and ours not in codes:
                yield Problem(
                    code="unknown-outcome",
                    message="recoded to an outcome that the scheme does not have",
                    column=dotted((*_place(place), "values", "outcome", theirs)),
                    value=ours,
                    hint=nearest(ours, codes, "it has: {}"),
                )


def _column_problems(form: Form, key: str, known: Sequence[str]) -> Iterator[Problem]:
    for name in form.columns:
        if name not in known:
            yield Problem(
                code="unknown-column",
                message="neither the log nor the design has a column of this name",
                column=f"{key}.columns.{dotted((name,))}",
                hint=nearest(name, known, "there are: {}"),
            )
    if not any(name in form.columns for name in WHOSE):
        yield Problem(
            code="missing-key",
            message="nothing says which application an answer is about",
            column=f"{key}.columns",
            hint='add application = "…", or test and profile',
        )
    for name in form.values:
        if name not in form.columns:
            yield Problem(
                code="unknown-column",
                message="the form has no such column",
                column=f"{key}.values.{dotted((name,))}",
                hint=nearest(name, list(form.columns), "it has: {}"),
            )


def _known_columns(design: Design) -> tuple[str, ...]:
    named = [*LOG_COLUMNS, *design.attributes(), *design.analysis.strata]
    named += [*design.analysis.covariates, *design.sampling.strata, *design.flagging.only]
    return tuple(dict.fromkeys([*named, *design.reading.keep, *design.columns.types]))


def _place(number: int) -> tuple[str | int, ...]:
    return ("form", number)
