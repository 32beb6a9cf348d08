"""Documents laid out one behind the other, a bit for each word at each of their positions.

So what stands behind a word, or near it, is found by looking there, in all documents at once, and nothing is sorted.
Words are taken eight at a time, a byte a position: a *plane*.
"""

import numpy as np

from ..index.container import Array

_BITS = np.uint8(1) << np.arange(8, dtype=np.uint8)


class Bits:
    """For few words in few documents: a byte for every position of each, for every eight words."""

    def __init__(self, words: int, widths: Array) -> None:
        """widths: how many positions each document gets, those between it and the next included."""
        numbers, width = np.arange(words), int(widths.sum()) + 1
        self.begin = np.cumsum(widths) - widths  # the place of each document's first position
        self.planes = np.zeros((-(-words // 8), width), np.uint8)
        self._flat = self.planes.reshape(-1)
        self._plane, self._bit = (numbers >> 3) * width, _BITS[numbers & 7]

    def set(self, words: Array, places: Array) -> None:
        """The words stand at these places."""
        at, bit = self._plane[words] + places, self._bit[words]
        self._flat[at] |= bit
        lost = (self._flat[at] & bit == 0).nonzero()[0]  # of several words of a plane at one place one was set
        np.bitwise_or.at(self._flat, at[lost], bit[lost])

    def where(self, words: Array, places: Array) -> Array:
        """At which of the places the words stand, as ascending numbers."""
        there: Array = (self._flat.take(self._plane[words] + places) & self._bit[words]).nonzero()[0]
        return there
