"""Regressions of a round: what they give, and what they say when they cannot."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from tests.analysis.logs import ORIGIN, POSITIVE, pairs, run

ALL = (
    'models = ["lpm", "logit", "conditional-logit", "gee", "mixed-logit", "heteroskedastic-probit"]'
)
HEADER = ("test", "target", "origin", "outcome", "rent", "city", "gender", "position", "name")
REPLIES = ("no-reply", POSITIVE)


def design(*lines: str, models: str = ALL, head: str = ORIGIN) -> str:
    return "\n".join([head, "[analysis]", models, *lines])


def rows(seed: int = 1, targets: int = 25, tests: int = 5) -> list[tuple[Any, ...]]:
    """Tests with a rent, a city, a gender equal in a test, an order and two names per group."""
    chance = random.Random(seed)
    found = []
    for target in range(targets):
        for test in range(tests):
            rent, gender = chance.randint(500, 1200), chance.choice(["man", "woman"])
            first = chance.choice(["flemish", "moroccan"])
            for origin in ("flemish", "moroccan"):
                likely = 0.75 - 0.25 * (origin == "moroccan") - (rent - 850) / 2000
                outcome = REPLIES[chance.random() < likely]
                position = 1 if origin == first else 2
                name = f"{origin[0]}{chance.randint(1, 2)}"
                found.append(
                    (
                        f"t{target}-{test}",
                        f"A{target:02}",
                        origin,
                        outcome,
                        rent,
                        ["Gent", "Leuven"][target % 2],
                        gender,
                        position,
                        name,
                    )
                )
    return found


def models(folder: Path, data: list, *lines: str, **options: Any) -> dict[str, Any]:
    header = options.pop("header", HEADER)
    document = run(folder, data, design(*lines, **options), header=header).to_dict()
    return {model["name"]: model for model in document["models"]}


def term(model: dict[str, Any], name: str = "test_group") -> dict[str, Any]:
    return next(entry for entry in model["terms"] if entry["name"] == name)


def codes(model: dict[str, Any]) -> set[str]:
    return {message["code"] for message in model["messages"]}


def test_a_design_without_models_fits_none(tmp_path: Path) -> None:
    assert run(tmp_path, pairs("abcd")).to_dict()["models"] == []


def test_every_model_with_covariates_checks_and_interactions(tmp_path: Path) -> None:
    found = models(
        tmp_path,
        rows(),
        'covariates = ["rent", "city"]',
        'interactions = ["origin:gender"]',
        'identity = "name"',
        "bootstrap = 199",
    )
    for name in ("lpm", "logit", "conditional-logit", "gee", "mixed-logit"):
        assert term(found[name])["coef"] < 0
        assert term(found[name])["low"] < term(found[name])["coef"] < term(found[name])["high"]
        assert found[name]["n"] == 250
        assert (found[name]["cluster"], found[name]["clusters"]) == ("target", 25)
    assert found["lpm"]["correction"] == "CR2"
    assert codes(found["lpm"]) == {"few-clusters"}
    assert 0 < term(found["lpm"])["p_bootstrap"] <= 1
    assert term(found["lpm"], "city: Leuven")["coef"] is not None
    assert found["lpm"]["reference"] == {"city": "Gent"}
    assert codes(found["conditional-logit"]) == {
        "constant-within-tests",
        "few-clusters-uncorrected",
    }
    assert found["logit"]["correction"] == "CR2"
    probit = found["heteroskedastic-probit"]["details"]
    assert probit["effect"] == pytest.approx(probit["effect_level"] + probit["effect_variance"])
    for name in ("order", "identity"):
        assert 0 <= found[name]["joint_p"] <= 1
    assert term(found["interaction-additive"], "test_group × gender: woman")["p"] is not None
    assert term(found["interaction-additive"], "reri × gender: woman")["low"] is not None
    assert term(found["interaction-multiplicative"], "test_group × gender: woman")["se"] > 0


def test_a_linear_model_without_covariates_is_the_difference_of_shares(tmp_path: Path) -> None:
    data = rows(2)
    found = models(tmp_path, data, models='models = ["lpm"]')

    def share(origin: str) -> float:
        replies = [row[3] == POSITIVE for row in data if row[2] == origin]
        return sum(replies) / len(replies)

    gap = share("moroccan") - share("flemish")
    assert term(found["lpm"])["coef"] == pytest.approx(gap, abs=1e-12)
    assert term(found["lpm"], "constant")["coef"] == pytest.approx(share("flemish"), abs=1e-12)


def test_row_order_changes_nothing_and_swapping_arms_the_sign(tmp_path: Path) -> None:
    data = rows(3)
    one = models(tmp_path, data, models='models = ["lpm", "logit", "conditional-logit"]')
    shuffled = data[:]
    random.Random(5).shuffle(shuffled)
    other = models(tmp_path, shuffled, models='models = ["lpm", "logit", "conditional-logit"]')
    swapped_head = ORIGIN.replace('control = "flemish"', 'control = "moroccan"').replace(
        'test = "moroccan"', 'test = "flemish"'
    )
    swapped = models(
        tmp_path,
        data,
        models='models = ["lpm", "logit", "conditional-logit"]',
        head=swapped_head,
    )
    for name, model in one.items():
        for key in ("coef", "se", "p"):
            assert term(other[name])[key] == pytest.approx(term(model)[key], rel=1e-7)
        if name in ("lpm", "logit", "conditional-logit"):
            assert term(swapped[name])["coef"] == pytest.approx(-term(model)["coef"], rel=1e-6)
            assert term(swapped[name])["se"] == pytest.approx(term(model)["se"], rel=1e-6)


def test_missing_values_and_useless_covariates_are_said(tmp_path: Path) -> None:
    data = [(*row[:4], "" if row[1] == "A03" else row[4], "Gent", *row[6:]) for row in rows(4)]
    found = models(tmp_path, data, 'covariates = ["rent", "city", "target"]')
    assert found["lpm"]["n"] == 240
    assert {"missing-values", "one-level"} <= codes(found["lpm"])
    missing = next(m for m in found["lpm"]["messages"] if m["code"] == "missing-values")
    assert "10 applications" in missing["message"]
    assert "rent" in missing["message"]


@pytest.mark.parametrize(
    ("cells", "code"),
    [("b" * 12, "separated"), ("a" * 12, "no-variation"), ("d" * 12, "no-variation")],
)
def test_what_cannot_be_fitted_says_why(tmp_path: Path, cells: str, code: str) -> None:
    data = [row for n, cell in enumerate(cells) for row in pairs(cell, f"A{n % 4}", f"t{n}")]
    document = run(tmp_path, data, design()).to_dict()
    found = {model["name"]: model for model in document["models"]}
    assert code in codes(found["logit"])
    assert found["logit"]["terms"] == []
    assert code in codes(found["conditional-logit"])
    assert all(message["message"] for model in found.values() for message in model["messages"])


def test_one_cluster_gives_coefficients_without_errors(tmp_path: Path) -> None:
    data = pairs("aabbbcdd" * 3)
    document = run(tmp_path, data, design()).to_dict()
    found = {model["name"]: model for model in document["models"]}
    assert "one-cluster" in codes(found["lpm"])
    assert term(found["lpm"])["coef"] is not None
    assert term(found["lpm"])["se"] is None
    assert "one-cluster" in codes(found["gee"])
    assert "needs-covariates" in codes(found["heteroskedastic-probit"])


def test_an_interaction_that_crosses_nothing_is_refused(tmp_path: Path) -> None:
    from praktijktest.problems import DesignError

    with pytest.raises(DesignError) as caught:
        run(tmp_path, pairs("ab"), design('interactions = ["gender:age"]'))
    assert any(p.code == "unknown-interaction" for p in caught.value.problems)


def test_several_contrasts_are_adjusted_together(tmp_path: Path) -> None:
    second = """
