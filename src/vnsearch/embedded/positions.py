"""Where terms stand.

A *place* counts the positions of a segment's documents one after the other, with a gap between
documents as between fields.  So the places of a term ascend, and two terms stand side by side where one
place is the other's plus one, whatever document that is in.
"""

from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate, chain
from typing import Any, Literal, NamedTuple

import numpy as np

from ..arrays import Array, spans
from ..cache import Cache
from ..index import layout
from ..index.segment_reader import Segment
from ..ranking.occurrences import Occurring, Terms

_ALL = 1 << 62
_MOST_SPLIT = 10_000  # groups of which it is kept which terms have rows
GROUP = 44  # bits of a place; above them a key has the number of a group
# eight documents of a row are read as one number: their counts, and a factor that sums them in its top byte
_COUNTS, _ONES = np.uint64(layout.COUNT_LONG * 0x0101010101010101), np.uint64(0x0101010101010101)
_OTHERS = ~_COUNTS
_TOP, _COUNT = np.uint64(56), np.uint64(layout.COUNT_LONG)
_SHIFT = np.arange(0, 64, 8, dtype=np.uint64)  # of each of the eight
_BEFORE = _COUNTS & ((np.uint64(1) << _SHIFT) - np.uint64(1))  # the counts before each
_UP_TO = _BEFORE | np.uint64(layout.COUNT_LONG) << _SHIFT  # and its own


class _Split(NamedTuple):
    """A group's terms that have rows, and those that have lists."""

    common: list[int]  # the first block of each one's row
    rare: Terms
    terms: list[int]  # the common ones
    which: list[int]  # of the group's terms each of these is
    which_rare: Array  # the same of those with lists
    long: bool  # whether any of the common ones has a count that does not fit in its code


class Listed:
    """All places of a group, ascending."""

    def __init__(self, places: Array) -> None:
        self.places = places
        bits = max(8 * len(places) - 1, 255).bit_length()
        self._low = places.dtype.type((1 << bits) - 1)

    @property
    def nbytes(self) -> int:
        """Memory in use, that of the sieve included."""
        return self.places.nbytes + (int(self._low) + 1 >> 3) + 512

    @cached_property
    def _sieve(self) -> Array:
        """For each value of a place's low bits, one bit: whether any place has it."""
        sieve = np.zeros(int(self._low) + 1, bool)
        sieve[self.places & self._low] = True
        return np.packbits(sieve, bitorder="little")

    def sift(self, places: Array) -> Array:
        """Where in `places` those are that may be among these: all that are, and of the others one in eight at most."""
        low = places & self._low
        bits = self._sieve.take(low >> 3) >> (low & 7).astype(np.uint8)
        bits &= 1
        there: Array = bits.view(bool).nonzero()[0]
        return there

    def find(self, places: Array) -> Array:
        """Where in `places` those are that are among these."""
        if not len(self.places):
            return np.empty(0, np.int64)
        at = self.places.searchsorted(places)
        there: Array = (self.places.take(at, mode="clip") == places).nonzero()[0]
        return there


