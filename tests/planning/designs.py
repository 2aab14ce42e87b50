"""Designs, frames and plans that the tests of planning share."""

from collections.abc import Sequence

from praktijktest.design import Design, parse_design
from praktijktest.planning.frame import Frame, frame_from_columns

ROUND = """format = 1
[round]
id = "{id}"
title = "A round"
market = "housing"
place = "Gent"
jurisdiction = "{jurisdiction}"
start = {start}
end = {end}
language = "nl"
[outcomes]
scheme = "housing"
"""
PAIRED = """[test]
kind = "paired"
order = "random"
gap_hours = [3, 8]
response_days = 14
"""
ORIGIN = """[[contrast]]
id = "origin"
attribute = "origin"
ground = "origin"
control = "flemish"
test = "moroccan"
"""
DISABILITY = """[[contrast]]
id = "disability"
attribute = "mobility"
ground = "disability"
control = "walking"
test = "wheelchair"
"""


def names(prefix: str, number: int) -> str:
    """A TOML list of so many different names."""
    return "[" + ", ".join(f'"{prefix} {entry:02d}"' for entry in range(number)) + "]"


def profile(name: str, number: int = 12, own_names: str | None = None, **attributes: str) -> str:
    """A [[profile]] table with that many names."""
    levels = ", ".join(f'{key} = "{value}"' for key, value in attributes.items())
    return (
        f'[[profile]]\nid = "{name}"\nattributes = {{ {levels} }}\n'
        f"names = {own_names or names(name.title(), number)}\n"
    )


def origin_profiles(number: int = 12) -> str:
    """A Flemish and a Moroccan profile."""
    return profile("fl", number, origin="flemish") + profile("mo", number, origin="moroccan")


def ground_profiles(number: int = 24) -> str:
    """Profiles for parallel origin and disability tests."""
    return (
        profile("fl", number, origin="flemish", mobility="walking")
        + profile("mo", number, origin="moroccan", mobility="walking")
        + profile("wh", number, origin="flemish", mobility="wheelchair")
    )


def design_text(
    *parts: str,
    identifier: str = "gent",
    start: str = "2026-09-01",
    end: str = "2027-06-30",
    jurisdiction: str = "be-vlg",
) -> str:
    """A design file: the round's tables and then these."""
    head = ROUND.format(id=identifier, start=start, end=end, jurisdiction=jurisdiction)
    return head + "".join(parts)


def design(*parts: str, **values: str) -> Design:
    """A design; see `design_text`."""
    return parse_design(design_text(*parts, **values))


def origin_design(sampling: str, number: int = 12, **values: str) -> Design:
    """A paired origin design with these sampling (and other) tables."""
    return design(PAIRED, origin_profiles(number), ORIGIN, sampling, **values)


def agents(number: int, strata: Sequence[str] = ("agent", "private")) -> Frame:
    """A frame of agents without adverts, in the stratum agent_type."""
    return frame_from_columns(
        {
            "target": [f"A{entry:03d}" for entry in range(number)],
            "agent_type": [strata[entry % len(strata)] for entry in range(number)],
        },
        ["agent_type"],
    )


def adverts(per_target: Sequence[int]) -> Frame:
    """A frame of adverts without strata: so many for each target."""
    pairs = [(t, n) for t, number in enumerate(per_target) for n in range(number)]
    return frame_from_columns(
        {
            "target": [f"A{target:03d}" for target, _ in pairs],
            "advert": [f"AD-{target:03d}-{number}" for target, number in pairs],
        },
        [],
    )
