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
from ..locks import ForkSafeLock
from ..query import plan as p
from ..query.places import Occurring
from ..query.postings import K1, B
from ..query.together import lay_out, scores
from ..text.normalize import clean
from ..text.tokenize import chunks
from .mapping import FIELDS, OTHER_FORM, chunk_words, folded_key, key


class WordTable:
    """The words that stand at positions, as numbers, and which of them have a form; 0 is a free position."""

    def __init__(self) -> None:
        self._lock = ForkSafeLock(spoilt=_current.clear)
        self._names, self._numbers = [""], {"": 0}
        self._having: dict[str, list[int]] = {}
        self._chunks: dict[str, tuple[int, ...]] = {}

    def __len__(self) -> int:
        return len(self._chunks)

    def read(self, text: str) -> list[int]:
        """The numbers of a field's words, one a position."""
        found: list[int] = []
        for chunk in chunks(clean(text).text) if text else ():
            numbers = self._chunks.get(chunk)
            found += self._add(chunk) if numbers is None else numbers
        return found

    def _add(self, chunk: str) -> tuple[int, ...]:
        words = chunk_words[chunk]
        with self._lock:
            for word in words:
                if word not in self._numbers:
                    number = len(self._names)
                    self._names.append(word)
                    for form in word.split(OTHER_FORM):
                        self._having.setdefault(form, []).append(number)
                    self._numbers[word] = number
            return self._chunks.setdefault(chunk, tuple(self._numbers[word] for word in words))

    def spelled(self, numbers: Array) -> list[str]:
        """The words of some numbers."""
        return [self._names[number] for number in numbers.tolist()]

    def are(self, term: p.Term, numbers: Array) -> Array:
        """Which of the numbers are words that have the term as a form."""
        having = self._having.get(key(term.text) if term.exact else folded_key(term.text))
        marked = np.zeros(len(self._names), bool)
        marked[list(having or ())] = True
        found: Array = marked[numbers]
        return found


_current: list[WordTable] = []  # that of this process
_MOST_CHUNKS = 500_000  # of a table; a language has fewer, a stream of random strings must not grow without end


def current_words() -> WordTable:
    """The table of this process; a new one when it has grown too large."""
    if not _current or len(_current[0]) > _MOST_CHUNKS:
        _current[:] = [WordTable()]
    return _current[0]


class Words:
    """An article's words as numbers of a table, one a position; one position is free between fields."""

    def __init__(self, article: Article, table: WordTable) -> None:
        self.table = table
        title, lead, body = (table.read(getattr(article, name)) for name in FIELDS)
        self.title, self.lead, self.width = len(title), len(lead), len(title) + len(lead) + len(body)
        self.numbers = np.array([*title, 0, *lead, 0, *body], np.int32)

    def spelled(self) -> list[str]:
        """The words as texts."""
        return self.table.spelled(self.numbers)


class Candidates:
    """Some articles as `together.lay_out` sees a segment: its postings, its places, its widths in one.

    Documents are numbered from 0, terms by their place in `terms`.  All words are of one table.
    """

    def __init__(self, words: Sequence[Words], terms: Sequence[p.Term], mean_width: float) -> None:
        self.places = self.segment = self
        numbers = np.concatenate([one.numbers for one in words])
        lengths = np.array([len(one.numbers) for one in words])
        found = [words[0].table.are(term, numbers).nonzero()[0] for term in terms]
        term = np.repeat(np.arange(len(found)), [len(mine) for mine in found])
        places = np.concatenate(found)
        document = np.repeat(np.arange(len(words)), lengths)[places]
        self._positions = places - (np.cumsum(lengths) - lengths)[document]
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
        found = [(np.isin(self._term, group) & np.isin(self._document, documents)).nonzero()[0] for group in groups]
        chosen = np.concatenate(found)
        group = np.arange(len(groups)).repeat([len(mine) for mine in found])
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
