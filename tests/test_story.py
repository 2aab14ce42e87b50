"""A round from its plan to the day on which it is forgotten, with the program's own commands."""

import csv
import json
from pathlib import Path

import pytest

from tests.casework.case_round import CANARIES, PRIVACY, frame
from tests.cli.program import Outcome, praktijktest
from tests.rounds.field_rounds import DESIGN

GUILTY, ONCE = "K0", "K1"
"""K0 prefers the control in both phases, K1 in the first one only."""


def done(*arguments: object, code: int = 0) -> Outcome:
    outcome = praktijktest(*arguments)
    assert outcome.code == code, (arguments, outcome.out, outcome.err)
    return outcome


def answered(path: Path, out: Path, unequal: tuple[str, ...]) -> Path:
    """A plan with what the testers brought back."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        fair = sum(row["test"].encode()) % 3 > 0
        invited = row["profile"] == "flemish" if row["target"] in unequal else fair
        row["sent_at"] = row["replied_at"] = row["send_at"]
        row["outcome"] = "viewing-individual" if invited else "refused"
        row["advert"] = row["advert"] or f"fresh-{row['test']}"
    with out.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return out


def states(report: Path) -> dict[str, str]:
    document = json.loads((report / "analysis.json").read_text(encoding="utf-8"))
    return {row["target"]: row["state"] for row in document["targets"]}


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("story")


@pytest.fixture(scope="module")
def folder(home) -> Path:
    folder = home / "round"
    folder.mkdir()
    text = DESIGN.format(id="gent-2026").replace("tests_per_target = 2", "tests_per_target = 12")
    text = text.replace("30_days = 4", "30_days = 10")
    for known, family in (("Bram Maes", "Vlaams"), ("Youssef Benali", "Marokkaans")):
        more = ", ".join(f'"{family} {letter}"' for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        text = text.replace(f'"{known}"', f'"{known}", {more}')
    (folder / "design.toml").write_text(text + PRIVACY, encoding="utf-8")
    (folder / "frame.csv").write_text(frame(), encoding="utf-8")
    return folder


def test_from_plan_to_erasure(folder, home):
    who = ("--who", "Bea")
    # Plan and lock, test, and find two agents that stand out.
    done("design", "plan", folder)
    done("design", "lock", folder)
    log = answered(folder / "plan.csv", home / "log.csv", (GUILTY, ONCE))
    done("ingest", log, "--round", folder, *who)
    done("analyse", folder, "--out", folder / "reports" / "first", "--quiet")
    first = states(folder / "reports" / "first")
    flagged = sorted(target for target, state in first.items() if state == "signal")
    assert len(flagged) == 2

    # Letters and talks; then fresh tests that nobody announces.
    letters = ("--named", "--reason", "invitation", "--out", home / "letters", *who)
    done("case", "letter", folder, "--kind", "invitation", *letters)
    assert len(list((home / "letters").iterdir())) == 2
    for name in (GUILTY, ONCE):
        talk = ("--step", "talk", "--on", "2027-01-12", "--due", "2027-01-31", *who)
        done("case", "add", folder, name, *talk, "--words", "mevrouw Canaryzang legt uit")
        retest = ("--step", "retest", "--tests", 16, "--on", "2027-01-20", "--due", "2027-05-01")
        done("case", "add", folder, name, *retest, *who)
    done("next", folder, "--cases", "--from", "2027-02-01", "--until", "2027-06-30", *who)
    fresh = answered(folder / "retests-1.csv", home / "fresh.csv", (GUILTY,))
    done("ingest", fresh, "--round", folder, *who)
    done("analyse", folder, "--out", folder / "reports" / "second", "--quiet")
    second = states(folder / "reports" / "second")
    assert sorted(second[target] for target in flagged) == ["confirmed", "released"]
    confirmed, released = sorted(flagged, key=lambda target: second[target])

    # One is cleared, the other goes to the equality body, by name and to nobody else.
    done("case", "add", folder, released, "--step", "cleared", "--on", "2027-07-01", *who)
    done("case", "add", folder, confirmed, "--step", "cleared", code=3)
    named = home / "named"
    purpose = ("--why", "handing over confirmed cases", *who)
    done("export", "cases", folder, "--audience", "equality-body", "--out", named,
         "--format", "json,csv,pdf", *purpose)  # fmt: skip
    assert any(b"Canaryvogel0" in path.read_bytes() for path in named.rglob("*.json"))
    done("verify", named)
    referral = ("--step", "referral", "--to", "VMRI", "--on", "2027-07-02", *who)
    done("case", "add", folder, GUILTY, *referral)
    done("case", "add", folder, GUILTY, "--step", "closed", "--on", "2027-07-03",
         "--reason", "handed over", *who)  # fmt: skip
    done("export", "public", folder / "reports" / "second", "--out", home / "public")
    assert canaries_in(home / "public") == []

    # When the date has come, names and words go; the chain and every number stay.
    assert canaries_in(folder)
    over = ("--reason", "retention is over", "--yes", "--as-of", "2028-07-01", *who)
    done("privacy", "erase", folder, *over)
    assert canaries_in(folder) == []
    done("verify", folder)
    done("analyse", folder, "--out", folder / "reports" / "third", "--quiet")
    assert states(folder / "reports" / "third") == second
    late = home / "late"
    outcome = praktijktest("export", "cases", folder, "--audience", "equality-body", "--out", late,
                           "--format", "json", *purpose)  # fmt: skip
    assert "Traceback" not in outcome.err
    assert canaries_in(late) == []


def canaries_in(folder: Path) -> list[str]:
    """Names and words of the round in any byte of a folder."""
    return [
        f"{path.name}: {name}"
        for path in folder.rglob("*")
        if path.is_file()
        for name in CANARIES
        if name.encode() in path.read_bytes().lower() or name in path.name.lower()
    ]
