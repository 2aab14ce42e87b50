"""The report of a comparison: sentences that match the evidence, in three languages."""

import re
from typing import Any

import pytest

from praktijktest.language import language_named
from praktijktest.reporting.blocks import TOO_FEW, Finding, Report, Section, Table
from praktijktest.reporting.comparison_document import comparison_report, screen_report
from praktijktest.reporting.comparison_tables import comparison_tables
from praktijktest.reporting.formats import render
from praktijktest.reporting.markdown import render_markdown
from praktijktest.vocabulary import LANGUAGES

Row = dict[str, Any]


def number(value: float | None, half: float | None = 0.05, p: float = 0.02) -> Row:
    """A rate or a change with its interval."""
    known = value is not None and half is not None
    return {
        "value": value,
        "se": half / 2 if known else None,
        "low": value - half if known else None,
        "high": value + half if known else None,
        "p": p if known else None,
        "df": 40.0 if known else None,
        "clusters": 41,
    }


def rate(value: float, targets: int = 40) -> Row:
    return {"tests": 200, "n": 150, "targets": targets, **number(value)}


def comparison(
    change: Row,
    *,
    rounds: int = 2,
    treated: str | None = None,
    did: Row | None = None,
    few: int = 40,
) -> Row:
    """A comparison document of one contrast."""
    labels = ["2015", "2019", "2022"][:rounds]
    steps = [(k, k + 1) for k in range(rounds - 1)] + ([(0, rounds - 1)] if rounds > 2 else [])
    measures = ("net_rate_usable", "net_rate_all")
    contrast = {
        "id": "origin",
        "ground": "origin",
        "control": "Vlaams",
        "test": "Marokkaans",
        "rates": [
            {"measure": m, "round": k, **rate(0.3 - 0.05 * k)}
            for m in measures
            for k in range(rounds)
        ],
        "changes": [
            {"measure": m, "from": a, "to": b, "recurring_targets": 25, **change}
            for m in measures
            for a, b in steps
        ],
        "trends": [{"measure": m, **change} for m in measures if rounds > 2],
        "groups": [
            {
                "measure": m,
                "round": k,
                "treated": rate(0.2),
                "others": rate(0.3, few),
                "difference": number(-0.1),
            }
            for m in measures
            for k in range(rounds)
            if treated
        ],
        "difference_in_differences": [
            {
                "measure": m,
                "from": 0,
                "to": 1,
                "tests": {"treated": [200, 180], "others": [90, 80]},
                "targets": {"treated": [40, 40], "others": [few, few]},
                **(did or {}),
            }
            for m in measures
            if did
        ],
        "composition": [
            {
                "measure": m,
                "from": a,
                "to": b,
                "stayed": 25,
                "left": 3,
                "new": 12,
                "stayed_before": rate(0.3, 25),
                "stayed_after": rate(0.2, 25),
                "left_before": rate(0.35, 3),
                "new_after": rate(0.25, 12),
                "stayed_change": change,
                "without_target": [0, 0],
            }
            for m in measures
            for a, b in steps
        ],
        "stood_out": [
            {
                "from": 0,
                "to": 1,
                "level": 0.05,
                "targets": 7,
                "tests_before": 70,
                "tests_after": 84,
                "before": 0.5,
                "expected": 0.3,
                "low": 0.15,
                "high": 0.44,
                "after": number(0.1),
            }
        ],
    }
    return {
        "format": 1,
        "kind": "comparison",
        "title": "Gent",
        "sources": [],
        "rounds": [
            {
                "label": name,
                "title": "Gent",
                "place": "Gent",
                "start": None,
                "end": None,
                "tests": 200,
            }
            for name in labels
        ],
        "comparison_rounds": [],
        "by": None,
        "treated": treated,
        "time": {"unit": "round", "rounds": list(range(rounds))},
        "dated": "2022-12-31",
        "round": {"market": "housing", "place": "Gent", "jurisdiction": "be-vlg", "language": "nl"},
        "data": {"simulated": False},
        "method": {
            "confidence": 0.95,
            "headline": "net_rate_usable",
            "scheme": "housing",
            "primary": "strict",
            "positive": {"strict": ["viewing-group", "viewing-individual"]},
            "labels": {},
            "same_profile": "error",
            "min_cell": 5,
        },
        "left_out": [{"contrast": "disability", "rounds": ["2015"]}],
        "notes": ALL_NOTES,
        "contrasts": [contrast],
    }


ALL_NOTES: list[Row] = [
    {"code": "targets-unmatched", "round": "2015", "count": 3},
    {"code": "clusters-coarser", "round": "2015", "contrast": "origin"},
    {"code": "retests-left-out", "round": "2015"},
    {"code": "retests-left-out", "round": None},
    {"code": "tests-without-wave", "column": "wave", "count": 1},
    {"code": "tests-between-waves", "column": "wave", "count": 2},
    {"code": "wave-without-tests", "round": "2016"},
    {"code": "waves-by-name", "column": "wave"},
    {"code": "places-differ", "places": ["Gent", "Aalst"]},
    {"code": "positive-differs"},
    {"code": "response-days-differ"},
    {"code": "order-differs"},
    {"code": "levels-differ", "contrast": "origin"},
    {"code": "not-in-order"},
    {"code": "one-target", "contrast": "origin", "round": "2019"},
    {"code": "group-unknown", "contrast": "origin", "count": 4},
]

