"""Whatever is changed in a ledger from outside is found, and named by its number."""

import re
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from praktijktest.fieldwork.chain import verify_chain
from praktijktest.fieldwork.events import NewEvent, canonical_text, hash_of, values_text
from praktijktest.fieldwork.ledger import open_ledger
from praktijktest.fieldwork.schema import EVENTS
from praktijktest.problems import PraktijktestError

NUMBER = 12
COLUMNS = [column.name for column in EVENTS.c if column.name not in ("round", "sequence")]


def made(folder: Path, store: str | None = None) -> None:
    """A ledger with twelve events."""
    with open_ledger(folder, "gent", store=store) as ledger, ledger.writing("P-an") as writing:
        writing.append(
            NewEvent(
                "reply",
                f"t{number}",
                f"t{number}-1",
                "2026-11-03T09:15:00+01:00",
                "log.csv",
                "ab" * 32,
                number + 2,
                {"reply": f"r{number}", "outcome": "refused", "words": f"café {number}"},
            )
            for number in range(NUMBER)
        )


def change(folder: Path, *statements: str) -> None:
    with sqlite3.connect(folder / "round.db") as connection:
        for statement in statements:
            connection.execute(statement)


def found(folder: Path, store: str | None = None) -> list[tuple[str, str]]:
    with open_ledger(folder, "gent", store=store) as ledger:
        return [(problem.code, problem.message) for problem in verify_chain(ledger)]


def test_a_ledger_that_nobody_touched_holds(tmp_path, store):
    made(tmp_path, store)
    assert found(tmp_path, store) == []


def test_an_empty_ledger_holds(tmp_path, store):
    open_ledger(tmp_path, "gent", store=store).close()
    assert found(tmp_path, store) == []


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("value", ["'x'", "''", "7", "x'ff00'"])
def test_any_value_changed_is_found_with_its_number(tmp_path, column, value):
    made(tmp_path)
    change(tmp_path, f"UPDATE event SET {column} = {value} WHERE sequence = 5")
    codes = found(tmp_path)
    assert ("event-changed", f"event 5: {codes[0][1].removeprefix('event 5: ')}") == codes[0]


@pytest.mark.parametrize("column", COLUMNS)
def test_any_value_emptied_is_refused_or_found(tmp_path, column):
    made(tmp_path)
    try:
        change(tmp_path, f"UPDATE event SET {column} = NULL WHERE sequence = 5")
    except sqlite3.IntegrityError:
        return
    assert found(tmp_path)[0][0] == "event-changed"


def test_a_change_on_a_server_is_found_too(tmp_path, postgres):
    url = postgres.new_database()
    made(tmp_path, url)
    postgres.query("UPDATE praktijktest.event SET values_json = '{}' WHERE sequence = 5", url)
    postgres.query("DELETE FROM praktijktest.event WHERE sequence = 8", url)
    assert [code for code, _ in found(tmp_path, url)] == ["event-changed", "events-missing"]


@pytest.mark.parametrize(
    ("statement", "code", "words"),
    [
        ("DELETE FROM event WHERE sequence = 5", "events-missing", "event 5 is missing"),
        ("DELETE FROM event WHERE sequence IN (5, 6, 7)", "events-missing", "5 to 7 are missing"),
        ("DELETE FROM event WHERE sequence = 1", "events-missing", "event 1 is missing"),
        ("DELETE FROM event WHERE sequence > 9", "events-missing", "10 to 12 are missing at"),
        ("DELETE FROM event", "events-missing", "events 1 to 12 are missing"),
        ("UPDATE head SET hash = printf('%064d', 7)", "head-changed", "event 12"),
        ("UPDATE head SET sequence = 11", "event-added", "event 12"),
        ("UPDATE head SET sequence = 13", "events-missing", "event 13 is missing"),
        ("UPDATE event SET sequence = 99 WHERE sequence = 12", "events-missing", "12 to 98"),
        ("UPDATE event SET round = 'brugge' WHERE sequence = 5", "round-foreign", "'brugge'"),
    ],
)
def test_missing_and_added_events_are_named(tmp_path, statement, code, words):
    made(tmp_path)
    change(tmp_path, statement)
    assert any(found_code == code and words in message for found_code, message in found(tmp_path))


