"""The dossier of one case as a report: what was tested, what it shows, what it does not prove."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from praktijktest.casework.cases import UNCONFIRMED, Case, Entry, net_rate
from praktijktest.casework.dossier_tests import log_section, plain, reply_rows, tests_section
from praktijktest.casework.grants import Grant
from praktijktest.casework.indications import Indication
from praktijktest.casework.referral import Referral
from praktijktest.language import Message, message
from praktijktest.language.language import Written
from praktijktest.reporting.blocks import (
    Block,
    Bullets,
    Column,
    Definitions,
    Heading,
    Paragraph,
    Report,
    Section,
    Table,
)
from praktijktest.reporting.evidence import cell_counts
from praktijktest.reporting.figures import four_cells
from praktijktest.reporting.targets_section import flag_rule, state_meaning
from praktijktest.reporting.wording import (
    ground,
    ground_in_law,
    market,
    positive,
    targets,
    verbatim,
)

REPLY_FIELDS: Final = ("asked_on", "asked_how", "answered_on", "answered_by", "answer", "heard_by")
"""What the handler fills in about the agent's own reply."""

HEARD: Final = ("talk", "reply")
"""Steps after which an agent has been heard."""
BLANK: Final = Written("." * 70)
"""A line to write on."""
LABELLED: Final = ("contact", "address", "company_number", "agent_type", "district", "link")
"""Columns of a frame that have a name in the three languages."""


@dataclass(frozen=True, slots=True)
class Background:
    """What all dossiers of an export share.

    Attributes:
        document: the analysis document.
        grant: what the audience may see.
        ledger: round, number and hash of the last event that was read; None from a report.
        fingerprint: SHA-256 of the analysis document, from a report folder.
        dated: ISO date of the last event.
        reason: why unconfirmed signals are given to an audience that refuses them.
    """

    document: Entry
    grant: Grant
    ledger: Mapping[str, Any] | None
    fingerprint: str
    dated: str
    reason: str = ""


def dossier(case: Case, background: Background) -> Report:
    """The dossier of a case, to be rendered in any language and format."""
    found = [
        _what(case, background),
        _numbers(case, background),
        tests_section(case, background.grant.words),
        _limits(case, background),
        _reply(),
        *([_steps(case, background.grant.words)] if case.steps else []),
        _referral(case.bodies),
        _origin(background),
        *([log_section(case)] if case.log else []),
    ]
    about = background.document["round"]
    return Report(
        kind="case",
        title=about["title"] or about["id"],
        subtitle=message("case_file.subtitle", case=case.id),
        facts=tuple(_facts(case, background)),
        banners=tuple(_banners(case, background)),
        sections=tuple(found),
        dated=background.dated,
        fingerprint=background.fingerprint,
    )


def indications_report(found: Sequence[Indication], background: Background) -> Report:
    """The list of single tests with direct evidence, each with its reply."""
    about = background.document["round"]
    blocks: list[Block] = [
        Paragraph(message("case_file.indications_what"), "warning"),
        Paragraph(message("case_file.indications_count", count=len(found))),
    ]
    for one in found:
        blocks += _indication(one, background)
    return Report(
        kind="indications",
        title=about["title"] or about["id"],
        subtitle=message("case_file.indications_subtitle"),
        facts=((message("fact.market"), message(f"market.{market(background.document)}")),),
        banners=(message("case_file.indications_banner"),),
        sections=(
            Section("indications", message("case_file.indications"), tuple(blocks)),
            _origin(background),
        ),
        dated=background.dated,
        fingerprint=background.fingerprint,
    )


def _facts(case: Case, background: Background) -> Iterable[tuple[Message, Message]]:
    about = background.document["round"]
    yield message("case_file.agent"), verbatim(case.agent)
    if case.reference:
        yield message("case_file.reference"), verbatim(case.reference)
    person = case.person
    if person is not None and person.erased:
        yield message("case_file.name"), message("case_file.erased")
    elif person is not None:
        yield message("case_file.name"), plain(person.name)
        for name, text in (person.details or {}).items():
            if name != "name":
                yield _label(name), plain(text)
    yield message("fact.market"), message(f"market.{market(background.document)}")
    if about["place"]:
        yield message("fact.place"), verbatim(about["place"])
    if about["start"] and about["end"]:
        yield message("fact.period"), message("period", start=about["start"], end=about["end"])
    yield message("column.state"), message(f"state.{case.state}")


def _label(name: str) -> Message:
    """What a column of the frame is called; one of somebody's own goes by its name."""
    if name in LABELLED:
        return message(f"case_file.detail.{name}")
    return plain(name.replace("_", " "))


