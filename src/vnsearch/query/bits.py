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
        ends = widths.cumsum()
        self.begin = ends - widths  # the place of each document's first position
        self.planes = np.zeros((-(-words // 8), int(ends[-1]) + 1 if len(ends) else 1), np.uint8)

    def set(self, words: Array, places: Array) -> None:
        """The words stand at these places."""
        flat, at, bit = self.planes.reshape(-1), places, _BITS[words & 7]
        if len(self.planes) > 1:
            at = (words >> 3) * self.planes.shape[1] + places
        flat[at] |= bit
        lost = (flat[at] & bit == 0).nonzero()[0]  # of several words of a plane at one place one was set
        if len(lost):
            np.bitwise_or.at(flat, at[lost], bit[lost])

    def clear(self, words: Array, places: Array) -> None:
        """The words do not stand at these places."""
        at = (words >> 3) * self.planes.shape[1] + places
        np.bitwise_and.at(self.planes.reshape(-1), at, ~_BITS[words & 7])

    def some(self, places: Array, wanted: Array) -> Array:
        """At which of the places any of the wanted words stands; wanted: as of `at`."""
        found = self.planes[0].take(places) & wanted[:, 0]
        for number, plane in enumerate(self.planes[1:], 1):
            found |= plane.take(places) & wanted[:, number]
        there: Array = found.nonzero()[0]
        return there

    def at(self, places: Array, wanted: Array) -> tuple[Array, Array]:
        """Which of the wanted words stand at places: (which of the places, the word), one pair for each.

        wanted: for each place its words, a row of bits of as many bytes as there are planes.
        """
        found, words = [], []
        for number, plane in enumerate(self.planes):
            bits = plane.take(places) & wanted[:, number]
            some = bits.nonzero()[0]
            bit = np.unpackbits(bits[some], bitorder="little").nonzero()[0]
            found.append(some[bit >> 3])
            words.append((bit & 7) + 8 * number)
        return (found[0], words[0]) if len(found) == 1 else (np.concatenate(found), np.concatenate(words))
