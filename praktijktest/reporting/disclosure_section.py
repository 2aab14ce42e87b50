"""The chapter of a public report on what it does not show."""

from praktijktest.language import Message, message
from praktijktest.reporting.blocks import Bullets, Paragraph, Section
from praktijktest.reporting.evidence import Entry
from praktijktest.reporting.wording import contrast_labels, verbatim


def disclosure_section(analysis: Entry) -> Section | None:
    """What was hidden so that nobody is singled out; None where the document is not protected.

    Args:
        analysis: the analysis document, as `disclosure.protected` leaves it.
    """
    check = analysis.get("disclosure")
    if check is None:
        return None
    sentences = _sentences(analysis, check)
    rule = message("disclosure.rule", least=check["min_cell"], targets=check["min_targets"])
    return Section(
        "disclosure",
        message("section.disclosure"),
        (
            Paragraph(message("disclosure.intro")),
            Paragraph(rule),
            Bullets(tuple(sentences)),
        ),
    )


def _sentences(analysis: Entry, check: Entry) -> list[Message]:
    labels = _labels(analysis)
    hidden = [row for row in check["strata"] if row["hidden"]]
    found = [
        message(
            "disclosure.strata",
            contrast=labels[row["contrast"]],
            by=row["by"],
            hidden=row["hidden"],
            count=row["hidden"] + row["shown"],
        )
        for row in hidden
    ]
    if hidden:
        found.append(message("disclosure.names"))
    if not check["crossed"] and len({row["by"] for row in check["strata"]}) > 1:
        found.append(message("disclosure.first_only"))
    found += [
        message(f"disclosure.{kind}", count=check[kind])
        for kind in ("replies", "failures", "contrasts")
        if check[kind]
    ]
    found.append(message("disclosure.targets"))
    names = [labels[name] for name in check["states"] if name in labels]
    if names:
        found.append(message("disclosure.states", contrasts=names))
    return found


def _labels(analysis: Entry) -> dict[str, Message]:
    """What comparisons and calls are called, by their ids."""
    if analysis["round"]["kind"] == "mystery":
        return {entry["id"]: verbatim(entry["request"]) for entry in analysis["contrasts"]}
    return contrast_labels(analysis)
