"""The whole main job on the shipped example."""

from pathlib import Path
from typing import Any

EXAMPLE = "ghent-simulated"


def demo(out: Path, *, language: str = "nl", example: str = EXAMPLE) -> tuple[dict[str, Any], Path]:
    """Analyse a shipped example round and write its report folder.

    Args:
        out: folder for the report.
        language: language of the report.
        example: name of the example: `ghent-simulated` or `washington-1988`.

    Returns:
        The analysis document and the path of the HTML report.
    """
    from praktijktest.rounds.analyse import analyse
    from praktijktest.rounds.renderings import FULL, renderings_of
    from praktijktest.rounds.report_folder import refuse_folder, write_report_folder
    from praktijktest.shipped import shipped

    refuse_folder(out, example)
    log = shipped("data", f"{example}/log.csv")
    design = shipped("designs", f"{example}.toml")
    document = write_report_folder(
        analyse(log, design),
        out,
        logs=[log],
        design_file=design,
        renderings=renderings_of(FULL, [language], ["html"], plain=True),
        command=["praktijktest", "demo", "--lang", language],
    )
    return document, out / "report.html"
