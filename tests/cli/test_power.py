"""`praktijktest power`: numbers, ways to say what is expected, bad input, words, docs."""

import json
import re
import shlex
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from praktijktest.cli import power
from praktijktest.problems import UsageError
from praktijktest.rounds.past_rounds import feasible_both, past_rounds
from praktijktest.rounds.power import market_power
from praktijktest.rounds.power_expectation import expectation
from praktijktest.rounds.power_target import curve_numbers, expected_agents, target_power
from praktijktest.rounds.power_words import amount, percent
from praktijktest.statistics.power_decisions import SIMULATED_RULES
from praktijktest.statistics.power_targets import mean_tests
from tests.cli.program import praktijktest

PAGE = Path(__file__).parents[2] / "docs" / "power.md"
RATES = ["--only-control", "0.3", "--only-test", "0.1"]
AGENTS = [
    *["--targets", "40", "--tests-per-target", "12", "--share", "0.2"],
    *["--only-control", "0.5", "--only-test", "0.05"],
    *["--fair-only-control", "0.12", "--fair-only-test", "0.12", "--simulations", "100"],
]
RESPONSES = ["--response-control", "0.6", "--response-test", "0.4"]
NEEDED_UNCONDITIONALLY = ["--power", "0.8", "--method", "unconditional"]
MARKET_KEYS = ["tests", "power", "detectable_difference", "method", "alpha", "sided"]
TARGET_KEYS = ["chance_flagged", "expected_flags", "fdr", "fdr_se", "curve"]


def run(*arguments: str, columns: int = 100):
    return CliRunner().invoke(power.app, list(arguments), env={"COLUMNS": str(columns)})


def document(*arguments: str) -> dict:
    done = run(*arguments, "--json")
    assert done.exit_code == 0, done.output
    assert done.stderr == ""
    return json.loads(done.stdout)


def refusal(*arguments: str) -> str:
    done = run(*arguments)
    assert isinstance(done.exception, UsageError), done.output
    assert done.stdout == ""
    assert "\n" not in done.exception.message
    return done.exception.message


def test_market_document():
    found = document("market", *RATES, "--tests", "50")
    assert list(found)[:6] == MARKET_KEYS
    assert found["tests"] == 50
    assert found["power"] == pytest.approx(0.546688611197871, abs=1e-9)
    assert (found["method"], found["alpha"], found["sided"]) == ("mcnemar-exact", 0.05, "two")
    at_limit = found["detectable_difference"] / 2
    limit = document(
        *["market", "--only-control", str(0.2 + at_limit)],
        *["--only-test", str(0.2 - at_limit), "--tests", "50"],
    )
    assert limit["power"] == pytest.approx(0.8, abs=1e-6)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--sided", "one"], 0.678501619555239),
        (["--method", "mcnemar-midp"], 0.619478977805466),
        (["--method", "normal"], 0.614489316205199),
    ],
)
def test_market_methods(options, expected):
    found = document("market", *RATES, "--tests", "50", *options)
    assert found["power"] == pytest.approx(expected, abs=1e-9)


def test_tests_needed_by_the_normal_formula():
    for wanted, formula, tests in (("0.8", 76.09, 77), ("0.9", 100.85, 101)):
        found = document("market", *RATES, "--power", wanted, "--method", "normal")
        assert found["formula_tests"] == pytest.approx(formula, abs=0.005)
        assert found["tests"] == tests


def test_tests_needed_exactly():
    found = document("market", *RATES, "--power", "0.8")
    assert found["tests"] == 84
    assert found["power"] >= 0.8
    assert found["first_tests"] is None
    again = document("market", *RATES, "--tests", "83")
    assert again["power"] < 0.8


def test_a_number_that_reaches_the_power_and_loses_it_again_is_named():
    arguments = ["market", "--only-control", "0.6", "--only-test", "0.4", "--power", "0.8"]
    found = document(*arguments)
    assert (found["first_tests"], found["tests"]) == (199, 210)
    assert "199 tests reach 80.0% for the first time" in run(*arguments).stdout


