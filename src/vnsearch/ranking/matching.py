"""Which articles the words of a query match: the one rule, decided over the whole index and before any filter.

An article matches when it has every word of the query.  Where fewer than `PAGE` have (`ENOUGH`, of a query of one
or two words), articles that score nearly what the best `AMONG` score on average match as well: a share of it that falls
from .57 for one word to `LEAST_SHARE` for eleven.

- Other words for the same (`text.synonyms`) count as a word where fewer than `PAGE` have every word as typed.
- Words are those of the index, their syllables side by side, marks as typed.  The accents of a word that no article has
  as typed do not count.
- Filters choose among what the words match, and never change it: a facet says what its filter will find.
- How the figures were chosen: see docs/query-language.md.

`settle` puts what is matched in the place of the words, so that everything after it is the same for all plans.  Each
engine counts and scores in its own way (`Counts`); the rule is here.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
from msgspec.structs import replace

from ..arrays import Array
from ..query import plan as p
from ..query.matched import EVERYTHING, How, Matched, looser
from ..query.nodes import in_any_accents

BEST = 96  # of the best by their words, how these stand together is examined
CANDIDATES = 100  # of the best by their words, what is near enough is chosen from
PAGE = 10  # articles with every word that are enough
ENOUGH = {1: 1, 2: 2}  # the same of short queries, by their number of words
READ = 0.8  # of the line where words were read: those read wrongly leave what is meant farther behind
SHARE, A_WORD, LEAST_SHARE, AMONG = 0.58, 0.015, 0.42, 4  # the line: it falls with each word, as scores grow alike


class Counts(Protocol):
    """What the rule asks of an engine.  Each method raises Late when the deadline has passed."""

    def expect(self, words: Sequence[p.Words]) -> None:
        """All that will be asked about, so that it can be counted together."""

    def count(self, nodes: tuple[p.Node, ...]) -> int:
        """How many articles match all of the nodes; at least `PAGE` where it is more than that."""

    def each(self, nodes: tuple[p.Node, ...]) -> list[int]:
        """How many articles match each of the nodes; 0 for none is all that counts."""

    def having(self, words: p.Words, nodes: tuple[p.Node, ...]) -> p.Settled:
        """In the place of words: the articles that match all of the nodes."""

    def nearest(self, words: p.Words, nodes: tuple[p.Node, ...]) -> p.Settled:
        """The articles that match all of the nodes, and those that are near enough (`near_enough`)."""


def near_enough(words: p.Words, scores: Array) -> Array:
    """Which scores, of the best articles and with what boosts them, are not below the line."""
    share = max(SHARE - A_WORD * len(words.every), LEAST_SHARE) * (READ if words.read else 1.0)
    best = np.sort(scores)[::-1][:AMONG]
    near: Array = scores >= share * float(best.sum()) / AMONG
    return near


def settle(plan: p.Plan, counts: Counts) -> tuple[p.Plan, Matched]:
    """A plan in which what they match stands in the place of words, and how they did.  Raises Late."""
    if plan.match is None:
        return plan, EVERYTHING
    settling = _Settling(counts, "any" if plan.any_word else "all" if plan.tokens else "everything")
    counts.expect(list(dict.fromkeys(_words(plan.match))))
    node = settling.node(plan.match)
    if settling.boosts:
        if isinstance(node, p.Ranked):
            node = replace(node, boosts=(*node.boosts, *settling.boosts))
        else:
            node = p.Ranked(must=(node,), boosts=tuple(settling.boosts))
    return replace(plan, match=node), settling.matched


def _words(node: p.Node) -> Iterator[p.Words]:
    match node:
        case p.Words():
            yield node
        case p.AllOf(nodes) | p.AnyOf(nodes):
            for child in nodes:
                yield from _words(child)
        case p.Ranked(must, should, without, _):
            for child in (*must, *should, *without):
                yield from _words(child)


class _Settling:
    """Goes through a plan once."""

    def __init__(self, counts: Counts, how: How) -> None:
        self._counts = counts
        self._met: dict[p.Words, p.Settled] = {}
        self.boosts: list[p.Node] = []  # of words whose matches are still to be scored
        self.matched = Matched(how)

    def node(self, node: p.Node, *, scored: bool = True) -> p.Node:
        """The node with what is matched in the place of words; scored: whether its matches count for the score."""
        match node:
            case p.Words():
                if (settled := self._met.get(node)) is None:
                    settled = self._met[node] = self._settle(node)
                    if scored and not settled.known:
                        self.boosts += node.boosts
                return settled
            case p.AllOf(nodes) | p.AnyOf(nodes):
                return replace(node, nodes=tuple(self.node(child, scored=scored) for child in nodes))
            case p.Ranked(must, should, without, _):
                return replace(
                    node,
                    must=tuple(self.node(child, scored=scored) for child in must),
                    should=tuple(self.node(child, scored=scored) for child in should),
                    without=tuple(self.node(child, scored=False) for child in without),
                )
            case _:
                return node

    def _settle(self, words: p.Words) -> p.Settled:
        how: How = "all"
        nodes = words.every
        if len(nodes) == 1 and not (words.nearest or words.wider):  # whether there is any is enough
            found = self._counts.each(nodes)[0]
        else:
            found = self._counts.count(nodes)
        if found < PAGE and words.wider:
            nodes = words.wider
            found = self._counts.count(nodes)
        if not found and (loosened := self._loosened(words)) != nodes:
            nodes, how = loosened, "accents"
            found = self._counts.count(nodes)
        if found >= ENOUGH.get(len(words.every), PAGE) or not words.nearest:
            settled = self._counts.having(words, nodes)
            how = how if found else "all"
        else:
            settled, how = self._counts.nearest(words, nodes), "nearest"
        self.matched = looser(self.matched, Matched(how, () if found else self._missing(words), not found))
        return settled

    def _loosened(self, words: p.Words) -> tuple[p.Node, ...]:
        """The words, in any accents those that no article has as typed."""
        every = words.wider or words.every
        accents = tuple(map(in_any_accents, every))
        if accents == every:
            return every
        counts = self._counts.each(every)
        return tuple(one if count else other for one, other, count in zip(every, accents, counts, strict=True))

    def _missing(self, words: p.Words) -> tuple[str, ...]:
        counts = self._counts.each(tuple(map(in_any_accents, words.wider or words.every)))
        return tuple(name for name, count in zip(words.names, counts, strict=True) if not count)
