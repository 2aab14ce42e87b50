"""Every application as mail can reach it, and the look-ups by which messages find it."""

import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Final

from praktijktest.design import Design
from praktijktest.design.mail_sections import APPLICATION

_ADDRESS = re.compile(r"[^\s@<>,;:\"'()\[\]]{1,100}@[^\s@<>,;:\"'()\[\]]{1,250}")
_PHONE = re.compile(r"\+?\d[\d ./()-]{6,}\d")
_WORD = re.compile(r"[^\s,;:()<>\[\]{}\"'«»“”\u2018\u2019/?&=#|]+")
_LETTER, _DIGIT = re.compile(r"[^\W\d_]"), re.compile(r"\d")
PHONE_DIGITS: Final = 9
"""Last digits by which numbers are compared, with and without their country."""


@dataclass(frozen=True, slots=True)
class Approach:
    """One application, as mail can reach it.

    Attributes:
        application, test: their ids.
        target, target_group: pseudonyms.
        advert: reference of the advert as it is written, "" where there is none.
        name: the applicant's name.
        addresses: mail addresses the applicant writes from.
        contacts: mail addresses of the target; phones: its numbers, by their last digits.
        send_at: planned moment of sending, else when it was sent; None where unknown.
    """

    application: str
    test: str
    target: str = ""
    target_group: str = ""
    advert: str = ""
    name: str = ""
    addresses: frozenset[str] = frozenset()
    contacts: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    send_at: datetime | None = None


Approaches = frozenset[str]
"""Ids of applications."""
NOBODY: Final[Approaches] = frozenset()


@dataclass(frozen=True, slots=True)
class MailIndex:
    """Look-ups over all applications of a round; each costs the same however many there are.

    Attributes:
        approaches: by application.
        ours: our address -> applications written from it.
        names: plain name of an applicant -> applications under it.
        contacts: address of a target -> applications to it.
        domains: mail domain that belongs to one target or firm -> applications to it.
        phones: last digits of a target's number -> applications to it.
        adverts: advert reference -> applications about it.
        references: what an application is called in letters -> the application.
        own_domains: domains that are ours as a whole.
        reference, plus: how references and plus-addresses are recognised.
        threads: hash of a message id -> the application it belongs to and how surely; grows
            as messages are matched.
    """

    approaches: dict[str, Approach]
    ours: dict[str, Approaches]
    names: dict[str, Approaches]
    contacts: dict[str, Approaches]
    domains: dict[str, Approaches]
    phones: dict[str, Approaches]
    adverts: dict[str, Approaches]
    references: dict[str, str]
    own_domains: frozenset[str]
    reference: re.Pattern[str] | None
    plus: re.Pattern[str]
    threads: dict[str, tuple[str, float]] = field(default_factory=dict)

    def is_ours(self, address: str) -> bool:
        """Whether an address is an identity's."""
        return address_without_plus(address) in self.ours or _domain(address) in self.own_domains

    def at_contact(self, address: str) -> tuple[Approaches, bool]:
        """Applications to whose target an address belongs, and whether it is the very address."""
        if found := self.contacts.get(address):
            return found, True
        domain = _domain(address)
        while "." in domain:
            if found := self.domains.get(domain):
                return found, False
            domain = domain.partition(".")[2]
        return NOBODY, False

    def at_plus(self, address: str) -> str:
        """The application that the plus part of an address of ours names, "" where none."""
        local, _, domain = address.rpartition("@")
        base, mark, tag = local.partition("+")
        known = f"{base}@{domain}" in self.ours or domain in self.own_domains
        found = self.plus.fullmatch(tag) if mark and known else None
        return self.references.get(found[1].casefold(), "") if found else ""

    def named_in(self, text: str) -> Approaches:
        """Applications whose reference stands in a text."""
        if self.reference is None:
            return NOBODY
        found = (self.references.get(name.casefold()) for name in self.reference.findall(text))
        return frozenset(application for application in found if application)

    def adverts_in(self, text: str) -> frozenset[str]:
        """References of adverts of the round that stand in a text."""
        words = (_bare(word) for word in _WORD.findall(text.casefold()))
        return frozenset(word for word in words if word in self.adverts)


def mail_index(approaches: Iterable[Approach], design: Design) -> MailIndex:
    """The look-ups over these applications, as `[mail]` of the design says."""
    known = {approach.application: approach for approach in approaches}
    chosen = design.mail
    return MailIndex(
        approaches=known,
        ours=_by(known.values(), lambda one: one.addresses),
        names=_by(known.values(), lambda one: {plain_name(one.name)} - {""}),
        contacts=_by(known.values(), lambda one: one.contacts),
        domains=_own_domains_of_targets(known.values(), frozenset(chosen.portals)),
        phones=_by(known.values(), lambda one: one.phones),
        adverts=_by(known.values(), lambda one: {_bare(one.advert.casefold())} - {""}, telling),
        references={application.casefold(): application for application in known},
        own_domains=frozenset(chosen.domains),
        reference=_reference(chosen.reference_form, known),
        plus=re.compile(_escaped(chosen.plus_form), re.IGNORECASE),
    )


