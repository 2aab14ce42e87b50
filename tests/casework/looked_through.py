"""Every byte of an export as text: zip members, PDF streams, page texts, file names."""

import io
import re
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from pypdf import PdfReader
from pypdf.generic import StreamObject


@cache
def everything(folder: Path) -> str:
    """All that can be read in a folder that stays as it is, in lower case."""
    parts = []
    for path in sorted(folder.rglob("*")):
        parts.append(path.relative_to(folder).as_posix())
        if path.is_file():
            parts += _texts(path.name, path.read_bytes())
    return "\n".join(parts).lower()


def found(folder: Path, canaries: tuple[str, ...], *, fixed: bool = True) -> list[str]:
    """The canaries that sing somewhere in a folder."""
    text = everything(folder) if fixed else everything.__wrapped__(folder)
    # A page breaks words anywhere; without white space nothing can hide in a line's end.
    dense = re.sub(r"\s+", "", text)
    return [
        one for one in canaries if one.lower() in text or re.sub(r"\s+", "", one.lower()) in dense
    ]


def in_file(path: Path, canary: str) -> bool:
    """Whether a canary sings in one file."""
    text = "\n".join(_texts(path.name, path.read_bytes())).lower()
    return canary.lower() in text or re.sub(r"\s+", "", canary.lower()) in re.sub(r"\s+", "", text)


def _texts(name: str, content: bytes) -> Iterator[str]:
    yield content.decode("utf-8", "replace")
    yield content.decode("utf-16-le", "replace")
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield archive.comment.decode("utf-8", "replace")
            for entry in archive.infolist():
                yield entry.filename
                yield from _texts(entry.filename, archive.read(entry))
    if content.startswith(b"%PDF"):
        yield from _pdf(content)


def _pdf(content: bytes) -> Iterator[str]:
    reader = PdfReader(io.BytesIO(content))
    yield str(reader.metadata)
    yield str(reader.xmp_metadata and reader.xmp_metadata.rdf_root.toxml())
    yield str(reader.attachments)
    for page in reader.pages:
        yield page.extract_text()
    for number in range(1, len(reader.xref_objStm) + sum(map(len, reader.xref.values())) + 1):
        found = reader.get_object(number)
        if isinstance(found, StreamObject):
            yield found.get_data().decode("latin-1")
        elif found is not None:
            yield str(found)
