"""What a lock holds fast: hashes of design, frame, allocation and letters, and copies of them.

The lock is a file beside the plan, `lock.json`; the copies in `locked/` are what an amendment
keeps as the old version. Drawing adverts changes neither: what a draw fills in is not part
of the allocation that is hashed.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

from praktijktest.planning.plan_file import read_plan_file, slots_digest
from praktijktest.planning.preregistration import Amendment
from praktijktest.problems import Problem, RefusedError, VerificationError
from praktijktest.vocabulary import FORMAT

LOCK: Final = "lock.json"
COPIES: Final = "locked"
DESIGN: Final = "design.toml"
PLAN: Final = "plan.csv"
RECORD: Final = "plan.json"
LETTERS: Final = "letters"
FRAMES: Final = tuple(f"frame.{kind}" for kind in ("csv", "xlsx", "ods", "xls", "tsv", "txt"))
State = Literal["changed", "missing", "added"]
_STATE_WORDS: Final[dict[State, str]] = {
    "changed": "is not what was locked",
    "missing": "was locked and is not there any more",
    "added": "is there and was not locked",
}


@dataclass(frozen=True, slots=True)
class Lock:
    """The content of lock.json.

    Attributes:
        round_id: id of the round.
        number: 1 for the first lock, one more after every amendment.
        at: when it was locked, or last amended.
        program: version of praktijktest.
        seed: seed of the plan.
        hashes: "design", "frame", "slots", "letters/…" -> SHA-256.
        files: path in the folder -> SHA-256 of the copy in `locked/`.
        amendments: changes since the first lock.
    """

    round_id: str
    number: int
    at: datetime
    program: str
    seed: int
    hashes: Mapping[str, str]
    files: Mapping[str, str]
    amendments: tuple[Amendment, ...] = ()

    def content(self) -> bytes:
        """The bytes of lock.json."""
        document = {
            "format": FORMAT,
            "kind": "lock",
            "round": self.round_id,
            "number": self.number,
            "at": self.at.isoformat(),
            "praktijktest": self.program,
            "seed": self.seed,
            "sha256": dict(self.hashes),
            "files": dict(self.files),
            "amendments": [
                {
                    "number": one.number,
                    "at": one.at.isoformat(),
                    "reason": one.reason,
                    "changed": list(one.changed),
                }
                for one in self.amendments
            ],
        }
        return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode("utf-8")


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not as it was locked.

    Attributes:
        what: "design", "frame", "slots", "seed", "letters/…" or "locked/…".
        state: changed, missing or added.
    """

    what: str
    state: State

    def to_dict(self) -> dict[str, str]:
        """The change as plain data."""
        return {"what": self.what, "state": self.state}

    def problem(self) -> Problem:
        """The change as a line for people."""
        return Problem(
            code="lock-broken",
            message=_STATE_WORDS[self.state],
            column=self.what,
            hint="put it back, or record the change with: praktijktest design amend --reason …",
        )


def is_locked(directory: Path) -> bool:
    """Whether the round of a folder is locked."""
    return (directory / LOCK).is_file()


def refuse_when_locked(directory: Path, action: str) -> None:
    """Refuse to do something to a locked round.

    Args:
        directory: the round folder.
        action: what somebody wants, as in "make a new plan".

    Raises:
        RefusedError: the round is locked.
    """
    if is_locked(directory):
        raise RefusedError(
            f"The round is locked, so it is refused to {action}. A change after the lock needs "
            "a reason: praktijktest design amend DIR --reason …"
        )


def require_unchanged(directory: Path) -> None:
    """Refuse to go on with a locked round that is not as it was locked.

    Raises:
        RefusedError: with everything that changed. A round without a lock passes.
        VerificationError: lock.json cannot be read.
    """
    changes = verify_lock(directory) if is_locked(directory) else ()
    if changes:
        raise RefusedError(
            "The round was changed after it was locked.", [one.problem() for one in changes]
        )


