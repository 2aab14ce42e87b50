"""The tests of a case in its dossier: both applications and every reply side by side."""

import unicodedata
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Any, Final

from praktijktest.casework.cases import Case, CaseApplication, CaseReply, CaseTest
from praktijktest.language import Message, message
from praktijktest.language.language import Written
from praktijktest.reporting.blocks import Block, Column, Heading, Paragraph, Section, Table

NEW_LINE: Final = " ¶ "
"""Stands for a new line in words that stand in a cell."""
HASH_GROUP: Final = 16

Row = tuple[Any, ...]


def plain(text: str) -> Message:
    """A text of any length as it was written: nothing cut, control characters shown as marks."""
    return message("verbatim", text=Written(_harmless(text)))


def tests_section(case: Case, words: bool) -> Section:
    """Every test behind a case, those of either phase apart.

    Args:
        case: the case.
        words: whether the audience may see what was said.
    """
    title = message("case_file.tests")
    if not case.tests:
        return Section("tests", title, (Paragraph(message("case_file.no_tests")),))
    blocks: list[Block] = [Paragraph(message("case_file.tests_intro"))]
    if not words:
        blocks.append(Paragraph(message("case_file.no_words"), "note"))
    else:
        blocks.append(Paragraph(message("case_file.new_line"), "note"))
    phases = list(dict.fromkeys(test.phase for test in case.tests))
    for phase in phases:
        if len(phases) > 1:
            blocks.append(Heading(message(f"case_file.phase.{phase}")))
        blocks += [_test(case, test, words) for test in case.tests if test.phase == phase]
    return Section("tests", title, tuple(blocks))


def reply_rows(reply: CaseReply, words: bool) -> list[Row]:
    """One reply as rows of term and value."""
    return [(term, value) for term, value in _reply(reply, words)]


def log_section(case: Case) -> Section:
    """Every event of the tests of a case, as the ledger has it."""
    names = ("event", "happened", "recorded", "kind", "application", "by", "said", "hash")
    table = Table(
        id="action-log",
        caption=message("case_file.log_caption", count=len(case.log)),
        columns=tuple(Column(message(f"case_file.log.{name}"), "text") for name in names),
        rows=tuple(
            (
                Written(str(entry.sequence)),
                _moment(entry.happened_at),
                _moment(entry.recorded_at),
                plain(entry.kind),
                plain(entry.application),
                plain(entry.who),
                plain("; ".join(f"{name} = {text}" for name, text in entry.said.items())),
                _hash(entry.hash),
            )
            for entry in case.log
        ),
    )
    intro = Paragraph(message("case_file.log_intro"))
    return Section("log", message("case_file.log_title"), (intro, table))


def _test(case: Case, test: CaseTest, words: bool) -> Table:
    control = [one for one in test.applications if one.arm == "control"]
    tested = [one for one in test.applications if one.arm == "test"]
    rows: list[Row] = []
    if test.advert:
        advert = plain(f"{test.advert} {test.link}".strip())
        rows.append((message("case_file.advert"), advert, advert))
    for left, right in zip_longest(control, tested):
        rows += _beside(_application(left, words), _application(right, words))
    key = test.cell or test.status
    return Table(
        id=f"test-{test.test}",
        caption=message(
            "case_file.test_caption",
            test=plain(test.test),
            result=message(
                f"case_file.result.{key}",
                control=case.contrast["control_label"],
                test=case.contrast["test_label"],
            ),
        ),
        columns=(
            Column(message("case_file.field"), "text"),
            Column(message("column.group", name=case.contrast["control_label"]), "text"),
            Column(message("column.group", name=case.contrast["test_label"]), "text"),
        ),
        rows=tuple(rows),
    )


def _beside(left: Sequence[tuple[Message, Any]], right: Sequence[tuple[Message, Any]]) -> list[Row]:
    """Two lists of terms and values as rows; a term that only one has stays empty in the other."""
    first, second = dict(_keyed(left)), dict(_keyed(right))
    terms = dict(_terms(left)) | dict(_terms(right))
    order = sorted(terms, key=lambda key: (key[1], list(terms).index(key)))
    return [(terms[key], first.get(key), second.get(key)) for key in order]


