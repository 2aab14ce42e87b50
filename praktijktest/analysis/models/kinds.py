"""The models a design can ask for, each from a frame to a result."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from praktijktest.analysis.models.frame import ModelFrame
from praktijktest.analysis.models.results import (
    FloatArray,
    ModelMessage,
    ModelResult,
    Term,
    quiet,
    said,
    terms_of,
)
from praktijktest.statistics.heteroskedastic_probit import fit_heteroskedastic_probit
from praktijktest.statistics.mixed_logit import MixedLogit, fit_mixed_logit, within_reach
from praktijktest.statistics.sandwich import (
    LeastSquares,
    Robust,
    clustered_covariance,
    cr1,
    cr2,
    least_squares,
    without_rounding,
)
from praktijktest.statistics.scaling import standardised
from praktijktest.statistics.separation import one_sided, separated
from praktijktest.statistics.wild_bootstrap import wild_cluster_p

FEW_CLUSTERS = 40
"""Below this many clusters a linear model uses CR2 with Satterthwaite degrees of freedom."""

MOST_LOG_RATIO = 3.0
"""Where one group's standard deviation comes out more than e to this power times the other's, the
search has run away."""

MOST_LOG_RATIO_ERROR = 1.0
"""With a larger error the covariates do not tell a difference in level from one in variance."""


def blank(frame: ModelFrame, name: str, correction: str, *messages: ModelMessage) -> ModelResult:
    """A model without terms yet, or one that could not be fitted."""
    return ModelResult(
        contrast=frame.contrast,
        name=name,
        rule=frame.rule,
        terms=(),
        cluster=frame.unit,
        clusters=frame.clusters,
        n=len(frame),
        correction=correction,
        reference=frame.reference,
        joint_p=None,
        details={},
        messages=(*frame.messages, *messages),
    )


def linear(frame: ModelFrame, confidence: float, draws: int, seed: int) -> ModelResult:
    """Linear probability model: differences in percentage points."""
    x, names = frame.regressors()
    fit = least_squares(x, frame.positive.astype(np.float64))
    if frame.clusters < 2:
        found = terms_of(names, fit.coefficients, None, None, confidence)
        return replace(blank(frame, "lpm", "CR1", said("one-cluster")), terms=found)
    robust, correction, messages = clustered_errors(fit, frame.cluster)
    found = terms_of(names, fit.coefficients, robust.standard_errors, robust.degrees, confidence)
    messages = (*messages, *unspread(found))
    if draws and found[1].p is not None:
        p = wild_cluster_p(
            fit, frame.positive.astype(np.float64), 1, frame.cluster, draws=draws, seed=seed
        )
        found = (found[0], replace(found[1], p_bootstrap=p), *found[2:])
    return replace(blank(frame, "lpm", correction, *messages), terms=found)


def unspread(terms: Sequence[Term]) -> tuple[ModelMessage, ...]:
    """What is said where some terms have no standard error."""
    without = sum(term.se is None for term in terms)
    return (said("no-spread", count=without),) if without else ()


def few(frame: ModelFrame) -> tuple[ModelMessage, ...]:
    """What is said of standard errors by cluster that nothing corrects for few clusters."""
    if frame.clusters >= FEW_CLUSTERS:
        return ()
    return (said("few-clusters-uncorrected", count=frame.clusters),)


def clustered_errors(
    fit: LeastSquares, cluster: NDArray[np.int64]
) -> tuple[Robust, str, tuple[ModelMessage, ...]]:
    """CR2 with few clusters, CR1 else, and what is said of it."""
    clusters = int(cluster.max()) + 1
    if clusters < FEW_CLUSTERS:
        return cr2(fit, cluster), "CR2", (said("few-clusters", count=clusters),)
    return cr1(fit, cluster), "CR1", ()


def logit(frame: ModelFrame, confidence: float) -> ModelResult:
    """Logit: log odds ratios."""
    import statsmodels.api as sm

    x, names = frame.regressors()
    if separated(x, frame.positive):
        return blank(frame, "logit", "CR1", said("separated"))
    try:
        with quiet():
            fit = sm.Logit(frame.positive.astype(np.float64), x).fit(disp=0, method="newton")
    except np.linalg.LinAlgError:
        return blank(frame, "logit", "CR1", said("no-convergence"))
    if not fit.mle_retvals["converged"]:
        return blank(frame, "logit", "CR1", said("no-convergence"))
    chance = np.asarray(fit.predict())
    details: dict[str, float | None] = {"log_likelihood": float(fit.llf)}
    if frame.clusters < 2:
        found = terms_of(names, fit.params, None, None, confidence)
        empty = blank(frame, "logit", "CR1", said("one-cluster"))
        return replace(empty, terms=found, details=details)
    # The last step of the fit is a linear one, with weights: the corrections are those of it.
    root = np.sqrt(chance * (1 - chance))
    weighted = x * root[:, None]
    last = LeastSquares(
        x=weighted,
        coefficients=np.asarray(fit.params),
        residuals=(frame.positive - chance) / root,
        bread=np.linalg.inv(weighted.T @ weighted),
    )
    robust, correction, messages = clustered_errors(last, frame.cluster)
    errors = without_rounding(robust.standard_errors, np.sqrt(np.diag(last.bread)))
    found = terms_of(names, last.coefficients, errors, robust.degrees, confidence)
    messages = (*messages, *unspread(found))
    return replace(blank(frame, "logit", correction, *messages), terms=found, details=details)


def conditional_logit(frame: ModelFrame, confidence: float) -> ModelResult:
    """Conditional logit: odds within tests, whatever the tests have in common."""
    from statsmodels.discrete.conditional_models import ConditionalLogit

    name = "conditional-logit"
    mixed = np.flatnonzero(_differing(frame.test, frame.positive))
    # The library takes groups in the order it meets them; scores below count on it.
    mixed = mixed[np.argsort(frame.test[mixed], kind="stable")]
    if not len(mixed):
        return blank(frame, name, "CR1", said("no-differing-tests"))
    x, names, constant = _within_tests(frame, mixed)
    test, y = frame.test[mixed], frame.positive[mixed]
    messages = [said("constant-within-tests", name=label) for label in constant]
    if one_sided(_chosen_minus_others(x, y, test)):
        return blank(frame, name, "CR1", *messages, said("separated"))
    with quiet():
        model = ConditionalLogit(y.astype(np.float64), x, groups=test)
        fit = model.fit(method="newton", disp=0)
    if not np.isfinite(fit.bse).all():
        return blank(frame, name, "CR1", *messages, said("no-convergence"))
    details: dict[str, float | None] = {
        "log_likelihood": float(fit.llf),
        "informative_tests": float(len(np.unique(test))),
    }
    cluster = np.unique(frame.cluster[mixed], return_inverse=True)[1].astype(np.int64)
    errors, degrees, correction = np.asarray(fit.bse), None, "model"
    if cluster.max() + 1 < len(np.unique(test)) and cluster.max() > 0:
        errors, degrees = _clustered_conditional(model, fit, cluster, test)
        errors = without_rounding(errors, np.asarray(fit.bse))
        correction = "CR1"
        messages += few(frame)
    found = terms_of(names, np.asarray(fit.params), errors, degrees, confidence)
    messages += unspread(found)
    return replace(blank(frame, name, correction, *messages), terms=found, details=details)


def _clustered_conditional(
    model: Any, fit: Any, cluster: NDArray[np.int64], test: NDArray[np.int64]
) -> tuple[FloatArray, FloatArray]:
    """Standard errors from the scores of the tests, summed by cluster."""
    numbers, first = np.unique(test, return_index=True)
    params = np.asarray(fit.params)
    scores = np.array([model.score_grp(place, params) for place in range(len(numbers))])
    bread = np.asarray(fit.cov_params())
    covariance = clustered_covariance(bread, scores, cluster[first])
    return np.sqrt(np.diag(covariance)), np.full(len(params), float(cluster.max()))


def _differing(test: NDArray[np.int64], positive: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Applications of tests in which some reply was positive and some was not."""
    size = np.bincount(test)
    positives = np.bincount(test, weights=positive)
    mixed: NDArray[np.bool_] = ((positives > 0) & (positives < size))[test]
    return mixed


