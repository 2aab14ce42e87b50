"""A file is what its first bytes say, whatever its name; what is no table is named."""

import gzip
import io
import zipfile
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from praktijktest.problems import DataError, PraktijktestError, Problem, UsageError
from praktijktest.tables import read_table
from praktijktest.tables.kinds import EXTENSIONS

FRAME = pd.DataFrame({"test": ["T1", "T2"], "outcome": ["1", "0"], "note": ["Café"] * 2})


def archive(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as opened:
        for name, content in members.items():
            opened.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return stream.getvalue()


def refused(path: Path, content: bytes) -> Problem:
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        read_table(path)
    return caught.value.problems[0]


OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600
NO_TABLES = {
    "PDF": b"%PDF-1.7 ...",
    "picture (PNG)": b"\x89PNG\r\n\x1a\n\x00\x00",
    "picture (JPEG)": b"\xff\xd8\xff\xe0\x00",
    "compressed": gzip.compress(b"a,b\n1,2\n"),
    "database": b"SQLite format 3\x00....",
    "web page": b"\n<!DOCTYPE html><table><tr><td>a</td></tr></table>",
    "RTF": b"{\\rtf1 a,b}",
    "Word": archive(word__document_xml=b"<w/>"),
    "presentation": archive(ppt__slides_xml=b"<p/>"),
    "zip archive": archive(log_csv=b"a,b\n1,2\n"),
    "old Office": OLE2 + "WordDocument".encode("utf-16-le"),
}


@pytest.mark.parametrize("name", ["log.csv", "log.xlsx", "log.json", "log.dta"])
@pytest.mark.parametrize("what", NO_TABLES)
def test_what_is_no_table_is_named(what: str, name: str, tmp_path: Path) -> None:
    found = refused(tmp_path / name, NO_TABLES[what])
    assert found.code == "not-a-table"
    assert what in found.message
    assert found.file == name


@pytest.mark.parametrize("name", ["log.xlsx", "log.xls", "log.csv"])
def test_a_password_is_recognised(name: str, tmp_path: Path) -> None:
    locked = refused(tmp_path / name, OLE2 + "EncryptedPackage".encode("utf-16-le"))
    assert locked.code == "password"
    manifest = b"<manifest><encryption-data/></manifest>"
    locked = archive(**{"META-INF__manifest_xml": manifest, "content_xml": b"x"})
    assert refused(tmp_path / "log.ods", locked).code == "password"


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_an_empty_file_is_empty_whatever_its_name(extension: str, tmp_path: Path) -> None:
    assert refused(tmp_path / f"log{extension}", b"").code == "empty-file"


def written(kind: str, folder: Path) -> Path:
    path = folder / f"log{kind}"
    if kind in (".xlsx", ".ods"):
        FRAME.to_excel(str(path), index=False)  # of a Path, pandas ignores the extension
    elif kind == ".parquet":
        FRAME.to_parquet(path)
    elif kind == ".dta":
        FRAME.to_stata(path, write_index=False, version=118)
    elif kind == ".sav":
        pytest.importorskip("pyreadstat").write_sav(FRAME, path)
    elif kind == ".json":
        FRAME.to_json(path, orient="records")
    else:
        FRAME.to_csv(path, index=False, sep="\t")
    return path


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (".xlsx", "export.csv"),
        (".xlsx", "export.xls"),
        (".xlsx", "export.ods"),
        (".ods", "export.xlsx"),
        (".parquet", "export.csv"),
        (".dta", "export.csv"),
        (".sav", "export.dta"),
        (".json", "export.txt"),
        (".csv", "export.xls"),
        (".csv", "export.xlsx"),
    ],
)
def test_a_wrong_name_is_a_warning(kind: str, name: str, tmp_path: Path) -> None:
    path = written(kind, tmp_path).rename(tmp_path / name)
    table = read_table(path)
    assert table.columns["outcome"].texts().tolist() == ["1", "0"]
    both_spreadsheets = EXTENSIONS[kind] == EXTENSIONS[path.suffix]
    assert [p.code for p in table.problems] == ([] if both_spreadsheets else ["other-kind"])


@pytest.mark.parametrize("kind", [".xlsx", ".ods", ".parquet", ".dta", ".sav", ".json"])
@pytest.mark.parametrize("keep", [5, 60, 0.3, 0.6, 0.9])
def test_a_file_cut_short_is_refused(kind: str, keep: float, tmp_path: Path) -> None:
    path = written(kind, tmp_path)
    content = path.read_bytes()
    cut = content[: int(keep if keep >= 1 else len(content) * keep)]
    found = refused(path, cut)
    assert found.code in ("damaged", "not-a-table", "not-json", "one-column")
    assert found.file == path.name


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    kind=st.sampled_from([".xlsx", ".ods", ".parquet", ".dta", ".sav"]),
    changes=st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=8
    ),
)
def test_a_damaged_file_never_gives_a_traceback(
    kind: str, changes: list[tuple[float, int]], tmp_path: Path
) -> None:
    path = written(kind, tmp_path)
    content = bytearray(path.read_bytes())
    for place, byte in changes:
        content[int(place * len(content))] = byte
    path.write_bytes(content)
    with suppress(PraktijktestError):
        assert len(read_table(path)) >= 1


@settings(
    max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    start=st.sampled_from([b"", b"PK\x03\x04", OLE2[:8], b"PAR1", b"<stata_dta>", b"$FL2", b"[{"]),
    rest=st.binary(max_size=200),
    extension=st.sampled_from(sorted(EXTENSIONS)),
)
def test_any_bytes_under_any_name_never_give_a_traceback(
    start: bytes, rest: bytes, extension: str, tmp_path: Path
) -> None:
    path = tmp_path / f"log{extension}"
    path.write_bytes(start + rest)
    with suppress(PraktijktestError):
        assert len(read_table(path)) >= 1


def test_names_of_files(tmp_path: Path) -> None:
    (tmp_path / "logboek.csv").write_bytes(b"a,b\n1,2\n")
    assert len(read_table((tmp_path / "logboek.csv").rename(tmp_path / "LOG.CSV"))) == 1
    with pytest.raises(UsageError, match="There is no file"):
        read_table(tmp_path / "nowhere" / "log.csv")
    with pytest.raises(UsageError):
        read_table(tmp_path / ("x" * 300 + ".csv"))
    (tmp_path / "log").write_bytes(b"a,b\n1,2\n")
    with pytest.raises(UsageError, match="nothing are not read"):
        read_table(tmp_path / "log")
    with pytest.raises(UsageError, match="header_row"):
        read_table(tmp_path / "LOG.CSV", header_row=0)
