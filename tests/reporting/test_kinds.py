"""Kinds of report: one page, earlier rounds, several rounds, promised and done."""

import copy
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from praktijktest.casework.referral import competent, with_role
from praktijktest.language import Message, language_named
from praktijktest.planning.promises import PlannedTests, Promised, Version, read_promised
from praktijktest.problems import VerificationError
from praktijktest.reporting.blocks import Finding, Flow, Table, Trend
from praktijktest.reporting.document import KINDS, build_report, build_reports
from praktijktest.reporting.fieldwork_flow import fieldwork_flow
from praktijktest.reporting.formats import FORMATS, render
from praktijktest.reporting.promised_section import deviations, done_settings
from praktijktest.reporting.public_bodies import bodies_for
from praktijktest.reporting.references import SOURCES
from praktijktest.vocabulary import GROUNDS, JURISDICTIONS, LANGUAGES, MARKETS
from tests.analysis.logs import run
from tests.analysis.test_other_kinds import CALL_HEADER, CALLS, SINGLE, calls, single
from tests.reporting.documents import DOCUMENTS, contrast, document, ghent, washington
from tests.reporting.test_document import parts


def blocks(report: Any, kind: type) -> list[Any]:
    return [part for part in parts(report) if isinstance(part, kind)]


def text(report: Any, code: str = "en") -> str:
    language = language_named(code)
    return " ".join(language.say(part) for part in parts(report) if isinstance(part, Message))


def round_of(year: int, shift: float = 0.0, **method: Any) -> dict[str, Any]:
    """A round with one contrast, its rates moved by `shift`."""
    entry = contrast("origin", "origin", ("fl", "mo"), (200, 60, 20, 120), targets=40)
    for estimate in entry["estimates"]:
        for end in ("value", "low", "high"):
            if estimate[end] is not None:
                estimate[end] += shift
    found = document([entry], [])
    found["round"] |= {"id": f"r{year}", "start": f"{year}-09-01", "end": f"{year + 1}-03-31"}
    found["method"] |= method
    return found


def promise(analysis: dict[str, Any], *changes: dict[str, Any]) -> Promised:
    """A lock that promised what an analysis did, then amendments that changed settings."""
    settings = done_settings(analysis)
    contrasts = {one["id"]: (one["control"], one["test"]) for one in analysis["contrasts"]}
    versions = []
    for number, change in enumerate(({}, *changes)):
        named = change.get("contrasts", contrasts)
        settings = settings | {key: v for key, v in change.items() if key != "contrasts"}
        tests = PlannedTests(500, dict.fromkeys(named, 250), {("agent_type", "private"): 80})
        versions.append(
            Version(number, f"2026-08-0{number + 1}", f"reason {number}", settings, named, tests)
        )
    return Promised("r", tuple(versions), ())


# ------------------------------------------------------------------ one page


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("kind", ["summary", "council"])
def test_short_kinds_of_every_document_say_something_in_every_language(
    name: str, kind: Any
) -> None:
    report = build_report(DOCUMENTS[name](), kind=kind, earlier=[DOCUMENTS[name]()])
    for code in LANGUAGES:
        assert len(text(report, code)) > 500


def test_the_summary_names_no_target_and_no_small_number() -> None:
    analysis = ghent()
    said = text(build_report(analysis, kind="summary"))
    assert not any(row["pseudonym"] in said or row["target"] in said for row in analysis["targets"])
    assert len(blocks(build_report(analysis, kind="summary"), Finding)) == 2


def test_many_contrasts_stand_in_a_table_and_the_rest_is_counted() -> None:
    contrasts = [
        contrast(f"c{i}", None, ("a", f"level {i}"), (100, 30 + i, 12, 90), targets=40)
        for i in range(40)
    ]
    report = build_report(document(contrasts, []), kind="summary")
    (table,) = blocks(report, Table)
    assert len(table.rows) == 12
    assert "28 more comparisons" in text(report)


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_summary_is_one_page_of_paper(code: str) -> None:
    content = render(build_report(ghent(), kind="summary"), language_named(code), "pdf")
    assert len(PdfReader(BytesIO(content)).pages) == 1


