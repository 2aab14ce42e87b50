"""What may go wrong slowly: the share of replies drifts, one arm fails more often."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

from praktijktest.design import Comparison, Design
from praktijktest.fieldwork.status_facts import Moments, Sending, arms
from praktijktest.fieldwork.status_report import Drift, FailedByArm, FailedReason, Week
from praktijktest.statistics.contingency import fisher_exact, homogeneity, trend
from praktijktest.statistics.mcnemar import mcnemar_exact
from praktijktest.vocabulary import NO_REPLY

FEWEST_WEEKS: Final = 3
FEWEST_PER_WEEK: Final = 20
"""Weeks with fewer applications are shown and not compared."""
ALPHA: Final = 0.01
"""A status is looked at every morning: at 0.05 every round would drift some day."""
NOT_ANSWERED: Final = (NO_REPLY, "auto-reply")


def drift(found: Sequence[Sending], as_of: datetime, moments: Moments) -> Drift:
    """The share of applications with a reply by week of sending, windows that closed only.

    All arms together: what the round is to find out cannot be read from it.
    """
    closed: Counter[str] = Counter()
    answered: Counter[str] = Counter()
    for one in found:
        if one.sent_at is None or one.state.failed or not one.closed(as_of):
            continue
        day = moments.local(one.sent_at).date()
        monday = (day - timedelta(days=day.weekday())).isoformat()
        closed[monday] += 1
        answered[monday] += _answered(one, moments)
    weeks = tuple(Week(monday, closed[monday], answered[monday]) for monday in sorted(closed))
    used = [week for week in weeks if week.closed >= FEWEST_PER_WEEK]
    if len(used) < FEWEST_WEEKS:
        return Drift(weeks, len(used), None, None, None, "too-few")
    positive, total = [week.answered for week in used], [week.closed for week in used]
    z, p_trend = trend(positive, total, [_ordinal(week.monday) for week in used])
    _, p_weeks = homogeneity(positive, total)
    return Drift(weeks, len(used), z, p_trend, p_weeks, _verdict(z, p_trend, p_weeks))


def failed_by_arm(
    tests: Mapping[str, Sequence[Sending]], design: Design
) -> tuple[FailedByArm, ...]:
    """Failed applications of every contrast, by arm."""
    comparisons = design.comparisons()
    members: dict[str, dict[str, list[tuple[str, Sending]]]] = {c.id: {} for c in comparisons}
    for test, own in tests.items():
        for one in own:
            for comparison, arm in arms(one, comparisons, design).items():
                members[comparison].setdefault(test, []).append((arm, one))
    return tuple(_failed(c, members[c.id], design.kind) for c in comparisons)


def _failed(
    comparison: Comparison, tests: Mapping[str, Sequence[tuple[str, Sending]]], kind: str
) -> FailedByArm:
    failed, sent = Counter[str](), Counter[str]()
    reasons: dict[str, Counter[str]] = {}
    only = Counter[str]()
    whole = 0
    for own in tests.values():
        with_reason = [(arm, one.state.failed) for arm, one in own if one.state.failed]
        sent.update(arm for arm, one in own if one.sent or one.state.failed)
        whole += len({arm for arm, _ in with_reason}) > 1
        for arm, reason in with_reason:
            failed[arm] += 1
            reasons.setdefault(reason, Counter())[arm] += 1
        if len({arm for arm, _ in with_reason}) == 1:
            only[with_reason[0][0]] += 1
    if kind == "single":
        counts = [failed["control"], failed["test"]]
        p = fisher_exact(counts, [sent["control"], sent["test"]])
    else:
        p = float(mcnemar_exact(only["control"], only["test"]))
    return FailedByArm(
        contrast=comparison.id,
        control=failed["control"],
        control_sent=sent["control"],
        test=failed["test"],
        test_sent=sent["test"],
        only_control=only["control"],
        only_test=only["test"],
        p=p,
        whole_tests=whole,
        reasons=tuple(
            FailedReason(reason, reasons[reason]["control"], reasons[reason]["test"])
            for reason in sorted(reasons)
        ),
    )


def _answered(one: Sending, moments: Moments) -> bool:
    """Whether a person replied within the window; a reply of unknown time is taken as such."""
    for reply in one.replies:
        came = moments.read(reply.replied_at)
        in_time = came is None or one.closes_at is None or came <= one.closes_at
        if in_time and reply.outcome not in NOT_ANSWERED:
            return True
    return False


def _ordinal(monday: str) -> int:
    return datetime.fromisoformat(monday).toordinal() // 7


def _verdict(
    z: float, p_trend: float, p_weeks: float
) -> Literal["steady", "falling", "rising", "uneven"]:
    if p_trend <= ALPHA:
        return "falling" if z < 0 else "rising"
    return "uneven" if p_weeks <= ALPHA else "steady"