FELL, ROSE = number(-0.12), number(0.12)
NONE, UNKNOWN = number(-0.01, p=0.7), number(-0.01, None)
CASES = {"fell": FELL, "rose": ROSE, "none": NONE, "unknown": UNKNOWN}


def section(report: Report, name: str) -> Section:
    (found,) = [one for one in report.sections if one.id == name]
    return found


def sentences(found: Section, code: str = "en") -> list[str]:
    language = language_named(code)
    return [language.say(block.text) for block in found.blocks if hasattr(block, "text")]


@pytest.mark.parametrize("way", CASES)
@pytest.mark.parametrize("treated", [None, "agent_type=agent", "tested-before"])
@pytest.mark.parametrize("code", LANGUAGES)
def test_every_sentence_can_be_written_in_every_language(way, treated, code):
    document = comparison(
        CASES[way], rounds=3, treated=treated, did=CASES[way] if treated else None
    )
    text = render_markdown(comparison_report(document), language_named(code))
    assert "{" not in text
    assert "nan" not in text.lower().split()
    for unit in ("year", "round"):
        document["time"]["unit"] = unit
        assert render(screen_report(document), language_named(code), "html")


@pytest.mark.parametrize(
    ("way", "word"),
    [
        (
            "fell",
            "fell by 12.0 percentage points (95% interval of the change: \u221217.0 to \u22127.0)",
        ),
        ("rose", "rose by 12.0 percentage points (95% interval of the change: 7.0 to 17.0)"),
        ("none", "no change in the net rate was shown: \u22121.0 percentage points"),
        ("unknown", "do not allow a conclusion"),
    ],
)
def test_the_verdict_matches_the_interval_and_names_the_denominator(way, word):
    report = comparison_report(comparison(CASES[way]))
    (finding,) = [b for b in section(report, "summary").blocks if isinstance(b, Finding)]
    verdict = language_named("en").say(finding.verdict)
    assert word in verdict
    assert "tests with at least one positive reply" in verdict
    assert finding.evidence == {"fell": "test", "rose": "control"}.get(way, way)


def test_a_change_without_a_comparison_group_is_never_called_an_effect():
    for change in CASES.values():
        said = sentences(section(comparison_report(comparison(change)), "claims"))
        assert any("a difference between before and after is not an effect" in s for s in said)
        for word in ("season", "market", "letters"):
            assert any(word in one for one in said)


def test_a_comparison_group_gives_its_own_claim_and_its_assumption():
    document = comparison(FELL, treated="agent_type=agent", did=number(-0.08))
    said = sentences(section(comparison_report(document), "claims"))
    assert "8.0 percentage points" in said[0]
    assert "agent_type: agent" in said[0]
    assert "only if both groups would have changed alike" in said[1]
    new = comparison(FELL, treated="tested-before")
    said = sentences(section(comparison_report(new), "claims"))
    assert "10.0 percentage points lower" in said[0]
    assert "no effect of testing" in said[1]


def test_rates_of_few_targets_are_not_shown():
    document = comparison(FELL, treated="agent_type=agent", did=number(-0.08), few=3)
    report = comparison_report(document)
    (table,) = [b for b in section(report, "composition").blocks if isinstance(b, Table)]
    assert [row[3] is TOO_FEW for row in table.rows] == [False, True, False]
    (groups,) = [b for b in section(report, "groups").blocks if isinstance(b, Table)]
    assert all(row[2] is TOO_FEW and row[3] is None for row in groups.rows)
    text = render_markdown(report, language_named("en"))
    assert "\u22128.0" not in text
    document["contrasts"][0]["stood_out"][0]["targets"] = 2
    (said,) = sentences(section(comparison_report(document), "stood-out"))[1:]
    assert "too few to show a rate" in said


def test_who_stood_out_is_judged_against_chance():
    for after, word in ((0.1, "less than chance"), (0.3, "fits chance"), (0.6, "more than chance")):
        document = comparison(FELL)
        document["contrasts"][0]["stood_out"][0]["after"] = number(after)
        (said,) = sentences(section(comparison_report(document), "stood-out"))[1:]
        assert word in said
        assert "of all 84 tests" in said


@pytest.mark.parametrize("code", LANGUAGES)
def test_sentences_with_a_rate_have_a_denominator_and_an_interval(code):
    document = comparison(FELL, rounds=3, treated="agent_type=agent", did=number(-0.08))
    report = comparison_report(document)
    language = language_named(code)
    of = language.text("compare.of.net_rate_usable")
    for name in ("changes", "groups", "claims"):
        for said in sentences(section(report, name), code):
            if re.search(r"\d[.,]\d", said):
                assert of in said, said
                assert "95" in said, said


def test_tables_for_files_have_one_width_and_no_names():
    document = comparison(FELL, rounds=3, treated="agent_type=agent", did=number(-0.08))
    found = comparison_tables(document)
    assert set(found) == {
        "rates.csv",
        "changes.csv",
        "trends.csv",
        "groups.csv",
        "differences.csv",
        "composition.csv",
        "stood_out.csv",
    }
    for name, (header, rows) in found.items():
        lines = list(rows)
        assert lines, name
        assert {len(line) for line in lines} == {len(header)}, name
