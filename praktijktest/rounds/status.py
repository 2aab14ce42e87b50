"""`status`: what a coordinator wants to see each morning, from the ledger of a round."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from praktijktest.problems import UsageError
from praktijktest.rounds.plan import PLAN
from praktijktest.storage import sha256_of_file, write_atomically

if TYPE_CHECKING:
    from praktijktest.fieldwork.events import Event
    from praktijktest.fieldwork.identities import Identities
    from praktijktest.fieldwork.state import RoundState
    from praktijktest.fieldwork.status_report import StatusReport
    from praktijktest.reporting.blocks import Report
    from praktijktest.rounds.round_store import OpenRound


def round_status(
    folder: Path, *, store: str | None = None, who: str | None = None, as_of: datetime | None = None
) -> "StatusReport":
    """The status of a round.

    A plan that the ledger does not know yet is taken in first; nothing else is written.

    Args:
        folder: the round folder.
        store: URL of the ledger; default: PRAKTIJKTEST_STORE, else round.db in the folder.
        who: who asks, for the record when a plan is taken in.
        as_of: the moment the status is about; default: the last event of the ledger.

    Raises:
        UsageError: it is no round folder, or it has neither a plan nor a ledger.
        RefusedError: the ledger is locked or of a newer version.
    """
    from praktijktest.fieldwork.status import status_of
    from praktijktest.rounds.round_store import ledger_design, open_round

    planned = (folder / PLAN).is_file()
    with open_round(folder, store=store, who=who, create=planned) as opened:
        state = _state(opened)
        words = _words_at_hand(opened, state)
        return status_of(state, ledger_design(opened.design), as_of=as_of, words=words)


def names_of_round(folder: Path, *, store: str | None = None) -> dict[str, str]:
    """Pseudonym -> name of testers and targets, from the identity store.

    Raises:
        UsageError: there is no identity store here.
    """
    from praktijktest.rounds.round_store import open_round

    with open_round(folder, store=store, create=False) as opened:
        people = opened.identities.everybody("person")
        return people | opened.identities.everybody("target")


def status_page(status: "StatusReport", names: dict[str, str], language: str, path: Path) -> None:
    """Write the status as one self-contained page."""
    from praktijktest.language import language_named
    from praktijktest.reporting.status_html import render_status

    page = render_status(status_report(status, names, ROWS_ON_PAGE), language_named(language))
    write_atomically(path, page.encode("utf-8"))


def status_report(status: "StatusReport", names: dict[str, str], rows: int) -> "Report":
    """The status as a document, each list cut after so many rows."""
    from praktijktest.reporting.status_document import status_document

    return status_document(status, names, rows)


ROWS_ON_PAGE = 100


def reply_words(state: "RoundState", identities: "Identities") -> dict[str, str]:
    """Hash of a document -> words, of every reply whose words are at hand."""
    wanted = {
        reply.words
        for application in state.applications.values()
        for reply in application.replies
        if reply.words
    }
    found = identities.documents(wanted)
    return {digest: content.decode("utf-8", "replace") for digest, content in found.items()}


def _state(opened: "OpenRound") -> "RoundState":
    """The state of the round, with the plan as it stands in the folder."""
    from praktijktest.fieldwork.state import state_of
    from praktijktest.rounds.plan_sync import synchronise_plan

    plan = opened.folder / PLAN
    seen = _LastPlan()
    state = state_of(seen.watching(opened.ledger.events()))
    if not plan.is_file() or seen.digest == sha256_of_file(plan):
        return state
    with opened.ledger.writing(opened.who) as writing:
        synchronise_plan(opened, writing)
    return state_of(opened.ledger.events())


class _LastPlan:
    """Remembers which plan the ledger took in last, while its events go by."""

    def __init__(self) -> None:
        self.digest = ""

    def watching(self, events: "Iterable[Event]") -> "Iterator[Event]":
        from praktijktest.rounds.plan_sync import PLAN_KINDS

        for event in events:
            if event.kind in PLAN_KINDS:
                self.digest = event.source_sha256
            yield event


def _words_at_hand(opened: "OpenRound", state: "RoundState") -> dict[str, str]:
    """The words of the replies; none where who asks has no identity store at hand."""
    from praktijktest.fieldwork.identities import open_identities

    try:
        with open_identities(opened.folder, opened.design.round.id, create=False) as identities:
            return reply_words(state, identities)
    except UsageError:
        return {}
