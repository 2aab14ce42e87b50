"""How the sentences of a summary are put together."""

from collections.abc import Iterable, Mapping, Sequence

Line = tuple[str, str]
"""A label, and what the design says about it."""


def listed(names: Sequence[str], word: str) -> str:
    """Names as a sentence lists them: "a, b and c"."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {word} {names[-1]}"


def quoted(names: Iterable[str]) -> list[str]:
    """Values of the log or the design, in quotes."""
    return [repr(name) for name in names]


def days(number: int) -> str:
    """A number of days."""
    return "1 day" if number == 1 else f"{number} days"


def percentage(share: float) -> str:
    """A share as a percentage without needless decimals."""
    return f"{share * 100:.10g} %"


def filters(wanted: Mapping[str, Sequence[str]]) -> str:
    """Columns with the values that are let through."""
    parts = [f"{name} is {listed(quoted(values), 'or')}" for name, values in wanted.items()]
    return "; ".join(parts)