@pytest.mark.parametrize("method", ["mcnemar-exact", "normal"])
def test_repeated_tests_of_one_agent_count_for_less(method):
    alone = document("market", *RATES, "--tests", "100", "--method", method)
    clustered = document(
        *["market", *RATES, "--tests", "145", "--method", method],
        *["--tests-per-target", "5.5", "--icc", "0.1"],
    )
    assert clustered["design_effect"] == pytest.approx(1.45)
    assert clustered["effective_tests"] == pytest.approx(100)
    assert clustered["power"] == pytest.approx(alone["power"], abs=1e-12)
    needed = document("market", *RATES, "--power", "0.8", "--method", method)
    more = document(
        *["market", *RATES, "--power", "0.8", "--method", method],
        *["--tests-per-target", "5.5", "--icc", "0.1"],
    )
    assert more["tests"] == pytest.approx(1.45 * needed["tests"], abs=1.5)
    assert more["power"] >= 0.8


def test_response_rates_are_another_way_to_say_it():
    found = document("market", *RESPONSES, "--discordance", "0.4", "--tests", "50")
    assert found["only_control"] == pytest.approx(0.3)
    assert found["only_test"] == pytest.approx(0.1)
    assert found["power"] == pytest.approx(0.546688611197871, abs=1e-9)


def test_a_published_round_is_a_third_way():
    found = document("market", "--like", "ghent-2016", "--tests", "474")
    assert found["only_control"] == pytest.approx(66 / 474)
    assert found["only_test"] == pytest.approx(34 / 474)
    assert found["like"]["both_range"] == [121, 137]
    assert "121 to 137" in found["note"][0]
    printed = document("market", "--like", "washington-1993", "--tests", "241")
    assert printed["only_control"] == pytest.approx(46 / 241)
    assert printed["note"] == []


def test_the_shipped_rounds_agree_with_what_was_published():
    import tomllib

    text = (Path(power.__file__).parents[1] / "rounds" / "past_rounds.toml").read_text("utf-8")
    entries = {entry["id"]: entry for entry in tomllib.loads(text)["round"]}
    rounds = past_rounds()
    assert len({entry.id for entry in rounds}) == len(rounds) == len(entries)
    for entry in rounds:
        assert min(entry.both, entry.only_control, entry.only_test, entry.neither) >= 0
        net = 100 * (entry.only_control - entry.only_test) / (entry.tests - entry.neither)
        published = entries[entry.id].get("net_rate_percent", net)
        assert abs(net - published) <= 0.5 + 1e-9, entry.id


def test_feasible_counts_are_all_that_agree_with_the_published_rate():
    low, high = feasible_both(474, 195, 163, 14)
    agreeing = [
        both for both in range(164) if 13.5 <= 100 * (195 - 163) / (195 + 163 - both) <= 14.5
    ]
    assert (low, high) == (min(agreeing), max(agreeing))


def test_the_published_rounds_are_listed():
    table = run("market", "--list-rounds", columns=60).stdout
    listed = document("market", "--list-rounds")["rounds"]
    assert [entry["id"] for entry in listed] == [entry.id for entry in past_rounds()]
    assert all(entry["id"] in table for entry in listed)


def test_equal_shares_give_the_chance_of_a_false_alarm():
    found = document("market", "--only-control", "0.2", "--only-test", "0.2", "--tests", "200")
    assert found["power"] <= 0.025
    assert "false alarm" in found["note"][0]


def test_an_expected_advantage_of_the_test_applicant_is_said():
    found = document("market", "--only-control", "0.1", "--only-test", "0.3", "--tests", "50")
    assert found["power"] == pytest.approx(0.546688611197871, abs=1e-9)
    assert "test applicant" in found["note"][0]


