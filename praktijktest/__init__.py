"""praktijktest: discrimination practice tests, from design to case file.

`praktijktest.analyse(log, design)` gives in a notebook the same analysis as the command.
"""

from typing import TYPE_CHECKING, Any

from praktijktest.vocabulary import VERSION

if TYPE_CHECKING:
    from praktijktest.rounds.analyse import analyse
    from praktijktest.rounds.counts import counts

__version__ = VERSION
__all__ = ["__version__", "analyse", "counts"]

_HOMES = {"analyse": "praktijktest.rounds.analyse", "counts": "praktijktest.rounds.counts"}


def __getattr__(name: str) -> Any:
    """Load what needs pandas or scipy only when somebody asks for it."""
    if name not in _HOMES:
        raise AttributeError(f"module 'praktijktest' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
