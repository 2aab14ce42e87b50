"""The tables of the design file, one model each. Names are the keys of the file.

What a value may be is said here; what must agree between keys is in `checking`.
"""

from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, model_validator

from praktijktest.design.values import (
    Day,
    Filled,
    Gap,
    Id,
    NameOrNames,
    Names,
    Number,
    SomeNames,
    SomeTexts,
    Text,
    Whole,
    YesNo,
    at_least,
    between,
    one_of,
    some_of,
)
from praktijktest.vocabulary import (
    FLAG_RULES,
    GROUNDS,
    JURISDICTIONS,
    LANGUAGES,
    MARKETS,
    MODELS,
    OUTCOME_RULES,
    SCHEMES,
    SENDING_ORDERS,
    TEST_KINDS,
)

CUSTOM: Final = "custom"
MEAN: Final = "mean"
WHOLE_PROFILE: Final = "profile"
"""The attribute of a contrast that compares whole profiles."""
DIRECTIONS: Final = ("control-favoured", "either")
SAME_PROFILE_RULES: Final = ("best", "first", "mean", "error")
UNEQUAL_RULES: Final = ("error", "allow")
CONTACT_RULES: Final = ("best", "last", "error")
COLUMN_TYPES: Final = ("text", "number", "date", "boolean")
FLAG_UNITS: Final = ("target", "target_group")
FLAG_FAMILIES: Final = ("family", "separate")
WITHIN_TARGET: Final = ("each", "simes")
ESTIMATES: Final = (
    "net_rate_usable",
    "net_rate_all",
    "net_rate_discordant",
    "gross_rate_usable",
    "gross_rate_all",
    "discordance_rate",
    "response_rate_control",
    "response_rate_test",
    "response_ratio",
    "odds_ratio_conditional",
    "mean_difference",
    "rate_difference",
    "odds_ratio",
    "compliance_rate",
)
"""Every estimate of the analysis document, of paired, unpaired and mystery tests."""


