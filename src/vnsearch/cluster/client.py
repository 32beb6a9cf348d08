"""The client of one index on a cluster: its requests, how the index is made and renamed, what is kept of answers."""

import secrets
import threading
from collections.abc import Sequence
from typing import Any

from ..deadline import in_time
from ..errors import IndexNotFoundError, IndexProblemError
from ..limits import POINT_IN_TIME
from .candidates import Words, current_words
from .connection import Access, Address, Connection
from .mapping import MAPPING, VERSION, settings
from .matches import article_of
from .statistics import Statistics

_MOST_WORDS_KEPT = 10_000  # articles whose words are kept in memory, some 2 KB each
_LONG = 900.0  # seconds for what writes a whole index
_CLOSING = 5.0  # seconds that closing a point in time is tried


class IndexClient:
    """An index of its own name (an alias) on a cluster.  Threads share it."""

    def __init__(self, address: Address, access: Access) -> None:
        self.address = address
        self.connection = Connection(address, access)
        self.statistics = Statistics(self.ask_many)
        self._copies = secrets.token_hex(8)  # one client asks the same copies, whose scores agree
        self._words: dict[tuple[str, int], Words] = {}
        self._lock = threading.Lock()

    # -- the concrete index behind the name ------------------------------------------------------------------

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
        old = [index for index in self.concrete() if index != new]
        actions: list[dict[str, Any]] = [{"remove_index": {"index": index}} for index in old]
        try:
            self._change([self._naming(new), *actions])
        except IndexProblemError:
            if new not in self.concrete():  # else an earlier try had got through, and its answer was lost
                raise

    def give_up(self, new: str) -> bool:
        """Removes a concrete index that was to take the name, unless it has it: whether it is gone.

        Looking first is not enough, as a request to swap may still be under way.  So in one step the old index is
        named again and the new one removed, which fails whole where the old one is gone; and swapping fails later.
        """
        concrete = self.concrete()
        if new in concrete:
            return False
        try:
            self._change([*map(self._naming, concrete), {"remove_index": {"index": new}}])
        except IndexNotFoundError:  # swapped meanwhile; or an earlier try has removed it
            return new not in self.concrete()
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

    def concrete(self) -> dict[str, Any]:
        """Mapping and settings of each index that has the name; none where it is not there."""
        name = self.address.name
        try:
            return self.connection.call(lambda client, t: client.indices.get(index=name, request_timeout=t))
        except IndexNotFoundError:
            return {}

    # -- searches -------------------------------------------------------------------------------------------

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

    def count(self, query: dict[str, Any]) -> int:
        """How many articles match."""
        answer = self.ask({"query": query, "size": 0, "track_total_hits": True})
        return int(answer["hits"]["total"]["value"])

    def open_point(self) -> str:
        """A point in time: searches that name it see the index as it is now."""
        name = self.address.name
        params = {"keep_alive": POINT_IN_TIME}
        made = self.connection.call(lambda client, t: client.create_pit(index=name, params=params, request_timeout=t))
        return str(made["pit_id"])

    def close_point(self, pit: str) -> None:
        """Ends a point in time."""
        body = {"pit_id": [pit]}
        self.connection.call(lambda client, t: client.delete_pit(body=body, request_timeout=t), timeout=_CLOSING)

    def words_of(self, articles: Sequence[tuple[str, str]]) -> list[Words]:
        """The words of articles, (id, JSON) each; made once, and all by one table."""
        table, found = current_words(), list[Words]()
        for id, article in in_time(articles, 1):
            known = self._words.get(name := (id, hash(article)))
            if known is None or known.table is not table:
                known = Words(article_of(article), table)
                with self._lock:
                    if len(self._words) >= _MOST_WORDS_KEPT:
                        self._words.pop(next(iter(self._words)))
                    self._words[name] = known
            found.append(known)
        return found

    # -- care -----------------------------------------------------------------------------------------------

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
