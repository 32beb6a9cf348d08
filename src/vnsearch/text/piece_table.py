"""What each piece between two blanks holds, as numbers: one look-up for all pieces of many texts.

A split and a dictionary cost two objects a piece.  Here pieces stay where they are, in bytes; the first 16
of each are two 64-bit numbers, by which NumPy finds the piece in a table of open addresses.

>>> table = PieceTable(lambda piece: [len(part) for part in piece.decode().split("-")])
>>> table.look_up(" một hai-ba một ".encode()).tolist()
[3, 3, 2, 3]
"""

import secrets
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..forks import ForkSafeLock

Numbers = npt.NDArray[np.intp]

_WIDTH = 16  # bytes of a piece that are compared at once; longer pieces are rare, a dictionary knows them
_BITS = 18  # of a place in the table
_MOST, _MOST_BYTES = 1 << 17, 16 << 20  # pieces of a table, and their length together
# odd, and different in each process: nobody can write pieces that all look for the same place
_FACTORS = np.array([secrets.randbits(64) | 1 for _ in range(3)], np.uint64)
_MASKS = np.array([(1 << 8 * max(0, min(8, n - 8))) - 1 for n in range(2 * 8 + 1)], np.uint64)  # of n - 8 bytes


class PieceTable:
    """Remembers `read(piece)`, numbers below 2**32, of every piece that it met; safe to share between threads.

    Take a new one when it `is_full`: a stream of random strings must not grow without end.
    """

    def __init__(self, read: Callable[[bytes], Sequence[int]]) -> None:
        self._read, self._lock = read, ForkSafeLock(spoilt=self._clear)
        self._clear()

    def _clear(self) -> None:
        self._numbers: dict[bytes, int] = {}  # of pieces, from 1
        self._bytes = 0
        self._low, self._high = np.zeros(1 << _BITS, np.uint64), np.zeros(1 << _BITS, np.uint64)
        self._number_at = np.zeros(1 << _BITS, np.int32)  # 0: free; written after its key
        self._first, self._counts = np.zeros(1, np.intp), np.zeros(1, np.intp)  # by number, into values
        self._values = np.zeros(0, np.uint32)

    @property
    def is_full(self) -> bool:
        """Whether it should take no more texts."""
        return len(self._numbers) >= _MOST or self._bytes >= _MOST_BYTES

    def look_up(self, data: bytes) -> npt.NDArray[np.uint32]:
        """What was read of the pieces of a text, which begins and ends with a blank; blanks are bytes up to 32."""
        padded = data + b" " * _WIDTH
        blank = np.frombuffer(padded, np.uint8) <= 32
        (edges,) = np.nonzero(blank[1:] != blank[:-1])
        starts, ends = edges[::2] + 1, edges[1::2] + 1
        lengths = ends - starts
        words = np.ndarray((len(padded) - 7,), np.uint64, padded, strides=(1,))  # the eight bytes from each byte on
        keys = _Keys(
            words[starts] & _MASKS[np.minimum(lengths, 8) + 8], words[starts + 8] & _MASKS[np.minimum(lengths, _WIDTH)]
        )
        numbers = self._known(keys, lengths)
        (missing,) = np.nonzero(numbers == 0)
        if len(missing):
            pieces = [
                data[start:end] for start, end in zip(starts[missing].tolist(), ends[missing].tolist(), strict=True)
            ]
            numbers[missing] = self._learn(pieces, keys.at(missing))
        first, counts = self._first[numbers], self._counts[numbers]
        inside = np.repeat(first - (np.cumsum(counts) - counts), counts) + np.arange(counts.sum())
        values: npt.NDArray[np.uint32] = self._values[inside]
        return values

    def _known(self, keys: "_Keys", lengths: Numbers) -> npt.NDArray[np.int32]:
        """The numbers of pieces; 0 for those that are new, and for long ones."""
        slots = keys.slots()
        numbers = np.zeros(len(lengths), np.int32)
        (at,) = np.nonzero(lengths <= _WIDTH)
        while len(at):  # where another piece stands, the next place is examined
            slot = slots[at]
            there = self._number_at[slot]
            same = (self._low[slot] == keys.low[at]) & (self._high[slot] == keys.high[at])
            numbers[at[same]] = there[same]
            at = at[~same & (there > 0)]
            slots[at] = slots[at] + 1 & (1 << _BITS) - 1
        return numbers

    def _learn(self, pieces: list[bytes], keys: "_Keys") -> list[int]:
        """The numbers of pieces that are not in the table, or were not a moment ago."""
        with self._lock:
            begun = len(self._numbers)
            counts: list[int] = []  # of those that are new
            values: list[int] = []
            places: list[int] = []
            for place, piece in enumerate(pieces):
                if piece not in self._numbers:
                    self._numbers[piece] = len(self._numbers) + 1
                    self._bytes += len(piece)
                    found = self._read(piece)
                    counts.append(len(found))
                    values.extend(found)
                    places.append(place)
            many = np.array(counts, np.intp)
            ends = len(self._values) + np.cumsum(many)
            self._values = np.concatenate((self._values, np.array(values, np.uint32)))
            self._first = np.concatenate((self._first, ends - many))
            self._counts = np.concatenate((self._counts, many))
            slots = keys.slots()
            for number, place in enumerate(places[: max(0, _MOST - begun)], begun + 1):
                if len(pieces[place]) <= _WIDTH:
                    slot = slots[place]
                    while self._number_at[slot]:
                        slot = slot + 1 & (1 << _BITS) - 1
                    self._low[slot], self._high[slot] = keys.low[place], keys.high[place]
                    self._number_at[slot] = number
            return [self._numbers[piece] for piece in pieces]


class _Keys(NamedTuple):
    """The first 16 bytes of pieces, as two numbers."""

    low: npt.NDArray[np.uint64]
    high: npt.NDArray[np.uint64]

    def at(self, places: Numbers) -> "_Keys":
        return _Keys(self.low[places], self.high[places])

    def slots(self) -> Numbers:
        """Where the table is examined first."""
        mixed = self.low * _FACTORS[0] ^ self.high * _FACTORS[1]
        mixed ^= mixed >> np.uint64(32)
        slots: Numbers = (mixed * _FACTORS[2] >> np.uint64(64 - _BITS)).astype(np.intp)
        return slots
