"""Until when the label "equal treatment shown" holds."""

import numpy as np
from numpy.typing import NDArray

from praktijktest.analysis.applications import Applications
from praktijktest.analysis.target_counts import TargetCounts, unit_of_flagging
from praktijktest.design import Design


def label_ends(
    applications: Applications, design: Design, counts: TargetCounts
) -> NDArray[np.datetime64]:
    """Per entry, the day some months after its target's last test; NaT where none is dated."""
    sent = applications.coded.sent_at
    if sent is None or not len(counts):
        return np.full(len(counts), np.datetime64("NaT", "D"))
    number, names = unit_of_flagging(applications, design)
    unit = number[applications.test]
    dated = (unit >= 0) & ~np.isnat(sent)
    never = np.iinfo(np.int64).min
    last = np.full(len(names), never, dtype=np.int64)
    np.maximum.at(last, unit[dated], sent[dated].astype("datetime64[us]").astype(np.int64))
    days = last.view("datetime64[us]").astype("datetime64[D]")
    # The same day some months on, or the month's last day where there is no such day.
    months = days.astype("datetime64[M]")
    later = months + design.flagging.label_months
    day_of_month = days - months.astype("datetime64[D]")
    length = (later + 1).astype("datetime64[D]") - later.astype("datetime64[D]")
    first = later.astype("datetime64[D]")
    ends: NDArray[np.datetime64] = first + np.minimum(day_of_month, length - 1)
    return ends[counts.number]
