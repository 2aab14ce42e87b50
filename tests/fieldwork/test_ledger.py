"""The ledger on SQLite and on PostgreSQL: what goes in comes out, chained, whole or not at all."""

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event as hooks
from sqlalchemy import text

from praktijktest.fieldwork import schema
from praktijktest.fieldwork import store as stores
from praktijktest.fieldwork.chain import verify_chain
from praktijktest.fieldwork.events import (
    EVENT_KINDS,
    NO_HASH,
    Event,
    Head,
    NewEvent,
    canonical_text,
    values_text,
)
from praktijktest.fieldwork.ledger import Ledger, open_ledger
from praktijktest.problems import DataError, RefusedError, UsageError

TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=40)


def sent(number: int, **values: str) -> NewEvent:
    return NewEvent(
        kind="sent",
        test=f"t{number:04d}",
        application=f"t{number:04d}-1",
        happened_at="2026-11-03T09:15:00+01:00",
        source="log.csv",
        source_sha256="a" * 64,
        source_row=number + 2,
        values={"profile": "flemish", **values},
    )


@pytest.fixture
def ledger(tmp_path: Path, store: str | None) -> Iterator[Ledger]:
    with open_ledger(tmp_path, "gent-2026", store=store) as opened:
        yield opened


def fill(ledger: Ledger, number: int = 12) -> Head:
    with ledger.writing("P-an") as writing:
        return writing.append(sent(place) for place in range(number))


def test_what_goes_in_comes_out(ledger):
    new = [
        sent(0),
        NewEvent("note", values={"note": "é 日本 \u202e \U0001f600 \t\n\"'\\", "topic": "other"}),
        NewEvent("failed", "t0", "t0-1", source_row=None, values={"failed": "bounced"}),
    ]
    with ledger.writing("P-an") as writing:
        head = writing.append(new)
    events = list(ledger.events())
    assert [e.sequence for e in events] == [1, 2, 3]
    assert [(e.kind, e.test, e.application, e.source_row, e.values) for e in events] == [
        (n.kind, n.test, n.application, n.source_row, n.values) for n in new
    ]
    assert {e.who for e in events} == {"P-an"}
    assert ledger.head() == head == Head(3, events[-1].hash)


def test_a_hash_can_be_worked_out_by_anybody(ledger):
    fill(ledger, 3)
    previous = NO_HASH
    for event in ledger.events():
        fields = {name: getattr(event, name) for name in Event.__slots__ if name != "hash"}
        whole = json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        assert event.previous == previous
        assert event.hash == hashlib.sha256(whole.encode()).hexdigest()
        previous = event.hash


