"""What a status needs to know of every application: its times, its window, its arm."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from praktijktest.design import Comparison, Design
from praktijktest.design.sections import WHOLE_PROFILE
from praktijktest.fieldwork.state import ApplicationState, Reply

ADVERTLESS_CHANNELS: Final = ("phone", "visit")


@dataclass(frozen=True, slots=True)
class Moments:
    """Reads times as the round means them: without an offset they are local.

    Attributes:
        zone: time zone of the round.
    """

    zone: ZoneInfo

    def read(self, text: str) -> datetime | None:
        """A time of the ledger as UTC; None where there is none or it cannot be read."""
        return _read(text, self.zone) if text else None

    def local(self, moment: datetime) -> datetime:
        """A moment on the clocks of the round."""
        return moment.astimezone(self.zone)

    def shown(self, moment: datetime | None) -> str:
        """A moment as people read it, local and to the minute."""
        return "" if moment is None else f"{self.local(moment):%Y-%m-%d %H:%M}"


@dataclass(frozen=True, slots=True)
class Sending:
    """One application, sent or still to be sent.

    Attributes:
        state: what the ledger knows of it.
        replies: its replies, with the codes of the scheme.
        target, contrast, tester: of the plan or the log, "" where unknown.
        position: planned place within its test; None where there is none.
        planned_at: planned moment of sending.
        sent_at: moment of sending, None where it was not sent or the time is unknown.
        closes_at: when silence becomes `no-reply`; None without a window.
        replied_at: first reply, None where there is none or its time is unknown.
        has_advert: whether there is something to apply for.
    """

    state: ApplicationState
    replies: tuple[Reply, ...]
    target: str
    contrast: str
    tester: str
    position: int | None
    planned_at: datetime | None
    sent_at: datetime | None
    closes_at: datetime | None
    replied_at: datetime | None
    has_advert: bool

    @property
    def application(self) -> str:
        """Id of the application."""
        return self.state.application

    @property
    def test(self) -> str:
        """Id of its test."""
        return self.state.test

    @property
    def sent(self) -> bool:
        """Whether it was sent."""
        return self.state.sent

    @property
    def expected(self) -> bool:
        """Whether the plan still has it, or it was sent anyway."""
        return self.sent or (self.state.planned and not self.state.withdrawn)

    def closed(self, as_of: datetime) -> bool:
        """Whether silence is final: its window has passed, or it has none."""
        return self.closes_at is None or self.closes_at <= as_of


def zone_of(design: Design) -> ZoneInfo:
    """Time zone of a round, by where it takes place."""
    dutch = design.round.jurisdiction == "nl"
    return ZoneInfo("Europe/Amsterdam" if dutch else "Europe/Brussels")


def sendings(
    applications: Iterable[ApplicationState], design: Design, moments: Moments
) -> list[Sending]:
    """The applications that count: planned ones, and those sent without a plan."""
    days = design.test.response_days if design.test else None
    window = None if days is None else timedelta(days=days)
    recode = design.columns.values.get("outcome", {})
    found = (_sending(state, moments, window, recode) for state in applications)
    return [sending for sending in found if sending.expected]


def by_test(found: Iterable[Sending]) -> dict[str, list[Sending]]:
    """The applications of every test, in planned order where there is one."""
    tests: dict[str, list[Sending]] = {}
    for sending in found:
        tests.setdefault(sending.test, []).append(sending)
    for own in tests.values():
        own.sort(key=lambda one: (one.position is None, one.position or 0, one.application))
    return tests


def arms(sending: Sending, comparisons: Iterable[Comparison], design: Design) -> dict[str, str]:
    """Comparison -> arm, "control" or "test", for the comparisons that an application is in."""
    found = {}
    contrasts = sending.contrast.split("+") if sending.contrast else None
    for comparison in comparisons:
        if contrasts is not None and comparison.id not in contrasts:
            continue
        level = _level(sending.state.fields, comparison.attribute, design)
        if level == comparison.control:
            found[comparison.id] = "control"
        elif level in comparison.tests:
            found[comparison.id] = "test"
    return found


def _sending(
    state: ApplicationState,
    moments: Moments,
    window: timedelta | None,
    recode: Mapping[str, str],
) -> Sending:
    fields = state.fields
    sent_at = moments.read(fields.get("sent_at", "")) if state.sent else None
    replied = [moments.read(reply.replied_at) for reply in state.replies]
    position = fields.get("position", "")
    return Sending(
        state=state,
        replies=tuple(_recoded(reply, recode) for reply in state.replies),
        target=fields.get("target", ""),
        contrast=fields.get("contrast", ""),
        tester=fields.get("tester", ""),
        position=int(position) if position.isdecimal() else None,
        planned_at=moments.read(fields.get("send_at", "")),
        sent_at=sent_at,
        closes_at=None if window is None or sent_at is None else sent_at + window,
        replied_at=min((moment for moment in replied if moment is not None), default=None),
        has_advert=bool(fields.get("advert")) or fields.get("channel") in ADVERTLESS_CHANNELS,
    )


def _recoded(reply: Reply, recode: Mapping[str, str]) -> Reply:
    if reply.outcome not in recode:
        return reply
    return replace(reply, outcome=recode[reply.outcome])


def _level(fields: Mapping[str, str], attribute: str, design: Design) -> str:
    """An application's value on an attribute, recoded as the design says."""
    recode = design.columns.values
    profile = fields.get("profile", "")
    profile = recode.get("profile", {}).get(profile, profile)
    if attribute == WHOLE_PROFILE:
        return profile
    own = fields.get(attribute)
    if own is not None:
        return recode.get(attribute, {}).get(own, own)
    declared = next((one for one in design.profiles if one.id == profile), None)
    return "" if declared is None else declared.attributes.get(attribute, "")


@lru_cache(maxsize=65536)
def _read(text: str, zone: ZoneInfo) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        # Rarely needed, and it loads pandas.
        from praktijktest.tables import parse_times

        times = parse_times([text])
        if times.bad[0]:
            return None
        moment = times.values[0].astype("datetime64[us]").astype(object)
        if times.utc:
            moment = moment.replace(tzinfo=UTC)
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)).astimezone(UTC)
