"""CSV and its kin -> records: whatever separates the columns, as Excel, databases and pandas write them.

>>> import io
>>> [raw.record for raw in csv_records(io.StringIO("sep=;\\nTiêu đề;Nội dung\\nHọp báo;Sáng 7/2, tỉnh họp\\n"))]
[{'Tiêu đề': 'Họp báo', 'Nội dung': 'Sáng 7/2, tỉnh họp'}]
"""

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple

from .fields import Stated, knows
from .raw import MAX_RECORD_BYTES, Raw, too_long

_SEPARATORS = ",;\t|"
_LINES_AFTER_A_BREAK = 200  # that a row may have after a quote that is not closed; without an end this is quadratic


class _Dialect(NamedTuple):
    separator: str
    has_blanks: bool  # after the separators: id, title

    def rows(self, lines: Iterable[str]) -> Iterator[list[str]]:
        return csv.reader(lines, strict=True, delimiter=self.separator, skipinitialspace=self.has_blanks)

    def mended(self, lines: list[str], columns: int) -> tuple[list[str], int] | None:
        """The first row of lines in which quotes are escaped as databases do, or stand as they are, and how many lines
        it has; None where it has not all columns so.
        """
        if not columns:
            return None
        if any('\\"' in line for line in lines):
            escaped = csv.reader(lines, strict=True, delimiter=self.separator, escapechar="\\", doublequote=False)
            with suppress(csv.Error):
                row = next(escaped)
                return (row, escaped.line_num) if len(row) == columns else None
        row = lines[0].rstrip("\r\n").split(self.separator)
        return (row, 1) if self.separator in "\t|" and len(row) == columns > 1 else None


def csv_records(
    text: Iterable[str | None], stated: Stated | None = None, most: int = MAX_RECORD_BYTES
) -> Iterator[Raw]:
    """Rows under a header, of lines, or None for one that is too long.  An unclosed quote takes in what follows: so
    reading goes on after the line that it is in, from the first row that has all columns.
    """
    csv.field_size_limit(max(csv.field_size_limit(), most))  # a law is longer than the 131,072 characters of csv
    lines, number, names = _Again(text), 1, list[str]()
    dialect, number = _dialect(lines, stated or {})
    is_broken = False
    while True:
        taken: list[str] = []
        try:
            row = next(dialect.rows(lines.noting(taken, _LINES_AFTER_A_BREAK if is_broken else None)), None)
        except csv.Error as e:
            if not taken:
                yield Raw(number, too_long(most))
                number += 1
                continue
            if (mended := dialect.mended(taken, len(names))) is not None:
                row, many = mended
                lines.again(taken[many:])
                yield Raw(number, _record(names, row))
                number += many
                is_broken = False
                continue
            if not is_broken:
                yield Raw(number, f"{e}; is a quote not closed, or one inside not doubled?")
            if not names:
                return
            is_broken = True
            lines.again(taken[1:])
            number += 1
            continue
        if row is None:
            return
        begin, number = number, number + len(taken)
        if not any(row):
            continue
        if not names:
            names = [name.strip() for name in row]
            continue
        if len(row) > len(names) and any(row[len(names) :]) and not is_broken:
            yield Raw(begin, f"expected {len(names)} columns, got {len(row)}; columns are separated by "
                             f"{dialect.separator!r}")  # fmt: skip
        elif len(row) >= len(names) or not is_broken:
            is_broken = False
            yield Raw(begin, _record(names, row))


def _record(names: list[str], row: list[str]) -> dict[str, Any]:
    return {name: value for name, value in zip(names, row, strict=False) if name and value}


def _dialect(lines: "_Again", stated: Stated) -> tuple[_Dialect, int]:
    """By the header: the separator with which most columns are known, else with which there are most; and its line."""
    taken = list(lines.noting([], 1))
    number = 1
    if taken and taken[0].lower().startswith("sep=") and len(taken[0].strip()) in (4, 5):
        return _Dialect(taken[0][4:5].strip("\r\n") or "\t", has_blanks=False), 2
    while taken and not taken[0].strip():
        taken, number = list(lines.noting([], 1)), number + 1
    lines.again(taken)
    header = taken[0] if taken else ""

    def columns(separator: str) -> tuple[int, int]:
        names = [name.strip() for name in next(csv.reader([header], delimiter=separator), [])]
        return sum(knows(name) or name in stated.values() for name in names), len(names)

    separator = max(_SEPARATORS, key=columns)
    return _Dialect(separator, has_blanks=f"{separator} " in header), number


class _Again:
    """Lines that can be given back."""

    def __init__(self, lines: Iterable[str | None]) -> None:
        self._lines, self._waiting = iter(lines), deque[str]()

    def noting(self, taken: list[str], most: int | None = None) -> Iterator[str]:
        """What follows, line by line, `most` lines of it; what was taken stands in the list."""
        while most is None or len(taken) < most:
            line = self._waiting.popleft() if self._waiting else next(self._lines, "")
            if not line:
                if line is None:
                    raise csv.Error("a line is too long")
                return
            taken.append(line)
            yield line

    def again(self, lines: list[str]) -> None:
        """Pushes lines back, to be read next."""
        self._waiting.extendleft(reversed(lines))
