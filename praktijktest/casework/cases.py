"""Flagged cases as data: an agent, a contrast, the statistics, and the tests behind them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from praktijktest.casework.referral import Referral, competent
from praktijktest.design.nearest import nearest
from praktijktest.problems import UsageError, shown
from praktijktest.statistics.intervals import tango

Entry = Mapping[str, Any]

CONFIRMED: Final = "confirmed"
UNCONFIRMED: Final = "signal"
"""The state of a signal that no second phase has confirmed."""

USED, FAILED, PENDING, OTHER = "used", "test-failed", "pending", "not-comparable"


@dataclass(frozen=True, slots=True)
class CaseReply:
    """One reply of the agent.

    Attributes:
        replied_at, channel, outcome, evidence: as in the ledger.
        words: what was said or written; None where it is not shown.
        words_sha256: hash of the document, by which the ledger names it.
        erased: the document is not in the identity store any more.
    """

    replied_at: str
    channel: str
    outcome: str
    evidence: str
    words: str | None = None
    words_sha256: str = ""
    erased: bool = False

    def to_dict(self) -> dict[str, Any]:
        """The reply as plain data."""
        return {
            "replied_at": self.replied_at or None,
            "channel": self.channel or None,
            "outcome": self.outcome or None,
            "evidence": self.evidence or None,
            "words": self.words,
            "words_sha256": self.words_sha256 or None,
            "words_erased": self.erased,
        }


@dataclass(frozen=True, slots=True)
class CaseApplication:
    """One application of a test of a case.

    Attributes:
        application: its id; "" in a report folder.
        arm: control or test.
        profile, name: who applied; the name is made up.
        sent_at, template, channel, tester: as in the ledger; the tester is a pseudonym.
        outcome: the code that counts; "" where nobody replied.
        replies: in the order of their times.
        failed: reason code, "" where nothing failed.
        event, event_hash: the ledger's event of the sending.
    """

    application: str
    arm: str
    profile: str
    name: str = ""
    sent_at: str = ""
    template: str = ""
    channel: str = ""
    tester: str = ""
    outcome: str = ""
    replies: tuple[CaseReply, ...] = ()
    failed: str = ""
    event: int | None = None
    event_hash: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The application as plain data."""
        return {
            "application": self.application or None,
            "arm": self.arm,
            "profile": self.profile,
            "name": self.name or None,
            "sent_at": self.sent_at or None,
            "template": self.template or None,
            "channel": self.channel or None,
            "tester": self.tester or None,
            "outcome": self.outcome or None,
            "replies": [reply.to_dict() for reply in self.replies],
            "failed": self.failed or None,
            "event": self.event,
            "event_hash": self.event_hash or None,
        }


