"""The same log in every form a city may keep it gives the same analysis."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from praktijktest.rounds.analyse import analyse

LONG = """
format = 1
[round]
id = "formats"
title = "One log, many files"
market = "housing"
[test]
kind = "paired"
order = "random"
response_days = 14
[[contrast]]
id = "origin"
attribute = "origin"
ground = "origin"
control = "Vlaams"
test = "Algérien"
[outcomes]
scheme = "custom"
[outcomes.labels]
1 = "viewing"
0 = "nothing"
[outcomes.positive]
strict = ["1"]
broad = ["1"]
[columns]
sent_at = "verzonden"
[columns.types]
huur = "number"
[analysis]
strata = ["wijk", "huur"]
"""

WIDE = (
    LONG
    + """
[[columns.wide]]
profile = "Vlaams"
outcome = "reactie_a"
position = "volgorde_a"
sent_at = "verzonden_a"
[[columns.wide]]
profile = "Algérien"
outcome = "reactie_b"
position = "volgorde_b"
sent_at = "verzonden_b"
"""
)
WIDE = WIDE.replace('[columns]\nsent_at = "verzonden"\n', "[columns]\n")


def long_log() -> pd.DataFrame:
    rows = []
    outcomes = ["11", "10", "10", "00", "01", "11", "10", "10", "10", "00", "10", "11"]
    for number, pair in enumerate(outcomes):
        for place, (level, hit) in enumerate(zip(("Vlaams", "Algérien"), pair, strict=True), 1):
            rows.append(
                {
                    "test": f"T{number:02d}",
                    "target": f"Kantoor {number % 3}",
                    "origin": level,
                    "outcome": float(hit),
                    "position": place if number % 2 else 3 - place,
                    "huur": 700.5 + 12 * number,
                    "wijk": "Sint-Amandsberg – Noord" if number % 2 else "Café",
                    "verzonden": dt.datetime(2026, 10, 1 + number, 9, 15),
                }
            )
    return pd.DataFrame(rows)


def wide_log() -> pd.DataFrame:
    frame = long_log()
    shared = frame.drop_duplicates("test")[["test", "target", "huur", "wijk"]].set_index("test")
    for suffix, level in (("a", "Vlaams"), ("b", "Algérien")):
        part = frame[frame["origin"] == level].set_index("test")
        shared[f"reactie_{suffix}"] = part["outcome"]
        shared[f"volgorde_{suffix}"] = part["position"]
        shared[f"verzonden_{suffix}"] = part["verzonden"]
    return shared.reset_index()


def written(name: str, folder: Path) -> Path:
    frame, path = long_log(), folder / name
    if name == "utf8.csv":
        frame.to_csv(path, index=False)
    elif name == "belgian.csv":
        frame.to_csv(
            path, index=False, sep=";", decimal=",", encoding="cp1252", lineterminator="\r\n"
        )
    elif name.endswith((".xlsx", ".ods")):
        frame.to_excel(str(path), index=False)
    elif name.endswith(".parquet"):
        frame.to_parquet(path)
    elif name.endswith(".dta"):
        frame.to_stata(path, write_index=False, version=118)
    elif name.endswith(".sav"):
        import pyreadstat

        pyreadstat.write_sav(frame, path)
    elif name.endswith(".json"):
        frame.to_json(path, orient="records", date_format="iso")
    elif name.endswith(".jsonl"):
        frame.to_json(path, orient="records", lines=True, date_format="iso")
    elif name == "shuffled.tsv":
        frame.sample(frac=1, random_state=1).to_csv(path, index=False, sep="\t")
    return path


def document(log: Path, design: str, folder: Path) -> dict[str, Any]:
    design_file = folder / "design.toml"
    design_file.write_text(design, encoding="utf-8")
    found = analyse(log, design_file).to_dict()
    for problem in found["data"]["problems"]:
        problem.pop("file")
        problem.pop("row")
    return found


FORMATS = [
    "belgian.csv",
    "shuffled.tsv",
    "log.xlsx",
    "log.ods",
    "log.parquet",
    "log.dta",
    "log.sav",
    "log.json",
    "log.jsonl",
]


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_document(name: str, tmp_path: Path) -> None:
    reference = document(written("utf8.csv", tmp_path), LONG, tmp_path)
    found = document(written(name, tmp_path), LONG, tmp_path)
    encoding_said = [p for p in found["data"]["problems"] if p["code"] == "encoding"]
    assert bool(encoding_said) == (name == "belgian.csv")
    found["data"]["problems"] = [p for p in found["data"]["problems"] if p["code"] != "encoding"]
    assert json.dumps(found, sort_keys=True) == json.dumps(reference, sort_keys=True)


def test_the_wide_form_gives_the_same_document(tmp_path: Path) -> None:
    reference = document(written("utf8.csv", tmp_path), LONG, tmp_path)
    wide = tmp_path / "wide.csv"
    wide_log().to_csv(wide, index=False, sep=";", decimal=",", encoding="cp1252")
    found = document(wide, WIDE, tmp_path)
    # A wide log has one row per advert, so only the row counts differ.
    for key in ("rows_read", "rows_used", "problems"):
        reference["data"].pop(key), found["data"].pop(key)
    assert found == reference
