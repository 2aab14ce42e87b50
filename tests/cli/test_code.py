"""`praktijktest code`: sheets out, codes in, agreement, adjudication."""

import csv
import json
import shutil
from pathlib import Path

import openpyxl
import pytest

from praktijktest.fieldwork.state import state_of
from praktijktest.rounds.round_store import open_round
from tests.cli.program import praktijktest
from tests.rounds.field_rounds import field_round

DANISH = Path(__file__).parents[2].parent / "shared/data/denmark_schools_olsen2020/df1.csv"
SECRETS = (
    "Rachid",
    "Amrani",
    "Youssef",
    "Benali",
    "Wouter",
    "Claes",
    "Kantoor Nummer",
    "0471",
    "@",
)


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    return field_round(tmp_path_factory.mktemp("made") / "round")


@pytest.fixture
def folder(made, tmp_path) -> Path:
    shutil.copytree(made, tmp_path / "round")
    return tmp_path / "round"


def exported(folder: Path, *options: str) -> list[Path]:
    coders = ("--coder", "An", "--coder", "Bea")
    done = praktijktest(
        "code", "export", "-r", folder, "--out", folder / "sheets", *coders, *options
    )
    assert done.code == 0, done.err
    return sorted((folder / "sheets").iterdir())


def filled(path: Path, code: str, **other: str) -> Path:
    """Fill in one code everywhere, and others by item."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        row["code"] = other.get(row["item"], code)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


def items(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as stream:
        return [row["item"] for row in csv.DictReader(stream)]


def codings(folder: Path) -> list[tuple[str, str]]:
    with open_round(folder, create=False) as opened:
        state = state_of(opened.ledger.events())
    return [
        (reply.id, coding.outcome)
        for one in state.applications.values()
        for reply in one.replies
        for coding in reply.codings
    ]


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_sheets_give_nobody_away(folder, form):
    for path in exported(folder, "--format", form):
        text = path.read_text("utf-8") if form == "csv" else str(cells(path))
        assert "kijken op dinsdag" in text
        for secret in (*SECRETS, "t00", "AD-", "moroccan", "K1", "An Testster"):
            assert secret not in text, secret
        assert "An" not in path.stem.split("-")


def cells(path: Path) -> list[object]:
    book = openpyxl.load_workbook(path)
    return [cell.value for sheet in book for row in sheet for cell in row if cell.value]


def test_export_is_the_same_again_and_leaves_out_what_is_coded(folder):
    before = [path.read_bytes() for path in exported(folder)]
    assert [path.read_bytes() for path in exported(folder)] == before
    with open_round(folder, create=False) as opened:
        kinds = [event.kind for event in opened.ledger.events()]
    assert kinds.count("exported") == 2
    sheets = [path for path in exported(folder, "--format", "csv") if path.suffix == ".csv"]
    assert praktijktest("code", "import", filled(sheets[0], "refused"), "-r", folder).code == 0
    coders = ("--coder", "An", "--coder", "Bea", "--format", "csv", "--json")
    done = praktijktest("code", "export", "-r", folder, "--out", folder / "later", *coders)
    counts = sorted(one["replies"] for one in json.loads(done.out)["sheets"])
    assert counts[0] == 0
    assert counts[1] > 0


def test_codes_come_back_once(folder):
    sheets = exported(folder, "--format", "csv")
    for sheet in sheets:
        filled(sheet, "refused")
    done = praktijktest("code", "import", *sheets, "-r", folder, "--json")
    assert done.code == 0, done.err
    first = json.loads(done.out)
    assert first["new"] == sum(len(items(sheet)) for sheet in sheets) == 36
    again = json.loads(praktijktest("code", "import", *sheets, "-r", folder, "--json").out)
    assert (again["new"], again["known"]) == (0, 36)
    assert again["head"] == first["head"]
    assert len(codings(folder)) == 36


def test_a_folder_stands_for_the_sheets_in_it(folder):
    for sheet in exported(folder, "--format", "csv"):
        filled(sheet, "refused")
    done = praktijktest("code", "import", folder / "sheets", "-r", folder, "--json")
    assert json.loads(done.out)["new"] == 36
    twice = praktijktest(
        "code", "import", folder / "sheets", *(folder / "sheets").iterdir(), "-r", folder
    )
    assert twice.code == 2
    (folder / "empty").mkdir()
    assert praktijktest("code", "import", folder / "empty", "-r", folder).code == 2


def test_a_bad_row_stops_the_whole_import(folder):
    one, other = exported(folder, "--format", "csv")
    filled(one, "refused")
    filled(other, "refused", **{items(other)[0]: "viewing-indvidual"})
    done = praktijktest("code", "import", one, other, "-r", folder)
    assert done.code == 1
    assert f"{other.name}, row 2, code" in done.err
    assert "did you mean viewing-individual?" in done.err
    assert "Traceback" not in done.err
    assert codings(folder) == []


def test_a_changed_mind_is_a_conflict_and_adjudicated(folder):
    sheet = exported(folder, "--format", "csv")[0]
    assert praktijktest("code", "import", filled(sheet, "refused"), "-r", folder).code == 0
    item = items(sheet)[0]
    done = praktijktest(
        "code", "import", filled(sheet, "refused", **{item: "call-back"}), "-r", folder
    )
    assert done.code == 1
    assert "'refused'" in done.err
    assert "'call-back'" in done.err
    decide = ("code", "adjudicate", item, "-r", folder, "--reason", "zegt dat men mag bellen")
    assert praktijktest(*decide, "--code", "cal-back").code == 2
    assert praktijktest(*decide, "--code", "call-back").code == 0
    assert "has this already" in praktijktest(*decide, "--code", "call-back").out
    with open_round(folder, create=False) as opened:
        events = list(opened.ledger.events(kinds=["adjudicated"]))
        state = state_of(opened.ledger.events())
    assert [event.values["outcome"] for event in events] == ["call-back"]
    assert events[0].values["reason"] == "zegt dat men mag bellen"
    settled = [r for one in state.applications.values() for r in one.replies if r.adjudicated]
    assert settled[0].outcome == "call-back"
    assert settled[0].codings[0].outcome == "refused"


def test_sheets_of_another_round_or_coder_are_refused(folder, tmp_path):
    other = field_round(tmp_path / "other", "antwerpen", replies=3)
    sheet = filled(exported(other, "--format", "csv")[0], "refused")
    done = praktijktest("code", "import", sheet, "-r", folder)
    assert done.code == 1
    assert "another round" in done.err
    own = [filled(path, "refused") for path in exported(folder, "--format", "csv")]
    results = [praktijktest("code", "import", path, "-r", folder, "--coder", "Bea") for path in own]
    assert sorted(done.code for done in results) == [0, 1]
    assert any("another coder" in done.err for done in results)


def test_agreement_of_a_round(folder):
    one, other = exported(folder, "--format", "csv", "--share", "1")
    both = sorted(set(items(one)) & set(items(other)))
    assert len(both) == 30
    filled(one, "refused", **dict.fromkeys(both[:15], "viewing-individual"))
    filled(other, "refused", **dict.fromkeys(both[:12], "viewing-individual"))
    assert praktijktest("code", "import", one, other, "-r", folder).code == 0
    listed = folder / "disagreements.csv"
    done = praktijktest("code", "agreement", "-r", folder, "--json", "--disagreements", listed)
    found = json.loads(done.out)
    (pair,) = found["pairs"]
    measures = {one["name"]: one for one in pair["measures"]}
    assert measures["percent_agreement"]["value"] == pytest.approx(0.9)
    assert measures["cohen_kappa"]["value"] == pytest.approx(0.8)
    assert [unit["unit"] for unit in found["disagreements"]] == both[12:15]
    with listed.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["item"] for row in rows] == both[12:15]
    assert not any(secret in listed.read_text("utf-8") for secret in SECRETS)
    shown = praktijktest("code", "agreement", "-r", folder, "--by", "category", "--lang", "nl")
    assert "Cohens kappa" in shown.out
    assert "Per code" in shown.out


@pytest.mark.skipif(not DANISH.is_file(), reason="../shared/data/denmark_schools is not here")
def test_agreement_of_the_danish_schools():
    done = praktijktest("code", "agreement", "--log", DANISH, "--columns", "spot1,spot2", "--json")
    found = json.loads(done.out)
    assert (found["units"], found["compared"], found["categories"]) == (1698, 1698, ["0", "1", "2"])
    (pair,) = found["pairs"]
    measures = {one["name"]: one["value"] for one in pair["measures"]}
    assert measures["percent_agreement"] == pytest.approx(1577 / 1698)
    # statsmodels.stats.inter_rater.cohens_kappa of the same table
    assert measures["cohen_kappa"] == pytest.approx(0.888779, abs=1e-6)
    assert measures["cohen_kappa_linear"] == pytest.approx(0.906385, abs=1e-6)
    assert measures["cohen_kappa_quadratic"] == pytest.approx(0.926274, abs=1e-6)
    assert len(found["disagreements"]) == 121


def test_agreement_of_a_table_with_words_for_codes(tmp_path):
    table = tmp_path / "codes.csv"
    table.write_text("id,a,b\n1,yes,yes\n2,no,no\n3,maybe,no\n4,,no\n", encoding="utf-8")
    wanted = ("code", "agreement", "--log", table, "--columns", "a,b", "--json")
    plain = json.loads(praktijktest(*wanted).out)
    assert plain["ordered"] is False
    assert len(plain["pairs"][0]["measures"]) == 3
    ordered = json.loads(praktijktest(*wanted, "--order", "no,maybe,yes").out)
    assert ordered["categories"] == ["no", "maybe", "yes"]
    assert ordered["alphas"][1]["name"] == "krippendorff_alpha_ordinal"
    assert ordered["disagreements"][0]["label"] == "row 4"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("agreement",), 2, "one of the two"),
        (("agreement", "--log", "codes.csv", "--columns", "a"), 2, "at least two columns"),
        (("agreement", "--log", "codes.csv", "--columns", "a,c"), 2, "no column 'c'"),
        (("agreement", "--log", "nothing.csv", "--columns", "a,b"), 2, "no file"),
        (("agreement", "--log", "codes.csv", "--columns", "a,b", "--by", "x"), 2, "--by"),
        (
            ("agreement", "--log", "codes.csv", "--columns", "a,b", "--confidence", "2"),
            2,
            "between",
        ),
        (("export", "-r", ".", "-o", "x", "--coder", "An"), 2, "design.toml"),
    ],
)
def test_wrong_use(tmp_path, arguments, code, said):
    (tmp_path / "codes.csv").write_text("a,b\n1,1\n", encoding="utf-8")
    done = praktijktest("code", *arguments, cwd=tmp_path)
    assert done.code == code
    assert said in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--coder", "An", "--coder", "An"), "named twice"),
        (("--coder", "An", "--format", "pdf"), "--format"),
        (("--coder", "An", "--share", "1.5"), "--share"),
        (("--coder", " "), "at least one coder"),
    ],
)
def test_wrong_use_of_export(made, tmp_path, options, said):
    done = praktijktest("code", "export", "-r", made, "--out", tmp_path / "x", *options)
    assert done.code == 2
    assert said in done.err
