"""What each piece of a text holds, as numbers: found out once for each distinct piece, for many new ones at once.

News is written with few distinct pieces between blanks, so reading a text is one look-up a piece (`kernels.Table`), and
what follows for all texts of a batch is NumPy.

>>> def learn(pieces):
...     return (Rows.of([len(part) for part in piece.split("-")] for piece in pieces),)
>>> table = PieceTable(learn, (Rows.of([[0]]),))
>>> numbers = np.frombuffer(table.read("một hai-ba một"), np.int32)
>>> numbers.tolist(), [column.of_rows(numbers).tolist() for column in table.columns()]
([1, 2, 1], [[3, 3, 2, 3]])
"""

import os
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from re import Pattern
from typing import NamedTuple, TypeAlias

import numpy as np

from ..arrays import Array
from ..forks import ForkSafeLock
from ..kernels import Table, gather_rows


class Rows(NamedTuple):
    """Row n is values[first[n]:first[n + 1]]."""

    first: Array  # int64
    values: Array  # of 32 bits

    @classmethod
    def of(cls, rows: Iterable[Sequence[int]], kind: type = np.int32) -> "Rows":
        """Rows with these values."""
        rows = list(rows)
        return cls.joined(list(map(len, rows)), list(chain.from_iterable(rows)), kind)

    @classmethod
    def joined(cls, counts: Sequence[int], values: Sequence[int], kind: type = np.int32) -> "Rows":
        """Rows of so many values each, which stand one after the other."""
        first = np.zeros(len(counts) + 1, np.int64)
        np.cumsum(counts, out=first[1:])
        return cls(first, np.array(values, kind))

    def then(self, more: "Rows") -> "Rows":
        """These rows, and those after them."""
        first = np.concatenate((self.first, more.first[1:] + len(self.values)))
        return Rows(first, np.concatenate((self.values, more.values)))

    def of_rows(self, numbers: Array) -> Array:
        """The values of some rows, one after the other."""
        return np.frombuffer(gather_rows(self.first, self.values, numbers), self.values.dtype)


Columns: TypeAlias = tuple[Rows, ...]


class PieceTable:
    """Numbers the pieces of texts, and has for each its row of every column; safe to share between threads.

    learn: new pieces -> their rows.  first: the rows of numbers that no piece has, which callers put between texts.
    spaced: what is one piece though it holds blanks, see `kernels.Table.read`.
    Take a new one when it `is_full`: a stream of random strings must not grow without end.
    """

    def __init__(
        self,
        learn: Callable[[list[str]], Columns],
        first: Columns,
        spaced: "Pattern[str] | None" = None,
        most: tuple[int, int] = (500_000, 64 << 20),
    ) -> None:
        """most: pieces of a full table, or characters of them together."""
        self._learn, self._spaced, self._most = learn, spaced, most
        self._numbers = Table(os.urandom(16), len(first[0].first) - 1)
        self._columns, self._characters = first, 0
        self._lock = ForkSafeLock()

    def __len__(self) -> int:
        return len(self._numbers)

    @property
    def is_full(self) -> bool:
        """Whether it should take no more texts."""
        return len(self) >= self._most[0] or self._characters >= self._most[1]

    def read(self, text: str) -> bytes:
        """The numbers of a text's pieces, four bytes each."""
        return self._numbers.read(text, self._spaced)

    def columns(self) -> Columns:
        """The columns, with a row for each piece that was read until now; they stay as they are."""
        with self._lock:
            if pieces := self._numbers.pieces(len(self._columns[0].first) - 1):
                learnt = self._learn(pieces)
                self._characters += sum(map(len, pieces))
                self._columns = tuple(old.then(new) for old, new in zip(self._columns, learnt, strict=True))
            return self._columns
