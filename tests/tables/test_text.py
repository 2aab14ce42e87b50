"""Delimited text: encodings, delimiters, row numbers, and everything that can be wrong."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from praktijktest.problems import DataError, PraktijktestError, UsageError
from praktijktest.tables import canonical, encoded_csv, plain_csv, read_table, read_tables
from praktijktest.tables.records import find_records
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
    assert "expected 3 fields as in the header, found 2" in table.problems[0].message
    assert list(table.row_numbers) == [2, 4] + ([6] if extra else [])
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
    for options in ({}, {"skip_bad_rows": True}):
        with pytest.raises(DataError) as caught:
            read(tmp_path, b'a,b\n1,2,3\n3,"4\n5,6\n', **options)
        found = [(p.code, p.row) for p in caught.value.problems]
        assert found == [("unclosed-quote", 3), ("row-fields", 2)]


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


def codes(folder: Path, content: bytes, **options: object) -> list[tuple[str, int | None, str]]:
    return [(p.code, p.row, p.level) for p in read(folder, content, **options).problems]


def test_a_row_is_blank_only_when_all_of_it_is(tmp_path: Path) -> None:
    content = b'a,b,note\n1,2,\n,,kept\n,,\n , ,\xc2\xa0\n"","",""\n;\n,\n,,,,,,\n3,4,\n'
    table = read(tmp_path, content.replace(b";\n", b""), wanted=lambda names: ["a", "b"])
    assert texts(table, "a") == ["1", "", "3"]
    assert list(table.row_numbers) == [2, 3, 9]
    assert table.rows_read == 3


def test_a_column_without_a_name_is_said_only_when_it_holds_something(tmp_path: Path) -> None:
    assert codes(tmp_path, b"a,,b,\n1,,2,\n3,,4,\n") == []
    table = read(tmp_path, b"a,,b,\n1,,2,\n3,x,4,\n", wanted=lambda names: ["a"])
    assert list(table.columns) == ["a"]
    assert [(p.code, p.level) for p in table.problems] == [("column-without-name", "warning")]
    assert "2 (B)" in table.problems[0].message


def test_one_column_is_a_table_too(tmp_path: Path) -> None:
    table = read(tmp_path, b"kantoor\nImmo Jan\n\nDe Kroon\n")
    assert texts(table, "kantoor") == ["Immo Jan", "De Kroon"]
    assert list(table.row_numbers) == [2, 4]


@pytest.mark.parametrize("mark", ["^", ":", "~", "#", "  "])
def test_a_separator_that_is_not_read_is_named(mark: str, tmp_path: Path) -> None:
    lines = ["test profile outcome", "T1 a yes", "T2 b no"]
    content = "\n".join(lines).replace(" ", mark).encode()
    assert problem(tmp_path, content) == "one-column"


def test_quotation_marks_inside_a_cell_are_read_as_they_stand(tmp_path: Path) -> None:
    table = read(tmp_path, b'a,b\n5" pipe,1\nsay "hi, there",2\n')
    assert texts(table, "a") == ['5" pipe']
    assert [(p.code, p.row) for p in table.problems] == [("row-fields", 3)]


def test_quotation_marks_that_are_not_doubled_are_a_problem_of_their_row(tmp_path: Path) -> None:
    content = b'a,b\n"De "Kroon" Gent",1\nx,2\n"y\nz",3\nw,4,5\n'
    table = read(tmp_path, content)
    assert texts(table, "a") == ["x", "y\nz"]
    assert list(table.row_numbers) == [3, 4]
    assert [(p.code, p.row) for p in table.problems] == [("row-fields", 5), ("row-quotes", 2)]
    assert table.rows_read == 4


def test_a_row_that_swallows_others_says_how_many_lines(tmp_path: Path) -> None:
    table = read(tmp_path, b'a,b\n1,2\n3,"4\n5,6"\n7,8\n"9\n9\n9"\n')
    assert [p.row for p in table.problems] == [5]
    assert "3 lines" in (table.problems[0].hint or "")


def test_rows_that_all_differ_in_the_same_way_are_one_problem(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path, b"a,b\n1,2,3\n4,5,6\n", skip_bad_rows=True)
    (found,) = caught.value.problems
    assert (found.code, found.row, found.count) == ("row-fields", 2, 2)


def test_an_empty_header_row_points_to_the_first_filled_one(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path, b"\n;;\n\nx;y\n1;2\n")
    assert "row 4" in (caught.value.problems[0].hint or "")
    with pytest.raises(DataError):
        read(tmp_path, b"x;y\n1;2\n", header_row=9)


def test_names_are_cleaned_and_may_hold_a_line_break(tmp_path: Path) -> None:
    content = '\ufeff\ufeff Cafe\u0301 ,"Datum\nverzonden"\n1,2\n'.encode()
    table = read(tmp_path, content)
    assert list(table.columns) == ["Café", "Datum\nverzonden"]
    assert list(table.row_numbers) == [2]


def test_a_tsv_is_separated_by_tabs_whatever_its_names_hold(tmp_path: Path) -> None:
    table = read(tmp_path, b"naam, voornaam, bus\ttest\nx, y\t1\n", "log.tsv")
    assert texts(table, "test") == ["1"]


@pytest.mark.parametrize("first", [b"sep=\t", b"SEP=,\r", b'"sep=|"'])
def test_separator_lines_of_all_kinds(first: bytes, tmp_path: Path) -> None:
    mark = {b"sep=\t": b"\t", b"SEP=,\r": b",", b'"sep=|"': b"|"}[first]
    content = first + b"\na" + mark + b"b;;;;\n1" + mark + b"2\n"
    assert texts(read(tmp_path, content), "a") == ["1"]


def test_ten_megabytes_in_a_cell(tmp_path: Path) -> None:
    large = b"x" * 10_000_000
    for content in (b"a,b\n1," + large + b"\n", b'a,b\n1,"' + large + b'"\n5" x,2\n'):
        table = read(tmp_path, content)
        assert len(texts(table, "b")[0]) == 10_000_000
    assert csv.field_size_limit() < 10_000_000
    wrong = read(tmp_path, b"a,b\n1,2\n1," + large + b",3\n").problems[0]
    assert len(wrong.line()) < 400


def test_columns_that_are_not_wanted_are_not_loaded(tmp_path: Path) -> None:
    seen = []

    def wanted(names: list[str]) -> list[str]:
        seen.append(list(names))
        return ["b", "nowhere"]

    table = read(tmp_path, b"a,b,c\n1,2,3\n", wanted=wanted)
    assert list(table.columns) == ["b"]
    assert seen == [["a", "b", "c"]]
    assert table.header == ("a", "b", "c")
    with pytest.raises(DataError) as caught:
        read(tmp_path, b"a,b\n1,2\n", "other.csv", wanted=lambda names: ["outcome"])
    (found,) = caught.value.problems
    assert (found.code, found.file) == ("no-needed-column", "other.csv")
    assert "outcome" in found.message
    assert "a, b" in (found.hint or "")


def test_a_repeated_name_gives_the_place_of_both(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path, b"a,b,a\n1,2,3\n")
    assert "1 (A) and 3 (C)" in caught.value.problems[0].message


def test_standard_input(tmp_path: Path) -> None:
    table = read_table(None, stream=io.BytesIO(b"a;b\n1;2\n"))
    assert table.files == ("standard input",)
    with pytest.raises(DataError, match="standard input is empty"):
        read_table(None, stream=io.BytesIO())
    with pytest.raises(DataError, match="not a table"):
        read_table(None, stream=io.BytesIO(b"PK\x03\x04..."))


def test_a_column_that_one_file_lacks_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"x,y\n1,2\n")
    (tmp_path / "b.csv").write_bytes(b"x\n3\n")
    table = read_tables([tmp_path / "a.csv", tmp_path / "b.csv"])
    (found,) = table.problems
    assert (found.code, found.file, found.column) == ("column-lacking", "b.csv", "y")
    with pytest.raises(UsageError, match="twice"):
        read_tables([tmp_path / "a.csv", tmp_path / "." / "a.csv"])
    (tmp_path / "c.csv").write_bytes(b"x\n")
    (tmp_path / "d.csv").write_bytes(b"")
    with pytest.raises(DataError) as caught:
        read_tables([tmp_path / name for name in ("a.csv", "c.csv", "d.csv")])
    assert [(p.code, p.file) for p in caught.value.problems] == [
        ("no-rows", "c.csv"),
        ("empty-file", "d.csv"),
    ]


field = st.text('ab1,;"\n\r é', max_size=6)


@MANY
@given(
    rows=st.lists(st.lists(field, min_size=1, max_size=4), max_size=8),
    delimiter=st.sampled_from(",;\t|"),
    line_end=st.sampled_from(["\n", "\r\n"]),
    blanks=st.sets(st.integers(0, 8)),
)
def test_what_the_csv_module_wrote_is_read_as_it_reads_it(
    rows: list[list[str]], delimiter: str, line_end: str, blanks: set[int], tmp_path: Path
) -> None:
    """Rows of any width, blank lines between them: each is read or named, by its number."""
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL)
    writer.writerow(["p", "q"])
    for number, row in enumerate(rows):
        stream.write(line_end if number in blanks else "")
        writer.writerow(row)
    content = stream.getvalue().encode()
    lines = csv.reader(io.StringIO(content.decode(), newline=""), delimiter=delimiter)
    expected = [(n, r) for n, r in enumerate(lines, 1) if any(c.strip() for c in r)][1:]
    good = [(n, tuple(map(canonical, r))) for n, r in expected if len(r) == 2]
    bad = [n for n, r in expected if len(r) != 2]
    if not good:
        assert problem(tmp_path, content) in ("no-rows", "row-fields")
        return
    table = read(tmp_path, content)
    found = zip(table.row_numbers.tolist(), texts(table, "p"), texts(table, "q"), strict=True)
    assert [(number, (p, q)) for number, p, q in found] == good
    assert [p.row for p in table.problems] == bad
    assert table.rows_read == len(expected)


@MANY
@given(cut=st.integers(1, 400), chunk=st.sampled_from([16, 64, 4096]))
def test_the_size_of_the_pieces_changes_nothing(cut: int, chunk: int, tmp_path: Path) -> None:
    content = b'a,b\n1,"x, ""y""\n\nz"\n\n2,\r\n"3","4"\n5,6,7\n' * 10
    whole = find_records(content[:cut], 4, ",")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("praktijktest.tables.records.CHUNK", chunk)
        pieces = find_records(content[:cut], 4, ",")
    assert pieces.regular == whole.regular
    for name in ("starts", "ends", "delimiters"):
        assert getattr(pieces, name).tolist() == getattr(whole, name).tolist()


def test_twenty_thousand_rows_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("praktijktest.tables.fields.ROWS_AT_ONCE", 700)
    monkeypatch.setattr("praktijktest.tables.columns.MERGE_AT_LEAST", 1000)
    rows = [f"T{n // 2:06d},agent {n % 97}.0,{n % 3}.0" for n in range(20_000)]
    rows[777] = "only,two"
    table = read(tmp_path, ("test,agent,outcome\n" + "\n".join(rows)).encode())
    del rows[777]
    for place, name in enumerate(("test", "agent", "outcome")):
        assert texts(table, name) == [canonical(row.split(",")[place]) for row in rows]
        assert len(set(table.columns[name].values)) == len(table.columns[name].values)
    assert [(p.code, p.row) for p in table.problems] == [("row-fields", 779)]
