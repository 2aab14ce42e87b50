"""Whether the outcome codes of a design fit its scheme and each other."""

from collections.abc import Iterator

from praktijktest.design.keys import dotted, tables
from praktijktest.design.model import Design
from praktijktest.design.nearest import nearest
from praktijktest.design.sections import CUSTOM
from praktijktest.problems import Problem
from praktijktest.vocabulary import NO_REPLY, OUTCOME_RULES, SCHEMES


def outcome_problems(design: Design) -> Iterator[Problem]:
    """Labels, positive codes, the primary rule and failed codes that do not fit."""
    yield from _labels(design)
    yield from _rules(design)
    yield from _codes(design)
    yield from _ladder(design)
    yield from _questions(design)


def missing_outcome_problems(design: Design) -> Iterator[Problem]:
    """What an empty outcome means must be an outcome."""
    meant = design.reading.missing_outcome
    codes = list(design.outcome_codes())
    if meant == "error" or meant in codes or not codes:
        return
    hint = nearest(meant, ["error", *codes], "one of: {}")
    if meant == NO_REPLY and design.outcomes.scheme == CUSTOM:
        hint = f'add {NO_REPLY} = "no reply" under [outcomes.labels], or name a code that is there'
    yield Problem(
        code="unknown-outcome",
        message="an empty outcome must mean an outcome code of the scheme, or error",
        column="reading.missing_outcome",
        value=meant,
        hint=hint,
    )


def _labels(design: Design) -> Iterator[Problem]:
    outcomes = design.outcomes
    if outcomes.scheme != CUSTOM:
        if outcomes.labels:
            yield Problem(
                code="labels-of-built-in-scheme",
                message=f"the scheme {outcomes.scheme} has codes and labels of its own",
                column="outcomes.labels",
                hint=f'leave the labels out, or write scheme = "{CUSTOM}"',
            )
        return
    if not outcomes.labels:
        yield Problem(
            code="custom-without-labels",
            message="a custom scheme must say what its codes mean",
            column="outcomes.labels",
            hint='add [outcomes.labels] with lines such as 1 = "called back"',
        )
    if not outcomes.positive:
        yield Problem(
            code="custom-without-positive",
            message="a custom scheme must say which codes are positive",
            column="outcomes.positive",
            hint='add [outcomes.positive] with strict = ["…"], or broad = ["…"], or both',
        )


def _ladder(design: Design) -> Iterator[Problem]:
    """Every code of the ladder is a reply of the scheme, and stands on one rung."""
    rungs = design.outcomes.ladder
    if len(rungs) == 1:
        yield Problem(
            code="short-ladder",
            message="a ladder has at least two rungs",
            column="outcomes.ladder",
            hint='the worst rung first: ladder = [["no-reply"], ["refused"], ["viewing-group"]]',
        )
    seen: set[str] = set()
    for number, rung in enumerate(rungs):
        for place, code in enumerate(rung):
            key = f"outcomes.ladder[{number}][{place}]"
            yield from _reply(design, code, key)
            if code in seen:
                yield Problem(
                    code="code-on-two-rungs",
                    message="this code stands on another rung too",
                    column=key,
                    value=code,
                    hint="every code once",
                )
            seen.add(code)


def _questions(design: Design) -> Iterator[Problem]:
    for place, code in enumerate(design.outcomes.questions):
        yield from _reply(design, code, f"outcomes.questions[{place}]")


def _reply(design: Design, code: str, key: str) -> Iterator[Problem]:
    codes = list(design.outcome_codes())
    if codes and code not in codes:
        yield Problem(
            code="unknown-outcome",
            message="the scheme has no such reply",
            column=key,
            value=code,
            hint=nearest(code, codes, "it has: {}"),
        )


def _rules(design: Design) -> Iterator[Problem]:
    outcomes = design.outcomes
    for rule in outcomes.positive:
        if rule in OUTCOME_RULES:
            continue
        meant = f"[outcomes] {rule} = … goes above the line [outcomes.positive]"
        yield Problem(
            code="unknown-rule",
            message="there is no such rule",
            column=dotted(("outcomes", "positive", rule)),
            hint=meant
            if rule in tables()[("outcomes",)]
            else nearest(rule, OUTCOME_RULES, "the rules are: {}"),
        )
    if outcomes.primary and design.positive() and outcomes.primary not in design.positive():
        yield Problem(
            code="primary-without-codes",
            message="no codes are positive under this rule",
            column="outcomes.primary",
            value=outcomes.primary,
            hint=f'add {outcomes.primary} = ["…"] under [outcomes.positive], '
            f"or write primary = {' or '.join(repr(rule) for rule in design.positive())}",
        )


def _codes(design: Design) -> Iterator[Problem]:
    outcomes = design.outcomes
    codes = list(SCHEMES[outcomes.scheme].codes if outcomes.scheme in SCHEMES else ())
    codes += outcomes.labels
    failed = design.failed_codes()
    for rule in (rule for rule in OUTCOME_RULES if rule in outcomes.positive):
        for place, code in enumerate(outcomes.positive[rule]):
            key = f"{dotted(('outcomes', 'positive', rule))}[{place}]"
            if code in failed:
                yield Problem(
                    code="positive-and-failed",
                    message="this code fails the test, so it cannot be positive",
                    column=key,
                    value=code,
                    hint="take it out of `positive` or out of [outcomes.failed]",
                )
            elif codes and code not in codes:
                yield Problem(
                    code="unknown-outcome",
                    message="the scheme has no such code",
                    column=key,
                    value=code,
                    hint=nearest(code, codes, "it has: {}"),
                )
    positive = {code for rule, c in design.positive().items() for code in c}
    named = {code for codes in outcomes.positive.values() for code in codes}
    for code in outcomes.failed:
        if code in positive - named:
            yield Problem(
                code="positive-and-failed",
                message=f"this code is positive in the scheme {outcomes.scheme}",
                column=dotted(("outcomes", "failed", code)),
                hint="a test fails on independent grounds: use the log's column `failed`",
            )
