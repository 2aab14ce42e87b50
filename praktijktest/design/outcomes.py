"""What the outcome codes of a design mean: its scheme and what it declares, put together."""

from praktijktest.design.sections import CUSTOM, Outcomes
from praktijktest.vocabulary import LADDERS, OUTCOME_RULES, QUESTIONS, SCHEMES


def positive_codes(outcomes: Outcomes) -> dict[str, frozenset[str]]:
    """The codes that are positive under each rule; a declared rule replaces the scheme's."""
    rules: dict[str, tuple[str, ...]] = {}
    if outcomes.scheme in SCHEMES:
        scheme = SCHEMES[outcomes.scheme]
        rules = {"strict": scheme.strict, "broad": scheme.broad}
    rules |= outcomes.positive
    return {rule: frozenset(rules[rule]) for rule in OUTCOME_RULES if rule in rules}


def failed_reasons(outcomes: Outcomes) -> dict[str, str]:
    """The codes that fail a whole test, with the reason: the scheme's and the declared ones."""
    built_in = SCHEMES[outcomes.scheme].failed if outcomes.scheme in SCHEMES else {}
    return {**built_in, **outcomes.failed}


def labelled_codes(outcomes: Outcomes) -> dict[str, str | None]:
    """Every code that is a reply, most favourable first, with its label if it has one.

    The order is that of the scheme or of the labels, but what is positive under more rules
    always goes before what is positive under fewer: somebody who writes the label of "no"
    first does not turn "no" into the better reply.
    """
    codes: dict[str, str | None] = dict.fromkeys(
        SCHEMES[outcomes.scheme].codes if outcomes.scheme in SCHEMES else ()
    )
    codes |= outcomes.labels
    rules = positive_codes(outcomes).values()
    failed = failed_reasons(outcomes)
    ranked = sorted(codes, key=lambda code: -sum(code in positive for positive in rules))
    return {code: codes[code] for code in ranked if code not in failed}


def ladder_of(outcomes: Outcomes) -> tuple[tuple[str, ...], ...]:
    """The rungs of the outcomes, the worst first: the declared ones, else those of the scheme.

    The scheme's own ladder holds codes that a design fails or leaves out; a scheme without a
    ladder has none.
    """
    if outcomes.ladder:
        return outcomes.ladder
    failed = failed_reasons(outcomes)
    rungs = LADDERS.get(outcomes.scheme, ())
    return tuple(tuple(code for code in rung if code not in failed) for rung in rungs)


def question_codes(outcomes: Outcomes) -> tuple[str, ...]:
    """Codes of replies that only ask for more: the declared ones, else those of the scheme."""
    return outcomes.questions or QUESTIONS.get(outcomes.scheme, ())


def primary_rule(outcomes: Outcomes, market: str | None) -> str:
    """The rule of headlines and flags.

    The declared one; else strict for housing (the built-in scheme, or own codes on the
    housing market) and broad elsewhere, where there is such a rule.
    """
    rules = list(positive_codes(outcomes))
    housing = outcomes.scheme == "housing" or (outcomes.scheme == CUSTOM and market == "housing")
    wanted = outcomes.primary or ("strict" if housing else "broad")
    if wanted in rules or not rules:
        return wanted
    return rules[0]
