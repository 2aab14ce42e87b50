"""Hand-over: hashes, signature, encryption, and nothing half written."""

import hashlib
import stat
import subprocess
import tarfile
from pathlib import Path

import pyrage
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from praktijktest.casework import hand_over
from praktijktest.casework.hand_over import MANIFEST, SIGNATURE, signed, write_folder
from praktijktest.casework.keys import (
    decrypted,
    encrypted,
    public_key_of_file,
    signer_of_file,
    signer_of_seed,
)
from praktijktest.casework.sealed import archive, unpacked
from praktijktest.problems import DataError, RefusedError, UsageError
from praktijktest.rounds.export_open import open_export
from praktijktest.rounds.verify import verify

FILES = {"cases.csv": b"case\n", "dossiers/a.pdf": b"%PDF"}


def write(out, files, *, private=True):
    with write_folder(out, files, private=private):
        pass
    return out


def test_a_signed_hand_over_holds_until_a_byte_changes(tmp_path):
    signer = signer_of_seed(hashlib.sha256(b"a").digest())
    out = write(tmp_path / "out", signed(FILES, {"ledger": None}, signer))
    assert verify(out).holds
    key = tmp_path / "key.pem"
    key.write_bytes(signer.public_pem())
    assert verify(out, key=key).holds
    assert public_key_of_file(key) == signer.public
    for name, code in (("cases.csv", "output-changed"), (MANIFEST, "signature-wrong")):
        content = (out / name).read_bytes()
        (out / name).write_bytes(content + b"\n")
        found = verify(out)
        assert code in [one.code for one in found.problems]
        (out / name).write_bytes(content)
    (out / "dossiers" / "a.pdf").unlink()
    assert [one.code for one in verify(out).problems] == ["output-missing"]


def test_a_forged_hand_over_is_found_by_the_key_that_was_given(tmp_path):
    own, other = (signer_of_seed(hashlib.sha256(text).digest()) for text in (b"a", b"b"))
    key = tmp_path / "key.pem"
    key.write_bytes(own.public_pem())
    forged = write(tmp_path / "forged", signed(FILES, {}, other))
    assert verify(forged).holds
    assert [one.code for one in verify(forged, key=key).problems] == ["signer-other"]
    bare = write(tmp_path / "bare", signed(FILES, {}, None))
    assert [one.code for one in verify(bare, key=key).problems] == ["signer-other"]
    stripped = write(tmp_path / "stripped", signed(FILES, {}, own))
    (stripped / SIGNATURE).unlink()
    assert [one.code for one in verify(stripped).problems] == ["signature-missing"]
    with pytest.raises(UsageError, match="no Ed25519 public key"):
        verify(forged, key=forged / MANIFEST)


@pytest.mark.parametrize("text", ["{", "[]", '{"outputs": [{"file": "../x", "sha256": "0"}]}'])
def test_a_manifest_that_is_none_is_said_to_be_none(tmp_path, text):
    (tmp_path / MANIFEST).write_text(text)
    assert [one.code for one in verify(tmp_path).problems] == ["manifest-unreadable"]


