"""`privacy status`: what a round holds of people, until when, and on what ground."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from praktijktest.problems import Problem, UsageError

if TYPE_CHECKING:
    from praktijktest.casework.holdings import Retention
    from praktijktest.fieldwork.erasure import Held
    from praktijktest.rounds.round_store import OpenRound


@dataclass(frozen=True, slots=True)
class Holding:
    """One class of data.

    Attributes:
        data_class: identities, messages, log or aggregates.
        contents: what there is -> how many.
        files: files of the round folder that belong to it.
        until: last day, ISO; None where none was declared.
        declared: key of the design that says so, "" where none does.
        over: whether the last day has passed while something is still there.
        erased_on: when it was erased, "" where it was not.
    """

    data_class: str
    contents: dict[str, int]
    files: tuple[str, ...]
    until: str | None
    declared: str
    over: bool
    erased_on: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The class as plain data."""
        return {
            "class": self.data_class,
            "contents": dict(self.contents),
            "files": list(self.files),
            "until": self.until,
            "declared": self.declared or None,
            "over": self.over,
            "erased_on": self.erased_on or None,
        }


@dataclass(frozen=True, slots=True)
class PrivacyStatus:
    """What a round holds of people.

    Attributes:
        round_id: id of the round.
        today: day of the look, ISO.
        ground: legal basis that the design declares, "" where it declares none.
        holdings: the four classes.
        open_cases: cases that are not closed: why identities may have to stay.
        warnings: what a person should look at.
    """

    round_id: str
    today: str
    ground: str
    holdings: tuple[Holding, ...]
    open_cases: int
    warnings: tuple[Problem, ...]

    def to_dict(self) -> dict[str, Any]:
        """The status as plain data."""
        return {
            "format": 1,
            "kind": "privacy-status",
            "round": self.round_id,
            "today": self.today,
            "ground": self.ground or None,
            "open_cases": self.open_cases,
            "holdings": [holding.to_dict() for holding in self.holdings],
            "problems": [problem.to_dict() for problem in self.warnings],
        }

    def lines(self) -> list[str]:
        """The status for a terminal."""
        lines = [f"Held on {self.today} (ground: {self.ground or 'none declared'}):"]
        for one in self.holdings:
            until = f"until {one.until}" if one.until else "no date declared"
            lines.append(f"{one.data_class}: {until}{' – OVER' if one.over else ''}")
            if one.erased_on:
                lines.append(f"  erased on {one.erased_on[:10]}")
            lines += [f"  {number} {what}" for what, number in one.contents.items() if number]
            if one.files:
                shown = ", ".join(one.files[:FILES_SHOWN])
                more = f" … and {len(one.files) - FILES_SHOWN} more"
                lines.append(f"  files: {shown}{more if len(one.files) > FILES_SHOWN else ''}")
        lines.append(f"Open cases: {self.open_cases}.")
        return lines


FILES_SHOWN = 8


def privacy_status(
    folder: Path, *, store: str | None = None, today: date | None = None
) -> PrivacyStatus:
    """Say what is held, until when, and on what ground; nothing is changed.

    Args:
        folder: the round folder.
        store: URL of the ledger; default as for `ingest`.
        today: day of the look; default: today.

    Raises:
        UsageError: it is no round folder.
        DesignError: the design cannot be used.
    """
    from praktijktest.casework.holdings import retention
    from praktijktest.fieldwork.case_steps import cases_of
    from praktijktest.rounds.round_store import open_round

    day = today or date.today()
    with open_round(folder, store=store, create=False) as opened:
        cases = cases_of(opened.ledger.events(kinds=["case"]))
        found = _held(opened)
        holdings = tuple(_holding(opened, kept, found, day) for kept in retention(opened.design))
        about = opened.design.round
        warnings = (*_warnings(opened, holdings), *names_elsewhere(opened))
    return PrivacyStatus(
        round_id=about.id,
        today=day.isoformat(),
        ground=about.legal_basis or "",
        holdings=holdings,
        open_cases=sum(case.is_open for case in cases.values()),
        warnings=warnings,
    )


def _held(opened: "OpenRound") -> "Held | None":
    from praktijktest.fieldwork.erasure import held

    try:
        return held(opened.identities)
    except UsageError:
        return None


