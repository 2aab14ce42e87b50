"""What a locked round promised: its settings at the first lock and after every amendment."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from praktijktest.design import Design, read_design
from praktijktest.planning.lock import COPIES, DESIGN, PLAN, read_lock, verify_lock
from praktijktest.planning.plan_file import read_plan_file
from praktijktest.problems import VerificationError

AMENDMENTS: Final = "amendments"


@dataclass(frozen=True, slots=True)
class PlannedTests:
    """How many tests a plan holds.

    Attributes:
        total: all of them.
        by_contrast: by contrast or call; a test that serves several counts in each.
        by_stratum: by column and level, of the strata that results are shown by.
    """

    total: int
    by_contrast: Mapping[str, int]
    by_stratum: Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class Version:
    """One version of what was promised.

    Attributes:
        number: 0 for the first lock, then the number of the amendment.
        at: when it was locked, ISO.
        reason: why it was amended; "" for the first lock.
        settings: choices of the design by name, as plain values.
        contrasts: id -> control and test group of every contrast; calls have their request.
        tests: the planned tests.
    """

    number: int
    at: str
    reason: str
    settings: Mapping[str, Any]
    contrasts: Mapping[str, tuple[str, ...]]
    tests: PlannedTests


@dataclass(frozen=True, slots=True)
class Promised:
    """Everything a round promised, first to last.

    Attributes:
        round_id: id of the round.
        versions: the first lock, then every amendment in order.
        broken: what in the folder is not as it was locked; empty when all is.
    """

    round_id: str
    versions: tuple[Version, ...]
    broken: tuple[str, ...]


def read_promised(directory: Path) -> Promised:
    """What the locked round of a folder promised, with every amendment.

    Args:
        directory: the round folder, with lock.json and locked/.

    Raises:
        VerificationError: the round is not locked, or a kept version is gone.
        DesignError, DataError: a kept version cannot be read.
    """
    lock = read_lock(directory)
    folders = [directory / AMENDMENTS / f"{one.number:03d}" for one in lock.amendments]
    first = folders[0] / "old" if folders else directory / COPIES
    began = _locked_at(first, lock.at.isoformat()) if folders else lock.at.isoformat()
    versions = [_version(first, 0, began, "")]
    versions += [
        _version(folder / "new", one.number, one.at.isoformat(), one.reason)
        for folder, one in zip(folders, lock.amendments, strict=True)
    ]
    broken = tuple(change.what for change in verify_lock(directory))
    return Promised(lock.round_id, tuple(versions), broken)


def _locked_at(folder: Path, otherwise: str) -> str:
    """When the first version was locked: its own lock.json is kept with it."""
    try:
        found: str = json.loads((folder / "lock.json").read_text(encoding="utf-8"))["at"]
    except (OSError, ValueError, KeyError, TypeError):
        return otherwise
    return found


def _version(folder: Path, number: int, at: str, reason: str) -> Version:
    for name in (DESIGN, PLAN):
        if not (folder / name).is_file():
            raise VerificationError(
                f"{folder.parent.name}/{folder.name}/{name} is missing: what was promised "
                "cannot be compared. Restore the folder from a backup."
            )
    design = read_design(folder / DESIGN)
    rows = read_plan_file(folder / PLAN).rows
    return Version(
        number, at, reason, settings_of(design), _contrasts(design), _planned(rows, design)
    )


def settings_of(design: Design) -> dict[str, Any]:
    """The choices of a design that an analysis must keep to, by name, as plain values."""
    about, test, flagging, analysis = design.round, design.test, design.flagging, design.analysis
    return {
        "start": about.start.isoformat() if about.start else None,
        "end": about.end.isoformat() if about.end else None,
        "order": test.order if test else None,
        "response_days": test.response_days if test else None,
        "primary": design.primary_rule,
        "positive": {rule: sorted(codes) for rule, codes in design.positive().items()},
        "missing_outcome": design.reading.missing_outcome,
        "same_profile": design.reading.same_profile,
        "headline": analysis.headline,
        "confidence": analysis.confidence,
        "strata": list(analysis.strata),
        "models": list(analysis.models),
        "flag_rule": flagging.rule,
        "alpha": flagging.alpha,
        "min_tests": flagging.min_tests,
        "grey_midp": flagging.grey_midp,
        "equal_margin": flagging.equal_margin,
        "across": flagging.across,
        "flag_unit": flagging.unit,
        "flag_contrasts": sorted(one.id for one in design.flagged_comparisons()),
        "accept_fixed_order": flagging.accept_fixed_order,
        "min_cell": design.privacy.min_cell,
    }


def _contrasts(design: Design) -> dict[str, tuple[str, ...]]:
    calls = {call.id: (call.request,) for call in design.calls}
    return {**{one.id: (one.control, one.test_label) for one in design.comparisons()}, **calls}


def _planned(rows: Sequence[Mapping[str, str]], design: Design) -> PlannedTests:
    tests: dict[str, Mapping[str, str]] = {}
    for row in rows:
        tests.setdefault(row["test"], row)
    by_contrast = Counter(
        name for row in tests.values() for name in row.get("contrast", "").split("+") if name
    )
    by_stratum = Counter(
        (by, row[by]) for row in tests.values() for by in design.analysis.strata if row.get(by)
    )
    return PlannedTests(len(tests), dict(by_contrast), dict(by_stratum))
