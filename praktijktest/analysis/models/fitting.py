"""Every model a design asks for, for every contrast."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from praktijktest.analysis.applications import Applications
from praktijktest.analysis.contrasts import Clusters
from praktijktest.analysis.models.checks import crossed, identity_check, level_check
from praktijktest.analysis.models.frame import Compared, ModelFrame, joined_column, model_frame
from praktijktest.analysis.models.kinds import (
    blank,
    conditional_logit,
    gee,
    heteroskedastic_probit,
    linear,
    logit,
    mixed_logit,
    no_variation,
    one_group,
)
from praktijktest.analysis.models.results import ModelResult, said
from praktijktest.design import Comparison, Design
from praktijktest.statistics.multiplicity import holm

FITS: dict[str, Callable[[ModelFrame, float], ModelResult]] = {
    "logit": logit,
    "conditional-logit": conditional_logit,
    "gee": gee,
    "mixed-logit": mixed_logit,
    "heteroskedastic-probit": heteroskedastic_probit,
}


def fit_models(
    applications: Applications,
    design: Design,
    contrasts: Sequence[Compared],
    clusters: Clusters,
) -> tuple[ModelResult, ...]:
    """Fit the declared models, the standard checks and the declared interactions.

    Nothing is fitted where the design declares no model. What fails says so in its messages.

    Args:
        applications: the applications of the round.
        design: names models, covariates, interactions, bootstrap and identity column.
        contrasts: every contrast with the tests it compares.
        clusters: what counts as independent.
    """
    if not design.analysis.models:
        return ()
    found: list[ModelResult] = []
    for compared in contrasts:
        asked = design.analysis.covariates
        frame = model_frame(applications, design, compared, clusters, asked)
        found += _declared(frame, design)
        # Without covariates, so without losing applications for want of their values.
        plain = model_frame(applications, design, compared, clusters, ()) if asked else frame
        if len(plain) and not one_group(plain) and not no_variation(plain):
            found += _checks(applications, plain, design)
            found += _crossings(applications, plain, compared.comparison, design)
    return tuple(_with_holm(found))


def _declared(frame: ModelFrame, design: Design) -> list[ModelResult]:
    chosen = design.analysis
    found = []
    for name in chosen.models:
        correction = "CR1" if name in ("lpm", "logit", "conditional-logit") else "model"
        if not len(frame):
            found.append(blank(frame, name, correction, said("no-applications")))
        elif one_group(frame):
            found.append(blank(frame, name, correction, said("one-group")))
        elif no_variation(frame):
            found.append(blank(frame, name, correction, said("no-variation")))
        elif name == "lpm":
            found.append(linear(frame, chosen.confidence, chosen.bootstrap, chosen.seed))
        else:
            found.append(FITS[name](frame, chosen.confidence))
    return found


def _checks(applications: Applications, plain: ModelFrame, design: Design) -> list[ModelResult]:
    """Order and letter where the log has them, names where the design says which column."""
    confidence = design.analysis.confidence
    found = []
    for column, name in (("position", "order"), ("template", "template")):
        texts = joined_column(applications, plain, column)
        if texts is not None and any(texts):
            found.append(level_check(plain, texts, name, confidence))
    if design.analysis.identity:
        texts = joined_column(applications, plain, design.analysis.identity)
        if texts is None:
            absent = said("absent", name=design.analysis.identity)
            found.append(blank(plain, "identity", "CR1", absent))
        else:
            found.append(identity_check(plain, texts, confidence))
    return found


def _crossings(
    applications: Applications, frame: ModelFrame, comparison: Comparison, design: Design
) -> list[ModelResult]:
    found: list[ModelResult] = []
    for crossing in design.analysis.interactions:
        names = crossing.split(":")
        if comparison.attribute not in names:
            continue
        other = names[1 - names.index(comparison.attribute)]
        texts = joined_column(applications, frame, other)
        if texts is None:
            found.append(blank(frame, "interaction", "CR1", said("no-attribute", name=other)))
            continue
        found += crossed(frame, texts, other, design.analysis.confidence)
    return found


def _with_holm(models: Sequence[ModelResult]) -> list[ModelResult]:
    """Adjust the p of the test group, and of interactions, over the contrasts of a model."""
    wanted = {
        name: "test_group ×" if name.startswith("interaction") else "test_group"
        for name in dict.fromkeys(model.name for model in models)
    }
    found = list(models)
    for name, prefix in wanted.items():
        places = [
            (number, place)
            for number, model in enumerate(models)
            if model.name == name and model.name not in ("order", "template", "identity")
            for place, term in enumerate(model.terms)
            if (term.name.startswith(prefix) if " " in prefix else term.name == prefix)
            and term.p is not None
        ]
        if len(places) < 2:
            continue
        adjusted = holm(np.array([models[i].terms[j].p for i, j in places]))
        for (i, j), p in zip(places, adjusted, strict=True):
            terms = list(found[i].terms)
            terms[j] = replace(terms[j], p_holm=float(p))
            found[i] = replace(found[i], terms=tuple(terms))
    return found
