"""The folder of an export: written whole, with a manifest that `verify` can check."""

import json
import platform
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from praktijktest.problems import UsageError
from praktijktest.rounds.report_folder import LIBRARIES
from praktijktest.storage import folder_written_whole, sha256_of_file

MANIFEST: Final = "manifest.json"


@contextmanager
def export_folder(
    out: Path, kind: str, inputs: Sequence[Mapping[str, str]], command: Sequence[str]
) -> Iterator[Path]:
    """Yield a scratch folder that becomes the export, with its manifest, when the block ends.

    An earlier export of the same kind is replaced; any other folder with files is left alone.

    Args:
        out: the folder to write.
        kind: "export-public" or "export-research".
        inputs: name and SHA-256 of what the export was made from.
        command: the command line without paths.

    Raises:
        UsageError: the folder is in use for something else, or cannot be written.
    """
    refuse_place(out, kind)
    with folder_written_whole(out) as folder:
        yield folder
        manifest = {
            "format": 1,
            "kind": kind,
            "command": list(command),
            "seed": None,
            "versions": {
                "praktijktest": version("praktijktest"),
                "python": platform.python_version(),
                **{name: version(name) for name in LIBRARIES},
            },
            "inputs": [dict(entry) for entry in inputs],
            "outputs": [
                {"file": path.relative_to(folder).as_posix(), "sha256": sha256_of_file(path)}
                for path in sorted(path for path in folder.rglob("*") if path.is_file())
            ],
        }
        write(folder / MANIFEST, json_bytes(manifest))


def refuse_place(out: Path, kind: str) -> None:
    """Refuse to replace anything but an earlier export of the same kind.

    Raises:
        UsageError: the folder is in use for something else, or cannot be written.
    """
    from praktijktest.rounds.report_folder import refuse_folder

    if out.is_dir() and any(out.iterdir()) and kind_of(out) != kind:
        raise UsageError(
            f"{out.name or out} already holds other files; choose a new folder for the export."
        )
    refuse_folder(out)


def kind_of(folder: Path) -> str | None:
    """What the manifest of a folder says it is; None where it has none to read."""
    try:
        kind = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["kind"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return kind if isinstance(kind, str) else None


def json_bytes(document: Any) -> bytes:
    """A JSON document as it is written for people to read too."""
    return (json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def write(path: Path, content: bytes) -> None:
    """Write a file of the scratch folder, which becomes visible only when complete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
