"""A data set for research: who was tested cannot be told, and the numbers can be found again."""

import csv
import hashlib
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from praktijktest.disclosure.anonymity import HIDDEN, anonymous
from praktijktest.problems import UsageError
from praktijktest.rounds import research_statistics
from praktijktest.rounds.export_research import export_research
from praktijktest.rounds.replication import replicate
from praktijktest.rounds.verify import verify
from tests.analysis.logs import run
from tests.analysis.test_other_kinds import CALL_HEADER, CALLS, SINGLE, calls, single
from tests.rounds.exported_rounds import CANARY, LONELY, REPLIES, report_folder
from tests.rounds.ledger_rounds import filled_round

KEY = b"a key for tests"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return report_folder(tmp_path_factory.mktemp("research"))


@pytest.fixture(scope="module")
def exported(made: Path) -> Path:
    out = made.parent / "research"
    export_research(made, out, licence="https://creativecommons.org/licenses/by/4.0/", key=KEY)
    return out


def table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


def test_nobody_is_named_in_any_file(exported: Path) -> None:
    for path in exported.iterdir():
        content = path.read_bytes()
        assert CANARY.encode() not in content, path.name
        assert LONELY.encode() not in content, path.name
        assert b"gesprek" not in content, path.name


def test_pseudonyms_are_new_every_time_and_not_those_of_the_report(
    made: Path, exported: Path, tmp_path: Path
) -> None:
    own = [row["target"] for row in table(made / "applications.csv")]
    fresh = [row["target"] for row in table(exported / "applications.csv")]
    export_research(made, tmp_path / "again")
    again = [row["target"] for row in table(tmp_path / "again/applications.csv")]
    assert len(set(own)) == len(set(fresh)) == len(set(again)) == 21
    assert not set(own) & set(fresh)
    order = [sorted(fresh.count(name) for name in set(fresh)), sorted(map(again.count, set(again)))]
    assert order[0] == order[1]
    assert fresh != again


def test_every_combination_is_shared_by_enough_targets(exported: Path) -> None:
    rows = table(exported / "applications.csv")
    check = json.loads((exported / "anonymity.json").read_text(encoding="utf-8"))
    columns = check["quasi_identifiers"]
    assert columns == ["stratum:agent_type", "stratum:district"]
    sharing: dict[tuple[str, ...], set[str]] = {}
    for row in rows:
        sharing.setdefault(tuple(row[name] for name in columns), set()).add(row["target"])
    assert min(map(len, sharing.values())) == check["smallest_class"] >= check["k"] == 4
    assert any(HIDDEN in values for values in sharing)


