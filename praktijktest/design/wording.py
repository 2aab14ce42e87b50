"""Words for what a design declares: fixed choices as an English reader would say them."""

from collections.abc import Mapping
from typing import Final

KINDS: Final[Mapping[str, str]] = {
    "paired": "paired: two applicants for every {unit}",
    "set": "set: several applicants for every {unit}, compared with each other",
    "single": "single: one applicant for every {unit}, drawn by lot; groups are compared",
    "mystery": "mystery: a caller asks to leave a group out; no applicants are compared",
}

ORDERS: Final[Mapping[str | None, str]] = {
    "random": "who writes first is drawn by lot",
    "control-first": "the control applicant always writes first",
    "test-first": "the test applicant always writes first",
    None: "not declared: nothing is assumed",
}

SAME_PROFILE: Final[Mapping[str, str]] = {
    "best": "the best reply to any of them counts",
    "first": "the one sent first counts",
    "mean": "their mean counts (there are no four cells then, and no sign tests)",
    "error": "an error",
}

CONTACTS: Final[Mapping[str, str]] = {
    "best": "the best reply counts",
    "last": "the last reply counts",
    "error": "an error",
}

HEADLINES: Final[Mapping[str, str]] = {
    "net_rate_usable": "net rate: (only control - only test) / tests with at least one positive",
    "net_rate_all": "net rate: (only control - only test) / all tests",
    "net_rate_discordant": "net rate: (only control - only test) / tests that differ",
    "gross_rate_usable": "gross rate: only control / tests with at least one positive",
    "gross_rate_all": "gross rate: only control / all tests",
    "discordance_rate": "tests in which the two were treated differently / all tests",
    "response_rate_control": "positive replies to the control / all tests",
    "response_rate_test": "positive replies to the test applicant / all tests",
    "response_ratio": "response rate of the test applicant / that of the control",
    "odds_ratio_conditional": "only control / only test",
    "mean_difference": "mean outcome of the control - mean outcome of the test applicant",
    "rate_difference": "response rate of the test group - that of the control group",
    "odds_ratio": "odds ratio of the two groups",
    "compliance_rate": "calls that complied / all calls",
}

_FDR = "of all flags at most {alpha} are expected to be due to chance"
_FWER = "the chance that even one flag is due to chance is at most {alpha}"

FLAG_RULES: Final[Mapping[str, tuple[str, str]]] = {
    "discrete-fdr": ("Döhler-Durand-Roquain step-down for discrete tests", _FDR),
    "adaptive-discrete-fdr": (
        "discrete procedure that counts the innocent by the ordinary outcomes",
        _FDR,
    ),
    "discrete-fdr-stepup": ("Döhler-Durand-Roquain step-up for discrete tests", _FDR),
    "bh": ("Benjamini-Hochberg", _FDR),
    "by": ("Benjamini-Yekutieli", _FDR),
    "holm": ("Holm", _FWER),
    "bonferroni": ("Bonferroni", _FWER),
    "storey": ("Storey, bootstrap share of the innocent", _FDR),
    "e-value": ("e-BH on e-values", _FDR),
    "storey-t": ("t-test on the mean gap of the clusters, with Storey q-values", _FDR),
}
"""Flag rule -> its name in the literature, what it promises at level alpha."""
