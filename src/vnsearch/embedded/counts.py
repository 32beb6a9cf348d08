"""What the rule of `ranking.matching` asks of a snapshot: sets of documents in the place of words."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..arrays import Array
from ..deadline import check_time
from ..query import plan as p
from ..ranking.matching import near_enough
from .docsets import size_of

if TYPE_CHECKING:
    from .searcher import Engine


class Sets:
    """Counts for one search: see `matching.Counts`."""

    def __init__(self, engine: "Engine") -> None:
        self._engine = engine

    def expect(self, words: Sequence[p.Words]) -> None:
        """Each is counted when it is asked about."""

    def count(self, nodes: tuple[p.Node, ...]) -> int:
        """How many documents match all of the nodes."""
        return sum(map(size_of, self._having(nodes)))

    def each(self, nodes: tuple[p.Node, ...]) -> list[int]:
        """Of each of the nodes 1 where a document matches it, else 0."""
        return [int(self._any(node)) for node in nodes]

    def _any(self, node: p.Node) -> bool:
        check_time()
        return any(segment.matches_any(node) for segment in self._engine.segments)

    def having(self, words: p.Words, nodes: tuple[p.Node, ...]) -> p.Chosen:
        """The documents that match all of the nodes."""
        return p.Chosen(words, self._having(nodes))

    def nearest(self, words: p.Words, nodes: tuple[p.Node, ...]) -> p.Chosen:
        """The same and those that are near enough."""
        engine = self._engine
        check_time()
        numbers, documents, scores, has_every, worth = engine.best(words.ranked, words.boosts, self._having(nodes))
        kept = has_every | near_enough(words, scores)
        mine = [kept & (numbers == number) for number in range(len(engine.segments))]
        known = tuple(scores[here] for here in mine)
        return p.Chosen(words, tuple(documents[here] for here in mine), known, worth)

    def _having(self, nodes: tuple[p.Node, ...]) -> tuple[Array, ...]:
        return self._engine.matches.get(("having", nodes), lambda: self._find(nodes), _nbytes)

    def _find(self, nodes: tuple[p.Node, ...]) -> tuple[Array, ...]:
        sets = []
        for segment in self._engine.segments:
            check_time()
            sets.append(segment.live(segment.match(p.All(nodes))))
        return tuple(sets)


def _nbytes(sets: tuple[Array, ...]) -> int:
    return 1000 + sum(documents.nbytes for documents in sets)
