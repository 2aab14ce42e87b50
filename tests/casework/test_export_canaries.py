"""For each audience: nothing it may not see, in any byte of what it gets."""

import json
import re
import tempfile
from collections import Counter
from datetime import date
from pathlib import Path

import pyrage
import pytest

from praktijktest.casework.keys import decrypted
from praktijktest.casework.sealed import unpacked
from praktijktest.fieldwork.events import NewEvent
from praktijktest.rounds import export_round as export_round_module
from praktijktest.rounds.analyse import analyse_round
from praktijktest.rounds.case_retests import plan_retests
from praktijktest.rounds.case_steps import Told, record_step
from praktijktest.rounds.entry import open_entry
from praktijktest.rounds.export_cases import Request, export_cases
from praktijktest.rounds.renderings import Rendering
from praktijktest.rounds.report_folder import write_report_folder
from tests.casework.case_round import CANARIES, answer, case_round, pseudonym_of
from tests.casework.looked_through import everything, found, in_file

FORMATS = ("csv", "xlsx", "json", "pdf", "html", "docx", "md")
EXPLICIT = "Geen vreemdelingen, zegt Canaryzang"
HANDLER = "Hilde Handelaar"
NAMES = ("K0", *CANARIES)
PAGE = Rendering("report.md", "full", "nl", "md")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A round with a confirmed case, an explicit refusal, and names at every door."""
    folder = case_round(tmp_path_factory.mktemp("canaries") / "round")
    target = pseudonym_of(folder)
    record_step(folder, target, Told("talk", on="2026-12-20"), who="Bea")
    record_step(folder, target, Told("retest", on="2026-12-21", tests=16), who="Bea")
    plan_retests(folder, start=date(2027, 1, 18), until=date(2027, 6, 30), who="Bea")
    answer(folder, phase="confirm")
    other = pseudonym_of(folder, "K3")
    with open_entry(folder, None, "An Testster") as entry:
        one = next(
            one
            for one in entry.state.applications.values()
            if one.fields["target"] == other and one.fields["profile"] == "moroccan"
        )
        words = entry.keep_words(EXPLICIT, "words")
        values = {"reply": "explicit01", "replied_at": "2026-12-01T10:00:00+01:00"}
        values |= {"channel": "phone", "outcome": "refused-ground", "evidence": "explicit"}
        reply = NewEvent("reply", one.test, one.application, values={**values, "words": words})
        entry.writing.append([reply])
    return folder


@pytest.fixture(scope="module")
def report(folder) -> Path:
    """A report folder of that round, away from it."""
    out = folder.parent / "report"
    found = analyse_round(folder)
    design = folder / "design.toml"
    write_report_folder(
        found.analysis, out, logs=[], design_file=design, ledger=found.ledger, renderings=[PAGE]
    )
    return out


@pytest.fixture(scope="module")
def single_numbers(folder) -> tuple[str, ...]:
    """What gives the counts of the flagged agent away: p-values, posterior, tests, replies."""
    rows = analyse_round(folder).analysis.to_dict()["targets"]
    (row,) = (row for row in rows if row["state"] == "confirmed")
    numbers = [row["p"], row["p_midp"], row["posterior"], row["q"], row["shrunken"]["low"]]
    fine = [str(number)[:8] for number in numbers]
    return (*fine, *(number.replace(".", ",") for number in fine))


def export(source: Path, out: Path, audience: str, **more) -> Path:
    more = {"formats": FORMATS, "languages": ("nl",), **more}
    export_cases(source, out, Request(audience, **more), who="Bea Testster")
    return out


def agents(folder: Path) -> tuple[str, ...]:
    """The ledger's pseudonyms of every agent; those of the report may stand in a hash by chance."""
    return tuple(row["target"] for row in analyse_round(folder).analysis.to_dict()["targets"])


def test_an_equality_body_gets_names_and_words_of_its_cases_alone(folder, tmp_path):
    out = export(folder, tmp_path / "out", "equality-body", purpose="a file is opened")
    own = ("Kantoor Canaryvogel0", "Canarystraat 0,", "Canaryzang", "canaryadvert-0", "K0")
    assert found(out, own) == list(own)
    # The search finds what is there in every kind of file, so that it would find what is not.
    files = [*out.glob("cases.*"), *out.glob("dossiers/*")]
    assert len(files) == len(FORMATS)
    assert all(in_file(path, "Kantoor Canaryvogel0") for path in files)
    others = tuple(f"canaryvogel{number}" for number in range(1, 14))
    assert found(out, (*others, "info1@", "canaryadvert-1", "Geen vreemdelingen")) == []
    # Testers and whoever asked are nobody's business outside.
    assert found(out, ("An Testster", "Bea Testster", "a file is opened")) == []


