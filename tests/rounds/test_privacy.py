"""Names, addresses and words of people: in the identity store, and nowhere after it."""

import sqlite3
from email.message import EmailMessage
from pathlib import Path

import pytest

from praktijktest.storage import sha256_of_text
from tests.cli.planned_rounds import filled_workbook, make_round, plan_rows
from tests.cli.program import praktijktest

SAID = "Mijnheer Zonnebloemcanary heeft al verhuurd"
NOTED = "gesproken met mevrouw Kruidnagelcanary"
PERSON = "Truus Testercanary"
CANARIES = ("Zonnebloem", "Kruidnagel", "Testercanary", "Kantoor Canary", "canary0", "Vermeulen",
            "K000", "AD000", "adverts.example", "0471 98 76 54", "471987654")  # fmt: skip


def mail(folder: Path, application: dict[str, str]) -> Path:
    """A reply from the office itself, by name."""
    message = EmailMessage()
    message["From"] = f"Jan Zonnebloemcanary <{application['contact']}>"
    message["To"] = "applicant@boxes.example"
    message["Subject"] = f"Re: {application['advert']}"
    message["Date"] = "Mon, 05 Jul 2027 10:00:00 +0200"
    message["Message-ID"] = "<1@canary000.example>"
    message.set_content(f"{SAID}. Bel 0471 98 76 54.\n")
    path = folder / "reply.eml"
    path.write_bytes(message.as_bytes())
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A round into which people were named at every door."""
    scratch = tmp_path_factory.mktemp("privacy")
    folder = make_round(scratch / "round", targets=12)
    rows = plan_rows(folder)
    cells: dict[str, dict[str, object]] = {
        row["application"]: {"sent_at": row["send_at"], "note": NOTED} for row in rows
    }
    for row in rows[::3]:
        cells[row["application"]] |= {"outcome": "refused", "replied_at": row["send_at"]}
    book = filled_workbook(folder, scratch / "filled.xlsx", cells)
    for source in (book, mail(scratch, rows[1])):
        done = praktijktest("ingest", source, "--round", folder, "--who", PERSON)
        assert done.code == 0, done.err
    first = rows[4]["application"]
    words = ["--words", SAID, "--caller", "0471 98 76 54", "--code", "refused"]
    added = [first, "--channel", "phone", "--at", "2027-07-06T10:00", *words]
    done = praktijktest("reply", "add", *added, "--round", folder, "--who", PERSON)
    assert done.code == 0, done.err
    assert praktijktest("snapshot", folder, "--who", PERSON).code == 0
    done = praktijktest("analyse", folder, "--out", folder / "reports" / "all")
    assert done.code == 0, done.err
    return folder


def after_the_ledger(folder: Path) -> list[Path]:
    # The copy of the design is what its author wrote; a design may name its testers.
    files = (path for path in (folder / "reports").rglob("*") if path.is_file())
    report = [path for path in files if path.name != "design.toml"]
    return [folder / "round.db", folder / "snapshot.csv", *report]


@pytest.mark.parametrize("canary", CANARIES)
def test_no_name_is_in_the_ledger_or_anything_after_it(folder, canary):
    for path in after_the_ledger(folder):
        content = path.read_bytes().lower()
        for encoding in ("utf-8", "utf-16-le"):
            assert canary.lower().encode(encoding) not in content, path.name


def test_the_same_names_are_in_the_identity_store(folder):
    """Otherwise the test above would look for what was never there."""
    content = (folder / "identities.db").read_bytes().lower()
    missing = [name for name in CANARIES[:-1] if name.lower().encode() not in content]
    assert missing == []


def test_words_are_named_by_their_hash(folder):
    with sqlite3.connect(folder / "round.db") as connection:
        stored = [values for (values,) in connection.execute("SELECT values_json FROM event")]
    for text in (SAID, NOTED):
        assert any(sha256_of_text(text) in values for values in stored)


def test_a_pseudonym_cannot_be_worked_out_from_the_name(folder):
    """Not without the key: a hash of the name alone is nowhere in the ledger."""
    content = (folder / "round.db").read_bytes()
    for name in ("K000", "target\x1fK000", PERSON):
        assert sha256_of_text(name)[:10].encode() not in content
