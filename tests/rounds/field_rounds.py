"""A planned round folder with applications sent and replies with words, for coding and status."""

from pathlib import Path

from praktijktest.fieldwork.events import NewEvent
from praktijktest.rounds.entry import open_entry
from praktijktest.rounds.plan import plan_round

DESIGN = """format = 1
[round]
id = "{id}"
title = "A round"
market = "housing"
place = "Gent"
jurisdiction = "be-vlg"
start = 2026-09-01
end = 2026-12-18
language = "nl"
[test]
kind = "paired"
order = "random"
gap_hours = [3, 8]
response_days = 14
[[profile]]
id = "flemish"
attributes = {{ origin = "flemish" }}
names = ["Wouter Claes", "Bram Maes"]
[[profile]]
id = "moroccan"
attributes = {{ origin = "moroccan" }}
names = ["Rachid El Amrani", "Youssef Benali"]
[[contrast]]
id = "origin"
attribute = "origin"
ground = "origin"
control = "flemish"
test = "moroccan"
[outcomes]
scheme = "housing"
[sampling]
strata = ["agent_type"]
tests_per_target = 2
max_applications_per_target_per_30_days = 4
[assignment]
seed = 1
templates = ["a"]
testers = ["An Testster", "Bea Testster"]
"""
FRAME = "target,name,agent_type,advert,contact\n" + "".join(
    f"K{number},Kantoor Nummer{number},agent,AD-{number}-{slot},info@kantoor{number}.example\n"
    for number in range(10)
    for slot in range(2)
)
WORDS = (
    "Beste {name},\n\nU kan komen kijken op dinsdag om 14 uur. Tot dan, {agency}",
    "Geachte heer {name}, het appartement is helaas al verhuurd. Mvg {agency}",
    '=HYPERLINK("x") Dag {name}, bel mij op 0471 23 45 67 of mail naar info@kantoor.example',
)
TESTER = "An Testster"


def field_round(folder: Path, round_id: str = "gent-2026", replies: int = 30) -> Path:
    """A round folder: twenty tests sent, the first so many applications answered."""
    folder.mkdir()
    (folder / "design.toml").write_text(DESIGN.format(id=round_id), encoding="utf-8")
    (folder / "frame.csv").write_text(FRAME, encoding="utf-8")
    plan_round(folder, None, None)
    with open_entry(folder, None, "An") as entry:
        events = []
        for number, one in enumerate(entry.state.applications.values()):
            sent_at = one.fields["send_at"]
            events.append(_event("sent", one, sent_at, sent_at=sent_at))
            if number < replies:
                events.append(_answer(entry, one, number))
        entry.writing.append(events)
    return folder


def _answer(entry, one, number: int) -> NewEvent:
    agency = entry.opened.identities.details(one.fields["target"])["name"]
    text = WORDS[number % len(WORDS)].format(name=one.fields["name"], agency=agency)
    digest = entry.keep_words(f"{text} {number}", "words")
    replied_at = one.fields["send_at"]
    return _event(
        "reply",
        one,
        replied_at,
        reply=f"reply{number:07d}",
        replied_at=replied_at,
        channel="mail",
        words=digest,
    )


def _event(kind: str, one, happened_at: str, **values: str) -> NewEvent:
    return NewEvent(
        kind=kind,
        test=one.test,
        application=one.application,
        happened_at=happened_at,
        values=values,
    )
