"""Of all sequences of words that a query may have been typed for, the likeliest (a noisy channel: Shannon 1948; for
spelling: Kernighan, Church, Gale 1990).

    P(words | typed)  ~  P(typed | words) P(words)

The first factor is the words' costs (`slips`).  The second is a chain of syllables: by triples, pairs and single ones
of the index (absolute discounting; Ney, Essen, Kneser 1994) and of the language, the chances of both weighed together
(linear interpolation; Jelinek, Mercer 1980: were their counts added, an index of one style would drown how people
ask), with a bonus for what pyvi found to be words; among the best few, what is oftener in the same articles (pointwise
mutual information; Church, Hanks 1990).

Three steps, since counts of the index are made from positions when they are asked for.  By pairs of the language and
how frequent words are, then by its triples, all of a query at once, which takes microseconds, most spellings are far
behind the best one and dropped (each by the best sequence that it is in); what is left is counted in the index.
"""

import math
from collections.abc import Sequence
from itertools import accumulate, pairwise
from operator import itemgetter
from typing import NamedTuple

import numpy as np

from ..arrays import Array
from ..text.tokenize import folded_term
from . import language
from .cooccurrence import Context, Pair, Slot, narrowed

_DISCOUNT, _TRIPLE_DISCOUNT = 0.75, 0.7
_KINDS = 0.6  # of what occurs n times, about n to this power different syllables stand behind (Heaps 1978)
_INDEX = 0.35  # what the index says weighs so much, the rest the language
_SMALL = 20_000  # positions: the index says half as much of how frequent words are
_NEVER, _A_LETTER = 2e-8, 1.2  # the chance of what is in neither: a word of four letters; what more letters cost
_PATHS = 16  # sequences that are followed
_CLOSE, _TOGETHER, _FAR = 4.0, 0.35, 8  # those as good but for so much; what being in the same articles counts; words
_WORD, _WORD_FREQUENCY = 3.0, 0.3  # what a word's being one is worth, and e-fold more articles with it
_BEHIND, _MOST_LEFT = 8.0, 12  # spellings so much worse than the best are dropped, and all but so many
_BEHIND_TRIPLES = 6.0  # the same by triples
_BEHIND_SLIPS = 12.0  # where slips are among them
_SHORT = 6  # words: a query of so many is counted in the index wherever it has pairs
_NO_ACCIDENT = 0.3  # pairs that are so much rarer than independent words would be do not belong together
_MET_TWICE = 2  # two words met more often belong together
_FREQUENT = 10  # articles with a word
# what speaks for words of questions, of which news has few: at their beginning, within, at their end
_ASKED_FIRST, _ASKED_WITHIN = {"đâu": 3.0, "nêu": 2.0}, {"nào": 2.0, "mấy": 2.0}
_ASKED_LAST = {"nào": 3.0, "đâu": 4.0, "mấy": 3.0, "ai": 2.0, "sao": 1.0, "gì": 1.0}
_QUESTION = 5  # words of the shortest one
_SHARPNESS, _READ_RIGHT = 0.7, 0.996  # of what the scores say; of words with one spelling left
_HARDLY = 0.02  # spellings less probable are not told of
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
    chances: tuple[
        tuple[tuple[str, float], ...], ...
    ]  # of each place: spellings and how probable each is, its own first


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


def _alone(context: Context, slots: Sequence[Slot]) -> list[Array]:
    """The chance of each spelling of each place, whatever stands before it."""
    own, known = (np.concatenate([getattr(slot, what) for slot in slots]) for what in ("own", "known"))
    share = _INDEX * context.total / (context.total + _SMALL)
    every = share / max(1, context.total) * own + (1 - share) / language.total() * known + _NEVER
    found = _parted(every, [len(slot.own) for slot in slots])
    for slot, chance in zip(slots, found, strict=True):
        if len(slot.own) == 1 and not slot.own[0] and not slot.known[0]:  # the longer, the more words there might be
            chance[0] = _NEVER * math.exp(-_A_LETTER * max(0, len(slot.spellings[0]) - 4))
    return found


def _parted(row: Array, sizes: Sequence[int]) -> list[Array]:
    ends = list(accumulate(sizes))
    return [row[end - size : end] for end, size in zip(ends, sizes, strict=True)]


def _together(place: Place) -> Slot:
    """All spellings of a place, for the language."""
    if len(place.slots) == 1:
        return place.slots[0]
    numbers, own, known = (
        np.concatenate([getattr(slot, what) for slot in place.slots]) for what in ("numbers", "own", "known")
    )
    return Slot(tuple(place.spellings), (), own, numbers, known, 1.0)


