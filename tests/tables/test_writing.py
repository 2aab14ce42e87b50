"""Tables that are written are safe to open and come back as they were."""

import csv
import io

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from praktijktest.tables import canonical, encoded_csv, plain_csv, read_table, repeating_csv
from praktijktest.tables.columns import Column, encoded
from praktijktest.tables.writing import ROWS_PER_PIECE, neutral

cell = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=6)


@given(rows=st.lists(st.tuples(cell, cell.filter(canonical)), min_size=1, max_size=10))
def test_an_encoded_table_comes_back(rows: list[tuple[str, str]]) -> None:
    columns = [encoded(list(texts)) for texts in zip(*rows, strict=True)]
    written = b"".join(encoded_csv(["one", "two"], columns))
    table = read_table(None, stream=io.BytesIO(written))
    for name, column in zip(("one", "two"), columns, strict=True):
        expected = [canonical(neutral(text)) for text in column.texts()]
        assert list(table.columns[name].texts()) == expected


@given(rows=st.lists(st.lists(cell, min_size=2, max_size=2), max_size=10))
def test_the_two_writers_agree_with_the_csv_module(rows: list[list[str]]) -> None:
    written = plain_csv(["one", "two"], rows)
    parsed = list(csv.reader(io.StringIO(written.decode(), newline="")))
    assert parsed == [["one", "two"], *([neutral(text) for text in row] for row in rows)]


@given(
    rows=st.lists(st.tuples(cell, cell, st.none() | st.booleans() | st.integers() | cell)),
    own=st.integers(1, 3),
)
def test_a_table_that_repeats_itself_is_written_like_any_other(
    rows: list[tuple[object, ...]], own: int
) -> None:
    rows = [row for row in rows if own < 3 or isinstance(row[2], str)]
    header = ["one", "two", "three"]
    assert b"".join(repeating_csv(header, rows, own)) == plain_csv(header, rows)


@given(texts=st.lists(cell | st.sampled_from(["a", "-5", "=1", "b c", "x\ny", ""]), min_size=1))
def test_both_writers_write_the_same(texts: list[str]) -> None:
    column = encoded(texts)
    rows = [[text, text] for text in column.texts()]
    assert b"".join(encoded_csv(["x", "y"], [column, column])) == plain_csv(["x", "y"], rows)
    none = encoded([])
    assert b"".join(encoded_csv(["x", "y"], [none, none])) == b"x,y\n"


def test_pieces_join_without_a_seam() -> None:
    rows = 2 * ROWS_PER_PIECE + 1
    column = Column(np.arange(rows, dtype=np.int32) % 3, np.array(["a", "b,", ""], dtype=object))
    pieces = list(encoded_csv(["x", "y"], [column, column]))
    assert len(pieces) == 4
    lines = b"".join(pieces).decode().splitlines()
    assert lines[0] == "x,y"
    assert lines[1:4] == ["a,a", '"b,","b,"', ","]
    assert len(lines) == rows + 1


def test_hostile_cells_are_neutralised_and_numbers_are_not() -> None:
    cells = ["=1+1", "@SUM(A1)", "+32 9 123", "-x", "\t=1", "-5", "-1,5", "+3.2e5", "<b>", ""]
    safe = ["'=1+1", "'@SUM(A1)", "'+32 9 123", "'-x", "'\t=1", "-5", '"-1,5"', "+3.2e5", "<b>"]
    column = Column(np.arange(len(cells), dtype=np.int32), np.array(cells, dtype=object))
    assert b"".join(encoded_csv(["=x"], [column])).decode().split("\n")[:-2] == ["'=x", *safe]


def test_cells_of_a_small_table() -> None:
    row = [None, float("nan"), True, np.False_, 0.1, -5, "=1", 'a "b"', np.int64(3)]
    written = plain_csv(list("abcdefghi"), [row]).decode().splitlines()[1]
    assert written == ',,true,false,0.1,-5,\'=1,"a ""b""",3'


def test_a_single_column_keeps_its_empty_rows_apart() -> None:
    assert b"".join(encoded_csv(["x"], [encoded(["a", "", "b"])])) == b'x\na\n""\nb\n'
