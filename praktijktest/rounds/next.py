"""`next`: which targets to test next in a sequential round, and which are decided."""

import json
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from praktijktest.problems import DataError, Problem, UsageError
from praktijktest.storage import folder_kind
from praktijktest.vocabulary import FORMAT

if TYPE_CHECKING:
    from praktijktest.design import Design
    from praktijktest.rounds.next_counts import Standing
    from praktijktest.rounds.next_plan import PlannedTest
    from praktijktest.tables import Table

SHOWN: Final = 25
"""Targets that are listed on a terminal; `--json` has all of them."""


@dataclass(frozen=True, slots=True)
class NextTests:
    """What a sequential round does next.

    Attributes:
        design: the design, with its rule.
        as_of: moment up to which results were read; None where nothing has a time.
        rows: every target and contrast, those that need tests most first; keys as in
            `docs/sequential.md`.
        warnings: what a person should look at.
    """

    design: "Design"
    as_of: datetime | None
    rows: tuple[dict[str, Any], ...]
    warnings: tuple[Problem, ...]

    def counts(self) -> dict[str, int]:
        """How many targets are in each decision, tests used and tests proposed."""
        found = Counter(row["decision"] for row in self.rows)
        fresh = Counter(row["fresh"]["decision"] for row in self.rows if row["fresh"])
        level = self.design.sequential.alpha if self.design.sequential else 0.0
        named = {name for row in self.rows for name in row["next"]["test_ids"]}
        unnamed = [row["next"]["tests"] for row in self.rows if not row["next"]["test_ids"]]
        return {
            "targets": len(self.rows),
            **{name: found[name] for name in ("open", "flag", "release", "undecided")},
            "flagged_in_list": sum(row["q_list"] <= level for row in self.rows),
            "tests": sum(row["tests"] for row in self.rows),
            "underway": sum(row["underway"] for row in self.rows),
            "to_send": len(named) + sum(unnamed),
            **{f"fresh_{name}": fresh[name] for name in ("confirmed", "released")},
        }

    def to_dict(self) -> dict[str, Any]:
        """The result as plain data."""
        from praktijktest.design.sequential_rule import frozen_rule, sequential_digest

        about = self.design.round
        return {
            "format": FORMAT,
            "kind": "next",
            "round": {"id": about.id, "title": about.title},
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "rule": {**frozen_rule(self.design), "sha256": sequential_digest(self.design)},
            "counts": self.counts(),
            "targets": list(self.rows),
            "problems": [problem.to_dict() for problem in self.warnings],
        }

    def lines(self) -> list[str]:
        """The result for a terminal."""
        from praktijktest.rounds.next_text import next_lines

        return next_lines(self, SHOWN)


def next_tests(
    directory: Path | None = None,
    *,
    log: Path | None = None,
    design: Path | None = None,
    as_of: datetime | None = None,
    store: str | None = None,
    skip_bad_rows: bool = False,
) -> NextTests:
    """Say who is tested next and who is decided, by the sequential rule of the design.

    Args:
        directory: a round folder, read through its ledger, or a report folder.
        log: a log file, read by `design` or by the design of the round folder.
        design: a design file; with `log`.
        as_of: moment that decides which silence is final and from which caps count back;
            default: the last event.
        store: URL of the ledger; default as for every command.
        skip_bad_rows: leave out rows of the log that have an error.

    Raises:
        UsageError: neither folder nor log, or the design declares no sequential rule.
        DesignError: the design cannot be used, or its rule can never flag anybody.
        DataError: the log cannot be read.
        RefusedError: the round is locked and was changed, or its rule is not the one it began
            with.
    """
    if log is not None:
        return _of_log(log, _design_for(directory, design), as_of, skip_bad_rows)
    if directory is None:
        raise UsageError(
            "Name a round folder, or a log: praktijktest next --log FILE --design FILE"
        )
    if design is not None:
        raise UsageError("A folder has its own design; leave --design out, or give a --log.")
    if folder_kind(directory) == "report":
        return _of_report(directory)
    return _of_round(directory, as_of, store)


def _design_for(directory: Path | None, design: Path | None) -> "Design":
    """The design of a log: the one given, or that of the round folder, which must not change."""
    from praktijktest.design import read_design
    from praktijktest.planning.lock import require_unchanged

    if design is not None:
        if directory is not None:
            raise UsageError("Give a round folder or --design, not both.")
        return read_design(design)
    if directory is None:
        raise UsageError("A log needs the design of its round: --design FILE, or a round folder.")
    require_unchanged(directory)
    return read_design(directory / "design.toml")


