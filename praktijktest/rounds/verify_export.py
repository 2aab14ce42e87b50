"""An export of cases: its files against the manifest, its signature, and the ledger it left."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from praktijktest.casework.hand_over import (
    MANIFEST,
    OWN,
    SIGNATURE,
)
from praktijktest.casework.keys import has_signed, public_key_of_file
from praktijktest.problems import PraktijktestError, UsageError
from praktijktest.storage import folder_kind, sha256_of_file

if TYPE_CHECKING:
    from praktijktest.rounds.verify import Findings


def check_export(
    folder: Path,
    logs: Sequence[Path],
    findings: "Findings",
    *,
    store: str | None,
    key: Path | None,
) -> None:
    """Check an export: every file, the signature, and what the ledger notes of it.

    Args:
        folder: the folder of the export.
        logs: the round folder that it left, if that is at hand.
        findings: what is found is noted here.
        store: URL of the ledger of that round.
        key: public key that must have signed; None to take the key that the manifest names.

    Raises:
        UsageError: the key file is none, or what `logs` names is no round folder.
    """
    wanted = None if key is None else public_key_of_file(key)
    manifest = _manifest(folder, findings)
    if manifest is None:
        return
    _check_files(folder, manifest, findings)
    _check_signature(folder, manifest, findings, wanted)
    if logs:
        _check_ledger(folder, manifest, logs[0], findings, store)
    elif manifest.get("ledger"):
        findings.unchecked.append(
            "the ledger it left: name the round folder with --log to see that it notes this export"
        )


def _manifest(folder: Path, findings: "Findings") -> dict[str, Any] | None:
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        names = [entry["file"] for entry in found["outputs"]]
        hashes = [entry["sha256"] for entry in found["outputs"]]
        if not all(isinstance(one, str) for one in (*names, *hashes)):
            raise TypeError(MANIFEST)
        if any(".." in Path(name).parts or Path(name).is_absolute() for name in names):
            raise ValueError(MANIFEST)
    except (OSError, ValueError, TypeError, KeyError):
        findings.wrong(
            "manifest-unreadable", "this is no manifest as the program wrote it", file=MANIFEST
        )
        return None
    return dict(found)


def _check_files(folder: Path, manifest: dict[str, Any], findings: "Findings") -> None:
    known = {*OWN, *(entry["file"] for entry in manifest["outputs"])}
    for entry in manifest["outputs"]:
        path = folder / entry["file"]
        if not path.is_file():
            findings.wrong("output-missing", "the file is gone", file=entry["file"])
        elif sha256_of_file(path) != entry["sha256"]:
            findings.wrong(
                "output-changed",
                "the file is not what was handed over",
                file=entry["file"],
                hint="ask for it again",
            )
    findings.checked.append(f"files of the export: {len(manifest['outputs'])}")
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name not in known:
            findings.wrong(
                "output-added", "the file is no part of the export", level="warning", file=name
            )


def _check_signature(
    folder: Path, manifest: dict[str, Any], findings: "Findings", wanted: str | None
) -> None:
    """The signature over the manifest, by the key that is wanted or else the one it names."""
    named = manifest.get("signed_by")
    signature = folder / SIGNATURE
    if wanted is None and named is None:
        if signature.is_file():
            findings.wrong(
                "signature-other", "the manifest names no signer, but there is one", file=SIGNATURE
            )
            return
        findings.unchecked.append("signature: nobody signed this export")
        return
    if wanted is not None and wanted != named:
        findings.wrong(
            "signer-other",
            "it is not signed by the key that was given",
            file=MANIFEST,
            value=str(named),
        )
        return
    content = (folder / MANIFEST).read_bytes()
    if not signature.is_file():
        findings.wrong("signature-missing", "the signature is gone", file=SIGNATURE)
    elif not has_signed(str(named), content, signature.read_bytes()):
        findings.wrong(
            "signature-wrong",
            "the manifest is not what was signed",
            file=MANIFEST,
            hint="ask for the export again",
        )
    else:
        findings.checked.append(f"signature of {named}")
        if wanted is None:
            findings.unchecked.append(
                "whose key that is: compare it with the one you were given, or name its file "
                "with --key"
            )


def _check_ledger(
    folder: Path, manifest: dict[str, Any], home: Path, findings: "Findings", store: str | None
) -> None:
    """Whether the ledger notes this very export, and who signs in that round."""
    from praktijktest.rounds.round_store import open_round
    from praktijktest.rounds.verify_round import check_chain

    if folder_kind(home) != "round":
        raise UsageError(f"--log names {home.name or home}, which is no round folder.")
    digest = sha256_of_file(folder / MANIFEST)
    try:
        with open_round(home, store=store, create=False) as opened:
            if not check_chain(opened.ledger, findings, None):
                return
            noted = {
                event.values[name]: event
                for event in opened.ledger.events(kinds=["exported"])
                for name in ("manifest_sha256", "inside_sha256")
                if name in event.values
            }
    except PraktijktestError as error:
        findings.unchecked.append(f"the ledger it left: {error.message}")
        return
    event = noted.get(digest)
    if event is None:
        findings.wrong(
            "export-unknown", "the ledger does not note this export", file=MANIFEST, value=digest
        )
        return
    findings.checked.append(f"the ledger notes it as event {event.sequence}")
    if event.values.get("signed_by", "") != (manifest.get("signed_by") or ""):
        findings.wrong("signer-other", "the ledger notes another signer", file=MANIFEST)
