"""Letters to agents as data: feedback to all, feedback to one, an invitation, a cleared case.

A letter says what was tested and found, what it does not say, and what the agent can do with it.
It accuses nobody: a state is a statistical statement, and the letter says so.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from praktijktest.language import Message, message
from praktijktest.reporting.blocks import Finding
from praktijktest.reporting.evidence import Entry, estimated, whole_round
from praktijktest.reporting.headline_section import finding
from praktijktest.reporting.reader_words import in_reader_words
from praktijktest.reporting.wording import ground, ground_in_law, market, positive, verbatim

LetterKind = Literal["general", "individual", "invitation", "cleared"]
KINDS: Final[tuple[LetterKind, ...]] = ("general", "individual", "invitation", "cleared")


@dataclass(frozen=True, slots=True)
class Points:
    """Sentences that stand under each other as a list."""

    items: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter.

    Attributes:
        kind: general, individual, invitation or cleared.
        sender: who writes; from the design.
        address: lines of name and address; empty: a place is left for them.
        reference: pseudonym of the agent, "" in a general letter.
        dated: ISO date; "" leaves a place for it.
        subject: what it is about.
        parts: paragraphs and lists, in order.
    """

    kind: LetterKind
    sender: str
    address: tuple[str, ...]
    reference: str
    dated: str
    subject: Message
    parts: tuple[Message | Points, ...]


@dataclass(frozen=True, slots=True)
class Addressed:
    """Who a letter is for, and what was found about them.

    Attributes:
        pseudonym: as in the report.
        address: lines of name and address, empty where they are not known.
        rows: rows of the analysis document's `targets` about this agent.
        retests: rows of `retests` about this agent.
    """

    pseudonym: str
    address: tuple[str, ...]
    rows: tuple[Entry, ...]
    retests: tuple[Entry, ...] = ()


def general_letter(document: dict[str, Any], *, sender: str, contact: str, dated: str) -> Letter:
    """Feedback to every agent of a round: what was found on the market, and nothing of anybody."""
    analysis = in_reader_words(document)
    parts: list[Message | Points] = [
        _opening(analysis, "letter.general.why"),
        message("letter.found"),
        _findings(analysis),
        message("letter.reading"),
        *_law(analysis),
        message("letter.do"),
        Points(tuple(message(f"letter.advice.{name}") for name in ADVICE)),
        message("letter.general.nobody"),
        *_closing(contact),
    ]
    subject = message("letter.subject.general", title=verbatim(analysis["round"]["title"]))
    return Letter("general", sender, (), "", dated, subject, tuple(parts))


ADVICE: Final = ("criteria", "same", "owners", "training")


def individual_letter(
    document: dict[str, Any],
    who: Addressed,
    *,
    shown: Collection[str],
    sender: str,
    contact: str,
    dated: str,
) -> Letter:
    """Feedback to one agent: its own results beside those of all.

    Args:
        document: the analysis document.
        who: the agent.
        shown: contrasts of which the results of all may be told.
        sender: who writes.
        contact: where to ask.
        dated: ISO date.
    """
    analysis = in_reader_words(document)
    entries = {entry["id"]: entry for entry in whole_round(analysis)}
    own = [row for row in who.rows if row["contrast"] in entries]
    told = [row["contrast"] for row in own if row["contrast"] in shown]
    of_all = _all_results(analysis, [entries[name] for name in told])
    parts: list[Message | Points] = [
        _opening(analysis, f"letter.individual.{'why' if of_all else 'why_alone'}"),
        message("letter.individual.yours"),
        Points(tuple(_own_result(analysis, entries[row["contrast"]], row) for row in own)),
        *of_all,
        message("letter.individual.means"),
        Points(tuple(_state(entries[row["contrast"]], row) for row in own)),
        *([] if any(row["state"] in STANDS_OUT for row in own) else [message("letter.few")]),
        message("letter.statement"),
        message("letter.reply"),
        *_closing(contact),
    ]
    return _letter("individual", analysis, who, parts, sender, dated)


def invitation_letter(
    document: dict[str, Any], who: Addressed, *, sender: str, contact: str, dated: str
) -> Letter:
    """An invitation to a talk, for an agent with a signal."""
    analysis = in_reader_words(document)
    entries = {entry["id"]: entry for entry in whole_round(analysis)}
    signals = [r for r in who.rows if r["state"] in STANDS_OUT and r["contrast"] in entries]
    parts: list[Message | Points] = [
        _opening(analysis, "letter.invitation.why"),
        Points(tuple(_own_result(analysis, entries[row["contrast"]], row) for row in signals)),
        message("letter.invitation.pattern"),
        message("letter.statement"),
        message("letter.invitation.talk"),
        Points(tuple(message(f"letter.invitation.topic.{name}") for name in TOPICS)),
        message("letter.invitation.after"),
        message("letter.reply"),
        *_closing(contact),
    ]
    return _letter("invitation", analysis, who, parts, sender, dated)


