"""What a design declares about mail: whose mailboxes are ours, and how replies name a test."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from praktijktest.design.sections import Section
from praktijktest.design.values import (
    Filled,
    NameOrNames,
    Names,
    SomeNames,
    Whole,
    at_least,
    one_of,
    refused,
)
from praktijktest.vocabulary import LANGUAGES

APPLICATION: Final = "{application}"
_ADDRESS = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+")
_DOMAIN = re.compile(r"[^\s@<>,;/]+\.[^\s@<>,;/.]+")
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")


def _address_or_addresses(value: str | tuple[str, ...]) -> str | tuple[str, ...]:
    for address in (value,) if isinstance(value, str) else value:
        if not _ADDRESS.fullmatch(address):
            raise refused(f"{address!r} is not a mail address", "write it as name@example.org")
    return value


def _domains(value: tuple[str, ...]) -> tuple[str, ...]:
    for domain in value:
        if not _DOMAIN.fullmatch(domain):
            raise refused(f"{domain!r} is not a mail domain", "write it as example.org, without @")
    return tuple(domain.casefold() for domain in value)


def _address_form(value: str) -> str:
    found = set(_PLACEHOLDER.findall(value))
    if not _ADDRESS.fullmatch(value) or not found or not found <= {"{name}", "{mailbox}"}:
        raise refused(
            "must be a mail address with {name} or {mailbox} in it",
            'for example "{name}@post.example.org"',
        )
    return value


def _form_of_application(value: str) -> str:
    if _PLACEHOLDER.findall(value) != [APPLICATION]:
        raise refused(f"must have {APPLICATION} in it, once", f'for example "ref. {APPLICATION}"')
    return value


Domains = Annotated[Names, AfterValidator(_domains)]
"""A list of mail domains, in lower case."""
Form = Annotated[Filled, AfterValidator(_form_of_application)]
"""A text with the application's id in it."""


class MailPhrase(Section):
    """`[[mail.phrase]]`: words of replies that suggest a code, beside the built-in ones.

    Attributes:
        code: the outcome code that is suggested.
        language: language of the words, for its negations.
        patterns: the words, as in the built-in table of phrases.
    """

    code: Filled
    language: Annotated[str, one_of(LANGUAGES)]
    patterns: SomeNames


class Mail(Section):
    """`[mail]`: how messages are told apart and find their application.

    Attributes:
        addresses: mailbox or name of an identity, as in the plan -> its mail addresses.
        address_form: how the address of every other identity follows from its name or mailbox.
        domains: domains that are ours as a whole: mail from them was sent by us.
        plus_form: what stands between + and @ where addresses name the application.
        reference_form: how a letter names its application in the subject or the text.
        portals: domains of advert portals; a sender there says nothing about who is tested.
        window_days: how long after sending a message may still be a reply, when only its
            sender tells.
        phrases: further words that suggest a code.
    """

    addresses: dict[str, Annotated[NameOrNames, AfterValidator(_address_or_addresses)]] = Field(
        default_factory=dict
    )
    address_form: Annotated[Filled, AfterValidator(_address_form)] | None = None
    domains: Domains = ()
    plus_form: Form = APPLICATION
    reference_form: Form = APPLICATION
    portals: Domains = ()
    window_days: Annotated[Whole, at_least(1)] = 60
    phrase: tuple[MailPhrase, ...] = ()
