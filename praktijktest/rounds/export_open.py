"""`export open`: an encrypted export of cases, opened by the one it was encrypted to."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from praktijktest.problems import DataError, Problem, UsageError, VerificationError

LARGEST_KEY = 100_000


@dataclass(frozen=True, slots=True)
class OpenedExport:
    """An export that was opened.

    Attributes:
        folder: where its files are now.
        files: their names.
        warnings: what to look at.
    """

    folder: Path
    files: tuple[str, ...]
    warnings: tuple[Problem, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The opened export as plain data."""
        return {
            "format": 1,
            "folder": self.folder.name,
            "files": list(self.files),
            "problems": [problem.to_dict() for problem in self.warnings],
        }

    def lines(self) -> list[str]:
        """The opened export for a terminal."""
        return [
            f"{len(self.files)} files, which only you can read. Check who signed them:",
            f"praktijktest verify {self.folder} --key KEY",
        ]


def open_export(export: Path, identity: Path, out: Path) -> OpenedExport:
    """Decrypt an export and write its files in a folder that only its owner may open.

    Args:
        export: the folder of the encrypted export, or the archive in it.
        identity: file with the private key of age.
        out: the folder to write.

    Raises:
        UsageError: there is no archive, or no key in the file.
        DataError: it was not encrypted to this key, or is damaged.
        VerificationError: the files are not what was put in.
    """
    from praktijktest.casework.hand_over import ARCHIVE, refuse_place, write_folder
    from praktijktest.casework.keys import decrypted
    from praktijktest.casework.sealed import unpacked

    refuse_place(out)
    archive = export / ARCHIVE if export.is_dir() else export
    if not archive.is_file():
        raise UsageError(f"{export.name or export} holds no encrypted export ({ARCHIVE}).")
    if not identity.is_file() or identity.stat().st_size > LARGEST_KEY:
        raise UsageError(f"There is no key file {identity.name}.")
    text = identity.read_text(encoding="utf-8", errors="replace")
    files = unpacked(decrypted(archive.read_bytes(), text))
    with write_folder(out, files, private=True) as scratch:
        _require_whole(scratch)
    return OpenedExport(out, tuple(sorted(files)))


def _require_whole(folder: Path) -> None:
    """See that what was decrypted is what was put in."""
    from praktijktest.casework.hand_over import is_hand_over
    from praktijktest.rounds.verify import verify

    if not is_hand_over(folder):
        raise DataError("The archive holds no export of cases; nothing was written.")
    found = verify(folder)
    if not found.holds:
        raise VerificationError(
            "The files in the archive are not what was put in; nothing was written.",
            found.problems,
        )