def verify_lock(directory: Path) -> tuple[Change, ...]:
    """What of a locked round is not as it was locked; empty when nothing changed.

    Raises:
        VerificationError: lock.json is missing or cannot be read.
        DataError: plan.csv is no plan any more.
    """
    lock = read_lock(directory)
    current = current_hashes(directory)
    changes = [
        Change(what, "missing" if what not in current else "changed")
        for what, digest in lock.hashes.items()
        if current.get(what) != digest
    ]
    changes += [Change(what, "added") for what in current if what not in lock.hashes]
    if recorded_seed(directory) != lock.seed:
        changes.append(Change("seed", "changed"))
    for name, digest in lock.files.items():
        copy = directory / COPIES / name
        if not copy.is_file():
            changes.append(Change(f"{COPIES}/{name}", "missing"))
        elif _sha256(copy.read_bytes()) != digest:
            changes.append(Change(f"{COPIES}/{name}", "changed"))
    return tuple(changes)


def read_lock(directory: Path) -> Lock:
    """The lock of a round.

    Raises:
        VerificationError: there is none, or it is not as the program wrote it.
    """
    path = directory / LOCK
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if any(name.startswith("/") or ".." in Path(name).parts for name in found["files"]):
            raise ValueError("a path out of the folder")
        return Lock(
            round_id=found["round"],
            number=found["number"],
            at=datetime.fromisoformat(found["at"]),
            program=found["praktijktest"],
            seed=found["seed"],
            hashes=dict(found["sha256"]),
            files=dict(found["files"]),
            amendments=tuple(
                Amendment(
                    one["number"],
                    datetime.fromisoformat(one["at"]),
                    one["reason"],
                    tuple(one["changed"]),
                )
                for one in found["amendments"]
            ),
        )
    except FileNotFoundError:
        raise VerificationError(f"There is no {LOCK}: the round is not locked.") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise VerificationError(f"{LOCK} cannot be read: it was changed by hand.") from None


def current_hashes(directory: Path) -> dict[str, str]:
    """SHA-256 of design, frame, allocation and letters as they stand; what is missing is absent.

    Raises:
        DataError: plan.csv is no plan any more.
    """
    plan = directory / PLAN
    rows = read_plan_file(plan).rows if plan.is_file() else None
    return hashes_of(locked_contents(directory), rows)


def hashes_of(
    contents: Mapping[str, bytes], rows: Sequence[Mapping[str, str]] | None
) -> dict[str, str]:
    """The same from contents by path and the rows of the plan, None where there is no plan."""
    found = {}
    for name, content in contents.items():
        if name == DESIGN:
            found["design"] = _sha256(content)
        elif name in FRAMES:
            found["frame"] = _sha256(content)
        elif name != PLAN:
            found[name] = _sha256(content)
    letters = {name: found.pop(name) for name in sorted(found) if "/" in name}
    slots = {} if rows is None else {"slots": slots_digest(rows)}
    return {**found, **slots, **letters}


def locked_contents(directory: Path) -> dict[str, bytes]:
    """The files that a lock is about, by path: design, frame, plan and letter templates."""
    return {name: (directory / name).read_bytes() for name in _locked_names(directory)}


def _locked_names(directory: Path) -> Iterator[str]:
    if (directory / DESIGN).is_file():
        yield DESIGN
    yield from [name for name in FRAMES if (directory / name).is_file()][:1]
    if (directory / PLAN).is_file():
        yield PLAN
    for path in sorted((directory / LETTERS).glob("*.md")):
        yield f"{LETTERS}/{path.name}"


def file_hashes(contents: Mapping[str, bytes]) -> dict[str, str]:
    """SHA-256 of each file as it is."""
    return {name: _sha256(content) for name, content in contents.items()}


def recorded_seed(directory: Path) -> int | None:
    """The seed in plan.json, None where it cannot be read."""
    try:
        seed = json.loads((directory / RECORD).read_text(encoding="utf-8"))["seed"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return seed if isinstance(seed, int) else None


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
