"""Words that depend on the round: its market, its outcome scheme, its grounds."""

from collections.abc import Iterable
from typing import Any

from praktijktest.language import Message, message
from praktijktest.reporting.evidence import Entry
from praktijktest.vocabulary import GROUNDS, MARKETS, SCHEMES

BELGIAN = ("be-vlg", "be-bru", "be-wal", "be")


def ground(code: str | None) -> Message:
    """A ground in everyday words; a contrast without a declared ground has none."""
    return message(f"ground.{code}") if code in GROUNDS else message("ground.none")


def ground_in_law(code: str | None, jurisdiction: str | None) -> Message | None:
    """The statutory term of a ground where the round took place; None where not known."""
    if code not in GROUNDS:
        return None
    if jurisdiction in BELGIAN:
        return message(f"law.be.{code}")
    if jurisdiction == "nl":
        return message(f"law.nl.{code}")
    return None


def comparison(contrast: Entry) -> Message:
    """Which groups a contrast compares, by their names in the log."""
    return message("comparison", control=contrast["control"], test=contrast["test"])


def contrast_label(contrast: Entry) -> Message:
    """A contrast by ground and groups, for tables and figures."""
    return message(
        "contrast_label",
        ground=ground(contrast["ground"]),
        control=contrast["control"],
        test=contrast["test"],
    )


def contrast_short(contrast: Entry) -> Message:
    """A contrast by ground and tested group, where room is scarce."""
    return message("contrast_short", ground=ground(contrast["ground"]), test=contrast["test"])


def contrast_labels(analysis: Entry) -> dict[str, Message]:
    """The label of every contrast by its id."""
    return {entry["id"]: contrast_label(entry) for entry in analysis["contrasts"]}


def stratum_label(contrast: Entry) -> Message:
    """A stratum by the name of its column and its level, as they stand in the log."""
    return message("stratum", by=contrast["stratum"]["by"], level=contrast["stratum"]["level"])


def positive(analysis: Entry, rule: str) -> Message:
    """What counts as positive, as something that an applicant gets.

    The scheme's own words hold only while the scheme's own codes count as positive.
    """
    method = analysis["method"]
    scheme = SCHEMES.get(method["scheme"] or "")
    declared = set(method["positive"].get(rule, ()))
    built_in = rule in ("strict", "broad") and scheme is not None
    if built_in and method["scheme"] != "mystery" and declared == set(getattr(scheme, rule)):
        return message(f"positive.{method['scheme']}.{rule}")
    return message("positive.custom")


def positive_codes(analysis: Entry, rule: str) -> Message:
    """The replies that count as positive under a rule, the most favourable first."""
    codes = in_scheme_order(analysis, analysis["method"]["positive"][rule])
    return message("enumeration", items=[outcome(analysis, code) for code in codes])


def outcome(analysis: Entry, code: str) -> Message:
    """A reply by the design's own label, else by ours, else by its code."""
    own = analysis["method"].get("labels") or {}
    return verbatim(own[code]) if code in own else message("outcome_name", code=code)


def meaning_of_positive(analysis: Entry, rule: str) -> Message:
    """What positive means under a rule: in a word where there is one, else reply by reply."""
    word = positive(analysis, rule)
    if word.key.endswith(".strict"):
        return message("cells.positive", positive=word)
    return message("cells.positive_codes", codes=positive_codes(analysis, rule))


def in_scheme_order(analysis: Entry, codes: Iterable[str]) -> list[str]:
    """Outcome codes from the most to the least favourable, the design's own ones last."""
    scheme = SCHEMES.get(analysis["method"]["scheme"] or "")
    order = {code: place for place, code in enumerate(scheme.codes if scheme else ())}
    return sorted(dict.fromkeys(codes), key=lambda code: order.get(code, len(order)))


def rule_label(rule: str | None) -> Message:
    """An outcome rule by its label, or by its own name."""
    if rule in ("strict", "broad"):
        return message(f"outcome_rule.{rule}")
    return message("verbatim", text=rule or "")


def tests(contrast: Entry, count: int | None = None) -> Message:
    """A number of tests; of comparisons where a test holds several."""
    unit = "tests" if contrast["n"] == contrast["tests"] else "comparisons"
    return message(f"unit.{unit}", count=contrast["n"] if count is None else count)


def unit_of(contrast: Entry, count: int | None = None) -> Message:
    """What a contrast counts: tests, comparisons, or applications where they are not paired."""
    if "groups" in contrast:
        return message("unit.applications", count=contrast["n"] if count is None else count)
    return tests(contrast, count)


def targets(analysis: Entry, count: int) -> Message:
    """A number of tested agents, by what they are called on this market."""
    return message(f"target.{market(analysis)}", count=count)


def market(analysis: Entry) -> str:
    """The market of a round, "other" where it is none of ours."""
    found: Any = analysis["round"]["market"]
    return found if found in MARKETS else "other"


def verbatim(text: str) -> Message:
    """A name from the log where a message is expected."""
    return message("verbatim", text=text)


def joined(first: Message, *others: Message) -> Message:
    """Sentences as one text."""
    for other in others:
        first = message("joined", first=first, second=other)
    return first
