"""Mystery calls: what agents say when an owner asks them to leave a group out.

They measure willingness, not behaviour, and are never pooled with correspondence tests. Of a
single agent there is one call or two: what was said is a record, never a rate.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from praktijktest.analysis.applications import Applications
from praktijktest.analysis.encoding import BoolArray
from praktijktest.analysis.groups import by_stratum
from praktijktest.analysis.results import Stratum
from praktijktest.design import Design
from praktijktest.design.sections import Call
from praktijktest.problems import DataError, Problem
from praktijktest.statistics.cells import THESE_TARGETS, Estimate, Interval
from praktijktest.statistics.proportions import clopper_pearson, jeffreys, wilson
from praktijktest.tables import canonical

UNCLEAR = "unclear"
ALL_CALLS = "calls, unclear ones included"
CLEAR_CALLS = "calls with a clear answer"


@dataclass(frozen=True, slots=True)
class CallResult:
    """One kind of call under one rule, for the whole round or one stratum.

    Attributes:
        call: what was asked.
        rule: outcome rule: strict is compliance in so many words, broad also hidden,
            conditional or reluctant compliance.
        primary: whether it is the rule of headlines.
        stratum: None for the whole round.
        complied: calls in which the agent complied.
        unclear: calls whose answer was neither yes nor no.
        n: all calls, unclear ones included.
        targets: agents called.
        estimates: compliance rates; with the unclear calls counted as refusals, as compliance
            and left out.
        intervals: the same rate by other methods.
    """

    call: Call
    rule: str
    primary: bool
    stratum: Stratum | None
    complied: int
    unclear: int
    n: int
    targets: int
    estimates: tuple[Estimate, ...]
    intervals: tuple[Interval, ...]

    def to_dict(self) -> dict[str, Any]:
        """The result in the shape of the analysis document."""
        return {
            "id": self.call.id,
            "ground": self.call.ground,
            "request": self.call.request,
            "rule": self.rule,
            "primary": self.primary,
            "stratum": self.stratum.to_dict() if self.stratum else None,
            "calls": {"complied": self.complied, "unclear": self.unclear, "n": self.n},
            "n": self.n,
            "targets": self.targets,
            "estimates": [estimate.to_dict() for estimate in self.estimates],
            "intervals": [interval.to_dict() for interval in self.intervals],
            "significance": [],
        }


def call_results(applications: Applications, design: Design) -> list[CallResult]:
    """Every kind of call, by rule and stratum.

    Raises:
        DataError: a kind of call has no usable call in the log.
    """
    profile = applications.rows.fields["profile"]
    outcome = applications.coded.outcome
    is_unclear = np.asarray(outcome.values == UNCLEAR, dtype=bool)[outcome.codes]
    found: list[CallResult] = []
    absent: list[Problem] = []
    for call in design.calls:
        mine = np.asarray(profile.values == canonical(call.id), dtype=bool)[profile.codes]
        members = mine & applications.usable
        if not members.any():
            absent.append(_no_call(applications, call))
            continue
        for rule in design.positive():
            for stratum, part in by_stratum(applications, design, members):
                found.append(_result(applications, design, call, rule, stratum, part, is_unclear))
    if absent:
        raise DataError("The log has problems; nothing was analysed.", absent)
    return found


def call_records(
    applications: Applications, design: Design, pseudonyms: dict[str, str]
) -> list[dict[str, Any]]:
    """What every agent said, call by call, in order of pseudonym; no rate is made of it."""
    profile = applications.rows.fields["profile"].texts()
    outcome = applications.coded.outcome.texts()
    evidence = applications.rows.fields.get("evidence")
    said = None if evidence is None else evidence.texts()
    rows = []
    for row in np.flatnonzero(applications.usable).tolist():
        number = applications.target[applications.test[row]]
        if number < 0:
            continue
        target = str(applications.target_ids[number])
        rows.append(
            {
                "target": target,
                "pseudonym": pseudonyms[target],
                "call": str(profile[row]),
                "outcome": str(outcome[row]),
                "evidence": None if said is None else str(said[row]) or None,
            }
        )
    return sorted(rows, key=lambda entry: (entry["pseudonym"], entry["call"], entry["outcome"]))


def _result(
    applications: Applications,
    design: Design,
    call: Call,
    rule: str,
    stratum: Stratum | None,
    members: BoolArray,
    is_unclear: BoolArray,
) -> CallResult:
    complied = int((applications.coded.positive[rule] & members).sum())
    unclear = int((is_unclear & members & ~applications.coded.positive[rule]).sum())
    n = int(members.sum())
    target = applications.target[applications.test[members]]
    confidence = design.analysis.confidence
    ways = (
        ("compliance_rate", complied, n, ALL_CALLS),
        ("compliance_rate_unclear_complied", complied + unclear, n, ALL_CALLS),
        ("compliance_rate_unclear_left_out", complied, n - unclear, CLEAR_CALLS),
    )
    methods = {"clopper-pearson": clopper_pearson, "jeffreys": jeffreys}
    return CallResult(
        call=call,
        rule=rule,
        primary=rule == design.primary_rule,
        stratum=stratum,
        complied=complied,
        unclear=unclear,
        n=n,
        targets=len(np.unique(target[target >= 0])),
        estimates=tuple(
            _rate(name, x, of, denominator, confidence) for name, x, of, denominator in ways
        ),
        intervals=tuple(
            Interval(name, method, THESE_TARGETS, *limits(x, of, confidence), confidence)
            for name, x, of, _ in ways
            for method, limits in methods.items()
            if of
        ),
    )


def _rate(name: str, x: int, of: int, denominator: str, confidence: float) -> Estimate:
    low, high = wilson(x, of, confidence) if of else (None, None)
    value = x / of if of else None
    return Estimate(name, value, low, high, confidence, "wilson", THESE_TARGETS, denominator, of)


def _no_call(applications: Applications, call: Call) -> Problem:
    files = applications.rows.files
    return Problem(
        code="no-usable-call",
        message=f"the log has no usable call {call.id!r}",
        file=files[0] if len(files) == 1 else None,
        column="profile",
        hint="leave this [[call]] out of the design, or check the names of calls in the log",
    )
