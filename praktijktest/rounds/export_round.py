"""An export of cases from a round folder: from its ledger, with names from its identity store."""

import json
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

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
from praktijktest.rounds.export_gate import (
    identities_of,
    note,
    note_refusal,
    pseudonym_of,
    require_chain,
    require_nameless,
)
from praktijktest.storage import sha256_of_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from praktijktest.analysis import AnyAnalysis
    from praktijktest.casework.cases import Case
    from praktijktest.casework.export_files import Content
    from praktijktest.casework.grants import Grant
    from praktijktest.casework.indications import Indication
    from praktijktest.casework.keys import Signer
    from praktijktest.casework.people import People
    from praktijktest.fieldwork.events import Event
    from praktijktest.fieldwork.state import RoundState
    from praktijktest.rounds.round_store import OpenRound

STEP: Final = 10_000

Advance = Callable[[int], None]


def export_round(
    folder: Path,
    out: Path,
    request: Request,
    *,
    store: str | None,
    who: str | None,
    advance: Advance | None,
) -> CaseExport:
    """Export the cases of a round folder; see `export_cases`."""
    from praktijktest.casework.hand_over import write_folder
    from praktijktest.casework.policy import POLICY, read_policy
    from praktijktest.rounds.round_store import open_round

    own = folder / POLICY
    file = request.policy or (own if own.is_file() else None)
    policy = read_policy(file)
    audience = policy.audience(request.audience)
    with open_round(folder, store=store, who=who, create=False) as opened:
        require_chain(opened, advance)
        texts = (
            ("--why", request.purpose),
            ("--for-recipient", request.recipient),
            ("--reason", request.reason),
        )
        require_nameless(opened, texts)
        signer = _signer(opened, request)
        with _refusals_noted(opened, request):
            grant, warnings = _granted(opened, audience, request)
            content, more = _content(opened, grant, request, store)
        warnings += [*more, *_unsigned(signer), *_erased(content)]
        forms = forms_of(request, opened.design.round.language)
        files = packed(content, grant, forms, request, signer)
        made = summary(out, content, grant, files, request, signer, warnings)
        with write_folder(out, files, private=grant.audience.names):
            # Before the folder appears: the ledger may say too much left it, never too little.
            values = _exported(opened, made, request, files)
            values["targets"] = _targets(content)
            policy_hash = "" if file is None else sha256_of_file(file)
            note(opened, "exported", {**values, "policy_sha256": policy_hash})
    return made


@contextmanager
def _refusals_noted(opened: "OpenRound", request: Request) -> "Iterator[None]":
    """Note in the ledger what is refused, and pass it on."""
    try:
        yield
    except RefusedError as error:
        asked = str(getattr(error, "asked", ""))
        if asked:
            note_refusal(opened, request.audience, asked, request.purpose)
        raise


def _granted(opened: "OpenRound", audience: Any, request: Request) -> "tuple[Grant, list[Problem]]":
    """What the audience gets, as far as the identity store is here."""
    from praktijktest.casework.grants import granted

    grant = granted(audience, request.wish())
    warnings = []
    if grant.names and identities_of(opened) is None:
        warnings.append(warning("no-identities", "the identity store is not here: pseudonyms"))
        grant = replace(grant, names=False, words=False)
    elif audience.names and not grant.names and request.names is None:
        warnings.append(
            warning("no-purpose", "this export has pseudonyms", "say why with --why to get names")
        )
    return grant, warnings


def _content(
    opened: "OpenRound", grant: "Grant", request: Request, store: str | None
) -> "tuple[Content, list[Problem]]":
    """The cases of the round with their tests, and what to look at."""
    from praktijktest.casework.cases import cases_of, with_distinct_ids
    from praktijktest.casework.export_files import Content
    from praktijktest.casework.indications import indications_of
    from praktijktest.casework.people import People
    from praktijktest.casework.policy import MEMBERS
    from praktijktest.casework.selection import selected
    from praktijktest.fieldwork.state import state_of
    from praktijktest.rounds.analyse import analyse_round
    from praktijktest.rounds.export_members import member_names, members_among

    for_members = grant.audience.output == MEMBERS
    names = member_names(request.members) if for_members else ()
    until = opened.ledger.head().sequence
    found = analyse_round(
        opened.folder, opened.design, store=store, until=until, as_of=request.as_of
    )
    document = found.analysis.to_dict()
    members: frozenset[str] = frozenset()
    if for_members:
        members = members_among(names, document, identities_of(opened))
    every = cases_of(
        document, grant.audience.states, references=True, only_contrast=request.contrast
    )
    chosen = selected(with_distinct_ids(every), grant)
    people = People(identities_of(opened), names=grant.names, words=grant.words)
    state = state_of(opened.ledger.events(until=until))
    indications: tuple[Indication, ...] = ()
    if grant.indications:
        indications = indications_of(found.analysis, state, people, request.approved_by)
    content = Content(
        document=document,
        cases=_with_tests(opened, grant, chosen.cases, found.analysis, state, people),
        indications=indications,
        left_out=chosen.left_out,
        ledger=found.ledger,
        fingerprint="",
        dated=state.last_moment[:10],
        reason=request.reason if request.allow_unconfirmed else "",
        members=members,
    )
    return content, [*chosen.warnings, *competence(content, grant, request)]


