"""Rows of a plan and shipped letters that several tests of letters share."""

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from functools import cache
from itertools import permutations
from pathlib import Path
from typing import Any

import praktijktest.planning
from praktijktest.design import Design, parse_design
from praktijktest.planning.letter_parsing import load_templates
from praktijktest.planning.letters import Templates
from praktijktest.planning.plan import Plan, PlannedApplication
from praktijktest.planning.scaffold import NewRound, scaffold

SHIPPED = Path(praktijktest.planning.__file__).parent / "letter_templates"
MORNING = datetime(2027, 2, 1, 9, 15, tzinfo=timezone(timedelta(hours=1)))


@cache
def shipped_templates(market: str) -> Templates:
    """The templates that come with the program."""
    return load_templates(SHIPPED / market, ("agent_type", "district", "sector"))


@cache
def design_of(market: str, language: str, ground: str = "origin") -> Design:
    """The design that `init` writes."""
    return parse_design(scaffold(NewRound(market, language, ground))["design.toml"].decode())


def without_named_templates(design: Design) -> Design:
    """The design with whatever letters there are."""
    assignment = design.assignment.model_copy(update={"templates": ()})
    return design.model_copy(update={"assignment": assignment})


def planned(design: Design, **more: Any) -> PlannedApplication:
    """One planned application of a design's first profile, with some fields changed."""
    values: dict[str, Any] = {
        "application": "t0001-1",
        "test": "t0001",
        "contrast": design.comparisons()[0].id,
        "target": "T001",
        "target_group": "",
        "slot": 1,
        "advert": "A-0012",
        "link": "https://adverts.example/A-0012",
        "contact": "rent@office.example",
        "profile": design.profiles[0].id,
        "arm": "control",
        "level": "",
        "position": 1,
        "name": design.profiles[0].names[0],
        "mailbox": "",
        "template": "rent-1" if design.round.market == "housing" else "job-1",
        "channel": "mail",
        "tester": "",
        "send_at": MORNING,
        "strata": {},
    }
    return PlannedApplication(**{**values, **more})


def plan_of(design: Design, rows: Sequence[PlannedApplication], seed: int = 5) -> Plan:
    """A plan of these rows."""
    return Plan(design.round.id, design.kind, seed, (), tuple(rows))


def every_pair(design: Design, templates: Sequence[str]) -> list[PlannedApplication]:
    """A test for every ordered pair of different templates and of different profiles."""
    rows = []
    for number, (letters, profiles) in enumerate(
        (letters, profiles)
        for letters in permutations(templates, 2)
        for profiles in permutations(design.profiles, 2)
    ):
        for place, (letter, profile) in enumerate(zip(letters, profiles, strict=True)):
            rows.append(
                planned(
                    design,
                    application=f"t{number}-{place + 1}",
                    test=f"t{number}",
                    position=place + 1,
                    profile=profile.id,
                    name=profile.names[place],
                    template=letter,
                )
            )
    return rows
