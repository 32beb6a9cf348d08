"""Of all sequences of words that a query may have been typed for, the likeliest (a noisy channel: Shannon 1948; for
spelling: Kernighan, Church, Gale 1990).

    P(words | typed)  ~  P(typed | words) P(words)

The first factor is the words' costs (`slips`), the second a chain of syllables (`chain`); among the best few, what is
oftener in the same articles counts (pointwise mutual information; Church, Hanks 1990).

Three steps, since counts of the index are made from positions when they are requested.  By pairs of the language and
how frequent words are, then by its triples, all of a query at once, which takes microseconds, most spellings are far
behind the best one and dropped (each by the best sequence that it is in); what is left is counted in the index.
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple, TypeAlias

import numpy as np

from .. import kernels
from ..arrays import Array
from ..deadline import check_time
from ..text.tokenize import folded_term
from . import language
from .chain import Lattice, Note, Place, by_pairs, by_triples, lattice, place
from .cooccurrence import Context, Slot

_PATHS = 16  # sequences that are followed
_CLOSE, _TOGETHER, _FAR = 4.0, 0.35, 8  # those as good but for so much; what being in the same articles counts; words
_BEHIND, _MOST_LEFT = 8.0, 12  # spellings so much worse than the best are dropped, and all but so many
_BEHIND_TRIPLES = 8.0  # the same by triples
_BEHIND_SLIPS = 9.0  # where slips are among them
_SHORT = 6  # words: a query of so many is counted in the index wherever it has pairs
_NO_ACCIDENT = 0.3  # pairs that are so much rarer than independent words would be do not belong together
_MET_TWICE = 2  # two words met more often belong together
_FREQUENT = 10  # articles with a word
_ACCIDENTALLY = 1_000_000  # words of an index in which three may stand in a row by accident
_SHARPNESS, _READ_RIGHT = 0.7, 0.996  # of what the scores say; of words with one spelling left
_HARDLY = 0.02  # spellings less probable are left out
_JUDGED = 3  # sequences that are examined closely
_COUNTED = 6  # spellings of a word that are looked for in the articles of its neighbours

_Scored: TypeAlias = tuple[float, Sequence[int]]  # of each place one of those that are left


class Path(NamedTuple):
    """A sequence of words, the cost of its slips among them, and the logarithm of its chance."""

    words: tuple[str, ...]
    notes: tuple[Note, ...]
    cost: float
    score: float


# -- sequences -------------------------------------------------------------------------------------------


def likeliest(context: Context, places: Sequence[Place]) -> list[Path]:
    """The best sequences, the likeliest first, at most `_JUDGED`."""
    left, _, paths = _followed(context, places)
    return [_path(left, *one) for one in paths[:_JUDGED]]


def with_chances(context: Context, places: Sequence[Place]) -> tuple[Path, list[Sequence[tuple[str, float]]]]:
    """The likeliest sequence, and of each place the spellings and how probable each is, its own first."""
    left, through, paths = _followed(context, places)
    scores, begins = through.tolist(), left.begins()
    chances = [
        _chances([left.names[n] for n in mine], scores[begin : begin + len(mine)], own)
        for mine, own, begin in zip(left.left, paths[0][1], begins, strict=False)
    ]
    return _path(left, *paths[0]), chances


def _path(given: Lattice, score: float, path: Sequence[int]) -> Path:
    chosen = [mine[n] for mine, n in zip(given.left, path, strict=True)]
    at = [n - first for n, first in zip(chosen, given.first, strict=False)]
    return Path(
        tuple([given.names[n] for n in chosen]),
        tuple([one.notes[n] for one, n in zip(given.places, at, strict=True)]),
        sum([one.cost[n] for one, n in zip(given.places, at, strict=True)]),
        score,
    )


def _followed(context: Context, places: Sequence[Place]) -> tuple[Lattice, Array, list[_Scored]]:
    """What is worth counting, of each of that the best sequence that it is in, and the best of all sequences."""
    left = _narrowed(context, places)
    sizes = list(map(len, left.left))
    counted = [
        at
        for at, (a, b) in enumerate(pairwise(sizes))
        if a * b > 1 or len(sizes) <= _SHORT and max(sizes[max(0, at - 1) : at + 3]) > 1  # else it makes no difference
    ]
    steps, through = by_triples(context, left, counted)
    scores, rows = np.empty(_PATHS), np.empty(_PATHS * len(sizes), np.int64)
    number = kernels.sequences(left.sizes, steps, scores, rows)
    paths = rows[: number * len(sizes)].reshape(number, -1).tolist()
    found = _with_agreement(context, left, list(zip(scores[:number].tolist(), paths, strict=True)))
    return left, through, sorted(found, key=itemgetter(0), reverse=True)


def _narrowed(context: Context, places: Sequence[Place]) -> Lattice:
    """The spellings that are worth counting."""
    given = lattice(context, places)
    left = _kept(context, given, by_pairs(given).through, _BEHIND)
    if len(places) > 2 and len(left.numbers) > len(places):
        left = _kept(context, left, by_triples(context, left).through, _BEHIND_TRIPLES)
    return left


def _kept(context: Context, given: Lattice, through: Array, behind: float) -> Lattice:
    """The spellings in sequences that are not too far behind the best."""
    check_time()
    scores, begins, keep = through.tolist(), given.begins(), []
    for at, (begin, end) in enumerate(pairwise(begins)):
        if end == begin + 1:
            keep.append([begin])
        elif len(given.places[at].slots) > 1:
            keep.append(_kept_of_several(context, given, scores, at, behind))
        else:
            mine = scores[begin:end]
            least = max(mine) - behind
            keep.append([n for n, score in enumerate(mine, begin) if score > least])
    return given if sum(map(len, keep)) == len(scores) else given.narrowed(keep)


def _kept_of_several(
    context: Context, given: Lattice, scores: Sequence[float], at: int, behind: float
) -> list[int]:  # fmt: skip
    """The same of a place that may be several slots."""
    check_time()
    begin, end = given.begins()[at : at + 2]
    mine = list(scores[begin:end])
    if len(given.slots(at)) > 1:
        behind = _BEHIND_SLIPS
        mine = [own + more for own, more in zip(mine, _in_the_same_articles(context, given, scores, at), strict=True)]
    least = max(mine) - behind
    near = [n for n, score in enumerate(mine) if score > least]
    return [begin + n for n in sorted(sorted(near, key=lambda n: -mine[n])[:_MOST_LEFT])]


def _in_the_same_articles(context: Context, given: Lattice, scores: Sequence[float], at: int) -> list[float]:
    """What speaks for spellings beyond the language: that they are in the articles of the likeliest neighbours."""
    own = [scores[begin:end] for begin, end in pairwise(given.begins())]
    tried = sorted(range(len(own[at])), key=lambda n: -own[at][n])[:_COUNTED]
    beside = [_single(given, n, own[n].index(max(own[n]))) for n in (at - 1, at + 1) if 0 <= n < len(own)]
    both = [(n, len(tried) + k) for n in range(len(tried)) for k in range(len(beside))]
    worth = context.agreement([*[_single(given, at, n) for n in tried], *beside], both)
    gain = [0.0] * len(own[at])
    for (n, _), more in zip(both, worth, strict=True):
        gain[tried[n]] += max(0.0, more)
    return gain


def _single(given: Lattice, place: int, number: int) -> tuple[Slot, int]:
    """A spelling that is left of a place: its slot, and its number there."""
    number = given.left[place][number] - given.first[place]
    for slot in given.places[place].slots:
        if number < len(slot.spellings):
            return slot, number
        number -= len(slot.spellings)
    raise IndexError(number)


def _chances(spellings: Sequence[str], scores: Sequence[float], chosen: int) -> Sequence[tuple[str, float]]:
    """How probable each spelling is, the chosen one first; by the best sequence that each is in."""
    if len(scores) == 1:
        return ((spellings[0], _READ_RIGHT),)
    best = max(scores)
    worth = [math.exp(_SHARPNESS * (score - best)) for score in scores]
    worth[chosen] = max(worth)
    whole = sum(worth) / _READ_RIGHT
    order = sorted(range(len(worth)), key=lambda n: (n != chosen, -worth[n]))
    return tuple([(spellings[n], worth[n] / whole) for n in order if worth[n] > _HARDLY * whole])


def _with_agreement(context: Context, given: Lattice, paths: list[_Scored]) -> list[_Scored]:
    """The paths about as good as the best, scored too by how much more often their words are in the same articles than
    by chance.

    Words side by side are left out: pairs say more of them.  So are those that all paths have.
    """
    best = paths[0][0]
    close = [(score, path) for score, path in paths if score > best - _CLOSE]
    if len(given.places) < 3 or len(close) < 2:
        return close
    columns = list(zip(*(path for _, path in close), strict=True))
    differ = [len(set(column)) > 1 for column in columns]
    words: dict[tuple[int, int], int] = {}  # (place, spelling): which of the words that are compared
    pairs: dict[tuple[int, int], int] = {}  # two of these: which of the pairs
    of_path: list[list[int]] = [[] for _ in close]
    for at, first in enumerate(columns):
        for away in range(at + 2, min(at + _FAR, len(columns))):
            if not (differ[at] or differ[away]):
                continue
            for mine, a, b in zip(of_path, first, columns[away], strict=True):
                both = words.setdefault((at, a), len(words)), words.setdefault((away, b), len(words))
                mine.append(pairs.setdefault(both, len(pairs)))
    worth = context.agreement([_single(given, *word) for word in words], list(pairs))
    return [
        (score + _TOGETHER * sum([worth[n] for n in mine]), path)
        for (score, path), mine in zip(close, of_path, strict=True)
    ]


# -- one sequence ----------------------------------------------------------------------------------------


def judge(context: Context, words: Sequence[str]) -> float:
    """The logarithm of the chance of a sequence of words, counted in the index, whatever else might have been meant."""
    return context.kept(("judged", *words), lambda: _judged(context, words), lambda _: 300)


def _judged(context: Context, words: Sequence[str]) -> float:
    given = lattice(context, [place(context.only(word), Note("")) for word in words])
    return float(by_triples(context, given, range(len(words) - 1), whole=True).through[0])


def met(context: Context, words: Sequence[str]) -> list[float]:
    """About how often each word but the first stands after the one before it, in the language or else in the index."""
    found = met_in_language(words)
    for at, count in enumerate(found):
        found[at] = count or met_in_index(context, *words[at : at + 2])
    return found


def met_in_language(words: Sequence[str]) -> list[float]:
    """The same in the language alone; 0 for what is rarer than words that have nothing to do with one another."""
    numbers, often = language.known(words)
    counts, total = language.pairs(numbers[:-1], numbers[1:]), language.total()
    chances = [a * b / total for a, b in pairwise(often)]
    return [count if count >= _NO_ACCIDENT * chance else 0.0 for count, chance in zip(counts, chances, strict=True)]


def met_in_index(context: Context, first: str, second: str) -> float:
    """How often a word stands after another in the index."""
    return float(context.pair(context.only(first), context.only(second)).counts[0, 0])


def in_a_row(context: Context, words: Sequence[str], at: int, *, as_word: bool) -> bool:
    """Whether a word stands in the index with two of its neighbours, more than once; or, as_word, as a part of a
    frequent word; of two words, whether they often stand together.
    """
    if len(words) == 2:
        return float(context.pair(*map(context.only, words)).counts[0, 0]) > _MET_TWICE
    if any(_three(context, words, begin) for begin in range(max(0, at - 2), min(at, len(words) - 3) + 1)):
        return True
    return as_word and any(_is_word(context, words[max(0, n) : n + 2]) for n in (at - 1, at))


def side_by_side(context: Context, words: Sequence[str], at: int) -> bool:
    """Whether a word stands in the index behind the previous one and with another neighbour of both, or both are one of
    its frequent words; of two words, whether they often stand together.

    Any three words stand in a row somewhere in a large index, so more than once in so many words is asked for.
    """
    if len(words) == 2:
        return in_a_row(context, words, at, as_word=False)
    begins = range(max(0, at - 2), min(at - 1, len(words) - 3) + 1)
    least = context.total / _ACCIDENTALLY
    return _is_word(context, words[at - 1 : at + 1]) or any(_three(context, words, begin) > least for begin in begins)


def _three(context: Context, words: Sequence[str], begin: int) -> float:
    """How often three words stand in a row in the index; 0 for once."""
    slots = [context.only(word) for word in words[begin : begin + 3]]
    _, triples = context.triples(*(context.pair(*both) for both in pairwise(slots)))
    return float(triples[0, 0, 0]) if triples[0, 0, 0] > 1 else 0.0


def _is_word(context: Context, both: Sequence[str]) -> bool:
    """Whether two syllables are a frequent word of the index."""
    words = context.words([folded_term(syllable) for syllable in both])
    return any(word.syllables == list(both) and word.articles >= _FREQUENT for word in words)
