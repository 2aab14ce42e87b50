"""Sentences about one result in plain language: natural frequencies, certainty, cautions.

Every sentence names what it is a share of. Which sentence a result gets is in `patterns`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from praktijktest.language import Message, message
from praktijktest.reporting.evidence import Entry, cell_counts, estimate_of, whole_round
from praktijktest.reporting.patterns import cautions_of, pattern_of
from praktijktest.reporting.wording import ground, positive, unit_of, verbatim

HUNDRED = 100
SEVERAL = 2


def plain_sentences(analysis: Entry, contrast: Entry) -> list[Message]:
    """What was found for one contrast or call, for readers without statistics."""
    if "calls" in contrast:
        return _calls(contrast)
    pattern = pattern_of(analysis, contrast)
    values = _names(analysis, contrast)
    sentences = [] if pattern == "nobody" else [_rates(contrast, values)]
    if contrast.get("cells") is not None and pattern not in ("nobody", "no-discordant"):
        sentences.append(_one_only(contrast, values))
    return [*sentences, verdict_sentence(analysis, contrast)]


def verdict_sentence(analysis: Entry, contrast: Entry) -> Message:
    """What may be concluded from one contrast, and no more."""
    pattern = pattern_of(analysis, contrast)
    values = _names(analysis, contrast)
    unit = unit_of(contrast, contrast["n"])
    kind = "groups_" if "groups" in contrast and pattern == "nobody" else ""
    return message(f"plain.verdict.{kind}{pattern}", **values, tests=unit)


def certainty_sentences(contrast: Entry) -> list[Message]:
    """What makes a result less certain than its interval says; of calls, the interval itself."""
    if "calls" in contrast:
        return _call_certainty(contrast)
    return [
        message(f"plain.caution.{name}", tests=unit_of(contrast, contrast["n"]))
        for name in cautions_of(contrast)
    ]


def comparisons_caution(analysis: Entry) -> list[Message]:
    """A warning where several comparisons give chance several opportunities."""
    count = len(whole_round(analysis))
    if analysis["round"]["kind"] == "mystery" or count < SEVERAL:
        return []
    return [message("plain.caution.several", count=count)]


def _names(analysis: Entry, contrast: Entry) -> Mapping[str, Any]:
    return {
        "control": contrast["control"],
        "test": contrast["test"],
        "positive": positive(analysis, contrast["rule"]),
    }


def _rates(contrast: Entry, values: Mapping[str, Any]) -> Message:
    """Positive replies of both groups, of all tests or of each group's applications."""
    if "groups" in contrast:
        counts = contrast["groups"]
        return message(
            "plain.rates.groups",
            **values,
            control_positive=message("unit.times", count=counts["control"]["positive"]),
            control_of=message("unit.applications", count=counts["control"]["n"]),
            test_positive=message("unit.times", count=counts["test"]["positive"]),
            test_of=message("unit.applications", count=counts["test"]["n"]),
        )
    if contrast["cells"] is None:
        shares = {
            arm: (estimate_of(contrast, f"response_rate_{arm}") or {"value": None})["value"]
            for arm in ("control", "test")
        }
        return message(
            "plain.rates.means",
            **values,
            control_share=shares["control"],
            test_share=shares["test"],
        )
    found = natural(contrast)
    scaled = "counted" if found.of == contrast["n"] else "scaled"
    return message(
        f"plain.rates.{scaled}",
        **values,
        tests=unit_of(contrast, found.of),
        control_positive=message("unit.times", count=found.control),
        test_positive=message("unit.times", count=found.test),
    )


def _one_only(contrast: Entry, values: Mapping[str, Any]) -> Message:
    found = natural(contrast)
    return message(
        "plain.one_only",
        **values,
        only_control=found.only_control,
        only_test=found.only_test,
        tests=unit_of(contrast, found.of),
    )


@dataclass(frozen=True, slots=True)
class Natural:
    """Positive replies as frequencies that a reader can picture and that agree with each other.

    Attributes:
        of: out of how many tests.
        control: of them, tests with a positive reply to the control applicant.
        test: the same for the test applicant.
        only_control: to the control applicant alone.
        only_test: to the test applicant alone.
    """

    of: int
    control: int
    test: int
    only_control: int
    only_test: int


def natural(contrast: Entry) -> Natural:
    """The result of four cells per hundred tests, rounded so that the differences add up.

    The counts themselves stand where there are no more than a hundred tests, or where
    rounding would make a rare cell zero.
    """
    both, control, test, _ = cell_counts(contrast["cells"])
    n = contrast["n"]
    only_control, only_test = (round(HUNDRED * count / n) for count in (control, test))
    lost = (control and not only_control) or (test and not only_test)
    if n <= HUNDRED or lost:
        return Natural(n, both + control, both + test, control, test)
    rate = round(HUNDRED * (both + control) / n)
    return Natural(HUNDRED, rate, rate - only_control + only_test, only_control, only_test)


def per_hundred(contrast: Entry) -> Message:
    """The unit of a natural frequency of a contrast."""
    return unit_of(contrast, HUNDRED)


def _calls(entry: Entry) -> list[Message]:
    counts = entry["calls"]
    calls = message("unit.calls", count=counts["n"])
    if not counts["n"]:
        return [message("plain.calls.nobody")]
    found = [message("plain.calls.complied", complied=counts["complied"], calls=calls)]
    if counts["unclear"]:
        found.append(message("plain.calls.unclear", count=counts["unclear"]))
    return found


def _call_certainty(entry: Entry) -> list[Message]:
    found = estimate_of(entry, "compliance_rate")
    if found is None or found["low"] is None or found["high"] is None:
        return []
    return [
        message(
            "plain.calls.interval",
            ground=ground(entry["ground"]),
            request=verbatim(entry["request"]),
            low=HUNDRED * found["low"],
            high=HUNDRED * found["high"],
            confidence=found["confidence"],
        )
    ]