[[contrast]]
id = "again"
attribute = "origin"
ground = "origin"
control = "flemish"
test = "moroccan"
within = ["gender"]
"""
    document = run(
        tmp_path, rows(6), design(models='models = ["lpm"]', head=ORIGIN + second), header=HEADER
    ).to_dict()
    both = [term(model) for model in document["models"] if model["name"] == "lpm"]
    assert [entry["p_holm"] for entry in both] == [
        pytest.approx(min(2 * entry["p"], 1)) for entry in both
    ]


@pytest.mark.parametrize("seed", [5, 7, 10, 11, 20, 37])
def test_terms_that_fit_their_only_cluster_have_no_error_out_of_rounding(
    tmp_path: Path, seed: int
) -> None:
    """Names and levels that one target alone used: no warning, no NaN, no error of 1e-17."""
    chance = random.Random(seed)
    replies = ("no-reply", POSITIVE, "viewing-conditional", "bounced")
    data = []
    for target in range(chance.randint(2, 5)):
        for test in range(chance.randint(1, 4)):
            city = chance.choice(["Gent", "Gent", f"Rare{chance.randint(0, 3)}", ""])
            gender = chance.choice(["man", "woman", ""])
            for position, origin in enumerate(("flemish", "moroccan"), 1):
                reply, name = chance.choice(replies), chance.choice("xyz")
                start = (f"t{target}-{test}", f"A{target}", origin, reply)
                data.append((*start, chance.choice([500, 900, ""]), city, gender, position, name))
    head = ORIGIN.replace('test = "moroccan"', 'test = "moroccan"\nwithin = []')
    lines = ('covariates = ["city"]', 'interactions = ["origin:gender"]', 'identity = "name"')
    document = run(
        tmp_path, data, design(*lines, models='models = ["lpm"]', head=head), header=HEADER
    ).to_dict()
    json.dumps(document, allow_nan=False)
    for model in document["models"]:
        assert all(entry["se"] is None or entry["se"] > 1e-7 for entry in model["terms"])


def test_one_application_per_target_tells_nothing_of_how_targets_differ(tmp_path: Path) -> None:
    chance = random.Random(4)
    data = [
        (f"t{n}", f"A{n}", ("flemish", "moroccan")[n % 2], REPLIES[chance.random() < 0.6])
        for n in range(60)
    ]
    head = ORIGIN + '[test]\nkind = "single"\n'
    document = run(tmp_path, data, design(head=head)).to_dict()
    found = {model["name"]: model for model in document["models"]}
    assert codes(found["mixed-logit"]) == {"no-repeats"}
    assert found["mixed-logit"]["terms"] == []
    assert codes(found["conditional-logit"]) == {"no-differing-tests"}


def test_one_test_per_target_gives_no_spread_of_the_effect(tmp_path: Path) -> None:
    found = models(tmp_path, rows(9, targets=60, tests=1), models='models = ["mixed-logit"]')
    assert "one-per-group" in codes(found["mixed-logit"])
    assert "sd_slope" not in found["mixed-logit"]["details"]


def test_a_log_that_takes_too_long_gets_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows times nodes decide, before anything is computed."""
    from praktijktest.statistics import mixed_logit

    asked = ('covariates = ["rent"]',), {"models": 'models = ["mixed-logit"]'}
    data = rows(7, targets=20)
    for most, code in ((200 * 24, "slope-too-large"), (200 * 14, "too-large")):
        monkeypatch.setattr(mixed_logit, "MOST_WORK", most)
        found = models(tmp_path, data, *asked[0], **asked[1])["mixed-logit"]
        assert code in codes(found)
        assert bool(found["terms"]) == (code == "slope-too-large")
        assert ("unchecked" in codes(found)) == (code == "slope-too-large")


