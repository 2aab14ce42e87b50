"""Replies, corrections, failed tests and adverts entered by hand."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from praktijktest.fieldwork.state import RoundState, state_of
from praktijktest.problems import DataError, UsageError
from praktijktest.rounds.advert import LARGEST, add_advert, media_type_of
from praktijktest.rounds.correct import correct
from praktijktest.rounds.fail import fail_test
from praktijktest.rounds.ingest import ingest
from praktijktest.rounds.reply import Heard, add_note, add_reply, choices, decline_invitation
from praktijktest.rounds.round_store import open_round
from praktijktest.vocabulary import FAILED_REASONS
from tests.cli.planned_rounds import filled_plan, make_round, plan_rows
from tests.cli.program import praktijktest

AT = "2027-06-30T14:30"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A planned round in which everything was sent, and the first application refused."""
    made = make_round(tmp_path / "round")
    source = filled_plan(
        made, tmp_path / "sent.csv",
        lambda n, row: {"sent_at": row["send_at"], "outcome": "" if n else "refused"},
    )  # fmt: skip
    assert not ingest(made, [source]).refused
    return made


def state_in(folder: Path) -> RoundState:
    with open_round(folder, create=False) as opened:
        return state_of(opened.ledger.events())


def names(folder: Path) -> list[str]:
    return [row["application"] for row in plan_rows(folder)]


def heard(**more: str) -> Heard:
    return Heard(**{"at": AT, "channel": "phone", "code": "call-back", **more})


def test_a_reply_goes_in_once_with_its_words_and_caller_kept_apart(folder):
    name = names(folder)[1]
    said = heard(words="Bel Canary terug", caller="+32 470 12 34 56")
    first = add_reply(folder, said, application=name)
    assert len(first.events) == 1
    assert add_reply(folder, said, application=name).events == ()
    (reply,) = state_in(folder).applications[name].replies
    assert (reply.outcome, reply.channel) == ("call-back", "phone")
    assert reply.replied_at == "2027-06-30T14:30:00+02:00"
    with open_round(folder, create=False) as opened:
        assert opened.identities.document(reply.words) == b"Bel Canary terug"
        assert opened.identities.plain(reply.caller) == "+32 470 12 34 56"
    content = (folder / "round.db").read_bytes()
    assert b"Canary" not in content
    assert b"470 12" not in content


def test_the_same_reply_with_another_code_is_a_contradiction(folder):
    name = names(folder)[1]
    add_reply(folder, heard(), application=name)
    with pytest.raises(DataError) as caught:
        add_reply(folder, heard(code="refused"), application=name)
    assert "--field outcome --to refused" in (caught.value.problems[0].hint or "")
    add_reply(folder, heard(words="Later", caller="+32 2 1"), application=name)
    with pytest.raises(DataError):
        add_reply(folder, heard(code="refused"), application=name)
    add_reply(folder, heard(at="2027-07-01T09:00", code="refused"), application=name)
    assert len(state_in(folder).applications[name].replies) == 2


def test_a_time_in_a_year_of_no_round_is_refused(folder):
    with pytest.raises(UsageError, match="0206"):
        add_reply(folder, heard(at="0206-06-30T14:30"), application=names(folder)[1])


@pytest.mark.parametrize("reason", FAILED_REASONS)
def test_every_reason_is_taken_and_named_in_the_help(folder, reason):
    fail_test(folder, plan_rows(folder)[1]["test"], reason=reason)
    assert reason in " ".join(praktijktest("fail", "--help").out.split())


def test_an_application_is_named_by_test_and_profile_too(folder):
    row = plan_rows(folder)[3]
    summary = add_reply(folder, heard(), test=row["test"], profile=row["profile"])
    assert summary.details["application"] == row["application"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--code", "viewing-indiv"], "viewing-individual"),
        (["--code", "viewing"], "viewing-group"),
        (["--code", "refused", "--channel", "fone"], "phone"),
        (["--code", "refused", "--evidence", "explicite"], "explicit"),
        (["--code", "refused", "--at", "gisteren"], "--at"),
        ([], "--code"),
    ],
)
def test_what_is_misspelt_is_met_with_the_nearest(options, words, folder):
    usual = [] if "--channel" in options else ["--channel", "phone"]
    usual += [] if "--at" in options else ["--at", AT]
    done = praktijktest("reply", "add", names(folder)[1], "--round", folder, *usual, *options)
    assert done.code == 2
    assert words in done.err


def test_an_unknown_application_is_met_with_the_nearest(folder):
    name = names(folder)[1]
    with pytest.raises(UsageError, match=name):
        add_reply(folder, heard(), application=f"{name}x")


