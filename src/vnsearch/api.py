"""The face of the library: an `Index` to write to and to search, and what a search gives back.

The whole story of a search is `Index.search`: parse and plan, execute, present.
"""

import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property, partial
from html import escape
from numbers import Real
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NoReturn, TypeAlias, cast

from msgspec import structs

from .article import Article, check_id
from .deadline import Deadline, Late, in_time
from .errors import ArgumentError, IndexProblemError, QueryError, UnknownIdError
from .limits import QUERY_CHARS
from .printable import printable, shown

if TYPE_CHECKING:  # heavy modules are imported where they are used: `import vnsearch` stays quick
    from .embedded.engine import Embedded
    from .embedded.searcher import Engine as Executor
    from .engine import Answer, Engine, Row, Writer
    from .index.verification import Verification
    from .index.whoosh_codec import WhooshIndex
    from .present.marker import Marker
    from .present.snippet import Snippet
    from .query.matched import How
    from .query.plan import Filter, Plan, Term
    from .text.synonyms import Synonyms


Sort: TypeAlias = Literal["relevance", "newest", "oldest"]
Match: TypeAlias = Literal["auto", "all", "any", "phrase"]
Field: TypeAlias = Literal["title", "lead", "body"]
Facet: TypeAlias = Literal["province", "province34", "topic", "source", "year", "month"]

_SHOWN_TOGETHER = 10  # hits whose articles are read and marked once one of them is shown


class _Page:
    """What the hits of a search share: how matches are marked, for several hits at once."""

    def __init__(self, rows: "Sequence[Row]", asked: "Plan", snippet_chars: int, deadline: Deadline) -> None:
        self._rows, self._asked, self._snippet_chars, self._deadline = rows, asked, snippet_chars, deadline
        self._articles: dict[int, Article] = {}
        self._shown: dict[int, tuple[Snippet, Snippet]] = {}

    def article(self, number: int) -> Article:
        """That of a hit."""
        if number not in self._articles:
            self._articles[number] = self._rows[number].article()
        return self._articles[number]

    def shown(self, number: int) -> "tuple[Snippet, Snippet]":
        """Title and snippet of a hit; made with those of its neighbours."""
        if number not in self._shown:
            first = number - number % _SHOWN_TOGETHER
            numbers = range(first, min(first + _SHOWN_TOGETHER, len(self._rows)))
            self._shown |= self._deadline.show(lambda: self._marked(numbers), lambda: self._unmarked(number))
        return self._shown[number]

    def _marked(self, numbers: Iterable[int]) -> "dict[int, tuple[Snippet, Snippet]]":
        texts = {n: (a.title, (a.lead, a.body)) for n in in_time(numbers, 1) for a in [self.article(n)]}
        return dict(zip(texts, self._marker.shown(list(texts.values()), self._snippet_chars), strict=True))

    def _unmarked(self, number: int) -> "dict[int, tuple[Snippet, Snippet]]":
        """Where there is no time to look for what matched."""
        from .present.marker import unmarked

        article = self.article(number)
        return {number: unmarked(article.title, (article.lead, article.body), self._snippet_chars)}

    @cached_property
    def _marker(self) -> "Marker":
        from .present.marker import Marker

        return Marker(self._asked.marked)

    @cached_property
    def filtered(self) -> set[str]:
        from .query.plan import filtered

        return set().union(*map(filtered, (self._asked.match, *self._asked.filters)))


class Hit:
    """One found article; what it says is read when it is asked for."""

    def __init__(self, row: "Row", page: _Page, number: int) -> None:
        self.score = row.score
        self.same_story = row.same_story  # ids of lower hits that tell the same, where `collapse` was asked for
        self._row, self._page, self._number = row, page, number

    @cached_property
    def id(self) -> str:
        """The article's."""
        return self._row.id()

    @cached_property
    def article(self) -> Article:
        """The article as it was added."""
        return self._page.article(self._number)

    @cached_property
    def snippet(self) -> "Snippet":
        """The sentences that answer the query best."""
        return self._page.shown(self._number)[1]

    @cached_property
    def title(self) -> "Snippet":
        """The title with what matched in it."""
        return self._page.shown(self._number)[0]

    def explain(self) -> str:
        """Why it was found, for a person to read: the parts of the score, as which terms each was found in the
        article, and what gave the article the values that were filtered by.
        """
        from .ingest.reasons import explain

        lines = [f"score {self.score:.3f}"]
        for part in self._row.parts():
            found = f" (found: {', '.join(part.found)})" if part.found else ""
            lines.append(f"{part.score:9.3f} {part.what}{found}")
        filtered = self._page.filtered
        why = [f"{field}: {value} - {why}" for field, value, why in explain(self.article) if field in filtered]
        return "\n".join(map(printable, [*lines, *why]))

    def __eq__(self, other: object) -> bool:
        """Whether both are the same article's, found with the same score."""
        if not isinstance(other, Hit):
            return NotImplemented
        return (self.id, self.score, self.same_story) == (other.id, other.score, other.same_story)

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        return f"Hit(id={self.id!r}, score={self.score:.3f})"


