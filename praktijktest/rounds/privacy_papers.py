"""`privacy record` and `privacy dpia`: papers a controller has to keep, filled from the design.

What the design says is filled in; what only people can decide is left open, and marked.
"""

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from praktijktest.problems import UsageError

if TYPE_CHECKING:
    from praktijktest.design import Design
    from praktijktest.language import Language

PAPERS: Final = ("record", "dpia")


def privacy_paper(folder: Path, kind: str, language: str | None = None) -> str:
    """A paper as Markdown.

    Args:
        folder: a round folder, or a design file.
        kind: record (of processing activities, GDPR article 30) or dpia (outline of an impact
            assessment, article 35).
        language: nl, fr or en; default: that of the round.

    Raises:
        UsageError: an unknown kind or language, or there is no design.
        DesignError: the design cannot be used.
    """
    from praktijktest.design import read_design
    from praktijktest.language import language_named
    from praktijktest.language.markdown_templates import MARKUP, markdown_environment, tidied
    from praktijktest.vocabulary import LANGUAGES

    if kind not in PAPERS:
        raise UsageError(f"{kind!r} is none of the papers: {', '.join(PAPERS)}.")
    path = folder / "design.toml" if folder.is_dir() else folder
    if not path.is_file():
        raise UsageError(f"There is no design in {folder.name or folder}.")
    design = read_design(path)
    code = language or design.round.language
    if code not in LANGUAGES:
        raise UsageError(f"--lang is {', '.join(LANGUAGES)}, not {code!r}.")
    # A value may begin a line, where Markdown would take # for a heading.
    templates = markdown_environment("praktijktest.casework", "papers", f"{MARKUP}#")
    text = templates.get_template(f"{kind}.{code}.md.j2").render(
        **_facts(design, language_named(code))
    )
    lines = "\n".join(line.rstrip() for line in text.split("\n"))
    return tidied(re.sub(r"(?<!\n)\n(#+ )", r"\n\n\1", lines))


def _facts(design: "Design", language: "Language") -> dict[str, Any]:
    from praktijktest.casework.holdings import retention
    from praktijktest.language import message
    from praktijktest.reporting.wording import ground
    from praktijktest.vocabulary import MARKETS

    about, privacy = design.round, design.privacy
    codes = dict.fromkeys(
        [contrast.ground for contrast in design.contrasts] + [call.ground for call in design.calls]
    )
    market = about.market if about.market in MARKETS else "other"
    window = design.test.response_days if design.test else None
    return {
        "title": about.title,
        "place": about.place or "",
        "start": _day(language, about.start),
        "end": _day(language, about.end),
        "controller": privacy.controller or about.commissioner or "",
        "officer": privacy.officer or "",
        "contact": about.contact or "",
        "legal_basis": about.legal_basis or "",
        "ethics": about.ethics or "",
        "recipients": list(privacy.recipients),
        "market": language.say(message(f"market.{market}")).lower(),
        "grounds": [language.say(ground(code)).lower() for code in codes],
        "mystery": design.kind == "mystery",
        "jurisdiction": about.jurisdiction or "",
        "min_cell": privacy.min_cell,
        "min_tests": design.flagging.min_tests,
        "alpha": language.percent(design.flagging.alpha, 0),
        "tests_per_target": design.sampling.tests_per_target,
        "cap": design.sampling.max_applications_per_target_per_30_days,
        "response_days": window,
        "kept": {one.data_class: _day(language, one.until) for one in retention(design)},
    }


def _day(language: "Language", day: date | None) -> str:
    return language.date(day.isoformat()) if day else ""