def test_cells_that_spreadsheets_would_run_are_inert(exported: Path) -> None:
    with (exported / "applications.csv").open(encoding="utf-8", newline="") as stream:
        cells = [cell for row in csv.reader(stream) for cell in row]
    assert "'=Oost" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_the_python_script_finds_the_headline_again(exported: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", exported / "replicate.py"], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode().splitlines()[-1] == "matches"


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed here")
def test_the_r_script_finds_the_headline_again_and_sees_what_was_changed(
    exported: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(exported, copy)
    command = ["Rscript", "--vanilla", str(copy / "replicate.R"), str(copy)]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode().splitlines()[-1] == "matches"
    change_a_number(copy)
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 1
    assert "only_control: " in done.stdout.decode()


def test_the_python_script_sees_what_was_changed(
    exported: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(exported, copy)
    change_a_number(copy)
    assert replicate.main([str(copy)]) == 1
    assert "only_control: " in capsys.readouterr().out


def change_a_number(folder: Path) -> None:
    rows = (folder / "headline.csv").read_text(encoding="utf-8").splitlines()
    cells = rows[1].split(",")
    cells[rows[0].split(",").index("only_control")] = "999"
    (folder / "headline.csv").write_text("\n".join([rows[0], ",".join(cells), *rows[2:]]) + "\n")


def test_the_headline_is_that_of_the_analysis(made: Path, exported: Path) -> None:
    document = json.loads((made / "analysis.json").read_text(encoding="utf-8"))
    entry = next(e for e in document["contrasts"] if e["primary"] and not e["stratum"])
    row = next(r for r in table(exported / "headline.csv") if r["rule"] == entry["rule"])
    assert {name: int(row[name]) for name in entry["cells"]} == entry["cells"]
    clustered = next(
        e
        for e in entry["estimates"]
        if e["name"] == "net_rate_usable" and e["scope"] == "targets-like-these"
    )
    assert float(row["net_rate_usable_low"]) == clustered["low"]


def test_the_data_package_describes_its_tables(exported: Path) -> None:
    package = json.loads((exported / "datapackage.json").read_text(encoding="utf-8"))
    assert package["profile"] == "tabular-data-package"
    assert {r["path"] for r in package["resources"]} == {
        "applications.csv",
        "contrasts.csv",
        "headline.csv",
    }
    casts = {"string": str, "integer": int, "number": float}
    for resource in package["resources"]:
        path = exported / resource["path"]
        assert resource["bytes"] == path.stat().st_size
        assert resource["hash"] == f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
        fields = resource["schema"]["fields"]
        rows = table(path)
        assert [field["name"] for field in fields] == list(rows[0])
        for field in fields:
            limits = field.get("constraints", {})
            for row in rows:
                cell = row[field["name"]]
                if cell == "":
                    assert not limits.get("required")
                    continue
                value = casts[field["type"]](cell)
                assert value in limits.get("enum", [value]), (field["name"], cell)


def test_the_crate_lists_every_file_with_its_size_and_hash(exported: Path) -> None:
    graph = json.loads((exported / "ro-crate-metadata.json").read_text(encoding="utf-8"))["@graph"]
    entity = {one["@id"]: one for one in graph}
    assert entity["ro-crate-metadata.json"]["about"] == {"@id": "./"}
    root = entity["./"]
    assert {"name", "description", "datePublished", "license"} <= set(root)
    assert root["license"]["@id"] in entity
    parts = {part["@id"] for part in root["hasPart"]}
    assert parts == {p.name for p in exported.iterdir()} - {
        "ro-crate-metadata.json",
        "manifest.json",
    }
    for name in parts:
        content = (exported / name).read_bytes()
        assert entity[name]["contentSize"] == str(len(content))
        assert entity[name]["sha256"] == hashlib.sha256(content).hexdigest()


def test_stata_and_spss_hold_the_same_rows_with_labels(exported: Path) -> None:
    pyreadstat = pytest.importorskip("pyreadstat")
    rows = table(exported / "applications.csv")
    spss, about = pyreadstat.read_sav(str(exported / "applications.sav"))
    stata = pd.read_stata(exported / "applications.dta", convert_categoricals=False)
    with pd.io.stata.StataReader(exported / "applications.dta") as reader:
        labels = reader.value_labels()
        variable_labels = reader.variable_labels()
    assert len(spss) == len(stata) == len(rows)
    assert about.column_names_to_labels["outcome"] == variable_labels["outcome"] == "Reply"
    for place in (0, 7, len(rows) - 1):
        code = spss["outcome"][place]
        assert stata["outcome"][place] == code
        said = about.variable_value_labels["outcome"][code]
        assert said == labels["outcome"][int(code)]
        assert said.split(":")[0] == rows[place]["outcome"]
        assert spss["positive_strict"][place] == int(rows[place]["positive:strict"])


def test_without_pyreadstat_the_rest_is_written(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyreadstat", None)
    found = export_research(made, tmp_path / "out", languages=("nl",), key=KEY)
    assert [problem.code for problem in found.warnings] == ["no-spss"]
    assert "pyreadstat is not installed" in found.warnings[0].line()
    assert "applications.sav" not in found.files
    assert verify(tmp_path / "out").holds


@pytest.mark.parametrize("code", ["nl", "fr", "en"])
def test_the_codebook_explains_every_column(exported: Path, code: str) -> None:
    text = (exported / f"codebook.{code}.md").read_text(encoding="utf-8")
    for name in table(exported / "applications.csv")[0]:
        assert f"| `{name}` |" in text
    assert "`*`" in text
    assert "replicate.R" in text
    assert len({line.count(" | ") for line in text.splitlines() if line.startswith("| `")}) == 1


def test_kinds_without_pairs_have_data_and_no_scripts(tmp_path: Path) -> None:
    rows = calls({"complied": 6, "refused": 6})
    folder = report_folder(tmp_path / "calls", rows, CALLS, CALL_HEADER)
    export_research(folder, tmp_path / "a", languages=("en",))
    header = ("test", "target", "origin", "outcome")
    folder = report_folder(tmp_path / "single", single("++--+-", "+---+-"), SINGLE, header)
    export_research(folder, tmp_path / "b", languages=("en",))
    for out in (tmp_path / "a", tmp_path / "b"):
        assert (out / "applications.csv").is_file()
        assert not (out / "replicate.py").exists()
        assert "replicate.R" not in (out / "codebook.en.md").read_text(encoding="utf-8")


def test_fewer_targets_than_asked_leave_no_characteristic(made: Path, tmp_path: Path) -> None:
    found = export_research(made, tmp_path / "out", k=30, languages=("en",))
    rows = table(tmp_path / "out/applications.csv")
    assert {row["stratum:district"] for row in rows} == {HIDDEN}
    assert found.anonymity["smallest_class"] == found.anonymity["targets"] == 21
    with pytest.raises(UsageError, match="too few"):
        export_research(made, tmp_path / "other", k=2)


def test_numbers_and_dates_become_coarser_and_rare_templates_are_pooled() -> None:
    frame = pd.DataFrame(
        {
            "rent": [str(600 + 10 * place) for place in range(40)],
            "first": [f"2026-0{1 + place % 2}-{10 + place % 9}" for place in range(40)],
            "template": ["A"] * 38 + ["B"] * 2,
        },
        dtype=object,
    )
    unit = pd.Series([f"P{place}" for place in range(40)])
    found, check = anonymous(frame, unit, ["rent", "first"], ["template"], 4)
    assert set(check.coarser) == {"rent", "first"}
    assert set(found["first"]) <= {"2026-01", "2026-02", HIDDEN}
    assert found["rent"].nunique() <= 6
    assert set(found["template"]) == {"A", "other"}
    assert check.smallest >= 4


def test_names_fit_statistics_programs() -> None:
    from praktijktest.rounds.research_variables import variables_of

    names = ["attribute:origin", "attribute_origin", "1e", "ü" * 40, "x" * 40, "X" * 40]
    frame = pd.DataFrame({name: ["a"] for name in names}, dtype=object)
    short = [one.short for one in variables_of(frame)]
    assert len({name.lower() for name in short}) == len(names)
    assert all(len(n) <= 32 and n.isascii() and n[0].isalpha() for n in short)
    assert research_statistics.LABEL == 80


def test_a_first_of_several_applications_counts_as_in_the_analysis(tmp_path: Path) -> None:
    """Every test has two applicants of each level; with "first" the later ones do not count."""
    design = "\n".join(
        [
            SINGLE.replace('kind = "single"', 'kind = "paired"'),
            '[reading]\nsame_profile = "first"\n',
        ]
    )
    rows = []
    for number in range(12):
        for place, (origin, positive) in enumerate(
            [("flemish", number % 2), ("moroccan", number % 3), ("flemish", 1), ("moroccan", 0)], 1
        ):
            outcome = "viewing-individual" if positive else "no-reply"
            rows.append((f"t{number}", f"A{number % 4}", origin, outcome, place))
    header = ("test", "target", "origin", "outcome", "position")
    analysis = run(tmp_path, rows, design, header).to_dict()
    folder = report_folder(tmp_path / "first", rows, design, header)
    found = export_research(folder, tmp_path / "out", languages=("en",))
    assert not [p for p in found.warnings if "headline" in p.code]
    again = replicate.headline(tmp_path / "out").set_index("rule")
    for entry in analysis["contrasts"]:
        assert {n: again[n][entry["rule"]] for n in entry["cells"]} == entry["cells"]


def test_what_the_applications_do_not_hold_is_not_promised(tmp_path: Path) -> None:
    """The design clusters by firm, which is not exported: the interval is left empty, and said."""
    design = SINGLE.replace('kind = "single"', 'kind = "paired"') + '[columns]\ncluster = "firm"\n'
    rows = [
        (f"t{n}", f"A{n % 8}", origin, outcome, f"F{n % 8 // 2}")
        for n in range(40)
        for origin, outcome in zip(
            ("flemish", "moroccan"), (REPLIES["b"], REPLIES["a"], REPLIES["c"])[n % 3], strict=True
        )
    ]
    header = ("test", "target", "origin", "outcome", "firm")
    folder = report_folder(tmp_path / "firms", rows, design, header)
    found = export_research(folder, tmp_path / "out", languages=("en",))
    assert {problem.code for problem in found.warnings} == {"number-not-in-headline"}
    for row in table(tmp_path / "out/headline.csv"):
        assert row["net_rate_usable_low"] == row["net_rate_usable_high"] == ""
        assert row["net_rate_usable"] != ""
    assert replicate.main([str(tmp_path / "out")]) == 0


def test_a_round_folder_is_exported_from_its_ledger(tmp_path: Path) -> None:
    folder = filled_round(tmp_path / "round", uncoded=False)
    found = export_research(folder, tmp_path / "data", languages=("nl",))
    assert not found.warnings
    names = {row["target"] for row in table(folder / "plan.csv")}
    content = b"".join(path.read_bytes() for path in (tmp_path / "data").iterdir())
    assert names
    assert not [name for name in names if name.encode() in content]
    assert replicate.main([str(tmp_path / "data")]) == 0
