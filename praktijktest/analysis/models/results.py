"""What a fitted model leaves behind, and how it looks in the analysis document."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import isfinite
from typing import Any
from warnings import catch_warnings, simplefilter

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

FloatArray = NDArray[np.floating[Any]]

MESSAGES = {
    "one-cluster": "all applications belong to one cluster, so there is no standard error",
    "no-variation": "every outcome is the same, so there is nothing to explain",
    "separated": "some combination of the terms tells the outcomes without error, so the "
    "estimates have no finite value",
    "no-convergence": "the computation found no maximum, so there are no estimates",
    "missing-values": "{count} applications have no value for {name} and are left out of the "
    "models",
    "one-level": "{name} has one value only and is left out",
    "one-group": "the applications left are all of one group, so there is nothing to compare",
    "no-differing-tests": "in no test did one applicant get a positive reply and another none, so "
    "there is nothing to explain within tests",
    "no-values": "{name} is empty everywhere and is left out",
    "too-many-levels": "{name} has {count} different values, more than a model can use, and is "
    "left out; a column counts as numbers only where every value is one",
    "absent": "the log has no column {name}; it is left out",
    "collinear": "{name} follows from the other terms and is left out",
    "constant-within-tests": "{name} is equal for both applicants of every test and cannot have "
    "an effect within tests",
    "needs-covariates": "the groups' variances can be told apart only with a covariate that "
    "varies and means the same for both groups",
    "few-clusters": "with {count} clusters the standard errors are CR2 with Satterthwaite "
    "degrees of freedom",
    "few-clusters-uncorrected": "with {count} clusters these standard errors tend to be too small; "
    "the linear model corrects for that",
    "levels-of-one-group": "{count} applications with a value of {name} that only one group has "
    "are left out of this check",
    "no-spread": "terms without a standard error: {count}; what is seen there does not vary "
    "between clusters",
    "no-joint-test": "the terms cannot be tested together: too few clusters, or no spread in some",
    "variances-untold": "the covariates say too little to tell a difference in level from one in "
    "variance",
    "no-repeats": "every target has one application only, so nothing tells how targets differ",
    "one-per-group": "no targets have several applications of each group, so the effect cannot be "
    "let vary by target",
    "at-boundary": "targets hardly differ: a standard deviation is estimated as zero",
    "intercept-only": "the effect could not be let vary by target; targets differ in their "
    "intercept alone",
    "slope-too-large": "there are {count} different rows, too many to let the effect vary by "
    "target",
    "unchecked": "with {count} different rows the likelihood was not computed a second time with "
    "more nodes; where targets differ a lot the estimates are approximate",
    "too-large": "there are {count} different rows, more than this model can be fitted to",
    "no-applications": "no application is left with a value for every term",
    "no-attribute": "the log has no attribute {name} to cross the contrast with",
}
"""What can go wrong with a model, by code; reports say it in their own language."""


@dataclass(frozen=True, slots=True)
class ModelMessage:
    """Something a reader of a model must know.

    Attributes:
        code: a key of `MESSAGES`.
        values: what the sentence names.
    """

    code: str
    values: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """The message as plain data, with its sentence in English."""
        sentence = MESSAGES[self.code].format(**self.values)
        return {"code": self.code, "message": sentence, "values": self.values}


def said(code: str, **values: Any) -> ModelMessage:
    """A message by its code."""
    return ModelMessage(code, values)


@dataclass(frozen=True, slots=True)
class Term:
    """One coefficient.

    Attributes:
        name: "test_group", a covariate, or a level of one: "city: Gent".
        coef: the coefficient; on the scale of the model.
        se: its standard error.
        p: two-sided p-value.
        low, high: confidence limits.
        df: degrees of freedom of its t distribution; None for a normal one.
        p_bootstrap: p of the wild cluster bootstrap, where asked for.
        p_holm: p adjusted over the declared contrasts (Holm).
    """

    name: str
    coef: float | None
    se: float | None = None
    p: float | None = None
    low: float | None = None
    high: float | None = None
    df: float | None = None
    p_bootstrap: float | None = None
    p_holm: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """The term as plain data."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class ModelResult:
    """One model of one contrast.

    Attributes:
        contrast: id of the contrast.
        name: kind of model, or of check: "order", "template", "identity", "interaction".
        rule: outcome rule.
        terms: coefficients; empty where the model could not be fitted.
        cluster: what standard errors are clustered by: "target", "cluster" or "test".
        clusters: how many there are.
        n: applications.
        correction: "CR1", "CR2", "sandwich" or "model".
        reference: level that a category is compared with, by covariate.
        joint_p: p of all terms of a check together; None elsewhere.
        details: further numbers of the model, by name.
        messages: what the reader must know.
    """

    contrast: str
    name: str
    rule: str
    terms: tuple[Term, ...]
    cluster: str
    clusters: int
    n: int
    correction: str
    reference: dict[str, str]
    joint_p: float | None
    details: dict[str, float | None]
    messages: tuple[ModelMessage, ...]

    def to_dict(self) -> dict[str, Any]:
        """The model in the shape of the analysis document."""
        return {
            "contrast": self.contrast,
            "name": self.name,
            "rule": self.rule,
            "terms": [term.to_dict() for term in self.terms],
            "cluster": self.cluster,
            "clusters": self.clusters,
            "n": self.n,
            "correction": self.correction,
            "reference": self.reference,
            "joint_p": self.joint_p,
            "details": self.details,
            "messages": [message.to_dict() for message in self.messages],
        }


def terms_of(
    names: Sequence[str],
    coefficients: FloatArray,
    errors: FloatArray | None,
    degrees: FloatArray | None,
    confidence: float,
) -> tuple[Term, ...]:
    """Terms with t intervals; without usable errors the coefficients stand alone.

    Args:
        names: of the coefficients.
        coefficients: shape (k,).
        errors: their standard errors, or None.
        degrees: degrees of freedom per coefficient; None for the normal distribution.
        confidence: of the limits.
    """
    found = []
    for place, name in enumerate(names):
        coefficient = _number(coefficients[place])
        error = None if errors is None else _number(errors[place])
        if coefficient is None or not error:
            found.append(Term(name, coefficient))
            continue
        freedom = 1e9 if degrees is None else float(degrees[place])
        half = float(stdtrit(freedom, 0.5 + confidence / 2)) * error
        found.append(
            Term(
                name=name,
                coef=coefficient,
                se=error,
                p=float(2 * stdtr(freedom, -abs(coefficient) / error)),
                low=coefficient - half,
                high=coefficient + half,
                df=None if degrees is None else freedom,
            )
        )
    return tuple(found)


def _number(value: float) -> float | None:
    return float(value) if isfinite(value) else None


@contextmanager
def quiet() -> Iterator[None]:
    """No warning of a library on the terminal: results say themselves what went wrong."""
    with catch_warnings(), np.errstate(all="ignore"):
        simplefilter("ignore")
        yield
