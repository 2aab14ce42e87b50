"""`praktijktest pool`: rounds, cities or published studies together, ground by ground."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from praktijktest.problems import UsageError

if TYPE_CHECKING:
    from praktijktest.rounds.pool_effects import StudyEffect
    from praktijktest.rounds.pool_reports import Round
    from praktijktest.rounds.pool_table import Studies, Wanted

MEASURES: Final = ("response_ratio", "net_rate_usable", "net_rate_all", "odds_ratio_conditional")
"""What can be pooled, the default first."""

COVARIATE_OF_ROUNDS: Final = "year"


@dataclass(frozen=True, slots=True)
class Pooling:
    """A meta-analysis of rounds and studies, as plain data.

    Attributes:
        title: what the report is called.
        measure: name of the effect; ratios are pooled as logarithms.
        confidence: of every interval.
        moderator: covariate of a meta-regression, None without.
        sources: the report folders and the table, with their hashes.
        rule: what counts as positive in the rounds; None where there are only studies.
        dated: the last date that a round looked at, "" unknown.
        simulated: a round was made by a program.
        grounds: per ground: its studies, the pooled effect and its checks.
        left_out: grounds that not every round has.
    """

    title: str
    measure: str
    confidence: float
    moderator: str | None
    sources: tuple[dict[str, Any], ...]
    rule: str | None
    dated: str
    simulated: bool
    grounds: tuple[dict[str, Any], ...]
    left_out: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The pooling as one JSON document."""
        return {
            "format": 1,
            "kind": "pooling",
            "title": self.title,
            "measure": self.measure,
            "confidence": self.confidence,
            "moderator": self.moderator,
            "sources": list(self.sources),
            "rule": self.rule,
            "dated": self.dated,
            "simulated": self.simulated,
            "grounds": list(self.grounds),
            "left_out": list(self.left_out),
        }


def pool_rounds(
    folders: Sequence[Path] = (),
    *,
    studies: Path | None = None,
    measure: str = "response_ratio",
    contrast: str | None = None,
    grounds: Sequence[str] = (),
    moderator: str | None = None,
    columns: Mapping[str, str] | None = None,
    keep: Mapping[str, Sequence[str]] | None = None,
    sheet: str | None = None,
    confidence: float = 0.95,
    title: str | None = None,
) -> Pooling:
    """Pool rounds by their report folders, published studies from a table, or both.

    Args:
        folders: report folders.
        studies: a table with a row per study.
        measure: name of the effect, one of `MEASURES`.
        contrast: id of the one contrast of the rounds to pool; default: all.
        grounds: grounds to pool; default: all that the rounds share, and all of the table.
            "origin=Ethno-racial origin": rows of the table that call it so are about origin.
        moderator: covariate of a meta-regression: a column of the table, or "year".
        columns: our name of a column of the table -> theirs.
        keep: column of the table -> the values of the rows to use.
        sheet: sheet of a spreadsheet.
        confidence: of every interval.
        title: what the report is called; default: the rounds and the table by name.

    Raises:
        UsageError: wrong use: nothing to pool, an unknown measure, column or ground.
        DataError: rows of the table, or a report, cannot be used.
    """
    from praktijktest.rounds.pool_reports import effects_of_rounds, read_rounds
    from praktijktest.rounds.pool_table import Wanted, known_ground

    _check(folders, studies, measure, contrast, moderator, confidence)
    called = {
        known_ground(theirs.strip() or ours): known_ground(ours.strip())
        for ours, _, theirs in (ground.partition("=") for ground in grounds)
    }
    wanted_grounds = list(dict.fromkeys(called.values()))
    effects: list[StudyEffect] = []
    left_out: list[str] = []
    rounds = read_rounds(folders)
    if rounds:
        effects, left_out = effects_of_rounds(
            rounds, measure, contrast=contrast, grounds=wanted_grounds
        )
    table = None
    if studies is not None:
        wanted = Wanted(
            measure=measure,
            columns=columns or {},
            keep=keep or {},
            moderator=moderator,
            ground=_ground_of_all(wanted_grounds, effects),
            grounds=called,
            sheet=sheet,
        )
        table = _studies(studies, wanted, wanted_grounds, with_rounds=bool(rounds))
        effects += table.effects
    names = [found.document["round"]["title"] or found.folder for found in rounds]
    return Pooling(
        title=title or ", ".join([*names, *([studies.stem] if studies else [])]),
        measure=measure,
        confidence=confidence,
        moderator=moderator,
        sources=tuple(_sources(rounds, studies, table)),
        rule=rounds[0].document["method"]["primary"] if rounds else None,
        dated=max((str(r.document["method"]["as_of"] or "")[:10] for r in rounds), default=""),
        simulated=any(found.document["data"]["simulated"] for found in rounds),
        grounds=_by_ground(effects, measure, confidence, moderator),
        left_out=tuple(left_out),
    )