def _keyed(entries: Sequence[tuple[Message, Any]]) -> Iterable[tuple[tuple[str, int], Any]]:
    seen: dict[str, int] = {}
    for term, value in entries:
        number = seen[term.key] = seen.get(term.key, 0) + 1
        yield (term.key, number), value


def _terms(entries: Sequence[tuple[Message, Any]]) -> Iterable[tuple[tuple[str, int], Message]]:
    for (key, _), (term, _) in zip(_keyed(entries), entries, strict=True):
        yield key, term


def _application(one: CaseApplication | None, words: bool) -> list[tuple[Message, Any]]:
    if one is None:
        return []
    who = f"{one.name} ({one.profile})" if one.name else one.profile
    entries: list[tuple[Message, Any]] = [(message("case_file.applicant"), plain(who))]
    sent = _at(one.sent_at, " / ".join(part for part in (one.channel, one.template) if part))
    optional = (("sent_at", sent), ("sent_event", _event(one)))
    entries += [(message(f"case_file.{name}"), value) for name, value in optional if value]
    if one.failed:
        entries.append((message("case_file.failed"), message("reason_name", code=one.failed)))
    if not one.replies:
        entries.append((message("case_file.answer"), _outcome(one)))
    for reply in one.replies:
        entries += _reply(reply, words)
    return entries


def _at(moment: str, channel: str) -> Message | None:
    """A moment and what it came or went by, as far as they are known."""
    when = _moment(moment)
    if when is None or not channel:
        return when if when is None else message("verbatim", text=when)
    return message("case_file.at_by", moment=when, channel=plain(channel))


def _outcome(one: CaseApplication) -> Message:
    """What is known of the answer where no reply is shown: its code, else silence."""
    if one.outcome:
        return message("outcome_name", code=one.outcome)
    return message("outcome_name", code="no-reply")


def _reply(reply: CaseReply, words: bool) -> list[tuple[Message, Any]]:
    outcome = message("outcome_name", code=reply.outcome) if reply.outcome else None
    entries: list[tuple[str, Any]] = [
        ("replied_at", _at(reply.replied_at, reply.channel)),
        ("answer", outcome or message("case_file.uncoded")),
        ("evidence", _evidence(reply)),
    ]
    if words and reply.erased:
        entries.append(("words", message("case_file.words_erased")))
    elif words and reply.words is not None:
        entries.append(("words", plain(reply.words)))
    if reply.words_sha256:
        entries.append(("words_hash", _hash(reply.words_sha256)))
    return [(message(f"case_file.{name}"), value) for name, value in entries if value]


def _evidence(reply: CaseReply) -> Message | None:
    if reply.evidence in ("", "none"):
        return None
    return message(f"case_file.evidence_is.{reply.evidence}")


def _event(one: CaseApplication) -> Any:
    if one.event is None:
        return None
    return message(
        "case_file.event",
        application=plain(one.application),
        number=Written(str(one.event)),
        hash=_hash(one.event_hash),
    )


def _moment(text: str) -> Written | None:
    """A moment as the ledger has it, to the minute, with its distance from Greenwich."""
    if not text:
        return None
    return Written(text[:16].replace("T", " ")) if len(text) >= HASH_GROUP else Written(text)


def _hash(text: str) -> Written:
    """A hash in groups, so that a line can break."""
    return Written(" ".join(text[i : i + HASH_GROUP] for i in range(0, len(text), HASH_GROUP)))


def _harmless(text: str) -> str:
    """A text on one line, without what changes a terminal or the direction of writing."""
    lines = NEW_LINE.join(
        part for part in (" ".join(line.split()) for line in text.splitlines()) if part
    )
    return "".join(
        c if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp") else "\ufffd"
        for c in lines
    )
