"""OpenSearch, where a node answers at $VNSEARCH_BENCH_OPENSEARCH (host:port)."""

import os
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import Any

from vnsearch import Article

from ..analysis import clean, text_of
from ..articles import dump
from ..asked import NEVER, TOP, Found, Query
from .base import Engine, Missing

ADDRESS = "VNSEARCH_BENCH_OPENSEARCH"
_FOLDED = {"type": "custom", "tokenizer": "standard", "filter": ["lowercase", "asciifolding"]}


class OpenSearch(Engine):
    """One shard, no replica: one machine, as the others have; the request and its JSON are part of a search."""

    name = "OpenSearch"
    is_here = False
    how = "standard tokenizer, a subfield with asciifolding; one shard on a node of three; match, match_phrase; counts"
    cannot = (
        "run without a server",
        "find hoà for hòa without a filter of one's own",
        "restore marks",
    )

    @classmethod
    def version(cls) -> str:
        """Of the node."""
        if not os.environ.get(ADDRESS):
            raise Missing(f"a JDK and Maven and --opensearch, or a node's host:port in ${ADDRESS}")
        try:
            return str(cls._client().info()["version"]["number"])
        except ImportError:
            raise Missing("pip install opensearch-py") from None

    @staticmethod
    def _client() -> Any:
        from opensearchpy import OpenSearch as Client

        return Client(hosts=[os.environ[ADDRESS]], timeout=120)

    @property
    def _index(self) -> str:
        return f"bench-{blake2b(str(self.folder).encode(), digest_size=6).hexdigest()}"

    def build(self, articles: Iterable[Article]) -> None:
        """Bulk requests, then one segment."""
        from opensearchpy.helpers import bulk

        client = self._client()
        text = {"type": "text", "analyzer": "standard", "fields": {"folded": {"type": "text", "analyzer": "folded"}}}
        mappings = {
            "text": text,
            "day": {"type": "integer"},
            "topics": {"type": "keyword"},
            "article": {"type": "object", "enabled": False},
        }
        settings = {
            "index": {"number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": "-1"},
            "analysis": {"analyzer": {"folded": _FOLDED}},
        }
        source = {"excludes": ["text"]}
        body = {"settings": settings, "mappings": {"_source": source, "properties": mappings}}
        client.indices.delete(index=self._index, ignore=404)
        client.indices.create(index=self._index, body=body)
        bulk(client, self._actions(articles), chunk_size=500, request_timeout=120)
        client.indices.refresh(index=self._index)
        client.indices.forcemerge(index=self._index, max_num_segments=1, request_timeout=600)
        stats = client.indices.stats(index=self._index)
        (self.folder / "bytes").write_text(str(stats["_all"]["total"]["store"]["size_in_bytes"]))

    def _actions(self, articles: Iterable[Article]) -> Iterator[dict[str, Any]]:
        for article in articles:
            yield {
                "_index": self._index,
                "_id": article.id,
                "text": clean(text_of(article)),
                "day": (article.day or NEVER).toordinal(),
                "topics": list(article.topics),
                "article": {"json": dump(article).decode()},
            }

    def open(self) -> None:
        """Connects."""
        self._node = self._client()

    def search(self, query: Query, limit: int = TOP) -> Found:
        """One request; what the node keeps of earlier requests is not asked for."""
        field = "text.folded" if query.unmarked else "text"
        terms = " ".join(query.terms())
        if query.kind == "phrase":
            asked: dict[str, Any] = {"match_phrase": {field: terms}}
        else:
            asked = {"match": {field: {"query": terms, "operator": "and" if query.kind == "all" else "or"}}}
        kept: list[dict[str, Any]] = []
        if query.since and query.until:
            kept.append({"range": {"day": {"gte": query.since.toordinal(), "lte": query.until.toordinal()}}})
        if query.topic:
            kept.append({"term": {"topics": query.topic}})
        body: dict[str, Any] = {"query": {"bool": {"must": asked, "filter": kept}}, "size": limit, "_source": False}
        body["track_total_hits"] = True
        if query.newest:
            body["sort"] = [{"day": "desc"}]
        found = self._node.search(index=self._index, body=body, request_cache="false")
        return Found(found["hits"]["total"]["value"], found["hits"]["hits"])

    def ids(self, found: Found) -> list[str]:
        """As they came."""
        return [hit["_id"] for hit in found.hits]