def test_a_reply_before_its_sending_is_kept_with_a_warning(folder):
    summary = add_reply(folder, heard(at="2026-01-01T10:00"), application=names(folder)[1])
    assert [warning.code for warning in summary.warnings] == ["reply-before-sending"]


def test_the_search_shows_neither_profile_nor_arm(folder):
    rows = plan_rows(folder)
    found = choices(folder, "els verm")
    assert {one.application for one in found} == {
        row["application"] for row in rows if row["tester"] == "Els Vermeulen"
    }
    assert not {"profile", "arm", "level"} & set(type(found[0]).__slots__)


def test_on_a_terminal_what_is_missing_is_asked_for(folder):
    row = plan_rows(folder)[1]
    inner, outer = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "praktijktest", "reply", "add", "--round", str(folder)],
        stdin=outer, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "NO_COLOR": "1", "TERM": "dumb"},
    )  # fmt: skip
    answers = ["nobody", row["application"], "sms", AT, "Bel mij", "call-bak", "call-back"]
    os.write(inner, ("\n".join(answers) + "\n").encode())
    out, asked = process.communicate(timeout=120)
    os.close(inner)
    os.close(outer)
    assert process.returncode == 0, asked.decode()
    text = asked.decode()
    assert "call-back?" in text
    assert row["profile"] not in text.replace(row["application"], "").split()
    assert b"by sms" in out
    (reply,) = state_in(folder).applications[row["application"]].replies
    assert (reply.channel, reply.outcome) == ("sms", "call-back")


def test_a_correction_keeps_the_old_value(folder):
    name = names(folder)[0]
    summary = correct(folder, name, field="outcome", to="call-back", reason="misheard")
    assert summary.details["old"] == "refused"
    assert correct(folder, name, field="outcome", to="call-back", reason="misheard").events == ()
    one = state_in(folder).applications[name]
    assert (one.replies[0].outcome, one.corrections) == ("call-back", 1)
    with open_round(folder, create=False) as opened:
        (event,) = opened.ledger.events(kinds=["corrected"])
    assert event.values["old"] == "refused"
    assert event.values["reason"] == "misheard"


def test_values_of_the_application_are_corrected_too(folder):
    name = names(folder)[2]
    correct(folder, name, field="sent_at", to="2027-06-29T08:00", reason="clock")
    correct(folder, name, field="tester", to="Canary Jansen", reason="stood in")
    correct(folder, name, field="failed", to="detected", reason="mail from the agent")
    one = state_in(folder).applications[name]
    assert one.fields["sent_at"] == "2027-06-29T08:00:00+02:00"
    assert one.fields["tester"].startswith("P-")
    assert one.failed == "detected"
    correct(folder, name, field="failed", to="", reason="it was another test")
    assert state_in(folder).applications[name].failed == ""


@pytest.mark.parametrize(
    ("field", "to", "words"),
    [("outcom", "refused", "outcome"), ("outcome", "refusd", "refused"), ("test", "t9", "test"),
     ("sent_at", "morgen", "--to"), ("failed", "bounce", "bounced"),
     ("profile", "flamand", "profile")],
)  # fmt: skip
def test_what_cannot_be_corrected_is_said(field, to, words, folder):
    with pytest.raises(UsageError, match=words):
        correct(folder, names(folder)[0], field=field, to=to, reason="x")


def test_a_correction_needs_a_reason_and_where_there_are_several_a_reply(folder):
    first, second = names(folder)[:2]
    with pytest.raises(UsageError, match="reason"):
        correct(folder, first, field="outcome", to="scam", reason=" ")
    with pytest.raises(UsageError, match="no reply"):
        correct(folder, second, field="outcome", to="scam", reason="x")
    add_reply(folder, heard(), application=first)
    with pytest.raises(UsageError, match="--reply") as caught:
        correct(folder, first, field="outcome", to="scam", reason="x")
    reply = state_in(folder).applications[first].replies[-1].id
    assert reply in caught.value.message
    correct(folder, first, field="outcome", to="scam", reason="x", reply=reply)


def test_a_test_fails_as_a_whole_or_by_one_application(folder):
    row = plan_rows(folder)[0]
    assert len(fail_test(folder, row["test"], reason="detected", detail="Canary").events) == 2
    assert fail_test(folder, row["test"], reason="detected").events == ()
    with pytest.raises(DataError, match="Nothing was stored"):
        fail_test(folder, row["test"], reason="bounced")
    other = next(r for r in plan_rows(folder) if r["test"] != row["test"])
    fail_test(folder, other["application"], reason="bounced")
    failed = {n: one.failed for n, one in state_in(folder).applications.items() if one.failed}
    assert sorted(failed.values()) == ["bounced", "detected", "detected"]
    with pytest.raises(UsageError, match="bounced"):
        fail_test(folder, other["test"], reason="bounce")
    with pytest.raises(UsageError, match=other["test"]):
        fail_test(folder, other["test"] + "1", reason="bounced")
    assert b"Canary" not in (folder / "round.db").read_bytes()