def _within_tests(
    frame: ModelFrame, mixed: NDArray[np.int64]
) -> tuple[FloatArray, tuple[str, ...], list[str]]:
    """Test group and the covariates that differ within some test, and those that never do."""
    from praktijktest.statistics.sandwich import rank_of

    test = frame.test[mixed]
    size = np.bincount(test)
    columns = [frame.group[mixed].astype(np.float64)]
    names, constant = ["test_group"], []
    for name, values in zip(frame.names, frame.covariates[mixed].T, strict=True):
        mean = np.bincount(test, weights=values)[test] / size[test]
        centred = [
            column - np.bincount(test, weights=column)[test] / size[test] for column in columns
        ]
        wider = np.column_stack([*centred, values - mean])
        varies = np.abs(values - mean).max(initial=0.0) > 1e-12
        if not varies or rank_of(wider) < wider.shape[1]:
            constant.append(name)
            continue
        columns.append(values)
        names.append(name)
    return np.column_stack(columns), tuple(names), constant


def _chosen_minus_others(
    x: FloatArray, y: NDArray[np.bool_], test: NDArray[np.int64]
) -> FloatArray:
    """Regressors of each positive application minus those of each other one of its test."""
    order = np.argsort(test, kind="stable")
    x, y, test = x[order], y[order], test[order]
    starts = np.flatnonzero(np.r_[True, test[1:] != test[:-1]])
    rows: set[tuple[float, ...]] = set()
    for first, last in zip(starts, np.r_[starts[1:], len(test)], strict=True):
        own, answered = x[first:last], y[first:last]
        gaps = own[answered][:, None, :] - own[~answered][None, :, :]
        rows.update(map(tuple, gaps.reshape(-1, x.shape[1]).tolist()))
    return np.array(sorted(rows))


