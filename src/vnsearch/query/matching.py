"""Which articles the words of a query match: the one rule, decided over the whole index and before any filter.

An article matches when it has every word of the query.  Where fewer than `PAGE` have, articles that score at least
`SHARE` of what the best `AMONG` score on average match as well, unless the query has no more than `SHORT` words.

- Words are those of the index, their syllables side by side, marks as typed.  Where no article has every word so, the
  accents do not count.
- Filters choose among what the words match, and never change it: a facet says what its filter will find.
- The figures were chosen on every second query of six sets and confirmed on the others: see docs/query-language.md.

`settle` puts the documents in the place of the words, so that everything after it is the same for all plans.
"""

from typing import TYPE_CHECKING

import numpy as np
from msgspec.structs import replace

from ..index.container import Array
from . import plan as p
from .matched import EVERYTHING, How, Matched, looser
from .segment import Late
from .sets import size_of

if TYPE_CHECKING:
    from .execute import Engine

PAGE = 10  # articles with every word that are enough
SHORT = 2  # words: so few have to be there whatever else scores well
SHARE, AMONG = 0.5, 4  # the line below which nothing is near enough


def settle(engine: "Engine", plan: p.Plan) -> tuple[p.Plan, Matched]:
    """A plan whose words are the documents that they match, and how they did."""
    if plan.match is None:
        return plan, EVERYTHING
    settling = _Settling(engine, plan)
    node = settling.node(plan.match)
    if settling.boosts and not (isinstance(node, p.Chosen) and node.known):
        if isinstance(node, p.Ranked):
            node = replace(node, boosts=(*node.boosts, *settling.boosts))
        else:
            node = p.Ranked(must=(node,), boosts=tuple(settling.boosts))
    return replace(plan, match=node), settling.matched


class _Settling:
    """Goes through a plan once."""

    def __init__(self, engine: "Engine", plan: p.Plan) -> None:
        self._engine, self._plan = engine, plan
        self._met: dict[p.Words, p.Chosen] = {}
        self.boosts: list[p.Node] = []  # of words whose documents are still to be scored
        self.matched = Matched("any" if plan.any_word else "all")

    def node(self, node: p.Node, *, scored: bool = True) -> p.Node:
        """The same with documents in the place of words; scored: not if its matches are left out."""
        match node:
            case p.Words():
                if (chosen := self._met.get(node)) is None:
                    chosen = self._met[node] = self._choose(node)
                    if scored and not chosen.known:
                        self.boosts += node.boosts
                return chosen
            case p.All(nodes) | p.Any(nodes):
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

    def _choose(self, words: p.Words) -> p.Chosen:
        sets = self._having(words.every)
        how: How = "all"
        found = sum(map(size_of, sets))
        if not found and words.accents:
            sets, how = self._having(words.accents), "accents"
            found = sum(map(size_of, sets))
        if found >= PAGE or not words.nearest or found > 0 and len(words.every) <= SHORT:
            self._note(how if found else "all", () if found else self._missing(words))
            return p.Chosen(words, sets)
        self._note("nearest", self._missing(words))
        return self._nearest(words, sets)

    def _nearest(self, words: p.Words, sets: tuple[Array, ...]) -> p.Chosen:
        """What has every word, and what scores nearly as well as the best."""
        engine = self._engine
        self._check_time()
        numbers, documents, scores, has_every, worth = engine.best(words.ranked, words.boosts, sets)
        best = np.sort(scores)[::-1][:AMONG]
        kept = has_every | (scores >= SHARE * float(best.sum()) / AMONG)
        mine = [kept & (numbers == number) for number in range(len(engine.segments))]
        known = tuple(scores[here] for here in mine)
        return p.Chosen(words, tuple(documents[here] for here in mine), known, worth)

    def _having(self, nodes: tuple[p.Node, ...]) -> tuple[Array, ...]:
        sets = []
        for segment in self._engine.segments:
            self._check_time()
            sets.append(segment.live(segment.match(p.All(nodes))))
        return tuple(sets)

    def _missing(self, words: p.Words) -> tuple[str, ...]:
        nodes = words.accents or words.every
        return tuple(
            name for node, name in zip(nodes, words.names, strict=True) if not any(map(size_of, self._having((node,))))
        )

    def _note(self, how: How, missing: tuple[str, ...] = ()) -> None:
        self.matched = looser(self.matched, Matched(how, missing))

    def _check_time(self) -> None:
        if self._plan.is_late():
            raise Late
