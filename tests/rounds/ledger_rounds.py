"""A planned round whose ledger is filled event by event, with every kind of answer."""

from datetime import datetime, timedelta
from pathlib import Path

from praktijktest.fieldwork.events import NewEvent
from praktijktest.rounds.plan import plan_round
from praktijktest.rounds.round_store import OpenRound, open_round, synchronise_plan
from tests.rounds.field_rounds import DESIGN

FRAME = "target,name,agent_type,advert,link,contact\n" + "".join(
    f"K{number},Kantoor {number},{'agent' if number % 3 else 'private'},AD-{number}-{slot},"
    f"https://adverts.example/{number}/{slot},info@kantoor{number}.example\n"
    for number in range(12)
    for slot in range(4)
)
ANSWERS = ("viewing-individual", "refused", "", "already-rented", "viewing-group", "")


def planned_round(folder: Path, *, tests_per_target: int = 4) -> Path:
    """A round folder with a plan and no ledger yet."""
    folder.mkdir()
    text = DESIGN.format(id="gent-2026")
    text = text.replace("tests_per_target = 2", f"tests_per_target = {tests_per_target}")
    text = text.replace("30_days = 4", "30_days = 8")
    text = text.replace('"Bram Maes"', '"Bram Maes", "Tom Jacobs", "Koen Wouters"')
    text = text.replace('"Youssef Benali"', '"Youssef Benali", "Karim Haddou", "Said Ouali"')
    (folder / "design.toml").write_text(text, encoding="utf-8")
    (folder / "frame.csv").write_text(FRAME, encoding="utf-8")
    plan_round(folder, None, None)
    return folder


def filled_round(folder: Path, store: str | None = None, *, uncoded: bool = True) -> Path:
    """A round whose applications were all sent, most of them answered, some twice."""
    planned_round(folder)
    with open_round(folder, store=store, who="An Testster") as opened:
        fill(opened, uncoded=uncoded)
    return folder


def fill(opened: OpenRound, *, uncoded: bool = True) -> None:
    """Send every application of the plan, and answer."""
    with opened.ledger.writing(opened.who) as writing:
        synchronise_plan(opened, writing)
        planned = list(writing.events(kinds=["planned"]))
        writing.append(
            new for number, one in enumerate(planned) for new in _events(number, one, uncoded)
        )


def _events(number, one, uncoded: bool) -> list[NewEvent]:
    sent_at = one.values["send_at"]
    replied_at = (datetime.fromisoformat(sent_at) + timedelta(days=2)).isoformat()

    def event(kind: str, happened_at: str, **values: str) -> NewEvent:
        return NewEvent(
            kind, one.test, one.application, happened_at, "log.csv", "a" * 64, number + 2, values
        )

    events = [event("sent", sent_at, sent_at=sent_at)]
    answer = ANSWERS[number % len(ANSWERS)]
    if answer:
        reply = {"replied_at": replied_at, "channel": "mail", "outcome": answer}
        events.append(event("reply", replied_at, reply="first", **reply))
    if number % 10 == 4:
        reply = {"replied_at": replied_at, "channel": "sms", "outcome": "refused"}
        events.append(event("reply", replied_at, reply="second", **reply))
    if uncoded and number % 17 == 5:
        reply = {"replied_at": replied_at, "channel": "phone"}
        events.append(event("reply", replied_at, reply="third", **reply))
    if number % 31 == 30:
        events.append(event("failed", sent_at, failed="bounced"))
    return events
