"""The tables of a pooling as rows of raw values, for files."""

from typing import Any

from praktijktest.reporting.evidence import Entry

ENDS = ("value", "low", "high")


def pooling_tables(document: dict[str, Any]) -> dict[str, tuple[list[str], list[list[Any]]]]:
    """File name -> header and rows.

    Args:
        document: the pooling document.
    """
    tables = {
        "pooled.csv": _pooled(document),
        "studies.csv": _studies(document),
        "leave-one-out.csv": _one_out(document),
    }
    if document["moderator"] is not None:
        tables["moderator.csv"] = _moderator(document)
    return tables


def _ends(summary: Entry | None) -> list[Any]:
    shown = {} if summary is None else summary["back_transformed"]
    return [shown.get(name) for name in ENDS]


def _pooled(document: Entry) -> tuple[list[str], list[list[Any]]]:
    header = ["ground", "studies", "effects", "model", *ENDS, "estimate", "se", "p"]
    header += ["prediction_low", "prediction_high", "tau2", "tau2_dl", "tau2_pm", "i2", "q", "q_p"]
    header += ["between", "within", *(f"fixed_{end}" for end in ENDS)]
    header += [f"least_variance_{end}" for end in ENDS]
    rows = []
    for entry in document["grounds"]:
        start = [entry["ground"], entry["studies"], entry["effects"], entry["model"]]
        if entry["model"] == "none":
            rows.append(start + [None] * (len(header) - len(start)))
            continue
        pooled, two_level, levels = entry["pooled"], entry["two_level"], entry["multilevel"] or {}
        least = entry["least_variance"]
        rows.append(
            [
                *start,
                *_ends(pooled),
                *(pooled[name] for name in ("value", "se", "p")),
                *_ends(entry["prediction"])[1:],
                *(two_level[name] for name in ("tau2", "tau2_dl", "tau2_pm", "i2", "q", "q_p")),
                levels.get("between"),
                levels.get("within"),
                *_ends(two_level["fixed"]),
                *_ends(None if least is None else least["pooled"]),
            ]
        )
    return header, rows


def _studies(document: Entry) -> tuple[list[str], list[list[Any]]]:
    counts = ["both", "only_control", "only_test", "neither"]
    counts += ["n_control", "n_test", "control_positive", "test_positive"]
    header = ["ground", "label", "study", "cluster", "file", "row", "given", "n", *counts, *ENDS]
    header += ["estimate", "se", "se_least", "weight", "reason"]
    rows = []
    for entry in document["grounds"]:
        for row in (*entry["rows"], *entry["left_out"]):
            rows.append(
                [
                    entry["ground"],
                    *(row[name] for name in header[1:8]),
                    *(row["counts"].get(name) for name in counts),
                    *_ends(row if "value" in row else None),
                    *(row.get(name) for name in ("value", "se", "se_least", "weight", "reason")),
                ]
            )
    return header, rows


def _one_out(document: Entry) -> tuple[list[str], list[list[Any]]]:
    header = ["ground", "left_out", "model", *ENDS, "estimate", "se", "p", "i2"]
    return header, [
        [
            entry["ground"],
            row["left_out"],
            row["model"],
            *_ends(row),
            *(row[name] for name in ("value", "se", "p", "i2")),
        ]
        for entry in document["grounds"]
        for row in entry["leave_one_out"]
    ]


def _moderator(document: Entry) -> tuple[list[str], list[list[Any]]]:
    header = ["ground", "column", "effects", "missing", *ENDS, "slope", "se", "p"]
    header += ["tau2", "tau2_without", "explained", "problem"]
    rows = []
    for entry in document["grounds"]:
        found = entry["moderator"]
        if found is None:
            continue
        slope = found["slope"]
        rows.append(
            [
                entry["ground"],
                found["column"],
                found["effects"],
                found["missing"],
                *_ends(slope),
                *([slope[name] for name in ("value", "se", "p")] if slope else [None] * 3),
                *(found.get(name) for name in ("tau2", "tau2_without", "explained", "problem")),
            ]
        )
    return header, rows
