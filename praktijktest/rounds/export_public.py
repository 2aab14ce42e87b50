"""`export public`: aggregates that may be published, and what was hidden to get there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from praktijktest.problems import Problem, RefusedError, UsageError
from praktijktest.rounds.export_folder import export_folder, json_bytes, write
from praktijktest.rounds.export_gate import leaving
from praktijktest.rounds.export_source import ANALYSIS, ExportSource, read_source
from praktijktest.storage import sha256_of_file

if TYPE_CHECKING:
    from praktijktest.disclosure import Protected
    from praktijktest.rounds.renderings import Rendering

KIND: Final = "export-public"
REPORTS: Final = ("full", "summary")
LEFT_OUT: Final = ("targets.csv", "records.csv", "problems.csv")
"""Tables that a public export never has."""


@dataclass(frozen=True, slots=True)
class PublicExport:
    """What was exported.

    Attributes:
        folder: name of the folder.
        files: its files.
        hidden: the disclosure check: what was hidden, by kind.
    """

    folder: str
    files: tuple[str, ...]
    hidden: dict[str, Any]

    @property
    def warnings(self) -> Sequence[Problem]:
        """None: what is hidden is the result, and no problem."""
        return ()

    def to_dict(self) -> dict[str, Any]:
        """The export as plain data."""
        return {
            "format": 1,
            "folder": self.folder,
            "files": list(self.files),
            "disclosure": self.hidden,
        }

    def lines(self) -> list[str]:
        """The export for a terminal."""
        strata = self.hidden["strata"]
        return [
            f"Hidden: {sum(row['hidden'] for row in strata)} of "
            f"{sum(row['hidden'] + row['shown'] for row in strata)} strata, "
            f"{self.hidden['replies']} counts of replies, {self.hidden['failures']} of failed "
            f"tests, {self.hidden['contrasts']} whole comparisons; all "
            f"{self.hidden['target_rows']} rows about single parties left out.",
            *(
                f"No counts per state for {name}: too few parties."
                for name in self.hidden["states"]
            ),
            f"Written: {len(self.files)} files in {self.folder}.",
        ]


def public_document(source: ExportSource, min_cell: int | None = None) -> "Protected":
    """The analysis document as anybody may see it.

    Args:
        source: the analysis and its applications.
        min_cell: the fewest tests that may be shown; never fewer than the design says.

    Raises:
        UsageError: `min_cell` is lower than the design's.
        RefusedError: no comparison is large enough to publish anything of it.
    """
    from praktijktest.disclosure import protected

    declared = source.document["method"]["min_cell"]
    if min_cell is not None and min_cell < declared:
        raise UsageError(
            f"--min-cell {min_cell} is lower than the design allows "
            f"(min_cell = {declared} under [privacy]); give {declared} or more."
        )
    found = protected(source.document, min_cell or declared, source.places)
    if not found.document["contrasts"]:
        raise RefusedError(
            "Nothing of this round can be published: every comparison has fewer than "
            f"{min_cell or declared} tests or fewer than {found.report['min_targets']} parties, "
            "or would show what every one of them did."
        )
    found.document["method"]["min_cell"] = min_cell or declared
    return found


def export_public(
    directory: Path,
    out: Path,
    *,
    formats: Sequence[str] = ("html",),
    languages: Sequence[str] = (),
    kind: str = "full",
    min_cell: int | None = None,
    store: str | None = None,
    who: str | None = None,
    advance: Callable[[int], None] | None = None,
) -> PublicExport:
    """Write what may be published of a round: document, tables, report, disclosure check.

    Args:
        directory: a report folder or a round folder.
        out: the folder to write.
        formats: formats of the report.
        languages: languages of the report; default: the round's own.
        kind: which report: "full", or "summary" in plain language.
        min_cell: the fewest tests that may be shown, where more than the design says.
        store: URL of the ledger of a round folder.
        who: who exports; the ledger of a round folder notes it.
        advance: called now and then with the number of events read since.

    Raises:
        UsageError: the folder is no report or round, or `out` is in use.
        VerificationError: the report or the ledger is not as it was made.
        RefusedError: nothing can be published.
    """
    from praktijktest.rounds.renderings import refuse_formats, renderings_of

    refuse_formats(formats)
    if kind not in REPORTS:
        raise UsageError(f"--kind is {' or '.join(REPORTS)}, not {kind!r}.")
    source = read_source(directory, store=store, advance=advance)
    found = public_document(source, min_cell)
    about = source.document["round"]
    chosen = tuple(languages) or (about["language"],)
    command = ["export", "public", "--kind", kind, "--format", ",".join(formats)]
    command += ["--lang", ",".join(chosen)]
    if min_cell is not None:
        command += ["--min-cell", str(min_cell)]
    renderings = renderings_of(kind, chosen, formats)
    noted = leaving(directory, "public", store=store, who=who)
    with export_folder(out, KIND, about, command, renderings, noted) as folder:
        _write(folder, found, renderings)
        files = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*.*"))]
    return PublicExport(out.resolve().name, (*files, "manifest.json"), found.report)


def _write(folder: Path, found: "Protected", renderings: "Sequence[Rendering]") -> None:
    from praktijktest.reporting.tables import report_tables
    from praktijktest.rounds.renderings import SourceDocument, Sources, write_renderings
    from praktijktest.rounds.report_folder import document_json
    from praktijktest.tables import plain_csv

    write(folder / ANALYSIS, b"".join(document_json(found.document)))
    write(folder / "disclosure.json", json_bytes(found.report))
    for name, (header, rows) in report_tables(found.document).items():
        if name not in LEFT_OUT:
            write(folder / "tables" / name, plain_csv(header, rows))
    document = SourceDocument(found.document, sha256_of_file(folder / ANALYSIS))
    write_renderings(folder, Sources((document,)), renderings)