def _banners(case: Case, background: Background) -> Iterable[Message]:
    if background.document["data"]["simulated"]:
        yield message("banner.simulated")
    if case.state == "signal":
        key = "retest_open" if case.tested_again else "unconfirmed"
        yield message(f"case_file.{key}")
        if background.reason:
            yield message("case_file.reason", reason=plain(background.reason))
    if case.person is None:
        yield message("case_file.pseudonyms")


def _what(case: Case, background: Background) -> Section:
    """What was tested, and why this agent is in the list."""
    contrast, document = case.contrast, background.document
    law = ground_in_law(contrast["ground"], document["round"].get("jurisdiction"))
    considered = int(document["flag_rule"]["targets_considered"])
    blocks: list[Block] = [
        Paragraph(
            message(
                "case_file.tested",
                control=contrast["control_label"],
                test=contrast["test_label"],
                ground=ground(contrast["ground"]),
            )
        ),
        *([Paragraph(message("case_file.law", law=law))] if law else []),
        Paragraph(
            message(
                "case_file.why_first" if case.tested_again else "case_file.why",
                targets=targets(document, considered),
                tests=message("unit.tests", count=int(case.row["n"])),
                **({} if case.tested_again else {"state": message(f"state.{case.state}")}),
            )
        ),
    ]
    if case.tested_again:
        fresh = message("unit.tests", count=int((case.retest or {})["n"]))
        blocks.append(Paragraph(message("case_file.why_again", tests=fresh)))
    meaning = state_meaning(document, case.state)
    blocks += [
        Definitions(((message(f"state.{case.state}"), meaning),)),
        Paragraph(flag_rule(document)),
    ]
    return Section("what", message("case_file.what"), tuple(blocks))


def _numbers(case: Case, background: Background) -> Section:
    """The statistics in words, and what would change the verdict."""
    row, contrast = case.row, case.contrast
    names = {"control": contrast["control_label"], "test": contrast["test_label"]}
    blocks: list[Block] = []
    if row["cells"] is not None:
        blocks += _cells(case, background, row["cells"], names)
    blocks.append(Bullets(tuple(_statistics(case, background, names))))
    if case.tested_again and case.retest is not None:
        blocks.append(Heading(message("case_file.fresh")))
        blocks += _cells(case, background, case.retest["cells"], names)
        blocks.append(Bullets(tuple(_fresh(case.retest, background, names))))
    blocks.append(Heading(message("case_file.changes")))
    changes = case.changes()
    if changes:
        blocks.append(Bullets(tuple(message(f"case_file.change.{code}") for code in changes)))
    elif case.state == "released":
        blocks.append(Paragraph(message("case_file.released")))
    else:
        blocks.append(Paragraph(message("case_file.no_changes")))
    return Section("numbers", message("case_file.numbers"), tuple(blocks))


def _cells(
    case: Case, background: Background, cells: Entry, names: Mapping[str, str]
) -> list[Block]:
    counts = cell_counts(cells)
    n = sum(counts)
    shown = {**case.contrast, **names, "cells": cells, "n": n, "tests": n}
    both, only_control, only_test, neither = counts
    sentence = message(
        "case_file.cells",
        tests=message("unit.tests", count=n),
        positive=positive(background.document, case.contrast["rule"]),
        both=both,
        only_control=only_control,
        only_test=only_test,
        neither=neither,
        **names,
    )
    return [four_cells(shown), Paragraph(sentence)]


def _statistics(case: Case, background: Background, names: Mapping[str, str]) -> Iterable[Message]:
    row, rule = case.row, background.document["flag_rule"]
    if case.net_rate is not None:
        yield _net(case.net_rate, background, names)
    if row["p"] is not None:
        yield message("case_file.p", p=row["p"])
    if row["q"] is not None:
        yield message("case_file.q", q=row["q"], alpha=rule["alpha"])
    if row.get("posterior") is not None:
        yield message("case_file.posterior", posterior=row["posterior"])
    if row.get("posterior_low") is not None:
        yield message("case_file.posterior_low", low=row["posterior_low"])
    yield message("case_file.fragile" if row["fragile"] else "case_file.not_fragile")


def _fresh(retest: Entry, background: Background, names: Mapping[str, str]) -> Iterable[Message]:
    """What the fresh tests show on their own."""
    rate = net_rate(retest["cells"], float(background.document["method"]["confidence"]))
    if rate is not None:
        yield _net(rate, background, names)
    yield message("case_file.retest_p", p=retest["p"], q=retest["q"])


