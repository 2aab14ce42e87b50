"""What a design declares for planning, in words."""

from praktijktest.design.model import Design
from praktijktest.design.planning_sections import Schedule
from praktijktest.design.summary_lines import Line, days, filters, listed

_ALLOCATIONS = {
    "census": "every {unit} in the frame",
    "proportional": "{size} {unit}s, in proportion to the strata",
    "equal": "{size} {unit}s, equally over the strata",
    "quota": "{unit}s by quota",
}


def planning_lines(design: Design) -> list[Line]:
    """The draw, the assignment and the schedule; nothing where the design declares none."""
    lines: list[Line] = []
    if "sampling" in design.model_fields_set:
        lines += _sampling(design)
    if "assignment" in design.model_fields_set:
        lines += _assignment(design)
    if "schedule" in design.model_fields_set:
        lines += _schedule(design.schedule)
    return lines


def _sampling(design: Design) -> list[Line]:
    chosen = design.sampling
    drawn = _ALLOCATIONS[chosen.allocation].format(unit=chosen.unit, size=chosen.size)
    lines = [("drawn", drawn)]
    if chosen.strata:
        lines.append(("strata", listed(chosen.strata, "and")))
    for quota in chosen.quota:
        where = filters({name: (value,) for name, value in quota.where.items()})
        lines.append(("quota", f"{quota.size} where {where}"))
    if chosen.tests_per_target is not None:
        per = "call" if design.kind == "mystery" else "contrast"
        lines.append(("tests per target", f"{chosen.tests_per_target} for every {per}"))
    cap = chosen.max_applications_per_target_per_30_days
    if cap is not None:
        lines.append(("load", f"at most {cap} applications to one target in any 30 days"))
    if chosen.exclude is not None:
        lines.append(("left alone", f"the targets in {chosen.exclude}"))
    return lines


def _assignment(design: Design) -> list[Line]:
    chosen = design.assignment
    entries = {
        "seed": None if chosen.seed is None else str(chosen.seed),
        "applicants of a set": ", ".join(chosen.applicants),
        "templates": ", ".join(chosen.templates),
        "channel": chosen.channel,
        "testers": ", ".join(chosen.testers),
        "mailboxes": ", ".join(chosen.mailboxes),
    }
    return [(label, text) for label, text in entries.items() if text]


def _schedule(schedule: Schedule) -> list[Line]:
    windows = [f"{w.start:%H:%M} to {w.end:%H:%M}" for w in schedule.windows]
    lines = [("sent on", f"{', '.join(schedule.working_days)}, {listed(windows, 'and')}")]
    if schedule.holidays is not None:
        lines.append(("public holidays", schedule.holidays))
    if schedule.closed:
        lines.append(("closed", ", ".join(day.isoformat() for day in schedule.closed)))
    if schedule.advert_days is not None:
        lines.append(("adverts last", days(schedule.advert_days)))
    return lines
