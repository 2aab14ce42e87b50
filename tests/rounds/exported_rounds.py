"""A small round with everything that an export must not show, as a report folder."""

from pathlib import Path

from praktijktest.rounds.analyse import analyse
from praktijktest.rounds.report_folder import write_report_folder
from tests.analysis.logs import ORIGIN, write_log

CANARY = "Immo Kanarie"
"""In the name of every target."""

LONELY = "Kanariestraat"
"""A district with one agent."""

DESIGN = ORIGIN + '[analysis]\nstrata = ["agent_type", "district"]\n[privacy]\nmin_cell = 4\n'
HEADER = ("test", "target", "origin", "outcome", "agent_type", "district", "note", "template")
REPLIES = {
    "a": ("viewing-group",) * 2,
    "b": ("viewing-individual", "refused"),
    "d": ("no-reply",) * 2,
}
REPLIES |= {"c": ("no-reply", "viewing-individual"), "r": ("viewing-individual", "refused-ground")}


def small_round_rows() -> list[tuple[str, ...]]:
    """Twenty agents of two types in three districts, and one in a district of its own."""
    rows = []
    for agent in range(21):
        district = LONELY if agent == 20 else ("Noord", "Zuid", "=Oost")[agent % 3]
        kind = "chain" if agent % 4 else "own"
        for number, cell in enumerate("abd" if agent % 5 else "bcb" if agent % 10 else "bcr"):
            test = f"t{agent:02d}{number}"
            for origin, outcome in zip(("flemish", "moroccan"), REPLIES[cell], strict=True):
                target = f"{CANARY} {agent}"
                note = f"gesprek met {target}"
                rows.append((test, target, origin, outcome, kind, district, note, "ABC"[agent % 2]))
    return rows


def report_folder(
    folder: Path,
    rows: list[tuple[str, ...]] | None = None,
    design: str = DESIGN,
    header: tuple[str, ...] = HEADER,
) -> Path:
    """The report folder of a round, without renderings of the report."""
    folder.mkdir(parents=True, exist_ok=True)
    log = write_log(folder / "log.csv", header, small_round_rows() if rows is None else rows)
    design_file = folder / "design-of-round.toml"
    design_file.write_text(design, encoding="utf-8")
    out = folder / "report"
    analysis = analyse(log, design_file)
    write_report_folder(analysis, out, logs=[log], design_file=design_file, renderings=[])
    return out
