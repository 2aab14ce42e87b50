"""What a status says: plain data, without the arm of any single application.

Testers read a status, so lists of single tests name no profile and no arm. Times are ISO, on
the clocks of the round.
"""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from praktijktest.vocabulary import FORMAT


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one part of the round is.

    Attributes:
        by: "all", a stratum's column, "contrast", "tester" or "target".
        level: which one; "" for the whole round.
        tests: tests, planned or begun.
        tests_complete: tests of which every application was sent.
        planned: applications that are planned (or were sent without a plan).
        sent: applications sent.
        behind: applications that should have been sent by now, with an advert to apply for.
        waiting: applications that wait for an advert.
        answered: applications sent with a reply.
        open: applications without a reply whose window is open.
        silent: applications without a reply whose window has passed: `no-reply` by rule.
        failed: applications with a reason why their test failed.
    """

    by: str
    level: str
    tests: int
    tests_complete: int
    planned: int
    sent: int
    behind: int
    waiting: int
    answered: int
    open: int
    silent: int
    failed: int


@dataclass(frozen=True, slots=True)
class DueSend:
    """An application planned for today, or earlier and not sent."""

    application: str
    test: str
    target: str
    tester: str
    channel: str
    send_at: str
    sent: bool
    days_late: int


@dataclass(frozen=True, slots=True)
class Silence:
    """An application without a reply whose window is nearly or wholly over.

    `hours_left` is below 0 when it has passed.
    """

    application: str
    test: str
    target: str
    tester: str
    sent_at: str
    closes_at: str
    hours_left: float


@dataclass(frozen=True, slots=True)
class Undeclined:
    """An invitation that was not declined a day after it came.

    `confirmed` is False while the reply's code is only suggested.
    """

    application: str
    test: str
    target: str
    tester: str
    replied_at: str
    outcome: str
    confirmed: bool
    hours: float


@dataclass(frozen=True, slots=True)
class HalfSent:
    """A test of which one application was sent and another not.

    Attributes:
        missing: applications that were not sent.
        since: when the last of the others was sent, "" when unknown.
        hours: hours since then; None when unknown.
        too_late: the longest gap of the design has passed.
    """

    test: str
    target: str
    tester: str
    missing: tuple[str, ...]
    since: str
    hours: float | None
    too_late: bool


@dataclass(frozen=True, slots=True)
class OrderBroken:
    """A test that was sent in another order than planned."""

    test: str
    target: str
    tester: str
    planned: tuple[str, ...]
    sent: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GapBroken:
    """Two applications of a test with too little or too much time between them."""

    test: str
    target: str
    tester: str
    first: str
    second: str
    hours: float
    problem: Literal["too-short", "too-long"]


@dataclass(frozen=True, slots=True)
class CapNear:
    """A target that was written to about as often as the design allows.

    Attributes:
        last_30_days: applications sent in the 30 days until now.
        most_in_30_days: applications sent in the fullest 30 days so far.
        state: "broken" (more than the cap), "reached", or "near" (no room for one more test).
    """

    target: str
    last_30_days: int
    most_in_30_days: int
    cap: int
    state: Literal["broken", "reached", "near"]


@dataclass(frozen=True, slots=True)
class Week:
    """Applications sent in one week whose window has passed, and how many got a reply."""

    monday: str
    closed: int
    answered: int


@dataclass(frozen=True, slots=True)
class Drift:
    """Whether the share of applications with a reply changes over the weeks, all arms together.

    Attributes:
        weeks: by week of sending.
        used: weeks with enough applications to be compared.
        z: Cochran-Armitage trend, above 0 when the share rises; None without enough data.
        p_trend: its two-sided p-value.
        p_weeks: p-value of Pearson's test that all weeks have one share.
        verdict: "too-few", "steady", "falling", "rising" or "uneven".
    """

    weeks: tuple[Week, ...]
    used: int
    z: float | None
    p_trend: float | None
    p_weeks: float | None
    verdict: Literal["too-few", "steady", "falling", "rising", "uneven"]


@dataclass(frozen=True, slots=True)
class FailedReason:
    """How often one reason failed an application of each arm."""

    reason: str
    control: int
    test: int


@dataclass(frozen=True, slots=True)
class FailedByArm:
    """Failed applications of one contrast by arm, with an exact test for imbalance.

    Attributes:
        control, test: applications that failed.
        control_sent, test_sent: applications sent.
        only_control, only_test: tests in which only that applicant failed.
        p: exact two-sided p-value: the sign test on those tests, for unpaired tests Fisher's.
        whole_tests: tests that failed as a whole, without an application named.
        reasons: by reason.
    """

    contrast: str
    control: int
    control_sent: int
    test: int
    test_sent: int
    only_control: int
    only_test: int
    p: float
    whole_tests: int
    reasons: tuple[FailedReason, ...]


@dataclass(frozen=True, slots=True)
class Uncoded:
    """A reply that nobody coded yet, or whose coders disagree."""

    reply: str
    application: str
    test: str
    tester: str
    replied_at: str
    channel: str
    suggested: str
    disagreement: bool


@dataclass(frozen=True, slots=True)
class UnmatchedMail:
    """A message that belongs to no application yet."""

    message: str
    kind: str
    received_at: str
    sender: str
    reason: str


@dataclass(frozen=True, slots=True)
class Identical:
    """Replies of one target that say the same.

    Attributes:
        target: who wrote them.
        tests: tests they answer.
        applications: applications they answer.
        within_test: both applicants of one test got the same words.
        exact: letter by letter; else but for names, numbers and a word or two.
        words: how many words they have.
    """

    target: str
    tests: tuple[str, ...]
    applications: tuple[str, ...]
    within_test: bool
    exact: bool
    words: int


@dataclass(frozen=True, slots=True)
class NotedTopic:
    """How many notes were made on one topic, and when the last one was."""

    topic: str
    notes: int
    last: str


@dataclass(frozen=True, slots=True)
class StatusReport:
    """What a coordinator wants to see each morning.

    Attributes:
        round_id, title: which round.
        as_of: the moment it is about.
        sequence, head: last event of the ledger and its hash.
        progress: the whole round first, then its parts.
        today: applications planned for the day of `as_of`, and those behind, oldest first.
        silences: windows that are nearly or wholly over, the most urgent first.
        undeclined: invitations not declined after a day.
        half_sent: one applicant sent and another not.
        order_broken, gap_broken: tests not sent as designed.
        caps: targets near or over the cap.
        drift: share of replies over the weeks.
        failed: failed applications by arm.
        uncoded: replies without a code.
        unmatched: messages without an application.
        compared: replies whose words were at hand to be compared.
        identical: replies that say the same.
        noted: notes by topic.
        unreadable_times: times of sending or reply that cannot be read.
    """

    round_id: str
    title: str
    as_of: str
    sequence: int
    head: str
    progress: tuple[Progress, ...]
    today: tuple[DueSend, ...]
    silences: tuple[Silence, ...]
    undeclined: tuple[Undeclined, ...]
    half_sent: tuple[HalfSent, ...]
    order_broken: tuple[OrderBroken, ...]
    gap_broken: tuple[GapBroken, ...]
    caps: tuple[CapNear, ...]
    drift: Drift
    failed: tuple[FailedByArm, ...]
    uncoded: tuple[Uncoded, ...]
    unmatched: tuple[UnmatchedMail, ...]
    compared: int
    identical: tuple[Identical, ...]
    noted: tuple[NotedTopic, ...]
    unreadable_times: int

    def to_dict(self) -> dict[str, Any]:
        """The status as plain data."""
        return {"format": FORMAT, **asdict(self)}
