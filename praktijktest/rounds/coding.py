"""`code export`, `code import` and `code adjudicate`: replies are coded by people who are blind."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from praktijktest.problems import DataError, Problem, UsageError, shown
from praktijktest.rounds.entry import Entry, EntrySummary, open_entry
from praktijktest.storage import write_atomically
from praktijktest.vocabulary import FORMAT

if TYPE_CHECKING:
    from praktijktest.fieldwork.coding_import import ReadCodes
    from praktijktest.fieldwork.coding_sheet import CodingSheet
    from praktijktest.fieldwork.state import ApplicationState, Reply, RoundState

    Known = dict[str, tuple[ApplicationState, Reply]]

FORMATS: Final = ("xlsx", "csv")
DEFAULT_SHARE: Final = 0.2
CODING: Final = "coding"
MEDIA_TYPES: Final = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
}


@dataclass(frozen=True, slots=True)
class WrittenSheet:
    """One coder's sheet: name, file, replies on it, and those the coder coded before."""

    coder: str
    file: str
    replies: int
    coded_before: int


@dataclass(frozen=True, slots=True)
class CodingExport:
    """What `code export` wrote.

    Attributes:
        sheets: one per coder.
        replies: replies of the round whose words are at hand.
        twice: replies that two coders were dealt.
        without_words: replies whose words are not in the identity store: nothing to code from.
    """

    sheets: tuple[WrittenSheet, ...]
    replies: int
    twice: int
    without_words: int

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """Replies that are on no sheet."""
        if not self.without_words:
            return ()
        message = "replies have no words in the identity store and are on no sheet"
        return (Problem("no-words", f"{self.without_words} {message}", "warning"),)

    def to_dict(self) -> dict[str, Any]:
        """The summary as plain data; without the coders' names."""
        return {
            "format": FORMAT,
            "sheets": [
                {"file": one.file, "replies": one.replies, "coded_before": one.coded_before}
                for one in self.sheets
            ],
            "replies": self.replies,
            "twice": self.twice,
            "without_words": self.without_words,
        }

    def lines(self) -> list[str]:
        """The summary for a terminal."""
        lines = [f"Replies with words: {self.replies}, dealt to two coders: {self.twice}."]
        for one in self.sheets:
            before = f" ({one.coded_before} coded before are left out)" if one.coded_before else ""
            lines.append(f"  {one.coder}: {one.file}, replies: {one.replies}{before}")
        return lines


@dataclass(frozen=True, slots=True)
class CodingImport:
    """What `code import` took in: codings that are new, known already, and rows left empty."""

    files: tuple[str, ...]
    new: int
    known: int
    empty: int
    sequence: int
    head: str

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """Nothing: what cannot be taken stops the import."""
        return ()

    def to_dict(self) -> dict[str, Any]:
        """The summary as plain data."""
        return {
            "format": FORMAT,
            "files": list(self.files),
            "new": self.new,
            "known": self.known,
            "empty": self.empty,
            "head": {"sequence": self.sequence, "hash": self.head},
        }

    def lines(self) -> list[str]:
        """The summary for a terminal."""
        return [f"Codings: {self.new} new, {self.known} known already, {self.empty} rows empty."]


