"""The face of the library: an `Index` to write to and to search, and what a search gives back.

The whole story of a search is `Index.search`: parse and plan, execute, present.  Longer than other files, since it is
one class and most of it says what its arguments mean.
"""

import time
import warnings
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from .article import Article, check_id
from .choices import (
    ClosedEngine,
    argument_checks,
    as_folder,
    check_number,
    given_options,
    is_address,
    planner,
    refuse,
    synonyms_of,
)
from .deadline import Deadline, Late
from .errors import IndexProblemError, QueryError, UnknownIdError
from .limits import QUERY_CHARS
from .results import Hit, Results, hits_of
from .second_thoughts import another_reading, in_no_time, suggestion_for, what_to_leave_out

if TYPE_CHECKING:
    from .embedded.engine import Embedded
    from .embedded.searcher import Engine as Executor
    from .engine import Answer, Engine, Writer
    from .index.whoosh_codec import WhooshIndex
    from .query.plan import Plan, Term
    from .text.synonyms import Synonyms
    from .verification import Verification


Sort: TypeAlias = Literal["relevance", "newest", "oldest"]
Match: TypeAlias = Literal["auto", "all", "any", "phrase"]
Field: TypeAlias = Literal["title", "lead", "body"]
Facet: TypeAlias = Literal["province", "province34", "topic", "source", "year", "month"]


