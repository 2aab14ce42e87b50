"""What a report is made of, as data: no language, no layout.

Texts are `Message`s, numbers are raw, and names from a log stand as they were read.
A renderer turns keys and numbers into a language and into marks on paper or screen.
"""

from dataclasses import dataclass, field
from math import log
from typing import Any, Literal

from praktijktest.language import Message

Unit = Literal["percent", "ratio"]

Evidence = Literal["control", "test", "none", "borderline", "unknown"]
"""Which arm the evidence favours; "none": no difference was shown; "borderline": interval and test
disagree; "unknown": cannot be said."""

Kind = Literal[
    "name", "text", "count", "percent", "ratio", "p", "yes", "state", "share", "cells", "estimate"
]
"""What a column of a table holds, so that every renderer aligns and writes it alike."""


@dataclass(frozen=True, slots=True)
class Estimated:
    """A number with its interval; an end that does not exist is None."""

    value: float | None
    low: float | None
    high: float | None
    unit: Unit = "percent"


@dataclass(frozen=True, slots=True)
class Share:
    """A count with the total it is a part of."""

    count: int
    of: int


@dataclass(frozen=True, slots=True)
class TooFew:
    """Stands in a cell whose number is hidden because it rests on too few tests."""


TOO_FEW = TooFew()


@dataclass(frozen=True, slots=True)
class Column:
    """Heading and kind of a column."""

    heading: Message
    kind: Kind


@dataclass(frozen=True, slots=True)
class Table:
    """A table of raw values.

    Attributes:
        id: fixed name within the report.
        caption: what the table shows, with its denominators.
        columns: typed columns; the first one names the row, or its group where `grouped`.
        rows: raw values, one per column.
        notes: sentences below the table.
        grouped: neighbouring rows with one first value stand under it as a heading.
    """

    id: str
    caption: Message
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    notes: tuple[Message, ...] = ()
    grouped: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph; a note is set smaller, a warning stands out."""

    text: Message
    role: Literal["text", "note", "warning"] = "text"


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list of sentences."""

    items: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Definitions:
    """Terms with what they mean."""

    items: tuple[tuple[Message, Message], ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading within a section."""

    text: Message
    kicker: Message | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """The headline of one contrast.

    Attributes:
        ground: the ground, in the words of the law.
        title: which groups are compared.
        verdict: one sentence that matches the evidence.
        evidence: which arm the evidence favours.
        sentences: the numbers behind it, in natural frequencies.
        measure: name and denominator of the headline estimate.
        estimate: its value and interval.
        interval_note: what the interval takes into account.
    """

    ground: Message
    title: Message
    verdict: Message
    evidence: Evidence
    sentences: tuple[Message, ...]
    measure: Message
    estimate: Estimated
    interval_note: Message


@dataclass(frozen=True, slots=True)
class FourCells:
    """The four cells as a picture: pairs of applicants, filled where the reply was positive.

    Attributes:
        control, test: names of the two groups, from the log.
        counts: both, only control, only test, neither.
        pictures: how many pairs are drawn for each, in the same order.
        exact: one picture is one test; else one picture is one test in a hundred.
        scale: sentence that says what one picture stands for.
        description: the four counts in one sentence, for readers who do not see the picture.
    """

    control: str
    test: str
    counts: tuple[int, int, int, int]
    pictures: tuple[int, int, int, int]
    exact: bool
    scale: Message
    description: Message


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: a name from the log, a share with its interval, and the arm it belongs to."""

    name: str
    arm: Literal["control", "test"]
    share: Estimated


@dataclass(frozen=True, slots=True)
class Bars:
    """Shares from 0 to 100 % as bars."""

    title: Message
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class ForestRow:
    """One line of a forest plot.

    Attributes:
        label: what the line is about.
        whole: the whole round, drawn as a diamond; else one stratum, drawn as a dot.
        n: tests behind it; None where that is not known.
        denominator: tests the rate is a share of; None where they are applications.
        estimate: value and interval; None when hidden because of few tests.
        reading: what the interval says about zero, for readers who do not see the picture.
        expected: where one more study is expected, drawn as a broken line without a mark.
    """

    label: Message
    whole: bool
    n: int | None
    denominator: int | None
    estimate: Estimated | None
    reading: Message
    expected: bool = False


@dataclass(frozen=True, slots=True)
class Forest:
    """Rates or ratios with intervals on one axis, in data units.

    Attributes:
        title: what is drawn, with its denominator.
        low, high: ends of the axis; intervals beyond them are cut there.
        ticks: places of the grid lines.
        left, right: what lies on either side of equal treatment.
        rows: from top to bottom.
        notes: sentences below the figure.
        unit: rates stand on a plain axis, ratios on a logarithmic one.
    """

    title: Message
    low: float
    high: float
    ticks: tuple[float, ...]
    left: Message
    right: Message
    rows: tuple[ForestRow, ...]
    notes: tuple[Message, ...] = ()
    unit: Unit = "percent"

    @property
    def equal(self) -> float:
        """Where both groups are treated alike."""
        return 1.0 if self.unit == "ratio" else 0.0

    def place(self, value: float) -> float:
        """Where a value stands on the axis, from 0 to 1; beyond its ends, at the nearer one."""
        if self.unit == "ratio":
            value = min(max(value, self.low), self.high)
            return log(value / self.low) / log(self.high / self.low)
        return min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)


