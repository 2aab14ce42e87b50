"""Delimited text: encodings, delimiters, row numbers, and everything that can be wrong."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from praktijktest.problems import DataError, PraktijktestError
from praktijktest.tables import canonical, encoded_csv, plain_csv, read_table, read_tables
from praktijktest.tables.table import Table

MANY = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def texts(table: Table, name: str) -> list[str]:
    return list(table.columns[name].texts())


def read(folder: Path, content: bytes, name: str = "log.csv", **options: object) -> Table:
    (folder / name).write_bytes(content)
    return read_table(folder / name, **options)


def problem(folder: Path, content: bytes, name: str = "log.csv") -> str:
    with pytest.raises(DataError) as caught:
        read(folder, content, name)
    return caught.value.problems[0].code


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_every_delimiter_and_encoding_gives_the_same_table(
    delimiter: str, encoding: str, line_end: str, tmp_path: Path
) -> None:
    lines = [
        ["test", "plaats", "huur"],
        ["1", "Café “Noord”", "850,50" if delimiter != "," else "850.50"],
        ["2", "", "NA"],
    ]
    text = line_end.join(delimiter.join(line) for line in lines) + line_end
    table = read(tmp_path, text.encode(encoding))
    assert texts(table, "plaats") == ["Café “Noord”", ""]
    assert texts(table, "huur")[1] == "NA"
    assert list(table.row_numbers) == [2, 3]
    assert [p.code for p in table.problems] == (["encoding"] if encoding == "cp1252" else [])


def test_a_semicolon_header_with_commas_in_it(tmp_path: Path) -> None:
    table = read(tmp_path, b'id;"straat, nr, bus, stad, land";huur\n1;Kerkstraat, 3;1,5\n')
    assert texts(table, "straat, nr, bus, stad, land") == ["Kerkstraat, 3"]


def test_rows_are_numbered_as_a_spreadsheet_counts_them(tmp_path: Path) -> None:
    content = b'titel\n\ntest,note\n1,"two\nlines"\n\n2,x\n,\n3,"a ""quoted"" word"\n'
    table = read(tmp_path, content, header_row=3)
    assert texts(table, "test") == ["1", "2", "3"]
    assert texts(table, "note") == ["two\nlines", "x", 'a "quoted" word']
    assert list(table.row_numbers) == [4, 6, 8]


def test_the_separator_line_of_excel_is_honoured(tmp_path: Path) -> None:
    table = read(tmp_path, b"sep=;\na,b;c\n1,2;3\n")
    assert texts(table, "a,b") == ["1,2"]
    assert list(table.row_numbers) == [3]


@pytest.mark.parametrize("extra", [b"", b'"x",'])
def test_rows_that_do_not_fit_are_all_named_or_left_out(extra: bytes, tmp_path: Path) -> None:
    content = b"a,b,c\n1,2,3\n1,2\n1,2,3\n1,2,3,4,5\n" + (b'"x","y, z",3\n' if extra else b"")
    table = read(tmp_path, content)
    assert [(p.code, p.row, p.level) for p in table.problems] == [
        ("row-fields", 3, "error"),
        ("row-fields", 5, "error"),
    ]
    assert "2 fields" in table.problems[0].message
    skipped = read(tmp_path, content, skip_bad_rows=True)
    assert {p.level for p in skipped.problems} == {"warning"}
    assert (skipped.rows_read, skipped.rows_skipped) == (4 + bool(extra), 2)


def test_many_bad_rows_are_counted_not_listed(tmp_path: Path) -> None:
    table = read(tmp_path, b"a,b\n" + b"1,2,3\n" * 500 + b"1,2\n")
    assert len(table.problems) == 51
    assert table.problems[-1].count == 450


BAD = {
    b"": "empty-file",
    b"  \n \n": "empty-file",
    b"a,b\n": "no-rows",
    b"a,b\n,\n;\n".replace(b";\n", b""): "no-rows",
    bytes(range(256)): "not-a-table",
    b"\x89PNG\r\n\x1a\n\x00\x00": "not-a-table",
    b"%PDF-1.7 ...": "not-a-table",
    b"a#b\n1#2\n": "one-column",
    b"\na,b\n1,2\n": "no-header",
    "a,b\nCafé,1\n".encode() + "Café,2\n".encode("cp1252"): "mixed-encodings",
    b"a,b\n\x81\x8d,1\n": "unknown-encoding",
    b"a,b,a\n1,2,3\n": "duplicate-column",
}


@pytest.mark.parametrize("content", BAD, ids=lambda c: BAD[c])
def test_what_is_not_a_table_is_said(content: bytes, tmp_path: Path) -> None:
    assert problem(tmp_path, content) == BAD[content]


def test_mixed_encodings_name_the_row(tmp_path: Path) -> None:
    content = "a,b\nCafé,1\nx,2\n".encode() + "Noël,3\n".encode("cp1252")
    with pytest.raises(DataError) as caught:
        read(tmp_path, content)
    assert caught.value.problems[0].row == 4
    assert "Noël" in (caught.value.problems[0].value or "")


def test_an_unclosed_quotation_mark_is_found(tmp_path: Path) -> None:
    table = read(tmp_path, b'a,b\n1,2\n3,"4\n5,6\n')
    assert [(p.code, p.row) for p in table.problems] == [("row-fields", 3)]


def test_a_repeated_column_matters_only_when_it_is_needed(tmp_path: Path) -> None:
    table = read(tmp_path, b"a,b,b\n1,2,3\n", wanted=lambda header: ["a"])
    assert list(table.columns) == ["a"]


def test_hostile_cells_stay_text_and_are_written_safely(tmp_path: Path) -> None:
    cells = ["=1+1", "@SUM(A1)", "+32 9 123", "-x", "<script>alert(1)</script>", "-5"]
    table = read(
        tmp_path, plain_csv(["x", "y"], []) + "".join(f'"{cell}",1\n' for cell in cells).encode()
    )
    assert texts(table, "x") == cells
    written = b"".join(encoded_csv(["x"], [table.columns["x"]])).decode().splitlines()
    assert written[1:] == [
        "'=1+1",
        "'@SUM(A1)",
        "'+32 9 123",
        "'-x",
        "<script>alert(1)</script>",
        "-5",
    ]
    assert plain_csv(["x"], [["=1"], [-5], [None], [True]]) == b'x\n\'=1\n-5\n""\ntrue\n'


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("1.0", "1"),
        ("1,00", "1"),
        ("-3.0", "-3"),
        ("1.50", "1.50"),
        ("007", "007"),
        ("TRUE", "true"),
        ("False", "false"),
        ("tRuE", "tRuE"),
        (" x\u00a0", "x"),
        ("NA", "NA"),
        ("Cafe\u0301", "Café"),
        ("", ""),
        ("1.0.0", "1.0.0"),
        ("None", "None"),
    ],
)
def test_values_are_cleaned_once_and_in_one_way(raw: str, clean: str) -> None:
    assert canonical(raw) == clean
    assert canonical(clean) == clean


cell = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)


@MANY
@given(rows=st.lists(st.tuples(cell, cell, st.just("z")), min_size=1, max_size=12))
@example(rows=[('"', "\r", "z"), (",", "\n", "z")])
def test_any_text_survives_writing_and_reading(
    rows: list[tuple[str, str, str]], tmp_path: Path
) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(["one", "two", "three"])
    writer.writerows(rows)
    table = read(tmp_path, stream.getvalue().encode("utf-8"))
    for place, name in enumerate(("one", "two", "three")):
        assert texts(table, name) == [canonical(row[place]) for row in rows]


@MANY
@given(content=st.binary(max_size=300))
def test_no_bytes_whatever_give_a_traceback(content: bytes, tmp_path: Path) -> None:
    refused = 0
    for name in ("log.csv", "log.xlsx", "log.json", "log.jsonl", "log.dta"):
        try:
            read(tmp_path, content, name)
        except PraktijktestError:
            refused += 1
    assert refused >= 3


@MANY
@given(lines=st.lists(st.text('a1,;"\n ', max_size=12), max_size=12))
def test_the_fast_and_the_exact_way_agree(lines: list[str], tmp_path: Path) -> None:
    """Whatever the layout, rows are either read as the csv module reads them or reported."""
    body = "\n".join(lines)
    try:
        table = read(tmp_path, f"p,q,r\n{body}\n".encode())
    except DataError:
        return
    try:
        records = list(csv.reader(io.StringIO(f"{body}\n", newline=""), strict=True))
    except csv.Error:
        assert table.problems
        return
    good = [r for r in records if len(r) == 3 and any(c.strip() for c in r)]
    found = list(zip(*(texts(table, n) for n in "pqr"), strict=True))
    assert found == [tuple(map(canonical, record)) for record in good]


def test_files_that_are_one_log_keep_their_names_and_rows(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"x,y\n1,2\n3,4\n")
    (tmp_path / "b.csv").write_bytes(b"y;z\n5;6\n")
    table = read_tables([tmp_path / "a.csv", tmp_path / "b.csv"])
    assert texts(table, "y") == ["2", "4", "5"]
    assert texts(table, "z") == ["", "", "6"]
    assert [table.files[code] for code in table.file_codes] == ["a.csv", "a.csv", "b.csv"]
    assert list(table.row_numbers) == [2, 3, 2]


def test_twenty_thousand_rows_with_quotes_and_without(tmp_path: Path) -> None:
    plain = b"t,x\n" + b"".join(b"T%d,%d\n" % (n, n % 7) for n in range(20_000))
    quoted = b"t,x\n" + b"".join(b'"T,""%d""",%d\n' % (n, n % 7) for n in range(20_000))
    for content in (plain, quoted):
        table = read(tmp_path, content)
        assert len(table) == 20_000
        assert texts(table, "x")[-1] == str(19_999 % 7)
        assert not table.problems
