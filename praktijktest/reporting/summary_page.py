"""The summary: one page in plain language, for somebody who decides and does not calculate."""

from collections.abc import Iterable, Sequence

from praktijktest.language import Message, message
from praktijktest.reporting.blocks import (
    Block,
    Bullets,
    Column,
    Estimated,
    Evidence,
    Finding,
    Heading,
    Paragraph,
    Section,
    Table,
)
from praktijktest.reporting.evidence import Entry, estimate_of, usable, whole_round
from praktijktest.reporting.patterns import Pattern, difference_of, pattern_of
from praktijktest.reporting.public_bodies import bodies_for
from praktijktest.reporting.results_sections import column
from praktijktest.reporting.sentences import (
    HUNDRED,
    certainty_sentences,
    comparisons_caution,
    per_hundred,
    plain_sentences,
)
from praktijktest.reporting.wording import (
    comparison,
    contrast_label,
    contrast_short,
    ground,
    joined,
    positive,
    targets,
    verbatim,
)

CARDS = 2
"""Contrasts that get a card of their own: more do not fit on one page."""

LINES = 12
"""Contrasts in the table that stands in place of cards; the rest is counted."""

EVIDENCE_OF_PATTERN: dict[Pattern, Evidence] = {
    "strong": "control",
    "small": "control",
    "reversed": "test",
    "borderline": "borderline",
    "none": "none",
    "equivalent": "none",
    "no-discordant": "none",
}
SIGNALS = ("signal", "confirmed")


def summary_section(analysis: Entry) -> Section:
    """The whole page: what was tested, found, how certain, what it leaves open, what next."""
    blocks = (
        *_part("tested", [Paragraph(joined(*_tested(analysis)))]),
        *_part("found", _found(analysis)),
        *_part("certain", [Bullets(tuple(_certain(analysis)))]),
        *_part("not_said", [Bullets(tuple(_not_said(analysis)))]),
        *_part("next", [Bullets(tuple(_next(analysis)))]),
        *_part("quote", [Bullets(tuple(_quote(analysis)))]),
    )
    return Section("summary", message("section.one_page"), blocks)


def evidence_of_pattern(pattern: Pattern) -> Evidence:
    """The mark of a pattern on a card."""
    return EVIDENCE_OF_PATTERN.get(pattern, "unknown")


def _part(name: str, blocks: Iterable[Block]) -> tuple[Block, ...]:
    return (Heading(message(f"plain.heading.{name}")), *blocks)


def _tested(analysis: Entry) -> list[Message]:
    data, kind = analysis["data"], analysis["round"]["kind"]
    unit = "calls" if kind == "mystery" else "tests"
    counted = "counted" if data["targets"] else "counted_alone"
    return [
        message(f"plain.tested.{kind}"),
        message(
            f"plain.tested.{counted}",
            tests=message(f"unit.{unit}", count=data["tests_usable"]),
            **({"targets": targets(analysis, data["targets"])} if data["targets"] else {}),
        ),
    ]


def _in_order(analysis: Entry) -> list[Entry]:
    """The contrasts as the design has them; where some are left out, shown differences first."""
    contrasts = whole_round(analysis)
    if len(contrasts) <= CARDS or analysis["round"]["kind"] == "mystery":
        return contrasts
    patterns = {id(one): pattern_of(analysis, one) for one in contrasts}
    return sorted(
        contrasts, key=lambda one: evidence_of_pattern(patterns[id(one)]) not in ("control", "test")
    )


def _found(analysis: Entry) -> list[Block]:
    contrasts = _in_order(analysis)
    if analysis["round"]["kind"] == "mystery":
        return _calls(analysis, contrasts)
    if len(contrasts) <= CARDS:
        return [_card(analysis, contrast) for contrast in contrasts]
    left = len(contrasts) - LINES
    note = (message("plain.more", count=left),) if left > 0 else ()
    return [
        Table(
            id="summary-contrasts",
            caption=message("plain.table"),
            columns=(
                column("contrast", "text"),
                Column(message("plain.measure_short"), "estimate"),
                column("result", "text"),
            ),
            rows=tuple(
                (
                    contrast_label(contrast),
                    difference_estimated(contrast),
                    message(f"evidence.{evidence_of_pattern(pattern_of(analysis, contrast))}"),
                )
                for contrast in contrasts[:LINES]
            ),
            notes=note,
        )
    ]


def _card(analysis: Entry, contrast: Entry) -> Finding:
    *sentences, verdict = plain_sentences(analysis, contrast)
    found = difference_estimated(contrast)
    pattern = pattern_of(analysis, contrast)
    known = found.low is not None or found.high is not None
    return Finding(
        ground=ground(contrast["ground"]),
        title=comparison(contrast),
        verdict=verdict,
        evidence=evidence_of_pattern(pattern),
        sentences=(*sentences, *([_between(analysis, contrast)] if known else [])),
        measure=message(f"plain.measure{_suffix(contrast)}"),
        estimate=found,
        interval_note=message(
            "plain.interval_note" if known else "plain.no_interval_note",
            **({"confidence": analysis["method"]["confidence"]} if known else {}),
        ),
    )


