"""The flag rule of a design in words."""

from praktijktest.design.model import Design
from praktijktest.design.sections import MEAN
from praktijktest.design.summary_lines import Line, filters, listed, percentage
from praktijktest.design.wording import FLAG_RULES


def flagging_lines(design: Design) -> list[Line]:
    """When a target is flagged, and what the other states need."""
    if design.kind not in ("paired", "set"):
        return [("flags", "none: targets are flagged on tests that compare applicants only")]
    flagging = design.flagging
    if not design.flagged_comparisons():
        return [("flags", "none: no contrast is named for flags")]
    if design.reading.same_profile == MEAN and flagging.rule != "storey-t":
        return [("flags", f'none: same_profile = "{MEAN}" leaves no tests won and lost to count')]
    name, promise = FLAG_RULES[flagging.rule]
    unit = "group of targets" if flagging.unit == "target_group" else "target"
    lines = [("flagged", _when(design, unit))]
    if "flagging" not in design.model_fields_set:
        lines.insert(0, ("declared", "no: these are the defaults, used if the log names targets"))
    lines += [
        ("method", f"{flagging.rule}: {name}; "
         f"{promise.format(alpha=percentage(flagging.alpha))}"),
        ("judged on", _judged_on(design)),
        ("grey zone", f"not flagged, more tests favour the control, one-sided mid-p at most "
         f"{flagging.grey_midp:g}"),
        ("equal treatment", _equal(design)),
    ]  # fmt: skip
    if flagging.only:
        lines.append(("who can be flagged", f"where {filters(flagging.only)}"))
    if order := _order(design):
        lines.append(("order", order))
    lines.append(("meaning", "a flag is a statistical statement, never a legal finding"))
    return lines


def _when(design: Design, unit: str) -> str:
    flagging = design.flagging
    if flagging.rule == "storey-t":
        evidence = "favours the control applicants on average by more than chance explains"
    else:
        evidence = (
            f"gives {_favoured(design)} a positive reply in more tests than chance explains "
            "(exact sign test on the tests in which one of the two got a positive reply)"
        )
    adjusted = (
        f"the procedure rejects at {flagging.alpha:g}"
        if flagging.rule == "discrete-fdr-stepup"
        else f"its adjusted p-value is at most {flagging.alpha:g}"
    )
    return (
        f"a {unit} is flagged when it {evidence}: {adjusted}, "
        f"with at least {flagging.min_tests} valid tests of the contrast"
    )


def _favoured(design: Design) -> str:
    either = [c.id for c in design.flagged_comparisons() if c.direction == "either"]
    if not either:
        return "only the control applicant"
    return f"only the control applicant (or only the other one: {listed(either, 'and')})"


def _judged_on(design: Design) -> str:
    ids = [comparison.id for comparison in design.flagged_comparisons()]
    together = "in one list" if design.flagging.across == "family" else "each in a list of its own"
    if len(ids) == 1:
        return f"the {design.primary_rule} rule, contrast {ids[0]}"
    if design.flagging.within_target == "simes":
        together = "joined to one verdict per target (Simes)"
    return f"the {design.primary_rule} rule, contrasts {listed(ids, 'and')}, {together}"


def _equal(design: Design) -> str:
    margin = percentage(design.flagging.equal_margin)
    if design.test is None or design.test.order != "random":
        return "never concluded, because the order was not declared to be random"
    return f"the 90 % interval of the net rate over all tests lies within plus or minus {margin}"


def _order(design: Design) -> str | None:
    order = design.test.order if design.test else None
    if order == "random":
        return None
    if order == "control-first" and not design.flagging.accept_fixed_order:
        return "the control always writes first, which favours it: no flag is given"
    return "flags rest on the assumption that the order of writing has no effect"