def _by_ground(
    effects: "Sequence[StudyEffect]", measure: str, confidence: float, moderator: str | None
) -> tuple[dict[str, Any], ...]:
    """Every ground pooled on its own, in the order in which they come up."""
    from praktijktest.rounds.pooled_ground import pooled_ground

    found: dict[str | None, list[StudyEffect]] = {}
    for effect in effects:
        found.setdefault(effect.origin.ground, []).append(effect)
    return tuple(
        pooled_ground(ground, members, measure=measure, confidence=confidence, moderator=moderator)
        for ground, members in found.items()
    )


def _check(
    folders: Sequence[Path],
    studies: Path | None,
    measure: str,
    contrast: str | None,
    moderator: str | None,
    confidence: float,
) -> None:
    if not folders and studies is None:
        raise UsageError("Name report folders, or a table of studies with --studies.")
    if measure not in MEASURES:
        raise UsageError(f"--measure is one of {', '.join(MEASURES)}, not {measure!r}.")
    if not 0.5 < confidence < 1:
        raise UsageError(f"The confidence must lie between 0.5 and 1, not {confidence}.")
    if contrast is not None and not folders:
        raise UsageError("--contrast names a contrast of report folders, and there are none.")
    if folders and moderator not in (None, COVARIATE_OF_ROUNDS):
        raise UsageError(
            f"A report folder knows one covariate, {COVARIATE_OF_ROUNDS}; for {moderator!r} "
            "write the studies in a table (--studies)."
        )


def _ground_of_all(grounds: Sequence[str], effects: Sequence["StudyEffect"]) -> str | None:
    """The ground of a table without a column for it: the one that everything is about."""
    if len(grounds) == 1:
        return grounds[0]
    found = {effect.origin.ground for effect in effects}
    return found.pop() if len(found) == 1 else None


def _studies(
    source: Path, wanted: "Wanted", grounds: Sequence[str], *, with_rounds: bool
) -> "Studies":
    """The studies of a table on the grounds that are wanted.

    Raises:
        UsageError: no row has such a ground, or it cannot be told which rounds a row joins.
    """
    from dataclasses import replace

    from praktijktest.rounds.pool_table import read_studies

    table = read_studies(source, wanted)
    named = {effect.origin.ground for effect in table.effects}
    if with_rounds and None in named:
        raise UsageError(
            f"{source.name} has no column ground, and the rounds have several; "
            "add the column or choose one with --ground."
        )
    if not grounds:
        return table
    kept = tuple(effect for effect in table.effects if effect.origin.ground in grounds)
    if not kept:
        raise UsageError(
            f"No row of {source.name} has the ground {', '.join(grounds)}; "
            f"it has: {', '.join(sorted(str(name) for name in named))}."
        )
    left_out = table.rows_left_out + len(table.effects) - len(kept)
    return replace(table, effects=kept, rows_left_out=left_out)


def _sources(
    rounds: Sequence["Round"], studies: Path | None, table: "Studies | None"
) -> list[dict[str, Any]]:
    from praktijktest.storage import sha256_of_file

    found: list[dict[str, Any]] = [
        {
            "kind": "report",
            "name": one.folder,
            "title": one.document["round"]["title"],
            "start": one.document["round"]["start"],
            "end": one.document["round"]["end"],
            "tests": one.document["data"]["tests_usable"],
            "simulated": one.document["data"]["simulated"],
            "sha256": one.sha256,
        }
        for one in rounds
    ]
    if studies is not None and table is not None:
        found.append(
            {
                "kind": "table",
                "name": studies.name,
                "rows_read": table.rows_read,
                "rows_left_out": table.rows_left_out,
                "sha256": sha256_of_file(studies),
            }
        )
    return found
