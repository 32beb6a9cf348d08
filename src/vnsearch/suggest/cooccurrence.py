"""How often syllables follow one another, in an index and in the language: what diacritics are restored by.

An index stores no pairs; they are counted when they are asked for, from where the syllables stand.  Of what occurs
very often only the first documents are looked at, so that a query costs the same in an index of any size.
"""

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cached_property
from operator import add
from typing import NamedTuple, TypeVar

import numpy as np

from .. import kernels
from ..arrays import Array
from ..cache import Cache
from ..deadline import check_time
from ..index.segment_reader import Segment
from ..text.tokenize import folded_term
from . import language
from .known import KnownFolded

T = TypeVar("T")
MOST_OCCURRENCES = 16_000  # of all spellings of a syllable that are looked at
MOST_SPELLINGS = 12  # of a syllable
MOST_DOCUMENTS = 1 << 18  # that are looked at for which words are in the same
_LONGEST_WORD = 3  # syllables
_CACHED = 4 << 20  # bytes
_NOWHERE = -1, 0


class Slot(NamedTuple):
    """What a syllable of a query may stand for, the most frequent first."""

    folded: str  # all of them, without diacritics
    spellings: tuple[str, ...]
    terms: tuple[tuple[int, ...], ...]  # for each segment their numbers there, -1 for none
    numbers: Array  # of the spellings in the language, uint32
    told: Array  # how often each occurs in the language, how often in the index
    share: float  # of the documents that are looked at, of each segment the first


class Part(NamedTuple):
    """Some spellings of a slot, as far as pairs need it."""

    folded: str
    spellings: tuple[str, ...]
    terms: tuple[tuple[int, ...], ...]
    share: float


def picked(items: Sequence[T], chosen: Sequence[int]) -> tuple[T, ...]:
    """Those of some numbers."""
    return tuple([items[n] for n in chosen])


def narrowed(slot: Slot, chosen: Sequence[int]) -> Slot | Part:
    """Some of its spellings."""
    if len(chosen) == len(slot.spellings):
        return slot
    terms = tuple([picked(mine, chosen) for mine in slot.terms])
    return Part(slot.folded, picked(slot.spellings, chosen), terms, slot.share)


class Word(NamedTuple):
    """A word of several syllables among some in a row, and how many articles have it."""

    begin: int
    end: int
    syllables: list[str]
    articles: int


class Pair(NamedTuple):
    """Two slots side by side: how often their spellings stand so, a row for each of the first, in as many documents as
    both are looked at.
    """

    following: Array  # how often any word follows each spelling of the first
    counts: Array
    where: tuple["_Where", ...]  # for each segment


class _Where(NamedTuple):
    """Where a pair stands in a segment: places of the second word, ascending; end: up to where it was looked for."""

    places: bytes  # int64
    codes: bytes  # spelling of the first << 4 | spelling of the second
    end: int


