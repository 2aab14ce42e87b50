"""`design lock`: write the pre-registration and hold the plan fast."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from praktijktest.problems import DataError, Problem, RefusedError, UsageError, VerificationError

if TYPE_CHECKING:
    from praktijktest.design import Design
    from praktijktest.planning.lock import Lock
    from praktijktest.planning.plan import Plan
    from praktijktest.planning.plan_file import PlanFile
    from praktijktest.planning.preregistration import Amendment

FIELDWORK_COLUMNS: Final = ("outcome", "sent_at", "replied_at")


@dataclass(frozen=True, slots=True)
class LockSummary:
    """What a lock holds.

    Attributes:
        round_id: id of the round.
        number: 1 for the first lock, one more after every amendment.
        at: when it was locked, ISO.
        hashes: "design", "frame", "slots", "letters/…" -> SHA-256.
        lock_sha256: SHA-256 of lock.json: publish it, and nobody can change the plan unseen.
        files: the files written, in the round folder.
        already: whether the round was locked before and nothing had changed; then nothing
            was written.
        warnings: what a person should look at.
    """

    round_id: str
    number: int
    at: str
    hashes: Mapping[str, str]
    lock_sha256: str
    files: tuple[str, ...]
    already: bool = False
    warnings: tuple[Problem, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The summary as plain data."""
        return {
            "round": self.round_id,
            "number": self.number,
            "at": self.at,
            "sha256": dict(self.hashes),
            "lock_sha256": self.lock_sha256,
            "files": list(self.files),
            "already": self.already,
            "problems": [problem.to_dict() for problem in self.warnings],
        }

    def lines(self) -> list[str]:
        """The summary for a terminal."""
        if self.already:
            return [f"The round was locked on {self.at[:10]}; nothing has changed since."]
        texts = [name for name in self.files if name.startswith("preregistration.")]
        return [
            f"Locked {self.round_id} (version {self.number}) on {self.at}.",
            f"Pre-registration: {', '.join(texts)}.",
            f"SHA-256 of lock.json, to publish with it: {self.lock_sha256}",
            "From here on the plan changes only with: praktijktest design amend DIR --reason …",
        ]


def lock_round(
    directory: Path,
    at: datetime | None = None,
    expected: tuple[float, float] | None = None,
) -> LockSummary:
    """Lock the plan of a round: pre-registration in three languages, and hashes.

    Args:
        directory: the round folder, with design.toml, frame, plan and letters.
        at: moment of the lock; default: now.
        expected: shares of tests with only the control and only the test applicant
            answered that are expected, for the power; default: three usual assumptions.

    Returns:
        What was locked. A round that is locked and unchanged is left as it is.

    Raises:
        UsageError: design, frame or plan are missing.
        DesignError: the design cannot be used.
        DataError: the plan does not belong to the design and frame, or the letters do not
            serve it.
        RefusedError: the round is locked and was changed since, or something was already
            sent.
        VerificationError: the round was locked before, and its lock.json is gone.
    """
    from praktijktest.planning.lock import is_locked, read_lock, require_unchanged
    from praktijktest.rounds.written_together import write_together

    if is_locked(directory):
        require_unchanged(directory)
        return _summary(read_lock(directory), directory, already=True)
    _refuse_lost_lock(directory)
    state = read_state(directory)
    _refuse_begun(state.file)
    _require_belonging(directory, state)
    moment = with_zone(at, state.design)
    files, lock = locked_files(state, number=1, at=moment, expected=expected, amendments=())
    write_together(directory, files)
    return _summary(lock, directory, files=tuple(files), warnings=state.warnings)


@dataclass(frozen=True, slots=True)
class RoundState:
    """A round folder as it is to be locked.

    Attributes:
        design: the design.
        plan: the plan.
        file: plan.csv as it stands.
        contents: path -> bytes of design, frame, plan and letter templates.
        frame_rows: rows of the frame.
        frame_targets: targets in the frame.
        warnings: about the letters.
    """

    design: "Design"
    plan: "Plan"
    file: "PlanFile"
    contents: Mapping[str, bytes]
    frame_rows: int
    frame_targets: int
    warnings: tuple[Problem, ...]


def read_state(directory: Path) -> RoundState:
    """Read and check everything a lock is about; see `lock_round` for what is raised."""
    from praktijktest.design import read_design
    from praktijktest.planning.frame import read_frame
    from praktijktest.planning.lock import PLAN, locked_contents
    from praktijktest.planning.plan_file import plan_from_rows, read_plan_file
    from praktijktest.rounds.letters import has_letters, plan_seed, round_templates
    from praktijktest.rounds.plan import own_frame

    design = read_design(directory / "design.toml")
    frame = read_frame(own_frame(directory), design.sampling.strata)
    file = read_plan_file(directory / PLAN)
    plan = plan_from_rows(file.rows, design, plan_seed(directory))
    warnings = round_templates(directory, design)[1] if has_letters(directory) else ()
    return RoundState(
        design=design,
        plan=plan,
        file=file,
        contents=locked_contents(directory),
        frame_rows=len(frame),
        frame_targets=len(set(frame.target.tolist())),
        warnings=warnings,
    )


