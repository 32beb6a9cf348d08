"""How the words of a query stand in the best articles: `query.together`, over positions that are made here again.

The cluster finds the best by their words and sends them; their text becomes positions by the analysis that
indexed it, and what these are worth is worked out by the code that the engine in a folder has for it.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..article import Article
from ..index import layout
from ..index.container import Array
from ..query import plan as p
from ..query.places import Occurring
from ..query.postings import K1, B
from ..query.together import lay_out, scores
from .mapping import FIELDS, OTHER_FORM, folded_key, key, stream


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


class Candidates:
    """Some articles as `together.lay_out` sees a segment: its postings, its places, its widths in one.

    Documents are numbered from 0, terms by their place in `terms`.
    """

    def __init__(self, words: Sequence[Words], terms: Sequence[p.Term], mean_width: float) -> None:
        self.places = self.segment = self
        groups = _Groups(terms)
        found = [one.positions(groups) for one in words]
        term = np.array([group for mine, _ in found for group in mine], np.int64)
        position = np.array([at for _, mine in found for at in mine], np.int64)
        document = np.repeat(np.arange(len(words)), [len(mine) for mine, _ in found])
        order = np.lexsort((position, document, term))
        term, document, self._positions = term[order], document[order], position[order]
        new = np.append(True, (term[1:] != term[:-1]) | (document[1:] != document[:-1]))[: len(term)]
        self._start = new.nonzero()[0]
        self._count = np.diff(np.append(self._start, len(term)))
        self._term, self._document = term[self._start], document[self._start]
        self.title_width, self._lead_width, self._width = (
            np.array([getattr(one, name) for one in words], np.int64) for name in ("title", "lead", "width")
        )
        lengths = self._width + 3
        self._starts = np.cumsum(lengths) - lengths
        self._norm = (K1 * (1 - B + B * self._width / max(mean_width, 1.0))).astype(np.float32)

    def saturated(self, frequencies: Array, documents: Array) -> Array:
        """(K1 + 1) n / (n + norm)."""
        saturated: Array = (K1 + 1) * frequencies / (frequencies + self._norm[documents])
        return saturated

    def widths(self, documents: Array) -> Array:
        """How many positions the documents have, gaps between fields too."""
        widths: Array = self._width[documents] + 2
        return widths

    def starts(self, documents: Array) -> Array:
        """The place of each document's first position."""
        starts: Array = self._starts[documents]
        return starts

    def in_fields(self, places: Array, fields: p.Fields) -> Array:
        """Which of the places lie in one of the fields."""
        document = self._starts.searchsorted(places, side="right") - 1
        position, title = places - self._starts[document], self.title_width[document]
        body = title + 1 + self._lead_width[document]
        own = {"title": position < title, "lead": (position > title) & (position < body), "body": position > body}
        inside: Array = np.logical_or.reduce([own[name] for name in fields])
        return inside

    def occurring(self, groups: Sequence[tuple[int, ...]], documents: Array) -> Occurring:
        """The postings of all groups in some documents (ascending), in no order; `which` is not told."""
        found = [(number, np.isin(self._term, group) & np.isin(self._document, documents))
                 for number, group in enumerate(groups)]  # fmt: skip
        chosen = np.concatenate([mine.nonzero()[0] for _, mine in found])
        group = np.repeat([number for number, _ in found], [int(mine.sum()) for _, mine in found])
        at = documents.searchsorted(self._document[chosen])
        return Occurring(group, np.zeros_like(group), at, self._start[chosen], self._count[chosen])

    def positions(self, start: Array, count: Array) -> Array:
        """The positions of postings one after the other."""
        positions: Array = self._positions[layout.spans(start, count)]
        return positions

    def phrase(self, terms: Sequence[int]) -> Array:
        """How often terms stand side by side in each document."""
        begins: Array = np.empty(0, np.int64)
        for away, number in enumerate(terms):
            mine = (self._term == number).nonzero()[0]
            starts = np.repeat(self._starts[self._document[mine]], self._count[mine])
            places = starts + self.positions(self._start[mine], self._count[mine]) - away
            begins = np.intersect1d(begins, places) if away else places
        at = self._starts.searchsorted(begins, side="right") - 1
        return np.bincount(at, minlength=len(self._width))


def boosts(nodes: Sequence[p.Node], words: Sequence[Words], mean_width: float, idf: Callable[[p.Term], float]) -> Array:
    """What the boosts of a plan add to the scores of articles, by all of which pairs of words are judged."""
    more, every = np.zeros(len(words), np.float32), np.arange(len(words))
    for node in nodes:
        if isinstance(node, p.Together):
            idfs = [idf(term) for term in node.terms]
            weights = np.array(idfs, np.float32) * np.array(node.weights, np.float32)
            terms: list[p.Term] = list(node.terms)
            groups: list[tuple[int, ...]] = [(number,) for number in range(len(idfs))]
            for short, numbers in node.instead:
                for number in numbers:
                    groups[number] = (*groups[number], len(terms))
                terms.append(short)
            candidates: Any = Candidates(words, terms, mean_width)  # all that `look` asks of Postings
            laid = lay_out(candidates, node, groups, every)
            rarer = [max(pair, key=idfs.__getitem__) for pair in node.pairs]
            samples = [np.ones(len(layout.documents), np.float32) for layout in laid]
            more += np.concatenate(scores([layout.look(node, weights) for layout in laid], samples, rarer))
    phrases = [node for node in nodes if isinstance(node, p.InOrder)]
    if phrases:
        sought = list(terms_of(phrases))
        candidates = Candidates(words, sought, mean_width)
        for node in phrases:
            counts = candidates.phrase([sought.index(term) for term in node.terms]).astype(np.float32)
            more += candidates.saturated(counts, every) * np.float32(node.weight * max(map(idf, node.terms)))
    return more


def terms_of(nodes: Sequence[p.Node]) -> set[p.Term]:
    """The terms whose idf `boosts` asks for."""
    return {term for node in nodes if isinstance(node, p.Together | p.InOrder) for term in node.terms}