def test_nothing_detectable_is_null_and_said():
    arguments = ["market", *RATES, "--tests", "5"]
    assert document(*arguments)["detectable_difference"] is None
    assert "no difference at all" in run(*arguments, columns=500).stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (RATES, "exactly one of --tests and --power"),
        ([*RATES, "--tests", "50", "--power", "0.8"], "exactly one of --tests and --power"),
        (["--tests", "50"], "Say what you expect"),
        ([*RATES, "--like", "ghent-2016", "--tests", "50"], "Use one way only"),
        (["--only-control", "0.3", "--tests", "50"], "--only-test is missing"),
        (["--only-control", "1.3", "--only-test", "0.1", "--tests", "9"], "not 1.3"),
        (["--only-control", "-0.3", "--only-test", "0.1", "--tests", "9"], "not -0.3"),
        (["--only-control", "nan", "--only-test", "0.1", "--tests", "9"], "not nan"),
        (["--only-control", "0.7", "--only-test", "0.4", "--tests", "9"], "cannot exceed 1"),
        ([*RATES, "--tests", "0"], "not 0"),
        ([*RATES, "--tests", "-5"], "not -5"),
        ([*RATES, "--tests", "100000000"], "not 100000000"),
        ([*RATES, "--power", "1"], "not 1"),
        ([*RATES, "--power", "80"], "not 80"),
        ([*RATES, "--power", "0.04"], "not above alpha"),
        ([*RATES, "--tests", "50", "--alpha", "0"], "--alpha"),
        ([*RATES, "--tests", "50", "--alpha", "0.6"], "--alpha"),
        ([*RATES, "--tests", "50", "--sided", "both"], "two or one, not 'both'"),
        ([*RATES, "--tests", "50", "--method", "wald"], "not 'wald'"),
        ([*RATES, "--tests", "50", "--icc", "0.1"], "go together"),
        ([*RATES, "--tests", "50", "--tests-per-target", "4"], "go together"),
        ([*RATES, "--tests", "50", "--tests-per-target", "4", "--icc", "2"], "--icc"),
        ([*RATES, "--tests", "50", "--tests-per-target", "0", "--icc", "0"], "not 0"),
        ([*RATES, "--tests", "5", "--tests-per-target", "9", "--icc", "0"], "5 tests in all"),
        (["--like", "gent-2016", "--tests", "50"], "Did you mean ghent-2016"),
        (["--only-control", "0.2", "--only-test", "0.2", "--power", "0.8"], "no difference"),
        (["--only-control", "0.2", "--only-test", "0.19999", "--power", "0.8"], "No round"),
        (
            ["--only-control", "0.2", "--only-test", "0.18", *NEEDED_UNCONDITIONALLY],
            "mcnemar-midp",
        ),
        ([*RATES, "--tests", "30000", "--method", "unconditional"], "mcnemar-midp"),
        (
            [*RESPONSES, "--discordance", "0.1", "--tests", "50"],
            "lies between 0.2 and 1",
        ),
        (["--response-control", "0.6", "--tests", "50"], "--response-test is missing"),
    ],
)
def test_impossible_markets_are_refused(arguments, says):
    assert says in refusal("market", *arguments)


def test_target_document():
    found = document("target", *AGENTS)
    assert list(found)[:5] == TARGET_KEYS
    assert list(found["curve"][0])[:3] == ["tests_per_target", "chance_flagged", "fdr"]
    assert len(found["curve"]) == 10
    assert found["discriminating"] == 8
    assert (found["seed"], found["simulations"], found["rule"]) == (1, 100, "discrete-fdr")
    here = next(point for point in found["curve"] if point["tests_per_target"] == 12)
    assert here["chance_flagged"] == found["chance_flagged"]
    assert here["chance_alone"] == found["chance_alone"] >= found["chance_flagged"]
    assert found["two_stage"]["mean_tests_per_target"] <= 12
    assert found["best_plan"] in found["plans"]


def test_the_same_seed_gives_the_same_numbers():
    assert document("target", *AGENTS) == document("target", *AGENTS, "--seed", "1")
    assert document("target", *AGENTS) != document("target", *AGENTS, "--seed", "2")


@pytest.mark.parametrize("rule", SIMULATED_RULES)
def test_every_rule_can_be_planned_with(rule):
    found = document("target", *AGENTS, "--rule", rule)
    assert 0 <= found["chance_flagged"] <= 1
    assert found["rule"] == rule


