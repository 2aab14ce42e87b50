"""The pre-registration of a plan: what was decided before anything was sent, in words.

Sections are named as in the OSF Preregistration template. Everything in the text follows
from the design, the frame and the plan; the power is computed for the tests planned.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final

from praktijktest.design import Comparison, Design
from praktijktest.language import Language, language_named
from praktijktest.language.markdown_templates import markdown_environment, tidied
from praktijktest.planning.plan import Plan, PlannedApplication
from praktijktest.planning.planned_power import PlannedPower, planned_power
from praktijktest.vocabulary import LANGUAGES

TEXTS: Final = "preregistration_texts"


@dataclass(frozen=True, slots=True)
class Amendment:
    """A change after the lock.

    Attributes:
        number: its number, from 1.
        at: when it was made.
        reason: why.
        changed: what it changed: design, frame, slots, letters.
    """

    number: int
    at: datetime
    reason: str
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Registered:
    """What a pre-registration describes.

    Attributes:
        design: the design.
        plan: the plan.
        frame_rows: rows of the frame.
        frame_targets: targets in the frame.
        hashes: name of what is locked -> SHA-256.
        version: version of the program.
        at: moment of the lock.
        expected: shares of tests with only the control, only the test applicant answered
            that the researcher expects; None: three usual assumptions.
        amendments: changes since the first lock.
    """

    design: Design
    plan: Plan
    frame_rows: int
    frame_targets: int
    hashes: Mapping[str, str]
    version: str
    at: datetime
    expected: tuple[float, float] | None = None
    amendments: tuple[Amendment, ...] = ()


def preregistration_texts(registered: Registered) -> dict[str, bytes]:
    """The pre-registration in every language, by file name."""
    power = planned_power(registered.design, registered.plan, registered.expected)
    return {
        f"preregistration.{code}.md": preregistration(registered, power, code).encode("utf-8")
        for code in LANGUAGES
    }


def preregistration(registered: Registered, power: PlannedPower, code: str) -> str:
    """The pre-registration in one language, as Markdown."""
    language = language_named(code)
    templates = markdown_environment("praktijktest.planning", TEXTS)
    template = templates.get_template(f"{code}.md.j2")
    text = template.render(
        **_round(registered, language),
        **_allocation(registered, language),
        **_outcomes(registered.design, language),
        **_inference(registered, power, language),
        **_power(power, language),
        **_record(registered, language),
    )
    return tidied(text)


@cache
def _words() -> dict[str, dict[str, dict[str, str]]]:
    source = files("praktijktest.planning").joinpath(f"{TEXTS}/words.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))


def _round(registered: Registered, language: Language) -> dict[str, Any]:
    """Which round it is, and what it compares."""
    design, plan = registered.design, registered.plan
    about = design.round
    words = _words()[language.code]
    test = design.test
    return {
        "title": about.title,
        "market": language.label("market", about.market or "other"),
        "place": about.place,
        "start": language.date(about.start.isoformat()) if about.start else None,
        "end": language.date(about.end.isoformat()) if about.end else None,
        "mystery": design.kind == "mystery",
        "facts": [
            (words["fact"][name], value)
            for name in words["fact"]
            if (value := getattr(about, name)) and value != "other"
        ],
        "kind_words": words["kind"][design.kind],
        "contrasts": [_contrast(one, plan, language) for one in design.comparisons()],
        "calls": [
            {
                "id": call.id,
                "ground": language.label("ground", call.ground),
                "request": call.request,
                "tests": language.number(sum(r.profile == call.id for r in plan.applications)),
            }
            for call in design.calls
        ],
        "profiles": [
            {
                "id": profile.id,
                "attributes": ", ".join(f"{k} = {v}" for k, v in profile.attributes.items()),
                "names": len(profile.names),
            }
            for profile in design.profiles
        ],
        "order": (test.order if test else None) or "random",
        "gap": [f"{hours:g}" for hours in test.gap_hours] if test and test.gap_hours else None,
        "response_days": test.response_days if test else None,
        "tests_per_target": _tests_per_target(design),
        "cap": design.sampling.max_applications_per_target_per_30_days,
    }


def _tests_per_target(design: Design) -> int | None:
    """How often a target is tested; None where every advert is a test."""
    return None if design.sampling.unit == "advert" else design.sampling.tests_per_target


def rows_of(comparison: Comparison, plan: Plan) -> list[PlannedApplication]:
    """The applications of the tests that are planned for a comparison."""
    return [row for row in plan.applications if comparison.id in row.contrast.split("+")]


def _contrast(one: Comparison, plan: Plan, language: Language) -> dict[str, Any]:
    rows = rows_of(one, plan)
    return {
        "id": one.id,
        "ground": language.label("ground", one.ground),
        "attribute": one.attribute,
        "control": one.control,
        "test": one.test_label,
        "either": one.direction == "either",
        "within": language.enumeration(one.within) if one.within else "",
        "tests": language.number(len({row.test for row in rows})),
        "targets": language.number(len({row.target for row in rows})),
    }


def _allocation(registered: Registered, language: Language) -> dict[str, Any]:
    """How the sample was drawn and what the plan came to."""
    design, plan = registered.design, registered.plan
    sampling, words = design.sampling, _words()[language.code]
    quota = "; ".join(
        f"{', '.join(f'{k} = {v}' for k, v in one.where.items())}: {one.size}"
        for one in sampling.quota
    )
    first, last = (
        (plan.applications[0].send_at, plan.applications[-1].send_at)
        if plan.applications
        else (None, None)
    )
    return {
        "frame_rows": language.number(registered.frame_rows),
        "frame_targets": language.number(registered.frame_targets),
        "frame_hash": registered.hashes["frame"],
        "allocation": words["allocation"][sampling.allocation].format(
            size=sampling.size, unit=words["unit"][sampling.unit], quota=quota
        ),
        "strata": language.enumeration(sampling.strata) if sampling.strata else "",
        "seed": str(plan.seed),
        "templates": ", ".join(sorted({row.template for row in plan.applications})),
        "tests": language.number(plan.tests),
        "applications": language.number(len(plan.applications)),
        "targets": language.number(plan.targets),
        "open_tests": language.number(plan.open_tests) if plan.open_tests else "",
        "first": language.date(first.isoformat()) if first else "",
        "begun": bool(first and first <= registered.at),
        "last": language.date(last.isoformat()) if last else "",
    }


def _outcomes(design: Design, language: Language) -> dict[str, Any]:
    """Codes, rules, and what fails a test."""
    labels = {
        code: label or language.label("outcome", code)
        for code, label in design.outcome_codes().items()
    }
    failed = design.failed_codes()
    return {
        "codes": [(code, label if label != code else "") for code, label in labels.items()],
        "rules": [
            {
                "name": language.label("outcome_rule", name),
                "primary": name == design.primary_rule,
                "codes": ", ".join(code for code in labels if code in codes),
            }
            for name, codes in design.positive().items()
        ],
        "failed": ", ".join(f"{code} ({language.label('outcome', code)})" for code in failed)
        or "–",
        "missing": design.reading.missing_outcome,
    }


def _inference(registered: Registered, power: PlannedPower, language: Language) -> dict[str, Any]:
    """What is estimated, tested and flagged."""
    design = registered.design
    analysis, flagging = design.analysis, design.flagging
    headline = "compliance_rate" if design.kind == "mystery" else analysis.headline
    flagged = design.flagged_comparisons() if design.kind in ("paired", "set") else ()
    return {
        "headline": language.label("estimate", headline),
        "confidence": language.confidence(analysis.confidence),
        "alpha_market": language.confidence(round(1 - analysis.confidence, 6)),
        "analysis_strata": language.enumeration(analysis.strata) if analysis.strata else "",
        "models": ", ".join(analysis.models),
        "covariates": ", ".join(analysis.covariates),
        "flags": bool(flagged),
        "flag_words": language.text(f"flag.{flagging.rule}", alpha=flagging.alpha),
        "across_words": language.text(f"flag.across.{flagging.across}"),
        "alpha_flag": f"p ≤ {language.number(flagging.alpha, 2)}",
        "min_tests": flagging.min_tests,
        "few_tests": power.most_tests < flagging.min_tests,
        "most_tests": power.most_tests,
        "flag_contrasts": ", ".join(flagging.contrasts) if flagging.contrasts else "",
        "flag_only": "; ".join(f"{k} = {', '.join(v)}" for k, v in flagging.only.items()),
        "flag_group": flagging.unit == "target_group",
        "grey": language.ratio(flagging.grey_midp),
        "margin": language.confidence(flagging.equal_margin),
        "order_words": _order_words(design, language),
    }


def _order_words(design: Design, language: Language) -> str:
    order = (design.test.order if design.test else None) or "random"
    if order == "control-first":
        accepted = design.flagging.accept_fixed_order
        return language.text(f"assumption.control_first_{'accepted' if accepted else 'barred'}")
    return language.text(f"assumption.{'randomised' if order == 'random' else 'fixed-order'}")


def _power(power: PlannedPower, language: Language) -> dict[str, Any]:
    """The computed power, written out."""
    return {
        "icc": language.ratio(power.icc),
        "wanted_power": language.confidence(power.wanted),
        "power": [
            {
                "contrast": one.contrast,
                "tests": language.number(one.tests),
                "only_control": language.confidence(one.only_control),
                "only_test": language.confidence(one.only_test),
                "power": language.ratio(one.power),
                "clustered": language.ratio(one.clustered),
            }
            for one in power.market
        ],
        "detectable": [
            {
                "contrast": one.contrast,
                "discordance": language.confidence(one.discordance),
                "difference": language.percent(one.difference),
            }
            for one in power.detectable
        ],
        "target_power": [
            {
                "only_control": language.confidence(one.only_control),
                "only_test": language.confidence(one.only_test),
                "power": language.ratio(one.chance),
            }
            for one in power.target
        ],
        "intervals": [
            {
                "id": one.call,
                "n": language.number(one.calls),
                "share": language.confidence(one.share),
                "interval": language.interval(one.low, one.high),
            }
            for one in power.precision
        ],
    }


def _record(registered: Registered, language: Language) -> dict[str, Any]:
    """Versions, hashes and amendments."""
    privacy = registered.design.privacy
    retain = privacy.retain_until
    return {
        "version": registered.version,
        "at": _moment(registered.at, language),
        "hashes": list(registered.hashes.items()),
        "minimum_cell": privacy.min_cell if privacy.min_cell > 1 else None,
        "retain_until": language.date(retain.isoformat()) if retain else None,
        "amendments": _amendments(registered.amendments, language),
    }


def _amendments(amendments: Sequence[Amendment], language: Language) -> list[dict[str, Any]]:
    return [
        {
            "number": one.number,
            "at": _moment(one.at, language),
            "reason": one.reason,
            "changed": ", ".join(one.changed),
        }
        for one in amendments
    ]


def _moment(at: datetime, language: Language) -> str:
    return f"{language.date(at.isoformat())}, {at:%H:%M} ({at:%z})"
