"""How the words of a query stand in a document: side by side, near one another, early, in the title.

    score(d) = PAIR     sum over pairs of words that are neighbours in the query: info(pair) sat(n_pair(d))
             + NEAR     the most idf of different words within WINDOW positions of d
             + CLOSE    the same within CLOSE_WINDOW positions
             + EARLY    idf of the words within the first FIRST positions of d
             + TITLE    idf of the words in the title of d
             + COVER    idf of the words that d has at all

    sat(n)     = (K1 + 1) n / (n + norm(d)), as of a word (`bm25f`)
    info(pair) = -ln min(1, (c_pair + .5) / (c_rarer + .5))

idf: as `spellings` reads words that were typed without marks.

c: in how many of the best documents by words alone the pair stands, and the rarer one of its words.  So a pair is
worth what it says beyond its words: nothing where the rarer word always has the other beside it, much where that
is rare.  Pairs are those of the sequential dependence model (Metzler, Croft 2005, "A Markov random field model for
term dependencies"), whose weight there is the idf of the pair; as no df of pairs is stored, the difference to the
idf of the word is estimated from the documents at hand.  The window is what Tao, Zhai 2007 ("An exploration of
proximity measures in information retrieval") call a span, bounded and weighted by idf.  News says early what it is
about.  Where an abbreviation stands, all the words that it stands for do.  `python -m benchmarks ranking` measures what
each part is worth.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from math import log
from typing import NamedTuple

import numpy as np

from .. import kernels
from ..arrays import Array, spans
from ..query.plan import ALL_FIELDS, Together
from .occurrences import Postings, Terms
from .position_bits import Bits, masks, worth
from .spellings import Reading, Spellings, Word, read

PAIR, NEAR, CLOSE, EARLY, TITLE, COVER = 2.0, 1.0, 0.5, 0.5, 2.0, 0.2
WINDOW, CLOSE_WINDOW, FIRST = 30, 8, 30  # positions
_MOST_LAID_OUT = 4 << 20  # bytes of positions laid out at once
_MOST_GATHERED = 4_096  # documents
_MOST_HELD = 1 << 20  # bytes of these that are held until they are looked at again
_SET = (np.arange(256)[:, None] >> np.arange(8) & 1).astype(np.float32)  # which bits of a byte are set


class Worth(NamedTuple):
    """What the words were taken to be worth, and the codes of spellings that they were not taken to have."""

    weights: Array
    spellings: Spellings | None
    dropped: list[int]


class Look(NamedTuple):
    """What one segment's documents have."""

    has: Array  # words, then pairs x documents: 1 where it occurs, else 0
    shares: Array  # pairs x documents: how often, saturated
    rest: Array  # for each document: what the other parts come to


class _Neighbours(NamedTuple):
    """Of the words of a query, as the pairs have them."""

    behind: Array  # `masks` of those that stand behind each
    before: Array  # and before each
    pair: Array | None  # for each word the number of the pair that it is the first of; None: one is so of several
    itself: bool  # whether a word is a pair with itself


@lru_cache(maxsize=100)
def _neighbours(words: int, pairs: tuple[tuple[int, int], ...]) -> _Neighbours:
    """Kept, since all queries of so many different words have the same pairs."""
    numbers = {first: number for number, (first, _) in enumerate(pairs)}
    return _Neighbours(
        masks(words, pairs),
        masks(words, [(second, first) for first, second in pairs]),
        np.array([numbers.get(word, 0) for word in range(words)]) if len(numbers) == len(pairs) else None,
        any(first == second for first, second in pairs),
    )


