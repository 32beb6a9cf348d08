"""The face of the library: an `Index` to write to and to search, and what a search gives back.

The whole story of a search is `Index.search`: parse and plan, execute, present.
"""

import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .article import Article
from .errors import QueryError
from .locks import ForkSafeLock

if TYPE_CHECKING:  # heavy modules are imported where they are used: `import vnsearch` stays quick
    from .index import folder
    from .index.codec import WhooshIndex
    from .index.segment import Segment
    from .index.verify import Verification
    from .index.writer import Writer
    from .query.execute import Engine, Found, Match
    from .query.plan import Filter, Mark, Plan
    from .query.snippets import Marker, Snippet


class _Page:
    """What the hits of a search share: how matches are marked."""

    def __init__(self, marked: tuple["Mark", ...], snippet_chars: int) -> None:
        self._marked, self.snippet_chars = marked, snippet_chars

    @cached_property
    def marker(self) -> "Marker":
        from .query.snippets import Marker

        return Marker(self._marked)


class Hit:
    """One found article.  Article and snippet are read when they are asked for."""

    def __init__(
        self, id: str, score: float, segment: "Segment", document: int, page: _Page, same_story: tuple[str, ...] = ()
    ) -> None:
        self.id, self.score = id, score
        self.same_story = same_story  # ids of lower hits that tell the same, where `collapse` was asked for
        self._segment, self._document, self._page = segment, document, page

    @cached_property
    def article(self) -> Article:
        """The article as it was added."""
        from .index.records import load

        return load(self._segment.stored(self._document))

    @cached_property
    def snippet(self) -> "Snippet":
        """The sentences that answer the query best."""
        return self._page.marker.snippet((self.article.lead, self.article.body), self._page.snippet_chars)

    @cached_property
    def title(self) -> "Snippet":
        """The title with what matched in it."""
        return self._page.marker.highlight(self.article.title)

    def __repr__(self) -> str:
        return f"Hit(id={self.id!r}, score={self.score:.3f})"


@dataclass(frozen=True)
class Results:
    """What a search found: the asked page of `hits` out of `total` matches.

    took: seconds; hits are not yet read by then.
    facets: facet -> value -> number of matches with it, most frequent first.
    cursor: what `after=` takes for the next page; None behind the last one.
    partial: `timeout_ms` was over before all was looked at; total, hits and facets are of a part of the index.
    """

    query: str
    total: int
    hits: tuple[Hit, ...]
    took: float
    facets: Mapping[str, Mapping[str, int]]
    cursor: str | None
    partial: bool
    _suggest: Callable[[], str | None] = field(repr=False)

    @cached_property
    def suggestion(self) -> str | None:
        """A better spelling of the query that finds something under the same filters, or None; made when asked for."""
        return self._suggest()

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)

    def __len__(self) -> int:
        return len(self.hits)


