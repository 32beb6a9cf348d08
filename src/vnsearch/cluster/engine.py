"""The engine on a cluster: an index of its own name there (an alias), searched and counted by OpenSearch."""

import secrets
import threading
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..article import DAY, Article, moment_of
from ..deadline import Late, in_time
from ..engine import Answer, Row, in_no_time
from ..errors import (
    ArgumentError,
    IndexExistsError,
    IndexNotFoundError,
    IndexProblemError,
    IndexVersionError,
    QueryError,
)
from ..index.article_json import load
from ..limits import POINT_IN_TIME
from ..query import plan as p
from ..ranking.matching import settle
from ..ranking.recency import factors
from ..suggest.reading import Reading
from ..text.fingerprint import first_of_each_story
from ..verification import Verification
from . import cursor
from . import facets as counting
from .candidates import Words, boosts, current_words, terms_of
from .connection import Access, Address, Connection, RequestError, read_address
from .mapping import MAPPING, VERSION, document_id, settings
from .score_parts import STEP, parts
from .settling import BEST, Counts, cut, time_limit
from .statistics import Statistics
from .translate import order, query
from .vocabulary import Vocabulary
from .writer import Writer

WINDOW = 10_000  # matches that pages by offset reach, index.max_result_window of OpenSearch
_MOST_WORDS_KEPT = 10_000  # articles whose words are kept in memory, some 2 KB each
_AT_ONCE = 500  # articles of a request that reads all
_LONG = 900.0  # seconds for what writes a whole index
_CLOSING = 5.0  # seconds that closing a point in time is tried
_EPOCH = moment_of(date(1970, 1, 1))


class Match(NamedTuple):
    """One match: its article's JSON, and what the order went by."""

    id: str
    score: float
    article: str
    story: int
    order: tuple[Any, ...]


class Found(NamedTuple):
    """A page of matches and what was counted over all of them, or, where the deadline passed, over a part of them."""

    page: list[Match]
    total: int
    counts: Mapping[str, Any]
    pit: str | None
    partial: bool


