"""The face of the library: an `Index` to write to and to search, and what a search gives back.

The whole story of a search is `Index.search`: parse and plan, execute, present.
"""

import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .article import Article

if TYPE_CHECKING:  # heavy modules are imported where they are used: `import vnsearch` stays quick
    from .index.store import Verification, Writer
    from .query.plan import Plan
    from .query.snippets import Snippet
    from .query.suggest import Vocabulary


class Hit:
    """One found article.  Article and snippet are read when they are asked for."""

    def __init__(self, id: str, score: float, number: int, searcher: Any, plan: "Plan") -> None:
        self.id, self.score = id, score
        self._number, self._searcher, self._plan = number, searcher, plan

    @cached_property
    def article(self) -> Article:
        """The article as it was added."""
        from .index import schema

        return schema.load(self._searcher.stored_fields(self._number)["article"])

    @cached_property
    def snippet(self) -> "Snippet":
        """The sentences that answer the query best."""
        from .query import snippets

        return snippets.make_snippet((self.article.lead, self.article.body), self._plan.marked)

    @cached_property
    def title(self) -> "Snippet":
        """The title with what matched in it."""
        from .query import snippets

        return snippets.highlight(self.article.title, self._plan.marked)

    def __repr__(self) -> str:
        return f"Hit(id={self.id!r}, score={self.score:.3f})"


@dataclass(frozen=True)
class Results:
    """What a search found: the asked page of `hits` out of `total` matches.

    took: seconds; hits are not yet read by then.  suggestion: a better spelling of the query, or None.
    facets: facet -> value -> number of matches with it, most frequent first.
    """

    query: str
    total: int
    hits: tuple[Hit, ...]
    took: float
    suggestion: str | None
    facets: Mapping[str, Mapping[str, int]]

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)

    def __len__(self) -> int:
        return len(self.hits)


