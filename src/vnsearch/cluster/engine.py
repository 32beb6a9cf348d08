"""The engine on a cluster: an index of its own name there (an alias), searched and counted by OpenSearch."""

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..article import Article
from ..engine import Answer
from ..errors import ArgumentError, IndexExistsError, IndexProblemError, IndexVersionError
from ..query import plan as p
from ..suggest.reading import Reading
from ..verification import Verification
from .client import IndexClient
from .connection import Access, Address, read_address
from .mapping import VERSION, document_id
from .matches import article_of
from .searcher import Searcher
from .settling import cut
from .vocabulary import Vocabulary
from .writer import Writer

_AT_ONCE = 500  # articles of a request that reads all


class Cluster:
    """An index on a cluster.  Threads share it."""

    def __init__(self, address: Address, access: Access) -> None:
        self.client = IndexClient(address, access)
        self._searcher = Searcher(self.client)
        self._vocabulary = Vocabulary(self.client)

    # -- there or not --------------------------------------------------------------------------------------

    @classmethod
    def create(cls, address: str, access: Access, *, shards: int = 1, replicas: int = 1) -> "Cluster":
        """A new empty index.  Raises IndexExistsError."""
        engine = cls(read_address(address), access)
        name = engine.client.address.name
        here = "an index is already here; open it, or give another name"
        if engine.client.connection.call(lambda client, t: client.indices.exists(index=name, request_timeout=t)):
            raise IndexExistsError(engine.client.address, here)
        own = engine.client.begin(shards, replicas, named=True)
        if (
            own != min(engine.client.concrete().items(), key=_age)[0]
        ):  # another has made one in the same moment, earlier
            engine.client.drop(own)
            raise IndexExistsError(engine.client.address, here)
        return engine

    @classmethod
    def open(cls, address: str, access: Access, *, any_version: bool = False) -> "Cluster":
        """The index there.  Raises IndexNotFoundError, IndexVersionError, IndexUnavailableError.

        any_version: for a writer that rebuilds it.
        """
        engine = cls(read_address(address), access)
        found = engine.client.about()
        version = found["mappings"].get("_meta", {}).get("vnsearch")
        if version != VERSION and not any_version:
            raise IndexVersionError(
                str(engine.client.address),
                f"its mapping is of version {version}, this vnsearch needs {VERSION}",
                expected=VERSION,
                got=version,
                way_out=f"rebuild it with: vnsearch index FILES --rebuild --index {engine.client.address}",
            )
        return engine

    # -- search and fetch ------------------------------------------------------------------------------------

    def search(self, plan: p.Plan, *, after: str | None = None, collapse: bool = False) -> Answer:
        """The matches of a plan."""
        return self._searcher.search(plan, after=after, collapse=collapse)

    def cut(self, terms: Sequence[p.Term]) -> list[int]:
        """How many terms each word of a query has."""
        return cut(self.client.statistics, terms)

    def get(self, id: str) -> Article | None:
        """The article of this id."""
        name, params = self.client.address.name, {"realtime": "false", "_source": "article"}  # as of the last commit
        body = {"ids": [document_id(id)]}
        found = self.client.connection.call(
            lambda client, t: client.mget(index=name, body=body, params=dict(params), request_timeout=t)
        )
        [document] = found["docs"]
        return article_of(document["_source"]["article"]) if document.get("found") else None

    def __len__(self) -> int:
        return self.client.count({"match_all": {}})

    def articles(self) -> Iterator[Article]:
        """Every article of the index, as it was when the first one was requested."""
        pit = self.client.open_point()
        body: dict[str, Any] = {"size": _AT_ONCE, "sort": ["_shard_doc"], "_source": True}
        try:
            while hits := (answer := self.client.ask(body, pit))["hits"]["hits"]:
                yield from (article_of(hit["_source"]["article"]) for hit in hits)
                body["search_after"], pit = hits[-1]["sort"], answer["pit_id"]
        finally:  # also where the caller has seen enough; where it cannot be closed, the cluster does so in time
            with suppress(IndexProblemError):
                self.client.close_point(pit)

    # -- what its words offer --------------------------------------------------------------------------------

    def frequencies(self, words: Collection[str]) -> tuple[int, Mapping[str, int]]:
        """(how many articles there are, in how many of them each word is); deleted ones do not count."""
        return self.client.statistics.documents(), self._vocabulary.frequencies(words)

    def has(self, word: str) -> bool:
        """Whether an article has this very word."""
        return any(self.client.statistics.counts([p.Has(p.Term(word, True))]).values())

    def complete(self, prefix: str, limit: int) -> list[str]:
        """Words that begin so."""
        return self._vocabulary.complete(prefix, limit)

    def suggest(self, text: str) -> str | None:
        """A better spelling."""
        found = self.read(text)
        return found.text if found and found.found and found.text != text else None

    def spell(self, words: Sequence[str]) -> Sequence[tuple[str, float]]:
        """How words typed without marks are spelled, by the language alone: counts of pairs would be a request each."""
        from ..suggest.cooccurrence import Context
        from ..suggest.reading import spell

        return spell(Context(()), words)

    def read(self, text: str) -> Reading | None:
        """A query word for word."""
        return self._vocabulary.read(text)

    # -- store and care --------------------------------------------------------------------------------------

    def writer(self, *, timeout: float, workers: int, memory_mb: int | None = None, rebuild: bool = False) -> Writer:
        """A writer; several may be at work at once, so there is nothing to wait for."""
        if memory_mb is not None:
            raise ArgumentError(
                "memory_mb", f"only for an index in a folder, not for {self.client.address}; leave it out"
            )
        return Writer(self.client, workers=workers, rebuild=rebuild)

    def optimize(self) -> None:
        """Merges the segments of each shard into one."""
        self.client.optimize()

    def stats(self) -> dict[str, Any]:
        """Counts, sizes, and how the cluster is."""
        name, about = self.client.address.name, self.client.about()
        stored = self.client.connection.call(lambda client, t: client.indices.stats(index=name, request_timeout=t))[
            "_all"
        ]
        health = self.client.connection.call(lambda client, t: client.cluster.health(index=name, request_timeout=t))
        has = {f: {"filter": {"exists": {"field": f}}} for f in ("published", "provinces", "topics")}
        aggs = {"first": {"min": {"field": "published"}}, "last": {"max": {"field": "published"}}, **has}
        answer = self.client.ask({"size": 0, "track_total_hits": True, "aggs": aggs})
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
            "hosts": ", ".join(self.client.address.hosts),
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
        self.client.connection.close()

    def backup(self, path: Path) -> None:
        """A cluster is backed up by itself."""
        raise IndexProblemError(
            self.client.address,
            "a cluster makes its own backups: register a repository and take a snapshot (PUT _snapshot)",
        )


def _age(made: tuple[str, dict[str, Any]]) -> tuple[int, str]:
    """What concrete indexes of one name are ordered by: the first one keeps it."""
    name, about = made
    return int(about["settings"]["index"]["creation_date"]), name
