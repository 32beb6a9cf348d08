"""Where terms stand in one segment: phrases, words near one another, words of a query in the best documents."""

from collections.abc import Sequence

import numpy as np

from ..arrays import Array
from ..deadline import seconds_left
from ..index.segment_reader import Segment
from ..query import plan as p
from ..ranking.occurrences import OCCURRENCE
from .docsets import as_mask
from .plain_store import AnyStore
from .terms import Terms

ALL = 1 << 62  # documents


def mask_of(fields: p.Fields) -> int:
    """Fields as bits."""
    return 7 if fields == p.ALL_FIELDS else sum(1 << n for n, field in enumerate(p.ALL_FIELDS) if field in fields)


class Phrases:
    """Finds the places of groups of terms."""

    def __init__(self, segment: Segment, store: AnyStore) -> None:
        self._data, self._store = segment, store

    def find(self, slots: Sequence[Terms], slop: int, fields: p.Fields, among: Array | None) -> tuple[Array, Array]:
        """(the documents where slots follow one another, of all or of some (ascending), how often).

        slop: so many other positions may stand between all.
        """
        mask = None if among is None else as_mask(among, self._data.documents)
        if slop:
            documents = self._chains(slots, slop, fields, mask)
        else:
            documents, _ = self._in_a_row(slots, mask_of(fields), mask)
        last = np.append(documents[1:] != documents[:-1], True).nonzero()[0] if len(documents) else documents
        return documents[last], np.diff(last, prepend=-1).astype(np.float32)

    def keys(self, groups: Sequence[Terms], documents: Array) -> list[Array]:
        """Each group's places in the (ascending) documents, ascending: number of the document << 32 | position."""
        found = self.gathered(groups, documents)
        keys = found["document"].astype(np.int64) << 32 | found["position"]
        return [keys[found["word"] == number] for number in range(len(groups))]

    def ends_of(self, slots: Sequence[Terms], most: int) -> tuple[Array, Array]:
        """(the last `most` documents with all slots, the keys of the last slot where they stand in a row)."""
        documents = self._with_all(slots, None)[-most:]
        found, positions = self._in_a_row(slots, 7, as_mask(documents, self._data.documents))
        return documents, documents.searchsorted(found) << 32 | positions + len(slots) - 1

    def gather(
        self, groups: Sequence[Terms], documents: Array, fields: p.Fields, codes: Sequence[int] | None = None
    ) -> bytes:
        """The occurrences of groups in documents (ascending); codes: of each of the groups' terms, 0 by default."""
        own = None if codes is None else np.array(codes, np.int32)
        return self._store.gather(tuple(groups), own, documents, mask_of(fields), seconds_left())

    def gathered(self, groups: Sequence[Terms], documents: Array, fields: p.Fields = p.ALL_FIELDS) -> Array:
        """What `gather` gives, of dtype OCCURRENCE."""
        return np.frombuffer(self.gather(groups, documents, fields), OCCURRENCE)

    def _with_all(self, slots: Sequence[Terms], mask: Array | None) -> Array:
        words = tuple([((7, (slot,)),) for slot in slots])
        return np.frombuffer(self._store.having(words, mask, ALL, seconds_left()), np.int64)

    def _in_a_row(self, slots: Sequence[Terms], fields: int, mask: Array | None) -> tuple[Array, Array]:
        documents, positions = self._store.in_a_row(tuple(slots), fields, mask, seconds_left())
        return np.frombuffer(documents, np.int64), np.frombuffer(positions, np.int64)

    def _chains(self, slots: Sequence[Terms], slop: int, fields: p.Fields, mask: Array | None) -> Array:
        """The documents, one for each chain of slots in one field.

        From each of the first slot's places the next of the second is taken, and so on: the nearest chain.
        """
        documents = self._with_all(slots, mask)
        first, *others = self.keys(slots, documents)
        starts = current = first
        for keys in others:
            following = np.searchsorted(keys, current, side="right")
            possible = following < len(keys)
            starts, current = starts[possible], keys[following[possible]]
            near = current - starts <= len(slots) - 1 + slop
            starts, current = starts[near], current[near]
        field = self._field_of(documents, starts)
        kept = (field == self._field_of(documents, current)) & (field & mask_of(fields) > 0)
        found: Array = documents[starts[kept] >> 32]
        return found

    def _field_of(self, documents: Array, keys: Array) -> Array:
        """1: title, 2: lead, 4: body."""
        position, document = keys & 0xFFFFFFFF, documents[keys >> 32]
        title = self._data.title_width[document].astype(np.int64)
        lead = title + 1 + self._data.lead_width[document]
        found: Array = np.where(position < title, 1, np.where(position < lead, 2, 4))
        return found
