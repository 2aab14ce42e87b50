"""`export research`: pseudonymised applications with all that is needed to work with them."""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from praktijktest.problems import Problem, UsageError
from praktijktest.rounds.export_folder import export_folder, json_bytes, write
from praktijktest.rounds.export_gate import leaving
from praktijktest.rounds.export_source import ExportSource, read_source
from praktijktest.rounds.research_headline import CONTRASTS, HEADLINE, headline_files
from praktijktest.rounds.research_variables import (
    OF_TARGETS,
    Variable,
    names_of,
    own_labels,
    variables_of,
)

if TYPE_CHECKING:
    import pandas as pd

    from praktijktest.disclosure.anonymity import Anonymity

KIND: Final = "export-research"
RARE: Final = ("wave", "stage", "template", "channel", "failed")
"""Columns of the fieldwork whose rare values are put together."""

LEAST_K: Final = 3
NO_LICENCE: Final = "No licence is granted: ask those who commissioned the round."


@dataclass(frozen=True, slots=True)
class ResearchExport:
    """What was exported.

    Attributes:
        folder: name of the folder.
        files: its files.
        anonymity: what was done so that no target is alone.
        warnings: what a person should look at.
    """

    folder: str
    files: tuple[str, ...]
    anonymity: dict[str, Any]
    warnings: tuple[Problem, ...]

    def to_dict(self) -> dict[str, Any]:
        """The export as plain data."""
        return {
            "format": 1,
            "folder": self.folder,
            "files": list(self.files),
            "anonymity": self.anonymity,
            "problems": [problem.to_dict() for problem in self.warnings],
        }

    def lines(self) -> list[str]:
        """The export for a terminal."""
        check = self.anonymity
        known = ", ".join(check["quasi_identifiers"])
        said = (
            f"Of {check['targets']} targets at least {check['smallest_class']} share every "
            f"combination of {known}; {sum(check['values_hidden'].values())} values hidden."
            if known
            else "No column tells anything of a target."
        )
        return [said, f"Written: {len(self.files)} files in {self.folder}."]


def export_research(
    directory: Path,
    out: Path,
    *,
    languages: Sequence[str] = ("en", "nl", "fr"),
    k: int | None = None,
    licence: str = NO_LICENCE,
    store: str | None = None,
    who: str | None = None,
    key: bytes | None = None,
    advance: Callable[[int], None] | None = None,
) -> ResearchExport:
    """Write a pseudonymised data set with codebook, metadata and replication scripts.

    Args:
        directory: a report folder or a round folder.
        out: the folder to write.
        languages: languages of the codebook; the first is that of labels and metadata.
        k: how many targets share what others may know of each; default: the design's
            `min_cell`, and never fewer than three.
        licence: under what the data may be used: an address or a sentence.
        store: URL of the ledger of a round folder.
        who: who exports; the ledger of a round folder notes it.
        key: what pseudonyms are made with; default: random, and kept nowhere.
        advance: called now and then with the number of events read since.

    Raises:
        UsageError: the folder is no report or round, or `out` is in use.
        VerificationError: the report or the ledger is not as it was made.
    """
    if k is not None and k < LEAST_K:
        raise UsageError(f"--k {k} is too few: with less than {LEAST_K} a target is not hidden.")
    source = read_source(directory, store=store, advance=advance)
    chosen = tuple(languages) or ("en",)
    asked = k or max(LEAST_K, source.document["method"]["min_cell"])
    rows, check = research_rows(source, asked, key or secrets.token_bytes(32))
    command = ["export", "research", "--lang", ",".join(chosen), "--k", str(asked)]
    noted = leaving(directory, "research", store=store, who=who)
    with export_folder(out, KIND, source.document["round"], command, leaving=noted) as folder:
        warnings = _write(folder, source, rows, check, chosen, licence)
        files = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*.*"))]
    files.append("manifest.json")
    return ResearchExport(out.resolve().name, tuple(files), check.to_dict(), tuple(warnings))