@dataclass(frozen=True, eq=False, repr=False)
class Results:
    """What a search found: the asked page of `hits` out of `total` matches.

    Iterating and `len` are over the page's hits.  Two are equal where they found the same, however long it took.

    took: seconds; hits are not yet read by then.
    facets: facet -> value -> number of matches with it, most frequent first.
    partial: `timeout_ms` was over before all was looked at; total, hits and facets are of a part of the index, a facet
    that was not counted is empty, and no other reading was looked for.  `timed_out` tells of what is made later, too.
    matched: how the words of the query matched: "all", every word as typed; "accents", every word in any accents, since
    no article has them as typed; "nearest", few have every word, so articles that score nearly as well as the best are
    there too; "any", any of the words, as was asked for; "everything", there were no words.
    missing: words as typed that no article has, where `matched` is "nearest" or nothing was found.
    searched_as: the query as it was read, where no article has every word as typed and some have as read; else None.
    ranked_as: the words typed without marks as they were read, by which matches are ranked; None where none was read.
    What matches has the words in any accents all the same.
    """

    query: str
    total: int
    took: float
    facets: Mapping[str, Mapping[str, int]]
    partial: bool
    matched: "How"
    missing: tuple[str, ...]
    searched_as: str | None
    ranked_as: str | None
    _hits: Callable[[], tuple[Hit, ...]] = field(repr=False)
    _relaxed: Callable[[], tuple[tuple[str, int], ...]] = field(repr=False)
    _cursor: Callable[[], str | None] = field(repr=False)
    _suggest: Callable[[], str | None] = field(repr=False)
    _deadline: Deadline = field(repr=False)

    @property
    def timed_out(self) -> bool:
        """Whether `timeout_ms` was over before something was made, up to now: the results are `partial`, a title has
        no marks and a snippet is the beginning of its text, or nothing was looked for to suggest or to leave out.
        """
        return self.partial or self._deadline.has_passed

    @cached_property
    def hits(self) -> tuple[Hit, ...]:
        """The asked page, best first."""
        return self._hits()

    @cached_property
    def cursor(self) -> str | None:
        """What `after=` takes for the next page; None behind the last one."""
        return self._cursor()

    @cached_property
    def suggestion(self) -> str | None:
        """A better spelling of the query that finds something under the same filters, or None; made when asked for."""
        return self._suggest()

    @cached_property
    def relaxed(self) -> tuple[tuple[str, int], ...]:
        """Where nothing was found: what could be left out, a word as typed or a filter's argument, and how many
        articles there are then; the most first.  Empty where something was found or nothing helps.
        """
        return self._relaxed()

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)

    def __len__(self) -> int:
        return len(self.hits)

    def _found(self) -> tuple[object, ...]:
        return self.query, self.total, self.partial, self.matched, self.missing, self.searched_as, self.hits

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Results):
            return NotImplemented
        return self._found() == other._found() and self.facets == other.facets

    def __hash__(self) -> int:
        return hash(self._found())

    def __repr__(self) -> str:
        page = f"{len(self.hits)} of {self.total:,}{' or more' * self.partial}"
        return f"<Results {page} for {shown(self.query)}, {self.took * 1000:.1f} ms>"

    def _repr_html_(self) -> str:
        """What a notebook shows: the hits with what matched in them, everything of the articles escaped."""
        rows = "".join(map(_html_row, self.hits))
        return f"<p>{_html(repr(self))}</p><ol>{rows}</ol>"