def test_an_inspection_gets_every_action_too(folder, tmp_path):
    out = export(
        folder,
        tmp_path / "out",
        "inspection",
        formats=("csv", "json", "md"),
        purpose="a file is opened",
    )
    (case,) = json.loads((out / "cases.json").read_text(encoding="utf-8"))["cases"]
    kinds = {entry["kind"] for entry in case["action_log"]}
    assert {"planned", "sent", "reply"} <= kinds
    assert [step["step"] for step in case["steps"]] == ["talk", "retest"]
    for phase, prefix in (("screen", ""), ("confirm", "retest_")):
        cells = Counter(test["cell"] for test in case["test_list"] if test["phase"] == phase)
        for name in ("both", "only_control", "only_test", "neither"):
            assert cells[name] == case[f"{prefix}{name}"]
    assert found(out, ("An Testster", "Bea Testster")) == []


def test_indications_are_a_list_of_their_own_with_its_handler(folder, tmp_path):
    asked = {
        "formats": ("json", "html"),
        "include": ("indications",),
        "approved_by": HANDLER,
        "purpose": "presumption",
    }
    out = export(folder, tmp_path / "out", "equality-body", **asked)
    (one,) = json.loads((out / "cases.json").read_text(encoding="utf-8"))["indications"]
    assert (one["grounds"], one["words"], one["approved_by"]) == (["origin"], EXPLICIT, HANDLER)
    assert one["name"] == "Kantoor Canaryvogel3"
    page = (out / "indications.nl.html").read_text(encoding="utf-8")
    assert EXPLICIT in page
    assert "geen statistiek" in page


def test_without_a_purpose_nobody_is_named(folder, tmp_path):
    out = export(folder, tmp_path / "out", "equality-body", include=("indications",),
                 approved_by=HANDLER)  # fmt: skip
    assert found(out, (*CANARIES, '"K0"', ";K0;", EXPLICIT)) == []
    assert found(out, (pseudonym_of(folder),)) != []


def test_a_city_gets_pseudonyms_and_states_and_no_counts(folder, tmp_path, single_numbers):
    out = export(folder, tmp_path / "out", "city", purpose="overview")
    forbidden = (*CANARIES, EXPLICIT, *single_numbers, "only_control", "net_rate", "test_list",
                 "t0001", "viewing-individual", "An Testster")  # fmt: skip
    assert found(out, forbidden) == []
    assert found(out, ("confirmed", pseudonym_of(folder))) != []


def test_a_federation_gets_sums_and_no_member(folder, tmp_path, single_numbers):
    members = tmp_path / "members.txt"
    members.write_text("\n".join(f"K{number}" for number in range(7)), encoding="utf-8")
    out = export(folder, tmp_path / "out", "sector", members=members)
    assert found(out, (*CANARIES, *agents(folder), *single_numbers, "members.txt")) == []
    assert not re.search(r"\bA0\d\d\b", (out / "members.nl.html").read_text(encoding="utf-8"))
    (row,) = json.loads((out / "members.json").read_text(encoding="utf-8"))["results"]
    assert (row["members_tested"], row["only_control"]) == (7, 12)


def test_from_a_report_nobody_can_be_named(folder, report, tmp_path):
    for audience in ("equality-body", "inspection"):
        out = export(report, tmp_path / audience, audience, purpose="a file", names=True)
        assert found(out, (*CANARIES, EXPLICIT, "An Testster")) == []
        assert "test_list" in everything(out)


def test_an_encrypted_export_is_nowhere_in_plain(folder, tmp_path, monkeypatch):
    """Not even for the moment before it appears, beside it or where temporary files go."""
    scratch = tmp_path / "temporary"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    monkeypatch.setenv("TMPDIR", str(scratch))
    seen = []

    def note(*arguments):
        seen.append(found(tmp_path, NAMES[1:], fixed=False))
        return noted(*arguments)

    noted = export_round_module.note
    monkeypatch.setattr(export_round_module, "note", note)
    key = pyrage.x25519.Identity.generate()
    out = export(folder, tmp_path / "out", "equality-body", purpose="a file",
                 formats=("csv", "html"), encrypt_to=(str(key.to_public()),))  # fmt: skip
    assert seen == [[]]
    assert found(tmp_path, NAMES[1:], fixed=False) == []
    files = unpacked(decrypted((out / "cases.tar.age").read_bytes(), str(key)))
    assert "Kantoor Canaryvogel0" in files["cases.csv"].decode("utf-8")
    assert list(scratch.iterdir()) == []


def test_the_ledger_keeps_who_why_and_how_many_and_no_name(folder, tmp_path):
    asked = {"include": ("indications",), "approved_by": HANDLER, "purpose": "presumption"}
    export(folder, tmp_path / "out", "equality-body", formats=("csv",), **asked)
    with open_entry(folder, None, "An Testster") as entry:
        left = [event.values for event in entry.state.left if event.kind == "exported"]
    assert left[-1]["purpose"] == "presumption"
    assert (left[-1]["cases"], left[-1]["indications"]) == ("1", "1")
    for values in left:
        assert values["what"] == "cases"
        assert len(values["manifest_sha256"]) == 64
        assert HANDLER not in values.values()
    content = (folder / "round.db").read_bytes().lower()
    for canary in (*CANARIES, HANDLER.lower(), "bea testster"):
        assert canary.lower().encode() not in content