def test_the_head_taken_away_is_found(tmp_path):
    made(tmp_path)
    change(tmp_path, "DELETE FROM head")
    assert {code for code, _ in found(tmp_path)} == {"event-added"}


def test_an_event_put_at_the_end_is_found(tmp_path):
    made(tmp_path)
    change(
        tmp_path,
        "CREATE TEMP TABLE copy AS SELECT * FROM event WHERE sequence = 3",
        "UPDATE copy SET sequence = 13",
        "INSERT INTO event SELECT * FROM copy",
    )
    assert found(tmp_path)[0] == (
        "event-added",
        "event 13: it was added behind the end of the chain",
    )


def test_an_event_rewritten_with_a_hash_that_fits_breaks_the_chain_behind_it(tmp_path):
    made(tmp_path)
    with open_ledger(tmp_path, "gent") as ledger:
        event = next(ledger.events(after=4))
    values = values_text({**event.values, "outcome": "viewing-individual"})
    whole = canonical_text(5, event, values, event.who, event.recorded_at, event.previous)
    change(
        tmp_path,
        f"UPDATE event SET values_json = '{values}', hash = '{hash_of(whole)}' WHERE sequence = 5",
    )
    assert [code for code, _ in found(tmp_path)] == ["chain-broken"]
    assert found(tmp_path)[0][1].startswith("event 6: it does not follow event 5")


def test_two_events_exchanged_are_found(tmp_path):
    made(tmp_path)
    change(
        tmp_path,
        "UPDATE event SET sequence = 100 WHERE sequence = 5",
        "UPDATE event SET sequence = 5 WHERE sequence = 6",
        "UPDATE event SET sequence = 6 WHERE sequence = 100",
    )
    messages = [message for code, message in found(tmp_path) if code == "event-changed"]
    assert [message[:8] for message in messages] == ["event 5:", "event 6:"]


def test_many_changes_are_counted_and_not_all_listed(tmp_path, monkeypatch):
    monkeypatch.setattr("praktijktest.fieldwork.chain.LISTED", 5)
    made(tmp_path)
    change(tmp_path, "UPDATE event SET kind = 'sent'")
    with open_ledger(tmp_path, "gent") as ledger:
        problems = verify_chain(ledger)
    assert len(problems) == 6
    assert problems[-1].count == NUMBER - 5


@given(st.integers(0, 10**9), st.integers(1, 255))
@settings(max_examples=150)
def test_a_byte_of_any_stored_value_changed_in_the_file_is_found(
    tmp_path_factory, place, difference
):
    """The bytes of the texts themselves, also where they are no text any more."""
    folder = tmp_path_factory.mktemp("ledger")
    made(folder)
    path = folder / "round.db"
    content = bytearray(path.read_bytes())
    # Rows lie in the file with their cells one behind the other: values, then person.
    spans = [match.span() for match in re.finditer(rb'\{"outcome":[^}]*\}P-an2026', content)]
    assert len(spans) == NUMBER
    start, stop = spans[place % NUMBER]
    content[start + place % (stop - start)] ^= difference
    path.write_bytes(content)
    try:
        codes = [code for code, _ in found(folder)]
    except PraktijktestError as error:
        codes = [error.message]
    assert codes


def test_bytes_that_are_no_text_are_named_by_their_event(tmp_path):
    made(tmp_path)
    path = tmp_path / "round.db"
    path.write_bytes(path.read_bytes().replace("café 4".encode(), b"caf\xff\xff 4"))
    assert found(tmp_path) == [
        ("event-changed", "event 5: it is not what was stored: its hash differs")
    ]
