"""Mailboxes give the bytes of every message, whatever program wrote them."""

import mailbox

import pytest

from praktijktest.fieldwork.mail_sources import mail_kind, read_mail
from praktijktest.problems import DataError, UsageError

ONE = b"From: a@x.example\nSubject: one\n\nFirst.\n"
TWO = b"From: b@x.example\nSubject: two\n\nSecond.\n"
SEPARATOR = b"From a@x.example Mon Nov  2 10:00:00 2026\n"


def contents(path):
    return [raw.content for raw in read_mail(path)]


def test_an_mbox_of_the_standard_library_gives_its_messages_back(tmp_path):
    path = tmp_path / "in.mbox"
    box = mailbox.mbox(path)
    for message in (ONE, TWO):
        box.add(message)
    box.close()
    assert contents(path) == [ONE, TWO]


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
def test_line_ends_stay_as_they_are(tmp_path, ending):
    path = tmp_path / "in.mbox"
    whole = (SEPARATOR + ONE + b"\n" + SEPARATOR + TWO + b"\n").replace(b"\n", ending)
    path.write_bytes(whole)
    assert contents(path) == [ONE.replace(b"\n", ending), TWO.replace(b"\n", ending)]


@pytest.mark.parametrize(
    "line",
    [
        b"From Monday on you can come and see it at 10:30.",
        b"From 10:30 to 11:30 on 2 November 2026 we are open.",
        b">From the station it is ten minutes.",
    ],
)
def test_a_sentence_that_begins_with_from_is_no_new_message(tmp_path, line):
    path = tmp_path / "in.mbox"
    message = ONE + b"\n" + line + b"\n\nNo header: here.\n"
    path.write_bytes(SEPARATOR + message + b"\n" + SEPARATOR + TWO + b"\n")
    assert contents(path) == [message, TWO]


def test_messages_that_no_empty_line_separates_are_told_apart(tmp_path):
    path = tmp_path / "in.mbox"
    path.write_bytes(SEPARATOR + ONE + SEPARATOR + TWO)
    assert [content.rstrip() for content in contents(path)] == [ONE.rstrip(), TWO.rstrip()]


def test_an_mbox_is_known_by_its_content_and_an_empty_one_by_its_name(tmp_path):
    (tmp_path / "Inbox").write_bytes(SEPARATOR + ONE)
    (tmp_path / "empty.mbox").write_bytes(b"")
    assert mail_kind(tmp_path / "Inbox") == "mbox"
    assert contents(tmp_path / "empty.mbox") == []


def test_an_mbox_cut_off_in_a_header_gives_what_is_left(tmp_path):
    path = tmp_path / "in.mbox"
    path.write_bytes(SEPARATOR + ONE + b"\n" + SEPARATOR + b"From: b@x.exa")
    assert contents(path) == [ONE, b"From: b@x.exa"]


def test_a_maildir_leaves_out_what_programs_keep_for_themselves(tmp_path):
    box = mailbox.Maildir(tmp_path / "mail")
    box.add(ONE)
    sent = box.add_folder("Sent")
    sent.add(TWO)
    (tmp_path / "mail" / "new" / ".DS_Store").write_bytes(b"x")
    (tmp_path / "mail" / ".uidvalidity").write_bytes(b"x")
    (tmp_path / "mail" / "tmp" / "half").write_bytes(b"From: c")
    assert sorted(contents(tmp_path / "mail")) == [ONE, TWO]


def test_a_folder_of_messages_is_read_in_the_order_of_names(tmp_path):
    (tmp_path / "b.eml").write_bytes(TWO)
    (tmp_path / "a.EML").write_bytes(ONE)
    (tmp_path / "._a.eml").write_bytes(b"\x00")
    (tmp_path / "notes.txt").write_bytes(b"x")
    assert [(raw.file, raw.content) for raw in read_mail(tmp_path)] == [
        ("a.EML", ONE),
        ("b.eml", TWO),
    ]


@pytest.mark.parametrize(
    ("name", "words"),
    [("box.pst", "Outlook"), ("letter.msg", "Outlook"), ("log.csv", "no mailbox")],
)
def test_what_is_no_mailbox_is_refused_with_what_to_do(tmp_path, name, words):
    (tmp_path / name).write_bytes(b"\xd0\xcf\x11\xe0")
    with pytest.raises(UsageError, match=words):
        contents(tmp_path / name)


def test_what_is_not_there_is_said(tmp_path):
    with pytest.raises(UsageError, match=r"no file or folder gone\.mbox"):
        contents(tmp_path / "gone.mbox")


def test_a_file_that_is_only_called_mbox_is_damaged(tmp_path):
    (tmp_path / "in.mbox").write_bytes(b"\x00\x01\x02 not mail")
    with pytest.raises(DataError) as caught:
        contents(tmp_path / "in.mbox")
    assert caught.value.problems[0].code == "mailbox-damaged"
