"""How often syllables stand behind one another, in an index and in the language: what diacritics are restored by.

An index stores no pairs; they are counted when they are asked for, from where the syllables stand.  Of what occurs
very often only the first documents are looked at, so that a query costs the same in an index of any size.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np

from ..index.container import Array
from ..index.segment import Segment
from . import language
from .cache import Cache

MOST_OCCURRENCES = 16_000  # of all spellings of a syllable that are looked at
LANGUAGE = 0.3  # what an occurrence in the language counts beside one in the index
MOST_SPELLINGS = 12  # of a syllable
_CACHED = 16 << 20  # bytes
# a key is a place << _PLACE | number of the slot << _SLOT | number of the spelling
_SPELLINGS, _SLOT, _SLOTS, _PLACE = 16, 4, 64, 10


class Slot(NamedTuple):
    """What a syllable of a query may stand for, the most frequent first."""

    spellings: tuple[str, ...]
    terms: tuple[tuple[int, ...], ...]  # for each segment their numbers there, -1 for none
    known: Array  # how often each occurs in the language
    frequency: Array  # in the index and, weighted, in the language
    share: float  # of the documents that are looked at, of each segment the first


class Counts(NamedTuple):
    """Of adjacent slots, an axis each: how often their spellings stand in a row; `following`: any word behind one."""

    following: list[Array]
    pairs: list[Array]
    triples: list[Array]  # of the index alone, and none that occurs once, as most do


class Context:
    """Counts of adjacent syllables.  Safe to share between threads."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self._segments = segments
        self._cache = Cache(_CACHED)

    @cached_property
    def positions(self) -> int:
        """How many positions the index has."""
        return sum(int(segment.width.sum(dtype=np.int64)) for segment in self._segments)

    def spelled(self, folded: str) -> Slot | None:
        """All words of letters that are spelled so without diacritics; None where the index has none."""
        return self._cache.get(folded, lambda: self._spelled(folded), lambda _: 2_000)  # type: ignore[no-any-return]

    def _spelled(self, folded: str) -> Slot | None:
        found = [{s.terms[number]: number for number in s.find_folded(folded)} for s in self._segments]
        return self._slot(sorted({name for mine in found for name in mine if name.isalpha()}), found)

    def only(self, term: str) -> Slot:
        """A term and no other spelling of it."""
        found = [s.find(term) for s in self._segments]
        slot = self._slot([term], [{} if number is None else {term: number} for number in found])
        assert slot is not None
        return slot

    def _slot(self, names: Sequence[str], found: Sequence[Mapping[str, int]]) -> Slot | None:
        if not names:
            return None
        terms = [[mine.get(name, -1) for name in names] for mine in found]
        own = [
            sum(s.occurrences_of(mine[name]) for s, mine in zip(self._segments, found, strict=True) if name in mine)
            for name in names
        ]
        known = np.array([language.frequency(name) for name in names])
        frequency = np.array(own) + LANGUAGE * known
        best = np.argsort(-frequency, kind="stable")[:MOST_SPELLINGS].tolist()
        share = MOST_OCCURRENCES / max(MOST_OCCURRENCES, sum(own[n] for n in best))
        return Slot(
            tuple(names[n] for n in best), tuple(tuple(mine[n] for n in best) for mine in terms),
            known[best], frequency[best], share,
        )  # fmt: skip

    def count(self, slots: Sequence[Slot]) -> Counts:
        """Of slots that follow one another, in as many documents as all of them are looked at."""
        following = np.zeros((len(slots), _SPELLINGS))
        pairs, triples = np.zeros(len(slots) * _SPELLINGS**2), np.zeros(len(slots) * _SPELLINGS**3)
        share = min(slot.share for slot in slots)
        for number, segment in enumerate(self._segments):
            end = self._starts[number][-int(-segment.documents * share // 1)] << _PLACE
            keys = [self._keys(number, slot) for slot in slots]
            keys = [own[: own.searchsorted(end)] for own in keys]
            following += [np.bincount(own & _SPELLINGS - 1, minlength=_SPELLINGS) for own in keys]
            # a place is counted back to that of the first slot, so that what stands in a row has the same one
            row = _merged(*(own + ((at << _SLOT) - (at << _PLACE)) for at, own in enumerate(keys)))
            beside = np.diff(row >> _SLOT) == 1
            pairs += _counted(row, beside.nonzero()[0], 2, len(pairs))
            triples += _counted(row, (beside[1:] & beside[:-1]).nonzero()[0], 3, len(triples))
        triples[triples < 2] = 0
        sizes = [len(slot.spellings) for slot in slots]
        ranges = [slice(size) for size in sizes]
        cubes = triples.reshape(-1, *(_SPELLINGS,) * 3)
        squares = pairs.reshape(-1, _SPELLINGS, _SPELLINGS)
        return Counts(
            [own[:size] + LANGUAGE * slot.known for own, size, slot in zip(following, sizes, slots, strict=True)],
            [squares[at][*ranges[at : at + 2]] + _in_language(*slots[at : at + 2]) for at in range(len(slots) - 1)],
            [cubes[at][*ranges[at : at + 3]] for at in range(len(slots) - 2)],
        )

    def _keys(self, number: int, slot: Slot) -> Array:
        """Where the spellings stand in a segment, and which."""

        def make() -> Array:
            documents = -int(-self._segments[number].documents * slot.share // 1)
            here = enumerate(slot.terms[number])
            places = [
                (self._places(number, term, documents) << _PLACE) + spelling for spelling, term in here if term >= 0
            ]
            return _merged(np.empty(0, np.int64), *places)

        return self._cache.get((number, slot.spellings), make, lambda keys: keys.nbytes + 256)  # type: ignore[no-any-return]

    def _places(self, number: int, term: int, documents: int) -> Array:
        """The places of a term in the first documents."""
        segment = self._segments[number]
        row = segment.row(term)
        if row is None:
            found, codes = segment.postings(term)
            found = found[: found.searchsorted(documents)]
            codes = codes[: len(found)]
        else:
            found = (row[:documents] > 0).nonzero()[0]
            codes = row[found]
        counts = segment.counts(term, found, codes)
        begin, _ = segment.position_range(term, term + 1)
        places = np.repeat(self._starts[number][found], counts)
        places += segment.positions.part(begin, begin + len(places))
        return places

    @cached_property
    def _starts(self) -> list[Array]:
        """For each segment the place of each document's first position, as in `places`, and of the end."""
        widths = [segment.width.astype(np.int64) + 3 for segment in self._segments]
        return [np.concatenate(([0], np.cumsum(width))) for width in widths]


def _merged(*keys: Array) -> Array:
    every = np.concatenate(keys)
    every.sort(kind="stable")  # runs that ascend are merged
    return every


def _counted(row: Array, at: Array, number: int, size: int) -> Array:
    """How often which spellings stand in a row from `at` on, by slot of the first."""
    which = row[at] >> _SLOT & _SLOTS - 1
    for behind in range(number):
        which = which * _SPELLINGS + (row[at + behind] & _SPELLINGS - 1)
    return np.bincount(which, minlength=size)


def _in_language(first: Slot, second: Slot) -> Array:
    behind = map(language.behind, first.spellings)
    return LANGUAGE * np.array([[found.get(name, 0.0) for name in second.spellings] for found in behind])