def _pairs(slots: Sequence[Slot], alone: Sequence[Array]) -> list[Array]:
    """The chance of each spelling behind each one of the place before it, by the language: a table for each step."""
    both = list(pairwise(slots))
    if not both:
        return []
    sizes = [(len(a.numbers), len(b.numbers)) for a, b in both]
    first = np.concatenate([a.numbers.repeat(n) for (a, _), (_, n) in zip(both, sizes, strict=True)])
    second = np.concatenate([np.tile(b.numbers, n) for (_, b), (n, _) in zip(both, sizes, strict=True)])
    known = np.concatenate([a.known.repeat(n) for (a, _), (_, n) in zip(both, sizes, strict=True)])
    chance = np.concatenate([np.tile(own, n) for own, (n, _) in zip(alone[1:], sizes, strict=True)])
    every = language.pairs(first, second) / np.maximum(known, 1) + language.rest(first) * chance
    return [part.reshape(size) for part, size in zip(_parted(every, [a * b for a, b in sizes]), sizes, strict=True)]


def _triples(slots: Sequence[Slot], pairs: Sequence[Array]) -> list[Array]:
    """The same behind each two of the places before it, from the third place on."""
    if len(slots) < 3:
        return []
    three = list(zip(slots, slots[1:], slots[2:], strict=False))
    shapes = [tuple(len(slot.numbers) for slot in own) for own in three]
    numbers = [
        np.concatenate(
            [
                np.broadcast_to(own[axis].numbers.reshape([-1 if n == axis else 1 for n in range(3)]), shape).reshape(
                    -1
                )
                for own, shape in zip(three, shapes, strict=True)
            ]
        )
        for axis in range(3)
    ]
    behind = np.concatenate(
        [np.broadcast_to(pair, shape).reshape(-1) for pair, shape in zip(pairs[1:], shapes, strict=True)]
    )
    every = language.chances(*numbers, behind)
    sizes = [a * b * c for a, b, c in shapes]
    return [part.reshape(shape) for part, shape in zip(_parted(every, sizes), shapes, strict=True)]


class _Counted(NamedTuple):
    """What the index says of two places side by side: how often the first stands anywhere, and both together."""

    following: Array
    chance: Array
    pair: Pair | None  # where each place has one slot


def _counted(context: Context, first: Place, second: Place, alone: Array) -> _Counted:
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


class _Chain(NamedTuple):
    """The logarithms of the chances of all sequences: of the first place, the second behind it, the rest behind two."""

    first: Array
    second: Array | None
    others: list[Array]


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


def _chain(context: Context, places: Sequence[Place], counted: Sequence[bool]) -> _Chain:
    """By language and index.  counted: for each step whether the index is asked."""
    places = _asked(places)
    slots = [_together(one) for one in places]
    alone = _alone(context, slots)
    pairs = _pairs(slots, alone)
    triples = _triples(slots, pairs)
    own = [
        _counted(context, a, b, alone[at + 1]) if counted[at] else None for at, (a, b) in enumerate(pairwise(places))
    ]
    first = np.log(alone[0]) + places[0].cost
    if not pairs:
        return _Chain(first, None, [])
    second = np.log(pairs[0] if own[0] is None else _weighed(pairs[0], own[0].following, own[0].chance))
    second = _with_words(context, places[:2], second + places[1].cost)
    others = []
    for at, known in enumerate(triples):
        before, pair = own[at : at + 2]
        chance = known
        if pair is not None:
            behind = np.broadcast_to(pair.chance, known.shape)
            seen = np.broadcast_to(pair.following, pair.chance.shape)
            if before is not None and before.pair is not None and pair.pair is not None:
                met, counts = context.triples(before.pair, pair.pair)
                met = met[:, :, None]
                found = np.maximum(counts - _TRIPLE_DISCOUNT, 0) / np.maximum(met, 1)
                behind = np.where(met > 0, found + _TRIPLE_DISCOUNT * behind, behind)
            chance = _weighed(known, seen, behind)
        step = np.log(chance) + places[at + 2].cost
        step = _with_words(context, places[at + 1 : at + 3], step)
        others.append(_with_words(context, places[at : at + 3], step))
    return _Chain(first, second, others)


def _with_words(context: Context, places: Sequence[Place], step: Array) -> Array:
    """With what spellings are worth together as a word of the index."""
    if all(len(one.slots) == 1 for one in places):
        slots = [one.slots[0] for one in places]
        for word, count in context.words(" ".join(folded_term(slot.spellings[0]) for slot in slots)).items():
            if all(name in slot.spellings for slot, name in zip(slots, word, strict=True)):
                at = tuple(slot.spellings.index(name) for slot, name in zip(slots, word, strict=True))
                step[(..., *at)] += _WORD + _WORD_FREQUENCY * math.log(count)
    return step


