"""The comparison with the pre-registration: promised, done, and what covers each difference."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from praktijktest.language import Message, message
from praktijktest.reporting.blocks import Block, Bullets, Paragraph, Section, Table
from praktijktest.reporting.evidence import Entry, whole_round
from praktijktest.reporting.models_section import CHECKS, CROSSED
from praktijktest.reporting.results_sections import column
from praktijktest.reporting.wording import outcome, rule_label, verbatim

if TYPE_CHECKING:
    from praktijktest.planning.promises import Promised, Version

AMENDED, UNANNOUNCED = "amended", "unannounced"


@dataclass(frozen=True, slots=True)
class Deviation:
    """One thing that was done otherwise than the first lock promised.

    Attributes:
        what: the thing, in words.
        promised: what the first lock said.
        done: what the analysis document says.
        amendment: number of the amendment that announced it; None where none did.
        exploratory: whether it was done without having been promised.
        unfollowed: number of an amendment that announced something else than was done, where
            what was done is what the first lock promised.
    """

    what: Message
    promised: Message
    done: Message
    amendment: int | None
    exploratory: bool = False
    unfollowed: int | None = None


def promised_sections(analysis: Entry, promised: "Promised") -> tuple[Section, ...]:
    """Every deviation, the numbers of tests, and the amendments.

    Args:
        analysis: the analysis document, with names as the log has them.
        promised: what the round's lock and amendments promised.
    """
    found = tuple(deviations(analysis, promised))
    return (
        _deviations_section(found, promised),
        _numbers_section(analysis, promised),
        _amendments_section(promised),
    )


def deviations(analysis: Entry, promised: "Promised") -> Iterator[Deviation]:
    """Everything that differs between the first lock and the analysis, in a fixed order.

    The number of tests has a table of its own: what the field gives is never what was planned.
    """
    numbers = [one.number for one in promised.versions]
    for name, value in done_settings(analysis).items():
        history = [one.settings.get(name) for one in promised.versions]
        if all(_same(was, value) for was in (history[0], history[-1])):
            continue
        amendment, was = _judged(value, history, numbers)
        yield Deviation(
            message(f"promised.setting.{name}"),
            _written(analysis, name, was),
            _written(analysis, name, value),
            amendment,
            exploratory=_adds(name, value, was),
            unfollowed=numbers[-1] if _same(history[0], value) else None,
        )
    yield from _contrast_deviations(analysis, promised)


def done_settings(analysis: Entry) -> dict[str, Any]:
    """The choices that the analysis document shows, under the names of the promised settings."""
    about, method, rule = analysis["round"], analysis["method"], analysis["flag_rule"]
    names = ("response_days", "primary", "missing_outcome", "same_profile")
    found: dict[str, Any] = {name: about[name] for name in ("start", "end", "order")}
    found |= {name: method[name] for name in names}
    found["positive"] = {key: sorted(codes) for key, codes in method["positive"].items()}
    found |= {name: method[name] for name in ("headline", "confidence", "strata", "min_cell")}
    ran = dict.fromkeys(model["name"] for model in analysis["models"])
    found["models"] = [name for name in ran if name not in (*CHECKS, *CROSSED)]
    if rule is not None:
        same = ("alpha", "min_tests", "grey_midp", "equal_margin", "across", "accept_fixed_order")
        found |= {"flag_rule": rule["rule"], **{name: rule[name] for name in same}}
        found |= {"flag_unit": rule["unit"], "flag_contrasts": sorted(rule["contrasts"])}
    return found


def _same(one: Any, other: Any) -> bool:
    """Whether two plain values say the same; the order of a list says nothing here."""
    if isinstance(one, list) and isinstance(other, list):
        return sorted(map(str, one)) == sorted(map(str, other))
    return bool(one == other)


def _adds(name: str, done: Any, promised: Any) -> bool:
    """Whether something was done beside what was promised, and nothing left out."""
    if name not in ("strata", "models"):
        return False
    return set(done) > set(promised or ())


def _judged(done: Any, history: Sequence[Any], numbers: Sequence[int]) -> tuple[int | None, Any]:
    """The amendment that announced what was done, and the promise to set beside it.

    An amendment covers what was done where the promise has said nothing else since. Beside
    what was done stands the first promise, or the last one where only that differs.
    """
    if not _same(history[-1], done):
        return None, history[0] if not _same(history[0], done) else history[-1]
    number = numbers[-1]
    for was, one in zip(reversed(history), reversed(numbers), strict=True):
        if not _same(was, done):
            break
        number = one
    return number or None, history[0]


def _contrast_deviations(analysis: Entry, promised: "Promised") -> Iterator[Deviation]:
    done = {entry["id"]: _groups(entry) for entry in whole_round(analysis)}
    numbers = [one.number for one in promised.versions]
    names = dict.fromkeys(name for one in promised.versions for name in one.contrasts)
    for name in dict.fromkeys((*names, *done)):
        history = [one.contrasts.get(name) for one in promised.versions]
        now = done.get(name)
        if history[0] == now == history[-1]:
            continue
        amendment, was = _judged(now, history, numbers)
        yield Deviation(
            message("promised.contrast", name=name),
            _compared(was),
            _compared(now),
            amendment,
            exploratory=was is None,
            unfollowed=numbers[-1] if history[0] == now else None,
        )


def _groups(entry: Entry) -> tuple[str, ...]:
    if "calls" in entry:
        return (entry["request"],)
    return entry["control"], entry["test"]


def _compared(groups: tuple[str, ...] | None) -> Message:
    if groups is None:
        return message("promised.nothing")
    if len(groups) == 1:
        return verbatim(groups[0])
    return message("comparison", control=groups[0], test=groups[1])


def _written(analysis: Entry, name: str, value: Any) -> Message:
    """A plain value of a setting, as a reader knows it."""
    if value is None or value == []:
        return message("promised.nothing")
    if name in ("start", "end"):
        return message("promised.date", date=value)
    if name in ("confidence", "alpha", "equal_margin"):
        return message("promised.share", share=value)
    if name == "grey_midp":
        return message("promised.ratio", value=value)
    if name == "primary":
        return rule_label(value)
    if name == "positive":
        return message("enumeration", items=[_rule(analysis, *one) for one in value.items()])
    if name in ("order", "headline", "flag_rule", "across"):
        keys = {
            "order": f"promised.order.{value}",
            "headline": f"promised.measure.{value}"
            if value in ("compliance_rate", "rate_difference", "odds_ratio")
            else f"estimate.{value}",
            "flag_rule": f"flag_name.{value}",
            "across": f"flag.across.{value}",
        }
        return message(keys[name])
    if name == "missing_outcome" and value != "error":
        return outcome(analysis, value)
    if name in ("missing_outcome", "same_profile", "flag_unit"):
        return message(f"promised.choice.{value}")
    if name == "models":
        return message("enumeration", items=[message(f"models.name.{one}") for one in value])
    if isinstance(value, list):
        return message("enumeration", items=value)
    return message("promised.value", value=value)


def _rule(analysis: Entry, rule: str, codes: Sequence[str]) -> Message:
    names = [outcome(analysis, code) for code in codes]
    return message("promised.positive", rule=rule_label(rule), codes=names)


def _deviations_section(found: Sequence[Deviation], promised: "Promised") -> Section:
    open_ones = sum(one.amendment is None for one in found)
    blocks: list[Block] = [Paragraph(message("promised.intro"))]
    if promised.broken:
        blocks.append(Paragraph(message("promised.broken", files=list(promised.broken)), "warning"))
    blocks.append(
        Paragraph(message("promised.count", count=len(found), unannounced=open_ones))
        if found
        else Paragraph(message("promised.none"))
    )
    if found:
        blocks.append(_deviations_table(found))
    return Section("deviations", message("section.deviations"), tuple(blocks))


def _deviations_table(found: Sequence[Deviation]) -> Table:
    return Table(
        id="deviations",
        caption=message("promised.caption"),
        columns=(
            column("topic", "text"),
            column("promised", "text"),
            column("carried_out", "text"),
            column("announced", "text"),
        ),
        rows=tuple((one.what, one.promised, one.done, _announced(one)) for one in found),
        notes=(message("promised.exploratory_note"),),
    )


def _announced(one: Deviation) -> Message:
    if one.amendment is not None:
        return message("promised.amendment", number=one.amendment)
    if one.unfollowed is not None:
        return message("promised.unfollowed", number=one.unfollowed)
    return message("promised.exploratory" if one.exploratory else "promised.not_announced")


def _numbers_section(analysis: Entry, promised: "Promised") -> Section:
    first, last = promised.versions[0].tests, promised.versions[-1].tests
    data = analysis["data"]
    rows: list[tuple[Any, ...]] = [
        (
            message("promised.all_tests"),
            first.total,
            last.total,
            data["tests"],
            data["tests_usable"],
        )
    ]
    by_id = {entry["id"]: entry for entry in whole_round(analysis)}
    for name in dict.fromkeys((*first.by_contrast, *last.by_contrast, *by_id)):
        entry = by_id.get(name)
        rows.append(
            (
                message("promised.contrast", name=name),
                first.by_contrast.get(name, 0),
                last.by_contrast.get(name, 0),
                None,
                _tests(entry) if entry else 0,
            )
        )
    blocks: list[Block] = [
        Paragraph(message("promised.numbers_intro")),
        _numbers_table("promised-numbers", "promised.numbers_caption", rows),
        *_strata(analysis, promised),
        *([Bullets(tuple(losses))] if (losses := _losses(data)) else []),
    ]
    return Section("numbers", message("section.numbers"), tuple(blocks))


def _tests(entry: Entry) -> int | None:
    found: int | None = entry.get("tests", entry["n"])
    return found


def _numbers_table(name: str, caption: str, rows: Sequence[tuple[Any, ...]]) -> Table:
    kinds = ("planned_first", "planned_last", "in_log", "used")
    return Table(
        id=name,
        caption=message(caption),
        columns=(column("topic", "text"), *(column(kind, "count") for kind in kinds)),
        rows=tuple(rows),
    )


def _strata(analysis: Entry, promised: "Promised") -> list[Block]:
    """Tests per stratum: planned, and used in whichever contrast; a hidden number is a dash."""
    first, last = promised.versions[0].tests.by_stratum, promised.versions[-1].tests.by_stratum
    used: dict[tuple[str, str], int | None] = {}
    for entry in analysis["contrasts"]:
        if entry["stratum"] and entry["primary"] and not entry.get("hidden"):
            key = (entry["stratum"]["by"], entry["stratum"]["level"])
            used[key] = (used.get(key) or 0) + (_tests(entry) or 0)
    keys = [key for key in dict.fromkeys((*first, *last)) if key in used]
    if not keys:
        return []
    rows = [
        (
            message("stratum", by=by, level=level),
            first.get((by, level), 0),
            last.get((by, level), 0),
            None,
            used[by, level],
        )
        for by, level in keys
    ]
    return [_numbers_table("promised-strata", "promised.strata_caption", rows)]


def _losses(data: Mapping[str, Any]) -> list[Message]:
    failed = sum(count or 0 for count in data["tests_failed"].values())
    counts = {"failed": failed, "pending": data["tests_pending"], "late": data["late_replies"]}
    return [message(f"promised.loss.{name}", count=n) for name, n in counts.items() if n]


def _amendments_section(promised: "Promised") -> Section:
    first, *others = promised.versions
    blocks: list[Block] = [Paragraph(message("promised.locked", at=first.at))]
    if others:
        blocks.append(Bullets(tuple(_amendment(one) for one in others)))
    else:
        blocks.append(Paragraph(message("promised.no_amendments")))
    return Section("amendments", message("section.amendments"), tuple(blocks))


def _amendment(one: "Version") -> Message:
    return message(
        "promised.amended",
        number=one.number,
        at=one.at,
        reason=message("verbatim", text=one.reason),
    )
