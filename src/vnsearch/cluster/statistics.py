"""How many articles there are and how long, and in how many a word or several are: asked for once, kept for a while."""

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple, TypeAlias

from ..query import plan as p
from ..ranking.bm25f import idf
from ..text.tokenize import folded_term
from .mapping import WORD_END, word_key
from .translate import node

_KEPT_FOR = 60.0  # seconds
_MOST_KEPT = 100_000  # counts


class Word(NamedTuple):
    """Terms that are one word, as the index's words are; one without marks in any accents."""

    terms: tuple[p.Term, ...]


What: TypeAlias = Word | p.Has | p.InOrder | p.AllOf


class _Kept:
    """What is known, each with when it was counted."""

    def __init__(self) -> None:
        self.all: tuple[float, int, float] | None = None  # when, articles, mean width
        self.counts: dict[What, tuple[float, int]] = {}


class Unknown(NamedTuple):
    """What is not known, and the searches that count it; the last one is of the whole where that is not known."""

    kept: _Kept
    what: list[What]
    bodies: list[dict[str, Any]]


class Statistics:
    """Counts of an index.  Threads share them.

    ask_many: what answers searches, all in one request.
    """

    def __init__(self, ask_many: Callable[[Sequence[dict[str, Any]]], list[dict[str, Any]]]) -> None:
        self._ask_many = ask_many
        self._kept = _Kept()

    def forget(self) -> None:
        """Everything: the index has changed.  Who is just reading goes on with what was known."""
        self._kept = _Kept()

    def documents(self) -> int:
        """How many articles there are."""
        return self._known(())[1]

    def positions(self) -> float:
        """How many words all of them have."""
        _, documents, mean_width = self._known(())
        return documents * mean_width

    def of(self, terms: Collection[p.Term]) -> tuple[dict[p.Term, float], float]:
        """(the idf of each term, the mean width of an article)."""
        counts, documents, mean_width = self._known([p.Has(term) for term in terms])
        df = {term: counts[p.Has(term)] for term in terms}
        return {t: idf(max(documents, n), n) for t, n in df.items()}, mean_width

    def counts(self, what: Iterable[What]) -> Mapping[What, int]:
        """In how many articles each is."""
        return self._known(list(what))[0]

    def unknown(self, what: Iterable[What]) -> Unknown | None:
        """What is not known of some and of the whole; None where it is all known."""
        what, kept = list(what), self._kept
        return self._unknown(kept, what, self._fresh(kept, what))

    def _fresh(self, kept: _Kept, what: Iterable[What]) -> dict[What, int]:
        """The counts that are known, and not too old."""
        oldest = time.monotonic() - _KEPT_FOR
        found = ((one, kept.counts.get(one)) for one in what)
        return {one: known[1] for one, known in found if known is not None and known[0] >= oldest}

    def _unknown(self, kept: _Kept, what: Iterable[What], fresh: Mapping[What, int]) -> Unknown | None:
        missing = [one for one in dict.fromkeys(what) if one not in fresh]
        bodies = [count(_query(one)) for one in missing]
        if kept.all is None or kept.all[0] < time.monotonic() - _KEPT_FOR:
            bodies.append({**count({"match_all": {}}), "aggs": {"width": {"avg": {"field": "width"}}}})
        return Unknown(kept, missing, bodies) if bodies else None

    def learn(self, unknown: Unknown, answers: Sequence[dict[str, Any]]) -> dict[What, int]:
        """What the searches of `unknown` found; kept, the first that were learnt making room."""
        now, kept = time.monotonic(), unknown.kept
        totals = [int(answer["hits"]["total"]["value"]) for answer in answers]
        if len(totals) > len(unknown.what):
            kept.all = now, totals[-1], float(answers[-1]["aggregations"]["width"]["value"] or 1.0)
        for one in list(islice(kept.counts, max(len(kept.counts) + len(unknown.what) - _MOST_KEPT, 0))):
            kept.counts.pop(one, None)
        learnt = dict(zip(unknown.what, totals, strict=False))
        kept.counts |= {one: (now, total) for one, total in learnt.items()}
        return learnt

    def _known(self, what: Collection[What]) -> tuple[dict[What, int], int, float]:
        """(the count of each, how many articles there are, how long they are on average)."""
        kept = self._kept
        counts = self._fresh(kept, what)
        if (unknown := self._unknown(kept, what, counts)) is not None:
            counts |= self.learn(unknown, self._ask_many(unknown.bodies))
        assert kept.all is not None
        return counts, *kept.all[1:]


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
