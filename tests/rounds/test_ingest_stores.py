"""Ingest and entries by hand on SQLite and on PostgreSQL, and when a store gives up."""

import os
from contextlib import suppress
from pathlib import Path

import pytest

from praktijktest.fieldwork.ledger import Writing
from praktijktest.fieldwork.state import RoundState, state_of
from praktijktest.problems import PraktijktestError
from praktijktest.rounds.correct import correct
from praktijktest.rounds.fail import fail_test
from praktijktest.rounds.ingest import ingest
from praktijktest.rounds.reply import Heard, add_reply
from praktijktest.rounds.round_store import open_round
from tests.cli.planned_rounds import everything, filled_plan, make_round, plan_rows


def state_in(folder: Path, store: str | None) -> RoundState:
    with open_round(folder, store=store) as opened:
        return state_of(opened.ledger.events())


def test_a_round_is_filled_on_either_store(tmp_path, store):
    folder = make_round(tmp_path / "round")
    source = filled_plan(folder, tmp_path / "filled.csv", everything)
    other = filled_plan(
        folder, tmp_path / "other.csv",
        lambda n, row: {**everything(n, row), **({"outcome": "refused"} if n == 1 else {})},
    )  # fmt: skip
    assert ingest(folder, [source], store=store).sources[0].added == 18
    assert ingest(folder, [source], store=store).sources[0].added == 0
    before = state_in(folder, store).head
    summary = ingest(folder, [other], store=store)
    assert [problem.code for problem in summary.warnings] == ["conflict"]
    assert state_in(folder, store).head == before
    rows = plan_rows(folder)
    name = rows[1]["application"]
    correct(folder, name, field="outcome", to="refused", reason="misread", store=store)
    assert ingest(folder, [other, source], store=store).head == state_in(folder, store).head.hash
    heard = Heard("2027-06-30T14:30", "phone", "call-back", words="Bel terug")
    add_reply(folder, heard, application=name, store=store)
    fail_test(folder, rows[0]["test"], reason="detected", store=store)
    one = state_in(folder, store).applications[name]
    assert [reply.outcome for reply in one.replies] == ["refused", "call-back"]
    assert (folder / "round.db").exists() is (store is None)


@pytest.mark.parametrize("keeper", ["ledger", "server"])
def test_a_store_that_gives_up_half_way_keeps_what_it_had(keeper, tmp_path, request, monkeypatch):
    server = request.getfixturevalue("mortal_postgres") if keeper == "server" else None
    store = server.new_database() if server else None
    folder = make_round(tmp_path / "round")
    ingest(folder, [filled_plan(folder, tmp_path / "none.csv", lambda n, row: {})], store=store)
    before = state_in(folder, store).head
    source = filled_plan(folder, tmp_path / "filled.csv", everything)
    append = Writing.append

    def broken(self, events):
        found = append(self, events)
        if server:
            server.stop()
        else:
            raise OSError(28, os.strerror(28))
        return found

    with monkeypatch.context() as patched, suppress(PraktijktestError, OSError):
        patched.setattr(Writing, "append", broken)
        assert ingest(folder, [source], store=store).refused
    if server:
        server.start()
    assert state_in(folder, store).head == before
    assert ingest(folder, [source], store=store).sources[0].added == 18
