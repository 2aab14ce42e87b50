"""A message finds its application, or is left to a person; never the wrong one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from praktijktest.design import parse_design
from praktijktest.fieldwork.mail_index import (
    Approach,
    addresses_of,
    mail_index,
    message_id_hash,
    phones_in,
)
from praktijktest.fieldwork.mail_matching import match_by_sender, match_named, match_sent
from praktijktest.fieldwork.mail_message import read_message
from praktijktest.fieldwork.mail_sources import RawMessage
from tests.fieldwork.made_rounds import DESIGN

MAIL = '[mail]\nportals = ["portal.example"]\nplus_form = "pt-{application}"\n'
DESIGNED = parse_design(DESIGN.format(kind="paired", order="random") + MAIL)
SENT = datetime(2026, 9, 7, 9, tzinfo=UTC)
WINDOW = timedelta(days=60)
RACHID, WOUTER = "rachid@post.example", "wouter@post.example"


def approach(application: str, /, **values) -> Approach:
    own = {
        "test": application.rpartition("-")[0],
        "target": "T-zuid",
        "advert": "AD-1001",
        "name": "Rachid El Amrani",
        "addresses": frozenset((RACHID,)),
        "contacts": frozenset(("info@zuid.example",)),
        "send_at": SENT,
    }
    return Approach(application, **{**own, **values})


ROUND = [
    approach("t0001-1"),
    approach("t0001-2", name="Wouter Claes", addresses=frozenset((WOUTER,))),
    approach(
        "t0002-1",
        target="T-noord",
        advert="AD-2002",
        contacts=frozenset(("jan@gmail.com",)),
        phones=phones_in("0470 12 34 56"),
    ),
    approach(
        "t0003-1",
        advert="AD-3003",
        name="Youssef Benali",
        addresses=frozenset(("youssef@post.example",)),
    ),
]


def index(approaches=ROUND):
    return mail_index(approaches, DESIGNED)


def mail(headers: str, body: str = "Dag"):
    text = f"Date: Mon, 7 Sep 2026 18:00:00 +0200\n{headers}\n\n{body}\n"
    return read_message(RawMessage("in.mbox", 1, text.encode()))


def found(headers: str, body: str = "Dag", approaches=ROUND):
    message, known = mail(headers, body), index(approaches)
    return match_named(message, known) or match_by_sender(message, known, WINDOW)


@pytest.mark.parametrize(
    ("headers", "application", "reason"),
    [
        (f"From: x@y.example\nTo: {RACHID}\nSubject: [t0002-1]", "t0002-1", "reference"),
        ("From: x@y.example\nTo: rachid+pt-t0001-1@post.example", "t0001-1", "plus-address"),
        (f"From: info@zuid.example\nTo: {RACHID}", "t0001-1", "sender's address"),
        (f"From: els@zuid.example\nTo: {WOUTER}", "t0001-2", "sender's domain"),
        (f"From: x@portal.example\nTo: {RACHID}\nSubject: over AD-2002", "t0002-1", "advert"),
        (f"From: x@y.example\nReply-To: info@zuid.example\nTo: {RACHID}", "t0001-1", "address"),
        (f"From: sms@gw.example\nTo: {RACHID}\nSubject: SMS +32470123456", "t0002-1", "number"),
        (f"From: info@zuid.example\nTo: m@m.example\nDelivered-To: {RACHID}", "t0001-1", "address"),
    ],
)
def test_a_message_finds_its_application_and_says_why(headers, application, reason):
    match = found(headers)
    assert (match.outcome, match.application) == ("matched", application)
    assert reason in match.reason
    assert match.confidence >= 0.8


@pytest.mark.parametrize(
    "headers",
    [
        f"From: news@shop.example\nTo: {RACHID}\nSubject: 2026",
        "From: info@zuid.example\nTo: someone@elsewhere.example",
        f"From: other@gmail.com\nTo: {RACHID}",
        f"From: x@portal.example\nTo: {RACHID}",
    ],
)
def test_a_message_that_tells_too_little_is_left(headers):
    assert found(headers).outcome == "unmatched"


def test_a_message_about_several_adverts_is_left_to_a_person():
    match = found(f"From: info@zuid.example\nTo: {RACHID}\nSubject: AD-1001 en AD-3003")
    assert match.outcome == "ambiguous"
    assert match.candidates == ("t0001-1", "t0003-1")


def test_a_message_to_both_applicants_is_left_unless_its_delivery_tells():
    both = f"From: info@zuid.example\nTo: {RACHID}, {WOUTER}"
    assert found(both).candidates == ("t0001-1", "t0001-2")
    assert found(f"{both}\nDelivered-To: {WOUTER}").application == "t0001-2"


def test_references_to_two_applications_are_left_to_a_person():
    match = found(f"From: x@y.example\nTo: {RACHID}\nSubject: t0001-1 t0002-1")
    assert match.outcome == "ambiguous"


def test_an_answer_in_the_mailbox_of_somebody_else_is_left():
    known = index()
    known.threads[message_id_hash("sent@post.example")] = ("t0001-1", 0.97)
    message = mail(f"From: x@y.example\nTo: {WOUTER}\nIn-Reply-To: <sent@post.example>")
    match = match_named(message, known)
    assert match is not None
    assert match.outcome == "ambiguous"


def test_an_answer_is_no_surer_than_what_it_answers():
    known = index()
    known.threads[message_id_hash("sent@post.example")] = ("t0001-1", 0.85)
    match = match_named(mail("From: x@y.example\nReferences: <sent@post.example>"), known)
    assert match is not None
    assert (match.application, match.confidence) == ("t0001-1", 0.85)


def test_what_came_long_after_is_left_where_only_the_sender_tells():
    late = [replace(one, send_at=SENT - timedelta(days=100)) for one in ROUND]
    match = found(f"From: info@zuid.example\nTo: {RACHID}", approaches=late)
    assert (match.outcome, match.candidates) == ("unmatched", ("t0001-1",))
    assert match.confidence < 0.8


def test_of_applicants_who_share_a_mailbox_the_named_one_is_meant():
    shared = [replace(one, addresses=frozenset(("box@post.example",))) for one in ROUND[:2]]
    plain = "From: info@zuid.example\nTo: box@post.example"
    assert found(plain, approaches=shared).outcome == "ambiguous"
    named = 'From: info@zuid.example\nTo: "Wouter Claes" <box@post.example>'
    assert found(named, approaches=shared).application == "t0001-2"
    quoting = found(plain, "Ja.\n\nOp 7/9 schreef Rachid El Amrani:\n> Mag ik?", shared)
    assert quoting.application == "t0001-1"


def test_a_domain_of_several_targets_tells_nothing():
    other = approach("t0004-1", target="T-west", contacts=frozenset(("w@zuid.example",)))
    assert found(f"From: els@zuid.example\nTo: {WOUTER}", approaches=[*ROUND, other]).outcome == (
        "unmatched"
    )


def test_plain_ids_are_no_references():
    plain = [replace(one, application=str(number)) for number, one in enumerate(ROUND, 1)]
    match = found("From: x@y.example\nTo: z@z.example\nSubject: 1 of 2", approaches=plain)
    assert match.outcome == "unmatched"


@pytest.mark.parametrize(
    ("headers", "application"),
    [
        (f"From: {RACHID}\nTo: info@zuid.example\nSubject: Te huur: AD-1001", "t0001-1"),
        (f"From: {RACHID}\nTo: jan@gmail.com\nSubject: Uw woning", "t0002-1"),
        (f"From: {RACHID}\nTo: form@portal.example\nSubject: Te huur: AD-2002", "t0002-1"),
        (f"From: {RACHID}\nTo: friend@y.example\nSubject: Dag", ""),
    ],
)
def test_what_we_sent_is_matched_by_recipient_and_advert(headers, application):
    assert match_sent(mail(headers), index()).application == application


def test_addresses_of_identities_follow_the_design():
    text = DESIGN.format(kind="paired", order="random") + (
        '[mail]\naddress_form = "{name}@post.example"\n'
        '[mail.addresses]\n"Wouter Claes" = ["Wouter@own.example", "w@own.example"]\n'
    )
    design = parse_design(text)
    assert addresses_of(design, "Rachid El Amrani", "") == {"rachid.el.amrani@post.example"}
    assert addresses_of(design, "Wouter Claes", "") == {"wouter@own.example", "w@own.example"}
    assert addresses_of(design, "", "") == frozenset()
    assert addresses_of(DESIGNED, "x", "Box@post.example") == {"box@post.example"}
