"""What a simulated round is made of: agents, grounds, true probabilities and the noise of a log."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from praktijktest.problems import UsageError

TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class CellProbabilities:
    """How likely each of the four cells of a test is, under the strict rule.

    Attributes:
        both: both applicants get a positive reply.
        only_control: only the control applicant does.
        only_test: only the test applicant does.
    """

    both: float
    only_control: float
    only_test: float

    def __post_init__(self) -> None:
        """Refuse what is not a probability."""
        if min(self.both, self.only_control, self.only_test, self.neither) < 0:
            raise UsageError(f"These cell probabilities are impossible: {self}.")

    @property
    def neither(self) -> float:
        """Neither applicant gets a positive reply: what the other three leave."""
        rest = 1 - self.both - self.only_control - self.only_test
        return 0.0 if abs(rest) < TOLERANCE else rest


@dataclass(frozen=True, slots=True)
class SimulatedProfile:
    """A fictitious applicant: a profile id of the design and the names used for it."""

    id: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SimulatedGround:
    """One ground, tested on adverts of its own with a control applicant of its own.

    Attributes:
        id: name of the ground's contrast in the design.
        control: the control applicant.
        test: the test applicant.
        fair: cell probabilities at agents who do not discriminate on this ground; they are
            only fair when `only_control` equals `only_test`.
        discriminating: cell probabilities at agents who do.
        discriminators: how many agents discriminate on this ground.
    """

    id: str
    control: SimulatedProfile
    test: SimulatedProfile
    fair: CellProbabilities
    discriminating: CellProbabilities
    discriminators: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LogNoise:
    """What replies look like in a log, and what goes wrong on their way there.

    Attributes:
        positive: outcome code -> share among positive replies (strict rule).
        negative: outcome code -> share among all other replies, silence included.
        explicit: share of refusals in tests that only the control won, at discriminating
            agents, that say the ground in so many words.
        late: share of silences that are a reply after the response window.
        failed: reason -> share of tests. `bounced` and `scam` are written as the outcome of
            one application, any other reason in the column `failed`.
        incomplete: share of tests in which only one of both applicants applied.
        silence_left_empty: share of silences whose outcome is an empty cell rather than
            `no-reply`; silence at the end of the round is always written out.
        response_days: response window after sending.
        reply_hours: mean time to a reply.
        notes: remarks in the log.
        noted: share of applications with a remark.
    """

    positive: Mapping[str, float] = field(
        default_factory=lambda: {"viewing-individual": 0.7, "viewing-group": 0.3}
    )
    negative: Mapping[str, float] = field(
        default_factory=lambda: {
            "no-reply": 0.58,
            "already-rented": 0.12,
            "more-information": 0.07,
            "refused": 0.05,
            "viewing-conditional": 0.05,
            "application-form": 0.04,
            "call-back": 0.03,
            "auto-reply": 0.03,
            "waiting-list": 0.02,
            "other-property": 0.01,
        }
    )
    explicit: float = 0.04
    late: float = 0.03
    failed: Mapping[str, float] = field(
        default_factory=lambda: {"advert-gone": 0.015, "bounced": 0.008, "scam": 0.006}
    )
    incomplete: float = 0.01
    silence_left_empty: float = 0.6
    response_days: int = 14
    reply_hours: float = 30.0
    notes: tuple[str, ...] = (
        "vraagt loonfiche",
        "belde terug, stem ingesproken",
        "antwoord in het Frans: déjà loué",
        "bezichtiging zaterdag; à confirmer",
        'schrijft "liefst geen kinderen"',
    )
    noted: float = 0.03

    def __post_init__(self) -> None:
        """Refuse shares that are none."""
        _check_shares(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundParameters(LogNoise):
    """Everything but the seed that decides what a simulated round looks like.

    Attributes:
        grounds: the grounds that are tested.
        targets: number of agents, each tested on every ground.
        tests_per_target: fewest and most tests per agent and ground, both inclusive.
        discriminators_on_all: how many of the discriminating agents do so on every ground.
        concentration: how alike agents of one kind are. Each agent's chances of both,
            discordant and neither are Dirichlet around the ground's values with this
            precision; the split of the discordant part stays exact, so that a fair agent
            stays fair. None: all agents of a kind are the same.
        target_name: how agents are called, with a place for their number.
        strata: column -> levels and their shares among agents.
        start: first day of sending.
        working_days: number of weekdays in which tests are sent.
        gap_hours: shortest and longest time between the applications of a test.
        templates: equivalent texts, one per applicant of a test.
        testers: who sends the tests.
    """

    grounds: tuple[SimulatedGround, ...]
    targets: int
    tests_per_target: tuple[int, int]
    discriminators_on_all: int = 0
    concentration: float | None = 12.0
    target_name: str = "agent-{:03d}"
    strata: Mapping[str, Mapping[str, float]] = field(
        default_factory=lambda: {
            "agent_type": {"chain": 0.3, "independent": 0.7},
            "district": {"Centrum": 0.4, "Noord": 0.25, "Zuid": 0.2, "Sint-Amandsberg": 0.15},
        }
    )
    start: date = date(2026, 9, 1)
    working_days: int = 130
    gap_hours: tuple[float, float] = (3.0, 8.0)
    templates: tuple[str, ...] = ("A", "B")
    testers: tuple[str, ...] = ("Anke", "Hélène", "Jörg", "Sofie", "Zoé")

    def __post_init__(self) -> None:
        """Refuse numbers that no round can have."""
        fewest, most = self.tests_per_target
        if not self.grounds or self.targets < 1 or not 1 <= fewest <= most:
            raise UsageError("A simulated round needs a ground, a target and a test per target.")
        if self.concentration is not None and self.concentration <= 0:
            raise UsageError("The concentration is above 0, or None for agents that are alike.")
        numbers = [ground.discriminators for ground in self.grounds]
        on_one = sum(number - self.discriminators_on_all for number in numbers)
        if min(numbers) < self.discriminators_on_all or self.discriminators_on_all < 0:
            raise UsageError("More agents discriminate on all grounds than on one of them.")
        if self.discriminators_on_all + on_one > self.targets:
            raise UsageError("More agents discriminate than there are.")
        _check_shares(self, *self.strata.values())


def _check_shares(noise: LogNoise, *strata: Mapping[str, float]) -> None:
    whole = [noise.positive, noise.negative, *strata]
    for shares in whole:
        if min(shares.values()) < 0 or abs(sum(shares.values()) - 1) > TOLERANCE:
            raise UsageError(f"These shares are not parts of a whole: {dict(shares)}.")
    single = {
        name: getattr(noise, name)
        for name in ("explicit", "late", "incomplete", "silence_left_empty", "noted")
    }
    single["failed"] = sum(noise.failed.values())
    for name, share in single.items():
        if not 0 <= share <= 1:
            raise UsageError(f"The share {name!r} lies between 0 and 1, not {share}.")


FLEMISH = SimulatedProfile("flemish", ("Wouter Claes", "Bram Maes", "André Goossens"))
MOROCCAN = SimulatedProfile("moroccan", ("Rachid El Amrani", "Youssef Benali", "Anouar Saïdi"))
NO_DISABILITY = SimulatedProfile("no-disability", ("Jeroen Peeters", "Noël De Smet"))
WHEELCHAIR = SimulatedProfile("wheelchair", ("Pieter Willems", "Zoë Mertens"))


def ghent_like() -> RoundParameters:
    """A round like those in Ghent: 86 estate agents, 8 to 15 tests each on each of two grounds.

    Origin (Flemish against Moroccan) and disability (none against a wheelchair) are tested
    on different adverts. A dozen agents discriminate: four on both grounds, five on origin
    only, three on disability only. Nobody is modelled on a real agent.
    """
    return RoundParameters(
        grounds=(
            SimulatedGround(
                id="origin",
                control=FLEMISH,
                test=MOROCCAN,
                fair=CellProbabilities(0.46, 0.05, 0.05),
                discriminating=CellProbabilities(0.12, 0.62, 0.01),
                discriminators=9,
            ),
            SimulatedGround(
                id="disability",
                control=NO_DISABILITY,
                test=WHEELCHAIR,
                fair=CellProbabilities(0.44, 0.06, 0.06),
                discriminating=CellProbabilities(0.12, 0.58, 0.01),
                discriminators=7,
            ),
        ),
        targets=86,
        tests_per_target=(8, 15),
        discriminators_on_all=4,
        target_name="makelaar-{:03d}",
    )


def one_ground(
    targets: int, tests_per_target: tuple[int, int] = (8, 16), discriminating: float = 0.1
) -> RoundParameters:
    """A round of any size on origin alone, for measuring speed.

    Args:
        targets: number of agents.
        tests_per_target: fewest and most tests per agent, both inclusive.
        discriminating: share of agents who discriminate.
    """
    return RoundParameters(
        grounds=(
            SimulatedGround(
                id="origin",
                control=FLEMISH,
                test=MOROCCAN,
                fair=CellProbabilities(0.30, 0.06, 0.06),
                discriminating=CellProbabilities(0.10, 0.70, 0.01),
                discriminators=round(targets * discriminating),
            ),
        ),
        targets=targets,
        tests_per_target=tests_per_target,
    )
