"""A folder with one document over several rounds: its JSON, reports, tables and manifest."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from praktijktest.problems import UsageError
from praktijktest.rounds.manifest import MANIFEST, kind_in_manifest, manifest_bytes, manifest_of
from praktijktest.rounds.renderings import FULL, refuse_formats, renderings_of
from praktijktest.rounds.report_folder import document_json, refuse_folder
from praktijktest.storage import folder_written_whole

if TYPE_CHECKING:
    from praktijktest.reporting.blocks import Report

TableRows = tuple[Sequence[str], Iterable[Sequence[Any]]]


@dataclass(frozen=True, slots=True)
class DocumentFolder:
    """What a folder is made of.

    Attributes:
        kind: what the document is, which names its file and stands in the manifest: "pooling".
        title: title of the document.
        document: the document as plain data.
        report: from the SHA-256 of the document's bytes to the report as data.
        tables: file name -> header and rows.
        inputs: name and SHA-256 of what it was made from.
        command: the command line without paths.
    """

    kind: str
    title: str
    document: dict[str, Any]
    report: "Callable[[str], Report]"
    tables: Mapping[str, TableRows]
    inputs: Sequence[Mapping[str, str]]
    command: Sequence[str]


def write_document_folder(
    out: Path, made: DocumentFolder, *, languages: Sequence[str], formats: Sequence[str]
) -> list[str]:
    """Write the folder whole or not at all; an earlier one of its kind is replaced.

    Args:
        out: the folder.
        made: what it is made of.
        languages: languages of the reports.
        formats: formats of the reports.

    Returns:
        Names of the reports, the first one first.

    Raises:
        UsageError: the folder holds something else, or a format is unknown.
    """
    from praktijktest.language import language_named
    from praktijktest.reporting.colophon import with_own_colophon
    from praktijktest.reporting.formats import render
    from praktijktest.tables import plain_csv

    refuse_formats(formats)
    refuse_other_folder(out, made.kind)
    content = b"".join(document_json(made.document))
    report = with_own_colophon(made.report(sha256(content).hexdigest()), f"{made.kind}.json")
    renderings = renderings_of(FULL, languages, formats, plain=True)
    with folder_written_whole(out) as folder:
        (folder / f"{made.kind}.json").write_bytes(content)
        for one in renderings:
            written = render(report, language_named(one.language), one.format)
            (folder / one.file).write_bytes(written)
        (folder / "tables").mkdir()
        for name, (header, rows) in made.tables.items():
            (folder / "tables" / name).write_bytes(plain_csv(header, rows))
        manifest = manifest_of(
            folder,
            kind=made.kind,
            about={"id": made.kind, "title": made.title},
            command=made.command,
            inputs=made.inputs,
            more={"renderings": [one.to_dict() for one in renderings]},
        )
        (folder / MANIFEST).write_bytes(manifest_bytes(manifest))
    return [one.file for one in renderings]


def refuse_other_folder(out: Path, kind: str) -> None:
    """Refuse to replace anything but an earlier folder of the same kind.

    Args:
        out: the folder that is to be written.
        kind: what its manifest will say.

    Raises:
        UsageError: the folder holds something else, or cannot be written.
    """
    refuse_folder(out)
    other = kind_in_manifest(out)
    if other is not None and other != kind:
        raise UsageError(
            f"{out.name or out} already holds a report of another kind ({other}); "
            "choose a new folder."
        )
