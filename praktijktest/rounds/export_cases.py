"""`export cases`: flagged cases to those who may see them, and nothing more."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from praktijktest.problems import Problem, UsageError
from praktijktest.storage import folder_kind

if TYPE_CHECKING:
    from praktijktest.casework.export_files import Content, Forms
    from praktijktest.casework.grants import Grant, Wish
    from praktijktest.casework.keys import Signer

LISTS: Final = ("csv", "xlsx", "json")
DOSSIERS: Final = ("pdf", "html", "docx", "md")
FORMATS: Final = (*LISTS, *DOSSIERS)

Advance = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody wants exported, and how.

    Attributes:
        audience: for whom.
        formats: among csv, xlsx, json (lists) and pdf, html, docx, md (dossiers).
        languages: languages of the dossiers; none for that of the round.
        names: who agents are; None for what the audience may have, once a purpose is given.
        purpose: why.
        recipient: who gets it: a body of the table of competent bodies, or anybody.
        include: indications, action-log.
        approved_by: who approved the indications.
        fields: columns; none for all that the audience may see.
        allow_unconfirmed, reason: unconfirmed signals too, and why.
        encrypt_to: public keys of age; none for a private folder.
        signing_key: file of the signing key; None for the round's own.
        policy: policy file; None for policy.toml in the folder, else the shipped one.
        column_map: file with the headings of somebody's case system.
        dialect: iso or belgian; None for that of the language.
        contrast: only the cases of this contrast.
        members: file with the members of a federation.
        as_of: moment that decides which silence is final.
    """

    audience: str
    formats: tuple[str, ...] = FORMATS[:4]
    languages: tuple[str, ...] = ()
    names: bool | None = None
    purpose: str = ""
    recipient: str = ""
    include: tuple[str, ...] = ()
    approved_by: str = ""
    fields: tuple[str, ...] = ()
    allow_unconfirmed: bool = False
    reason: str = ""
    encrypt_to: tuple[str, ...] = ()
    signing_key: Path | None = None
    policy: Path | None = None
    column_map: Path | None = None
    dialect: str | None = None
    contrast: str | None = None
    members: Path | None = None
    as_of: datetime | None = None

    def wish(self) -> "Wish":
        """What is asked for of what only some may see."""
        from praktijktest.casework.grants import Wish

        return Wish(
            names=self.names,
            purpose=self.purpose,
            include=self.include,
            fields=self.fields,
            allow_unconfirmed=self.allow_unconfirmed,
            reason=self.reason,
            approved_by=self.approved_by,
        )


@dataclass(frozen=True, slots=True)
class CaseExport:
    """An export that was written.

    Attributes:
        folder: where.
        audience: for whom.
        cases, indications: how many.
        members: tested members of a federation; None where it is for none.
        left_out: unconfirmed signals that are not in it.
        named: whether it says who the agents are.
        files: names of its files.
        encrypted: whether only the recipient can read it.
        signed_by: public key of the signature; None where nobody signed.
        manifest_sha256: hash of the manifest, which the ledger notes.
        ledger: the last event that was read; None from a report folder.
        warnings: what to look at.
    """

    folder: Path
    audience: str
    cases: int
    indications: int
    left_out: int
    named: bool
    files: tuple[str, ...]
    encrypted: bool
    signed_by: str | None
    manifest_sha256: str
    ledger: dict[str, Any] | None
    warnings: tuple[Problem, ...] = field(default=())
    members: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """The export as plain data."""
        names = ("audience", "cases", "indications", "members", "left_out", "named", "encrypted")
        return {
            "format": 1,
            "folder": self.folder.name,
            **{name: getattr(self, name) for name in names},
            "files": list(self.files),
            "signed_by": self.signed_by,
            "manifest_sha256": self.manifest_sha256,
            "ledger": self.ledger,
            "problems": [problem.to_dict() for problem in self.warnings],
        }

    def lines(self) -> list[str]:
        """The export for a terminal."""
        named = "with names" if self.named else "without names"
        kept = "encrypted" if self.encrypted else f"{len(self.files)} files"
        what, count = ("Cases", self.cases) if self.members is None else ("Members", self.members)
        lines = [f"{what} for {self.audience}: {count}, {named}, {kept}."]
        if self.indications:
            lines.append(f"Indications in a list of their own: {self.indications}.")
        signature = "nobody" if self.signed_by is None else self.signed_by
        return [*lines, f"signed by  {signature}", str(self.folder)]


