"""`init`: a new round folder that the next commands accept as it is."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from praktijktest.problems import UsageError


@dataclass(frozen=True, slots=True)
class InitSummary:
    """What a new round folder holds.

    Attributes:
        directory: the folder.
        round_id: id of the round.
        files: the files written, sorted.
    """

    directory: Path
    round_id: str
    files: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The summary as plain data, with the folder's base name."""
        return {
            "directory": self.directory.name,
            "round": self.round_id,
            "files": list(self.files),
        }


def init_round(
    directory: Path,
    market: str,
    language: str,
    *,
    ground: str | None = None,
    jurisdiction: str | None = None,
) -> InitSummary:
    """Make a round folder with a design, an example frame, letters, names and a README.

    Args:
        directory: a folder that does not exist yet, or is empty.
        market: housing or labour.
        language: nl, fr or en.
        ground: ground that is tested; default: origin.
        jurisdiction: default: the usual one of the language.

    Raises:
        UsageError: the folder holds something, or there is no such market, ground,
            language or jurisdiction.
    """
    from praktijktest.planning.scaffold import NewRound, round_id, scaffold
    from praktijktest.rounds.written_together import write_together

    folder = directory.resolve()
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder.name} is a file; give the name of a new folder.")
    if folder.is_dir() and any(folder.iterdir()):
        raise UsageError(
            f"{folder.name} is not empty; nothing was written. Give the name of a new folder."
        )
    new = NewRound(market, language, ground, jurisdiction, round_id(folder.name))
    contents = scaffold(new)
    folder.mkdir(parents=True, exist_ok=True)
    write_together(folder, contents)
    return InitSummary(folder, new.id, tuple(sorted(contents)))
