#!/usr/bin/env python3
"""Work out the headline table of a round from its coded applications.

Needs Python with pandas and scipy, and the files applications.csv, contrasts.csv and headline.csv
beside this script (or in the folder named on the command line). Prints the table and "matches"
where every number agrees with headline.csv; else prints what differs and ends with exit code 1.

What is computed, for every contrast and outcome rule:
* tests that failed, that are still open, or that belong to the second phase are left out;
* a unit is a test (with equal values on the columns named in `within`) that has applications of
  both levels; of several applications of one level the best counts, or the first sent;
* the four cells: both positive, only the control, only the test applicant, neither;
* net_rate_usable = (only_control - only_test) / (both + only_control + only_test), and
  net_rate_all with all units below;
* McNemar's mid-p (Fagerland, Lydersen and Laake 2013);
* the interval of net_rate_usable: linearised ratio estimator over targets (over tests where the
  target is unknown), Student's t with targets - 1 degrees of freedom (Cochran 1977, 6.4).
"""

import sys
from math import sqrt
from pathlib import Path

import pandas as pd
from scipy import stats

RELATIVE, ABSOLUTE = 1e-8, 1e-15
CELLS = ["both", "only_control", "only_test", "neither"]
NUMBERS = [
    *CELLS,
    "net_rate_usable",
    "net_rate_all",
    "mcnemar_midp",
    "net_rate_usable_low",
    "net_rate_usable_high",
]


def read(path: Path) -> pd.DataFrame:
    """A table as text, empty cells as empty text."""
    return pd.read_csv(path, dtype="string", keep_default_na=False, encoding="utf-8")


def used_applications(applications: pd.DataFrame) -> pd.DataFrame:
    """The applications of the first phase whose test did not fail."""
    kept = applications["status"] != "test-failed"
    if "phase" in applications:
        kept &= applications["phase"] != "confirm"
    return applications[kept]


def units(applications: pd.DataFrame, contrast: "pd.Series[str]") -> pd.DataFrame:
    """One row per unit: its cluster, and whether each arm got a positive reply."""
    tests = contrast["tests"].split("|")
    column = applications[contrast["column"]]
    rows = applications[(column == contrast["control"]) | column.isin(tests)].copy()
    rows["arm"] = (rows[contrast["column"]] != contrast["control"]).astype(int)
    rows["positive"] = (rows[f"positive:{contrast['rule']}"] == "1").astype(int)
    rows["cluster"] = rows["target"].where(rows["target"] != "", rows["test"])
    key = ["test", *[name for name in contrast["within"].split("|") if name]]
    rows["unit"] = rows.groupby(key, sort=False).ngroup()
    open_units = set(rows.loc[rows["status"] == "pending", "unit"])
    rows = rows[~rows["unit"].isin(open_units)]
    if contrast["several"] == "first":
        if "position" in rows:
            rows["place"] = pd.to_numeric(rows["position"])
            rows = rows.sort_values(["place", "profile"], kind="stable")
        rows = rows.groupby(["unit", "arm"], as_index=False).first()
    reply = rows.groupby(["unit", "arm"])["positive"].max().unstack("arm")
    reply = reply.reindex(columns=[0, 1]).dropna().astype(int)
    reply["cluster"] = rows.groupby("unit")["cluster"].first()
    return reply.rename(columns={0: "control", 1: "test"})


def midp(b: int, c: int) -> float:
    """McNemar's two-sided mid-p of b and c discordant units."""
    d, larger = b + c, max(b, c)
    if d == 0:
        return 1.0
    tail = float(stats.binom.sf(larger - 1, d, 0.5))
    return 1.5 - tail if b == c else tail + float(stats.binom.sf(larger, d, 0.5))


def interval(found: pd.DataFrame, confidence: float) -> tuple[float | None, float | None]:
    """Limits of net_rate_usable, clustered; none where clusters do not vary."""
    parts = pd.DataFrame(
        {
            "net": found["control"] - found["test"],
            "usable": ((found["control"] == 1) | (found["test"] == 1)).astype(int),
            "cluster": found["cluster"],
        }
    )
    sums = parts.groupby("cluster").sum()
    clusters, usable = len(sums), int(sums["usable"].sum())
    if clusters < 2 or not usable:
        return None, None
    rate = float(sums["net"].sum()) / usable
    squares = float(((sums["net"] - rate * sums["usable"]) ** 2).sum())
    if sqrt(squares) <= 1e-13 * float(sums["net"].abs().sum()):
        return None, None
    error = sqrt(clusters / (clusters - 1) * squares) / usable
    half = float(stats.t.ppf(0.5 + confidence / 2, clusters - 1)) * error
    return max(-1.0, rate - half), min(1.0, rate + half)


def headline(folder: Path) -> pd.DataFrame:
    """The headline table, one row per contrast and rule."""
    applications = used_applications(read(folder / "applications.csv"))
    rows = []
    for _, contrast in read(folder / "contrasts.csv").iterrows():
        found = units(applications, contrast)
        control, test = found["control"] == 1, found["test"] == 1
        a, b = int((control & test).sum()), int((control & ~test).sum())
        c, d = int((~control & test).sum()), int((~control & ~test).sum())
        low, high = interval(found, float(contrast["confidence"]))
        usable, every = a + b + c, a + b + c + d
        rows.append(
            {
                "contrast": contrast["contrast"],
                "rule": contrast["rule"],
                **dict(zip(CELLS, (a, b, c, d), strict=True)),
                "net_rate_usable": (b - c) / usable if usable else None,
                "net_rate_all": (b - c) / every if every else None,
                "mcnemar_midp": midp(b, c),
                "net_rate_usable_low": low,
                "net_rate_usable_high": high,
            }
        )
    return pd.DataFrame(rows, columns=["contrast", "rule", *NUMBERS])


def differences(found: pd.DataFrame, published: pd.DataFrame) -> list[str]:
    """Every number of the published table that was not found again; an empty cell is no number."""
    lines = []
    known = {(row["contrast"], row["rule"]): row for _, row in found.iterrows()}
    for _, row in published.iterrows():
        own = known.get((row["contrast"], row["rule"]))
        for name in NUMBERS:
            if row[name] == "":
                continue
            value = float("nan") if own is None else float(own[name])
            allowed = RELATIVE * abs(float(row[name])) + ABSOLUTE
            if not abs(value - float(row[name])) <= allowed:  # also where there is no value
                lines.append(f"{row['contrast']}, {row['rule']}, {name}: {value}, not {row[name]}")
    return lines


def main(arguments: list[str]) -> int:
    """Print the table, and whether it is the published one."""
    folder = Path(arguments[0]) if arguments else Path(__file__).resolve().parent
    found = headline(folder)
    sys.stdout.write(found.to_string(index=False) + "\n")
    wrong = differences(found, read(folder / "headline.csv"))
    sys.stdout.write("\n".join(wrong or ["matches"]) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
