"""How long applicants wait for a reply: curves, medians and mean waiting within a window.

Silence is a wait that was still going on when the window closed. Within a test the two waits
are compared as they are; the curves describe the groups. Tested against statsmodels.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class WaitingCurve:
    """Share that still waits (Kaplan & Meier 1958).

    Attributes:
        times: moments at which somebody got a reply, rising; shape (moments,).
        waiting: share that still waits from each moment on; shape (moments,).
        median: first moment from which at most half still waits; None where more than half
            never got a reply.
    """

    times: FloatArray
    waiting: FloatArray
    median: float | None


def waiting_curve(waits: ArrayLike, replied: ArrayLike) -> WaitingCurve:
    """The product-limit curve of the waits of one group.

    Args:
        waits: time until the reply, or until nobody looked any more; shape (applicants,).
        replied: whether it ended in a reply; shape (applicants,).

    Raises:
        ValueError: lengths differ, or a wait is negative or missing.
    """
    time, ended = _waits(waits, replied)
    if not ended.any():
        return WaitingCurve(np.zeros(0), np.zeros(0), None)
    moments, replies = np.unique(time[ended], return_counts=True)
    at_risk = len(time) - np.searchsorted(np.sort(time), moments, side="left")
    share = np.cumprod(1.0 - replies / at_risk).astype(np.float64)
    reached = np.flatnonzero(share <= 0.5 + 1e-12)
    median = float(moments[reached[0]]) if len(reached) else None
    return WaitingCurve(moments.astype(np.float64), share, median)


def waits_within(waits: ArrayLike, replied: ArrayLike, window: float) -> FloatArray:
    """Every wait as far as it lies within the window; without a reply it is the window.

    The mean of these is the restricted mean waiting time, and the mean of their differences
    within tests estimates its difference without any model, silence included.

    Args:
        waits: as for `waiting_curve`.
        replied: as for `waiting_curve`.
        window: length of the window.

    Raises:
        ValueError: as `waiting_curve`, or a silent wait was not followed to its end.
    """
    time, ended = _waits(waits, replied)
    if (time[~ended] < window).any():
        raise ValueError("Every silent applicant must have been followed for the whole window.")
    return np.minimum(time, window)


def _waits(waits: ArrayLike, replied: ArrayLike) -> tuple[FloatArray, BoolArray]:
    time, ended = np.asarray(waits, dtype=np.float64), np.asarray(replied, dtype=bool)
    if time.shape != ended.shape:
        raise ValueError(f"Waits {time.shape} do not fit replies {ended.shape}.")
    if not (time >= 0).all():
        raise ValueError("A wait cannot be negative or missing.")
    return time, ended
