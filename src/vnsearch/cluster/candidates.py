"""How the words of a query stand in the best articles: `ranking.proximity`, over positions that are made here again.

The cluster finds the best by their words and sends them; their text becomes positions by the analysis that
indexed it, and what these are worth is worked out by the code that the engine in a folder has for it.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TypeAlias

import numpy as np

from ..arrays import Array, distinct
from ..article import Article
from ..forks import ForkSafeLock
from ..index import layout
from ..query import plan as p
from ..ranking.bm25f import K1, W_LEAD, W_TITLE, B, impacts_of
from ..ranking.occurrences import OCCURRENCE, Occurrences
from ..ranking.proximity import score
from ..ranking.spellings import Spellings, Word, neighbours
from ..text.normalize import clean
from ..text.tokenize import chunks, ends_sentence
from .mapping import FIELDS, FOLDED, OTHER_FORM, chunk_words, folded_key, key

Numbers: TypeAlias = Sequence[int]  # of the words that have a form


class WordTable:
    """The words that stand at positions, as numbers, and which of them have a form; 0 is a free position."""

    def __init__(self) -> None:
        self._lock = ForkSafeLock(spoilt=_current.clear)
        self._names, self._numbers = [""], {"": 0}
        self._having: dict[str, list[int]] = {}
        self._spellings: dict[str, dict[str, list[int]]] = {}  # of a folded form: those that have each spelling
        self._chunks: dict[str, tuple[tuple[int, ...], bool]] = {}

    def __len__(self) -> int:
        return len(self._chunks)

    def read(self, text: str) -> tuple[list[int], list[int]]:
        """(the numbers of a field's words, one a position; one position after the last of each sentence)."""
        found: list[int] = []
        ends: list[int] = []
        for chunk in chunks(clean(text).text) if text else ():
            numbers, is_end = self._chunks.get(chunk) or self._add(chunk)
            found += numbers
            if is_end:
                ends.append(len(found))
        return found, ends

    def _add(self, chunk: str) -> tuple[tuple[int, ...], bool]:
        words = chunk_words[chunk]
        with self._lock:
            for word in words:
                if word not in self._numbers:
                    number = len(self._names)
                    self._names.append(word)
                    for form in word.split(OTHER_FORM):
                        self._having.setdefault(form, []).append(number)
                        if not form.startswith(FOLDED):
                            self._spellings.setdefault(folded_key(form), {}).setdefault(form, []).append(number)
                    self._numbers[word] = number
            own = tuple(self._numbers[word] for word in words), ends_sentence(chunk)
            return self._chunks.setdefault(chunk, own)

    def spelled(self, numbers: Array) -> list[str]:
        """The words of some numbers."""
        return [self._names[number] for number in numbers.tolist()]

    def having(self, term: p.Term) -> Numbers:
        """The words that have a term as a form."""
        return self._having.get(key(term.text) if term.exact else folded_key(term.text), ())

    def names(self) -> int:
        """How many words there are, with the free position."""
        return len(self._names)

    def spellings(self, term: p.Term) -> Mapping[str, Numbers]:
        """The exact forms that a term without marks may stand for, and the words that have each."""
        return self._spellings.get(folded_key(term.text), {})


_current: list[WordTable] = []  # that of this process
_MOST_CHUNKS = 500_000  # of a table; a language has fewer, a stream of random strings must not grow without end


def current_words() -> WordTable:
    """The table of this process; a new one when it has grown too large."""
    if not _current or len(_current[0]) > _MOST_CHUNKS:
        _current[:] = [WordTable()]
    return _current[0]


class Words:
    """An article's words as numbers of a table, one a position; one position is free after each field."""

    def __init__(self, article: Article, table: WordTable) -> None:
        self.table = table
        numbers: list[int] = []
        ends: list[int] = []
        widths = []
        for name in FIELDS:
            own, own_ends = table.read(getattr(article, name))
            ends += [len(numbers) + end for end in own_ends if end]
            numbers += [*own, 0]
            widths.append(len(own))
            ends.append(len(numbers) if name != FIELDS[-1] else len(numbers) - 1)  # what is free ends a field's last
        (self.title, self.lead, _), self.width = widths, sum(widths)
        self.numbers, self.sentences = np.array(numbers, np.int32), distinct(np.array(ends, np.uint32))

    def spelled(self) -> list[str]:
        """The words as texts."""
        return self.table.spelled(self.numbers[:-1])


class Candidates:
    """Some articles and the words at their places.

    Documents are numbered from 0.  A term is the numbers of the words that have it; all words are of one table.
    A place is an index of all the articles' words.
    """

    def __init__(self, words: Sequence[Words], mean_width: float) -> None:
        self._table, self._numbers = words[0].table, np.concatenate([one.numbers for one in words])
        self._title_width, self._lead_width, self._width = (
            np.array([getattr(one, name) for one in words], np.int64) for name in ("title", "lead", "width")
        )
        first = np.cumsum([0, *(len(one.sentences) for one in words)])
        self._sentences = first, np.concatenate([one.sentences for one in words])
        self._no_sentences = np.zeros_like(first), np.empty(0, np.uint32)
        self._starts = np.cumsum(self._width + 3) - (self._width + 3)
        self._norm = (K1 * (1 - B + B * self._width / max(mean_width, 1.0))).astype(np.float32)

    def saturated(self, frequencies: Array, documents: Array) -> Array:
        """(K1 + 1) n / (n + norm)."""
        saturated: Array = (K1 + 1) * frequencies / (frequencies + self._norm[documents])
        return saturated

    def in_fields(self, places: Array, fields: p.Fields) -> Array:
        """Which of the places lie in one of the fields."""
        document = self._documents(places)
        position, title = places - self._starts[document], self._title_width[document]
        body = title + 1 + self._lead_width[document]
        own = {"title": position < title, "lead": (position > title) & (position < body), "body": position > body}
        inside: Array = np.logical_or.reduce([own[name] for name in fields])
        return inside

    def occurrences(self, node: p.Together, groups: Sequence[Sequence[Numbers]], stride: int) -> Occurrences:
        """Where groups of terms stand; the code of a term: number of its group x stride + its own (see `Spellings`)."""
        parts = [np.empty(0, OCCURRENCE)]
        for number, terms in enumerate(groups):
            which = self._which(terms)
            places = (which >= 0).nonzero()[0]
            if node.fields != p.ALL_FIELDS:
                places = places[self.in_fields(places, node.fields)]
            own = np.empty(len(places), OCCURRENCE)
            own["document"] = document = self._documents(places)
            own["position"], own["word"] = places - self._starts[document], number
            own["code"] = number * stride + np.minimum(which[places], stride - 1) if stride else 0
            parts.append(own)
        found = np.concatenate(parts)
        found = found[np.lexsort((found["word"], found["position"], found["document"]))]
        first, ends = self._sentences if node.asks else self._no_sentences
        return Occurrences(found.tobytes(), self._title_width.astype(np.uint32), first, ends, self._norm)

    def has(self, numbers: Numbers) -> bool:
        """Whether one of the words occurs."""
        return bool((self._which([numbers]) >= 0).any())

    def impacts(self, terms: Sequence[Numbers]) -> Array:
        """The impact of a group of terms in each document, a byte each: see `ranking.bm25f`."""
        which = self._which(terms)
        places = (which >= 0).nonzero()[0]
        keys, shape = which[places] * len(self._width) + self._documents(places), (len(terms), len(self._width))

        def count(own: Array) -> Array:
            return np.bincount(keys[own], minlength=shape[0] * shape[1]).reshape(shape)

        everywhere = count(np.ones(len(places), bool))
        in_title = np.minimum(count(self.in_fields(places, ("title",))), layout.TITLE_MOST)
        in_lead = count(self.in_fields(places, ("lead",))) > 0
        tenths = 10 * everywhere + round(10 * (W_TITLE - 1)) * in_title + round(10 * (W_LEAD - 1)) * in_lead
        return impacts_of(tenths.sum(axis=0), self._norm)

    def counts(self, term: Numbers, fields: p.Fields) -> Array:
        """How often a term stands in some fields of each document."""
        places = (self._which([term]) >= 0).nonzero()[0]
        return self._counted(places, fields)

    def phrase(self, terms: Sequence[Numbers], fields: p.Fields = p.ALL_FIELDS) -> Array:
        """How often terms stand side by side in some fields of each document."""
        begins = np.ones(len(self._numbers), bool)
        for away, numbers in enumerate(terms):
            there = self._which([numbers]) >= 0
            begins[: len(begins) - away] &= there[away:]
            begins[len(begins) - away :] = False
        return self._counted(begins.nonzero()[0], fields)

    def _counted(self, places: Array, fields: p.Fields) -> Array:
        if fields != p.ALL_FIELDS:
            places = places[self.in_fields(places, fields)]
        return np.bincount(self._documents(places), minlength=len(self._width)).astype(np.float32)

    def _documents(self, places: Array) -> Array:
        return self._starts.searchsorted(places, side="right") - 1

    def _which(self, terms: Sequence[Numbers]) -> Array:
        """For each place the first of the terms that its word has; -1 for none."""
        which = np.full(self._table.names(), -1)
        for number, numbers in reversed(list(enumerate(terms))):
            which[list(numbers)] = number
        found: Array = which[self._numbers]
        return found


def boosts(
    nodes: Sequence[p.Node],
    words: Sequence[Words],
    mean_width: float,
    idfs: Callable[[Collection[p.Term]], Mapping[p.Term, float]],
    sample: Array | None = None,
) -> Array:
    """What the boosts of a plan add to the scores of articles.

    idfs: what finds the idf of terms.  sample: 1 for the articles that pairs of words are judged by; all by default.
    """
    sample = np.ones(len(words), np.float32) if sample is None else sample
    more, every, table = np.zeros(len(words), np.float32), np.arange(len(words)), words[0].table
    candidates = Candidates(words, mean_width)
    for node in nodes:
        if isinstance(node, p.Together):
            groups = [[table.having(term)] for term in node.terms]
            spellings = _spellings(node, candidates, table, groups, idfs)
            for short, numbers in node.instead:
                for number in numbers:
                    groups[number].append(table.having(short))
            known = idfs(node.terms)
            stride = spellings.stride if spellings else 0
            found, _ = score(
                node,
                [known[term] for term in node.terms],
                spellings,
                [(candidates.occurrences(node, groups, stride), sample)],
            )
            more += found[0]
        elif isinstance(node, p.InOrder):
            counts = candidates.phrase([table.having(term) for term in node.terms])
            known = idfs(node.terms)
            more += candidates.saturated(counts, every) * np.float32(node.weight * max(known.values()))
    return more


def _spellings(
    node: p.Together,
    candidates: Candidates,
    table: WordTable,
    groups: list[list[Numbers]],
    idfs: Callable[[Collection[p.Term]], Mapping[p.Term, float]],
) -> Spellings | None:
    """Possible spellings of the node's unmarked words that have a neighbour; they replace these words' groups."""
    beside = neighbours(node.pairs)
    spelled: dict[int, list[p.Term]] = {}
    for n, term in enumerate(node.terms):
        if not term.exact and n in beside:
            own = {form: having for form, having in table.spellings(term).items() if candidates.has(having)}
            if own:
                spelled[n], groups[n] = [p.Term(form, True) for form in own], list(own.values())
    if not spelled:
        return None
    idf = idfs({term for own in spelled.values() for term in own})
    words = [Word(n, [idf[term] for term in own], *beside[n]) for n, own in spelled.items()]
    return Spellings(words, max(map(len, spelled.values())) + 1, None)


def terms_of(nodes: Sequence[p.Node]) -> set[p.Term]:
    """The terms of all boosts: `boosts` asks for their idf, and for that of spellings."""
    return {term for node in nodes if isinstance(node, p.Together | p.InOrder) for term in node.terms}
