"""What a design says, as plain data that a colleague can proof-read."""

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from praktijktest.design.model import Design
from praktijktest.design.summary_flagging import flagging_lines
from praktijktest.design.summary_lines import Line, days, listed, percentage, quoted
from praktijktest.design.summary_log import log_lines, reading_lines
from praktijktest.design.summary_mail import mail_lines
from praktijktest.design.summary_planning import planning_lines
from praktijktest.design.summary_sequential import sequential_lines
from praktijktest.design.wording import HEADLINES, KINDS, ORDERS
from praktijktest.vocabulary import FORMAT

LABEL_WIDTH: Final = 20
WIDTH: Final = 80


@dataclass(frozen=True, slots=True)
class SummarySection:
    """One subject of a summary: a title, and labels with what the design says."""

    title: str
    entries: tuple[Line, ...]

    def to_dict(self) -> dict[str, Any]:
        """The section as plain data."""
        entries = [{"label": label, "text": text} for label, text in self.entries]
        return {"title": self.title, "entries": entries}


@dataclass(frozen=True, slots=True)
class Summary:
    """A design in words.

    Attributes:
        round_id: id of the round.
        title: title of the round.
        sections: what it declares, subject by subject; subjects it does not touch are absent.
    """

    round_id: str
    title: str
    sections: tuple[SummarySection, ...]

    def to_dict(self) -> dict[str, Any]:
        """The summary as plain data."""
        return {
            "format": FORMAT,
            "round": {"id": self.round_id, "title": self.title},
            "sections": [section.to_dict() for section in self.sections],
        }

    def lines(self, width: int = WIDTH) -> list[str]:
        """The summary as lines of plain text, at most `width` characters each."""
        lines = textwrap.wrap(self.title, width)
        for section in self.sections:
            lines += ["", section.title, "-" * len(section.title)]
            for label, text in section.entries:
                lines += _wrapped(label, text, width)
        return lines


def summarise(design: Design) -> Summary:
    """Say in words what a design declares, and what follows where it declares nothing."""
    subjects = {
        "Round": _round(design),
        "Tests": _tests(design),
        "Applicants": _applicants(design),
        "Compared": _compared(design),
        "Calls": [
            (call.id, _call(call.ground, call.request, call.script)) for call in design.calls
        ],
        "Outcomes": _outcomes(design),
        "Columns of the log": log_lines(design),
        "Reading the log": reading_lines(design),
        "Planning": planning_lines(design),
        "Mail": mail_lines(design),
        "Analysis": _analysis(design),
        "Flags": flagging_lines(design),
        "Sequential": sequential_lines(design),
        "Privacy": _privacy(design),
    }
    return Summary(
        round_id=design.round.id,
        title=design.round.title,
        sections=tuple(
            SummarySection(title, tuple(entries)) for title, entries in subjects.items() if entries
        ),
    )


def _wrapped(label: str, text: str, width: int) -> list[str]:
    """A label with its text beside it, or below it where the label is long."""
    indent = " " * (LABEL_WIDTH + 2)
    first = f"  {label:<{LABEL_WIDTH}}"
    above = []
    if len(label) >= LABEL_WIDTH:
        above = textwrap.wrap(label, width, initial_indent="  ", subsequent_indent="    ")
        first = indent
    beside = textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent=indent, break_on_hyphens=False
    )
    return above + (beside or [first.rstrip()])


def _declared(entries: Iterable[tuple[str, str | None]]) -> list[Line]:
    return [(label, text) for label, text in entries if text]


def _round(design: Design) -> list[Line]:
    about = design.round
    period = f"{about.start or '…'} to {about.end or '…'}" if about.start or about.end else None
    return _declared(
        [
            ("id", about.id),
            ("market", about.market),
            ("place", about.place),
            ("jurisdiction", about.jurisdiction),
            ("period", period),
            ("language", about.language),
            ("commissioner", about.commissioner),
            ("legal basis", about.legal_basis),
            ("ethics", about.ethics),
            ("contact", about.contact),
            ("simulated", "yes: no real target was tested" if about.simulated else None),
        ]
    )


