"""Whatever the rows: every target shares what others may know of it with k - 1 others."""

from random import Random

import pandas as pd
import pytest

from praktijktest.disclosure.anonymity import HIDDEN, anonymous


@pytest.mark.parametrize("seed", range(12))
def test_every_target_shares_its_values_with_enough_others(seed: int) -> None:
    random = Random(seed)
    count, k = random.choice([2, 8, 30, 60]), random.choice([3, 4, 6])
    rows = []
    for number in range(count):
        places = [
            (random.choice("abcdef"), str(random.randrange(8)), random.choice("xy"))
            for _ in range(random.choice([1, 1, 1, 2]))
        ]
        rows += [(f"P{number}", *random.choice(places)) for _ in range(3)]
    frame = pd.DataFrame(rows, columns=["unit", "a", "b", "c"], dtype=object)
    known = ["a", "b", "c"]
    found, check = anonymous(frame[known], frame["unit"], known, [], k)
    seen = [
        tuple(tuple(sorted(set(own[name]))) for name in known)
        for _, own in found.groupby(frame["unit"])
    ]
    assert min(seen.count(values) for values in seen) == check.smallest >= min(k, count)
    kept = found.where(found != HIDDEN, frame[known])
    assert kept.equals(frame[known])  # a value is taken away or stays as it was


def test_rows_without_anything_known_stay_as_they_are() -> None:
    frame = pd.DataFrame({"outcome": ["x", "y"]}, dtype=object)
    found, check = anonymous(frame, pd.Series(["P1", "P2"]), [], [], 5)
    assert found.equals(frame)
    assert check.columns == ()
