"""Comparisons of rounds: the same by folders and within a log, who recurs, what is refused."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from praktijktest.problems import DataError, UsageError
from praktijktest.rounds.analyse import analyse_round
from praktijktest.rounds.compare import Comparison, compare_reports, compare_waves
from praktijktest.rounds.compared_ledger import read_folder
from praktijktest.rounds.compared_log import waves_of_log
from praktijktest.rounds.compared_reports import compared_report, read_report
from praktijktest.rounds.comparison_folder import write_comparison
from praktijktest.rounds.renderings import FULL, renderings_of
from praktijktest.rounds.report_folder import write_report_folder
from praktijktest.rounds.verify import verify
from praktijktest.rounds.wave_changes import stood_out
from tests.rounds.compared_rounds import DESIGN, report, rows_of, spread, write_design, write_log
from tests.rounds.ledger_rounds import filled_round

FIRST = {"a": "bccn", "b": "bbc", "c": "ccnb", "d": "btcn", "e": "cccb", "f": "bn"}
SECOND = {"c": "bbcn", "d": "bbn", "e": "bccn", "f": "btt", "g": "bcn", "h": "bcc"}
THIRD = {"a": "bbtn", "c": "bcb", "g": "bn", "h": "bt", "i": "bcbn"}
TIME = "start = {0}-01-01\nend = {0}-12-31"


def sorted_waves(*waves: tuple[str, dict[str, str]]) -> list:
    return [test for name, cells in waves for test in spread(name, cells)]


TESTS = sorted_waves(("2015", FIRST), ("2019", SECOND))


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("compared")


@pytest.fixture(scope="module")
def rounds(home) -> list[Path]:
    """Three rounds of one place."""
    return [
        report(
            home / year, rows_of(spread(year, cells)), id=f"gent-{year}", dates=TIME.format(year)
        )
        for year, cells in (("2015", FIRST), ("2019", SECOND), ("2022", THIRD))
    ]


def waves(folder: Path, tests, *, treated: str | None = None, more: str = "") -> Comparison:
    rows = (
        rows_of(tests) if not isinstance(tests, list) or not isinstance(tests[0], list) else tests
    )
    log, design = write_log(folder, rows), write_design(folder, more)
    return compare_waves([log], design, "wave", treated=treated)


def of(found: Comparison, part: str, measure: str = "net_rate_all") -> list[dict]:
    return [row for row in found.contrasts[0][part] if row["measure"] == measure]


def test_rates_and_changes_are_those_of_the_tests(rounds):
    found = compare_reports(rounds[:2])
    # 2015: 9 only the control, 1 only the test applicant, 21 tests; 17 with a positive reply.
    assert [row["value"] for row in of(found, "rates")] == pytest.approx([8 / 21, 4 / 20])
    usable = of(found, "rates", "net_rate_usable")
    assert [(row["n"], row["tests"], row["targets"]) for row in usable] == [
        (17, 21, 6),
        (16, 20, 6),
    ]
    (change,) = of(found, "changes")
    assert change["value"] == pytest.approx(4 / 20 - 8 / 21)
    assert (change["recurring_targets"], change["clusters"]) == (4, 8)
    assert change["low"] < change["value"] < change["high"]


def test_every_rate_is_that_of_the_report_of_its_round(rounds):
    found = compare_reports(rounds)
    for place, folder in enumerate(rounds):
        document = json.loads((folder / "analysis.json").read_text(encoding="utf-8"))
        (entry,) = [e for e in document["contrasts"] if e["primary"] and e["stratum"] is None]
        for measure in ("net_rate_usable", "net_rate_all"):
            (told,) = [
                e
                for e in entry["estimates"]
                if e["name"] == measure and e["scope"] == "targets-like-these"
            ]
            row = of(found, "rates", measure)[place]
            for name in ("value", "low", "high", "n"):
                assert row[name] == pytest.approx(told[name], abs=1e-12), (measure, name)


def test_a_log_by_wave_gives_what_the_folders_give(rounds, tmp_path):
    tests = sorted_waves(("2015", FIRST), ("2019", SECOND), ("2022", THIRD))
    by_wave = waves(tmp_path, tests, treated="tested-before")
    by_folders = compare_reports(rounds, treated="tested-before")
    for one, other in zip(by_wave.contrasts, by_folders.contrasts, strict=True):
        # Waves called 2015 and 2019 are four years apart, to the day; so are the rounds, nearly.
        slopes = [[row["value"] for row in found["trends"]] for found in (one, other)]
        assert slopes[0] == pytest.approx(slopes[1], rel=1e-3)
        assert {**one, "trends": None} == {**other, "trends": None}


def test_the_order_of_rows_does_not_matter_and_that_of_rounds_turns_the_sign(rounds, tmp_path):
    rows = rows_of(TESTS)
    there = waves(tmp_path / "a", TESTS)
    assert waves(tmp_path / "b", rows[::-1]).contrasts == there.contrasts
    back = compare_reports(rounds[1::-1])
    for measure in ("net_rate_usable", "net_rate_all"):
        (one,), (other,) = of(there, "changes", measure), of(back, "changes", measure)
        assert (other["value"], other["low"]) == pytest.approx((-one["value"], -one["high"]))
        assert other["p"] == pytest.approx(one["p"])
    assert {"code": "not-in-order"} in back.notes
    with pytest.raises(UsageError, match="earliest first"):
        compare_reports(rounds[1::-1], treated="tested-before")


def test_a_log_in_two_files_is_one_log(tmp_path):
    rows = rows_of(TESTS)
    design = write_design(tmp_path)
    # The applications of one test may even stand in different files.
    parts = [
        write_log(tmp_path, rows[:25], "first.csv"),
        write_log(tmp_path, rows[25:], "second.csv"),
    ]
    together = compare_waves(parts, design, "wave")
    assert together.contrasts == waves(tmp_path, TESTS).contrasts
    assert [source["file"] for source in together.sources] == [
        "first.csv",
        "second.csv",
        "design.toml",
    ]


def test_targets_that_recur_make_the_interval_of_a_change_narrower(tmp_path):
    shares = dict(zip("abcdefgh", (0, 1, 2, 3, 0, 1, 2, 3), strict=True))
    cells = {name: "c" * k + "b" * (8 - k) for name, k in shares.items()}
    later = {name: "c" * max(k - 1, 0) + "b" * 7 for name, k in shares.items()}
    same = waves(tmp_path / "same", sorted_waves(("1", cells), ("2", later)))
    apart = {f"{name}-new": letters for name, letters in later.items()}
    others = waves(tmp_path / "apart", sorted_waves(("1", cells), ("2", apart)))
    assert of(same, "changes")[0]["value"] == of(others, "changes")[0]["value"]
    assert of(same, "changes")[0]["se"] < of(others, "changes")[0]["se"] / 2
    assert [of(f, "changes")[0]["recurring_targets"] for f in (same, others)] == [8, 0]


def test_a_trend_follows_the_dates(rounds, tmp_path):
    found = compare_reports(rounds)
    assert found.time["unit"] == "year"
    assert found.time["rounds"] == pytest.approx([2015.5, 2019.5, 2022.5], abs=0.01)
    values = [row["value"] for row in of(found, "rates")]
    times = [2015.5, 2019.5, 2022.5]
    mean = sum(times) / 3
    slope = sum((t - mean) * v for t, v in zip(times, values, strict=True))
    slope /= sum((t - mean) ** 2 for t in times)
    assert of(found, "trends")[0]["value"] == pytest.approx(slope, rel=1e-3)
    named = waves(tmp_path, sorted_waves(("before", FIRST), ("after", SECOND)))
    assert named.time["unit"] == "round"
    assert [one["label"] for one in named.rounds] == ["after", "before"]
    assert {"code": "waves-by-name", "column": "wave"} in named.notes


def test_waves_with_dates_stand_in_the_order_of_time(tmp_path):
    rows = rows_of(sorted_waves(("before", FIRST), ("after", SECOND)))
    for row in rows:
        row[6] = f"{'2015' if row[2] == 'before' else '2019'}-03-0{1 + len(row[1]) % 3}T09:00"
    found = waves(tmp_path, rows)
    assert [one["label"] for one in found.rounds] == ["before", "after"]
    assert found.rounds[0]["start"][:7] == "2015-03"
    assert "waves-by-name" not in [note["code"] for note in found.notes]


def test_who_stayed_left_and_is_new(rounds):
    (row,) = of(compare_reports(rounds[:2]), "composition")
    assert (row["stayed"], row["left"], row["new"]) == (4, 2, 2)
    assert row["stayed_before"]["tests"] + row["left_before"]["tests"] == 21
    assert row["stayed_after"]["tests"] + row["new_after"]["tests"] == 20
    # c, d, e, f: 6 only the control and 1 only the test applicant of 14; then 3 and 2 of 14.
    assert row["stayed_change"]["value"] == pytest.approx(1 / 14 - 5 / 14)
    names = json.dumps(compare_reports(rounds[:2]).to_dict())
    assert not any(f'"{name}"' in names for name in "abcdefgh")


def test_treated_against_others_is_the_difference_of_two_changes(tmp_path):
    private = {f"p-{name}": letters for name, letters in FIRST.items()}
    tests = [
        *TESTS,
        *spread("2015", private, "private"),
        *spread("2019", {k: "b" + v for k, v in private.items()}, "private"),
    ]
    found = waves(tmp_path, tests, treated="agent_type=agent")
    (row,) = of(found, "difference_in_differences")
    others = 8 / 27 - 8 / 21
    assert row["value"] == pytest.approx(4 / 20 - 8 / 21 - others)
    assert row["tests"] == {"treated": [21, 20], "others": [21, 27]}
    before, after = of(found, "groups")
    for name in ("treated", "others"):
        assert before[name]["value"] == pytest.approx(8 / 21)
    assert after["difference"]["value"] == pytest.approx(4 / 20 - 8 / 27)
    turned = waves(tmp_path, tests, treated="agent_type=private")
    assert of(turned, "difference_in_differences")[0]["value"] == pytest.approx(-row["value"])


def test_tested_before_compares_within_a_round_and_differences_from_the_second_on(rounds):
    two = compare_reports(rounds[:2], treated="tested-before")
    assert of(two, "difference_in_differences") == []
    (row,) = of(two, "groups")
    assert (row["round"], row["treated"]["targets"], row["others"]["targets"]) == (1, 4, 2)
    assert row["treated"]["value"] == pytest.approx(1 / 14)
    assert row["others"]["value"] == pytest.approx(3 / 6)
    (step,) = of(compare_reports(rounds, treated="tested-before"), "difference_in_differences")
    assert (step["from"], step["to"]) == (1, 2)
    # Tested before 2019: c, d, e, f, then a and c. First tested in 2019 or later: g, h, then i too.
    assert step["targets"] == {"treated": [4, 2], "others": [2, 3]}


def test_another_place_is_the_comparison_group(rounds, home):
    elsewhere = [
        report(
            home / f"else-{year}",
            rows_of(spread(year, cells)),
            id=f"else-{year}",
            place="Aalst",
            dates=TIME.format(year),
        )
        for year, cells in (("2015", FIRST), ("2019", FIRST))
    ]
    found = compare_reports(rounds[:2], comparison=elsewhere)
    alone = compare_reports(rounds[:2])
    assert found.treated == "place"
    assert [row["label"] for row in found.comparison_rounds] == ["2015, Aalst", "2019, Aalst"]
    assert of(found, "changes") == of(alone, "changes")
    (row,) = of(found, "difference_in_differences")
    assert row["value"] == pytest.approx(4 / 20 - 8 / 21)
    # Ids of another place are other targets, although they read alike.
    assert row["clusters"] == 8 + 6
    assert "places-differ" not in [note["code"] for note in found.notes]
    with pytest.raises(UsageError, match="one for every round"):
        compare_reports(rounds[:2], comparison=elsewhere[:1])
    with pytest.raises(UsageError, match="name one"):
        compare_reports(rounds[:2], comparison=elsewhere, treated="tested-before")
    mixed = compare_reports([rounds[0], elsewhere[1]])
    assert {"code": "places-differ", "places": ["Gent", "Aalst"]} in mixed.notes
    assert of(mixed, "changes")[0]["recurring_targets"] == 0


def test_who_stood_out_stands_beside_what_chance_would_make_of_it(tmp_path):
    quiet = {f"q{k}": "bbbbbbbnnn" for k in range(30)}
    loud = {f"l{k}": "ccccccbbnn" for k in range(3)}
    later = {f"l{k}": "cccbbbbnnn" for k in range(3)}
    found = waves(tmp_path, sorted_waves(("1", {**quiet, **loud}), ("2", {**quiet, **later})))
    (row,) = found.contrasts[0]["stood_out"]
    assert (row["targets"], row["tests_before"], row["tests_after"]) == (3, 30, 30)
    assert row["before"] == pytest.approx(0.6)
    assert row["after"]["value"] == pytest.approx(0.3)
    assert row["low"] <= row["expected"] <= row["high"]
    assert row["expected"] < row["before"]
    parts, _ = waves_of_log([tmp_path / "log.csv"], tmp_path / "design.toml", "wave", None)
    units = [one.tests["origin"] for one in parts]
    assert stood_out(units, 0.05, 0.95, [2.0, 1.0]) == []  # given last to first


def test_tests_without_one_wave_are_counted_and_left_out(tmp_path):
    rows = rows_of(TESTS)
    rows[0][2] = "2019"  # the two applicants of the first test disagree
    rows[2][2] = rows[3][2] = ""
    rows += rows_of([replace(TESTS[0], wave="2016")])
    for row in rows[-2:]:
        row[0] = "late"
    rows[-1][5] = "bounced"
    found = waves(tmp_path, rows)
    assert {"code": "tests-between-waves", "column": "wave", "count": 1} in found.notes
    assert {"code": "tests-without-wave", "column": "wave", "count": 1} in found.notes
    assert {"code": "wave-without-tests", "round": "2016"} in found.notes
    assert [row["tests"] for row in of(found, "rates")] == [19, 20]


def test_fresh_tests_of_the_flagged_have_no_part(home, rounds, tmp_path):
    fresh = [replace(test, phase="confirm") for test in spread("2019", {"e": "nnnnnn"})]
    screened = [replace(test, phase="screen") for test in spread("2019", SECOND)]
    with_fresh = report(
        home / "fresh", rows_of([*screened, *fresh]), id="fresh", dates=TIME.format("2019")
    )
    found = compare_reports([rounds[0], with_fresh])
    assert of(found, "changes") == of(compare_reports(rounds[:2]), "changes")
    assert {"code": "retests-left-out", "round": "2019"} in found.notes


WITHIN = """
format = 1
[round]
id = "{id}"
market = "housing"
[test]
kind = "paired"
[[contrast]]
id = "origin"
attribute = "origin"
ground = "origin"
control = "flemish"
test = ["moroccan", "turkish"]
pool = true
within = ["gender"]
[outcomes]
scheme = "housing"
[columns.attributes]
origin = "origin"
gender = "gender"
[columns.values.origin]
"F" = "flemish"
[reading]
same_profile = "{primary}"
"""


@pytest.mark.parametrize("rule", ["best", "first", "mean"])
def test_folders_follow_the_rules_of_the_analysis_for_levels_and_repeats(home, tmp_path, rule):
    """Recoded and pooled levels, pairs within a test, several applications of one level."""
    header = "test,target,wave,origin,gender,position,outcome,failed"
    lines = []
    for wave in ("1", "2"):
        for number in range(24):
            test = f"{wave}-{number:02d},agent-{number % 5},{wave}"
            for place, (origin, gender) in enumerate(
                [("F", "man"), ("moroccan", "man"), ("F", "woman"), ("turkish", "woman")] * 2
            ):
                yes = (number * 7 + place * 5 + int(wave) * 3) % 4 < 2 - (origin != "F")
                outcome = "viewing-group" if yes else "no-reply"
                failed = "wrong-text" if number == 20 else ""
                lines.append(f"{test},{origin},{gender},{place + 1},{outcome},{failed}")
    folders = []
    for wave in ("1", "2", "both"):
        some = [line for line in lines if wave == "both" or line.split(",")[2] == wave]
        folder = home / f"{rule}-{wave}"
        design = write_design(folder, text=WITHIN, primary=rule, id=f"{rule}-{wave}")
        (folder / "log.csv").write_text("\n".join([header, *some]) + "\n", encoding="utf-8")
        if wave != "both":
            folders.append(_report(folder, design))
    log = home / f"{rule}-both"
    by_folders = compare_reports(folders)
    by_wave = compare_waves([log / "log.csv"], log / "design.toml", "wave")
    if rule == "mean":
        # Nobody can be flagged by means, so the report knows no own ids: nobody recurs.
        assert {"code": "targets-unmatched", "round": "mean-1", "count": 24} in by_folders.notes
        for one, other in zip(
            of(by_folders, "rates", "mean_difference"),
            of(by_wave, "rates", "mean_difference"),
            strict=True,
        ):
            assert one == other
    else:
        assert by_folders.contrasts == by_wave.contrasts
    assert of(by_folders, "rates", by_folders.contrasts[0]["rates"][0]["measure"])[0]["tests"] == 23


def _report(folder: Path, design: Path) -> Path:
    from praktijktest.rounds.analyse import analyse
    from praktijktest.rounds.renderings import FULL, renderings_of
    from praktijktest.rounds.report_folder import write_report_folder

    log = folder / "log.csv"
    shown = renderings_of(FULL, ["en"], ["md"])
    analysis = analyse([log], design)
    write_report_folder(
        analysis, folder / folder.name, logs=[log], design_file=design, renderings=shown
    )  # fmt: skip
    return folder / folder.name


def test_targets_flagged_as_a_group_are_not_taken_for_those_of_another_round(home, rounds):
    """A pseudonym without an own id in the analysis must not meet the same one elsewhere."""
    more = '[flagging]\nonly = { agent_type = ["agent"] }\n'
    tests = spread("2019", SECOND, "private") + spread("2019", {"a": "bcn", "z": "bc"})
    partly = report(
        home / "partly", rows_of(tests), more=more, id="partly", dates=TIME.format("2019")
    )
    found = compare_reports([rounds[0], partly])
    assert {"code": "targets-unmatched", "round": "2019", "count": 20} in found.notes
    (change,) = of(found, "changes")
    assert (change["recurring_targets"], change["clusters"]) == (1, 6 + 8 - 1)


def test_a_round_folder_is_compared_as_its_report_would_be(tmp_path):
    folder = filled_round(tmp_path / "round", uncoded=False)
    read = read_folder(folder)
    renderings = renderings_of(FULL, ["en"], ["md"])
    found = analyse_round(folder)
    write_report_folder(
        found.analysis,
        tmp_path / "report",
        logs=[],
        design_file=folder / "design.toml",
        renderings=renderings,
        ledger=found.ledger,
    )
    again = read_report(tmp_path / "report")
    assert read.document == again.document
    assert read.sha256 == again.sha256
    assert again.targets.items() <= read.targets.items()
    mine, theirs = (compared_report(one, "round", None) for one in (read, again))
    assert mine.tests.keys() == theirs.tests.keys()
    for name, tests in mine.tests.items():
        assert len(tests)
        for part in ("test", "control", "tested"):
            assert (getattr(tests, part) == getattr(theirs.tests[name], part)).all()
    with pytest.raises(UsageError, match="round holds the analysis of report"):
        compare_reports([tmp_path / "report", folder])


def test_declared_clusters_larger_than_targets_are_used_in_a_log_and_missed_in_folders(
    home, tmp_path
):
    """A report folder names no clusters; what that does to its intervals is said."""
    more = '[columns]\ncluster = "agent_type"\n'
    both = [*TESTS, *spread("2015", {"p": "bcc", "q": "bt"}, "private")]
    both += spread("2019", {"p": "bcn", "r": "bt"}, "private")
    (change,) = of(waves(tmp_path, both, more=more), "changes")
    assert (change["clusters"], change["df"], change["recurring_targets"]) == (2, 1, 5)
    folders = [
        report(
            home / f"city-{year}",
            rows_of([test for test in both if test.wave == year]),
            more=more,
            id=f"city-{year}",
            dates=TIME.format(year),
        )
        for year in ("2015", "2019")
    ]
    found = compare_reports(folders)
    assert of(found, "changes")[0]["clusters"] == 8 + 3
    assert [note["code"] for note in found.notes] == ["clusters-coarser"] * 2


def test_rounds_that_were_not_counted_alike_are_named(home, rounds):
    other = report(
        home / "other",
        rows_of(spread("2019", SECOND)),
        text=DESIGN.replace('kind = "paired"', 'kind = "paired"\nresponse_days = 30').replace(
            'order = "random"', 'order = "test-first"'
        ),
        more='[outcomes.positive]\nstrict = ["offer"]\nbroad = ["offer"]\n'.replace(
            "offer", "viewing-individual"
        ),
        id="other",
        dates=TIME.format("2019"),
    )
    found = {note["code"] for note in compare_reports([rounds[0], other]).notes}
    assert {"positive-differs", "response-days-differ", "order-differs"} <= found


def test_a_wave_of_one_target_has_a_rate_and_no_interval(tmp_path):
    found = waves(tmp_path, sorted_waves(("1", FIRST), ("2", {"a": "bcn"})))
    assert {"code": "one-target", "contrast": "origin", "round": "2"} in found.notes
    (change,) = of(found, "changes")
    assert change["value"] is not None
    assert (change["low"], change["p"]) == (None, None)


def test_a_group_that_one_round_lacks_leaves_no_difference(tmp_path):
    tests = [*TESTS, *spread("2015", {"p": "bc", "q": "cc"}, "private")]
    found = waves(tmp_path, tests, treated="agent_type=private")
    assert of(found, "difference_in_differences")[0]["value"] is None


@pytest.mark.parametrize(
    ("treated", "what"),
    [
        ("agent_type=agents", "No test has 'agent_type' equal to 'agents'"),
        ("agents", "column=value"),
        ("=agent", "column=value"),
    ],
)
def test_a_group_that_cannot_be_meant_is_refused(rounds, tmp_path, treated, what):
    with pytest.raises(UsageError, match=re.escape(what)):
        compare_reports(rounds[:2], treated=treated)
    with pytest.raises(UsageError, match=re.escape(what)):
        waves(tmp_path, TESTS, treated=treated)


def test_columns_that_are_absent_are_named(rounds, tmp_path):
    with pytest.raises(UsageError, match=r"no column 'sector'; it has: agent_type\. Add it"):
        compare_reports(rounds[:2], treated="sector=small")
    with pytest.raises(UsageError, match=r"--treated names a column .*'sector'.* It has: test"):
        waves(tmp_path, TESTS, treated="sector=small")
    log, design = write_log(tmp_path, rows_of(TESTS)), write_design(tmp_path)
    with pytest.raises(UsageError, match=r"--by names a column .*'year'.* It has: test"):
        compare_waves([log], design, "year")


def test_what_cannot_be_compared_is_refused(home, rounds, tmp_path):
    with pytest.raises(UsageError, match="two rounds or more"):
        compare_reports(rounds[:1])
    with pytest.raises(UsageError, match="2015 is named twice"):
        compare_reports([rounds[0], rounds[0]])
    shutil.copytree(rounds[0], tmp_path / "copy")
    with pytest.raises(UsageError, match="copy holds the analysis of 2015"):
        compare_reports([rounds[0], tmp_path / "copy"])
    with pytest.raises(UsageError, match="neither a report folder nor a round folder"):
        compare_reports([rounds[0], tmp_path])
    with pytest.raises(UsageError, match="needs tests of two waves; column 'wave' has only '2015'"):
        waves(tmp_path / "one", spread("2015", FIRST))
    broad = report(home / "broad", rows_of(spread("2019", SECOND)), id="broad", primary="broad")
    with pytest.raises(UsageError, match="broad, strict"):
        compare_reports([rounds[0], broad])
    age = DESIGN.replace('id = "origin"\na', 'id = "age"\na')
    aged = report(home / "aged", rows_of(spread("2019", SECOND)), text=age, id="aged")
    with pytest.raises(
        UsageError, match=r"No contrast has tests in every round \(gent-2015: origin"
    ):
        compare_reports([rounds[0], aged])


def test_tests_without_pairs_are_refused(tmp_path):
    single = DESIGN.replace('kind = "paired"', 'kind = "single"')
    log = write_log(tmp_path, rows_of(TESTS)[::2])
    design = write_design(tmp_path, text=single)
    with pytest.raises(UsageError, match="kind 'single'"):
        compare_waves([log], design, "wave")


@pytest.mark.parametrize(
    ("file", "damage"),
    [
        ("analysis.json", lambda text: text[:300]),
        ("analysis.json", lambda text: text.replace('"method"', '"methods"')),
        ("applications.csv", lambda text: text.replace(",status", ",state", 1)),
        ("applications.csv", lambda text: "\n".join(text.splitlines()[:-4])),
        ("design.toml", lambda text: text.replace("format = 1", "format = ")),
    ],
)
def test_a_damaged_folder_is_named(rounds, tmp_path, file, damage):
    folder = Path(shutil.copytree(rounds[1], tmp_path / "damaged"))
    content = (folder / file).read_text(encoding="utf-8")
    (folder / file).write_text(damage(content), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        compare_reports([rounds[0], folder])
    (problem,) = caught.value.problems
    assert (problem.code, problem.file) == ("damaged-report", "damaged")


def test_the_folder_of_a_comparison_is_whole_and_verify_sees_what_changed(rounds, tmp_path):
    found = compare_reports(rounds, treated="tested-before")
    out = tmp_path / "out"
    files = write_comparison(found, out, languages=["nl", "fr"], formats=["html", "md"])
    assert files == ["report.nl.html", "report.nl.md", "report.fr.html", "report.fr.md"]
    assert json.loads((out / "comparison.json").read_text(encoding="utf-8")) == found.to_dict()
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["kind"] == "comparison"
    assert [entry["file"] for entry in manifest["inputs"]] == [
        f"{year}/analysis.json" for year in ("2015", "2019", "2022")
    ]
    rates = (out / "tables" / "rates.csv").read_text(encoding="utf-8").splitlines()
    assert len(rates) == 1 + 2 * 3
    write_comparison(found, tmp_path / "again", languages=["nl", "fr"], formats=["html", "md"])
    for path in sorted(out.rglob("*")):
        if path.is_file():
            assert path.read_bytes() == (tmp_path / "again" / path.relative_to(out)).read_bytes()
    held = verify(out)
    assert held.holds, held.problems
    assert any("rendered once more from comparison.json" in line for line in held.checked)
    with pytest.raises(UsageError, match="this is a comparison"):
        verify(out, [rounds[0]])
    with pytest.raises(UsageError, match="is itself a comparison"):
        compare_reports([rounds[0], out])
    with pytest.raises(UsageError, match="other files"):
        write_comparison(found, rounds[0].parent)
    page = out / "report.nl.html"
    page.write_text(page.read_text(encoding="utf-8").replace("2019", "2020"), encoding="utf-8")
    assert {p.code for p in verify(out).problems} == {"output-changed", "rendering-differs"}
