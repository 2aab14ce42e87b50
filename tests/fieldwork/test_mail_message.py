"""A message is read as far as it can be, whatever is broken in it."""

import os
from datetime import datetime
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from praktijktest.fieldwork.mail_message import Mail, read_message
from praktijktest.fieldwork.mail_sources import RawMessage


def read(content: bytes | str) -> Mail:
    data = content.encode() if isinstance(content, str) else content
    return read_message(RawMessage("in.mbox", 1, data))


def simple(body: bytes, content_type: bytes = b"text/plain; charset=utf-8") -> bytes:
    return b"From: a@x.example\nContent-Type: " + content_type + b"\n\n" + body


def test_names_with_commas_and_encoded_words_are_read():
    mail = read(
        'From: "Kantoor, Zuid" <Info@Zuid.example>\n'
        "To: =?iso-8859-1?Q?Andr=E9_Ma=EBs?= <andre@post.example>, b@post.example\n"
        "Subject: =?utf-8?B?UmU6IFTDqSBodXVy?=\n =?utf-8?Q?_nu?=\n\nx\n"
    )
    assert mail.senders == ("info@zuid.example",)
    assert mail.recipients == ("andre@post.example", "b@post.example")
    assert mail.recipient_names == ("André Maës",)
    assert mail.subject == "Re: Té huur nu"


@pytest.mark.parametrize(
    ("declared", "encoded"),
    [
        ("utf-8", "utf-8"),
        ("utf-8", "cp1252"),
        ("iso-8859-1", "utf-8"),
        ("us-ascii", "cp1252"),
        ("x-unknown-8bit", "utf-8"),
        ("iso-8859-15", "iso-8859-15"),
        ("utf-16", "utf-16"),
    ],
)
def test_words_are_read_in_the_charset_they_are_really_in(declared, encoded):
    body = "Désolé, ce bien est déjà loué".encode(encoded)
    mail = read(simple(body, f'text/plain; charset="{declared}"'.encode()))
    assert mail.words == "Désolé, ce bien est déjà loué"


def test_html_becomes_text_without_its_scripts_and_what_it_quotes():
    html = (
        b"<html><head><style>p{}</style><script>alert(1)</script></head><body>"
        b"<p>Beste,</p><p>Helaas &eacute;&eacute;n dag te laat.<br>Mvg</p>"
        b'<div class="gmail_quote">Op ma schreef X:<blockquote>Mag ik komen kijken?'
        b"</blockquote></div></body></html>"
    )
    mail = read(simple(html, b"text/html"))
    assert mail.words == "Beste,\nHelaas één dag te laat.\nMvg"
    assert "Mag ik komen kijken?" in mail.text


@pytest.mark.parametrize(
    "quotation",
    [
        "Op ma 2 nov. 2026 om 09:00 schreef Rachid El Amrani <r@post.example>:\n> Mag ik kijken?",
        "Op ma 2 nov. 2026 om 09:00 schreef Rachid El Amrani <\nr@post.example>:\n\n> Mag ik?",
        "Le lun. 2 nov. 2026 à 09:00, Rachid <r@post.example> a écrit :\n> Puis-je visiter ?",
        "On Mon, Nov 2, 2026 at 9:00 AM Rachid <r@post.example> wrote:\n> May I come?",
        "-----Oorspronkelijk bericht-----\nVan: Rachid\n\nMag ik komen kijken?",
        "Van: Rachid <r@post.example>\nVerzonden: maandag 2 november 2026\nMag ik kijken?",
        "De : Rachid\nEnvoyé : lundi 2 novembre\nÀ : info\n\nPuis-je visiter ?",
        "From: Rachid\nSent: Monday\nTo: info\n\nMay I view it?",
        "________________________________\nVan: Rachid\nMag ik kijken?",
    ],
)
def test_own_words_end_where_the_quotation_begins(quotation):
    mail = read(simple(f"Dat is al verhuurd.\n\n{quotation}\n".encode()))
    assert mail.words == "Dat is al verhuurd."


def test_an_answer_between_the_quoted_lines_is_found():
    mail = read(simple(b"> Is it free?\nNo, let already.\n> May I come?\n"))
    assert mail.words == "No, let already."


def test_an_answer_below_the_quotation_is_found():
    mail = read(simple(b"On Monday Rachid wrote:\n> May I come?\n\nYes, on Tuesday.\n"))
    assert mail.words == "Yes, on Tuesday."


@pytest.mark.parametrize(
    ("headers", "moment"),
    [
        ("Date: Mon, 2 Nov 2026 10:00:00 +0100", "2026-11-02T10:00:00+01:00"),
        ("Date: Mon, 2 Nov 2026 09:00:00 GMT", "2026-11-02T09:00:00+00:00"),
        ("Date: somewhen", None),
        ("", None),
        ("Date: Mon, 99 Nov 99999 10:00:00", None),
        (
            "Received: from a by b; Mon, 2 Nov 2026 10:00:05 +0100\n"
            "Date: Thu, 1 Jan 1970 00:00:00 +0000",
            "2026-11-02T10:00:05+01:00",
        ),
        (
            "Received: x; Fri, 6 Nov 2026 10:00:00 +0100\n"
            "Received: y; Mon, 2 Nov 2026 10:00:05 +0100\n"
            "Date: Mon, 2 Nov 2026 09:58:00 +0100",
            "2026-11-02T09:58:00+01:00",
        ),
    ],
)
def test_the_moment_is_that_of_writing_unless_the_clock_was_wrong(headers, moment):
    mail = read(f"{headers}\nFrom: a@x.example\n\nx\n".lstrip())
    assert mail.moment == (None if moment is None else datetime.fromisoformat(moment))


