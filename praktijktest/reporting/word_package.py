"""A Word file whose bytes follow from its content alone."""

import io
import zipfile
from typing import Final

ZIP_DAY: Final = (1980, 1, 1, 0, 0, 0)
"""The date of every file within the file; the date of the report stands in its properties."""


def same_every_time(made: bytes) -> bytes:
    """The parts in alphabetical order, each with one fixed date."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made)) as parts, zipfile.ZipFile(stream, "w") as rewritten:
        for name in sorted(parts.namelist()):
            entry = zipfile.ZipInfo(name, ZIP_DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            entry.create_system = 3
            rewritten.writestr(entry, parts.read(name))
    return stream.getvalue()