STANDS_OUT: Final = ("signal", "confirmed")
TOPICS: Final = ("way", "owners", "difference", "help")


def cleared_letter(
    document: dict[str, Any], who: Addressed, *, sender: str, contact: str, dated: str
) -> Letter:
    """For an agent whose fresh tests showed no pattern."""
    analysis = in_reader_words(document)
    entries = {entry["id"]: entry for entry in whole_round(analysis)}
    parts: list[Message | Points] = [
        _opening(analysis, "letter.cleared.why"),
        Points(
            tuple(
                _fresh_result(entries[row["contrast"]], row)
                for row in who.retests
                if row["contrast"] in entries
            )
        ),
        message("letter.cleared.means"),
        message("letter.cleared.limits"),
        *_closing(contact),
    ]
    return _letter("cleared", analysis, who, parts, sender, dated)


def _letter(
    kind: LetterKind,
    analysis: Entry,
    who: Addressed,
    parts: Sequence[Message | Points],
    sender: str,
    dated: str,
) -> Letter:
    kept = tuple(part for part in parts if not isinstance(part, Points) or part.items)
    subject = message(f"letter.subject.{kind}", title=verbatim(analysis["round"]["title"]))
    return Letter(kind, sender, who.address, who.pseudonym, dated, subject, kept)


def _opening(analysis: Entry, key: str) -> Message:
    about = analysis["round"]
    period = message("empty")
    if about["start"] and about["end"]:
        period = message("letter.period", start=about["start"], end=about["end"])
    place = message("letter.place", place=verbatim(about["place"])) if about["place"] else None
    return message(
        key,
        market=message(f"letter.market.{market(analysis)}"),
        place=place or message("empty"),
        period=period,
    )


def _findings(analysis: Entry) -> Points:
    found = [finding(analysis, contrast) for contrast in whole_round(analysis)]
    return Points(
        tuple(
            message("letter.finding", ground=one.ground, verdict=one.verdict, numbers=_joined(one))
            for one in found
        )
    )


def _joined(found: Finding) -> Message:
    """The sentences of a finding, one after another."""
    shown = found.evidence in ("control", "test")
    # A net number without its interval would say more than "no difference was shown".
    parts = [part for part in found.sentences if shown or not part.key.startswith("net.")]
    if not parts:
        return message("empty")
    text = parts[0]
    for part in parts[1:]:
        text = message("letter.both", first=text, second=part)
    return text


def _law(analysis: Entry) -> list[Message]:
    """The grounds in the words of the law, where the law is known."""
    jurisdiction = analysis["round"]["jurisdiction"]
    terms = [ground_in_law(entry["ground"], jurisdiction) for entry in whole_round(analysis)]
    known = list({term.key: term for term in terms if term is not None}.values())
    return [message("letter.law", grounds=known)] if known else []


def _own_result(analysis: Entry, contrast: Entry, row: Entry) -> Message:
    cells = row["cells"]
    if cells is None:
        return message("letter.own.mean", ground=ground(contrast["ground"]), count=row["n"])
    return message(
        "letter.own.cells",
        ground=ground(contrast["ground"]),
        tests=message("unit.tests", count=row["n"]),
        positive=positive(analysis, contrast["rule"]),
        control=contrast["control"],
        test=contrast["test"],
        **cells,
    )


def _all_results(analysis: Entry, entries: Sequence[Entry]) -> list[Message | Points]:
    if not entries:
        return []
    results = tuple(_all_result(analysis, entry) for entry in entries)
    return [message("letter.individual.all"), Points(results)]


def _all_result(analysis: Entry, contrast: Entry) -> Message:
    return message(
        "letter.all",
        ground=ground(contrast["ground"]),
        control=contrast["control"],
        test=contrast["test"],
        positive=positive(analysis, contrast["rule"]),
        control_rate=estimated(contrast, "response_rate_control").value,
        test_rate=estimated(contrast, "response_rate_test").value,
        tests=message("unit.tests", count=contrast["n"]),
    )


def _state(contrast: Entry, row: Entry) -> Message:
    return message(
        "letter.state",
        ground=ground(contrast["ground"]),
        state=message(f"state.{row['state']}"),
        meaning=message(f"letter.meaning.{row['state']}"),
    )


def _fresh_result(contrast: Entry, row: Entry) -> Message:
    return message(
        "letter.fresh",
        ground=ground(contrast["ground"]),
        tests=message("unit.tests", count=row["n"]),
        control=contrast["control"],
        test=contrast["test"],
        **{name: row["cells"][name] for name in ("only_control", "only_test")},
    )


def _closing(contact: str) -> list[Message]:
    known = message("letter.contact", contact=verbatim(contact)) if contact else None
    return [known] if known else []
