"""What a report says about itself: from which data it was made, and how to check that."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from praktijktest.language import Message, message
from praktijktest.reporting.blocks import Block, Bullets, Definitions, Paragraph, Report, Section
from praktijktest.vocabulary import VERSION

ANALYSIS: Final = "analysis.json"
SHORT: Final = ("summary", "council")
"""Kinds of report in which one line has to do."""


@dataclass(frozen=True, slots=True)
class Source:
    """A document that a report was made from.

    Attributes:
        title: title of the round.
        fingerprint: SHA-256 of the document's bytes.
        dated: ISO date of the last event in it, "" unknown.
        file: name of the document.
    """

    title: str
    fingerprint: str
    dated: str = ""
    file: str = ANALYSIS


def source_of(analysis: dict[str, Any], fingerprint: str) -> Source:
    """An analysis document as a source.

    Args:
        analysis: the analysis document.
        fingerprint: SHA-256 of its bytes.
    """
    about = analysis["round"]
    dated = analysis["method"]["as_of"] or about["end"] or about["start"] or ""
    return Source(about["title"] or about["id"], fingerprint, dated[:10])


def with_colophon(report: Report, sources: Sequence[Source]) -> Report:
    """The same report, dated, with its fingerprint and how to check it at the end.

    Args:
        report: the report as data.
        sources: what it was made from; one or several rounds.
    """
    return replace(
        report,
        dated=report.dated or max((source.dated for source in sources), default=""),
        fingerprint=sources[0].fingerprint if len(sources) == 1 else "",
        sections=_signed(report, sources),
    )


def with_own_colophon(report: Report, file: str) -> Report:
    """The same report with how to check it, where it was made from one document of its own.

    Args:
        report: a report that knows its fingerprint.
        file: name of the document behind it: "comparison.json".
    """
    return with_colophon(report, [Source(report.title, report.fingerprint, report.dated, file)])


def _signed(report: Report, sources: Sequence[Source]) -> tuple[Section, ...]:
    if report.kind in SHORT and report.sections:
        line = message(
            "colophon.short",
            file=sources[0].file,
            fingerprints=[source.fingerprint for source in sources],
        )
        *before, last = report.sections
        return (*before, replace(last, blocks=(*last.blocks, Paragraph(line, "note"))))
    return (*report.sections, Section("colophon", message("colophon.title"), _blocks(sources)))


def _blocks(sources: Sequence[Source]) -> tuple[Block, ...]:
    file = sources[0].file
    made = (
        message("colophon.made", version=VERSION, file=file)
        if len(sources) == 1
        else message("colophon.made_of_rounds", version=VERSION, file=file, count=len(sources))
    )
    checks = ("check_file", "check_folder", *(("check_all",) if file == ANALYSIS else ()))
    return (
        Paragraph(made),
        Definitions(tuple(_fingerprint(source, alone=len(sources) == 1) for source in sources)),
        Bullets(tuple(message(f"colophon.{check}", file=file) for check in checks)),
    )


def _fingerprint(source: Source, *, alone: bool) -> tuple[Message, Message]:
    term = (
        message("colophon.fingerprint")
        if alone
        else message("colophon.fingerprint_of", title=source.title)
    )
    return term, message("verbatim", text=source.fingerprint)