def test_more_tests_find_more():
    curve = document("target", *AGENTS)["curve"]
    found = [point["chance_flagged"] for point in curve]
    assert found[0] < 0.1
    assert found[-1] > 0.9


def test_a_two_stage_plan_of_ones_own():
    found = document("target", *AGENTS, "--screen-tests", "4", "--fresh-tests", "15")
    assert len(found["plans"]) == 2
    assert found["two_stage"]["tests_per_target"] == 4
    assert found["two_stage"]["fresh_tests"] == 15
    result = target_power(city(), 12, simulations=50, screen_tests=4, fresh_tests=15)
    assert 4 < result.two_stage.mean_tests < 4 + 15
    assert result.two_stage.mean_tests == found["two_stage"]["mean_tests_per_target"]


def city():
    return expected_agents(
        targets=40,
        share=0.2,
        only_control=0.5,
        only_test=0.05,
        fair_only_control=0.12,
        fair_only_test=0.12,
    )


def test_a_plan_above_the_budget_is_not_the_best():
    found = document("target", *AGENTS, "--screen-tests", "10", "--fresh-tests", "200")
    assert found["two_stage"]["mean_tests_per_target"] > 12
    assert found["best_plan"]["kind"] == "flat"


def test_candidates_spend_the_budget_and_no_more():
    from praktijktest.rounds.power_plans import MOST_FRESH, two_stage_candidates
    from praktijktest.statistics.power_targets import AgentType

    agents = (AgentType(12, 0.5, 0.05, True), AgentType(74, 0.12, 0.12, False))
    stages = two_stage_candidates(agents, 12, 2)
    assert stages
    for screen, fresh in stages:
        assert mean_tests(agents, screen, fresh, 2) <= 12
        assert fresh == MOST_FRESH or mean_tests(agents, screen, fresh + 1, 2) > 12


def test_nobody_discriminates():
    arguments = [*AGENTS, "--share", "0"]
    found = document("target", *arguments)
    assert found["chance_flagged"] is None
    assert found["best_plan"] is None
    assert found["fdr"] == found["any_false"]
    assert "Nobody discriminates" in run("target", *arguments).stdout


def test_everybody_discriminates():
    found = document("target", *AGENTS, "--share", "1")
    assert found["discriminating"] == 40
    assert found["fdr"] == 0


def test_one_agent_with_one_test():
    found = document("target", *AGENTS, "--targets", "1", "--tests-per-target", "1")
    assert found["chance_flagged"] == found["chance_alone"] == 0
    assert found["two_stage"] is None
    assert found["discriminating"] == 1


def test_a_minimum_of_tests_applies_when_asked_for():
    assert document("target", *AGENTS, "--min-tests", "13")["chance_flagged"] == 0


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--targets", "0"], "--targets"),
        (["--targets", "-3"], "not -3"),
        (["--tests-per-target", "0"], "--tests-per-target"),
        (["--tests-per-target", "1000"], "from 1 to 250"),
        (["--share", "1.2"], "--share"),
        (["--share", "-0.1"], "--share"),
        (["--share", "nan"], "--share"),
        (["--only-control", "1.2"], "--only-control"),
        (["--only-test", "0.6"], "cannot exceed 1"),
        (["--fair-only-control", "-1"], "--fair-only-control"),
        (["--fair-only-test", "0.9"], "--fair-only-test"),
        (["--rule", "luck"], "not 'luck'"),
        (["--rule", "e-value"], "--rule is one of"),
        (["--alpha", "1"], "--alpha"),
        (["--seed", "-1"], "--seed"),
        (["--simulations", "1"], "--simulations"),
        (["--screen-tests", "4"], "go together"),
        (["--screen-tests", "0", "--fresh-tests", "9"], "--screen-tests"),
        (["--screen-net", "0"], "--screen-net"),
        (["--min-tests", "-1"], "--min-tests"),
    ],
)
def test_impossible_plans_are_refused(options, says):
    assert says in refusal("target", *AGENTS, *options)


