"""A mailbox of 3,000 messages of a planned round: no match is wrong, few are missed."""

import hashlib
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from praktijktest.fieldwork.mail_events import KnownMessage, known_messages
from praktijktest.fieldwork.state import RoundState, state_of
from praktijktest.problems import RefusedError, UsageError
from praktijktest.rounds.ingest import Wish, ingest
from praktijktest.rounds.mail_decide import confirm_mail, match_mail
from praktijktest.rounds.mail_review import printable, review_mail, show_mail
from praktijktest.rounds.round_store import open_round
from tests.fieldwork.mailboxes import Letter, as_mbox, make_mailbox, make_round, plan_of

TESTER = "An"


def read(folder: Path, source: Path):
    return ingest(folder, [source], who=TESTER)


def state(folder: Path) -> RoundState:
    with open_round(folder, who=TESTER) as opened:
        return state_of(opened.ledger.events())


def messages(folder: Path) -> dict[str, KnownMessage]:
    return known_messages(state(folder).messages)


def key(letter: Letter) -> str:
    """Hash of a message as it stands in an mbox."""
    content = letter.content.replace(b"\nFrom ", b"\n>From ")
    return hashlib.sha256(content if content.endswith(b"\n") else content + b"\n").hexdigest()


def judged(folder: Path, letters: list[Letter]) -> Counter[str]:
    """How many messages were matched rightly, wrongly, missed, or rightly left."""
    known = messages(folder)
    found: Counter[str] = Counter()
    for letter in letters:
        matched = set(known[key(letter)].applications)
        if matched:
            found["right" if matched == {letter.truth} else "wrong"] += 1
        else:
            found["missed" if letter.findable else "left"] += 1
    return found


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A round of 2,000 tests and its mailbox, read."""
    folder = tmp_path_factory.mktemp("large") / "round"
    make_round(folder)
    rows = plan_of(folder)
    assert len({row["test"] for row in rows}) == 2_000
    letters = make_mailbox(rows, 3_000)
    source = folder.parent / "box.mbox"
    source.write_bytes(as_mbox(letters))
    return folder, letters, source, read(folder, source)


@pytest.fixture
def small(tmp_path):
    """A round of 60 tests, and a mailbox of 200 messages that was not read yet."""
    folder = tmp_path / "round"
    make_round(folder, targets=20, tests=3)
    letters = make_mailbox(plan_of(folder), 200)
    source = tmp_path / "box.mbox"
    source.write_bytes(as_mbox(letters))
    return folder, letters, source


def test_no_message_is_matched_wrongly_and_none_that_could_be_is_missed(large):
    folder, letters, _, _ = large
    found = judged(folder, letters)
    assert found["wrong"] == 0
    assert found["missed"] == 0
    assert found["right"] > 2_000


def test_no_suggestion_contradicts_the_words(large):
    folder, letters, _, _ = large
    suggested = {
        reply.message: reply.suggested
        for application in state(folder).applications.values()
        for reply in application.replies
    }
    replies = [letter for letter in letters if key(letter) in suggested]
    assert len(replies) > 1_000
    assert {(one.code, suggested[key(one)]) for one in replies} <= {
        (one.code, one.code) for one in replies
    }


def test_nothing_is_coded_before_a_person_confirms(large):
    folder, _, _, _ = large
    replies = [r for one in state(folder).applications.values() for r in one.replies]
    assert {reply.outcome for reply in replies} == {""}
    assert all(one.failed == "" for one in state(folder).applications.values())


def test_the_same_mailbox_again_adds_nothing(large):
    folder, letters, source, first = large
    again = read(folder, source)
    assert again.head == first.head
    assert again.sources[0].repeated == len(letters)


def test_every_message_is_kept_as_it_is(large):
    folder, letters, _, _ = large
    with open_round(folder, who=TESTER) as opened:
        assert opened.identities.verify() == []
        for letter in letters[:50]:
            content = opened.identities.document(key(letter))
            assert content is not None
            assert content.rstrip(b"\n") == letter.content.rstrip(b"\n").replace(
                b"\nFrom ", b"\n>From "
            )


def test_no_address_subject_or_word_of_a_message_is_in_the_ledger(large):
    folder, letters, _, _ = large
    stored = (folder / "round.db").read_bytes()
    for words in (b"@thuis.example", b"@kantoor-", b"gmail.com", b"bezichtiging", b"Te huur"):
        assert words not in stored
    assert not any(f"prive{n}".encode() in stored for n in range(10))
    assert letters


@pytest.mark.parametrize("shared", [False, True])
def test_halves_of_a_mailbox_in_any_order_come_to_the_same(tmp_path, shared):
    outcomes = []
    make_round(tmp_path / "made", targets=20, tests=3, shared=shared)
    letters = make_mailbox(plan_of(tmp_path / "made"), 240, shared=shared)
    halves = [tmp_path / "one.mbox", tmp_path / "two.mbox"]
    halves[0].write_bytes(as_mbox(letters[:120]))
    halves[1].write_bytes(as_mbox(letters[120:]))
    for number, order in enumerate((halves, halves[::-1])):
        folder = tmp_path / f"round{number}"
        shutil.copytree(tmp_path / "made", folder)
        for source in (*order, *order):
            read(folder, source)
        found = state(folder)
        outcomes.append(
            (
                {m.message: m.applications for m in known_messages(found.messages).values()},
                {
                    name: [replace(reply, caller="") for reply in one.replies]  # keyed per round
                    for name, one in found.applications.items()
                },
            )
        )
        assert judged(folder, letters)["wrong"] == 0
    assert outcomes[0] == outcomes[1]


def test_the_same_messages_from_another_program_add_nothing(small, tmp_path):
    folder, letters, source = small
    read(folder, source)
    other = tmp_path / "export"
    other.mkdir()
    for number, letter in enumerate(letters):
        content = letter.content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        (other / f"{number}.eml").write_bytes(b"X-Exported-By: other\r\n" + content)
    again = read(folder, other).sources[0]
    assert again.added == 0
    assert again.repeated == len(letters)


def test_a_trial_run_stores_nothing(small):
    folder, letters, source = small
    summary = ingest(folder, [source], who=TESTER, wish=Wish(dry_run=True))
    assert summary.sources[0].events["message"] == len(letters)
    assert messages(folder) == {}
    with open_round(folder, who=TESTER) as opened:
        assert opened.identities.document(key(letters[0])) is None


def test_a_copy_in_a_second_mailbox_is_kept_but_no_second_reply(small, tmp_path):
    folder, letters, source = small
    read(folder, source)
    before = state(folder)
    with_reply = {r.message for one in before.applications.values() for r in one.replies}
    letter = next(one for one in letters if key(one) in with_reply and b"Message-ID" in one.content)
    copy = tmp_path / "copy.eml"
    copy.write_bytes(b"Delivered-To: master@post.example.org\n" + letter.content)
    summary = read(folder, copy).sources[0]
    assert summary.events == {"message": 1}
    after = state(folder)
    assert after.applications[letter.truth].replies == before.applications[letter.truth].replies


def test_a_person_matches_confirms_and_sees_it_gone_from_the_list(small):
    folder, letters, source = small
    read(folder, source)
    waiting = review_mail(folder)
    letter = next(one for one in letters if one.kind == "stranger")
    name = key(letter)[:12]
    assert name in {one.message for one in waiting.messages}
    done = match_mail(folder, name, [letter.truth], who=TESTER)
    assert len(done.events) == 2
    assert match_mail(folder, name, [letter.truth], who=TESTER).events == ()
    later = review_mail(folder)
    assert name not in {one.message for one in later.messages}
    (reply,) = [one for one in later.replies if one.message == name]
    assert reply.application == letter.truth
    assert reply.suggested == letter.code
    code = reply.suggested or "refused"
    confirm_mail(folder, [reply.reply], code=code, who=TESTER)
    (coded,) = [r for r in state(folder).applications[letter.truth].replies if r.id == reply.reply]
    assert coded.outcome == code
    assert coded.codings[0].basis == "confirmed"


def test_one_answer_to_several_applications_is_a_reply_to_each(small):
    folder, letters, source = small
    read(folder, source)
    letter = next(one for one in letters if one.kind == "both")
    message = messages(folder)[key(letter)]
    names = message.values["candidates"].split()
    match_mail(folder, key(letter), names, who=TESTER)
    found = state(folder).applications
    for name in names:
        assert key(letter) in {reply.message for reply in found[name].replies}
    other = next(name for name in found if name not in names)
    with pytest.raises(RefusedError, match="belongs to"):
        match_mail(folder, key(letter), [other], who=TESTER)


def test_a_confirmed_bounce_fails_its_application(small):
    folder, letters, source = small
    read(folder, source)
    letter = next(one for one in letters if one.kind == "bounce" and one.findable)
    name = key(letter)[:12]
    assert name in {one.message for one in review_mail(folder).messages}
    confirm_mail(folder, [name], who=TESTER)
    assert state(folder).applications[letter.truth].failed == "bounced"
    assert name not in {one.message for one in review_mail(folder).messages}


def test_direct_evidence_is_taken_over_with_the_suggestion(small):
    folder, _, source = small
    read(folder, source)
    reply = next(one for one in review_mail(folder).replies if one.suggested == "refused-ground")
    confirm_mail(folder, [reply.reply], who=TESTER)
    found = state(folder).applications[reply.application]
    assert next(one for one in found.replies if one.id == reply.reply).evidence == "explicit"


@pytest.mark.parametrize(
    ("names", "code", "words"),
    [
        (["ffffffffffff"], None, "no reply by mail"),
        (["ff"], None, "no reply by mail"),
        (["REPLY"], "refusd", "did you mean refused"),
        (["REPLY"], "no-reply", "cannot be no-reply"),
        (["REPLY", "x"], "refused", "one reply"),
    ],
)
def test_what_cannot_be_confirmed_is_said(small, names, code, words):
    folder, _, source = small
    read(folder, source)
    first = review_mail(folder).replies[0].reply
    with pytest.raises(UsageError, match=words):
        confirm_mail(folder, [first if n == "REPLY" else n for n in names], code=code, who=TESTER)


def test_the_list_as_data_names_nobody(small):
    folder, _, source = small
    read(folder, source)
    review = review_mail(folder)
    assert "@" not in str(review.to_dict())
    assert any("@" in line for line in review.lines())


def test_shown_words_cannot_act_on_a_terminal(small, tmp_path):
    folder, _, _ = small
    evil = tmp_path / "evil.eml"
    evil.write_bytes(
        b"From: a@x.example\nSubject: =?utf-8?Q?red=1B[31m?=\nMessage-ID: <evil@x>\n\n"
        b"Dag\x1b]0;title\x07\x9b31m \xe2\x80\xae omgekeerd\r\n\tinsprong\n"
    )
    read(folder, evil)
    found = show_mail(folder, hashlib.sha256(evil.read_bytes()).hexdigest()[:8])
    text = "\n".join(found.lines())
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "omgekeerd" in text
    assert printable("a\nb", lines=False) == "a\ufffdb"


def test_an_empty_mailbox_is_a_warning(small, tmp_path):
    folder, _, _ = small
    empty = tmp_path / "empty.mbox"
    empty.write_bytes(b"")
    found = read(folder, empty).sources[0]
    assert [problem.code for problem in found.problems] == ["mailbox-empty"]
    assert found.stored


def test_a_message_that_breaks_off_is_kept_and_named(small, tmp_path):
    folder, _, _ = small
    half = tmp_path / "half.eml"
    half.write_bytes(
        b'From: a@x.example\nContent-Type: multipart/mixed; boundary="b"\n\n--b\n\nDag'
    )
    found = read(folder, half).sources[0]
    assert [problem.code for problem in found.problems] == ["message-damaged"]
    assert found.events == {"message": 1}
