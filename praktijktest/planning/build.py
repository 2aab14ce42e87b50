"""Make the plan of a round from a design and a drawn frame."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

import numpy as np

from praktijktest.design import Design
from praktijktest.planning.applicants import Applicant, LineUp, line_ups
from praktijktest.planning.assignment import Assigned, assign, spread
from praktijktest.planning.frame import Frame, TextArray
from praktijktest.planning.identities import Writers, choose_names, mailbox_of_names, name_pools
from praktijktest.planning.ordering import IntArray, ranks
from praktijktest.planning.plan import Plan, PlannedApplication
from praktijktest.planning.schedule import (
    TestRules,
    Timetable,
    local_moments,
    moments_of_day,
    spread_days,
    timetable,
)
from praktijktest.planning.slots import Slots, lay_slots
from praktijktest.planning.working_time import day_number, working_time
from praktijktest.problems import DesignError, Problem

DEFAULT_TEMPLATES: Final = ("a", "b")
DEFAULT_GAP_HOURS: Final = (3.0, 8.0)


def build_plan(
    design: Design,
    frame: Frame,
    seed: int,
    *,
    templates: Sequence[str] | None = None,
    names: Mapping[str, Sequence[str]] | None = None,
) -> Plan:
    """Make the plan: slots, assignment, names, testers and schedule.

    Args:
        design: the design of the round.
        frame: the rows that were drawn (see `draw_sample`).
        seed: what every choice follows from.
        templates: ids of the letter templates; default: the design's, else "a" and "b".
        names: profile id -> names, where they come from a name bank; default: the design's.

    Raises:
        DesignError: the round has no start or end.
        DataError: profiles, names or the period cannot hold the plan.
    """
    contrasts = line_ups(design)
    letters = tuple(templates or design.assignment.templates or DEFAULT_TEMPLATES)
    slots = lay_slots(
        frame,
        len(contrasts),
        design.sampling.tests_per_target,
        seed,
        adverts_drawn=design.sampling.unit == "advert",
    )
    order = (design.test.order if design.test else None) or "random"
    kinds = 1 if design.kind == "mystery" else len(letters)
    assigned = assign(slots, contrasts, kinds, order, seed)
    identities = _identities(design, slots, contrasts, assigned, names, seed)
    table = round_timetable(design, contrasts)
    days = _days(design, slots, table, seed)
    rows = _rows(design, frame, slots, contrasts, assigned, letters, identities, table, days, seed)
    return Plan(
        round_id=design.round.id,
        kind=design.kind,
        seed=seed,
        strata=tuple(frame.strata),
        applications=rows,
        warnings=_warnings(design, slots, contrasts, letters, frame.file),
    )


def round_timetable(design: Design, contrasts: Sequence[LineUp]) -> Timetable:
    """The working time and test rules of a design.

    Raises:
        DesignError: the round has no start or end.
        DataError: no test fits.
    """
    start, end = round_dates(design)
    gap = (design.test.gap_hours if design.test else None) or DEFAULT_GAP_HOURS
    rules = TestRules(
        size=max(line_up.size for line_up in contrasts),
        gap_minutes=(round(gap[0] * 60), round(gap[1] * 60)),
        cap=design.sampling.max_applications_per_target_per_30_days,
    )
    return timetable(working_time(start, end, design.schedule, design.round.jurisdiction), rules)


def round_dates(design: Design) -> tuple[date, date]:
    """First and last day of the round.

    Raises:
        DesignError: one of them is not declared.
    """
    if design.round.start is not None and design.round.end is not None:
        return design.round.start, design.round.end
    missing = "start" if design.round.start is None else "end"
    raise DesignError(
        "The plan needs the dates of the round.",
        [
            Problem(
                code="round-dates-missing",
                message=f"round.{missing} is not declared",
                column=f"round.{missing}",
                hint=f"add {missing} = 2026-09-01 (a date) under [round]",
            )
        ],
    )


def _identities(
    design: Design,
    slots: Slots,
    contrasts: Sequence[LineUp],
    assigned: Assigned,
    names: Mapping[str, Sequence[str]] | None,
    seed: int,
) -> tuple[list[str], dict[str, str]]:
    """The name of every application, and the mailbox of every name."""
    if design.kind == "mystery":
        return [""] * len(assigned), {"": ""}
    profiles = [applicant.profile for applicant in _applicants(contrasts, assigned)]
    used = set(profiles)
    given = names or {profile.id: profile.names for profile in design.profiles}
    pools = name_pools({p.id: given.get(p.id, ()) for p in design.profiles if p.id in used})
    mailboxes = mailbox_of_names(pools, design.assignment.mailboxes, seed)
    labels = slots.labels()
    writers = Writers(
        test=assigned.test,
        target=slots.target[assigned.test],
        profile=profiles,
        position=assigned.position,
        template=assigned.template,
        labels=[
            f"{labels[test]}/{position}"
            for test, position in zip(assigned.test, assigned.position, strict=True)
        ],
    )
    return choose_names(writers, pools, mailboxes, seed), mailboxes


def _applicants(contrasts: Sequence[LineUp], assigned: Assigned) -> list[Applicant]:
    """The applicant of every application."""
    return [
        contrasts[contrast].options[option][applicant]
        for contrast, option, applicant in zip(
            assigned.contrast, assigned.option, assigned.applicant, strict=True
        )
    ]


def _days(design: Design, slots: Slots, table: Timetable, seed: int) -> IntArray:
    """The day on which every test starts."""
    counts = np.bincount(slots.target, minlength=len(slots.targets))
    attached = np.bincount(slots.target[slots.row >= 0], minlength=len(slots.targets))
    until = None
    if design.schedule.advert_days is not None:
        first = table.time.days[0] if len(table.time.days) else day_number(round_dates(design)[0])
        until = int(first) + design.schedule.advert_days
    return spread_days(table, counts, attached, until, slots.labels(), seed)


def _rows(
    design: Design,
    frame: Frame,
    slots: Slots,
    contrasts: Sequence[LineUp],
    assigned: Assigned,
    letters: Sequence[str],
    identities: tuple[list[str], dict[str, str]],
    table: Timetable,
    days: IntArray,
    seed: int,
) -> tuple[PlannedApplication, ...]:
    labels = slots.labels()
    ids = opaque_ids(labels, seed)
    times = local_moments(table, moments_of_day(table, days, labels, seed))
    applicants = _applicants(contrasts, assigned)
    testers = _testers(design, slots, seed)
    texts = _target_texts(frame, slots)
    names, mailboxes = identities
    scripts = {call.id: call.script or call.id for call in design.calls}
    channel = design.assignment.channel or ("phone" if design.kind == "mystery" else "mail")
    columns = {**slots.strata, **slots.carried}
    rows = []
    for entry, test in enumerate(assigned.test.tolist()):
        position = int(assigned.position[entry])
        applicant = applicants[entry]
        rows.append(
            PlannedApplication(
                application=f"{ids[test]}-{position + 1}",
                test=ids[test],
                contrast=contrasts[int(slots.contrast[test])].contrast,
                target=slots.targets[int(slots.target[test])],
                slot=int(slots.slot[test]) + 1,
                profile=applicant.profile,
                arm=applicant.arm,
                level=applicant.level,
                position=position + 1,
                name=names[entry],
                mailbox=mailboxes[names[entry]],
                template=scripts.get(applicant.profile) or letters[int(assigned.template[entry])],
                channel=channel,
                tester=testers[test],
                send_at=times[test][position],
                strata={name: values[test] for name, values in columns.items()},
                **{name: values[test] for name, values in texts.items()},
            )
        )
    return tuple(sorted(rows, key=lambda row: (row.send_at, row.test, row.position)))


def opaque_ids(labels: Sequence[str], seed: int) -> list[str]:
    """Ids that say nothing about the target: numbers in the order of the keys."""
    width = max(4, len(str(len(labels))))
    return [f"t{rank + 1:0{width}d}" for rank in ranks(seed, "test-id", labels).tolist()]


def _testers(design: Design, slots: Slots, seed: int) -> list[str]:
    testers = design.assignment.testers
    if not testers:
        return [""] * len(slots)
    return [testers[number] for number in spread(slots, len(testers), seed, "tester").tolist()]


def _target_texts(frame: Frame, slots: Slots) -> dict[str, TextArray]:
    """What the frame tells about the target and the advert of every test."""
    first_row = np.unique(frame.target.astype(str), return_index=True)[1][slots.target]
    attached = slots.row >= 0
    advert_row = np.maximum(slots.row, 0)
    own_contact = np.where(frame.advert[first_row] == "", frame.contact[first_row], "")
    contact = np.where(attached, frame.contact[advert_row], own_contact)
    return {
        "target_group": _filled_group(frame)[slots.target],
        "advert": np.where(attached, frame.advert[advert_row], ""),
        "link": np.where(attached, frame.link[advert_row], ""),
        "contact": np.where(contact == "", own_contact, contact),
    }


def _filled_group(frame: Frame) -> TextArray:
    """The group of every target, from whichever of its rows names it."""
    targets, of_row = np.unique(frame.target.astype(str), return_inverse=True)
    groups = np.full(len(targets), "", dtype=object)
    named = frame.target_group != ""
    groups[of_row[named]] = frame.target_group[named]
    return groups


def _warnings(
    design: Design,
    slots: Slots,
    contrasts: Sequence[LineUp],
    letters: Sequence[str],
    file: str,
) -> tuple[Problem, ...]:
    found = []
    size = max(line_up.size for line_up in contrasts)
    if size > len(letters):
        found.append(
            Problem(
                code="letters-repeat-in-test",
                message=f"a test has {size} applications and there are {len(letters)} letters: "
                "one target gets the same letter from several applicants",
                level="warning",
                column="assignment.templates",
                hint=f"give {size} templates",
            )
        )
    if size > 1 and (design.test is None or design.test.order is None):
        found.append(
            Problem(
                code="order-not-declared",
                message="the plan draws who writes first at random",
                level="warning",
                column="test.order",
                hint='declare order = "random", so that the analysis may rest on it',
            )
        )
    if slots.surplus:
        found.append(
            Problem(
                code="adverts-without-slot",
                message="adverts of the frame whose target has no slot left",
                level="warning",
                file=file,
                column="advert",
                count=slots.surplus,
            )
        )
    return tuple(found)
