"""What the rule of `ranking.matching` asks of a snapshot: sets of documents in the place of words."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from ..arrays import Array
from ..deadline import check_time
from ..query import plan as p
from ..ranking.matching import near_enough
from ..ranking.proximity import Worth
from .docsets import size_of
from .segment_searcher import SegmentSearcher

# nodes, boosts, sets -> (number of the segment, document, score, whether it is in the sets), the boosts' worth
Best: TypeAlias = Callable[
    [Sequence[p.Node], Sequence[p.Node], Sequence[Array]], tuple[Array, Array, Array, Array, Sequence[Worth]]
]


class Sets:
    """Counts for one search: see `matching.Counts`."""

    def __init__(self, segments: Sequence[SegmentSearcher], best: Best) -> None:
        self._segments, self._best = segments, best
        self._known: dict[tuple[p.Node, ...], tuple[Array, ...]] = {}
        self.nbytes = 0  # of the sets that were found

    def expect(self, words: Sequence[p.Words]) -> None:
        """Each is counted when it is asked about."""

    def count(self, nodes: tuple[p.Node, ...]) -> int:
        """How many documents match all of the nodes."""
        return sum(map(size_of, self._having(nodes)))

    def each(self, nodes: tuple[p.Node, ...]) -> list[int]:
        """For each of the nodes, 1 where a document matches it, else 0."""
        return [int(self._any(node)) for node in nodes]

    def _any(self, node: p.Node) -> bool:
        check_time()
        return any(segment.matches_any(node) for segment in self._segments)

    def having(self, words: p.Words, nodes: tuple[p.Node, ...]) -> p.Chosen | p.Having:
        """The documents that match all of the nodes; where they are not known, they are found with the rest."""
        sets = self._known.get(nodes)
        return p.Having(words, nodes) if sets is None else p.Chosen(words, sets)

    def nearest(self, words: p.Words, nodes: tuple[p.Node, ...]) -> p.Chosen:
        """The documents that match all of the nodes, and those that are near enough."""
        check_time()
        numbers, documents, scores, has_every, worth = self._best(words.ranked, words.boosts, self._having(nodes))
        kept = has_every | near_enough(words, scores)
        mine = [kept & (numbers == number) for number in range(len(self._segments))]
        known = tuple(scores[here] for here in mine)
        return p.Chosen(words, tuple(documents[here] for here in mine), known, worth)

    def _having(self, nodes: tuple[p.Node, ...]) -> tuple[Array, ...]:
        found = self._known.get(nodes)
        if found is None:
            sets = []
            for segment in self._segments:
                check_time()
                sets.append(segment.having(nodes))
            found = self._known[nodes] = tuple(sets)
            self.nbytes += sum(documents.nbytes for documents in found)
        return found
