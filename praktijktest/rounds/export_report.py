"""An export of cases from a report folder: pseudonyms only, and no ledger to note it in."""

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from praktijktest.problems import Problem, RefusedError
from praktijktest.rounds.export_cases import (
    CaseExport,
    Request,
    competence,
    forms_of,
    packed,
    summary,
    warning,
)
from praktijktest.storage import sha256_of_file

if TYPE_CHECKING:
    from praktijktest.casework.export_files import Content
    from praktijktest.casework.grants import Grant
    from praktijktest.casework.indications import Indication

NO_LEDGER = "A report folder has no ledger, so nothing notes that this was asked."


def export_report(folder: Path, out: Path, request: Request) -> CaseExport:
    """Export the cases of a report folder; see `export_cases`."""
    from praktijktest.casework.grants import granted
    from praktijktest.casework.hand_over import write_folder
    from praktijktest.casework.keys import signer_of_file
    from praktijktest.casework.policy import read_policy
    from praktijktest.rounds.export_source import ANALYSIS, read_source

    audience = read_policy(request.policy).audience(request.audience)
    try:
        grant = granted(audience, request.wish())
        source = read_source(folder)
        content, warnings = _content(folder, grant, request, source)
    except RefusedError as error:
        raise RefusedError(f"{error.message} {NO_LEDGER}") from None
    content = replace(content, fingerprint=sha256_of_file(folder / ANALYSIS))
    signer = None if request.signing_key is None else signer_of_file(request.signing_key)
    if signer is None:
        hint = "sign it with a key of your own: --signing-key"
        warnings.append(warning("not-signed", "this export is not signed", hint))
    if audience.names:
        message = "names stand in the identity store of a round; this export has pseudonyms"
        warnings.append(warning("no-identities", message, "export from the round folder"))
    grant = replace(grant, names=False, words=False)
    forms = forms_of(request, content.document["round"]["language"])
    files = packed(content, grant, forms, request, signer)
    with write_folder(out, files, private=audience.names):
        return summary(out, content, grant, files, request, signer, warnings)


def _content(
    folder: Path, grant: "Grant", request: Request, source: Any
) -> "tuple[Content, list[Problem]]":
    from praktijktest.casework.cases import cases_of, with_distinct_ids
    from praktijktest.casework.export_files import Content
    from praktijktest.casework.policy import MEMBERS
    from praktijktest.casework.report_tests import report_indications, with_report_tests
    from praktijktest.casework.selection import selected
    from praktijktest.design import read_design
    from praktijktest.rounds.export_members import member_names, members_among

    document, design = source.document, read_design(folder / "design.toml")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    every = cases_of(
        document,
        grant.audience.states,
        references="ledger" in manifest,
        only_contrast=request.contrast,
    )
    chosen = selected(with_distinct_ids(every), grant)
    cases = with_report_tests(chosen.cases, source.applications, design)
    indications: tuple[Indication, ...] = ()
    if grant.indications:
        indications = report_indications(source.applications, design, request.approved_by)
    members: frozenset[str] = frozenset()
    if grant.audience.output == MEMBERS:
        members = members_among(member_names(request.members), document, None)
    content = Content(
        document=document,
        cases=cases,
        indications=indications,
        left_out=chosen.left_out,
        ledger=manifest.get("ledger"),
        fingerprint="",
        dated=(document["method"]["as_of"] or "")[:10],
        reason=request.reason if request.allow_unconfirmed else "",
        members=members,
    )
    return content, [*chosen.warnings, *competence(content, grant, request)]