class Index:
    """A full-text index of articles in a folder.  Safe to share between threads, and with forked processes.

    Every call looks at the newest commit, and at that alone; `snapshot` stays with one.

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

        shards, replicas: of an index on a cluster, "opensearch://HOST:PORT,HOST:PORT/NAME"; 1 each by default.
        The others are of a cluster, too: see `open`.  Raises ArgumentError for one that means nothing to a folder.
        """
        access = _given(
            user=user, password=password, api_key=api_key, ca=ca, check_certificate=check_certificate, timeout=timeout
        )
        copies = _given(shards=shards, replicas=replicas)
        if _is_address(path):
            from .cluster.connection import Access
            from .cluster.engine import Cluster

            for name, least in (("shards", 1), ("replicas", 0)):
                _check_number(name, copies.get(name, 1), least, int)
            return cls(str(path), Cluster.create(str(path), Access(**access), **copies))
        from .embedded.engine import Embedded

        folder = _folder(path)
        _refuse(copies | access, "an index on a cluster (opensearch://...)", path)
        return cls(folder, Embedded.create(folder))

    @classmethod
    def open(
        cls, path: str | Path, *, fallback: bool = False, any_version: bool = False,
        user: str | None = None, password: str | None = None, api_key: str | None = None, ca: str | None = None,
        check_certificate: bool = True, timeout: float | None = None, synonyms: str | Path | bool = True,
    ) -> "Index":  # fmt: skip
        """The index in a folder, or on a cluster: "opensearch://HOST:PORT,HOST:PORT/NAME" (opensearchs: by HTTPS).

        fallback: of a folder every byte is checked now, and where the newest generation is broken, the one before is
        opened with a RuntimeWarning; `problem` says why.  A writer then goes on from there.
        any_version: of a cluster, an index of another version's mapping too, for a writer that rebuilds it.
        user and password, or api_key: who enters a cluster.  ca: file of certificates.  check_certificate: of HTTPS.
        timeout: seconds that a call to a cluster may take, 30 by default.
        synonyms: a file of other words for the same, in the place of the library's own table (True); False for none.
        See `vnsearch.text.synonyms`.
        What is not given is taken from the environment: see docs/opensearch.md.
        Raises IndexNotFoundError, IndexVersionError, IndexCorruptError, IndexUnavailableError; ArgumentError for an
        argument that means nothing to this kind of index.
        """
        access = _given(
            user=user, password=password, api_key=api_key, ca=ca, check_certificate=check_certificate, timeout=timeout
        )
        others = _synonyms(synonyms)
        if _is_address(path):
            from .cluster.connection import Access
            from .cluster.engine import Cluster

            _refuse(_given(fallback=fallback or None), "an index in a folder", path)
            return cls(str(path), Cluster.open(str(path), Access(**access), any_version=any_version), others)
        from .embedded.engine import Embedded

        folder = _folder(path)
        _refuse(_given(any_version=any_version or None) | access, "an index on a cluster (opensearch://...)", path)
        index = cls(folder, Embedded.open(folder, fallback=fallback), others)
        if index.problem:
            warnings.warn(index.problem, RuntimeWarning, stacklevel=2)
        return index

    def close(self) -> None:
        """Lets go of files and connections; any later call raises IndexProblemError.  Twice is once.

        Hits that were found stay readable.  A writer ends by itself, and a snapshot is closed by itself.
        """
        if not isinstance(self._engine, _Closed):
            self._engine.close()
            self._engine = cast("Engine", _Closed(self.path))

    def __enter__(self) -> "Index":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Index {str(self.path)!r}{', closed' * isinstance(self._engine, _Closed)}>"

    @property
    def _embedded(self) -> "Embedded":
        from .embedded.engine import Embedded

        if isinstance(self._engine, _Closed):
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
        return None if _is_address(self.path) else self._fresh().snapshot.problem or None

    def refresh(self) -> bool:
        """Looks whether there is a newer commit, as every search does by itself; whether there was.  Of a folder."""
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

        timeout: seconds to wait for another writer.  workers: processes that analyse articles, for
        thousands of them; 1: none but this one.  memory_mb: of a folder, about what all processes may take together,
        mapped files not counted; by default some 400 each.  rebuild: the commit leaves only what this writer added.
        Raises IndexLockedError, which tells who holds it since when.
        """
        _check_number("timeout", timeout, 0)
        _check_number("workers", workers, 1, int)
        if memory_mb is not None:
            _check_number("memory_mb", memory_mb, 1, int)
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
        `Hit.same_story` names those behind it.  Pages then count stories, `total` and facets still articles.
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
        came to that.  Looked at between small steps, so a call may take some milliseconds longer; an article that is
        asked for is read, however long it is.

        Raises QueryError for anything that means nothing.
        """
        given = _check_arguments()(
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
            _planner(), province=given["province"], topic=given["topic"], source=given["source"], since=since,
            until=until, sort=sort, limit=limit, offset=offset, facets=given["facets"], now=now, recency=recency,
            literal=literal, match=match, fields=given["fields"],
            cut=self._cut, **({} if as_typed else {"spell": self._spell}), synonyms=self._synonyms,
        )  # fmt: skip

        def run(words: str) -> "tuple[Plan, Answer]":
            asked = make_plan(words)
            try:
                return asked, self._engine.search(asked, after=after, collapse=bool(collapse))
            except Late:
                return asked, _in_no_time(asked)

        def read_anew() -> "tuple[Plan, Answer, str] | None":
            better = _reading(self._engine, asked, found, text)
            if better is None:
                return None
            asked_better, found_better = run(better)
            if found_better.partial:
                raise Late
            fits = found_better.matched.how in ("all", "accents") and not found_better.matched.missing
            return (asked_better, found_better, better) if fits else None

        asked, found = deadline.run(lambda: run(text), lambda: (nothing := make_plan(""), _in_no_time(nothing)))
        searched_as = None
        if not (as_typed or literal) and match == "auto" and (read := deadline.run(read_anew, lambda: None)):
            asked, found, searched_as = read
        suggest = partial(_suggestion, self._engine, text, asked.filters)
        took = time.perf_counter() - begun
        return Results(
            text, found.total, took, found.facets, found.partial or deadline.has_passed, found.matched.how,
            found.matched.missing, searched_as, " … ".join(asked.read_as) or None,
            lambda: _hits(found, asked, deadline, snippet_chars),
            lambda: deadline.show(lambda: _relaxed(self._engine, asked, found.total), tuple), found.cursor,
            lambda: None if literal or searched_as else deadline.show(suggest, lambda: None), deadline,
        )  # fmt: skip

    def _cut(self, terms: "Sequence[Term]") -> list[int]:
        """How many terms each word has.  Where the time is over, each is one: so errors of the query are still told."""
        try:
            return self._engine.cut(terms)
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

        given = _check_arguments()(
            text=text, province=province, topic=topic, source=source, since=since, until=until, sort=sort, limit=limit,
            offset=offset, facets=facets, now=now, recency=recency, literal=literal, match=match, fields=fields,
        )  # fmt: skip
        return explain(
            read_literally(text) if literal else parse(text),
            _planner()(**given, cut=self._cut, spell=self._spell, synonyms=self._synonyms),
        )

    def similar(self, id: str, *, limit: int = 5) -> tuple[Hit, ...]:
        """Other articles with the same distinguishing words.  Raises UnknownIdError, a KeyError, for an unknown id."""
        from .query.more_like_this import similar

        _check_arguments()(limit=limit)
        article = self.get(id)
        if article is None:
            raise UnknownIdError(id)
        asked = similar(article, self._engine.frequencies, limit + 1)
        hits = _hits(self._engine.search(asked), asked, Deadline(None))
        return tuple(hit for hit in hits if hit.id != id)[:limit]

    def complete(self, prefix: str, *, limit: int = 10) -> list[str]:
        """Words of the index that begin as typed, with or without diacritics, the most frequent first; behind
        several words, what its titles and texts go on with.
        """
        _check_arguments()(prefix=prefix, limit=limit)
        if len(prefix) > QUERY_CHARS:
            raise QueryError(f"a beginning has at most {QUERY_CHARS:,} characters, this one {len(prefix):,}")
        return self._engine.complete(prefix, limit)

    def suggest(self, text: str) -> str | None:
        """A better spelling of a query, from the index's own words; None when it is fine as it is."""
        _check_arguments()(text=text)
        return _suggestion(self._engine, text, ())

    def get(self, id: str) -> Article | None:
        """The article of this id."""
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
        self._engine.backup(_folder(path))


