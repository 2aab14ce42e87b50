"""Tests in several stages: discrimination added up over the stages, on one denominator.

As the studies of the International Labour Office count (Cediey & Foroni 2007; Bovenkerk's
manual): a test ends at the first stage where its two applicants get a different reply. What
each stage adds is divided by the same number, the usable tests of the first stage, so that the
stages can be added. Tested against the published tables of France and the Netherlands.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from praktijktest.statistics.cells import Cells
from praktijktest.statistics.intervals import tango
from praktijktest.statistics.mcnemar import mcnemar_midp


@dataclass(frozen=True, slots=True)
class StageCounts:
    """The tests of one stage.

    Attributes:
        name: name of the stage.
        cells: the four counts among tests that reached it undecided.
        waiting: of the tests with a positive reply to neither, those that go on all the same,
            for instance because both applicants were put on a waiting list.

    Raises:
        ValueError: more tests wait than got a positive reply to neither.
    """

    name: str
    cells: Cells
    waiting: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.waiting <= self.cells.neither:
            raise ValueError(
                f"At stage {self.name!r} {self.waiting} tests wait, but only "
                f"{self.cells.neither} got a positive reply to neither."
            )

    @property
    def usable(self) -> int:
        """Tests with a positive reply to anyone, or that go on waiting."""
        return self.cells.usable + self.waiting


@dataclass(frozen=True, slots=True)
class Stage:
    """What one stage adds.

    Attributes:
        counts: its tests.
        net: (only control - only test) / usable tests of the first stage.
        low, high: Tango limits of `net`.
        cumulative: `net` of this and all earlier stages together.
        net_here: (only control - only test) / usable tests of this stage; None without any.
        p: McNemar mid-p of this stage.
    """

    counts: StageCounts
    net: float | None
    low: float | None
    high: float | None
    cumulative: float | None
    net_here: float | None
    p: float


@dataclass(frozen=True, slots=True)
class Stages:
    """All stages together.

    Attributes:
        usable: the common denominator: usable tests of the first stage.
        stages: in the order of the stages.
        cells: every test by where it ended: who alone was favoured at some stage, who were
            treated alike to the end ("both"), and who never became usable ("neither").
        net: cumulative net rate.
        low, high: Tango limits of `net`.
        p: McNemar mid-p of all stages together.
    """

    usable: int
    stages: tuple[Stage, ...]
    cells: Cells
    net: float | None
    low: float | None
    high: float | None
    p: float


def cumulative(counts: Sequence[StageCounts], confidence: float = 0.95) -> Stages:
    """Add up what every stage adds, on one denominator.

    Args:
        counts: the tests of every stage, the first one first.
        confidence: of the limits.

    Raises:
        ValueError: no stage, or more tests differ at later stages than came out of the first
            one undecided.
    """
    if not counts:
        raise ValueError("There must be at least one stage.")
    first = counts[0]
    usable = first.usable
    stages: list[Stage] = []
    favoured = [0, 0]
    for entry in counts:
        favoured[0] += entry.cells.only_control
        favoured[1] += entry.cells.only_test
        if sum(favoured) > usable:
            raise ValueError(
                f"Up to stage {entry.name!r} the applicants of {sum(favoured)} tests differ, "
                f"and only {usable} tests are usable."
            )
        stages.append(_stage(entry, usable, favoured[0] - favoured[1], confidence))
    alike = usable - sum(favoured)
    cells = Cells(alike, favoured[0], favoured[1], first.cells.neither - first.waiting)
    net, low, high = _net(favoured[0], favoured[1], usable, confidence)
    return Stages(usable, tuple(stages), cells, net, low, high, float(mcnemar_midp(*favoured)))


def _stage(entry: StageCounts, usable: int, so_far: int, confidence: float) -> Stage:
    b, c = entry.cells.only_control, entry.cells.only_test
    net, low, high = _net(b, c, usable, confidence)
    return Stage(
        counts=entry,
        net=net,
        low=low,
        high=high,
        cumulative=so_far / usable if usable else None,
        net_here=(b - c) / entry.usable if entry.usable else None,
        p=float(mcnemar_midp(b, c)),
    )


def _net(
    b: int, c: int, usable: int, confidence: float
) -> tuple[float | None, float | None, float | None]:
    if not usable:
        return None, None, None
    low, high = tango(b, c, usable, confidence)
    return (b - c) / usable, low, high
