"""Words with a fixed meaning: grounds, markets, outcome schemes, target states.

Tables only, no logic. The names are those of the public contract; labels that
people read live in the message catalogues of `praktijktest.language`.
"""

from dataclasses import dataclass
from typing import Final

VERSION: Final = "0.1.0"
"""Version of the program."""

FORMAT: Final = 1
"""Version of the design file and of the analysis document."""

MARKETS: Final = ("housing", "labour", "services", "education", "nightlife")
JURISDICTIONS: Final = ("be-vlg", "be-bru", "be-wal", "be", "nl", "other")
LANGUAGES: Final = ("nl", "fr", "en")
TEST_KINDS: Final = ("paired", "set", "single", "mystery")
SENDING_ORDERS: Final = ("random", "control-first", "test-first")

GROUNDS: Final = (
    "origin",
    "nationality",
    "skin-colour",
    "descent",
    "religion-belief",
    "language",
    "gender",
    "gender-identity",
    "gender-expression",
    "sex-characteristics",
    "sexual-orientation",
    "age",
    "disability",
    "health",
    "genetic-characteristic",
    "family-composition",
    "family-responsibilities",
    "civil-status",
    "wealth-income",
    "birth",
    "social-origin",
    "political-conviction",
    "trade-union-conviction",
    "physical-characteristic",
    "pregnancy-parenthood",
    "working-hours",
    "contract-type",
)

OUTCOME_RULES: Final = ("strict", "broad")
"""Named rules that turn an outcome code into positive or not positive."""

FLAG_RULES: Final = (
    "discrete-fdr",
    "adaptive-discrete-fdr",
    "discrete-fdr-stepup",
    "bh",
    "by",
    "holm",
    "bonferroni",
    "storey",
    "e-value",
    "storey-t",
)

TARGET_STATES: Final = (
    "too-few-tests",
    "signal",
    "grey-zone",
    "not-assessable",
    "equal-treatment",
    "no-signal",
    "confirmed",
    "released",
)

EVIDENCE: Final = ("none", "comparative", "explicit")
PHASES: Final = ("screen", "confirm")
NO_REPLY: Final = "no-reply"
UNCODED: Final = "uncoded"
"""A reply that nobody has coded yet, in a log that a ledger gave."""
REFUSED_GROUND: Final = "refused-ground"

FAILED_REASONS: Final[dict[str, str]] = {
    "bounced": "the message could not be delivered",
    "advert-withdrawn": "the advert was taken back",
    "advert-gone": "the advert was gone before sending was complete",
    "wrong-text": "the wrong text or applicant was sent",
    "mail-missing": "one of the applications was never sent",
    "account-blocked": "an account or mailbox of an applicant was blocked",
    "reply-not-attributable": "a reply cannot be attributed to one applicant",
    "gap-exceeded": "the applications were sent too far apart or too close together",
    "wrong-order": "the applications were sent in another order than planned",
    "detected": "the target saw that this was a test",
    "script-broken": "the tester did not keep to the script",
    "duplicate-advert": "the advert had been tested before",
    "scam": "the advert was a scam",
    "unreachable": "nobody could be reached",
    "other": "another reason, told in the detail",
}
"""Reason codes of failed tests, all on grounds that do not depend on the replies."""

MODELS: Final = (
    "lpm",
    "logit",
    "conditional-logit",
    "gee",
    "mixed-logit",
    "heteroskedastic-probit",
)


@dataclass(frozen=True, slots=True)
class OutcomeScheme:
    """Outcome codes of one kind of test.

    Attributes:
        codes: every code, from the most to the least favourable to the applicant.
        strict: codes that count as positive under the strict rule.
        broad: codes that count as positive under the broad rule.
        failed: codes that fail the whole test, with the reason in English.
    """

    codes: tuple[str, ...]
    strict: tuple[str, ...]
    broad: tuple[str, ...]
    failed: dict[str, str]


SCHEMES: Final[dict[str, OutcomeScheme]] = {
    "housing": OutcomeScheme(
        codes=(
            "viewing-individual",
            "viewing-group",
            "viewing-conditional",
            "call-back",
            "application-form",
            "more-information",
            "waiting-list",
            "other-property",
            "accommodation-refused",
            "not-accessible",
            "already-rented",
            "withdrawn",
            "refused",
            "refused-ground",
            "auto-reply",
            "no-reply",
        ),
        strict=("viewing-individual", "viewing-group"),
        broad=(
            "viewing-individual",
            "viewing-group",
            "viewing-conditional",
            "call-back",
            "application-form",
        ),
        failed={"bounced": "message bounced", "scam": "advert was a scam"},
    ),
    "labour": OutcomeScheme(
        codes=(
            "offer",
            "interview",
            "test-invitation",
            "call-back",
            "information-request",
            "alternative-offer",
            "kept-on-file",
            "vacancy-closed",
            "refused",
            "refused-ground",
            "auto-reply",
            "no-reply",
        ),
        strict=("interview", "offer"),
        broad=(
            "interview",
            "offer",
            "test-invitation",
            "call-back",
            "information-request",
            "alternative-offer",
        ),
        failed={"bounced": "message bounced"},
    ),
    "mystery": OutcomeScheme(
        codes=(
            "complied",
            "indirect",
            "reluctant",
            "evasive",
            "refused",
            "refused-law",
            "unclear",
        ),
        strict=("complied",),
        broad=("complied", "indirect", "reluctant"),
        failed={"unreachable": "nobody could be reached"},
    ),
}

LADDERS: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "housing": (
        ("no-reply", "auto-reply"),
        ("refused", "refused-ground", "accommodation-refused", "not-accessible"),
        ("already-rented", "withdrawn"),
        ("waiting-list", "other-property"),
        ("more-information",),
        ("viewing-conditional", "call-back", "application-form"),
        ("viewing-group",),
        ("viewing-individual",),
    ),
    "labour": (
        ("no-reply", "auto-reply"),
        ("refused", "refused-ground"),
        ("vacancy-closed", "kept-on-file"),
        ("alternative-offer",),
        ("information-request", "call-back"),
        ("test-invitation",),
        ("interview",),
        ("offer",),
    ),
}
"""Outcome codes as a ladder, the worst rung first, by scheme."""

QUESTIONS: Final[dict[str, tuple[str, ...]]] = {
    "housing": ("more-information",),
    "labour": ("information-request",),
}
"""Codes of replies that only ask for more, by scheme."""

HEADLINE_STAGES: Final = ("first", "last", "cumulative")
"""What `[analysis] stage` may say besides the name of a stage."""

LOG_COLUMNS: Final = (
    "test",
    "profile",
    "outcome",
    "target",
    "target_group",
    "advert",
    "application",
    "position",
    "sent_at",
    "replied_at",
    "stage",
    "phase",
    "wave",
    "evidence",
    "template",
    "channel",
    "coder",
    "tester",
    "note",
    "failed",
)
"""Columns of the log that the contract names; any other column is carried along."""
