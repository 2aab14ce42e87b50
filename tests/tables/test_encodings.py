"""UTF-8, UTF-16 and Windows-1252 are told apart, and a mixture is refused with its row."""

import io

import pytest

from praktijktest.problems import DataError, Problem
from praktijktest.tables import read_table
from praktijktest.tables.table import Table


def read(content: bytes) -> Table:
    return read_table(None, stream=io.BytesIO(content))


def refused(content: bytes) -> Problem:
    with pytest.raises(DataError) as caught:
        read(content)
    return caught.value.problems[0]


@pytest.mark.parametrize(
    "text", ["CAFÉ»", "« l’été…»", "Straß…", "À «Émile»", "Øst", "€ 850", "naïve – façade"]
)
def test_french_and_german_typography_is_windows_1252(text: str) -> None:
    table = read(f"a;b\nNoël;1\n{text};2\n".encode("cp1252"))
    assert table.columns["a"].texts()[1] == text
    warning = table.problems[0]
    assert (warning.code, warning.level, warning.row) == ("encoding", "warning", 2)


@pytest.mark.parametrize(
    "text", ["Café", "Łódź", "Şahin", "Иван", "محمد", "’t Zand", "€", "Nguyễn"]
)
def test_one_pasted_row_is_found(text: str) -> None:
    utf8 = f"a,b\n{text},1\n".encode()
    problem = refused(utf8 + 'x,2\n"y\nz",3\nNoël,4\n'.encode("cp1252"))
    assert problem.code == "mixed-encodings"
    assert problem.row in (2, 5)


def test_the_rarer_encoding_is_the_offending_one() -> None:
    western = "a,b\n" + "Noël,1\n" * 10
    problem = refused(western.encode("cp1252") + "Zoë,1\n".encode())
    assert (problem.row, problem.value) == (12, "Zoë")
    problem = refused(western.encode() + "Zoë,1\n".encode("cp1252"))
    assert (problem.row, problem.value) == (12, "Zoë")


def test_rows_are_counted_with_line_breaks_in_cells() -> None:
    problem = refused('a,b\n"é\né",1\n\n'.encode() + "ë,2\n".encode("cp1252"))
    assert problem.row == 4


def test_a_file_that_breaks_its_own_mark() -> None:
    problem = refused(b"\xef\xbb\xbfa,b\nx,1\n\xe9,2\n")
    assert (problem.code, problem.row) == ("mixed-encodings", 3)
    assert refused(b"\xff\xfea\x00,\x00b\x00\n\x00\x00\xd8").code == "mixed-encodings"


def test_utf_16_without_a_mark_is_refused() -> None:
    assert refused("a,b\n1,2\n".encode("utf-16-le")).code == "not-a-table"


def test_a_warning_shows_one_word_and_no_more() -> None:
    table = read("a;b\nRené is a name;1\n".encode("cp1252"))
    assert table.problems[0].value == "René"


def test_lines_of_an_old_mac() -> None:
    table = read(b'a,b\r1,"x\ry"\r\r2,z\r')
    assert table.columns["b"].texts().tolist() == ["x\ry", "z"]
    assert table.row_numbers.tolist() == [2, 4]


def test_a_large_western_file_is_converted_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("praktijktest.tables.decoding.CHUNK", 64)
    rows = [f"Café {number};{number}" for number in range(200)]
    table = read(("a;b\n" + "\n".join(rows)).encode("cp1252"))
    assert table.columns["a"].texts().tolist() == [row.split(";")[0] for row in rows]
    content = ("a;b\n" + "\n".join(rows)).encode() + b"\nCaf\xe9;1\n"
    assert refused(content).row == 202
