"""How soon applicants heard: who was answered first, waiting within the window, late invitations.

A reply after the window, an automatic receipt and silence are all a wait that had not ended
when the window closed.
"""

from typing import Any

import numpy as np

from praktijktest.analysis.coding import Coded
from praktijktest.analysis.encoding import BoolArray
from praktijktest.analysis.pairing import FloatArray
from praktijktest.analysis.within_tests import Couples, mean_over_tests
from praktijktest.statistics.waiting import WaitingCurve, waiting_curve, waits_within
from praktijktest.vocabulary import NO_REPLY

SILENCE = ("", NO_REPLY, "auto-reply")
"""Codes that are no answer of a person."""

MOMENTS = 80
"""Points of a curve that a figure and a file need at most."""

MICROSECONDS = 86_400e6
A_DAY = 1.0


def reply_times(
    coded: Coded, couples: Couples, invited: BoolArray, window: int | None, confidence: float
) -> tuple[dict[str, Any] | None, dict[str, Any] | None, str | None]:
    """Times to the reply, and the delay of invitations where both were invited.

    Args:
        coded: the coded applications.
        couples: the units with one applicant per group.
        invited: per unit, whether both got a positive reply.
        window: length of the response window in days.
        confidence: of the intervals.

    Returns:
        Both parts, or None twice and the reason: "no-times" or "no-window".
    """
    if coded.sent_at is None or coded.replied_at is None:
        return None, None, "no-times"
    if window is None:
        return None, None, "no-window"
    waits, replied, known = _waits(coded, float(window))
    usable = known[couples.control] & known[couples.treated]
    if not usable.any():
        return None, None, "no-times"
    used = couples.chosen(usable)
    control, treated = waits[used.control], waits[used.treated]
    first = used.compared(control < treated, treated < control, "net_answered_first", confidence)
    silent = ~replied[used.control] & ~replied[used.treated]
    difference, test = mean_over_tests(
        treated - control, used.cluster, "waiting_difference", confidence
    )
    curves = {
        arm: waiting_curve(waits[rows], replied[rows])
        for arm, rows in (("control", used.control), ("test", used.treated))
    }
    times = {
        "window": window,
        "n": len(used.control),
        "left_out": used.left_out,
        "first": first.to_dict(),
        "both_silent": int(silent.sum()),
        "arms": {
            "control": _arm(waits, replied, used.control, window, curves["control"]),
            "test": _arm(waits, replied, used.treated, window, curves["test"]),
        },
        "difference": difference.to_dict(),
        "p": test.p,
    }
    both = invited[usable] & replied[used.control] & replied[used.treated]
    return times, _delay(waits, used.chosen(both), confidence), None


def _waits(coded: Coded, window: float) -> tuple[FloatArray, BoolArray, BoolArray]:
    """Days until the reply or until the window closed, whether replied, and whether known."""
    assert coded.sent_at is not None
    assert coded.replied_at is not None
    outcome = coded.outcome
    silence = np.array([value in SILENCE for value in outcome.values], dtype=bool)[outcome.codes]
    replied = ~silence & ~coded.late
    gone = (coded.replied_at - coded.sent_at).astype("timedelta64[us]")
    timed = ~np.isnat(gone)
    days = np.where(timed, gone.astype(np.int64), 0) / MICROSECONDS
    known = ~np.isnat(coded.sent_at) & (~replied | (timed & (days >= 0)))
    waits = np.where(replied & known, np.minimum(days, window), window)
    return waits, replied, known


def _arm(
    waits: FloatArray, replied: BoolArray, rows: Any, window: int, curve: WaitingCurve
) -> dict[str, Any]:
    within = np.sort(waits_within(waits[rows], replied[rows], float(window)))
    shown = np.unique(np.linspace(0, len(curve.times) - 1, MOMENTS).round().astype(np.int64))
    shown = shown if len(curve.times) else shown[:0]
    return {
        "replied": int(replied[rows].sum()),
        "n": len(rows),
        "median": curve.median,
        "mean_within_window": float(within.mean()) if len(within) else None,
        "curve": {
            "days": [0.0, *curve.times[shown].round(6).tolist()],
            "waiting": [1.0, *curve.waiting[shown].round(6).tolist()],
        },
    }


def _delay(waits: FloatArray, couples: Couples, confidence: float) -> dict[str, Any] | None:
    """How much later the test applicant was invited than the control, where both were."""
    if not len(couples.control):
        return None
    gap = waits[couples.treated] - waits[couples.control]
    earlier = couples.compared(gap > 0, gap < 0, "net_invited_first", confidence)
    a_day = couples.compared(gap >= A_DAY, gap <= -A_DAY, "net_invited_a_day_earlier", confidence)
    mean, test = mean_over_tests(gap, couples.cluster, "invitation_delay", confidence)
    return {
        "n": len(gap),
        "first": earlier.to_dict(),
        "a_day": a_day.to_dict(),
        "median": float(np.median(gap)),
        "difference": mean.to_dict(),
        "p": test.p,
    }