class Section(BaseModel):
    """One table of the design file: fixed once read, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Round(Section):
    """`[round]`: which campaign of tests this is."""

    id: Id
    title: Filled
    market: Annotated[str, one_of(MARKETS)] | None = None
    place: Text | None = None
    jurisdiction: Annotated[str, one_of(JURISDICTIONS)] = "other"
    start: Day | None = None
    end: Day | None = None
    language: Annotated[str, one_of(LANGUAGES)] = "en"
    commissioner: Text | None = None
    legal_basis: Text | None = None
    ethics: Text | None = None
    contact: Text | None = None
    simulated: YesNo = False

    @model_validator(mode="before")
    @classmethod
    def _titled(cls, values: Any) -> Any:
        """A round without a title goes by its id."""
        if isinstance(values, dict) and "title" not in values:
            return {**values, "title": values.get("id", "untitled")}
        return values


class Procedure(Section):
    """`[test]`: how one test is carried out."""

    kind: Annotated[str, one_of(TEST_KINDS)] = "paired"
    unit: Filled | None = None
    order: Annotated[str, one_of(SENDING_ORDERS)] | None = None
    gap_hours: Gap | None = None
    response_days: Annotated[Whole, at_least(1)] | None = None
    stages: Names = ()


class Profile(Section):
    """`[[profile]]`: a fictitious applicant."""

    id: Filled
    attributes: dict[str, Filled] = Field(default_factory=dict)
    names: Names = ()


class Contrast(Section):
    """`[[contrast]]`: a level of an attribute against one or more others, as declared."""

    id: Id
    attribute: Filled
    ground: Annotated[str, one_of(GROUNDS)]
    control: Filled
    test: NameOrNames
    pool: YesNo = False
    within: Names | None = None
    labels: dict[str, Filled] = Field(default_factory=dict)
    direction: Annotated[str, one_of(DIRECTIONS)] = "control-favoured"

    @property
    def levels(self) -> tuple[str, ...]:
        """The test levels."""
        return (self.test,) if isinstance(self.test, str) else self.test


class Call(Section):
    """`[[call]]`: what is asked in a mystery call."""

    id: Id
    ground: Annotated[str, one_of(GROUNDS)]
    request: Filled
    script: Filled | None = None


class Outcomes(Section):
    """`[outcomes]`: the codes of the log and which of them are positive, as declared."""

    scheme: Annotated[str, one_of((*SCHEMES, CUSTOM))]
    primary: Annotated[str, one_of(OUTCOME_RULES)] | None = None
    positive: dict[str, SomeNames] = Field(default_factory=dict)
    labels: dict[str, Text] = Field(default_factory=dict)
    failed: dict[str, Text] = Field(default_factory=dict)
    ladder: tuple[SomeNames, ...] = ()
    questions: SomeNames = ()


class Applicant(Section):
    """`[[columns.wide]]`: one applicant of a log with one row per test.

    All but `profile`, `attributes` and `optional` are names of columns of the log.
    """

    profile: Filled | None = None
    attributes: dict[str, Filled] | None = None
    outcome: Filled
    position: Filled | None = None
    sent_at: Filled | None = None
    replied_at: Filled | None = None
    failed: Filled | None = None
    evidence: Filled | None = None
    template: Filled | None = None
    channel: Filled | None = None
    application: Filled | None = None
    note: Filled | None = None
    optional: YesNo = False


class Columns(Section):
    """`[columns]`: under which name the log has each column of the contract."""

    test: NameOrNames | None = None
    profile: NameOrNames | None = None
    outcome: Filled | None = None
    target: NameOrNames | None = None
    target_group: Filled | None = None
    advert: Filled | None = None
    application: NameOrNames | None = None
    position: Filled | None = None
    sent_at: Filled | None = None
    replied_at: Filled | None = None
    stage: Filled | None = None
    phase: Filled | None = None
    wave: Filled | None = None
    evidence: Filled | None = None
    template: Filled | None = None
    channel: Filled | None = None
    coder: Filled | None = None
    tester: Filled | None = None
    note: Filled | None = None
    failed: Filled | None = None
    cluster: NameOrNames | None = None
    attributes: dict[str, Filled] = Field(default_factory=dict)
    values: dict[str, dict[str, Text]] = Field(default_factory=dict)
    types: dict[str, Annotated[str, one_of(COLUMN_TYPES)]] = Field(default_factory=dict)
    wide: tuple[Applicant, ...] = ()


class Reading(Section):
    """`[reading]`: how the log is read."""

    sheet: Text | None = None
    header_row: Annotated[Whole, at_least(1)] = 1
    same_profile: Annotated[str, one_of(SAME_PROFILE_RULES)] = "error"
    unequal: Annotated[str, one_of(UNEQUAL_RULES)] = "error"
    contacts: Annotated[str, one_of(CONTACT_RULES)] = "error"
    missing_outcome: Text = "error"
    keep: dict[str, SomeTexts] = Field(default_factory=dict)


class AnalysisChoices(Section):
    """`[analysis]`: what is computed and shown."""

    confidence: Annotated[Number, between(0.5, 1, "0.95")] = 0.95
    headline: Annotated[str, one_of(ESTIMATES)] = "net_rate_usable"
    strata: Names = ()
    stage: Filled = "first"
    models: Annotated[tuple[str, ...], some_of(MODELS)] = ()
    covariates: Names = ()
    interactions: Names = ()
    identity: Text | None = None
    bootstrap: Annotated[Whole, at_least(0)] = 0
    seed: Annotated[Whole, at_least(0)] = 1


class Flagging(Section):
    """`[flagging]`: when a target is flagged."""

    rule: Annotated[str, one_of(FLAG_RULES)] = "adaptive-discrete-fdr"
    alpha: Annotated[Number, between(0, 1, "0.05")] = 0.05
    min_tests: Annotated[Whole, at_least(1)] = 10
    grey_midp: Annotated[Number, between(0, 1, "0.05")] = 0.05
    equal_margin: Annotated[Number, between(0, 1, "0.10")] = 0.10
    contrasts: Names | None = None
    unit: Annotated[str, one_of(FLAG_UNITS)] = "target"
    only: dict[str, SomeTexts] = Field(default_factory=dict)
    across: Annotated[str, one_of(FLAG_FAMILIES)] = "family"
    within_target: Annotated[str, one_of(WITHIN_TARGET)] = "each"
    label_months: Annotated[Whole, at_least(1)] = 12
    accept_fixed_order: YesNo = False


class Privacy(Section):
    """`[privacy]`: how long the data are kept, and what public output hides.

    Attributes:
        retain_until: until when a class of data is kept that has no date of its own.
        min_cell: smaller counts are hidden in public output.
        identities_until: who is behind each pseudonym, and files that hold names.
        messages_until: raw replies, words, notes and sources.
        log_until: the ledger and its snapshots.
        aggregates_until: reports.
        controller: who answers for the processing; default: the commissioner.
        officer: how the data protection officer is reached.
        recipients: who receives personal data.
    """

    retain_until: Day | None = None
    min_cell: Annotated[Whole, at_least(1)] = 5
    identities_until: Day | None = None
    messages_until: Day | None = None
    log_until: Day | None = None
    aggregates_until: Day | None = None
    controller: Text | None = None
    officer: Text | None = None
    recipients: SomeTexts = ()