@given(st.dictionaries(TEXTS.filter(bool), TEXTS.filter(bool), max_size=4), TEXTS, TEXTS)
def test_the_canonical_text_is_json_whatever_the_texts(values, source, who):
    event = NewEvent("sent", source=source, values=values)
    whole = canonical_text(7, event, values_text(values), who, "2026", NO_HASH)
    read = json.loads(whole)
    assert (read["values"], read["source"], read["who"]) == (values, source, who)
    assert whole == json.dumps(read, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def test_events_can_be_chosen(ledger):
    fill(ledger, 12)
    with ledger.writing("P-an") as writing:
        writing.append([NewEvent("failed", "t0003", "t0003-1", values={"failed": "bounced"})])
        assert writing.last(["sent"]).application == "t0011-1"
        assert writing.last(["coded"]) is None
        chosen = writing.events(applications=["t0003-1"])
        assert [event.kind for event in chosen] == ["sent", "failed"]
    assert [e.sequence for e in ledger.events(after=10)] == [11, 12, 13]
    assert [e.sequence for e in ledger.events(after=3, until=5)] == [4, 5]
    assert [e.sequence for e in ledger.events(kinds=["failed"])] == [13]
    assert list(ledger.events(applications=[])) == []


def test_many_applications_can_be_chosen(ledger, monkeypatch):
    monkeypatch.setattr("praktijktest.fieldwork.ledger.NAMES_AT_ONCE", 3)
    fill(ledger, 12)
    wanted = {f"t{number:04d}-1" for number in range(0, 12, 2)}
    assert {e.application for e in ledger.events(applications=wanted)} == wanted


def test_an_exception_takes_everything_back(ledger):
    head = fill(ledger, 2)
    with pytest.raises(ZeroDivisionError), ledger.writing("P-an") as writing:
        writing.append(sent(number // min(1, 6000 - number)) for number in range(6001))
    assert ledger.head() == head
    assert verify_chain(ledger) == []


@pytest.mark.parametrize(
    "event",
    [
        NewEvent("invented"),
        NewEvent("sent", values={"profile": ""}),
        NewEvent("sent", values={"position": 1}),
    ],
)
def test_what_is_no_event_is_a_fault(ledger, event):
    with pytest.raises(ValueError, match="is"), ledger.writing("P-an") as writing:
        writing.append([event])
    assert ledger.head() == Head(0, NO_HASH)


@pytest.mark.parametrize("bad", ["NUL \x00", "half \ud83d"])
@pytest.mark.parametrize("place", ["value", "name", "test"])
def test_text_that_no_database_holds_is_refused_with_its_place(ledger, bad, place):
    event = {
        "value": NewEvent("note", source="a.csv", source_row=7, values={"note": bad}),
        "name": NewEvent("note", source="a.csv", source_row=7, values={bad: "x"}),
        "test": NewEvent("note", test=bad, source="a.csv", source_row=7),
    }[place]
    with pytest.raises(DataError) as refused, ledger.writing("P-an") as writing:
        writing.append([sent(1), event])
    (problem,) = refused.value.problems
    assert (problem.file, problem.row) == ("a.csv", 7)
    assert ledger.head() == Head(0, NO_HASH)


def test_every_kind_of_event_can_be_stored(ledger):
    with ledger.writing("P-an") as writing:
        writing.append(NewEvent(kind) for kind in EVENT_KINDS)
    assert [event.kind for event in ledger.events()] == list(EVENT_KINDS)


def test_rounds_in_one_database_do_not_meet(tmp_path, postgres):
    url = postgres.new_database()
    for name in ("gent", "antwerpen"):
        with open_ledger(tmp_path, name, store=url) as ledger:
            fill(ledger, 3 if name == "gent" else 5)
    with open_ledger(tmp_path, "gent", store=url) as ledger:
        assert ledger.head().sequence == 3
        assert verify_chain(ledger) == []


def test_everything_is_in_one_file_when_no_command_runs(tmp_path):
    with open_ledger(tmp_path, "gent") as ledger:
        fill(ledger)
    assert [path.name for path in tmp_path.iterdir()] == ["round.db"]
    with sqlite3.connect(tmp_path / "round.db") as connection:
        found = connection.execute("SELECT values_json FROM event WHERE sequence = 1").fetchone()
    assert found == ('{"profile":"flemish"}',)


def test_a_file_of_another_round_is_refused(tmp_path):
    with open_ledger(tmp_path, "gent") as ledger:
        fill(ledger)
    with pytest.raises(RefusedError, match=r"'gent'.*'brugge'"):
        open_ledger(tmp_path, "brugge")


def test_reading_makes_nothing(tmp_path):
    with pytest.raises(UsageError, match=r"no round\.db"):
        open_ledger(tmp_path, "gent", create=False)
    assert list(tmp_path.iterdir()) == []


def test_reading_an_empty_database_makes_nothing(tmp_path, postgres):
    url = postgres.new_database()
    with pytest.raises(UsageError, match="no ledger store"):
        open_ledger(tmp_path, "gent", store=url, create=False)
    found = postgres.query("SELECT 1 FROM pg_namespace WHERE nspname = 'praktijktest'", url)
    assert found == []


def test_the_environment_names_the_store(tmp_path, monkeypatch):
    elsewhere = tmp_path / "elsewhere.db"
    monkeypatch.setenv("PRAKTIJKTEST_STORE", f"sqlite:///{elsewhere}")
    with open_ledger(tmp_path, "gent") as ledger:
        fill(ledger)
    assert [path.name for path in tmp_path.iterdir()] == ["elsewhere.db"]


@pytest.mark.parametrize("url", ["no url", "mysql://host/db", "sqlite://", "postgresql+nothing"])
def test_an_impossible_store_is_refused(tmp_path, url):
    with pytest.raises(UsageError):
        open_ledger(tmp_path, "gent", store=url)


def test_a_server_that_is_not_there_is_one_sentence_without_the_password(tmp_path):
    url = "postgresql://an:geheim@127.0.0.1:9/gent"
    with pytest.raises(DataError) as refused:
        open_ledger(tmp_path, "gent", store=url)
    assert "geheim" not in refused.value.message
    assert "127.0.0.1" in refused.value.message


def test_a_locked_store_is_refused_in_time(tmp_path, store, monkeypatch):
    monkeypatch.setattr(stores, "WAIT_SECONDS", 1)
    with open_ledger(tmp_path, "gent", store=store) as first, first.writing("P-an") as writing:
        writing.append([sent(1)])
        with (
            open_ledger(tmp_path, "gent", store=store) as second,
            pytest.raises(RefusedError, match="Another command"),
            second.writing("P-bo"),
        ):
            pass
    with open_ledger(tmp_path, "gent", store=store) as ledger:
        assert ledger.head().sequence == 1


@contextmanager
def small_disk(ledger: Ledger) -> Iterator[None]:
    """A file that may not grow beyond some pages, which SQLite takes as a full disk."""

    def bounded(connection, _record):
        connection.execute("PRAGMA max_page_count = 20")

    hooks.listen(ledger.store._engine, "connect", bounded)
    yield
    hooks.remove(ledger.store._engine, "connect", bounded)


def test_a_full_disk_is_said_and_leaves_the_store(tmp_path):
    with open_ledger(tmp_path, "gent") as ledger:
        head = fill(ledger)
        with small_disk(ledger), pytest.raises(DataError, match="disk is full"):
            fill(ledger, 20_000)
    with open_ledger(tmp_path, "gent") as ledger:
        assert ledger.head() == head
        assert verify_chain(ledger) == []


@pytest.mark.parametrize("content", [b"", b"not a database at all, but some text" * 40])
def test_a_file_that_is_no_ledger_is_refused_or_begun(tmp_path, content):
    (tmp_path / "round.db").write_bytes(content)
    if not content:
        with open_ledger(tmp_path, "gent") as ledger:
            assert ledger.head().sequence == 0
        return
    with pytest.raises(DataError, match="damaged"):
        open_ledger(tmp_path, "gent")
    assert (tmp_path / "round.db").read_bytes() == content


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_rights_is_refused(tmp_path):
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(DataError, match=r"round\.db"):
            open_ledger(tmp_path, "gent")
    finally:
        tmp_path.chmod(0o700)


def test_a_server_that_goes_away_leaves_what_was_stored(tmp_path, mortal_postgres):
    url = mortal_postgres.url()

    def failing() -> Iterator[NewEvent]:
        for number in range(20_000):
            if number == 12_000:
                mortal_postgres.stop()
            yield sent(number)

    with open_ledger(tmp_path, "gent", store=url) as ledger:
        head = fill(ledger)
        with pytest.raises(DataError, match="cannot be used"), ledger.writing("P-an") as writing:
            writing.append(failing())
        mortal_postgres.start()
    with open_ledger(tmp_path, "gent", store=url) as ledger:
        assert ledger.head() == head
        assert verify_chain(ledger) == []


def test_a_person_without_rights_reads_and_does_not_write(tmp_path, postgres):
    url = postgres.new_database()
    with open_ledger(tmp_path, "gent", store=url) as ledger:
        fill(ledger)
    reader = f"reader{os.getpid()}"
    postgres.query(f"CREATE ROLE {reader} LOGIN", url)
    postgres.query(f"GRANT USAGE ON SCHEMA praktijktest TO {reader}", url)
    postgres.query(f"GRANT SELECT ON ALL TABLES IN SCHEMA praktijktest TO {reader}", url)
    theirs = url.replace("tester@", f"{reader}@")
    with open_ledger(tmp_path, "gent", store=theirs) as ledger:
        assert len(list(ledger.events())) == 12
        with pytest.raises(RefusedError, match="no right"), ledger.writing("P-bo"):
            pass


def old_store(folder: Path) -> Path:
    """A ledger as a version before the first might have made it: without the place of a row."""
    with open_ledger(folder, "gent") as ledger:
        fill(ledger)
    return folder / "round.db"


def test_an_older_store_is_brought_up_to_date(tmp_path, monkeypatch):
    old_store(tmp_path)

    def add_column(connection):
        connection.execute(text("ALTER TABLE head ADD COLUMN remark TEXT"))

    def fill_column(connection):
        connection.execute(text("UPDATE head SET remark = 'upgraded'"))

    steps = {**schema.UPGRADES, "ledger": (add_column, fill_column)}
    monkeypatch.setattr(schema, "UPGRADES", steps)
    with open_ledger(tmp_path, "gent") as ledger:
        assert ledger.head().sequence == 12
    with sqlite3.connect(tmp_path / "round.db") as connection:
        assert connection.execute("SELECT remark FROM head").fetchall() == [("upgraded",)]
        assert connection.execute("SELECT version FROM store_version").fetchall() == [(3,)]


def test_an_upgrade_that_fails_leaves_the_store(tmp_path, monkeypatch):
    before = old_store(tmp_path).read_bytes()

    def half(connection):
        connection.execute(text("ALTER TABLE head ADD COLUMN remark TEXT"))
        connection.execute(text("UPDATE nothing SET remark = ''"))

    monkeypatch.setattr(schema, "UPGRADES", {**schema.UPGRADES, "ledger": (half,)})
    with pytest.raises(DataError):
        open_ledger(tmp_path, "gent")
    monkeypatch.undo()
    with open_ledger(tmp_path, "gent") as ledger:
        assert ledger.head().sequence == 12
    assert (tmp_path / "round.db").read_bytes() == before


def test_a_store_of_a_newer_program_is_refused(tmp_path):
    with sqlite3.connect(old_store(tmp_path)) as connection:
        connection.execute("UPDATE store_version SET version = 99")
    with pytest.raises(RefusedError, match="version 99"):
        open_ledger(tmp_path, "gent")


def test_both_databases_have_the_same_tables(tmp_path, postgres):
    url = postgres.new_database()
    for place in (None, url):
        open_ledger(tmp_path, "gent", store=place).close()
    with sqlite3.connect(tmp_path / "round.db") as connection:
        ours = {
            (table, row[1])
            for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")
            for row in connection.execute(f"PRAGMA table_info({table})")
        }
    query = "SELECT table_name, column_name FROM information_schema.columns "
    theirs = postgres.query(query + "WHERE table_schema = 'praktijktest'", url)
    assert ours == set(theirs)
