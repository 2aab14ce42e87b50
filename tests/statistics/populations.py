"""Rounds with known truth for tests of estimates over targets."""

import numpy as np


def round_of(
    rng: np.random.Generator, targets: int, share: float, tests: tuple[int, int] = (6, 16)
) -> tuple[np.ndarray, np.ndarray]:
    """Cells per target, and true net rates: a share discriminates strongly, the others do not."""
    truth = np.tile([0.2, 0.12, 0.12, 0.56], (targets, 1))
    truth[: round(share * targets)] = [0.2, 0.5, 0.05, 0.25]
    n = rng.integers(*tests, targets)
    cells = np.array([rng.multinomial(m, p) for m, p in zip(n, truth, strict=True)])
    return cells.reshape(targets, 4), truth[:, 1] - truth[:, 2]
