"""Machines are told from people by their headers first."""

import pytest

from praktijktest.fieldwork.mail_message import read_message
from praktijktest.fieldwork.mail_sources import RawMessage


def origin(text: str):
    return read_message(RawMessage("in.eml", 1, text.encode())).origin


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: auto-replied",
        "Auto-Submitted: auto-generated; type=x",
        "X-Autoreply: yes",
        "X-Autorespond: away",
        "Precedence: auto_reply",
    ],
)
def test_headers_of_answering_machines_are_certain(header):
    found = origin(f"From: a@x.example\nSubject: Re: te huur\n{header}\n\nx\n")
    assert (found.kind, found.certain) == ("automatic", True)


@pytest.mark.parametrize(
    "header",
    ["Precedence: bulk", "List-Id: <x>", "List-Unsubscribe: <https://x>", "Return-Path: <>"],
)
def test_mass_mail_is_automatic_but_less_certain(header):
    found = origin(f"From: a@x.example\nSubject: Nieuws\n{header}\n\nx\n")
    assert (found.kind, found.certain) == ("automatic", False)


@pytest.mark.parametrize(
    "subject", ["Automatisch antwoord: huis", "Réponse automatique : appartement", "Out of office"]
)
def test_subjects_of_answering_machines_are_less_certain(subject):
    found = origin(f"From: a@x.example\nSubject: {subject}\n\nx\n")
    assert (found.kind, found.certain) == ("automatic", False)


@pytest.mark.parametrize(
    "headers",
    ["", "Auto-Submitted: no\n", "X-Auto-Response-Suppress: All\n", "Return-Path: <a@x.example>\n"],
)
def test_people_are_people(headers):
    assert origin(f"{headers}From: a@x.example\nSubject: Re: te huur\n\nx\n").kind == "person"


def report(action: str, status: str) -> str:
    return (
        "From: MAILER-DAEMON@mx.example\nTo: us@post.example\nSubject: Delivery Status\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nSee below.\n"
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
        f"Final-Recipient: rfc822; Weg@Kantoor.example\nAction: {action}\nStatus: {status}\n\n"
        "--b\nContent-Type: message/rfc822\n\nMessage-ID: <ours@post.example>\n\nDag\n--b--\n"
    )


def test_a_report_of_failed_delivery_names_who_and_what():
    found = origin(report("failed", "5.1.1"))
    assert (found.kind, found.certain) == ("bounce", True)
    assert found.failed == ("weg@kantoor.example",)
    assert found.returned == ("ours@post.example",)


@pytest.mark.parametrize(("action", "status"), [("delayed", "4.4.1"), ("delivered", "2.0.0")])
def test_a_report_that_nothing_failed_is_no_bounce(action, status):
    assert origin(report(action, status)).kind == "report"


def test_a_read_receipt_is_no_reply():
    content = 'Content-Type: multipart/report; report-type=disposition-notification; boundary="b"'
    assert origin(f"From: a@x.example\n{content}\n\n--b\n\nread\n--b--\n").kind == "report"


def test_failed_recipients_in_a_header_are_a_bounce():
    found = origin("From: a@x.example\nX-Failed-Recipients: weg@kantoor.example\n\nx\n")
    assert (found.kind, found.failed) == ("bounce", ("weg@kantoor.example",))


def test_an_old_fashioned_bounce_is_known_by_sender_and_subject():
    found = origin(
        "From: postmaster@mx.example\nSubject: Undeliverable: te huur\n\n"
        "Your message\nMessage-ID: <ours@post.example>\nfailed.\n"
    )
    assert (found.kind, found.certain) == ("bounce", False)
    assert found.returned == ("ours@post.example",)
