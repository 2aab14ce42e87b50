"""What a sheet that came back adds to the ledger."""

from hashlib import sha256

from praktijktest.fieldwork.coding_import import SheetSource, read_codes, replies_by_id
from praktijktest.fieldwork.coding_sheet import CodingSheet, SheetRow
from tests.fieldwork.made_rounds import Round, design

SOURCE = SheetSource("coding-P-an.xlsx", "0" * 64, "P-an")


def made() -> Round:
    return Round().pair("t1").reply("t1-1", text="woorden").reply("t1-2", text="andere woorden")


def read(round_, *rows):
    items = {f"it-{name}": found for name, found in replies_by_id(round_.state()).items()}
    return read_codes(CodingSheet("s.xlsx", "gent", "P-an", rows), items, SOURCE, design())


def row(number, reply, code, evidence="", note=""):
    return SheetRow(number, f"it-{reply}", code, evidence, note)


def test_a_code_becomes_an_event():
    found = read(made(), row(2, "r0000", "refused", "explicit", "zegt het zelf"))
    coded, note = found.events
    assert (coded.kind, coded.test, coded.application) == ("coded", "t1", "t1-1")
    assert coded.values == {
        "reply": "r0000",
        "coder": "P-an",
        "outcome": "refused",
        "basis": "blind",
        "evidence": "explicit",
    }
    assert (coded.source, coded.source_row) == ("coding-P-an.xlsx", 2)
    digest = sha256(b"zegt het zelf").hexdigest()
    assert note.kind == "note"
    assert note.values == {"note": digest, "reply": "r0000"}
    assert found.notes == {digest: "zegt het zelf"}


def test_the_same_sheet_again_adds_nothing():
    round_ = made().add(
        "coded", "t1-1", reply="r0000", coder="P-an", outcome="refused", basis="blind"
    )
    found = read(round_, row(2, "r0000", "refused", "none"), row(3, "r0001", ""))
    assert (found.events, found.known, found.empty, found.problems) == ((), 1, 1, ())


def test_another_coders_code_does_not_stand_in_the_way():
    round_ = made().add(
        "coded", "t1-1", reply="r0000", coder="P-bea", outcome="refused", basis="blind"
    )
    assert len(read(round_, row(2, "r0000", "call-back")).events) == 1


def test_a_confirmed_suggestion_is_no_blind_coding():
    values = {"reply": "r0000", "coder": "P-an", "outcome": "refused", "basis": "confirmed"}
    round_ = made().add("coded", "t1-1", **values)
    assert len(read(round_, row(2, "r0000", "call-back")).events) == 1


def test_a_code_other_than_before_is_shown_with_both():
    round_ = made().add(
        "coded", "t1-1", reply="r0000", coder="P-an", outcome="refused", basis="blind"
    )
    found = read(round_, row(7, "r0000", "call-back"))
    (problem,) = found.problems
    assert found.events == ()
    assert (problem.code, problem.row, problem.value) == ("conflict", 7, "call-back")
    assert "'refused'" in problem.message
    assert "adjudicate" in (problem.hint or "")


def test_two_rows_about_one_reply_must_agree():
    found = read(made(), row(2, "r0000", "refused"), row(3, "r0000", "call-back"))
    assert [problem.row for problem in found.problems] == [3]
    assert "row 2" in found.problems[0].message
    found = read(made(), row(2, "r0000", "refused"), row(3, "r0000", "refused"))
    assert (len(found.events), found.known, found.problems) == (1, 1, ())


def test_unknown_codes_come_with_the_nearest():
    found = read(
        made(),
        row(2, "r0000", "viewing-indvidual"),
        row(3, "r0001", "refused", "explict"),
        row(4, "nobody", "refused"),
        row(5, "r0001", "no-reply"),
    )
    hints = [problem.hint or "" for problem in found.problems]
    assert [p.code for p in found.problems] == [
        "unknown-outcome",
        "unknown-evidence",
        "item-unknown",
        "unknown-outcome",
    ]
    assert "viewing-individual" in hints[0]
    assert "explicit" in hints[1]
    assert found.events == ()
