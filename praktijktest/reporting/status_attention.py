"""What of a status needs attention, as sentences; nothing where all goes as planned."""

from collections.abc import Iterator

from praktijktest.fieldwork.status_report import StatusReport
from praktijktest.language import Message, message

IMBALANCE = 0.05
WATCHED_TOPICS = ("complaint", "detected")


def attention(status: StatusReport) -> tuple[Message, ...]:
    """The sentences, those that can be acted on today first.

    Args:
        status: the status.
    """
    counts = {
        "behind": status.progress[0].behind,
        "half_sent": len(status.half_sent),
        "too_late": sum(row.too_late for row in status.half_sent),
        "undeclined": len(status.undeclined),
        "nearly": sum(row.hours_left > 0 for row in status.silences),
        "uncoded": len(status.uncoded),
        "unmatched": len(status.unmatched),
        "order": len(status.order_broken),
        "gap": len(status.gap_broken),
        "cap_broken": sum(row.state == "broken" for row in status.caps),
        "cap_near": sum(row.state != "broken" for row in status.caps),
        "identical": sum(row.within_test for row in status.identical),
        "detected": sum(row.notes for row in status.noted if row.topic in WATCHED_TOPICS),
        "unreadable": status.unreadable_times,
    }
    found = [message(f"status.attention.{k}", count=n) for k, n in counts.items() if n]
    return (*found, *_suspicions(status))


def _suspicions(status: StatusReport) -> Iterator[Message]:
    if status.drift.verdict in ("falling", "rising", "uneven"):
        yield message("status.attention.drift")
    for row in status.failed:
        if row.p <= IMBALANCE:
            yield message("status.attention.failed", contrast=row.contrast, p=row.p)