class Places:
    """The places of one segment's terms."""

    def __init__(self, segment: Segment, cache: Cache) -> None:
        self._segment, self._cache = segment, cache
        self._positions, self._blocks = segment.positions, segment.row_blocks
        self._row_blocks = layout.row_width(segment.documents) // 8
        self._splits: dict[Terms, _Split] = {}
        self._counted: set[int] = set()  # the rows whose `_block_starts` are known; so these were checked

    # lists and sets, since Python asks for one number at a time; made by the first search, not by opening

    @cached_property
    def _row_numbers(self) -> list[int]:
        return self._segment.row_numbers.tolist()  # type: ignore[no-any-return]

    @cached_property
    def _first(self) -> list[int]:
        return self._segment.data["first_position"].tolist()  # type: ignore[no-any-return]

    @cached_property
    def with_long_counts(self) -> frozenset[int]:
        """The terms that have a count which does not fit in its code."""
        return frozenset(self._segment.data["long_terms"].tolist())

    @cached_property
    def _starts(self) -> Array:
        """The place of each document's first position; two gaps lie between its fields, one behind it."""
        widths = self._widths + 1
        starts: Array = np.cumsum(widths) - widths
        return starts

    @cached_property
    def _widths(self) -> Array:
        widths: Array = self._segment.width.astype(np.int64) + 2
        return widths

    def widths(self, documents: Array) -> Array:
        """How many positions the documents have, gaps between fields too."""
        return self._widths.take(documents)

    def starts(self, documents: Array) -> Array:
        """The place of each document's first position."""
        starts: Array = self._starts[documents]
        return starts

    def documents(self, places: Array) -> Array:
        """In which document each place is."""
        return self._starts.searchsorted(places, side="right") - 1

    def in_fields(self, places: Array, fields: tuple[str, ...]) -> Array:
        """Which of the places lie in one of the fields."""
        positions, title, body = self._bounds(places)
        wanted = np.zeros(len(places), bool)
        if "title" in fields:
            wanted |= positions < title
        if "lead" in fields:
            wanted |= (positions > title) & (positions < body)
        if "body" in fields:
            wanted |= positions > body
        return wanted

    def same_field(self, first: Array, last: Array) -> Array:
        """Whether two places of each pair lie in the same field of the same document."""
        positions, title, body = self._bounds(first)
        away = last - first + positions
        width = self._segment.width[self.documents(first)] + 2
        same: Array = ((positions < title) == (away < title)) & ((positions > body) == (away > body)) & (away < width)
        return same

    def _bounds(self, places: Array) -> tuple[Array, Array, Array]:
        """(positions, positions of the gaps behind title and lead) of the places' documents."""
        documents = self.documents(places)
        title = self._segment.title_width[documents].astype(np.int64)
        return places - self._starts[documents], title, title + 1 + self._segment.lead_width[documents]

    # -- look-ups -----------------------------------------------------------------------------------------

    def occurrences(self, terms: Terms) -> int:
        """How often the terms of a group occur in all documents."""
        return sum(self._first[term + 1] - self._first[term] for term in terms)

    def in_a_row(self, slots: Sequence[Terms], among: Array | None = None) -> Array:
        """Where groups stand side by side, in all documents or in some (ascending): the place of the first one.

        The places of the rarest group are sifted by those of the others before any is looked for: a look at one bit
        costs a tenth of a search by halves, and leaves few.
        """
        if self._segment.store is not None:
            return self._by_kernel(slots, among, -1, _ALL)[0]
        order = sorted(range(len(slots)), key=lambda n: self.occurrences(slots[n]))
        rarest = order[0]
        if among is None:
            starts = self.listed(slots[rarest]).places - self._kind(rarest)
        else:
            starts = self.of_each([slots[rarest]], among)[0].astype(self._kind) - self._kind(rarest)
        others = [(self._kind(n), self.listed(slots[n])) for n in order[1:]]
        for n, listed in others:
            starts = starts[listed.sift(starts + n)]
        for n, listed in others:
            starts = starts[listed.find(starts + n)]
        found: Array = starts.astype(np.int64)
        return found

    def counted(
        self, slots: Sequence[Terms], fields: tuple[str, ...], among: Array | None, most: int | None = None
    ) -> tuple[Array, Array]:
        """(documents in which groups stand side by side within some fields, ascending, how often): by kernels alone.

        most: so many are enough.
        """
        mask = sum(1 << bit for bit, field in enumerate(("title", "lead", "body")) if field in fields)
        documents, counts = self._by_kernel(slots, among, mask, _ALL if most is None else most)
        return documents, counts.astype(np.float32)

    def _by_kernel(self, slots: Sequence[Terms], among: Array | None, fields: int, most: int) -> tuple[Array, Array]:
        store = self._segment.store
        assert store is not None
        first = np.array([0, *accumulate(map(len, slots))])
        terms = np.array(list(chain.from_iterable(slots)), np.int64)
        found, counts = store.in_a_row(terms, first, self._starts, among, fields, most)
        return np.frombuffer(found, np.int64), np.frombuffer(counts, np.int64)

    def listed(self, terms: Terms) -> Listed:
        """All places of a group; kept."""
        return self._cache.get(("listed", id(self), terms), lambda: Listed(self._all_of(terms)), lambda it: it.nbytes)

    @cached_property
    def _kind(self) -> type[np.unsignedinteger[Any]]:
        """What holds a place."""
        return np.uint32 if not len(self._starts) or int(self._starts[-1]) < 1 << 31 else np.uint64

    def _all_of(self, terms: Terms) -> Array:
        parts = [self._all_of_term(term) for term in terms]
        return parts[0] if len(parts) == 1 else _ascending(parts)

    def _all_of_term(self, term: int) -> Array:
        documents, codes = self._segment.postings(term)
        places = np.repeat(self._starts[documents].astype(self._kind), self._counts(term, documents, codes))
        places += self._positions.part(self._first[term], self._first[term + 1])
        return places

    def _counts(self, term: int, documents: Array, codes: Array) -> Array:
        if term in self.with_long_counts:
            return self._segment.counts(term, documents, codes)
        counts: Array = codes & layout.COUNT_MASK
        return counts

    def of_each(self, groups: list[Terms], documents: Array) -> list[Array]:
        """For each group its places in the given documents (ascending)."""
        group, _, at, start, number = self.occurring(groups, documents)
        places: Array = self._starts[documents[at]].repeat(number)
        places += self.positions(start, number)
        found: list[list[Array]] = [[] for _ in groups]
        if len(group):  # the postings of a group stand side by side, those in rows before those in lists
            begins = np.append(0, (group[1:] != group[:-1]).nonzero()[0] + 1)
            ends = number.cumsum()[np.append(begins[1:], len(group)) - 1].tolist()
            for own, begin, end in zip(group[begins].tolist(), [0, *ends], ends, strict=False):
                found[own].append(places[begin:end])
        return [
            parts[0] if len(terms) == len(parts) == 1 else _ascending(parts)
            for terms, parts in zip(groups, found, strict=True)
        ]

    def keys(self, groups: list[Terms], documents: Array) -> Array:
        """The places of all groups in the given documents (ascending), with the group's number << GROUP; ascending."""
        group, _, at, start, count = self.occurring(groups, documents)
        keys: Array = ((group << GROUP) + self._starts[documents[at]]).repeat(count)
        keys += self.positions(start, count)
        keys.sort()
        return keys

    def first_positions(self, start: Array, count: Array) -> Array:
        """The first position of each posting; all its positions are checked, for `checked_positions`."""
        self._positions.check_runs(start, count)
        found: Array = self._positions.unchecked.take(start)
        return found

    def checked_positions(self, start: Array, count: Array) -> Array:
        """As `positions`, which were checked before."""
        found: Array = self._positions.unchecked.take(spans(start, count))
        return found

    def positions(self, start: Array, count: Array) -> Array:
        """The positions of postings one after the other."""
        return self._positions.runs(start, count)

    def occurring(self, groups: Sequence[Terms], documents: Array) -> Occurring:
        """The postings of all groups in the given documents (ascending), in no order.

        A query has few documents left here, so what costs is the number of calls.  Rows of counts and of first
        positions, one for each common term and for each group of one rare term, are sifted together.
        """
        owner: list[int] = []
        which: list[int] = []
        common: list[int] = []
        single: list[tuple[int, _Split]] = []
        several: list[tuple[int, _Split]] = []
        terms_of_rows: list[int] = []
        long = False
        for number, terms in enumerate(groups):
            split = self._splits.get(terms) or self._split(terms)
            if split.common:
                owner += [number] * len(split.common)
                which += split.which
                common += split.common
                terms_of_rows += split.terms
                long |= split.long
            if split.rare:
                (several if len(split.rare) > 1 else single).append((number, split))
        found = []
        if common or single:
            starts = np.empty((len(common) + len(single), len(documents)), np.int64)
            counts = np.empty_like(starts)
            if common:
                self._in_rows(common, documents, starts[: len(common)], counts[: len(common)], long and terms_of_rows)
        if single or several:
            narrow = documents.astype(np.uint32)  # as lists are: searchsorted wants both alike
        for at_row, (number, split) in enumerate(single, len(common)):
            owner.append(number)
            which.append(int(split.which_rare[0]))
            self._in_list(split.rare, narrow, starts[at_row], counts[at_row])
        if owner:
            flat = counts.reshape(-1)
            there = flat.nonzero()[0]
            row, at = np.divmod(there, len(documents))
            start, count = starts.reshape(-1).take(there), flat.take(there)
            found.append(Occurring(np.array(owner).take(row), np.array(which).take(row), at, start, count))
        if several:
            found += [self._in_lists(number, split, narrow) for number, split in several]
        if not found:
            return Occurring(*np.empty((5, 0), np.int64))
        return found[0] if len(found) == 1 else Occurring(*map(np.concatenate, zip(*found, strict=True)))

    def _split(self, terms: Terms) -> "_Split":
        rows = [self._row_numbers[term] for term in terms]
        common = [at for at, row in enumerate(rows) if row != layout.NO_ROW]
        rare = [at for at, row in enumerate(rows) if row == layout.NO_ROW]
        for at in common:
            if rows[at] not in self._counted:
                self._count(terms[at])
        if len(self._splits) >= _MOST_SPLIT:
            self._splits.clear()
        own = [terms[at] for at in common]
        split = self._splits[terms] = _Split(
            [rows[at] * self._row_blocks for at in common],
            tuple(terms[at] for at in rare),
            own,
            common,
            np.array(rare, np.int64),
            not self.with_long_counts.isdisjoint(own),
        )
        return split

    # -- rare terms: lists of documents -------------------------------------------------------------------

    def _in_list(self, terms: Terms, documents: Array, starts: Array, counts: Array) -> None:
        """The first positions and counts of one rare term in documents; count 0 where it does not occur."""
        listed, columns = self._lists(terms)
        begin = listed.searchsorted(documents)
        starts[:], counts[:], _, _ = columns.take(begin, 0, mode="clip").T
        counts *= listed.take(begin, mode="clip") == documents

    def _in_lists(self, number: int, split: "_Split", documents: Array) -> Occurring:
        """Of several, whose postings are merged: few documents have one, fewer have several."""
        listed, columns = self._lists(split.rare)
        begin = listed.searchsorted(documents)
        at = (listed.take(begin, mode="clip") == documents).nonzero()[0]
        begin = begin.take(at)
        start, count, which, many = columns.take(begin, 0).T
        if int(np.maximum.reduce(many, initial=0)) > 1:
            at = at.repeat(many)
            start, count, which, _ = columns.take(spans(begin, many), 0).T
        if split.common:
            which = split.which_rare.take(which)
        group = np.empty(len(at), np.int64)
        group.fill(number)
        return Occurring(group, which, at, start, count)

    def _lists(self, terms: Terms) -> tuple[Array, Array]:
        """(documents ascending; for each a row of int64: first index of its positions, count, which of the terms, how
        many of this document from here on) of rare terms; of several, documents repeat.
        """

        def make() -> tuple[Array, Array]:
            lists = [self._list(term) for term in terms]
            documents, starts, counts = map(np.concatenate, zip(*lists, strict=True))
            which = np.arange(len(terms)).repeat([len(own) for own, _, _ in lists])
            order = np.argsort(documents, kind="stable")
            documents = documents[order]
            many = documents.searchsorted(documents, side="right") - np.arange(len(documents))
            columns = (starts[order], counts[order], which[order], many)
            return documents, np.stack(columns, 1, dtype=np.int64, casting="unsafe")

        return self._cache.get(
            ("lists", id(self), terms), make, lambda lists: sum(column.nbytes for column in lists) + 256
        )

    def _list(self, term: int) -> tuple[Array, Array, Array]:
        documents, codes = self._segment.postings(term)
        counts = self._counts(term, documents, codes)
        return documents, np.cumsum(counts, dtype=np.int64) - counts + self._first[term], counts

    # -- common terms: rows of codes; counts before a document are summed, those before its block in advance --

    def _in_rows(
        self, blocks: list[int], documents: Array, starts: Array, counts: Array, long: "list[int] | Literal[False]"
    ) -> None:
        """The first positions and counts of common terms in the documents; count 0 where one does not occur.

        blocks: the first block of each one's row.  long: the terms, where any count may not fit in its code.
        """
        index = np.array(blocks)[:, None] + (documents >> 3)
        byte = documents & 7
        codes = self._blocks.take(index)
        own, before = counts.view(np.uint64), codes & _BEFORE.take(byte)
        np.right_shift(codes, _SHIFT.take(byte), out=own)
        own &= _COUNT
        before *= _ONES
        before >>= _TOP  # the sum of eight bytes
        np.add(before, self._block_starts.take(index), out=starts.view(np.uint64))
        if long:
            codes &= _UP_TO.take(byte)
            beyond = (codes + _ONES & _OTHERS).reshape(-1).nonzero()[0]  # this or one before did not fit
            if len(beyond):
                row, at = np.divmod(beyond, len(documents))
                document = documents.take(at)
                key = np.array(long).take(row) * len(self._starts) + document
                before = self._long_before(np.concatenate((key - (document & 7), key, key + 1)))
                block, own, behind = before.reshape(3, -1)
                starts[row, at] += own - block
                counts[row, at] += behind - own

    def _long_before(self, keys: Array) -> Array:
        """What did not fit in the codes of the postings before each key = term x documents + document."""
        found: Array = self._long[1].take(self._long[0].searchsorted(keys))
        return found

    @cached_property
    def _long(self) -> tuple[Array, Array]:
        """(keys of the postings whose count did not fit, how much did not in those before each, and in all)."""
        data = self._segment.data
        keys = data["long_terms"].astype(np.int64) * len(self._starts) + data["long_docs"]
        return keys, np.concatenate(([0], np.cumsum(data["long_counts"].astype(np.int64) - layout.COUNT_LONG)))

    @cached_property
    def _block_starts(self) -> Array:
        """For each block of each row the index of its first position.  Worked out row by row: `_count`."""
        size = len(self._blocks)
        return np.empty(size, np.uint32 if self._first[-1] < 1 << 32 else np.uint64)

    def _count(self, term: int) -> None:
        row = self._segment.row(term)
        assert row is not None
        counts = np.add.reduceat(row & layout.COUNT_MASK, np.arange(0, len(row), 8), dtype=np.uint32)
        if term in self.with_long_counts:
            long, more = self._segment.long_counts(term)
            np.add.at(counts, long >> 3, more - np.uint32(layout.COUNT_LONG))
        begin = self._row_numbers[term] * self._row_blocks
        starts = np.cumsum(counts, dtype=np.int64) - counts + self._first[term]
        self._block_starts[begin : begin + len(starts)] = starts
        self._counted.add(self._row_numbers[term])


