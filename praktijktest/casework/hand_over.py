"""Handing over: files with their hashes and a signature, in a private folder or encrypted.

Everything is made in memory first, so that a name is on the disk only where it is meant to
be: in a folder that its owner alone may open, or inside an archive that the recipient alone
can open.
"""

import hashlib
import json
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from praktijktest.casework.keys import Signer
from praktijktest.problems import RefusedError, UsageError
from praktijktest.storage import folder_written_whole

MANIFEST: Final = "export.json"
SIGNATURE: Final = "export.json.sig"
PUBLIC_KEY: Final = "signing-key.pub.pem"
ARCHIVE: Final = "cases.tar.age"
OWN: Final = (MANIFEST, SIGNATURE, PUBLIC_KEY)
"""Files of a hand-over that the manifest does not list: itself and what signs it."""

Files = Mapping[str, bytes]


def signed(files: Files, about: Mapping[str, Any], signer: Signer | None) -> dict[str, bytes]:
    """Files with a manifest of their hashes, and its signature where there is a key.

    Args:
        files: name -> bytes.
        about: what the manifest says beside the hashes.
        signer: who signs; None for nobody.
    """
    manifest = {
        "format": 1,
        "kind": "cases",
        **about,
        "signed_by": None if signer is None else signer.public,
        "outputs": [
            {"file": name, "sha256": hashlib.sha256(files[name]).hexdigest()}
            for name in sorted(files)
        ],
    }
    content = (json.dumps(manifest, ensure_ascii=False, indent=1) + "\n").encode("utf-8")
    result = {**files, MANIFEST: content}
    if signer is not None:
        result |= {SIGNATURE: signer.key.sign(content), PUBLIC_KEY: signer.public_pem()}
    return result


@contextmanager
def write_folder(out: Path, files: Files, *, private: bool) -> Iterator[Path]:
    """Write a hand-over whole, or nothing; an earlier hand-over in its place is replaced.

    The block gets the scratch folder: everything is written and nothing is in its place yet.
    What must have happened before it appears is done there.

    Args:
        out: the folder.
        files: name -> bytes.
        private: nobody but the owner may look into it.

    Raises:
        RefusedError: the disk cannot keep a folder private.
    """
    with folder_written_whole(out) as scratch:
        if private:
            scratch.chmod(0o700)
            if stat.S_IMODE(scratch.stat().st_mode) & 0o077:
                raise RefusedError(
                    "This disk lets everybody read what is written on it, and the export holds "
                    "names; write it elsewhere, or encrypt it with --recipient."
                )
        for name, content in files.items():
            path = scratch / name
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700 if private else 0o777)
            mode = 0o600 if private else 0o666
            with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        yield scratch


def refuse_place(out: Path) -> None:
    """Refuse to replace anything but an earlier hand-over.

    Raises:
        UsageError: the folder holds something else, or is a file.
    """
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out.name} is a file; choose a folder for the export.")
    if out.is_dir() and any(out.iterdir()) and not is_hand_over(out):
        raise UsageError(
            f"{out.name or out} already holds other files; choose a new folder for the export."
        )


def is_hand_over(folder: Path) -> bool:
    """Whether a folder holds an export of cases."""
    return (folder / MANIFEST).is_file()