def _between(analysis: Entry, contrast: Entry) -> Message:
    """The interval in natural frequencies."""
    found = difference_of(contrast)
    return message(
        "plain.between",
        low=None if found.low is None else HUNDRED * found.low,
        high=None if found.high is None else HUNDRED * found.high,
        unit=per_hundred(contrast),
        confidence=analysis["method"]["confidence"],
    )


def _suffix(contrast: Entry) -> str:
    return "_applications" if "groups" in contrast or contrast["cells"] is None else ""


def difference_estimated(contrast: Entry) -> Estimated:
    """The difference of plain sentences, as a value with its interval."""
    found = difference_of(contrast)
    return Estimated(found.value, found.low, found.high)


def _calls(analysis: Entry, entries: Sequence[Entry]) -> list[Block]:
    blocks: list[Block] = []
    for entry in entries[:CARDS]:
        blocks.append(
            Paragraph(
                message(
                    "plain.calls.asked",
                    ground=ground(entry["ground"]),
                    request=verbatim(entry["request"]),
                    found=joined(*plain_sentences(analysis, entry)),
                )
            )
        )
    left = len(entries) - CARDS
    if left > 0:
        blocks.append(Paragraph(message("plain.more", count=left), "note"))
    return blocks


def _certain(analysis: Entry) -> list[Message]:
    contrasts = whole_round(analysis)
    about = "chance_calls" if analysis["round"]["kind"] == "mystery" else "chance"
    sentences: list[Message] = [message(f"plain.caution.{about}")]
    if len(contrasts) <= CARDS:
        for contrast in contrasts:
            sentences += certainty_sentences(contrast)
    return list({str(one): one for one in [*sentences, *comparisons_caution(analysis)]}.values())


def _not_said(analysis: Entry) -> list[Message]:
    keys = ["legal", "willing" if analysis["round"]["kind"] == "mystery" else "first_step"]
    keys.append("one_party")
    return [message(f"plain.not_said.{key}") for key in keys]


def _next(analysis: Entry) -> list[Message]:
    sentences = [message(f"plain.next.{key}") for key in ("talk", "training", "again")]
    signals = sum(
        row["targets"] for row in analysis.get("flag_summary", ()) if row["state"] in SIGNALS
    )
    if signals:
        sentences.append(message("plain.next.signals", count=signals))
    about = analysis["round"]
    grounds = [entry["ground"] for entry in whole_round(analysis)]
    bodies = bodies_for(about["jurisdiction"], about["market"], grounds)
    if bodies:
        names = [message(f"body.{code}") for code in bodies]
        return [*sentences, message("plain.next.report", bodies=names)]
    return [*sentences, message("plain.next.report_elsewhere")]


def _quote(analysis: Entry) -> list[Message]:
    contrasts = _in_order(analysis)[:CARDS]
    sentences = [message("plain.quote.share")]
    quotes = [found for one in contrasts if (found := _quotable(analysis, one)) is not None]
    if any(one.key == "plain.quote.paired" for one in quotes):
        return [
            joined(sentences[0], message("plain.quote.net")),
            *quotes,
            message("plain.quote.same"),
        ]
    return [*sentences, *quotes]


def _quotable(analysis: Entry, contrast: Entry) -> Message | None:
    """One result as it may be quoted, with its denominator; None where there is none."""
    if "calls" in contrast:
        found = estimate_of(contrast, "compliance_rate")
        if found is None or found["value"] is None:
            return None
        calls = message("unit.calls", count=contrast["calls"]["n"])
        return message(
            "plain.quote.call",
            ground=ground(contrast["ground"]),
            request=verbatim(contrast["request"]),
            share=found["value"],
            calls=calls,
        )
    label = contrast_short(contrast)
    if "groups" in contrast:
        shares = {
            f"{arm}_share": (estimate_of(contrast, f"response_rate_{arm}") or {"value": None})[
                "value"
            ]
            for arm in ("control", "test")
        }
        return message("plain.quote.groups", contrast=label, **shares)
    tests = message("unit.tests", count=contrast["n"])
    if contrast["cells"] is None:
        difference = difference_of(contrast).value
        return message("plain.quote.means", contrast=label, difference=difference, tests=tests)
    if not usable(contrast):
        return None
    rates = {
        name: (estimate_of(contrast, f"net_rate_{name}") or {"value": None})["value"]
        for name in ("usable", "all")
    }
    return message(
        "plain.quote.paired",
        contrast=label,
        **rates,
        usable_tests=message("unit.tests", count=usable(contrast)),
        tests=tests,
        positive=positive(analysis, contrast["rule"]),
    )
