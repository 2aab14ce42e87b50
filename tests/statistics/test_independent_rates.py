"""The difference of rates of independent rounds, against Newcombe's published example."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from praktijktest.statistics.independent_rates import difference_limits
from praktijktest.statistics.proportions import wilson


def test_with_wilson_limits_it_is_newcombes_method_10() -> None:
    """Newcombe 1998, table II (a): 56/70 and 48/80, difference 0.2, 0.0524 to 0.3339."""
    first, second = wilson(48, 80, 0.95), wilson(56, 70, 0.95)
    low, high = difference_limits(48 / 80, first, 56 / 70, second)
    assert (round(low, 4), round(high, 4)) == (0.0524, 0.3339)


rates = st.tuples(st.floats(-1, 1), st.floats(0, 0.5), st.floats(0, 0.5))


@given(first=rates, second=rates)
def test_it_holds_the_difference_and_turns_with_the_order(first, second) -> None:
    (x, down1, up1), (y, down2, up2) = first, second
    of_x, of_y = (x - down1, x + up1), (y - down2, y + up2)
    low, high = difference_limits(x, of_x, y, of_y)
    assert low <= y - x <= high
    back = difference_limits(y, of_y, x, of_x)
    assert back == pytest.approx((-high, -low))


def test_an_estimate_outside_its_limits_is_refused() -> None:
    with pytest.raises(ValueError, match="outside"):
        difference_limits(0.5, (0.6, 0.7), 0.1, (-inf, inf))
