"""Rounds and studies pooled, from files to numbers."""

import csv
import json
from collections.abc import Sequence
from math import exp, log, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from praktijktest.problems import UsageError
from praktijktest.rounds.pool import pool_rounds
from praktijktest.rounds.pool_effects import Origin, StudyEffect, from_cells, from_margins
from praktijktest.rounds.pooled_ground import pooled_ground
from praktijktest.statistics.cells import Cells
from praktijktest.statistics.pooling import pool
from tests.statistics import reference

SHARED = Path(__file__).parents[2].parent / "shared"
HOUSING = SHARED / "data" / "verhaeghe_housing_meta_2026" / "housing_meta.csv"
PAIRS = SHARED / "reference" / "published_pairs.csv"
MARGINALS = SHARED / "reference" / "published_marginals.csv"
GHENT = Path(__file__).parents[2] / "reports" / "ghent-simulated"
needs_reference = pytest.mark.skipif(not reference.entries(), reason=reference.ABSENT)
needs_housing = pytest.mark.skipif(
    not HOUSING.is_file(), reason="the data of other studies (../shared/data) are not here"
)


def table(folder: Path, header: str, *rows: str) -> Path:
    file = folder / "studies.csv"
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return file


def only(found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    assert len(found) == 1
    return found[0]


def codes(ground: dict[str, Any]) -> set[str]:
    return {said["code"] for said in ground["messages"]}


@needs_reference
def test_published_effects_as_metafor(tmp_path: Path) -> None:
    """`meta_reml`, `meta_hksj` and `meta_dl_pm_fe` through the table of studies."""
    entry = reference.entries()["meta_reml"]
    inputs = entry["inputs"]
    rows = [
        f"{city},{y},{v}"
        for city, y, v in zip(inputs["city"], inputs["yi"], inputs["vi"], strict=True)
    ]
    ground = only(pool_rounds(studies=table(tmp_path, "label,effect,variance", *rows)).grounds)
    two_level, normal = ground["two_level"], entry["outputs"]
    knapp = reference.entries()["meta_hksj"]["outputs"]
    others = reference.entries()["meta_dl_pm_fe"]["outputs"]
    assert ground["model"] == "reml"
    assert ground["pooled"]["value"] == pytest.approx(normal["est"], abs=1e-10)
    assert [two_level["normal"][end] for end in ("low", "high")] == pytest.approx(
        normal["ci"], abs=1e-9
    )
    assert [ground["pooled"][end] for end in ("low", "high")] == pytest.approx(
        knapp["ci"], abs=1e-9
    )
    assert ground["pooled"]["p"] == pytest.approx(knapp["p"], abs=1e-9)
    assert [ground["prediction"][end] for end in ("low", "high")] == pytest.approx(
        knapp["pi"], abs=1e-3
    )
    assert two_level["tau2"] == pytest.approx(normal["tau2"], abs=1e-10)
    assert two_level["tau2_dl"] == pytest.approx(others["dl_tau2"], abs=1e-10)
    assert two_level["tau2_pm"] == pytest.approx(others["pm_tau2"], abs=1e-9)
    assert 100 * two_level["i2"] == pytest.approx(normal["I2"], abs=1e-6)
    assert two_level["q"] == pytest.approx(normal["Q"], abs=1e-8)
    assert two_level["fixed"]["value"] == pytest.approx(others["fe_est"], abs=1e-10)
    assert two_level["fixed"]["se"] == pytest.approx(others["fe_se"], abs=1e-10)
    shown = ground["pooled"]["back_transformed"]
    assert shown["value"] == pytest.approx(exp(normal["est"]), abs=1e-10)


PUBLISHED = {
    "origin": (0.789, 0.763, 0.816),
    "sexual-orientation": (0.958, 0.922, 0.997),
    "disability": (0.813, 0.746, 0.886),
}
"""Positive response ratios printed with the data, and their limits."""


@pytest.fixture(scope="module")
def housing() -> dict[str, dict[str, Any]]:
    """The whole published file by the three-level model: results in clusters in studies."""
    if not HOUSING.is_file():
        pytest.skip("the data of other studies (../shared/data) are not here")
    found = pool_rounds(
        studies=HOUSING,
        columns={"effect": "prratio_ln", "variance": "prratio_ln_v"},
        grounds=[
            "origin=Ethno-racial origin",
            "sexual-orientation",
            "disability=Health and disability",
        ],
    )
    return {str(ground["ground"]): ground for ground in found.grounds}


@pytest.mark.parametrize("ground", PUBLISHED)
def test_the_published_ratios_of_rental_discrimination(
    housing: dict[str, dict[str, Any]], ground: str
) -> None:
    """To the three decimals printed; limits to 0.005, for the authors corrected theirs (CR2)."""
    value, low, high = PUBLISHED[ground]
    found = housing[ground]
    assert found["model"] == "multilevel"
    shown = found["pooled"]["back_transformed"]
    assert shown["value"] == pytest.approx(value, abs=6e-4)
    assert (shown["low"], shown["high"]) == pytest.approx((low, high), abs=5e-3)
    assert sum(row["weight"] for row in found["rows"]) == pytest.approx(1)
    assert len(found["leave_one_out"]) == found["studies"]


@needs_housing
@pytest.mark.parametrize(
    ("country", "rows", "results"),
    [
        ("Belgium", 96, {"origin": 62, "disability": 16, "sexual-orientation": 4}),
        ("Netherlands", 14, {"origin": 7, "disability": 2, "sexual-orientation": 4}),
    ],
)
def test_belgian_and_dutch_rounds_by_ground(
    country: str, rows: int, results: dict[str, int]
) -> None:
    """From their counts: pairs bounded at both ends, the others as two groups."""
    found = pool_rounds(
        studies=HOUSING,
        columns={
            "n_control": "application_count_maj",
            "n_test": "application_count_min",
            "control_positive": "callback_count_maj",
            "test_positive": "callback_count_min",
            "matched": "matched_design",
        },
        keep={"country": [country]},
        grounds=[
            "origin=Ethno-racial origin",
            "disability=Health and disability",
            "gender",
            "sexual-orientation",
            "social-origin",
        ],
    )
    grounds = {ground["ground"]: ground for ground in found.grounds}
    assert sum(ground["effects"] for ground in grounds.values()) == rows
    assert {name: grounds[name]["effects"] for name in results} == results
    origin = grounds["origin"]
    assert origin["pooled"]["back_transformed"]["high"] < 1
    assert origin["least_variance"] is not None
    with HOUSING.open(encoding="utf-8", newline="") as stream:
        kept = [
            row
            for row in csv.DictReader(stream)
            if row["country"] == country and row["ground_abbr"] == "ero"
        ]
    published = [float(row["prratio_ln"]) for row in kept if row["matched_design"] == "Yes"]
    paired = [row["value"] for row in origin["rows"] if row["given"] == "margins"]
    assert paired == pytest.approx(published, abs=1e-9)


@pytest.mark.skipif(not PAIRS.is_file(), reason=reference.ABSENT)
def test_published_pairs_are_read_as_they_are() -> None:
    found = only(pool_rounds(studies=PAIRS, measure="net_rate_usable", moderator="neither").grounds)
    assert found["effects"] == 31
    assert {row["given"] for row in found["rows"]} == {"cells"}
    washington = next(row for row in found["rows"] if row["label"] == "UI Washington DC")
    assert washington["value"] == pytest.approx(32 / 100)
    assert found["small_studies"]["effects"] == 31
    assert found["moderator"]["slope"]["value"] is not None


@pytest.mark.skipif(not MARGINALS.is_file(), reason=reference.ABSENT)
def test_published_margins_are_read_as_they_are() -> None:
    """Ratios and the range of net rates that are printed beside them."""
    with MARGINALS.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    found = only(pool_rounds(studies=MARGINALS).grounds)
    ratios = [row["back_transformed"]["value"] for row in found["rows"]]
    assert ratios == pytest.approx([float(row["ratio_min_maj"]) for row in rows], abs=6e-5)
    assert found["least_variance"]["pooled"]["value"] != found["pooled"]["value"]
    none = only(pool_rounds(studies=MARGINALS, measure="net_rate_usable").grounds)
    assert none["model"] == "none"
    assert {row["reason"] for row in none["left_out"]} == {"needs-cells"}
    for row, expected in zip(none["left_out"], rows, strict=True):
        printed = [float(expected[name]) for name in ("ndr_min_pct", "ndr_max_pct")]
        assert [100 * end for end in row["usable_range"]] == pytest.approx(
            sorted(printed), abs=6e-3
        )


def city(folder: Path, name: str, year: int, **changes: Any) -> Path:
    """A report folder like that of Ghent, for another city."""
    document = json.loads((GHENT / "analysis.json").read_text(encoding="utf-8"))
    document["round"].update(id=name, place=name, start=f"{year}-01-01", **changes)
    out = folder / f"{name}-{year}"
    out.mkdir()
    (out / "analysis.json").write_text(json.dumps(document), encoding="utf-8")
    (out / "manifest.json").write_text("{}", encoding="utf-8")
    return out


def test_reports_give_the_variance_by_party(tmp_path: Path) -> None:
    """Against the linearised variance of the log ratio, from the cells of every party."""
    folders = [
        city(tmp_path, "Gent", 2024),
        city(tmp_path, "Gent", 2026),
        city(tmp_path, "Aalst", 2025),
    ]
    found = pool_rounds(folders, moderator="year")
    assert [ground["ground"] for ground in found.grounds] == ["origin", "disability"]
    document = json.loads((GHENT / "analysis.json").read_text(encoding="utf-8"))
    cells = np.array(
        [list(row["cells"].values()) for row in document["targets"] if row["contrast"] == "origin"]
    )
    cells = cells[cells.sum(axis=1) > 0]
    control, test = cells[:, 0] + cells[:, 1], cells[:, 0] + cells[:, 2]
    residual = test / test.sum() - control / control.sum()
    error = sqrt(len(cells) / (len(cells) - 1) * float((residual**2).sum()))
    origin = found.grounds[0]
    assert [row["label"] for row in origin["rows"]] == ["Gent 2024", "Gent 2026", "Aalst"]
    for row in origin["rows"]:
        assert row["given"] == "clustered"
        assert row["value"] == pytest.approx(log(test.sum() / control.sum()), abs=1e-12)
        assert row["se"] == pytest.approx(error, rel=1e-9)
    assert {"clustered", "few-studies"} <= codes(origin)
    # Three times the same round: fixed and random effects agree, the slope over years is flat.
    assert origin["two_level"]["fixed"]["se"] == pytest.approx(error / sqrt(3), rel=1e-9)
    assert origin["two_level"]["tau2"] == 0
    assert found.simulated


def test_reports_by_contrast_by_ground_and_together_with_studies(tmp_path: Path) -> None:
    folders = [city(tmp_path, "Gent", 2024), city(tmp_path, "Aalst", 2025)]
    by_contrast = pool_rounds(folders, contrast="disability")
    assert [ground["ground"] for ground in by_contrast.grounds] == ["disability"]
    studies = table(tmp_path, "label,both,only_control,only_test,neither", "Somewhere,40,46,14,141")
    together = only(pool_rounds(folders, studies=studies, grounds=["origin"]).grounds)
    assert together["effects"] == 3
    assert [row["given"] for row in together["rows"]] == ["clustered", "clustered", "cells"]
    with pytest.raises(UsageError, match="no column ground"):
        pool_rounds(folders, studies=studies)
    with pytest.raises(UsageError, match="has no contrast 'age'; it has: origin, disability"):
        pool_rounds(folders, contrast="age")
    with pytest.raises(UsageError, match="knows one covariate"):
        pool_rounds(folders, moderator="size")


def test_grounds_that_not_every_round_has_are_named(tmp_path: Path) -> None:
    folders = [city(tmp_path, "Gent", 2024), city(tmp_path, "Aalst", 2025)]
    source = folders[1] / "analysis.json"
    document = json.loads(source.read_text(encoding="utf-8"))
    document["contrasts"] = [c for c in document["contrasts"] if c["ground"] != "disability"]
    source.write_text(json.dumps(document), encoding="utf-8")
    found = pool_rounds(folders)
    assert [ground["ground"] for ground in found.grounds] == ["origin"]
    assert found.left_out == ("disability",)
    with pytest.raises(UsageError, match="no ground in common"):
        pool_rounds(folders, grounds=["disability"])


def test_several_contrasts_of_one_ground_share_their_round(tmp_path: Path) -> None:
    folders = [city(tmp_path, "Gent", 2024), city(tmp_path, "Aalst", 2025)]
    for folder in folders:
        source = folder / "analysis.json"
        document = json.loads(source.read_text(encoding="utf-8"))
        for entry in document["contrasts"]:
            entry["ground"] = "origin"
        source.write_text(json.dumps(document), encoding="utf-8")
    found = only(pool_rounds(folders).grounds)
    assert (found["model"], found["studies"], found["effects"]) == ("multilevel", 2, 4)
    assert found["rows"][0]["label"].startswith("Gent: ")


def test_a_round_of_two_groups_is_pooled_and_clustered_where_it_can(tmp_path: Path) -> None:
    folder = city(tmp_path, "Gent", 2024, kind="single")
    source = folder / "analysis.json"
    document = json.loads(source.read_text(encoding="utf-8"))
    entry = document["contrasts"][0]
    groups = {"control": {"positive": 60, "n": 100}, "test": {"positive": 30, "n": 90}}
    scope = {"scope": "targets-like-these", "low": None, "high": None, "confidence": 0.95}
    entry.update(
        cells=None,
        groups=groups,
        n=190,
        clusters=40,
        estimates=[{"name": "rate_difference", "value": 1 / 3 - 0.6, **scope}],
        significance=[{"name": "cluster_t", "p": 0.01, "statistic": -2.5}],
    )
    document["contrasts"] = [entry]
    source.write_text(json.dumps(document), encoding="utf-8")
    ratio = only(pool_rounds([folder]).grounds)
    assert {"recurring", "groups", "one-study"} <= codes(ratio)
    rate = only(pool_rounds([folder], measure="net_rate_all").grounds)
    assert rate["pooled"]["value"] == pytest.approx(0.6 - 1 / 3)
    assert rate["pooled"]["se"] == pytest.approx((0.6 - 1 / 3) / 2.5)
    assert "clustered" in codes(rate)
    usable = only(pool_rounds([folder], measure="net_rate_usable").grounds)
    assert usable["left_out"][0]["reason"] == "needs-pairs"


def test_results_of_one_study_are_not_taken_for_studies(tmp_path: Path) -> None:
    header = "label,study,both,only_control,only_test,neither"
    rows = ("a,S,40,46,14,141", "b,S,30,20,12,90", "c,T,22,19,9,147", "d,U,23,8,11,103")
    found = only(pool_rounds(studies=table(tmp_path, header, *rows)).grounds)
    assert (found["model"], found["effects"], found["studies"]) == ("multilevel", 4, 3)
    assert {"several-effects", "few-studies"} <= codes(found)
    assert [row["left_out"] for row in found["leave_one_out"]] == ["S", "T", "U"]
    alone = only(pool_rounds(studies=table(tmp_path, header, *rows[:2])).grounds)
    assert alone["model"] == "reml"
    assert "effects-of-one-study" in codes(alone)


def test_a_pool_of_one_is_that_study(tmp_path: Path) -> None:
    file = table(tmp_path, "label,both,only_control,only_test,neither", "Here,40,46,14,141")
    found = only(pool_rounds(studies=file).grounds)
    assert (found["model"], codes(found)) == ("one-study", {"one-study"})
    row = found["rows"][0]
    assert found["pooled"]["value"] == row["value"] == pytest.approx(log(54 / 86))
    assert (found["pooled"]["low"], found["pooled"]["high"]) == (row["low"], row["high"])
    assert found["prediction"] is None
    assert found["leave_one_out"] == []


@pytest.mark.parametrize("measure", ["response_ratio", "net_rate_all", "net_rate_usable"])
def test_one_round_keeps_the_interval_of_its_own_report(tmp_path: Path, measure: str) -> None:
    found = pool_rounds([city(tmp_path, "Gent", 2024)], measure=measure, contrast="origin")
    entry = next(
        entry
        for entry in json.loads((GHENT / "analysis.json").read_text(encoding="utf-8"))["contrasts"]
        if entry["id"] == "origin" and entry["primary"] and entry["stratum"] is None
    )
    own = next(
        e for e in entry["estimates"] if e["name"] == measure and e["scope"] == "targets-like-these"
    )
    shown = only(found.grounds)["pooled"]["back_transformed"]
    for end in ("value", "low", "high"):
        assert shown[end] == pytest.approx(own[end], abs=1e-12)


def test_equal_results_have_the_interval_of_the_normal_distribution(tmp_path: Path) -> None:
    """Hartung and Knapp measure the spread of the studies, and here there is none."""
    file = table(tmp_path, "label,effect,se", *(f"s{i},-0.2,0.1" for i in range(4)))
    found = only(pool_rounds(studies=file).grounds)
    assert (found["model"], found["prediction"]) == ("normal", None)
    assert found["pooled"]["se"] == pytest.approx(0.05)
    assert found["pooled"]["low"] == pytest.approx(-0.2 - 1.959963985 * 0.05, abs=1e-9)
    assert "all-equal" in codes(found)
    assert found["two_level"]["hksj"]["low"] is None


def test_an_interval_shorter_than_without_differences_is_said(tmp_path: Path) -> None:
    file = table(tmp_path, "label,effect,se", "a,-0.2,0.1", "b,-0.21,0.1", "c,-0.19,0.1")
    assert "hksj-shorter" in codes(only(pool_rounds(studies=file).grounds))


def test_very_many_studies_are_not_left_out_one_by_one() -> None:
    effects = [
        from_cells(origin_of(i), Cells(40, 30, 20, 9 + i), "net-rate-all") for i in range(251)
    ]
    assert ground_of(effects, "net_rate_all")["leave_one_out"] == []
    assert len(ground_of(effects[:40], "net_rate_all")["leave_one_out"]) == 40


def test_zero_cells_are_said(tmp_path: Path) -> None:
    header = "label,both,only_control,only_test,neither"
    rows = ("none for test,0,9,0,91", "nobody,0,0,0,50", "usual,40,46,14,141")
    found = only(pool_rounds(studies=table(tmp_path, header, *rows)).grounds)
    assert found["effects"] == 2
    assert found["rows"][0]["shifted"]
    assert "shifted" in codes(found)
    assert [(row["label"], row["reason"]) for row in found["left_out"]] == [
        ("nobody", "no-variance")
    ]


@pytest.mark.parametrize(
    ("values", "problem", "levels"),
    [
        (("1", "2", "3", "5"), None, None),
        (("agent", "owner", "agent", "owner"), None, ["agent", "owner"]),
        (("a", "b", "c", "d"), "too-many-values", ["a", "b", "c", "d"]),
        (("7", "7", "7", "7"), "no-variation", None),
        (("", "", "3", "5"), "no-variation", None),
    ],
)
def test_a_covariate_is_a_number_or_has_two_values(
    tmp_path: Path, values: tuple[str, ...], problem: str | None, levels: list[str] | None
) -> None:
    effects = (-0.1, -0.3, -0.2, -0.5)
    rows = [f"s{i},{e},0.1,{v}" for i, (e, v) in enumerate(zip(effects, values, strict=True))]
    file = table(tmp_path, "label,effect,se,size", *rows)
    found = only(pool_rounds(studies=file, moderator="size").grounds)["moderator"]
    assert (found["problem"], found["levels"]) == (problem, levels)
    assert found["missing"] == values.count("")
    if problem is None:
        numbers = np.array([float(v) if levels is None else float(v == "owner") for v in values])
        expected = pool(np.array(effects), np.full(4, 0.01), moderator=numbers).coefficients[1]
        assert found["slope"]["value"] == pytest.approx(expected.value, abs=1e-9)
        assert found["slope"]["se"] == pytest.approx(expected.se, abs=1e-9)
        shown = found["slope"]["back_transformed"]
        assert shown["value"] == pytest.approx(exp(expected.value), abs=1e-9)


COUNTS = st.tuples(*[st.integers(1, 60)] * 4)


def ground_of(effects: Sequence[StudyEffect], measure: str = "response_ratio") -> dict[str, Any]:
    return pooled_ground("origin", effects, measure=measure, confidence=0.95, moderator=None)


def origin_of(number: int) -> Origin:
    return Origin(f"s{number}", "origin", f"s{number}", None, "made.csv", number)


def swapped(counts: tuple[int, ...]) -> tuple[int, ...]:
    both, only_control, only_test, neither = counts
    return both, only_test, only_control, neither


@given(st.lists(COUNTS, min_size=1, max_size=6), st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_order_changes_nothing_and_exchanging_the_arms_turns_the_sign(
    counts: list[tuple[int, ...]], random: Any
) -> None:
    effects = [
        from_cells(origin_of(place), Cells(*four), "log-response-ratio")
        for place, four in enumerate(counts)
    ]
    found = ground_of(effects)
    mixed = random.sample(effects, len(effects))
    other = ground_of(mixed)
    turned = ground_of(
        [
            from_cells(origin_of(place), Cells(*swapped(four)), "log-response-ratio")
            for place, four in enumerate(counts)
        ]
    )
    for name in ("value", "se", "p"):
        sign = -1 if name == "value" else 1
        assert other["pooled"][name] == pytest.approx(found["pooled"][name], abs=1e-6)
        assert turned["pooled"][name] == pytest.approx(sign * found["pooled"][name], abs=1e-6)
    if found["pooled"]["low"] is not None:
        assert turned["pooled"]["low"] == pytest.approx(-found["pooled"]["high"], abs=1e-5)
    assert turned["two_level"]["q"] == pytest.approx(found["two_level"]["q"], abs=1e-8)


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(1, 30)), min_size=1, max_size=5))
@settings(max_examples=30, deadline=None)
def test_margins_that_leave_nothing_open_are_as_good_as_cells(pairs: list[tuple[int, int]]) -> None:
    """Where every test was positive for the control, the margins have one table only."""
    cells, margins = [], []
    for place, (both, rest) in enumerate(pairs):
        origin, n = origin_of(place), both + rest
        cells.append(from_cells(origin, Cells(both, rest, 0, 0), "log-response-ratio"))
        margins.append(from_margins(origin, n, both, n, "log-response-ratio"))
    exact, bounded = ground_of(cells), ground_of(margins)
    assert bounded["pooled"] == exact["pooled"]
    assert bounded["least_variance"] is None


