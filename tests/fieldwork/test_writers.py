"""Eight processes write in one ledger at once, and die at any moment: nothing is lost."""

import random
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import pytest

from praktijktest.fieldwork.chain import verify_chain
from praktijktest.fieldwork.ledger import open_ledger
from praktijktest.fieldwork.state import state_of
from praktijktest.rounds.round_store import open_round
from tests.cli.planned_rounds import everything, filled_plan, make_round
from tests.fieldwork.appending import ROUND, events

KINDS = ("sent", "reply")
ROOT = Path(__file__).parents[2]
WRITERS = 8
TURNS = 12
SIZE = 15


def start(folder: Path, store: str | None, writer: str, times: int, size: int) -> subprocess.Popen:
    command = [sys.executable, "-m", "tests.fieldwork.appending"]
    arguments = [str(folder), store or "", writer, str(times), str(size)]
    return subprocess.Popen(
        [*command, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_eight_writers_at_once_lose_nothing(tmp_path, store):
    running = [start(tmp_path, store, f"w{number}", TURNS, SIZE) for number in range(WRITERS)]
    acknowledged = {}
    for process in running:
        out, err = process.communicate(timeout=180)
        assert process.returncode == 0, err
        lines = [line.split() for line in out.splitlines()]
        assert len(lines) == TURNS
        acknowledged.update({int(sequence): own for _, sequence, own in lines})
    with open_ledger(tmp_path, ROUND, store=store) as ledger:
        assert verify_chain(ledger) == []
        events = list(ledger.events())
    assert len(events) == WRITERS * TURNS * SIZE
    assert {n: events[n - 1].hash for n in acknowledged} == acknowledged
    words = defaultdict(list)
    for event in events:
        words[event.who].append(event.values["note"])
    for number in range(WRITERS):
        expected = [f"w{number} {turn} {n}" for turn in range(TURNS) for n in range(SIZE)]
        assert words[f"P-w{number}"] == expected


@pytest.mark.parametrize(
    "kills", [pytest.param(16, id="16"), pytest.param(160, id="160", marks=pytest.mark.slow)]
)
def test_whatever_was_acknowledged_before_a_kill_is_there(tmp_path, kills):
    """SIGKILL at random moments; every store opens, verifies and takes more."""
    chance = random.Random(kills)
    acknowledged = {}
    for number in range(kills):
        process = start(tmp_path, None, f"k{number}", 10_000, chance.choice([1, 20, 2_000]))
        assert process.stdout is not None
        first = process.stdout.readline()
        assert first, process.communicate()[1]
        time.sleep(chance.expovariate(1 / 0.1))
        process.kill()
        rest, _ = process.communicate()
        for line in (first + rest).splitlines(keepends=True):
            if line.endswith("\n"):
                _, sequence, own = line.split()
                acknowledged[int(sequence)] = own
        with open_ledger(tmp_path, ROUND) as ledger:
            latest = ledger.head()
            assert latest.sequence >= max(acknowledged)
    with open_ledger(tmp_path, ROUND) as ledger:
        assert verify_chain(ledger) == []
        found = {event.sequence: event.hash for event in ledger.events()}
        assert {sequence: found[sequence] for sequence in acknowledged} == acknowledged
        with ledger.writing("P-after") as writing:
            head = writing.append(events("after", 0, 1))
        assert head.sequence == latest.sequence + 1
        assert verify_chain(ledger) == []
    # A kill may leave an empty journal; the next command that writes takes it away.
    assert [path.name for path in tmp_path.iterdir()] == ["round.db"]


@pytest.mark.parametrize(
    "kills", [pytest.param(4, id="4"), pytest.param(40, id="40", marks=pytest.mark.slow)]
)
def test_ingest_that_is_killed_has_stored_all_or_nothing_and_can_be_run_again(tmp_path, kills):
    """SIGKILL at random moments of the real command, on a fresh copy of the round each time."""
    chance = random.Random(kills)
    folder = make_round(tmp_path / "round", targets=60)
    source = filled_plan(folder, tmp_path / "filled.csv", everything)
    whole = Path(shutil.copytree(folder, tmp_path / "whole"))
    started = time.monotonic()
    assert ingest(whole, source).wait() == 0
    lasted = time.monotonic() - started
    expected = content(whole)
    for number in range(kills):
        copy = Path(shutil.copytree(folder, tmp_path / f"copy{number}"))
        process = ingest(copy, source)
        time.sleep(chance.uniform(0.3, 1.0) * lasted)
        process.kill()
        process.wait()
        if (copy / "round.db").exists():
            assert content(copy) in ({}, expected)
        assert ingest(copy, source).wait() == 0
        assert content(copy) == expected
        shutil.rmtree(copy)


def ingest(folder: Path, source: Path) -> subprocess.Popen:
    command = [sys.executable, "-m", "praktijktest", "ingest", str(source), "--round", str(folder)]
    return subprocess.Popen([*command, "--quiet"], cwd=ROOT)


def content(folder: Path) -> dict[str, tuple[str, int]]:
    """What the ledger says was sent and answered; its chain holds."""
    with open_round(folder) as opened:
        assert verify_chain(opened.ledger) == []
        state = state_of(opened.ledger.events(kinds=KINDS))
    return {
        name: (one.fields.get("sent_at", ""), len(one.replies))
        for name, one in state.applications.items()
    }
