"""Which syllables of a query make a word: by the words that the index itself has (pyvi's), and how often.

The most probable sequence of words by unigrams, a Viterbi search (as in Wang, Xu, Li 2011, "Query segmentation"):
P(word) is the share of the index's positions that its articles stand for.  A syllable without marks stands for any
accents.  Of pieces of news typed without marks, 94 of 100 are cut as pyvi cuts them written (77 by the table for
unmarked text, which wants long texts), and no model is loaded.

>>> counts = {("hoc", "phi"): 80, ("dai", "hoc"): 900}
>>> syllables = {"hoc": 6000, "phi": 1000, "dai": 3000}
>>> query = ["dai", "hoc", "hoc", "phi"]
>>> def word_count(begin, end): return counts.get(tuple(query[begin:end]))
>>> cut(query, query, word_count, syllables.__getitem__, 5_000_000)
[2, 2]
"""

import math
from collections.abc import Callable, Sequence
from typing import TypeVar

LONGEST_WORD = 5  # syllables
MOST_CUT = 32  # syllables of one run that are cut into words; of a longer one each is a word of its own
MOST_JOINED = 4  # words of a query of which two single syllables may be joined: each pair costs a look at its places
APART = frozenset(("cua", "va", "voi", "cho"))  # stand between words, where the word model joins names across them
GRAMMAR = APART | frozenset("la cac nhung mot co duoc bi khi thi ma o tai tu den trong ve".split())  # joined to none
MOST_COMPARED = 400  # of the documents that have two syllables, evenly chosen, those that are read
LEAST_BESIDE = 5  # documents that have two syllables side by side: fewer tell nothing
BESIDE = 0.5  # share of the documents with two syllables that have them side by side, and so a word
BESIDE_UNMARKED = 0.2  # the same where a syllable without marks stands for many
_JOINED = math.e  # how many times likelier a word is than its articles say: each stands for more than one occurrence

Term = TypeVar("Term")


def cut(
    terms: Sequence[Term],
    syllables: Sequence[str],
    word_count: Callable[[int, int], int | None],
    syllable_count: Callable[[Term], int],
    positions: int,
) -> list[int]:
    """How many syllables each word has, in order.

    syllables: the terms without diacritics.
    word_count: in how many articles the syllables from one to before another are a word; None where no longer word
    begins so either.
    syllable_count: in how many a syllable is.  positions: about how many occurrences of words all articles have.
    """
    if len(terms) > MOST_CUT:
        return [1] * len(terms)
    best: list[tuple[float, int]] = [(0.0, 0)] + [(math.inf, 0)] * len(terms)  # cost up to here, syllables of the last
    for begin in range(len(terms)):
        cost = best[begin][0]
        for size in range(1, min(LONGEST_WORD, len(terms) - begin) + 1):
            if size == 1:
                count = max(syllable_count(terms[begin]), 0.5)
            else:
                inner = syllables[begin + 1 : begin + size - 1]
                found = None if inner and inner[-1] in APART else word_count(begin, begin + size)
                if found is None:
                    break
                count = found * _JOINED
            if count:
                best[begin + size] = min(best[begin + size], (cost + math.log(positions / count), size))
    sizes: list[int] = []
    end = len(terms)
    while end:
        sizes.append(best[end][1])
        end -= sizes[-1]
    return sizes[::-1]


def go_together(beside: float, both: int, *, exact: bool) -> bool:
    """Whether two syllables are a word that is none of pyvi's, as cháy rừng: by the documents that have them side by
    side and those that have both; exact: both were typed with marks.
    """
    return beside >= LEAST_BESIDE and beside >= both * (BESIDE if exact else BESIDE_UNMARKED)


def joined(syllables: Sequence[str], sizes: list[int], together: Callable[[int], bool]) -> list[int]:
    """The sizes of words, single syllables in a row joined where `together` says so of a syllable and the next."""
    if len(sizes) > MOST_JOINED:
        return sizes
    found: list[int] = []
    at, single = 0, False
    for size in sizes:
        if single and size == 1 and GRAMMAR.isdisjoint(syllables[at - 1 : at + 1]) and together(at - 1):
            found[-1] += 1
        else:
            found.append(size)
        single, at = size == 1, at + size
    return found