def gee(frame: ModelFrame, confidence: float) -> ModelResult:
    """Logit by generalised estimating equations, exchangeable within clusters."""
    import statsmodels.api as sm

    x, names = frame.regressors()
    if frame.clusters < 2:
        return blank(frame, "gee", "sandwich", said("one-cluster"))
    if separated(x, frame.positive):
        return blank(frame, "gee", "sandwich", said("separated"))
    order = np.argsort(frame.cluster, kind="stable")
    scaled, back = standardised(x)
    structure = sm.cov_struct.Exchangeable()
    try:
        with quiet():
            fit = sm.GEE(
                frame.positive[order].astype(np.float64),
                scaled[order],
                groups=frame.cluster[order],
                family=sm.families.Binomial(),
                cov_struct=structure,
            ).fit(maxiter=200)
    except (ValueError, np.linalg.LinAlgError):
        return blank(frame, "gee", "sandwich", said("no-convergence"))
    if not fit.converged:
        return blank(frame, "gee", "sandwich", said("no-convergence"))
    with quiet():
        robust, naive = (
            np.sqrt(np.diag(back @ np.asarray(covariance) @ back.T))
            for covariance in (fit.cov_robust, fit.cov_naive)
        )
    errors = without_rounding(robust, naive)
    found = terms_of(names, back @ np.asarray(fit.params), errors, None, confidence)
    details: dict[str, float | None] = {"working_correlation": float(structure.dep_params)}
    messages = (*few(frame), *unspread(found))
    return replace(blank(frame, "gee", "sandwich", *messages), terms=found, details=details)