class Index:
    """A full-text index of articles in a folder.  Safe to share between threads, and with forked processes.

    Every call sees the newest commit, and that alone; `snapshot` keeps one.

    with Index.open("indexes/news") as index:
        for hit in index.search("dan van lang son", province="Lạng Sơn", limit=3):
            print(hit.article.title, hit.snippet)
    """

    def __init__(self, path: str | Path, engine: "Engine", synonyms: "Synonyms | None" = None) -> None:
        self.path: Any = path  # a Path; of an index on a cluster its address, text
        self._engine = engine
        self._own_synonyms = synonyms  # None: the library's

    @classmethod
    def create(
        cls, path: str | Path, *, shards: int | None = None, replicas: int | None = None,
        user: str | None = None, password: str | None = None, api_key: str | None = None, ca: str | None = None,
        check_certificate: bool = True, timeout: float | None = None,
    ) -> "Index":  # fmt: skip
        """A new empty index; the folder is made.  Raises IndexExistsError where one is already.

        shards, replicas: for an index on a cluster, "opensearch://HOST:PORT,HOST:PORT/NAME"; 1 each by default.
        The other arguments are for a cluster, too: see `open`.  Raises ArgumentError where one is given for a folder.
        """
        access = given_options(
            user=user, password=password, api_key=api_key, ca=ca, check_certificate=check_certificate, timeout=timeout
        )
        copies = given_options(shards=shards, replicas=replicas)
        if is_address(path):
            from .cluster.connection import Access
            from .cluster.engine import Cluster

            for name, least in (("shards", 1), ("replicas", 0)):
                check_number(name, copies.get(name, 1), least, int)
            return cls(str(path), Cluster.create(str(path), Access(**access), **copies))
        from .embedded.engine import Embedded

        folder = as_folder(path)
        refuse(copies | access, "an index on a cluster (opensearch://...)", path)
        return cls(folder, Embedded.create(folder))

    @classmethod
    def open(
        cls, path: str | Path, *, fallback: bool = False, any_version: bool = False,
        user: str | None = None, password: str | None = None, api_key: str | None = None, ca: str | None = None,
        check_certificate: bool = True, timeout: float | None = None, synonyms: str | Path | bool = True,
    ) -> "Index":  # fmt: skip
        """The index in a folder, or on a cluster: "opensearch://HOST:PORT,HOST:PORT/NAME" (opensearchs: by HTTPS).

        fallback: for a folder.  Every byte is checked now; if the newest generation is broken, the previous one is
        opened with a RuntimeWarning, `problem` says why, and a writer goes on from there.
        any_version: for a cluster.  Opens an index whose mapping has another version, too, so that it can be rebuilt.
        user and password, or api_key: credentials for a cluster.
        ca: a file of certificates to trust.  check_certificate: whether that of an HTTPS host is checked (True).
        timeout: seconds that a call to a cluster may take, 30 by default.
        synonyms: a file of other words for the same, in the place of the library's own table (True); False for none.
        See `vnsearch.text.synonyms`.
        What is not given is taken from the environment: see docs/opensearch.md.
        Raises IndexNotFoundError, IndexVersionError, IndexCorruptError, IndexUnavailableError; ArgumentError for an
        argument that means nothing to this kind of index.
        """
        access = given_options(
            user=user, password=password, api_key=api_key, ca=ca, check_certificate=check_certificate, timeout=timeout
        )
        others = synonyms_of(synonyms)
        if is_address(path):
            from .cluster.connection import Access
            from .cluster.engine import Cluster

            refuse(given_options(fallback=fallback or None), "an index in a folder", path)
            return cls(str(path), Cluster.open(str(path), Access(**access), any_version=any_version), others)
        from .embedded.engine import Embedded

        folder = as_folder(path)
        refuse(
            given_options(any_version=any_version or None) | access, "an index on a cluster (opensearch://...)", path
        )
        index = cls(folder, Embedded.open(folder, fallback=fallback), others)
        if index.problem:
            warnings.warn(index.problem, RuntimeWarning, stacklevel=2)
        return index

    def close(self) -> None:
        """Frees files and connections; any later call raises IndexProblemError.  Closing twice is allowed.

        Hits that were found stay readable.  A writer ends by itself, and a snapshot is closed by itself.
        """
        if not isinstance(self._engine, ClosedEngine):
            self._engine.close()
            self._engine = cast("Engine", ClosedEngine(self.path))

    def __enter__(self) -> "Index":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Index {str(self.path)!r}{', closed' * isinstance(self._engine, ClosedEngine)}>"

    @property
    def _embedded(self) -> "Embedded":
        from .embedded.engine import Embedded

        if isinstance(self._engine, ClosedEngine):
            raise self._engine.refusal()
        if not isinstance(self._engine, Embedded):
            problem = "is on a cluster; whoosh, refresh and snapshot are of an index in a folder"
            raise IndexProblemError(self.path, problem)
        return self._engine

    def _fresh(self) -> "Executor":
        return self._embedded.fresh()

    @property
    def problem(self) -> str | None:
        """Why this is not the newest generation; None where it is.  See `open`."""
        return None if is_address(self.path) else self._fresh().snapshot.problem or None

    def refresh(self) -> bool:
        """Opens a newer commit, as every search does by itself.  Returns whether there was one.  For a folder."""
        return self._embedded.refresh()

    def snapshot(self) -> "Index":
        """The index as it is now: whatever is committed later, this one's answers stay the same.

        Its files stay on disk until it is forgotten.
        """
        return Index(self.path, self._embedded.fixed(), self._own_synonyms)

    @property
    def whoosh(self) -> "WhooshIndex":
        """The index as a Whoosh index, for apps that know Whoosh: its searcher, readers and queries."""
        return self._embedded.whoosh

    # -- writing ---------------------------------------------------------------------------------------

    def writer(
        self, *, timeout: float = 0.0, workers: int = 1, memory_mb: int | None = None, rebuild: bool = False
    ) -> "Writer":
        """A writer; use it in `with`: it commits at the end and rolls back on an exception.

        timeout: seconds to wait for another writer.  workers: processes that analyse articles, worth it for
        thousands of them; 1: this process alone.  memory_mb: for a folder, about how many MB all processes may take,
        mapped files not counted; by default some 400 each.  rebuild: the commit leaves only what this writer added.
        Raises IndexLockedError, which tells who holds it since when.
        """
        check_number("timeout", timeout, 0)
        check_number("workers", workers, 1, int)
        if memory_mb is not None:
            check_number("memory_mb", memory_mb, 1, int)
        return self._engine.writer(timeout=timeout, workers=workers, memory_mb=memory_mb, rebuild=rebuild)

    def optimize(self) -> None:
        """Merges all segments into one and forgets what was deleted."""
        self._engine.optimize()

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
        sort: Sort = "relevance",
        limit: int = 10,
        offset: int = 0,
        after: str | None = None,
        facets: Facet | Iterable[Facet] = (),
        now: date | None = None,
        recency: bool = False,
        collapse: Literal["story"] | None = None,
        snippet_chars: int = 240,
        literal: bool = False,
        as_typed: bool = False,
        match: Match = "auto",
        fields: Field | Iterable[Field] | None = None,
        timeout_ms: float | None = None,
    ) -> Results:
        """The articles that a query finds, best first; "" finds everything.

        text: the query language of `vnsearch.query.syntax`.
        province, topic, source: one name or several; any of them.  Names, slugs or codes, with or
        without diacritics; a province of today finds all that it was made of.
        since, until: both included; dates (the whole day), datetimes (to the minute; one without time zone is taken as
            Asia/Ho_Chi_Minh) or text such as "7/2/2023", "2023-02-07 17:00", "tháng 2/2023".
        sort: "relevance", "newest" or "oldest", to the minute (a day alone counts from its start, no date comes last).
        limit, offset, after: which page; after, the `cursor` of the page before, stays right while articles are added.
        facets: any of "province" (as published), "province34" (today's), "topic", "source", "year", "month";
        counted over all matches.
        collapse: "story": of articles that tell the same, as agencies syndicate them, only the best is a hit;
        `Hit.same_story` names those after it.  Pages then count stories, `total` and facets still articles.
        now: the day from which "hôm nay" and "7 ngày qua" are counted; today by default.
        recency: newer articles rank a little higher, as `vnsearch.ranking.recency` says; counted from `now`.
        snippet_chars: characters that a snippet has at most.
        literal: the text is words as typed, no query: for a search box that must never fail.
        as_typed: never look for another reading of the query where no article has every word, and never rank by how
        words typed without marks are read; see `Results.searched_as`, `Results.ranked_as`.
        match: "auto": articles that have every word, and, where few have, those that come nearest; "all": those with
        every word alone; "any": those with any of the words; "phrase": those with the words in this order side by side.
        See `vnsearch.ranking.matching` and `Results.matched`.
        fields: where the words have to stand: any of "title", "lead", "body"; all three by default.
        timeout_ms: milliseconds that the search may take, what is made of its results later on included (snippets,
        `suggestion`, `relaxed`: in what is left, 20 at least); `Results.partial` and `Results.timed_out` say whether it
        came to that.  The clock is read between small steps, so a call may take some milliseconds longer.  An article
        that is requested is read, however long it is.

        Raises QueryError for anything that means nothing.
        """
        given = argument_checks()(
            text=text, facets=facets, since=since, until=until, now=now, sort=sort, limit=limit, offset=offset,
            after=after, collapse=collapse, snippet_chars=snippet_chars, timeout_ms=timeout_ms, match=match,
            fields=fields, province=province, topic=topic, source=source, recency=recency, literal=literal,
            as_typed=as_typed,
        )  # fmt: skip
        if after is not None and offset:
            raise QueryError("after= and offset= exclude each other", hint="leave one of them out")
        if timeout_ms is not None and not timeout_ms >= 0:
            raise QueryError(f"timeout_ms is a number of milliseconds from 0, not {timeout_ms!r}")
        if collapse not in (None, "story") or (collapse and after is not None):
            raise QueryError(f"collapse is None or 'story', and not with after=; it is {collapse!r}")
        begun = time.perf_counter()
        deadline = Deadline(timeout_ms)
        make_plan = partial(
            planner(), province=given["province"], topic=given["topic"], source=given["source"], since=since,
            until=until, sort=sort, limit=limit, offset=offset, facets=given["facets"], now=now, recency=recency,
            literal=literal, match=match, fields=given["fields"],
            cut=self._cut, **({} if as_typed else {"spell": self._spell}), synonyms=self._synonyms,
        )  # fmt: skip

        def run(words: str) -> "tuple[Plan, Answer]":
            asked = make_plan(words)
            try:
                return asked, self._engine.search(asked, after=after, collapse=bool(collapse))
            except Late:
                return asked, in_no_time(asked)

        def read_anew() -> "tuple[Plan, Answer, str] | None":
            better = another_reading(self._engine, asked, found, text)
            if better is None:
                return None
            asked_better, found_better = run(better)
            if found_better.partial:
                raise Late
            fits = found_better.matched.how in ("all", "accents") and not found_better.matched.missing
            return (asked_better, found_better, better) if fits else None

        asked, found = deadline.run(lambda: run(text), lambda: (nothing := make_plan(""), in_no_time(nothing)))
        searched_as = None
        if not (as_typed or literal) and match == "auto" and (read := deadline.run(read_anew, lambda: None)):
            asked, found, searched_as = read
        suggest = partial(suggestion_for, self._engine, text, asked.filters)
        took = time.perf_counter() - begun
        return Results(
            text, found.total, took, found.facets, found.partial or deadline.has_passed, found.matched.how,
            found.matched.missing, searched_as, " … ".join(asked.read_as) or None,
            lambda: hits_of(found, asked, deadline, snippet_chars),
            lambda: deadline.show(lambda: what_to_leave_out(self._engine, asked, found.total), tuple), found.cursor,
            lambda: None if literal or searched_as else deadline.show(suggest, lambda: None), deadline,
        )  # fmt: skip

    def _cut(self, terms: "Sequence[Term]") -> list[int]:
        """How many terms each word has; one each where the time is over, errors of a query are still reported."""
        try:
            return self._engine.cut(terms) if len(terms) > 1 else [1] * len(terms)
        except Late:
            return [1] * len(terms)

    @property
    def _synonyms(self) -> "Synonyms":
        from .text.synonyms import shipped

        return shipped() if self._own_synonyms is None else self._own_synonyms

    def _spell(self, words: Sequence[str]) -> Sequence[tuple[str, float]]:
        """How words typed without marks are spelled; where the time is over, none is read."""
        from .query.meant import unread

        try:
            return self._engine.spell(words)
        except Late:
            return unread(words)

    def explain(
        self,
        text: str = "",
        *,
        province: str | Iterable[str] | None = None,
        topic: str | Iterable[str] | None = None,
        source: str | Iterable[str] | None = None,
        since: date | str | None = None,
        until: date | str | None = None,
        sort: Sort = "relevance",
        limit: int = 10,
        offset: int = 0,
        facets: Facet | Iterable[Facet] = (),
        now: date | None = None,
        recency: bool = False,
        literal: bool = False,
        match: Match = "auto",
        fields: Field | Iterable[Field] | None = None,
    ) -> str:
        """What a search with these arguments would look for, step by step, for a person to read."""
        from .query.describe import explain
        from .query.syntax import literal as read_literally
        from .query.syntax import parse
        from .suggest.reading import slips_told

        given = argument_checks()(
            text=text, province=province, topic=topic, source=source, since=since, until=until, sort=sort, limit=limit,
            offset=offset, facets=facets, now=now, recency=recency, literal=literal, match=match, fields=fields,
        )  # fmt: skip
        return explain(
            read_literally(text) if literal else parse(text),
            planner()(**given, cut=self._cut, spell=self._spell, synonyms=self._synonyms),
            () if literal else slips_told(self._engine.read(text)),
        )

    def similar(self, id: str, *, limit: int = 5) -> tuple[Hit, ...]:
        """Other articles with the same distinguishing words.  Raises UnknownIdError, a KeyError, for an unknown id."""
        from .query.more_like_this import similar

        argument_checks()(limit=limit)
        article = self.get(id)
        if article is None:
            raise UnknownIdError(id)
        asked = similar(article, self._engine.frequencies, limit + 1)
        hits = hits_of(self._engine.search(asked), asked, Deadline(None))
        return tuple(hit for hit in hits if hit.id != id)[:limit]

    def complete(self, prefix: str, *, limit: int = 10) -> list[str]:
        """Words of the index that begin as typed, with or without diacritics, the most frequent first; after
        several words, what its titles and texts go on with.
        """
        argument_checks()(prefix=prefix, limit=limit)
        if len(prefix) > QUERY_CHARS:
            raise QueryError(f"a beginning has at most {QUERY_CHARS:,} characters, this one {len(prefix):,}")
        return self._engine.complete(prefix, limit)

    def suggest(self, text: str) -> str | None:
        """A better spelling of a query, from the index's own words; None when it is fine as it is."""
        argument_checks()(text=text)
        return suggestion_for(self._engine, text, ())

    def get(self, id: str) -> Article | None:
        """The article of this id, or None."""
        check_id(id)
        return self._engine.get(id)

    def __len__(self) -> int:
        return len(self._engine)

    def __contains__(self, wanted: object) -> bool:
        """Whether there is an article of this id; or, of an Article, whether it is there as it is."""
        if isinstance(wanted, Article):
            return self.get(wanted.id) == wanted
        return self.get(cast("str", wanted)) is not None

    def __iter__(self) -> Iterator[Article]:
        """All articles, in no particular order."""
        return self._engine.articles()

    # -- care ------------------------------------------------------------------------------------------

    def stats(self) -> dict[str, Any]:
        """Counts: articles, segments, bytes on disk, first and last day, articles with date, province, topic."""
        return self._engine.stats()

    def verify(self) -> "Verification":
        """Reads every byte of the index against its checksum, and says what is wrong."""
        return self._engine.verify()

    def backup(self, path: str | Path) -> None:
        """The index as of its last commit in a new folder, by hard links where the system can, every byte checked.

        Writers and readers go on meanwhile.  A backup is an index: to restore it, open it and back it up to where
        the index was.  Raises IndexCorruptError where a byte is wrong; then no backup is made.
        """
        self._engine.backup(as_folder(path))