def _holding(opened: "OpenRound", kept: "Retention", found: "Held | None", today: date) -> Holding:
    contents, files, erased_on = _contents(opened, kept.data_class, found)
    present = any(contents.values()) or bool(files)
    return Holding(
        data_class=kept.data_class,
        contents=contents,
        files=files,
        until=kept.until.isoformat() if kept.until else None,
        declared=kept.declared,
        over=present and kept.is_over(today),
        erased_on=erased_on,
    )


def _contents(
    opened: "OpenRound", data_class: str, found: "Held | None"
) -> tuple[dict[str, int], tuple[str, ...], str]:
    """What there is of a class, the files that belong to it, and when it was erased."""
    from praktijktest.casework.holdings import LOG_FILES, named_files, report_folders

    folder = opened.folder
    if data_class == "identities":
        names = {
            f"identities of kind {k}": n for k, n in (found.identities if found else {}).items()
        }
        files = tuple(path.relative_to(folder).as_posix() for path in named_files(folder))
        return names, files, found.erased_on if found else ""
    if data_class == "messages":
        kept = found.documents if found else {}
        return {f"documents ({name})": number for name, (number, _) in kept.items()}, (), ""
    if data_class == "log":
        files = tuple(name for name in LOG_FILES if (folder / name).is_file())
        return {"events in the ledger": opened.ledger.head().sequence}, files, ""
    return {"reports": len(report_folders(folder))}, (), ""


def _warnings(opened: "OpenRound", holdings: tuple[Holding, ...]) -> Iterator[Problem]:
    from praktijktest.casework.holdings import DOSSIER_YEARS, beyond_dossier_term

    for one in holdings:
        if one.over:
            yield Problem(
                code="retention-over",
                message=f"the {one.data_class} should have gone after {one.until}",
                level="warning",
                column=one.declared,
                hint="praktijktest privacy erase DIR --reason …"
                if one.data_class in ("identities", "messages")
                else "remove them, or set another date with its reason in the record of processing",
            )
        elif one.until is None and one.data_class != "aggregates":
            yield Problem(
                code="retention-undeclared",
                message=f"no date is declared until which the {one.data_class} are kept",
                level="warning",
                column=f"privacy.{one.data_class}_until",
                hint="declare retain_until under [privacy]",
            )
        if (
            one.until
            and one.data_class != "aggregates"
            and beyond_dossier_term(opened.design, date.fromisoformat(one.until))
        ):
            yield Problem(
                code="retention-long",
                message=f"in the Netherlands dossiers are kept {DOSSIER_YEARS} years at most",
                level="warning",
                column=one.declared,
                value=one.until,
                hint="Besluit goed verhuurderschap, article 2",
            )
    if not opened.design.round.legal_basis:
        yield Problem(
            code="ground-undeclared",
            message="the design names no legal basis",
            level="warning",
            column="round.legal_basis",
            hint='for example legal_basis = "GDPR art. 6(1)(e)"',
        )


def names_elsewhere(opened: "OpenRound") -> tuple[Problem, ...]:
    """Where names may be that erasing does not reach: a person has to look."""
    from praktijktest.casework.holdings import plain_reports, unknown_files

    unknown = [path.relative_to(opened.folder).as_posix() for path in unknown_files(opened.folder)]
    found = (
        (
            unknown,
            "unknown-files",
            f"{len(unknown)} files in the round folder are not of this program; look whether they "
            "hold names",
            "",
        ),
        (
            plain_reports(opened.folder),
            "plain-reports",
            "reports that were made from a log hold the ids of agents as they stood there",
            "remove them, or make them again from the ledger: praktijktest analyse DIR",
        ),
        (
            _named_sources(opened),
            "named-sources",
            "the ledger holds names of source files that name somebody, and keeps them for good",
            "give files names without names before they are ingested",
        ),
    )
    return tuple(
        Problem(
            code=code,
            message=message,
            level="warning",
            value=", ".join(values[:FILES_SHOWN]),
            hint=hint or None,
        )
        for values, code, message, hint in found
        if values
    )


def _named_sources(opened: "OpenRound") -> list[str]:
    """Names of source files in the ledger in which somebody's name stands."""
    from praktijktest.casework.people import names_of_targets
    from praktijktest.rounds.export_gate import identities_of, names_in

    identities = identities_of(opened)
    if identities is None:
        return []
    known = {*names_of_targets(identities), *identities.everybody("person").values()}
    sources = {event.source for event in opened.ledger.events()} - {""}
    return sorted(text for text in sources if any(names_in(text, plain) for plain in known))
