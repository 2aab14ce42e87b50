"""Where somebody who meets discrimination can report it, by jurisdiction, market and ground."""

from collections.abc import Iterable
from typing import Final

from praktijktest.reporting.wording import BELGIAN

FEDERAL_ONLY: Final = ("labour", "services", "nightlife")
"""Markets that are a federal matter in Belgium, in Flanders too."""

GENDER: Final = (
    "gender",
    "gender-identity",
    "gender-expression",
    "sex-characteristics",
    "pregnancy-parenthood",
    "family-responsibilities",
)
"""Grounds that belong to the institute for women and men, and never to Unia."""


def bodies_for(
    jurisdiction: str | None, market: str | None, grounds: Iterable[str | None]
) -> tuple[str, ...]:
    """Codes of the equality bodies and reporting points, in a fixed order; none where unknown.

    Args:
        jurisdiction: where the round took place.
        market: what was tested.
        grounds: the grounds of its contrasts or calls.
    """
    if jurisdiction == "nl":
        return ("adv", "college")
    if jurisdiction not in BELGIAN:
        return ()
    if jurisdiction == "be-vlg" and market not in FEDERAL_ONLY:
        return ("vmri",)
    found = {"igvm" if ground in GENDER else "unia" for ground in grounds if ground != "language"}
    return tuple(code for code in ("unia", "igvm") if code in found)
