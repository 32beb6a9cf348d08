"""What a segment's postings are worth to a query: groups of terms, their weights, their places.

A *group* is a set of terms that count as one: a single exact term, all accents of a folded one, all
that begin with a prefix.  Its frequencies are summed, then saturated and rounded up to a byte (`ranking.bm25f`).
A byte is what makes a common term's row small enough to be kept and quick enough to be added up.
"""

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import and_
from typing import NamedTuple

import numpy as np

from ..arrays import Array
from ..cache import Cache
from ..index import layout
from ..index.segment_reader import Segment
from ..ranking.bm25f import K1, TENTHS, B, impacts_of, tenths_of
from .docsets import intersect
from .positions import Places

FEW = 16  # one document in so many: of fewer, only these are scored
_LONG = np.uint32(layout.COUNT_LONG)


_SHORT_SUMS = 128  # codes of so many terms add up to less than 1 << 16


class Group(NamedTuple):
    """What a group's postings come to, kept from query to query.

    row: for a common group, its impacts, one byte a document, 0 where none of the terms occurs.
    bits: beside a row, one bit a document, eight in a byte: whether any of the terms occurs.
    documents: for a rare one, its documents, ascending.
    impacts: one byte beside each of `documents`; or the row.
    size: how many documents have any of the terms.
    """

    row: Array | None
    documents: Array
    impacts: Array
    size: int
    bits: Array = np.empty(0, np.uint8)

    @classmethod
    def of_row(cls, row: Array, size: int) -> "Group":
        """A common group."""
        return cls(row, np.empty(0, np.int64), row, size, np.packbits(row))

    @classmethod
    def of(cls, impacts: Array, size: int) -> "Group":
        """Of one byte a document, so many of them not 0."""
        if size * layout.DENSE > len(impacts):
            return cls.of_row(impacts, size)
        documents = impacts.nonzero()[0]
        return cls(None, documents, impacts[documents], size)

    def at(self, documents: Array) -> Array:
        """The impacts of these documents (ascending), 0 where the group does not occur."""
        found: Array
        if self.row is not None:
            found = self.row.take(documents)
            return found
        own = self.documents
        if not len(own) or not len(documents):
            return np.zeros(len(documents), self.impacts.dtype)
        if len(own) < len(documents):  # the fewer are looked for
            found = np.zeros(len(documents), self.impacts.dtype)
            at = documents.searchsorted(own)
            there = (documents.take(at, mode="clip") == own).nonzero()[0]
            found[at.take(there)] = self.impacts.take(there)
        else:
            at = own.searchsorted(documents)
            found = self.impacts.take(at, mode="clip") * (own.take(at, mode="clip") == documents)
        return found

    @property
    def nbytes(self) -> int:
        """Memory in use."""
        return self.impacts.nbytes + self.documents.nbytes + 512

    @property
    def matches(self) -> Array:
        """The set of its documents."""
        return self.documents if self.row is None else self.row > 0


def in_all_rows(groups: Sequence[Group], documents: int) -> Array:
    """One bool for each document: whether it has all of the common groups."""
    bits = reduce(and_, [group.bits for group in groups])
    mask: Array = np.unpackbits(bits, count=documents).view(bool)
    return mask


def in_all(groups: Iterable[Group], documents: int) -> Array:
    """The documents that have all of the groups, as numbers; common ones are looked at for what rare ones leave."""
    rare: list[Array] = []
    common: list[Group] = []
    for group in groups:
        if group.row is None:
            rare.append(group.documents)
        else:
            common.append(group)
    if not rare:
        return in_all_rows(common, documents).nonzero()[0]
    numbers = reduce(intersect, sorted(rare, key=len))
    for group in common:
        numbers = numbers[group.at(numbers) > 0]
    return numbers


