"""How the words of a query stand in a document: side by side, near one another, early, in the title, in a sentence.

    score(d) = PAIR     sum over pairs of words that are neighbours in the query: info(pair) sat(n_pair(d))
             + NEAR     the most idf of different words within WINDOW positions of d
             + CLOSE    the same within CLOSE_WINDOW positions
             + EARLY    idf of the words within the first FIRST positions of d
             + TITLE    idf of the words in the title of d
             + COVER    idf of the words that d has at all
             + SENTENCE of a question: the most idf of different words in one sentence of d,
                        divided by 1 + LONGER times its positions

    sat(n)     = (K1 + 1) n / (n + norm(d)), as of a word (`bm25f`)
    info(pair) = -ln min(1, (c_pair + .5) / (c_rarer + .5))

idf: as `spellings` reads words that were typed without marks.

c: in how many of the best documents by words alone the pair stands, and the rarer one of its words.  So a pair is
worth what it says beyond its words: nothing where the rarer word always has the other beside it, much where that
is rare.  Pairs are those of the sequential dependence model (Metzler, Croft 2005, "A Markov random field model for
term dependencies"), whose weight there is the idf of the pair; as no df of pairs is stored, the difference to the
idf of the word is estimated from the documents at hand.  The window is what Tao, Zhai 2007 ("An exploration of
proximity measures in information retrieval") call a span, bounded and weighted by idf.  News says early what it is
about.  A question is answered by a sentence; of other queries the words are remembered from anywhere in an article.
Where an abbreviation stands, all the words that it stands for do.  `python -m benchmarks ranking` measures what
each part is worth.
"""

from collections.abc import Sequence
from itertools import chain
from math import log
from typing import NamedTuple

import numpy as np

from .. import kernels
from ..arrays import Array
from ..deadline import in_time
from ..query.plan import Together
from .bm25f import K1
from .occurrences import Occurrences
from .spellings import Reading, Spellings, Word, read

PAIR, NEAR, CLOSE, EARLY, TITLE, COVER, SENTENCE = 2.0, 1.0, 0.5, 0.5, 1.9, 0.2, 0.75
LONGER = 0.02  # what a position of a sentence adds to what its words are divided by
WINDOW, CLOSE_WINDOW, FIRST = 30, 8, 30  # positions


class Worth(NamedTuple):
    """What the words were taken to be worth, and the codes of spellings that they were not taken to have."""

    weights: Array
    spellings: Spellings | None
    dropped: list[int]


class Look(NamedTuple):
    """What some documents have."""

    number: list[float]  # of words, then of pairs: in how many documents of the sample each occurs
    shares: Array  # pairs x documents: how often, saturated
    rest: Array  # for each document: what the other parts come to


def _beside(node: Together, own: Occurrences, sample: Array, codes: int, words: Sequence[Word]) -> Array:
    """Three counts of documents of the sample for each code of the words, concatenated: those it occurs in; those
    where its next word in the query follows it; those where its previous one precedes it.

    sample: 1, else 0 for each document.
    """
    size = len(node.terms)
    partners, read = np.zeros((size, size), bool), np.zeros(size, bool)
    read[[word.number for word in words]] = True
    for pair in node.pairs:
        partners[pair] = True
    counts = np.zeros(3 * codes, np.float32)
    kernels.beside(own.found, partners, read, sample, counts)
    return counts


def _look(node: Together, own: Occurrences, sample: Array, codes: int, worth: Worth) -> Look:
    """What the documents have of the words."""
    gone = np.zeros(codes, bool)
    if worth.dropped:
        gone[worth.dropped] = True
    pairs = np.fromiter(chain.from_iterable(node.pairs), np.int32)
    factors, windows = (COVER, NEAR, CLOSE, EARLY, TITLE, SENTENCE, LONGER), (CLOSE_WINDOW, WINDOW, FIRST)
    number, shares, others = kernels.look(
        own.found, pairs, worth.weights, gone, own.title_width, own.norm, sample, own.sentences_first, own.sentences,
        K1 + 1, factors, windows,
    )  # fmt: skip
    of_pairs = np.frombuffer(shares, np.float32).reshape(len(node.pairs), len(sample))
    return Look(np.frombuffer(number, np.float32).tolist(), of_pairs, np.frombuffer(others, np.float32))


def rest(node: Together, worth: Worth, occurrences: Occurrences) -> Array:
    """What `Together` adds to the scores of documents without its pairs."""
    none = np.zeros(len(occurrences.norm), np.float32)
    return _look(node, occurrences, none, _codes(node, worth.spellings), worth).rest


def _codes(node: Together, spellings: Spellings | None) -> int:
    return max(len(node.terms) * spellings.stride, 1) if spellings else 1


def _added(weights: Array, rows: Array) -> Array:
    """weights @ rows, summed in the same order however many columns there are: what a document is worth must not
    depend on its neighbours.
    """
    total: Array = np.add.reduce(weights[:, None] * rows)
    return total


def _scaled(weights: Array, others: Array) -> Array:
    """The weights scaled so that their sum is that of the others."""
    scaled: Array = weights * (others.sum() / weights.sum())
    return scaled


def score(
    node: Together, idfs: Sequence[float], spellings: Spellings | None, found: Sequence[tuple[Occurrences, Array]]
) -> tuple[list[Array], Worth]:
    """(the scores of the documents of each of the occurrences, what its words were taken to be worth).

    idfs: of the words in any spelling.  found: occurrences, with 1 for the documents that spellings and pairs are
    judged by, else 0.
    """
    codes, read_as = _codes(node, spellings), Reading({}, [])
    if spellings is not None and found:
        sums = [_beside(node, own, sample, codes, spellings.words) for own, sample in in_time(found, 1)]
        counts = np.add.reduce(sums).tolist()
        read_as = read(spellings, counts[:codes], counts[codes : 2 * codes], counts[2 * codes :])
    factors = np.array(node.weights, np.float32)
    weights = np.array(idfs, np.float32) * factors
    if read_as.idf:
        idfs = [read_as.idf.get(word, idf) for word, idf in enumerate(idfs)]
        weights = _scaled(np.array(idfs, np.float32) * factors, weights)
    worth = Worth(weights, spellings, read_as.dropped)
    looks = [_look(node, own, sample, codes, worth) for own, sample in in_time(found, 1)]
    if not looks or not node.pairs:
        return [look.rest for look in looks], worth
    rarity = [round(idf, 6) for idf in idfs]  # of two that are equal but for the last bits, the first
    rarer = [max(pair, key=rarity.__getitem__) for pair in node.pairs]
    number = [sum(own) for own in zip(*(look.number for look in looks), strict=True)]
    of_pairs = number[len(node.terms) :]
    info = [-PAIR * log(min(1.0, (n + 0.5) / (number[word] + 0.5))) for n, word in zip(of_pairs, rarer, strict=True)]
    return [_added(np.array(info, np.float32), look.shares) + look.rest for look in looks], worth
