"""bm25s: scores of all postings worked out at indexing, in SciPy-like arrays."""

import json
from collections.abc import Iterable
from datetime import date
from importlib.metadata import version
from itertools import chain
from typing import Any

from vnsearch import Article

from ..analysis import clean, folded, text_of, words
from ..articles import dump
from ..asked import NEVER, TOP, Found, Query
from .base import Cannot, Engine, need

_VIEWS = {"typed": clean, "folded": folded}


class Bm25s(Engine):
    """Two indexes, one of each view; all of it is read into memory."""

    name = "bm25s"
    how = "lower-cased runs of letters and digits, an index of each view; filters as a mask over all articles"
    counts = False
    cannot = (
        "search for phrases, or for all words",
        "add to an index, or delete from it",
        "sort by day, count",
        "correct or suggest spellings, restore marks",
        "show a snippet",
    )

    @classmethod
    def version(cls) -> str:
        """Of the package."""
        need("bm25s", install="pip install bm25s")
        return version("bm25s")

    def build(self, articles: Iterable[Article]) -> None:
        """All tokens are in memory at once."""
        import bm25s

        texts: dict[str, list[list[str]]] = {view: [] for view in _VIEWS}
        kept = []
        with (self.folder / "articles.jsonl").open("wb") as file:
            for article in articles:
                for view, spell in _VIEWS.items():
                    texts[view].append(words(spell(text_of(article))))
                kept.append([article.id, (article.day or NEVER).isoformat(), list(article.topics)])
                file.write(dump(article) + b"\n")
        for view, tokens in texts.items():
            model = bm25s.BM25()
            vocabulary = {term: at for at, term in enumerate(sorted(set(chain.from_iterable(tokens))))}
            numbers = [[vocabulary[term] for term in text] for text in tokens]
            model.index((numbers, vocabulary), show_progress=False)
            model.save(self.folder / view, show_progress=False)
        (self.folder / "kept.json").write_text(json.dumps(kept))

    def open(self) -> None:
        """Reads both indexes."""
        import bm25s
        import numpy as np

        self._models = {view: bm25s.BM25.load(self.folder / view, show_progress=False) for view in _VIEWS}
        kept = json.loads((self.folder / "kept.json").read_text())
        self._ids = [id for id, _, _ in kept]
        self._days = np.array([date.fromisoformat(day).toordinal() for _, day, _ in kept])
        self._topics = [frozenset(topics) for _, _, topics in kept]
        self._masks: dict[str, Any] = {}

    def search(self, query: Query, limit: int = TOP) -> Found:
        """Words that no article has are left out; what scores nothing is no hit."""
        if query.kind != "any" or query.newest:
            raise Cannot("search for phrases" if query.kind == "phrase" else "search for all words, or by day")
        model = self._models["folded" if query.unmarked else "typed"]
        terms = [term for term in query.terms() if term in model.vocab_dict]
        if not terms:
            return Found(None, [])
        number = min(limit, len(self._ids))
        found, scores = model.retrieve([terms], k=number, show_progress=False, weight_mask=self._mask(query))
        return Found(None, found[0][scores[0] > 0].tolist())

    def _mask(self, query: Query) -> Any:
        import numpy as np

        if query.since and query.until:
            return (self._days >= query.since.toordinal()) & (self._days <= query.until.toordinal())
        if query.topic and query.topic not in self._masks:
            self._masks[query.topic] = np.array([query.topic in topics for topics in self._topics])
        return self._masks[query.topic] if query.topic else None

    def ids(self, found: Found) -> list[str]:
        """By number."""
        return [self._ids[number] for number in found.hits]
