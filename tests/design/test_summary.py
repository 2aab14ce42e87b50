"""The summary says everything that a design declares, in lines a person can read."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from praktijktest.design import parse_design, read_design, summarise
from praktijktest.vocabulary import FLAG_RULES
from tests.design.designs import CALLS, CUSTOM, MINIMAL, PROFILES
from tests.design.test_model import FULL

DESIGNS = sorted((Path(__file__).parents[2] / "designs").glob("*.toml"))


def said(text: str) -> str:
    """The whole summary as one line."""
    return " ".join(" ".join(summarise(parse_design(text)).lines()).split())


@pytest.mark.parametrize("path", DESIGNS, ids=lambda path: path.stem)
@pytest.mark.parametrize("width", [60, 80, 120])
def test_lines_fit(path: Path, width: int) -> None:
    lines = summarise(read_design(path)).lines(width)
    assert all(len(line) <= width for line in lines)
    assert all(line == line.rstrip() for line in lines)
    if width == 80:
        assert lines == summarise(read_design(path)).lines()


@pytest.mark.parametrize("path", DESIGNS, ids=lambda path: path.stem)
def test_plain_data_holds_the_same(path: Path) -> None:
    summary = summarise(read_design(path))
    document = json.loads(json.dumps(summary.to_dict()))
    assert document["format"] == 1
    assert document["round"]["id"] == summary.round_id
    assert [section["title"] for section in document["sections"]] == [
        section.title for section in summary.sections
    ]
    texts = " ".join(" ".join(summary.lines()).split())
    for section in document["sections"]:
        assert section["entries"]
        for entry in section["entries"]:
            assert " ".join(entry["text"].split()) in texts


def test_everything_declared_is_said() -> None:
    text = said(FULL)
    for part in (
        "Praktijktesten private huurmarkt Gent 2026", "gent-huur-2026", "be-vlg",
        "2026-09-01 to 2027-03-31", "Stad Gent", "council decision", "approved", "city hall",
        "two applicants for every advert", "drawn by lot", "3 to 8 hours", "after 14 days",
        "origin flemish, gender man", "Wouter Claes, Bram Maes",
        "control 'flemish' against 'moroccan' on 'origin', among applicants equal on gender",
        "flags look for the control being favoured", "strict: headlines and flags go by it",
        "viewing-individual, viewing-group", "bounced (mail bounced)",
        "columns 'firm_id', 'job_id' and 'pair' together", "unit of independence", "column 'race'",
        "'White' is 'flemish'", "rent is number", "flemish-man: outcome in 'w'",
        "position in 'order_m'", "not part of a test where its cells are all empty",
        "sheet 'Log'", "in row 2", "sample is '1'", "means no-reply", "the best reply to any",
        "allowed, although", "agent_type and district", "12 for every contrast",
        "at most 6 applications", "/ all tests", "90 %", "lpm, logit", "rent",
        "Holm; the chance that even one flag is due to chance is at most 10 %",
        "a group of targets is flagged when", "its adjusted p-value is at most 0.1",
        "with at least 8 valid tests", "agent_type is 'agent'", "2030-12-31", "counts below 10",
        "plus or minus 20 %", "mid-p at most 0.1", "never a legal finding",
    ):  # fmt: skip
        assert part in text, part


def test_defaults_are_said_too() -> None:
    text = said(MINIMAL)
    for part in (
        "not declared: nothing is assumed", "not declared: every reply counts",
        "empty outcome an error", "these are the defaults", "5 % are expected",
        "never concluded, because the order was not declared to be random",
        "flags rest on the assumption", "kept until not declared", "counts below 5",
    ):  # fmt: skip
        assert part in text, part


def test_pools_lists_and_directions() -> None:
    text = PROFILES.replace(
        'test = "moroccan"', 'test = ["moroccan", "turkish"]\npool = true\ndirection = "either"'
    )
    text += '[[profile]]\nid = "t"\nattributes = { origin = "turkish", gender = "man" }\n'
    whole = said(text)
    assert "against 'moroccan' or 'turkish', counted as one level" in whole
    assert "flags look both ways" in whole
    assert "only the control applicant (or only the other one: origin)" in whole
    split = said(text.replace("pool = true\n", "") + '[flagging]\nacross = "separate"\n')
    assert "contrasts origin:moroccan and origin:turkish, each in a list of its own" in split


def test_levels_have_their_labels() -> None:
    text = PROFILES.replace('"moroccan"\n', '"moroccan"\nlabels = { moroccan = "Moroccan name" }\n')
    assert "reports show 'moroccan' as 'Moroccan name'" in said(text)


def test_own_codes_have_their_labels() -> None:
    text = said(CUSTOM)
    assert "positive: broad 1 (yes)" in text
    assert "never positive 0 (no)" in text
    assert "no code; only the log's column `failed`" in text


def test_when_nobody_can_be_flagged() -> None:
    assert "tests that compare applicants" in said(CALLS)
    assert "no contrast is named" in said(MINIMAL + "[flagging]\ncontrasts = []\n")
    assert "leaves no tests won and lost" in said(MINIMAL + '[reading]\nsame_profile = "mean"\n')
    first = said(MINIMAL + '[test]\norder = "control-first"\n')
    assert "which favours it: no flag is given" in first


@pytest.mark.parametrize("rule", FLAG_RULES)
def test_every_flag_rule_has_words(rule: str) -> None:
    text = said(MINIMAL + f'[flagging]\nrule = "{rule}"\nalpha = 0.025\n')
    assert f"{rule}: " in text
    assert "2.5 %" in text


def test_calls_are_said() -> None:
    text = said(CALLS.replace('"owner', '"an owner') + "[sampling]\ntests_per_target = 1\n")
    assert "no-foreigners an owner asks not to let to foreigners; ground: origin" in text
    assert "1 for every call" in text


def test_planning_is_said_where_it_is_declared() -> None:
    assert "Planning" not in said(MINIMAL)
    more = '[sampling]\nstrata = ["kind"]\n[[sampling.quota]]\nwhere = { kind = "agent" }\n'
    more += 'size = 40\n[assignment]\nseed = 7\ntesters = ["An", "Bo"]\n[schedule]\n'
    more += 'windows = ["09:00-12:00", "13:30-17:00"]\nclosed = [2026-12-24]\nadvert_days = 1\n'
    text = said(MINIMAL + more)
    for part in (
        "targets by quota", "40 where kind is 'agent'", "seed 7", "An, Bo",
        "mon, tue, wed, thu, fri, 09:00 to 12:00 and 13:30 to 17:00", "2026-12-24", "1 day",
    ):  # fmt: skip
        assert part in text, part


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters='\\"')))
@settings(max_examples=50, deadline=None)
def test_any_words_fit_the_width(name: str) -> None:
    text = PROFILES.replace("Wouter Claes", f"Wouter {name}")
    assert all(len(line) <= 80 for line in summarise(parse_design(text)).lines())
