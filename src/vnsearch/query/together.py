"""How the words of a query stand in a document: side by side, near one another, early, in the title.

    score(d) = PAIR     sum over pairs of words that are neighbours in the query: info(pair) sat(n_pair(d))
             + NEAR     the most idf of different words within WINDOW positions of d
             + CLOSE    the same within CLOSE_WINDOW positions
             + EARLY    idf of the words within the first FIRST positions of d
             + TITLE    idf of the words in the title of d
             + COVER    idf of the words that d has at all

    sat(n)     = (K1 + 1) n / (n + norm(d)), as of a word (`postings`)
    info(pair) = -ln min(1, (c_pair + .5) / (c_rarer + .5))

c: in how many of the best documents by words alone the pair stands, and the rarer one of its words.  So a pair is
worth what it says beyond its words: nothing where the rarer word always has the other beside it, much where that
is rare.  Pairs are those of the sequential dependence model (Metzler, Croft 2005, "A Markov random field model for
term dependencies"), whose weight there is the idf of the pair; as no df of pairs is stored, the difference to the
idf of the word is estimated from the documents at hand.  The window is what Tao, Zhai 2007 ("An exploration of
proximity measures in information retrieval") call a span, bounded and weighted by idf.  News says early what it is
about.  Where an abbreviation stands, all the words that it stands for do.  `benchmarks/ranking.py` measures what each
part is worth.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ..index.container import Array
from .bits import Bits
from .places import Terms
from .plan import ALL_FIELDS, Together
from .postings import Postings

PAIR, NEAR, CLOSE, EARLY, TITLE, COVER = 2.0, 1.0, 0.5, 0.5, 2.0, 0.2
WINDOW, CLOSE_WINDOW, FIRST = 30, 8, 30  # positions
_MOST_LAID_OUT = 4 << 20  # bytes of positions laid out at once
_SET = (np.arange(256)[:, None] >> np.arange(8) & 1).astype(np.float32)  # which bits of a byte are set


class Look(NamedTuple):
    """What one segment's documents have."""

    words: Array  # words x documents: 1 where it occurs, else 0
    pairs: Array  # pairs x documents: the same
    shares: Array  # pairs x documents: how often, saturated
    rest: Array  # for each document: what the other parts come to


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
    """The words of the query in the documents."""

    def __init__(
        self, postings: Postings, node: Together, groups: Sequence[Terms], widths: Array, documents: Array
    ) -> None:
        find, size = postings.places, len(documents)
        self._postings, self._documents, self._groups = postings, documents, len(groups)
        word, at, start, count = find.occurring(groups, documents)
        positions = find.positions(start, count)
        first = positions[count.cumsum() - count]
        if node.fields != ALL_FIELDS:  # the others are forgotten, and each of the rest counts as a posting
            word, at = word.repeat(count), at.repeat(count)
            kept = find.in_fields(find.starts(documents[at]) + positions, node.fields)
            word, at, positions = word[kept], at[kept], positions[kept]
            first, count = positions, np.ones_like(word)
        # of postings: cell, whether it is early, whether in the title
        self._cell, self._early = word * size + at, first < FIRST
        self._in_title = first < postings.segment.title_width[documents[at]]
        # of occurrences: word, document, place in the layout
        self._bits = Bits(len(groups), widths)
        self._places = self._bits.begin[at].repeat(count) + positions
        self._word, self._at = word.repeat(count), at.repeat(count)
        self._bits.set(self._word, self._places)

    def look(self, node: Together, weights: Array) -> Look:
        words = np.zeros(self._groups * len(self._documents), np.float32)
        words[self._cell] = 1
        boosted = words * np.float32(COVER)
        boosted[self._cell[self._early]] += EARLY
        boosted[self._cell[self._in_title]] += TITLE
        pairs = self._pairs(node.pairs)
        return Look(
            words.reshape(self._groups, -1),
            np.minimum(pairs, 1),
            self._postings.saturated(pairs, self._documents),
            self._windows(weights) + _added(weights, boosted.reshape(self._groups, -1)),
        )

    def _pairs(self, pairs: Sequence[tuple[int, int]]) -> Array:
        """Pairs x documents: how often the second word stands behind the first."""
        size, planes = len(self._documents), len(self._bits.planes)
        number = np.zeros((self._groups, 8 * planes), np.int64)
        behind = np.zeros((self._groups, planes), np.uint8)  # for each word those behind it, a bit for each
        for pair, (first, second) in enumerate(pairs):
            number[first, second] = pair
            behind[first, second >> 3] |= 1 << (second & 7)
        there, seconds = self._bits.at(self._places + 1, behind[self._word])
        cells = number[self._word[there], seconds] * size + self._at[there]
        return np.bincount(cells, minlength=len(pairs) * size).reshape(-1, size).astype(np.float32)

    def _windows(self, weights: Array) -> Array:
        """For each document what the most that stands within WINDOW positions is worth, and within CLOSE_WINDOW.

        Every best window can be moved until it begins with a word, so only those are looked at.
        """
        total = np.zeros(len(self._documents), np.float32)
        if not len(self._places):
            return total
        padded = np.zeros(8 * len(self._bits.planes), np.float32)
        padded[: len(weights)] = weights
        tables = [_SET @ own for own in padded.reshape(-1, 8)]
        windows, reach = self._bits.planes, 1  # what stands at a place and the reach - 1 behind it
        for wanted, factor in ((CLOSE_WINDOW, CLOSE), (WINDOW, NEAR)):
            while reach < wanted:
                step = min(reach, wanted - reach)
                windows, reach = windows[:, :-step] | windows[:, step:], reach + step
            worth = np.zeros(len(self._places), np.float32)
            for plane, table in zip(windows, tables, strict=True):
                worth += table.take(plane.take(self._places))
            best = np.zeros(len(self._documents), np.float32)
            np.maximum.at(best, self._at, worth)
            total += factor * best
        return total


def _added(weights: Array, rows: Array) -> Array:
    """weights @ rows, summed in the same order however many columns there are: what a document is worth must not
    depend on its neighbours.
    """
    total: Array = np.add.reduce(weights[:, None] * rows)
    return total


def scores(looks: Sequence[Look], samples: Sequence[Array], rarer: Sequence[int]) -> list[Array]:
    """The scores of each look's documents.

    samples: for each look 1 for the documents that pairs are judged by, else 0.  rarer: for each pair its rarer word.
    """
    if not rarer:
        return [look.rest for look in looks]
    of_pairs = np.add.reduce([look.pairs @ sample for look, sample in zip(looks, samples, strict=True)])
    of_words = np.add.reduce([look.words @ sample for look, sample in zip(looks, samples, strict=True)])
    info = -np.log(np.minimum(1, (of_pairs + 0.5) / (of_words[list(rarer)] + 0.5)))
    return [PAIR * _added(info, look.shares) + look.rest for look in looks]
