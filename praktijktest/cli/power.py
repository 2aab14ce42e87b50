"""`praktijktest power …`: how many tests a round needs, and what its flags will find."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from praktijktest.cli import options
from praktijktest.cli.output import console, print_json

if TYPE_CHECKING:
    from praktijktest.rounds.power_target import TargetPower

app = typer.Typer(
    help="Power before the field: for the whole market, and for flagging single agents.",
    no_args_is_help=True,
)


Number = float | None
OnlyControl = Annotated[
    Number,
    typer.Option("--only-control", help="Expected share of tests with only the control answered."),
]
OnlyTest = Annotated[
    Number,
    typer.Option("--only-test", help="Expected share with only the test applicant answered."),
]
Tests = Annotated[int | None, typer.Option("--tests", help="Number of tests: gives their power.")]
WantedPower = Annotated[
    Number, typer.Option("--power", help="Wanted power: gives the tests needed.")
]
Alpha = Annotated[float, typer.Option("--alpha", help="Significance level.")]
Sided = Annotated[
    str, typer.Option("--sided", help="two or one; power counts the expected direction only.")
]
Method = Annotated[
    str, typer.Option("--method", help="mcnemar-exact, mcnemar-midp, unconditional or normal.")
]
MeanTests = Annotated[
    Number, typer.Option("--tests-per-target", help="Mean number of tests per agent.")
]
Likeness = Annotated[
    Number,
    typer.Option("--icc", help="Likeness of tests of one agent (intraclass correlation)."),
]
ResponseControl = Annotated[
    Number, typer.Option("--response-control", help="Expected response rate of the control.")
]
ResponseTest = Annotated[
    Number, typer.Option("--response-test", help="Expected response rate of the test applicant.")
]
Discordance = Annotated[
    Number, typer.Option("--discordance", help="Expected share of tests with one of them answered.")
]
Like = Annotated[str | None, typer.Option("--like", help="Expect what a published round found.")]
ListRounds = Annotated[
    bool, typer.Option("--list-rounds", help="Show the published rounds and stop.")
]

Targets = Annotated[int, typer.Option("--targets", help="Number of agents.")]
TestsEach = Annotated[int, typer.Option("--tests-per-target", help="Tests of every agent.")]
Share = Annotated[float, typer.Option("--share", help="Share of the agents that discriminate.")]
TheirControl = Annotated[
    float,
    typer.Option(
        "--only-control",
        help="Share of a discriminating agent's tests with only the control answered.",
    ),
]
TheirTest = Annotated[
    float,
    typer.Option("--only-test", help="Share of them with only the test applicant answered."),
]
FairControl = Annotated[
    float, typer.Option("--fair-only-control", help="The first share for a fair agent.")
]
FairTest = Annotated[
    float, typer.Option("--fair-only-test", help="The second share for a fair agent.")
]
Rule = Annotated[str, typer.Option("--rule", help="Flag rule.")]
Seed = Annotated[int, typer.Option("--seed", help="Seed of the simulation.")]
Simulations = Annotated[
    int, typer.Option("--simulations", help="Simulated lists of agents per plan.")
]
ScreenTests = Annotated[
    int | None,
    typer.Option("--screen-tests", help="Two-stage plan: first tests of everybody."),
]
FreshTests = Annotated[
    int | None,
    typer.Option("--fresh-tests", help="Two-stage plan: fresh tests of who stood out."),
]
ScreenNet = Annotated[
    int, typer.Option("--screen-net", help="Wins minus losses that earn fresh tests.")
]
MinTests = Annotated[
    int, typer.Option("--min-tests", help="Fewest tests with which an agent is flagged.")
]


@app.callback()
def group() -> None:
    """Power before the field: for the whole market, and for flagging single agents."""


@app.command("market")
def market(
    only_control: OnlyControl = None,
    only_test: OnlyTest = None,
    tests: Tests = None,
    power: WantedPower = None,
    alpha: Alpha = 0.05,
    sided: Sided = "two",
    method: Method = "mcnemar-exact",
    tests_per_target: MeanTests = None,
    icc: Likeness = None,
    response_control: ResponseControl = None,
    response_test: ResponseTest = None,
    discordance: Discordance = None,
    like: Like = None,
    list_rounds: ListRounds = False,
    json: options.Json = False,
) -> None:
    """Power of a number of tests on the whole market, or the tests needed for a power.

    Say what you expect in one of three ways: --only-control and --only-test; --response-control,
    --response-test and --discordance; or --like a published round. Give --tests or --power.

    The power is exact. It goes up and down a little with the number of tests, so the tests
    needed are the smallest number from which the power stays at or above the wanted one. The
    detectable difference is the smallest net difference, in shares of all tests, found with 80%
    power (or the wanted one) while the share of tests that differ stays as expected.
    """
    from praktijktest.rounds.power import market_power
    from praktijktest.rounds.power_expectation import expectation

    if list_rounds:
        _show_rounds(json=json)
        return
    expected = expectation(
        only_control,
        only_test,
        response_control=response_control,
        response_test=response_test,
        discordance=discordance,
        like=like,
    )
    result = market_power(
        expected,
        tests=tests,
        power=power,
        alpha=alpha,
        sided=sided,
        method=method,
        tests_per_target=tests_per_target,
        icc=icc,
    )
    if json:
        print_json(result.to_dict())
        return
    from praktijktest.rounds.power_words import market_sentences

    _say(market_sentences(result))


@app.command("target")
def target(
    targets: Targets,
    tests_per_target: TestsEach,
    share: Share,
    only_control: TheirControl,
    only_test: TheirTest,
    fair_only_control: FairControl,
    fair_only_test: FairTest,
    rule: Rule = "discrete-fdr",
    alpha: Alpha = 0.05,
    seed: Seed = 1,
    simulations: Simulations = 1000,
    screen_tests: ScreenTests = None,
    fresh_tests: FreshTests = None,
    screen_net: ScreenNet = 2,
    min_tests: MinTests = 0,
    json: options.Json = False,
) -> None:
    """What share of the discriminating agents a plan flags, and how many flags are wrong.

    Lists of agents are simulated under the flag rule; the chance of one agent alone is exact.
    Two-stage plans with the same number of tests are compared: a few tests for everybody, then
    fresh tests for those who stood out, with flags on the fresh tests alone. Without
    --screen-tests and --fresh-tests the program tries several. All agents count for the rule,
    however few tests they have, unless --min-tests says otherwise.
    """
    from praktijktest.rounds.power_target import expected_agents, target_power

    expected = expected_agents(
        targets=targets,
        share=share,
        only_control=only_control,
        only_test=only_test,
        fair_only_control=fair_only_control,
        fair_only_test=fair_only_test,
    )
    with _progress() as progress:
        result = target_power(
            expected,
            tests_per_target,
            rule=rule,
            alpha=alpha,
            seed=seed,
            simulations=simulations,
            screen_tests=screen_tests,
            fresh_tests=fresh_tests,
            screen_net=screen_net,
            min_tests=min_tests,
            progress=progress,
        )
    if json:
        print_json(result.to_dict())
        return
    _show_target(result)


@contextmanager
def _progress() -> Iterator[Callable[[float], None] | None]:
    """A progress bar on standard error where that is a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.progress import Progress

    with Progress(console=console(error=True), transient=True) as bar:
        task = bar.add_task("Simulating", total=1.0)
        yield lambda done: bar.update(task, completed=done)