def locked_files(
    state: RoundState,
    *,
    number: int,
    at: datetime,
    expected: tuple[float, float] | None,
    amendments: "tuple[Amendment, ...]",
) -> "tuple[dict[str, bytes], Lock]":
    """The files of a lock by path: pre-registration, copies and lock.json."""
    from praktijktest import __version__
    from praktijktest.planning.lock import COPIES, LOCK, Lock, file_hashes, hashes_of
    from praktijktest.planning.preregistration import Registered, preregistration_texts

    hashes = hashes_of(state.contents, state.file.rows)
    texts = preregistration_texts(
        Registered(
            design=state.design,
            plan=state.plan,
            frame_rows=state.frame_rows,
            frame_targets=state.frame_targets,
            hashes=hashes,
            version=__version__,
            at=at,
            expected=expected,
            amendments=amendments,
        )
    )
    lock = Lock(
        round_id=state.design.round.id,
        number=number,
        at=at,
        program=__version__,
        seed=state.plan.seed,
        hashes=hashes,
        files=file_hashes({**state.contents, **texts}),
        amendments=amendments,
    )
    copies = {f"{COPIES}/{name}": content for name, content in state.contents.items()}
    copies |= {f"{COPIES}/{name}": content for name, content in texts.items()}
    return {**texts, **copies, LOCK: lock.content()}, lock


def with_zone(at: datetime | None, design: "Design") -> datetime:
    """A moment in the time zone of the round, to the second; without one given, now."""
    from zoneinfo import ZoneInfo

    from praktijktest.planning.working_time import region_of

    region = region_of(design.round.jurisdiction)
    zone = ZoneInfo("Europe/Amsterdam" if region == "nl" else "Europe/Brussels")
    moment = datetime.now(zone) if at is None else at
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return moment.replace(microsecond=0)


def _refuse_lost_lock(directory: Path) -> None:
    """A round that was locked before stays locked, also when its lock.json is gone."""
    traces = [name for name in ("locked", "amendments") if (directory / name).exists()]
    if traces:
        raise VerificationError(
            f"lock.json is missing, but {' and '.join(traces)} show that this round was locked "
            "before. Put lock.json back; a new lock would erase what was promised."
        )


def _refuse_begun(file: "PlanFile") -> None:
    begun = [name for name in FIELDWORK_COLUMNS if any(row.get(name) for row in file.rows)]
    if begun:
        raise RefusedError(
            f"plan.csv already holds {', '.join(begun)}: a plan is locked before anything is "
            "sent. Move what was filled in to a file of its own."
        )


def _require_belonging(directory: Path, state: RoundState) -> None:
    """The plan must be the one that was made from this design and frame.

    Raises:
        DataError: plan.json says that it was made from others, or was changed itself.
    """
    from praktijktest.planning.lock import hashes_of

    record = json.loads((directory / "plan.json").read_text(encoding="utf-8"))
    current = hashes_of(state.contents, state.file.rows)
    problems = [
        Problem(
            code="plan-of-another",
            message=f"the {name} is not the one this plan was made with",
            file="plan.json",
            column=f"{name}_sha256",
            hint="make the plan again with: praktijktest design plan",
        )
        for name in ("design", "frame", "slots")
        if record.get(f"{name}_sha256") != current.get(name)
    ]
    if problems:
        raise DataError("The plan does not belong to what is in the folder.", problems)


def _summary(
    lock: "Lock",
    directory: Path,
    *,
    files: tuple[str, ...] = (),
    already: bool = False,
    warnings: tuple[Problem, ...] = (),
) -> LockSummary:
    from praktijktest.planning.lock import LOCK

    return LockSummary(
        round_id=lock.round_id,
        number=lock.number,
        at=lock.at.isoformat(),
        hashes=lock.hashes,
        lock_sha256=hashlib.sha256((directory / LOCK).read_bytes()).hexdigest(),
        files=files,
        already=already,
        warnings=warnings,
    )


def require_expectation(
    only_control: float | None, only_test: float | None
) -> tuple[float, float] | None:
    """The expected shares from a command line; None where neither is given.

    Raises:
        UsageError: one is missing, or they are impossible.
    """
    from praktijktest.rounds.power_expectation import checked_rates

    if only_control is None and only_test is None:
        return None
    if only_control is None or only_test is None:
        raise UsageError("--only-control and --only-test go together; give both or neither.")
    return checked_rates(only_control, only_test, "--only-control", "--only-test")