def _net(
    rate: tuple[float, float, float], background: Background, names: Mapping[str, str]
) -> Message:
    return message(
        "case_file.net",
        rate=rate[0],
        low=rate[1],
        high=rate[2],
        confidence=float(background.document["method"]["confidence"]),
        **names,
    )


def _limits(case: Case, background: Background) -> Section:
    rule = background.document["flag_rule"]
    items = [
        message("statement"),
        message("case_file.limit.motive"),
        message("case_file.limit.contact"),
        message("case_file.limit.chance", alpha=rule["alpha"]),
        message(f"assumption.{rule['assumption']}"),
    ]
    if case.state == UNCONFIRMED:
        items.append(message("case_file.limit.second_phase"))
    if not any(step.step in HEARD for step in case.steps):
        items.append(message("case_file.limit.heard"))
    return Section("limits", message("case_file.limits"), (Bullets(tuple(items)),))


def _reply() -> Section:
    """A field for what the agent says to it."""
    empty = Table(
        id="agent-reply",
        caption=message("case_file.reply_caption"),
        columns=(
            Column(message("case_file.field"), "text"),
            Column(message("case_file.to_fill"), "text"),
        ),
        rows=tuple((message(f"case_file.reply.{name}"), BLANK) for name in REPLY_FIELDS),
    )
    intro = Paragraph(message("case_file.reply_intro"))
    return Section("reply", message("case_file.reply_title"), (intro, empty))


def _steps(case: Case, words: bool) -> Section:
    """What was done about the case so far, as the ledger has it."""
    rows = []
    for step in case.steps:
        said = [plain(text) for text in (step.body, step.reason) if text]
        if words and step.words is not None:
            said.append(plain(step.words))
        what = message(f"case_file.step.{step.step}")
        detail = message("enumeration", items=said) if said else None
        rows.append((message("case_file.on", day=step.on), what, detail))
    table = Table(
        id="steps",
        caption=message("case_file.steps_caption"),
        columns=tuple(
            Column(message(f"case_file.steps_{name}"), "text") for name in ("on", "what", "detail")
        ),
        rows=tuple(rows),
    )
    return Section("steps", message("case_file.steps_title"), (table,))


def _referral(bodies: Sequence[Referral]) -> Section:
    title = message("case_file.referral")
    if not bodies:
        none = Paragraph(message("case_file.no_body"), "warning")
        return Section("referral", title, (none,))
    return Section("referral", title, (_bodies(bodies),))


def _bodies(bodies: Sequence[Referral]) -> Table:
    return Table(
        id="bodies",
        caption=message("case_file.referral_caption"),
        columns=tuple(
            Column(message(f"case_file.{name}"), "text")
            for name in ("body", "role", "since", "source", "known_on")
        ),
        rows=tuple(
            (
                message(f"case_file.bodies.{one.body.code}"),
                message(f"case_file.roles.{one.body.role}"),
                message("case_file.on", day=one.since),
                message(f"case_file.sources.{one.source}"),
                message("case_file.on", day=one.known_on),
            )
            for one in bodies
        ),
    )


def _origin(background: Background) -> Section:
    """Where it comes from, and how anybody can check that nothing was changed."""
    blocks: list[Block] = []
    if background.ledger is not None:
        ledger = background.ledger
        blocks.append(
            Paragraph(
                message(
                    "case_file.chain", event=ledger["sequence"], hash=plain(str(ledger["hash"]))
                )
            )
        )
    if background.fingerprint:
        blocks.append(
            Paragraph(message("case_file.fingerprint", hash=plain(background.fingerprint)))
        )
    blocks.append(Paragraph(message("case_file.verify"), "note"))
    return Section("origin", message("case_file.origin"), tuple(blocks))


def _indication(one: Indication, background: Background) -> list[Block]:
    person = one.person
    if person is not None:
        who = message("case_file.erased") if person.erased else plain(person.name)
    else:
        who = verbatim(one.agent or one.reference)
    grounds = [ground(code) for code in one.grounds] or [message("ground.none")]
    blocks: list[Block] = [
        Heading(who, kicker=verbatim(one.id)),
        Table(
            id=f"indication-{one.id}",
            caption=message(
                "case_file.indication_caption",
                test=one.test,
                grounds=message("enumeration", items=grounds),
            ),
            columns=(
                Column(message("case_file.field"), "text"),
                Column(message("column.reply"), "text"),
            ),
            rows=(
                *reply_rows(one.reply, background.grant.words),
                (message("case_file.approved_by"), plain(one.approved_by)),
            ),
        ),
    ]
    return [*blocks, *([_bodies(one.bodies)] if one.bodies else [])]