@cache
def _planner() -> "Callable[..., Plan]":
    """`plan`; an import statement in `search` would cost each search several microseconds."""
    from .query.planner import plan

    return plan


@cache
def _check_arguments() -> "Callable[..., dict[str, Any]]":
    """`check`, imported once."""
    from .query.arguments import check

    return check


def _synonyms(given: str | Path | bool) -> "Synonyms | None":
    """A table of other words for the same; None for the library's own."""
    from .text.synonyms import SynonymError, Synonyms, read

    if isinstance(given, bool):
        return None if given else Synonyms()
    if not isinstance(given, str | PathLike):
        raise ArgumentError("synonyms", f"expected the path of a file, True or False, got {shown(given)}")
    try:
        return read(given)
    except (OSError, SynonymError) as e:
        raise ArgumentError("synonyms", str(e)) from None


def _is_address(path: str | Path) -> bool:
    return str(path).startswith(("opensearch://", "opensearchs://"))


class _Closed:
    """The engine of a closed index: whatever it is asked, it refuses."""

    def __init__(self, path: object) -> None:
        self._path = path

    def refusal(self) -> IndexProblemError:
        """The error that says so."""
        return IndexProblemError(self._path, "this index is closed; open it anew: Index.open(path)")

    def __getattr__(self, name: str) -> NoReturn:
        raise self.refusal()

    def __len__(self) -> int:
        raise self.refusal()