def test_an_invitation_is_declined_once(folder):
    name = names(folder)[1]
    assert len(decline_invitation(folder, name, at=AT).events) == 1
    assert decline_invitation(folder, name, at=AT).events == ()
    with pytest.raises(DataError):
        decline_invitation(folder, name, at="2027-07-02T10:00")
    assert state_in(folder).applications[name].declined_at == "2027-06-30T14:30:00+02:00"


def test_a_note_is_kept_once_with_its_topic(folder):
    row = plan_rows(folder)[0]
    for which in (row["test"], row["application"]):
        assert len(add_note(folder, which, "Canary belde", topic="complaint").events) == 1
        assert add_note(folder, which, "Canary belde", topic="complaint").events == ()
    with pytest.raises(UsageError, match="complaint"):
        add_note(folder, row["test"], "x", topic="complain")
    assert [event.values["topic"] for event in state_in(folder).notes] == ["complaint"] * 2
    assert b"Canary" not in (folder / "round.db").read_bytes()


@pytest.mark.parametrize(
    ("content", "media_type"),
    [(b"%PDF-1.7 x", "application/pdf"), (b"\x89PNG\r\n\x1a\nx", "image/png"),
     (b"\xff\xd8\xff\xe0x", "image/jpeg"), (b"RIFF\0\0\0\0WEBPx", "image/webp"),
     (b"GIF89ax", "image/gif"), (b"\xef\xbb\xbf \n<!DOCTYPE html><p>", "text/html"),
     (b"From: <Saved>\r\nContent-Type: multipart/related;\r\n", "multipart/related"),
     (b"PK\x03\x04", None), (b"test,outcome\n", None), (b"MZ\x90", None), (b"<svg>", None)],
)  # fmt: skip
def test_the_kind_of_an_advert_is_told_by_its_content(content, media_type):
    assert media_type_of(content) == media_type


def test_an_advert_is_kept_with_hash_link_and_rent(folder, tmp_path):
    test = plan_rows(folder)[0]["test"]
    page = tmp_path / "whatever.bin"
    page.write_bytes(b"%PDF-1.7 Canary")
    link = "https://adverts.example/canary"
    done = praktijktest(
        "advert", "add", test, page, "--round", folder, "--link", link, "--rent", "850,50", "--json"
    )
    assert done.code == 0, done.err
    assert add_advert(folder, test, page, link=link, rent="850.5").events == ()
    (event,) = state_in(folder).adverts
    assert event.values["rent"] == "850.5"
    assert json.loads(done.out)["document"] == event.values["document"]
    with open_round(folder, create=False) as opened:
        assert opened.identities.plain(event.values["link_hash"]) == link
        assert opened.identities.document(event.values["document"]) == page.read_bytes()
    assert b"anary" not in (folder / "round.db").read_bytes()


def test_what_is_no_advert_is_refused(folder, tmp_path):
    test = plan_rows(folder)[0]["test"]
    empty, large, text = tmp_path / "empty.pdf", tmp_path / "large.pdf", tmp_path / "page.pdf"
    empty.touch()
    text.write_text("not a PDF")
    with large.open("wb") as stream:
        stream.truncate(LARGEST + 1)
    for file, words in ((empty, "empty"), (large, "at most 100 MB"), (text, "no picture or page")):
        with pytest.raises(DataError) as caught:
            add_advert(folder, test, file)
        assert words in caught.value.problems[0].message
    with pytest.raises(UsageError, match="not there"):
        add_advert(folder, test, tmp_path / "none.pdf")
    page = tmp_path / "page.html"
    page.write_text("<html></html>")
    with pytest.raises(UsageError, match="no number"):
        add_advert(folder, test, page, rent="850 euro")
    with pytest.raises(UsageError, match=test):
        add_advert(folder, f"{test}9", page)


def test_an_entry_in_an_empty_round_says_where_to_begin(tmp_path):
    from tests.planning.designs import ORIGIN, PAIRED, design_text, origin_profiles

    (tmp_path / "design.toml").write_text(design_text(PAIRED, origin_profiles(), ORIGIN))
    done = praktijktest("fail", "t1", "--round", tmp_path, "--reason", "bounced")
    assert done.code == 1
    assert "praktijktest ingest" in done.err
    assert "Traceback" not in done.err
