"""The words a design gives for its levels, in place of the codes of the log."""

from typing import Any

from praktijktest.reporting.evidence import Entry


def in_reader_words(analysis: dict[str, Any]) -> dict[str, Any]:
    """The same analysis document, with levels called what the design calls them for readers.

    Args:
        analysis: the analysis document; it is not changed.
    """
    if analysis["round"]["kind"] == "mystery":
        return analysis
    words = {
        (entry["id"], arm): entry.get(f"{arm}_label") or entry[arm]
        for entry in analysis["contrasts"]
        for arm in ("control", "test")
    }
    contrasts = [
        {
            **entry,
            "control": words[entry["id"], "control"],
            "test": words[entry["id"], "test"],
        }
        for entry in analysis["contrasts"]
    ]
    return {
        **analysis,
        "contrasts": contrasts,
        "levels": [_named(row, words) for row in analysis["levels"]],
        "outcomes": [_named(row, words) for row in analysis["outcomes"]],
    }


def _named(row: Entry, words: dict[tuple[str, str], str]) -> Entry:
    return {**row, "level": words.get((row["contrast"], row["arm"]), row["level"])}
