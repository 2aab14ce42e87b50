"""How far the coders of a round agree, and about which replies they do not."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any, Final

import numpy as np

from praktijktest.statistics.agreement import (
    MISSING,
    WEIGHTS,
    Agreement,
    IntArray,
    against_rest,
    cohen_kappa,
    confusion_table,
    gwet_ac1,
    percent_agreement,
    specific_agreement,
)
from praktijktest.statistics.krippendorff import krippendorff_alpha
from praktijktest.vocabulary import FORMAT

SEED: Final = 20111
REPLICATES: Final = 2000


@dataclass(frozen=True, slots=True)
class Unit:
    """One thing that was coded.

    Attributes:
        unit: its id: the item of a coding sheet, or the row of a table.
        codes: coder -> code, of those who coded it.
        label: where people find it again: its application, or the row.
        settled: code on which the coders settled; "" where none.
    """

    unit: str
    codes: dict[str, str]
    label: str = ""
    settled: str = ""


@dataclass(frozen=True, slots=True)
class CategoryAgreement:
    """Agreement on one category: of all times it was given, how often by both, and its kappa."""

    category: str
    given: int
    specific: float | None
    kappa: Agreement


@dataclass(frozen=True, slots=True)
class PairAgreement:
    """Agreement of two coders.

    Attributes:
        coders: who.
        measures: per cent agreement, kappas and AC1.
        table: counts; rows are the first coder's categories, columns the second's.
        categories: by category, those that one of them used.
    """

    coders: tuple[str, str]
    measures: tuple[Agreement, ...]
    table: tuple[tuple[int, ...], ...]
    categories: tuple[CategoryAgreement, ...]


@dataclass(frozen=True, slots=True)
class AgreementReport:
    """Agreement of all coders.

    Attributes:
        coders: who coded.
        units: units that somebody coded.
        compared: units with at least two codes.
        categories: codes in their order, from the most to the least favourable.
        ordered: whether that order has a meaning, and so ordinal and weighted measures.
        alphas: Krippendorff's alpha over all coders.
        pairs: every two coders with common units.
        disagreements: units with different codes.
    """

    coders: tuple[str, ...]
    units: int
    compared: int
    categories: tuple[str, ...]
    ordered: bool
    alphas: tuple[Agreement, ...]
    pairs: tuple[PairAgreement, ...]
    disagreements: tuple[Unit, ...]

    def to_dict(self) -> dict[str, Any]:
        """The agreement as plain data."""
        return {"format": FORMAT, **asdict(self)}


def agreement_of(
    units: Iterable[Unit],
    order: Sequence[str],
    *,
    ordered: bool = True,
    confidence: float = 0.95,
) -> AgreementReport:
    """Agreement over units that one or more people coded.

    Args:
        units: what was coded.
        order: the categories in their order; codes that are not among them come after.
        ordered: whether the order has a meaning.
        confidence: confidence level of the intervals.
    """
    coded = [unit for unit in units if unit.codes]
    coders = tuple(sorted({coder for unit in coded for coder in unit.codes}))
    used = {code for unit in coded for code in unit.codes.values()}
    categories = (*(c for c in order if c in used), *sorted(used - set(order)))
    codes = _code_array(coded, coders, categories)
    levels: tuple[Any, ...] = ("nominal", "ordinal") if ordered else ("nominal",)
    return AgreementReport(
        coders=coders,
        units=len(coded),
        compared=int(((codes != MISSING).sum(axis=0) > 1).sum()),
        categories=categories,
        ordered=ordered,
        alphas=tuple(
            krippendorff_alpha(
                codes,
                len(categories),
                level=level,
                confidence=confidence,
                replicates=REPLICATES,
                seed=SEED,
            )
            for level in levels
        ),
        pairs=_pairs(codes, coders, categories, ordered, confidence),
        disagreements=tuple(unit for unit in coded if len(set(unit.codes.values())) > 1),
    )


def _code_array(
    units: Sequence[Unit], coders: Sequence[str], categories: Sequence[str]
) -> IntArray:
    """Index of the category by coder and unit; shape (coders, units)."""
    place = {code: number for number, code in enumerate(categories)}
    row = {coder: number for number, coder in enumerate(coders)}
    codes = np.full((len(coders), len(units)), MISSING, dtype=np.int64)
    for column, unit in enumerate(units):
        for coder, code in unit.codes.items():
            codes[row[coder], column] = place[code]
    return codes


def _pairs(
    codes: IntArray,
    coders: Sequence[str],
    categories: Sequence[str],
    ordered: bool,
    confidence: float,
) -> tuple[PairAgreement, ...]:
    found = []
    for one, other in combinations(range(len(coders)), 2):
        table = confusion_table(codes[one], codes[other], len(categories))
        if table.sum() == 0:
            continue
        weights = WEIGHTS if ordered else WEIGHTS[:1]
        measures = (
            percent_agreement(table, confidence),
            *(cohen_kappa(table, weight, confidence) for weight in weights),
            gwet_ac1(table, confidence),
        )
        found.append(
            PairAgreement(
                coders=(coders[one], coders[other]),
                measures=measures,
                table=tuple(tuple(line) for line in table.tolist()),
                categories=_by_category(table, categories, confidence),
            )
        )
    return tuple(found)


def _by_category(
    table: IntArray, categories: Sequence[str], confidence: float
) -> tuple[CategoryAgreement, ...]:
    given = table.sum(axis=0) + table.sum(axis=1)
    specific = specific_agreement(table)
    return tuple(
        CategoryAgreement(
            category=category,
            given=int(given[place]),
            specific=float(specific[place]),
            kappa=cohen_kappa(against_rest(table, place), confidence=confidence),
        )
        for place, category in enumerate(categories)
        if given[place]
    )
