"""The design file that goes with a simulated round, as text."""

import json
from collections.abc import Mapping

from praktijktest.simulation.population import Ground, Population

HEADING = "# Simulated: nobody was tested. The truth is in truth.csv beside it."


def design_text(population: Population, origin: str) -> str:
    """A design file by which the log of a population can be analysed.

    Args:
        population: what was simulated.
        origin: how the round was made, one line, for the heading.
    """
    about = population.population
    tables = [
        f"# {origin}\n{HEADING}\nformat = 1",
        _table(
            "[round]",
            {
                "id": about.id,
                "title": about.title,
                "market": about.market,
                "place": about.place,
                "jurisdiction": about.jurisdiction,
                "start": about.start,
                "language": about.language,
                "simulated": True,
            },
        ),
        _table(
            "[test]",
            {
                "kind": "paired",
                "order": about.order,
                "gap_hours": list(about.gap_hours),
                "response_days": about.response_days,
            },
        ),
    ]
    for ground in population.grounds:
        tables += [*_profiles(ground), _contrast(ground)]
    # The truth is the truth about invitations: the strict rule.
    tables.append(_table("[outcomes]", {"scheme": about.market, "primary": "strict"}))
    tables.append(_table("[reading]", {"missing_outcome": "no-reply"}))
    if population.strata:
        tables.append(_table("[analysis]", {"strata": list(population.strata)}))
    flagging = {key: value for key, value in population.flagging if value is not None}
    if flagging:
        tables.append(_table("[flagging]", flagging))
    return "\n\n".join(tables) + "\n"


def _profiles(ground: Ground) -> list[str]:
    return [
        _table("[[profile]]", {"id": applicant, "names": list(names)})
        + f"\nattributes = {{ {_value(ground.id)} = {_value(applicant)} }}"
        for applicant, names in (
            (ground.control, ground.control_names),
            (ground.test, ground.test_names),
        )
    ]


def _contrast(ground: Ground) -> str:
    keys = {
        "id": ground.id,
        "attribute": ground.id,
        "ground": ground.ground,
        "control": ground.control,
        "test": ground.test,
        "within": [],
    }
    return _table("[[contrast]]", keys)


def _table(heading: str, keys: Mapping[str, object]) -> str:
    return "\n".join([heading, *(f"{key} = {_value(value)}" for key, value in keys.items())])


def _value(value: object) -> str:
    """A value as TOML: what JSON writes, but dates without quotes."""
    if isinstance(value, str | bool | int | float | list):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(value)
