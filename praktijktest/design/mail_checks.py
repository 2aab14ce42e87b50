"""Whether what a design says about mail fits its identities and its outcome codes."""

from collections.abc import Iterator

from praktijktest.design.model import Design
from praktijktest.design.nearest import nearest
from praktijktest.problems import Problem


def mail_problems(design: Design) -> Iterator[Problem]:
    """Addresses of nobody, and phrases that suggest a code the scheme does not have."""
    identities = [
        *design.assignment.mailboxes,
        *dict.fromkeys(name.strip() for profile in design.profiles for name in profile.names),
    ]
    for name in design.mail.addresses:
        if name.strip() not in identities:
            yield Problem(
                code="unknown-identity",
                message="no profile has this name and no mailbox is called so",
                column="mail.addresses",
                value=name,
                hint=nearest(name, identities, "the design has: {}"),
            )
    codes = [*design.outcome_codes(), *design.failed_codes()]
    for place, phrase in enumerate(design.mail.phrase):
        if codes and phrase.code not in codes:
            yield Problem(
                code="unknown-outcome",
                message="the phrases suggest a code that the scheme does not have",
                column=f"mail.phrase[{place}].code",
                value=phrase.code,
                hint=nearest(phrase.code, codes, "the codes are: {}"),
            )
