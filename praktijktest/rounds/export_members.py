"""An export for a federation: its own members, added up."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from praktijktest.problems import UsageError

if TYPE_CHECKING:
    from praktijktest.fieldwork.identities import Identities

LARGEST: Final = 5_000_000


def member_names(file: Path | None) -> tuple[str, ...]:
    """The members that a file lists: one on a line, or the first column of a table.

    Raises:
        UsageError: no file was named, or it lists nobody.
    """
    if file is None:
        raise UsageError("Name the file that lists the members of the federation with --members.")
    if not file.is_file() or file.stat().st_size > LARGEST:
        raise UsageError(f"There is no list of members {file.name}.")
    text = file.read_bytes().decode("utf-8-sig", "replace")
    lines = (line.replace(";", ",").split(",")[0].strip().strip('"') for line in text.splitlines())
    found = tuple(dict.fromkeys(line for line in lines if line))
    if not found:
        raise UsageError(f"{file.name} lists no members.")
    return found


def members_among(
    names: tuple[str, ...], document: Mapping[str, Any], identities: "Identities | None"
) -> frozenset[str]:
    """The pseudonyms in a report of those that a list names.

    A list may give ids of the frame, names, or pseudonyms of the ledger or the report.

    Raises:
        UsageError: the round judges no single agents.
    """
    from praktijktest.casework.people import names_of_targets

    if not document["targets"]:
        raise UsageError("This round judges no single agents, so there is nothing to add up.")
    known = {row["pseudonym"]: row["pseudonym"] for row in document["targets"]}
    if identities is not None:
        reference = {row["target"]: row["pseudonym"] for row in document["targets"]}
        named = names_of_targets(identities)
        known |= reference
        known |= {name: reference[one] for name, one in named.items() if one in reference}
    return frozenset(known[name] for name in names if name in known)
