"""The chapter on regressions: the effect of the group by model, checks and crossed grounds."""

from collections.abc import Iterator
from math import exp
from typing import Any

from praktijktest.language import Message, message
from praktijktest.reporting.blocks import (
    Block,
    Column,
    Estimated,
    Heading,
    Paragraph,
    Section,
    Table,
)
from praktijktest.reporting.evidence import Entry
from praktijktest.reporting.results_sections import column
from praktijktest.reporting.wording import contrast_labels, verbatim

CHECKS = ("order", "template", "identity")
CROSSED = ("interaction", "interaction-additive", "interaction-multiplicative")
POINTS = ("lpm", "interaction-additive", *CHECKS)
"""Models whose coefficients are differences in chances."""

LARGEST = 50.0


def models_section(analysis: Entry) -> Section | None:
    """What the regressions say of each contrast; None where the design asks for none."""
    if not analysis["models"]:
        return None
    labels = contrast_labels(analysis)
    blocks: list[Block] = [Paragraph(message("models.intro"))]
    for contrast in dict.fromkeys(model["contrast"] for model in analysis["models"]):
        of_contrast = [model for model in analysis["models"] if model["contrast"] == contrast]
        blocks.append(Heading(labels[contrast]))
        blocks += _effects(of_contrast, contrast)
        blocks += _variances(of_contrast)
        blocks += _checks(of_contrast, contrast)
        blocks += _crossed(of_contrast, contrast)
    return Section("models", message("section.models"), tuple(blocks))


def _effects(models: list[Entry], contrast: str) -> Iterator[Block]:
    """The effect of the test group in every declared model, side by side."""
    declared = [model for model in models if model["name"] not in (*CHECKS, *CROSSED)]
    holm = any(term["p_holm"] is not None for model in declared for term in model["terms"])
    drawn = any(term["p_bootstrap"] is not None for model in declared for term in model["terms"])
    rows = []
    for model in declared:
        term = next((found for found in model["terms"] if found["name"] == "test_group"), None)
        rows.append(
            (
                message(f"models.name.{model['name']}"),
                model["n"],
                model["clusters"],
                _effect(model["name"], term),
                term["p"] if term else None,
                *([term["p_holm"] if term else None] if holm else []),
                *([term["p_bootstrap"] if term else None] if drawn else []),
            )
        )
    if not rows:
        return
    yield Table(
        id=f"models-{contrast}",
        caption=message("models.caption"),
        columns=(
            column("model", "text"),
            column("applications", "count"),
            column("clusters", "count"),
            column("effect", "estimate"),
            column("p", "p"),
            *([column("p_holm", "p")] if holm else []),
            *([column("p_bootstrap", "p")] if drawn else []),
        ),
        rows=tuple(rows),
        notes=tuple(_notes(declared)),
    )


def _effect(name: str, term: Entry | None) -> Estimated | None:
    """Points for a linear model, odds ratios for a logit; a probit has its own paragraph."""
    if term is None or name == "heteroskedastic-probit":
        return None
    if name in POINTS:
        return Estimated(term["coef"], term["low"], term["high"])
    value, low, high = (_odds(term[part]) for part in ("coef", "low", "high"))
    return Estimated(value, low, high, "ratio")


def _odds(log_odds: float | None) -> float | None:
    """An odds ratio from its logarithm; one beyond any meaning is left out."""
    return None if log_odds is None or log_odds > LARGEST else exp(log_odds)


def _notes(models: list[Entry]) -> Iterator[Message]:
    yield message("models.scales")
    said: dict[tuple[Any, ...], tuple[Entry, list[str]]] = {}
    for model in models:
        for found in model["messages"]:
            key = (found["code"], tuple(sorted(found["values"].items())))
            said.setdefault(key, (found, []))[1].append(model["name"])
    for found, names in said.values():
        yield message(
            "models.said",
            models=[message(f"models.name.{name}") for name in dict.fromkeys(names)],
            what=message(f"models.message.{found['code']}", **found["values"]),
        )


def _variances(models: list[Entry]) -> Iterator[Block]:
    """Neumark's decomposition, and how much targets differ."""
    for model in models:
        details = model["details"]
        if "effect_level" in details:
            yield Paragraph(
                message(
                    "models.neumark",
                    total=details["effect"],
                    level=details["effect_level"],
                    variance=details["effect_variance"],
                    p=details["p_equal_variance"],
                )
            )
        if details.get("sd_slope") is not None:
            yield Paragraph(message("models.slopes", deviation=details["sd_slope"]))


def _checks(models: list[Entry], contrast: str) -> Iterator[Block]:
    found = [model for model in models if model["name"] in CHECKS]
    if not found:
        return
    yield Table(
        id=f"model-checks-{contrast}",
        caption=message("models.checks_caption"),
        columns=(column("check", "text"), column("clusters", "count"), column("p", "p")),
        rows=tuple(
            (message(f"models.name.{model['name']}"), model["clusters"], model["joint_p"])
            for model in found
        ),
        notes=(message("models.checks_note"), *list(_notes(found))[1:]),
    )


def _crossed(models: list[Entry], contrast: str) -> Iterator[Block]:
    found = [model for model in models if model["name"] in CROSSED]
    rows = [
        (
            message(f"models.name.{model['name']}"),
            verbatim(term["name"].removeprefix("test_group × ").removeprefix("reri × ")),
            _crossed_effect(model["name"], term),
            term["p"],
            term["p_holm"],
        )
        for model in found
        for term in model["terms"]
        if "×" in term["name"]
    ]
    if not found:
        return
    yield Table(
        id=f"model-interactions-{contrast}",
        caption=message("models.crossed_caption"),
        columns=(
            column("model", "text"),
            column("level", "text"),
            Column(message("column.effect"), "estimate"),
            column("p", "p"),
            column("p_holm", "p"),
        ),
        rows=tuple(rows),
        notes=(message("models.crossed_note"), *list(_notes(found))[1:]),
    )


def _crossed_effect(name: str, term: Entry) -> Estimated | None:
    if term["name"].startswith("reri"):
        return Estimated(term["coef"], term["low"], term["high"], "ratio")
    return _effect("lpm" if name == "interaction-additive" else name, term)
