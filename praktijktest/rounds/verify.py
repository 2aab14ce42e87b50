"""`verify`: is everything a folder holds still what it was when it was made?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from praktijktest.problems import Problem, UsageError
from praktijktest.storage import folder_kind

Advance = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Verification:
    """What was checked, and what does not hold.

    Attributes:
        folder: name of the folder.
        kind: "round", "report" or "export".
        checked: what was looked at and holds or not, one line each.
        unchecked: what could not be looked at, and why.
        problems: what does not hold.
    """

    folder: str
    kind: str
    checked: tuple[str, ...]
    unchecked: tuple[str, ...]
    problems: tuple[Problem, ...]

    @property
    def holds(self) -> bool:
        """Whether everything that was looked at is as it was."""
        return not any(problem.level == "error" for problem in self.problems)

    def to_dict(self) -> dict[str, Any]:
        """The verification as plain data."""
        return {
            "format": 1,
            "folder": self.folder,
            "kind": self.kind,
            "holds": self.holds,
            "checked": list(self.checked),
            "unchecked": list(self.unchecked),
            "problems": [problem.to_dict() for problem in self.problems],
        }

    def lines(self) -> list[str]:
        """The verification for a terminal."""
        lines = [f"Checked: {line}" for line in self.checked]
        lines += [f"Not checked: {line}" for line in self.unchecked]
        if self.holds:
            lines.append("Everything that was checked is as it was.")
        return lines


@dataclass(slots=True)
class Findings:
    """What a verification has come to so far."""

    checked: list[str]
    unchecked: list[str]
    problems: list[Problem]

    def wrong(self, code: str, message: str, **place: Any) -> None:
        """Note something that does not hold."""
        self.problems.append(Problem(code=code, message=message, **place))


def verify(
    folder: Path,
    logs: Sequence[Path] = (),
    *,
    store: str | None = None,
    key: Path | None = None,
    advance: Advance | None = None,
) -> Verification:
    """Check whatever a folder holds.

    A round folder: the chain of its ledger, every document in its identity store, the
    snapshots that the ledger notes, the lock, and the files of the reports in `reports/`. A
    report folder: every file against the manifest; and with its log (or the ledger it was
    made from) the whole analysis again, compared file by file. An export of cases: every file,
    the signature, and with its round folder whether the ledger notes it.

    Args:
        folder: a round folder, a report folder or an export of cases.
        logs: the log of a report, or the round folder that a report or an export came from.
        store: URL of the ledger; default as for `open_ledger`.
        key: public key that must have signed an export of cases.
        advance: called now and then with the number of events read since.

    Raises:
        UsageError: the folder is neither, or a log is missing.
    """
    from praktijktest.casework.hand_over import is_hand_over
    from praktijktest.rounds.verify_export import check_export
    from praktijktest.rounds.verify_report import check_report
    from praktijktest.rounds.verify_round import check_round

    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder.name or folder}.")
    kind = "export" if is_hand_over(folder) else folder_kind(folder)
    findings = Findings([], [], [])
    if key is not None and kind != "export":
        raise UsageError("--key goes with an export of cases, and this is none.")
    if kind == "export":
        check_export(folder, logs, findings, store=store, key=key)
    elif kind == "report":
        check_report(folder, logs, findings, store=store, advance=advance)
    elif kind == "round":
        if logs:
            raise UsageError("--log goes with a report folder, and this is a round folder.")
        check_round(folder, findings, store=store, advance=advance)
    else:
        raise UsageError(
            f"{folder.name or folder} is neither a round folder (design.toml) nor a report "
            "folder (manifest.json)."
        )
    return Verification(
        folder=folder.resolve().name,
        kind=kind,
        checked=tuple(findings.checked),
        unchecked=tuple(findings.unchecked),
        problems=tuple(findings.problems),
    )
