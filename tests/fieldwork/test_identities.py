"""The identity store: pseudonyms that hold, documents by their hash, a file nobody else reads."""

import os
import re
import sqlite3
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from praktijktest.fieldwork.identities import PREFIXES, Identities, open_identities
from praktijktest.problems import DataError, UsageError

KINDS = list(PREFIXES)


@pytest.fixture
def identities(tmp_path: Path, store: str | None):
    with open_identities(tmp_path, "gent", store=store) as opened:
        yield opened


@pytest.mark.parametrize("kind", KINDS)
def test_a_pseudonym_is_stable_and_can_be_taken_back(identities, kind):
    first = identities.pseudonyms(kind, ["Immo Jansen", "Immo Peeters", ""])
    again = identities.pseudonyms(kind, ["Immo Peeters", "Nieuw", "Immo Jansen"])
    assert first[""] == ""
    assert {name: again[name] for name in ("Immo Jansen", "Immo Peeters")} == {
        name: first[name] for name in ("Immo Jansen", "Immo Peeters")
    }
    assert re.fullmatch(f"{PREFIXES[kind]}-[a-z2-7]{{10}}", first["Immo Jansen"])
    assert identities.plain(first["Immo Jansen"]) == "Immo Jansen"
    assert identities.plain("T-unknown000") is None
    assert identities.everybody(kind)[again["Nieuw"]] == "Nieuw"


def test_kinds_and_rounds_have_pseudonyms_of_their_own(tmp_path, identities):
    as_target = identities.pseudonyms("target", ["Immo"])["Immo"]
    assert as_target[2:] != identities.pseudonyms("person", ["Immo"])["Immo"][2:]
    with open_identities(tmp_path / "..", "brugge", store=f"sqlite:///{tmp_path}/b.db") as other:
        assert other.pseudonyms("target", ["Immo"])["Immo"] != as_target


def test_a_pseudonym_outlives_the_process(tmp_path, store):
    with open_identities(tmp_path, "gent", store=store) as first:
        made = first.pseudonyms("target", ["Immo"])
    with open_identities(tmp_path, "gent", store=store) as second:
        assert second.pseudonyms("target", ["Immo"]) == made


NAMES = st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=20)


@given(st.sets(NAMES, max_size=30))
def test_different_names_have_different_pseudonyms(tmp_path_factory, names):
    with open_identities(tmp_path_factory.mktemp("names"), "gent") as store:
        made = store.pseudonyms("target", names)
        assert len(set(made.values())) == len(made)
        assert all(store.plain(made[name]) == name for name in names if name)


@pytest.mark.parametrize("bad", ["half \ud83d", "NUL \x00"])
def test_a_name_that_no_database_holds_is_refused(identities, bad):
    with pytest.raises(DataError, match="cannot be stored"):
        identities.pseudonyms("target", ["Immo", bad])
    with pytest.raises(DataError, match="cannot be stored"):
        identities.describe("target", "Immo", {"name": bad})


def test_very_many_names_at_once(identities):
    names = [f"kantoor {number}" for number in range(12_000)]
    made = identities.pseudonyms("target", names)
    assert len(set(made.values())) == 12_000
    assert identities.pseudonyms("target", names) == made


def test_details_are_kept_and_renewed(identities):
    identities.describe("target", "K1", {"name": "Immo Jansen", "contact": "a@b.be", "link": ""})
    identities.describe("target", "K1", {"contact": "new@b.be", "biv": "501234"})
    pseudonym = identities.pseudonyms("target", ["K1"])["K1"]
    assert identities.details(pseudonym) == {
        "name": "Immo Jansen",
        "contact": "new@b.be",
        "biv": "501234",
    }
    assert identities.details("T-unknown000") == {}


def test_documents_are_kept_once_by_their_hash(identities):
    content = bytes(range(256)) * 3
    kept = [
        identities.keep(content, name=name, media_type="application/pdf", document_class="advert")
        for name in ("one.pdf", "two.pdf")
    ]
    assert kept[0] == kept[1]
    assert identities.document(kept[0]) == content
    assert identities.document("0" * 64) is None
    assert identities.documents([kept[0], "0" * 64]) == {kept[0]: content}
    assert len(identities.kept()) == 1
    assert identities.verify() == []


def test_a_changed_document_is_named(tmp_path):
    with open_identities(tmp_path, "gent") as identities:
        keep(identities, "A")
        sha256 = keep(identities, "B")
    path = tmp_path / "identities.db"
    path.write_bytes(path.read_bytes().replace(b"message B", b"messagf B"))
    with open_identities(tmp_path, "gent") as identities:
        (problem,) = identities.verify()
    assert sha256[:12] in problem.message
    assert problem.value == "B.eml"


def keep(identities: Identities, name: str) -> str:
    content = f"message {name}".encode()
    return identities.keep(
        content, name=f"{name}.eml", media_type="message/rfc822", document_class="message"
    )


def test_a_batch_is_stored_whole_or_not_at_all(identities):
    with identities.batch():
        keep(identities, "A")
        made = identities.pseudonyms("target", ["Immo"])
        assert identities.plain(made["Immo"]) == "Immo"
    with pytest.raises(ZeroDivisionError), identities.batch(), identities.batch():
        assert keep(identities, "B") + str(1 // 0)
    assert len(identities.kept()) == 1


def test_only_the_owner_may_read_from_the_first_byte_on(tmp_path):
    before = os.umask(0)
    try:
        with open_identities(tmp_path, "gent") as identities, identities.batch():
            keep(identities, "A")
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    finally:
        os.umask(before)
    assert modes == {"identities.db": 0o600, "identities.db-journal": 0o600}


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path):
    open_identities(tmp_path, "gent").close()
    (tmp_path / "identities.db").chmod(0o644)
    open_identities(tmp_path, "gent").close()
    assert stat.S_IMODE((tmp_path / "identities.db").stat().st_mode) == 0o600


def test_a_role_of_its_own_keeps_the_ledger_and_the_names_apart(tmp_path, postgres, monkeypatch):
    from praktijktest.fieldwork.ledger import open_ledger

    url = postgres.new_database()
    open_ledger(tmp_path, "gent", store=url).close()
    open_identities(tmp_path, "gent", store=url).close()
    role = f"ledgeronly{os.getpid()}"
    postgres.query(f"CREATE ROLE {role} LOGIN", url)
    postgres.query(f"GRANT USAGE ON SCHEMA praktijktest TO {role}", url)
    postgres.query(f"GRANT ALL ON ALL TABLES IN SCHEMA praktijktest TO {role}", url)
    theirs = url.replace("tester@", f"{role}@")
    with open_ledger(tmp_path, "gent", store=theirs) as ledger, ledger.writing("P-an"):
        pass
    with pytest.raises(Exception, match="no right"):
        open_identities(tmp_path, "gent", store=theirs)


def test_the_key_is_in_the_identity_store_alone(tmp_path):
    with open_identities(tmp_path, "gent") as identities:
        identities.pseudonyms("target", ["Immo"])
    with sqlite3.connect(tmp_path / "identities.db") as connection:
        ((key,),) = connection.execute("SELECT key FROM pseudonym_key")
    assert len(key) == 32


def test_no_store_is_made_by_looking(tmp_path):
    with pytest.raises(UsageError, match=r"identities\.db"):
        open_identities(tmp_path, "gent", create=False)
    assert list(tmp_path.iterdir()) == []


def test_another_file_in_its_place_is_refused(tmp_path):
    (tmp_path / "identities.db").write_text("no store " * 200, encoding="utf-8")
    with pytest.raises(DataError, match="damaged"):
        open_identities(tmp_path, "gent")