class Postings:
    """One segment's postings under the statistics of the whole index."""

    def __init__(self, segment: Segment, mean_width: float, cache: Cache) -> None:
        self.segment, self._cache = segment, cache
        self.places = Places(segment, cache)
        self.norm = (K1 * (1 - B + B * segment.width / max(mean_width, 1.0))).astype(np.float32)

    # -- scores ------------------------------------------------------------------------------------------

    def group(self, terms: tuple[int, ...]) -> Group:
        """The postings of a group of terms; kept."""
        group: Group = self._cache.get((id(self), terms), lambda: self.make_group(terms), lambda group: group.nbytes)
        return group

    def size(self, terms: tuple[int, ...]) -> int:
        """How many documents have any of the terms."""
        if (store := self.segment.store) is not None:
            return store.size(np.array(terms, np.int64))
        mask = np.zeros(self.segment.documents, bool)
        for term in terms:
            row = self.segment.row(term)
            if row is not None:
                mask |= row > 0
            else:
                mask[self.segment.postings(term)[0]] = True
        return int(np.count_nonzero(mask))

    def spelled(self, terms: tuple[int, ...], every: tuple[int, ...], share: float) -> Group:
        """A term (`terms`, at most one) and its other accents: where it does not occur itself, `share` of the
        impacts of all its accents (`every`), rounded up.
        """
        if (store := self.segment.store) is not None:
            impacts = np.empty(self.segment.documents, np.uint8)
            both = np.array(terms, np.int64), np.array(every, np.int64)
            return Group.of(impacts, store.spelled(*both, share, self.norm, impacts))
        own, all_ = self.make_group(terms), self.make_group(every)
        values = np.ceil(all_.impacts * np.float32(share)).astype(np.uint8)
        if all_.row is None:
            values[all_.documents.searchsorted(own.documents)] = own.impacts
            return Group(None, all_.documents, values, all_.size)
        if own.row is None:
            values[own.documents] = own.impacts
        else:
            np.copyto(values, own.row, where=own.row > 0)
        return Group.of_row(values, all_.size)

    def having(self, terms: tuple[int, ...]) -> Group:
        """Where any of the terms is: a group whose impacts mean nothing."""
        row: Array = np.zeros(self.segment.documents, np.uint8)
        for term in terms:
            own = self.segment.row(term)
            if own is not None:
                row |= own
            else:
                row[self.segment.postings(term)[0]] = 1
        return Group.of(row, int(np.count_nonzero(row)))

    def impacts_at(self, own: tuple[int, ...], every: tuple[int, ...], share: float, documents: Array) -> Array:
        """The impacts of `spelled` in few documents (ascending): by kernels alone."""
        store = self.segment.store
        assert store is not None
        found = np.empty(len(documents), np.uint8)
        both = np.array(own, np.int64), np.array(every, np.int64)
        store.impacts_at(*both, share, self.norm, np.ascontiguousarray(documents, np.int64), found)
        return found

    def make_group(self, terms: tuple[int, ...]) -> Group:
        """The same, not kept: for who keeps what is made of it."""
        size = self.segment.documents
        if len(terms) == 1 and self.segment.row(terms[0]) is None:
            documents, codes = self.segment.postings(terms[0])
            documents = documents.astype(np.int64)
            tenths = TENTHS[codes]
            if terms[0] in self.places.with_long_counts:
                long, counts = self.segment.long_counts(terms[0])  # counts that do not fit in a code
                tenths[documents.searchsorted(long)] += 10 * (counts - _LONG)
            return Group(None, documents, impacts_of(tenths, self.norm[documents]), len(documents))
        if (store := self.segment.store) is not None:
            impacts: Array = np.empty(size, np.uint8)
            return Group.of(impacts, store.impacts(np.array(terms, np.int64), self.norm, impacts))
        total: Array = np.zeros(size, np.uint16 if len(terms) <= _SHORT_SUMS else np.uint32)
        for term in terms:
            row = self.segment.row(term)
            if row is not None:
                total += tenths_of(row)
            else:
                documents, codes = self.segment.postings(term)
                total[documents] += TENTHS[codes].astype(total.dtype)
        longs = [term for term in terms if term in self.places.with_long_counts]
        if longs:
            total = total.astype(np.uint32)
        for term in longs:
            documents, counts = self.segment.long_counts(term)
            total[documents] += 10 * (counts - _LONG)
        count = int(np.count_nonzero(total))
        if count * layout.DENSE > size:
            return Group.of_row(impacts_of(total, self.norm), count)
        documents = total.nonzero()[0]
        return Group(None, documents, impacts_of(total[documents], self.norm[documents]), count)

    def saturated(self, frequencies: Array, documents: Array) -> Array:
        """(K1 + 1) tf / (tf + norm) of plain counts: of phrases, and within some fields."""
        return (K1 + 1) * frequencies / (frequencies + self.norm[documents])

    def counts_in(self, terms: tuple[int, ...], documents: Array, fields: tuple[str, ...]) -> Array:
        """How often a group occurs in some fields of the given documents (ascending)."""
        places = self.places.keys([terms], documents)
        places = places[self.places.in_fields(places, fields)]
        at = documents.searchsorted(self.places.documents(places))
        return np.bincount(at, minlength=len(documents)).astype(np.float32)