def test_what_a_covariate_lacks_costs_the_checks_nothing(tmp_path: Path) -> None:
    data = [(*row[:4], "" if row[1] == "A03" else row[4], *row[5:]) for row in rows(4)]
    found = models(
        tmp_path,
        data,
        'covariates = ["rent", "name"]',
        'interactions = ["origin:gender"]',
        models='models = ["lpm"]',
    )
    assert found["lpm"]["n"] == 240
    assert found["order"]["n"] == found["interaction-additive"]["n"] == 250


def test_a_covariate_that_is_left_out_costs_no_application(tmp_path: Path) -> None:
    data = [
        (*row[:4], "" if n % 7 == 0 else f"about {n}", "", *row[6:]) for n, row in enumerate(rows())
    ]
    found = models(tmp_path, data, 'covariates = ["rent", "city"]', models='models = ["lpm"]')
    assert codes(found["lpm"]) == {"too-many-levels", "no-values", "few-clusters"}
    assert found["lpm"]["n"] == 250


def test_who_has_no_level_is_not_of_the_first_level(tmp_path: Path) -> None:
    data = [(*row[:6], "" if n % 50 < 2 else row[6], *row[7:]) for n, row in enumerate(rows())]
    found = models(tmp_path, data, 'interactions = ["origin:gender"]', models='models = ["lpm"]')
    kept = [row for row in data if row[6]]
    assert found["interaction-additive"]["n"] == len(kept) == 240
    assert "missing-values" in codes(found["interaction-additive"])
    man = [row[3] == POSITIVE for row in kept if row[6] == "man" and row[2] == "flemish"]
    constant = term(found["interaction-additive"], "constant")
    assert constant["coef"] == pytest.approx(sum(man) / len(man))


