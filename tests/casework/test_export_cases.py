"""Export of flagged cases: the list, the dossiers, and who may see what."""

import csv
import json
import shutil

import pytest

from praktijktest.problems import RefusedError
from praktijktest.rounds.export_cases import Request, export_cases
from tests.casework.case_round import GUILTY, case_round, pseudonym_of


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A round with one signal; tests that write take a copy."""
    return case_round(tmp_path_factory.mktemp("export") / "round")


@pytest.fixture
def folder(finished, tmp_path):
    shutil.copytree(finished, tmp_path / "round")
    return tmp_path / "round"


def test_the_list_says_who_on_what_evidence_and_how_certain(folder, tmp_path):
    request = Request("equality-body", formats=("csv", "json"), purpose="a file at the city")
    made = export_cases(folder, tmp_path / "out", request, who="Bea")
    assert (made.cases, made.named) == (1, True)
    text = (tmp_path / "out" / "cases.csv").read_text(encoding="utf-8-sig")
    (row,) = csv.DictReader(text.splitlines(), delimiter=";")
    assert row["identity"] == GUILTY
    assert row["reference"] == pseudonym_of(folder)
    assert (row["state"], row["confirmed"], row["only_control"]) == ("signal", "false", "12")
    document = json.loads((tmp_path / "out" / "cases.json").read_text(encoding="utf-8"))
    (case,) = document["cases"]
    assert len(case["test_list"]) == int(row["tests"])


def test_an_inspection_gets_no_signal_that_nobody_tested_again(folder, tmp_path):
    with pytest.raises(RefusedError, match="second phase"):
        export_cases(folder, tmp_path / "out", Request("inspection", formats=("json",)))
    assert not (tmp_path / "out").exists()
