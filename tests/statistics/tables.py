"""Four-cell tables for property tests: small, lopsided, empty and very large ones."""

from hypothesis import strategies as st

from praktijktest.statistics.cells import Cells

COUNTS = st.one_of(
    st.integers(0, 3), st.integers(0, 60), st.integers(0, 5000), st.integers(0, 10_000_000)
)
SMALL_COUNTS = st.integers(0, 40)
CONFIDENCES = st.sampled_from((0.80, 0.90, 0.95, 0.99))


def cells(counts: st.SearchStrategy[int] = COUNTS) -> st.SearchStrategy[Cells]:
    """Any four-cell table, the empty one included."""
    return st.builds(Cells, counts, counts, counts, counts)


def nonempty_cells(counts: st.SearchStrategy[int] = COUNTS) -> st.SearchStrategy[Cells]:
    """Four-cell tables with at least one test."""
    return cells(counts).filter(lambda table: table.n > 0)
