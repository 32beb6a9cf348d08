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
from typing import NamedTuple

import numpy as np

from ..arrays import Array
from ..deadline import check_time
from ..text.tokenize import folded_term
from . import language
from .chain import Chain, Note, Place, by_pairs, chain, chosen, place
from .cooccurrence import Context, Slot

_PATHS = 16  # sequences that are followed
_CLOSE, _TOGETHER, _FAR = 4.0, 0.35, 8  # those as good but for so much; what being in the same articles counts; words
_BEHIND, _MOST_LEFT = 8.0, 12  # spellings so much worse than the best are dropped, and all but so many
_BEHIND_TRIPLES = 6.0  # the same by triples
_BEHIND_SLIPS = 9.0  # where slips are among them
_SHORT = 6  # words: a query of so many is counted in the index wherever it has pairs
_NO_ACCIDENT = 0.3  # pairs that are so much rarer than independent words would be do not belong together
_MET_TWICE = 2  # two words met more often belong together
_FREQUENT = 10  # articles with a word
_ACCIDENTALLY = 1_000_000  # words of an index in which three may stand in a row by accident
_SHARPNESS, _READ_RIGHT = 0.7, 0.996  # of what the scores say; of words with one spelling left
_HARDLY = 0.02  # spellings less probable are left out
_COUNTED = 6  # spellings of a word that are looked for in the articles of its neighbours


class Path(NamedTuple):
    """A sequence of words, the cost of its slips among them, and the logarithm of its chance."""

    words: tuple[str, ...]
    notes: tuple[Note, ...]
    cost: float
    score: float
    chances: tuple[tuple[tuple[str, float], ...], ...]  # of each place of the
    # likeliest one: spellings and how probable each is, its own first


# -- sequences -------------------------------------------------------------------------------------------


def _through_pairs(first: Array, steps: Sequence[Array]) -> list[Array]:
    """For each spelling of each place the score of the best sequence it is in, where each knows the previous one."""
    forward = [first]
    for step in steps:
        forward.append((forward[-1][:, None] + step).max(0))
    backward = np.zeros(len(forward[-1]))
    through = [forward[-1]]
    for at in range(len(steps) - 1, -1, -1):
        backward = (steps[at] + backward).max(1)
        through.append(forward[at] + backward)
    return through[::-1]


def _through(chances: Chain) -> list[Array]:
    """The same where each knows the two before."""
    if chances.second is None:
        return [chances.first]
    forward = [chances.first[:, None] + chances.second]
    for step in chances.others:
        forward.append((forward[-1][:, :, None] + step).max(0))
    backward = np.zeros_like(forward[-1])
    through = [forward[-1].max(0)]
    for at in range(len(chances.others) - 1, -1, -1):
        backward = (chances.others[at] + backward).max(2)
        through.append((forward[at] + backward).max(0))
    through.append((forward[0] + backward).max(1))
    return through[::-1]


def _narrowed(context: Context, places: Sequence[Place]) -> list[Place]:
    """The places with the spellings that are worth counting."""
    left = _kept(context, places, _through_pairs(*by_pairs(context, places)), _BEHIND)
    if len(places) > 2 and any(len(one.cost) > 1 for one in left):
        left = _kept(context, left, _through(chain(context, left, [False] * (len(left) - 1))), _BEHIND_TRIPLES)
    return left


def _kept(context: Context, places: Sequence[Place], through: Sequence[Array], behind: float) -> list[Place]:
    """The spellings in sequences that are not too far behind the best."""
    left = []
    for at, (one, mine) in enumerate(zip(places, through, strict=True)):
        check_time()
        slips = len(one.slots) > 1
        if len(mine) == 1:
            left.append(one)
            continue
        if slips:
            mine = mine + _in_the_same_articles(context, places, through, at)
        best = (mine > mine.max() - (_BEHIND_SLIPS if slips else behind)).nonzero()[0].tolist()
        if len(best) > _MOST_LEFT:
            best = sorted(np.argsort(-mine, kind="stable")[:_MOST_LEFT].tolist())
        left.append(chosen(one, best))
    return left


def _in_the_same_articles(context: Context, places: Sequence[Place], through: Sequence[Array], at: int) -> Array:
    """What speaks for spellings beyond the language: that they are in the articles of the likeliest neighbours."""
    gain = np.zeros(len(through[at]))
    beside = []
    for other in (at - 1, at + 1):
        if 0 <= other < len(places):
            beside.append(_single(places[other], int(through[other].argmax())))
    for n in np.argsort(-through[at], kind="stable")[:_COUNTED].tolist():
        slot, place = _single(places[at], n)
        gain[n] = sum(max(0.0, context.agreement(slot, place, *other)) for other in beside)
    return gain


def _single(place: Place, number: int) -> tuple[Slot, int]:
    for slot in place.slots:
        if number < len(slot.spellings):
            return slot, number
        number -= len(slot.spellings)
    raise IndexError(number)