class Index:
    """A full-text index of articles in a folder.  Safe to share between threads.

    index = Index.open("indexes/news")
    for hit in index.search("dan van lang son", province="Lạng Sơn", limit=3):
        print(hit.article.title, hit.snippet.text)
    """

    def __init__(self, path: Path, whoosh: Any) -> None:
        self.path = path
        self._whoosh = whoosh
        self._searcher: Any = None
        self._vocabulary: tuple[int, Vocabulary] | None = None
        self._lock = threading.Lock()

    @classmethod
    def create(cls, path: str | Path) -> "Index":
        """A new empty index; the folder is made.  Raises IndexExistsError where one is already."""
        from .index import store

        return cls(Path(path), store.create(Path(path)))

    @classmethod
    def open(cls, path: str | Path) -> "Index":
        """The index in a folder.  Raises IndexNotFoundError, IndexVersionError, IndexCorruptError."""
        from .index import store

        return cls(Path(path), store.open_(Path(path)))

    @property
    def whoosh(self) -> Any:
        """The Whoosh index itself, for apps that know Whoosh."""
        return self._whoosh

    # -- writing ---------------------------------------------------------------------------------------

    def writer(self, *, timeout: float = 0.0) -> "Writer":
        """A writer; use it in `with`: it commits at the end and rolls back on an exception.

        timeout: seconds to wait for another writer.  Raises IndexLockedError.
        """
        from .index import store

        return store.Writer(self._whoosh, self.path, timeout=timeout)

    def optimize(self) -> None:
        """Merges all segments into one and forgets what was deleted."""
        writer = self.writer(timeout=10.0)
        writer.commit(optimize=True)

    # -- searching -------------------------------------------------------------------------------------

    def search(
        self,
        text: str = "",
        *,
        province: str | Iterable[str] | None = None,
        topic: str | Iterable[str] | None = None,
        source: str | Iterable[str] | None = None,
        since: date | str | None = None,
        until: date | str | None = None,
        sort: str = "relevance",
        limit: int = 10,
        offset: int = 0,
        facets: Iterable[str] = (),
        now: date | None = None,
    ) -> Results:
        """The articles that a query finds, best first; "" finds everything.

        text: the query language of `vnsearch.query.parse`.
        province, topic, source: one name or several; any of them.  Names, slugs or codes, with or
        without diacritics; a province of today finds all that it was made of.
        since, until: days, both included; dates, datetimes or text such as "7/2/2023", "tháng 2/2023".
        sort: "relevance", "newest" or "oldest" (those without date last).
        facets: any of "province", "topic", "source", "year", "month"; counted over all matches.
        now: the day from which "hôm nay" and "7 ngày qua" are counted; today by default.

        Raises QueryError for anything that means nothing.
        """
        from .query.execute import count_facets, execute
        from .query.plan import plan
        from .query.suggest import suggest

        begun = time.perf_counter()
        asked = plan(
            text, province=province, topic=topic, source=source, since=since, until=until,
            sort=sort, limit=limit, offset=offset, facets=facets, now=now,
        )  # fmt: skip
        searcher = self._fresh_searcher()
        matches = execute(searcher, asked)
        counts = count_facets(searcher, matches, asked.facets)
        suggestion = suggest(self._words(searcher), asked.tokens)
        hits = self._hits(searcher, asked, matches)
        took = time.perf_counter() - begun
        return Results(text, len(matches.documents), hits, took, suggestion, counts)

    def similar(self, id: str, *, limit: int = 5) -> tuple[Hit, ...]:
        """Other articles with the same distinguishing words.  Raises KeyError for an unknown id."""
        from .query.execute import execute
        from .query.similar import similar

        article = self.get(id)
        if article is None:
            raise KeyError(id)
        searcher = self._fresh_searcher()
        asked = similar(searcher.reader(), article, limit + 1)
        hits = self._hits(searcher, asked, execute(searcher, asked))
        return tuple(hit for hit in hits if hit.id != id)[:limit]

    def complete(self, prefix: str, *, limit: int = 10) -> list[str]:
        """Words of the index that begin as typed, with or without diacritics, the most frequent first."""
        from .query.suggest import complete

        return complete(self._words(self._fresh_searcher()), prefix, limit)

    def suggest(self, text: str) -> str | None:
        """A better spelling of a query, from the index's own words; None when it is fine as it is."""
        from .query.plan import plan
        from .query.suggest import suggest

        return suggest(self._words(self._fresh_searcher()), plan(text).tokens)

    def get(self, id: str) -> Article | None:
        """The article of this id."""
        from .index import schema

        stored = self._fresh_searcher().document(id=id)
        return schema.load(stored["article"]) if stored else None

    def __len__(self) -> int:
        return int(self._fresh_searcher().doc_count())

    def __iter__(self) -> Iterator[Article]:
        """All articles, in no particular order."""
        from .index import schema

        return (schema.load(fields["article"]) for _, fields in self._fresh_searcher().reader().iter_docs())

    # -- care ------------------------------------------------------------------------------------------

    def stats(self) -> dict[str, Any]:
        """Counts: articles, segments, bytes on disk, first and last day, articles with date, province, topic."""
        from .index import store

        searcher = self._fresh_searcher()
        days, placed, classed = [], 0, 0
        for _, fields in searcher.reader().iter_docs():
            provinces, topics, _, day = fields["facts"]
            days += [day] if day else []
            placed += bool(provinces)
            classed += bool(topics)
        return {
            "articles": searcher.doc_count(),
            "segments": len(searcher.reader().leaf_readers()),
            "bytes": store.size(self.path),
            "first": min(days, default=None),
            "last": max(days, default=None),
            "with_date": len(days),
            "with_province": placed,
            "with_topic": classed,
        }

    def verify(self) -> "Verification":
        """Reads everything that a search could read, and says what is wrong."""
        from .index import store

        return store.verify(self._whoosh, self.path)

    def backup(self, path: str | Path) -> None:
        """Copies the index as of its last commit to a new folder."""
        from .index import store

        store.backup(self._whoosh, self.path, Path(path))

    def _fresh_searcher(self) -> Any:
        """A searcher on the newest generation."""
        from .index import store
        from .query.execute import WEIGHTING

        with self._lock:
            if self._searcher is None or not self._searcher.up_to_date():
                self._searcher = store.searcher(self._whoosh, self.path, WEIGHTING)
            return self._searcher

    def _words(self, searcher: Any) -> "Vocabulary":
        from .query.suggest import read_vocabulary

        generation = searcher.reader().generation()
        if self._vocabulary is None or self._vocabulary[0] != generation:
            self._vocabulary = generation, read_vocabulary(searcher.reader())
        return self._vocabulary[1]

    def _hits(self, searcher: Any, asked: "Plan", matches: Any) -> tuple[Hit, ...]:
        page = slice(asked.offset, asked.offset + asked.limit)
        return tuple(
            Hit(searcher.stored_fields(number)["id"], score, number, searcher, asked)
            for number, score in zip(matches.documents[page], matches.scores[page], strict=True)
        )
