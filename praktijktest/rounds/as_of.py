"""The moment that decides which silence is final, from what a person wrote."""

from datetime import datetime, time


def as_of_moment(text: str) -> datetime:
    """A date or time; a date stands for the end of that day.

    Raises:
        ValueError: it is not an ISO date or time.
    """
    found = datetime.fromisoformat(text)
    if len(text) <= len("2026-11-30"):
        return datetime.combine(found.date(), time.max)
    return found.replace(tzinfo=None)
