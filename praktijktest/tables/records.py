"""Where the records of delimited text begin and end, and how many fields each has.

Works on the bytes in arrays. As long as every quotation mark stands where RFC 4180 puts it,
a line break or delimiter counts exactly when an even number of quotation marks precedes it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CHUNK = 1 << 22
LINE_FEED, RETURN, QUOTE = 10, 13, 34
HEADER_AT_MOST = 1 << 20
"""A header with an open quotation mark is followed over line breaks for this many bytes."""

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Records:
    """The records of a text from some place on.

    Attributes:
        starts: first byte of every record; shape (records,).
        ends: byte after the last of every record, its line break excluded.
        delimiters: number of delimiters outside quotation marks in every record.
        regular: whether all quotation marks stand at the edge of a field and are closed;
            if not, the other arrays mean nothing.
    """

    starts: IntArray
    ends: IntArray
    delimiters: IntArray
    regular: bool

    def __len__(self) -> int:
        return len(self.starts)

    def only_delimiters(self) -> BoolArray:
        """Which records are empty lines or hold nothing but delimiters."""
        return np.asarray(self.ends - self.starts == self.delimiters, dtype=bool)


def find_records(data: bytes, body: int, delimiter: str) -> Records:
    """Find the records from byte `body` on.

    Args:
        data: text in UTF-8 in which every line ends in a line feed.
        body: where the first record starts.
        delimiter: one ASCII character.
    """
    text = np.frombuffer(data, dtype=np.uint8)
    mark, with_quotes = ord(delimiter), data.find(b'"', body) >= 0
    ends, counts, regular = [], [], True
    inside, carried = 0, 0
    for start in range(body, len(data), CHUNK):
        piece = text[start : start + CHUNK]
        edge = (piece == LINE_FEED) | (piece == mark)
        if with_quotes:
            quote = piece == QUOTE
            regular &= _well_placed(text, np.flatnonzero(quote) + start, inside, body, mark)
            edge &= np.logical_xor.accumulate(quote) == bool(inside)
            inside ^= int(quote.sum()) % 2
        edges = np.flatnonzero(edge)
        breaks = np.flatnonzero(piece[edges] == LINE_FEED)
        counts.append(np.diff(breaks, prepend=-1) - 1)
        if len(breaks):
            counts[-1][0] += carried
            carried = len(edges) - 1 - int(breaks[-1])
        else:
            carried += len(edges)
        ends.append(edges[breaks] + start)
    all_ends, all_counts = _joined(ends), _joined(counts)
    if (all_ends[-1] + 1 if len(all_ends) else body) < len(data):
        all_ends, all_counts = np.append(all_ends, len(data)), np.append(all_counts, carried)
    starts = np.concatenate([[body], all_ends[:-1] + 1])[: len(all_ends)].astype(np.int64)
    with_return = (all_ends > starts) & (text[all_ends - 1] == RETURN)
    return Records(starts, all_ends - with_return, all_counts, regular and not inside)


def _well_placed(
    text: NDArray[np.uint8], quotes: IntArray, inside: int, body: int, mark: int
) -> bool:
    """Whether quotation marks open only at the start of a field and close only at its end."""
    opening = (np.arange(len(quotes)) + inside) % 2 == 0
    opened, closed = quotes[opening], quotes[~opening]
    before = text[opened[opened > body] - 1]
    after = text[closed[closed + 1 < len(text)] + 1]
    return bool(
        np.isin(before, [mark, LINE_FEED, QUOTE]).all()
        and np.isin(after, [mark, LINE_FEED, RETURN, QUOTE]).all()
    )


def _joined(arrays: list[IntArray]) -> IntArray:
    return np.concatenate([np.empty(0, dtype=np.int64), *arrays])


def record_end(data: bytes, start: int) -> int:
    """Where the record that starts here ends, its line break included.

    A quotation mark that stays open for long is taken for a stray one: then the record is
    the line.
    """
    end = start
    while True:
        end = data.find(b"\n", end) + 1 or len(data)
        if data.count(b'"', start, end) % 2 == 0:
            return end
        if end == len(data) or end - start > HEADER_AT_MOST:
            return data.find(b"\n", start) + 1 or len(data)


def record_number(data: bytes, place: int) -> int:
    """Row of the record in which a byte stands, the first record of the file being row 1."""
    text = np.frombuffer(data, dtype=np.uint8, count=place)
    quotes, breaks = np.flatnonzero(text == QUOTE), np.flatnonzero(text == LINE_FEED)
    return 1 + int((np.searchsorted(quotes, breaks) % 2 == 0).sum())


def with_line_feeds(data: bytes) -> bytes:
    """The text with a line feed where a line ends in a carriage return alone, as old Macs do.

    Between quotation marks a carriage return is part of the cell and stays.
    """
    text = np.frombuffer(data, dtype=np.uint8)
    alone = text == RETURN
    alone[:-1] &= text[1:] != LINE_FEED
    alone &= ~np.logical_xor.accumulate(text == QUOTE)
    mended = text.copy()
    mended[alone] = LINE_FEED
    return mended.tobytes()
