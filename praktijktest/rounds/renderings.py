"""Renderings: a report of one kind, in one language and one format, as a file of a folder."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from praktijktest.problems import UsageError
from praktijktest.vocabulary import LANGUAGES

if TYPE_CHECKING:
    from praktijktest.planning.promises import Promised
    from praktijktest.reporting.blocks import Report

FULL: Final = "full"


@dataclass(frozen=True, slots=True)
class Rendering:
    """One file that a report is written to.

    Attributes:
        file: its name.
        kind: which report: "full", "summary" …
        language: what it is written in.
        format: how it is written: "html", "pdf" …
    """

    file: str
    kind: str
    language: str
    format: str

    def to_dict(self) -> dict[str, str]:
        """The rendering as a manifest has it."""
        return {
            "file": self.file,
            "kind": self.kind,
            "language": self.language,
            "format": self.format,
        }


@dataclass(frozen=True, slots=True)
class SourceDocument:
    """An analysis document with the SHA-256 of its bytes."""

    document: dict[str, Any]
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything that a report is made from.

    Attributes:
        rounds: the analysis documents, a chapter each where there are several.
        earlier: those of earlier rounds, for a report with a trend.
        promised: what each round promised, for a comparison with that; else empty.
        inputs: the same as a manifest lists them: file, SHA-256, role, round and title.
    """

    rounds: tuple[SourceDocument, ...]
    earlier: tuple[SourceDocument, ...] = ()
    promised: "tuple[Promised, ...]" = ()
    inputs: tuple[dict[str, str], ...] = ()


def renderings_of(
    kind: str, languages: Sequence[str], formats: Sequence[str], *, plain: bool = False
) -> tuple[Rendering, ...]:
    """Which files a report is written to.

    `report.nl.pdf`; a kind that is not the full report stands in the name: `report-summary.nl.pdf`.

    Args:
        kind: which report.
        languages: in which languages.
        formats: in which formats.
        plain: leave the language out of the name, where there is only one.
    """
    stem = "report" if kind == FULL else f"report-{kind}"
    alone = plain and len(languages) == 1
    return tuple(
        Rendering(f"{stem}.{name}" if alone else f"{stem}.{code}.{name}", kind, code, name)
        for code in languages
        for name in formats
    )


def as_listed(renderings: Iterable[Rendering]) -> list[dict[str, str]]:
    """Renderings as a manifest lists them: by name, in whatever order they were made."""
    return [one.to_dict() for one in sorted(renderings, key=lambda one: one.file)]


def rendering_from(entry: Any) -> Rendering:
    """A rendering as a manifest has it.

    Raises:
        TypeError: it has other parts.
        ValueError: there is no such language or format, or the name is a path.
    """
    from praktijktest.reporting.document import KINDS
    from praktijktest.reporting.formats import FORMATS

    found = Rendering(**entry)
    if found.language not in LANGUAGES or found.format not in FORMATS or found.kind not in KINDS:
        raise ValueError(entry)
    if not isinstance(found.file, str) or Path(found.file).name != found.file:
        raise ValueError(entry)
    return found


def refuse_formats(formats: Sequence[str]) -> None:
    """Refuse report formats that this version does not write, and none at all.

    Raises:
        UsageError: one of them is unknown, or there is none.
    """
    from praktijktest.reporting.formats import FORMATS

    if not formats:
        raise UsageError(f"Name at least one format: {', '.join(FORMATS)}.")
    unknown = [name for name in formats if name not in FORMATS]
    if unknown:
        raise UsageError(
            f"This version does not write the format {', '.join(unknown)}; "
            f"it writes: {', '.join(FORMATS)}."
        )


def refuse_kind(kind: str) -> None:
    """Refuse a kind of report that this version does not know.

    Raises:
        UsageError: there is no such kind.
    """
    from praktijktest.reporting.document import KINDS

    if kind not in KINDS:
        raise UsageError(f"--kind is {', '.join(KINDS)}, not {kind!r}.")


def rendered(
    sources: Sources, renderings: Sequence[Rendering]
) -> Iterator[tuple[Rendering, bytes]]:
    """The bytes of every rendering; a report of one kind is built once for all of its files.

    Args:
        sources: what the reports are made from.
        renderings: which files.
    """
    from praktijktest.language import language_named
    from praktijktest.reporting.formats import render

    for kind in dict.fromkeys(rendering.kind for rendering in renderings):
        report = _report(sources, kind)
        for rendering in renderings:
            if rendering.kind == kind:
                language = language_named(rendering.language)
                yield rendering, render(report, language, rendering.format)


def write_renderings(folder: Path, sources: Sources, renderings: Sequence[Rendering]) -> None:
    """Write every rendering to a folder that becomes visible only when it is complete.

    Args:
        folder: a scratch folder.
        sources: what the reports are made from.
        renderings: which files.
    """
    for rendering, content in rendered(sources, renderings):
        (folder / rendering.file).write_bytes(content)


def _report(sources: Sources, kind: Any) -> "Report":
    from praktijktest.reporting.colophon import source_of, with_colophon
    from praktijktest.reporting.document import build_reports

    report = build_reports(
        [source.document for source in sources.rounds],
        kind=kind,
        earlier=[source.document for source in sources.earlier],
        promised=sources.promised,
    )
    return with_colophon(
        report,
        [
            source_of(source.document, source.fingerprint)
            for source in (*sources.rounds, *sources.earlier)
        ],
    )
