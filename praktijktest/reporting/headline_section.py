"""The headline of every contrast, in words that match the evidence."""

from praktijktest.language import Message, message
from praktijktest.reporting.blocks import Estimated, Evidence, Finding, Paragraph, Section
from praktijktest.reporting.evidence import (
    CLUSTERED,
    NET_RATES,
    Entry,
    denominator,
    estimate_of,
    estimated,
    evidence_of,
    headline_measure,
    usable,
    whole_round,
)
from praktijktest.reporting.patterns import pattern_of
from praktijktest.reporting.wording import comparison, ground, positive, targets, tests, unit_of


def headline_section(analysis: Entry) -> Section:
    """What was found, contrast by contrast."""
    contrasts = whole_round(analysis)
    counted = any(contrast["cells"] is not None for contrast in contrasts)
    findings = tuple(finding(analysis, contrast) for contrast in contrasts)
    return Section(
        id="summary",
        title=message("section.summary"),
        blocks=(
            Paragraph(_what_was_done(analysis)),
            *findings,
            *([Paragraph(message("summary.reading"), "note")] if counted else []),
        ),
    )


def _what_was_done(analysis: Entry) -> Message:
    data = analysis["data"]
    key = "summary.done" if data["targets"] else "summary.done_without_targets"
    return message(
        key,
        tests=message("unit.tests", count=data["tests_usable"]),
        targets=targets(analysis, data["targets"]),
        applications=message("unit.applications", count=data["applications"]),
    )


def finding(analysis: Entry, contrast: Entry) -> Finding:
    """The headline of one contrast."""
    name = headline_measure(analysis, contrast)
    found = estimated(contrast, name)
    evidence = evidence_of(name, found)
    if pattern_of(analysis, contrast) == "borderline":
        evidence = "borderline"
    suffix = "_applications" if contrast["cells"] is None and name.startswith("response") else ""
    return Finding(
        ground=ground(contrast["ground"]),
        title=comparison(contrast),
        verdict=verdict(analysis, contrast, evidence, found),
        evidence=evidence,
        sentences=tuple(_sentences(analysis, contrast, name, found)),
        measure=message(f"estimate.{name}{suffix}"),
        estimate=found,
        interval_note=_interval_note(analysis, contrast, name),
    )


def verdict(analysis: Entry, contrast: Entry, evidence: Evidence, found: Estimated) -> Message:
    """One sentence that says as much as the evidence carries, and no more."""
    key = f"verdict.{evidence}"
    if evidence == "unknown":
        nobody = contrast["cells"] is not None and usable(contrast) == 0
        key = "verdict.nobody" if nobody else "verdict.unknown"
    return message(
        key,
        control=contrast["control"],
        test=contrast["test"],
        positive=positive(analysis, contrast["rule"]),
        tests=tests(contrast),
    )


def conclusion(analysis: Entry, contrast: Entry) -> Message:
    """The verdict on a contrast, paired or unpaired, by what its result shows."""
    pattern = pattern_of(analysis, contrast)
    ways = {"strong": "control", "small": "control", "reversed": "test", "equivalent": "none"}
    way = ways.get(pattern, "none" if pattern == "no-discordant" else pattern)
    return message(
        f"verdict.{way}",
        control=contrast["control"],
        test=contrast["test"],
        positive=positive(analysis, contrast["rule"]),
        tests=unit_of(contrast),
    )


def _sentences(analysis: Entry, contrast: Entry, name: str, found: Estimated) -> list[Message]:
    groups = {"control": contrast["control"], "test": contrast["test"]}
    if contrast["cells"] is None:
        signs = contrast["signs"]
        return [message("finding.signs", tests=tests(contrast), **signs, **groups)]
    if not usable(contrast):
        return []
    cells = contrast["cells"]
    sentences = [
        message(
            "finding.usable",
            count=usable(contrast),
            tests=tests(contrast),
            positive=positive(analysis, contrast["rule"]),
        ),
        message(
            "finding.discordant",
            only_control=cells["only_control"],
            only_test=cells["only_test"],
            **groups,
        ),
    ]
    if name in NET_RATES and found.value is not None and denominator(contrast, name):
        per_hundred = round(100 * found.value)
        way = "equal" if not per_hundred else "control" if per_hundred > 0 else "test"
        kind = name.removeprefix("net_rate_")
        sentences.append(message(f"net.{kind}.{way}", count=abs(per_hundred), **groups))
    return sentences


def _interval_note(analysis: Entry, contrast: Entry, name: str) -> Message:
    entry = estimate_of(contrast, name)
    confidence = analysis["method"]["confidence"]
    if entry is None or (entry["low"] is None and entry["high"] is None):
        return message("interval_note.none")
    if entry["scope"] == CLUSTERED and not contrast["targets"]:
        return message(
            "interval_note.clustered_groups", confidence=confidence, count=contrast["clusters"]
        )
    if entry["scope"] == CLUSTERED:
        return message(
            "interval_note.clustered",
            confidence=confidence,
            targets=targets(analysis, contrast["clusters"]),
        )
    return message("interval_note.these", confidence=confidence)
