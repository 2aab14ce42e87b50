"""What one request may have: what it asks for against what the policy of its audience lists."""

from dataclasses import dataclass
from typing import Final

from praktijktest.casework.policy import MEMBERS, Audience
from praktijktest.problems import RefusedError

INDICATIONS, ACTION_LOG = "indications", "action-log"
INCLUDABLE: Final = (INDICATIONS, ACTION_LOG)

ELSEWHERE: Final = {
    "research": "it gets pseudonymised data: praktijktest export research",
    "public": "it gets aggregates with disclosure control: praktijktest export public",
}


class NotGrantedError(RefusedError):
    """An audience asks for what its policy does not list.

    Attributes:
        asked: what was asked for, a word for the ledger.
    """

    def __init__(self, asked: str, message: str) -> None:
        super().__init__(message)
        self.asked = asked


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for.

    Attributes:
        names: who agents are; None for what the audience may have, once a purpose is given.
        purpose: why, "" where nobody says.
        include: what is to be in it beside the cases.
        fields: columns; none for all that the audience may see.
        allow_unconfirmed: unconfirmed signals too, for an audience that refuses them.
        reason: why these.
        approved_by: who approved the indications.
    """

    names: bool | None = None
    purpose: str = ""
    include: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    allow_unconfirmed: bool = False
    reason: str = ""
    approved_by: str = ""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a request gets.

    Attributes:
        audience: for whom.
        names, words, action_log, indications: as in the policy, and asked for.
        unconfirmed: whether signals without a second phase are in it.
        fields: columns of the case list.
    """

    audience: Audience
    names: bool
    words: bool
    action_log: bool
    indications: bool
    unconfirmed: bool
    fields: tuple[str, ...]


def granted(audience: Audience, wish: Wish) -> Grant:
    """What an audience gets of what is asked.

    Raises:
        NotGrantedError: something is asked for that its policy does not list.
    """
    name = audience.id
    if audience.output in ELSEWHERE:
        message = f"The audience {name} gets no cases; {ELSEWHERE[audience.output]}."
        raise NotGrantedError("cases", message)
    if wish.names and not audience.names:
        raise NotGrantedError("names", f"The audience {name} may not see who an agent is.")
    asked = {
        INDICATIONS: (audience.indications, "single tests with direct evidence"),
        ACTION_LOG: (audience.action_log, "the full action log"),
    }
    for what in wish.include:
        allowed, words = asked[what]
        if not allowed:
            raise NotGrantedError(what, f"The audience {name} may not see {words}.")
    if audience.output == MEMBERS and wish.fields:
        raise NotGrantedError("fields", f"The audience {name} gets sums, not columns of cases.")
    allowed_fields = audience.allowed_fields()
    refused = [column for column in wish.fields if column not in allowed_fields]
    if refused:
        columns = ", ".join(refused)
        raise NotGrantedError("fields", f"The audience {name} may not see the columns {columns}.")
    names = audience.names and wish.names is not False and bool(wish.purpose)
    return Grant(
        audience=audience,
        names=names,
        words=audience.words and names,
        action_log=audience.action_log,
        indications=INDICATIONS in wish.include,
        unconfirmed=audience.unconfirmed == "marked" or wish.allow_unconfirmed,
        fields=tuple(f for f in allowed_fields if not wish.fields or f in wish.fields),
    )
