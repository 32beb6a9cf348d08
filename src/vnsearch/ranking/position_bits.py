"""Documents laid out one behind the other, a bit for each word at each of their positions.

So what stands behind a word, or near it, is found by looking there, in all documents at once, and nothing is sorted.
A number of 8, 16, 32 or 64 bits a position holds the words; where they are more, there are several *planes* of such
numbers.
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from ..arrays import Array

_EACH = (8, 16, 32, 64)  # words of a plane
_BIT: dict[int, Array] = {n: np.array([1 << bit for bit in range(n)], f"u{n // 8}") for n in _EACH}


class Bits:
    """For few words in few documents: a number for every position of each."""

    def __init__(self, words: int, positions: int) -> None:
        """positions: of all documents, those between them included."""
        self._each = _each(words)
        self._bit = _BIT[self._each]
        self._shared = False  # whether any place of a plane has several words
        self.planes = np.zeros((max(-(-words // self._each), 1), positions + 1), self._bit.dtype)

    def set(self, words: Array, places: Array) -> None:
        """The words stand at these places."""
        flat, at, bit = self.planes.reshape(-1), self._flat(words, places), self._bit.take(words & self._each - 1)
        flat[at] = bit
        lost = (flat.take(at) != bit).nonzero()[0]  # of several words of a plane at one place one was set
        if len(lost):
            self._shared = True
            np.bitwise_or.at(flat, at[lost], bit[lost])

    def clear(self, words: Array, places: Array) -> None:
        """The words do not stand at these places."""
        flat, at = self.planes.reshape(-1), self._flat(words, places)
        if self._shared:
            np.bitwise_and.at(flat, at, ~self._bit.take(words & self._each - 1))
        else:
            flat[at] = 0

    def _flat(self, words: Array, places: Array) -> Array:
        return places if len(self.planes) == 1 else words // self._each * self.planes.shape[1] + places

    def some(self, places: Array, wanted: Array) -> Array:
        """At which of the places any of the wanted words stands; wanted: for each place a row of `masks`."""
        found = self.planes[0].take(places) & wanted[:, 0]
        for number, plane in enumerate(self.planes[1:], 1):
            found |= plane.take(places) & wanted[:, number]
        there: Array = found.nonzero()[0]
        return there

    def at(self, places: Array, wanted: Array) -> tuple[Array, Array]:
        """Which of the wanted words stand at places: (which of the places, the word), one pair for each.

        wanted: as of `some`.
        """
        found, words = [], []
        for number, plane in enumerate(self.planes):
            bits = plane.take(places) & wanted[:, number]
            some = bits.nonzero()[0]
            bit = np.unpackbits(_bytes(bits[some]), bitorder="little").nonzero()[0]
            found.append(some[bit // self._each])
            words.append(bit % self._each + self._each * number)
        return (found[0], words[0]) if len(found) == 1 else (np.concatenate(found), np.concatenate(words))

    def windows(self, widths: Sequence[int]) -> Iterator[Array]:
        """Planes of what stands at each position and behind it, within so many in all; widths: ascending."""
        windows, reach = self.planes, 1
        for width in widths:
            while reach < width:
                step = min(reach, width - reach)
                windows, reach = windows[:, :-step] | windows[:, step:], reach + step
            yield windows


def _each(words: int) -> int:
    return next((each for each in _EACH if words <= each), _EACH[-1])


def masks(words: int, pairs: Iterable[tuple[int, int]]) -> Array:
    """For each of so many words those that it is paired with: words x planes."""
    each = _each(words)
    planes = max(-(-words // each), 1)
    masks = [0] * (words * planes)
    for first, second in pairs:
        masks[first * planes + second // each] |= 1 << second % each
    return np.array(masks, _BIT[each].dtype).reshape(-1, planes)


def worth(planes: Array, tables: Sequence[Array], places: Array) -> Array:
    """What the words at places are worth; tables: of eight words each, by their bits."""
    each = planes.itemsize
    bits = [_bytes(plane.take(places)) for plane in planes]
    worth: Array = tables[0].take(bits[0] if each == 1 else bits[0][::each])
    for number, table in enumerate(tables[1:], 1):
        worth += table.take(bits[number // each][number % each :: each])
    return worth


def _bytes(numbers: Array) -> Array:
    """Those of the numbers, the one of the first eight bits first."""
    return numbers if numbers.itemsize == 1 else numbers.astype(f"<u{numbers.itemsize}", copy=False).view(np.uint8)
