"""What the methods of `kernels.Store` mean, in plain NumPy; in use where nothing was compiled.

A *group* is terms that count as one.  A *phrase* is (fields, groups): the groups stand side by side and begin in one of
the fields (bits: 1 title, 2 lead, 4 body).  A *word* is several phrases, any of which will do.  A *leaf* is one scored
term, (own terms, terms of all its accents or none, share, unit); see `ranking.bm25f` for impacts:

    score(d) = unit x (impact(own, d), or where that is 0: ceil(share x impact(all accents, d)))
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from ..arrays import Array, distinct, find_in
from ..deadline import check_time
from ..index.segment_reader import Segment
from ..kernels import Leaf, Phrase
from ..ranking.bm25f import impacts_of
from ..ranking.occurrences import OCCURRENCE
from .docsets import best

if TYPE_CHECKING:
    from ..kernels import Store

AnyStore: TypeAlias = "Store | PlainStore"
_LONG = 31  # a count that does not fit in a code: see `index.layout`


class PlainStore:
    """The postings and positions of a segment."""

    def __init__(self, segment: Segment) -> None:
        self._segment = segment

    def size(self, terms: tuple[int, ...]) -> int:
        """How many documents have any of the terms."""
        return int(np.count_nonzero(self._having_any(terms)))

    def having(self, words: tuple[tuple[Phrase, ...], ...], allowed: Array | None, most: int, seconds: float) -> bytes:
        """The documents that have every word, ascending, `most` at most; int64.

        allowed: one bool a document.  seconds: the time there is.  Raises Late.
        """
        mask = np.ones(self._segment.documents, bool) if allowed is None else allowed.astype(bool)
        for word in words:
            mask = mask & self._wherever(word)
        documents = mask.nonzero()[0]
        for word in words:
            if any(fields != 7 or len(groups) > 1 for fields, groups in word):
                there = [self._begins(groups, fields, documents)[0] for fields, groups in word]
                documents = distinct(np.sort(np.concatenate([*there, documents[:0]])))
        return documents[:most].tobytes()

    def in_a_row(
        self, groups: tuple[tuple[int, ...], ...], fields: int, allowed: Array | None, seconds: float
    ) -> tuple[bytes, bytes]:
        """(documents, positions) where the groups stand side by side: int64, ascending.  Raises Late."""
        mask = self._wherever(((fields, groups),))
        documents, positions = self._begins(
            groups, fields, (mask if allowed is None else mask & allowed.astype(bool)).nonzero()[0]
        )
        return documents.tobytes(), positions.tobytes()

    def gather(
        self, groups: tuple[tuple[int, ...], ...], codes: Array | None, documents: Array, fields: int, seconds: float
    ) -> bytes:
        """The occurrences of groups in documents (ascending), ordered by document, position and word: `OCCURRENCE`.

        word: number of the group.  codes: of each term of the groups, what its occurrences are; None: 0.
        seconds: the time there is.  Raises Late.
        """
        parts = [np.empty(0, OCCURRENCE)]
        terms = [(term, word) for word, own in enumerate(groups) for term in own]
        for (term, word), code in zip(terms, [0] * len(terms) if codes is None else codes.tolist(), strict=True):
            check_time()
            at, positions = self._segment.occurrences(term, documents)
            kept = (self._field_of(documents[at], positions) & fields > 0).nonzero()[0]
            own = np.empty(len(kept), OCCURRENCE)
            own["document"], own["position"], own["word"], own["code"] = at[kept], positions[kept], word, code
            parts.append(own)
        found = np.concatenate(parts)
        return found[np.lexsort((found["word"], found["position"], found["document"]))].tobytes()

    def scores(self, leaves: list[Leaf], norm: Array, tenths: Array, documents: Array) -> bytearray:
        """What the leaves add up to in documents (ascending): float32, to go on adding to.

        norm: what BM25 divides by, for each document.  tenths: ten times the frequency that each of 256 codes means.
        """
        total = np.zeros(len(documents), np.float32)
        for own, every, share, unit in leaves:
            impacts = impacts_of(self._tenths(own, tenths, documents), norm[documents])
            if every:
                others = impacts_of(self._tenths(every, tenths, documents), norm[documents])
                impacts = np.where(impacts > 0, impacts, np.ceil(others * np.float32(share)).astype(np.uint8))
            total += impacts * np.float32(unit)
        return bytearray(total.tobytes())

    def best(
        self,
        leaves: list[Leaf],
        lists: list[tuple[Array, Array]],
        norm: Array,
        tenths: Array,
        allowed: Array | None,
        wanted: int,
    ) -> tuple[bytes, bytes]:
        """(documents, scores) of the best `wanted` that have any of the leaves, or are in one of the lists, and of all
        that equal the least of them: int64 and float32, documents ascending.

        lists: (documents, scores), scores being added to those of the leaves.
        """
        mask = np.zeros(self._segment.documents, bool)
        for own, every, _, _ in leaves:
            mask |= self._having_any((*own, *every))
        for documents, _ in lists:
            mask[documents] = True
        documents = (mask if allowed is None else mask & allowed.astype(bool)).nonzero()[0]
        scores = np.frombuffer(self.scores(leaves, norm, tenths, documents), np.float32).copy()
        for own_documents, own_scores in lists:
            at, there = find_in(documents, own_documents)
            scores[at[there]] += own_scores[there]
        chosen = best(scores, wanted)
        return documents[chosen].tobytes(), scores[chosen].tobytes()

    def _having_any(self, terms: Sequence[int]) -> Array:
        mask = np.zeros(self._segment.documents, bool)
        for term in terms:
            row = self._segment.row(term)
            if row is not None:
                mask |= row > 0
            else:
                mask[self._segment.postings(term)[0]] = True
        return mask

    def _wherever(self, word: Sequence[Phrase]) -> Array:
        """Which documents have all groups of any of the phrases, wherever these stand."""
        mask = np.zeros(self._segment.documents, bool)
        for _, groups in word:
            mask |= np.logical_and.reduce([self._having_any(terms) for terms in groups])
        return mask

    def _begins(self, groups: tuple[tuple[int, ...], ...], fields: int, documents: Array) -> tuple[Array, Array]:
        """(documents, positions) where the groups stand side by side, in some documents."""
        if len(set(groups)) < len(groups) / 4:
            return self._in_fields(self._row(groups, documents, {}), fields)
        begins = documents << 32  # to begin with, and then where all groups so far do
        order = sorted(range(len(groups)), key=lambda away: sum(int(self._segment.df[term]) for term in groups[away]))
        known: dict[tuple[int, ...], Array] = {}
        for number, away in enumerate(order):
            check_time()
            terms = groups[away]
            if terms not in known:
                known[terms] = self._keys(terms, distinct(begins >> 32))
            keys = known[terms] - away
            begins = begins[find_in(keys, begins)[1]] if number else keys[known[terms] & 0xFFFFFFFF >= away]
        return self._in_fields(begins, fields)

    def _row(self, groups: tuple[tuple[int, ...], ...], documents: Array, known: dict[object, Array]) -> Array:
        """The keys where groups begin to stand side by side; what comes again in them is looked for once."""
        if groups not in known:
            check_time()
            if len(groups) == 1:
                known[groups] = self._keys(groups[0], documents)
            else:
                half = 1 << (len(groups) - 1).bit_length() - 1
                first, second = (self._row(part, documents, known) for part in (groups[:half], groups[half:]))
                known[groups] = first[find_in(second - half, first)[1]]
        return known[groups]

    def _in_fields(self, begins: Array, fields: int) -> tuple[Array, Array]:
        """(documents, positions) of those keys that lie in the fields."""
        found, positions = begins >> 32, begins & 0xFFFFFFFF
        kept = self._field_of(found, positions) & fields > 0
        return found[kept], positions[kept]

    def _keys(self, terms: tuple[int, ...], documents: Array) -> Array:
        """Where terms stand in some documents: document << 32 | position, ascending."""
        own = [np.empty(0, np.int64)]
        for term in terms:
            at, positions = self._segment.occurrences(term, documents)
            own.append((documents[at] << 32) + positions)
        return distinct(np.sort(np.concatenate(own)))

    def _field_of(self, documents: Array, positions: Array) -> Array:
        title = self._segment.title_width[documents].astype(np.int64)
        lead = title + 1 + self._segment.lead_width[documents]
        found: Array = np.where(positions < title, 1, np.where(positions < lead, 2, 4))
        return found

    def _tenths(self, terms: Sequence[int], tenths: Array, documents: Array) -> Array:
        """Ten times the frequency of terms in documents, titles and leads weighted."""
        total = np.zeros(len(documents), np.int32)
        for term in terms:
            row = self._segment.row(term)
            if row is not None:
                total += tenths[row[documents]]
            else:
                own, codes = self._segment.postings(term)
                at, there = find_in(documents, own)
                total[at[there]] += tenths[codes[there]].astype(np.int32)
            long, counts = self._segment.long_counts(term)
            at, there = find_in(documents, long)
            total[at[there]] += 10 * (counts[there].astype(np.int32) - _LONG)
        return total
