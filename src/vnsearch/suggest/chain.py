"""The chances of all sequences of words that a query may have been typed for, by the language and by an index.

A chain of syllables: by triples, pairs and single ones of the index (absolute discounting; Ney, Essen, Kneser 1994) and
of the language, the chances of both weighed together (linear interpolation; Jelinek, Mercer 1980: were their counts
added, an index of one style would drown how people ask), with a bonus for what pyvi found to be words.
"""

import math
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

import numpy as np

from ..arrays import Array
from ..deadline import check_time
from ..text.tokenize import folded_term
from . import language
from .cooccurrence import Context, Pair, Slot, narrowed

_DISCOUNT, _TRIPLE_DISCOUNT = 0.75, 0.7
_KINDS = 0.6  # of what occurs n times, about n to this power different syllables follow (Heaps 1978)
_INDEX = 0.35  # what the index says weighs so much, the rest the language
_SMALL = 20_000  # positions: the index says half as much of how frequent words are
_NEVER, _A_LETTER = 2e-8, 1.2  # the chance of what is in neither: a word of four letters; what more letters cost
_LONGEST = 100  # letters that are counted so: the chance of many more would be 0, and nothing likelier than another
_WORD, _WORD_FREQUENCY = 3.0, 0.3  # what a word's being one is worth, and e-fold more articles with it
# what speaks for words of questions, of which news has few: at their beginning, within, at their end
_ASKED_FIRST, _ASKED_WITHIN = {"đâu": 3.0, "nêu": 2.0}, {"nào": 2.0, "mấy": 2.0}
_ASKED_LAST = {"nào": 3.0, "đâu": 4.0, "mấy": 3.0, "ai": 2.0, "sao": 1.0, "gì": 1.0}
_QUESTION = 5  # words of the shortest one


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


def chosen(place: Place, chosen: Sequence[int]) -> Place:
    """Some of its spellings."""
    slots, begin = [], 0
    for slot in place.slots:
        end = begin + len(slot.spellings)
        if mine := [n - begin for n in chosen if begin <= n < end]:
            slots.append(narrowed(slot, mine))
        begin = end
    return Place(tuple(slots), place.cost[chosen], tuple(place.notes[n] for n in chosen))


class Chain(NamedTuple):
    """The logarithms of the chances of all sequences: of the first place, the second after it, the rest after two."""

    first: Array
    second: Array | None
    others: list[Array]


def by_pairs(context: Context, places: Sequence[Place]) -> tuple[Array, list[Array]]:
    """By single words and pairs of the language alone: the logarithms for the first place, and for each step."""
    places = _asked(places)
    table = _Table(context, places)
    pairs, _ = table.chances(())
    first = np.log(table.alone[: table.sizes[0]]) + places[0].cost
    return first, [np.log(pair) + one.cost for pair, one in zip(pairs, places[1:], strict=True)]


def chain(context: Context, places: Sequence[Place], counted: Sequence[bool], *, whole: bool = False) -> Chain:
    """By all that is known.  counted: for each step whether the index is asked.

    whole: also where all sequences have the same words; else these steps are 0, as they tell nothing.
    """
    places = _asked(places)
    table = _Table(context, places)
    sizes = table.sizes
    first = np.log(table.alone[: sizes[0]]) + places[0].cost
    if len(places) == 1:
        return Chain(first, None, [])
    asked = [at for at in range(len(places) - 2) if whole or max(sizes[at : at + 3]) > 1]
    pairs, triples = table.chances(asked)
    own = [
        _counted(context, a, b, table.alone_at(at + 1)) if counted[at] else None
        for at, (a, b) in enumerate(pairwise(places))
    ]
    second = np.log(pairs[0] if own[0] is None else _weighed(pairs[0], own[0].following, own[0].chance))
    second += places[1].cost
    if whole or max(sizes[:2]) > 1:
        second = _with_words(context, places[:2], second)
    others = [np.zeros((1, 1, 1))] * (len(places) - 2)
    for at, chance in zip(asked, triples, strict=True):
        check_time()
        before, pair = own[at : at + 2]
        if pair is not None:
            behind = np.broadcast_to(pair.chance, chance.shape)
            if before is not None and before.pair is not None and pair.pair is not None:
                met, counts = context.triples(before.pair, pair.pair)
                met = met[:, :, None]
                found = np.maximum(counts - _TRIPLE_DISCOUNT, 0) / np.maximum(met, 1)
                behind = np.where(met > 0, found + _TRIPLE_DISCOUNT * behind, behind)
            chance = _weighed(chance, pair.following, behind)
        step = np.log(chance) + places[at + 2].cost
        if whole or max(sizes[at + 1 : at + 3]) > 1:
            step = _with_words(context, places[at + 1 : at + 3], step)
        others[at] = _with_words(context, places[at : at + 3], step)
    return Chain(first, second, others)