def research_rows(source: ExportSource, k: int, key: bytes) -> "tuple[pd.DataFrame, Anonymity]":
    """The applications with fresh pseudonyms, in their order, no target alone.

    Args:
        source: the analysis and its applications.
        k: how many targets share what others may know of each.
        key: what pseudonyms are made with.
    """
    import pandas as pd

    from praktijktest.disclosure.anonymity import anonymous

    rows = pd.DataFrame(source.applications, dtype=object)
    for name, letter in (("test", "T"), ("target", "P")):
        fresh = _pseudonyms(rows[name], key, name, letter)
        rows[name] = rows[name].map(fresh)
    order = ["test", *(name for name in ("position", "profile") if name in rows)]
    rows = rows.sort_values(order, kind="stable").reset_index(drop=True)
    unit = rows["target"].where(rows["target"] != "", rows["test"])
    known = [str(name) for name in rows if str(name).startswith(f"{OF_TARGETS}:")]
    return anonymous(rows, unit, known, [name for name in RARE if name in rows], k)


def _pseudonyms(values: "pd.Series[str]", key: bytes, kind: str, letter: str) -> dict[str, str]:
    """Numbers in an order that only the key could repeat; what is empty stays empty."""
    distinct = sorted(
        (value for value in set(values) if value),
        key=lambda value: hmac.digest(key, f"{kind}|{value}".encode(), hashlib.sha256),
    )
    width = max(3, len(str(len(distinct))))
    return {"": ""} | {
        value: f"{letter}{number:0{width}d}" for number, value in enumerate(distinct, 1)
    }


def _write(
    folder: Path,
    source: ExportSource,
    rows: "pd.DataFrame",
    check: "Anonymity",
    languages: Sequence[str],
    licence: str,
) -> list[Problem]:
    from praktijktest.language import language_named
    from praktijktest.rounds.research_codebook import codebook
    from praktijktest.rounds.research_metadata import CRATE, PACKAGE, crate, data_package
    from praktijktest.tables import plain_csv

    language = language_named(languages[0])
    variables = variables_of(rows)
    table = rows.itertuples(index=False, name=None)
    write(folder / "applications.csv", plain_csv([v.name for v in variables], table))
    columns, warnings = headline_files(folder, source.document, names_of(variables, "positive"))
    for code in languages:
        text = codebook(
            source.document, variables, check, language_named(code), scripts=bool(columns)
        )
        write(folder / f"codebook.{code}.md", text)
    warnings += _for_statistics(folder, source, rows, variables, languages[0])
    write(folder / "anonymity.json", json_bytes(check.to_dict()))
    package = data_package(folder, source.document, variables, columns, language)
    write(folder / PACKAGE, json_bytes(package))
    metadata = crate(folder, source.document, licence, date.today(), language)
    write(folder / CRATE, json_bytes(metadata))
    return warnings


def _for_statistics(
    folder: Path,
    source: ExportSource,
    rows: "pd.DataFrame",
    variables: Sequence[Variable],
    code: str,
) -> list[Problem]:
    """The same rows for Stata and SPSS; a warning where SPSS files cannot be written here."""
    from praktijktest.language import language_named
    from praktijktest.rounds.research_statistics import coded, write_spss, write_stata

    language = language_named(code)
    frame, labels = coded(rows, variables, language, own_labels(source.document))
    made = datetime.now(UTC).replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)
    write_stata(folder / "applications.dta", frame, labels, variables, language, made)
    if write_spss(folder / "applications.sav", frame, labels, variables, language):
        return []
    return [
        Problem(
            code="no-spss",
            level="warning",
            message="no SPSS file was written: pyreadstat is not installed",
            hint='pip install "praktijktest[spss]", and export again',
        )
    ]


__all__ = ["CONTRASTS", "HEADLINE", "ResearchExport", "export_research", "research_rows"]
