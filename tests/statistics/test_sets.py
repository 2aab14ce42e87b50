"""Net rates of sets of applicants: the British triplets, and pairs as sets of two."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from praktijktest.statistics.clustered import clustered_estimates
from praktijktest.statistics.sets import net_rate_of_sets


def test_the_british_triplets() -> None:
    """Wood and others 2009: 987 vacancies, 155 with a positive reply; 68 v 39 %, net 29 %.

    Positive replies: 10.7 % of 987 white applicants and 6.2 % of 1,974 others.
    """
    white, others, usable = 106, 122, 155
    assert round(white / 987, 3) == 0.107
    assert round(others / 1974, 3) == 0.062
    replies = np.zeros((987, 3), dtype=bool)
    replies[:white, 0] = True
    alone = usable - white
    replies[white:usable, 1] = True
    replies[: others - alone, 2] = True
    assert replies.any(axis=1).sum() == usable
    assert replies[:, 1:].sum() == others
    assert round(white / usable, 2) == 0.68
    assert round(others / 2 / usable, 2) == 0.39
    found = net_rate_of_sets(replies)
    assert found.value == pytest.approx(0.29, abs=0.005)
    assert found.n == usable
    assert found.low is not None
    assert found.low < 0.29 < (found.high or 0)


@given(
    st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 3)), min_size=4, max_size=30)
)
@settings(max_examples=40, deadline=None)
def test_sets_of_two_are_pairs(pairs: list) -> None:
    control, treated, cluster = np.array(pairs, dtype=int).T
    found = net_rate_of_sets(np.column_stack([control, treated]), cluster)
    counts = np.zeros((4, 4), dtype=int)
    np.add.at(counts, (cluster, 2 * (1 - control) + (1 - treated)), 1)
    # Here clusters without a usable test are left out, there they count as clusters.
    used = counts[counts[:, :3].sum(axis=1) > 0]
    expected = clustered_estimates(used)[0]
    assert found.value == pytest.approx(expected.value)
    if expected.low not in (None, -1.0) and found.low is not None and found.low > -1:
        assert found.low == pytest.approx(expected.low)


def test_what_is_no_set() -> None:
    with pytest.raises(ValueError, match="at least two"):
        net_rate_of_sets([[True], [False]])
