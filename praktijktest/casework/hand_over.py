"""Handing over: files with their hashes and a signature, in a private folder or encrypted.

Everything is made in memory first, so that a name is on the disk only where it is meant to
be: in a folder that its owner alone may open, or inside an archive that the recipient alone
can open.
"""

import hashlib
import io
import json
import os
import stat
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from praktijktest.problems import RefusedError, UsageError
from praktijktest.storage import folder_written_whole

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

MANIFEST: Final = "export.json"
SIGNATURE: Final = "export.json.sig"
PUBLIC_KEY: Final = "signing-key.pub.pem"
ARCHIVE: Final = "cases.tar.age"
OWN: Final = (MANIFEST, SIGNATURE, PUBLIC_KEY)
"""Files of a hand-over that the manifest does not list: itself and what signs it."""

LARGEST_KEY: Final = 100_000

Files = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs: an Ed25519 key.

    Attributes:
        key: the private key.
        public: the public key's 32 bytes, as hexadecimal digits.
    """

    key: "Ed25519PrivateKey"
    public: str

    def public_pem(self) -> bytes:
        """The public key as a file that openssl reads."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        public = self.key.public_key()
        return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def signer_of_seed(seed: bytes) -> Signer:
    """The signer whose private key is these 32 bytes."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return _signer(Ed25519PrivateKey.from_private_bytes(seed))


def signer_of_file(file: Path) -> Signer:
    """The signer of a key file: Ed25519 in PEM or OpenSSH form, without a passphrase.

    Raises:
        UsageError: it is no such key.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import (
        load_pem_private_key,
        load_ssh_private_key,
    )

    if not file.is_file() or file.stat().st_size > LARGEST_KEY:
        raise UsageError(f"There is no key file {file.name}.")
    content = file.read_bytes()
    for load in (load_pem_private_key, load_ssh_private_key):
        try:
            key = load(content, None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            continue
        if isinstance(key, Ed25519PrivateKey):
            return _signer(key)
    raise UsageError(
        f"{file.name} is no Ed25519 key without a passphrase; make one with: "
        "openssl genpkey -algorithm ed25519 -out signing.pem"
    )


def encrypted(content: bytes, recipients: Sequence[str]) -> bytes:
    """Bytes that only the recipients can read, in the format of age.

    Args:
        content: what is to be read.
        recipients: public keys: age1… or ssh-ed25519 ….

    Raises:
        UsageError: a recipient is no public key.
    """
    import pyrage

    keys: list[Any] = []
    for text in recipients:
        try:
            kind = pyrage.ssh if text.startswith("ssh-") else pyrage.x25519
            keys.append(kind.Recipient.from_str(text.strip()))
        except pyrage.RecipientError:
            raise UsageError(
                f"{text[:20]!r}… is no public key of age; it begins with age1 (the recipient "
                "makes it with: age-keygen)."
            ) from None
    return bytes(pyrage.encrypt(content, keys))


def archive(files: Files) -> bytes:
    """Files as a tar archive: the same files always give the same bytes."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name in sorted(files):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode, entry.mtime = len(files[name]), 0o600, 0
            tar.addfile(entry, io.BytesIO(files[name]))
    return stream.getvalue()


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
def write_folder(out: Path, files: Files, *, private: bool) -> Iterator[None]:
    """Write a hand-over whole, or nothing; an earlier hand-over in its place is replaced.

    Within the block everything is written and nothing is in its place yet: what must have
    happened before it appears is done there.

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
        yield


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


def _signer(key: "Ed25519PrivateKey") -> Signer:
    return Signer(key, key.public_key().public_bytes_raw().hex())
