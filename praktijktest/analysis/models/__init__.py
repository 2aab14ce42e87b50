"""Regressions on the applications of a contrast, with what each could not say."""

from praktijktest.analysis.models.fitting import fit_models
from praktijktest.analysis.models.results import ModelMessage, ModelResult, Term

__all__ = ["ModelMessage", "ModelResult", "Term", "fit_models"]
