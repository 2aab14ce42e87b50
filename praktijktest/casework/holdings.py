"""What a round holds of people, in four classes, each with its own date.

The classes are those of a retention plan: who is behind a pseudonym; what people wrote or said;
the pseudonymised log; and aggregates. Files of a round folder belong to a class by their name.
"""

import json
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, Literal

from praktijktest.design import Design

DataClass = Literal["identities", "messages", "log", "aggregates"]
CLASSES: Final[tuple[DataClass, ...]] = ("identities", "messages", "log", "aggregates")

NAMED_FILES: Final = (
    "frame.*",
    "plan.csv",
    "plan.xlsx",
    "balance.csv",
    "schedule.ics",
    "draws.jsonl",
    "retests-*",
    "**/individual-[TG]-*",
    "**/invitation-[TG]-*",
    "**/cleared-[TG]-*",
    "letters/drafts/**/*",
    "locked/frame.*",
    "locked/plan.csv",
    "amendments/**/frame.*",
    "amendments/**/plan.csv",
)
"""Files that hold names, links or contacts of agents, beside the identity store."""

STORES: Final = ("identities.db", "identities.db-*", "round.db", "round.db-*")
LOG_FILES: Final = ("snapshot.csv",)
OWN_FILES: Final = (
    "design.toml",
    "plan.json",
    "lock.json",
    "preregistration.*.md",
    "names.csv",
    "letters/*.md",
    "README*.md",
    ".gitignore",
    "policy.toml",
    "locked/**/*",
    "amendments/**/*",
)
"""Files about the round that are about nobody: design, lock, texts of letters."""

PSEUDONYM: Final = re.compile(r"[TG]-[a-z2-7]{10}")
"""What an agent, or a group of agents, is called in a report from a ledger."""

DOSSIER_YEARS: Final = 4
"""Longest retention of dossiers of a municipal reporting point in the Netherlands
(Besluit goed verhuurderschap, Stb. 2023, 193, article 2)."""


@dataclass(frozen=True, slots=True)
class Retention:
    """Until when a class of data is kept.

    Attributes:
        data_class: identities, messages, log or aggregates.
        until: last day; None where none was declared.
        declared: key of the design that says so, "" where none does.
    """

    data_class: DataClass
    until: date | None
    declared: str

    def is_over(self, today: date) -> bool:
        """Whether the last day has passed."""
        return self.until is not None and self.until < today


def retention(design: Design) -> tuple[Retention, ...]:
    """Until when each class is kept: its own date, else `retain_until`; reports have no other."""
    privacy = design.privacy
    found = []
    for name in CLASSES:
        own: date | None = getattr(privacy, f"{name}_until")
        if own is not None:
            found.append(Retention(name, own, f"privacy.{name}_until"))
        elif privacy.retain_until is not None and name != "aggregates":
            found.append(Retention(name, privacy.retain_until, "privacy.retain_until"))
        else:
            found.append(Retention(name, None, ""))
    return tuple(found)


def named_files(folder: Path) -> list[Path]:
    """The files of a round folder that hold names, in the order of their paths."""
    return _matching(folder, NAMED_FILES)


def unknown_files(folder: Path) -> list[Path]:
    """Files whose class nobody knows: a person has to look what is in them."""
    known = {*_matching(folder, (*NAMED_FILES, *OWN_FILES, *STORES, *LOG_FILES))}
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and path not in known
        and path.relative_to(folder).parts[0] not in ("reports", ".git")
    ]


def report_folders(folder: Path) -> list[Path]:
    """The report folders of a round folder."""
    home = folder / "reports"
    found = home.iterdir() if home.is_dir() else ()
    return sorted(path for path in found if (path / "manifest.json").is_file())


def plain_reports(folder: Path) -> list[str]:
    """The reports of a round folder that hold ids of a log, and not pseudonyms of a ledger."""
    return [report.name for report in report_folders(folder) if _has_plain_ids(report)]


def _has_plain_ids(report: Path) -> bool:
    try:
        document = json.loads((report / "analysis.json").read_text(encoding="utf-8"))
        ids = [str(row["target"]) for row in document["targets"]]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return any(PSEUDONYM.fullmatch(text) is None for text in ids)


def beyond_dossier_term(design: Design, until: date) -> bool:
    """Whether a date lies later than the Dutch term for dossiers allows."""
    end = design.round.end
    if design.round.jurisdiction != "nl" or end is None:
        return False
    return until > _years_later(end, DOSSIER_YEARS)


def _years_later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # the 29th of February
        return day.replace(year=day.year + years, day=28)


def _matching(folder: Path, patterns: tuple[str, ...]) -> list[Path]:
    found = {path for pattern in patterns for path in folder.glob(pattern) if path.is_file()}
    return sorted(found)
