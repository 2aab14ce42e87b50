"""What a design declares about form exports: whose survey, and which answer is which column."""

from typing import Annotated, Final

from pydantic import AfterValidator, Field

from praktijktest.design.sections import Section
from praktijktest.design.values import (
    Id,
    NameOrNames,
    SomeTexts,
    Text,
    Whole,
    at_least,
    one_of,
    refused,
)

QUALTRICS_ROWS: Final = 3
"""Qualtrics writes the names, the questions and the import ids above the answers."""
FORM_KINDS: Final[dict[str, int]] = {
    "kobo": 1,
    "odk": 1,
    "limesurvey": 1,
    "qualtrics": QUALTRICS_ROWS,
    "table": 1,
}
"""What form exports come from -> the rows that stand above their first answer."""
ONLY: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "qualtrics": {"Finished": ("1", "true"), "Status": ("0", "IP Address", "Imported", "2")},
    "kobo": {},
    "odk": {"ReviewState": ("", "received", "hasIssues", "edited", "approved")},
    "limesurvey": {},
    "table": {},
}
"""Which answers count unless the design says otherwise: no previews, no unfinished ones."""


def _some_columns(
    value: dict[str, str | tuple[str, ...]],
) -> dict[str, str | tuple[str, ...]]:
    if value:
        return value
    raise refused("names no column", 'for example columns = { application = "group/application" }')


class Form(Section):
    """`[[form]]`: the export of an online form in which testers write down what happened.

    Attributes:
        id: name of the form, for `--form` and messages.
        kind: program that the export comes from; it says how many rows of names there are.
        columns: column of the contract or the design -> the export's column, or several of
            which one is filled.
        values: column -> what the form writes -> our value. Unlike the recoding of a log it
            is done when the form is read: the ledger holds one way of writing.
        header_rows: rows above the first answer, where they are not those of the kind.
        only: column of the export -> its values in answers that count.
    """

    id: Id
    kind: Annotated[str, one_of(tuple(FORM_KINDS))]
    columns: Annotated[dict[str, NameOrNames], AfterValidator(_some_columns)]
    values: dict[str, dict[str, Text]] = Field(default_factory=dict)
    header_rows: Annotated[Whole, at_least(1)] | None = None
    only: dict[str, SomeTexts] | None = None

    @property
    def rows_above(self) -> int:
        """How many rows stand above the first answer, the column names among them."""
        return self.header_rows or FORM_KINDS[self.kind]

    @property
    def counted(self) -> dict[str, tuple[str, ...]]:
        """Column of the export -> values of answers that count; absent columns say nothing."""
        return dict(ONLY[self.kind] if self.only is None else self.only)

    def theirs(self) -> tuple[str, ...]:
        """Every column of the export that is named under `columns`."""
        named = [(c,) if isinstance(c, str) else c for c in self.columns.values()]
        return tuple(dict.fromkeys(name for names in named for name in names))