def _of_log(log: Path, design: "Design", as_of: datetime | None, skip_bad_rows: bool) -> NextTests:
    from praktijktest.analysis.log_columns import plan_columns
    from praktijktest.rounds.next_counts import standing_of
    from praktijktest.rounds.sequential import sequential_rules
    from praktijktest.tables import read_table

    sequential_rules(design)
    if log.is_dir():
        raise UsageError(f"{log.name} is a folder; name the log file itself.")
    table = read_table(
        log,
        sheet=design.reading.sheet,
        header_row=design.reading.header_row,
        wanted=lambda header: plan_columns(design, header).names(),
        skip_bad_rows=skip_bad_rows,
    )
    standing = standing_of(table, design, as_of=as_of, skip_bad_rows=skip_bad_rows)
    return _gathered(design, standing, None)


def _of_round(directory: Path, as_of: datetime | None, store: str | None) -> NextTests:
    from praktijktest.fieldwork.state import state_of
    from praktijktest.planning.lock import require_unchanged
    from praktijktest.rounds.frozen_rule import require_frozen_rule
    from praktijktest.rounds.next_counts import standing_of
    from praktijktest.rounds.next_plan import planned_tests, waiting_tests
    from praktijktest.rounds.round_store import open_round
    from praktijktest.rounds.sequential import sequential_rules

    if _nothing_sent(directory, store):
        return _of_plan(directory)
    with open_round(directory, store=store, create=False) as opened:
        sequential_rules(opened.design)
        require_unchanged(directory)
        require_frozen_rule(opened.design, opened.ledger)
        state = state_of(opened.ledger.events())
        plan = planned_tests(state.applications.values(), opened.design)
        table, reading = _frozen_table(state, opened.design)
        standing = standing_of(table, reading, as_of=as_of, plan=plan)
        return _gathered(opened.design, standing, waiting_tests(plan))


def _nothing_sent(directory: Path, store: str | None) -> bool:
    """Whether a planned round has no ledger yet: its plan is all there is."""
    elsewhere = store or os.environ.get("PRAKTIJKTEST_STORE")
    ledger = directory / "round.db"
    return not elsewhere and not ledger.exists() and (directory / "plan.csv").is_file()


def _of_plan(directory: Path) -> NextTests:
    """Before the first sending: everybody in the plan, under the names of the plan."""
    from praktijktest.design import read_design
    from praktijktest.planning.lock import require_unchanged
    from praktijktest.planning.plan_file import read_plan_file
    from praktijktest.rounds.next_counts import standing_of
    from praktijktest.rounds.next_plan import tests_of_file, waiting_tests
    from praktijktest.rounds.sequential import sequential_rules

    design = read_design(directory / "design.toml")
    sequential_rules(design)
    require_unchanged(directory)
    plan = tests_of_file(read_plan_file(directory / "plan.csv"), design)
    return _gathered(design, standing_of(None, design, plan=plan), waiting_tests(plan))


def _frozen_table(state: Any, design: "Design") -> "tuple[Table | None, Design]":
    """What was sent as a table, and the design to read it by; no table where nothing was."""
    from praktijktest.rounds.frozen_round import table_of
    from praktijktest.rounds.ledger_design import ledger_design

    table = table_of(state)
    reading = ledger_design(design, table.header)
    return (table if table.rows_read else None), reading


def _of_report(directory: Path) -> NextTests:
    """From the counts of an analysis; what is underway and what caps leave is not in it."""
    from praktijktest.design import read_design
    from praktijktest.rounds.next_report import standing_of_report
    from praktijktest.rounds.sequential import sequential_rules

    design = read_design(directory / "design.toml")
    sequential_rules(design)
    try:
        document = json.loads((directory / "analysis.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise DataError(
            "analysis.json of this report folder cannot be read; make the report again."
        ) from None
    return _gathered(design, standing_of_report(document, design), None)


def _gathered(
    design: "Design",
    standing: "Standing",
    waiting: "Mapping[tuple[str, str], list[PlannedTest]] | None",
) -> NextTests:
    from praktijktest.rounds.next_proposals import proposals
    from praktijktest.rounds.next_targets import judged, order_of_need, target_rows
    from praktijktest.rounds.sequential import sequential_rules

    rules = sequential_rules(design)
    first = next(iter(rules.values()))
    found = judged(standing, rules, first.alpha)
    order = order_of_need(standing, found)
    proposed = proposals(design, standing, found.decisions, first.batch, order, waiting)
    rows = tuple(target_rows(standing, found, order, proposed))
    return NextTests(design, standing.as_of, rows, (*standing.problems, *_cap(design, standing)))


def _cap(design: "Design", standing: "Standing") -> list[Problem]:
    """A cap that cannot be looked after."""
    cap = design.sampling.max_applications_per_target_per_30_days
    if cap is None or standing.as_of is not None or not standing.screening.tests.any():
        return []
    return [
        Problem(
            code="cap-not-checked",
            message=f"the cap of {cap} applications to one target in 30 days cannot be checked: "
            "nothing says when applications were sent",
            level="warning",
            column="sampling.max_applications_per_target_per_30_days",
            hint="a log with the column sent_at, or the round folder with its ledger",
        )
    ]
