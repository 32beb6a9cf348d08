"""Which spelling a word that was typed without diacritics has: the one that its neighbours in the query stand beside.

    evidence(s) = (behind(s) + PRIOR share(s)) (before(s) + PRIOR share(s)) / sqrt n(s)
    chance(s)   = evidence(s) / sum of the evidence of all spellings of the word
    idf(word)   = sum over its spellings: chance(s) idf(s)

n: how often the best documents by words alone have a spelling; share: of all that they have of the word.  behind,
before: how often the query's next word stands behind it there, and the one before it before it; a word at an end of
the query has one factor.  A spelling with less than LEAST of the best one's chance is not looked at as the word.

With n in place of its root, this is a naive Bayes classifier of a word by its neighbours; the root, found by
trial, trusts more what is frequent in documents that were found by all words of the query.  What it is good for is
idf most of all: `dan` is a common word by all its accents, `dán` a rare one.  `benchmarks/ranking.py` measures it.
"""

from typing import NamedTuple

import numpy as np

from ..index.container import Array

PRIOR, LEAST = 0.3, 0.1


class Spellings(NamedTuple):
    """Of the words of a query that have several and a neighbour.  The spellings of all of them are numbered through."""

    words: Array  # numbers of these words in the query
    begin: Array  # each one's first spelling
    idf: Array  # of each spelling
    sides: Array  # 2 x words: whether a word of the query stands behind, and before
    tables: list[Array]  # for each segment, words of the query x their terms: number of the spelling, or of none


class Reading(NamedTuple):
    """What was made of them."""

    idf: Array  # of each of the words; 0 where the documents have none of its spellings
    kept: Array  # for each spelling, and none, whether it is looked at


def read(spellings: Spellings, counts: Array) -> Reading:
    """counts: n, behind and before (rows) of each spelling in all of the best documents."""
    begin = spellings.begin
    sizes = np.diff(begin, append=len(spellings.idf))
    number = counts[0]
    share = number / np.maximum(np.add.reduceat(number, begin), 1).repeat(sizes)
    factors = np.where(spellings.sides.repeat(sizes, axis=1), counts[1:] + PRIOR * share, 1)
    evidence = factors[0] * factors[1] / np.sqrt(np.maximum(number, 1))
    total = np.add.reduceat(evidence, begin)
    most = np.maximum.reduceat(evidence, begin).repeat(sizes)
    idf = np.add.reduceat(evidence * spellings.idf, begin) / np.maximum(total, 1e-9)
    return Reading(idf, np.append(evidence >= LEAST * most, True))
