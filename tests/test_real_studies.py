"""Published studies, each read by its design in `designs/`, give the published numbers.

The data are not part of the project; they are looked for in `shared/data` beside it. Where no
publication is named the numbers were counted apart from this program, straight from the file.
"""

import csv
from pathlib import Path
from typing import Any

import pytest

import praktijktest

ROOT = Path(__file__).parents[1]
STUDIES = ROOT.parent / "shared" / "data"
CELLS = ("both", "only_control", "only_test", "neither")
BM = "bertrand_mullainathan_2004/lakisha_aer.csv"

pytestmark = pytest.mark.skipif(
    not STUDIES.is_dir(), reason="shared/data with the published studies is not beside the project"
)

_READ: dict[str, dict[str, Any]] = {}


def analysed(log: str, design: str) -> dict[str, Any]:
    """The analysis document of a study, made once per test run."""
    if design not in _READ:
        analysis = praktijktest.analyse(STUDIES / log, ROOT / "designs" / f"{design}.toml")
        _READ[design] = analysis.to_dict()
    return _READ[design]


def contrast(document: dict[str, Any], name: str) -> dict[str, Any]:
    """The contrast under the primary rule for all tests together."""
    found = [
        entry
        for entry in document["contrasts"]
        if entry["id"] == name and entry["primary"] and entry["stratum"] is None
    ]
    assert len(found) == 1, [entry["id"] for entry in document["contrasts"]]
    return found[0]


def cells(entry: dict[str, Any]) -> tuple[int, ...]:
    return tuple(entry["cells"][name] for name in CELLS)


