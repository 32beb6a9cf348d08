"""How the words of a query stand in a document: side by side, near one another, early, in the title.

    score(d) = PAIR     sum over pairs of words that are neighbours in the query: info(pair) sat(n_pair(d))
             + NEAR     the most idf of different words within WINDOW positions of d
             + EARLY    idf of the words within the first FIRST positions of d
             + TITLE    idf of the words in the title of d

    sat(n)     = (K1 + 1) n / (n + norm(d)), as of a word (`postings`)
    info(pair) = -ln min(1, (c_pair + .5) / (c_rarer + .5))

c: in how many of the best documents by words alone the pair stands, and the rarer one of its words.  So a pair is
worth what it says beyond its words: nothing where the rarer word always has the other beside it, much where that
is rare.  Pairs are those of the sequential dependence model (Metzler, Croft 2005, "A Markov random field model for
term dependencies"), whose weight there is the idf of the pair; as no df of pairs is stored, the difference to the
idf of the word is estimated from the documents at hand.  The window is what Tao, Zhai 2007 ("An exploration of
proximity measures in information retrieval") call a span, bounded and weighted by idf.  News says early what it is
about.  `benchmarks/ranking.py` measures what each part is worth.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ..index.container import Array
from .places import Terms
from .plan import ALL_FIELDS, Together
from .postings import Postings

PAIR, NEAR, EARLY, TITLE = 1.8, 1.0, 0.4, 1.0
WINDOW, FIRST = 15, 60  # positions
_MOST_LAID_OUT = 4 << 20  # bytes of positions laid out at once
_BITS = np.uint8(1) << np.arange(8, dtype=np.uint8)
_SET = np.arange(256)[:, None] >> np.arange(8) & 1  # which bits of a byte are set


class Look(NamedTuple):
    """What one segment's documents have."""

    words: Array  # words x documents, bool: does it occur
    pairs: Array  # pairs x documents: how often
    shares: Array  # the same, saturated
    rest: Array  # for each document: what near, early and in the title come to


