"""Replies that are late, invitations that wait for an answer, replies without a code."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from praktijktest.design import Design
from praktijktest.fieldwork.state import Reply
from praktijktest.fieldwork.status_facts import Moments, Sending
from praktijktest.fieldwork.status_report import Silence, Uncoded, Undeclined

HOUR: Final = timedelta(hours=1)
NEARLY: Final = timedelta(days=2)
"""So long before its window closes, a silence is shown."""
DECLINE_WITHIN: Final = timedelta(hours=24)
INVITATIONS: Final = frozenset(
    ("viewing-individual", "viewing-group", "viewing-conditional", "interview", "offer")
)
"""Codes of the built-in schemes after which somebody keeps a place free."""


def silences(found: Sequence[Sending], as_of: datetime, moments: Moments) -> tuple[Silence, ...]:
    """Applications without a reply whose window closes soon or has closed.

    The open ones come first, the one that closes soonest on top; then the others, the last
    one that closed on top.
    """
    rows = []
    for one in found:
        if not one.sent or one.replies or one.state.failed:
            continue
        if one.sent_at is None or one.closes_at is None or one.closes_at > as_of + NEARLY:
            continue
        left = (one.closes_at - as_of) / HOUR
        row = Silence(
            application=one.application,
            test=one.test,
            target=one.target,
            tester=one.tester,
            sent_at=moments.local(one.sent_at).isoformat(),
            closes_at=moments.local(one.closes_at).isoformat(),
            hours_left=round(left, 2),
        )
        rows.append(((left <= 0, abs(left), one.application), row))
    return tuple(row for _, row in sorted(rows, key=lambda entry: entry[0]))


def undeclined(
    found: Sequence[Sending], design: Design, as_of: datetime, moments: Moments
) -> tuple[Undeclined, ...]:
    """Invitations that came a day ago or longer and were not declined, the oldest first.

    A reply that nobody coded counts by its suggested code, and says so.
    """
    inviting = invitations(design)
    rows = []
    for one in found:
        if one.state.declined_at:
            continue
        timed = [(moments.read(reply.replied_at), reply) for reply in one.replies]
        waiting = [
            (came, reply)
            for came, reply in timed
            if came is not None
            and came + DECLINE_WITHIN <= as_of
            and (reply.outcome or reply.suggested) in inviting
        ]
        if not waiting:
            continue
        came, reply = min(waiting, key=lambda entry: entry[0])
        row = Undeclined(
            application=one.application,
            test=one.test,
            target=one.target,
            tester=one.tester,
            replied_at=moments.local(came).isoformat(),
            outcome=reply.outcome or reply.suggested,
            confirmed=bool(reply.outcome),
            hours=round((as_of - came) / HOUR, 2),
        )
        rows.append((came, one.application, row))
    return tuple(row for *_, row in sorted(rows, key=lambda entry: entry[:2]))


def uncoded(found: Sequence[Sending]) -> tuple[Uncoded, ...]:
    """Replies without a code, the oldest first."""
    rows = [
        Uncoded(
            reply=reply.id,
            application=one.application,
            test=one.test,
            tester=one.tester,
            replied_at=reply.replied_at,
            channel=reply.channel,
            suggested=reply.suggested,
            disagreement=disagreeing(reply),
        )
        for one in found
        for reply in one.replies
        if not reply.outcome
    ]
    return tuple(sorted(rows, key=lambda row: (row.replied_at, row.reply)))


def disagreeing(reply: Reply) -> bool:
    """Whether coders gave a reply different codes."""
    return len({coding.outcome for coding in reply.codings}) > 1


def invitations(design: Design) -> frozenset[str]:
    """The codes that are invitations; in a scheme of the design's own, its strict positives."""
    known = INVITATIONS & set(design.outcome_codes())
    return known or design.positive().get("strict", design.positive()[design.primary_rule])
