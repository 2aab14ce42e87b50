"""The chapter on more than yes or no: a ladder of replies, waiting, late invitations, questions."""

from collections.abc import Iterator
from functools import reduce
from typing import Any

from praktijktest.language import Message, message
from praktijktest.reporting.blocks import (
    Block,
    Bullets,
    Column,
    Curve,
    Curves,
    Heading,
    Kind,
    Paragraph,
    Section,
    Share,
    Table,
)
from praktijktest.reporting.evidence import Entry, whole_round
from praktijktest.reporting.wording import comparison, ground, outcome

ARMS = ("control", "test")


def outcomes_section(analysis: Entry) -> Section | None:
    """How far applicants got, how soon they heard, and what they were asked.

    None where the document has nothing of it: no ladder, no times, or an earlier version.

    Args:
        analysis: the analysis document.
    """
    contrasts = {entry["id"]: entry for entry in whole_round(analysis)}
    blocks: list[Block] = []
    for found in analysis.get("further_outcomes", ()):
        contrast = contrasts.get(found["contrast"])
        parts = [] if contrast is None else list(_parts(analysis, contrast, found))
        if parts and contrast is not None:
            blocks.append(Heading(comparison(contrast), kicker=ground(contrast["ground"])))
            blocks += parts
    if not blocks:
        return None
    intro = Paragraph(message("outcomes.intro"))
    return Section("outcomes", message("section.outcomes"), (intro, *blocks))


def _parts(analysis: Entry, contrast: Entry, found: Entry) -> Iterator[Block]:
    if found["ladder"] is not None and found["ladder"]["n"]:
        yield from _ladder(analysis, contrast, found["ladder"])
    sentences: list[Message] = []
    if found["time_to_reply"] is not None:
        yield _curves(contrast, found["time_to_reply"])
        yield _waiting_table(contrast, found["time_to_reply"])
        sentences += _waiting(contrast, found["time_to_reply"])
    if found["invitation_delay"] is not None:
        sentences.append(_delay(contrast, found["invitation_delay"]))
    if found["extra_questions"] is not None and _asked(found["extra_questions"]):
        sentences.append(_questions(contrast, found["extra_questions"]))
    if sentences:
        yield Bullets(tuple(sentences))
    if found["absent"].get("time_to_reply") == "no-window":
        yield Paragraph(message("outcomes.no_window"), "note")


def _asked(questions: Entry) -> bool:
    """Whether anybody was only asked for more."""
    cells = questions["cells"]
    return bool(questions["n"] > cells["neither"])


def _groups(contrast: Entry) -> dict[str, Any]:
    return {arm: contrast[arm] for arm in ARMS}


def _tests(count: int) -> Message:
    return message("unit.tests", count=count)


def _interval(found: Entry) -> dict[str, float | None]:
    return {name: found[name] for name in ("value", "low", "high")}


def _ladder(analysis: Entry, contrast: Entry, ladder: Entry) -> Iterator[Block]:
    higher = ladder["higher"]
    yield Paragraph(
        message(
            "outcomes.ladder",
            **_groups(contrast),
            **_interval(higher["estimate"]),
            tests=_tests(ladder["n"]),
            control_favoured=higher["control_favoured"],
            test_favoured=higher["test_favoured"],
            equal=higher["equal"],
            p=higher["p_midp"],
        )
    )
    table = ladder["table"]
    size = len(table)
    rungs = [
        reduce(
            lambda first, second: message("outcomes.either", first=first, second=second),
            (outcome(analysis, code) for code in codes),
        )
        for codes in ladder["rungs"]
    ]
    control = [sum(row) for row in table]
    treated = [sum(row[place] for row in table) for place in range(size)]
    yield Table(
        id=f"ladder-{contrast['id']}",
        caption=message("outcomes.ladder_caption"),
        columns=(
            _column("rung", "text"),
            *(Column(message("column.group", name=contrast[arm]), "share") for arm in ARMS),
        ),
        rows=tuple(
            (
                message("outcomes.rung", number=place + 1, replies=rungs[place]),
                Share(control[place], ladder["n"]),
                Share(treated[place], ladder["n"]),
            )
            for place in range(size)
        ),
        notes=(
            message(
                "outcomes.ladder_tests",
                margins=ladder["stuart_maxwell"]["p"],
                symmetry=ladder["bowker"]["p"],
            ),
            *_left_out(ladder),
        ),
    )
    yield _rungs(contrast, table)


