"""`case positive-list`: who was shown to treat applicants equally, and until when that holds."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from praktijktest.problems import Problem, RefusedError, UsageError
from praktijktest.storage import folder_kind, write_atomically

if TYPE_CHECKING:
    from praktijktest.rounds.round_store import OpenRound

HEADER: Final = (
    "target", "name", "contrast", "ground", "tests", "margin", "upper_bound", "controlled",
    "valid_until",
)  # fmt: skip
"""Columns of the list; `controlled`: on a list whose share of wrong entries is bounded."""


@dataclass(frozen=True, slots=True)
class PositiveList:
    """Agents shown to treat applicants equally.

    Attributes:
        round_id: id of the round.
        today: day on which the list is given out, ISO.
        rows: one per agent and ground, with the columns of `HEADER`.
        lapsed: rows left out because their date has passed.
        alpha: bound on the expected share of wrong entries among the `controlled` ones.
        warnings: what to say beside the list.
    """

    round_id: str
    today: str
    rows: tuple[dict[str, Any], ...]
    lapsed: int
    alpha: float
    warnings: tuple[Problem, ...]

    def to_dict(self) -> dict[str, Any]:
        """The list as plain data."""
        return {
            "format": 1,
            "kind": "positive-list",
            "round": self.round_id,
            "today": self.today,
            "alpha": self.alpha,
            "rows": list(self.rows),
            "lapsed": self.lapsed,
            "problems": [problem.to_dict() for problem in self.warnings],
        }

    def lines(self) -> list[str]:
        """The list for a terminal."""
        if not self.rows:
            return ["No agent was shown to treat applicants equally; that takes many tests."]
        return [
            f"{row['name'] or row['target']}: {row['contrast']}, {row['tests']} tests, difference "
            f"below {row['margin']:.0%} of all tests, valid until {row['valid_until']}"
            f"{'' if row['controlled'] else ' (not on the controlled list)'}."
            for row in self.rows
        ]


def positive_list(
    folder: Path,
    out: Path | None = None,
    *,
    today: date | None = None,
    named: bool = False,
    reason: str = "",
    store: str | None = None,
    who: str | None = None,
) -> PositiveList:
    """The agents whose tests show equal treatment, with the date until which that holds.

    Args:
        folder: a round folder, or a report folder (pseudonyms only).
        out: CSV file to write; default: none.
        today: day on which the list is given out; lapsed rows are left out.
        named: names from the identity store; noted in the ledger.
        reason: why names are needed.
        store: URL of the ledger; default as for `ingest`.
        who: who asks.

    Raises:
        UsageError: names without a reason, or it is no such folder.
        RefusedError: names from a report folder, which has none.
        VerificationError: the report or the ledger was changed from outside.
    """
    from praktijktest.rounds.export_source import read_source

    day = today or date.today()
    if named and not reason.strip():
        raise UsageError("Names are put in for a reason: --reason TEXT; the ledger notes it.")
    if folder_kind(folder) == "report":
        if named:
            raise RefusedError("A report folder holds no names; use the round folder.")
        found = _rows(dict(read_source(folder).document), {}, day)
    else:
        found = _of_round(folder, day, named=named, reason=reason, store=store, who=who)
    if out is not None:
        _write(found, out, named=named)
    return found


def _of_round(
    folder: Path, day: date, *, named: bool, reason: str, store: str | None, who: str | None
) -> PositiveList:
    from praktijktest.rounds.analyse import analyse_round
    from praktijktest.rounds.export_gate import require_chain, require_nameless
    from praktijktest.rounds.round_store import open_round

    with open_round(folder, store=store, who=who, create=False) as opened:
        require_chain(opened, done="given out")
        document = analyse_round(folder, store=store).analysis.to_dict()
        if not named:
            return _rows(document, {}, day)
        require_nameless(opened, [("--reason", reason)])
        names = {
            row["target"]: _name(opened, row["target"])
            for row in document["targets"]
            if row["state"] == "equal-treatment"
        }
        found = _rows(document, names, day)
        _note(opened, reason, len(found.rows))
    return found


def _name(opened: "OpenRound", target: str) -> str:
    details = opened.identities.details(target)
    return details.get("name", "") or opened.identities.plain(target) or ""


def _note(opened: "OpenRound", reason: str, count: int) -> None:
    from praktijktest.rounds.export_gate import note

    values = {"what": "positive-list", "rows": str(count), "reason": " ".join(reason.split())}
    note(opened, "exported", values)


def _rows(document: dict[str, Any], names: dict[str, str], day: date) -> PositiveList:
    if document["round"]["kind"] in ("single", "mystery"):
        raise UsageError("A positive list needs paired tests; this round has none.")
    grounds = {entry["id"]: entry["ground"] for entry in document["contrasts"]}
    rule = document["flag_rule"]
    shown = [row for row in document["targets"] if row["state"] == "equal-treatment"]
    today = day.isoformat()
    valid = [row for row in shown if not row["valid_until"] or row["valid_until"] >= today]
    rows = tuple(
        {
            "target": row["pseudonym"],
            "name": names.get(row["target"], ""),
            "contrast": row["contrast"],
            "ground": grounds[row["contrast"]],
            "tests": row["n"],
            "margin": rule["equal_margin"],
            "upper_bound": row["equal"]["upper"],
            "controlled": row["equal"]["q"] is not None and row["equal"]["q"] <= rule["alpha"],
            "valid_until": row["valid_until"],
        }
        for row in valid
    )
    return PositiveList(
        round_id=document["round"]["id"],
        today=today,
        rows=rows,
        lapsed=len(shown) - len(valid),
        alpha=rule["alpha"],
        warnings=tuple(_said(rows)),
    )


def _said(rows: tuple[dict[str, Any], ...]) -> list[Problem]:
    loose = sum(not row["controlled"] for row in rows)
    if not loose:
        return []
    return [
        Problem(
            code="not-controlled",
            message=f"{loose} of {len(rows)} meet the criterion by themselves and are not on the "
            "list whose share of wrong entries is bounded",
            level="warning",
            hint="give out the rows with controlled = true",
        )
    ]


def _write(found: PositiveList, out: Path, *, named: bool) -> None:
    from praktijktest.tables import plain_csv

    if out.is_dir():
        raise UsageError(f"{out.name} is a folder; name a CSV file for the list.")
    content = plain_csv(list(HEADER), [[row[name] for name in HEADER] for row in found.rows])
    write_atomically(out, content, mode=0o600 if named else None)
