"""The reference page of the design file says what the program does."""

import re
import tomllib
from pathlib import Path

import pytest
from pydantic import ValidationError

from praktijktest.design import parse_design
from praktijktest.design.keys import TableName, heading, tables
from praktijktest.design.model import Design
from praktijktest.vocabulary import (
    FLAG_RULES,
    GROUNDS,
    JURISDICTIONS,
    LANGUAGES,
    MARKETS,
    MODELS,
    SCHEMES,
    SENDING_ORDERS,
    TEST_KINDS,
)
from tests.design.designs import MINIMAL

PAGE = (Path(__file__).parents[2] / "docs" / "design-file.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


def sections() -> dict[str, dict[str, list[str]]]:
    """Heading of a table -> key -> the cells of its row."""
    found: dict[str, dict[str, list[str]]] = {}
    current: dict[str, list[str]] = {}
    for line in PAGE.splitlines():
        if line.startswith("#"):
            name = line.lstrip("# ").strip("`")
            current = found.setdefault("[]" if name == "At the top" else name, {})
        elif row := re.match(r"\| `(\w+)` \|", line):
            cells = [cell.strip() for cell in line.strip("| ").split(" | ")]
            current[row.group(1)] = cells
    return {name: rows for name, rows in found.items() if rows}


def test_there_are_whole_designs_on_the_page() -> None:
    assert len(BLOCKS) == 3


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_every_design_on_the_page_can_be_read(block: str) -> None:
    assert parse_design(block).comparisons()


@pytest.mark.parametrize("table", sorted(tables()), ids=heading)
def test_every_key_has_a_row(table: TableName) -> None:
    assert set(sections()[heading(table)]) == set(tables()[table])


def test_no_table_is_on_the_page_that_does_not_exist() -> None:
    assert set(sections()) == {heading(table) for table in tables()}


@pytest.mark.parametrize(
    "words", [GROUNDS, JURISDICTIONS, LANGUAGES, MARKETS, MODELS, FLAG_RULES, SENDING_ORDERS,
              TEST_KINDS, *(scheme.codes for scheme in SCHEMES.values())], ids=lambda w: w[0],
)  # fmt: skip
def test_every_fixed_word_is_on_the_page(words: tuple[str, ...]) -> None:
    assert [word for word in words if f"`{word}`" not in PAGE] == []


def examples() -> list[tuple[str, str]]:
    return [
        (name, cells[4].strip("`"))
        for name, rows in sections().items()
        for cells in rows.values()
        if len(cells) == 5 and cells[4].startswith("`") and "under" not in cells[4]
    ]


@pytest.mark.parametrize(("table", "line"), examples(), ids=lambda part: part)
def test_every_example_is_valid_toml_of_its_table(table: str, line: str) -> None:
    """The example alone, under its heading: a key of the table with a value it can have."""
    text = line if table == "[]" else f"{table}\n{line}\n"
    with pytest.raises(ValidationError) as caught:
        Design.model_validate(tomllib.loads(text))
    assert [e for e in caught.value.errors() if e["type"] != "missing"] == []


@pytest.mark.parametrize("table", ["reading", "analysis", "flagging", "privacy"])
def test_the_defaults_on_the_page_are_those_of_the_model(table: str) -> None:
    section = getattr(parse_design(MINIMAL), table)
    for key, cells in sections()[f"[{table}]"].items():
        default = getattr(section, key, None)
        if isinstance(default, bool):
            assert cells[3] == f"`{str(default).lower()}`"
        elif isinstance(default, str):
            assert cells[3] == f"`{default}`"
        elif isinstance(default, int | float):
            assert float(cells[3]) == default
