"""What an export starts from: a report folder as it was written, or a round folder."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from praktijktest.problems import UsageError, VerificationError
from praktijktest.storage import folder_kind, sha256_of_file

if TYPE_CHECKING:
    from praktijktest.disclosure import TestPlaces

ANALYSIS: Final = "analysis.json"
APPLICATIONS: Final = "applications.csv"
USED: Final = "used"
QUOTED: Final = ("'=", "'+", "'-", "'@", "'\t", "'\r")
"""How a text begins that was made inert for spreadsheets."""

Columns = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class ExportSource:
    """An analysis and its coded applications.

    Attributes:
        document: the analysis document.
        applications: the columns of `applications.csv`, texts by row.
        inputs: name and SHA-256 of the files that were read.
    """

    document: Mapping[str, Any]
    applications: Columns
    inputs: tuple[dict[str, str], ...]

    @property
    def places(self) -> "TestPlaces":
        """Where every test stands, for disclosure control."""
        from praktijktest.disclosure import TestPlaces

        rows = self.applications
        first: dict[str, int] = {}
        for row, (test, status) in enumerate(zip(rows["test"], rows["status"], strict=True)):
            if status == USED:
                first.setdefault(test, row)
        by = dict.fromkeys(
            entry["stratum"]["by"] for entry in self.document["contrasts"] if entry["stratum"]
        )
        columns = {name: rows[found] for name in by if (found := column_of(rows, name))}
        chosen = list(first.values())
        return TestPlaces(
            target=[rows["target"][row] for row in chosen],
            strata={name: [column[row] for row in chosen] for name, column in columns.items()},
            compared=_compared(self.document, rows, {test: n for n, test in enumerate(first)}),
        )


def _compared(
    document: Mapping[str, Any], rows: Columns, number: Mapping[str, int]
) -> dict[str, set[int]]:
    """The tests that each contrast can compare: those with both of its levels."""
    found: dict[str, set[int]] = {}
    for entry in document["contrasts"]:
        name = entry["id"]
        attribute = entry.get("attribute", "profile")
        column = rows.get("profile" if attribute == "profile" else f"attribute:{attribute}")
        if name in found or column is None:
            continue
        levels = [{entry.get("control", name)}]
        if "test" in entry:
            levels.append({entry["test"], *entry["test"].split("+")})
        holding = [
            {
                number[t]
                for t, value in zip(rows["test"], column, strict=True)
                if value in those and t in number
            }
            for those in levels
        ]
        one_each = document["round"]["kind"] in ("single", "mystery")
        found[name] = set.union(*holding) if one_each else set.intersection(*holding)
    return found


def column_of(columns: Mapping[str, Sequence[str]], stratum: str) -> str | None:
    """The column of `applications.csv` that holds a stratum."""
    for name in (f"stratum:{stratum}", f"attribute:{stratum}", stratum):
        if name in columns:
            return name
    return None


def read_source(
    folder: Path, *, store: str | None = None, advance: Callable[[int], None] | None = None
) -> ExportSource:
    """What an export is made from.

    Args:
        folder: a report folder, whose files must be as they were written; or a round folder,
            whose ledger is analysed.
        store: URL of the ledger of a round folder.
        advance: called now and then with the number of events read since.

    Raises:
        UsageError: the folder is neither.
        VerificationError: a file of the report, or the ledger, is not what was written.
    """
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder.name or folder}.")
    kind = folder_kind(folder)
    if kind == "report":
        return _from_report(folder)
    if store is not None or kind == "round":
        return _from_round(folder, store, advance)
    raise UsageError(
        f"{folder.name or folder} is neither a report folder (manifest.json) nor a round folder "
        "(design.toml); praktijktest analyse LOG --design FILE --out DIR makes a report folder."
    )


def _from_report(folder: Path) -> ExportSource:
    from praktijktest.rounds.verify import Findings
    from praktijktest.rounds.verify_report import check_files

    findings = Findings([], [], [])
    manifest = check_files(folder, findings)
    errors = [problem for problem in findings.problems if problem.level == "error"]
    if manifest is None or errors:
        raise VerificationError(
            f"{folder.name} is not as it was made; nothing was exported.", errors
        )
    if str(manifest.get("kind")).startswith("export"):
        raise UsageError(
            f"{folder.name} is an export already; name the report folder it was made from."
        )
    missing = [name for name in (ANALYSIS, APPLICATIONS) if not (folder / name).is_file()]
    if missing or manifest.get("kind") != "report":
        raise UsageError(
            f"{folder.name} is no report of one round: it has no {' and no '.join(missing)}."
            if missing
            else f"{folder.name} holds reports of several rounds or a comparison; name the report "
            "folder of one round."
        )
    document = json.loads((folder / ANALYSIS).read_text(encoding="utf-8"))
    inputs = [
        {"file": name, "sha256": sha256_of_file(folder / name)} for name in (ANALYSIS, APPLICATIONS)
    ]
    return ExportSource(document, read_columns(folder / APPLICATIONS), tuple(inputs))


def _from_round(
    folder: Path, store: str | None, advance: Callable[[int], None] | None
) -> ExportSource:
    from praktijktest.analysis.export import applications_table
    from praktijktest.rounds.analyse import analyse_round
    from praktijktest.rounds.export_gate import require_chain
    from praktijktest.rounds.round_store import open_round

    with open_round(folder, store=store, create=False) as opened:
        require_chain(opened)
    found = analyse_round(folder, store=store, advance=advance)
    header, columns = applications_table(found.analysis)
    texts = {
        name: column.values[column.codes].tolist()
        for name, column in zip(header, columns, strict=True)
    }
    hashed = str(found.ledger.get("hash", ""))
    return ExportSource(
        found.analysis.to_dict(), texts, ({"file": "the ledger", "sha256": hashed},)
    )


def read_columns(path: Path) -> Columns:
    """The columns of a coded log, texts as they were before they were made inert."""
    import csv

    with path.open(encoding="utf-8", newline="") as stream:
        rows = csv.reader(stream)
        header = next(rows)
        columns = list(zip(*rows, strict=True)) or [()] * len(header)
    return {
        name: [text[1:] if text.startswith(QUOTED) else text for text in column]
        for name, column in zip(header, columns, strict=True)
    }
