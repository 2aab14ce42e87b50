"""A large log through the whole program, as a process of its own; a million rows when asked."""

import json
import sys

import numpy as np
import pytest

from benchmarks.million import HERE, LEAN, measured
from praktijktest.simulation import SimulatedRound, one_ground, simulate_round, write_csv
from praktijktest.vocabulary import SCHEMES

MEMORY_MEGABYTES = 600


@pytest.mark.parametrize(
    "targets",
    [pytest.param(420, id="10,000"), pytest.param(42_000, id="1,000,000", marks=pytest.mark.slow)],
)
def test_a_large_log_is_counted_right_within_the_memory_allowed(targets, tmp_path):
    made = simulate_round(one_ground(targets), seed=targets)
    write_csv({name: made.log[name] for name in LEAN}, tmp_path / "log.csv")
    command = [sys.executable, "-m", "praktijktest", "analyse", str(tmp_path / "log.csv")]
    options = ["--quiet", "--design", str(HERE / "million.toml"), "--out", str(tmp_path / "report")]
    run = measured([*command, *options])
    assert run.memory < MEMORY_MEGABYTES
    document = json.loads((tmp_path / "report" / "analysis.json").read_text(encoding="utf-8"))
    found = next(
        entry for entry in document["contrasts"] if entry["primary"] and entry["stratum"] is None
    )
    assert tuple(found["cells"].values()) == expected_cells(made)
    assert document["data"]["rows_read"] == len(made.log["test"])
    assert document["data"]["targets"] == targets


def expected_cells(made: SimulatedRound) -> tuple[int, ...]:
    """The four cells by a route of their own: sorted rows, two by two."""
    log = made.log
    failing = np.isin(log["outcome"], list(SCHEMES["housing"].failed))
    _, test = np.unique(log["test"], return_inverse=True)
    lost = np.bincount(test, weights=failing) > 0
    whole = (np.bincount(test) == 2) & ~lost
    rows = np.flatnonzero(whole[test])
    positive = np.isin(log["outcome"], SCHEMES["housing"].strict)
    control = log["profile"] == "flemish"
    order = rows[np.lexsort((~control[rows], test[rows]))]
    pairs = positive[order].reshape(-1, 2)
    number = np.bincount(3 - 2 * pairs[:, 0] - pairs[:, 1], minlength=4)
    return tuple(int(count) for count in number)
