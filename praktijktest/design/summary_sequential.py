"""The sequential rule of a design in words."""

from praktijktest.design.model import Design
from praktijktest.design.sequential_rule import max_tests
from praktijktest.design.summary_lines import Line, percentage

_BETS = {
    "constant": "an agent that favours the control in {share} of the discordant tests",
    "jeffreys": "any agent that favours the control, strong bias first",
    "uniform": "any agent that favours the control, all strengths alike",
}


def sequential_lines(design: Design) -> list[Line]:
    """When the testing of a target stops; nothing where the design declares no rule."""
    rule = design.sequential
    if rule is None:
        return []
    most = max_tests(design)
    if rule.method == "boundary":
        flagged = f"at the boundary for {most} tests that a target which favours nobody "
    else:
        flagged = f"at an e-value of {1 / rule.alpha:.4g}, which a target that favours nobody "
    flagged += f"reaches with chance {percentage(rule.alpha)} at most, however often one looks"
    strong = percentage(rule.release_share)
    looks = "every test" if rule.batch == 1 else f"every {rule.batch} tests"
    return [
        ("flagged", flagged),
        ("evidence", f"bets on {_BETS[rule.bet].format(share=percentage(rule.share))}"),
        ("released", f"when the results are {rule.release_odds:g} times likelier without "
         f"preference than if the control were favoured in {strong} of the discordant tests"),
        ("stops", f"after {most} tests of a target per contrast"),
        ("looked at", f"after {looks} of a target"),
        ("frozen", "once the round has begun this rule cannot change"),
    ]  # fmt: skip
