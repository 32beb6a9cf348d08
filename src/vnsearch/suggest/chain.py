"""The chances of all sequences of words that a query may have been typed for, by the language and by an index.

A chain of syllables: by triples, pairs and single ones of the index (absolute discounting; Ney, Essen, Kneser 1994) and
of the language, the chances of both weighed together (linear interpolation; Jelinek, Mercer 1980: were their counts
added, an index of one style would drown how people ask), with a bonus for what pyvi found to be words.

What is known of the spellings of all places stands in a few arrays, one place after the other (`Lattice`), and so do
the chances: a query has too few for each place to have arrays of its own.
"""

import math
from collections.abc import Iterable, Sequence
from itertools import accumulate, chain, pairwise
from typing import NamedTuple, TypeAlias

import numpy as np

from .. import kernels
from ..arrays import Array
from ..deadline import check_time
from . import language
from .cooccurrence import Context, Pair, Part, Slot, narrowed

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
    cost: tuple[float, ...]
    notes: tuple[Note, ...]

    @property
    def spellings(self) -> list[str]:
        """All spellings."""
        return [spelling for slot in self.slots for spelling in slot.spellings]


def place(slot: Slot, note: Note, cost: float = 0.0) -> Place:
    """A place that may be any spelling of a slot."""
    return Place((slot,), (cost,) * len(slot.spellings), (note,) * len(slot.spellings))


def either(places: Sequence[Place]) -> Place:
    """A place that may be any of these."""
    slots, costs, notes = zip(*places, strict=True)
    return Place(tuple(chain(*slots)), tuple(chain(*costs)), tuple(chain(*notes)))


class Lattice(NamedTuple):
    """What may stand in some places in a row: the spellings of all, one place after the other."""

    places: Sequence[Place]
    names: list[str]  # of all spellings of the places
    first: list[int]  # of each place among them
    left: list[list[int]]  # of each place those of these that are in question
    sizes: Array  # how many each place has
    numbers: Array  # of those left, in the language
    told: Array  # how often each occurs there, how probable it is anywhere, what was done to it and speaks for it
    strange: bool  # whether there may be one of which nothing is known

    def narrowed(self, keep: list[list[int]]) -> "Lattice":
        """Some of those left of each place, one at least: their numbers among all of these."""
        all_left = list(chain.from_iterable(self.left))
        at = np.array(list(chain.from_iterable(keep)))
        return self._replace(
            left=[[all_left[n] for n in mine] for mine in keep], sizes=np.array([len(mine) for mine in keep]),
            numbers=self.numbers[at], told=self.told.take(at, 1),
        )  # fmt: skip

    def begins(self) -> list[int]:
        """Where each place begins, and the end."""
        return list(accumulate([len(mine) for mine in self.left], initial=0))

    def slots(self, at: int) -> list[Slot | Part]:
        """What is left of the slots of a place."""
        found, begin, chosen = list[Slot | Part](), self.first[at], self.left[at]
        for slot in self.places[at].slots:
            end = begin + len(slot.spellings)
            if mine := [n - begin for n in chosen if begin <= n < end]:
                found.append(narrowed(slot, mine))
            begin = end
        return found


def lattice(context: Context, places: Sequence[Place]) -> Lattice:
    """Everything that may stand there."""
    slots = [slot for one in places for slot in one.slots]
    names = list(chain.from_iterable([slot.spellings for slot in slots]))
    first = list(accumulate([len(one.cost) for one in places], initial=0))
    told = np.empty((3, len(names)))
    np.concatenate([slot.told for slot in slots], 1, told[:2])
    share = _INDEX * context.total / (context.total + _SMALL)
    told[1] = share / max(1, context.total) * told[1] + (1 - share) / language.total() * told[0] + _NEVER
    told[2] = _asked(places, names, list(chain.from_iterable([one.cost for one in places])))
    left = [list(range(begin, end)) for begin, end in pairwise(first)]
    sizes = np.array([len(mine) for mine in left])
    numbers = np.concatenate([slot.numbers for slot in slots])
    return Lattice(places, names, first, left, sizes, numbers, told, bool((told[1] == _NEVER).any()))


def _asked(places: Sequence[Place], names: Sequence[str], costs: list[float]) -> list[float]:
    """The costs with what speaks for words that ask, in what is long enough for a question."""
    if len(places) < _QUESTION:
        return costs
    begin = 0
    for at, one in enumerate(places):
        end = begin + len(one.cost)
        words = _ASKED_FIRST if at == 0 else _ASKED_LAST if at == len(places) - 1 else _ASKED_WITHIN
        if end > begin + 1 and not words.keys().isdisjoint(names[begin:end]):
            for n in range(begin, end):
                costs[n] += words.get(names[n], 0.0)
        begin = end
    return costs


def alone(context: Context, place: Place) -> float:
    """The logarithm of the chance of the most frequent spelling, whatever stands before it."""
    return math.log(float(_anywhere(lattice(context, [place])).max()))


def _anywhere(given: Lattice) -> Array:
    """How probable each spelling is anywhere; a place's only one, of which nothing is known, the less the longer it is,
    as there might be the more words.
    """
    found: Array = given.told[1]
    if not given.strange:
        return found
    found = found.copy()
    for begin, mine in zip(given.begins(), given.left, strict=False):
        if len(mine) == 1 and found[begin] == _NEVER:
            letters = len(given.names[mine[0]])
            found[begin] = _NEVER * math.exp(-_A_LETTER * max(0, min(letters, _LONGEST) - 4))
    return found


