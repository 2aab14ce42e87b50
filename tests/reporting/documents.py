"""Analysis documents to render: made here by plain code, in the shape of `analysis.json`.

The numbers hang together (cells of strata and targets add up to those of the round); the
intervals are simple normal ones, since only their rendering is tested.
"""

from collections.abc import Sequence
from math import comb, sqrt
from random import Random
from typing import Any

from praktijktest.vocabulary import SCHEMES, TARGET_STATES

Z = 1.959964
Cells = tuple[int, int, int, int]
NAMES = ("both", "only_control", "only_test", "neither")


def total(rows: Sequence[Cells]) -> Cells:
    """The sum of several four-cell tables."""
    a, b, c, d = (sum(row[i] for row in rows) for i in range(4))
    return a, b, c, d


def estimates(cells: Cells, targets: int) -> list[dict[str, Any]]:
    """Every estimate of four cells, in both scopes."""
    a, b, c, d = cells
    n, usable, discordant = a + b + c + d, a + b + c, b + c
    shares = {
        "net_rate_usable": (b - c, usable, discordant),
        "net_rate_all": (b - c, n, discordant),
        "net_rate_discordant": (b - c, discordant, discordant),
        "gross_rate_usable": (b, usable, b),
        "gross_rate_all": (b, n, b),
        "discordance_rate": (discordant, n, discordant),
        "response_rate_control": (a + b, n, a + b),
        "response_rate_test": (a + c, n, a + c),
    }
    found = []
    for name, (part, whole, squares) in shares.items():
        value = part / whole if whole else None
        spread = sqrt(max(squares - part**2 / whole, 0.0)) / whole if whole else None
        for scope, factor in (("these-targets", 1.0), ("targets-like-these", 1.35)):
            if scope == "targets-like-these" and targets < 2:
                continue
            known = value is not None and spread is not None
            half = Z * factor * (spread or 0.0)
            found.append(
                {
                    "name": name,
                    "value": value,
                    "low": max(value - half, -1.0) if known else None,
                    "high": min(value + half, 1.0) if known else None,
                    "confidence": 0.95,
                    "method": "tango" if scope == "these-targets" else "linearised",
                    "scope": scope,
                    "denominator": "tests",
                    "n": whole,
                }
            )
    return found + ratios(cells)


def ratios(cells: Cells) -> list[dict[str, Any]]:
    """The two ratios; the odds ratio has an open end without `only_test` tests."""
    a, b, c, _ = cells
    ratio = (a + c) / (a + b) if a + b else None
    odds = b / c if c else None
    rows = (("response_ratio", ratio, a + b), ("odds_ratio_conditional", odds, b + c))
    return [
        {
            "name": name,
            "value": value,
            "low": value / 2 if value else (0.5 if n else None),
            "high": value * 2 if value is not None else None,
            "confidence": 0.95,
            "method": "bonett-price",
            "scope": "these-targets",
            "denominator": "tests",
            "n": n,
        }
        for name, value, n in rows
    ]


def sign_p(b: int, c: int) -> float:
    """One-sided exact sign test."""
    return sum(comb(b + c, k) for k in range(b, b + c + 1)) / 2 ** (b + c)


def significance(cells: Cells) -> list[dict[str, Any]]:
    """Every significance test of four cells."""
    _, b, c, _ = cells
    if not b + c:
        return [_test(name, 1.0) for name in (*TWO_SIDED, "sign_exact", "sign_midp")]
    exact = min(1.0, 2 * sign_p(max(b, c), min(b, c)))
    midp = min(1.0, exact - comb(b + c, b) / 2 ** (b + c))
    values = dict.fromkeys(TWO_SIDED, exact) | {"mcnemar_midp": midp}
    values |= {"sign_exact": sign_p(b, c)}
    values["sign_midp"] = max(values["sign_exact"] - comb(b + c, b) / 2 ** (b + c + 1), 0.0)
    values["cluster_t"] = min(1.0, midp * 3)
    return [_test(name, p) for name, p in values.items()]


TWO_SIDED = ("mcnemar_midp", "mcnemar_exact", "mcnemar_chi2", "mcnemar_chi2_cc", "unconditional")


def _test(name: str, p: float) -> dict[str, Any]:
    return {"name": name, "p": p, "statistic": None, "alternative": "two-sided"}


