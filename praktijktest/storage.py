"""Files on disk: SHA-256, atomic writing, what kind of folder this is."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

FolderKind = Literal["round", "report", "other"]


def sha256_of_file(path: Path) -> str:
    """SHA-256 of a file's bytes, as 64 hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sha256_of_text(text: str) -> str:
    """SHA-256 of a text in UTF-8, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def write_atomically(path: Path, content: bytes, *, mode: int | None = None) -> None:
    """Write a file so that a reader sees the old content or the new, never half of it.

    Args:
        path: the file.
        content: its bytes.
        mode: its permissions, from its first byte; default: what the system gives a new file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(0o666 & ~_current_umask() if mode is None else mode)
        Path(name).replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(name).unlink()
        raise


@contextmanager
def folder_written_whole(target: Path) -> Iterator[Path]:
    """Yield a scratch folder that takes the place of `target` when the block ends well.

    An existing `target` is replaced only when the new folder is complete; when the
    block raises, `target` is as it was.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}.", suffix=".tmp"))
    scratch.chmod(0o777 & ~_current_umask())
    try:
        yield scratch
        if target.exists():
            old = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}.old."))
            target.replace(old / "old")
            scratch.replace(target)
            shutil.rmtree(old)
        else:
            scratch.replace(target)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise


def folder_kind(folder: Path) -> FolderKind:
    """Tell a report folder (it has a manifest) from a round folder (it has a design)."""
    if (folder / "manifest.json").is_file():
        return "report"
    if (folder / "design.toml").is_file():
        return "round"
    return "other"


def _current_umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
