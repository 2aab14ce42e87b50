"""The plan into the ledger: what is new or changed, once, under pseudonyms."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from praktijktest.fieldwork.chain import verify_chain
from praktijktest.fieldwork.state import state_of
from praktijktest.problems import DataError
from praktijktest.rounds.round_store import open_round, synchronise_plan
from tests.rounds.ledger_rounds import planned_round


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return planned_round(tmp_path / "round")


def synchronise(folder: Path) -> int:
    with open_round(folder, who="An") as opened, opened.ledger.writing(opened.who) as writing:
        return synchronise_plan(opened, writing)


def kinds(folder: Path) -> Counter[str]:
    with open_round(folder, create=False) as opened:
        assert verify_chain(opened.ledger) == []
        return Counter(event.kind for event in opened.ledger.events())


def rewrite(folder: Path, change) -> None:
    """Change the rows of plan.csv."""
    path = folder / "plan.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    header = list(rows[0])
    changed = [row for row in map(change, rows) if row is not None]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(changed)


def plan_rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "plan.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_plan_goes_in_once(folder):
    number = len(plan_rows(folder))
    assert synchronise(folder) == number
    assert synchronise(folder) == 0
    assert kinds(folder) == {"planned": number}


def test_the_ledger_holds_what_the_plan_holds_under_pseudonyms(folder):
    synchronise(folder)
    rows = {row["application"]: row for row in plan_rows(folder)}
    with open_round(folder) as opened:
        state = state_of(opened.ledger.events())
        for name, one in state.applications.items():
            row = rows[name]
            plain = opened.identities.plain
            assert one.test == row["test"]
            assert plain(one.fields["target"]) == row["target"]
            assert plain(one.fields["advert"]) == row["advert"]
            assert plain(one.fields["tester"]) == row["tester"]
            assert one.fields["agent_type"] == row["agent_type"]
            assert not {"link", "contact"} & set(one.fields)
            details = opened.identities.details(one.fields["target"])
            assert details["name"] == row["target"].replace("K", "Kantoor ")
            advert = opened.identities.details(one.fields["advert"])
            assert (advert["link"], advert["contact"]) == (row["link"], row["contact"])


def test_a_saved_file_that_says_the_same_adds_nothing(folder):
    number = synchronise(folder)
    path = folder / "plan.csv"
    text = path.read_text(encoding="utf-8").replace(",", ";")
    path.write_text("\ufeff" + text, encoding="utf-8")
    assert synchronise(folder) == 0
    assert kinds(folder) == {"planned": number}


def test_changes_are_events_with_what_changed(folder):
    rewrite(folder, lambda row: {**row, "advert": ""} if row["test"] == "t0003" else row)
    synchronise(folder)
    rewrite(
        folder,
        lambda row: (
            {**row, "advert": "AD-new", "link": "https://x.example"}
            if row["test"] == "t0003"
            else {**row, "template": "b"}
            if row["application"] == "t0004-1"
            else row
        ),
    )
    assert synchronise(folder) == 3
    with open_round(folder, create=False) as opened:
        drawn = list(opened.ledger.events(kinds=["drawn"]))
        assert [sorted(event.values) for event in drawn] == [["advert"], ["advert"]]
        state = state_of(opened.ledger.events())
    assert state.applications["t0004-1"].fields["template"] == "b"


def test_rows_that_go_and_come_back(folder):
    synchronise(folder)
    whole = (folder / "plan.csv").read_bytes()
    rewrite(folder, lambda row: None if row["test"] == "t0002" else row)
    assert synchronise(folder) == 2
    (folder / "plan.csv").write_bytes(whole)
    assert synchronise(folder) == 2
    found = kinds(folder)
    assert (found["withdrawn"], found["planned"]) == (2, len(plan_rows(folder)) + 2)


def test_a_value_that_is_gone_is_gone_in_the_state(folder):
    synchronise(folder)
    rewrite(folder, lambda row: {**row, "tester": ""} if row["application"] == "t0001-1" else row)
    assert synchronise(folder) == 2
    with open_round(folder, create=False) as opened:
        one = state_of(opened.ledger.events()).applications["t0001-1"]
    assert "tester" not in one.fields
    assert not one.withdrawn


def test_a_spoilt_plan_is_refused_and_the_ledger_left(folder):
    number = synchronise(folder)
    (folder / "plan.csv").write_text("application,test\n1,2\n", encoding="utf-8")
    with pytest.raises(DataError, match="plan"):
        synchronise(folder)
    assert kinds(folder) == {"planned": number}


def test_a_round_without_a_plan_has_nothing_to_synchronise(folder):
    (folder / "plan.csv").unlink()
    assert synchronise(folder) == 0
