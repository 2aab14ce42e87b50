"""An export of cases as one JSON document, as `docs/schemas/cases.schema.json` describes it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from praktijktest.casework.cases import Case, Entry
from praktijktest.casework.grants import Grant
from praktijktest.casework.indications import Indication

FORMAT: Final = 1
ABOUT: Final = ("id", "title", "market", "place", "jurisdiction", "start", "end", "kind")
RULE: Final = ("rule", "alpha", "min_tests", "outcome_rule", "family_size", "order", "assumption")


def case_document(
    document: Entry,
    grant: Grant,
    cases: Sequence[Case],
    values: Sequence[Mapping[str, Any]],
    indications: Sequence[Indication],
    *,
    statement: str,
    ledger: Mapping[str, Any] | None,
    left_out: int,
) -> dict[str, Any]:
    """The whole export as plain data, with what the audience may see and no more.

    Args:
        document: the analysis document.
        grant: what the audience gets.
        cases: the cases.
        values: the columns of each, as `case_values` gives them.
        indications: single tests with direct evidence.
        statement: the sentence that every page carries.
        ledger: round, number and hash of the last event that was read; None from a report.
        left_out: unconfirmed signals that this audience does not get.
    """
    rule = document["flag_rule"]
    return {
        "format": FORMAT,
        "kind": "cases",
        "statement": statement,
        "audience": grant.audience.id,
        "named": grant.names,
        "round": {name: document["round"][name] for name in ABOUT},
        "ledger": None if ledger is None else dict(ledger),
        "rule": None if rule is None else {name: rule[name] for name in RULE},
        "unconfirmed_left_out": left_out,
        "cases": [_case(case, own, grant) for case, own in zip(cases, values, strict=True)],
        "indications": [one.to_dict() for one in indications] if grant.indications else None,
    }


def _case(case: Case, values: Mapping[str, Any], grant: Grant) -> dict[str, Any]:
    found: dict[str, Any] = {name: values[name] for name in grant.fields}
    if "bodies" in found:
        found["bodies"] = [one.to_dict() for one in case.bodies]
    if grant.audience.small_cells:
        found["test_list"] = [test.to_dict() for test in case.tests]
        found["steps"] = [step.to_dict() for step in case.steps]
    if grant.action_log:
        found["action_log"] = [entry.to_dict() for entry in case.log]
    return found