def _rungs(contrast: Entry, table: list[list[int]]) -> Table:
    """The tests by rung of either applicant."""
    return Table(
        id=f"rungs-{contrast['id']}",
        caption=message("outcomes.rungs_caption", **_groups(contrast)),
        columns=(
            Column(message("column.group", name=contrast["control"]), "text"),
            *(
                Column(message("outcomes.rung_heading", number=n + 1), "count")
                for n in range(len(table))
            ),
        ),
        rows=tuple(
            (message("outcomes.rung_heading", number=place + 1), *row)
            for place, row in enumerate(table)
        ),
    )


def _left_out(found: Entry) -> tuple[Message, ...]:
    if not found["left_out"]:
        return ()
    return (message("outcomes.left_out", tests=_tests(found["left_out"])),)


def _curves(contrast: Entry, times: Entry) -> Curves:
    arms = times["arms"]
    return Curves(
        title=message("outcomes.curves"),
        description=message(
            "outcomes.curves_description",
            **_groups(contrast),
            window=times["window"],
            control_waiting=1 - arms["control"]["replied"] / arms["control"]["n"],
            test_waiting=1 - arms["test"]["replied"] / arms["test"]["n"],
        ),
        axis=message("outcomes.days"),
        curves=tuple(_curve(contrast[arm], arm, times) for arm in ARMS),
    )


def _curve(name: str, arm: Any, times: Entry) -> Curve:
    """The curve of one arm, drawn on to the end of the window."""
    curve = times["arms"][arm]["curve"]
    return Curve(
        name=name,
        arm=arm,
        days=(*curve["days"], float(times["window"])),
        waiting=(*curve["waiting"], curve["waiting"][-1]),
    )


def _waiting_table(contrast: Entry, times: Entry) -> Table:
    return Table(
        id=f"waiting-{contrast['id']}",
        caption=message("outcomes.waiting_caption", window=times["window"]),
        columns=(
            _column("level", "name"),
            _column("answered", "share"),
            _column("median_days", "ratio"),
            _column("mean_days", "ratio"),
        ),
        rows=tuple(
            (
                contrast[arm],
                Share(found["replied"], found["n"]),
                found["median"],
                found["mean_within_window"],
            )
            for arm, found in times["arms"].items()
        ),
        notes=(message("outcomes.waiting_note", window=times["window"]), *_left_out(times)),
    )


def _waiting(contrast: Entry, times: Entry) -> Iterator[Message]:
    first = times["first"]
    yield message(
        "outcomes.first",
        **_groups(contrast),
        tests=_tests(times["n"]),
        control_favoured=first["control_favoured"],
        test_favoured=first["test_favoured"],
        silent=times["both_silent"],
        p=first["p_midp"],
    )
    days = times["difference"]
    if days["value"] is not None:
        yield message(
            "outcomes.difference", **_groups(contrast), **_interval(days), window=times["window"]
        )


def _delay(contrast: Entry, delay: Entry) -> Message:
    return message(
        "outcomes.delay",
        **_groups(contrast),
        tests=_tests(delay["n"]),
        control_favoured=delay["a_day"]["control_favoured"],
        test_favoured=delay["a_day"]["test_favoured"],
        median=delay["median"],
        p=delay["a_day"]["p_midp"],
    )


def _in_points(found: Entry) -> dict[str, float | None]:
    """A difference of shares in percentage points."""
    return {name: None if end is None else 100 * end for name, end in _interval(found).items()}


def _questions(contrast: Entry, found: Entry) -> Message:
    return message(
        "outcomes.questions",
        **_groups(contrast),
        **_in_points(found["difference"]),
        share_control=found["share_control"],
        share_test=found["share_test"],
        p=found["p_midp"],
    )


def _column(key: str, kind: Kind) -> Column:
    return Column(message(f"column.{key}"), kind)
