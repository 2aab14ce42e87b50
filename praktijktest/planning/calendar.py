"""The plan as a calendar file that every calendar program reads."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from praktijktest.planning.plan import PlannedApplication
from praktijktest.storage import sha256_of_text

MINUTES: Final = 10


def calendar_file(
    applications: Iterable[PlannedApplication],
    *,
    round_id: str,
    title: str,
    stamp: datetime,
    revision: int = 0,
) -> bytes:
    """Write applications as an iCalendar file (RFC 5545), always the same bytes.

    Args:
        applications: the rows, in the order of the file.
        round_id: id of the round: part of every event's UID.
        title: name of the calendar.
        stamp: the DTSTAMP of every event, from the plan and not from the clock.
        revision: how often the plan has been drawn on: the SEQUENCE, by which calendar
            programs know that an event was moved.

    Returns:
        The file. Times are in UTC, so that no time zone definition is needed.
    """
    from icalendar import Calendar, Event

    calendar = Calendar()
    calendar.add("prodid", "-//praktijktest//plan//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", title)
    for row in applications:
        event = Event()
        event.add("uid", f"{sha256_of_text(f'{round_id}|{row.application}')[:32]}@praktijktest")
        event.add("dtstamp", stamp.astimezone(UTC))
        event.add("dtstart", row.send_at.astimezone(UTC))
        event.add("duration", timedelta(minutes=MINUTES))
        event.add("sequence", revision)
        event.add("summary", f"{row.application}: {row.name or row.profile} → {row.target}")
        event.add("description", _description(row))
        if row.link:
            event.add("url", row.link)
        if row.tester:
            event.add("categories", [row.tester])
        calendar.add_component(event)
    return bytes(calendar.to_ical(sorted=True))


def _description(row: PlannedApplication) -> str:
    lines = (
        ("profile", row.profile),
        ("template", row.template),
        ("channel", row.channel),
        ("mailbox", row.mailbox),
        ("advert", row.advert),
        ("contact", row.contact),
    )
    return "\n".join(f"{name}: {value}" for name, value in lines if value)
