"""What a person decides about mail: which application it belongs to, and which code it is."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from praktijktest.problems import DataError, RefusedError, UsageError
from praktijktest.rounds.entry import Entry, EntrySummary, open_entry
from praktijktest.rounds.mail_names import (
    bounce_named,
    message_named,
    one_reply,
    read_kept,
    replies_named,
)

if TYPE_CHECKING:
    from praktijktest.fieldwork.events import NewEvent
    from praktijktest.fieldwork.mail_events import KnownMessage
    from praktijktest.fieldwork.mail_message import Mail
    from praktijktest.fieldwork.state import ApplicationState, Reply


def match_mail(
    folder: Path,
    message: str,
    applications: Sequence[str],
    *,
    store: str | None = None,
    who: str | None = None,
) -> EntrySummary:
    """Give a message to the application it belongs to, or to several it answers at once.

    Raises:
        UsageError: there is no such message or application.
        RefusedError: the message belongs to another application already.
    """
    from praktijktest.fieldwork.entries import find_application
    from praktijktest.fieldwork.mail_events import SHORT_ID, known_messages

    with open_entry(folder, store, who) as entry:
        known = known_messages(entry.state.messages)
        found = message_named(known, message)
        chosen = [find_application(entry.state, name) for name in dict.fromkeys(applications)]
        new = [one for one in chosen if one.application not in found.applications]
        if found.applications and new:
            raise RefusedError(
                f"Message {found.message[:SHORT_ID]} belongs to "
                f"{', '.join(found.applications)} already; what it said there stays."
            )
        mail = read_kept(entry.opened, found.message)
        events = [event for one in new for event in _matched(entry, mail, found, one)]
        names = ", ".join(one.application for one in chosen)
        return entry.store(
            events,
            f"Message {found.message[:SHORT_ID]} belongs to {names}.",
            details={"message": found.message, "applications": names},
        )


def confirm_mail(
    folder: Path,
    names: Sequence[str],
    *,
    code: str | None = None,
    evidence: str | None = None,
    store: str | None = None,
    who: str | None = None,
) -> EntrySummary:
    """Turn suggestions into codes: of replies, and of messages that came back undelivered.

    Args:
        folder: the round folder.
        names: ids of replies, or of bounced messages.
        code: another code than the suggested one; for one reply only.
        evidence: none, comparative or explicit; default: what the suggestion says.
        store: URL of the ledger; default as for `ingest`.
        who: who confirms.

    Raises:
        UsageError: there is no such reply, or it has no suggestion and no code was given.
    """
    from praktijktest.fieldwork.entries import require_among
    from praktijktest.fieldwork.mail_events import known_messages
    from praktijktest.vocabulary import EVIDENCE

    if code is not None and len(names) > 1:
        raise UsageError("--code goes with one reply; confirm the others without it.")
    if evidence is not None:
        require_among(evidence, EVIDENCE, "kind of evidence")
    with open_entry(folder, store, who) as entry:
        known = known_messages(entry.state.messages)
        events: list[NewEvent] = []
        told = []
        for name in dict.fromkeys(names):
            found = replies_named(entry.state, name)
            if not found and (bounce := bounce_named(known, name)) is not None:
                events += _failed(entry, bounce, code)
                told.append(f"{', '.join(bounce.applications)}: failed, {code or 'bounced'}")
                continue
            application, reply = one_reply(found, name)
            confirmed = _coded(entry, application, reply, code, evidence)
            events += confirmed[1]
            told.append(f"{application.application}: {confirmed[0]}")
        return entry.store(events, f"Confirmed: {'; '.join(told)}.")


def _matched(
    entry: Entry, mail: "Mail", found: "KnownMessage", application: "ApplicationState"
) -> "list[NewEvent]":
    """The events of a message that a person gives to an application."""
    from praktijktest.fieldwork.events import NewEvent
    from praktijktest.fieldwork.mail_events import is_reply
    from praktijktest.rounds.mail import reply_event
    from praktijktest.rounds.mail_round import reply_settings

    kind = mail.origin.kind if mail.origin.kind in ("bounce", "automatic") else "reply"
    values = {"message": found.message, "kind": "sent" if found.kind == "sent" else kind}
    events = []
    if values["kind"] != "sent" and is_reply(mail):
        settings = reply_settings(entry.opened.design)
        reply = reply_event(entry.opened, settings, mail, application.application, application.test)
        values["reply"] = reply.values["reply"]
        events.append(reply)
    event = NewEvent(
        kind="matched", test=application.test, application=application.application, values=values
    )
    return [event, *events]


def _coded(
    entry: Entry,
    application: "ApplicationState",
    reply: "Reply",
    code: str | None,
    evidence: str | None,
) -> "tuple[str, list[NewEvent]]":
    """The code that was confirmed, and its event where the ledger lacks it."""
    from praktijktest.fieldwork.entries import require_code
    from praktijktest.fieldwork.events import NewEvent
    from praktijktest.vocabulary import NO_REPLY

    chosen = code or reply.suggested
    if not chosen:
        raise UsageError(f"Nothing suggests a code for {reply.id}; give one with --code.")
    require_code(entry.opened.design, chosen)
    if chosen == NO_REPLY:
        raise UsageError(f"A message that came cannot be {NO_REPLY}.")
    values = {"reply": reply.id, "coder": entry.opened.who, "outcome": chosen, "basis": "confirmed"}
    said = evidence or (_suggested_evidence(entry, application, reply) if code is None else "")
    if said:
        values["evidence"] = said
    same = [one for one in reply.codings if one.coder == values["coder"]]
    if same and (same[-1].outcome, same[-1].evidence) == (chosen, said):
        return chosen, []
    if same:
        raise DataError(
            f"You coded {reply.id} as {same[-1].outcome} before; another code is given with: "
            f"praktijktest code adjudicate"
        )
    event = NewEvent(
        kind="coded", test=application.test, application=application.application, values=values
    )
    return chosen, [event]


def _suggested_evidence(entry: Entry, application: "ApplicationState", reply: "Reply") -> str:
    events = entry.writing.events(applications=[application.application], kinds=["reply"])
    found = [event.values for event in events if event.values.get("reply") == reply.id]
    return next((one["suggested_evidence"] for one in found if "suggested_evidence" in one), "")


def _failed(entry: Entry, bounce: "KnownMessage", code: str | None) -> "list[NewEvent]":
    from praktijktest.fieldwork.entries import require_reason
    from praktijktest.fieldwork.events import NewEvent
    from praktijktest.fieldwork.mail_events import BOUNCED

    reason = require_reason(entry.opened.design, code or BOUNCED)
    return [
        NewEvent(
            kind="failed",
            test=test,
            application=application,
            happened_at=bounce.received_at,
            values={"failed": reason, "message": bounce.message},
        )
        for application, test in bounce.applications.items()
        if entry.state.applications[application].failed != reason
    ]
