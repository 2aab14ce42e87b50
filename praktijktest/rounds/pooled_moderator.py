"""Meta-regression on one covariate: do effects go with it?"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from praktijktest.rounds.pool_effects import StudyEffect, back_transformed
from praktijktest.statistics.multilevel_pooling import pool_multilevel
from praktijktest.statistics.pooling import Coefficient, pool

if TYPE_CHECKING:
    from praktijktest.rounds.pooled_ground import Effects


def moderation(
    data: "Effects", used: Sequence[StudyEffect], column: str, confidence: float
) -> dict[str, Any]:
    """A meta-regression of the effects on one covariate, or why there is none.

    A covariate is a number, or a text with two values.

    Args:
        data: the effects.
        used: the studies behind them, in the same order.
        column: name of the covariate.
        confidence: of the slope's limits.
    """
    texts = [effect.origin.covariates.get(column, "") for effect in used]
    present = np.array([text != "" for text in texts])
    document: dict[str, Any] = {
        "column": column,
        "missing": int((~present).sum()),
        "effects": int(present.sum()),
        "levels": None,
        "slope": None,
        "problem": None,
    }
    known = [text for text in texts if text]
    if not known:
        return {**document, "problem": "no-variation"}
    values, levels = _covariate(known)
    if values is None:
        return {**document, "problem": "too-many-values", "levels": levels}
    document["levels"] = levels
    rest = data.select(present)
    try:
        slope, between, before = _slope(rest, values - values.mean(), column, confidence)
    except ValueError:
        return {**document, "problem": "no-variation"}
    if slope.low is None or slope.high is None:
        return {**document, "problem": "no-variation"}
    shown = [back_transformed(end, ratio=data.ratio) for end in _ends(slope)]
    return {
        **document,
        "slope": {
            "value": slope.value,
            "se": slope.se,
            "low": slope.low,
            "high": slope.high,
            "p": slope.p,
            "back_transformed": dict(zip(("value", "low", "high"), shown, strict=True)),
        },
        "tau2": between,
        "tau2_without": before,
        "explained": max(0.0, 1 - between / before) if before > 0 else None,
    }


def _ends(slope: Coefficient) -> tuple[float, float, float]:
    assert slope.low is not None and slope.high is not None
    return slope.value, slope.low, slope.high


def _covariate(known: Sequence[str]) -> tuple[NDArray[np.float64] | None, list[str] | None]:
    """The covariate as numbers, with its two values where it is a text."""
    from praktijktest.tables import parse_numbers

    numbers, bad = parse_numbers(list(known))
    if not bad.any():
        return numbers, None
    levels = sorted(set(known))
    if len(levels) > 2:
        return None, levels[:20]
    return np.array([float(text == levels[-1]) for text in known]), levels


def _slope(
    data: "Effects", covariate: NDArray[np.float64], name: str, confidence: float
) -> tuple[Coefficient, float, float]:
    """The slope, and the variance between effects with and without the covariate."""
    if not data.nested:
        found = pool(
            data.values,
            data.largest,
            moderator=covariate,
            moderator_name=name,
            confidence=confidence,
        )
        return found.coefficients[1], found.tau2, pool(data.values, data.largest).tau2
    nested = pool_multilevel(
        data.values,
        data.largest,
        data.study,
        data.cluster,
        moderator=covariate,
        moderator_name=name,
        confidence=confidence,
    )
    plain = pool_multilevel(data.values, data.largest, data.study, data.cluster)
    assert nested.slope is not None
    return nested.slope, nested.between + nested.within, plain.between + plain.within