@dataclass(frozen=True, slots=True)
class RankedTarget:
    """One target in a ranking: its pseudonym, its rate with interval and its state."""

    pseudonym: str
    state: str
    rate: Estimated


@dataclass(frozen=True, slots=True)
class Ranking:
    """Targets from most to least unequal, with intervals and states.

    Attributes:
        title: what is drawn, with its denominator.
        description: the picture in words, for readers who do not see it.
        left, right: what lies on either side of zero.
        rows: from top to bottom.
        notes: sentences below the figure.
    """

    title: Message
    description: Message
    left: Message
    right: Message
    rows: tuple[RankedTarget, ...]
    notes: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class Curve:
    """One arm's curve: days since sending, and the share that still waits from then on."""

    name: str
    arm: Literal["control", "test"]
    days: tuple[float, ...]
    waiting: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Curves:
    """How long applicants wait for a reply: one falling step line per arm."""

    title: Message
    description: Message
    axis: Message
    curves: tuple[Curve, ...]
    notes: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class TrendLine:
    """One series over rounds: its name and one estimate per round, None where not measured."""

    name: Message
    points: tuple[Estimated | None, ...]


@dataclass(frozen=True, slots=True)
class Trend:
    """Rates with intervals over rounds.

    Attributes:
        title: what is drawn, with its denominator.
        description: the picture in words, for readers who do not see it.
        rounds: labels of the rounds, from left to right.
        lines: the series.
        notes: sentences below the figure.
    """

    title: Message
    description: Message
    rounds: tuple[str, ...]
    lines: tuple[TrendLine, ...]
    notes: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel of small multiples: a stratum with the shares of both arms."""

    label: Message
    note: Message
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class SmallMultiples:
    """The same small picture for every stratum, side by side on one scale."""

    title: Message
    description: Message
    panels: tuple[Panel, ...]
    notes: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class FlowStep:
    """One stage of the way from the log to the tests that count.

    Attributes:
        label: what stands at this stage.
        count: how many.
        leaving: what does not go on from here, and how many.
    """

    label: Message
    count: int
    leaving: tuple[tuple[Message, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Flow:
    """The way of the tests: stages from top to bottom, then where they end up.

    Attributes:
        title: what is drawn.
        description: the picture in words, for readers who do not see it.
        steps: stages that all tests pass through.
        branches: the comparisons that the last stage feeds, each with what it does not use.
        notes: sentences below the figure.
    """

    title: Message
    description: Message
    steps: tuple[FlowStep, ...]
    branches: tuple[FlowStep, ...] = ()
    notes: tuple[Message, ...] = ()


DrawnBlock = Ranking | Curves | Trend | SmallMultiples | Flow
"""Figures that every renderer takes from `reporting.drawing`."""

FigureBlock = FourCells | Bars | Forest | DrawnBlock
"""Every figure; a page on the web draws the first three in its own marks."""

Block = Paragraph | Bullets | Definitions | Heading | Finding | Table | FigureBlock


@dataclass(frozen=True, slots=True)
class Section:
    """A chapter of the report."""

    id: str
    title: Message
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """One report as data.

    Attributes:
        kind: which report it is: "full", "summary" …
        title: title of the round, as its design gives it.
        subtitle: what kind of report it is.
        facts: term and value pairs about the round.
        banners: warnings that stand above everything else.
        sections: the chapters, in order.
        statement: the sentence that every page carries.
        dated: ISO date of the last event behind the report, "" unknown: what files carry as
            their date, so that the same inputs give the same bytes.
        fingerprint: SHA-256 of the analysis document, "" where there is none.
    """

    kind: str
    title: str
    subtitle: Message
    facts: tuple[tuple[Message, Message], ...]
    banners: tuple[Message, ...]
    sections: tuple[Section, ...]
    statement: Message = field(default_factory=lambda: Message("statement"))
    dated: str = ""
    fingerprint: str = ""
