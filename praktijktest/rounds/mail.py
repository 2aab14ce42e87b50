"""A mailbox into the ledger: every message kept as it is, and those that can be, matched."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from praktijktest.problems import Problem
from praktijktest.rounds.ingest_summary import IngestedSource
from praktijktest.storage import sha256_of_file

if TYPE_CHECKING:
    from praktijktest.fieldwork.events import NewEvent
    from praktijktest.fieldwork.ledger import Writing
    from praktijktest.fieldwork.mail_matching import Match
    from praktijktest.fieldwork.mail_message import Mail
    from praktijktest.fieldwork.mail_sources import RawMessage
    from praktijktest.rounds.mail_round import MailRound, ReplySettings
    from praktijktest.rounds.round_store import OpenRound

PASSES: Final = 20
"""How many answers to answers are followed within one mailbox."""
MESSAGE_TYPE: Final = "message/rfc822"
DAMAGED_SHOWN: Final = 20


@dataclass(slots=True)
class Sorting:
    """Messages on their way to applications.

    Attributes:
        round: what they are matched with.
        mails: new messages, and earlier ones that belonged to no application, in order.
        earlier: hashes of the earlier ones.
        sent: hashes of those that one of our identities sent.
        matches: hash -> what became of it.
        repeated: messages that the ledger has.
    """

    round: "MailRound"
    mails: "list[Mail]" = field(default_factory=list)
    earlier: set[str] = field(default_factory=set)
    sent: set[str] = field(default_factory=set)
    matches: "dict[str, Match]" = field(default_factory=dict)
    repeated: int = 0

    def learn(self, mail: "Mail", found: "Match") -> None:
        """Keep a match, and lead what answers the message to the same application."""
        from praktijktest.fieldwork.mail_index import message_id_hash

        self.matches[mail.sha256] = found
        if found.outcome == "matched" and mail.message_id:
            key = message_id_hash(mail.message_id)
            self.round.index.threads.setdefault(key, (found.application, found.confidence))


def ingest_mail(
    opened: "OpenRound", writing: "Writing", path: Path, *, dry_run: bool = False
) -> IngestedSource:
    """Read a mailbox into the ledger.

    A message that the ledger has, by its bytes or by its id and content, adds nothing. What
    could not be matched before is tried again with what this mailbox tells. Nothing is coded:
    a code is suggested, and a person confirms it.

    Args:
        opened: the round.
        writing: the ledger's transaction.
        path: an mbox, a Maildir, a message, or a folder of messages.
        dry_run: keep no documents; the caller undoes the transaction.

    Raises:
        UsageError: it is no mailbox.
        DataError: it is damaged.
    """
    from praktijktest.rounds.mail_round import mail_round

    with ExitStack() as stack:
        if not dry_run:
            stack.enter_context(opened.identities.batch())
        sorting = Sorting(mail_round(opened, writing))
        rows = _read(opened, path, sorting, keep=not dry_run)
        _match_all(sorting)
        digest = sha256_of_file(path) if path.is_file() else ""
        events = list(_events(opened, sorting, digest, keep=not dry_run))
    writing.append(events)
    return IngestedSource(
        name=path.name,
        kind="mail",
        sha256=digest,
        rows=rows,
        repeated=sorting.repeated,
        events=dict(Counter(event.kind for event in events)),
        problems=tuple(_problems(path, rows, sorting)),
        counts=_counts(events, sorting),
    )


def _read(opened: "OpenRound", path: Path, sorting: Sorting, *, keep: bool) -> int:
    """Take every message apart and keep those that are new; how many there are."""
    from praktijktest.fieldwork.mail_message import read_message
    from praktijktest.fieldwork.mail_sources import read_mail

    known = sorting.round.known
    contents = {message.values.get("content", "") for message in known.values()}
    seen = set(known)
    rows = 0
    for raw in read_mail(path):
        rows += 1
        mail = read_message(raw)
        if mail.sha256 in seen or mail.content in contents:
            sorting.repeated += 1
            continue
        seen.add(mail.sha256)
        contents.add(mail.content)
        sorting.mails.append(mail)
        if keep:
            name = f"{mail.sha256[:12]}.eml"
            opened.identities.keep(
                raw.content, name=name, media_type=MESSAGE_TYPE, document_class="message"
            )
    if sorting.mails:
        for earlier in map(read_message, _open_messages(opened, sorting)):
            sorting.mails.append(earlier)
            sorting.earlier.add(earlier.sha256)
    return rows


def _open_messages(opened: "OpenRound", sorting: Sorting) -> "Iterator[RawMessage]":
    """Messages of before that belong to no application yet."""
    from praktijktest.fieldwork.mail_sources import RawMessage

    for message in sorting.round.known.values():
        content = opened.identities.document(message.message) if message.open else None
        if content is not None:
            yield RawMessage("", 0, content)


def _match_all(sorting: Sorting) -> None:
    """Match what we sent, then what answers it, then the rest by mailbox and sender."""
    from praktijktest.fieldwork.mail_matching import (
        is_sent,
        match_by_sender,
        match_named,
        match_sent,
    )

    index, window = sorting.round.index, sorting.round.window
    sent = [mail for mail in sorting.mails if is_sent(mail, index)]
    sorting.sent = {mail.sha256 for mail in sent}
    received = [mail for mail in sorting.mails if mail.sha256 not in sorting.sent]
    _until_settled(sorting, sent, lambda mail: match_sent(mail, index))
    _until_settled(sorting, received, lambda mail: match_named(mail, index))
    _until_settled(
        sorting,
        received,
        lambda mail: match_named(mail, index) or match_by_sender(mail, index, window),
    )
    _until_settled(sorting, sent, lambda mail: match_sent(mail, index))


def _until_settled(
    sorting: Sorting, mails: "list[Mail]", matched: "Callable[[Mail], Match | None]"
) -> None:
    """Match messages, and again what may answer a message that has just been matched."""
    index = sorting.round.index
    for _ in range(PASSES):
        threads = len(index.threads)
        for mail in mails:
            before = sorting.matches.get(mail.sha256)
            if before is None or before.outcome != "matched":
                found = matched(mail)
                if found is not None:
                    sorting.learn(mail, found)
        if len(index.threads) == threads:
            return


def _events(
    opened: "OpenRound", sorting: Sorting, digest: str, *, keep: bool
) -> "Iterator[NewEvent]":
    """What the ledger is told: every new message, and a reply where there is one."""
    from praktijktest.fieldwork.mail_events import (
        event,
        is_reply,
        message_kind,
        message_values,
    )

    told = [mail for mail in sorting.mails if _is_news(mail, sorting)]
    pseudonyms = _pseudonyms(opened, told) if keep else {}
    copies = _copies(sorting.round)
    for mail in told:
        found = sorting.matches[mail.sha256]
        sent = mail.sha256 in sorting.sent
        kind = message_kind(mail, found, sent=sent)
        sender = pseudonyms.get(next(iter(mail.senders), ""), "")
        values = message_values(mail, found, kind, sender, sorting.round.settings.zone)
        application = found.application if found.outcome == "matched" else ""
        test = sorting.round.index.approaches[application].test if application else ""
        copy = _copy(values, application)
        reply = None
        if kind in ("reply", "automatic") and is_reply(mail) and copy not in copies:
            reply = reply_event(opened, sorting.round.settings, mail, application, test, keep=keep)
        if copy is not None:
            named = copies.setdefault(copy, reply.values["reply"] if reply is not None else "")
            values |= {"reply": named} if named else {}
        earlier = mail.sha256 in sorting.earlier
        yield event("matched" if earlier else "message", mail, test, application, values, digest)
        if reply is not None:
            yield reply


def reply_event(
    opened: "OpenRound",
    settings: "ReplySettings",
    mail: "Mail",
    application: str,
    test: str,
    *,
    keep: bool = True,
) -> "NewEvent":
    """The reply that a message is to an application: its code suggested, its words kept."""
    from praktijktest.fieldwork.mail_events import event, reply_values, suggested_code

    coded = suggested_code(mail, settings.phrases, settings.codes)
    caller = ""
    if keep and mail.words:
        opened.identities.keep(
            mail.words.encode("utf-8"), name="", media_type="text/plain", document_class="words"
        )
    if keep and mail.caller:
        caller = opened.identities.pseudonyms("address", [mail.caller])[mail.caller]
    values = reply_values(mail, application, coded, caller, settings.zone)
    return event("reply", mail, test, application, values)


def _is_news(mail: "Mail", sorting: Sorting) -> bool:
    """New messages are told; an earlier one only when it has found its application."""
    new = mail.sha256 not in sorting.earlier
    return new or sorting.matches[mail.sha256].outcome == "matched"


Copy = tuple[str, str, str]
"""Message id, application and words: two messages that agree on these are copies."""


def _copies(round_: "MailRound") -> dict[Copy, str]:
    """Messages with an application, and the reply of each, so that copies are known."""
    found: dict[Copy, str] = {}
    for message in round_.known.values():
        for application in message.applications:
            copy = _copy(message.values, application)
            if copy is not None:
                found[copy] = message.replies.get(application, "")
    return found


def _copy(values: dict[str, str], application: str) -> Copy | None:
    hashed = values.get("message_id_hash", "")
    return (hashed, application, values.get("words", "")) if hashed and application else None


def _pseudonyms(opened: "OpenRound", mails: "Iterable[Mail]") -> dict[str, str]:
    senders = {next(iter(mail.senders), "") for mail in mails} - {""}
    return opened.identities.pseudonyms("address", senders)


def _problems(path: Path, rows: int, sorting: Sorting) -> "Iterator[Problem]":
    """What a person should know: damaged messages, and an empty mailbox."""
    if not rows:
        yield Problem(
            code="mailbox-empty",
            level="warning",
            message="there are no messages in it",
            file=path.name,
        )
    damaged = [mail for mail in sorting.mails if mail.damage and mail.file]
    for mail in damaged[:DAMAGED_SHOWN]:
        yield Problem(
            code="message-damaged",
            level="warning",
            message=f"message {mail.number}: {mail.damage}; it is kept whole as it is",
            file=mail.file,
        )
    if len(damaged) > DAMAGED_SHOWN:
        yield Problem(
            code="message-damaged",
            level="warning",
            message=f"{len(damaged) - DAMAGED_SHOWN} more messages are damaged",
            file=path.name,
        )


def _counts(events: "Iterable[NewEvent]", sorting: Sorting) -> dict[str, int]:
    """Kinds of messages, as the summary tells them."""
    kinds = Counter(event.values["kind"] for event in events if event.kind != "reply")
    names = {
        "reply": "replies_matched",
        "automatic": "automatic",
        "bounce": "undelivered",
        "sent": "sent_by_us",
        "ambiguous": "ambiguous",
        "unmatched": "unmatched",
    }
    return {name: kinds[kind] for kind, name in names.items()}
