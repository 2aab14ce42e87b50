"""Which application a message belongs to, how surely, and why.

What names one application by itself goes first: the message it answers, a plus-address, a
reference. Where none of these speaks, the mailbox it came to and its sender must agree on one
application. Whatever points to several is left to a person.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from praktijktest.fieldwork.mail_index import (
    NOBODY,
    Approach,
    Approaches,
    MailIndex,
    address_without_plus,
    message_id_hash,
    phones_in,
    plain_name,
)
from praktijktest.fieldwork.mail_message import Mail

Outcome = Literal["matched", "ambiguous", "unmatched"]

THRESHOLD: Final = 0.8
"""Below this confidence a person decides."""
LEEWAY: Final = timedelta(days=3)
"""How long before its planned sending an application may have been sent."""
CANDIDATES_NAMED: Final = 12

_ANSWERS, _PLUS, _REFERENCE, _REFERENCE_QUOTED = 0.99, 0.98, 0.97, 0.95
_ADDRESS_AND_ADVERT, _DOMAIN_AND_ADVERT = 0.95, 0.93
_ADDRESS, _PHONE, _DOMAIN, _ADVERT = 0.9, 0.88, 0.85, 0.85
_TOO_LATE: Final = 0.6


@dataclass(frozen=True, slots=True)
class Match:
    """What became of a message.

    Attributes:
        outcome: matched; ambiguous where it points to several; unmatched.
        application: the one it belongs to; where unmatched, the likeliest, "" where none.
        confidence: 0 … 1.
        reason: on what it rests; holds no name, address or word of the message.
        candidates: applications it may belong to.
    """

    outcome: Outcome
    application: str = ""
    confidence: float = 0.0
    reason: str = ""
    candidates: tuple[str, ...] = ()


def match_named(mail: Mail, index: MailIndex) -> Match | None:
    """The application that a received message names by itself; None where it names none."""
    ours = _ours(mail, index)
    strong = _named(mail, index, ours)
    found = {application for application, _, _ in strong}
    if len(found) > 1:
        return _ambiguous(found, "names several applications: " + _reasons(strong))
    if found:
        return _checked(mail, index, ours, *max(strong, key=lambda one: one[1]))
    return None


def match_by_sender(mail: Mail, index: MailIndex, window: timedelta) -> Match:
    """The application that the mailbox, the sender and the advert of a message agree on.

    Args:
        mail: the message, which names no application by itself.
        index: look-ups over the applications.
        window: how long after sending it may be a reply.
    """
    ours = _ours(mail, index)
    boxes = {address_without_plus(address) for address in ours}
    written = _narrowed(_union(index.ours.get(box, NOBODY) for box in boxes), mail, index)
    if not written:
        return Match("unmatched", reason="nobody of the plan writes from the mailbox it came to")
    sender, confidence, by = _at_sender(mail, index)
    told = index.adverts_in(f"{mail.subject} {mail.text}")
    adverts = _union(index.adverts[advert] for advert in told) & written
    from_target = written & sender
    if from_target and adverts:
        both = from_target & adverts
        if not both:
            return _ambiguous(from_target | adverts, f"{by} and advert do not agree")
        sure = _ADDRESS_AND_ADVERT if confidence > _DOMAIN else _DOMAIN_AND_ADVERT
        return _single(both, mail, index, window, sure, f"mailbox, {by} and advert")
    if from_target:
        return _single(from_target, mail, index, window, confidence, f"mailbox and {by}")
    if sender and adverts:
        return _ambiguous(adverts, "its sender is another target than the advert's")
    if adverts:
        return _single(adverts, mail, index, window, _ADVERT, "mailbox and advert")
    return Match(
        "unmatched", reason="its sender is no target of this mailbox, and no advert is named"
    )


def match_sent(mail: Mail, index: MailIndex) -> Match:
    """Find the application that a message of ours is or follows up."""
    ours = {address_without_plus(address) for address in mail.senders if index.is_ours(address)}
    strong = _named(mail, index, frozenset(mail.senders))
    found = {application for application, _, _ in strong}
    if len(found) > 1:
        return _ambiguous(found, "names several applications: " + _reasons(strong))
    if found:
        application, confidence, reason = max(strong, key=lambda one: one[1])
        return Match("matched", application, confidence, f"sent: {reason}")
    written = _narrowed(_union(index.ours.get(address, NOBODY) for address in ours), mail, index)
    to_contact, exact = _at_contacts(mail.recipients, index)
    adverts = _union(
        index.adverts[name] for name in index.adverts_in(f"{mail.subject} {mail.text}")
    )
    for candidates, confidence, reason in (
        (written & to_contact & adverts, _ADDRESS_AND_ADVERT, "mailbox, recipient and advert"),
        (
            written & to_contact if exact and not adverts else NOBODY,
            _ADDRESS,
            "mailbox and recipient",
        ),
        (written & adverts if not to_contact else NOBODY, _ADVERT, "mailbox and advert"),
    ):
        if len(candidates) == 1:
            return Match("matched", next(iter(candidates)), confidence, f"sent: {reason}")
        if candidates:
            return _ambiguous(candidates, f"sent: {reason} fit several applications")
    return Match("unmatched", reason="sent by us; no application fits its recipient or subject")


def is_sent(mail: Mail, index: MailIndex) -> bool:
    """Whether a message was sent by one of our identities."""
    return mail.origin.kind == "person" and any(map(index.is_ours, mail.senders[:1]))


Named = tuple[str, float, str]
"""An application, how surely, and by what."""


def _named(mail: Mail, index: MailIndex, ours: frozenset[str]) -> list[Named]:
    """Applications that something in the message names by itself."""
    found: list[Named] = []
    for message_id in mail.thread:
        if known := index.threads.get(message_id_hash(message_id)):
            application, confidence = known
            found.append((application, min(_ANSWERS, confidence), "answers a message of it"))
    for address in ours:
        if application := index.at_plus(address):
            found.append((application, _PLUS, "plus-address"))
    shown = index.named_in(f"{mail.subject}\n{mail.words}")
    found += [(application, _REFERENCE, "reference") for application in sorted(shown)]
    if not found:
        quoted = index.named_in(mail.text)
        found += [
            (name, _REFERENCE_QUOTED, "reference in the quoted text") for name in sorted(quoted)
        ]
    return found


def _checked(
    mail: Mail, index: MailIndex, ours: frozenset[str], application: str, confidence: float, by: str
) -> Match:
    """A named application, unless something else in the message contradicts it."""
    approach = index.approaches[application]
    boxes = {address_without_plus(address) for address in ours}
    if boxes and approach.addresses and boxes.isdisjoint(approach.addresses):
        return _ambiguous([application], f"{by}, but it came to the mailbox of somebody else")
    others = _other_recipients(boxes, approach, index)
    if others:
        return _ambiguous([application, *others], f"{by}, but it is to several applicants at once")
    return _unless_several(mail, index, Match("matched", application, confidence, by))


def _unless_several(mail: Mail, index: MailIndex, found: Match) -> Match:
    """A match, unless the words are about other adverts of the same correspondence too."""
    approach = index.approaches[found.application]
    elsewhere = {
        other
        for advert in index.adverts_in(f"{mail.subject} {mail.words}")
        for other in index.adverts[advert]
        if _same_correspondence(index.approaches[other], approach)
    }
    if not elsewhere:
        return found
    candidates = [found.application, *elsewhere]
    return _ambiguous(candidates, f"{found.reason}, but it names other adverts too")


def _other_recipients(boxes: set[str], approach: Approach, index: MailIndex) -> list[str]:
    """Applications of the same test to whose mailbox the message came too."""
    foreign = boxes - approach.addresses
    return [
        name
        for box in foreign
        for name in index.ours.get(box, NOBODY)
        if index.approaches[name].test == approach.test
    ]


def _same_correspondence(other: Approach, approach: Approach) -> bool:
    """Whether another advert is of the same target, or was answered from the same mailbox."""
    if other.advert == approach.advert:
        return False
    return other.target == approach.target or not other.addresses.isdisjoint(approach.addresses)


def _at_sender(mail: Mail, index: MailIndex) -> tuple[Approaches, float, str]:
    """Applications to the sender: by address, telephone number or domain, in this order."""
    writers = mail.origin.failed if mail.origin.kind == "bounce" else mail.senders
    found, exact = _at_contacts(writers, index)
    if found and exact:
        return found, _ADDRESS, "sender's address"
    called = _union(index.phones.get(number, NOBODY) for number in phones_in(mail.caller))
    if called:
        return called, _PHONE, "caller's number"
    return found, _DOMAIN, "sender's domain"


def _at_contacts(addresses: Iterable[str], index: MailIndex) -> tuple[Approaches, bool]:
    """Applications to whoever these addresses belong to; a whole address goes before a domain."""
    by_address: set[str] = set()
    by_domain: set[str] = set()
    for address in addresses:
        found, exact = index.at_contact(address)
        (by_address if exact else by_domain).update(found)
    return frozenset(by_address or by_domain), bool(by_address)


def _single(
    candidates: Approaches,
    mail: Mail,
    index: MailIndex,
    window: timedelta,
    confidence: float,
    reason: str,
) -> Match:
    """A match when there is one candidate and the time fits."""
    if len(candidates) > 1:
        return _ambiguous(candidates, f"{reason} fit several applications")
    application = next(iter(candidates))
    if not _in_window(mail.moment, index.approaches[application].send_at, window):
        late = f"{reason}, but outside the time in which a reply is expected"
        return Match("unmatched", application, _TOO_LATE, late, (application,))
    return _unless_several(mail, index, Match("matched", application, confidence, reason))


def _in_window(moment: datetime | None, send_at: datetime | None, window: timedelta) -> bool:
    if moment is None or send_at is None:
        return True
    return send_at - LEEWAY <= moment <= send_at + window


def _narrowed(written: Approaches, mail: Mail, index: MailIndex) -> Approaches:
    """Of applicants who share a mailbox, those whose name the message is to, or quotes."""
    names = (index.names.get(plain_name(name), NOBODY) for name in mail.recipient_names)
    addressed = written & _union(names)
    if addressed:
        return addressed
    people = {index.approaches[application].name for application in written}
    text = plain_name(mail.text) if len(people) > 1 else ""
    quoted = [name for name in people if name and plain_name(name) in text]
    if len(quoted) != 1:
        return written
    return written & index.names[plain_name(quoted[0])]


def _ours(mail: Mail, index: MailIndex) -> frozenset[str]:
    """Our addresses that a message came to; where it was really delivered goes first."""
    delivered = frozenset(filter(index.is_ours, mail.delivered))
    return delivered or frozenset(filter(index.is_ours, mail.recipients))


def _union(found: Iterable[Approaches]) -> Approaches:
    return NOBODY.union(*found)


def _ambiguous(candidates: Iterable[str], reason: str) -> Match:
    named = tuple(sorted(set(candidates)))[:CANDIDATES_NAMED]
    return Match("ambiguous", "", 0.0, reason, named)


def _reasons(named: list[Named]) -> str:
    return ", ".join(dict.fromkeys(reason for _, _, reason in named))
