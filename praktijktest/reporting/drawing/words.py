"""Figures in words, made from their numbers, for readers who do not see them."""

from praktijktest.language import Language, Message
from praktijktest.reporting.blocks import Bars, FigureBlock, Forest
from praktijktest.reporting.cells import estimate_text


def words_of(block: FigureBlock, language: Language) -> str:
    """What a figure shows, with its numbers.

    Args:
        block: a figure of a report.
        language: what it is said in.
    """
    if isinstance(block, Bars):
        bars = [(bar.name, estimate_text(bar.share, language)) for bar in block.bars]
        return _sentence(block.title, bars, language)
    if isinstance(block, Forest):
        rows = [
            (
                language.say(row.label),
                language.text("too_few")
                if row.estimate is None
                else estimate_text(row.estimate, language),
            )
            for row in block.rows
        ]
        return _sentence(block.title, rows, language)
    return language.say(block.description)


def _sentence(title: Message, parts: list[tuple[str, str]], language: Language) -> str:
    colon, semicolon = language.text("colon"), language.text("semicolon")
    said = f"{semicolon} ".join(f"{name}{colon} {value}" for name, value in parts)
    return f"{language.say(title).rstrip('.')}. {said}."
