"""Analysis documents at the edges: what a round can be without being wrong."""

from random import Random
from typing import Any

from tests.reporting.documents import (
    HOSTILE,
    contrast,
    document,
    drawn,
    ghent,
    hostile,
    nobody_answers,
    target,
)

GROUPS = ("flemish", "moroccan")
TITLES = {
    "markup": "<h1>Gent</h1> **vet** [hier](https://elders.example) `code` | cel",
    "emoji": "Praktijktesten 🏠🇧🇪 👩‍🦽",
    "right-to-left": "اختبارات عملية غنت 2026",
    "quotes": "'\"Gent\"' “huur” «loyer» & co.",
    "long": "Praktijktesten " * 20,
    "one-word": "x" * 300,
    "formula": "=HYPERLINK(\"https://elders.example\";\"klik\")",
    "lines": "Eerste regel\n# Tweede regel\n- derde\x00",
}  # fmt: skip


def titled(title: str) -> dict[str, Any]:
    """A small round with a title, and that title for a stratum and a target too."""
    entries = [
        contrast("origin", "origin", GROUPS, (20, 12, 3, 20), targets=2, stratum=stratum)
        for stratum in (None, {"by": title, "level": title})
    ]
    rows = [target(title, 1, "origin", (3, 6, 0, 3), "signal")]
    return document(entries, rows, round={"title": title, "place": title, "commissioner": title})


def one_test_in_a_stratum() -> dict[str, Any]:
    """A stratum with a single test beside a large one."""
    strata = ((None, (20, 12, 3, 21)), ("large", (20, 11, 3, 21)), ("single", (0, 1, 0, 0)))
    entries = [
        contrast(
            "origin",
            "origin",
            GROUPS,
            cells,
            targets=3,
            stratum=level and {"by": "agent_type", "level": level},
        )
        for level, cells in strata
    ]
    return document(entries, [target("A", 1, "origin", (5, 2, 1, 3), "no-signal")])


def without_flags() -> dict[str, Any]:
    """Nobody is flagged."""
    entry = contrast("origin", "origin", GROUPS, (40, 5, 5, 10), targets=4)
    rows = [target(f"T{i}", i, "origin", (10, 1, 1, 3), "no-signal") for i in range(1, 5)]
    return document([entry], rows)


def without_discordant_tests() -> dict[str, Any]:
    """Both applicants of every test fared alike."""
    entry = contrast("origin", "origin", GROUPS, (30, 0, 0, 30), targets=4)
    rows = [target(f"T{i}", i, "origin", (8, 0, 0, 7), "no-signal") for i in range(1, 5)]
    return document([entry], rows)


def forty_contrasts() -> dict[str, Any]:
    """As many comparisons as a design with many groups may have."""
    draw = Random(40)
    entries = [
        contrast(
            f"origin:group {number}",
            "origin",
            ("flemish", f"group {number}"),
            drawn(draw, 60, (0.3, 0.2, 0.1)),
            targets=5,
        )
        for number in range(40)
    ]
    rows = [target("A", 1, entry["id"], (5, 2, 1, 3), "no-signal") for entry in entries]
    return document(entries, rows)


ODD = {
    **{f"title-{name}": (lambda title=title: titled(title)) for name, title in TITLES.items()},
    "hostile": hostile,
    "one-test-stratum": one_test_in_a_stratum,
    "without-flags": without_flags,
    "without-discordant": without_discordant_tests,
    "nobody-answers": nobody_answers,
    "forty-contrasts": forty_contrasts,
}

__all__ = ["HOSTILE", "ODD", "TITLES", "ghent", "titled"]
