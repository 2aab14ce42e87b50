"""The agents of a simulated population: whom they favour, how strongly, whom they answer."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from praktijktest.simulation.population import FAIR, Ground, Population

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

CONTROL, TEST = 0, 1
ALIKE = 1e-9
"""Chances this near to 0 and 1, and differences this small, are left as they are."""


@dataclass(frozen=True, slots=True)
class Agents:
    """What is true of every agent on every ground; every field is [target, ground].

    Attributes:
        kind: number of the behaviour within its ground; -1 for the fair.
        strength: share of positive replies that is withheld from one applicant; 0 if fair.
        favours_test: whether it is withheld from the control applicant.
        response: chance that an applicant who is not held back gets a positive reply, over
            the adverts that the agent could have.
    """

    kind: IntArray
    strength: FloatArray
    favours_test: BoolArray
    response: FloatArray

    def names(self, population: Population) -> NDArray[np.object_]:
        """The id of every agent's behaviour, [target, ground]."""
        columns = []
        for number, ground in enumerate(population.grounds):
            ids = np.array([*(kind.id for kind in ground.behaviours), FAIR], dtype=object)
            columns.append(ids[self.kind[:, number]])
        return np.column_stack(columns)


def draw_agents(population: Population, generator: np.random.Generator) -> Agents:
    """Draw who behaves how.

    Every agent has a rank on every ground, and the first ranks discriminate: the numbers
    are exactly the shares asked for, rounded. Ranks on two grounds are those of normal
    variables with correlation `overlap`: at 1 the agents who discriminate are the same.
    """
    targets, overlap = population.population.targets, population.population.overlap
    common = generator.standard_normal(targets)
    drawn = [
        _on_one_ground(
            ground,
            np.sqrt(overlap) * common + np.sqrt(1 - overlap) * generator.standard_normal(targets),
            generator,
        )
        for ground in population.grounds
    ]
    return Agents(
        kind=np.column_stack([kind for kind, _, _, _ in drawn]),
        strength=np.column_stack([strength for _, strength, _, _ in drawn]),
        favours_test=np.column_stack([reverse for _, _, reverse, _ in drawn]),
        response=np.column_stack([response for _, _, _, response in drawn]),
    )


def _on_one_ground(
    ground: Ground, scores: FloatArray, generator: np.random.Generator
) -> tuple[IntArray, FloatArray, BoolArray, FloatArray]:
    targets = len(scores)
    ranked = np.argsort(-scores, kind="stable")
    shares = np.cumsum([kind.share for kind in ground.behaviours])
    ends = np.round(shares * targets).astype(np.int64)
    # Which of the discriminating agents behaves how does not hang on their ranks.
    last = int(ends[-1]) if len(ends) else 0
    chosen = generator.permutation(ranked[:last])
    kind = np.full(targets, -1, dtype=np.int64)
    strength = np.zeros(targets)
    reverse = np.zeros(targets, dtype=bool)
    mean = np.full(targets, ground.response)
    begin = 0
    for number, (behaviour, end) in enumerate(zip(ground.behaviours, ends.tolist(), strict=True)):
        who = chosen[begin:end]
        kind[who] = number
        strength[who] = generator.uniform(*behaviour.strength, size=len(who))
        reverse[who] = behaviour.favours == "test"
        if behaviour.response is not None:
            mean[who] = behaviour.response
        begin = end
    return kind, strength, reverse, spread(mean, ground.agents_differ, generator)


def spread(mean: FloatArray, differ: float, generator: np.random.Generator) -> FloatArray:
    """Chances around given means: beta distributed, with `differ` as intraclass correlation.

    Args:
        mean: chances from 0 to 1.
        differ: 0 leaves them as they are; towards 1 they go to 0 and 1. The variance is
            `differ` times mean (1 - mean).
        generator: where chance comes from.
    """
    if differ < ALIKE:
        return mean.copy()
    precision = 1 / differ - 1
    inside = (mean > ALIKE) & (mean < 1 - ALIKE)
    chances = mean.copy()
    first, second = precision * mean[inside], precision * (1 - mean[inside])
    drawn = generator.beta(first, second)
    # With tiny parameters both gamma draws behind a beta can be 0; then it is a coin.
    chances[inside] = np.where(np.isnan(drawn), mean[inside], drawn)
    return chances


def cell_chances(response: FloatArray, agreement: FloatArray, keep: FloatArray) -> FloatArray:
    """Chances of both, only control, only test, neither: [test, 4].

    With chance `agreement` one decision is made for both applicants, else one for each,
    positive with chance `response`. Of a positive reply the share `keep` stays.

    Args:
        response: chance of a positive reply on the advert of the test, [test].
        agreement: chance that one decision counts for both, [test].
        keep: share of positive replies that is not withheld, [test, arm].
    """
    both = response * (agreement + (1 - agreement) * response)
    one = response - both
    control, test = keep[:, CONTROL], keep[:, TEST]
    cells = np.empty((len(response), 4))
    cells[:, 0] = both * control * test
    cells[:, 1] = both * control * (1 - test) + one * control
    cells[:, 2] = both * test * (1 - control) + one * test
    cells[:, 3] = np.clip(1 - cells[:, :3].sum(axis=1), 0.0, 1.0)
    return cells
