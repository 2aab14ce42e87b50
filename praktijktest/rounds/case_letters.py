"""`case letter`: letters to agents, from the analysis of a round and its identity store."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from praktijktest.problems import Problem, RefusedError, UsageError
from praktijktest.storage import folder_written_whole

if TYPE_CHECKING:
    from praktijktest.casework.letters import Addressed, Letter
    from praktijktest.language import Language
    from praktijktest.rounds.round_store import OpenRound


@dataclass(frozen=True, slots=True)
class LetterSummary:
    """What letters were written.

    Attributes:
        kind: general, individual, invitation or cleared.
        folder: name of the folder.
        files: names of the files.
        named: whether they hold names and addresses.
        warnings: agents whose name is not known.
    """

    kind: str
    folder: str
    files: tuple[str, ...]
    named: bool
    warnings: tuple[Problem, ...]

    def to_dict(self) -> dict[str, Any]:
        """The summary as plain data."""
        return {
            "format": 1,
            "kind": "letters",
            "letter": self.kind,
            "named": self.named,
            "files": list(self.files),
            "problems": [problem.to_dict() for problem in self.warnings],
        }

    def lines(self) -> list[str]:
        """The summary for a terminal."""
        names = "with names and addresses" if self.named else "without names"
        return [f"{len(self.files)} files in {self.folder}, {names}."]


def write_letters_of_cases(
    folder: Path,
    out: Path,
    *,
    kind: str,
    target: str | None = None,
    formats: Sequence[str] = ("docx",),
    language: str | None = None,
    named: bool = False,
    reason: str = "",
    store: str | None = None,
    who: str | None = None,
    today: date | None = None,
) -> LetterSummary:
    """Write letters of one kind; the folder appears when all of them are there.

    Args:
        folder: the round folder.
        out: folder for the letters; it must not hold anything yet.
        kind: general, individual, invitation or cleared.
        target: one agent; default: every agent that the kind is for.
        formats: docx, md.
        language: nl, fr or en; default: that of the round.
        named: put name and address in, from the identity store.
        reason: why names are needed; noted in the ledger.
        store: URL of the ledger; default as for `ingest`.
        who: who writes.
        today: date of the letters; default: today.

    Raises:
        UsageError: an unknown kind or format, no such agent, a folder in use.
        RefusedError: the kind is not for this agent, or a general letter would tell of another.
        DataError: the round cannot be analysed.
        VerificationError: the ledger was changed from outside.
    """
    from praktijktest.language import language_named
    from praktijktest.rounds.export_gate import require_chain, require_nameless
    from praktijktest.rounds.privacy_extract import pseudonym_of
    from praktijktest.rounds.round_store import open_round

    _require(kind, formats, out, named=named, reason=reason)
    with open_round(folder, store=store, who=who, create=False) as opened:
        require_chain(opened, done="written")
        if named:
            require_nameless(opened, [("--reason", reason)])
        document, public = _documents(opened, store)
        wanted = None if target is None else pseudonym_of(opened, target)
        people = [] if kind == "general" else _people(opened, document, kind, wanted, named=named)
        spoken = language_named(language or opened.design.round.language)
        dated = (today or date.today()).isoformat()
        letters = _letters(opened, document, public, kind, people, dated)
        if named:
            _note(opened, kind, reason, len(letters))
    files = _write(out, letters, spoken, formats, private=named)
    unknown = [one.pseudonym for one in people if named and not one.address]
    return LetterSummary(kind, out.name, tuple(files), named, tuple(map(_unknown, unknown)))


def _write(
    out: Path,
    letters: "Sequence[Letter]",
    language: "Language",
    formats: Sequence[str],
    *,
    private: bool,
) -> list[str]:
    """Write all letters or none; where private, only their owner may read them."""
    from praktijktest.casework.letter_files import letter_file

    files: list[str] = []
    with folder_written_whole(out) as scratch:
        if private:
            scratch.chmod(0o700)
        for letter in letters:
            for suffix in formats:
                name = f"{'-'.join(filter(None, (letter.kind, letter.reference)))}.{suffix}"
                path = scratch / name
                path.write_bytes(letter_file(letter, language, suffix))
                if private:
                    path.chmod(0o600)
                files.append(name)
    return files


def _require(kind: str, formats: Sequence[str], out: Path, *, named: bool, reason: str) -> None:
    from praktijktest.casework.letter_files import FORMATS
    from praktijktest.casework.letters import KINDS
    from praktijktest.fieldwork.entries import require_among

    require_among(kind, KINDS, "kind of letter")
    for name in formats:
        require_among(name, FORMATS, "format of a letter")
    if not formats:
        raise UsageError("Name a format: docx or md.")
    if named and not reason.strip():
        raise UsageError("Names are put in for a reason: --reason TEXT; the ledger notes it.")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out.name} is there already; choose a new folder for the letters.")


def _documents(opened: "OpenRound", store: str | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """The analysis document, and the same with the contrasts alone of which all may know.

    Whoever gets a letter knows its own tests: of few agents it could tell those of another one.

    Raises:
        UsageError: mystery rounds have no letters of this kind.
    """
    from praktijktest.disclosure import protected
    from praktijktest.rounds.export_source import read_source

    if opened.design.kind in ("single", "mystery"):
        raise UsageError("Letters are about paired tests; this round has none.")
    source = read_source(opened.folder, store=store)
    document = dict(source.document)
    found = protected(document, document["method"]["min_cell"], source.places).document
    shown = {entry["id"] for entry in found["contrasts"]}
    contrasts = [entry for entry in document["contrasts"] if entry["id"] in shown]
    return document, {**document, "contrasts": contrasts}


def _people(
    opened: "OpenRound",
    document: dict[str, Any],
    kind: str,
    wanted: str | None,
    *,
    named: bool,
) -> "list[Addressed]":
    from praktijktest.casework.letters import STANDS_OUT, Addressed

    retests = (document["retests"] or {}).get("rows", [])
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in document["targets"]:
        rows.setdefault(row["target"], []).append(row)
    if wanted is not None:
        if wanted not in rows:
            raise UsageError(f"{wanted} has no result in this round.")
        rows = {wanted: rows[wanted]}
    needed = {"invitation": STANDS_OUT, "cleared": ("released",)}.get(kind)
    chosen = {
        name: own
        for name, own in rows.items()
        if needed is None or any(row["state"] in needed for row in own)
    }
    if kind == "cleared":
        chosen = {n: own for n, own in chosen.items() if not _stands_out(own, STANDS_OUT)}
    if not chosen:
        who = wanted or "Nobody in this round"
        raise RefusedError(f"{who} is not in a state that the letter {kind!r} is for.")
    return [
        Addressed(
            pseudonym=name,
            address=_address(opened, name) if named else (),
            rows=tuple(own),
            retests=tuple(row for row in retests if row["target"] == name),
        )
        for name, own in sorted(chosen.items())
    ]


def _stands_out(rows: list[dict[str, Any]], states: tuple[str, ...]) -> bool:
    return any(row["state"] in states for row in rows)


ADDRESS_DETAILS = ("name", "address", "street", "postcode", "city", "contact")
"""Columns of a frame that stand in an address, in their order."""


def _address(opened: "OpenRound", pseudonym: str) -> tuple[str, ...]:
    details = opened.identities.details(pseudonym)
    known = tuple(details[name] for name in ADDRESS_DETAILS if details.get(name))
    plain = opened.identities.plain(pseudonym)
    return known or ((plain,) if plain else ())


def _letters(
    opened: "OpenRound",
    document: dict[str, Any],
    public: dict[str, Any],
    kind: str,
    people: "list[Addressed]",
    dated: str,
) -> "list[Letter]":
    from praktijktest.casework import letters

    about = opened.design.round
    said = {"sender": about.commissioner or "", "contact": about.contact or "", "dated": dated}
    if kind == "general":
        if not public["contrasts"]:
            raise RefusedError(
                "There were too few tests or agents to tell all of them what was found: one could "
                "work out what another did."
            )
        return [letters.general_letter(public, **said)]
    if kind == "individual":
        shown = frozenset(entry["id"] for entry in public["contrasts"])
        return [letters.individual_letter(document, one, shown=shown, **said) for one in people]
    make = {
        "invitation": letters.invitation_letter,
        "cleared": letters.cleared_letter,
    }[kind]
    return [make(document, one, **said) for one in people]


def _note(opened: "OpenRound", kind: str, reason: str, count: int) -> None:
    from praktijktest.rounds.export_gate import note

    values = {
        "what": "letters",
        "letter": kind,
        "letters": str(count),
        "reason": " ".join(reason.split()),
    }
    note(opened, "exported", values)


def _unknown(pseudonym: str) -> Problem:
    return Problem(
        code="no-name",
        message="name and address are not known (any more); a place is left for them",
        level="warning",
        value=pseudonym,
    )
