"""The columns of a simulated log."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Columns = dict[str, NDArray[Any]]


def log_columns(per_test: Columns, per_application: Columns, sent: NDArray[np.bool_]) -> Columns:
    """One row per application: by test, in the order of sending, without what was never sent.

    Args:
        per_test: column -> one value per test, [test].
        per_application: column -> one value per applicant, [test, arm]; with `position`.
        sent: whether the application was sent, [test, arm].
    """
    columns = {key: np.repeat(values, 2) for key, values in per_test.items()}
    columns |= {key: values.reshape(-1) for key, values in per_application.items()}
    order = np.lexsort((columns["position"], np.repeat(np.arange(len(sent)), 2)))
    order = order[sent.reshape(-1)[order]]
    return {key: values[order] for key, values in columns.items()}


def numbered(
    pattern: str, count: int, numbers: NDArray[np.int64] | None = None
) -> NDArray[np.object_]:
    """Names with a number in them: 1 to `count`, or the numbers given."""
    wanted = range(1, count + 1) if numbers is None else numbers.tolist()
    return text([pattern.format(number) for number in wanted])


def text(values: Sequence[str]) -> NDArray[np.object_]:
    """Texts as an array that holds them as they are."""
    return np.array(values, dtype=object)