@pytest.mark.parametrize("name", FORMATS)
def test_every_kind_is_written_in_every_format(name: str) -> None:
    analysis = round_of(2026)
    language = language_named("nl")
    for kind in KINDS[1:]:
        report = build_report(
            analysis, kind=kind, earlier=[round_of(2024)], promised=promise(analysis)
        )
        assert render(report, language, name) == render(report, language, name)


def test_bodies_are_those_of_the_table_of_referrals() -> None:
    """The table that people are referred by must agree with the one that cases go by."""
    roles = ("equality-body", "reporting-point")
    for jurisdiction in (*JURISDICTIONS, None):
        for market in MARKETS:
            for ground in GROUNDS:
                known = with_role(competent(jurisdiction or "", market, ground), roles)
                found = bodies_for(jurisdiction, market, [ground])
                assert set(found) == {one.body.code for one in known}, (
                    jurisdiction,
                    market,
                    ground,
                )


# ------------------------------------------------------------------ earlier rounds


@pytest.mark.parametrize(
    ("shift", "word"),
    [(0.3, "The fall was shown"), (-0.3, "The rise was shown"), (0.0, "No change")],
)
def test_a_change_is_said_as_far_as_it_was_shown(shift: float, word: str) -> None:
    report = build_report(round_of(2026), kind="council", earlier=[round_of(2024, shift)])
    assert word in text(report)
    (trend,) = blocks(report, Trend)
    assert trend.rounds == ("2024", "2026")
    assert all(point is not None for point in trend.lines[0].points)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"positive": {"strict": ["viewing-group"]}}, "counted other replies"),
        ({"response_days": 30}, "waited longer or shorter"),
        ({"confidence": 0.9}, "another confidence level"),
    ],
)
def test_a_round_that_measured_otherwise_is_not_compared(change: Any, reason: str) -> None:
    earlier = [round_of(2022), round_of(2024, 0.0, **change)]
    report = build_report(round_of(2026), kind="council", earlier=earlier)
    assert reason in text(report)
    (trend,) = blocks(report, Trend)
    assert [point is not None for point in trend.lines[0].points] == [True, False, True]


def test_of_many_contrasts_those_with_a_shown_difference_come_first() -> None:
    contrasts = [
        contrast(
            f"c{i}", None, ("a", f"level {i}"), (100, 60 if i == 19 else 20, 20, 90), targets=40
        )
        for i in range(20)
    ]
    report = build_report(document(contrasts, []), kind="summary")
    (table,) = [b for b in report.sections[0].blocks if getattr(b, "id", "") == "summary-contrasts"]
    assert table.rows[0][0].values["test"] == "level 19"
    assert [row[0].values["test"] for row in table.rows[1:3]] == ["level 0", "level 1"]


def test_another_contrast_place_or_group_is_not_compared() -> None:
    other = round_of(2024)
    for change, reason in (
        (lambda one: one["round"].update(place="Antwerpen"), "another market or place"),
        (lambda one: one["contrasts"][0].update(test="po"), "other groups"),
        (lambda one: one["contrasts"][0].update(id="age"), "does not have this comparison"),
    ):
        earlier = copy.deepcopy(other)
        change(earlier)
        report = build_report(round_of(2026), kind="council", earlier=[earlier])
        assert reason in text(report)
        assert not blocks(report, Trend)


# ------------------------------------------------------------------ several rounds


def test_rounds_are_chapters_and_are_never_added_up() -> None:
    report = build_reports([round_of(2024), round_of(2026), washington()], kind="summary")
    ids = [section.id for section in report.sections]
    assert len(set(ids)) == len(ids)
    tables = [table.id for table in blocks(report, Table)]
    assert len(set(tables)) == len(tables)
    (side,) = [table for table in blocks(report, Table) if table.id == "rounds-written"]
    assert [row[2] for row in side.rows] == [400, 400, 241]
    assert "never added up" in text(report)
    for name in FORMATS:
        assert render(report, language_named("fr"), name)


