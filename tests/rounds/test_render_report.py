"""`report` adds to a report folder or writes a folder of its own; `verify` knows both."""

import json
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from praktijktest.problems import DataError, UsageError, VerificationError
from praktijktest.rounds.manifest import manifest_bytes, manifest_of, versions
from praktijktest.rounds.render_report import render_report
from praktijktest.rounds.renderings import renderings_of
from praktijktest.rounds.verify import verify
from praktijktest.storage import sha256_of_file
from tests.cli.program import praktijktest
from tests.reporting.documents import nobody_answers, washington
from tests.reporting.test_kinds import round_of

QUICK = ("html", "md")


def report_folder(path: Path, document: dict[str, Any]) -> Path:
    """A report folder around an analysis document, without the tables that no report reads."""
    path.mkdir(parents=True)
    (path / "analysis.json").write_text(json.dumps(document), encoding="utf-8")
    manifest = manifest_of(
        path, kind="report", about=document["round"], command=["praktijktest", "analyse", "-"],
        inputs=[], more={"renderings": []},
    )  # fmt: skip
    (path / "manifest.json").write_bytes(manifest_bytes(manifest))
    return path


def washington_1988() -> dict[str, Any]:
    document = washington()
    document["round"] |= {"id": "washington-1988", "language": "en", "title": "Washington 1988"}
    return document


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return report_folder(tmp_path / "report", washington_1988())


@pytest.fixture
def other(tmp_path: Path) -> Path:
    return report_folder(tmp_path / "other", nobody_answers())


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.*")}


def listed(folder: Path) -> dict[str, Any]:
    found = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return dict(found)


def test_names_say_kind_language_and_format():
    assert [r.file for r in renderings_of("full", ["nl"], QUICK, plain=True)] == [
        "report.html",
        "report.md",
    ]
    assert [r.file for r in renderings_of("full", ["nl", "fr"], ["pdf"], plain=True)] == [
        "report.nl.pdf",
        "report.fr.pdf",
    ]
    assert [r.file for r in renderings_of("summary", ["en"], ["docx"])] == [
        "report-summary.en.docx"
    ]


def test_reports_are_added_to_the_folder_and_its_manifest(folder):
    before = contents(folder)
    made = render_report([folder], languages=("nl", "fr"), formats=QUICK)
    render_report([folder], kind="summary", formats=("md",))
    files = [one.file for one in made.renderings]
    assert files == ["report.nl.html", "report.nl.md", "report.fr.html", "report.fr.md"]
    after = contents(folder)
    assert {name: after[name] for name in before if name != "manifest.json"} == {
        name: content for name, content in before.items() if name != "manifest.json"
    }
    manifest = listed(folder)
    names = [*sorted(files), "report-summary.en.md"]
    assert sorted(one["file"] for one in manifest["renderings"]) == sorted(names)
    assert {one["file"]: one["sha256"] for one in manifest["outputs"]} == {
        name: sha256_of_file(folder / name) for name in after if name != "manifest.json"
    }
    assert verify(folder).problems == ()
    assert "5 reports, rendered once more" in " ".join(verify(folder).checked)


def test_the_order_of_commands_leaves_no_trace(folder, tmp_path):
    twin = shutil.copytree(folder, tmp_path / "twin")
    for languages in (("nl",), ("fr",), ("nl",)):
        render_report([folder], languages=languages, formats=("md",))
    for languages in (("fr", "nl"),):
        render_report([twin], languages=languages, formats=("md",))
    assert contents(folder) == contents(twin)


def test_the_report_prints_its_fingerprint_in_every_language(folder):
    print_of = sha256_of_file(folder / "analysis.json")
    render_report([folder], languages=("nl", "fr", "en"), formats=("md",))
    render_report([folder], kind="summary", languages=("nl", "fr", "en"), formats=QUICK)
    for path in folder.glob("report*.*.*"):
        text = path.read_text(encoding="utf-8")
        assert print_of in text, path.name
        assert "praktijktest verify" in text, path.name