class Context:
    """Counts of adjacent syllables.  Safe to share between threads."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self._segments = segments
        self._cache = Cache(_CACHED)
        self._pairs: dict[Hashable, Pair] = {}  # of the last queries: each asks for its own several times
        self._held = 0  # bytes of these
        self._known_folded = KnownFolded(segments)

    @cached_property
    def total(self) -> int:
        """How many positions the index has."""
        return sum(int(segment.width.sum(dtype=np.int64)) for segment in self._segments)

    def kept(self, key: Hashable, make: Callable[[], T], size: Callable[[T], int]) -> T:
        """What was worked out from these counts, made where it is not there."""
        return self._cache.get(key, make, size)

    def spelled(self, folded: str) -> Slot | None:
        """All words of letters that are spelled so without diacritics, in the index or else in the language; None
        where neither has one.
        """
        return self._cache.get(folded, lambda: self._spelled(folded), lambda _: 2_000)

    def _spelled(self, folded: str) -> Slot | None:
        found = []
        for segment in self._segments:
            own = segment.find_folded(folded)
            times = segment.occurrences_of_each(own.start, own.stop)
            found.append(dict(zip(segment.terms.part(own.start, own.stop), zip(own, times, strict=True), strict=True)))
        names = {name for mine in found for name in mine if name.isalpha()} | set(language.spelled(folded))
        return self._slot(folded, sorted(names), found)

    def only(self, term: str) -> Slot:
        """A term and no other spelling of it."""
        slot = self._cache.get((term,), lambda: self._only(term), lambda _: 1_000)
        assert slot is not None
        return slot

    def _only(self, term: str) -> Slot | None:
        found: list[dict[str, tuple[int, int]]] = []
        for segment in self._segments:
            number = segment.find(term)
            found.append({} if number is None else {term: (number, segment.occurrences_of_all(number, number + 1))})
        return self._slot(folded_term(term), [term], found)

    def _slot(self, folded: str, names: Sequence[str], found: Sequence[Mapping[str, tuple[int, int]]]) -> Slot | None:
        """found: for each segment the number of each name, and how often it occurs."""
        if not names:
            return None
        terms = [[mine.get(name, _NOWHERE) for name in names] for mine in found]
        own = list(map(sum, zip(*[[times for _, times in mine] for mine in terms], strict=True))) or [0] * len(names)
        numbers, known = language.known(names)
        total, all_known = max(1, self.total), language.total()
        frequency = [a / total + b / all_known for a, b in zip(own, known, strict=True)]
        best = sorted(range(len(names)), key=frequency.__getitem__, reverse=True)[:MOST_SPELLINGS]
        share = MOST_OCCURRENCES / max(MOST_OCCURRENCES, sum([own[n] for n in best]))
        return Slot(
            folded, picked(names, best), tuple([tuple([mine[n][0] for n in best]) for mine in terms]),
            np.array(picked(numbers, best), np.uint32), np.array([picked(known, best), picked(own, best)], np.float64),
            share,
        )  # fmt: skip

    def occurrences(self, word: str) -> float:
        """How often a word occurs in the index."""
        return float(self.only(word).told.item(1))

    def is_known(self, word: str) -> bool:
        """Whether the index has a word twice, or the language has it."""
        return language.number(word) != language.unknown() or self.occurrences(word) > 1

    @property
    def known_folded(self) -> KnownFolded:
        """All words of letters without diacritics, of the index and the language."""
        self._known_folded.fill()
        return self._known_folded

    def is_known_folded(self, folded: str) -> bool:
        """The same of a word without diacritics, by any spelling of letters."""
        return folded in self.known_folded

    def spellings(self, folded: str) -> Sequence[str]:
        """The spellings of a word without diacritics."""
        slot = self.spelled(folded) if self.is_known_folded(folded) else None
        return slot.spellings if slot else ()

    def chance_of(self, word: str) -> float:
        """About how frequent a word is."""
        slot = self.spelled(folded_term(word))
        if slot is None or word not in slot.spellings:
            return 0.0
        known, own = slot.told[:, slot.spellings.index(word)].tolist()
        return float(own / max(1, self.total) + known / language.total())

    def chance(self, folded: str) -> float:
        """About how frequent a word without diacritics is, by all its spellings."""
        own = self._known_folded.count(folded)
        known = language.all_folded().get(folded, 0.0)
        return own / max(1, self.total) + known / language.total()

    def words(self, folded: Sequence[str]) -> Sequence[Word]:
        """The index's words of two and three syllables among some in a row without diacritics, by where they end, the
        shorter ones first.
        """
        return self._cache.get(("words", *folded), lambda: self._words(folded), lambda found: 500 + 300 * len(found))

    def _words(self, folded: Sequence[str]) -> Sequence[Word]:
        found: dict[tuple[int, int, str], int] = {}
        for segment in self._segments:
            for begin, end, first, last in segment.words_among(folded, _LONGEST_WORD):
                counts = segment.data["word_df"][first:last].tolist()
                for word, count in zip(segment.words.part(first, last), counts, strict=True):
                    key = end, -begin, word
                    found[key] = found.get(key, 0) + count
        return [Word(-begin, end, word.split(" "), count) for (end, begin, word), count in sorted(found.items())]

    def pair(self, first: Slot | Part, second: Slot | Part) -> Pair:
        """Two slots, the second after the first."""
        key = first.spellings, second.spellings, first.share, second.share
        if (kept := self._pairs.get(key)) is not None:
            return kept
        found = self._pair(first, second)
        self._held += sum([9 * len(where.codes) for where in found.where]) + 2 * found.counts.nbytes + 1_000
        if self._held > _CACHED // 4:
            self._pairs, self._held = {}, 0
        self._pairs[key] = found
        return found

    def _pair(self, first: Slot | Part, second: Slot | Part) -> Pair:
        a, b = len(first.spellings), len(second.spellings)
        following, counts, where = np.zeros(a), np.zeros((a, b)), []
        share = min(first.share, second.share)
        for number, segment in enumerate(self._segments):
            check_time()
            documents, starts = -int(-segment.documents * share // 1), self._starts[number]
            asked = first.terms[number], second.terms[number], starts, documents, following, counts
            places, codes = _pairs(segment, *asked) if segment.store is None else segment.store.pairs(*asked)
            where.append(_Where(places, codes, int(starts[documents])))
        return Pair(following, counts, tuple(where))

    def triples(self, first: Pair, second: Pair) -> tuple[Array, Array]:
        """(counts of the first pair, counts of three in a row) in as many documents as both pairs are looked at.

        The second are of the index alone; most of those that occur once do so by accident.
        """
        before = np.zeros(first.counts.shape)
        triples = np.zeros((*before.shape, second.counts.shape[1]))
        for mine, others in zip(first.where, second.where, strict=True):
            kernels.in_a_row(mine.places, mine.codes, others.places, others.codes, others.end, before, triples)
        return before, triples

    def agreement(self, words: Sequence[tuple[Slot, int]], both: Sequence[tuple[int, int]]) -> list[float]:
        """How much oftener two words are in the same documents than by chance: the logarithm of a ratio.

        words: spellings of slots, by their numbers there; both: which two of them.
        """
        if not both:
            return []
        of_each, of_both = [0] * len(words), [0] * len(both)
        first, second = zip(*both, strict=True)
        for number, segment in enumerate(self._segments):
            check_time()
            asked = tuple([slot.terms[number][n] for slot, n in words]), first, second, self._looked_in[number]
            each, together = _together(segment, *asked) if segment.store is None else segment.store.together(*asked)
            of_each = list(map(add, of_each, memoryview(each).cast("q")))
            of_both = list(map(add, of_both, memoryview(together).cast("q")))
        looked_at = self._looked_at
        return [
            math.log((together + 1) / (of_each[a] * of_each[b] / looked_at + 1))
            for together, (a, b) in zip(of_both, both, strict=True)
        ]

    @cached_property
    def _looked_in(self) -> list[int]:
        """For each segment how many of its documents are looked at for which words are in the same."""
        part = min(1.0, MOST_DOCUMENTS / max(1, self._documents))
        return [math.ceil(segment.documents * part) for segment in self._segments]

    @cached_property
    def _documents(self) -> int:
        return sum(segment.documents for segment in self._segments)

    @cached_property
    def _looked_at(self) -> int:
        return max(1, min(MOST_DOCUMENTS, self._documents))

    @cached_property
    def _starts(self) -> list[Array]:
        """For each segment the place of each document's first position, as in `places`, and of the end."""
        widths = [segment.width.astype(np.int64) + 3 for segment in self._segments]
        return [np.concatenate(([0], np.cumsum(width))) for width in widths]