def _ascending(parts: list[Array]) -> Array:
    """All of them as one, ascending."""
    places = np.concatenate(parts or [np.empty(0, np.int64)])
    places.sort(kind="stable")  # runs that ascend are merged
    return places


def neighbours(keys: Array, groups: int, pairs: Sequence[tuple[int, int]]) -> tuple[Array, Array]:
    """Where the two groups of a pair stand side by side: (number of the pair, index of the key of one of the two).

    keys: as of `Places.keys`, of so many groups.  From each occurrence of a pair's less frequent group the key is
    looked for that the other one would have beside it.
    """
    if not pairs or not len(keys):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    bounds = keys.searchsorted(np.arange(groups + 1) << GROUP)
    both = np.array(pairs)
    sizes = np.diff(bounds)[both]
    fewer = sizes.argmin(1)
    row = np.arange(len(both))
    pair = np.repeat(row, sizes[row, fewer])
    from_ = spans(bounds[both[row, fewer]], sizes[row, fewer])
    away = ((both[:, 1] - both[:, 0]) << GROUP) + 1
    wanted = keys[from_] + np.where(fewer == 0, away, -away)[pair]
    at = keys.searchsorted(wanted)
    at[at == len(keys)] = 0
    there = (keys[at] == wanted).nonzero()[0]
    return pair[there], from_[there]
