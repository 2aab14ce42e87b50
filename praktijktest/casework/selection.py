"""Which cases an audience gets, and whether it is the one that takes them."""

from collections.abc import Sequence
from dataclasses import dataclass

from praktijktest.casework.cases import UNCONFIRMED, Case
from praktijktest.casework.grants import Grant, NotGrantedError
from praktijktest.casework.referral import Referral, body_named, with_role
from praktijktest.problems import Problem, shown


@dataclass(frozen=True, slots=True)
class Selected:
    """The cases that go out.

    Attributes:
        cases: these.
        left_out: unconfirmed signals that do not.
        warnings: what to look at.
    """

    cases: tuple[Case, ...]
    left_out: int
    warnings: tuple[Problem, ...]


def selected(cases: Sequence[Case], grant: Grant) -> Selected:
    """The cases that an audience gets: unconfirmed signals only where it takes them.

    Raises:
        NotGrantedError: there are only such signals, and it does not.
    """
    if grant.unconfirmed:
        return Selected(tuple(cases), 0, ())
    kept = tuple(case for case in cases if case.state != UNCONFIRMED)
    left_out = len(cases) - len(kept)
    if left_out and not kept:
        raise NotGrantedError(
            "unconfirmed",
            f"No signal of this round is confirmed by a second phase ({left_out} are not), and "
            f"the audience {grant.audience.id} takes no others; test again, or give them with "
            "--allow-unconfirmed and a --reason.",
        )
    if not left_out:
        return Selected(kept, 0, ())
    problem = Problem(
        code="unconfirmed-left-out",
        level="warning",
        message="signals that no second phase has confirmed are not in this export",
        hint="test again, or give them with --allow-unconfirmed and a --reason",
        count=left_out,
    )
    return Selected(kept, left_out, (problem,))


def competence_warnings(
    found: Sequence[tuple[str | None, tuple[Referral, ...]]], grant: Grant, recipient: str
) -> tuple[Problem, ...]:
    """Whether audience and recipient take cases of these grounds, once per ground.

    Args:
        found: ground and competent bodies of everything that is exported.
        grant: the audience.
        recipient: whom it is for, "" where nobody says.
    """
    roles = grant.audience.roles
    body = body_named(recipient) if recipient else None
    warnings = []
    for ground, bodies in dict(found).items():
        if not roles:
            continue
        listed = ", ".join(one.body.code for one in bodies) or "none that is known"
        if not with_role(bodies, roles):
            message = f"no body of this audience is known to take cases of {ground} here"
        elif body is not None and body.code not in {one.body.code for one in bodies}:
            message = f"{shown(recipient)} is not known to take cases of {ground} here"
        else:
            continue
        warnings.append(
            Problem(
                code="not-competent",
                level="warning",
                message=message,
                hint=f"competent: {listed} (docs/casework.md)",
            )
        )
    return tuple(warnings)
