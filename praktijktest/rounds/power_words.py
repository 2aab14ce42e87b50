"""Power in words: sentences for the terminal, each with its own numbers."""

from praktijktest.rounds.power import MarketPower
from praktijktest.rounds.power_plans import Plan
from praktijktest.rounds.power_target import TargetPower

EVERY: dict[float, str] = {
    0.5: "every second test",
    0.33: "every third test",
    0.25: "every fourth test",
    0.2: "every fifth test",
    0.1: "every tenth test",
    1.0: "every test",
}

METHOD_NAMES = {
    "mcnemar-exact": "Exact McNemar test",
    "mcnemar-midp": "McNemar test with mid-p",
    "unconditional": "Exact unconditional test",
    "normal": "Normal formula",
}

MOST_FOUND = 0.8


def percent(value: float) -> str:
    """A share as a percentage with one decimal, never rounded up to 100 or down to 0."""
    if 0 < value < 0.0005:
        return "less than 0.1%"
    if 0.9995 <= value < 1:
        return "more than 99.9%"
    return f"{100 * value:.1f}%"


def market_sentences(result: MarketPower) -> list[str]:
    """What a power calculation for the market says, one paragraph per sentence."""
    expected = result.expected
    difference = abs(expected.only_control - expected.only_test)
    said = []
    if expected.like is not None:
        said.append(f"As in {expected.like.title} ({expected.like.source}).")
    said.append(
        f"Expected: only the control applicant is answered in {percent(expected.only_control)} "
        f"of the tests, only the test applicant in {percent(expected.only_test)}. That is a net "
        f"difference of {100 * difference:.1f} points of all tests, and "
        f"{percent(expected.discordance)} of the tests differ."
    )
    said.append(_main_sentence(result))
    if result.first_tests is not None:
        said.append(
            f"{result.first_tests:,} tests reach {percent(result.detectable_power)} for the "
            "first time, but some larger numbers fall below it again: whole counts make the "
            f"power go up and down. From {result.tests:,} on it stays."
        )
    if result.design_effect > 1:
        said.append(
            f"Tests of one agent are alike: with {result.tests_per_target:g} tests per agent "
            f"and an ICC of {result.icc:g} the design effect is {result.design_effect:.2f}, so "
            f"{result.tests:,} tests count as {result.effective_tests:,.0f}."
        )
    said.append(_detectable_sentence(result))
    said.extend(result.note)
    sides = "two-sided, right direction only" if result.sided == "two" else "one-sided"
    said.append(f"{METHOD_NAMES[result.method]}, {sides}, alpha {result.alpha:g}.")
    return said


def _main_sentence(result: MarketPower) -> str:
    expected = result.expected
    if expected.only_control == expected.only_test:
        return (
            f"With {result.tests:,} tests a difference in this direction is found by chance "
            f"with {percent(result.power)}."
        )
    if result.formula_tests is None:
        return (
            f"With {result.tests:,} tests the chance to find this difference is "
            f"{percent(result.power)}."
        )
    return (
        f"{result.tests:,} tests are needed to find this difference with a chance of "
        f"{percent(result.detectable_power)} (they give {percent(result.power)})."
    )


def _detectable_sentence(result: MarketPower) -> str:
    chance = percent(result.detectable_power)
    differing = percent(result.expected.discordance)
    if result.detectable_difference is None:
        return (
            f"As long as {differing} of the tests differ, {result.tests:,} tests find no "
            f"difference at all with a chance of {chance}."
        )
    return (
        f"If {differing} of the tests differ, {result.tests:,} tests find a net difference of "
        f"{100 * result.detectable_difference:.1f} points of all tests or more with a chance "
        f"of {chance}."
    )


