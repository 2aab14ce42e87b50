"""The archive inside an encrypted hand-over: the same files always give the same bytes."""

import io
import tarfile
from collections.abc import Mapping
from pathlib import PurePosixPath

from praktijktest.problems import DataError


def archive(files: Mapping[str, bytes]) -> bytes:
    """Files as a tar archive: the same files always give the same bytes."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name in sorted(files):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode, entry.mtime = len(files[name]), 0o600, 0
            tar.addfile(entry, io.BytesIO(files[name]))
    return stream.getvalue()


def unpacked(content: bytes) -> dict[str, bytes]:
    """The files of an archive that `archive` made.

    Raises:
        DataError: it is no such archive.
    """
    files: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as tar:
            for entry in tar:
                path = PurePosixPath(entry.name)
                stream = tar.extractfile(entry) if entry.isreg() else None
                if stream is None or path.is_absolute() or ".." in path.parts:
                    raise DataError("The archive holds what no export holds; nothing was written.")
                files[entry.name] = stream.read()
    except tarfile.TarError:
        raise DataError("This is no archive of an export.") from None
    return files
