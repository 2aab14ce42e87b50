"""The plan of a round into its ledger: what is new or changed in plan.csv becomes events."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from praktijktest.rounds.plan import FRAME_KINDS, PLAN
from praktijktest.storage import sha256_of_file

if TYPE_CHECKING:
    from praktijktest.design import Design
    from praktijktest.fieldwork.events import Event, NewEvent
    from praktijktest.fieldwork.identities import Identities
    from praktijktest.fieldwork.ledger import Writing
    from praktijktest.planning.plan_file import PlanFile
    from praktijktest.rounds.round_store import OpenRound

PLAN_KINDS: Final = ("planned", "drawn", "withdrawn")
PSEUDONYMOUS: Final = {
    "target": "target",
    "target_group": "target_group",
    "advert": "advert",
    "tester": "person",
}
"""Columns of the plan of which the ledger keeps a pseudonym -> kind of identity."""
OF_PEOPLE: Final = ("link", "contact")
"""Columns of the plan that only the identity store keeps."""

Values = dict[str, str]


@dataclass(slots=True)
class _Known:
    """What the ledger holds of one planned application."""

    test: str
    values: Values = field(default_factory=dict)
    withdrawn: bool = False


def synchronise_plan(round_: "OpenRound", writing: "Writing") -> int:
    """Give the ledger what it does not know yet of plan.csv; every writing command begins so.

    New rows become `planned` events, a slot that got its advert a `drawn` event with what
    changed, other changes a `planned` event with what changed, rows that are gone
    `withdrawn`. Names, links and contacts of the frame go to the identity store. A plan that
    the ledger has seen already costs one look at the file.

    Returns:
        How many events were added; 0 without a plan.

    Raises:
        DataError: the plan or the frame cannot be read.
    """
    from praktijktest.planning.plan_file import read_plan_file
    from praktijktest.rounds.frozen_rule import note_rule

    note_rule(round_, writing)
    path = round_.folder / PLAN
    if not path.is_file():
        return 0
    digest = sha256_of_file(path)
    latest = writing.last(PLAN_KINDS)
    if latest is not None and latest.source_sha256 == digest:
        return 0
    plan = read_plan_file(path)
    with round_.identities.batch():
        rows = planned_rows(plan, round_.design, round_.identities)
        _describe(plan, round_.folder, round_.identities)
    known = _known_plan(writing)
    before = writing.head.sequence
    head = writing.append(_changes(rows, known, digest))
    return head.sequence - before


def planned_rows(
    plan: "PlanFile", design: "Design", identities: "Identities"
) -> list[tuple[str, str, Values]]:
    """Application, test and values of every row, as the ledger keeps them."""
    from praktijktest.planning.plan_file import NEEDED, as_planned, carried_columns

    wanted = {*NEEDED, *design.sampling.strata, *carried_columns(design)}
    names = [name for name in plan.header if name in wanted and name not in OF_PEOPLE]
    cells = {name: [as_planned(row[name]) for row in plan.rows] for name in names}
    for name, kind in PSEUDONYMOUS.items():
        made = identities.pseudonyms(kind, cells[name])
        cells[name] = [made[text] for text in cells[name]]
    applications, tests = cells.pop("application"), cells.pop("test")
    rows = zip(*cells.values(), strict=True)
    return [
        (application, test, {name: text for name, text in zip(cells, row, strict=True) if text})
        for application, test, row in zip(applications, tests, rows, strict=True)
    ]


def _describe(plan: "PlanFile", folder: Path, identities: "Identities") -> None:
    """Names, links and contacts of the targets and adverts of the plan."""
    from praktijktest.planning.plan_file import as_planned

    targets: dict[str, Values] = {}
    adverts: dict[str, Values] = {}
    rows = [{name: as_planned(text) for name, text in row.items()} for row in plan.rows]
    for planned in rows:
        found = {name: planned[name] for name in OF_PEOPLE if planned[name]}
        adverts.setdefault(planned["advert"], {}).update(found)
        details = targets.setdefault(planned["target"], {})
        if "contact" in found:
            details.setdefault("contact", found["contact"])
    for row in _frame_rows(folder):
        advert, known = row.get("advert", ""), targets.get(row.get("target", ""))
        if known is None:
            continue
        if advert in adverts:
            adverts[advert].update({n: row[n] for n in OF_PEOPLE if row.get(n)})
        for name, text in row.items():
            if text and name not in ("target", "advert", "link"):
                known.setdefault(name, text)
    identities.describe_all("target", targets)
    identities.describe_all("advert", adverts)


def _frame_rows(folder: Path) -> Iterator[Values]:
    from praktijktest.planning.frame import read_columns

    paths = (folder / f"frame{kind}" for kind in FRAME_KINDS)
    frame = next((path for path in paths if path.is_file()), None)
    if frame is None:
        return
    columns, _ = read_columns(frame)
    for row in zip(*columns.values(), strict=True):
        yield dict(zip(columns, map(str, row), strict=True))


def _known_plan(writing: "Writing") -> dict[str, _Known]:
    known: dict[str, _Known] = {}
    for event in writing.events(kinds=PLAN_KINDS):
        # Fresh tests of cases are planned beside plan.csv, which knows nothing of them.
        if event.values.get("phase") != "confirm":
            _take(known, event)
    return known


def _take(known: dict[str, _Known], event: "Event") -> None:
    found = known.setdefault(event.application, _Known(event.test))
    if event.kind == "withdrawn":
        found.withdrawn, found.values = True, {}
    else:
        found.withdrawn = False
        found.values.update(event.values)


def _changes(
    rows: list[tuple[str, str, Values]], known: dict[str, _Known], digest: str
) -> "Iterator[NewEvent]":
    """The events by which the ledger comes to hold what the plan holds."""
    from praktijktest.fieldwork.events import NewEvent

    def event(kind: str, application: str, test: str, row: int | None, values: Values) -> NewEvent:
        return NewEvent(
            kind=kind,
            test=test,
            application=application,
            source=PLAN,
            source_sha256=digest,
            source_row=row,
            values=values,
        )

    present = set()
    for number, (application, test, values) in enumerate(rows, start=2):
        present.add(application)
        found = known.get(application)
        if found is None or found.withdrawn:
            yield event("planned", application, test, number, values)
            continue
        if found.values.keys() - values.keys():
            # An event cannot say that a value is gone: the row is taken out and put back.
            yield event("withdrawn", application, test, number, {})
            yield event("planned", application, test, number, values)
            continue
        changed = {name: text for name, text in values.items() if found.values.get(name) != text}
        if changed:
            drawn = "advert" in changed and "advert" not in found.values
            yield event("drawn" if drawn else "planned", application, test, number, changed)
    for application, found in known.items():
        if application not in present and not found.withdrawn:
            yield event("withdrawn", application, found.test, None, {})
