"""Single tests with direct evidence: a refused ground in so many words, whatever the numbers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from praktijktest.analysis.pairing import arms_of
from praktijktest.casework.case_tests import replies_of
from praktijktest.casework.cases import CaseReply, Person
from praktijktest.casework.people import People
from praktijktest.casework.referral import Referral, competent
from praktijktest.vocabulary import REFUSED_GROUND

if TYPE_CHECKING:
    from praktijktest.analysis import AnyAnalysis
    from praktijktest.design import Design
    from praktijktest.fieldwork.state import RoundState

EXPLICIT: Final = "explicit"


@dataclass(frozen=True, slots=True)
class Indication:
    """One reply that gives a ground in so many words.

    Attributes:
        id: name of the indication.
        agent: pseudonym as in the report; "" where the report does not have it.
        reference: the ledger's pseudonym.
        test, application: ids.
        grounds: grounds of the contrasts whose tested group the applicant belongs to.
        reply: the reply.
        bodies: who takes it.
        approved_by: the handler who approved it.
        person: who the agent is; None where that is not shown.
    """

    id: str
    agent: str
    reference: str
    test: str
    application: str
    grounds: tuple[str, ...]
    reply: CaseReply
    bodies: tuple[Referral, ...]
    approved_by: str
    person: Person | None = None

    def to_dict(self) -> dict[str, Any]:
        """The indication as plain data."""
        person = self.person
        return {
            "indication": self.id,
            "agent": self.agent or None,
            "reference": self.reference or None,
            "name": (person.name or None) if person else None,
            "erased": bool(person and person.erased),
            "test": self.test,
            "application": self.application,
            "grounds": list(self.grounds),
            **self.reply.to_dict(),
            "bodies": [one.to_dict() for one in self.bodies],
            "approved_by": self.approved_by,
        }


def indications_of(
    analysis: "AnyAnalysis", state: "RoundState", people: People, approved_by: str
) -> tuple[Indication, ...]:
    """Every reply with direct evidence, in the order of their times.

    Args:
        analysis: the analysis of the round, for grounds and pseudonyms.
        state: the round as it stands.
        people: what may be shown from the identity store.
        approved_by: the handler who approved them.
    """
    design = analysis.design
    grounds = _grounds(analysis)
    found = []
    for one in state.applications.values():
        target = one.fields.get("target", "")
        explicit = [reply for reply in replies_of(one, people) if _is_explicit(reply)]
        for number, reply in enumerate(explicit, start=1):
            own = tuple(grounds.get(one.application, ()))
            found.append(
                Indication(
                    id=f"I-{one.application}" + (f"-{number}" if len(explicit) > 1 else ""),
                    agent=analysis.pseudonyms.get(target, ""),
                    reference=target,
                    test=one.test,
                    application=one.application,
                    grounds=own,
                    reply=reply,
                    bodies=_bodies(design, own),
                    approved_by=approved_by,
                    person=people.person(target) if target else None,
                )
            )
    return tuple(sorted(found, key=lambda one: (one.reply.replied_at, one.id)))


def _is_explicit(reply: CaseReply) -> bool:
    return reply.evidence == EXPLICIT or reply.outcome == REFUSED_GROUND


def _grounds(analysis: "AnyAnalysis") -> Mapping[str, Sequence[str]]:
    """Application -> grounds on which its applicant differs from the control."""
    found: dict[str, list[str]] = {}
    for application, ground in _tested(analysis):
        known = found.setdefault(application, [])
        if ground not in known:
            known.append(ground)
    return found


def _tested(analysis: "AnyAnalysis") -> Iterator[tuple[str, str]]:
    phases = [analysis.applications]
    if analysis.retests is not None:
        phases.append(analysis.retests.applications)
    for applications in phases:
        ids = applications.rows.fields["application"].texts()
        for comparison in analysis.design.comparisons():
            tested = arms_of(applications, comparison).level == 1
            yield from ((str(name), comparison.ground) for name in ids[tested])
        profile = applications.rows.fields["profile"].texts()
        for call in analysis.design.calls:
            yield from ((str(name), call.ground) for name in ids[profile == call.id])


def _bodies(design: "Design", grounds: Sequence[str]) -> tuple[Referral, ...]:
    about = design.round
    every = (
        one for ground in grounds for one in competent(about.jurisdiction, about.market, ground)
    )
    return tuple({one.body.code: one for one in every}.values())