def target_sentences(result: TargetPower) -> list[str]:
    """What a power calculation for flags says, one paragraph per sentence."""
    found, expected = result.flat.found, result.expected
    said = [
        f"{expected.targets:,} agents, {expected.discriminating:,} of whom discriminate: they "
        f"answer only the control applicant in {_every(expected.rates[0])} and only the test "
        f"applicant in {percent(expected.rates[1])} of the tests. Fair agents do so in "
        f"{percent(expected.fair_rates[0])} and {percent(expected.fair_rates[1])}."
    ]
    if found.chance_flagged is None:
        said.append(
            f"Nobody discriminates, so every flag is wrong: {percent(found.any_false)} of the "
            "simulated lists hold one or more."
        )
    else:
        said.append(_found_sentence(result))
        said.append(
            f"On average {found.expected_flags:.1f} agents are flagged; the mean share "
            f"of wrong flags is {percent(found.fdr)} (± {100 * 2 * found.fdr_se:.1f})."
        )
    said.append(
        f"One agent alone, without the others on the list: {percent(result.chance_alone)} for "
        f"one who discriminates, {percent(result.chance_alone_fair)} for a fair one (exact)."
    )
    if result.two_stage is not None and found.chance_flagged is not None:
        said.append(_two_stage_sentence(result.two_stage))
    if result.best is not None:
        said.append(_advice(result, result.best))
    said.append(
        f"Rule {result.rule}, alpha {result.alpha:g}, {result.simulations:,} simulated lists "
        f"per plan, seed {result.seed}."
    )
    return said


def _found_sentence(result: TargetPower) -> str:
    tests, share = result.flat.tests_per_target, result.flat.found.chance_flagged or 0.0
    other = _telling_point(result)
    sentence = (
        f"With {tests} tests per agent {amount(share)} of the agents who refuse only the test "
        f"applicant in {_every(result.expected.rates[0])} are found ({percent(share)})"
    )
    if other is None:
        return f"{sentence}."
    number, other_share = other
    return f"{sentence}; with {number} {amount(other_share)} of them ({percent(other_share)})."


def _telling_point(result: TargetPower) -> tuple[int, float] | None:
    """The number of tests that finds most of them; else, or if that is it, the far end."""
    shares = {point.tests_per_target: point.found.chance_flagged or 0.0 for point in result.curve}
    here = result.flat.tests_per_target
    enough = [number for number, share in shares.items() if share >= MOST_FOUND]
    if not enough or here < enough[0]:
        number = enough[0] if enough else max(shares)
    else:
        smaller = [number for number in shares if number < here]
        half = [number for number in smaller if shares[number] <= 0.5 * shares[here]]
        number = max(half, default=min(smaller, default=here))
    return None if number == here else (number, shares[number])


def amount(share: float) -> str:
    """A share in everyday words."""
    words = (
        (0.01, "practically none"),
        (0.15, "few"),
        (0.29, "about a quarter"),
        (0.4, "about a third"),
        (0.59, "about half"),
        (0.71, "about two thirds"),
        (0.8, "about three quarters"),
        (0.95, "most"),
    )
    return next((word for limit, word in words if share < limit), "nearly all")


def _every(share: float) -> str:
    near = next((word for rate, word in EVERY.items() if abs(rate - share) < 0.006), None)
    return near or f"{percent(share)} of the tests"


def plan_name(plan: Plan) -> str:
    """A plan in a few words."""
    if plan.kind == "flat":
        return f"{plan.tests_per_target} tests for everybody"
    return f"{plan.tests_per_target} for everybody, {plan.fresh_tests} fresh"


def _two_stage_sentence(plan: Plan) -> str:
    found = plan.found
    return (
        f"In two stages: {plan.tests_per_target} tests for everybody, then {plan.fresh_tests} "
        f"fresh tests for agents who favoured the control in at least {plan.screen_net} tests "
        f"more than the test applicant, and flags on the fresh tests alone. That takes "
        f"{plan.mean_tests:.1f} tests per agent on average and finds "
        f"{percent(found.chance_flagged or 0.0)}, with {percent(found.fdr)} wrong flags."
    )


def _advice(result: TargetPower, best: Plan) -> str:
    budget = result.expected.targets * result.flat.tests_per_target
    if (best.found.chance_flagged or 0.0) == 0:
        return f"None of the plans compared finds anybody with {budget:,} tests."
    close = " The next plan lies within the error of the simulation." if result.equally_good else ""
    return (
        f"Of the plans compared, this one finds most with {budget:,} tests or fewer: "
        f"{plan_name(best)} ({percent(best.found.chance_flagged or 0.0)})." + close
    )