def export_cases(
    folder: Path,
    out: Path,
    request: Request,
    *,
    store: str | None = None,
    who: str | None = None,
    advance: Advance | None = None,
) -> CaseExport:
    """Write the flagged cases of a round or a report for one audience.

    From a round folder the ledger is verified and analysed anew; names come from its identity
    store, where the audience may have them and a purpose is given; the ledger notes what left
    it and what was refused. From a report folder there are only pseudonyms, and no ledger to
    note anything in.

    Args:
        folder: a round folder or a report folder.
        out: the folder to write; an earlier export in its place is replaced.
        request: what is wanted.
        store: URL of the ledger; default as for `open_round`.
        who: the person who asks; default as for `open_round`.
        advance: called now and then with the number of events read since.

    Raises:
        UsageError: the audience is unknown, or something on the command line cannot be.
        RefusedError: the audience may not see what is asked for.
        VerificationError: the ledger or the report is not as it was made.
    """
    from praktijktest.casework.hand_over import refuse_place

    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder.name or folder}.")
    refuse_place(out)
    _require_sense(request)
    kind = folder_kind(folder)
    if kind == "round":
        from praktijktest.rounds.export_round import export_round

        return export_round(folder, out, request, store=store, who=who, advance=advance)
    if kind == "report":
        from praktijktest.rounds.export_report import export_report

        return export_report(folder, out, request)
    raise UsageError(
        f"{folder.name or folder} is neither a round folder (design.toml) nor a report folder "
        "(manifest.json)."
    )


def forms_of(request: Request, language: str) -> "Forms":
    """The forms of an export, with what the request leaves open filled in.

    Args:
        request: what is wanted.
        language: language of the round.
    """
    from praktijktest.casework.column_map import read_column_map
    from praktijktest.casework.export_files import Forms

    languages = request.languages or (language,)
    belgian = languages[0] in ("nl", "fr")
    return Forms(
        lists=tuple(name for name in request.formats if name in LISTS),
        dossiers=tuple(name for name in request.formats if name in DOSSIERS),
        languages=languages,
        dialect=request.dialect or ("belgian" if belgian else "iso"),
        headings={} if request.column_map is None else read_column_map(request.column_map),
    )


def packed(
    content: "Content",
    grant: "Grant",
    forms: "Forms",
    request: Request,
    signer: "Signer | None",
) -> dict[str, bytes]:
    """The files of an export with manifest and signature; encrypted where that is asked.

    An encrypted export is one archive that holds the files with a manifest of their own, and
    beside it a manifest that tells nothing but that it is there, and the hash of the other.
    """
    from praktijktest.casework.export_files import export_files
    from praktijktest.casework.hand_over import ARCHIVE, MANIFEST, signed
    from praktijktest.casework.keys import encrypted
    from praktijktest.casework.sealed import archive

    files = export_files(content, grant, forms)
    about: dict[str, Any] = {
        "round": content.document["round"]["id"],
        "audience": grant.audience.id,
        "named": grant.names,
        "cases": len(content.cases),
        "indications": len(content.indications),
        "ledger": None if content.ledger is None else dict(content.ledger),
        "report": content.fingerprint or None,
    }
    whole = signed(files, about, signer)
    if not request.encrypt_to:
        return whole
    sealed = encrypted(archive(whole), request.encrypt_to)
    about |= {
        "encrypted_to": list(request.encrypt_to),
        "inside": hashlib.sha256(whole[MANIFEST]).hexdigest(),
    }
    return signed({ARCHIVE: sealed}, about, signer)