class Chain(NamedTuple):
    """steps: the logarithms of the chances of all sequences, see `kernels.twins.through`.  through: of each spelling
    of the lattice the best sequence that it is in."""

    steps: Array
    through: Array


_NOTHING, _NOWHERE = np.empty(0), np.empty(0, np.int64)


def by_pairs(given: Lattice) -> Chain:
    """By single words and pairs of the language alone."""
    anywhere = _anywhere(given)
    pairs, none = language.chances(given.numbers, given.told[0], anywhere, given.sizes, _NOWHERE)
    steps = np.empty(len(given.left[0]) + len(pairs))
    return _settled(2, True, given, anywhere, pairs, none, _NOWHERE, _NOTHING, steps)


def by_triples(context: Context, given: Lattice, counted: Iterable[int] = (), *, whole: bool = False) -> Chain:
    """By triples of the language too, and by the index where it is to be asked: `counted`, places that are asked for
    together with the one behind.

    whole: also where all sequences have the same words; else these steps are 0, as they tell nothing.
    """
    sizes = list(map(len, given.left))
    products = [a * b * c for a, b, c in zip(sizes, sizes[1:], sizes[2:], strict=False)]
    asked = [at for at, product in enumerate(products) if whole or product > 1]
    anywhere = _anywhere(given)
    pairs, triples = language.chances(given.numbers, given.told[0], anywhere, given.sizes, np.array(asked, np.int64))
    if counted:
        seen, threes = _counted(context, given, set(counted), asked)
        weights = _INDEX, _DISCOUNT, _TRIPLE_DISCOUNT, _KINDS
        kernels.weigh(whole, given.sizes, anywhere, seen, threes, weights, pairs, triples)
    steps = np.empty(sizes[0] + math.prod(sizes[:2]) * (len(sizes) > 1) + sum(products))
    return _settled(3, whole, given, anywhere, pairs, triples, *_words(context, given, whole), steps)


def _settled(
    order: int, whole: bool, given: Lattice, anywhere: Array, pairs: Array, triples: Array, at: Array, worth: Array,
    steps: Array,
) -> Chain:  # fmt: skip
    through = np.empty(len(given.numbers))
    kernels.through(order, whole, given.sizes, anywhere, pairs, triples, given.told[2], at, worth, steps, through)
    return Chain(steps, through)


_Counts: TypeAlias = tuple[tuple[Array, Array] | None, ...]


def _counted(context: Context, given: Lattice, counted: set[int], asked: Sequence[int]) -> tuple[_Counts, _Counts]:
    """What the index says of places side by side, and of three in a row, where it is asked: see `twins.weigh`."""
    slots = [given.slots(at) if at in counted or at - 1 in counted else [] for at in range(len(given.left))]
    seen: list[tuple[Array, Array] | None] = [None] * (len(slots) - 1)
    threes: list[tuple[Array, Array] | None] = [None] * (len(slots) - 2)
    single: dict[int, Pair] = {}  # where each place has one slot
    for at in counted:
        check_time()
        rows = [[context.pair(a, b) for b in slots[at + 1]] for a in slots[at]]
        if len(rows) == len(rows[0]) == 1:
            single[at] = rows[0][0]
            seen[at] = single[at].following, single[at].counts
        else:
            often = [np.hstack([p.following[:, None].repeat(p.counts.shape[1], 1) for p in row]) for row in rows]
            seen[at] = np.vstack(often), np.vstack([np.hstack([p.counts for p in row]) for row in rows])
    for at in asked:
        if at in single and at + 1 in single:
            check_time()
            threes[at] = context.triples(single[at], single[at + 1])
    return tuple(seen), tuple(threes)


def _words(context: Context, given: Lattice, whole: bool) -> tuple[Array, Array]:
    """What spellings are worth together as a word of the index: (where among the steps, how much)."""
    sizes = list(map(len, given.left))
    slots = [one.slots if len(one.slots) == 1 else given.slots(at) for at, one in enumerate(given.places)]
    words = context.words([own[0].folded if len(own) == 1 else "" for own in slots])
    at: list[int] = []
    worth: list[float] = []
    begins = [0, *accumulate([math.prod(sizes[max(0, place - 2) : place + 1]) for place in range(len(sizes))])]
    number_of = [{given.names[n]: k for k, n in enumerate(mine)} for mine in given.left] if words else []
    for begin, end, syllables, articles in words:
        numbers = [mine.get(name, -1) for mine, name in zip(number_of[begin:end], syllables, strict=True)]
        if min(numbers) < 0 or not whole and math.prod(sizes[begin:end]) == 1:
            continue
        last = numbers[-2] * sizes[end - 1] + numbers[-1]
        all_first = numbers[:1] if end == begin + 3 else range(sizes[end - 3] if end > 2 else 1)
        at += [begins[end - 1] + n * sizes[end - 2] * sizes[end - 1] + last for n in all_first]
        worth += [_WORD + _WORD_FREQUENCY * math.log(articles)] * len(all_first)
    return np.array(at, np.int64), np.array(worth)