def test_openssl_checks_the_signature_too(tmp_path):
    out = write(tmp_path / "out", signed(FILES, {}, signer_of_seed(b"s" * 32)))
    command = "openssl pkeyutl -verify -pubin -inkey signing-key.pub.pem -rawin"
    checked = subprocess.run(
        [*command.split(), "-in", MANIFEST, "-sigfile", SIGNATURE],
        cwd=out,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Signature Verified Successfully" in checked.stdout + checked.stderr


def test_keys_are_read_from_pem_and_openssh_and_nothing_else(tmp_path):
    file = tmp_path / "key"
    key = Ed25519PrivateKey.generate()
    for form in (PrivateFormat.PKCS8, PrivateFormat.OpenSSH):
        file.write_bytes(key.private_bytes(Encoding.PEM, form, NoEncryption()))
        assert signer_of_file(file).public == key.public_key().public_bytes_raw().hex()
    rsa = generate_private_key(65537, 1024)
    wrong = rsa.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for content in (wrong, b"no key", b""):
        file.write_bytes(content)
        with pytest.raises(UsageError, match="Ed25519"):
            signer_of_file(file)
    with pytest.raises(UsageError, match="no key file"):
        signer_of_file(tmp_path / "nowhere")


def test_only_the_recipient_opens_it(tmp_path):
    mine, other = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    sealed = encrypted(archive(FILES), [str(mine.to_public()), str(other.to_public())])
    assert unpacked(decrypted(sealed, f"# a comment\n{mine}\n")) == FILES
    only = encrypted(archive(FILES), [str(mine.to_public())])
    with pytest.raises(DataError, match="not encrypted to this key"):
        decrypted(only, str(other))
    with pytest.raises(DataError):
        decrypted(only[:-5], str(mine))
    with pytest.raises(UsageError, match="AGE-SECRET-KEY"):
        decrypted(only, "AGE-SECRET-KEY-1NONSENSE")
    for wrong in ("age1nonsense", str(other), "ssh-rsa AAAA"):
        with pytest.raises(UsageError, match="public key of age"):
            encrypted(b"", [wrong])


def test_an_archive_always_has_the_same_bytes_and_long_names():
    files = {"dossiers/" + "x" * 200: b"1", "é": b"2"}
    assert archive(files) == archive(dict(reversed(files.items())))
    assert unpacked(archive(files)) == files
    with pytest.raises(DataError, match="no archive"):
        unpacked(b"nonsense" * 200)


def test_an_archive_that_leads_elsewhere_is_not_written(tmp_path):
    file = tmp_path / "evil.tar"
    (tmp_path / "x").write_bytes(b"1")
    with tarfile.open(file, "w") as tar:
        tar.add(tmp_path / "x", arcname="../x")
    with pytest.raises(DataError, match="nothing was written"):
        unpacked(file.read_bytes())


def test_opening_checks_what_was_put_in(tmp_path):
    key = pyrage.x25519.Identity.generate()
    identity = tmp_path / "key.txt"
    identity.write_text(str(key))
    recipients = [str(key.to_public())]
    good = signed(FILES, {}, signer_of_seed(b"s" * 32))
    (tmp_path / "cases.tar.age").write_bytes(encrypted(archive(good), recipients))
    opened = open_export(tmp_path / "cases.tar.age", identity, tmp_path / "opened")
    assert (opened.folder / "cases.csv").read_bytes() == b"case\n"
    assert stat.S_IMODE(opened.folder.stat().st_mode) == 0o700
    bad = {**good, "cases.csv": b"other\n"}
    (tmp_path / "cases.tar.age").write_bytes(encrypted(archive(bad), recipients))
    with pytest.raises(Exception, match="not what was put in"):
        open_export(tmp_path / "cases.tar.age", identity, tmp_path / "again")
    assert not (tmp_path / "again").exists()


def test_a_private_folder_is_for_its_owner_alone(tmp_path):
    out = write(tmp_path / "out", FILES)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (out, *out.rglob("*"))}
    assert modes == {0o700, 0o600}


def test_a_disk_that_cannot_keep_a_secret_is_refused(tmp_path, monkeypatch):
    chmod = Path.chmod
    monkeypatch.setattr(hand_over.Path, "chmod", lambda path, _: chmod(path, 0o755))
    with pytest.raises(RefusedError, match="--recipient"):
        write(tmp_path / "out", FILES)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_full_disk_or_an_interruption_leaves_what_was_there(tmp_path, monkeypatch, error):
    out = write(tmp_path / "out", {MANIFEST: b"{}"})

    def fails(_):
        raise error

    monkeypatch.setattr(hand_over.os, "fsync", fails)
    with pytest.raises(type(error)):
        write(out, FILES)
    assert [path.name for path in tmp_path.rglob("*")] == ["out", MANIFEST]


def test_only_an_earlier_hand_over_is_replaced(tmp_path):
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(UsageError, match="other files"):
        hand_over.refuse_place(tmp_path)
    with pytest.raises(UsageError, match="is a file"):
        hand_over.refuse_place(tmp_path / "mine.txt")
    (tmp_path / "mine.txt").unlink()
    hand_over.refuse_place(tmp_path)
    hand_over.refuse_place(write(tmp_path / "out", signed(FILES, {}, None)))
