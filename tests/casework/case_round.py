"""A round in which one agent discriminates, with names, words and addresses to look for."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from praktijktest.fieldwork.events import NewEvent
from praktijktest.rounds.entry import Entry, open_entry
from praktijktest.rounds.plan import plan_round
from tests.rounds.field_rounds import DESIGN

TARGETS = 14
GUILTY = "K0"
AGENCY = "Kantoor Canaryvogel{number}"
ADDRESS = "Canarystraat {number}, 9000 Gent"
WORDS = "Beste, hier spreekt mevrouw Canaryzang van kantoor {number}."
PRIVACY = """[privacy]
identities_until = 2027-06-30
messages_until = 2027-06-30
log_until = 2030-12-31
"""
CANARIES = ("canaryvogel", "canarystraat", "canaryzang", "canarymail", "canaryadvert")


def case_round(folder: Path) -> Path:
    """A planned, answered and coded round: agent K0 invites control applicants only."""
    folder.mkdir(parents=True)
    text = DESIGN.format(id="gent-2026").replace("tests_per_target = 2", "tests_per_target = 12")
    text = text.replace("30_days = 4", "30_days = 10")
    for known, family in (("Bram Maes", "Vlaams"), ("Youssef Benali", "Marokkaans")):
        more = ", ".join(f'"{family} {letter}"' for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        text = text.replace(f'"{known}"', f'"{known}", {more}')
    sender = 'commissioner = "Stad Gent"\ncontact = "wonen@gent.example"\n'
    text = text.replace("[test]", f"{sender}[test]") + PRIVACY
    (folder / "design.toml").write_text(text, encoding="utf-8")
    (folder / "frame.csv").write_text(frame(), encoding="utf-8")
    plan_round(folder, None, None)
    answer(folder)
    return folder


def frame() -> str:
    """The frame: every agent with its name, address and one advert."""
    rows = [
        f"K{number},{AGENCY.format(number=number)},agent,canaryadvert-{number},"
        f'info{number}@canarymail.example,"{ADDRESS.format(number=number)}"\n'
        for number in range(TARGETS)
    ]
    return "target,name,agent_type,advert,contact,address\n" + "".join(rows)


def answer(folder: Path, *, phase: str = "", guilty: bool = True) -> None:
    """Send and answer every application that was not sent yet."""
    with open_entry(folder, None, "An Testster") as entry:
        identities = entry.opened.identities
        pseudonym = identities.pseudonyms("target", [GUILTY])[GUILTY]
        waiting = [one for one in entry.state.applications.values() if not one.sent]
        entry.writing.append(
            event
            for number, one in enumerate(waiting)
            if one.fields.get("phase", "") == phase
            for event in _events(entry, one, number, guilty and one.fields["target"] == pseudonym)
        )


def _events(entry: Entry, one, number: int, guilty: bool) -> Iterator[NewEvent]:
    sent_at = one.fields["send_at"]
    yield NewEvent("sent", one.test, one.application, sent_at, values={"sent_at": sent_at})
    invited = one.fields["profile"] == "flemish" if guilty else _fair(one.test)
    replied_at = (datetime.fromisoformat(sent_at) + timedelta(days=1)).isoformat()
    words = entry.keep_words(f"{WORDS.format(number=number)}", "words")
    values = {
        "reply": f"reply{number:07d}",
        "replied_at": replied_at,
        "channel": "mail",
        "outcome": "viewing-individual" if invited else "refused",
        "words": words,
    }
    yield NewEvent("reply", one.test, one.application, replied_at, values=values)


def _fair(test: str) -> bool:
    """Both applicants of a test get the same answer; two tests in three an invitation."""
    return sum(test.encode()) % 3 > 0


def pseudonym_of(folder: Path, target: str = GUILTY) -> str:
    """The pseudonym of an agent."""
    with open_entry(folder, None, "An Testster") as entry:
        return entry.opened.identities.pseudonyms("target", [target])[target]