@dataclass(frozen=True, slots=True)
class CaseTest:
    """One test of a case, its applications side by side.

    Attributes:
        test: its id.
        phase: screen or confirm.
        status: used, test-failed, pending or not-comparable.
        cell: both, only_control, only_test or neither; "" where the test does not count.
        advert: pseudonym of the advert; its reference and link where names may be shown.
        link: link of the advert, "" where it is not shown.
        applications: control before test.
    """

    test: str
    phase: str
    status: str
    cell: str = ""
    advert: str = ""
    link: str = ""
    applications: tuple[CaseApplication, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The test as plain data."""
        return {
            "test": self.test,
            "phase": self.phase,
            "status": self.status,
            "cell": self.cell or None,
            "advert": self.advert or None,
            "link": self.link or None,
            "applications": [one.to_dict() for one in self.applications],
        }


@dataclass(frozen=True, slots=True)
class Person:
    """Who an agent is.

    Attributes:
        identity: its id in the frame.
        details: name, contact and whatever else the frame has.
        erased: the identity store knows it no more.
    """

    identity: str = ""
    details: Mapping[str, str] | None = None
    erased: bool = False

    @property
    def name(self) -> str:
        """Its name, else its id in the frame."""
        return (self.details or {}).get("name", "") or self.identity


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One step that was taken in a case.

    Attributes:
        step: what was done: opened, talk, reply …
        on: day, ISO.
        body: whom it was referred to.
        reason: why, without names.
        words: what was said; None where it is not shown.
    """

    step: str
    on: str
    body: str = ""
    reason: str = ""
    words: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The step as plain data."""
        return {name: getattr(self, name) or None for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One event of the ledger that concerns a case: an action and its moment.

    Attributes:
        sequence, kind, test, application, happened_at, recorded_at, who, hash: as in the ledger.
        said: what the event says that is no free text and no document.
    """

    sequence: int
    kind: str
    test: str
    application: str
    happened_at: str
    recorded_at: str
    who: str
    hash: str
    said: Mapping[str, str]

    def to_dict(self) -> dict[str, Any]:
        """The entry as plain data."""
        return {name: getattr(self, name) for name in self.__slots__ if name != "said"} | {
            "said": dict(self.said)
        }


@dataclass(frozen=True, slots=True)
class Case:
    """One agent on one contrast.

    Attributes:
        id: name of the case, which names its files.
        agent: pseudonym as in the report.
        reference: the ledger's pseudonym, which stays the same; "" from a report folder.
        row: the agent's row of the analysis document.
        contrast: the contrast's whole-round entry of the document.
        retest: the second phase's row; None without fresh tests.
        net_rate: net rate over all tests with its interval; None where cells are missing.
        bodies: who takes the case.
        person: who it is; None where that is not shown.
        tests: the tests behind it, screening before retests.
        log: every event of its tests; empty where it is not shown.
        steps: what was done about it so far.
    """

    id: str
    agent: str
    reference: str
    row: Entry
    contrast: Entry
    retest: Entry | None
    net_rate: tuple[float, float, float] | None
    bodies: tuple[Referral, ...]
    person: Person | None = None
    tests: tuple[CaseTest, ...] = ()
    log: tuple[LogEntry, ...] = ()
    steps: tuple[FollowUp, ...] = ()

    @property
    def state(self) -> str:
        """The state, a statistical statement."""
        return str(self.row["state"])

    @property
    def confirmed(self) -> bool:
        """Whether fresh tests found the same again."""
        return self.state == CONFIRMED

    @property
    def tested_again(self) -> bool:
        """Whether there are fresh tests."""
        return self.retest is not None and int(self.retest["n"]) > 0

    def changes(self) -> tuple[str, ...]:
        """Codes of what would change the verdict, or be reason to doubt it."""
        checks = self.row.get("checks") or {}
        found = [
            ("unconfirmed", self.state == UNCONFIRMED and not self.tested_again),
            ("retest-open", self.state == UNCONFIRMED and self.tested_again),
            ("one-test-less", bool(self.row["fragile"])),
            ("ambiguous-replies", bool(checks.get("undone_by_recoding"))),
            ("few-discordant", bool(checks.get("few_discordant"))),
            ("sending-order", _small(checks.get("order_p"))),
            ("letter", _small(checks.get("sheet_p"))),
        ]
        return tuple(code for code, holds in found if holds)


LONGEST_CONTRAST: Final = 60
"""Characters of a contrast in the name of a case: a level may be a whole sentence."""

SUSPICIOUS: Final = 0.05
"""Below this p the order of sending or the letter goes together with who was favoured."""


def cases_of(
    document: Entry, states: Sequence[str], *, references: bool, only_contrast: str | None = None
) -> tuple[Case, ...]:
    """The cases of an analysis document in certain states, the clearest first.

    Args:
        document: the analysis document.
        states: the states that make a case.
        references: whether the document's target ids are pseudonyms of a ledger; ids of
            somebody's log may be names, and are never used.
        only_contrast: only this contrast.

    Raises:
        UsageError: the round has no such contrast; with the nearest.
    """
    contrasts = {
        entry["id"]: entry
        for entry in document["contrasts"]
        if entry["stratum"] is None and entry["primary"]
    }
    if only_contrast is not None and only_contrast not in contrasts:
        hint = nearest(only_contrast, list(contrasts), "there are: {}")
        raise UsageError(f"The round has no contrast {shown(only_contrast)!r}; {hint}")
    fresh = {
        (row["pseudonym"], row["contrast"]): row
        for row in (document["retests"] or {"rows": ()})["rows"]
    }
    confidence = float(document["method"]["confidence"])
    place = {state: number for number, state in enumerate(states)}
    rows = [
        row
        for row in document["targets"]
        if row["state"] in place and only_contrast in (None, row["contrast"])
    ]
    rows.sort(key=lambda row: (place[row["state"]], row["p"], row["contrast"], row["pseudonym"]))
    return tuple(
        Case(
            id=case_id(row, references=references),
            agent=row["pseudonym"],
            reference=row["target"] if references else "",
            row=row,
            contrast=contrasts[row["contrast"]],
            retest=fresh.get((row["pseudonym"], row["contrast"])),
            net_rate=net_rate(row["cells"], confidence),
            bodies=_bodies(document, contrasts[row["contrast"]]),
        )
        for row in rows
    )


def case_id(row: Entry, *, references: bool) -> str:
    """Name of a case: it stays the same over exports, and is safe as the name of a file."""
    agent = row["target"] if references else row["pseudonym"]
    plain = "".join(
        c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in row["contrast"]
    )
    return f"{agent}-{plain[:LONGEST_CONTRAST]}"


def with_distinct_ids(cases: Iterable[Case]) -> tuple[Case, ...]:
    """The same cases; those whose contrasts look alike without signs are numbered."""
    seen: dict[str, int] = {}
    found = []
    for case in cases:
        number = seen[case.id] = seen.get(case.id, 0) + 1
        found.append(case if number == 1 else replace(case, id=f"{case.id}-{number}"))
    return tuple(found)


def net_rate(cells: Entry | None, confidence: float) -> tuple[float, float, float] | None:
    """Net rate over all tests of four cells with Tango's interval; None without tests."""
    if cells is None:
        return None
    b, c = int(cells["only_control"]), int(cells["only_test"])
    n = b + c + int(cells["both"]) + int(cells["neither"])
    if not n:
        return None
    low, high = tango(b, c, n, confidence)
    return (b - c) / n, low, high


def _bodies(document: Entry, contrast: Entry) -> tuple[Referral, ...]:
    about = document["round"]
    return competent(about.get("jurisdiction") or "other", about["market"], contrast["ground"])


def _small(p: float | None) -> bool:
    return p is not None and p < SUSPICIOUS
