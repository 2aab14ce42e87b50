"""Declared types: one way of writing whatever program saved the log."""

from pathlib import Path

import pytest

from praktijktest.problems import DataError
from tests.analysis.logs import ORIGIN, codes, contrast, pairs, run

HEADER = ("test", "target", "origin", "outcome", "x")


def design(kind: str) -> str:
    return ORIGIN + f'[columns.types]\nx = "{kind}"\n[analysis]\nstrata = ["x"]\n'


@pytest.mark.parametrize(
    ("kind", "spellings", "meant"),
    [
        ("number", ["850,5", "850.5", "850.50"], "850.5"),
        ("number", ["12", "12,0", "12."], "12"),
        ("date", ["2026-11-03", "3/11/2026", "03-11-2026"], "2026-11-03"),
        ("boolean", ["TRUE", "1", "ja", "oui", "Yes"], "true"),
    ],
)
def test_every_spelling_means_the_same(
    kind: str, spellings: list[str], meant: str, tmp_path: Path
) -> None:
    rows = [(*row, spelling) for n, spelling in enumerate(spellings) for row in pairs("b", f"{n}")]
    analysis = run(tmp_path, rows, design(kind), HEADER)
    assert contrast(analysis, stratum=("x", meant))["n"] == len(spellings)


@pytest.mark.parametrize(
    ("kind", "wrong"), [("number", "1.234,5"), ("date", "11/13/2026"), ("boolean", "perhaps")]
)
def test_what_is_not_of_its_type_is_an_error(kind: str, wrong: str, tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        run(tmp_path, [(*row, wrong) for row in pairs("b")], design(kind), HEADER)
    assert codes(caught.value.problems) == [f"not-a-{kind}"]
    assert caught.value.problems[0].row == 2