def export_coding(
    folder: Path,
    coders: Sequence[str],
    out: Path,
    *,
    file_format: str = "xlsx",
    share: float | None = None,
    store: str | None = None,
    who: str | None = None,
) -> CodingExport:
    """Write a coding sheet for every coder, without what gives profile or target away.

    The words of the replies come from the identity store, masked. Replies that a coder has
    coded are not on the sheet again. What leaves is recorded in the ledger.

    Args:
        folder: the round folder.
        coders: names of the coders.
        out: folder for the sheets.
        file_format: xlsx or csv.
        share: share of the replies that two coders get (0.2); with one coder, the share of
            the replies on the sheet (all of them).
        store: URL of the ledger.
        who: who does this.

    Raises:
        UsageError: nobody or somebody twice is named, or a number or format is impossible.
    """
    from praktijktest.fieldwork.coding_sample import dealt
    from praktijktest.fieldwork.coding_sheet import sheet_csv, sheet_workbook
    from praktijktest.rounds.coding_words import masked_items

    names = _checked(coders, file_format, share)
    with open_entry(folder, store, who) as entry:
        design = entry.opened.design
        items, without = masked_items(entry.opened, entry.state)
        default = DEFAULT_SHARE if len(names) > 1 else 1.0
        wanted = default if share is None else share
        shares = dealt(items, names, wanted, design.round.id)
        pseudonyms = entry.opened.identities.pseudonyms("person", names)
        done = _coded(entry.state)
        sheets = []
        for name in sorted(names):
            coder = pseudonyms[name]
            own = [items[reply] for reply in shares[name] if (coder, reply) not in done]
            content = (
                sheet_csv(own, design.round.id, coder)
                if file_format == "csv"
                else sheet_workbook(own, design.round.id, coder, design)
            )
            file = f"{CODING}-{coder}.{file_format}"
            write_atomically(out / file, content)
            _record(entry, coder, content, len(own))
            sheets.append(WrittenSheet(name, file, len(own), len(shares[name]) - len(own)))
    dealt_out = sum(map(len, shares.values()))
    twice = dealt_out - len(items) if len(names) > 1 else 0
    return CodingExport(tuple(sheets), len(items), twice, without)


def import_coding(
    folder: Path,
    files: Sequence[Path],
    *,
    coder: str | None = None,
    store: str | None = None,
    who: str | None = None,
) -> CodingImport:
    """Take coding sheets back: all of them, or nothing when a row of one cannot be taken.

    The same sheet twice adds nothing.

    Args:
        folder: the round folder.
        files: the sheets, or folders with sheets as `export_coding` names them.
        coder: whose they are; default: whom each was made for.
        store: URL of the ledger.
        who: who does this.

    Raises:
        UsageError: there is no such file.
        DataError: a sheet is of another round, of somebody else or no sheet any more, or
            rows have unknown or conflicting codes; nothing was stored.
    """
    from praktijktest.fieldwork.coding_import import replies_by_id
    from praktijktest.fieldwork.coding_sample import item_id
    from praktijktest.fieldwork.coding_sheet import read_sheet

    sheets = [(path, read_sheet(path)) for path in _sheet_files(files)]
    problems: list[Problem] = []
    read: list[ReadCodes] = []
    with open_entry(folder, store, who) as entry:
        state = entry.state
        for path, sheet in sheets:
            _refuse_foreign(sheet, entry, coder)
            known = replies_by_id(state)
            items = {item_id(sheet.round_id, reply): found for reply, found in known.items()}
            found = _read_one(path, sheet, items, entry)
            problems += found.problems
            read.append(found)
            entry.writing.append(found.events)
            if path is not sheets[-1][0]:
                state = _state_now(entry)
        if problems:
            raise DataError("The codings cannot be taken; nothing was stored.", problems)
        head = entry.writing.head
    return CodingImport(
        files=tuple(path.name for path, _ in sheets),
        new=sum(event.kind == "coded" for one in read for event in one.events),
        known=sum(one.known for one in read),
        empty=sum(one.empty for one in read),
        sequence=head.sequence,
        head=head.hash,
    )


def adjudicate(
    folder: Path,
    reply: str,
    code: str,
    reason: str,
    *,
    store: str | None = None,
    who: str | None = None,
) -> EntrySummary:
    """Settle the code of a reply; the codings themselves stay.

    Args:
        folder: the round folder.
        reply: id of the reply, or its item on the coding sheets.
        code: the code.
        reason: why.
        store: URL of the ledger.
        who: who decides.

    Raises:
        UsageError: there is no such reply or code, or no reason.
    """
    from praktijktest.fieldwork.coding_import import replies_by_id
    from praktijktest.fieldwork.coding_sample import item_id
    from praktijktest.fieldwork.entries import require_code
    from praktijktest.fieldwork.events import NewEvent

    if not reason.strip():
        raise UsageError("Say why: --reason cannot be empty.")
    with open_entry(folder, store, who) as entry:
        design = entry.opened.design
        known = replies_by_id(entry.state)
        items = {item_id(design.round.id, name): name for name in known}
        name = items.get(reply, reply)
        if name not in known:
            raise UsageError(
                f"The round has no reply {shown(reply)!r}; `code agreement` and `status` list them."
            )
        outcome = require_code(design, code)
        application, found = known[name]
        events = []
        if found.adjudicated != outcome:
            events.append(
                NewEvent(
                    kind="adjudicated",
                    test=application.test,
                    application=application.application,
                    values={"reply": name, "outcome": outcome, "reason": reason.strip()},
                )
            )
        told = f"Reply {name} of {application.application} is {outcome}."
        return entry.store(events, told, details={"reply": name, "outcome": outcome})