def lay_out(
    postings: Postings,
    node: Together,
    groups: Sequence[Terms],
    documents: Array,
    stride: int = 0,
    codes: Array | None = None,
    first: int = 0,
) -> "list[Layout | Gathered]":
    """The words, each a group of terms, in the documents (ascending), of which some are laid out at once.

    stride, codes: as of `Spellings`, where any word is read.  first: number of the first document.
    """
    if postings.segment.store is not None:
        return [
            Gathered(postings, node, groups, documents[at : at + _MOST_GATHERED], first + at, stride, codes)
            for at in range(0, len(documents), _MOST_GATHERED)
        ]
    planes = -(-len(groups) // 8)
    widths = postings.places.widths(documents) + WINDOW
    if len(documents) > 1 and planes * int(np.add.reduce(widths)) > _MOST_LAID_OUT:
        half = len(documents) // 2
        return [
            *lay_out(postings, node, groups, documents[:half], stride, codes, first),
            *lay_out(postings, node, groups, documents[half:], stride, codes, first + half),
        ]
    return [Layout(postings, node, groups, documents, first, widths, stride, codes)]


class Layout:
    """The words of the query in some documents."""

    def __init__(
        self,
        postings: Postings,
        node: Together,
        groups: Sequence[Terms],
        documents: Array,
        first: int,
        widths: Array,
        stride: int,
        codes: Array | None,
    ) -> None:
        find, size = postings.places, len(documents)
        self.documents, self.first = documents, first
        self._postings, self._groups = postings, len(groups)
        self._neighbours = _neighbours(len(groups), node.pairs)
        word, which, at, start, count = find.occurring(groups, documents)
        if node.fields != ALL_FIELDS:  # the others are forgotten, and each of the rest counts as a posting
            word, which, at, start = word.repeat(count), which.repeat(count), at.repeat(count), spans(start, count)
            count = np.ones_like(start)
            places = find.starts(documents[at]) + find.positions(start, count)
            kept = find.in_fields(places, node.fields)
            word, which, at, start, count = word[kept], which[kept], at[kept], start[kept], count[kept]
        # of postings: cell, whether it is early, whether in the title, cell of its spelling
        opening = find.first_positions(start, count)
        self._cell, self._early = word * size + at, opening < FIRST
        self._in_title = opening < postings.segment.title_width.take(documents).take(at)
        self._codes = len(groups) * stride
        if stride:
            if codes is not None:
                self._spelling = codes[word, which]
            else:
                self._spelling = word * stride + (np.minimum(which, stride - 1) if node.instead else which)
            self._spelled = self._spelling
            self._spelling_cell = self._spelling * size + at
        # of occurrences: word, document, place in the layout; a word that has a document for itself needs none, as
        # the best window has that word alone
        if max(map(len, groups), default=0) < 2:
            crowded = np.bincount(at, minlength=size) > 1
        else:  # several spellings are one word
            there = np.zeros((len(groups), size), bool)
            there.reshape(-1)[self._cell] = True
            crowded = np.add.reduce(there, 0) > 1
        if self._neighbours.itself:  # but for one that stands beside itself
            crowded |= np.bincount(at, count, size) > 1
        self._cover: Array | np.float32 = np.float32(COVER)
        if not crowded.all():
            self._cover = np.where(crowded, self._cover, np.float32(COVER + NEAR + CLOSE))
            widths = widths * crowded
            chosen = crowded.take(at).nonzero()[0]
            word, at, start, count = word.take(chosen), at.take(chosen), start.take(chosen), count.take(chosen)
            if stride:
                self._spelled = self._spelled.take(chosen)
        begin = widths.cumsum()
        self._positions = int(begin[-1])
        begin -= widths
        self._places = begin.take(at).repeat(count)
        self._places += find.checked_positions(start, count)
        self._word, self._at = word.repeat(count), at.repeat(count)
        if stride:
            self._spelled = self._spelled.repeat(count)
        self._bits: Bits | None = None

    def beside(self, words: Sequence[Word], sample: Array) -> Array:
        """In how many documents of the sample (1, else 0 for each document) each code of the words occurs; behind these
        numbers, in how many with a word behind it that stands behind its own in the query, and with one before it.
        """
        size, bits = len(self.documents), self._set_bits()
        read = np.zeros(self._groups, bool)
        read[[word.number for word in words]] = True
        at = read.take(self._word).nonzero()[0]
        word, places = self._word.take(at), self._places.take(at)
        behind = bits.some(places + 1, self._neighbours.behind.take(word, 0))
        before = bits.some(places - 1, self._neighbours.before.take(word, 0))
        if bits.planes.nbytes <= _MOST_HELD:
            self._bits = bits
        cells = self._spelled.take(at) * size + self._at.take(at)
        there = np.zeros((3, self._codes * size), np.float32)
        for row, own in zip(there, (self._spelling_cell, cells.take(behind), cells.take(before)), strict=True):
            row[own] = 1
        counts: Array = there.reshape(-1, size) @ sample
        return counts

    def look(self, node: Together, weights: Array, dropped: Sequence[int] = ()) -> Look:
        """What the documents have of the words.  weights: what each is worth; dropped: codes that do not count."""
        if dropped:
            self._drop(dropped)
        bits = self._set_bits() if self._bits is None or dropped and node.instead else self._bits
        has = np.zeros((self._groups + len(node.pairs), len(self.documents)), np.float32)
        has.reshape(-1)[self._cell] = 1
        words, pairs = has[: self._groups], has[self._groups :]
        boosted = words * self._cover
        boosted.reshape(-1)[self._cell[self._early]] += EARLY
        boosted.reshape(-1)[self._cell[self._in_title]] += TITLE
        rest = _added(weights, boosted)
        close, near = self._windows(weights, bits)
        rest += close * CLOSE + near * NEAR
        counts = self._pairs(node.pairs, bits)
        np.minimum(counts, 1, out=pairs)
        return Look(has, self._postings.saturated(counts, self.documents), rest)

    def _drop(self, codes: Sequence[int]) -> None:
        kept = np.ones(self._codes, bool)
        kept[list(codes)] = False
        occurrences = kept[self._spelled]
        if self._bits is not None:
            gone = (~occurrences).nonzero()[0]
            self._bits.clear(self._word[gone], self._places[gone])
        postings, at = kept[self._spelling].nonzero()[0], occurrences.nonzero()[0]
        self._cell, self._early, self._in_title = self._cell[postings], self._early[postings], self._in_title[postings]
        self._word, self._at, self._places = self._word[at], self._at[at], self._places[at]

    def _set_bits(self) -> Bits:
        bits = Bits(self._groups, self._positions)
        bits.set(self._word, self._places)
        return bits

    def _pairs(self, pairs: Sequence[tuple[int, int]], bits: Bits) -> Array:
        """Pairs x documents: how often the second word stands behind the first."""
        size, behind, wanted = len(self.documents), self._places + 1, self._neighbours.behind.take(self._word, 0)
        if self._neighbours.pair is not None:  # mostly no word has several behind it
            there = bits.some(behind, wanted)
            pair = self._neighbours.pair.take(self._word.take(there))
        else:
            there, seconds = bits.at(behind, wanted)
            numbers = np.zeros((self._groups, self._groups), np.int64)
            for pair_number, both in enumerate(pairs):
                numbers[both] = pair_number
            pair = numbers[self._word.take(there), seconds]
        cells = pair * size + self._at.take(there)
        return np.bincount(cells, minlength=len(pairs) * size).reshape(-1, size).astype(np.float32)

    def _windows(self, weights: Array, bits: Bits) -> Array:
        """For each document what the most that stands within CLOSE_WINDOW positions is worth, and within WINDOW.

        Every best window can be moved until it begins with a word, so only those are looked at.
        """
        best = np.zeros((2, len(self.documents)), np.float32)
        padded = np.zeros(-(-len(weights) // 8) * 8, np.float32)
        padded[: len(weights)] = weights
        tables = [_SET @ own for own in padded.reshape(-1, 8)]
        for windows, row in zip(bits.windows((CLOSE_WINDOW, WINDOW)), best, strict=True):
            np.maximum.at(row, self._at, worth(windows, tables, self._places))
        return best


class Gathered:
    """As `Layout`, by compiled kernels."""

    def __init__(
        self,
        postings: Postings,
        node: Together,
        groups: Sequence[Terms],
        documents: Array,
        first: int,
        stride: int,
        codes: Array | None,
    ) -> None:
        store = postings.segment.store
        assert store is not None
        self.documents, self.first, self._postings, self._words = documents, first, postings, len(groups)
        self._codes = max(len(groups) * stride, 1)
        words = [word for word, terms in enumerate(groups) for _ in terms]
        own = [0] * len(words)
        if stride and codes is not None:
            own = [int(code) for word, terms in enumerate(groups) for code in codes[word, : len(terms)]]
        elif stride:
            own = [word * stride + min(at, stride - 1) for word, terms in enumerate(groups) for at in range(len(terms))]
        fields = sum(1 << bit for bit, field in enumerate(ALL_FIELDS) if field in node.fields)
        terms = np.array(list(chain.from_iterable(groups)), np.int64)
        self._found = store.gather(terms, np.array(words, np.int32), np.array(own, np.int32), documents, fields)
        self._pairs = node.pairs

    def beside(self, words: Sequence[Word], sample: Array) -> Array:
        """As that of `Layout`."""
        partners, read = np.zeros((self._words, self._words), bool), np.zeros(self._words, bool)
        read[[word.number for word in words]] = True
        for pair in self._pairs:
            partners[pair] = True
        counts = np.zeros(3 * self._codes, np.float32)
        kernels.beside(self._found, partners, read, sample, counts)
        return counts

    def look(self, node: Together, weights: Array, dropped: Sequence[int] = ()) -> Look:
        """As that of `Layout`."""
        size, pairs = len(self.documents), len(node.pairs)
        gone = np.zeros(self._codes, bool)
        gone[list(dropped)] = True
        has, counts = np.empty((self._words + pairs, size), np.float32), np.empty((pairs, size), np.float32)
        rest = np.empty(size, np.float32)
        flat, titles = np.array(node.pairs, np.int32).reshape(-1), self._postings.segment.title_width[self.documents]
        kernels.look(self._found, flat, weights, gone, titles, has, counts, rest, (COVER, NEAR, CLOSE, EARLY, TITLE))
        return Look(has, self._postings.saturated(counts, self.documents), rest)


def _added(weights: Array, rows: Array) -> Array:
    """weights @ rows, summed in the same order however many columns there are: what a document is worth must not
    depend on its neighbours.
    """
    total: Array = np.add.reduce(weights[:, None] * rows)
    return total


def _summed(rows: Sequence[Array]) -> list[float]:
    sums: list[float] = (rows[0] if len(rows) == 1 else np.add.reduce(rows)).tolist()
    return sums


def _scaled(weights: Array, others: Array) -> Array:
    """As many times the weights as they come to what the others do."""
    scaled: Array = weights * (others.sum() / weights.sum())
    return scaled


def score(
    node: Together, idfs: Sequence[float], spellings: Spellings | None, laid: Sequence[tuple[Layout | Gathered, Array]]
) -> tuple[list[Array], Worth]:
    """(the scores of each layout's documents, what its words were taken to be worth).

    idfs: of the words in any spelling.  laid: each layout with 1 for the documents that spellings and pairs are
    judged by, else 0.
    """
    read_as = Reading({}, [])
    if spellings is not None and laid:
        counts = _summed([layout.beside(spellings.words, sample) for layout, sample in laid])
        codes = len(counts) // 3
        read_as = read(spellings, counts[:codes], counts[codes : 2 * codes], counts[2 * codes :])
    factors = np.array(node.weights, np.float32)
    weights = np.array(idfs, np.float32) * factors
    if read_as.idf:
        idfs = [read_as.idf.get(word, idf) for word, idf in enumerate(idfs)]
        weights = _scaled(np.array(idfs, np.float32) * factors, weights)
    worth = Worth(weights, spellings, read_as.dropped)
    looks = [layout.look(node, weights, worth.dropped) for layout, _ in laid]
    if not looks or not node.pairs:
        return [look.rest for look in looks], worth
    rarity = [round(idf, 6) for idf in idfs]  # of two that are equal but for the last bits, the first
    rarer = [max(pair, key=rarity.__getitem__) for pair in node.pairs]
    number = _summed([look.has @ sample for look, (_, sample) in zip(looks, laid, strict=True)])
    of_pairs = number[len(node.terms) :]
    info = [-PAIR * log(min(1.0, (n + 0.5) / (number[word] + 0.5))) for n, word in zip(of_pairs, rarer, strict=True)]
    return [_added(np.array(info, np.float32), look.shares) + look.rest for look in looks], worth
