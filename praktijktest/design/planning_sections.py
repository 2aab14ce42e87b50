"""What a design declares for planning: the draw from the frame, the assignment, the schedule."""

import re
from datetime import time
from typing import Annotated, Final, NamedTuple

from pydantic import BeforeValidator, model_validator

from praktijktest.design.sections import Section
from praktijktest.design.values import (
    Day,
    Filled,
    Names,
    SomeNames,
    Text,
    Whole,
    at_least,
    one_of,
    refused,
    some_of,
)

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALLOCATIONS: Final = ("census", "proportional", "equal", "quota")
UNITS: Final = ("target", "advert")
HOLIDAY_REGIONS: Final = ("be", "nl", "none")
_TIME_WINDOW = re.compile(r"\s*(\d{1,2})[:.](\d{2})\s*-\s*(\d{1,2})[:.](\d{2})\s*")


class TimeWindow(NamedTuple):
    """A stretch of the day in which applications are sent; both ends belong to it."""

    start: time
    end: time


def _time_window(value: object) -> TimeWindow:
    if isinstance(value, TimeWindow):
        return value
    found = _TIME_WINDOW.fullmatch(value) if isinstance(value, str) else None
    hint = 'write it as "08:30-18:30"'
    if found is None:
        raise refused("is not a stretch of the day", hint)
    start_hour, start_minute, end_hour, end_minute = (int(part) for part in found.groups())
    if max(start_hour, end_hour) > 23 or max(start_minute, end_minute) > 59:
        raise refused("is a time that does not exist", hint)
    window = TimeWindow(time(start_hour, start_minute), time(end_hour, end_minute))
    if window.end <= window.start:
        raise refused("ends before it starts", hint)
    return window


def _time_windows(value: object) -> tuple[TimeWindow, ...]:
    windows = tuple(_time_window(part) for part in value) if isinstance(value, list | tuple) else ()
    if not windows:
        raise refused("must be a list of stretches of the day", 'for example ["08:30-18:30"]')
    return windows


TimeWindows = Annotated[tuple[TimeWindow, ...], BeforeValidator(_time_windows)]
"""The stretches of the day in which applications are sent, at least one."""


class Quota(Section):
    """`[[sampling.quota]]`: how many units are drawn where the strata have these values."""

    where: dict[str, Text]
    size: Annotated[Whole, at_least(0)]


class Sampling(Section):
    """`[sampling]`: who is tested, how often, and how they are drawn from the frame.

    Attributes:
        strata: columns of the frame that are strata.
        tests_per_target: tests of every target per contrast (of a set or a call: tests).
        max_applications_per_target_per_30_days: over all contrasts.
        unit: what is drawn and what size and quotas count: target or advert.
        allocation: everything in the frame (census), or a sample of `size` in proportion
            to the strata, equal over the strata, or by quotas.
        size: how many units are drawn, for proportional and equal allocation.
        quota: how many units are drawn where.
        exclude: file with targets to leave alone, beside the design; column `target`.
    """

    strata: Names = ()
    tests_per_target: Annotated[Whole, at_least(1)] | None = None
    max_applications_per_target_per_30_days: Annotated[Whole, at_least(1)] | None = None
    unit: Annotated[str, one_of(UNITS)] = "target"
    allocation: Annotated[str, one_of(ALLOCATIONS)] = "census"
    size: Annotated[Whole, at_least(1)] | None = None
    quota: tuple[Quota, ...] = ()
    exclude: Filled | None = None

    @model_validator(mode="before")
    @classmethod
    def _allocation_follows(cls, values: object) -> object:
        """Quotas mean allocation by quota, a size proportional allocation, when not said."""
        if isinstance(values, dict) and "allocation" not in values:
            if "quota" in values:
                return {**values, "allocation": "quota"}
            if "size" in values:
                return {**values, "allocation": "proportional"}
        return values

    @model_validator(mode="after")
    def _allocation_agrees(self) -> "Sampling":
        sized = self.allocation in ("proportional", "equal")
        if sized and self.size is None:
            raise refused(f"allocation {self.allocation!r} needs a size", "add size = 80")
        if not sized and self.size is not None:
            raise refused(
                f"has a size, which allocation {self.allocation!r} does not use",
                'set allocation = "proportional" or "equal", or leave size out',
            )
        if self.allocation == "quota" and not self.quota:
            raise refused(
                "allocation 'quota' needs quotas",
                "add tables [[sampling.quota]] with `where` and `size`",
            )
        if self.allocation != "quota" and self.quota:
            raise refused("has quotas that are not used", 'set allocation = "quota"')
        unknown = sorted({name for quota in self.quota for name in quota.where} - {*self.strata})
        if unknown:
            raise refused(
                f"has a quota for {unknown[0]!r}, which is not a stratum",
                "add it to sampling.strata",
            )
        return self


class Assignment(Section):
    """`[assignment]`: what is dealt out over the tests.

    Attributes:
        seed: what the whole allocation follows from; `--seed` goes before it.
        applicants: kind "set" only: the profiles of every test, each as often as it applies
            (two white and two black applicants are four entries); default: every profile.
        templates: ids of the letter templates; default: those of the round's letters.
        channel: how applications are made: mail, form, phone …
        testers: who sends; tests are spread over them.
        mailboxes: mailboxes that identities write from; default: every identity its own.
    """

    seed: Annotated[Whole, at_least(0)] | None = None
    applicants: tuple[Filled, ...] = ()
    templates: Names = ()
    channel: Filled | None = None
    testers: Names = ()
    mailboxes: Names = ()


class Schedule(Section):
    """`[schedule]`: when applications are sent.

    Attributes:
        working_days: days of the week on which applications are sent.
        windows: stretches of the day.
        holidays: whose public holidays are free: be, nl or none; default: the round's
            jurisdiction.
        closed: further days without sending.
        advert_days: how many days an advert stays usable after it was found; without it
            adverts last until the end of the round.
    """

    working_days: Annotated[SomeNames, some_of(WEEKDAYS)] = WEEKDAYS[:5]
    windows: TimeWindows = (TimeWindow(time(8, 30), time(18, 30)),)
    holidays: Annotated[str, one_of(HOLIDAY_REGIONS)] | None = None
    closed: tuple[Day, ...] = ()
    advert_days: Annotated[Whole, at_least(1)] | None = None
