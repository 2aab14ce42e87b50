"""The sources that the methods of a report follow: only those that the report uses."""

from collections.abc import Iterator
from typing import Final

from praktijktest.language import Written, message
from praktijktest.reporting.blocks import Bullets, Paragraph, Section
from praktijktest.reporting.evidence import Entry

# Volume and pages stand only where they were checked against a printed list of references.
SOURCES: Final = {
    "agresti-min": "Agresti, A. & Min, Y. (2005). Simple improved confidence intervals for "
    "comparing matched proportions. Statistics in Medicine.",
    "benjamini-hochberg": "Benjamini, Y. & Hochberg, Y. (1995). Controlling the false discovery "
    "rate. Journal of the Royal Statistical Society B 57, 289–300.",
    "benjamini-yekutieli": "Benjamini, Y. & Yekutieli, D. (2001). The control of the false "
    "discovery rate in multiple testing under dependency. Annals of Statistics 29, 1165–1188.",
    "bonett-price": "Bonett, D. G. & Price, R. M. (2006). Confidence intervals for a ratio of "
    "binomial proportions based on paired data. Statistics in Medicine.",
    "clopper-pearson": "Clopper, C. J. & Pearson, E. S. (1934). The use of confidence or fiducial "
    "limits illustrated in the case of the binomial. Biometrika 26, 404–413.",
    "cochran": "Cochran, W. G. (1977). Sampling Techniques, 3rd ed. New York: Wiley.",
    "cochran-q": "Cochran, W. G. (1950). The comparison of percentages in matched samples. "
    "Biometrika.",
    "dohler": "Döhler, S., Durand, G. & Roquain, E. (2018). New FDR bounds for discrete and "
    "heterogeneous tests. Electronic Journal of Statistics 12, 1867–1900.",
    "fagerland": "Fagerland, M. W., Lydersen, S. & Laake, P. (2013). The McNemar test for binary "
    "matched-pairs data: mid-p and asymptotic are better than exact conditional. BMC Medical "
    "Research Methodology.",
    "fisher": "Fisher, R. A. (1935). The Design of Experiments. Edinburgh: Oliver & Boyd.",
    "heckman-siegelman": "Heckman, J. J. & Siegelman, P. (1993). The Urban Institute audit "
    "studies: their methods and findings. In: Fix, M. & Struyk, R. (eds.), Clear and Convincing "
    "Evidence. Washington, DC: Urban Institute Press.",
    "holm": "Holm, S. (1979). A simple sequentially rejective multiple test procedure. "
    "Scandinavian Journal of Statistics 6, 65–70.",
    "kline-rose-walters": "Kline, P., Rose, E. K. & Walters, C. R. (2022). Systemic discrimination "
    "among large U.S. employers. Quarterly Journal of Economics 137, 1963–2036.",
    "kline-walters": "Kline, P. & Walters, C. (2021). Reasonable doubt: experimental detection of "
    "job-level employment discrimination. Econometrica.",
    "mcnemar": "McNemar, Q. (1947). Note on the sampling error of the difference between "
    "correlated proportions or percentages. Psychometrika.",
    "neumark": "Neumark, D. (2012). Detecting discrimination in audit and correspondence studies. "
    "Journal of Human Resources 47, 1128–1157.",
    "newcombe": "Newcombe, R. G. (1998). Interval estimation for the difference between "
    "independent proportions: comparison of eleven methods. Statistics in Medicine 17, 873–890.",
    "newcombe-paired": "Newcombe, R. G. (1998). Improved confidence intervals for the difference "
    "between binomial proportions based on paired data. Statistics in Medicine.",
    "pustejovsky-tipton": "Pustejovsky, J. E. & Tipton, E. (2018). Small-sample methods for "
    "cluster-robust variance estimation and hypothesis testing in fixed effects models. Journal "
    "of Business & Economic Statistics 36, 672–683.",
    "riach-rich": "Riach, P. A. & Rich, J. (2002). Field experiments of discrimination in the "
    "market place. Economic Journal 112.",
    "storey": "Storey, J. D. (2002). A direct approach to false discovery rates. Journal of the "
    "Royal Statistical Society B.",
    "suissa-shuster": "Suissa, S. & Shuster, J. J. (1991). The 2 × 2 matched-pairs trial: exact "
    "unconditional design and analysis. Biometrics.",
    "tango": "Tango, T. (1998). Equivalence test and confidence interval for the difference in "
    "proportions for the paired-sample design. Statistics in Medicine.",
    "verhaeghe": "Verhaeghe, P.-P. & Van der Bracht, K. (2020). How many correspondence tests are "
    "enough to detect discrimination among single agents? GLO Discussion Paper 678.",
    "wang-ramdas": "Wang, R. & Ramdas, A. (2022). False discovery rate control with e-values. "
    "Journal of the Royal Statistical Society B.",
    "wilson": "Wilson, E. B. (1927). Probable inference, the law of succession, and statistical "
    "inference. Journal of the American Statistical Association 22, 209–212.",
    "zou-donner": "Zou, G. Y. & Donner, A. (2008). Construction of confidence limits about effect "
    "measures: a general approach. Statistics in Medicine 27, 1693–1702.",
}

