"""Reading any table file into one shape, and writing tables that are safe to open."""

from praktijktest.tables.columns import Column
from praktijktest.tables.reading import read_table, read_tables
from praktijktest.tables.table import Table
from praktijktest.tables.times import Times, parse_times
from praktijktest.tables.values import as_text, canonical, parse_numbers
from praktijktest.tables.writing import encoded_csv, plain_csv, repeating_csv

__all__ = [
    "Column",
    "Table",
    "Times",
    "as_text",
    "canonical",
    "encoded_csv",
    "parse_numbers",
    "parse_times",
    "plain_csv",
    "read_table",
    "read_tables",
    "repeating_csv",
]