def look(postings: Postings, node: Together, groups: Sequence[Terms], weights: Array, documents: Array) -> Look:
    """What the documents (ascending) have of the words, each a group of terms; weights: what each word is worth."""
    planes = -(-len(groups) // 8)
    widths = postings.places.widths(documents) + WINDOW
    if len(documents) > 1 and planes * int(widths.sum()) > _MOST_LAID_OUT:
        half = len(documents) // 2
        parts = [look(postings, node, groups, weights, part) for part in (documents[:half], documents[half:])]
        return Look(*(np.concatenate(columns, axis=-1) for columns in zip(*parts, strict=True)))
    return _Layout(postings, node, groups, widths, documents).look(node, weights)


class _Layout:
    """The documents' positions laid out one after the other, one bit a word in planes of bytes.

    So what follows a word, and what stands near it, is found by looking, whatever documents they are in.
    """

    def __init__(
        self, postings: Postings, node: Together, groups: Sequence[Terms], widths: Array, documents: Array
    ) -> None:
        find, size = postings.places, len(documents)
        self._postings, self._documents, self._groups = postings, documents, len(groups)
        cell, start, count = find.occurring(groups, documents)
        positions = find.positions(start, count)
        first = find.positions(start, np.ones_like(count)) if node.fields == ALL_FIELDS else positions
        if node.fields != ALL_FIELDS:
            cell = np.repeat(cell, count)
            kept = _in_fields(postings, documents[cell % size], positions, node.fields)
            cell, positions, first = cell[kept], positions[kept], first[kept]
            count = np.ones_like(cell)
        self._cell, self._first = cell, first  # of postings
        self._ends = np.cumsum(count)
        # of occurrences: word, document, place in the layout
        self._word, self._at = np.divmod(np.repeat(cell, count), size)
        begin = np.cumsum(widths) - widths
        self._places = begin[self._at] + positions
        self._width = int(widths.sum()) + 1
        self._planes = self._laid_out()

    def _laid_out(self) -> Array:
        """Planes x places: the bits of eight words each."""
        planes = np.zeros((-(-self._groups // 8), self._width), np.uint8)
        flat, at, bit = planes.reshape(-1), (self._word >> 3) * self._width + self._places, _BITS[self._word & 7]
        flat[at] |= bit
        lost = (flat[at] & bit == 0).nonzero()[0]  # of words of one plane at one place only one was set
        np.bitwise_or.at(flat, at[lost], bit[lost])
        return planes

    def look(self, node: Together, weights: Array) -> Look:
        cells = self._groups * len(self._documents)
        title = self._postings.segment.title_width[self._documents]
        words = _marked(cells, self._cell)
        early = _marked(cells, self._cell[self._first < FIRST])
        in_title = _marked(cells, self._cell[self._first < title[self._cell % len(title)]])
        pairs = self._pairs(node.pairs)
        boosted = (np.float32(EARLY) * early + np.float32(TITLE) * in_title).reshape(self._groups, -1)
        return Look(
            words.reshape(self._groups, -1),
            pairs,
            self._postings.saturated(pairs.astype(np.float32), self._documents),
            NEAR * self._windows(weights) + _added(weights, boosted),
        )

    def _pairs(self, pairs: Sequence[tuple[int, int]]) -> Array:
        """Pairs x documents: how often the second word stands behind the first."""
        size = len(self._documents)
        counts = np.zeros((len(pairs), size), np.int64)
        waiting = list(enumerate(pairs))
        while waiting:  # in each round one pair of each first word
            round_ = {first: (number, second) for number, (first, second) in reversed(waiting)}
            waiting = [one for one in waiting if round_[one[1][0]][0] != one[0]]
            numbers = np.full(self._groups, -1)
            behind = np.zeros(self._groups, np.int64)
            for first, (number, second) in round_.items():
                numbers[first], behind[first] = number, second
            wanted = behind[self._word]
            bits = self._planes.reshape(-1).take((wanted >> 3) * self._width + self._places + 1) & _BITS[wanted & 7]
            there = bits.nonzero()[0]
            pair = numbers[self._word[there]]
            found = np.bincount((pair * size + self._at[there])[pair >= 0], minlength=counts.size)
            counts += found.reshape(counts.shape)
        return counts

    def _windows(self, weights: Array) -> Array:
        """For each document the most that different words within WINDOW positions are worth together.

        Every best window can be moved until it begins with a word, so only those are looked at.
        """
        best = np.zeros(len(self._documents), np.float32)
        if not len(self._places):
            return best
        windows, reach = self._planes, 1  # what stands at a place and the reach - 1 behind it
        while reach < WINDOW:
            step = min(reach, WINDOW - reach)
            windows, reach = windows[:, :-step] | windows[:, step:], reach + step
        worth = np.zeros(len(self._places), np.float32)
        for number, plane in enumerate(windows):
            own = weights[8 * number : 8 * number + 8]
            worth += (_SET[:, : len(own)] * own).sum(1, dtype=np.float32).take(plane.take(self._places))
        np.maximum.at(best, self._at, worth)
        return best


def _in_fields(postings: Postings, documents: Array, positions: Array, fields: tuple[str, ...]) -> Array:
    return postings.places.in_fields(postings.places.starts(documents) + positions, fields)


def _marked(size: int, cells: Array) -> Array:
    marked = np.zeros(size, bool)
    marked[cells] = True
    return marked


def _added(weights: Array, rows: Array) -> Array:
    """weights @ rows, summed in the same order however many columns there are: what a document is worth must not
    depend on its neighbours.
    """
    total: Array = (weights[:, None] * rows).sum(0)
    return total


def scores(looks: Sequence[Look], samples: Sequence[Array], rarer: Sequence[int]) -> list[Array]:
    """The scores of each look's documents.

    samples: for each look which of its documents (bool) pairs are judged by.  rarer: for each pair its rarer word.
    """
    of_pairs = sum((look.pairs[:, sample] > 0).sum(1) for look, sample in zip(looks, samples, strict=True))
    of_words = sum(look.words[:, sample].sum(1) for look, sample in zip(looks, samples, strict=True))
    likely = (np.asarray(of_pairs) + 0.5) / (np.asarray(of_words)[list(rarer)] + 0.5)
    info = (-np.log(np.minimum(1, likely))).astype(np.float32)
    return [PAIR * _added(info, look.shares) + look.rest for look in looks]
