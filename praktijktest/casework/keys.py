"""Keys of a hand-over: Ed25519 to sign with, age to encrypt with."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from praktijktest.problems import DataError, UsageError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

LARGEST_KEY: Final = 100_000


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


def has_signed(public: str, content: bytes, signature: bytes) -> bool:
    """Whether the owner of a public key signed these bytes.

    Args:
        public: the key's 32 bytes, as hexadecimal digits.
        content: what was signed.
        signature: its 64 bytes.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
        key.verify(signature, content)
    except (InvalidSignature, ValueError):
        return False
    return True


def public_key_of_file(file: Path) -> str:
    """The public key in a PEM file, as the manifest names it.

    Raises:
        UsageError: it is no Ed25519 public key.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    if not file.is_file() or file.stat().st_size > LARGEST_KEY:
        raise UsageError(f"There is no key file {file.name}.")
    try:
        key = load_pem_public_key(file.read_bytes())
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise UsageError(f"{file.name} is no Ed25519 public key, such as signing-key.pub.pem.")
    return key.public_bytes_raw().hex()


def encrypted(content: bytes, recipients: Sequence[str]) -> bytes:
    """Bytes that only the recipients can read, in the format of age.

    Args:
        content: what is to be read.
        recipients: public keys: age1… or ssh-ed25519 ….

    Raises:
        UsageError: a recipient is no public key.
    """
    import pyrage

    return bytes(pyrage.encrypt(content, recipients_named(recipients)))


def recipients_named(texts: Sequence[str]) -> list[Any]:
    """The public keys that texts stand for.

    Raises:
        UsageError: a text is no public key.
    """
    import pyrage

    keys: list[Any] = []
    for text in texts:
        try:
            kind = pyrage.ssh if text.startswith("ssh-") else pyrage.x25519
            keys.append(kind.Recipient.from_str(text.strip()))
        except pyrage.RecipientError:
            raise UsageError(
                f"{text[:20]!r}… is no public key of age; it begins with age1 (the recipient "
                "makes it with: age-keygen)."
            ) from None
    return keys


def decrypted(content: bytes, identity: str) -> bytes:
    """What was encrypted to the owner of a private key.

    Args:
        content: bytes in the format of age.
        identity: text of the key file: lines of age-keygen, or an OpenSSH private key.

    Raises:
        UsageError: the text holds no private key.
        DataError: it was not encrypted to this key, or it is damaged.
    """
    import pyrage

    keys: list[Any] = []
    try:
        if "OPENSSH PRIVATE KEY" in identity:
            keys.append(pyrage.ssh.Identity.from_buffer(identity.encode("utf-8")))
        keys += [
            pyrage.x25519.Identity.from_str(line.strip())
            for line in identity.splitlines()
            if line.startswith("AGE-SECRET-KEY-")
        ]
    except pyrage.IdentityError:
        keys = []
    if not keys:
        raise UsageError("The key file holds no private key of age (AGE-SECRET-KEY-…).")
    try:
        return bytes(pyrage.decrypt(content, keys))
    except pyrage.DecryptError:
        raise DataError(
            "This archive was not encrypted to this key, or it was damaged on its way."
        ) from None


def _signer(key: "Ed25519PrivateKey") -> Signer:
    return Signer(key, key.public_key().public_bytes_raw().hex())
