"""The plan of a round: one row per application that somebody will send."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from praktijktest.problems import Problem

Arm = Literal["control", "test", ""]


@dataclass(frozen=True, slots=True)
class PlannedApplication:
    """One application (or one mystery call) of a plan.

    Attributes:
        application: unique id of the application, e.g. "t0001-1" (test and position).
        test: id of the test; the applications of one test are compared with each other.
        contrast: id of the comparison the test is for ("origin", "origin:turkish"), of the
            call in a mystery round; several ids joined by "+" where one test serves several.
        target: id of who is tested.
        target_group: firm or chain of the target, "" where the frame has none.
        slot: place of the test among the target's tests, from 1: adverts fill slots in this
            order.
        advert: reference of the advert, "" while the slot still waits for one.
        link: where the advert stands, "" where unknown.
        contact: mail address or telephone number to approach, "" where unknown.
        profile: id of the applicant's profile; of the call in a mystery round.
        arm: "control" or "test" within the contrast; "" for an applicant of a set that is in
            neither arm, and for mystery calls.
        level: the applicant's value on the contrast's attribute; "" where there is none.
        position: place in the order of sending within the test, from 1.
        name: the applicant's name; the identity that writes.
        mailbox: mailbox the identity writes from, "" when every identity has its own.
        template: id of the letter template (script of the call).
        channel: how the application is made: mail, form, phone.
        tester: who sends it, "" when the design names no testers.
        send_at: planned moment of sending, with the offset of the round's place.
        strata: stratum -> value, and further columns that the analysis will ask for.
    """

    application: str
    test: str
    contrast: str
    target: str
    target_group: str
    slot: int
    advert: str
    link: str
    contact: str
    profile: str
    arm: Arm
    level: str
    position: int
    name: str
    mailbox: str
    template: str
    channel: str
    tester: str
    send_at: datetime
    strata: dict[str, str] = field(hash=False)

    def to_dict(self) -> dict[str, Any]:
        """The row of plan.csv, in its order of columns."""
        return {
            "application": self.application,
            "test": self.test,
            "contrast": self.contrast,
            "target": self.target,
            "target_group": self.target_group,
            "slot": self.slot,
            "profile": self.profile,
            "position": self.position,
            "template": self.template,
            "channel": self.channel,
            **self.strata,
            "send_at": self.send_at.isoformat(),
            "name": self.name,
            "mailbox": self.mailbox,
            "tester": self.tester,
            "advert": self.advert,
            "link": self.link,
            "contact": self.contact,
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole plan; the same design, frame and seed always give an equal one.

    Attributes:
        round_id: id of the round.
        kind: kind of test: paired, set, single or mystery.
        seed: what the whole allocation follows from.
        strata: names of the strata within which the plan is balanced.
        applications: the rows, sorted by moment of sending, test and position.
        warnings: what a person should know and nothing stops on.
    """

    round_id: str
    kind: str
    seed: int
    strata: tuple[str, ...]
    applications: tuple[PlannedApplication, ...]
    warnings: tuple[Problem, ...] = ()

    @property
    def tests(self) -> int:
        """How many tests are planned."""
        return len({row.test for row in self.applications})

    @property
    def targets(self) -> int:
        """How many targets are approached."""
        return len({row.target for row in self.applications})

    @property
    def open_tests(self) -> int:
        """How many tests still wait for an advert; calls need none."""
        if self.kind == "mystery":
            return 0
        return len({row.test for row in self.applications if not row.advert})
