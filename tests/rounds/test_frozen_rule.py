"""The rule of a sequential round is held fast from the first sending on."""

import csv
import re
import shutil
from datetime import datetime
from pathlib import Path

import pytest

from praktijktest.problems import RefusedError
from praktijktest.rounds.amend import amend_round
from praktijktest.rounds.init import init_round
from praktijktest.rounds.lock import lock_round
from praktijktest.rounds.next import next_tests
from praktijktest.rounds.plan import plan_round
from tests.cli.program import praktijktest

RULE = '\n[sequential]\nmethod = "boundary"\n'
OTHER = RULE + "release_odds = 20\n"
BEFORE = datetime(2027, 1, 15, 12)
LATER = datetime(2027, 3, 1, 12)


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A planned round with a sequential rule."""
    folder = tmp_path_factory.mktemp("rounds") / "round"
    init_round(folder, "housing", "nl")
    design = folder / "design.toml"
    text = design.read_text(encoding="utf-8").replace(
        'missing_outcome = "error"', 'missing_outcome = "no-reply"'
    )
    text = re.sub(r"^start = \S+", "start = 2027-02-01", text, flags=re.MULTILINE)
    text = re.sub(r"^end = \S+", "end = 2027-07-31", text, flags=re.MULTILINE)
    design.write_text(text + RULE, encoding="utf-8")
    plan_round(folder, None, None)
    return folder


@pytest.fixture
def folder(planned: Path, tmp_path: Path) -> Path:
    return shutil.copytree(planned, tmp_path / "round")


def plan_of(folder: Path) -> list[dict[str, str]]:
    with (folder / "plan.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def send(folder: Path, wins: int = 5) -> str:
    """Put the first tests of one target into the ledger, all won; gives its test ids' target."""
    plan = plan_of(folder)
    target = plan[0]["target"]
    tests = list(dict.fromkeys(row["test"] for row in plan if row["target"] == target))[:wins]
    log = folder.parent / "log.csv"
    lines = ["application,test,target,profile,position,sent_at,outcome"]
    for row in plan:
        if row["test"] in tests:
            outcome = "viewing-individual" if "flemish" in row["profile"] else "refused"
            cells = (row[n] for n in ("application", "test", "target", "profile", "position"))
            lines.append(",".join((*cells, row["send_at"], outcome)))
    log.write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = praktijktest("ingest", log, "--round", folder, "--who", "An")
    assert done.code == 0, done.err
    return target


def change(folder: Path, text: str = OTHER) -> Path:
    """The design with another rule, in a file of its own."""
    design = folder / "design.toml"
    new = folder.parent / "new.toml"
    new.write_text(design.read_text(encoding="utf-8").replace(RULE, text), encoding="utf-8")
    return new


def test_before_the_first_sending_everybody_is_next(folder: Path) -> None:
    found = next_tests(folder)
    targets = {row["target"] for row in plan_of(folder)}
    assert {row["target"] for row in found.rows} == targets
    tests = {row["test"]: row["target"] for row in plan_of(folder)}
    for row in found.rows:
        (test,) = row["next"]["test_ids"]
        assert tests[test] == row["target"]


def test_through_the_ledger(folder: Path) -> None:
    send(folder)
    found = next_tests(folder)
    by_decision = {row["decision"]: row for row in found.rows}
    flagged = by_decision["flag"]
    assert (flagged["tests"], flagged["wins"]) == (5, 5)
    assert flagged["target"].startswith("T-")
    assert sum(row["next"]["tests"] for row in found.rows) == len(found.rows) - 1
    assert found.counts()["open"] == len(found.rows) - 1


def test_the_same_rule_may_be_written_otherwise(folder: Path) -> None:
    send(folder)
    (folder / "design.toml").write_bytes(
        change(folder, '\n[sequential]\nalpha = 0.050\nmethod = "boundary"  # as before\n')
        .read_bytes()
    )  # fmt: skip
    assert next_tests(folder).rows


@pytest.mark.parametrize(
    ("text", "key"), [(OTHER, "sequential.release_odds"), ("", "sequential.method")]
)
def test_another_rule_is_refused_once_something_was_sent(folder: Path, text: str, key: str) -> None:
    send(folder)
    (folder / "design.toml").write_bytes(change(folder, text).read_bytes())
    if text:
        with pytest.raises(RefusedError, match="changed after the round had begun") as caught:
            next_tests(folder)
        assert [problem.column for problem in caught.value.problems] == [key]
        assert praktijktest("next", folder).code == 3
    else:
        assert praktijktest("next", folder).code == 2


def test_what_counts_as_positive_belongs_to_the_rule(folder: Path) -> None:
    send(folder)
    design = folder / "design.toml"
    text = design.read_text(encoding="utf-8")
    design.write_text(text.replace('primary = "strict"', 'primary = "broad"'), encoding="utf-8")
    with pytest.raises(RefusedError) as caught:
        next_tests(folder)
    assert "outcomes.primary" in [problem.column for problem in caught.value.problems]


def test_a_rule_may_not_be_added_after_the_start(folder: Path) -> None:
    design = folder / "design.toml"
    whole = design.read_text(encoding="utf-8")
    design.write_text(whole.replace(RULE, ""), encoding="utf-8")
    send(folder)
    design.write_text(whole, encoding="utf-8")
    with pytest.raises(RefusedError, match="began without a sequential rule"):
        next_tests(folder)


def test_before_the_start_it_may_change(folder: Path) -> None:
    (folder / "design.toml").write_bytes(change(folder).read_bytes())
    send(folder)
    assert next_tests(folder).design.sequential.release_odds == 20


def test_a_locked_round_must_be_as_it_was_locked(folder: Path) -> None:
    lock_round(folder, at=BEFORE)
    (folder / "design.toml").write_bytes(change(folder).read_bytes())
    done = praktijktest("next", folder)
    assert done.code == 3
    assert "Traceback" not in done.err


def test_an_amendment_of_the_rule(folder: Path) -> None:
    """Before the first planned sending it is an amendment like any other; then never."""
    lock_round(folder, at=BEFORE)
    with pytest.raises(RefusedError, match="changed after the round had begun"):
        amend_round(folder, "second thoughts", design=change(folder), at=LATER)
    assert amend_round(folder, "too few", design=change(folder), at=BEFORE).changed == ("design",)
    send(folder)
    assert next_tests(folder).design.sequential.release_odds == 20


def test_an_amendment_after_a_sending_that_came_early(folder: Path) -> None:
    lock_round(folder, at=BEFORE)
    send(folder)
    with pytest.raises(RefusedError, match="changed after the round had begun"):
        amend_round(folder, "second thoughts", design=change(folder), at=BEFORE)
