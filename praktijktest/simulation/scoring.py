"""Hold what an analysis found against the truth of a simulated round."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from praktijktest.problems import DataError, Problem

SIGNALS: Final = ("signal", "confirmed")
"""States by which an agent is pointed at."""

NONE: Final = "none"
Key = tuple[str, str]
"""(target, contrast)."""


@dataclass(frozen=True, slots=True)
class Case:
    """One agent on one ground: what is true and what was seen.

    Attributes:
        target: the agent.
        contrast: the ground's contrast.
        favours: whom the agent favours in truth: control, test or none.
        only_control: true chance that only the control applicant gets a positive reply.
        only_test: true chance that only the test applicant does.
        n: tests analysed; 0 where none could be used.
        won: tests that only the control applicant won.
        lost: tests that only the test applicant won.
        p: p-value of the declared rule; None without tests.
        q: its adjusted value, where there is one.
        state: the state that the analysis gives; None without tests.
    """

    target: str
    contrast: str
    favours: str
    only_control: float
    only_test: float
    n: int
    won: int
    lost: int
    p: float | None
    q: float | None
    state: str | None

    def to_dict(self) -> dict[str, Any]:
        """The case as plain data."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class RuleScore:
    """What one rule gets right.

    Attributes:
        rule: name of the rule.
        flagged: how many (target, contrast) it flags.
        found: how many of them discriminate, in the direction that was seen.
        missed: how many discriminate and are not flagged.
        wrong: how many are flagged and do not.
        found_share: found among all who discriminate; None where nobody does.
        wrong_share: wrong among the flagged, the false discovery proportion; 0 without flags.
    """

    rule: str
    flagged: int
    found: int
    missed: int
    wrong: int
    found_share: float | None
    wrong_share: float

    def to_dict(self) -> dict[str, Any]:
        """The score as plain data."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Score:
    """An analysis beside the truth.

    Attributes:
        rule: the declared rule.
        alpha: its level.
        cases: all (target, contrast) of the truth.
        discriminate: how many of them favour the control applicant.
        reverse: how many favour the test applicant.
        judgeable: how many of those who discriminate had enough tests to be judged.
        signals: the score of the states, which is what a reader of the report sees.
        rules: the score of every rule in the analysis.
        found: who got a signal and discriminates.
        missed: who discriminates and got none.
        wrong: who got a signal and does not discriminate.
    """

    rule: str
    alpha: float
    cases: int
    discriminate: int
    reverse: int
    judgeable: int
    signals: RuleScore
    rules: tuple[RuleScore, ...]
    found: tuple[Case, ...]
    missed: tuple[Case, ...]
    wrong: tuple[Case, ...]

    def to_dict(self) -> dict[str, Any]:
        """The score as plain data."""
        return {
            "rule": self.rule,
            "alpha": self.alpha,
            "cases": self.cases,
            "discriminate": self.discriminate,
            "reverse": self.reverse,
            "judgeable": self.judgeable,
            "signals": self.signals.to_dict(),
            "rules": [rule.to_dict() for rule in self.rules],
            **{
                name: [case.to_dict() for case in getattr(self, name)]
                for name in ("found", "missed", "wrong")
            },
        }


def score(document: Mapping[str, Any], truth: Sequence[Mapping[str, str]]) -> Score:
    """Compare an analysis document with the truth.

    Right is a flag on an agent who discriminates in the direction in which their tests
    differ: against the test applicant, or, where the contrast looks both ways, against
    either. Whoever discriminates and could not be judged for want of tests counts as missed.

    Args:
        document: the analysis document.
        truth: rows of `truth.csv`: `target`, `contrast`, `discriminates`,
            `p_only_control`, `p_only_test` and, where there is one, `favours`.

    Raises:
        DataError: the analysis names agents or contrasts that are not in the truth, or has
            no agents at all.
    """
    rows = {(str(row["target"]), str(row["contrast"])): row for row in document["targets"]}
    known = {(row["target"], row["contrast"]): row for row in truth}
    _refuse_strangers(rows, known)
    cases = {key: _case(row, rows.get(key)) for key, row in known.items()}
    signalled = {key for key, row in rows.items() if row["state"] in SIGNALS}
    guilty = _guilty(document, cases)
    right = {key for key in signalled & guilty if _is_right(rows[key], cases[key])}
    rule = document["flag_rule"]
    return Score(
        rule=rule["rule"],
        alpha=rule["alpha"],
        cases=len(cases),
        discriminate=sum(case.favours == "control" for case in cases.values()),
        reverse=sum(case.favours == "test" for case in cases.values()),
        judgeable=sum(cases[key].state not in (None, "too-few-tests") for key in guilty),
        signals=_rule_score("signals", signalled, rows, cases, guilty),
        rules=tuple(
            _rule_score(
                name,
                {key for key, row in rows.items() if row["rules"][name]["flagged"]},
                rows,
                cases,
                guilty,
            )
            for name in next(iter(rows.values()))["rules"]
        ),
        found=_cases(right, cases),
        missed=_cases(guilty - right, cases),
        wrong=_cases(signalled - right, cases),
    )


def _refuse_strangers(rows: Mapping[Key, Any], known: Mapping[Key, Any]) -> None:
    if not rows:
        raise DataError("This analysis judges no agents, so that there is nothing to compare.")
    strangers = [key for key in rows if key not in known]
    if strangers:
        target, contrast = strangers[0]
        raise DataError(
            "This analysis is not of the round whose truth this is.",
            [
                Problem(
                    "not-in-truth",
                    f"{target} on {contrast} is in the analysis and not in the truth",
                    count=len(strangers),
                    hint="give the folder that the analysed log was simulated into",
                )
            ],
        )


def _case(truth: Mapping[str, str], row: Mapping[str, Any] | None) -> Case:
    guilty = truth["discriminates"] in ("1", "true", "True")
    cells = row["cells"] if row is not None else {"only_control": 0, "only_test": 0}
    return Case(
        target=truth["target"],
        contrast=truth["contrast"],
        favours=truth.get("favours") or ("control" if guilty else NONE),
        only_control=float(truth["p_only_control"]),
        only_test=float(truth["p_only_test"]),
        n=0 if row is None else row["n"],
        won=cells["only_control"],
        lost=cells["only_test"],
        p=None if row is None else row["p"],
        q=None if row is None else row["q"],
        state=None if row is None else row["state"],
    )


def _guilty(document: Mapping[str, Any], cases: Mapping[Key, Case]) -> set[Key]:
    """Who could rightly be flagged: where a contrast looks both ways, whoever favours anybody."""
    both_ways = {row["id"] for row in document["contrasts"] if row["direction"] == "either"}
    return {
        key
        for key, case in cases.items()
        if case.favours == "control" or (case.favours != NONE and case.contrast in both_ways)
    }


def _is_right(row: Mapping[str, Any], case: Case) -> bool:
    """Whether the tests point at the applicant whom the agent really favours."""
    return bool(row["favoured"] == case.favours)


def _rule_score(
    name: str,
    flagged: set[Key],
    rows: Mapping[Key, Any],
    cases: Mapping[Key, Case],
    guilty: set[Key],
) -> RuleScore:
    right = sum(_is_right(rows[key], cases[key]) for key in flagged & guilty)
    wrong = len(flagged) - right
    return RuleScore(
        rule=name,
        flagged=len(flagged),
        found=right,
        missed=len(guilty) - right,
        wrong=wrong,
        found_share=right / len(guilty) if guilty else None,
        wrong_share=wrong / len(flagged) if flagged else 0.0,
    )


def _cases(keys: Iterable[Key], cases: Mapping[Key, Case]) -> tuple[Case, ...]:
    """The cases in the order of the truth."""
    wanted = set(keys)
    return tuple(case for key, case in cases.items() if key in wanted)
