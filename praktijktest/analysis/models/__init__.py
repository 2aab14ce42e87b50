"""Regressions on the applications of a contrast, with what each could not say."""

from praktijktest.analysis.models.fitting import fit_models
from praktijktest.analysis.models.frame import Compared, compared_in_pairs
from praktijktest.analysis.models.results import ModelMessage, ModelResult, Term

__all__ = ["Compared", "ModelMessage", "ModelResult", "Term", "compared_in_pairs", "fit_models"]