def alone(context: Context, place: Place) -> Array:
    """The logarithm of the chance of each spelling, whatever stands before it."""
    chances: Array = np.log(_Table(context, [place]).alone)
    return chances


class _Table:
    """The spellings of some places in a row, and what the language says of them: all at once, as the calls
    cost more than the work.
    """

    def __init__(self, context: Context, places: Sequence[Place]) -> None:
        slots = [slot for one in places for slot in one.slots]
        self.numbers, own, self._known = (
            np.concatenate([getattr(slot, what) for slot in slots]) for what in ("numbers", "own", "known")
        )
        self.sizes = [len(one.cost) for one in places]
        self._begins = list(accumulate(self.sizes, initial=0))[:-1]
        share = _INDEX * context.total / (context.total + _SMALL)
        self.alone = share / max(1, context.total) * own + (1 - share) / language.total() * self._known + _NEVER
        for at in (self.alone == _NEVER).nonzero()[0].tolist():
            if at in self._begins and self.sizes[place := self._begins.index(at)] == 1:
                name = places[place].slots[0].spellings[0]  # the longer, the more words there might be
                self.alone[at] = _NEVER * math.exp(-_A_LETTER * max(0, min(len(name), _LONGEST) - 4))

    def alone_at(self, place: int) -> Array:
        """The chances of the spellings of a place."""
        begin = self._begins[place]
        return self.alone[begin : begin + self.sizes[place]]

    def chances(self, asked: Sequence[int]) -> tuple[list[Array], list[Array]]:
        """What the language says of each after the previous one, and, for some places, after two."""
        return language.chances(self.numbers, self._known, self.alone, self.sizes, asked)


class _Counted(NamedTuple):
    """What the index says of two places side by side: how often the first stands anywhere, and both together."""

    following: Array
    chance: Array
    pair: Pair | None  # where each place has one slot


def _counted(context: Context, first: Place, second: Place, alone: Array) -> _Counted:
    check_time()
    pairs = [[context.pair(a, b) for b in second.slots] for a in first.slots]
    if len(pairs) == len(pairs[0]) == 1:
        following, counts = pairs[0][0].following[:, None], pairs[0][0].counts
    else:
        following = np.vstack(
            [np.hstack([np.repeat(p.following[:, None], p.counts.shape[1], 1) for p in row]) for row in pairs]
        )
        counts = np.vstack([np.hstack([p.counts for p in row]) for row in pairs])
    rest = _DISCOUNT * following**_KINDS * alone
    chance = (np.maximum(counts - _DISCOUNT, 0) + rest) / np.maximum(following, 1)
    return _Counted(following, chance, pairs[0][0] if len(pairs) == len(pairs[0]) == 1 else None)


def _weighed(known: Array, seen: Array, own: Array) -> Array:
    """The chance by the language and, where the index has what stands before, by the index."""
    return np.where(seen > 0, _INDEX * own + (1 - _INDEX) * known, known)


def _asked(places: Sequence[Place]) -> Sequence[Place]:
    """The same with what speaks for words that ask, in what is long enough for a question."""
    if len(places) < _QUESTION:
        return places
    found = []
    for at, one in enumerate(places):
        words = _ASKED_FIRST if at == 0 else _ASKED_LAST if at == len(places) - 1 else _ASKED_WITHIN
        worth = [words.get(spelling, 0.0) for spelling in one.spellings] if len(one.cost) > 1 else ()
        found.append(one._replace(cost=one.cost + worth) if any(worth) else one)
    return found


def _with_words(context: Context, places: Sequence[Place], step: Array) -> Array:
    """With what spellings are worth together as a word of the index."""
    if all(len(one.slots) == 1 for one in places):
        slots = [one.slots[0] for one in places]
        for word, count in context.words(" ".join(folded_term(slot.spellings[0]) for slot in slots)).items():
            if all(name in slot.spellings for slot, name in zip(slots, word, strict=True)):
                at: Any = (..., *(slot.spellings.index(name) for slot, name in zip(slots, word, strict=True)))
                step[at] += _WORD + _WORD_FREQUENCY * math.log(count)
    return step