def test_the_thread_names_the_nearest_message_first():
    mail = read(
        "In-Reply-To: <3@x>\nReferences: <1@x>\n <2@x> broken <3@x>\nMessage-ID: <4@x>\n\nx\n"
    )
    assert mail.message_id == "4@x"
    assert mail.thread == ("3@x", "2@x", "1@x")


@pytest.mark.parametrize(
    ("subject", "sender", "channel", "caller"),
    [
        ("SMS van +32470123456", "sms@gateway.example", "sms", "+32470123456"),
        ("Nieuwe voicemail van 09 123 45 67", "x@gateway.example", "voicemail", "09 123 45 67"),
        ("Nouveau message sur la messagerie vocale", "32470123456@gw.example", "voicemail",
         "32470123456"),
        ("Te huur: 20261234", "a@x.example", "mail", ""),
    ],
)  # fmt: skip
def test_text_messages_and_voicemails_are_told_from_mail(subject, sender, channel, caller):
    mail = read(f"From: {sender}\nSubject: {subject}\n\nDag\n")
    assert (mail.channel, mail.caller) == (channel, caller)


def large_message(size: int) -> bytes:
    message = EmailMessage()
    message["From"], message["Message-ID"] = "a@x.example", "<big@x>"
    message.set_content("Het is al verhuurd.\n")
    message.add_attachment(
        os.urandom(size), maintype="application", subtype="pdf", filename="plan.pdf"
    )
    return bytes(message)


def test_the_words_of_a_message_with_a_large_attachment_are_read():
    mail = read(large_message(3_000_000))
    assert mail.words == "Het is al verhuurd."
    assert mail.damage == ""


def test_a_message_that_breaks_off_says_so():
    mail = read(large_message(2_000)[:900])
    assert mail.words == "Het is al verhuurd."
    assert "breaks off" in mail.damage


def test_ten_thousand_parts_within_each_other_are_only_headers():
    head = "From: a@x.example\nSubject: nested\n"
    body = "".join(
        f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(10_000)
    )
    mail = read(head + body)
    assert mail.subject == "nested"
    assert "headers" in mail.damage


def test_the_same_message_exported_by_another_program_has_the_same_content_hash():
    lines = "From: a@x.example\nMessage-ID: <1@x>\n\nDag\n>From hier\n"
    other = "X-Mozilla-Status: 0001\r\n" + lines.replace(">From", "From").replace("\n", "\r\n")
    assert read(lines).content == read(other + "\r\n").content
    assert read(lines).sha256 != read(other).sha256
    assert read(lines).content != read(lines.replace("Dag", "Nee")).content


def test_the_same_words_to_somebody_else_or_at_another_time_are_another_message():
    one = "From: a@x.example\nTo: b@y.example\nDate: Thu, 03 Dec 2026 10:00:00 +0100\n\nVerhuurd\n"
    others = [one.replace("b@y", "c@y"), one.replace("10:00", "11:00"), "no header", ""]
    assert len({read(text).content for text in [one, *others]}) == len(others) + 1


@pytest.mark.parametrize(
    "content",
    [
        b"Content-Type: text/html\n\n" + b"<!--" * 50_000,
        b"Content-Type: text/html\n\n" + b"<a " * 50_000,
        b"To: " + b"(" * 20_000 + b"\n\nx",
        b"To: " + b"a" * 20_000 + b"\n\nx",
        b"Content-Type: text/plain\n\n" + b">\n" * 100_000,
        b"Content-Type: text/plain\n\n" + b"on wrote wrote wrote\n" * 10_000,
    ],
    ids=["comments", "tags", "brackets", "letters", "quotes", "introductions"],
)
def test_a_message_made_to_keep_the_program_busy_is_read_at_once(content):
    assert read(content).damage == ""


HEADERS = st.sampled_from(
    ["From", "To", "Subject", "Date", "Message-ID", "References", "Content-Type", "Received",
     "Content-Transfer-Encoding", "Content-Disposition", "MIME-Version", "Delivered-To",
     "Return-Path", "Auto-Submitted", "Precedence", "X-Failed-Recipients"]
)  # fmt: skip
PIECES = st.sampled_from(
    [b"=?utf-8?Q?", b"?=", b"<", b">", b"@", b'"', b";", b"charset=", b"boundary=b", b"(", b"\\",
     b"multipart/report; report-type=delivery-status", b"text/html", b"\xff", b"\x00", b"a@b.c",
     b"*0*=", b"base64", b"--b", b"\n\t", b" ", b"=?x?B?!!?=", b"2026", b"+9999", b"utf-7"]
)  # fmt: skip


@given(
    st.lists(st.tuples(HEADERS, st.lists(PIECES, max_size=8)), max_size=8),
    st.lists(PIECES | st.binary(max_size=20), max_size=12),
)
def test_no_message_is_too_broken_to_be_read(headers, body):
    lines = [name.encode() + b": " + b"".join(pieces) for name, pieces in headers]
    mail = read(b"\n".join([*lines, b"", *body]))
    assert mail.origin.kind in ("person", "automatic", "bounce", "report")
    mail.words.encode("utf-8")
    mail.subject.encode("utf-8")