class Cluster:
    """An index on a cluster.  Threads share it."""

    def __init__(self, address: Address, access: Access) -> None:
        self.address = address
        self.connection = Connection(address, access)
        self._copies = secrets.token_hex(8)  # one client asks the same copies, whose scores agree
        self.statistics = Statistics(self)
        self._words: dict[tuple[str, int], Words] = {}
        self._vocabulary = Vocabulary(self)
        self._lock = threading.Lock()

    # -- there or not --------------------------------------------------------------------------------------

    @classmethod
    def create(cls, address: str, access: Access, *, shards: int = 1, replicas: int = 1) -> "Cluster":
        """A new empty index.  Raises IndexExistsError."""
        engine = cls(read_address(address), access)
        name = engine.address.name
        here = "an index is already here; open it, or give another name"
        if engine.connection.call(lambda client, t: client.indices.exists(index=name, request_timeout=t)):
            raise IndexExistsError(engine.address, here)
        own = engine.begin(shards, replicas, named=True)
        if own != min(engine._concrete().items(), key=_age)[0]:  # another has made one in the same moment, earlier
            engine.drop(own)
            raise IndexExistsError(engine.address, here)
        return engine

    @classmethod
    def open(cls, address: str, access: Access, *, any_version: bool = False) -> "Cluster":
        """The index there.  Raises IndexNotFoundError, IndexVersionError, IndexUnavailableError.

        any_version: for a writer that rebuilds it.
        """
        engine = cls(read_address(address), access)
        found = engine.about()
        version = found["mappings"].get("_meta", {}).get("vnsearch")
        if version != VERSION and not any_version:
            raise IndexVersionError(
                str(engine.address),
                f"its mapping is of version {version}, this vnsearch needs {VERSION}",
                expected=VERSION,
                got=version,
                way_out=f"rebuild it with: vnsearch index FILES --rebuild --index {engine.address}",
            )
        return engine

    def about(self) -> dict[str, Any]:
        """Mapping and settings of the concrete index."""
        name = self.address.name
        found = self.connection.call(lambda client, t: client.indices.get(index=name, request_timeout=t))
        if len(found) != 1:
            raise IndexProblemError(
                self.address, f"the name stands for {len(found)} indexes; expected one alias of one"
            )
        [(concrete, about)] = found.items()
        return {"name": concrete, **about}

    def begin(self, shards: int, replicas: int, *, named: bool) -> str:
        """Makes a new concrete index, with the alias where it is `named`; its name."""
        name = f"{self.address.name}-{VERSION}-{secrets.token_hex(4)}"
        body: dict[str, Any] = {"settings": {"index": settings(shards, replicas)}, "mappings": MAPPING}
        if named:
            body["aliases"] = {self.address.name: {"is_write_index": True}}

        from opensearchpy.exceptions import RequestError as OpenSearchRequestError

        def make(client: Any, t: float) -> None:
            params = {"timeout": f"{t:g}s", "cluster_manager_timeout": f"{t:g}s"}
            try:
                client.indices.create(index=name, body=body, params=params, request_timeout=t)
            except OpenSearchRequestError as e:
                if e.error != "resource_already_exists_exception":  # an earlier try got through
                    raise

        self.connection.call(make)
        return name

    def swap(self, new: str) -> None:
        """The alias names a new index from now on, and the old ones go."""
        old = [index for index in self._concrete() if index != new]
        actions: list[dict[str, Any]] = [{"remove_index": {"index": index}} for index in old]
        try:
            self._change([self._naming(new), *actions])
        except IndexProblemError:
            if new not in self._concrete():  # else an earlier try had got through, and its answer was lost
                raise

    def give_up(self, new: str) -> bool:
        """Removes a concrete index that was to take the name, unless it has it: whether it is gone.

        Looking first is not enough, as a request to swap may still be under way.  So in one step the old index is
        named again and the new one removed, which fails whole where the old one is gone; and swapping fails later.
        """
        concrete = self._concrete()
        if new in concrete:
            return False
        try:
            self._change([*map(self._naming, concrete), {"remove_index": {"index": new}}])
        except IndexNotFoundError:  # swapped meanwhile; or an earlier try has removed it
            return new not in self._concrete()
        return True

    def _naming(self, concrete: str) -> dict[str, Any]:
        return {"add": {"index": concrete, "alias": self.address.name, "is_write_index": True}}

    def _change(self, actions: list[dict[str, Any]]) -> None:
        """All of it at once, or nothing."""
        body = {"actions": actions}
        self.connection.call(lambda client, t: client.indices.update_aliases(body=body, request_timeout=t))
        self.statistics.forget()

    def drop(self, concrete: str) -> None:
        """Removes a concrete index, whatever names it."""
        params = {"ignore_unavailable": "true"}
        self.connection.call(lambda client, t: client.indices.delete(index=concrete, params=params, request_timeout=t))

    def _concrete(self) -> dict[str, Any]:
        name = self.address.name
        try:
            return self.connection.call(lambda client, t: client.indices.get(index=name, request_timeout=t))
        except IndexNotFoundError:
            return {}

    # -- match and score, count ------------------------------------------------------------------------------

    def search(self, plan: p.Plan, *, after: str | None = None, collapse: bool = False) -> Answer:
        """The matches of a plan."""
        last = None if after is None else cursor.read(after, plan.sort)
        try:
            if last is not None:
                return self._after(plan, last)
            settled, matched = settle(plan, Counts(self))
        except Late:
            return in_no_time(plan)
        return self._search(settled, collapse)._replace(matched=matched)

    def cut(self, terms: Sequence[p.Term]) -> list[int]:
        """How many terms each word of a query has."""
        return cut(self.statistics, terms)

    def _search(self, plan: p.Plan, collapse: bool) -> Answer:
        if collapse and plan.limit:
            return self._collapsed(plan)
        begin, end = plan.offset, plan.offset + plan.limit
        if end > WINDOW:
            raise QueryError(
                f"offset + limit is {end}; a cluster goes to {WINDOW}", hint="give after= the cursor of a page"
            )
        if not _is_refined(plan) or begin >= BEST:
            found = self._run(plan, begin, plan.limit, facets=True)
            return self._answer(plan, found, found.page, end)
        if not plan.limit:
            return self._answer(plan, self._run(plan, 0, 0, facets=True), [], end)
        found = self._refined(plan, self._run(plan, 0, max(BEST, end), facets=True, terms=_sought(plan)))
        return self._answer(plan, found, found.page[begin:end], end)

    def _answer(
        self, plan: p.Plan, found: Found, page: Sequence[Match], end: int, same: Sequence[tuple[str, ...]] = ()
    ) -> Answer:
        rows = tuple(
            Row(
                partial(str, match.id),
                match.score,
                partial(_article, match.article),
                behind,
                tuple if found.partial else partial(parts, self, plan, match, _moment(match.order[-2]) // DAY),
            )
            for match, behind in zip(page, same or [()] * len(page), strict=True)
        )
        following = cursor.Cursor(plan.sort, page[-1].id, end, page[-1].order, found.pit) if page else None
        more = following is not None and end < found.total and not found.partial
        counts = counting.read(plan.facets, found.counts)
        behind_it = str(following) if more else None
        return Answer(lambda: rows, found.total, counts, lambda: behind_it, found.partial)

    def _collapsed(self, plan: p.Plan) -> Answer:
        wanted = plan.offset + plan.limit
        number = 2 * wanted + 10
        while True:
            number = min(number, WINDOW)
            found = self._run(plan, 0, max(number, BEST), facets=True, terms=_sought(plan))
            found = self._refined(plan, found) if _is_refined(plan) else found
            matches = found.page[:number]
            kept, others = first_of_each_story(np.array([match.story for match in matches], np.uint64))
            if len(kept) >= wanted or len(matches) < number or number == WINDOW:
                break
            number *= 3
        page = slice(plan.offset, wanted)
        same = [tuple(matches[n].id for n in behind) for behind in others[page]]
        return self._answer(plan, found, [matches[n] for n in kept[page]], found.total, same)

    def _after(self, plan: p.Plan, last: cursor.Cursor) -> Answer:
        """The page behind a cursor, as of the moment when the first such page was asked for."""
        if last.pit is None:
            last = last._replace(pit=self._point_in_time())
        try:
            return self._page_after(plan, last)
        except RequestError as e:
            if "search_context_missing" not in f"{e.kind} {e}":
                raise
        return self._page_after(plan, last._replace(pit=self._point_in_time()))  # it was kept for too long

    def _page_after(self, plan: p.Plan, last: cursor.Cursor) -> Answer:
        plan, matched = settle(plan, Counts(self, last.pit))
        return self._settled_page_after(plan, last)._replace(matched=matched)

    def _settled_page_after(self, plan: p.Plan, last: cursor.Cursor) -> Answer:
        if _is_refined(plan) and last.rank < BEST:
            found = self._run(plan, 0, BEST, facets=True, pit=last.pit)
            refined = self._refined(plan, found)
            ranked, found = refined.page, found._replace(partial=refined.partial)
            ids = [match.id for match in ranked]
            at = ids.index(last.id) + 1 if last.id in ids else last.rank
            page = ranked[at : at + plan.limit]
            if len(page) < plan.limit and found.total > len(ranked):
                rest = self._run(plan, 0, plan.limit - len(page), after=found.page[-1].order, pit=found.pit)
                page, found = [*page, *rest.page], found._replace(pit=rest.pit)
            return self._answer(plan, found, page, at + len(page))
        found = self._run(plan, 0, plan.limit, facets=True, after=last.order, pit=last.pit)
        return self._answer(plan, found, found.page, last.rank + len(found.page))

    def _point_in_time(self) -> str:
        name = self.address.name
        params = {"keep_alive": POINT_IN_TIME}
        made = self.connection.call(lambda client, t: client.create_pit(index=name, params=params, request_timeout=t))
        return str(made["pit_id"])

    def _close_point(self, pit: str) -> None:
        body = {"pit_id": [pit]}
        self.connection.call(lambda client, t: client.delete_pit(body=body, request_timeout=t), timeout=_CLOSING)

    def _run(
        self, plan: p.Plan, offset: int, size: int, *, facets: bool = False, after: Sequence[Any] = (),
        pit: str | None = None, terms: Collection[p.Term] = (),
    ) -> Found:  # fmt: skip
        """One request: matches offset..offset + size in the cluster's own order.

        terms: those whose statistics are wanted next; what is not known of them is asked for along the way.
        """
        body: dict[str, Any] = {
            "query": query(plan), "sort": order(plan), "size": size,
            "_source": True, "docvalue_fields": ["story"],  # no more is stored; choosing would mean parsing
            "track_total_hits": True, "track_scores": plan.sort == "relevance", **time_limit(),
        }  # fmt: skip
        if offset:
            body["from"] = offset
        if after:
            body["search_after"] = list(after)
        if facets and plan.facets:
            body["aggs"] = counting.ask(plan.facets)
        unknown = self.statistics.unknown(map(p.Has, terms)) if terms and pit is None else None
        if unknown is None:
            answer = self.ask(body, pit)
        else:
            answer, *counted = self.ask_many([body, *unknown.bodies])
            self.statistics.learn(unknown, counted)
        total = int(answer["hits"]["total"]["value"])
        page = [_match(hit, plan) for hit in answer["hits"]["hits"]]
        return Found(page, total, answer.get("aggregations", {}), answer.get("pit_id", pit), answer["timed_out"])

    def ask(self, body: dict[str, Any], pit: str | None = None, **more: str) -> dict[str, Any]:
        """A search of the whole index, all shards or none; more: parameters beside the body."""
        params, body = self._of(body, pit)
        index = {"index": params.pop("index")} if pit is None else {}
        return self.connection.call(
            lambda client, t: client.search(body=body, params={**params, **more}, request_timeout=t, **index)
        )

    def ask_many(self, bodies: Sequence[dict[str, Any]], pit: str | None = None) -> list[dict[str, Any]]:
        """Searches in one request, at the same time; each as `ask`."""
        from opensearchpy.exceptions import HTTP_EXCEPTIONS, TransportError

        lines: list[dict[str, Any]] = []
        for body in bodies:
            lines += self._of(body, pit)

        def ask(client: Any, t: float) -> list[dict[str, Any]]:
            answers: list[dict[str, Any]] = client.msearch(body=lines, request_timeout=t)["responses"]
            for answer in answers:  # as an answer of its own would fail
                if "error" in answer:
                    status = answer["status"]
                    raise HTTP_EXCEPTIONS.get(status, TransportError)(status, answer["error"]["type"], answer)
            return answers

        return self.connection.call(ask)

    def _of(self, body: dict[str, Any], pit: str | None) -> tuple[dict[str, str], dict[str, Any]]:
        """(how a search is to be done, what it searches for)."""
        how = {
            "search_type": "dfs_query_then_fetch" if body.get("size", 1) else "query_then_fetch",  # by whose counts
            "allow_partial_search_results": "true" if "timeout" in body else "false",  # what was found by then
        }
        if pit is not None:
            return how, {**body, "pit": {"id": pit, "keep_alive": POINT_IN_TIME}}
        return {"index": self.address.name, "preference": self._copies, **how}, body

    # -- words together ----------------------------------------------------------------------------------------

    def _refined(self, plan: p.Plan, found: Found) -> Found:
        """The same with its page `_ranked`, or in the cluster's own order where there is no time for it."""
        try:
            return found._replace(page=self._ranked(plan, found.page))
        except Late:
            return found._replace(partial=True)

    def _ranked(self, plan: p.Plan, page: list[Match]) -> list[Match]:
        """The best BEST of a page, by how their words stand together too, and by age where asked; then the others."""
        best = page[:BEST]
        if not best:
            return page
        scores = np.array([match.score for match in best], np.float32)
        if nodes := _boosts(plan):
            _, mean_width = self.statistics.of(terms_of(nodes))
            words = self.words_of([(match.id, match.article) for match in best])
            scores += boosts(nodes, words, mean_width, lambda terms: self.statistics.of(terms)[0])
        if plan.recency:
            scores *= factors(np.array([_moment(match.order[-2]) // DAY for match in best]), plan.recency)
        scored = [match._replace(score=float(score)) for match, score in zip(best, scores, strict=True)]
        scored.sort(key=lambda m: (-m.score, *_later(m.order[-2:])))
        return [*scored, *page[BEST:]]

    def words_of(self, articles: Sequence[tuple[str, str]]) -> list[Words]:
        """The words of articles, (id, JSON) each; made once, and all by one table."""
        table, found = current_words(), list[Words]()
        for id, article in in_time(articles, 1):
            known = self._words.get(name := (id, hash(article)))
            if known is None or known.table is not table:
                known = Words(_article(article), table)
                with self._lock:
                    if len(self._words) >= _MOST_WORDS_KEPT:
                        self._words.pop(next(iter(self._words)))
                    self._words[name] = known
            found.append(known)
        return found

    # -- fetch -------------------------------------------------------------------------------------------------

    def get(self, id: str) -> Article | None:
        """The article of this id."""
        name, params = self.address.name, {"realtime": "false", "_source": "article"}  # as of the last commit
        body = {"ids": [document_id(id)]}
        found = self.connection.call(
            lambda client, t: client.mget(index=name, body=body, params=dict(params), request_timeout=t)
        )
        [document] = found["docs"]
        return _article(document["_source"]["article"]) if document.get("found") else None

    def __len__(self) -> int:
        return self._count({"match_all": {}})

    def _count(self, wanted: dict[str, Any]) -> int:
        answer = self.ask({"query": wanted, "size": 0, "track_total_hits": True})
        return int(answer["hits"]["total"]["value"])

    def articles(self) -> Iterator[Article]:
        """All of them, as of the first."""
        pit = self._point_in_time()
        body: dict[str, Any] = {"size": _AT_ONCE, "sort": ["_shard_doc"], "_source": True}
        try:
            while hits := (answer := self.ask(body, pit))["hits"]["hits"]:
                yield from (_article(hit["_source"]["article"]) for hit in hits)
                body["search_after"], pit = hits[-1]["sort"], answer["pit_id"]
        finally:  # also where the caller has seen enough; where it cannot be closed, the cluster does so in time
            with suppress(IndexProblemError):
                self._close_point(pit)

    # -- what its words offer --------------------------------------------------------------------------------------

    def frequencies(self, words: Collection[str]) -> tuple[int, Mapping[str, int]]:
        """Of articles that are not deleted."""
        return self.statistics.documents(), self._vocabulary.frequencies(words)

    def complete(self, prefix: str, limit: int) -> list[str]:
        """Words that begin so."""
        return self._vocabulary.complete(prefix, limit)

    def suggest(self, text: str) -> str | None:
        """A better spelling."""
        found = self.read(text)
        return found.text if found and found.text != text else None

    def spell(self, words: Sequence[str]) -> Sequence[tuple[str, float]]:
        """How words typed without marks are spelled, by the language alone: counts of pairs would be a request each."""
        from ..suggest.cooccurrence import Context
        from ..suggest.reading import spell

        return spell(Context(()), words)

    def read(self, text: str) -> Reading | None:
        """A query word for word."""
        return self._vocabulary.read(text)

    # -- store and care ----------------------------------------------------------------------------------------------

    def writer(self, *, timeout: float, workers: int, memory_mb: int | None = None, rebuild: bool = False) -> Writer:
        """A writer; several may be at work at once, so there is nothing to wait for."""
        if memory_mb is not None:
            raise ArgumentError("memory_mb", f"only for an index in a folder, not for {self.address}; leave it out")
        return Writer(self, workers=workers, rebuild=rebuild)

    def optimize(self) -> None:
        """Merges the segments of each shard into one."""
        name, params = self.address.name, {"max_num_segments": "1"}
        self.connection.call(
            lambda client, t: client.indices.forcemerge(index=name, params=params, request_timeout=t), timeout=8 * _LONG
        )
        self.refresh(name)

    def refresh(self, index: str) -> None:
        """Makes visible what was sent; that is when a cluster writes most of it."""
        done = self.connection.call(
            lambda client, t: client.indices.refresh(index=index, request_timeout=t), timeout=_LONG
        )
        self.statistics.forget()
        if done["_shards"]["failed"]:
            raise IndexProblemError(
                self.address, f"{done['_shards']['failed']} shards could not be refreshed; commit again"
            )

    def stats(self) -> dict[str, Any]:
        """Counts, sizes, and how the cluster is."""
        name, about = self.address.name, self.about()
        stored = self.connection.call(lambda client, t: client.indices.stats(index=name, request_timeout=t))["_all"]
        health = self.connection.call(lambda client, t: client.cluster.health(index=name, request_timeout=t))
        has = {f: {"filter": {"exists": {"field": f}}} for f in ("published", "provinces", "topics")}
        aggs = {"first": {"min": {"field": "published"}}, "last": {"max": {"field": "published"}}, **has}
        answer = self.ask({"size": 0, "track_total_hits": True, "aggs": aggs})
        counts = answer["aggregations"]
        return {
            "articles": int(answer["hits"]["total"]["value"]),
            "segments": stored["total"]["segments"]["count"],
            "bytes": stored["total"]["store"]["size_in_bytes"],
            "first": counts["first"].get("value_as_string"),
            "last": counts["last"].get("value_as_string"),
            "with_date": counts["published"]["doc_count"],
            "with_province": counts["provinces"]["doc_count"],
            "with_topic": counts["topics"]["doc_count"],
            "shards": int(about["settings"]["index"]["number_of_shards"]),
            "replicas": int(about["settings"]["index"]["number_of_replicas"]),
            "health": health["status"],
            "hosts": ", ".join(self.address.hosts),
        }

    def verify(self) -> Verification:
        """Reads every article; the cluster itself checks its files' checksums when it opens and copies them."""
        begun, problems, seen = time.perf_counter(), list[str](), set[str]()
        found = self.stats()
        if found["health"] == "red":
            problems.append("a shard is on no node; see GET _cluster/allocation/explain")
        for article in self.articles():
            if article.id in seen:
                problems.append(f"the id {article.id!r} stands twice")
            seen.add(article.id)
        if len(seen) != found["articles"]:
            problems.append(f"{len(seen)} articles can be read, {found['articles']} are counted")
        seconds = time.perf_counter() - begun
        return Verification(None, len(seen), 0, found["segments"], found["bytes"], seconds, (), tuple(problems))

    def close(self) -> None:
        """Ends the connections."""
        self.connection.close()

    def backup(self, path: Path) -> None:
        """A cluster is backed up by itself."""
        raise IndexProblemError(
            self.address, "a cluster makes its own backups: register a repository and take a snapshot (PUT _snapshot)"
        )


def _is_refined(plan: p.Plan) -> bool:
    """Whether the best by their words are put in another order here."""
    return plan.sort == "relevance" and plan.match is not None and bool(_boosts(plan) or plan.recency)


def _boosts(plan: p.Plan) -> tuple[p.Node, ...]:
    return plan.match.boosts if isinstance(plan.match, p.Ranked) else ()


def _sought(plan: p.Plan) -> set[p.Term]:
    """The terms whose statistics are needed for a plan's boosts."""
    return terms_of(_boosts(plan)) if _is_refined(plan) else set()


def _match(hit: dict[str, Any], plan: p.Plan) -> Match:
    score = (hit["_score"] or 0.0) * STEP if plan.sort == "relevance" and plan.match is not None else 0.0
    [story] = hit.get("fields", {}).get("story", ["0"])
    sort = tuple(hit["sort"])
    return Match(sort[-1], score, hit["_source"]["article"], int(story, 16), sort)


def _later(order: Sequence[Any]) -> tuple[float, str]:
    """What ties are decided by: the newer one, then the id."""
    time, id = order
    return -_moment(time) or float("inf"), id


def _moment(milliseconds: int) -> int:
    """The minute that is sorted by, as `Article.moment`; 0 for none, which OpenSearch puts at an end of time."""
    return milliseconds // 60_000 + _EPOCH if abs(milliseconds) < 1 << 62 else 0


def _age(made: tuple[str, dict[str, Any]]) -> tuple[int, str]:
    """What concrete indexes of one name are ordered by: the first one keeps it."""
    name, about = made
    return int(about["settings"]["index"]["creation_date"]), name


def _article(data: str) -> Article:
    return load(data.encode())