def _given(**options: Any) -> dict[str, Any]:
    """The options that say something: neither None nor the default of `check_certificate`."""
    if options.get("timeout") is not None:
        _check_number("timeout", options["timeout"], 0)
    return {n: v for n, v in options.items() if v is not None and not (n == "check_certificate" and v is True)}


def _refuse(options: dict[str, Any], kind: str, path: object) -> None:
    """Raises ArgumentError where there are options, which are only for another kind of index."""
    if options:
        raise ArgumentError(", ".join(options), f"only for {kind}, not for {shown(str(path))}; leave it out")


def _check_number(name: str, value: object, least: int, kind: type = Real) -> None:
    if not isinstance(value, kind) or isinstance(value, bool) or not value >= least:  # type: ignore[operator]
        what = "a whole number" if kind is int else "a number"
        raise ArgumentError(name, f"expected {what} from {least}, got {type(value).__name__} {shown(value)}")


def _folder(path: str | Path) -> Path:
    if not isinstance(path, str | PathLike) or not str(path):
        raise IndexProblemError("index", f"expected the path of a folder, got {shown(path)}")
    return Path(path)


def _html(text: str) -> str:
    return escape(printable(text))


def _html_row(hit: Hit) -> str:
    about = " · ".join(filter(None, (hit.id, hit.article.source, str(hit.article.published or ""))))
    return f"<li><b>{hit.title.html()}</b><br>{hit.snippet.html()}<br><small>{_html(about)}</small></li>"


def _hits(found: "Answer", asked: "Plan", deadline: Deadline, snippet_chars: int = 240) -> tuple[Hit, ...]:
    rows = found.page()
    page = _Page(rows, asked, snippet_chars, deadline)
    return tuple(Hit(row, page, number) for number, row in enumerate(rows))


_MOST_READ = 8  # words of a query that are read anew where no article has them all


def _reading(engine: "Engine", asked: "Plan", found: "Answer", text: str) -> str | None:
    """What else plain words were surely meant to be, where no article has every one of them."""
    from .query.plan import Words
    from .query.syntax import is_plain

    if not found.matched.none or found.partial:
        return None
    if not isinstance(asked.match, Words) or len(asked.match.every) > _MOST_READ or not is_plain(text):
        return None
    reading = engine.read(text)
    if reading is None or not reading.confident or all(word.kind in ("", "marks") for word in reading.words):
        return None
    return reading.text


def _relaxed(engine: "Engine", asked: "Plan", total: int) -> tuple[tuple[str, int], ...]:
    from .query.relax import relaxed

    if total:
        return ()
    counting = structs.replace(asked, limit=0, offset=0, facets=())
    found = [(name, _total(engine, plan)) for name, plan in relaxed(counting)]
    return tuple(sorted(((name, count) for name, count in found if count), key=lambda one: -one[1]))


def _suggestion(engine: "Engine", text: str, filters: "tuple[Filter, ...]") -> str | None:
    """A better spelling that finds something."""
    from .query.planner import plan

    better = engine.suggest(text)
    if better is None:
        return None
    asked = plan(better, limit=0)
    return better if _finds(engine, structs.replace(asked, filters=(*asked.filters, *filters))) else None


def _finds(engine: "Engine", asked: "Plan") -> bool:
    """Whether anything is found.  Of words that are only ranked the longest is tried alone first: it is likely rare."""
    from .query.plan import Has, Ranked

    match = asked.match
    if isinstance(match, Ranked) and not match.must and not match.without:
        words = [node for node in match.should if isinstance(node, Has)]
        if words:
            word = structs.replace(max(words, key=lambda word: len(word.term.text)), others=0.0, instead=())
            if _total(engine, structs.replace(asked, match=word, sort="newest")):
                return True
    return bool(_total(engine, asked))


def _total(engine: "Engine", asked: "Plan") -> int:
    """How many match.  Raises Late."""
    found = engine.search(asked)
    if found.partial:
        raise Late
    return found.total


def _in_no_time(asked: "Plan") -> "Answer":
    from .engine import in_no_time

    return in_no_time(asked)