def message_id_hash(message_id: str) -> str:
    """What the ledger keeps of a message id: it may hold a mailbox or the name of a computer."""
    return hashlib.sha256(message_id.encode("utf-8", "replace")).hexdigest()


def addresses_in(text: str) -> frozenset[str]:
    """The mail addresses in a text such as a frame's contact."""
    return frozenset(address.casefold().rstrip(".") for address in _ADDRESS.findall(text))


def phones_in(text: str) -> frozenset[str]:
    """The telephone numbers in a text, by their last digits."""
    numbers = ("".join(_DIGIT.findall(number)) for number in _PHONE.findall(text))
    return frozenset(number[-PHONE_DIGITS:] for number in numbers if len(number) >= PHONE_DIGITS)


def addresses_of(design: Design, name: str, mailbox: str) -> frozenset[str]:
    """The mail addresses that an applicant of the plan writes from.

    Args:
        design: the round's design, for `[mail]`.
        name: name of the applicant, as in the plan.
        mailbox: mailbox of the applicant, as in the plan; "" when every identity has its own.
    """
    chosen = design.mail
    for identity in (name, mailbox):
        if declared := chosen.addresses.get(identity):
            found = (declared,) if isinstance(declared, str) else declared
            return frozenset(address.casefold() for address in found)
    if "@" in mailbox:
        return addresses_in(mailbox)
    form = chosen.address_form or ""
    if ("{name}" in form and not name) or ("{mailbox}" in form and not mailbox) or not form:
        return frozenset()
    filled = form.replace("{name}", _slug(name)).replace("{mailbox}", _slug(mailbox))
    return frozenset((filled.casefold(),))


def address_without_plus(address: str) -> str:
    """An address without what stands between + and @."""
    local, _, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def plain_name(text: str) -> str:
    """A name in lower case without accents, single blanks."""
    return " ".join(_without_accents(text).split())


def telling(reference: str) -> bool:
    """Whether a reference is long enough not to stand in a text by chance."""
    digits = len(_DIGIT.findall(reference))
    return (digits >= 1 and len(reference) >= 4 and _LETTER.search(reference) is not None) or (
        digits >= 6
    )


def _by(
    approaches: Iterable[Approach],
    keys: Callable[[Approach], Iterable[str]],
    wanted: Callable[[str], bool] = bool,
) -> dict[str, Approaches]:
    found: dict[str, set[str]] = defaultdict(set)
    for approach in approaches:
        for key in keys(approach):
            if wanted(key):
                found[key].add(approach.application)
    return {key: frozenset(own) for key, own in found.items()}


def _own_domains_of_targets(
    approaches: Iterable[Approach], portals: frozenset[str]
) -> dict[str, Approaches]:
    """Domains at which one target, or the branches of one firm, and nobody else is reached."""
    owners: dict[str, set[str]] = defaultdict(set)
    found: dict[str, set[str]] = defaultdict(set)
    for approach in approaches:
        for domain in {_domain(address) for address in approach.contacts}:
            owners[domain].add(approach.target_group or approach.target)
            found[domain].add(approach.application)
    return {
        domain: frozenset(own)
        for domain, own in found.items()
        if len(owners[domain]) == 1
        and domain not in _shared_providers()
        and not any(domain == portal or domain.endswith(f".{portal}") for portal in portals)
    }


@cache
def _shared_providers() -> frozenset[str]:
    """Domains at which many people have a mailbox: the domain says nothing about who writes."""
    listed = files("praktijktest.fieldwork").joinpath("mail_providers.txt")
    return frozenset(listed.read_text(encoding="utf-8").split())


def _reference(form: str, names: Iterable[str]) -> re.Pattern[str] | None:
    """How a text is searched for references; None where ids are too plain to search for."""
    if form.strip() == APPLICATION and not all(map(telling, names)):
        return None
    return re.compile(rf"(?<![\w-]){_escaped(form.strip())}(?![\w-])", re.IGNORECASE)


def _escaped(form: str) -> str:
    before, _, after = form.partition(APPLICATION)
    blanks = r"\s+"
    parts = [blanks.join(map(re.escape, re.split(r"\s+", part))) for part in (before, after)]
    return rf"{parts[0]}(\w(?:[\w.-]{{0,78}}\w)?){parts[1]}"


def _bare(word: str) -> str:
    return word.strip(".-_!*")


def _domain(address: str) -> str:
    return address.rpartition("@")[2]


def _slug(text: str) -> str:
    return ".".join(re.findall(r"[a-z0-9]+", _without_accents(text)))


def _without_accents(text: str) -> str:
    return "".join(
        character
        for character in unicodedata.normalize("NFKD", text.casefold())
        if not unicodedata.combining(character)
    )