def test_a_forged_number_in_a_report_is_named(folder):
    render_report([folder], formats=("md", "html", "xlsx", "docx", "pdf"))
    for name in ("report.en.md", "report.en.html"):
        path = folder / name
        path.write_text(path.read_text(encoding="utf-8").replace("13.3%", "3.3%"), encoding="utf-8")
    for name in ("report.en.xlsx", "report.en.docx", "report.en.pdf"):
        path = folder / name
        path.write_bytes(path.read_bytes()[:-9] + b"forged   ")
    manifest = listed(folder)
    for entry in manifest["outputs"]:
        entry["sha256"] = sha256_of_file(folder / entry["file"])
    (folder / "manifest.json").write_bytes(manifest_bytes(manifest))
    found = verify(folder)
    assert not found.holds
    assert {problem.file for problem in found.problems} == {
        "report.en.md", "report.en.html", "report.en.xlsx", "report.en.docx", "report.en.pdf",
    }  # fmt: skip
    lines = {problem.file: problem.row for problem in found.problems}
    text = (folder / "report.en.md").read_text(encoding="utf-8").splitlines()
    assert "3.3%" in text[lines["report.en.md"] - 1]


def test_other_versions_are_said_and_are_no_forgery(folder):
    render_report([folder], formats=("md",))
    manifest = listed(folder)
    manifest["versions"]["babel"] = "0.1"
    path = folder / "report.en.md"
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    for entry in manifest["outputs"]:
        entry["sha256"] = sha256_of_file(folder / entry["file"])
    (folder / "manifest.json").write_bytes(manifest_bytes(manifest))
    found = verify(folder)
    assert found.holds
    assert any("other versions" in line for line in found.unchecked)


def test_several_rounds_are_chapters_of_one_report(folder, other, tmp_path):
    out = tmp_path / "both"
    render_report([folder, other], languages=("nl",), formats=QUICK, out=out)
    text = (out / "report.nl.md").read_text(encoding="utf-8")
    assert text.index("Washington 1988") < text.index("Praktijktesten private huurmarkt")
    for report in (folder, other):
        assert sha256_of_file(report / "analysis.json") in text
    assert sorted(contents(out)) == ["manifest.json", "report.nl.html", "report.nl.md"]
    assert [one["role"] for one in listed(out)["inputs"]] == ["round", "round"]
    assert any("--log" in line for line in verify(out).unchecked)
    assert verify(out, [other, folder]).problems == ()
    assert any("washington" in line for line in verify(out, [other]).unchecked)


def test_a_folder_of_reports_is_not_of_another_round(folder, other, tmp_path):
    out = tmp_path / "out"
    render_report([folder], formats=("md",), out=out)
    render_report([folder], formats=("html",), out=out)
    assert sorted(contents(out)) == ["manifest.json", "report.en.html"]
    with pytest.raises(UsageError, match=r"another round \(washington-1988\)"):
        render_report([other], formats=("md",), out=out)
    assert [p.code for p in verify(out, [other]).problems] == ["input-changed"]


def test_earlier_rounds_make_a_trend(tmp_path):
    now, before = (
        report_folder(tmp_path / str(year), round_of(year)) for year in (2028, 2026)
    )  # fmt: skip
    out = tmp_path / "council"
    render_report([now], kind="council", earlier=[before], formats=("md",), out=out)
    assert [one["role"] for one in listed(out)["inputs"]] == ["round", "earlier"]
    assert verify(out, [now, before]).problems == ()


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from praktijktest.rounds.init import init_round
    from praktijktest.rounds.lock import lock_round
    from praktijktest.rounds.plan import plan_round

    folder = tmp_path_factory.mktemp("locked") / "gent"
    init_round(folder, "housing", "nl")
    plan_round(folder)
    lock_round(folder, datetime.fromisoformat("2027-01-10T09:00:00+01:00"))
    return folder