def named(entries: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(entry for entry in entries if entry["name"] == name)


@pytest.mark.parametrize(
    ("profile", "published"),
    [
        ("Man.M", (45, 41, 20, 204)),
        ("Man.S", (29, 57, 14, 210)),
        ("Man.V", (27, 59, 11, 213)),
        ("Woman.F", (43, 43, 27, 197)),
        ("Woman.M", (22, 64, 10, 214)),
        ("Woman.S", (15, 71, 11, 213)),
        ("Woman.V", (37, 49, 25, 199)),
    ],
)
def test_inter1_gives_the_seven_published_comparisons(profile, published):
    """Petit and others 2013; counts printed by the R package `callback`."""
    document = analysed("tepp_callback_france/inter1.csv", "inter1")
    found = contrast(document, f"profile:{profile}")
    assert cells(found) == published
    assert (found["n"], found["tests"]) == (310, 310)
    assert (found["tests_incomplete"], found["tests_not_applicable"]) == (0, 0)
    assert document["data"]["applications"] == 2480


@pytest.mark.parametrize(
    ("level", "published"),
    [("MMM", (5, 23, 3, 86)), ("FMM", (8, 20, 2, 87)), ("FMF", (12, 16, 6, 83))],
)
def test_origin2_with_the_better_of_two_answers(level, published):
    """Waiters 2006; counts printed by the R package `callback`."""
    document = analysed("tepp_callback_france/origin2.csv", "origin2")
    found = contrast(document, f"origin:{level}")
    assert cells(found) == published
    assert found["tests"] == 117
    assert document["data"]["applications"] == 936


def test_gender2_with_the_better_of_two_answers():
    """Electricians 2015; counts printed by the R package `callback`."""
    found = contrast(analysed("tepp_callback_france/gender2.csv", "gender2"), "gender")
    assert cells(found) == (19, 17, 6, 99)
    assert found["tests"] == 141


def test_the_washington_audit_as_its_published_data_file():
    """Wooldridge's file of the 1988 audit: textbook difference .133, exact p 4.2e-5."""
    found = contrast(analysed("urban_institute_dc1988_audit/audit.csv", "washington-1988"), "race")
    assert cells(found) == (40, 46, 14, 141)
    assert named(found["estimates"], "net_rate_all")["value"] == pytest.approx(32 / 241)
    assert named(found["significance"], "mcnemar_exact")["p"] == pytest.approx(4.22e-5, rel=2e-3)
    assert named(found["significance"], "mcnemar_chi2")["statistic"] == pytest.approx(17.0667, 1e-5)


def test_the_washington_audit_as_shipped_is_the_same():
    example = praktijktest.analyse(
        ROOT / "data" / "washington-1988" / "log.csv", ROOT / "designs" / "washington-1988.toml"
    ).to_dict()
    study = analysed("urban_institute_dc1988_audit/audit.csv", "washington-1988")
    assert example["contrasts"] == study["contrasts"]


def test_bertrand_mullainathan_by_advert():
    """Abstract: 9.65 % against 6.45 %. Table 2: 1,166 equal, 111 and 46 favoured one side."""
    document = analysed("bertrand_mullainathan_2004/lakisha_aer.csv", "bertrand-mullainathan")
    rates = {entry["level"]: entry for entry in document["levels"] if entry["rule"] == "broad"}
    assert (rates["white"]["positive"], rates["white"]["applications"]) == (235, 2435)
    assert (rates["black"]["positive"], rates["black"]["applications"]) == (157, 2435)
    assert round(rates["white"]["rate"], 4) == 0.0965
    assert round(rates["black"]["rate"], 4) == 0.0645
    found = contrast(document, "race")
    assert found["cells"] is None
    assert found["tests"] == 1323
    assert found["signs"] == {"control_favoured": 111, "test_favoured": 46, "equal": 1166}
    difference = named(found["estimates"], "mean_difference")
    assert difference["value"] == pytest.approx(0.0325018896, abs=1e-9)
    half_width = 1.9617 * 0.0062628796  # t quantile with 1,322 degrees of freedom
    assert difference["high"] - difference["value"] == pytest.approx(half_width, rel=1e-3)
    # t = 5.1896 on 1,322 degrees of freedom.
    test = named(found["significance"], "cluster_t")
    assert test["statistic"] == pytest.approx(5.189607, rel=1e-5)


@pytest.mark.parametrize(
    ("level", "positive", "applications", "published"),
    [
        ("0", 429, 3026, 0.142),
        ("1", 363, 3615, 0.100),
        ("2", 211, 2266, 0.093),
        ("3", 164, 2021, 0.081),
        ("4", 119, 1982, 0.060),
    ],
)
def test_oreopoulos_callback_by_type(level, positive, applications, published):
    """Table 5: callback .142 for English names and .041, .049, .061, .082 less for the others."""
    document = analysed("oreopoulos_2011/oreopoulos_2011.csv", "oreopoulos")
    found = next(
        entry
        for entry in document["levels"]
        if entry["level"] == level and entry["rule"] == "broad"
    )
    assert (found["positive"], found["applications"]) == (positive, applications)
    assert round(found["rate"], 3) == published


@pytest.mark.parametrize(
    ("level", "postings", "difference"),
    [
        ("1", 2876, 0.0445062587),
        ("2", 2008, 0.0463147410),
        ("3", 1805, 0.0653739612),
        ("4", 1799, 0.0775430795),
    ],
)
def test_oreopoulos_within_postings(level, postings, difference):
    document = analysed("oreopoulos_2011/oreopoulos_2011.csv", "oreopoulos")
    found = contrast(document, f"type:{level}")
    assert found["tests"] == postings
    assert named(found["estimates"], "mean_difference")["value"] == pytest.approx(
        difference, abs=1e-9
    )


def test_54_firms_give_the_published_cells_firm_by_firm():
    """Kline, Rose and Walters 2022; expected cells computed apart, equal to the authors'."""
    document = analysed("krw2022_firms/krw_dev_54firms.csv", "krw-54-firms")
    with (STUDIES / "krw2022_firms" / "expected_firm_results_54.csv").open() as stream:
        expected = {
            row["firm_id"]: tuple(
                int(row[name]) for name in ("both", "only_white", "only_black", "neither")
            )
            for row in csv.DictReader(stream)
        }
    assert len(expected) == 54
    assert {row["target"]: cells(row) for row in document["targets"]} == expected
    found = contrast(document, "origin")
    assert cells(found) == (3891, 1176, 808, 15053)
    assert found["tests"] == 20928
    # 161 pairs hold one applicant, 57 hold two of one group.
    assert found["tests_incomplete"] + found["tests_not_applicable"] == 218
    assert document["data"]["applications"] == 42131
    assert document["data"]["targets"] == 54


def with_models(log: str, name: str, tmp_path: Path, *lines: str) -> dict[tuple[str, str], Any]:
    """The models of a study by contrast and name, its design asking for some."""
    text = (ROOT / "designs" / f"{name}.toml").read_text(encoding="utf-8")
    wanted = "\n".join(["[analysis]", *lines])
    text = text.replace("[analysis]", wanted) if "[analysis]" in text else f"{text}\n{wanted}\n"
    design = tmp_path / "design.toml"
    design.write_text(text, encoding="utf-8")
    document = praktijktest.analyse(STUDIES / log, design).to_dict()
    return {(model["contrast"], model["name"]): model for model in document["models"]}


def test_bertrand_and_mullainathan_by_regression(tmp_path: Path) -> None:
    """Call-backs 9.65 and 6.45 %, and how the gap differs by sex, clustered by advert."""
    found = with_models(
        "bertrand_mullainathan_2004/lakisha_aer.csv",
        "bertrand-mullainathan",
        tmp_path,
        'models = ["lpm"]',
        'interactions = ["race:sex", "race:city"]',
    )
    model = found["race", "lpm"]
    constant, group = (named(model["terms"], name) for name in ("constant", "test_group"))
    assert model["n"] == 4870
    assert model["clusters"] == 1323
    assert constant["coef"] == pytest.approx(0.0965, abs=5e-5)
    assert constant["coef"] + group["coef"] == pytest.approx(0.0645, abs=5e-5)
    assert constant["coef"] / (constant["coef"] + group["coef"]) == pytest.approx(1.50, abs=0.005)
    assert group["p"] < 1e-5


def test_oreopoulos_table_five(tmp_path: Path) -> None:
    """Table 5, panel A: .142 and the differences -.041, -.049, -.061 and -.082."""
    found = with_models(
        "oreopoulos_2011/oreopoulos_2011.csv", "oreopoulos", tmp_path, 'models = ["lpm"]'
    )
    published = {"1": -0.041, "2": -0.049, "3": -0.061, "4": -0.082}
    for level, difference in published.items():
        terms = found[f"type:{level}", "lpm"]["terms"]
        assert named(terms, "constant")["coef"] == pytest.approx(0.142, abs=5e-4)
        assert named(terms, "test_group")["coef"] == pytest.approx(difference, abs=5e-4)


def published_rates(entry: dict[str, Any]) -> tuple[float, float]:
    groups = entry["groups"]
    return tuple(groups[arm]["positive"] / groups[arm]["n"] for arm in ("control", "test"))


def test_bertrand_and_mullainathan_unpaired_clustered_by_advert(tmp_path: Path) -> None:
    """Table 1: 9.65 and 6.45 %, ratio 1.50, p of 4e-5; by sex and by city."""
    with (STUDIES / BM).open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    log = tmp_path / "log.csv"
    with log.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["number", "adid", "race", "sex", "city", "call"])
        for number, row in enumerate(rows):
            writer.writerow(
                [number, *(row[name] for name in ("adid", "race", "sex", "city", "call"))]
            )
    text = (ROOT / "designs" / "bertrand-mullainathan.toml").read_text(encoding="utf-8")
    text = text.replace('kind = "set"', 'kind = "single"').replace("same_profile", "# same_profile")
    text = text.replace('test = "adid"', 'test = "number"\ncluster = "adid"')
    text = text.replace('strata = ["city"]', 'strata = ["city", "sex"]')
    design = tmp_path / "design.toml"
    design.write_text(text, encoding="utf-8")
    document = praktijktest.analyse(log, design).to_dict()
    whole = contrast(document, "race")
    assert published_rates(whole) == pytest.approx((0.0965, 0.0645), abs=5e-5)
    ratio = named(whole["estimates"], "response_ratio")["value"]
    assert 1 / ratio == pytest.approx(1.50, abs=0.005)
    assert named(whole["significance"], "chi2")["p"] == pytest.approx(3.98e-5, rel=2e-3)
    assert named(whole["significance"], "chi2_cc")["p"] == pytest.approx(5.0e-5, rel=1e-2)
    clustered = next(
        entry
        for entry in whole["estimates"]
        if (entry["name"], entry["scope"]) == ("rate_difference", "targets-like-these")
    )
    assert whole["clusters"] == 1323
    assert clustered["low"] < clustered["value"] < clustered["high"] < 0
    published = {
        "b": (0.1163, 0.0776), "c": (0.0806, 0.0540), "f": (0.0989, 0.0663), "m": (0.0887, 0.0583),
    }  # fmt: skip
    parts = {
        entry["stratum"]["level"]: published_rates(entry)
        for entry in document["contrasts"]
        if entry["stratum"]
    }
    for level, rates in published.items():
        assert parts[level] == pytest.approx(rates, abs=5e-5)
    within = {entry["by"]: entry for entry in document["overall"]}
    assert set(within) == {"city", "sex"}
    for entry in within.values():
        assert 1 / entry["odds_ratio"]["value"] == pytest.approx(1.55, abs=0.03)
        assert entry["p"] < 1e-4


