"""The rows and columns of a regression: who is in it, with which covariates."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from praktijktest.analysis import encoding
from praktijktest.analysis.applications import Applications
from praktijktest.analysis.contrasts import Clusters
from praktijktest.analysis.models.results import FloatArray, ModelMessage, said
from praktijktest.analysis.pairing import Pairs, arms_of
from praktijktest.design import Comparison, Design
from praktijktest.statistics.sandwich import rank_of
from praktijktest.tables import Column, parse_numbers

MOST_LEVELS = 40
"""Levels of a category that a model takes; a category with more is an identifier."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A contrast and which tests of the round it compares, one entry per test."""

    comparison: Comparison
    tests: NDArray[np.bool_]


def compared_in_pairs(applications: Applications, design: Design, pairs: Pairs) -> Compared:
    """The tests with both arms of a contrast.

    Where a test holds applicants drawn at random, several of a kind or none
    (`same_profile = "mean"`), tests with one arm alone count too, as between any two adverts.
    """
    tests = np.zeros(len(applications.test_ids), dtype=bool)
    tests[pairs.test] = True
    if design.reading.same_profile == "mean" and not pairs.comparison.within:
        tests[:] = True
    return Compared(pairs.comparison, tests)


@dataclass(frozen=True, slots=True)
class ModelFrame:
    """The applications of one contrast as a regression sees them.

    Attributes:
        contrast: id of the contrast.
        rule: outcome rule.
        positive: outcome per application.
        group: whether each is of the test group.
        test: number of its test.
        cluster: number of its cluster, 0 … G-1.
        unit: what the clusters are: "target", "cluster" or "test".
        covariates: columns of the declared covariates, shape (n, c).
        names: their names, "city: Gent" for a level of a category.
        reference: the level left out of each category.
        rows: which applications of the round these are.
        messages: what was left out, and why.
    """

    contrast: str
    rule: str
    positive: NDArray[np.bool_]
    group: NDArray[np.bool_]
    test: NDArray[np.int64]
    cluster: NDArray[np.int64]
    unit: str
    covariates: FloatArray
    names: tuple[str, ...]
    reference: dict[str, str]
    rows: NDArray[np.int64]
    messages: tuple[ModelMessage, ...]

    def __len__(self) -> int:
        return len(self.positive)

    @property
    def clusters(self) -> int:
        """How many clusters there are."""
        return int(self.cluster.max(initial=-1)) + 1

    def chosen(self, rows: NDArray[np.bool_]) -> "ModelFrame":
        """The frame with some of its applications only."""
        if rows.all():
            return self
        return replace(
            self,
            positive=self.positive[rows],
            group=self.group[rows],
            test=_renumbered(self.test[rows]),
            cluster=_renumbered(self.cluster[rows]),
            covariates=self.covariates[rows],
            rows=self.rows[rows],
        )

    def regressors(self) -> tuple[FloatArray, tuple[str, ...]]:
        """Constant, test group and covariates, with their names."""
        columns = [np.ones(len(self)), self.group.astype(np.float64), *self.covariates.T]
        return np.column_stack(columns), ("constant", "test_group", *self.names)


def _renumbered(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.unique(numbers, return_inverse=True)[1].astype(np.int64)


def model_frame(
    applications: Applications,
    design: Design,
    compared: Compared,
    clusters: Clusters,
    covariates: Sequence[str],
) -> ModelFrame:
    """Gather the usable applications of both arms in the tests a contrast compares.

    Args:
        applications: the applications of the round.
        design: names the rule.
        compared: the contrast and the tests it compares.
        clusters: what counts as independent.
        covariates: columns to explain the outcome by; one that is left out costs no application.
    """
    level = arms_of(applications, compared.comparison).level
    rows = np.flatnonzero((level >= 0) & applications.usable & compared.tests[applications.test])
    messages: list[ModelMessage] = []
    columns: list[tuple[str, FloatArray, tuple[str, ...]]] = []
    reference: dict[str, str] = {}
    known = np.ones(len(rows), dtype=bool)
    for name in covariates:
        column = applications.rows.named(name)
        if column is None:
            messages.append(said("absent", name=name))
            continue
        part = encoding.take(column, rows)
        there = ~encoding.is_empty(part)
        if not there.any() and len(rows):
            messages.append(said("no-values", name=name))
            continue
        values, labels = _as_numbers(name, part, reference)
        if values.shape[1] > MOST_LEVELS:
            messages.append(said("too-many-levels", name=name, count=values.shape[1] + 1))
            continue
        if not there.all():
            messages.append(said("missing-values", name=name, count=int((~there).sum())))
            known &= there
        columns.append((name, values, labels))
    rows = rows[known]
    group = level[rows] == 1
    values, names = _kept(columns, known, group, reference, messages)
    return ModelFrame(
        contrast=compared.comparison.id,
        rule=design.primary_rule,
        positive=applications.coded.positive[design.primary_rule][rows],
        group=group,
        test=encoding.renumbered(applications.test[rows]).astype(np.int64),
        cluster=encoding.renumbered(clusters.targets[applications.test[rows]]).astype(np.int64),
        unit=_unit(applications),
        covariates=values,
        names=names,
        reference=reference,
        rows=rows,
        messages=tuple(messages),
    )


def _unit(applications: Applications) -> str:
    if not (applications.target < 0).all():
        return "target"
    return "cluster" if "cluster" in applications.rows.fields else "test"


def _as_numbers(
    name: str, column: Column, reference: dict[str, str]
) -> tuple[FloatArray, tuple[str, ...]]:
    """A column as numbers, or one column of ones and zeros per level but the first."""
    used = encoding.occurring(column)
    filled = [value for value in used if value]
    _, bad = parse_numbers(encoding.text_array(filled))
    if filled and not bad.any():
        numbers, _ = parse_numbers(column.values)
        return numbers[column.codes][:, None], (name,)
    levels = sorted(filled)
    if not levels:
        return np.zeros((len(column.codes), 0)), ()
    if len(levels) <= MOST_LEVELS:
        reference[name] = levels[0]
    texts = column.texts()
    return (
        np.column_stack([texts == level for level in levels[1:]] or [np.zeros(len(texts))]).astype(
            np.float64
        ),
        tuple(f"{name}: {level}" for level in levels[1:]) or (name,),
    )


def _kept(
    columns: list[tuple[str, FloatArray, tuple[str, ...]]],
    known: NDArray[np.bool_],
    group: NDArray[np.bool_],
    reference: dict[str, str],
    messages: list[ModelMessage],
) -> tuple[FloatArray, tuple[str, ...]]:
    """The columns that add something to those before them."""
    matrix = np.column_stack([np.ones(int(known.sum())), group.astype(np.float64)])
    names: list[str] = []
    for name, values, labels in columns:
        part = values[known]
        if not len(part) or not (part != part[:1]).any():
            messages.append(said("one-level", name=name))
            reference.pop(name, None)
            continue
        for label, column in zip(labels, part.T, strict=True):
            wider = np.column_stack([matrix, column])
            if rank_of(wider) < wider.shape[1]:
                messages.append(said("collinear", name=label))
                continue
            matrix = wider
            names.append(label)
    return matrix[:, 2:], tuple(names)


def joined_column(applications: Applications, frame: ModelFrame, name: str) -> Any:
    """The texts of a column for the applications of a frame; None where the log has none."""
    column = applications.rows.named(name)
    return None if column is None else column.texts()[frame.rows]
