"""The report folder: everything one analysis leaves behind, written whole or not at all."""

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from json.encoder import encode_basestring as quoted
from pathlib import Path
from typing import TYPE_CHECKING, Any

from praktijktest.problems import UsageError, shown
from praktijktest.rounds.manifest import (
    LIBRARIES,
    MANIFEST,
    manifest_bytes,
    manifest_of,
    round_in_manifest,
)
from praktijktest.rounds.renderings import (
    Rendering,
    SourceDocument,
    Sources,
    as_listed,
    refuse_formats,
    write_renderings,
)
from praktijktest.storage import folder_kind, folder_written_whole, sha256_of_file

if TYPE_CHECKING:
    from praktijktest.analysis import AnyAnalysis
    from praktijktest.design import Design

__all__ = ["LIBRARIES", "document_json", "refuse_folder", "refuse_formats", "write_report_folder"]

ANALYSIS = "analysis.json"


def write_report_folder(
    analysis: "AnyAnalysis",
    out: Path,
    *,
    logs: Sequence[Path],
    design_file: Path,
    renderings: Sequence[Rendering],
    command: Sequence[str] = (),
    ledger: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Write `analysis.json`, the reports, tables, coded applications and the manifest.

    The folder appears when it is complete; an earlier report folder of the same round in its
    place is replaced, any other folder with files in it is left alone.

    Args:
        analysis: what was found.
        out: the folder to write.
        logs: the log files, for their hashes (none for standard input).
        design_file: the design file, copied into the folder.
        renderings: the reports: kinds, languages, formats.
        command: the command line, without paths, for the manifest.
        ledger: round, sequence number and hash of the last event that was read, where the
            log came from a ledger.

    Returns:
        The analysis document that was written.

    Raises:
        UsageError: the folder is in use for something else.
    """
    from praktijktest.analysis.export import applications_table
    from praktijktest.reporting.tables import report_tables
    from praktijktest.tables import encoded_csv, plain_csv, repeating_csv

    document = analysis.to_dict()
    refuse_folder(out, document["round"]["id"])
    with folder_written_whole(out) as folder:
        _write(folder / ANALYSIS, document_json(document))
        source = SourceDocument(document, sha256_of_file(folder / ANALYSIS))
        write_renderings(folder, Sources((source,)), renderings)
        for name, (header, rows) in report_tables(document).items():
            long = name == "targets.csv"
            content = repeating_csv(header, rows, own=2) if long else [plain_csv(header, rows)]
            _write(folder / "tables" / name, content)
        header, columns = applications_table(analysis)
        _write(folder / "applications.csv", encoded_csv(header, columns))
        _write(folder / "design.toml", [design_file.read_bytes()])
        manifest = manifest_of(
            folder,
            kind="report",
            about=document["round"],
            command=command,
            inputs=[
                {"file": path.name, "sha256": sha256_of_file(path)} for path in (*logs, design_file)
            ],
            seed=_seed(analysis.design),
            more={
                **({} if ledger is None else {"ledger": dict(ledger)}),
                "renderings": as_listed(renderings),
            },
        )
        _write(folder / MANIFEST, [manifest_bytes(manifest)])
    return document


def _seed(design: "Design") -> int | None:
    """The seed of the resampling that a design asks for; nothing else in an analysis draws."""
    chosen = design.analysis
    return chosen.seed if chosen.models and chosen.bootstrap else None


def refuse_folder(out: Path, round_id: str | None = None) -> None:
    """Refuse to replace anything but an earlier report folder.

    Args:
        out: the folder that is to be written.
        round_id: the round it is for, where that is known already.

    Raises:
        UsageError: the folder holds something else, or cannot be written.
    """
    if out.is_dir() and any(out.iterdir()) and folder_kind(out) != "report":
        raise UsageError(
            f"{out.name or out} already holds other files; choose a new folder for the report."
        )
    other = round_in_manifest(out)
    if round_id is not None and other is not None and other != round_id:
        raise UsageError(
            f"{out.name or out} already holds a report of another round ({shown(other)}); "
            "choose a new folder for the report."
        )
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out.name} is a file; choose a folder for the report.")
    refuse_unwritable(next(path for path in (out, *out.absolute().parents) if path.exists()))


def refuse_unwritable(existing: Path) -> None:
    """Refuse a folder in which nothing can be written.

    Raises:
        UsageError: nothing can be written there.
    """
    try:
        tempfile.TemporaryDirectory(dir=existing).cleanup()
    except OSError as error:
        raise UsageError(
            f"Nothing can be written in {existing} ({error.strerror}); "
            "choose another folder for the report."
        ) from error


def document_json(document: dict[str, Any]) -> Iterator[bytes]:
    """The analysis document as JSON, one line per entry of a list, always the same bytes."""
    encoder = json.JSONEncoder(ensure_ascii=False, allow_nan=False)
    opening = "{"
    for key, value in document.items():
        yield f'{opening}\n "{key}": '.encode()
        opening = ","
        if not isinstance(value, list) or not value:
            yield encoder.encode(value).encode()
            continue
        entries = _target_lines(value) if key == "targets" else map(encoder.encode, value)
        yield "[\n  {}\n ]".format(",\n  ".join(entries)).encode()
    yield b"\n}\n"


def _target_lines(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Targets as JSON; what targets with equal counts share is written out only once.

    All but the names, the checks and the t-tests follows from contrast, cells and state, and
    a round of forty thousand targets has only some hundreds of different cells.
    """
    from praktijktest.analysis.target_counts import RULE_OF_MEANS
    from praktijktest.analysis.target_rows import OWN

    encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
    known: dict[tuple[Any, ...], str] = {}
    texts: dict[tuple[Any, ...], str] = {}
    for row in rows:
        cells = row["cells"].values() if row["cells"] else ()
        key = (row["contrast"], row["n"], *cells, row["state"], row["fragile"], row["p"], row["q"])
        rest = known.get(key)
        if rest is None:
            shared = {name: value for name, value in row.items() if name not in (*OWN, "rules")}
            rules = {name: value for name, value in row["rules"].items() if name != RULE_OF_MEANS}
            rest = known[key] = f'{encode(shared)[1:-1]}, "rules": {encode(rules)[:-1]}'
        checks = (*row["checks"].values(), row["valid_until"])
        last = texts.get(checks)
        if last is None:
            last = encode({name: row[name] for name in ("checks", "valid_until")})[1:]
            texts[checks] = last
        means = encode(row["rules"][RULE_OF_MEANS])
        yield (
            f'{{"target": {quoted(row["target"])}, "pseudonym": {quoted(row["pseudonym"])}, '
            f'{rest}, "{RULE_OF_MEANS}": {means}}}, {last}'
        )


def _write(path: Path, chunks: "Sequence[bytes] | Iterator[bytes]") -> None:
    """Write a file of the scratch folder, which becomes visible only when complete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        for chunk in chunks:
            stream.write(chunk)