def _say(paragraphs: list[str]) -> None:
    screen = console()
    for paragraph in paragraphs:
        screen.print(paragraph, markup=False)


def _show_target(result: "TargetPower") -> None:
    from rich.table import Table

    from praktijktest.rounds.power_words import plan_name, target_sentences

    _say(target_sentences(result))
    screen = console()
    curve = Table("Tests", "Found", "Alone", "Wrong flags", box=None)
    for point in result.curve:
        found = point.found
        curve.add_row(
            str(point.tests_per_target),
            _cell(found.chance_flagged),
            _cell(point.chance_alone),
            _cell(found.fdr),
        )
    plans = Table("Plan", "Mean", "Found", "Wrong flags", box=None)
    for plan in result.plans:
        found = plan.found
        row = (f"{plan.mean_tests:.1f}", _cell(found.chance_flagged), _cell(found.fdr))
        plans.add_row(plan_name(plan), *row)
    for title, table in (("Tests per agent", curve), ("Plans, mean tests per agent", plans)):
        screen.print(f"\n{title}", markup=False)
        screen.print(table)


def _cell(value: float | None) -> str:
    from praktijktest.rounds.power_words import percent

    return "–" if value is None else percent(value).replace("less than ", "<")


def _show_rounds(*, json: bool) -> None:
    from praktijktest.rounds.past_rounds import past_rounds

    if json:
        print_json({"rounds": [entry.to_dict() for entry in past_rounds()]})
        return
    from rich.table import Table

    table = Table("Round", "Tests", "Only control", "Only test", box=None)
    for entry in past_rounds():
        mark = "~" if entry.estimated else ""
        shares = (entry.only_control / entry.tests, entry.only_test / entry.tests)
        table.add_row(entry.id, str(entry.tests), *(f"{mark}{_cell(share)}" for share in shares))
    console().print(table)
    _say(["~ from published margins and net rate: the middle of what is possible."])
