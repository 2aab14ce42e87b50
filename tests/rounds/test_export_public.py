"""What may be published of a round: nothing that singles anybody out is in any byte of it."""

import io
import json
import zipfile
from pathlib import Path

import pytest

from praktijktest.problems import RefusedError, UsageError, VerificationError
from praktijktest.rounds.export_public import export_public
from praktijktest.rounds.verify import verify
from tests.analysis.logs import ORIGIN, pairs
from tests.rounds.exported_rounds import CANARY, LONELY, report_folder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return report_folder(tmp_path_factory.mktemp("public"))


@pytest.fixture(scope="module")
def exported(made: Path) -> Path:
    out = made.parent / "public"
    export_public(made, out, formats=("html", "md", "xlsx"), languages=("nl", "fr", "en"))
    return out


def every_byte(folder: Path) -> bytes:
    """All files, their names, and what is inside zip files."""
    parts = []
    for path in sorted(folder.rglob("*")):
        parts.append(path.relative_to(folder).as_posix().encode())
        if path.is_file():
            parts.append(path.read_bytes())
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as inside:
                    parts += [inside.read(name) for name in inside.namelist()]
    return b"\n".join(parts)


def test_nobody_is_named_and_no_pseudonym_is_told(made: Path, exported: Path) -> None:
    content = every_byte(exported)
    document = json.loads((made / "analysis.json").read_text(encoding="utf-8"))
    assert CANARY.encode() in (made / "analysis.json").read_bytes()
    assert CANARY.encode() not in content
    assert LONELY.encode() not in content
    for pseudonym in {row["pseudonym"] for row in document["targets"]}:
        assert f'"{pseudonym}"'.encode() not in content
        assert f">{pseudonym}<".encode() not in content


def test_every_stratum_shown_has_enough_tests_and_targets(exported: Path) -> None:
    document = json.loads((exported / "analysis.json").read_text(encoding="utf-8"))
    strata = [entry for entry in document["contrasts"] if entry["stratum"]]
    hidden = [entry for entry in strata if entry.get("hidden")]
    assert hidden
    for entry in strata:
        if entry.get("hidden"):
            assert entry["cells"] is None
            assert entry["n"] is None
            assert entry["targets"] is None
            assert entry["estimates"] == entry["intervals"] == entry["significance"] == []
        else:
            assert entry["tests"] >= 4
            assert entry["targets"] >= 3


def test_rare_replies_are_hidden_with_enough_beside_them(made: Path, exported: Path) -> None:
    before = json.loads((made / "analysis.json").read_text(encoding="utf-8"))
    after = json.loads((exported / "analysis.json").read_text(encoding="utf-8"))
    shown = {(r["level"], r["outcome"]): r["applications"] for r in after["outcomes"]}
    hidden: dict[str, int] = {}
    for row in before["outcomes"]:
        if shown[row["level"], row["outcome"]] is None:
            hidden[row["level"]] = hidden.get(row["level"], 0) + row["applications"]
    assert all(count is None or count >= 4 for count in shown.values())
    assert hidden["moroccan"] >= 4
    assert shown["moroccan", "refused-ground"] is None
    assert after["data"]["explicit_evidence"] is None


def test_the_check_is_written_and_the_export_verifies(exported: Path) -> None:
    check = json.loads((exported / "disclosure.json").read_text(encoding="utf-8"))
    assert check["min_cell"] == 4
    assert check["target_rows"] == 21
    assert any(row["hidden"] for row in check["strata"])
    assert verify(exported).holds
    names = {path.name for path in (exported / "tables").iterdir()}
    assert not names & {"targets.csv", "records.csv", "problems.csv"}


def test_the_same_report_gives_the_same_bytes(made: Path, exported: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    export_public(made, again, formats=("html",), languages=("nl",))
    for name in ("analysis.json", "disclosure.json", "report.nl.html", "tables/cells.csv"):
        assert (again / name).read_bytes() == (exported / name).read_bytes()


def test_what_cannot_be_exported_is_refused_in_a_sentence(
    made: Path, exported: Path, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="an export already"):
        export_public(exported, tmp_path / "out")
    with pytest.raises(UsageError, match="neither a report folder"):
        export_public(tmp_path, tmp_path / "out")
    with pytest.raises(UsageError, match="no folder"):
        export_public(tmp_path / "absent", tmp_path / "out")
    with pytest.raises(UsageError, match="lower than the design allows"):
        export_public(made, tmp_path / "out", min_cell=2)
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "mine.txt").write_text("keep", encoding="utf-8")
    with pytest.raises(UsageError, match="already holds other files"):
        export_public(made, taken)
    with pytest.raises(UsageError, match="already holds"):
        export_public(made, made)
    assert (taken / "mine.txt").read_text(encoding="utf-8") == "keep"
    assert not (tmp_path / "out").exists()


def test_a_report_that_was_changed_is_not_exported(tmp_path: Path) -> None:
    folder = report_folder(tmp_path)
    text = (folder / "applications.csv").read_text(encoding="utf-8")
    (folder / "applications.csv").write_text(text.replace("refused", "no-reply"), encoding="utf-8")
    with pytest.raises(VerificationError) as caught:
        export_public(folder, tmp_path / "out")
    assert caught.value.exit_code == 4
    assert not (tmp_path / "out").exists()


def test_a_round_that_is_too_small_is_not_published(tmp_path: Path) -> None:
    """Two agents: each would know the other from the total."""
    rows = [*pairs("aabbd", "A"), *pairs("abbcd", "B")]
    folder = report_folder(tmp_path, rows, ORIGIN, ("test", "target", "origin", "outcome"))
    with pytest.raises(RefusedError, match="Nothing of this round can be published") as caught:
        export_public(folder, tmp_path / "out")
    assert caught.value.exit_code == 3
    assert not (tmp_path / "out").exists()


def test_a_round_without_targets_is_published_by_its_numbers_of_tests(tmp_path: Path) -> None:
    rows = [(test, origin, outcome) for test, _, origin, outcome in pairs("aabbdcab")]
    folder = report_folder(tmp_path, rows, ORIGIN, ("test", "origin", "outcome"))
    export_public(folder, tmp_path / "out", languages=("en",))
    document = json.loads((tmp_path / "out/analysis.json").read_text(encoding="utf-8"))
    assert document["contrasts"][0]["cells"]["both"] == 3


def test_an_export_that_was_changed_does_not_verify(made: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export_public(made, out, kind="summary", languages=("nl",))
    assert verify(out).holds
    document = json.loads((out / "analysis.json").read_text(encoding="utf-8"))
    document["contrasts"][0]["cells"]["both"] += 1
    (out / "analysis.json").write_text(json.dumps(document), encoding="utf-8")
    found = verify(out)
    assert not found.holds
    assert {problem.file for problem in found.problems} == {"analysis.json"}
