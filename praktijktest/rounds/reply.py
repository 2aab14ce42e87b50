"""`reply add`, `reply decline` and `note`: what somebody heard or did, entered by hand."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from praktijktest.problems import Problem, UsageError
from praktijktest.rounds.entry import EntrySummary, open_entry

if TYPE_CHECKING:
    from praktijktest.fieldwork.state import ApplicationState, RoundState


@dataclass(frozen=True, slots=True)
class Heard:
    """A reply as somebody tells it.

    Attributes:
        at: when it came, ISO; without an offset it is local to the round.
        channel: phone, sms, voicemail, mail, portal, visit or letter.
        code: outcome code; "" leaves the coding to the coders, who then need the words.
        caller: number or address it came from.
        words: what was said or written.
        evidence: none, comparative or explicit.
    """

    at: str
    channel: str
    code: str = ""
    caller: str = ""
    words: str = ""
    evidence: str = ""


def add_reply(
    folder: Path,
    heard: Heard,
    *,
    application: str | None = None,
    test: str | None = None,
    profile: str | None = None,
    store: str | None = None,
    who: str | None = None,
) -> EntrySummary:
    """Add one reply. The same reply a second time adds nothing.

    Args:
        folder: the round folder.
        heard: the reply.
        application: id of the application it answers; else `test` and `profile` say which.
        test: id of the test.
        profile: profile of the applicant.
        store: URL of the ledger; default as for `ingest`.
        who: who enters it.

    Raises:
        UsageError: no such application, an unknown code or channel, no time.
        DataError: the ledger has this reply with another code.
    """
    from praktijktest.fieldwork.entries import CHANNELS, reply_event, require_among, require_code
    from praktijktest.vocabulary import EVIDENCE

    require_among(heard.channel, CHANNELS, "channel")
    if heard.evidence:
        require_among(heard.evidence, EVIDENCE, "kind of evidence")
    with open_entry(folder, store, who) as entry:
        if heard.code:
            require_code(entry.opened.design, heard.code)
        elif not heard.words:
            raise UsageError("A reply needs its code (--code), or its words for the coders.")
        found = application_meant(entry.state, application, test, profile)
        at = entry.moment(heard.at, "--at")
        identities = entry.opened.identities
        caller = identities.pseudonyms("address", [heard.caller])[heard.caller]
        event = reply_event(
            found,
            replied_at=at,
            channel=heard.channel,
            outcome=heard.code,
            evidence=heard.evidence,
            words=entry.keep_words(heard.words, "words"),
            caller=caller,
        )
        code = heard.code or "not coded yet"
        return entry.store(
            [event] if event else [],
            f"A reply to {found.application} by {heard.channel} at {at}: {code}.",
            details={"application": found.application, "test": found.test, "replied_at": at},
            warnings=_odd(found, at),
        )


def decline_invitation(
    folder: Path,
    application: str,
    *,
    at: str,
    channel: str = "mail",
    store: str | None = None,
    who: str | None = None,
) -> EntrySummary:
    """Record that an invitation was politely declined, so that nobody waits in vain.

    Raises:
        UsageError: no such application, an unknown channel, no time.
        DataError: the ledger says that it was declined at another time.
    """
    from praktijktest.fieldwork.entries import CHANNELS, declined_event, require_among

    require_among(channel, CHANNELS, "channel")
    with open_entry(folder, store, who) as entry:
        found = application_meant(entry.state, application)
        moment = entry.moment(at, "--at")
        event = declined_event(found, moment, channel)
        return entry.store(
            [event] if event else [],
            f"The invitation of {found.application} was declined by {channel} at {moment}.",
            details={"application": found.application, "declined_at": moment},
            warnings=_odd(found, moment),
        )


def add_note(
    folder: Path,
    which: str,
    words: str,
    *,
    topic: str = "other",
    store: str | None = None,
    who: str | None = None,
) -> EntrySummary:
    """Keep a remark about an application or a test: a complaint, a sign of detection.

    The words go to the identity store; the ledger holds their hash.

    Raises:
        UsageError: no such application or test, an unknown topic, no words.
    """
    from praktijktest.fieldwork.entries import TOPICS, applications_of_test, require_among
    from praktijktest.fieldwork.events import NewEvent

    require_among(topic, TOPICS, "topic")
    if not words.strip():
        raise UsageError("A note needs words: --words TEXT.")
    with open_entry(folder, store, who) as entry:
        found = entry.state.applications.get(which)
        test = found.test if found else applications_of_test(entry.state, which)[0].test
        note = entry.keep_words(words, "note")
        application = found.application if found else ""
        known = any(
            (event.test, event.application, event.values.get("note")) == (test, application, note)
            for event in entry.state.notes
        )
        event = NewEvent(
            kind="note", test=test, application=application, values={"note": note, "topic": topic}
        )
        return entry.store(
            [] if known else [event], f"A note on {which} ({topic}).", details={"note": note}
        )


def application_meant(
    state: "RoundState",
    application: str | None,
    test: str | None = None,
    profile: str | None = None,
) -> "ApplicationState":
    """The application named by its id, or by test and profile.

    Raises:
        UsageError: nothing names one, or there is no such application.
    """
    from praktijktest.fieldwork.entries import application_of_profile, find_application

    if application:
        return find_application(state, application)
    if test and profile:
        return application_of_profile(state, test, profile)
    raise UsageError("Name the application by its id, or by --test and --profile.")


def _odd(application: "ApplicationState", at: str) -> tuple[Problem, ...]:
    """What is odd about a reply at this time; it is kept all the same."""
    sent_at = application.fields.get("sent_at", "")
    if not application.sent:
        message = "the ledger does not hold yet that this was sent"
        return (_warning("not-sent", message, application.application),)
    try:
        early = bool(sent_at) and datetime.fromisoformat(at) < datetime.fromisoformat(sent_at)
    except (TypeError, ValueError):
        early = False
    if not early:
        return ()
    message = f"this is before the application was sent ({sent_at})"
    return (_warning("reply-before-sending", message, at),)


def _warning(code: str, message: str, value: str) -> Problem:
    hint = "look at both; a wrong time is put right with: praktijktest correct"
    return Problem(code=code, message=message, level="warning", value=value, hint=hint)


@dataclass(frozen=True, slots=True)
class Choice:
    """An application as a tester may see it: not its profile, which would tell its arm.

    Attributes:
        application: its id.
        test: id of its test.
        tester: name of who sends it.
        sent_at: when it was sent, "" not yet.
    """

    application: str
    test: str
    tester: str
    sent_at: str


def choices(
    folder: Path, words: str, *, store: str | None = None, who: str | None = None
) -> list[Choice]:
    """The applications that have these words in their id or tester, to choose from.

    Raises:
        UsageError: it is no round folder.
    """
    from praktijktest.fieldwork.entries import matching

    with open_entry(folder, store, who) as entry:
        state, testers = entry.state, entry.opened.identities.everybody("person")
    return [
        Choice(
            application=one.application,
            test=one.test,
            tester=testers.get(one.fields.get("tester", ""), ""),
            sent_at=one.fields.get("sent_at", ""),
        )
        for one in matching(state, words, testers)
    ]
