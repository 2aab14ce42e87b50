"""The numbers behind a figure, row by row, for renderers that write figures without drawing."""

from dataclasses import dataclass

from praktijktest.language import Language
from praktijktest.reporting.blocks import (
    Bar,
    Bars,
    Curves,
    Estimated,
    FigureBlock,
    Flow,
    Forest,
    FourCells,
    Ranking,
    SmallMultiples,
    Trend,
)

CELLS = ("both", "only_control", "only_test", "neither")


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One number of a figure.

    Attributes:
        label: what it is about.
        number: a count, or a value with its interval; None where it is hidden.
        beside: what stands beside it, "" nothing.
    """

    label: str
    number: int | Estimated | None
    beside: str = ""


def title_of(block: FigureBlock, language: Language) -> str:
    """What a figure shows, with its denominator.

    Args:
        block: a figure of a report.
        language: what it is said in.
    """
    return language.say(block.scale if isinstance(block, FourCells) else block.title)


def figure_rows(block: FigureBlock, language: Language) -> list[FigureRow]:
    """The numbers of a figure; a curve has none of its own beside its words.

    Args:
        block: a figure of a report.
        language: what its labels are written in.
    """
    match block:
        case FourCells():
            labels = (
                language.text(f"cells.{name}", control=block.control, test=block.test)
                for name in CELLS
            )
            return [FigureRow(*row) for row in zip(labels, block.counts, strict=True)]
        case Bars():
            return _bars(block.bars, language)
        case Forest():
            return [_row(language.say(row.label), row.estimate, language) for row in block.rows]
        case Ranking():
            return [
                FigureRow(
                    language.value(row.pseudonym), row.rate, language.text(f"state.{row.state}")
                )
                for row in block.rows
            ]
        case SmallMultiples():
            return [
                FigureRow(f"{language.say(panel.label)}, {row.label}", row.number, row.beside)
                for panel in block.panels
                for row in _bars(panel.bars, language)
            ]
        case Trend():
            return [
                _row(f"{language.say(line.name)}, {language.value(moment)}", point, language)
                for line in block.lines
                for moment, point in zip(block.rounds, line.points, strict=True)
            ]
        case Flow():
            return [
                row
                for step in (*block.steps, *block.branches)
                for row in (
                    FigureRow(language.say(step.label), step.count),
                    *(FigureRow(f"– {language.say(what)}", n) for what, n in step.leaving),
                )
            ]
        case Curves():
            return []


def _bars(bars: tuple[Bar, ...], language: Language) -> list[FigureRow]:
    return [_row(language.name(bar.name), bar.share, language) for bar in bars]


def _row(label: str, number: Estimated | None, language: Language) -> FigureRow:
    return FigureRow(label, number, "" if number else language.text("too_few"))
