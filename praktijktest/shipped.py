"""Where the designs and example rounds that come with the program are on this machine."""

from pathlib import Path
from typing import Literal

from praktijktest.problems import UsageError

ShippedKind = Literal["designs", "data"]

_PACKAGE = Path(__file__).resolve().parent


def shipped(kind: ShippedKind, name: str) -> Path:
    """Find a shipped file, in an installed wheel, an editable install or a checkout.

    Args:
        kind: "designs" for design files, "data" for example rounds.
        name: path under that folder, with forward slashes: "ghent-simulated/log.csv".

    Returns:
        The path of the file or folder.

    Raises:
        UsageError: nothing of that name is shipped; the message lists what is.
    """
    home = _home(kind)
    found = (home / name).resolve()
    if home not in found.parents or not found.exists():
        listed = ", ".join(sorted(path.name for path in home.glob("*")))
        raise UsageError(f"There is no {name!r} among the shipped {kind}. There is: {listed}.")
    return found


def _home(kind: ShippedKind) -> Path:
    """The folder in the checkout where the package lies in one, else the wheel's copy.

    The checkout goes first: it is what somebody edits, and an editable install may have
    left an older copy beside other packages.
    """
    checkout = _PACKAGE.parent
    if (checkout / "pyproject.toml").is_file() and (checkout / kind).is_dir():
        return checkout / kind
    return _PACKAGE / "_shipped" / kind