def mixed_logit(frame: ModelFrame, confidence: float) -> ModelResult:
    """Logit in which targets differ in how they answer, and in how they treat the groups."""
    name, (x, names) = "mixed-logit", frame.regressors()
    if frame.clusters < 2:
        return blank(frame, name, "model", said("one-cluster"))
    if separated(x, frame.positive):
        return blank(frame, name, "model", said("separated"))
    most = [int(np.bincount(frame.cluster[part]).max()) for part in (frame.group, ~frame.group)]
    if np.bincount(frame.cluster).max() < 2:
        return blank(frame, name, "model", said("no-repeats"))
    rows = len(np.unique(np.column_stack([frame.cluster, x]), axis=0))
    if not within_reach(rows, 1):
        return blank(frame, name, "model", said("too-large", count=rows))
    messages: list[ModelMessage] = []
    # Two replies of one group tell how targets differ in it; one of each never does.
    fit = None
    if min(most) < 2:
        messages.append(said("one-per-group"))
    elif not within_reach(rows, 2):
        messages.append(said("slope-too-large", count=rows))
    else:
        fit = _mixed(frame, x, x[:, :2])
        if fit is None or fit.at_boundary:
            messages.append(said("intercept-only"))
            fit = None
    fit = fit or _mixed(frame, x, x[:, :1])
    if fit is None:
        return blank(frame, name, "model", said("no-convergence"))
    if fit.at_boundary:
        messages.append(said("at-boundary"))
    if not fit.checked:
        messages.append(said("unchecked", count=rows))
    details: dict[str, float | None] = {
        "log_likelihood": fit.log_likelihood,
        "sd_intercept": float(fit.deviations[0]),
    }
    if len(fit.deviations) > 1:
        details |= {"sd_slope": float(fit.deviations[1]), "correlation": fit.correlation}
    errors = np.sqrt(np.diag(fit.covariance))
    found = terms_of(names, fit.coefficients, errors, None, confidence)
    return replace(blank(frame, name, "model", *messages), terms=found, details=details)


def _mixed(frame: ModelFrame, x: FloatArray, z: FloatArray) -> MixedLogit | None:
    try:
        with quiet():
            return fit_mixed_logit(x, z, frame.positive, frame.cluster)
    except (ArithmeticError, np.linalg.LinAlgError):
        return None


def heteroskedastic_probit(frame: ModelFrame, confidence: float) -> ModelResult:
    """Neumark's model: a difference in level apart from one in unobserved variance."""
    name = "heteroskedastic-probit"
    if not frame.names:
        return blank(frame, name, "CR1", said("needs-covariates"))
    x, names = frame.regressors()
    if separated(x, frame.positive):
        return blank(frame, name, "CR1", said("separated"))
    try:
        with quiet():
            fit = fit_heteroskedastic_probit(np.delete(x, 1, axis=1), frame.group, frame.positive)
    except (ArithmeticError, np.linalg.LinAlgError):
        return blank(frame, name, "CR1", said("no-convergence"))
    order = [0, len(names) - 1, *range(1, len(names) - 1), len(names)]
    values = np.append(fit.coefficients, fit.log_ratio)[order]
    details: dict[str, float | None] = {"log_likelihood": fit.log_likelihood, "effect": fit.total}
    if abs(fit.log_ratio) > MOST_LOG_RATIO:
        return replace(blank(frame, name, "CR1", said("variances-untold")), details=details)
    spread = float(np.sqrt(fit.covariance[-1, -1]))
    weak = (said("variances-untold"),) if spread > MOST_LOG_RATIO_ERROR else ()
    details |= {
        "effect_level": fit.level,
        "effect_variance": fit.variance,
        "lr_equal_variance": fit.lr,
        "p_equal_variance": float(chdtrc(1, fit.lr)),
    }
    all_names = (*names, "log_sigma_ratio")
    if frame.clusters < 2:
        found = terms_of(all_names, values, None, None, confidence)
        empty = blank(frame, name, "CR1", *weak, said("one-cluster"))
        return replace(empty, terms=found, details=details)
    clustered = clustered_covariance(fit.covariance, fit.scores, frame.cluster)
    errors = without_rounding(np.sqrt(np.diag(clustered)), np.sqrt(np.diag(fit.covariance)))[order]
    degrees = np.full(len(values), frame.clusters - 1.0)
    found = terms_of(all_names, values, errors, degrees, confidence)
    messages = (*weak, *few(frame), *unspread(found))
    return replace(blank(frame, name, "CR1", *messages), terms=found, details=details)


def one_group(frame: ModelFrame) -> bool:
    """Whether all applications of a frame are of one group."""
    return bool(frame.group.all() or not frame.group.any())


def no_variation(frame: ModelFrame) -> bool:
    """Whether every outcome of a frame is the same."""
    return bool(frame.positive.all() or not frame.positive.any())
