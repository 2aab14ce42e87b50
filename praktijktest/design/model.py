"""The design of a round: everything its file declares, and what follows from it."""

from pydantic import Field

from praktijktest.design.comparisons import Comparison, resolve
from praktijktest.design.form_sections import Form
from praktijktest.design.mail_sections import Mail
from praktijktest.design.outcomes import (
    failed_reasons,
    labelled_codes,
    ladder_of,
    positive_codes,
    primary_rule,
    question_codes,
)
from praktijktest.design.planning_sections import Assignment, Sampling, Schedule
from praktijktest.design.sections import (
    WHOLE_PROFILE,
    AnalysisChoices,
    Call,
    Columns,
    Contrast,
    Flagging,
    Outcomes,
    Privacy,
    Procedure,
    Profile,
    Reading,
    Round,
    Section,
)
from praktijktest.design.sequential_sections import Sequential
from praktijktest.vocabulary import FORMAT


class Design(Section):
    """One design file. Attributes are the keys of the file; lists of tables are plural."""

    format: int = FORMAT
    round: Round
    test: Procedure | None = None
    profiles: tuple[Profile, ...] = Field(default=(), alias="profile")
    contrasts: tuple[Contrast, ...] = Field(default=(), alias="contrast")
    calls: tuple[Call, ...] = Field(default=(), alias="call")
    outcomes: Outcomes
    columns: Columns = Columns()
    reading: Reading = Reading()
    sampling: Sampling = Sampling()
    assignment: Assignment = Assignment()
    schedule: Schedule = Schedule()
    mail: Mail = Mail()
    forms: tuple[Form, ...] = Field(default=(), alias="form")
    analysis: AnalysisChoices = AnalysisChoices()
    flagging: Flagging = Flagging()
    sequential: Sequential | None = None
    privacy: Privacy = Privacy()

    @property
    def kind(self) -> str:
        """paired, set, single or mystery; a design of calls alone is mystery."""
        if self.test is not None and "kind" in self.test.model_fields_set:
            return self.test.kind
        return "mystery" if self.calls and not self.contrasts else "paired"

    @property
    def primary_rule(self) -> str:
        """The outcome rule of headlines and flags: "strict" or "broad"."""
        return primary_rule(self.outcomes, self.round.market)

    def outcome_codes(self) -> dict[str, str | None]:
        """Outcome code -> label (None for built-in schemes), most favourable first.

        Codes that fail a test are not among them.
        """
        return labelled_codes(self.outcomes)

    def positive(self) -> dict[str, frozenset[str]]:
        """Outcome rule -> the codes that are positive under it."""
        return positive_codes(self.outcomes)

    def ladder(self) -> tuple[tuple[str, ...], ...]:
        """The outcome codes by rung, the worst rung first; empty where there is no ladder."""
        return ladder_of(self.outcomes)

    def questions(self) -> tuple[str, ...]:
        """The codes of replies that only ask for more."""
        return question_codes(self.outcomes)

    @property
    def stages(self) -> tuple[str, ...]:
        """The stages of a test in their order; empty where tests have one stage."""
        return self.test.stages if self.test is not None else ()

    def failed_codes(self) -> dict[str, str]:
        """Codes that fail the whole test -> the reason."""
        return failed_reasons(self.outcomes)

    def attributes(self) -> tuple[str, ...]:
        """Every attribute that the design names anywhere, sorted, without "profile"."""
        named = {contrast.attribute for contrast in self.contrasts}
        named.update(self.columns.attributes)
        for profile in self.profiles:
            named.update(profile.attributes)
        for applicant in self.columns.wide:
            named.update(applicant.attributes or {})
        return tuple(sorted(named - {WHOLE_PROFILE}))

    def comparisons(self) -> tuple[Comparison, ...]:
        """The comparisons that the contrasts stand for, in their order."""
        known = self.attributes()
        return tuple(found for contrast in self.contrasts for found in resolve(contrast, known))

    def flagged_comparisons(self) -> tuple[Comparison, ...]:
        """The comparisons on which targets can be flagged.

        `[flagging] contrasts` may name a contrast ("origin") or one of its levels
        ("origin:turkish").
        """
        wanted = self.flagging.contrasts
        found = self.comparisons()
        if wanted is None:
            return found
        return tuple(c for c in found if c.id in wanted or c.declared_id in wanted)