def test_what_was_promised_is_found_in_the_round_around_a_report(locked, tmp_path):
    from praktijktest.planning.lock import read_lock

    document = round_of(2027)
    document["round"]["id"] = read_lock(locked).round_id
    home = shutil.copytree(locked, tmp_path / "gent")
    report = report_folder(home / "reports" / "one", document)
    out = tmp_path / "promised"
    render_report([report], kind="pre-registration", formats=("md",), out=out)
    assert [one["file"] for one in listed(out)["inputs"]] == ["analysis.json", "lock.json"]
    assert verify(out, [report]).problems == ()
    away = shutil.copytree(report, tmp_path / "away")
    with pytest.raises(UsageError, match="--round"):
        render_report([away], kind="pre-registration", formats=("md",), out=tmp_path / "x")
    render_report(
        [away], kind="pre-registration", formats=("md",), out=tmp_path / "x", rounds=[locked]
    )
    assert contents(tmp_path / "x").keys() == contents(out).keys()
    assert render_report([home], formats=("md",)).folder == report


WRONG = {
    "unknown format": ({"formats": ("odt",)}, "does not write the format odt"),
    "no format": ({"formats": ()}, "at least one format"),
    "unknown kind": ({"kind": "short"}, "--kind is full, summary"),
    "trend without council": ({"earlier": ["report"]}, "--kind council"),
    "lock without promise": ({"rounds": ["report"]}, "--kind pre-registration"),
    "into two": ({"directories": ["report", "other"]}, "--out"),
    "twice": ({"directories": ["report", "report"], "out": "new"}, "named twice"),
    "no folder": ({"directories": ["nowhere"]}, "There is no folder nowhere"),
    "no report": ({"directories": ["."]}, "no report folder"),
    "itself": ({"out": "report"}, "leave out --out"),
    "in use": ({"out": "."}, "other files"),
    "a file": ({"out": "report/analysis.json"}, "is a file"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_use_is_said_in_a_sentence_and_changes_nothing(name, folder, other, tmp_path):
    options, words = WRONG[name]
    before = contents(tmp_path)
    found: dict[str, Any] = {"directories": ["report"], **options}
    for key in ("directories", "earlier", "rounds"):
        if key in found:
            found[key] = [tmp_path / place for place in found[key]]
    if "out" in found:
        found["out"] = tmp_path / found["out"]
    with pytest.raises(UsageError, match=words):
        render_report(found.pop("directories"), **found)
    assert contents(tmp_path) == before


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="no folder that nobody may write in")
def test_a_folder_that_cannot_be_written_is_refused(folder):
    with pytest.raises(UsageError, match="Nothing can be written"):
        render_report([folder], out=Path("/proc/report"))


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("analysis.json", b"{}"),
        ("analysis.json", None),
        ("manifest.json", b'{"kind": "report", "outputs": [], "command": []}'),
        ("manifest.json", b'{"kind": "report", "outputs": 7, "command": []}'),
        ("manifest.json", b'{"kind": "report", "outputs": [], "command": [], "renderings": [7]}'),
    ],
)
def test_a_folder_that_is_not_as_it_was_made_is_refused_with_code_4(folder, file, content):
    if content is None:
        (folder / file).unlink()
    else:
        (folder / file).write_bytes(content)
    with pytest.raises(VerificationError) as error:
        render_report([folder], formats=("md",))
    assert error.value.exit_code == 4
    assert not list(folder.glob("report.*"))


def test_a_document_of_another_version_is_refused_in_a_sentence(tmp_path):
    document = washington_1988()
    del document["flag_rule"]
    folder = report_folder(tmp_path / "report", document)
    manifest = listed(folder)
    manifest["versions"] = versions() | {"praktijktest": "0.0.1"}
    (folder / "manifest.json").write_bytes(manifest_bytes(manifest))
    with pytest.raises(DataError, match=r"another version \(0.0.1\)"):
        render_report([folder], formats=("md",))
    assert sorted(contents(folder)) == ["analysis.json", "manifest.json"]