# -- sequences -------------------------------------------------------------------------------------------


def frequencies(context: Context, place: Place) -> Array:
    """The logarithm of the chance of each spelling alone."""
    chances: Array = np.log(_alone(context, [_together(place)])[0])
    return chances


def _through_pairs(first: Array, steps: Sequence[Array]) -> list[Array]:
    """For each spelling of each place the score of the best sequence that it is in, where each knows the one before."""
    forward = [first]
    for step in steps:
        forward.append((forward[-1][:, None] + step).max(0))
    backward = np.zeros(len(forward[-1]))
    through = [forward[-1]]
    for at in range(len(steps) - 1, -1, -1):
        backward = (steps[at] + backward).max(1)
        through.append(forward[at] + backward)
    return through[::-1]


def _through(chain: _Chain) -> list[Array]:
    """The same where each knows the two before."""
    if chain.second is None:
        return [chain.first]
    forward = [chain.first[:, None] + chain.second]
    for step in chain.others:
        forward.append((forward[-1][:, :, None] + step).max(0))
    backward = np.zeros_like(forward[-1])
    through = [forward[-1].max(0)]
    for at in range(len(chain.others) - 1, -1, -1):
        backward = (chain.others[at] + backward).max(2)
        through.append((forward[at] + backward).max(0))
    through.append((forward[0] + backward).max(1))
    return through[::-1]


def _narrowed(context: Context, places: Sequence[Place]) -> list[Place]:
    """The places with the spellings that are worth counting."""
    slots = [_together(one) for one in places]
    alone = _alone(context, slots)
    first = np.log(alone[0]) + places[0].cost
    costs = [one.cost for one in _asked(places)]
    steps = [np.log(pair) + cost for pair, cost in zip(_pairs(slots, alone), costs[1:], strict=True)]
    left = _kept(context, places, _through_pairs(first, steps), _BEHIND)
    if len(places) > 2 and any(len(one.cost) > 1 for one in left):
        left = _kept(context, left, _through(_chain(context, left, [False] * (len(left) - 1))), _BEHIND_TRIPLES)
    return left


def _kept(context: Context, places: Sequence[Place], through: Sequence[Array], behind: float) -> list[Place]:
    """The spellings in sequences that are not too far behind the best."""
    left = []
    for at, (one, mine) in enumerate(zip(places, through, strict=True)):
        slips = len(one.slots) > 1
        if len(mine) == 1:
            left.append(one)
            continue
        if slips:
            mine = mine + _in_the_same_articles(context, places, through, at)
        chosen = (mine > mine.max() - (_BEHIND_SLIPS if slips else behind)).nonzero()[0].tolist()
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
    counted = [len(left) <= _SHORT or len(one.cost) * len(other.cost) > 1 for one, other in pairwise(left)]
    chain = _chain(context, left, counted)
    through = _through(chain)
    paths: list[_Scored] = [(score, (n,)) for n, score in enumerate(chain.first.tolist())]
    if chain.second is not None:
        table = chain.second.tolist()
        paths = [(score + more, (*path, n)) for score, path in paths for n, more in enumerate(table[path[-1]])]
    for step in chain.others:
        triple = step.tolist()
        paths = [
            (score + more, (*path, n)) for score, path in paths for n, more in enumerate(triple[path[-2]][path[-1]])
        ]
        if len(paths) > _PATHS:
            paths = sorted(paths, key=itemgetter(0), reverse=True)[:_PATHS]
    paths = _with_agreement(context, left, sorted(paths, key=itemgetter(0), reverse=True)[:_PATHS])
    spellings = [one.spellings for one in left]
    return [
        Path(
            tuple(names[n] for names, n in zip(spellings, path, strict=True)),
            tuple(one.notes[n] for one, n in zip(left, path, strict=True)),
            sum(float(one.cost[n]) for one, n in zip(left, path, strict=True)),
            score,
            tuple(_chances(*mine) for mine in zip(spellings, through, path, strict=True)),
        )
        for score, path in sorted(paths, key=itemgetter(0), reverse=True)
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
    chain = _chain(context, places, [True] * (len(words) - 1))
    score = float(chain.first[0]) + (0.0 if chain.second is None else float(chain.second[0, 0]))
    return score + sum(float(step[0, 0, 0]) for step in chain.others)


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
