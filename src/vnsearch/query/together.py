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
from .places import GROUP, Terms, neighbours
from .plan import ALL_FIELDS, Together
from .postings import Postings

PAIR, NEAR, EARLY, TITLE = 1.8, 1.0, 0.4, 1.0
WINDOW, FIRST = 15, 60  # positions
_MOST_IN_WINDOWS = 32  # words, those of most idf: for each occurrence of one all are counted
_PLACE = (1 << GROUP) - 1


class Look(NamedTuple):
    """What one segment's documents have."""

    words: Array  # words x documents, bool: does it occur
    pairs: Array  # pairs x documents: how often
    shares: Array  # the same, saturated
    rest: Array  # for each document: what near, early and in the title come to


def look(postings: Postings, node: Together, groups: Sequence[Terms], weights: Array, documents: Array) -> Look:
    """What the documents (ascending) have of the words, each a group of terms; weights: what each word is worth."""
    find, size = postings.places, len(documents)
    keys = find.keys(list(groups), documents)
    if node.fields != ALL_FIELDS:
        keys = keys[find.in_fields(keys & _PLACE, node.fields)]
    word, places = keys >> GROUP, keys & _PLACE
    starts = find.starts(documents)
    at = starts.searchsorted(places, side="right") - 1
    cells, positions = word * size + at, places - starts[at]

    def present(chosen: Array) -> Array:
        there = np.zeros(len(groups) * size, bool)
        there[chosen] = True
        return there.reshape(-1, size)

    early = _added(weights, present(cells[positions < FIRST]))
    title = _added(weights, present(cells[positions < postings.segment.title_width[documents][at]]))
    pair, first = neighbours(keys, len(groups), node.pairs)
    pairs = np.bincount(pair * size + at[first], minlength=len(node.pairs) * size).reshape(-1, size)
    rest = NEAR * _windows(word, places, at, weights, size) + EARLY * early + TITLE * title
    return Look(present(cells), pairs, postings.saturated(pairs.astype(np.float32), documents), rest)


def _windows(word: Array, places: Array, at: Array, weights: Array, size: int) -> Array:
    """For each document the most that different words within WINDOW positions are worth together.

    Every best window can be moved until it begins with a word, so only those are looked at.
    """
    if len(weights) > _MOST_IN_WINDOWS:
        weights = np.where(weights >= np.partition(weights, -_MOST_IN_WINDOWS)[-_MOST_IN_WINDOWS], weights, 0)
    kept = weights.nonzero()[0]
    column = np.full(len(weights), -1)
    column[kept] = np.arange(len(kept))
    order = np.argsort(places, kind="stable")
    order = order[column[word[order]] >= 0]
    places, at = places[order], at[order]
    before = np.zeros((len(kept), len(order) + 1), np.int32)  # occurrences of each word before each one
    before[column[word[order]], np.arange(1, len(order) + 1)] = 1
    np.cumsum(before, axis=1, out=before)
    end = np.minimum(places.searchsorted(places + WINDOW), at.searchsorted(np.arange(size), side="right")[at])
    worth = _added(weights[kept], before[:, end] > before[:, :-1])
    best: Array = np.zeros(size, np.float32)
    np.maximum.at(best, at, worth)
    return best


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
