"""How many articles there are and how long, and in how many a word or several are: asked for once, kept for a while."""

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from ..query import plan as p
from ..text.tokenize import folded_term
from .mapping import WORD_END, word_key
from .translate import node

if TYPE_CHECKING:
    from .engine import Cluster

_KEPT_FOR = 60.0  # seconds
_MOST_KEPT = 100_000  # counts


class Word(NamedTuple):
    """Terms that are one word, as the index's words are; one without marks in any accents."""

    terms: tuple[p.Term, ...]


What: TypeAlias = Word | p.Has | p.InOrder | p.All


class Unknown(NamedTuple):
    """What is not known, and the searches that count it; the last one is of the whole where that is not known."""

    what: list[What]
    bodies: list[dict[str, Any]]


class Statistics:
    """Counts of an index.  Threads share them."""

    def __init__(self, cluster: "Cluster") -> None:
        self._cluster = cluster
        self._all: tuple[float, int, float] | None = None  # when, articles, mean width
        self._counts: dict[What, tuple[float, int]] = {}

    def forget(self) -> None:
        """Everything: the index has changed."""
        self._all = None
        self._counts = {}

    def documents(self) -> int:
        """How many articles there are."""
        return self._whole(())[0]

    def positions(self) -> float:
        """How many words all of them have."""
        documents, mean_width = self._whole(())
        return documents * mean_width

    def of(self, terms: Collection[p.Term]) -> tuple[dict[p.Term, float], float]:
        """(the idf of each term, the mean width of an article)."""
        counts = self.counts([p.Has(term) for term in terms])
        documents, mean_width = self._whole(())
        df = {term: counts[p.Has(term)] for term in terms}
        return {t: float(np.log1p((max(documents - n, 0) + 0.5) / (n + 0.5))) for t, n in df.items()}, mean_width

    def counts(self, what: Iterable[What]) -> Mapping[What, int]:
        """In how many articles each is."""
        what = list(what)
        self._whole(what)
        return {one: self._counts[one][1] for one in what}

    def unknown(self, what: Iterable[What]) -> Unknown | None:
        """What is not known of some and of the whole; None where it is all known."""
        oldest = time.monotonic() - _KEPT_FOR
        missing = [one for one in dict.fromkeys(what) if one not in self._counts or self._counts[one][0] < oldest]
        bodies = [count(_query(one)) for one in missing]
        if self._all is None or self._all[0] < oldest:
            bodies.append({**count({"match_all": {}}), "aggs": {"width": {"avg": {"field": "width"}}}})
        return Unknown(missing, bodies) if bodies else None

    def learn(self, unknown: Unknown, answers: Sequence[dict[str, Any]]) -> None:
        """What the searches of `unknown` found."""
        now = time.monotonic()
        totals = [int(answer["hits"]["total"]["value"]) for answer in answers]
        if len(totals) > len(unknown.what):
            self._all = now, totals[-1], float(answers[-1]["aggregations"]["width"]["value"] or 1.0)
        for one in list(islice(self._counts, max(len(self._counts) + len(unknown.what) - _MOST_KEPT, 0))):
            self._counts.pop(one, None)
        for one, total in zip(unknown.what, totals, strict=False):
            self._counts[one] = now, total

    def _whole(self, what: Iterable[What]) -> tuple[int, float]:
        if (unknown := self.unknown(what)) is not None:
            self.learn(unknown, self._cluster.ask_many(unknown.bodies))
        assert self._all is not None
        return self._all[1:]


def count(query: dict[str, Any], *, up_to: int | None = None) -> dict[str, Any]:
    """A search that counts; up_to: more need not be told apart."""
    return {"query": query, "size": 0, "track_total_hits": up_to or True}


def _query(what: What) -> dict[str, Any]:
    if not isinstance(what, Word):
        return node(what)
    texts = [term.text for term in what.terms]
    begin = f"{' '.join(map(folded_term, texts))}{WORD_END}"
    if all(term.exact for term in what.terms):
        return {"term": {"words": word_key(" ".join(texts))}}
    if not any(term.exact for term in what.terms):
        return {"prefix": {"words": begin}}
    spelled = " ".join(_literal(term.text) if term.exact else "*" for term in what.terms)
    return {"wildcard": {"words": _literal(begin) + spelled}}


def _literal(text: str) -> str:
    """For a wildcard query."""
    return "".join(f"\\{sign}" if sign in "\\*?" else sign for sign in text)
