"""The example rounds in `data/`: made here, so that anybody can make them again."""

from pathlib import Path

import numpy as np

from praktijktest.simulation.parameters import ghent_like
from praktijktest.simulation.rounds import simulate_round
from praktijktest.simulation.writing import write_csv

GHENT_SEED = 2026
WASHINGTON_COUNTS = {(1, 1): 40, (1, 0): 46, (0, 1): 14, (0, 0): 141}
"""(white hired, Black hired) -> pairs; Urban Institute 1988, in Heckman and Siegelman 1993."""


def write_examples(folder: str | Path) -> None:
    """Write the logs and truth of every example round under `folder`.

    Args:
        folder: the `data/` folder; `ghent-simulated/log.csv`, `ghent-simulated/truth.csv`
            and `washington-1988/log.csv` are written in it, the datasheets are left alone.
    """
    home = Path(folder)
    ghent = simulate_round(ghent_like(), GHENT_SEED)
    write_csv(ghent.log, home / "ghent-simulated" / "log.csv")
    write_csv(ghent.truth, home / "ghent-simulated" / "truth.csv")
    outcomes = np.array(list(WASHINGTON_COUNTS))
    pairs = np.repeat(outcomes, list(WASHINGTON_COUNTS.values()), axis=0)
    write_csv({"w": pairs[:, 0], "b": pairs[:, 1]}, home / "washington-1988" / "log.csv")
