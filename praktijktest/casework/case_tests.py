"""The tests behind the cases, as the ledger has them: both applications and every reply."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from praktijktest.analysis.pairing import Pairs, arms_of, pairs_of
from praktijktest.analysis.target_counts import unit_of_flagging
from praktijktest.casework.cases import (
    FAILED,
    OTHER,
    PENDING,
    USED,
    Case,
    CaseApplication,
    CaseReply,
    CaseTest,
    FollowUp,
    LogEntry,
)
from praktijktest.casework.people import People
from praktijktest.vocabulary import NO_REPLY

if TYPE_CHECKING:
    from praktijktest.analysis.analysis import Analysis
    from praktijktest.analysis.applications import Applications
    from praktijktest.fieldwork.case_steps import CaseStep
    from praktijktest.fieldwork.events import Event
    from praktijktest.fieldwork.state import ApplicationState, RoundState

ARMS: Final = ("control", "test")
CELLS: Final = {(True, True): "both", (True, False): "only_control", (False, True): "only_test"}
SAID: Final = frozenset(
    (
        "advert",
        "channel",
        "coder",
        "declined_at",
        "evidence",
        "failed",
        "field",
        "outcome",
        "position",
        "profile",
        "replied_at",
        "reply",
        "send_at",
        "sent_at",
        "template",
        "tester",
    )
)
"""Values of events that an action log shows: codes, times and pseudonyms, no free text."""


@dataclass(frozen=True, slots=True)
class Ledgered:
    """What the ledger holds of a round, for its cases.

    Attributes:
        state: the round as it stands.
        events: the events of each application of a case, and those of its test alone.
        steps: what was done about targets, by their pseudonym.
    """

    state: "RoundState"
    events: Mapping[str, "Sequence[Event]"]
    steps: Mapping[str, "Sequence[CaseStep]"]


@dataclass(frozen=True, slots=True)
class _Found:
    """A test of a case as numbers of applications: which of them is in which arm."""

    test: str
    status: str
    cell: str
    applications: tuple[tuple[str, str, str], ...]


Arranged = tuple[str, str, _Found]
"""Id of a case, phase, and one of its tests."""


def with_tests(
    cases: Sequence[Case],
    arranged: Sequence[Arranged],
    found: Ledgered,
    people: People,
    *,
    log: bool,
) -> list[Case]:
    """The cases with their tests, and with every event of these where that may be seen.

    Args:
        cases: cases whose rows name targets by their pseudonym in the ledger.
        arranged: their tests, from `tests_of_cases`.
        found: what the ledger holds.
        people: what may be shown from the identity store.
        log: whether to add the events.
    """
    tests: dict[str, list[CaseTest]] = {case.id: [] for case in cases}
    known = (found.state.applications.get(name) for name in found.events)
    people.fetch(
        reply.words or reply.message for one in known if one is not None for reply in one.replies
    )
    for name, phase, one in arranged:
        sides = tuple(_application(found, people, *side) for side in one.applications)
        test = CaseTest(one.test, phase, one.status, one.cell, applications=sides)
        tests[name].append(_with_advert(test, found, people))
    return [
        replace(
            case,
            tests=tuple(sorted(tests[case.id], key=_sent_first)),
            log=tuple(_log(tests[case.id], found.events)) if log else (),
            person=people.person(case.reference),
            steps=tuple(_steps(case, found, people)),
        )
        for case in cases
    ]


def _sent_first(test: CaseTest) -> tuple[bool, str, str]:
    """Screening before retests, and each in the order of sending."""
    sent = min((one.sent_at for one in test.applications), default="")
    return test.phase == "confirm", sent, test.test


def _steps(case: Case, found: Ledgered, people: People) -> Iterator[FollowUp]:
    """The steps of a case: those of its contrast, and those of all of them."""
    for step in found.steps.get(case.reference, ()):
        if step.contrast in ("", case.contrast["id"]):
            words = people.words(step.words, "") if step.words else None
            yield FollowUp(step.step, step.on, step.body, step.reason, words)


def tests_of_cases(cases: Sequence[Case], analysis: "Analysis") -> list[Arranged]:
    """The tests of some cases as id of the case, phase and which applications they hold."""
    return [
        (case.id, phase, one)
        for phase, applications in _phases(analysis)
        for case, one in _tests(cases, applications, analysis)
    ]


def applications_in(arranged: Iterable[Arranged]) -> set[str]:
    """The ids of all applications of some tests."""
    return {application for _, _, one in arranged for application, _, _ in one.applications}


def _phases(analysis: "Analysis") -> "Iterator[tuple[str, Applications]]":
    yield "screen", analysis.applications
    if analysis.retests is not None:
        yield "confirm", analysis.retests.applications


@dataclass(frozen=True, slots=True)
class _Compared:
    """The applications of one contrast in one phase, and where those of a test are.

    Attributes:
        pairs: the units that count.
        level: per application, 0 = control, 1 = test, -1 = neither.
        order: the applications of both arms, by test.
        first: where each test begins in `order`, and one more for the end.
    """

    pairs: Pairs
    level: "np.ndarray[Any, Any]"
    order: "np.ndarray[Any, Any]"
    first: "np.ndarray[Any, Any]"

    def rows(self, test: int) -> list[int]:
        """The applications of a test that are in one of both arms."""
        found: list[int] = self.order[self.first[test] : self.first[test + 1]].tolist()
        return found


def _compared(applications: "Applications", pairs: Pairs) -> _Compared:
    level = arms_of(applications, pairs.comparison).level
    inside = np.flatnonzero(level >= 0)
    order = inside[np.argsort(applications.test[inside], kind="stable")]
    ends = np.arange(len(applications.test_ids) + 1)
    return _Compared(pairs, level, order, np.searchsorted(applications.test[order], ends))


def _tests(
    cases: Sequence[Case], applications: "Applications", analysis: "Analysis"
) -> Iterator[tuple[Case, _Found]]:
    design = analysis.design
    comparisons = {comparison.id: comparison for comparison in design.comparisons()}
    number, names = unit_of_flagging(applications, design)
    place = {str(name): position for position, name in enumerate(names.tolist())}
    found: dict[str, _Compared] = {}
    for case in cases:
        own = place.get(str(case.row["target"]))
        contrast = str(case.row["contrast"])
        if own is None or contrast not in comparisons:
            continue
        if contrast not in found:
            pairs = pairs_of(applications, design, comparisons[contrast])
            found[contrast] = _compared(applications, pairs)
        of_target = np.flatnonzero(number == own)
        for one in _of_target(applications, found[contrast], of_target, design.primary_rule):
            yield case, one


def _of_target(
    applications: "Applications",
    compared: _Compared,
    tests: "np.ndarray[Any, Any]",
    rule: str,
) -> Iterator[_Found]:
    """The tests of one target: those that count with their cell, then those that do not."""
    pairs, level = compared.pairs, compared.level
    units = np.flatnonzero(np.isin(pairs.test, tests))
    counted = set(pairs.test[units].tolist())
    for unit in units.tolist():
        test = int(pairs.test[unit])
        got = bool(pairs.control[rule][unit] > 0), bool(pairs.treated[rule][unit] > 0)
        rows = [int(pairs.application[unit]), int(pairs.opposite[unit])]
        if len(units) == len(counted):
            # Every application of the arms, where an arm has several.
            rows = compared.rows(test)
        yield _found(applications, level, test, rows, USED, CELLS.get(got, "neither"))
    for test in tests.tolist():
        rows = compared.rows(test)
        if test in counted or not rows:
            continue
        failed = bool(applications.test_failed[test])
        status = FAILED if failed else PENDING if applications.test_pending[test] else OTHER
        yield _found(applications, level, test, rows, status, "")


def _found(
    applications: "Applications",
    level: "np.ndarray[Any, Any]",
    test: int,
    rows: list[int],
    status: str,
    cell: str,
) -> _Found:
    ids = applications.rows.fields["application"]
    outcome = applications.coded.outcome
    sides = [
        (
            str(ids.values[ids.codes[row]]),
            ARMS[int(level[row])],
            str(outcome.values[outcome.codes[row]]),
        )
        for row in sorted(rows, key=lambda row: int(level[row]))
    ]
    return _Found(str(applications.test_ids[test]), status, cell, tuple(sides))


def _application(
    found: Ledgered, people: People, application: str, arm: str, outcome: str
) -> CaseApplication:
    one = found.state.applications[application]
    sent = next((e for e in found.events.get(application, ()) if e.kind == "sent"), None)
    fields = one.fields
    return CaseApplication(
        application=application,
        arm=arm,
        profile=fields.get("profile", ""),
        name=fields.get("name", ""),
        sent_at=fields.get("sent_at", ""),
        template=fields.get("template", ""),
        channel=fields.get("channel", ""),
        tester=fields.get("tester", ""),
        outcome="" if outcome == NO_REPLY else outcome,
        replies=replies_of(one, people),
        failed=one.failed,
        event=None if sent is None else sent.sequence,
        event_hash="" if sent is None else sent.hash,
    )


def replies_of(one: "ApplicationState", people: People) -> tuple[CaseReply, ...]:
    """The replies to an application, with their words where these may be seen."""
    found = []
    for reply in one.replies:
        document = reply.words or reply.message
        words = people.words(reply.words, reply.message)
        found.append(
            CaseReply(
                replied_at=reply.replied_at,
                channel=reply.channel,
                outcome=reply.outcome,
                evidence=reply.evidence,
                words=words,
                words_sha256=document,
                erased=bool(document) and words is None and people.shows_words,
            )
        )
    return tuple(found)


def _with_advert(test: CaseTest, found: Ledgered, people: People) -> CaseTest:
    known = (found.state.applications[one.application] for one in test.applications)
    advert = next((one.fields["advert"] for one in known if one.fields.get("advert")), "")
    named, link = people.advert(advert)
    return replace(test, advert=named, link=link)


def _log(tests: Iterable[CaseTest], events: "Mapping[str, Sequence[Event]]") -> Iterator[LogEntry]:
    """Every event of these tests and their applications, in the order of the ledger."""
    wanted = {one.application for test in tests for one in test.applications}
    wanted |= {test.test for test in tests}
    found = [event for application in wanted for event in events.get(application, ())]
    for event in sorted(found, key=lambda event: event.sequence):
        yield LogEntry(
            sequence=event.sequence,
            kind=event.kind,
            test=event.test,
            application=event.application,
            happened_at=event.happened_at,
            recorded_at=event.recorded_at,
            who=event.who,
            hash=event.hash,
            said=said(event.values),
        )


def said(values: Mapping[str, str]) -> dict[str, str]:
    """What an event says in codes, times and pseudonyms; of a correction both values too."""
    shown = SAID | {"old", "new"} if values.get("field") in SAID else SAID
    return {name: text for name, text in values.items() if name in shown}
