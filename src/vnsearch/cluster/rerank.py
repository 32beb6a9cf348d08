"""How the words of a query stand in the best articles: `query.together`, over positions that are made here again.

The cluster finds the best by their words and sends them; their text becomes positions by the analysis that
indexed it, and the formula and its constants are those of the engine in a folder.
"""

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np

from ..article import Article
from ..index.container import Array
from ..query import plan as p
from ..query.postings import K1, B
from ..query.together import EARLY, FIRST, NEAR, TITLE, WINDOW, Look, scores
from .mapping import FIELDS, OTHER_FORM, folded_key, key, stream

_MOST_KEPT = 2_000  # articles whose words are kept


class Words:
    """An article's words, one a position; one position is free between fields."""

    def __init__(self, article: Article) -> None:
        parts = [stream(getattr(article, name)) for name in FIELDS]
        self.title, self.lead, self.width = len(parts[0]), len(parts[1]), sum(map(len, parts))
        self.all = [*parts[0], "", *parts[1], "", *parts[2]]

    def positions(self, groups: "_Groups") -> tuple[list[int], list[int]]:
        """(groups, positions) of every occurrence, in order of position."""
        found = [(group, at) for at, word in enumerate(self.all) if (mine := groups[word]) for group in mine]
        return [group for group, _ in found], [at for _, at in found]


class _Groups(dict[str, tuple[int, ...]]):
    """Word of a position -> numbers of the terms that it has a form of."""

    def __init__(self, terms: Sequence[p.Term]) -> None:
        super().__init__()
        self._numbers: dict[str, list[int]] = {}
        for number, term in enumerate(terms):
            self._numbers.setdefault(key(term.text) if term.exact else folded_key(term.text), []).append(number)

    def __missing__(self, word: str) -> tuple[int, ...]:
        numbers = tuple(n for form in word.split(OTHER_FORM) for n in self._numbers.get(form, ()))
        self[word] = numbers
        return numbers


class Standing:
    """Where some terms stand in some articles; documents are numbered from 0."""

    def __init__(self, words: Sequence[Words], terms: Sequence[p.Term], mean_width: float) -> None:
        self._terms, self.size = tuple(terms), len(words)
        groups = _Groups(terms)
        found = [one.positions(groups) for one in words]
        self._group = np.array([g for mine, _ in found for g in mine], np.int64)
        self._position = np.array([at for _, mine in found for at in mine], np.int64)
        self._document = np.repeat(np.arange(self.size), [len(mine) for mine, _ in found])
        self._title, self._lead, self._width = (
            np.array([getattr(one, name) for one in words], np.int64) for name in ("title", "lead", "width")
        )
        self._norm = (K1 * (1 - B + B * self._width / max(mean_width, 1.0))).astype(np.float32)
        lengths = self._width + 2 + WINDOW
        self._begin = np.cumsum(lengths) - lengths
        self._all = int(lengths.sum()) + 1

    @cached_property
    def _masks(self) -> Array:
        """Terms x places of all documents: is the term there."""
        masks = np.zeros((len(self._terms), self._all), bool)
        masks[self._group, self._begin[self._document] + self._position] = True
        return masks

    def saturated(self, counts: Array) -> Array:
        """(K1 + 1) n / (n + norm) of counts in the documents (last axis)."""
        saturated: Array = (K1 + 1) * counts / (counts + self._norm)
        return saturated

    def look(self, node: p.Together, weights: Array) -> Look:
        """What the documents have of the words of a node, which are all the terms."""
        group, position, document = self._group, self._position, self._document
        if node.fields != p.ALL_FIELDS:
            kept = self._in_fields(node.fields)
            group, position, document = group[kept], position[kept], document[kept]
        place = self._begin[document] + position
        masks = np.zeros((len(self._terms), self._all + WINDOW), bool)
        masks[group, place] = True

        def present(chosen: Array) -> Array:
            there = np.zeros((len(self._terms), self.size), bool)
            there[group[chosen], document[chosen]] = True
            return there

        pairs = np.array([self._starts(masks[a, :-1] & masks[b, 1:]) for a, b in node.pairs]).reshape(-1, self.size)
        best = np.zeros(self.size, np.float32)
        if len(place):
            before = np.concatenate((np.zeros((len(masks), 1), np.int32), masks.cumsum(1, dtype=np.int32)), axis=1)
            near = before[:, place + WINDOW] > before[:, place]
            np.maximum.at(best, document, _added(weights, near))
        rest = NEAR * best + EARLY * _added(weights, present(position < FIRST))
        rest += TITLE * _added(weights, present(position < self._title[document]))
        shares = self.saturated(pairs.astype(np.float32))
        return Look(present(np.ones(len(group), bool)), pairs, shares, rest)

    def phrase(self, node: p.InOrder) -> Array:
        """How often a phrase without slop stands in each document."""
        there = np.ones(self._all, bool)
        for away, term in enumerate(node.terms):
            shifted = np.zeros(self._all, bool)
            mine = self._masks[self._terms.index(term)]
            shifted[: self._all - away] = mine[away:]
            there &= shifted
        return self._starts(there)

    def _starts(self, there: Array) -> Array:
        """How many of the places are in each document."""
        at = self._begin.searchsorted(there.nonzero()[0], side="right") - 1
        return np.bincount(at, minlength=self.size)

    def _in_fields(self, fields: p.Fields) -> Array:
        title, body = self._title[self._document], (self._title + 1 + self._lead)[self._document]
        own = {"title": self._position < title, "body": self._position > body}
        own["lead"] = ~own["title"] & ~own["body"]
        inside: Array = np.logical_or.reduce([own[name] for name in fields])
        return inside


def boosts(
    nodes: Sequence[p.Node], words: Sequence[Words], mean_width: float, idf: Callable[[p.Term], float], sample: int
) -> Array:
    """What the boosts of a plan add to the scores of articles, the best by their words first.

    sample: how many of them say how rarely a pair of words stands together.
    """
    more = np.zeros(len(words), np.float32)
    best = np.arange(len(words)) < sample
    for node in nodes:
        if isinstance(node, p.Together):
            idfs = [idf(term) for term in node.terms]
            weights = np.array(idfs, np.float32) * np.array(node.weights, np.float32)
            found = Standing(words, node.terms, mean_width).look(node, weights)
            rarer = [max(pair, key=idfs.__getitem__) for pair in node.pairs]
            more += scores([found], [best], rarer)[0]
    phrases = [node for node in nodes if isinstance(node, p.InOrder)]
    if phrases:
        standing = Standing(words, list(dict.fromkeys(t for node in phrases for t in node.terms)), mean_width)
        for node in phrases:
            weight = node.weight * max(map(idf, node.terms))
            more += standing.saturated(standing.phrase(node).astype(np.float32)) * np.float32(weight)
    return more


def terms_of(nodes: Sequence[p.Node]) -> set[p.Term]:
    """The terms whose idf `boosts` asks for."""
    return {term for node in nodes if isinstance(node, p.Together | p.InOrder) for term in node.terms}


def _added(weights: Array, rows: Array) -> Array:
    total: Array = (weights[:, None] * rows).sum(0)
    return total
