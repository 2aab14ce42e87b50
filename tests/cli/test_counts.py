"""`praktijktest counts` against every published table whose source printed a statistic."""

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest

from praktijktest import counts
from tests.cli.program import praktijktest

PUBLISHED = Path(__file__).parents[2].parent / "shared" / "reference" / "published_pairs.csv"


def published_rows() -> list[dict[str, str]]:
    if not PUBLISHED.is_file():
        return []
    with PUBLISHED.open(encoding="utf-8", newline="") as stream:
        return [row for row in csv.DictReader(stream) if row["published"]]


def numbers(row: dict[str, str]) -> tuple[int, int, int, int]:
    return tuple(int(row[k]) for k in ("both", "only_majority", "only_minority", "neither"))


def value(result: dict[str, Any], name: str) -> float:
    return next(e["value"] for e in result["estimates"] if e["name"] == name)


def test(result: dict[str, Any], name: str) -> dict[str, Any]:
    return next(t for t in result["significance"] if t["name"] == name)


test.__test__ = False  # type: ignore[attr-defined]


def agrees(found: float, printed: str) -> bool:
    """Whether a number rounds to what was printed, with all its printed digits."""
    digits = len(printed.partition(".")[2])
    return abs(found - float(printed)) <= 0.5 * 10**-digits + 1e-12


def check(row: dict[str, str]) -> int:
    """Compare everything a source printed; returns how many figures were compared."""
    result = counts(*numbers(row)).to_dict()
    text = row["published"]
    compared = 0
    for pattern, found in (
        (r"NDR ([\d.]+)%", 100 * value(result, "net_rate_usable")),
        (r"ratio maj/min ([\d.]+)", 1 / value(result, "response_ratio")),
        (r"diff ([\d.]+)", value(result, "net_rate_all")),
        (r"\bt ([\d.]+)", test(result, "cluster_t")["statistic"]),
        (r"chi2 ([\d.]+)", test(result, "pearson_chi2_cc_unpaired")["statistic"]),
        (r"chi2 [\d.]+ p (\.?[\d.]+)", test(result, "pearson_chi2_cc_unpaired")["p"]),
        (r"t [\d.]+ p (\.?[\d.]+)", test(result, "cluster_t")["p"]),
        (r"^(\d+)% = 3/8", 100 * value(result, "gross_rate_usable")),
    ):
        for printed in re.findall(pattern, text):
            shown = printed.rstrip(".")
            count_of_pairs = pattern.startswith("diff") and float(shown) >= 1
            compare = found * result["n"] if count_of_pairs else found
            assert agrees(compare, shown) or _rounded_half(compare, shown), (row["id"], pattern)
            compared += 1
    return compared


def _rounded_half(found: float, printed: str) -> bool:
    """37.5 is printed as 38 by one rule and as 37 by another."""
    return "." not in printed and abs(found - float(printed)) <= 0.5


@pytest.mark.skipif(not PUBLISHED.is_file(), reason="../shared is not beside this checkout")
def test_every_published_statistic_is_reproduced() -> None:
    rows = published_rows()
    compared = {row["id"]: check(row) for row in rows}
    without = [name for name, count in compared.items() if not count]
    # The cumulative ILO figure (66 v 3 on 165) spans three tables; all others print their own.
    assert without == ["ILO NL stage1 Moroccan men"]
    assert sum(compared.values()) >= 2 * 10 + 7 * 2


def test_the_washington_audit_from_the_command_line() -> None:
    done = praktijktest("counts", 40, 46, 14, 141, "--json")
    assert done.code == 0
    result = json.loads(done.out)
    assert result["cells"] == {"both": 40, "only_control": 46, "only_test": 14, "neither": 141}
    assert value(result, "net_rate_all") == pytest.approx(0.13278, abs=5e-6)
    assert test(result, "cluster_t")["statistic"] == pytest.approx(4.2768, abs=5e-5)
    assert test(result, "mcnemar_chi2")["statistic"] == pytest.approx(17.0667, abs=5e-5)
    assert test(result, "mcnemar_exact")["p"] == pytest.approx(4.22e-5, rel=2e-3)


def test_a_table_of_nothing_discordant() -> None:
    result = counts(5, 0, 0, 9).to_dict()
    paired = [t["p"] for t in result["significance"] if "unpaired" not in t["name"]]
    assert set(paired) == {1.0}
    json.dumps(result, allow_nan=False)


@pytest.mark.parametrize("language", ["nl", "fr", "en"])
def test_the_table_is_readable_in_a_narrow_terminal(language: str) -> None:
    done = praktijktest("counts", 5, 3, 0, 7, "--lang", language, columns=60)
    assert done.code == 0, done.err
    assert max(len(line) for line in done.out.splitlines()) <= 60