def test_calls_stand_beside_letters_and_unpaired_tests(tmp_path: Path) -> None:
    counted = {"complied": 21, "refused": 22, "unclear": 7}
    of_calls = run(tmp_path, calls(counted), CALLS, header=CALL_HEADER).to_dict()
    unpaired = run(tmp_path, single("+" * 60 + "-" * 140, "+" * 30 + "-" * 170), SINGLE).to_dict()
    rounds = [round_of(2026), of_calls, unpaired]
    for kind in ("full", "summary", "council"):
        report = build_reports(rounds, kind=kind)  # type: ignore[arg-type]
        by_id = {table.id: table for table in blocks(report, Table)}
        assert len(by_id["rounds-written"].rows) == 2
        assert [row[2] for row in by_id["rounds-called"].rows] == [50]
        for code in LANGUAGES:
            assert text(report, code)
        for name in FORMATS:
            assert render(report, language_named("nl"), name)
    page = text(build_report(of_calls, kind="summary"))
    assert "In 21 of the 50 calls" in page
    assert "Never add these calls to other tests" in page


def test_one_round_alone_has_no_chapters_and_none_is_refused() -> None:
    analysis = round_of(2026)
    assert build_reports([analysis]) == build_report(analysis)
    with pytest.raises(ValueError, match="needs a round"):
        build_reports([])
    with pytest.raises(ValueError, match="no report of kind"):
        build_report(analysis, kind="novel")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="promised"):
        build_report(analysis, kind="pre-registration")


# ------------------------------------------------------------------ promised and done


def test_what_was_done_as_promised_is_no_deviation() -> None:
    analysis = round_of(2026)
    assert list(deviations(analysis, promise(analysis))) == []
    report = build_report(analysis, kind="pre-registration", promised=promise(analysis))
    assert "There are no deviations" in text(report)


def test_every_setting_that_changed_is_a_deviation_with_its_amendment() -> None:
    analysis = round_of(2026)
    done = done_settings(analysis)
    other = {"min_tests": 25, "alpha": 0.2, "response_days": 30, "order": "test-first"}
    # First promised otherwise, then amended to what was done.
    found = promise(analysis, done)
    first = found.versions[0]
    changed = Version(0, first.at, "", {**first.settings, **other}, first.contrasts, first.tests)
    amended = Promised("r", (changed, found.versions[1]), ())
    covered = list(deviations(analysis, amended))
    assert {one.amendment for one in covered} == {1}
    assert len(covered) == len(other)
    silent = list(deviations(analysis, Promised("r", (changed,), ())))
    assert [one.amendment for one in silent] == [None] * len(other)


def test_an_amendment_that_was_taken_back_covers_nothing() -> None:
    analysis = round_of(2026)
    done = done_settings(analysis)
    found = promise(analysis, {"min_tests": 25}, {"min_tests": 10}, {"min_tests": 30})
    assert done["min_tests"] == 10
    first = found.versions[0]
    started = Version(
        0, first.at, "", {**first.settings, "min_tests": 5}, first.contrasts, first.tests
    )
    (one,) = deviations(analysis, Promised("r", (started, *found.versions[1:]), ()))
    assert one.amendment is None
    (two,) = deviations(analysis, Promised("r", (started, *found.versions[1:3]), ()))
    assert two.amendment == 2


def test_an_amendment_that_was_announced_and_not_followed_is_a_deviation() -> None:
    analysis = round_of(2026)
    (one,) = deviations(analysis, promise(analysis, {"min_tests": 30}))
    assert one.amendment is None
    assert one.unfollowed == 1
    said = text(
        build_report(
            analysis, kind="pre-registration", promised=promise(analysis, {"min_tests": 30})
        )
    )
    assert "amendment 1 was announced and not followed" in said


