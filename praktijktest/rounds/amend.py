"""`design amend`: change a locked plan with a reason, and keep both versions."""

import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from praktijktest.problems import RefusedError, UsageError, VerificationError

if TYPE_CHECKING:
    from praktijktest.planning.lock import Lock
    from praktijktest.planning.preregistration import Amendment
    from praktijktest.rounds.lock import RoundState

AMENDMENTS: Final = "amendments"
RECORD: Final = "plan.json"


@dataclass(frozen=True, slots=True)
class AmendSummary:
    """What an amendment changed.

    Attributes:
        number: its number, from 1.
        at: when it was made, ISO.
        reason: why.
        changed: design, frame, slots, letters/…
        folder: where both versions are kept, in the round folder.
        files: the files written, in the round folder.
    """

    number: int
    at: str
    reason: str
    changed: tuple[str, ...]
    folder: str
    files: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The summary as plain data."""
        return {
            "number": self.number,
            "at": self.at,
            "reason": self.reason,
            "changed": list(self.changed),
            "folder": self.folder,
            "files": list(self.files),
        }

    def lines(self) -> list[str]:
        """The summary for a terminal."""
        return [
            f"Amendment {self.number}: changed {', '.join(self.changed)}.",
            f"Both versions are kept in {self.folder}; the round is locked again.",
        ]


def amend_round(
    directory: Path,
    reason: str,
    *,
    design: Path | None = None,
    frame: Path | None = None,
    plan: Path | None = None,
    at: datetime | None = None,
) -> AmendSummary:
    """Change a locked round, keep the old and the new version, and lock it again.

    What was changed by hand in the folder since the lock (letters, say) is part of the
    amendment, and so are the files given. A new plan is made in a copy of the folder without
    lock.json; its plan.json is taken from beside it. The field workbook is made again; the
    old one is kept with the old version.

    Args:
        directory: the round folder.
        reason: why; it goes into the pre-registration.
        design: a new design, in place of design.toml.
        frame: a new frame, in place of frame.csv.
        plan: a new plan.csv.
        at: moment of the amendment; default: now.

    Raises:
        UsageError: there is no reason, the round is not locked, or nothing differs.
        DesignError: the new design cannot be used.
        DataError: design, plan and letters do not go together.
        RefusedError: the amendment lies before the lock, or changes the sequential rule of a
            round that has begun.
        VerificationError: the copies of what was locked are not as they were.
    """
    from praktijktest.planning.lock import DESIGN, read_lock
    from praktijktest.rounds.frozen_rule import refuse_changed_rule
    from praktijktest.rounds.written_together import write_together

    told = _told(directory, reason)
    lock = read_lock(directory)
    old = _old_version(directory, lock)
    moment = _moment(directory, lock, at)
    given = _given(design, frame, plan)
    state = _new_state(directory, given)
    refuse_changed_rule(directory, old[DESIGN], state, moment)
    amendment = _amendment(lock, state, told, moment)
    files = {**given, **_derived(directory, state, given.get(RECORD))}
    written = {**_kept(lock, old, state, amendment), **files, **_locked(lock, state, amendment)}
    write_together(directory, written)
    _tidy_copies(directory, state)
    return AmendSummary(
        number=amendment.number,
        at=moment.isoformat(),
        reason=told,
        changed=amendment.changed,
        folder=_folder(amendment),
        files=tuple(written),
    )


def _told(directory: Path, reason: str) -> str:
    """The reason on one line; there must be one, and a lock to amend."""
    from praktijktest.planning.lock import is_locked

    told = " ".join(reason.split())
    if not told:
        raise UsageError("An amendment needs a reason: --reason TEXT.")
    if not is_locked(directory):
        raise UsageError("The round is not locked; change what you like and lock it then.")
    return told


def _moment(directory: Path, lock: "Lock", at: datetime | None) -> datetime:
    """When the amendment is made; never before what it amends."""
    from praktijktest.design import read_design
    from praktijktest.planning.lock import COPIES
    from praktijktest.rounds.lock import with_zone

    moment = with_zone(at, read_design(directory / COPIES / "design.toml"))
    if moment < lock.at:
        raise RefusedError(
            f"The amendment of {moment.isoformat()} lies before the lock of {lock.at.isoformat()}."
        )
    return moment


def _given(design: Path | None, frame: Path | None, plan: Path | None) -> dict[str, bytes]:
    """The new files by the name they get; with a plan comes the plan.json beside it."""
    replaced = {"design.toml": design, "frame.csv": frame, "plan.csv": plan}
    given = {name: _read(path) for name, path in replaced.items() if path is not None}
    if plan is not None and (plan.parent / RECORD).is_file():
        given[RECORD] = (plan.parent / RECORD).read_bytes()
    return given


def _amendment(lock: "Lock", state: "RoundState", reason: str, moment: datetime) -> "Amendment":
    """The amendment, with what differs from the lock; something must."""
    from praktijktest.planning.preregistration import Amendment

    hashes = _hashes(state)
    names = dict.fromkeys((*lock.hashes, *hashes))
    changed = [name for name in names if lock.hashes.get(name) != hashes.get(name)]
    if state.plan.seed != lock.seed:
        changed.append("seed")
    if not changed:
        raise UsageError("Nothing differs from what was locked, so there is nothing to amend.")
    return Amendment(len(lock.amendments) + 1, moment, reason, tuple(changed))


def _hashes(state: "RoundState") -> dict[str, str]:
    from praktijktest.planning.lock import hashes_of

    return hashes_of(state.contents, state.file.rows)


def _folder(amendment: "Amendment") -> str:
    return f"{AMENDMENTS}/{amendment.number:03d}"


def _kept(
    lock: "Lock", old: Mapping[str, bytes], state: "RoundState", amendment: "Amendment"
) -> dict[str, bytes]:
    """Both versions and the record of the amendment, in its folder."""
    folder = _folder(amendment)
    return {
        **{f"{folder}/old/{name}": content for name, content in old.items()},
        **{f"{folder}/new/{name}": content for name, content in state.contents.items()},
        f"{folder}/amendment.json": _record(amendment, lock.hashes, _hashes(state)),
    }


def _locked(lock: "Lock", state: "RoundState", amendment: "Amendment") -> dict[str, bytes]:
    """The files of the new lock; lock.json comes last, so that it never says too much."""
    from praktijktest.rounds.lock import locked_files

    files, _ = locked_files(
        state,
        number=lock.number + 1,
        at=amendment.at,
        expected=None,
        amendments=(*lock.amendments, amendment),
    )
    return files


def _old_version(directory: Path, lock: "Lock") -> dict[str, bytes]:
    """What was locked, from the copies, with the lock and the workbook as they stand.

    Raises:
        VerificationError: a copy is missing or was changed.
    """
    from praktijktest.planning.lock import COPIES, LOCK, file_hashes

    contents = {}
    for name in lock.files:
        path = directory / COPIES / name
        contents[name] = path.read_bytes() if path.is_file() else b""
    if file_hashes(contents) != dict(lock.files):
        raise VerificationError(
            f"The copies in {COPIES}/ are not what was locked: the old version cannot be kept. "
            "Restore the folder from a backup first."
        )
    contents[LOCK] = (directory / LOCK).read_bytes()
    for name in ("plan.xlsx", RECORD):
        if (directory / name).is_file():
            contents[name] = (directory / name).read_bytes()
    return contents


def _read(path: Path) -> bytes:
    if not path.is_file():
        raise UsageError(f"There is no file {path.name}.")
    return path.read_bytes()


def _new_state(directory: Path, given: Mapping[str, bytes]) -> "RoundState":
    """The round as it will be, read from a scratch copy so that nothing is half changed."""
    from praktijktest.planning.lock import locked_contents
    from praktijktest.rounds.lock import read_state

    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        (scratch / "letters").mkdir()
        for place, content in {**locked_contents(directory), **given}.items():
            (scratch / place).write_bytes(content)
        for extra in (RECORD, "names.csv"):
            if (directory / extra).is_file() and extra not in given:
                shutil.copyfile(directory / extra, scratch / extra)
        return read_state(scratch)


def _record(amendment: "Amendment", old: Mapping[str, str], new: Mapping[str, str]) -> bytes:
    document = {
        "format": 1,
        "kind": "amendment",
        "number": amendment.number,
        "at": amendment.at.isoformat(),
        "reason": amendment.reason,
        "changed": list(amendment.changed),
        "old": dict(old),
        "new": dict(new),
    }
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode("utf-8")


def _derived(directory: Path, state: "RoundState", record: bytes | None) -> dict[str, bytes]:
    """What follows from the plan: plan.json with the new hashes, and the workbook if any."""
    from praktijktest.planning.workbook import workbook_bytes

    hashes = _hashes(state)
    source = record if record is not None else (directory / RECORD).read_bytes()
    updated = json.loads(source) | {
        "tests": state.plan.tests,
        "applications": len(state.plan.applications),
        **{f"{name}_sha256": hashes[name] for name in ("slots", "frame", "design")},
    }
    files = {RECORD: (json.dumps(updated, indent=1, ensure_ascii=False) + "\n").encode("utf-8")}
    if (directory / "plan.xlsx").is_file():
        files["plan.xlsx"] = workbook_bytes(state.plan, state.design)
    return files


def _tidy_copies(directory: Path, state: "RoundState") -> None:
    """Take letters out of the copies that are no longer part of the round."""
    from praktijktest.planning.lock import COPIES

    for path in (directory / COPIES / "letters").glob("*.md"):
        if f"letters/{path.name}" not in state.contents:
            path.unlink()
