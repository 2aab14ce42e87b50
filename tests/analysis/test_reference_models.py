"""Models as a design asks for them, on the reference pairs, against R; and that none is missed."""

import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import praktijktest
from praktijktest.analysis.models.frame import ModelFrame
from praktijktest.analysis.models.kinds import conditional_logit, gee
from tests.statistics import reference, test_reference
from tests.statistics.regressions import codes, numbers

FAMILIES = (
    "glm_", "lpm_", "clogit", "glmer_", "gee", "did_wave", "hetprobit_neumark", "meta_",
    "perm_withinpair", "cochranq", "stuart", "cmh_pairs", "propci_",
)  # fmt: skip
PAIRS = "ref_pairs.csv"
TESTS = Path(__file__).parents[1]
DESIGN = """
format = 1
[round]
id = "reference"
[[contrast]]
id = "minority"
attribute = "minority"
ground = "origin"
control = "0"
test = "1"
within = []
[outcomes]
scheme = "custom"
primary = "strict"
[outcomes.labels]
1 = "yes"
0 = "no"
[outcomes.positive]
strict = ["1"]
[columns]
test = "pair"
outcome = "positive"
{target}
[analysis]
models = [{models}]
"""

pytestmark = pytest.mark.skipif(not reference.entries(), reason=reference.ABSENT)


@cache
def outputs(name: str) -> dict[str, Any]:
    found: dict[str, Any] = reference.entries()[name]["outputs"]
    return found


def model(folder: Path, name: str, target: str = 'target = "agent"') -> dict[str, Any]:
    design = folder / "design.toml"
    design.write_text(DESIGN.format(target=target, models=f'"{name}"'), encoding="utf-8")
    document = praktijktest.analyse(reference.FOLDER / PAIRS, design).to_dict()
    return next(found for found in document["models"] if found["name"] == name)


def test_every_entry_of_the_families_has_a_test() -> None:
    """An entry that is added to the reference, or a test that is taken away, is noticed here."""
    sources = "\n".join(
        path.read_text(encoding="utf-8")
        for path in TESTS.rglob("test_*.py")
        if path != Path(__file__)
    )
    here = Path(__file__).read_text(encoding="utf-8").split("def test_every_entry")[-1]
    used = r'(?:outputs\(|entries\(\)\[|entries\(\)\.get\()"([a-z0-9_]+)"'
    named = set(re.findall(used, sources + here))
    wanted = [entry for entry in reference.entries() if entry.startswith(FAMILIES)]
    assert all(any(entry.startswith(family) for entry in wanted) for family in FAMILIES)
    missed = [e for e in wanted if e not in named and test_reference.prefix_of(e) is None]
    assert missed == []


def test_conditional_logit(tmp_path: Path) -> None:
    """Each pair its own cluster, as in R; beta is log(only test / only control)."""
    r = outputs("clogit")
    found = model(tmp_path, "conditional-logit", target="")
    term = found["terms"][0]
    assert term["coef"] == pytest.approx(r["coef1"], abs=1e-8)
    assert term["se"] == pytest.approx(r["se1"], abs=1e-8)
    assert found["details"]["log_likelihood"] == pytest.approx(r["ll1"][1], abs=1e-8)
    clustered = model(tmp_path, "conditional-logit")["terms"][0]
    assert clustered["coef"] == pytest.approx(r["coef1"], abs=1e-8)
    assert clustered["se"] != pytest.approx(r["se1"], abs=1e-3)


def frame() -> ModelFrame:
    """The reference pairs with the product of minority and female as the one covariate."""
    minority = numbers(PAIRS, "minority")
    pair = codes(PAIRS, "pair")
    return ModelFrame(
        contrast="minority",
        rule="strict",
        positive=numbers(PAIRS, "positive") > 0,
        group=minority > 0,
        test=pair,
        cluster=pair,
        unit="test",
        covariates=(minority * numbers(PAIRS, "female"))[:, None],
        names=("minority × female",),
        reference={},
        rows=np.arange(len(pair)),
        messages=(),
    )


def test_conditional_logit_with_a_product() -> None:
    r = outputs("clogit")
    found = conditional_logit(frame(), 0.95)
    assert [term.coef for term in found.terms] == pytest.approx(r["coef2"], abs=1e-8)
    assert [term.se for term in found.terms] == pytest.approx(r["se2"], abs=1e-8)
    assert found.details["log_likelihood"] == pytest.approx(r["ll2"][1], abs=1e-8)


def test_estimating_equations(tmp_path: Path) -> None:
    r = outputs("gee")
    found = model(tmp_path, "gee")
    coefficients = [term["coef"] for term in found["terms"]]
    errors = [term["se"] for term in found["terms"]]
    assert coefficients == pytest.approx(r["coef"], abs=1e-4)
    assert errors == pytest.approx(r["se"], abs=5e-4)
    # The two programs divide the moment estimate of the correlation a little differently.
    assert found["details"]["working_correlation"] == pytest.approx(r["alpha"], abs=2e-3)


def test_estimating_equations_without_correlation() -> None:
    """Clusters of one application: the independence fit, its errors those of single rows."""
    alone = replace(
        frame(), cluster=np.arange(len(frame())), covariates=np.zeros((len(frame()), 0)), names=()
    )
    found = gee(alone, 0.95)
    assert [term.coef for term in found.terms] == pytest.approx(
        outputs("gee")["coef_ind"], abs=1e-6
    )


def test_logit_and_linear_model_of_a_design(tmp_path: Path) -> None:
    """The group term alone: the difference and the log odds ratio of the two shares."""
    minority, y = numbers(PAIRS, "minority") > 0, numbers(PAIRS, "positive")
    control, treated = y[~minority].mean(), y[minority].mean()
    line = model(tmp_path, "lpm")
    assert line["terms"][1]["coef"] == pytest.approx(outputs("lpm_cr")["coef"][1], abs=1e-9)
    assert line["terms"][1]["coef"] == pytest.approx(treated - control, abs=1e-9)
    odds = np.log(treated / (1 - treated)) - np.log(control / (1 - control))
    assert model(tmp_path, "logit")["terms"][1]["coef"] == pytest.approx(odds, abs=1e-8)
