"""A small planned round in a folder, and ways to fill in its plan as testers do."""

import csv
from collections.abc import Callable, Iterable
from pathlib import Path

from openpyxl import load_workbook

from praktijktest.rounds.plan import plan_round
from tests.planning.designs import ORIGIN, PAIRED, design_text, origin_profiles

FRAME = ["target,name,agent_type,contact,advert,link"]
SAMPLING = """[sampling]
strata = ["agent_type"]
tests_per_target = 1
[assignment]
seed = 1
templates = ["a", "b"]
testers = ["Els Vermeulen", "Jan"]
[columns.types]
rent = "number"
"""
FORM = """[[form]]
id = "kobo-replies"
kind = "kobo"
columns = { application = "visit/application", outcome = "visit/reply", replied_at = "visit/at" }
values = { outcome = { yes = "viewing-individual", no = "refused" } }
[[form]]
id = "limesurvey-replies"
kind = "limesurvey"
columns = { application = "app", outcome = "reply[SQ001]", replied_at = "at" }
values = { outcome = { A1 = "viewing-individual", A2 = "refused" } }
[[form]]
id = "qualtrics-replies"
kind = "qualtrics"
columns = { application = "Q1", outcome = ["Q2_mail", "Q2_phone"], sent_at = "Q3" }
"""


def make_round(folder: Path, *, targets: int = 6, more: str = "") -> Path:
    """A planned round of one test per target."""
    folder.mkdir(parents=True, exist_ok=True)
    text = design_text(PAIRED, origin_profiles(24), ORIGIN, SAMPLING, FORM, more)
    (folder / "design.toml").write_text(text, encoding="utf-8")
    lines = FRAME + [
        f"K{number:03d},Kantoor Canary{number:03d},{'agent' if number % 2 else 'private'},"
        f"info@canary{number:03d}.example,AD{number:03d},https://adverts.example/{number}"
        for number in range(targets)
    ]
    (folder / "frame.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    plan_round(folder)
    return folder


def plan_rows(folder: Path) -> list[dict[str, str]]:
    """The rows of plan.csv."""
    with (folder / "plan.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def filled_plan(
    folder: Path, path: Path, fill: Callable[[int, dict[str, str]], dict[str, str]]
) -> Path:
    """plan.csv with what `fill` gives for every row."""
    rows = [{**row, **fill(number, row)} for number, row in enumerate(plan_rows(folder))]
    return write_csv(path, rows)


def write_csv(path: Path, rows: Iterable[dict[str, str]]) -> Path:
    """Rows as CSV."""
    listed = list(rows)
    header = list(dict.fromkeys(name for row in listed for name in row))
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, header, restval="")
        writer.writeheader()
        writer.writerows(listed)
    return path


def filled_workbook(
    folder: Path, path: Path, cells: dict[str, dict[str, object]], sheet: str | None = None
) -> Path:
    """plan.xlsx with cells filled in: application -> column -> value."""
    book = load_workbook(folder / "plan.xlsx")
    for worksheet in book.worksheets:
        if sheet not in (None, worksheet.title):
            continue
        header = [cell.value for cell in worksheet[1]]
        if "application" not in header:
            continue
        column = header.index("application")
        for line in worksheet.iter_rows(min_row=2):
            for name, value in cells.get(str(line[column].value), {}).items():
                line[header.index(name)].value = value
    book.save(path)
    return path


def everything(number: int, row: dict[str, str]) -> dict[str, str]:
    """Every application sent at its planned moment, half of them answered two days later."""
    answered = {"outcome": "viewing-individual", "replied_at": "2027-06-29T10:00"}
    return {"sent_at": row["send_at"], **(answered if number % 2 else {})}
