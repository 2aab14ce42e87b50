"""What reviewers ask of every paired test: order, letters and names, and crossed grounds."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import fdtrc

from praktijktest.analysis.models.frame import ModelFrame
from praktijktest.analysis.models.kinds import blank, clustered_errors, logit, unspread
from praktijktest.analysis.models.results import FloatArray, ModelResult, Term, said, terms_of
from praktijktest.statistics.sandwich import (
    LeastSquares,
    clustered_covariance,
    least_squares,
    rank_of,
    variances,
)

MOST_LEVELS = 40


def level_check(
    frame: ModelFrame, texts: NDArray[np.object_], name: str, confidence: float
) -> ModelResult:
    """Whether the effect of the test group differs by the level of a column: order, letter.

    A linear model with the group, the levels and their products; the joint p is that of all
    products together (Wald F on clusters minus one).

    Args:
        frame: the applications.
        texts: the level of each.
        name: "order" or "template".
        confidence: of the intervals.
    """
    frame, texts = _shared(*_filled(frame, texts, name), name)
    levels = sorted(set(texts.tolist()))
    if len(levels) < 2:
        return blank(frame, name, "CR1", said("one-level", name=name))
    if len(levels) > MOST_LEVELS:
        count = len(levels)
        return blank(frame, name, "CR1", said("too-many-levels", name=name, count=count))
    group = frame.group.astype(np.float64)
    dummies = [(texts == level).astype(np.float64) for level in levels[1:]]
    columns = [np.ones(len(frame)), group, *dummies, *(group * dummy for dummy in dummies)]
    names = [
        "constant",
        "test_group",
        *(f"{name}: {level}" for level in levels[1:]),
        *(f"test_group × {name}: {level}" for level in levels[1:]),
    ]
    found = _checked(frame, name, columns, names, len(dummies), confidence)
    return replace(found, reference={name: levels[0]})


def _filled(
    frame: ModelFrame, texts: NDArray[np.object_], name: str
) -> tuple[ModelFrame, NDArray[np.object_]]:
    """The applications that have a text; who has none belongs to no level, not to the first."""
    there = np.array([bool(text) for text in texts.tolist()], dtype=bool)
    if there.all():
        return frame, texts
    missing = said("missing-values", name=name, count=int((~there).sum()))
    frame = replace(frame, messages=(*frame.messages, missing))
    return frame.chosen(there), texts[there]


def _shared(
    frame: ModelFrame, texts: NDArray[np.object_], name: str
) -> tuple[ModelFrame, NDArray[np.object_]]:
    """The applications at levels that both groups have; the others tell of no difference."""
    both = set(texts[frame.group].tolist()) & set(texts[~frame.group].tolist())
    there = np.array([text in both for text in texts.tolist()], dtype=bool)
    # With one level left there is no check; that the group decides the level says more.
    if there.all() or len(both) < 2:
        return frame, texts
    left_out = said("levels-of-one-group", name=name, count=int((~there).sum()))
    frame = replace(frame, messages=(*frame.messages, left_out))
    return frame.chosen(there), texts[there]


def identity_check(frame: ModelFrame, texts: NDArray[np.object_], confidence: float) -> ModelResult:
    """Whether the names within a group did equally well.

    Args:
        frame: the applications.
        texts: the name each applicant wrote under.
        confidence: of the intervals.
    """
    frame, texts = _filled(frame, texts, "identity")
    columns = [np.ones(len(frame)), frame.group.astype(np.float64)]
    names = ["constant", "test_group"]
    reference = {}
    for arm, label in ((False, "control"), (True, "test")):
        levels = sorted(set(texts[frame.group == arm].tolist()))
        if levels:
            reference[label] = levels[0]
        for level in levels[1:]:
            columns.append(((texts == level) & (frame.group == arm)).astype(np.float64))
            names.append(f"{label}: {level}")
    extra = len(columns) - 2
    if not extra:
        return blank(frame, "identity", "CR1", said("one-level", name="identity"))
    if extra > 2 * MOST_LEVELS:
        return blank(
            frame, "identity", "CR1", said("too-many-levels", name="identity", count=extra + 2)
        )
    found = _checked(frame, "identity", columns, names, extra, confidence)
    return replace(found, reference=reference)


def _checked(
    frame: ModelFrame,
    name: str,
    columns: Sequence[FloatArray],
    names: list[str],
    tested: int,
    confidence: float,
) -> ModelResult:
    """A linear model with the joint test of its last terms."""
    x = np.column_stack(columns)
    if rank_of(x) < x.shape[1]:
        return blank(frame, name, "CR1", said("collinear", name=name))
    if frame.clusters < 2:
        return blank(frame, name, "CR1", said("one-cluster"))
    fit = least_squares(x, frame.positive.astype(np.float64))
    robust, correction, messages = clustered_errors(fit, frame.cluster)
    terms = terms_of(names, fit.coefficients, robust.standard_errors, robust.degrees, confidence)
    joint = _joint_p(fit, frame.cluster, tested)
    untold = (said("no-joint-test"),) if joint is None else ()
    return replace(
        blank(frame, name, correction, *messages, *unspread(terms), *untold),
        terms=terms,
        joint_p=joint,
    )


def _joint_p(fit: LeastSquares, cluster: NDArray[np.int64], tested: int) -> float | None:
    """Wald F test that the last coefficients are all zero; None with too few clusters."""
    clusters = int(cluster.max()) + 1
    if clusters - tested < 1:
        return None
    covariance = clustered_covariance(fit.bread, fit.x * fit.residuals[:, None], cluster)
    part = covariance[-tested:, -tested:]
    if not variances(covariance, fit)[-tested:].all() or rank_of(part) < tested:
        return None
    last = fit.coefficients[-tested:]
    statistic = float(last @ np.linalg.solve(part, last)) / tested
    return float(fdtrc(tested, clusters - 1, statistic))


def crossed(
    frame: ModelFrame, texts: NDArray[np.object_], attribute: str, confidence: float
) -> list[ModelResult]:
    """How the effect of the test group differs by another ground, on both scales.

    Additive: a linear model, whose product terms are differences of differences in chances,
    and the relative excess risk (RERI) with a delta-method interval. Multiplicative: a logit,
    whose product terms are log ratios of odds ratios.

    Args:
        frame: the applications.
        texts: the level of the other attribute for each.
        attribute: its name.
        confidence: of the intervals.
    """
    frame, texts = _filled(frame, texts, attribute)
    levels = sorted(set(texts.tolist()))
    name = "interaction"
    if len(levels) < 2:
        return [blank(frame, name, "CR1", said("one-level", name=attribute))]
    dummies = np.column_stack([(texts == level).astype(np.float64) for level in levels[1:]])
    products = dummies * frame.group[:, None]
    labels = [f"{attribute}: {level}" for level in levels[1:]]
    names = (*labels, *(f"test_group × {label}" for label in labels))
    wider = replace(
        frame,
        covariates=np.column_stack([dummies, products]),
        names=names,
        reference={attribute: levels[0]},
    )
    x, _ = wider.regressors()
    if rank_of(x) < x.shape[1] or frame.clusters < 2:
        code = "one-cluster" if frame.clusters < 2 else "collinear"
        values = {} if code == "one-cluster" else {"name": attribute}
        return [blank(frame, name, "CR1", said(code, **values))]
    fit = least_squares(x, frame.positive.astype(np.float64))
    robust, correction, messages = clustered_errors(fit, frame.cluster)
    all_names = ("constant", "test_group", *names)
    terms = terms_of(
        all_names, fit.coefficients, robust.standard_errors, robust.degrees, confidence
    )
    covariance = clustered_covariance(fit.bread, x * fit.residuals[:, None], frame.cluster)
    excess = [
        _excess_risk(fit.coefficients, covariance, place, len(labels), label, confidence, frame)
        for place, label in enumerate(labels)
    ]
    additive = replace(
        blank(wider, "interaction-additive", correction, *messages, *unspread(terms)),
        terms=(*terms, *(term for term in excess if term)),
        joint_p=_joint_p(fit, frame.cluster, len(labels)),
    )
    return [additive, replace(logit(wider, confidence), name="interaction-multiplicative")]


def _excess_risk(
    coefficients: FloatArray,
    covariance: FloatArray,
    place: int,
    levels: int,
    label: str,
    confidence: float,
    frame: ModelFrame,
) -> Term | None:
    """RERI of one level: interaction over the chance of who belongs to neither group."""
    base = float(coefficients[0])
    if base <= 0:
        return None
    product = 2 + levels + place
    value = float(coefficients[product]) / base
    slope = np.zeros(len(coefficients))
    slope[0], slope[product] = -value / base, 1 / base
    error = np.sqrt(slope @ covariance @ slope)
    return terms_of(
        (f"reri × {label}",),
        np.array([value]),
        np.array([error]),
        np.array([frame.clusters - 1.0]),
        confidence,
    )[0]
