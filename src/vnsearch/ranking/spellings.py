"""Which spelling a word that was typed without diacritics has: the one that its neighbours in the query stand beside.

    evidence(s) = (behind(s) + PRIOR share(s)) (before(s) + PRIOR share(s)) / sqrt n(s)
    chance(s)   = evidence(s) / sum of the evidence of all spellings of the word
    idf(word)   = scale x sum over its spellings: chance(s) idf(s)

n: how many of the best documents by words alone have a spelling; share: of the sum over all spellings of the word.
behind, before: in how many of them a word stands after it that does so in the query, or before it; a word at an end
of the query has one factor.  A spelling with less than LEAST of the best one's chance is not examined as the word.

With n in place of its root, this is a naive Bayes classifier of a word by its neighbours; the root, found by
trial, trusts more what is frequent in documents that were found by all words of the query.  Documents are counted, not
occurrences: one long document repeats its own words beside one another.  What reading is good for is idf most of all:
`dan` is a common word by all its accents, `dán` a rare one.

scale: one for all words of the query, also those that are not read, by which their idf, each times its weight, come to
the sum that they have in any spelling.  Every spelling is rarer than the word, and the score by words knows
nothing of spellings: without the scale, where words stand would count for more the fewer marks were typed.
"""

from collections.abc import Collection, Sequence
from math import sqrt
from operator import mul
from typing import NamedTuple

from ..arrays import Array

PRIOR, LEAST = 0.3, 0.05


class Spelled(NamedTuple):
    """The spellings of a word: the idf of each; for each segment the numbers of its terms among them."""

    idf: list[float]
    numbers: tuple[Array, ...]


class Word(NamedTuple):
    """A word of the query that is read."""

    number: int  # in the query
    idf: list[float]
    has_next: bool
    has_previous: bool


def neighbours(pairs: Collection[tuple[int, int]]) -> dict[int, tuple[bool, bool]]:
    """The words that can be read, by their numbers: has it a next, has it a previous word beside it in the query?"""
    nexts, previous = {first for first, _ in pairs}, {second for _, second in pairs}
    return {number: (number in nexts, number in previous) for number in nexts | previous}


class Spellings(NamedTuple):
    """What the words of a query may stand for.  The code of a spelling: number of its word x stride + its own."""

    words: list[Word]
    stride: int  # what is no spelling of its word has codes after those of the spellings
    tables: list[Array] | None  # for each segment, words x terms: codes; None: each term has its number in the group


class Reading(NamedTuple):
    """What was made of them: the idf of words, not scaled, and the codes that are not examined."""

    idf: dict[int, float]
    dropped: list[int]


def read(spellings: Spellings, number: Sequence[float], behind: Sequence[float], before: Sequence[float]) -> Reading:
    """number, behind, before: n, after and before of each code."""
    idf: dict[int, float] = {}
    dropped: list[int] = []
    for word in spellings.words:
        begin = word.number * spellings.stride
        end = begin + len(word.idf)
        own = number[begin:end]
        if not (met := sum(own)):
            continue
        prior = PRIOR / met
        if word.has_next and word.has_previous:
            evidence = [
                (following + prior * n) * (previous + prior * n) / sqrt(n) if n else 0.0
                for n, following, previous in zip(own, behind[begin:end], before[begin:end], strict=True)
            ]
        else:
            beside = behind if word.has_next else before
            evidence = [
                (with_it + prior * n) / sqrt(n) if n else 0.0 for n, with_it in zip(own, beside[begin:end], strict=True)
            ]
        idf[word.number] = sum(map(mul, evidence, word.idf)) / sum(evidence)
        least = LEAST * max(evidence)
        dropped += [code for code, e in enumerate(evidence, begin) if 0 < e < least]
    return Reading(idf, dropped)