def test_a_contrast_that_nobody_promised_is_exploratory() -> None:
    analysis = round_of(2026)
    found = promise(analysis)
    first = found.versions[0]
    named = {"age": ("35", "55")}
    promised = Promised(
        "r", (Version(0, first.at, "", first.settings, named, first.tests),), ("design",)
    )
    by_name = {one.what.values["name"]: one for one in deviations(analysis, promised)}
    assert by_name["origin"].exploratory
    assert not by_name["age"].exploratory
    said = text(build_report(analysis, kind="pre-registration", promised=promised))
    assert "exploratory" in said
    assert "not everything is as it was locked (design)" in said


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real round folder: planned, locked, then amended."""
    from praktijktest.rounds.amend import amend_round
    from praktijktest.rounds.init import init_round
    from praktijktest.rounds.lock import lock_round
    from praktijktest.rounds.plan import plan_round

    folder = tmp_path_factory.mktemp("promised") / "gent"
    init_round(folder, "housing", "nl")
    plan_round(folder)
    lock_round(folder, datetime.fromisoformat("2027-01-10T09:00:00+01:00"))
    design = folder.parent / "amended.toml"
    words = (folder / "design.toml").read_text(encoding="utf-8")
    assert "[flagging]" in words
    design.write_text(words.replace("[flagging]", "[flagging]\ngrey_midp = 0.2"), encoding="utf-8")
    moment = datetime.fromisoformat("2027-02-15T18:00:00+01:00")
    amend_round(folder, "a wider grey zone", design=design, at=moment)
    return folder


def test_a_locked_folder_says_what_it_promised_before_and_after(locked: Path) -> None:
    found = read_promised(locked)
    assert [one.number for one in found.versions] == [0, 1]
    assert [one.settings["grey_midp"] for one in found.versions] == [0.05, 0.2]
    assert found.versions[1].reason == "a wider grey zone"
    assert found.versions[0].at.startswith("2027-01-10")
    assert found.versions[0].tests.total > 0
    assert sum(found.versions[0].tests.by_contrast.values()) >= found.versions[0].tests.total
    assert found.broken == ()


def test_a_folder_without_a_lock_or_a_kept_version_is_refused(locked: Path, tmp_path: Path) -> None:
    import shutil

    with pytest.raises(VerificationError, match="not locked"):
        read_promised(tmp_path)
    folder = Path(shutil.copytree(locked, tmp_path / "round"))
    (folder / "amendments/001/old/design.toml").unlink()
    with pytest.raises(VerificationError, match="is missing"):
        read_promised(folder)


# ------------------------------------------------------------------ the full report


def test_the_flow_of_tests_adds_up() -> None:
    analysis = ghent()
    flow = fieldwork_flow(analysis)
    assert isinstance(flow, Flow)
    read, valid, usable = flow.steps
    assert read.count - sum(n for _, n in read.leaving) == valid.count
    assert valid.count - sum(n for _, n in valid.leaving) == usable.count
    assert usable.count == analysis["data"]["tests_usable"]
    assert [one.count for one in flow.branches] == [
        entry["tests"]
        for entry in analysis["contrasts"]
        if entry["primary"] and not entry["stratum"]
    ]


def test_counts_that_are_hidden_or_do_not_add_up_are_not_drawn() -> None:
    analysis = ghent()
    analysis["data"]["tests_usable"] = analysis["data"]["tests"]
    assert fieldwork_flow(analysis) is None
    analysis["data"]["tests_usable"] = None
    assert fieldwork_flow(analysis) is None


def test_references_are_those_of_the_methods_used() -> None:
    def cited(analysis: dict[str, Any]) -> str:
        (section,) = [one for one in build_report(analysis).sections if one.id == "references"]
        return text(section)

    pairs = cited(washington())
    assert "McNemar" in pairs
    assert "Tango" in pairs
    assert "Benjamini" not in pairs
    analysis = ghent()
    analysis["flag_rule"]["rule"] = "by"
    assert "Yekutieli" in cited(analysis)
    assert all(source[-1] == "." and "(" in source for source in SOURCES.values())


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_study_is_described_with_its_own_numbers(code: str) -> None:
    report = build_report(washington())
    (section,) = [one for one in report.sections if one.id == "description"]
    said = text(section, code)
    for number in ("241", "40", "46", "14", "141", "100"):
        assert number in said


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_share_of_calls_that_may_be_quoted_says_what_was_asked(
    code: str, tmp_path: Path
) -> None:
    counted = {"complied": 21, "refused": 22, "unclear": 7}
    analysis = run(tmp_path, calls(counted), CALLS, header=CALL_HEADER).to_dict()
    (request,) = {entry["request"] for entry in analysis["contrasts"]}
    report = build_report(
        analysis | {"disclosure": {"min_cell": 5, "min_targets": 3}}, kind="summary"
    )
    said = " ".join(render(report, language_named(code), "md").decode().split())
    assert said.count(request) == len(("asked", "how certain", "how to quote"))
