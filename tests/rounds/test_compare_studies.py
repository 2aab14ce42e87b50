"""Comparisons of whole studies: a simulated change, and waves of a real one against statsmodels."""

import csv
import warnings
from pathlib import Path

import numpy as np
import pytest

from praktijktest.rounds.compare import compare_waves
from praktijktest.rounds.simulate import simulate
from praktijktest.shipped import shipped

FIRMS = Path(__file__).parents[2].parent / "shared/data/krw2022_firms/krw_dev_54firms.csv"


def test_a_simulated_fall_is_found(tmp_path):
    """After the first year those who discriminate withhold 0.6 of what they did."""
    simulate("employers-two-waves", tmp_path / "round", seed=1)
    found = compare_waves(
        [tmp_path / "round" / "log.csv"], tmp_path / "round" / "design.toml", "wave"
    )
    assert [one["label"] for one in found.rounds] == ["2025", "2026"]
    first = found.contrasts[0]["rates"][-2]
    change = found.contrasts[0]["changes"][-1]
    assert (first["measure"], change["measure"]) == ("net_rate_all", "net_rate_all")
    assert change["low"] < -0.4 * first["value"] < change["high"] < 0
    assert {"code": "retests-left-out", "round": None} in found.notes


@pytest.mark.skipif(not FIRMS.is_file(), reason="the firms study (../shared/data) is not here")
def test_waves_of_a_real_study_are_those_of_a_clustered_regression(tmp_path):
    """Seventeen firms in both waves: a regression of paired differences on wave, CR1 by firm."""
    with FIRMS.open(encoding="utf-8", newline="") as stream:
        read = [row for row in csv.DictReader(stream) if row["wave"] in ("3", "4")]
    firms = sorted({row["firm_id"] for row in read})[::3]
    rows = [row for row in read if row["firm_id"] in firms]
    log = tmp_path / "log.csv"
    with log.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    found = compare_waves([log], shipped("designs", "krw-54-firms.toml"), "wave")
    (change,) = [c for c in found.contrasts[0]["changes"] if c["measure"] == "net_rate_all"]
    best: dict[tuple[str, ...], dict[str, list[int]]] = {}
    for row in rows:
        pair = best.setdefault((row["firm_id"], row["job_id"], row["pair"], row["wave"]), {})
        pair.setdefault(row["race"], []).append(int(row["cb"]))
    pairs = [
        (firm, wave, max(replies["White"]) - max(replies["Black"]))
        for (firm, _, _, wave), replies in best.items()
        if {"White", "Black"} <= replies.keys()
    ]
    firm, wave, gap = (np.array(part) for part in zip(*pairs, strict=True))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from statsmodels.api import OLS, add_constant

        fit = OLS(gap.astype(float), add_constant((wave == "4").astype(float))).fit(
            cov_type="cluster", cov_kwds={"groups": np.unique(firm, return_inverse=True)[1]}
        )
    n = len(gap)
    assert change["value"] == pytest.approx(fit.params[1], rel=1e-9)
    assert change["se"] * np.sqrt((n - 1) / (n - 2)) == pytest.approx(fit.bse[1], rel=1e-9)
    assert (change["clusters"], change["recurring_targets"], change["df"]) == (17, 17, 16)