def _pairs(
    segment: Segment, first: Sequence[int], second: Sequence[int], starts: Array, documents: int, following: Array,
    counts: Array,
) -> tuple[bytes, bytes]:  # fmt: skip
    """What `kernels.Store.pairs` means, in plain NumPy: adds how often each first term occurs in the first documents to
    `following`, how often each second stands behind it to `counts`, and returns where: the places of the second,
    ascending, and for each the number of the first << 4 | the number of the second.
    """
    mine = [_places(segment, term, starts, documents) for term in first]
    following += [len(own) for own in mine]
    places = np.concatenate([np.empty(0, np.int64), *mine])
    numbers = np.repeat(np.arange(len(first)), [len(own) for own in mine])
    order = np.argsort(places, kind="stable")
    places, numbers = np.append(places[order], -1), np.append(numbers[order], 0)
    found = [np.empty(0, np.int64)]
    for number, term in enumerate(second):
        behind = _places(segment, term, starts, documents)
        at = places[:-1].searchsorted(behind - 1)
        there = (places[at] == behind - 1).nonzero()[0]
        found.append(behind[there] << 8 | numbers[at[there]] << 4 | number)
    all_ = np.sort(np.concatenate(found))
    np.add.at(counts, (all_ >> 4 & 15, all_ & 15), 1)
    return (all_ >> 8).tobytes(), all_.astype(np.uint8).tobytes()


def _places(segment: Segment, term: int, starts: Array, documents: int) -> Array:
    """The places of a term in the first documents; none of -1."""
    if term < 0:
        return np.empty(0, np.int64)
    found, codes = segment.postings(term)
    size = int(found.searchsorted(documents))
    counts = segment.counts(term, found[:size], codes[:size])
    begin, _ = segment.position_range(term, term + 1)
    places: Array = np.repeat(starts[found[:size]], counts)
    return places + segment.positions.part(begin, begin + len(places))


def _together(
    segment: Segment, terms: Sequence[int], first: Sequence[int], second: Sequence[int], documents: int
) -> tuple[bytes, bytes]:
    """What `kernels.Store.together` means: in how many of the first documents each term is, and two of them."""
    found = [segment.postings(term)[0] if term >= 0 else np.empty(0, np.int64) for term in terms]
    found = [own[: own.searchsorted(documents)] for own in found]
    both = [np.isin(found[a], found[b]).sum() for a, b in zip(first, second, strict=True)]
    return np.array([len(own) for own in found], np.int64).tobytes(), np.array(both, np.int64).tobytes()