def test_a_missing_option_is_wrong_use():
    done = run("target", "--targets", "40")
    assert done.exit_code == 2
    assert "Missing option" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["market", "--like", "ghent-2016", "--power", "0.8"],
        ["market", *RATES, "--tests", "10000", "--tests-per-target", "12", "--icc", "0.2"],
        ["market", "--list-rounds"],
        ["target", *AGENTS],
    ],
)
def test_readable_at_sixty_columns(arguments):
    done = run(*arguments, columns=60)
    assert done.exit_code == 0
    assert max(len(line) for line in done.stdout.splitlines()) <= 60
    assert "…" not in done.stdout


def test_the_words_carry_the_users_own_numbers():
    said = " ".join(run("target", *AGENTS, columns=60).stdout.split())
    found = document("target", *AGENTS)
    share = found["chance_flagged"]
    assert f"With 12 tests per agent {amount(share)} of the agents" in said
    assert "in every second test are found" in said
    assert percent(share) in said
    enough = next(p for p in found["curve"] if p["chance_flagged"] >= 0.8)
    telling = amount(enough["chance_flagged"])
    assert f"with {enough['tests_per_target']} {telling} of them" in said
    assert "seed 1" in said


def test_shares_in_words():
    words = [amount(share) for share in (0.0, 0.1, 0.25, 0.33, 0.5, 0.67, 0.75, 0.9, 0.99)]
    assert words == [
        "practically none",
        "few",
        "about a quarter",
        "about a third",
        "about half",
        "about two thirds",
        "about three quarters",
        "most",
        "nearly all",
    ]
    assert percent(0.0) == "0.0%"
    assert percent(0.0002) == "less than 0.1%"
    assert percent(0.9999) == "more than 99.9%"
    assert percent(1.0) == "100.0%"


def test_the_curve_holds_the_users_number():
    for tests in (1, 2, 3, 7, 12, 33, 200, 250):
        numbers = curve_numbers(tests)
        assert tests in numbers
        assert len(numbers) == 10
        assert numbers == sorted(set(numbers))


def test_progress_reaches_the_end():
    seen = []
    target_power(city(), 8, simulations=20, progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == pytest.approx(1)


def test_the_library_gives_what_the_command_gives():
    result = market_power(expectation(0.3, 0.1), tests=50)
    assert result.to_dict() == document("market", *RATES, "--tests", "50")


# A page of the manual, with what the commands print --------------------------------------

CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)


def commands_and_output() -> list[tuple[str, str]]:
    found = []
    for block in CONSOLE.findall(PAGE.read_text(encoding="utf-8")):
        for part in re.split(r"^\$ praktijktest power ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            found.append((command, output.strip()))
    return found


@pytest.mark.parametrize(("command", "printed"), commands_and_output())
def test_the_page_prints_what_the_program_prints(command, printed):
    done = run(*shlex.split(command), columns=76)
    assert done.exit_code == 0, done.output
    if printed:
        said = "\n".join(line.rstrip() for line in done.stdout.splitlines())
        for part in printed.split("\n[...]\n"):
            assert part.strip("\n") in said


# The program as a process of its own ------------------------------------------------------


def test_wrong_use_is_one_sentence_and_code_two():
    done = praktijktest("power", "market", "--only-control", 0.7, "--only-test", 0.4)
    assert done.code == 2
    assert done.out == ""
    assert len(done.err.strip().splitlines()) == 1


def test_no_progress_bar_where_nobody_looks():
    done = praktijktest("power", "target", *AGENTS, "--json")
    assert done.code == 0
    assert done.err == ""
    assert json.loads(done.out)["simulations"] == 100


def test_help_loads_no_numbers():
    import subprocess

    script = (
        "import sys\nfrom praktijktest.cli import power\n"
        "print(sorted({'numpy', 'scipy', 'pandas'} & set(sys.modules)))"
    )
    made = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert made.stdout.strip() == b"[]"
