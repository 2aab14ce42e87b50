"""Rounds made event by event, for the tests of status and coding."""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from praktijktest.design import Design, parse_design
from praktijktest.fieldwork.events import NO_HASH, Event
from praktijktest.fieldwork.state import RoundState, state_of

DESIGN = """
format = 1
[round]
id = "gent"
title = "A round"
market = "housing"
place = "Gent"
jurisdiction = "be-vlg"
start = 2026-09-01
end = 2027-06-30
language = "nl"
[test]
kind = "{kind}"
order = "{order}"
gap_hours = [3, 8]
response_days = 14
[[profile]]
id = "fl"
attributes = {{ origin = "flemish" }}
names = ["Wouter Claes", "Bram Maes"]
[[profile]]
id = "mo"
attributes = {{ origin = "moroccan" }}
names = ["Rachid El Amrani", "Youssef Benali"]
[[contrast]]
id = "origin"
attribute = "origin"
ground = "origin"
control = "flemish"
test = "moroccan"
[outcomes]
scheme = "housing"
[sampling]
strata = ["agent_type"]
max_applications_per_target_per_30_days = 6
"""
START = datetime.fromisoformat("2026-09-07T09:00:00+02:00")
NAMES = {"fl": "Wouter Claes", "mo": "Rachid El Amrani"}


def design(kind: str = "paired", order: str = "random") -> Design:
    """The design of the rounds made here."""
    return parse_design(DESIGN.format(kind=kind, order=order))


def event(kind: str, application: str = "", happened_at: str = "", /, **values: str) -> Event:
    """One event; its place in the chain does not matter to a state."""
    return Event(
        sequence=1,
        kind=kind,
        test=application.rpartition("-")[0],
        application=application,
        happened_at=happened_at,
        source="",
        source_sha256="",
        source_row=None,
        values=values,
        who="P-who",
        recorded_at="",
        previous=NO_HASH,
        hash=NO_HASH,
    )


def after(hours: float = 0, days: float = 0) -> str:
    """A moment so long after the start of the rounds."""
    return (START + timedelta(hours=hours, days=days)).isoformat()


def digest(words: str) -> str:
    """The hash of a document."""
    return sha256(words.encode()).hexdigest()


class Round:
    """A round in the making."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.words: dict[str, str] = {}

    def plan(self, test: str, *, day: float = 0, first: str = "fl", **fields: str) -> "Round":
        """Plan a test of two applications, four hours apart."""
        second = "mo" if first == "fl" else "fl"
        for position, profile in enumerate((first, second), start=1):
            values = {
                "target": "T-a",
                "contrast": "origin",
                "profile": profile,
                "position": str(position),
                "channel": "mail",
                "agent_type": "agent",
                "tester": "P-an",
                "advert": f"A-{test}",
                "name": NAMES[profile],
                "send_at": after(days=day, hours=4 * (position - 1)),
                **fields,
            }
            present = {name: text for name, text in values.items() if text}
            self.events.append(event("planned", f"{test}-{position}", **present))
        return self

    def sent(self, application: str, *, hours: float = 0, day: float = 0) -> "Round":
        """Send an application."""
        at = after(hours, day)
        self.events.append(event("sent", application, at, sent_at=at))
        return self

    def pair(self, test: str, *, day: float = 0, **fields: str) -> "Round":
        """Plan a test and send both applications as planned."""
        self.plan(test, day=day, **fields)
        return self.sent(f"{test}-1", day=day).sent(f"{test}-2", day=day, hours=4)

    def reply(
        self, application: str, *, hours: float = 24, day: float = 0, text: str = "", **values: str
    ) -> "Round":
        """A reply to an application."""
        at = after(hours, day)
        ordinal = sum(one.kind == "reply" for one in self.events)
        values = {"reply": f"r{ordinal:04d}", "replied_at": at, "channel": "mail", **values}
        if text:
            values["words"] = digest(text)
            self.words[digest(text)] = text
        self.events.append(event("reply", application, at, **values))
        return self

    def add(self, kind: str, application: str = "", at: str = "", /, **values: Any) -> "Round":
        """Any other event."""
        self.events.append(event(kind, application, at, **values))
        return self

    def state(self) -> RoundState:
        """What it has come to."""
        return state_of(self.events)
