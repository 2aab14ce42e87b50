"""The studies of one ground together: pooled effect, its checks and what to keep in mind."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, stdtr, stdtrit

from praktijktest.rounds.pool_effects import RATIOS, StudyEffect, back_transformed
from praktijktest.rounds.pooled_moderator import moderation
from praktijktest.statistics.multilevel_pooling import MultilevelPooled, pool_multilevel
from praktijktest.statistics.pooling import Pooled, pool
from praktijktest.statistics.proportions import critical_value
from praktijktest.statistics.small_studies import FEWEST, SmallStudies, small_studies

FloatArray = NDArray[np.floating[Any]]
IntArray = NDArray[np.int64]

FEW: Final = 5
"""Below so many studies the variance between them is hardly known."""
MOST_LEFT_OUT: Final = 250
"""Up to so many studies the analysis is made again without each."""
SPREADLESS: Final = 1e-6
"""Studies that agree to this share of their standard error leave no spread to measure."""


@dataclass(frozen=True, slots=True)
class Effects:
    """The effects of one ground as arrays, each of shape (effects,).

    Attributes:
        values: on the scale of the analysis.
        least, largest: the ends of their variances.
        study: number of the study of each.
        cluster: number of the group within studies; the effect's own where none was named.
        ratio: the scale is a logarithm.
    """

    values: FloatArray
    least: FloatArray
    largest: FloatArray
    study: IntArray
    cluster: IntArray
    ratio: bool

    @property
    def studies(self) -> int:
        """How many studies there are."""
        return len(np.unique(self.study))

    @property
    def nested(self) -> bool:
        """Whether a three-level model is needed and can be fitted."""
        return 2 <= self.studies < len(self.values)

    def select(self, rows: NDArray[np.bool_]) -> "Effects":
        """Some of the effects, with studies and clusters numbered anew."""
        return Effects(
            self.values[rows],
            self.least[rows],
            self.largest[rows],
            _numbered(self.study[rows]),
            _numbered(self.cluster[rows]),
            self.ratio,
        )


def pooled_ground(
    ground: str | None,
    found: Sequence[StudyEffect],
    *,
    measure: str,
    confidence: float,
    moderator: str | None,
) -> dict[str, Any]:
    """Everything about one ground, as plain data.

    Args:
        ground: its code, None where none is named.
        found: its studies.
        measure: name of the measure.
        confidence: of every interval.
        moderator: covariate of a meta-regression, None without.
    """
    used = [effect for effect in found if effect.effect is not None]
    data = _effects(used, ratio=measure in RATIOS) if used else None
    fitted = None if data is None else fit(data, data.largest, confidence)
    ends = None
    if data is not None and (data.least < data.largest).any():
        ends = fit(data, data.least, confidence)
    if fitted is not None and fitted["model"] == "one-study":
        fitted["pooled"] = _alone(used[0], measure, confidence)
    weights = [None] * len(used) if fitted is None else fitted["weights"]
    return {
        "ground": ground,
        "effects": len(used),
        "studies": 0 if data is None else data.studies,
        "rows": [
            _row(effect, weight, measure, confidence)
            for effect, weight in zip(used, weights, strict=True)
        ],
        "left_out": [
            {**effect.to_dict(), "reason": effect.reason, "usable_range": effect.usable}
            for effect in found
            if effect.effect is None
        ],
        **({"model": "none"} if fitted is None else _without_weights(fitted)),
        "least_variance": None if ends is None else _without_weights(ends),
        "leave_one_out": []
        if data is None
        else _leave_one_out(data, used, confidence, (fitted or {}).get("multilevel")),
        "small_studies": None if data is None else _small_studies(data, confidence),
        "moderator": None
        if moderator is None or data is None
        else moderation(data, used, moderator, confidence),
        "messages": [] if data is None else _messages(data, used, fitted or {}),
    }


def _without_weights(fitted: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fitted.items() if name != "weights"}


def _effects(used: Sequence[StudyEffect], *, ratio: bool) -> Effects:
    effects = [effect.effect for effect in used if effect.effect is not None]
    study = [effect.origin.study for effect in used]
    cluster = [
        f"{effect.origin.study}\0{effect.origin.cluster}"
        if effect.origin.cluster is not None
        else f"\0{place}"
        for place, effect in enumerate(used)
    ]
    return Effects(
        np.array([effect.value for effect in effects]),
        np.array([effect.variance_low for effect in effects]),
        np.array([effect.variance_high for effect in effects]),
        _numbered(study),
        _numbered(cluster),
        ratio,
    )


def _numbered(names: Any) -> IntArray:
    return np.unique(names, return_inverse=True)[1].astype(np.int64)


def fit(
    data: Effects,
    variances: FloatArray,
    confidence: float,
    near: tuple[float, float] | None = None,
) -> dict[str, Any]:
    """The pooled effect with one set of variances: model, intervals, heterogeneity, weights."""
    plain = pool(data.values, variances, confidence=confidence)
    two_level = _two_level(plain, data, confidence)
    if not data.nested:
        alone = len(data.values) == 1
        without = alone or two_level["hksj"]["low"] is None
        return {
            "model": "one-study" if alone else "normal" if without else "reml",
            "pooled": two_level["normal"] if without else two_level["hksj"],
            "prediction": two_level["prediction"],
            "multilevel": None,
            "two_level": two_level,
            "weights": plain.weights.tolist(),
        }
    nested = pool_multilevel(
        data.values, variances, data.study, data.cluster, confidence=confidence, near=near
    )
    limits = (nested.value, nested.se, nested.low, nested.high, nested.p)
    return {
        "model": "multilevel",
        "pooled": _summary(*limits, ratio=data.ratio),
        "prediction": _prediction(nested, confidence, ratio=data.ratio),
        "multilevel": {"between": nested.between, "within": nested.within},
        "two_level": two_level,
        "weights": nested.weights.tolist(),
    }


def _two_level(found: Pooled, data: Effects, confidence: float) -> dict[str, Any]:
    """The model in which every effect is a study of its own."""
    hksj, normal = found.coefficients[0], found.normal[0]
    prediction = found.prediction
    if hksj.se is not None and normal.se is not None and hksj.se <= SPREADLESS * normal.se:
        hksj, prediction = replace(hksj, low=None, high=None, p=None), None
    value, error = found.fixed
    half = critical_value(confidence) * error
    fixed = _summary(value, error, value - half, value + half, None, ratio=data.ratio)
    low, high = prediction or (None, None)
    return {
        "hksj": _summary(hksj.value, hksj.se, hksj.low, hksj.high, hksj.p, ratio=data.ratio),
        "normal": _summary(
            normal.value, normal.se, normal.low, normal.high, normal.p, ratio=data.ratio
        ),
        "fixed": fixed,
        "prediction": _limits(low, high, ratio=data.ratio),
        "tau2": found.tau2,
        "tau2_dl": found.tau2_dl,
        "tau2_pm": found.tau2_pm,
        "i2": found.i2,
        "q": found.q,
        "q_p": found.q_p,
    }


def _prediction(
    found: MultilevelPooled, confidence: float, *, ratio: bool
) -> dict[str, Any] | None:
    if found.studies < 3:
        return None
    t = float(stdtrit(found.studies - 1, 0.5 + confidence / 2))
    half = t * sqrt(found.se**2 + found.between + found.within)
    return _limits(found.value - half, found.value + half, ratio=ratio)


def _summary(
    value: float,
    se: float | None,
    low: float | None,
    high: float | None,
    p: float | None,
    *,
    ratio: bool,
) -> dict[str, Any]:
    """An effect on the scale of the analysis and as people read it."""
    ends = {"value": value, "low": low, "high": high}
    shown = {name: _possible(end, ratio=ratio) for name, end in ends.items()}
    return {"value": value, "se": se, "low": low, "high": high, "p": p, "back_transformed": shown}


def _possible(value: float | None, *, ratio: bool) -> float | None:
    """A value as people read it: no net rate lies beyond all tests."""
    shown = back_transformed(value, ratio=ratio)
    return shown if shown is None or ratio else max(-1.0, min(1.0, shown))


def _limits(low: float | None, high: float | None, *, ratio: bool) -> dict[str, Any] | None:
    if low is None or high is None:
        return None
    ends = {"low": low, "high": high}
    shown = {name: _possible(end, ratio=ratio) for name, end in ends.items()}
    return {"low": low, "high": high, "back_transformed": shown}


def _row(
    effect: StudyEffect, weight: float | None, measure: str, confidence: float
) -> dict[str, Any]:
    """One study with its own interval, which takes the largest variance that is possible."""
    found = effect.effect
    assert found is not None
    return {
        **effect.to_dict(),
        **_alone(effect, measure, confidence),
        "se_least": sqrt(found.variance_low),
        "weight": weight,
        "covariates": dict(effect.origin.covariates),
    }


def _alone(effect: StudyEffect, measure: str, confidence: float) -> dict[str, Any]:
    """The result of one study with its own interval: t where its variance was estimated."""
    found, freedom = effect.effect, effect.freedom
    assert found is not None
    error = sqrt(found.variance_high)
    if freedom is None:
        critical, p = critical_value(confidence), float(2 * ndtr(-abs(found.value) / error))
    else:
        critical = float(stdtrit(freedom, 0.5 + confidence / 2))
        p = float(2 * stdtr(freedom, -abs(found.value) / error))
    low, high = found.value - critical * error, found.value + critical * error
    return _summary(found.value, error, low, high, p, ratio=measure in RATIOS)


def _leave_one_out(
    data: Effects,
    used: Sequence[StudyEffect],
    confidence: float,
    variances: dict[str, float] | None,
) -> list[dict[str, Any]]:
    """The pooled effect without each study, where at least two remain."""
    units = data.study if data.nested else np.arange(len(data.values))
    count = len(np.unique(units))
    if not 3 <= count <= MOST_LEFT_OUT:
        return []
    near = None if variances is None else (variances["between"], variances["within"])
    found = []
    for unit in dict.fromkeys(units.tolist()):
        rest = data.select(units != unit)
        fitted = fit(rest, rest.largest, confidence, near)
        first = used[int(np.flatnonzero(units == unit)[0])].origin
        found.append(
            {
                "left_out": first.study if data.nested else first.label,
                "model": fitted["model"],
                **fitted["pooled"],
                "i2": fitted["two_level"]["i2"],
            }
        )
    return found


def _small_studies(data: Effects, confidence: float) -> dict[str, Any] | None:
    """Whether small studies show more; not asked below ten, or where effects share studies."""
    if data.nested:
        return None
    found: SmallStudies | None = small_studies(data.values, data.largest, confidence=confidence)
    if found is None:
        return None
    slope = found.slope
    return {
        "effects": found.studies,
        "tau": found.tau,
        "rank_p": found.rank_p,
        "slope": None if slope is None else slope.value,
        "slope_p": None if slope is None else slope.p,
    }


def _messages(
    data: Effects, used: Sequence[StudyEffect], fitted: dict[str, Any]
) -> list[dict[str, Any]]:
    """What a reader must know of these numbers, as codes with values."""
    said: list[tuple[str, dict[str, Any]]] = []
    k = len(used)
    if k == 1:
        said.append(("one-study", {}))
    elif data.nested:
        said.append(("several-effects", {"count": k, "studies": data.studies}))
    elif data.studies == 1:
        said.append(("effects-of-one-study", {"count": k}))
    units = data.studies if data.nested else k
    if 2 <= units < FEW:
        said.append(("few-studies", {"count": units}))
    for given in ("clustered", "margins", "groups", "published"):
        count = sum(effect.given == given for effect in used)
        if count:
            said.append((given, {"count": count}))
    for name in ("shifted", "recurring"):
        count = sum(getattr(effect, name) for effect in used)
        if count:
            said.append((name, {"count": count}))
    if fitted["model"] == "normal":
        said.append(("all-equal", {}))
    if fitted["model"] == "reml" and _shorter(fitted["two_level"]):
        said.append(("hksj-shorter", {}))
    if k >= FEWEST and data.nested:
        said.append(("no-small-study-check", {}))
    return [{"code": code, "values": values} for code, values in said]


def _shorter(two_level: dict[str, Any]) -> bool:
    """Whether the interval is shorter than if studies did not differ, which flatters it."""
    hksj, fixed = two_level["hksj"], two_level["fixed"]
    if hksj["low"] is None:
        return False
    return bool(hksj["high"] - hksj["low"] < fixed["high"] - fixed["low"])
