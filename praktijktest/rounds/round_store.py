"""A round folder with its ledger and identity store, open for one command."""

import getpass
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from praktijktest.problems import UsageError
from praktijktest.rounds.ledger_design import ledger_design
from praktijktest.rounds.plan import DESIGN
from praktijktest.rounds.plan_sync import synchronise_plan

if TYPE_CHECKING:
    from praktijktest.design import Design
    from praktijktest.fieldwork.identities import Identities
    from praktijktest.fieldwork.ledger import Ledger

__all__ = ["OpenRound", "ledger_design", "open_round", "synchronise_plan"]


class OpenRound:
    """A round folder that a command works in.

    The identity store is opened when it is first asked for, so that a command which needs
    no identities needs no right to them.

    Attributes:
        folder: the round folder.
        design: its design.
        ledger: its ledger.
    """

    def __init__(
        self,
        folder: Path,
        design: "Design",
        ledger: "Ledger",
        person: str | None,
        create: bool,
        closing: ExitStack,
    ) -> None:
        self.folder = folder
        self.design = design
        self.ledger = ledger
        self._person = person
        self._create = create
        self._closing = closing

    @cached_property
    def identities(self) -> "Identities":
        """The identity store of the round.

        It is made with the ledger and never later: a new key beside events that were stored
        under the old one would give everybody a second pseudonym.
        """
        from praktijktest.fieldwork.identities import open_identities

        create = self._create and self.ledger.head().sequence == 0
        opened = open_identities(self.folder, self.design.round.id, create=create)
        return self._closing.enter_context(opened)

    @cached_property
    def who(self) -> str:
        """Pseudonym of the person who gives the command."""
        name = self._person or os.environ.get("PRAKTIJKTEST_WHO") or _login_name()
        return self.identities.pseudonyms("person", [name])[name]


@contextmanager
def open_round(
    folder: Path, *, store: str | None = None, who: str | None = None, create: bool = True
) -> Iterator[OpenRound]:
    """Open a round folder, its ledger, and its identity store once that is needed.

    Args:
        folder: the round folder, with design.toml.
        store: URL of the ledger; default: PRAKTIJKTEST_STORE, else round.db in the folder.
        who: the person; default: PRAKTIJKTEST_WHO, else the login name. The ledger keeps a
            pseudonym.
        create: make the stores where there are none; false for commands that only read.

    Raises:
        UsageError: it is no round folder, or there is no ledger to read.
        DesignError: the design cannot be used.
        RefusedError, DataError: as for `open_ledger`.
    """
    from praktijktest.design import read_design
    from praktijktest.fieldwork.ledger import open_ledger

    if not (folder / DESIGN).is_file():
        raise UsageError(
            f"{folder.name or 'This folder'} is not a round folder: it has no {DESIGN}. "
            "Make one with: praktijktest init DIR"
        )
    design = read_design(folder / DESIGN)
    with ExitStack() as closing:
        ledger = closing.enter_context(
            open_ledger(folder, design.round.id, store=store, create=create)
        )
        yield OpenRound(folder, design, ledger, who, create, closing)


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        raise UsageError(
            "Nobody is logged in here; say who you are with --who or PRAKTIJKTEST_WHO."
        ) from None
