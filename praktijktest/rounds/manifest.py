"""The manifest of a report folder: what it was made from, by what, and what it holds."""

import json
import platform
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from praktijktest.storage import sha256_of_file

MANIFEST: Final = "manifest.json"

LIBRARIES: Final = (
    "babel",
    "jinja2",
    "lxml",
    "matplotlib",
    "numpy",
    "pandas",
    "pillow",
    "pydantic",
    "python-calamine",
    "python-docx",
    "scipy",
    "statsmodels",
    "typst",
    "xlsxwriter",
)
"""Libraries that have a say in the bytes of a report."""


def manifest_of(
    folder: Path,
    *,
    kind: str,
    about: Mapping[str, Any],
    command: Sequence[str],
    inputs: Iterable[Mapping[str, str]],
    seed: int | None = None,
    more: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The manifest of a folder as it stands.

    Args:
        folder: the folder, complete but for its manifest.
        kind: "report" or "renderings".
        about: id and title of the round.
        command: the command line without paths.
        inputs: name and SHA-256 of what it was made from.
        seed: what random numbers followed from; None where there were none.
        more: further entries, before the versions.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        "format": 1,
        "kind": kind,
        "round": {name: about[name] for name in ("id", "title")},
        "command": list(command),
        "seed": seed,
        **(more or {}),
        "versions": versions(),
        "inputs": [dict(entry) for entry in inputs],
        "outputs": [output(folder, path) for path in files if path.name != MANIFEST],
    }


def versions() -> dict[str, str]:
    """Versions of this program, of Python and of the libraries."""
    return {
        "praktijktest": version("praktijktest"),
        "python": platform.python_version(),
        **{name: version(name) for name in LIBRARIES},
    }


def output(folder: Path, path: Path) -> dict[str, str]:
    """Name and SHA-256 of a file of a folder."""
    return {"file": path.relative_to(folder).as_posix(), "sha256": sha256_of_file(path)}


def manifest_bytes(manifest: Mapping[str, Any]) -> bytes:
    """A manifest as it is written."""
    return (json.dumps(manifest, indent=1, ensure_ascii=False) + "\n").encode("utf-8")


def kind_in_manifest(folder: Path) -> str | None:
    """What the manifest of a folder says it is; None where it has none to read."""
    found = read_manifest(folder).get("kind")
    return found if isinstance(found, str) else None


def round_in_manifest(folder: Path) -> str | None:
    """Id of the round that a folder was made for; None where its manifest does not say."""
    about = read_manifest(folder).get("round")
    found = about.get("id") if isinstance(about, dict) else None
    return found if isinstance(found, str) else None


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a folder; empty where it has none that can be read."""
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