def likeliest(context: Context, places: Sequence[Place]) -> list[Path]:
    """The best sequences, the likeliest first, at most `_PATHS`."""
    left = _narrowed(context, places)
    counted = [len(left) <= _SHORT or len(one.cost) * len(other.cost) > 1 for one, other in pairwise(left)]
    chances = chain(context, left, counted)
    paths: list[_Scored] = [(score, (n,)) for n, score in enumerate(chances.first.tolist())]
    if chances.second is not None:
        table = chances.second.tolist()
        paths = [(score + more, (*path, n)) for score, path in paths for n, more in enumerate(table[path[-1]])]
    for step in chances.others:
        triple = step.tolist()
        paths = [
            (score + more, (*path, n)) for score, path in paths for n, more in enumerate(triple[path[-2]][path[-1]])
        ]
        if len(paths) > _PATHS:
            paths = sorted(paths, key=itemgetter(0), reverse=True)[:_PATHS]
    paths = _with_agreement(context, left, sorted(paths, key=itemgetter(0), reverse=True)[:_PATHS])
    spellings, through = [one.spellings for one in left], _through(chances)
    return [
        Path(
            tuple(names[n] for names, n in zip(spellings, path, strict=True)),
            tuple(one.notes[n] for one, n in zip(left, path, strict=True)),
            sum(float(one.cost[n]) for one, n in zip(left, path, strict=True)),
            score,
            tuple(_chances(*mine) for mine in zip(spellings, through, path, strict=True)) if not number else (),
        )
        for number, (score, path) in enumerate(sorted(paths, key=itemgetter(0), reverse=True))
    ]


def _chances(spellings: Sequence[str], through: Array, chosen: int) -> tuple[tuple[str, float], ...]:
    """How probable each spelling is, the chosen one first; by the best sequence that each is in."""
    best = float(through.max())
    worth = [math.exp(_SHARPNESS * (score - best)) for score in through.tolist()]
    worth[chosen] = max(worth)
    whole = sum(worth) / _READ_RIGHT
    order = sorted(range(len(worth)), key=lambda n: (n != chosen, -worth[n]))
    return tuple((spellings[n], worth[n] / whole) for n in order if worth[n] > _HARDLY * whole)


_Scored = tuple[float, tuple[int, ...]]


def _with_agreement(context: Context, places: Sequence[Place], paths: list[_Scored]) -> list[_Scored]:
    """The paths about as good as the best, scored too by how much more often their words are in the same articles than
    by chance.

    Words side by side are left out: pairs say more of them.  So are those that all paths have.
    """
    best = max(score for score, _ in paths)
    close = [(score, path) for score, path in paths if score > best - _CLOSE]
    if len(places) < 3 or len(close) < 2:
        return close
    agreement = [0.0] * len(close)
    columns = list(zip(*(path for _, path in close), strict=True))
    differ = [len(set(column)) > 1 for column in columns]
    for at, first in enumerate(columns):
        for away in range(at + 2, min(at + _FAR, len(columns))):
            if not (differ[at] or differ[away]):
                continue
            both = list(zip(first, columns[away], strict=True))
            worth = {
                (a, b): context.agreement(*_single(places[at], a), *_single(places[away], b)) for a, b in set(both)
            }
            agreement = [sum_ + worth[pair] for sum_, pair in zip(agreement, both, strict=True)]
    return [(score + _TOGETHER * more, path) for (score, path), more in zip(close, agreement, strict=True)]


# -- one sequence ----------------------------------------------------------------------------------------


def judge(context: Context, words: Sequence[str]) -> float:
    """The logarithm of the chance of a sequence of words, counted in the index, whatever else might have been meant."""
    places = [place(context.only(word), Note("")) for word in words]
    chances = chain(context, places, [True] * (len(words) - 1), whole=True)
    score = float(chances.first[0]) + (0.0 if chances.second is None else float(chances.second[0, 0]))
    return score + sum(float(step[0, 0, 0]) for step in chances.others)


def met(context: Context, words: Sequence[str]) -> list[float]:
    """About how often each word but the first stands after the one before it, in the language or else in the index."""
    found = met_in_language(words)
    for at, count in enumerate(found):
        found[at] = count or met_in_index(context, *words[at : at + 2])
    return found


def met_in_language(words: Sequence[str]) -> list[float]:
    """The same in the language alone; 0 for what is rarer than words that have nothing to do with one another."""
    numbers = [language.number(word) for word in words]
    counts = language.pairs(numbers[:-1], numbers[1:])
    chances = (language.frequency(a) * language.frequency(b) / language.total() for a, b in pairwise(numbers))
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
    return float(triples[0, 0, 0])


def _is_word(context: Context, both: Sequence[str]) -> bool:
    """Whether two syllables are a frequent word of the index."""
    return context.words(" ".join(map(folded_term, both))).get(tuple(both), 0) >= _FREQUENT
