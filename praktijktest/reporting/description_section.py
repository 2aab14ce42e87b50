"""Paragraphs to paste in a paper: how the study was done, and what it found, with its numbers."""

from collections.abc import Iterator

from praktijktest.language import Message, message
from praktijktest.reporting.blocks import Block, Estimated, Heading, Paragraph, Section
from praktijktest.reporting.evidence import (
    CLUSTERED,
    Entry,
    cell_counts,
    estimate_of,
    p_value,
    usable,
    whole_round,
)
from praktijktest.reporting.headline_section import conclusion
from praktijktest.reporting.wording import (
    contrast_label,
    joined,
    positive_codes,
    targets,
    tests,
    verbatim,
)

DESCRIBED = 6
"""Contrasts that get a paragraph; a paper with more has a table."""


def description_section(analysis: Entry) -> Section:
    """A paragraph on the method and one per result, for a paper or a note."""
    contrasts = whole_round(analysis)
    blocks: list[Block] = [
        Paragraph(message("describe.intro"), "note"),
        Heading(message("describe.method")),
        Paragraph(joined(*_method(analysis))),
        Heading(message("describe.results")),
        *(Paragraph(joined(*_result(analysis, contrast))) for contrast in contrasts[:DESCRIBED]),
    ]
    left = len(contrasts) - DESCRIBED
    if left > 0:
        blocks.append(Paragraph(message("describe.more", count=left), "note"))
    return Section("description", message("section.description"), tuple(blocks))


def _method(analysis: Entry) -> Iterator[Message]:
    about, data, method = analysis["round"], analysis["data"], analysis["method"]
    kind = about["kind"]
    yield message(f"describe.design.{kind}")
    if about["start"] and about["end"]:
        yield message("describe.period", start=about["start"], end=about["end"])
    unit = "calls" if kind == "mystery" else "tests"
    size = {
        "applications": message("unit.applications", count=data["applications"]),
        "tests": message(f"unit.{unit}", count=data["tests_usable"]),
    }
    if kind == "mystery":
        yield message("describe.size_calls", tests=size["tests"])
    elif data["targets"]:
        yield message("describe.size", **size, targets=targets(analysis, data["targets"]))
    else:
        yield message("describe.size_without_targets", **size)
    if about["order"] and kind in ("paired", "set"):
        yield message(f"describe.order.{about['order']}")
    yield message("describe.positive", codes=positive_codes(analysis, method["primary"]))
    if method["response_days"] is not None:
        yield message("method.silence", count=method["response_days"])
    failed = sum(count or 0 for count in data["tests_failed"].values())
    if failed:
        yield message("describe.failed", count=failed)
    yield from _measures(analysis)


def _measures(analysis: Entry) -> Iterator[Message]:
    kind, rule = analysis["round"]["kind"], analysis["flag_rule"]
    yield message(f"describe.measure.{kind}")
    if kind == "mystery":
        return
    repeated = any(
        one["scope"] == CLUSTERED for entry in whole_round(analysis) for one in entry["estimates"]
    )
    yield message(f"describe.interval.{'clustered' if repeated else 'these'}")
    if rule is not None and analysis["flag_summary"]:
        yield message(
            "describe.flags",
            rule=message(f"flag_name.{rule['rule']}"),
            alpha=rule["alpha"],
            min_tests=rule["min_tests"],
            count=rule["family_size"],
        )


def _result(analysis: Entry, contrast: Entry) -> Iterator[Message]:
    confidence = analysis["method"]["confidence"]
    if "calls" in contrast:
        counts = contrast["calls"]
        yield message(
            "describe.result.call",
            request=verbatim(contrast["request"]),
            calls=message("unit.calls", count=counts["n"]),
            complied=counts["complied"],
            unclear=counts["unclear"],
            rate=_estimated(contrast, "compliance_rate", confidence),
        )
        return
    if "groups" in contrast:
        yield _groups(contrast, confidence)
    elif contrast["cells"] is None:
        yield message(
            "describe.result.means",
            contrast=contrast_label(contrast),
            tests=tests(contrast),
            difference=_estimated(contrast, "mean_difference", confidence),
        )
    else:
        yield _cells(contrast, confidence)
    yield conclusion(analysis, contrast)


def _groups(contrast: Entry, confidence: float) -> Message:
    counts = contrast["groups"]
    return message(
        "describe.result.groups",
        contrast=contrast_label(contrast),
        control_positive=counts["control"]["positive"],
        control_of=message("unit.applications", count=counts["control"]["n"]),
        test_positive=counts["test"]["positive"],
        test_of=message("unit.applications", count=counts["test"]["n"]),
        difference=_estimated(contrast, "rate_difference", confidence),
        p=p_value(contrast, "fisher_midp"),
    )


def _cells(contrast: Entry, confidence: float) -> Message:
    both, control, test, neither = cell_counts(contrast["cells"])
    counts = {"both": both, "only_control": control, "only_test": test, "neither": neither}
    label = contrast_label(contrast)
    if not usable(contrast):
        return message("describe.result.nobody", contrast=label, tests=tests(contrast), **counts)
    return message(
        "describe.result.paired",
        contrast=label,
        tests=tests(contrast),
        **counts,
        usable=tests(contrast, usable(contrast)),
        net=_estimated(contrast, "net_rate_usable", confidence),
        all=_estimated(contrast, "net_rate_all", confidence),
        p=p_value(contrast, "mcnemar_midp"),
    )


def _estimated(contrast: Entry, name: str, confidence: float) -> Message:
    """An estimate with its interval in brackets, as papers write it."""
    entry = estimate_of(contrast, name)
    found = Estimated(
        *((entry["value"], entry["low"], entry["high"]) if entry else (None, None, None))
    )
    if found.low is None or found.high is None:
        return message("describe.estimated_alone", value=found.value)
    return message(
        "describe.estimated",
        value=found.value,
        low=found.low,
        high=found.high,
        confidence=confidence,
    )
