"""The columns of a case list, what each holds, and what a recipient must be allowed for it."""

from typing import Final

FIELDS: Final = (
    "case",
    "round",
    "jurisdiction",
    "market",
    "agent",
    "reference",
    "identity",
    "name",
    "contact",
    "details",
    "erased",
    "contrast",
    "ground",
    "control",
    "test",
    "state",
    "confirmed",
    "phase",
    "tests",
    "both",
    "only_control",
    "only_test",
    "neither",
    "net_rate",
    "net_rate_low",
    "net_rate_high",
    "p",
    "p_midp",
    "q",
    "posterior",
    "posterior_low",
    "fragile",
    "few_discordant",
    "undone_by_recoding",
    "retest_tests",
    "retest_both",
    "retest_only_control",
    "retest_only_test",
    "retest_neither",
    "retest_p",
    "retest_q",
    "changes",
    "bodies",
    "dossier",
    "ledger_event",
    "ledger_hash",
)
"""Columns of the case list, in their order."""

NEED_NAMES: Final = frozenset(("identity", "name", "contact", "details", "erased"))
"""Columns that only the identity store can fill."""

NEED_CELLS: Final = frozenset(
    (
        "both",
        "only_control",
        "only_test",
        "neither",
        "net_rate",
        "net_rate_low",
        "net_rate_high",
        "p",
        "p_midp",
        "q",
        "posterior",
        "posterior_low",
        "few_discordant",
        "undone_by_recoding",
        "retest_both",
        "retest_only_control",
        "retest_only_test",
        "retest_neither",
        "retest_p",
        "retest_q",
        "changes",
    )
)
"""Columns from which the four counts of one agent can be worked out, or nearly so."""