@given(st.lists(COUNTS, min_size=2, max_size=5))
@settings(max_examples=20, deadline=None)
def test_margins_never_know_more_than_the_cells(counts: list[tuple[int, ...]]) -> None:
    for place, four in enumerate(counts):
        cells = Cells(*four)
        exact = from_cells(origin_of(place), cells, "log-response-ratio").effect
        control, test = cells.both + cells.only_control, cells.both + cells.only_test
        ends = from_margins(origin_of(place), control, test, cells.n, "log-response-ratio").effect
        assert exact is not None
        assert ends is not None
        assert ends.value == pytest.approx(exact.value, abs=1e-12)
        assert ends.variance_low <= exact.variance_low + 1e-12
        assert exact.variance_high <= ends.variance_high + 1e-12


def test_the_document_is_plain_data(tmp_path: Path) -> None:
    rows = ("a,40,46,14,141", "b,22,19,9,147", "c,23,8,11,103")
    file = table(tmp_path, "label,both,only_control,only_test,neither", *rows)
    found = pool_rounds(studies=file, title="Three cities")
    document = found.to_dict()
    assert (document["kind"], document["title"]) == ("pooling", "Three cities")
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    again = pool_rounds(studies=file, title="Three cities")
    assert again == found


def test_no_net_rate_is_shown_beyond_all_tests(tmp_path: Path) -> None:
    header = "label,both,only_control,only_test,neither"
    rows = ("a,10,20,5,65", "b,12,22,9,40", "d,30,22,19,4")
    found = only(
        pool_rounds(studies=table(tmp_path, header, *rows), measure="net_rate_usable").grounds
    )
    assert found["prediction"]["high"] > 1
    assert found["prediction"]["back_transformed"]["high"] == 1
