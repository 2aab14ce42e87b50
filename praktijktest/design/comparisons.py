"""The comparisons that follow from the contrasts a design declares."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from praktijktest.design.sections import WHOLE_PROFILE, Contrast


@dataclass(frozen=True, slots=True)
class Comparison:
    """One control level against one test level, or against several that count as one.

    Attributes:
        id: "origin", or "origin:turkish" where the contrast lists several test levels.
        declared_id: id of the contrast in the design.
        attribute: attribute whose levels are compared; "profile" compares whole profiles.
        ground: ground of discrimination, from the vocabulary.
        control: the control level.
        tests: the test levels; more than one only when pooled.
        pooled: whether the contrast says that its levels count as one.
        within: attributes on which applicants must be equal to be compared.
        direction: "control-favoured" or "either": which way a flag looks.
        labels: level -> what reports call it; a level without one goes by its own name.
    """

    id: str
    declared_id: str
    attribute: str
    ground: str
    control: str
    tests: tuple[str, ...]
    pooled: bool
    within: tuple[str, ...]
    direction: str
    labels: dict[str, str] = field(default_factory=dict, hash=False)

    def shown(self, levels: Iterable[str]) -> str:
        """Levels in the words that reports use for them."""
        return " + ".join(self.labels.get(level, level) for level in levels)

    @property
    def test_label(self) -> str:
        """The test level; pooled levels joined by "+"."""
        return "+".join(self.tests)

    def to_dict(self) -> dict[str, Any]:
        """The comparison as plain data."""
        return {
            "id": self.id,
            "declared_id": self.declared_id,
            "attribute": self.attribute,
            "ground": self.ground,
            "control": self.control,
            "tests": list(self.tests),
            "pooled": self.pooled,
            "within": list(self.within),
            "direction": self.direction,
            "labels": dict(self.labels),
        }


def resolve(contrast: Contrast, attributes: Iterable[str]) -> tuple[Comparison, ...]:
    """The comparisons of one contrast.

    Args:
        contrast: as the design declares it.
        attributes: every attribute the design knows; where the contrast does not say
            `within`, applicants are compared only if equal on all of these.
    """
    within = _within(contrast, attributes)

    def comparison(name: str, tests: tuple[str, ...]) -> Comparison:
        return Comparison(
            id=name,
            declared_id=contrast.id,
            attribute=contrast.attribute,
            ground=contrast.ground,
            control=contrast.control,
            tests=tests,
            pooled=contrast.pool,
            within=within,
            direction=contrast.direction,
            labels=dict(contrast.labels),
        )

    if contrast.pool or isinstance(contrast.test, str):
        return (comparison(contrast.id, contrast.levels),)
    return tuple(comparison(f"{contrast.id}:{level}", (level,)) for level in contrast.levels)


def _within(contrast: Contrast, attributes: Iterable[str]) -> tuple[str, ...]:
    if contrast.attribute == WHOLE_PROFILE:
        return ()
    if contrast.within is not None:
        return contrast.within
    return tuple(sorted(set(attributes) - {contrast.attribute, WHOLE_PROFILE}))