def test_equal_replies_have_no_error_in_any_model(tmp_path: Path) -> None:
    data = pairs("aaddadda" * 4)
    data = [(row[0], f"A{n // 4}", *row[2:]) for n, row in enumerate(data)]
    document = run(tmp_path, data, design()).to_dict()
    found = {model["name"]: model for model in document["models"]}
    for name in ("lpm", "logit", "gee"):
        assert term(found[name])["se"] is None
        assert "no-spread" in codes(found[name])


def test_the_probit_is_clustered_and_says_when_the_variances_cannot_be_told_apart(
    tmp_path: Path,
) -> None:
    chosen = ('covariates = ["rent"]',), {"models": 'models = ["heteroskedastic-probit"]'}
    data = rows(5, targets=60, tests=4)
    found = models(tmp_path, data, *chosen[0], **chosen[1])["heteroskedastic-probit"]
    # The same replies twice are no more information about targets.
    twice = [*data, *((f"again-{row[0]}", *row[1:]) for row in data)]
    other = models(tmp_path, twice, *chosen[0], **chosen[1])["heteroskedastic-probit"]
    assert found["correction"] == other["correction"] == "CR1"
    assert term(other)["se"] == pytest.approx(term(found)["se"], rel=0.01)
    noise = random.Random(6)
    useless = [(*row[:4], noise.randint(1, 3), *row[5:]) for row in rows(6, targets=45)]
    weak = models(tmp_path, useless, *chosen[0], **chosen[1])["heteroskedastic-probit"]
    assert "variances-untold" in codes(weak)


def test_a_covariate_that_only_one_group_has_leaves_nothing_to_compare(tmp_path: Path) -> None:
    data = [(*row[:4], row[4] if row[2] == "flemish" else "", *row[5:]) for row in rows(4)]
    found = models(tmp_path, data, 'covariates = ["rent"]')
    for name in ("lpm", "logit", "conditional-logit", "gee", "mixed-logit"):
        assert codes(found[name]) >= {"missing-values", "one-group"}
    assert found["order"]["terms"]


def test_a_letter_of_one_group_alone_does_not_spoil_the_check(tmp_path: Path) -> None:
    data = [
        (*row[:7], "3" if row[2] == "flemish" and n % 20 < 2 else row[7], row[8])
        for n, row in enumerate(rows(8))
    ]
    found = models(tmp_path, data, models='models = ["lpm"]')["order"]
    left_out = next(m for m in found["messages"] if m["code"] == "levels-of-one-group")
    assert found["n"] == 250 - left_out["values"]["count"]
    assert 0 <= found["joint_p"] <= 1


def test_an_order_that_the_group_decides_cannot_be_checked(tmp_path: Path) -> None:
    data = [(*row[:7], 1 if row[2] == "flemish" else 2, row[8]) for row in rows(8)]
    found = models(tmp_path, data, models='models = ["lpm"]')["order"]
    assert (codes(found), found["n"]) == ({"collinear"}, 250)