def _checked(coders: Sequence[str], file_format: str, share: float | None) -> list[str]:
    names = [name.strip() for name in coders if name.strip()]
    if not names:
        raise UsageError("Name at least one coder: --coder NAME")
    if len(set(names)) < len(names):
        raise UsageError("A coder is named twice.")
    if file_format not in FORMATS:
        raise UsageError(f"--format is {' or '.join(FORMATS)}, not {file_format!r}.")
    if share is not None and not 0.0 <= share <= 1.0:
        raise UsageError(f"--share is a share between 0 and 1, not {share}.")
    return names


def _sheet_files(files: Sequence[Path]) -> list[Path]:
    """The sheets that are meant: a folder stands for those in it."""
    found: list[Path] = []
    for path in files:
        inside = sorted(path.glob(f"{CODING}-*")) if path.is_dir() else [path]
        if not inside:
            raise UsageError(f"{path.name} holds no coding sheets.")
        found += inside
    if len({path.resolve() for path in found}) < len(found):
        raise UsageError("The same sheet is named twice.")
    return found


def _coded(state: "RoundState") -> set[tuple[str, str]]:
    """Coder and reply of every coding from a sheet."""
    from praktijktest.fieldwork.coding_import import BLIND

    return {
        (coding.coder, reply.id)
        for application in state.applications.values()
        for reply in application.replies
        for coding in reply.codings
        if coding.basis == BLIND
    }


def _record(entry: Entry, coder: str, content: bytes, rows: int) -> None:
    """What left the ledger; the same sheet once."""
    from praktijktest.fieldwork.events import NewEvent

    digest = hashlib.sha256(content).hexdigest()
    values = {"name": CODING, "coder": coder, "sha256": digest, "rows": str(rows)}
    if not any(event.values == values for event in entry.state.left):
        entry.writing.append([NewEvent(kind="exported", values=values)])


def _refuse_foreign(sheet: "CodingSheet", entry: Entry, coder: str | None) -> None:
    """See that a sheet is of this round and of this coder."""
    round_id = entry.opened.design.round.id
    identities = entry.opened.identities
    if sheet.round_id != round_id:
        why, value = f"this sheet is of another round than {round_id}", sheet.round_id
        hint = "import it into the round it was exported from"
    elif coder is not None and identities.pseudonyms("person", [coder])[coder] != sheet.coder:
        why, value = "this sheet was made for another coder", coder
        hint = "name the coder it was made for, or leave --coder out"
    elif identities.plain(sheet.coder) is None:
        why, value = "this sheet was made for a coder whom the round does not know", sheet.coder
        hint = "leave the sheet's own columns and hidden sheets as they were exported"
    else:
        return
    problem = Problem("sheet-foreign", why, file=sheet.file, value=shown(value), hint=hint)
    raise DataError("The codings cannot be taken; nothing was stored.", [problem])


def _read_one(path: Path, sheet: "CodingSheet", items: "Known", entry: Entry) -> "ReadCodes":
    """What one sheet adds; the sheet and its remarks are kept as documents."""
    from praktijktest.fieldwork.coding_import import SheetSource, read_codes

    content = path.read_bytes()
    kind = path.suffix.lower().removeprefix(".")
    # The file's own name may be the coder's.
    name = f"{CODING}-{sheet.coder}.{kind}"
    digest = entry.opened.identities.keep(
        content,
        name=name,
        media_type=MEDIA_TYPES.get(kind, "application/octet-stream"),
        document_class="source",
    )
    source = SheetSource(name, digest, sheet.coder)
    found = read_codes(sheet, items, source, entry.opened.design)
    for note in found.notes.values():
        entry.keep_words(note, "note")
    return found


def _state_now(entry: Entry) -> "RoundState":
    from praktijktest.fieldwork.state import state_of

    return state_of(entry.writing.events())
