"""Figures in words, made from their numbers, for readers who do not see them."""

from praktijktest.language import Language
from praktijktest.reporting.blocks import Bars, FigureBlock, Forest
from praktijktest.reporting.cells import estimate_text


def words_of(block: FigureBlock, language: Language) -> str:
    """What a figure shows, with its numbers.

    Args:
        block: a figure of a report.
        language: what it is said in.
    """
    if isinstance(block, Bars):
        parts = [f"{bar.name}: {estimate_text(bar.share, language)}" for bar in block.bars]
        return _sentence(language.say(block.title), parts)
    if isinstance(block, Forest):
        parts = [
            f"{language.say(row.label)}: "
            + (
                language.text("too_few")
                if row.estimate is None
                else estimate_text(row.estimate, language)
            )
            for row in block.rows
        ]
        return _sentence(language.say(block.title), parts)
    return language.say(block.description)


def _sentence(title: str, parts: list[str]) -> str:
    return f"{title.rstrip('.')}. {'; '.join(parts)}."
