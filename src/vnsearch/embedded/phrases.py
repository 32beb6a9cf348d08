"""Phrases in one segment: which documents have them, how often, what that is worth."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..arrays import Array
from ..query import plan as p
from ..ranking.occurrences import Terms
from .positions import GROUP, neighbours
from .term_groups import Group, Postings, in_all

if TYPE_CHECKING:
    from .searcher import Engine


class Phrases:
    """Finds and scores the phrases of a segment."""

    def __init__(self, engine: "Engine", number: int, postings: Postings) -> None:
        self._engine, self._number, self._postings = engine, number, postings
        self.places = postings.places

    def ends_of(self, terms: Sequence[p.Term], most: int) -> tuple[Array, Array]:
        """(the last `most` documents with all the terms, the places of the last term where they stand in a row)."""
        slots = self._slots(p.InOrder(tuple(terms)))
        if not all(slots):
            return np.empty(0, np.int64), np.empty(0, np.int64)
        documents = self._with_all(slots)[-most:]
        ends = self.places.in_a_row(slots, documents) + len(slots) - 1
        return documents, ends[np.isin(self.places.documents(ends), documents)]

    def _slots(self, node: p.InOrder) -> list[Terms]:
        return [self._engine.resolve(term).terms[self._number] for term in node.terms]

    def rarity(self, node: p.InOrder) -> int:
        """In how many documents its rarest word is at most."""
        df = self._postings.segment.df
        return min(sum(int(df[term]) for term in terms) for terms in self._slots(node))

    def is_anywhere(self, node: p.InOrder) -> bool:
        """Whether any document has a phrase."""
        slots = self._slots(node)
        if node.slop or self._postings.segment.store is None or not all(slots):
            return bool(len(self.find(node)[0]))
        return bool(len(self.places.counted(slots, node.fields, None, most=1)[0]))

    def find(self, node: p.InOrder, among: Array | None = None) -> tuple[Array, Array]:
        """The documents that have a phrase, of all or of some (ascending), and how often."""
        slots = self._slots(node)
        if not all(slots):
            return np.empty(0, np.int64), np.empty(0, np.float32)
        if not node.slop and self._postings.segment.store is not None:
            return self.places.counted(slots, node.fields, among)
        places = self._chain(slots, node.slop, among) if node.slop else self.places.in_a_row(slots, among)
        return self._counted(places, node.fields)

    def _counted(self, places: Array, fields: p.Fields) -> tuple[Array, Array]:
        """(documents, how many places in each), of those in the fields."""
        if fields != p.ALL_FIELDS:
            places = places[self.places.in_fields(places, fields)]
        documents = self.places.documents(places)
        last = np.append(documents[1:] != documents[:-1], True).nonzero()[0] if len(documents) else documents
        return documents[last], np.diff(last, prepend=-1).astype(np.float32)

    def _with_all(self, slots: Iterable[Terms], among: Array | None = None) -> Array:
        """The documents that have a term of each slot."""
        groups = [self.present(terms) for terms in set(slots)]
        if among is not None:
            groups.append(Group(None, among, among, len(among)))
        return in_all(groups, self._postings.segment.documents)

    def present(self, terms: Terms) -> Group:
        """Where any of the terms occurs: a group whose impacts mean nothing."""
        if len(terms) != 1:
            return self._postings.group(terms) if self._postings.segment.store is None else self._postings.having(terms)
        (term,) = terms
        row = self._postings.segment.row(term)
        if row is None:
            documents = self._postings.segment.postings(term)[0].astype(np.int64)
            return Group(None, documents, documents, len(documents))
        return self._engine.cache.get(
            ("present", id(self._postings), term),
            lambda: Group.of_row(row, int(self._postings.segment.df[term])),
            lambda group: group.bits.nbytes + 512,
        )

    def _chain(self, slots: list[Terms], slop: int, among: Array | None) -> Array:
        """Where slots begin that follow one another, at most `slop` other positions between all, in one field.

        From each of the first slot's places the next of the second is taken, and so on: the nearest chain.
        """
        documents = self._with_all(slots, among)
        groups = list(dict.fromkeys(slots))
        found = dict(zip(groups, self.places.of_each(groups, documents), strict=True))
        starts = current = found[slots[0]]
        for terms in slots[1:]:
            places = found[terms]
            if not len(places):
                return places
            following = np.searchsorted(places, current, side="right")
            possible = following < len(places)
            starts, current = starts[possible], places[following[possible]]
            near = current - starts <= len(slots) - 1 + slop
            starts, current = starts[near], current[near]
        return starts[self.places.same_field(starts, current)]

    def scored(self, node: p.InOrder) -> tuple[Array, Array]:
        """The documents that have a phrase, ascending, and their scores."""
        documents, counts = self.find(node)
        return documents, self.scores(node, documents, counts)

    def scores(self, node: p.InOrder, documents: Array, counts: Array) -> Array:
        """The scores of documents that have a phrase so often; 0 where it is not."""
        scores: Array = self._postings.saturated(counts, documents) * np.float32(self._idf(node) * node.weight)
        return scores

    def _idf(self, node: p.InOrder) -> float:
        """That of its rarest term."""
        return max((self._engine.resolve(term).idf for term in node.terms), default=0.0)

    def pairs(self, nodes: list[p.InOrder], documents: Array) -> Array:
        """The summed scores of phrases of two terms in documents (ascending): as `scores` of each, in few calls."""
        slots = [self._slots(node) for node in nodes]
        found = [(node, first, second) for node, (first, second) in zip(nodes, slots, strict=True) if first and second]
        if not found or not len(documents):
            return np.zeros(len(documents), np.float32)
        find = self.places
        groups = list(dict.fromkeys(terms for _, first, second in found for terms in (first, second)))
        number = {terms: n for n, terms in enumerate(groups)}
        keys = find.keys(groups, documents)
        pairs = [(number[first], number[second]) for _, first, second in found]
        pair, at = neighbours(keys, len(groups), pairs)
        document = documents.searchsorted(find.documents(keys[at] & ((1 << GROUP) - 1)))
        counts = np.bincount(pair * len(documents) + document, minlength=len(pairs) * len(documents))
        counts = counts.reshape(len(pairs), -1).astype(np.float32)
        weights = [node.weight * self._idf(node) for node, _, _ in found]
        scores: Array = np.array(weights, np.float32) @ self._postings.saturated(counts, documents)
        return scores