def test_danish_schools(tmp_path: Path) -> None:
    """Olsen and others: a clear acceptance for 25 % of the Danish and 15 % of the Muslim names."""
    design = tmp_path / "design.toml"
    design.write_text(
        """
format = 1
[round]
id = "schools"
market = "education"
[test]
kind = "single"
[[contrast]]
id = "name"
attribute = "name"
ground = "religion-belief"
control = "0"
test = "1"
[outcomes]
scheme = "custom"
[outcomes.labels]
1 = "accepted"
0 = "not accepted"
[outcomes.positive]
strict = ["1"]
[columns]
test = "id"
target = "id"
outcome = "accept1"
[columns.attributes]
name = "t_mohammad"
[analysis]
strata = ["region"]
models = ["lpm"]
""",
        encoding="utf-8",
    )
    document = praktijktest.analyse(
        STUDIES / "denmark_schools_olsen2020" / "df1.csv", design
    ).to_dict()
    whole = contrast(document, "name")
    assert whole["groups"] == {
        "control": {"positive": 213, "n": 848},
        "test": {"positive": 130, "n": 850},
    }
    assert [round(rate, 2) for rate in published_rates(whole)] == [0.25, 0.15]
    difference = named(whole["estimates"], "rate_difference")
    assert difference["value"] == pytest.approx(-0.0982, abs=5e-5)
    term = named(document["models"][0]["terms"], "test_group")
    assert term["coef"] == pytest.approx(difference["value"], abs=1e-9)
    assert document["overall"][0]["informative"] == 5
