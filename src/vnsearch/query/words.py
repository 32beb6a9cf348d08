"""Which syllables of a query make a word: by the words that the index itself has (pyvi's), and how often.

The most probable sequence of words by unigrams, a Viterbi search (as in Wang, Xu, Li 2011, "Query segmentation"):
P(word) is the share of the index's positions that its articles stand for.  A syllable without marks stands for any
accents.  Of pieces of news typed without marks, 94 of 100 are cut as pyvi cuts them written (77 by the table for
unmarked text, which wants long texts), and no model is loaded.

>>> cut(["dai", "hoc", "hoc", "phi"], [3000, 6000, 6000, 1000], {(0, 2): 900, (2, 4): 80}, 5_000_000)
[2, 2]
"""

import math
from collections.abc import Callable, Mapping, Sequence

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


def cut(
    syllables: Sequence[str], single: Sequence[int], several: Mapping[tuple[int, int], int], positions: int
) -> list[int]:
    """How many syllables each word has, in order.

    syllables: without diacritics.  single: in how many articles each is.  several: in how many those from one to before
    another are a word; what is not there is none.  positions: about how many occurrences of words all articles have.
    """
    size = len(syllables)
    if size > MOST_CUT:
        return [1] * size
    words = [(at, at + 1, max(count, 0.5)) for at, count in enumerate(single)]
    words += [
        (begin, end, count * _JOINED)
        for (begin, end), count in several.items()
        if count and APART.isdisjoint(syllables[begin + 1 : end - 1])
    ]
    best, last = [0.0] + [math.inf] * size, [0] * (size + 1)  # cost up to here, where the last word begins
    for begin, end, count in sorted(words):
        cost = best[begin] + math.log(positions / count)
        if cost <= best[end]:  # of two that are as good the one of fewer syllables
            best[end], last[end] = cost, begin
    sizes: list[int] = []
    end = size
    while end:
        sizes.append(end - last[end])
        end = last[end]
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