def _with_tests(
    opened: "OpenRound",
    grant: "Grant",
    cases: "Sequence[Case]",
    analysis: "AnyAnalysis",
    state: "RoundState",
    people: "People",
) -> "Sequence[Case]":
    """The cases with the tests behind them, for an audience that may see these."""
    from praktijktest.analysis.analysis import Analysis
    from praktijktest.casework.case_tests import (
        Ledgered,
        applications_in,
        tests_of_cases,
        with_tests,
    )
    from praktijktest.fieldwork.case_steps import CASE, cases_of

    if not cases or not grant.audience.small_cells or not isinstance(analysis, Analysis):
        return cases
    arranged = tests_of_cases(cases, analysis)
    wanted = applications_in(arranged)
    until = state.head.sequence
    events: dict[str, list[Event]] = {}
    for event in opened.ledger.events(applications=wanted, until=until):
        events.setdefault(event.application, []).append(event)
    for event in (*state.adverts, *state.notes):
        if not event.application:
            events.setdefault(event.test, []).append(event)
    taken = cases_of(opened.ledger.events(kinds=[CASE], until=until))
    steps = {target: case.steps for target, case in taken.items()}
    ledgered = Ledgered(state, events, steps)
    return with_tests(cases, arranged, ledgered, people, log=grant.action_log)


def _signer(opened: "OpenRound", request: Request) -> "Signer | None":
    from praktijktest.casework.keys import signer_of_file, signer_of_seed
    from praktijktest.fieldwork.signing_key import signing_seed

    if request.signing_key is not None:
        return signer_of_file(request.signing_key)
    identities = identities_of(opened)
    if identities is None or not opened.who:
        return None
    # Naming who asks has made a new key where the old one was erased.
    seed = signing_seed(identities)
    return None if seed is None else signer_of_seed(seed)


def _targets(content: "Content") -> str:
    """The pseudonyms of whom it is about, so that they can be told who got it."""
    about = {one.reference for one in content.cases}
    about |= {one.reference for one in content.indications}
    return " ".join(sorted(about - {""}))


def _erased(content: "Content") -> list[Problem]:
    people = [one.person for one in content.cases]
    people += [one.person for one in content.indications]
    count = sum(person is not None and person.erased for person in people)
    if not count:
        return []
    message = "the identity of an agent was erased; it stands there without a name"
    return [warning("erased", message, count=count)]


def _unsigned(signer: "Signer | None") -> list[Problem]:
    if signer is not None:
        return []
    return [
        warning(
            "not-signed",
            "this export is not signed: the key of the round is not here",
            "sign it with a key of your own: --signing-key",
        )
    ]


def _exported(
    opened: "OpenRound", made: CaseExport, request: Request, files: dict[str, bytes]
) -> dict[str, str]:
    """What the ledger keeps of an export: never a name."""
    from praktijktest.casework.hand_over import MANIFEST

    manifest = json.loads(files[MANIFEST])
    return {
        "what": "cases",
        "audience": made.audience,
        "purpose": request.purpose,
        "recipient": request.recipient,
        "manifest_sha256": made.manifest_sha256,
        "inside_sha256": manifest.get("inside", ""),
        "cases": str(made.cases),
        "indications": str(made.indications),
        "unconfirmed": request.reason if request.allow_unconfirmed else "",
        "approved_by": pseudonym_of(opened, request.approved_by.strip()),
        "named": "yes" if made.named else "no",
        "encrypted": "yes" if made.encrypted else "no",
        "signed_by": made.signed_by or "",
    }
