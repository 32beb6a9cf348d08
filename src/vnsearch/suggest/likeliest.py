"""Of all sequences of words that a query may have been typed for, the likeliest (a noisy channel: Shannon 1948; for
spelling: Kernighan, Church, Gale 1990).

    P(words | typed)  ~  P(typed | words) P(words)

The first factor is the words' costs (`slips`).  The second is a chain of syllables: by triples, pairs and single ones
of the index (absolute discounting; Ney, Essen, Kneser 1994) and pairs of the language, the chances of both weighed
together (linear interpolation; Jelinek, Mercer 1980: were their counts added, an index of one style would drown how
people ask), with a bonus for what pyvi found to be words; among the best few, what is oftener in the same articles
(pointwise mutual information; Church, Hanks 1990).

Two steps, since counts of the index are made from positions when they are asked for.  By the language, the index's
words and how frequent words are, which takes microseconds, most spellings are far behind the best one and dropped (each
by the best sequence that it is in); what is left is counted in the index.
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
from .cooccurrence import Context, Pair, Slot, narrowed

_DISCOUNT, _TRIPLE_DISCOUNT = 0.75, 0.7
_KINDS = 0.6  # of what occurs n times, about n to this power different syllables stand behind (Heaps 1978)
_INDEX = 0.4  # what the index says weighs so much, the rest the language
_SMALL = 20_000  # positions: the index says half as much of how frequent words are
_NEVER, _A_LETTER = 2e-8, 1.2  # the chance of what is in neither: a word of four letters; what more letters cost
_LONGEST = 100  # letters that are counted so: the chance of many more would be 0, and nothing likelier than another
_PATHS = 16  # sequences that are followed
_CLOSE, _TOGETHER, _FAR = 4.0, 0.5, 8  # those as good but for so much; what being in the same articles counts; words
_WORD, _WORD_FREQUENCY = 3.0, 0.3  # what a word's being one is worth, and e-fold more articles with it
_BEHIND, _MOST_LEFT = 6.0, 12  # spellings so much worse than the best are dropped, and all but so many
_BEHIND_SLIPS = 12.0  # where slips are among them
_SHORT = 6  # words: a query of so many is counted in the index wherever it has pairs
_NO_ACCIDENT = 0.3  # pairs that are so much rarer than independent words would be do not belong together
_MET_TWICE = 2  # two words met more often belong together
_FREQUENT = 10  # articles with a word
_COUNTED = 24  # spellings of a word that are looked for in the articles of its neighbours


class Note(NamedTuple):
    """What was done to a word, and which slip of the table it was."""

    kind: str
    what: str = ""


class Place(NamedTuple):
    """What may have been meant in one place of the query.  slots: a family of spellings each; cost, notes: of each
    spelling of all slots, in their order.
    """

    slots: tuple[Slot, ...]
    cost: Array
    notes: tuple[Note, ...]

    @property
    def spellings(self) -> list[str]:
        """All spellings."""
        return [spelling for slot in self.slots for spelling in slot.spellings]


class Path(NamedTuple):
    """A sequence of words, the cost of its slips among them, and the logarithm of its chance."""

    words: tuple[str, ...]
    notes: tuple[Note, ...]
    cost: float
    score: float


def place(slot: Slot, note: Note, cost: float = 0.0) -> Place:
    """A place that may be any spelling of a slot."""
    return Place((slot,), np.full(len(slot.spellings), cost), (note,) * len(slot.spellings))


def either(places: Sequence[Place]) -> Place:
    """A place that may be any of these."""
    return Place(
        tuple(slot for one in places for slot in one.slots),
        np.concatenate([one.cost for one in places]),
        tuple(note for one in places for note in one.notes),
    )


def _of(place: Place, chosen: Sequence[int]) -> Place:
    """Some of its spellings."""
    slots, begin = [], 0
    for slot in place.slots:
        end = begin + len(slot.spellings)
        if mine := [n - begin for n in chosen if begin <= n < end]:
            slots.append(narrowed(slot, mine))
        begin = end
    return Place(tuple(slots), place.cost[chosen], tuple(place.notes[n] for n in chosen))


# -- how often what stands behind what -----------------------------------------------------------------


def _alone(context: Context, slot: Slot) -> Array:
    """The chance of each spelling, whatever stands before it."""
    if len(slot.own) == 1 and not slot.own[0] and not slot.known[0]:  # the longer, the more words there might be
        letters = min(len(slot.spellings[0]), _LONGEST)
        return np.array([_NEVER * math.exp(-_A_LETTER * max(0, letters - 4))])
    own, known = slot.own / max(1, context.total), slot.known / language.total()
    share = _INDEX * context.total / (context.total + _SMALL)
    return share * own + (1 - share) * known + _NEVER


def _by_language(context: Context, first: Slot, second: Slot) -> Array:
    """The chance of each of the second behind each of the first."""
    told = language.pairs(first.numbers[:, None], second.numbers) / np.maximum(first.known, 1)[:, None]
    chance: Array = told + language.rest(first.numbers)[:, None] * _alone(context, second)
    return chance


def _by_both(context: Context, first: Slot, second: Slot, pair: Pair) -> Array:
    """The same by the index too."""
    following = pair.following[:, None]
    rest = _DISCOUNT * following**_KINDS * _alone(context, second)
    own = (np.maximum(pair.counts - _DISCOUNT, 0) + rest) / np.maximum(following, 1)
    known = _by_language(context, first, second)
    return np.where(following > 0, _INDEX * own + (1 - _INDEX) * known, known)


def _words(context: Context, slots: Sequence[Slot]) -> dict[tuple[int, ...], float]:
    """What spellings are worth together as a word of the index."""
    found = {}
    for word, count in context.words(" ".join(folded_term(slot.spellings[0]) for slot in slots)).items():
        if all(name in slot.spellings for slot, name in zip(slots, word, strict=True)):
            at = tuple(slot.spellings.index(name) for slot, name in zip(slots, word, strict=True))
            found[at] = _WORD + _WORD_FREQUENCY * math.log(count)
    return found


def _step(context: Context, first: Slot, second: Slot, counted: bool) -> Array:
    """The logarithm of the chance of each of the second behind each of the first, and what they are worth as words."""

    def make() -> Array:
        if counted:
            chance = _by_both(context, first, second, context.pair(first, second))
        else:
            chance = _by_language(context, first, second)
        step = np.log(chance)
        for at, worth in _words(context, (first, second)).items():
            step[at] += worth
        return step

    return context.kept(("step", counted, first.spellings, second.spellings), make, lambda it: it.nbytes + 300)


def _steps(context: Context, first: Place, second: Place, counted: bool) -> Array:
    """The same of places; those of slips are looked for among the words of the index when they are counted."""
    if len(first.slots) == len(second.slots) == 1:
        return _step(context, first.slots[0], second.slots[0], counted)
    if not counted:
        return np.log(_by_language(context, *map(_together, (first, second))))
    return np.vstack([np.hstack([_step(context, a, b, counted) for b in second.slots]) for a in first.slots])


def _together(place: Place) -> Slot:
    """All spellings of a place, for the language."""
    if len(place.slots) == 1:
        return place.slots[0]
    numbers, own, known = (
        np.concatenate([getattr(slot, what) for slot in place.slots]) for what in ("numbers", "own", "known")
    )
    return Slot(tuple(place.spellings), (), own, numbers, known, 1.0)


def _triple(context: Context, slots: Sequence[Slot]) -> Array:
    """What the word before the last two adds to the logarithm of a step."""

    def make() -> Array:
        before, pair = (context.pair(*both) for both in pairwise(slots))
        chance = _by_both(context, slots[1], slots[2], pair)
        seen, triples = context.triples(before, pair)
        seen = seen[:, :, None]
        found = np.maximum(triples - _TRIPLE_DISCOUNT, 0) / np.maximum(seen, 1)
        step = np.where(seen > 0, np.log(found / chance + _TRIPLE_DISCOUNT), 0.0)
        for at, worth in _words(context, slots).items():
            step[at] += worth
        return step

    key = ("triple", *(slot.spellings for slot in slots))
    return context.kept(key, make, lambda it: it.nbytes + 300)


# -- sequences -------------------------------------------------------------------------------------------


def frequencies(context: Context, place: Place) -> Array:
    """The logarithm of the chance of each spelling alone."""
    chances: Array = np.log(_alone(context, _together(place)))
    return chances


def _first(context: Context, place: Place) -> Array:
    return frequencies(context, place) + place.cost


def _through(starts: Array, steps: Sequence[Array], costs: Sequence[Array]) -> list[Array]:
    """For each spelling of each place the score of the best sequence that it is in."""
    forward = [starts]
    for step, cost in zip(steps, costs[1:], strict=True):
        forward.append((forward[-1][:, None] + step).max(0) + cost)
    backward = np.zeros(len(forward[-1]))
    through = [forward[-1]]
    for at in range(len(steps) - 1, -1, -1):
        backward = (steps[at] + (backward + costs[at + 1])).max(1)
        through.append(forward[at] + backward)
    return through[::-1]


def _narrowed(context: Context, places: Sequence[Place]) -> list[Place]:
    """The places with the spellings that are worth counting."""
    steps = [_steps(context, *both, counted=False) for both in pairwise(places)]
    through = _through(_first(context, places[0]), steps, [one.cost for one in places])
    left = []
    for at, (one, mine) in enumerate(zip(places, through, strict=True)):
        check_time()
        slips = len(one.slots) > 1
        if len(mine) == 1:
            left.append(one)
            continue
        if slips:
            mine = mine + _in_the_same_articles(context, places, through, at)
        chosen = (mine > mine.max() - (_BEHIND_SLIPS if slips else _BEHIND)).nonzero()[0].tolist()
        if len(chosen) > _MOST_LEFT:
            chosen = sorted(np.argsort(-mine, kind="stable")[:_MOST_LEFT].tolist())
        left.append(_of(one, chosen))
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
    paths: list[_Scored] = [(score, (n,)) for n, score in enumerate(_first(context, left[0]).tolist())]
    counted = [len(left) <= _SHORT or len(one.cost) * len(other.cost) > 1 for one, other in pairwise(left)]
    for at in range(1, len(left)):
        check_time()
        step = _steps(context, left[at - 1], left[at], counted[at - 1])
        cost = left[at].cost
        costed = (step + cost).tolist()
        triple = None
        if at > 1 and counted[at - 1] and counted[at - 2] and all(len(one.slots) == 1 for one in left[at - 2 : at + 1]):
            triple = _triple(context, [one.slots[0] for one in left[at - 2 : at + 1]]).tolist()
        paths = [
            (score + more + (triple[path[-2]][path[-1]][n] if triple else 0.0), (*path, n))
            for score, path in paths
            for n, more in enumerate(costed[path[-1]])
        ]
        if len(paths) > _PATHS:
            paths = sorted(paths, key=itemgetter(0), reverse=True)[:_PATHS]
    paths = _with_agreement(context, left, paths)
    spellings = [one.spellings for one in left]
    return [
        Path(
            tuple(names[n] for names, n in zip(spellings, path, strict=True)),
            tuple(one.notes[n] for one, n in zip(left, path, strict=True)),
            sum(float(one.cost[n]) for one, n in zip(left, path, strict=True)),
            score,
        )
        for score, path in sorted(paths, key=itemgetter(0), reverse=True)
    ]


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
    slots = [context.only(word) for word in words]
    score = math.log(float(_alone(context, slots[0])[0]))
    for first, second in pairwise(slots):
        score += float(_step(context, first, second, counted=True)[0, 0])
    for at in range(2, len(slots)):
        score += float(_triple(context, slots[at - 2 : at + 1])[0, 0, 0])
    return score


def met(context: Context, words: Sequence[str]) -> list[float]:
    """About how often each word but the first stands behind the one before it, in the language or else in the index."""
    found = met_in_language(words)
    for at, count in enumerate(found):
        found[at] = count or met_in_index(context, *words[at : at + 2])
    return found


def met_in_language(words: Sequence[str]) -> list[float]:
    """The same in the language alone; 0 for what is rarer than words that have nothing to do with one another."""
    numbers = [language.number(word) for word in words]
    counts = language.pairs(numbers[:-1], numbers[1:]).tolist()
    chances = (language.frequency(a) * language.frequency(b) / language.total() for a, b in pairwise(numbers))
    return [count if count >= _NO_ACCIDENT * chance else 0.0 for count, chance in zip(counts, chances, strict=True)]


def met_in_index(context: Context, first: str, second: str) -> float:
    """How often a word stands behind another in the index."""
    return float(context.pair(context.only(first), context.only(second)).counts[0, 0])


def in_a_row(context: Context, words: Sequence[str], at: int, *, as_word: bool) -> bool:
    """Whether a word stands in the index with two of its neighbours, more than once; or, as_word, as a part of a
    frequent word; of two words, whether they often stand together.
    """
    if len(words) == 2:
        return float(context.pair(*map(context.only, words)).counts[0, 0]) > _MET_TWICE
    for begin in range(max(0, at - 2), min(at, len(words) - 3) + 1):
        slots = [context.only(word) for word in words[begin : begin + 3]]
        _, triples = context.triples(*(context.pair(*both) for both in pairwise(slots)))
        if triples[0, 0, 0]:
            return True
    beside = (tuple(words[max(0, n) : n + 2]) for n in (at - 1, at))
    return as_word and any(context.words(" ".join(map(folded_term, word))).get(word, 0) >= _FREQUENT for word in beside)
