"""Single entries by hand: one reply, one correction, one failed test, checked like a source."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from praktijktest.design import Design
from praktijktest.design.nearest import close, nearest
from praktijktest.fieldwork.events import NewEvent
from praktijktest.fieldwork.ingest_known import reply_id
from praktijktest.fieldwork.state import ApplicationState, Reply, RoundState
from praktijktest.problems import DataError, Problem, UsageError, shown
from praktijktest.vocabulary import FAILED_REASONS, LOG_COLUMNS

CHANNELS: Final = ("phone", "sms", "voicemail", "mail", "portal", "visit", "letter")
TOPICS: Final = ("complaint", "detected", "other")
REPLY_FIELDS: Final = ("outcome", "replied_at", "evidence", "channel")
TIME_FIELDS: Final = ("sent_at", "replied_at", "declined_at")
FIXED_FIELDS: Final = ("test", "application")
"""What says which application it is; another one is another application."""
LISTED: Final = 8


@dataclass(frozen=True, slots=True)
class Correction:
    """A value that is put right.

    Attributes:
        application: its application.
        column: what is corrected.
        old: value in force, "" where there was none.
        new: the right value, "" where there is none.
        reply: id of the reply, "" where it is about the application.
    """

    application: str
    column: str
    old: str
    new: str
    reply: str


def find_application(state: RoundState, name: str) -> ApplicationState:
    """The application of this id.

    Raises:
        UsageError: there is none, with the nearest.
    """
    found = state.applications.get(name)
    if found is not None:
        return found
    known = list(state.applications)
    raise UsageError(f"The round has no application {shown(name)!r}; {_meant(name, known)}")


def application_of_profile(state: RoundState, test: str, profile: str) -> ApplicationState:
    """The one application of a profile in a test.

    Raises:
        UsageError: there is none, or more than one.
    """
    of_test = applications_of_test(state, test)
    found = [one for one in of_test if one.fields.get("profile", "") == profile]
    if len(found) == 1:
        return found[0]
    have = ", ".join(f"{one.fields.get('profile', '?')} ({one.application})" for one in of_test)
    many = "no" if not found else "several applications of"
    word = "application of" if not found else ""
    text = " ".join(f"Test {test} has {many} {word} profile {shown(profile)!r}".split())
    raise UsageError(f"{text}; it has: {have}")


def applications_of_test(state: RoundState, test: str) -> list[ApplicationState]:
    """The applications of a test that are or were in the plan or the field.

    Raises:
        UsageError: there is no such test, with the nearest.
    """
    found = [one for one in state.applications.values() if one.test == test and not one.withdrawn]
    if found:
        return found
    known = sorted({one.test for one in state.applications.values()})
    raise UsageError(f"The round has no test {shown(test)!r}; {_meant(test, known)}")


def matching(state: RoundState, words: str, testers: Mapping[str, str]) -> list[ApplicationState]:
    """The applications whose id or tester has these words as a part, those sent first.

    Args:
        state: the round.
        words: what somebody typed; any case.
        testers: pseudonym -> name.
    """
    wanted = words.casefold().strip()

    def fits(one: ApplicationState) -> bool:
        names = [one.application, one.test, testers.get(one.fields.get("tester", ""), "")]
        return any(wanted in name.casefold() for name in names)

    found = [one for one in state.applications.values() if not one.withdrawn and fits(one)]
    return sorted(found, key=lambda one: (one.application != words, not one.sent, one.application))


def require_code(design: Design, code: str) -> str:
    """An outcome code of the scheme.

    Raises:
        UsageError: it is none; with the nearest ones.
    """
    codes = [*design.outcome_codes(), *design.failed_codes()]
    if not codes or code in codes:
        return code
    raise UsageError(f"{shown(code)!r} is no outcome code; {_meant(code, codes)}")


def require_reason(design: Design, reason: str) -> str:
    """A reason code of a failed test: built in, or the design's.

    Raises:
        UsageError: it is none; with the nearest ones.
    """
    known = list(dict.fromkeys((*design.failed_codes(), *FAILED_REASONS)))
    if reason in known:
        return reason
    raise UsageError(f"{shown(reason)!r} is no reason for a failed test; {_meant(reason, known)}")


def require_among(value: str, known: Sequence[str], what: str) -> str:
    """A word of a list.

    Raises:
        UsageError: it is none of them; with the nearest ones.
    """
    if value in known:
        return value
    raise UsageError(f"{shown(value)!r} is no {what}; {_meant(value, known)}")


def reply_event(
    application: ApplicationState,
    *,
    replied_at: str,
    channel: str,
    outcome: str = "",
    evidence: str = "",
    words: str = "",
    caller: str = "",
) -> NewEvent | None:
    """The event of a reply that somebody adds by hand; None when the ledger has it already.

    A reply of that moment is the same one where nothing contradicts: it gets what it lacked.

    Args:
        application: the application it answers.
        replied_at: when it came, as the ledger writes times.
        channel: phone, sms …
        outcome: its code, "" to leave the coding to the coders.
        evidence: none, comparative or explicit; "" where nobody says.
        words: hash of the document with its words.
        caller: pseudonym of the number.

    Raises:
        DataError: the ledger has this reply with another code.
    """
    values = {
        "replied_at": replied_at,
        "channel": channel,
        "outcome": outcome,
        "evidence": evidence,
        "words": words,
        "caller": caller,
    }
    of_that_moment = [reply for reply in application.replies if reply.replied_at == replied_at]
    for reply in of_that_moment:
        if all(_goes_with(getattr(reply, name), text) for name, text in values.items()):
            new = {name: text for name, text in values.items() if text != getattr(reply, name)}
            return _reply(application, reply.id, replied_at, _filled(new))
    rest = {name: text for name, text in values.items() if name != "outcome"}
    for reply in of_that_moment:
        if all(_goes_with(getattr(reply, name), text) for name, text in rest.items()):
            raise _coded_otherwise(application, reply, outcome)
    name = reply_id(application.application, replied_at, channel, words, 0)
    known = next((reply for reply in application.replies if reply.id == name), None)
    if known is not None:
        raise _coded_otherwise(application, known, outcome)
    return _reply(application, name, replied_at, _filled(values))


def _goes_with(have: str, given: str) -> bool:
    """Whether two values can be of one reply: equal, or one of them unknown."""
    return have == given or not have or not given


def _reply(
    application: ApplicationState, name: str, replied_at: str, values: dict[str, str]
) -> NewEvent | None:
    if not values:
        return None
    return NewEvent(
        kind="reply",
        test=application.test,
        application=application.application,
        happened_at=replied_at,
        values={"reply": name, **values},
    )


def reply_of(application: ApplicationState, name: str | None, what: str) -> Reply:
    """The reply that is meant: by its id, or the only one.

    Raises:
        UsageError: there is none, or it is not clear which.
    """
    listed = "; ".join(
        f"{one.id} ({one.replied_at or 'time unknown'}, {one.outcome or 'not coded'})"
        for one in application.replies
    )
    if name is None:
        if len(application.replies) == 1:
            return application.replies[0]
        if not application.replies:
            raise UsageError(
                f"{application.application} has no reply, so there is no {what} to correct; "
                "a reply is added with: praktijktest reply add"
            )
        raise UsageError(f"{application.application} has several replies; say --reply: {listed}")
    for reply in application.replies:
        if reply.id == name:
            return reply
    raise UsageError(f"{application.application} has no reply {shown(name)!r}; it has: {listed}")


def correction(
    application: ApplicationState, column: str, new: str, reply: Reply | None
) -> Correction | None:
    """What a correction changes; None when the value in force is the right one already.

    Args:
        application: the application.
        column: what is corrected.
        new: the right value in the form of the ledger; "" where there is none.
        reply: the reply that it is about, None where it is about the application.
    """
    if reply is not None:
        old = str(getattr(reply, column))
    elif column == "failed":
        old = application.failed
    elif column == "declined_at":
        old = application.declined_at
    else:
        old = application.fields.get(column, "")
    if old == new:
        return None
    name = "" if reply is None else reply.id
    return Correction(application.application, column, old, new, name)


def corrected_event(change: Correction, test: str, reason: str) -> NewEvent:
    """The event of a correction; the old value stays visible in it."""
    values = {
        "field": change.column,
        "old": change.old,
        "new": change.new,
        "reason": reason,
        "reply": change.reply,
    }
    return NewEvent(
        kind="corrected", test=test, application=change.application, values=_filled(values)
    )


def require_field(application: ApplicationState, design: Design, column: str) -> str:
    """The name of something that can be corrected.

    Raises:
        UsageError: it is none, or says which application it is.
    """
    if column in FIXED_FIELDS:
        raise UsageError(
            f"{column} says which application this is and cannot be corrected. Fail this one "
            "(praktijktest fail) and read the right one from a source."
        )
    known = [*REPLY_FIELDS, "failed", "declined_at", *application.fields]
    known += [name for name in LOG_COLUMNS if name not in (*FIXED_FIELDS, "note", "coder")]
    known += [*design.sampling.strata, *design.analysis.strata, *design.analysis.covariates]
    known += list(design.columns.types)
    names = list(dict.fromkeys(known))
    if column in names:
        return column
    raise UsageError(f"{shown(column)!r} is nothing that can be corrected; {_meant(column, names)}")


def failed_events(
    applications: Iterable[ApplicationState], reason: str, detail: str, happened_at: str
) -> list[NewEvent]:
    """The events of a failed test; applications that failed for this reason need none.

    Args:
        applications: those that failed: all of a test, or one.
        reason: reason code.
        detail: hash of a document with more, "" for none.
        happened_at: when, "" unknown.

    Raises:
        DataError: one of them failed for another reason.
    """
    events = []
    for one in applications:
        if one.failed and one.failed != reason:
            problem = Problem(
                code="conflict",
                message=f"{one.application} has failed already: {one.failed}",
                column="failed",
                value=reason,
                hint=f"praktijktest correct {one.application} --field failed --to {reason} "
                "--reason …",
            )
            raise DataError("Nothing was stored.", [problem])
        if not one.failed:
            events.append(
                NewEvent(
                    kind="failed",
                    test=one.test,
                    application=one.application,
                    happened_at=happened_at,
                    values=_filled({"failed": reason, "detail": detail}),
                )
            )
    return events


def declined_event(
    application: ApplicationState, declined_at: str, channel: str
) -> NewEvent | None:
    """The event of an invitation that was declined; None when the ledger has it already.

    Raises:
        DataError: the ledger says it was declined at another time.
    """
    if application.declined_at == declined_at:
        return None
    if application.declined_at:
        problem = Problem(
            code="conflict",
            message=f"{application.application} was declined already at {application.declined_at}",
            column="declined_at",
            value=declined_at,
            hint=f"praktijktest correct {application.application} --field declined_at --to … "
            "--reason …",
        )
        raise DataError("Nothing was stored.", [problem])
    return NewEvent(
        kind="declined",
        test=application.test,
        application=application.application,
        happened_at=declined_at,
        values=_filled({"declined_at": declined_at, "channel": channel}),
    )


def _coded_otherwise(application: ApplicationState, known: Reply, outcome: str) -> DataError:
    problem = Problem(
        code="conflict",
        message=f"{application.application}: the ledger has this reply of {known.replied_at} "
        f"with the code {known.outcome or '(none)'}",
        column="outcome",
        value=outcome or None,
        hint=f"praktijktest correct {application.application} --field outcome --to "
        f"{outcome or '…'} --reply {known.id} --reason …",
    )
    return DataError("Nothing was stored.", [problem])


def _meant(word: str, known: Sequence[str]) -> str:
    """The known words nearest to one that is not known, or some of those there are."""
    if not known:
        return "there is none yet."
    near = close(word, known)
    parts = [name for name in known if word and word.casefold() in name.casefold()]
    found = list(dict.fromkeys(([near] if near else []) + parts))[:LISTED]
    return f"did you mean {', '.join(found)}?" if found else nearest(word, known, "there are: {}")


def _filled(values: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in values.items() if text}