def _tests(design: Design) -> list[Line]:
    test = design.test
    unit = test.unit if test and test.unit else "test"
    lines = [("kind", KINDS[design.kind].format(unit=unit))]
    if design.kind in ("paired", "set"):
        lines.append(("order", ORDERS[test.order if test else None]))
    if test and test.gap_hours:
        low, high = test.gap_hours
        lines.append(("gap", f"{low:g} to {high:g} hours between the applications of one test"))
    if test and test.response_days:
        window = f"silence is no reply after {days(test.response_days)}; a reply after that"
        lines.append(("response window", f"{window} counts as no reply"))
    elif design.kind != "mystery":
        lines.append(("response window", "not declared: every reply counts, whenever it came"))
    return lines


def _applicants(design: Design) -> list[Line]:
    lines = []
    for profile in design.profiles:
        levels = [f"{name} {value}" for name, value in profile.attributes.items()]
        names = f"names: {', '.join(profile.names)}" if profile.names else "no names"
        lines.append((profile.id, f"{', '.join(levels) or 'no attributes'}; {names}"))
    return lines


def _compared(design: Design) -> list[Line]:
    lines = []
    for comparison in design.comparisons():
        against = listed(quoted(comparison.tests), "or")
        as_one = ", counted as one level" if len(comparison.tests) > 1 else ""
        text = f"control {comparison.control!r} against {against}{as_one}"
        text += _on(comparison.attribute, comparison.within)
        either = comparison.direction == "either"
        way = "flags look both ways" if either else "flags look for the control being favoured"
        text += f"; ground: {comparison.ground}; {way}"
        named = comparison.labels
        compared = (comparison.control, *comparison.tests)
        called = [f"{level!r} as {named[level]!r}" for level in compared if level in named]
        text += f"; reports show {listed(called, 'and')}" if called else ""
        lines.append((comparison.id, text))
    return lines


def _on(attribute: str, within: tuple[str, ...]) -> str:
    if attribute == "profile":
        return ", as whole profiles"
    equal = f", among applicants equal on {listed(within, 'and')}" if within else ""
    return f" on {attribute!r}{equal}"


def _call(ground: str, request: str, script: str | None) -> str:
    return f"{request}; ground: {ground}" + (f"; script: {script}" if script else "")


def _outcomes(design: Design) -> list[Line]:
    labels = design.outcome_codes()
    rules = design.positive()

    def named(codes: Iterable[str]) -> str:
        return ", ".join(f"{code} ({labels[code]})" if labels[code] else code for code in codes)

    primary = f"{design.primary_rule}: headlines and flags go by it"
    lines = [("scheme", design.outcomes.scheme), ("primary rule", primary)]
    for rule, positive in rules.items():
        lines.append((f"positive: {rule}", named(code for code in labels if code in positive)))
    anywhere = frozenset[str]().union(*rules.values())
    lines.append(("never positive", named(code for code in labels if code not in anywhere)))
    failed = [f"{code} ({reason})" for code, reason in design.failed_codes().items()]
    lines.append(("fails the test", ", ".join(failed) or "no code; only the log's column `failed`"))
    return _declared(lines)


def _analysis(design: Design) -> list[Line]:
    chosen = design.analysis
    headline = HEADLINES[chosen.headline]
    lines = [("confidence", percentage(chosen.confidence))]
    if design.kind in ("paired", "set") and design.reading.same_profile != "mean":
        lines.insert(0, ("headline", headline))
    return _declared(
        [
            *lines,
            ("also shown by", ", ".join(chosen.strata)),
            ("models", ", ".join(chosen.models)),
            ("covariates", ", ".join(chosen.covariates)),
            ("interactions", ", ".join(chosen.interactions)),
        ]
    )


def _privacy(design: Design) -> list[Line]:
    privacy = design.privacy
    until, cell = privacy.retain_until, privacy.min_cell
    kept = {
        "identities until": privacy.identities_until,
        "raw replies until": privacy.messages_until,
        "log until": privacy.log_until,
        "reports until": privacy.aggregates_until,
    }
    return [
        ("kept until", until.isoformat() if until else "not declared"),
        *((name, day.isoformat()) for name, day in kept.items() if day),
        ("small numbers", f"counts below {cell} are hidden in public output"),
    ]
