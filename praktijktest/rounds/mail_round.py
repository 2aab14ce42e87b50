"""What a round knows for reading its mail: its applications, identities, codes and messages."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Final

from praktijktest.vocabulary import NO_REPLY, SCHEMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from praktijktest.design import Design
    from praktijktest.fieldwork.identities import Identities
    from praktijktest.fieldwork.ledger import Ledger, Writing
    from praktijktest.fieldwork.mail_events import KnownMessage
    from praktijktest.fieldwork.mail_index import Approach, MailIndex
    from praktijktest.fieldwork.mail_phrases import PhraseTable
    from praktijktest.fieldwork.state import RoundState
    from praktijktest.rounds.round_store import OpenRound

KINDS: Final = ("planned", "drawn", "withdrawn", "sent", "corrected", "message", "matched")
"""Events that say who was approached and which messages are known."""
PHONE_DETAILS: Final = ("contact", "phone", "telephone", "tel", "gsm", "mobile")
SENT_AGAIN_SURE: Final = 0.99
"""A message that a person matched leads as surely to its application as one we sent."""


@dataclass(slots=True)
class MailRound:
    """A round, made ready for its mail.

    Attributes:
        index: look-ups by which messages find their application.
        known: messages that the ledger has, by their hash.
        settings: how replies are told.
        window: how long after sending a message may be a reply.
    """

    index: "MailIndex"
    known: "dict[str, KnownMessage]"
    settings: "ReplySettings"
    window: timedelta


@dataclass(frozen=True, slots=True)
class ReplySettings:
    """How replies by mail are told.

    Attributes:
        phrases: what words suggest.
        codes: outcome codes that may be suggested.
        zone: time zone of the round's place.
    """

    phrases: "PhraseTable"
    codes: tuple[str, ...]
    zone: tzinfo


def mail_round(opened: "OpenRound", events: "Ledger | Writing") -> MailRound:
    """Gather from the ledger and the identity store what mail is read with."""
    from praktijktest.fieldwork.mail_events import known_messages
    from praktijktest.fieldwork.mail_index import mail_index
    from praktijktest.fieldwork.state import state_of

    design = opened.design
    state = state_of(events.events(kinds=KINDS))
    settings = reply_settings(design)
    approaches = _approaches(state, opened.identities, design, settings.zone)
    index = mail_index(approaches, design)
    known = known_messages(state.messages)
    for message in known.values():
        _learn_thread(index, message)
    return MailRound(
        index=index,
        known=known,
        settings=settings,
        window=timedelta(days=design.mail.window_days),
    )


def reply_settings(design: "Design") -> ReplySettings:
    """How replies are told: phrases of the round's scheme, or of its market's."""
    from praktijktest.fieldwork.mail_phrases import phrase_table
    from praktijktest.fieldwork.status_facts import zone_of

    codes = tuple(code for code in design.outcome_codes() if code != NO_REPLY)
    scheme = design.outcomes.scheme
    own = [
        (phrase.code, phrase.language, pattern)
        for phrase in design.mail.phrase
        for pattern in phrase.patterns
    ]
    built_in = scheme if scheme in SCHEMES else design.round.market or ""
    phrases = phrase_table(built_in, [*codes, *design.failed_codes()], own)
    return ReplySettings(phrases, codes, zone_of(design))


def _learn_thread(index: "MailIndex", message: "KnownMessage") -> None:
    """A message that belongs to one application leads what answers it to the same one."""
    hashed = message.values.get("message_id_hash")
    if hashed and len(message.applications) == 1:
        application = next(iter(message.applications))
        sure = float(message.values.get("confidence", SENT_AGAIN_SURE))
        index.threads.setdefault(hashed, (application, sure))


def _approaches(
    state: "RoundState", identities: "Identities", design: "Design", zone: tzinfo
) -> "Iterator[Approach]":
    from praktijktest.fieldwork.mail_index import (
        Approach,
        addresses_in,
        addresses_of,
        phones_in,
    )

    adverts = identities.everybody("advert")
    details: dict[str, dict[str, str]] = {}
    boxes: dict[tuple[str, str], frozenset[str]] = {}
    for one in state.applications.values():
        if one.withdrawn and not one.sent:
            continue
        fields = one.fields
        target, advert = fields.get("target", ""), fields.get("advert", "")
        for pseudonym in (target, advert):
            if pseudonym and pseudonym not in details:
                details[pseudonym] = identities.details(pseudonym)
        known = {**details.get(target, {}), "advert contact": ""}
        known["advert contact"] = details.get(advert, {}).get("contact", "")
        phones = " , ".join(known.get(name, "") for name in (*PHONE_DETAILS, "advert contact"))
        identity = fields.get("name", ""), fields.get("mailbox", "")
        if identity not in boxes:
            boxes[identity] = addresses_of(design, *identity)
        yield Approach(
            application=one.application,
            test=one.test,
            target=target,
            target_group=fields.get("target_group", ""),
            advert=adverts.get(advert, ""),
            name=identity[0],
            addresses=boxes[identity],
            contacts=addresses_in(" ".join(known.values())),
            phones=phones_in(phones),
            send_at=_moment(fields.get("send_at") or fields.get("sent_at", ""), zone),
        )


def _moment(text: str, zone: tzinfo) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