class Index:
    """A full-text index of articles in a folder.  Safe to share between threads, and with forked processes.

    Every call looks at the newest commit, and at that alone; `snapshot` stays with one.

    index = Index.open("indexes/news")
    for hit in index.search("dan van lang son", province="Lạng Sơn", limit=3):
        print(hit.article.title, hit.snippet.text)
    """

    def __init__(self, path: Path, *, fallback: bool = False) -> None:
        self.path, self._fallback = path, fallback
        self._engine: tuple[folder.Stamp, Engine] | None = None  # as of a stamp of the manifest
        self._lock = ForkSafeLock()
        self._frozen = False

    @classmethod
    def create(cls, path: str | Path) -> "Index":
        """A new empty index; the folder is made.  Raises IndexExistsError where one is already."""
        from .index import folder

        folder.create(Path(path))
        return cls(Path(path))

    @classmethod
    def open(cls, path: str | Path, *, fallback: bool = False) -> "Index":
        """The index in a folder.  Raises IndexNotFoundError, IndexVersionError, IndexCorruptError.

        fallback: every byte is checked now, and where the newest generation is broken, the one before is opened
        with a RuntimeWarning; `problem` says why.  A writer then goes on from there.
        """
        index = cls(Path(path), fallback=fallback)
        if index.problem:
            warnings.warn(index.problem, RuntimeWarning, stacklevel=2)
        return index

    @property
    def problem(self) -> str | None:
        """Why this is not the newest generation; None where it is.  See `open`."""
        return self._fresh().snapshot.problem or None

    def refresh(self) -> bool:
        """Looks whether there is a newer commit, as every search does by itself; whether there was."""
        before = self._engine
        return self._fresh() is not (before[1] if before else None)

    def snapshot(self) -> "Index":
        """The index as it is now: whatever is committed later, this one's answers stay the same.

        Its files stay on disk until it is forgotten.
        """
        fixed = Index(self.path, fallback=self._fallback)
        fixed._engine, fixed._frozen = ((0, 0, 0), self._fresh()), True
        return fixed

    @property
    def whoosh(self) -> "WhooshIndex":
        """The index as a Whoosh index, for apps that know Whoosh: its searcher, readers and queries."""
        from .index.codec import WhooshIndex

        return WhooshIndex(lambda: self._fresh().snapshot)

    # -- writing ---------------------------------------------------------------------------------------

    def writer(self, *, timeout: float = 0.0, workers: int = 1) -> "Writer":
        """A writer; use it in `with`: it commits at the end and rolls back on an exception.

        timeout: seconds to wait for another writer.  workers: processes that analyse articles, for
        thousands of them; 1: none but this one.  Raises IndexLockedError, which tells who holds it since when.
        """
        from .index.writer import Writer

        return Writer(self.path, timeout=timeout, workers=workers, fallback=self._fallback)

    def optimize(self) -> None:
        """Merges all segments into one and forgets what was deleted."""
        self.writer(timeout=10.0).commit(optimize=True)

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
        after: str | None = None,
        facets: Iterable[str] = (),
        now: date | None = None,
        collapse: str | None = None,
        snippet_chars: int = 240,
        literal: bool = False,
        timeout_ms: float | None = None,
    ) -> Results:
        """The articles that a query finds, best first; "" finds everything.

        text: the query language of `vnsearch.query.parse`.
        province, topic, source: one name or several; any of them.  Names, slugs or codes, with or
        without diacritics; a province of today finds all that it was made of.
        since, until: days, both included; dates, datetimes or text such as "7/2/2023", "tháng 2/2023".
        sort: "relevance", "newest" or "oldest" (those without date last).
        limit, offset, after: which page; after, the `cursor` of the page before, stays right while articles are added.
        facets: any of "province" (as published), "province34" (today's), "topic", "source", "year", "month";
        counted over all matches.
        collapse: "story": of articles that tell the same, as agencies syndicate them, only the best is a hit;
        `Hit.same_story` names those behind it.  Pages then count stories, `total` and facets still articles.
        now: the day from which "hôm nay" and "7 ngày qua" are counted; today by default.
        snippet_chars: characters that a snippet has at most.
        literal: the text is words as typed, no query: for a search box that must never fail.
        timeout_ms: milliseconds after which no more of the index is looked at; `Results.partial` says whether it came
        to that.  Looked at between segments and steps, so a search takes a little longer.

        Raises QueryError for anything that means nothing.
        """
        from .query import cursor
        from .query.collapse import run_collapsed
        from .query.facets import count_facets
        from .query.plan import plan

        if after is not None and offset:
            raise QueryError("after= and offset= exclude each other", hint="leave one of them out")
        if timeout_ms is not None and not timeout_ms >= 0:
            raise QueryError(f"timeout_ms is a number of milliseconds from 0, not {timeout_ms!r}")
        if collapse not in (None, "story") or (collapse and after is not None):
            raise QueryError(f"collapse is None or 'story', and not with after=; it is {collapse!r}")
        begun = time.perf_counter()
        asked = plan(
            text, province=province, topic=topic, source=source, since=since, until=until,
            sort=sort, limit=limit, offset=offset, facets=facets, now=now, literal=literal,
        )  # fmt: skip
        asked = replace(asked, deadline=begun + timeout_ms / 1000 if timeout_ms is not None else None)
        engine = self._fresh()
        others: Sequence[tuple[Match, ...]] = ()
        if collapse and limit:
            found, others = run_collapsed(engine, asked)
            rank = offset + len(found.page)
        elif after is None:
            found = engine.run(asked)
            rank = offset + len(found.page)
        else:
            found, rank = cursor.run_after(engine, asked, cursor.read(after, sort))
        counts = count_facets(engine.snapshot, found.sets, asked.facets)
        hits = self._hits(engine, asked, found, snippet_chars, others)
        took = time.perf_counter() - begun
        following = None if collapse or found.partial else cursor.of(engine, asked, found, rank)
        return Results(
            text, found.total, hits, took, counts, str(following) if following else None, found.partial,
            lambda: None if literal else _suggestion(engine, text, asked.filters),
        )  # fmt: skip

    def explain(self, text: str = "", **options: Any) -> str:
        """What a search with these arguments would look for, step by step, for a person to read."""
        from .query.explain import explain
        from .query.parse import literal, parse
        from .query.plan import plan

        return explain(literal(text) if options.get("literal") else parse(text), plan(text, **options))

    def similar(self, id: str, *, limit: int = 5) -> tuple[Hit, ...]:
        """Other articles with the same distinguishing words.  Raises KeyError for an unknown id."""
        from .query.similar import similar
        from .query.suggest import frequency

        article = self.get(id)
        if article is None:
            raise KeyError(id)
        engine = self._fresh()
        segments = engine.snapshot.segments
        asked = similar(article, engine.documents, lambda word: frequency(segments, word), limit + 1)
        hits = self._hits(engine, asked, engine.run(asked))
        return tuple(hit for hit in hits if hit.id != id)[:limit]

    def complete(self, prefix: str, *, limit: int = 10) -> list[str]:
        """Words of the index that begin as typed, with or without diacritics, the most frequent first; behind
        several words, what its titles and texts go on with.
        """
        from .query.complete import complete

        return complete(self._fresh(), prefix, limit)

    def suggest(self, text: str) -> str | None:
        """A better spelling of a query, from the index's own words; None when it is fine as it is."""
        return _suggestion(self._fresh(), text, ())

    def get(self, id: str) -> Article | None:
        """The article of this id."""
        from .index.records import load

        snapshot = self._fresh().snapshot
        place = snapshot.find(id)
        return load(snapshot.segments[place[0]].stored(place[1])) if place else None

    def __len__(self) -> int:
        return self._fresh().snapshot.articles

    def __iter__(self) -> Iterator[Article]:
        """All articles, in no particular order."""
        from .index.records import load

        snapshot = self._fresh().snapshot
        for segment, gone in zip(snapshot.segments, snapshot.deleted, strict=True):
            for document, deleted in enumerate(gone.tolist()):
                if not deleted:
                    yield load(segment.stored(document))

    # -- care ------------------------------------------------------------------------------------------

    def stats(self) -> dict[str, Any]:
        """Counts: articles, segments, bytes on disk, first and last day, articles with date, province, topic."""
        snapshot = self._fresh().snapshot
        days: list[int] = []
        with_province = with_topic = 0
        for segment, gone in zip(snapshot.segments, snapshot.deleted, strict=True):
            live = ~gone
            days += segment.day[live & (segment.day > 0)].tolist()
            with_province += int((live & segment.has_tag("provinces")).sum())
            with_topic += int((live & segment.has_tag("topics")).sum())
        return {
            "articles": snapshot.articles,
            "segments": len(snapshot.segments),
            "generation": snapshot.generation,
            "bytes": snapshot.nbytes,
            "first": date.fromordinal(min(days)).isoformat() if days else None,
            "last": date.fromordinal(max(days)).isoformat() if days else None,
            "with_date": len(days),
            "with_province": with_province,
            "with_topic": with_topic,
        }

    def verify(self) -> "Verification":
        """Reads every byte of the index against its checksum, and says what is wrong."""
        from .index.verify import verify

        return verify(self.path)

    def backup(self, path: str | Path) -> None:
        """The index as of its last commit in a new folder, by hard links where the system can, every byte checked.

        Writers and readers go on meanwhile.  A backup is an index: to restore it, open it and back it up to where
        the index was.  Raises IndexCorruptError where a byte is wrong; then no backup is made.
        """
        from .index import folder

        folder.backup(self.path, Path(path), fallback=self._fallback)

    def _fresh(self) -> "Engine":
        """The engine over the newest generation."""
        from .index import folder
        from .query.execute import Engine

        if (kept := self._engine) is not None and self._frozen:
            return kept[1]
        stamp = folder.stamp(self.path)
        if kept is not None and kept[0] == stamp:
            return kept[1]
        with self._lock:
            before = self._engine[1].snapshot if self._engine else None
            snapshot = folder.open_snapshot(self.path, before, fallback=self._fallback)
            if self._engine is None or snapshot is not before:
                self._engine = stamp, Engine(snapshot)
            else:
                self._engine = stamp, self._engine[1]
            return self._engine[1]

    def _hits(
        self, engine: "Engine", asked: "Plan", found: "Found", snippet_chars: int = 240,
        others: "Sequence[tuple[Match, ...]]" = (),
    ) -> tuple[Hit, ...]:  # fmt: skip
        segments, page = engine.snapshot.segments, _Page(asked.marked, snippet_chars)
        same = [
            tuple(segments[m.segment].ids[m.document] for m in behind) for behind in others or [()] * len(found.page)
        ]
        return tuple(
            Hit(segments[m.segment].ids[m.document], m.score, segments[m.segment], m.document, page, behind)
            for m, behind in zip(found.page, same, strict=True)
        )


def _suggestion(engine: "Engine", text: str, filters: "tuple[Filter, ...]") -> str | None:
    """A better spelling that finds something."""
    from .query.plan import plan
    from .query.suggest import suggest

    better = suggest(engine.snapshot.segments, lambda: engine.context, text)
    if better is None:
        return None
    asked = plan(better, limit=0)
    return better if engine.run(replace(asked, filters=(*asked.filters, *filters))).total else None
