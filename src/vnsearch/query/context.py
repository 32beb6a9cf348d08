"""Which syllables stand beside one another in an index, and how often: what diacritics are restored by.

Counted from the positions of the index, once a snapshot and only when asked for, in memory.  Of an index that
is longer than `MOST_POSITIONS` only the first documents of each segment are counted, so that time and memory are
bounded: some 0.3 s and 10 MB a million positions.
"""

from collections.abc import Sequence

import numpy as np

from ..index.container import Array
from ..index.segment import Segment

MOST_POSITIONS = 2_000_000  # of an index that are counted
_LONGEST_SYLLABLE = 7  # letters: "nghiêng"
_AT_ONCE = 20_000  # terms whose postings are looked at together
_BITS = 21  # of a key for each syllable


class Context:
    """Counts of pairs and triples of adjacent syllables."""

    def __init__(self, segments: Sequence[Segment], most: int = MOST_POSITIONS) -> None:
        self._numbers: dict[str, int] = {}
        positions = sum(len(segment.positions) for segment in segments)
        share = min(1.0, most / max(positions, 1))
        streams = [self._stream(segment, -int(-segment.documents * share // 1)) for segment in segments]
        stream = np.concatenate([np.zeros(1, np.int64), *streams])
        pairs = stream[:-1] << _BITS | stream[1:]
        pairs = pairs[(stream[:-1] > 0) & (stream[1:] > 0)]
        self._pairs, self._pair_counts = np.unique(pairs, return_counts=True)
        triples = stream[:-2] << 2 * _BITS | stream[1:-1] << _BITS | stream[2:]
        triples = triples[(stream[:-2] > 0) & (stream[1:-1] > 0) & (stream[2:] > 0)]
        triples, counts = np.unique(triples, return_counts=True)
        self._triples, self._triple_counts = triples[counts > 1], counts[counts > 1]  # most occur once, and take room
        first = self._pairs >> _BITS
        size = len(self._numbers) + 1
        self.following = np.bincount(first, weights=self._pair_counts, minlength=size)  # how often any stands behind
        self.kinds = np.bincount(first, minlength=size)  # how many different ones do

    def _stream(self, segment: Segment, documents: int) -> Array:
        """The numbers of the syllables of the first documents in order; 0 where something else stands."""
        length = segment.width[:documents].astype(np.int64) + 3  # with the gaps between fields, and one behind
        begin = np.cumsum(length) - length
        stream = np.zeros(int(length.sum()) + 1, np.int64)
        numbers = self._number_terms(segment)
        for first in range(0, len(numbers), _AT_ONCE):
            last = min(first + _AT_ONCE, len(numbers))
            terms, found, codes = segment.all_postings(first, last)
            counts = segment.all_counts(first, last, codes)
            starts = np.cumsum(counts) - counts + segment.position_range(first, last)[0]
            wanted = ((found < documents) & (numbers[terms] > 0)).nonzero()[0]
            terms, found, counts, starts = terms[wanted], found[wanted], counts[wanted], starts[wanted]
            places = np.repeat(begin[found], counts) + segment.positions.runs(starts, counts)
            stream[places] = np.repeat(numbers[terms], counts)
        return stream

    def _number_terms(self, segment: Segment) -> Array:
        """The number of each term of a segment; 0 for one that is no syllable, or occurs once."""
        terms = segment.terms.all()
        numbers = np.zeros(len(terms), np.int64)
        for term in np.flatnonzero(segment.data["cf"] > 1).tolist():
            name = terms[term]
            if len(name) <= _LONGEST_SYLLABLE and name.isalnum() and len(self._numbers) < (1 << _BITS) - 1:
                numbers[term] = self._numbers.setdefault(name, len(self._numbers) + 1)
        return numbers

    def number(self, syllable: str) -> int:
        """The number of a syllable; 0 for one that was not counted."""
        return self._numbers.get(syllable, 0)

    def pairs(self, first: Array, second: Array) -> Array:
        """How often each of `second` (columns) stands behind each of `first` (rows)."""
        return _look_up(self._pairs, self._pair_counts, first[:, None] << _BITS | second)

    def triples(self, first: Array, second: Array, third: Array) -> Array:
        """The same of three; 0 for what occurs once."""
        keys = first[:, None, None] << 2 * _BITS | second[:, None] << _BITS | third
        return _look_up(self._triples, self._triple_counts, keys)


def _look_up(keys: Array, counts: Array, wanted: Array) -> Array:
    if not len(keys):
        return np.zeros(wanted.shape)
    at = keys.searchsorted(wanted)
    at[at == len(keys)] = 0
    return np.where(keys[at] == wanted, counts[at], 0).astype(np.float64)