def contrast(
    name: str, ground: str | None, groups: tuple[str, str], cells: Cells, **more: Any
) -> dict[str, Any]:
    """One entry of the contrasts."""
    n = sum(cells)
    targets = more.pop("targets", 1)
    whole = more.get("stratum") is None
    entry = {
        "id": name,
        "declared": name,
        "attribute": name,
        "ground": ground,
        "control": groups[0],
        "test": groups[1],
        "within": [],
        "direction": "control-favoured",
        "rule": "strict",
        "primary": True,
        "stratum": None,
        "cells": dict(zip(NAMES, cells, strict=True)),
        "n": n,
        "tests": n,
        "tests_incomplete": 3 if whole else None,
        "tests_not_applicable": 40 if whole else None,
        "tests_pending": 1 if whole else None,
        "targets": targets,
        "clusters": targets,
        "signs": {
            "control_favoured": cells[1],
            "test_favoured": cells[2],
            "equal": cells[0] + cells[3],
        },
        "estimates": estimates(cells, targets),
        "intervals": [
            {
                "estimate": "net_rate_all",
                "method": "newcombe",
                "scope": "these-targets",
                "low": -0.1,
                "high": 0.1,
                "confidence": 0.95,
            }
        ],
        "significance": significance(cells),
    }
    return entry | more


def target(name: str, number: int, contrast_id: str, cells: Cells, state: str) -> dict[str, Any]:
    """One row of the targets."""
    a, b, c, _ = cells
    p = sign_p(b, c) if b + c else 1.0
    too_few = state == "too-few-tests"
    return {
        "target": name,
        "pseudonym": f"A{number:03d}",
        "contrast": contrast_id,
        "n": sum(cells),
        "cells": dict(zip(NAMES, cells, strict=True)),
        "net_rate_all": (b - c) / sum(cells),
        "net_rate_usable": (b - c) / (a + b + c) if a + b + c else None,
        "discordant": b + c,
        "favoured": None if b == c else "control" if b > c else "test",
        "p": p,
        "p_midp": p,
        "q": None if too_few else min(1.0, p * 4),
        "state": state,
        "fragile": state == "signal" and number % 2 == 0,
        "tests_needed": None,
        "power": {"only_control": 0.5, "only_test": 0.05, "chance": 0.43},
        "rules": {"discrete-fdr": {"p": p, "q": None if too_few else p, "flagged": False}},
    }


def state_of(cells: Cells) -> str:
    """A plausible state of a target."""
    a, b, c, _ = cells
    if sum(cells) < 10:
        return "too-few-tests"
    p = sign_p(b, c) if b + c else 1.0
    if p <= 0.01:
        return "signal"
    if p <= 0.05:
        return "grey-zone"
    return "no-signal" if a + b + c >= 8 else "not-assessable"


def document(
    contrasts: list[dict[str, Any]], targets: list[dict[str, Any]], **changes: dict[str, Any]
) -> dict[str, Any]:
    """A whole document around contrasts and targets; `changes` go into its parts."""
    scheme = SCHEMES["housing"]
    tests = sum(c["tests"] for c in contrasts if c["primary"] and c["stratum"] is None)
    summary = [
        {"contrast": name, "state": state, "targets": count}
        for name in dict.fromkeys(row["contrast"] for row in targets)
        for state in TARGET_STATES
        if (count := sum(r["contrast"] == name and r["state"] == state for r in targets))
    ]
    found: dict[str, Any] = {
        "format": 1,
        "round": {
            "id": "gent-huur-2026",
            "title": "Praktijktesten private huurmarkt Gent 2026",
            "market": "housing",
            "place": "Gent",
            "jurisdiction": "be-vlg",
            "start": "2026-09-01",
            "end": "2027-03-31",
            "language": "nl",
            "commissioner": "Stad Gent",
            "kind": "paired",
            "order": "random",
        },
        "data": {
            "rows_read": 2 * tests + 41,
            "rows_used": 2 * tests + 36,
            "rows_left_out": 5,
            "rows_skipped": 0,
            "applications": 2 * tests + 36,
            "tests": tests + 18,
            "tests_usable": tests,
            "pending": 2,
            "tests_pending": 1,
            "tests_failed": {"bounced": 9, "advert-gone": 5},
            "failed_by_arm": [
                {"reason": "advert-gone", "profile": "flemish-man", "applications": 5},
                {"reason": "bounced", "profile": "flemish-man", "applications": 4},
                {"reason": "bounced", "profile": "moroccan-man", "applications": 5},
            ],
            "late_replies": 7,
            "explicit_evidence": 2,
            "targets": len({row["target"] for row in targets}),
            "target_groups": 0,
            "tests_without_target": 0,
            "simulated": True,
            "problems": [
                {
                    "code": "incomplete-tests",
                    "level": "warning",
                    "file": "log.csv",
                    "row": 12,
                    "column": "profile",
                    "value": "Immo Secret",
                    "message": "only one of the two applicants took part",
                    "hint": None,
                    "count": 3,
                }
            ],
        },
        "method": {
            "confidence": 0.95,
            "headline": "net_rate_usable",
            "as_of": "2027-03-31T23:59:59",
            "response_days": 14,
            "scheme": "housing",
            "primary": "strict",
            "positive": {"strict": sorted(scheme.strict), "broad": sorted(scheme.broad)},
            "strata": ["agent_type"],
            "min_cell": 5,
            "same_profile": "error",
            "missing_outcome": "no-reply",
        },
        "levels": levels(contrasts),
        "outcomes": outcomes(contrasts),
        "contrasts": contrasts,
        "sensitivity": sensitivity(contrasts),
        "models": [],
        "overall": [],
        "flag_rule": {
            "rule": "discrete-fdr",
            "alpha": 0.05,
            "min_tests": 10,
            "contrasts": [c["id"] for c in contrasts],
            "across": "family",
            "outcome_rule": "strict",
            "family_size": sum(row["n"] >= 10 for row in targets),
            "grey_midp": 0.05,
            "equal_margin": 0.10,
            "unit": "target",
            "order": "random",
            "accept_fixed_order": False,
            "targets_considered": len({row["target"] for row in targets}),
            "targets_out_of_scope": 0,
            "tests_without_target": 0,
            "assumption": "randomised",
        },
        "flag_summary": summary,
        "rule_summary": [{"rule": "discrete-fdr", "flagged": 3}],
        "targets": targets,
    }
    for part, values in changes.items():
        found[part] = found[part] | values
    return found


