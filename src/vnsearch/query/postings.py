"""What a segment's postings are worth to a query: groups of terms, their weights, their places.

A *group* is a set of terms that count as one: a single exact term, all accents of a folded one, all
that begin with a prefix.  Its frequencies are summed, then saturated (BM25F; Robertson, Zaragoza 2004,
"Simple BM25 extension to multiple weighted fields"):

    tf(d)    = n(d) + (W_TITLE - 1) min(n_title(d), 3) + (W_LEAD - 1) [n_lead(d) > 0]
    score(d) = idf (K1 + 1) tf(d) / (tf(d) + K1 (1 - B + B width(d) / mean width))
    idf      = ln(1 + (N - df + .5) / (df + .5))      N, df over all segments, deleted documents included
"""

from collections import OrderedDict
from collections.abc import Callable
from itertools import pairwise
from threading import Lock
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from ..index import layout
from ..index.container import Array
from ..index.segment import Segment

K1, B = 1.2, 0.75
W_TITLE, W_LEAD = 2.0, 1.3
_CACHE_BYTES = 96 << 20
_Found: TypeAlias = tuple[Array, Array, Array, Array]
_GROUP = 56  # bits below the number of a group in a key: 24 for the document's place, 32 for the position
_IN_BLOCK = np.arange(32)
_BLOCK = 32  # documents whose counts are summed in advance, to find a posting's positions in a row

_CODES = np.arange(256)
TENTHS = (
    10 * (_CODES & layout.COUNT_MASK)
    + round(10 * (W_TITLE - 1)) * (_CODES >> layout.TITLE_SHIFT & layout.TITLE_MOST)
    + round(10 * (W_LEAD - 1)) * ((_CODES & layout.LEAD_BIT) > 0)
).astype(np.uint32)  # ten times the tf of a code, but for counts that do not fit in it


class Group(NamedTuple):
    """What a group's postings come to, kept from query to query.

    row: for a common group, its impacts, one byte a document, 0 where none of the terms occurs.
    documents: for a rare one, its documents, ascending; `impacts` stands beside them.
    impacts: scores without idf, in 1/255, rounded up: they choose candidates.
    tenths: ten times tf, beside `row` or `documents`; exact.
    """

    row: Array | None
    documents: Array
    impacts: Array
    tenths: Array
    size: int  # documents that have any of the terms


class Cache:
    """The least recently used values go when there is no room; safe to share between threads."""

    def __init__(self, size: int = _CACHE_BYTES) -> None:
        self._size, self._used = size, 0
        self._values: OrderedDict[Any, tuple[Any, int]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Any, make: Callable[[], Any], size: Callable[[Any], int]) -> Any:
        """The value of a key, made where it is not there; made outside the lock, so perhaps twice."""
        with self._lock:
            if (kept := self._values.get(key)) is not None:
                self._values.move_to_end(key)
                return kept[0]
        value = make()
        bytes_ = size(value)
        with self._lock:
            if key not in self._values:
                self._values[key] = value, bytes_
                self._used += bytes_
            while self._used > self._size and self._values:
                self._used -= self._values.popitem(last=False)[1][1]
        return value


