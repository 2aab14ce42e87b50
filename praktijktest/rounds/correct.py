"""`correct`: put a value right with a reason; the old one stays in the ledger."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from praktijktest.problems import UsageError
from praktijktest.rounds.entry import Entry, EntrySummary, open_entry
from praktijktest.rounds.ingest_values import PSEUDONYMS

if TYPE_CHECKING:
    from praktijktest.design import Design

NO_FAILURE: Final = ("", "none")
"""What `--to` says when a test did not fail after all."""


def correct(
    folder: Path,
    application: str,
    *,
    field: str,
    to: str,
    reason: str,
    reply: str | None = None,
    store: str | None = None,
    who: str | None = None,
) -> EntrySummary:
    """Put one value right. Nothing is deleted: the ledger keeps the old value and the reason.

    Args:
        folder: the round folder.
        application: id of the application.
        field: what is corrected: outcome, replied_at, sent_at, failed, a stratum …
        to: the right value; "" where there is none.
        reason: why; it stays readable in the ledger, so it should hold no names.
        reply: id of the reply, where the application has several.
        store: URL of the ledger; default as for `ingest`.
        who: who corrects.

    Raises:
        UsageError: no such application, field or reply, a value it cannot have, no reason.
    """
    from praktijktest.fieldwork.entries import (
        REPLY_FIELDS,
        corrected_event,
        correction,
        find_application,
        reply_of,
        require_field,
    )

    if not reason.strip():
        raise UsageError("A correction needs a reason: --reason TEXT.")
    with open_entry(folder, store, who) as entry:
        found = find_application(entry.state, application)
        require_field(found, entry.opened.design, field)
        about_reply = field in REPLY_FIELDS and (field != "channel" or reply is not None)
        if reply is not None and not about_reply:
            raise UsageError(f"{field} belongs to the application and not to a reply.")
        meant = reply_of(found, reply, field) if about_reply else None
        value = _value(entry, field, to.strip())
        change = correction(found, field, value, meant)
        old = change.old if change else value
        told = f"{found.application}, {field}: {old or 'nothing'} is now {value or 'nothing'}."
        event = corrected_event(change, found.test, " ".join(reason.split())) if change else None
        return entry.store(
            [event] if event else [],
            told,
            details={"application": found.application, "field": field, "old": old, "new": value},
        )


def _value(entry: Entry, field: str, text: str) -> str:
    """The right value in the form of the ledger.

    Raises:
        UsageError: the field cannot have it.
    """
    from praktijktest.fieldwork.entries import (
        TIME_FIELDS,
        require_among,
        require_code,
        require_reason,
    )
    from praktijktest.tables import canonical
    from praktijktest.vocabulary import EVIDENCE

    design = entry.opened.design
    if field == "failed":
        return "" if text in NO_FAILURE else require_reason(design, text)
    if not text:
        return ""
    if field in TIME_FIELDS:
        return entry.moment(text, "--to")
    if field == "outcome":
        return require_code(design, text)
    if field == "evidence":
        return require_among(text, EVIDENCE, "kind of evidence")
    if field == "profile":
        return _profile(design, text)
    if field in PSEUDONYMS:
        return entry.opened.identities.pseudonyms(PSEUDONYMS[field], [text])[text]
    return canonical(text)


def _profile(design: "Design", text: str) -> str:
    from praktijktest.fieldwork.entries import require_among

    known = [profile.id for profile in design.profiles]
    return require_among(text, known, "profile of the design") if known else text
