"""The scores of some articles by their words, as the engine in a folder has them (`embedded.segment_searcher`).

The cluster's own differ by a few hundredths, as it rounds the lengths of fields: enough to put an article on the other
side of the line that `ranking.matching` draws.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

import numpy as np
from msgspec.structs import replace

from ..arrays import Array
from ..query import plan as p
from ..ranking.bm25f import K1
from ..text.tokenize import folded_term
from .candidates import Candidates, Words

_STEP = (K1 + 1) / 255  # what one step of an impact is worth, but for idf


def terms_scored(nodes: Iterable[p.Node]) -> Iterator[p.Term]:
    """The terms whose idf is needed for the scores of nodes."""
    for node in nodes:
        match node:
            case p.Has(term, _, _, others, instead):
                yield term
                if others:
                    yield _folded(term)
                yield from terms_scored(instead)
            case p.InOrder(terms):
                yield from terms
            case p.AnyOf(children):
                yield from terms_scored(children)


class Scorer:
    """Scores of articles by the nodes that words are ranked by (`plan.Words.ranked`)."""

    def __init__(
        self,
        words: Sequence[Words],
        mean_width: float,
        idfs: Callable[[Collection[p.Term]], Mapping[p.Term, float]],
        nodes: Sequence[p.Node],
    ) -> None:
        """idfs: what finds the idf of terms."""
        self._articles, self._table = Candidates(words, mean_width), words[0].table
        self._every = np.arange(len(words))
        self._idf = idfs(set(terms_scored(nodes)))

    def sum(self, nodes: Iterable[p.Node]) -> Array:
        """What the nodes add up to, for each article."""
        total = np.zeros(len(self._every), np.float32)
        for node in nodes:
            total += self._scores(node)
        return total

    def _scores(self, node: p.Node) -> Array:
        match node:
            case p.Has(instead=instead) if instead:
                return self._beyond(node)
            case p.Has(term, fields, weight, others) if fields == p.ALL_FIELDS:
                impacts = self._articles.impacts(self._having(term))
                if others and term.exact:
                    share = others * self._idf[_folded(term)] / self._idf[term]
                    every = np.ceil(self._articles.impacts(self._having(_folded(term))) * np.float32(share))
                    impacts = np.where(impacts > 0, impacts, every)
                return impacts * np.float32(weight * self._idf[term] * _STEP)
            case p.Has(term, fields, weight, others):
                scores = self._plain(term, fields)
                if others:
                    scores = np.where(scores > 0, scores, others * self._plain(_folded(term), fields))
                return scores * np.float32(weight)
            case p.InOrder(terms, 0, fields, weight):
                counts = self._articles.phrase([self._table.having(term) for term in terms], fields)
                worth = weight * max(self._idf[term] for term in terms)
                return self._articles.saturated(counts, self._every) * np.float32(worth)
            case p.AnyOf(nodes):
                return self.sum(nodes)
            case _:
                raise TypeError(f"words are not ranked by {type(node).__name__}")

    def _beyond(self, node: p.Has) -> Array:
        """What an abbreviation is worth beyond the words that it stands for."""
        share = sum(word.weight * self._idf[word.term] for word in node.instead) / self._idf[node.term]
        own = self._scores(replace(node, instead=())) * np.float32(share)
        beyond: Array = np.maximum(own - self.sum(node.instead), 0)
        return beyond

    def _plain(self, term: p.Term, fields: p.Fields) -> Array:
        counts = self._articles.counts(self._table.having(term), fields)
        return self._articles.saturated(counts, self._every) * np.float32(self._idf[term])

    def _having(self, term: p.Term) -> list[Sequence[int]]:
        """The words that have a term; of one without marks, those that have each of its spellings."""
        return [self._table.having(term)] if term.exact else list(self._table.spellings(term).values())


def _folded(term: p.Term) -> p.Term:
    return p.Term(folded_term(term.text), False)
