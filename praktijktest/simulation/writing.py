"""Write simulated columns as the CSV files that people really have."""

import csv
import io
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from praktijktest.storage import write_atomically

Flavour = Literal["comma", "spreadsheet"]


def write_csv(
    columns: dict[str, NDArray[Any]], path: str | Path, flavour: Flavour = "comma"
) -> None:
    """Write columns as CSV.

    Args:
        columns: name -> values, all of one length.
        path: the file to write.
        flavour: "comma" is UTF-8 with commas and decimal points; "spreadsheet" is what a
            Belgian spreadsheet saves: semicolons, decimal commas, Windows-1252.
    """
    write_atomically(Path(path), csv_bytes(columns, flavour))


def csv_bytes(columns: dict[str, NDArray[Any]], flavour: Flavour = "comma") -> bytes:
    """Columns as the bytes of a CSV file; see `write_csv`."""
    spreadsheet = flavour == "spreadsheet"
    fields = [_texts(values, "," if spreadsheet else ".") for values in columns.values()]
    stream = io.StringIO()
    writer = csv.writer(
        stream,
        delimiter=";" if spreadsheet else ",",
        lineterminator="\r\n" if spreadsheet else "\n",
    )
    writer.writerow(columns)
    writer.writerows(zip(*fields, strict=True))
    return stream.getvalue().encode("cp1252" if spreadsheet else "utf-8")


def _texts(values: NDArray[Any], decimal_mark: str) -> list[str]:
    """Values as text: ISO times to the minute, yes and no as 1 and 0, up to six decimals."""
    if values.dtype.kind == "M":
        texts: list[str] = np.datetime_as_string(values, unit="m").tolist()
        return ["" if text == "NaT" else text for text in texts]
    if values.dtype.kind == "f":
        different, place = np.unique(values, return_inverse=True)
        shown = [f"{value:.6f}".rstrip("0").rstrip(".") for value in different.tolist()]
        marked = [text.replace(".", decimal_mark) for text in shown]
        return [marked[index] for index in place.tolist()]
    if values.dtype.kind in "bi":
        return [str(int(value)) for value in values.tolist()]
    return [str(value) for value in values.tolist()]
