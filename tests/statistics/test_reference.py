"""Every reference id of this package's subjects, against R to a stated tolerance.

A check returns, per output of the entry, our value, R's value and the tolerance.
Tolerances are absolute: 1e-9 where R has a closed form; 1e-6 where R's own root
finder or printout stops there (PropCIs, ratesci, qvalue); 1e-5 for Exact, which
looks for its maximum on a grid of 100.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from praktijktest.statistics import intervals, mcnemar, multiplicity, proportions, ratios
from praktijktest.statistics.cells import Cells
from praktijktest.statistics.clustered import clustered_estimates
from praktijktest.statistics.discrete_fdr import (
    discrete_fdr_stepdown,
    discrete_fdr_stepup,
    sign_test_family,
)
from praktijktest.statistics.flags import decide
from praktijktest.statistics.paired import significance
from praktijktest.statistics.power import chance_of_small_p, wins_needed
from praktijktest.statistics.unconditional import unconditional_exact
from tests.statistics import reference

CLOSED_FORM = 1e-9
ROOT_FINDER = 1e-6
GRID = 1e-5

Compared = dict[str, tuple[Any, Any, float]]


def by_name(cells: Cells) -> dict[str, Any]:
    return {test.name: test for test in significance(cells)}


def mcnemar_exact(inputs: Any, r: Any) -> Compared:
    cells = reference.cells_of(inputs)
    low, high = ratios.conditional_odds_ratio(cells)
    odds = cells.only_control / cells.only_test if cells.only_test else None
    return {
        "p": (by_name(cells)["mcnemar_exact"].p, r["p"], CLOSED_FORM),
        "odds_ratio": (odds, reference.number(r["odds_ratio"]), CLOSED_FORM),
        "or_ci_low": (low, reference.number(r["or_ci_low"]), CLOSED_FORM),
        "or_ci_high": (high, reference.number(r["or_ci_high"]), CLOSED_FORM),
    }


def mcnemar_asym(inputs: Any, r: Any) -> Compared:
    tests = by_name(reference.cells_of(inputs))
    plain, corrected = tests["mcnemar_chi2"], tests["mcnemar_chi2_cc"]
    return {
        "chi2": (plain.statistic, r["chi2"], CLOSED_FORM),
        "p": (plain.p, r["p"], CLOSED_FORM),
        "chi2_cc": (corrected.statistic, r["chi2_cc"], CLOSED_FORM),
        "p_cc": (corrected.p, r["p_cc"], CLOSED_FORM),
    }


def sign_onesided(inputs: Any, r: Any) -> Compared:
    tests = by_name(reference.cells_of(inputs))
    return {
        "p": (tests["sign_exact"].p, r["p"], CLOSED_FORM),
        "midp": (tests["sign_midp"].p, r["midp"], CLOSED_FORM),
    }


def binomial_test(inputs: Any, r: Any) -> Compared:
    x, n = inputs["x"], inputs["n"]
    return {
        "greater": (float(mcnemar.sign_exact(x, n - x)), r["greater"], CLOSED_FORM),
        "two_sided": (float(mcnemar.mcnemar_exact(x, n - x)), r["two_sided"], CLOSED_FORM),
    }


def difference(method: str, tolerance: float) -> Callable[[Any, Any], Compared]:
    def check(inputs: Any, r: Any) -> Compared:
        cells = reference.cells_of(inputs)
        if method == "newcombe":
            low, high = intervals.newcombe(cells)
        else:
            function = getattr(intervals, method)
            low, high = function(cells.only_control, cells.only_test, cells.n)
        compared = {"low": (low, r["low"], tolerance), "high": (high, r["high"], tolerance)}
        if method == "tango" and "est" in r:
            observed = (cells.only_control - cells.only_test) / cells.n
            compared["est"] = (observed, r["est"], ROOT_FINDER)
        return compared

    return check


def ratio(function: Callable[[Cells], ratios.Limits]) -> Callable[[Any, Any], Compared]:
    def check(inputs: Any, r: Any) -> Compared:
        # R divides the first applicant's rate by the second's, we the other way round.
        low, high = function(reference.cells_of(inputs).swapped())
        return {"low": (low, r["low"], CLOSED_FORM), "high": (high, r["high"], CLOSED_FORM)}

    return check


def unconditional(inputs: Any, r: Any) -> Compared:
    b, c = inputs["n10"], inputs["n01"]
    n = reference.cells_of(inputs).n
    return {
        "p_two": (unconditional_exact(b, c, n), r["p_two"], GRID),
        "p_greater": (unconditional_exact(b, c, n, "control-favoured"), r["p_greater"], GRID),
        "p_less": (unconditional_exact(b, c, n, "test-favoured"), r["p_less"], GRID),
    }


def proportion(inputs: Any, r: Any) -> Compared:
    x, n = inputs["x"], inputs["n"]
    return {
        method: (list(getattr(proportions, method)(x, n)), r[method], CLOSED_FORM)
        for method in ("wilson", "wilson_cc", "clopper_pearson", "jeffreys", "agresti_coull")
    }


def padjust(inputs: Any, r: Any) -> Compared:
    functions = {
        "bonferroni": multiplicity.bonferroni,
        "holm": multiplicity.holm,
        "BH": multiplicity.benjamini_hochberg,
        "BY": multiplicity.benjamini_yekutieli,
    }
    return {
        name: (list(function(inputs["p"])), r[name], CLOSED_FORM)
        for name, function in functions.items()
    }


def storey(inputs: Any, r: Any) -> Compared:
    share, q = multiplicity.storey_bootstrap(inputs["p"])
    return {
        "pi0": (share, r["pi0"], ROOT_FINDER),
        "q": (list(q), r["q"], ROOT_FINDER),
        "n_q05": (int((q <= 0.05).sum()), r["n_q05"], 0),
    }


def discrete(inputs: Any, r: Any) -> Compared:
    wins = np.array(inputs["x"])
    losses = np.array(inputs["m"]) - wins
    family = sign_test_family(wins, losses)
    step_down = discrete_fdr_stepdown(family)
    rejected_down = np.flatnonzero(step_down <= 0.05) + 1
    rejected_up = np.flatnonzero(discrete_fdr_stepup(family, 0.05)) + 1
    return {
        "p": (list(family.p), r["p"], CLOSED_FORM),
        "bh": (list(multiplicity.benjamini_hochberg(family.p)), r["bh"], CLOSED_FORM),
        "dbh_su_reject": (rejected_up.tolist(), r["dbh_su_reject"], 0),
        "dbh_sd_reject": (rejected_down.tolist(), [r["dbh_sd_reject"]], 0),
        "dbh_sd_adjusted": (list(step_down), r["dbh_sd_adjusted"], CLOSED_FORM),
    }


def within_pairs(inputs: Any, r: Any) -> Compared:
    counts = np.array(reference.pairs_by_agent())
    _, b, c, _ = counts.sum(axis=0).tolist()
    chi2 = by_name(Cells(0, b, c, 0))["mcnemar_chi2"]
    return {
        "n10": (b, r["n10"], 0),
        "n01": (c, r["n01"], 0),
        "z": (np.sqrt(chi2.statistic), r["z"], CLOSED_FORM),
        "p": (chi2.p, r["p"], CLOSED_FORM),
        "exact_p": (float(mcnemar.mcnemar_exact(b, c)), r["exact_p"], CLOSED_FORM),
    }


def clustered_difference(inputs: Any, r: Any) -> Compared:
    counts = np.array(reference.pairs_by_agent())
    net = next(e for e in clustered_estimates(counts) if e.name == "net_rate_all")
    from scipy.stats import t

    error = (net.high - net.low) / 2 / t.ppf(0.975, len(counts) - 1)
    unscaled = error * np.sqrt((len(counts) - 1) / len(counts))
    # R's coefficient is test minus control.
    return {
        "coef": (-net.value, r["coef"], CLOSED_FORM),
        "se_CR1_noK": (error, r["se_CR1_noK"], CLOSED_FORM),
        "se_CR0": (unscaled, r["se_CR0"], CLOSED_FORM),
    }


def equivalence(inputs: Any, r: Any) -> Compared:
    cells = reference.cells_of(inputs)
    limits = intervals.tango(cells.only_control, cells.only_test, cells.n, 0.90)
    return {"ci90": (list(limits), r["ci90"], ROOT_FINDER)}


def detection(inputs: Any, r: Any) -> Compared:
    d = np.array(inputs["d"])
    levels = {"p05": 0.05, "p025": 0.025, "p01": 0.01, "midp05": 0.05}
    compared: Compared = {}
    for name, alpha in levels.items():
        wins = wins_needed(d, alpha, midp=name.startswith("midp"))
        found = [w if w <= n else None for w, n in zip(wins.tolist(), inputs["d"], strict=True)]
        compared[name] = (found, reference.numbers(r[name]), 0)
    return compared


def power_of_flags(inputs: Any, r: Any) -> Compared:
    return {
        f"{p10:g}/{p01:g}": (
            list(chance_of_small_p(inputs["m"], p10, p01, 0.05)),
            r[f"{p10:g}/{p01:g}"],
            CLOSED_FORM,
        )
        for p10, p01 in zip(inputs["p10"], inputs["p01"], strict=True)
    }


def power_exact(inputs: Any, r: Any) -> Compared:
    (chance,) = chance_of_small_p([inputs["n"]], inputs["pb"], inputs["pc"], 0.05)
    return {"one": (chance, r["one"], CLOSED_FORM)}


def zero_discordant(inputs: Any, r: Any) -> Compared:
    upper = [intervals.tango(0, 0, n, 0.90)[1] for n in inputs["n"]]
    exact = [proportions.clopper_pearson(0, n, 0.90)[1] for n in inputs["n"]]
    return {
        "tango90": (upper, r["tango90"], CLOSED_FORM),
        "tango90_pkg": (upper, r["tango90_pkg"], ROOT_FINDER),
        "exact_ub": (exact, r["exact_ub"], CLOSED_FORM),
    }


CHECKS: dict[str, Callable[[Any, Any], Compared]] = {
    "mcnemar_exact_": mcnemar_exact,
    "mcnemar_asym_": mcnemar_asym,
    "sign_onesided_": sign_onesided,
    "binom_": binomial_test,
    "tango_ratesci_": difference("tango", ROOT_FINDER),
    "tango_": difference("tango", ROOT_FINDER),
    "scas_": difference("scas", ROOT_FINDER),
    "newcombe10_": difference("newcombe", CLOSED_FORM),
    "bonettprice_": difference("bonett_price", CLOSED_FORM),
    "agrestimin_": difference("agresti_min", CLOSED_FORM),
    "tang_rr_": ratio(ratios.tang),
    "bp_rr_": ratio(ratios.bonett_price_ratio),
    "uncond_uam_": unconditional,
    "propci_": proportion,
    "padjust20": padjust,
    "qvalue200_bootstrap": storey,
    "discreteBH": discrete,
    "perm_withinpair": within_pairs,
    "lpm_pairfe": clustered_difference,
    "nam_equiv": equivalence,
    "detect_table": detection,
    "power_flag_m": power_of_flags,
    "power_exact_": power_exact,
    "zero_discordant_equiv": zero_discordant,
}
"""Id, or beginning of an id, to its check; the first that fits counts."""

ELSEWHERE = {
    "scas_": {"est"},  # the median-unbiased estimate: we report the plain difference
    "padjust20": {"hochberg"},  # not a rule of the contract
    "nam_equiv": {"pval_rows", "p_gt_minus_delta", "p_lt_delta"},  # equivalence p-values
    "power_exact_": {"two", "midp_two"},  # market-level power
}
"""Outputs of an entry that this package has no number for, and why."""

EXPECTED_ENTRIES = 73


def prefix_of(entry: str) -> str | None:
    return next((prefix for prefix in CHECKS if entry.startswith(prefix)), None)


def distance(ours: Any, theirs: Any) -> float:
    """Largest absolute difference; what does not exist must not exist on both sides."""
    if isinstance(theirs, list):
        assert len(ours) == len(theirs)
        return max((distance(a, b) for a, b in zip(ours, theirs, strict=True)), default=0.0)
    if theirs is None or ours is None:
        return 0.0 if theirs is ours else float("inf")
    return abs(ours - theirs)


COVERED = [entry for entry in reference.entries() if prefix_of(entry)]

needs_reference = pytest.mark.skipif(not reference.entries(), reason=reference.ABSENT)


@needs_reference
@pytest.mark.parametrize("entry", COVERED or ["absent"])
def test_equals_r(entry: str) -> None:
    prefix = prefix_of(entry)
    assert prefix is not None
    record = reference.entries()[entry]
    compared = CHECKS[prefix](record["inputs"], record["outputs"])
    assert set(compared) | ELSEWHERE.get(prefix, set()) == set(record["outputs"])
    for name, (ours, theirs, tolerance) in compared.items():
        assert distance(ours, theirs) <= tolerance, (name, ours, theirs)


@needs_reference
def test_every_entry_of_these_subjects_is_exercised() -> None:
    assert len(COVERED) == EXPECTED_ENTRIES
    used = {prefix_of(entry) for entry in COVERED}
    assert used == set(CHECKS)
    paired = {e for e, record in reference.entries().items() if "n10" in record["inputs"]}
    assert paired <= set(COVERED)


@needs_reference
def test_the_rule_flags_what_r_flags() -> None:
    record = reference.entries()["discreteBH"]
    wins = np.array(record["inputs"]["x"])
    losses = np.array(record["inputs"]["m"]) - wins
    for alpha in (0.01, 0.05, 0.10, 0.2):
        decided = decide("discrete-fdr", wins, losses, alpha)
        expected = np.array(record["outputs"]["dbh_sd_adjusted"]) <= alpha
        assert decided.flagged.tolist() == expected.tolist()
