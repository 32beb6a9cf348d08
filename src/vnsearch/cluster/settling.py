"""What the rule of `ranking.matching` asks of a cluster, and what makes words of a query's terms (`query.words`).

    expect        how many articles have every word: one request
    nearest       the best by their words, with their text, and what has every word: one request

Counts go no further than the rule has to know, so those of common words cost next to nothing.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ..arrays import Array
from ..deadline import Late, check_time, seconds_left
from ..query import plan as p
from ..query import words as cutting
from ..query.nodes import in_any_accents
from ..ranking.matching import BEST, CANDIDATES, PAGE, near_enough
from ..text.tokenize import folded_term
from .candidates import boosts, terms_of
from .client import IndexClient
from .scores import Scorer, terms_scored
from .statistics import Statistics, What, Word, count
from .translate import SORTS, STEP, Query, fitting, having

NEAR = 128  # how many of the best by the cluster's scores have those best, but for rounding


def cut(statistics: Statistics, terms: Sequence[p.Term]) -> list[int]:
    """How many terms each word of a query has."""
    terms = tuple(terms)
    if not 1 < len(terms) <= cutting.MOST_CUT:
        return [1] * len(terms)
    spans = [
        (begin, begin + size)
        for begin in range(len(terms))
        for size in range(2, min(cutting.LONGEST_WORD, len(terms) - begin) + 1)
    ]
    counts = statistics.counts([*{Word(terms[slice(*at)]) for at in spans}, *map(p.Has, terms)])
    syllables = [folded_term(term.text) for term in terms]
    positions = max(round(statistics.positions()), 1)
    several = {at: counts[Word(terms[slice(*at)])] for at in spans}
    sizes = cutting.cut(syllables, [counts[p.Has(term)] for term in terms], several, positions)
    pairs = {}
    if len(sizes) <= cutting.MOST_JOINED:
        ends = np.cumsum(sizes).tolist()
        pairs = {
            end - 1: (p.InOrder(terms[end - 1 : end + 1]), p.AllOf(tuple(map(p.Has, terms[end - 1 : end + 1]))))
            for end, *both in zip(ends, sizes, sizes[1:], strict=False)
            if both == [1, 1]
        }
    counts = statistics.counts(one for pair in pairs.values() for one in pair)

    def together(at: int) -> bool:
        beside, both = pairs[at]
        return cutting.go_together(counts[beside], counts[both], exact=terms[at].exact and terms[at + 1].exact)

    return cutting.joined(syllables, sizes, together)


class Counts:
    """Counts for one search: see `matching.Counts`.  pit: the point in time that they are of."""

    def __init__(self, client: IndexClient, pit: str | None = None) -> None:
        self._client, self._pit = client, pit
        self._known: dict[tuple[p.Node, ...], int] = {}

    def expect(self, words: Sequence[p.Words]) -> None:
        """Counts what has every word, and what is wanted to know of terms later on."""
        terms = terms_of([boost for one in words for boost in one.boosts])
        self._count((one.every for one in words), map(p.Has, terms))

    def count(self, nodes: tuple[p.Node, ...]) -> int:
        """How many articles match all of the nodes, up to PAGE."""
        self._count([nodes])
        return self._known[nodes]

    def each(self, nodes: tuple[p.Node, ...]) -> list[int]:
        """How many articles match each of the nodes, up to PAGE."""
        self._count([(node,) for node in nodes])
        return [self._known[(node,)] for node in nodes]

    def having(self, words: p.Words, nodes: tuple[p.Node, ...]) -> p.Having:
        """What matches all of the nodes; counted no further."""
        return p.Having(words, nodes)

    def nearest(self, words: p.Words, nodes: tuple[p.Node, ...]) -> p.Having:
        """What matches all of the nodes, and what is near enough, each with its score."""
        searches: list[Query] = [_best(fitting(p.AnyOf(words.ranked), []), NEAR)]
        if self._known[nodes]:
            searches.append(_best(having(nodes, ()), PAGE))
        answers = self._ask(searches, _each(words), map(p.Has, terms_scored(words.ranked)))
        hits = {hit["sort"][-1]: hit for answer in answers for hit in answer["hits"]["hits"]}
        every = {hit["sort"][-1] for answer in answers[1:] for hit in answer["hits"]["hits"]}
        if not hits:
            return p.Having(words)
        ids, scores = self._scored(words, hits, every)
        near = zip(ids, scores.tolist(), near_enough(words, scores).tolist(), strict=True)
        return p.Having(words, known=tuple((id, score / STEP) for id, score, is_near in near if is_near or id in every))

    def _scored(self, words: p.Words, hits: Mapping[str, Any], every: Collection[str]) -> tuple[list[str], Array]:
        """(those of the hits that are the best or have every word, their scores)."""
        statistics, ids = self._client.statistics, list(hits)
        own = self._client.words_of([(id, hit["_source"]["article"]) for id, hit in hits.items()])
        mean_width = statistics.of(())[1]

        def idfs(terms: Collection[p.Term]) -> Mapping[p.Term, float]:
            return statistics.of(terms)[0]

        scores = Scorer(own, mean_width, idfs, words.ranked).sum(words.ranked)
        days = [hit["sort"][-2] for hit in hits.values()]
        best, candidates = _first(scores, days, BEST), _first(scores, days, CANDIDATES)
        kept = [n for n, id in enumerate(ids) if candidates[n] or id in every]
        scores = scores[kept]
        scores += boosts(words.boosts, [own[n] for n in kept], mean_width, idfs, best[kept].astype(np.float32))
        return [ids[n] for n in kept], scores

    def _count(self, wanted: Iterable[tuple[p.Node, ...]], what: Iterable[What] = ()) -> None:
        missing = [nodes for nodes in wanted if nodes not in self._known]
        if missing:
            self._ask([], missing, what)

    def _ask(
        self, searches: list[Query], wanted: Iterable[tuple[p.Node, ...]], what: Iterable[What] = ()
    ) -> list[dict[str, Any]]:
        """The answers to searches.  Along the way, what has the wanted nodes is counted, where it is not known."""
        check_time()
        missing = [nodes for nodes in dict.fromkeys(wanted) if nodes not in self._known]
        statistics = self._client.statistics
        unknown = statistics.unknown(what) if self._pit is None else None
        bodies = searches + [count(having(nodes, ()), up_to=PAGE) for nodes in missing]
        for body in bodies:
            body |= time_limit()
        answers = self._client.ask_many([*bodies, *(unknown.bodies if unknown else ())], self._pit)
        if any(answer["timed_out"] for answer in answers[: len(bodies)]):
            raise Late
        if unknown:
            statistics.learn(unknown, answers[len(bodies) :])
        for nodes, answer in zip(missing, answers[len(searches) :], strict=False):
            self._known[nodes] = int(answer["hits"]["total"]["value"])
        return answers[: len(searches)]


def time_limit() -> dict[str, str]:
    """The part of a search that says when it has to end."""
    left = seconds_left()
    return {} if math.isinf(left) else {"timeout": f"{max(round(1000 * left), 1)}ms"}


def _first(scores: Array, days: Sequence[int], number: int) -> Array:
    """Which are the best `number`, of equal ones the newer, and all that equal the last of them."""
    keys = [
        (score, day if abs(day) < 1 << 62 else -(1 << 62)) for score, day in zip(scores.tolist(), days, strict=True)
    ]
    last = sorted(keys, reverse=True)[:number][-1]
    return np.array([key >= last for key in keys])


def _best(query: Query, size: int) -> dict[str, Any]:
    return {"query": query, "sort": SORTS["relevance"], "size": size, "_source": True, "track_total_hits": False}


def _each(words: p.Words) -> list[tuple[p.Node, ...]]:
    return [(in_any_accents(one),) for one in words.wider or words.every]