OF_INTERVALS: Final = {
    "agresti-min": "agresti-min",
    "bonett-price": "bonett-price",
    "clopper-pearson": "clopper-pearson",
    "newcombe": "newcombe-paired",
    "tango": "tango",
    "wilson": "wilson",
}
"""Method of an interval -> its source, for paired tests and calls."""

OF_RULES: Final = {
    "adaptive-discrete-fdr": ("dohler", "storey"),
    "discrete-fdr": ("dohler",),
    "discrete-fdr-stepup": ("dohler",),
    "bh": ("benjamini-hochberg",),
    "by": ("benjamini-yekutieli",),
    "holm": ("holm",),
    "bonferroni": ("holm",),
    "storey": ("storey",),
    "e-value": ("wang-ramdas",),
    "storey-t": ("storey", "kline-rose-walters"),
}


def references_section(analysis: Entry) -> Section:
    """The sources of the methods that this report uses, by author."""
    used = sorted(set(_used(analysis)), key=lambda key: SOURCES[key])
    items = tuple(message("references.source", source=Written(SOURCES[key])) for key in used)
    return Section(
        "references",
        message("section.references"),
        (Paragraph(message("references.intro")), Bullets(items)),
    )


def _used(analysis: Entry) -> Iterator[str]:
    kind = analysis["round"]["kind"]
    yield "riach-rich"
    if kind == "mystery":
        yield from ("wilson", "clopper-pearson")
        return
    names = {test["name"] for entry in analysis["contrasts"] for test in entry["significance"]}
    estimates = [one for entry in analysis["contrasts"] for one in entry["estimates"]]
    methods = {one["method"] for one in estimates}
    methods |= {one["method"] for entry in analysis["contrasts"] for one in entry["intervals"]}
    if kind == "single":
        yield from ("newcombe", "wilson", "fisher")
    else:
        yield "heckman-siegelman"
        yield from (source for method, source in OF_INTERVALS.items() if method in methods)
        if "mcnemar_midp" in names:
            yield from ("mcnemar", "fagerland")
        if "unconditional" in names:
            yield "suissa-shuster"
        if {"sign_exact", "randomisation"} & names:
            yield "fisher"
    if any(one["scope"] == "targets-like-these" for one in estimates):
        yield "cochran"
    if any(one["name"] == "cochran_q" for one in analysis.get("overall", ())):
        yield "cochran-q"
    yield from _of_models(analysis)
    if analysis["flag_rule"] is not None and analysis["flag_summary"]:
        yield from OF_RULES[analysis["flag_rule"]["rule"]]
        yield from ("verhaeghe", "kline-walters", "kline-rose-walters")


def _of_models(analysis: Entry) -> Iterator[str]:
    models = analysis["models"]
    if any(model["name"] == "heteroskedastic-probit" for model in models):
        yield "neumark"
    if any(model["correction"] == "CR2" for model in models):
        yield "pustejovsky-tipton"
    if any(term.get("p_holm") is not None for model in models for term in model["terms"]):
        yield "holm"
