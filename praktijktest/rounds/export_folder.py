"""The folder of an export: written whole, with a manifest that `verify` can check."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from praktijktest.problems import UsageError
from praktijktest.rounds.manifest import MANIFEST, kind_in_manifest, manifest_bytes, manifest_of
from praktijktest.rounds.renderings import Rendering, as_listed
from praktijktest.storage import folder_written_whole


@contextmanager
def export_folder(
    out: Path,
    kind: str,
    about: Mapping[str, Any],
    command: Sequence[str],
    renderings: Sequence[Rendering] = (),
    leaving: Callable[[str], None] | None = None,
) -> Iterator[Path]:
    """Yield a scratch folder that becomes the export, with its manifest, when the block ends.

    An earlier export of the same kind and round is replaced; any other folder with files is
    left alone.

    Args:
        out: the folder to write.
        kind: "export-public" or "export-research".
        about: id and title of the round.
        command: the command line without paths.
        renderings: the reports in it, which `verify` renders again.
        leaving: called with the SHA-256 of the manifest before the folder appears: the ledger
            may say too much left it, never too little.

    Raises:
        UsageError: the folder is in use for something else, or cannot be written.
    """
    refuse_place(out, kind, about["id"])
    with folder_written_whole(out) as folder:
        yield folder
        manifest = manifest_of(
            folder,
            kind=kind,
            about=about,
            command=command,
            # Hashes of the full files would let a reader test guesses about what is hidden.
            inputs=(),
            more={"renderings": as_listed(renderings)} if renderings else None,
        )
        content = manifest_bytes(manifest)
        write(folder / MANIFEST, content)
        if leaving is not None:
            leaving(hashlib.sha256(content).hexdigest())


def refuse_place(out: Path, kind: str, round_id: str) -> None:
    """Refuse to replace anything but an earlier export of the same kind and round.

    Raises:
        UsageError: the folder is in use for something else, or cannot be written.
    """
    from praktijktest.rounds.report_folder import refuse_folder

    if out.is_dir() and any(out.iterdir()) and kind_in_manifest(out) != kind:
        raise UsageError(
            f"{out.name or out} already holds other files; choose a new folder for the export."
        )
    refuse_folder(out, round_id)


def json_bytes(document: Any) -> bytes:
    """A JSON document as it is written for people to read too."""
    return (json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def write(path: Path, content: bytes) -> None:
    """Write a file of the scratch folder, which becomes visible only when complete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