def levels(contrasts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Positive replies per level over all applications."""
    rows = []
    for entry in contrasts:
        if entry["stratum"] is not None or entry["cells"] is None:
            continue
        cells = entry["cells"]
        for arm, only in (("control", "only_control"), ("test", "only_test")):
            positive = cells["both"] + cells[only]
            rows.append(
                {
                    "contrast": entry["id"],
                    "level": entry[arm],
                    "arm": arm,
                    "rule": entry["rule"],
                    "positive": positive,
                    "applications": entry["n"],
                    "rate": positive / entry["n"] if entry["n"] else None,
                }
            )
    return rows


def outcomes(contrasts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Raw codes: the positives as viewings, the rest as silence."""
    rows = []
    for row in levels([c for c in contrasts if c["primary"]]):
        counts = {
            "viewing-individual": row["positive"],
            "no-reply": row["applications"] - row["positive"],
        }
        rows += [
            {
                "contrast": row["contrast"],
                "level": row["level"],
                "arm": row["arm"],
                "outcome": code,
                "applications": count,
            }
            for code, count in counts.items()
        ]
    return rows


def sensitivity(contrasts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The main numbers again."""
    return [
        {
            "name": "primary" if entry["primary"] else "other-rule",
            "contrast": entry["id"],
            "rule": entry["rule"],
            "cells": entry["cells"],
            "n": entry["n"],
            "net_rate_usable": entry["estimates"][0]["value"],
            "net_rate_all": entry["estimates"][2]["value"],
            "mcnemar_midp": entry["significance"][0]["p"],
        }
        for entry in contrasts
        if entry["stratum"] is None and entry["cells"] is not None
    ]


TWO_GROUNDS = (
    ("origin", "origin", ("flemish", "moroccan"), (0.26, 0.20, 0.06)),
    ("disability", "disability", ("no-disability", "wheelchair"), (0.30, 0.12, 0.09)),
)


def ghent(targets: int = 86) -> dict[str, Any]:
    """Two grounds, two rules, three strata (one of them too small to show), many agents."""
    draw = Random(20260901)
    contrasts, rows = [], []
    for name, ground, groups, (both, only_control, only_test) in TWO_GROUNDS:
        by_target: list[tuple[str, str, Cells]] = []
        for number in range(targets):
            unfair = number % 9 == 0 and name == "origin"
            shares = (both, 0.62 if unfair else only_control * 0.7, 0.02 if unfair else only_test)
            tests = draw.randint(8, 15)
            cells = drawn(draw, tests, shares)
            level = "private" if number % 3 == 0 else "agency"
            by_target.append((f"Immo Secret {number}", level, cells))
        by_target.append(("Immo Tiny", "social", (1, 1, 0, 1)))
        everything = total([cells for _, _, cells in by_target])
        for rule, primary in (("strict", True), ("broad", False)):
            extra = 0 if primary else 11
            for level in (None, "agency", "private", "social"):
                chosen = [cells for _, own, cells in by_target if level in (None, own)]
                a, b, c, d = everything if level is None else total(chosen)
                moved = min(extra, d)
                contrasts.append(
                    contrast(
                        name,
                        ground,
                        groups,
                        (a + moved, b, c, d - moved),
                        rule=rule,
                        primary=primary,
                        stratum=None if level is None else {"by": "agent_type", "level": level},
                        targets=len(chosen),
                    )
                )
        found = [
            target(who, number + 1, name, cells, state_of(cells))
            for number, (who, _, cells) in enumerate(by_target)
        ]
        rows += sorted(found, key=lambda row: (row["p"], row["target"]))
    made = document(contrasts, rows)
    late = [row | {"name": "late-replies-counted"} for row in made["sensitivity"]]
    return made | {"sensitivity": [*made["sensitivity"], *late]}


def drawn(draw: Random, tests: int, shares: tuple[float, float, float]) -> Cells:
    """Random cells of one target."""
    results = draw.choices(range(4), weights=(*shares, 1 - sum(shares)), k=tests)
    a, b, c, d = (results.count(cell) for cell in range(4))
    return a, b, c, d


def washington() -> dict[str, Any]:
    """One contrast without targets: the Washington DC audit of 1988 (Zhang/Fix & Struyk)."""
    one = contrast("race", "origin", ("white", "black"), (40, 46, 14, 141), targets=0)
    return document(
        [one],
        [],
        data={"targets": 0, "tests_without_target": 241, "simulated": False, "problems": []},
        flag_rule={"assumption": "undeclared-order", "order": None},
        round={"market": "labour", "commissioner": None, "jurisdiction": "other", "start": None},
    )


def nobody_answers() -> dict[str, Any]:
    """No applicant ever got a positive reply."""
    one = contrast("origin", "origin", ("flemish", "moroccan"), (0, 0, 0, 12), targets=3)
    rows = [target(f"T{i}", i, "origin", (0, 0, 0, 4), "too-few-tests") for i in (1, 2, 3)]
    return document([one], rows, data={"tests_failed": {}, "failed_by_arm": [], "problems": []})


def averages() -> dict[str, Any]:
    """Two plus two applicants per test: means instead of cells."""
    entry = contrast("origin", "origin", ("native", "migrant"), (20, 31, 12, 37), targets=1)
    entry["cells"] = None
    entry["intervals"] = []
    base = {"confidence": 0.95, "method": "clustered", "scope": "these-targets"}
    entry["estimates"] = [
        base | {"name": name, "value": value, "low": low, "high": high, "denominator": "d", "n": n}
        for name, value, low, high, n in (
            ("mean_difference", 0.115, 0.03, 0.2, 100),
            ("response_rate_control", 0.41, 0.34, 0.48, 200),
            ("response_rate_test", 0.295, 0.23, 0.36, 200),
        )
    ]
    entry["significance"] = [_test("mcnemar_midp", 0.004), _test("cluster_t", 0.008)]
    found = document([entry], [], method={"same_profile": "mean"})
    return found | {"sensitivity": []}


HOSTILE = (
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    '"><img src=x onerror=alert(2)>',
    "{{ 7 * 7 }} {test:name} %s",
    "مغربي",
    "👩‍🦽 " + "zeer lang " * 40,
)


def hostile() -> dict[str, Any]:
    """Markup, formulas, templates, right-to-left text and long text wherever a log has names."""
    contrasts, rows = [], []
    for number, text in enumerate(HOSTILE):
        name = f"{text} {number}"
        for level in (None, text):
            contrasts.append(
                contrast(
                    name,
                    "origin" if number else None,
                    (text, text[::-1]),
                    (10, 9, 2, 20),
                    stratum=level and {"by": text, "level": level},
                    targets=2,
                )
            )
        rows.append(target(text, number + 1, name, (3, 6, 0, 3), "signal"))
    problem = {
        "code": "<b>odd</b>",
        "level": "warning",
        "file": HOSTILE[0],
        "row": 2,
        "column": HOSTILE[0],
        "value": HOSTILE[2],
        "message": HOSTILE[0],
        "hint": None,
        "count": 1,
    }
    about = {"title": HOSTILE[0] + HOSTILE[5], "place": HOSTILE[2], "commissioner": HOSTILE[4]}
    failed = [{"reason": HOSTILE[0], "profile": HOSTILE[1], "applications": 1}]
    return document(
        contrasts,
        rows,
        round=about,
        data={
            "problems": [problem],
            "tests_failed": {HOSTILE[0]: 1},
            "failed_by_arm": failed,
        },
    )


DOCUMENTS = {
    "ghent": ghent,
    "washington": washington,
    "nobody": nobody_answers,
    "averages": averages,
    "hostile": hostile,
}