def test_the_command_prints_paths_and_exit_codes(folder, tmp_path):
    done = praktijktest("report", "report", "--format", "md,xlsx", "--lang", "nl", cwd=tmp_path)
    assert (done.code, done.out.split()) == (0, ["report/report.nl.md", "report/report.nl.xlsx"])
    done = praktijktest("report", folder, "--format", "md", "--json")
    assert json.loads(done.out)["renderings"][0]["file"] == "report.en.md"
    for arguments, code in (
        (["--lang", "de"], 2),
        (["--lang", ","], 2),
        (["--format", "docs"], 2),
        (["--format", ""], 2),
    ):
        done = praktijktest("report", folder, *arguments)
        assert (done.code, len(done.err.splitlines())) == (code, 1), arguments
        assert "Traceback" not in done.err
    (folder / "analysis.json").write_bytes(b"{}")
    assert praktijktest("report", folder).code == 4


def test_analyse_writes_every_language_and_refuses_the_folder_of_another_round(tmp_path):
    from praktijktest.rounds.report_folder import refuse_folder

    log = tmp_path / "log.csv"
    rows = [
        f"t{n},{who},{'interview' if n % who else 'refused'}" for n in range(4) for who in (1, 2)
    ]
    log.write_text("test,profile,outcome\n" + "\n".join(rows), encoding="utf-8")
    design = tmp_path / "design.toml"
    design.write_text(
        'format = 1\n[round]\nid = "jobs"\nmarket = "labour"\nlanguage = "fr"\n'
        '[[contrast]]\nid = "age"\nattribute = "profile"\nground = "age"\n'
        'control = "1"\ntest = "2"\n[outcomes]\nscheme = "labour"\n',
        encoding="utf-8",
    )
    start = ["analyse", log, "-d", design, "--out", tmp_path / "out", "--format", "md"]
    assert praktijktest(*start).out.splitlines()[-1].endswith("out/report.md")
    assert praktijktest(*start, "--lang", "nl,en", "-q").code == 0
    assert {path.name for path in (tmp_path / "out").glob("report*")} == {
        "report.nl.md",
        "report.en.md",
    }
    assert verify(tmp_path / "out", [log]).problems == ()
    refuse_folder(tmp_path / "out", "jobs")
    with pytest.raises(UsageError, match=r"another round \(jobs\)"):
        refuse_folder(tmp_path / "out", "houses")
    design.write_text(
        design.read_text(encoding="utf-8").replace('id = "jobs"', 'id = "houses"'), encoding="utf-8"
    )
    done = praktijktest(*start)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "another round (jobs)" in done.err


def test_the_fingerprint_can_be_copied_from_every_format(folder):
    import io
    import zipfile

    from praktijktest.reporting.paper import breakable

    print_of = sha256_of_file(folder / "analysis.json")
    assert breakable(f"({print_of})") != breakable(f"{print_of}.") == f"{print_of}."
    render_report([folder], formats=("docx", "xlsx"))
    for name in ("report.en.docx", "report.en.xlsx"):
        with zipfile.ZipFile(io.BytesIO((folder / name).read_bytes())) as parts:
            texts = b"".join(parts.read(part) for part in parts.namelist())
        assert print_of.encode() in texts, name


def test_a_document_over_several_rounds_prints_its_fingerprint_too(tmp_path):
    from praktijktest.language import message
    from praktijktest.reporting.blocks import Report
    from praktijktest.rounds.document_folder import DocumentFolder, write_document_folder

    def report(fingerprint: str) -> Report:
        return Report("pooling", "Cities", message("report.full"), (), (), (), dated="2027-03-31",
                      fingerprint=fingerprint)  # fmt: skip

    made = DocumentFolder("pooling", "Cities", {"format": 1}, report, {}, (), ("praktijktest",))
    write_document_folder(tmp_path / "out", made, languages=("fr",), formats=("md",))
    text = (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    assert sha256_of_file(tmp_path / "out" / "pooling.json") in text
    assert "sha256sum pooling.json" in text
    assert "--log" not in text