def summary(
    out: Path,
    content: "Content",
    grant: "Grant",
    files: dict[str, bytes],
    request: Request,
    signer: "Signer | None",
    warnings: Sequence[Problem],
) -> CaseExport:
    """What an export came to."""
    from praktijktest.casework.hand_over import MANIFEST
    from praktijktest.casework.policy import MEMBERS

    return CaseExport(
        folder=out,
        audience=grant.audience.id,
        cases=len(content.cases),
        indications=len(content.indications),
        left_out=content.left_out,
        named=grant.names,
        files=tuple(sorted(files)),
        encrypted=bool(request.encrypt_to),
        signed_by=None if signer is None else signer.public,
        manifest_sha256=hashlib.sha256(files[MANIFEST]).hexdigest(),
        ledger=None if content.ledger is None else dict(content.ledger),
        warnings=(*warnings, *_without_dossiers(grant, request)),
        members=len(content.members) if grant.audience.output == MEMBERS else None,
    )


def _without_dossiers(grant: "Grant", request: Request) -> list[Problem]:
    """A warning where dossiers were asked for by an audience that gets none."""
    from praktijktest.casework.policy import MEMBERS

    gets = grant.audience.small_cells or grant.audience.output == MEMBERS
    if gets or not set(request.formats) & set(DOSSIERS):
        return []
    message = f"the audience {grant.audience.id} gets a list and no dossiers"
    return [warning("no-dossiers", message)]


def competence(content: "Content", grant: "Grant", request: Request) -> tuple[Problem, ...]:
    """Warnings where audience or recipient does not take such cases."""
    from praktijktest.casework.referral import competent
    from praktijktest.casework.selection import competence_warnings

    about = content.document["round"]
    jurisdiction, market = about.get("jurisdiction") or "other", about["market"]
    grounds = [case.contrast["ground"] for case in content.cases]
    grounds += [ground for one in content.indications for ground in one.grounds]
    found = [(ground, competent(jurisdiction, market, ground)) for ground in grounds]
    return competence_warnings(found, grant, request.recipient)


def warning(code: str, message: str, hint: str | None = None, count: int = 1) -> Problem:
    """Something to look at."""
    return Problem(code=code, message=message, level="warning", hint=hint, count=count)


def _require_sense(request: Request) -> None:
    """Refuse what cannot be, before anything is read.

    Raises:
        UsageError: an option has a value that it cannot have, or lacks another one.
    """
    from praktijktest.casework.case_list import DIALECTS
    from praktijktest.casework.grants import INCLUDABLE, INDICATIONS
    from praktijktest.design.nearest import nearest
    from praktijktest.vocabulary import LANGUAGES

    checks = (
        ("--format", request.formats, FORMATS),
        ("--lang", request.languages, LANGUAGES),
        ("--include", request.include, INCLUDABLE),
        ("--dialect", (request.dialect,) if request.dialect else (), DIALECTS),
    )
    for option, wanted, known in checks:
        for name in wanted:
            if name not in known:
                hint = nearest(name, known, "it can be: {}")
                raise UsageError(f"{option} has {name!r}, which is none of ours; {hint}")
    if request.encrypt_to:
        from praktijktest.casework.keys import recipients_named

        recipients_named(request.encrypt_to)
    if not request.formats:
        raise UsageError("Name at least one format with --format.")
    if INDICATIONS in request.include and not request.approved_by.strip():
        raise UsageError(
            "Indications go out only when a handler has looked at each of them; name the handler "
            "with --approved-by."
        )
    if request.allow_unconfirmed and not request.reason.strip():
        raise UsageError("--allow-unconfirmed needs a --reason, which the ledger keeps.")
    if request.names and not request.purpose.strip():
        raise UsageError("Names are given only to who says why; add --why.")
