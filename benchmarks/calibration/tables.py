"""The calibration as Markdown tables and figures."""

from pathlib import Path
from typing import Any

from rules import ALL, EMPIRICAL_BAYES, NET, ORACLE, UNCONDITIONAL, VALID
from sizes import TESTS, sizes

BEGIN = "<!-- calibration: made by benchmarks/calibration/run.py -->"
END = "<!-- end of calibration -->"

DEFAULT = VALID[0]
SHOWN = (DEFAULT, VALID[1], "discrete-fdr", "bh", "storey", "e-value")
DOUBTED = (UNCONDITIONAL, EMPIRICAL_BAYES, NET)
SHORT = {
    DEFAULT: "**adaptive**",
    VALID[1]: "adaptive, no test counts",
    UNCONDITIONAL: "unconditional + BH",
    NET: "refusals > invitations",
}


def markdown(results: list[dict[str, Any]]) -> str:
    """Three tables: rules with a proof, rules without one for this data, all rules at once."""
    return (
        "\n\n".join(
            [
                _rounds(results),
                "False discovery rate / power, and of the adaptive rule the share of the oracle:",
                _by_population(results, SHOWN, with_oracle=True),
                "Rules and second opinions that assume more, false discovery rate / power:",
                _by_population(results, DOUBTED, with_oracle=False),
                "Every rule over all populations:",
                _over_all(results),
                f"One fair agent with {TESTS} tests, judged alone: the chance of p at most "
                "the level.",
                _alone(),
            ]
        )
        + "\n"
    )


def put_into(page: Path, table: str) -> None:
    """Replace what stands between the marks on the page."""
    text = page.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    page.write_text(f"{before}{BEGIN}\n\n{table}\n{END}{after}", encoding="utf-8")


def figures(results: list[dict[str, Any]], folder: Path) -> bool:
    """Error rates and shares of the oracle as SVG; False where matplotlib is missing."""
    try:
        import matplotlib
        from matplotlib.figure import Figure
    except ImportError:
        return False
    matplotlib.rcParams["svg.hashsalt"] = "calibration"
    names = [f"{one['population']} ({one['alpha']:g})" for one in results]
    ours = [_of(one, DEFAULT) for one in results]
    plain = [_of(one, "discrete-fdr") for one in results]
    drawings = {
        "calibration-fdr.svg": ("false_discovery_rate", "false discovery rate"),
        "calibration-power.svg": ("of_oracle", "share of what the oracle finds"),
    }
    for file, (key, label) in drawings.items():
        figure = Figure(figsize=(8, 0.28 * len(names) + 1), layout="constrained")
        axes = figure.subplots()
        for rules, colour, name in ((ours, "C0", "adaptive"), (plain, "C1", "discrete-fdr")):
            rows = [row for row, one in enumerate(rules) if one[key] is not None]
            axes.plot([rules[row][key] for row in rows], rows, "o", color=colour, label=name)
        if key == "false_discovery_rate":
            levels = [one["alpha"] for one in results]
            axes.plot(levels, range(len(names)), "|", color="black", label="level")
        axes.set_yticks(range(len(names)), names)
        axes.invert_yaxis()
        axes.set_xlim(left=0.0)
        axes.set_xlabel(label)
        axes.legend()
        figure.savefig(folder / file, metadata={"Date": None})
    return True


def _rounds(results: list[dict[str, Any]]) -> str:
    rounds, populations = results[0]["rounds"], len(results)
    worst = max(_of(one, DEFAULT)["error"] for one in results)
    return (
        f"{populations} populations, {rounds:,} simulated rounds each; Monte Carlo error of the "
        f"adaptive rule's false discovery rate at most {worst:.3f}. Where nobody discriminates, "
        "the false discovery rate is the chance of any false flag."
    )


def _by_population(results: list[dict[str, Any]], rules: tuple[str, ...], with_oracle: bool) -> str:
    heads = [SHORT.get(rule, rule) for rule in rules]
    last = ["oracle", "adaptive / oracle"] if with_oracle else []
    lines = [_row(["population", "agents × tests", "level", *heads, *last])]
    lines.append(_row(["---"] * (3 + len(heads) + len(last))))
    for one in results:
        cells = [one["population"], _size(one), f"{one['alpha']:.2f}"]
        cells += [_cell(_of(one, rule), one["alpha"]) for rule in rules]
        if with_oracle:
            cells += [_cell(_of(one, ORACLE), 1.0), _share(_of(one, DEFAULT)["of_oracle"])]
        lines.append(_row(cells))
    return "\n".join(lines)


def _over_all(results: list[dict[str, Any]]) -> str:
    lines = [
        _row(["rule", "highest FDR / level", "where", "mean share of the oracle"]),
        _row(["---"] * 4),
    ]
    for rule in ALL:
        ratios = [_of(one, rule)["false_discovery_rate"] / one["alpha"] for one in results]
        worst = max(range(len(ratios)), key=ratios.__getitem__)
        shares = [_of(one, rule)["of_oracle"] for one in results]
        known = [share for share in shares if share is not None]
        lines.append(
            _row(
                [
                    SHORT.get(rule, rule),
                    f"{ratios[worst]:.2f}",
                    results[worst]["population"] if ratios[worst] else "",
                    _share(sum(known) / len(known)) if known else "–",
                ]
            )
        )
    return "\n".join(lines)


def _alone() -> str:
    lines = [_row(["test", "level", "adverts alike", "every advert fixed"]), _row(["---"] * 4)]
    for name, level, alike, fixed in sizes():
        marked = f"**{fixed:.4f}!**" if fixed > level else f"{fixed:.4f}"
        lines.append(_row([name, f"{level:g}", f"{alike:.4f}", marked]))
    return "\n".join(lines)


def _of(one: dict[str, Any], rule: str) -> dict[str, Any]:
    return next(measured for measured in one["rules"] if measured["rule"] == rule)


def _cell(measured: dict[str, Any], alpha: float) -> str:
    rate = f"{measured['false_discovery_rate']:.3f}"
    # More than four Monte Carlo errors above the level is a failure, not chance.
    if measured["false_discovery_rate"] > alpha + 4 * measured["error"]:
        rate = f"**{rate}!**"
    power = "–" if measured["power"] is None else f"{measured['power']:.3f}"
    return f"{rate} / {power}"


def _share(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}".replace("%", " %")


def _size(one: dict[str, Any]) -> str:
    fewest, most = one["tests"]
    tests = str(fewest) if fewest == most else f"{fewest}-{most}"
    return f"{one['targets']:,} × {tests}"


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"
