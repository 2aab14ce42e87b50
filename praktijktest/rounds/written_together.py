"""Several files of a round folder written together: all of them or none."""

import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path


def write_together(directory: Path, files: Mapping[str, bytes]) -> None:
    """Write files of one folder so that a failure leaves every old one in place.

    Everything is written beside its place first (where a full disk or a missing right
    shows), and only then moved into place.

    Args:
        directory: the folder; it must exist.
        files: path within the folder, with forward slashes -> content.
    """
    waiting: list[tuple[Path, Path]] = []
    try:
        for name, content in files.items():
            place = directory / name
            place.parent.mkdir(parents=True, exist_ok=True)
            handle, scratch = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
            waiting.append((Path(scratch), place))
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            Path(scratch).chmod(place.stat().st_mode if place.exists() else 0o666 & ~_umask())
        for path, place in waiting:
            path.replace(place)
    finally:
        for path, _ in waiting:
            with suppress(FileNotFoundError):
                path.unlink()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