class Postings:
    """One segment's postings under the statistics of the whole index."""

    def __init__(self, segment: Segment, mean_width: float, cache: Cache) -> None:
        self.segment, self._cache = segment, cache
        self._positions = segment.data["positions"]
        self.norm = (K1 * (1 - B + B * segment.width / max(mean_width, 1.0))).astype(np.float32)

    # -- scores ------------------------------------------------------------------------------------------

    def group(self, terms: tuple[int, ...]) -> Group:
        """The postings of a group of terms."""
        return self._cache.get(  # type: ignore[no-any-return]
            (id(self), terms),
            lambda: self._make_group(terms),
            lambda g: g.impacts.nbytes + g.documents.nbytes + g.tenths.nbytes + 512,
        )

    def _make_group(self, terms: tuple[int, ...]) -> Group:
        total = np.zeros(self.segment.documents, np.uint32)
        for term in terms:
            row = self.segment.row(term)
            if row is not None:
                total += TENTHS[row]
            else:
                documents, codes = self.segment.postings(term)
                total[documents] += TENTHS[codes]
        for term in terms:  # counts that do not fit in a code
            documents, counts = self.segment.long_counts(term)
            total[documents] += 10 * (counts - layout.COUNT_LONG)
        documents = total.nonzero()[0]
        tenths = total[documents]
        frequencies = tenths.astype(np.float32) / 10
        share = frequencies / (frequencies + self.norm[documents])
        impacts = np.clip(np.ceil(share * 255), 1, 255).astype(np.uint8)
        if len(documents) * layout.DENSE <= self.segment.documents:
            return Group(None, documents, impacts, tenths, len(documents))
        row = np.zeros(self.segment.documents, np.uint8)
        row[documents] = impacts
        return Group(row, documents[:0], row, total, len(documents))

    def spelled(self, terms: tuple[int, ...], every: tuple[int, ...], share: float) -> Group:
        """The impacts of a term (`terms`, at most one), and where it does not occur `share` of those of all its
        accents (`every`), rounded up.  For choosing candidates only: `tenths` is empty.
        """

        def make() -> Group:
            own, all_ = self.group(terms), self.group(every)
            values = np.clip(np.ceil(all_.impacts * np.float32(share)), all_.impacts > 0, 255).astype(np.uint8)
            if all_.row is None:
                values[all_.documents.searchsorted(own.documents)] = own.impacts
                return Group(None, all_.documents, values, values[:0], all_.size)
            if own.row is None:
                values[own.documents] = own.impacts
            else:
                np.copyto(values, own.row, where=own.row > 0)
            return Group(values, own.documents[:0], values, values[:0], all_.size)

        return self._cache.get(  # type: ignore[no-any-return]
            ("spelled", id(self), terms, every, share), make, lambda g: g.impacts.nbytes + g.documents.nbytes + 512
        )

    def frequencies(self, terms: tuple[int, ...], documents: Array, fields: tuple[str, ...] | None = None) -> Array:
        """The exact tf of a group in the given documents (ascending), in all fields or in some."""
        if fields is not None:
            at, positions = self.occurrences(terms, documents)
            inside = self.in_fields(documents[at], positions, fields)
            return np.bincount(at[inside], minlength=len(documents)).astype(np.float32)
        group = self.group(terms)
        if group.row is not None:
            return group.tenths[documents].astype(np.float32) / 10
        if not len(group.documents):
            return np.zeros(len(documents), np.float32)
        at = group.documents.searchsorted(documents)
        at[at == len(group.documents)] = 0
        return np.where(group.documents[at] == documents, group.tenths[at], 0).astype(np.float32) / 10

    def saturated(self, frequencies: Array, documents: Array) -> Array:
        """(K1 + 1) tf / (tf + norm): the score but for idf."""
        return (K1 + 1) * frequencies / (frequencies + self.norm[documents])

    # -- places -------------------------------------------------------------------------------------------

    def in_fields(self, documents: Array, positions: Array, fields: tuple[str, ...]) -> Array:
        """Which of the positions lie in one of the fields."""
        title = self.segment.title_width[documents].astype(np.int64)
        body = title + 1 + self.segment.lead_width[documents]
        wanted = np.zeros(len(positions), bool)
        if "title" in fields:
            wanted |= positions < title
        if "lead" in fields:
            wanted |= (positions > title) & (positions < body)
        if "body" in fields:
            wanted |= positions > body
        return wanted

    def same_field(self, documents: Array, first: Array, last: Array) -> Array:
        """Whether two positions of a document lie in the same field."""
        title = self.segment.title_width[documents].astype(np.int64)
        body = title + 1 + self.segment.lead_width[documents]
        same: Array = ((first < title) == (last < title)) & ((first > body) == (last > body))
        return same

    def occurrences(self, terms: tuple[int, ...], documents: Array) -> tuple[Array, Array]:
        """(places in `documents`, positions) of a group's occurrences in the given documents, in order."""
        (keys,) = self.places([terms], documents)
        return keys >> 32, keys & 0xFFFFFFFF

    def places(self, groups: list[tuple[int, ...]], documents: Array) -> list[Array]:
        """For each group its occurrences, place in `documents` (ascending) << 32 | position, ascending.

        Of all groups at once: a query has few documents left here, so what costs is the number of calls.
        """
        group, place, start, count = (
            np.concatenate(parts)
            for parts in zip(self._in_rows(groups, documents), *self._in_lists(groups, documents), strict=True)
        )
        keys = np.repeat(group << _GROUP | place << 32, count)
        keys |= self._positions[layout.spans(start, count)]
        keys.sort()
        bounds = keys.searchsorted(np.arange(len(groups) + 1) << _GROUP)
        inside = (1 << _GROUP) - 1
        return [keys[a:b] & inside for a, b in pairwise(bounds.tolist())]

    def _in_lists(self, groups: list[tuple[int, ...]], documents: Array) -> list[_Found]:
        """Postings of rare terms in the documents: (number of the group, place, first position, count), parallel."""
        found = []
        for number, terms in enumerate(groups):
            listed, starts, counts = self._lists(terms)
            begin, end = listed.searchsorted(documents), listed.searchsorted(documents, side="right")
            many = end - begin
            at = layout.spans(begin, many)
            place = np.repeat(np.arange(len(documents)), many)
            found.append((np.full(len(at), number), place, starts[at], counts[at]))
        return found

    def _lists(self, terms: tuple[int, ...]) -> tuple[Array, Array, Array]:
        """(documents ascending, first positions, counts) of a group's rare terms, joined."""

        def make() -> tuple[Array, Array, Array]:
            rare = [term for term in terms if self.segment.row(term) is None]
            parts: list[tuple[Array, Array, Array]] = [(np.empty(0, np.int64),) * 3]
            for term in rare:
                documents, codes = self.segment.postings(term)
                counts = self.segment.counts(term, documents, codes)
                starts = np.cumsum(counts) - counts + self.segment.position_range(term, term)[0]
                parts.append((documents.astype(np.int64), starts, counts))
            documents, starts, counts = (np.concatenate(column) for column in zip(*parts, strict=True))
            if len(rare) > 1:
                order = np.argsort(documents, kind="stable")
                documents, starts, counts = documents[order], starts[order], counts[order]
            return documents, starts, counts

        return self._cache.get(  # type: ignore[no-any-return]
            ("lists", id(self), terms), make, lambda lists: 3 * lists[0].nbytes + 256
        )

    def _in_rows(self, groups: list[tuple[int, ...]], documents: Array) -> _Found:
        """The same of common terms.  A row has no list of documents, so the counts before a document are
        summed: those of whole blocks of documents in advance.
        """
        segment = self.segment
        common = [
            (number, term) for number, terms in enumerate(groups) for term in terms if segment.row(term) is not None
        ]
        if not common:
            return (np.empty(0, np.int64),) * 4
        rows = segment.row_numbers[[term for _, term in common]].astype(np.int64)[:, None]
        codes = segment.rows[rows, documents]
        counts = (codes & layout.COUNT_MASK).astype(np.int64)
        if len(documents) * _BLOCK < segment.documents:
            start = self._before_by_blocks(common, rows, documents)
        else:
            totals = [np.cumsum(segment.rows[row] & layout.COUNT_MASK, dtype=np.int64)[documents] for row in rows[:, 0]]
            start = np.stack(totals) - counts
        for n, (_, term) in enumerate(common):
            start[n] += segment.position_range(term, term)[0]
            long, more = segment.long_counts(term)
            if len(long):  # what did not fit in the codes before a document, and in its own
                extra = np.concatenate(([0], np.cumsum(more.astype(np.int64) - layout.COUNT_LONG)))
                before, through = long.searchsorted(documents), long.searchsorted(documents, side="right")
                start[n] += extra[before]
                counts[n] += extra[through] - extra[before]
        number, place = counts.nonzero()
        return np.array([group for group, _ in common])[number], place, start[number, place], counts[number, place]

    def _before_by_blocks(self, common: list[tuple[int, int]], rows: Array, documents: Array) -> Array:
        """Counts of common terms before few documents: sums made in advance, and the rest of a block each."""
        blocks = documents // _BLOCK
        columns = np.minimum(blocks[:, None] * _BLOCK + _IN_BLOCK, self.segment.documents - 1)
        inside = self.segment.rows[rows[:, :, None], columns] & layout.COUNT_MASK
        inside *= (documents % _BLOCK)[:, None] > _IN_BLOCK
        before: Array = inside.sum(2, dtype=np.int64)
        before += np.stack([self._block_sums(term)[blocks] for _, term in common])
        return before

    def _block_sums(self, term: int) -> Array:
        """Counts of a common term before each block of documents, as far as they fit in the codes."""

        def make() -> Array:
            counts = np.zeros(-(-self.segment.documents // _BLOCK) * _BLOCK, np.uint8)
            counts[: self.segment.documents] = self.segment.rows[self.segment.row_numbers[term]] & layout.COUNT_MASK
            sums = counts.reshape(-1, _BLOCK).sum(1, dtype=np.int64)
            return np.concatenate(([0], np.cumsum(sums)))

        return self._cache.get(("blocks", id(self), term), make, lambda sums: sums.nbytes + 256)  # type: ignore[no-any-return]
