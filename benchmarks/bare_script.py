"""What an analyst would write by hand for the same log: pandas, scipy and statsmodels, no report.

Reads the log, makes the four cells of all tests and of every target under the strict rule,
McNemar's test, one binomial test per target with at least ten tests, and Benjamini-Hochberg.
Usage: python bare_script.py LOG OUT.csv
"""

import sys

import pandas as pd
from scipy.stats import binomtest
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests


def main(log: str, out: str) -> None:
    rows = pd.read_csv(log, dtype={"test": str, "target": str})
    failed = rows.outcome.isin(["bounced", "scam"])
    if "failed" in rows:
        failed |= rows.failed.notna()
    rows = rows[~rows.test.isin(rows.test[failed])]
    rows["positive"] = rows.outcome.isin(["viewing-individual", "viewing-group"])
    pairs = rows.loc[rows.profile == "flemish", ["test", "target", "positive"]].merge(
        rows.loc[rows.profile == "moroccan", ["test", "positive"]], on="test"
    )
    control, test = pairs.positive_x, pairs.positive_y
    cells = pd.DataFrame(
        {
            "both": control & test,
            "only_control": control & ~test,
            "only_test": ~control & test,
            "neither": ~control & ~test,
        }
    )
    total = cells.sum()
    result = mcnemar([[total.both, total.only_control], [total.only_test, total.neither]])
    print(total.to_dict(), "McNemar exact p:", result.pvalue)
    targets = cells.groupby(pairs.target).sum()
    targets = targets[targets.sum(axis=1) >= 10]
    targets["p"] = [
        binomtest(int(b), int(b + c), 0.5, alternative="greater").pvalue if b + c else 1.0
        for b, c in zip(targets.only_control, targets.only_test, strict=True)
    ]
    targets["flagged"], targets["q"], _, _ = multipletests(targets.p, method="fdr_bh")
    targets.to_csv(out)
    print(len(targets), "targets,", int(targets.flagged.sum()), "flagged")


if __name__ == "__main__":
    main(*sys.argv[1:])
