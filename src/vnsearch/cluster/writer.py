"""Articles into a cluster: made into documents here, sent in bulk, visible together at the commit.

    add, delete -> a batch -> documents (in processes, if several) -> bulk requests in threads -> refresh or new alias

A small writer holds everything back until its commit, so a rollback is complete.  One of more than HELD_BACK bytes
begins to send before: then what was sent stays, and is visible from the next refresh on; the engine in a folder
promises more.  `rebuild` writes into a new index, which takes the name in one step at the commit, or never.

Everything may be sent twice and is the same: a document is stored under its article's id.
"""

import random
import time
from collections import Counter, deque
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from threading import Lock
from typing import Any, NamedTuple

import msgspec

from ..article import Article, check_id
from ..errors import IndexProblemError, IndexUnavailableError, ReadError
from ..index.article_json import dump, each
from ..transaction import Transaction
from .client import IndexClient
from .mapping import document_id
from .worker import Processes, make

BATCH = 400  # articles of a request
_BATCH_BYTES = 4 << 20  # of their JSON
HELD_BACK = 32 << 20  # bytes of articles' JSON that wait for the commit
_SENDERS = 3  # requests at once, at least
_PATIENCE = 300.0  # seconds that a batch is tried for, while a part of the cluster is away or busy
_PAUSE, _LONGEST_PAUSE = 0.2, 10.0  # seconds between tries of what was too much
_TOO_MUCH = frozenset((429, 502, 503, 504))


class _Change(NamedTuple):
    """An article's JSON, or None where it goes."""

    id: str
    article: bytes | None


class Writer(Transaction):
    """The writer of an index on a cluster; get it from `Index.writer`.

    `added`, `replaced` and `deleted` count what the cluster has confirmed, whole after the commit; `refused`
    holds the articles that it would not take, each with the reason.
    """

    def __init__(self, client: IndexClient, *, workers: int = 1, rebuild: bool = False) -> None:
        self._client, self._rebuild = client, rebuild
        self._processes = Processes() if workers > 1 else None
        self._target = client.address.name
        if rebuild:
            index = client.about()["settings"]["index"]
            self._target = client.begin(int(index["number_of_shards"]), int(index["number_of_replicas"]), named=False)
        self._pool = ThreadPoolExecutor(max(_SENDERS, workers + 1))
        self._most_at_work = max(_SENDERS, workers + 1)
        self._batch: dict[str, _Change] = {}
        self._batch_bytes = self._held_bytes = 0
        self._held: deque[dict[str, _Change]] = deque()
        self._at_work: dict[Future[None], frozenset[str]] = {}
        self._lock = Lock()  # of the counts
        self._sent = self._closed = self._is_half_sent = False
        self.added = self.replaced = self.deleted = 0
        self.refused: list[ReadError] = []

    # -- changes -------------------------------------------------------------------------------------------

    def add(self, article: Article) -> None:
        """Adds an article; one of the same id is replaced."""
        data = dump(article)  # first: where it fails, nothing is changed
        self._change(_Change(article.id, data))

    def add_all(self, articles: Iterable[Article]) -> None:
        """Adds several; where one cannot be added, those before it are."""
        for article in each(articles):
            self.add(article)

    def delete(self, id: str) -> bool:
        """Deletes the article of this id; whether there was one."""
        check_id(id)
        there = self._is_there(id)
        self._change(_Change(id, None))
        return there

    def _is_there(self, id: str) -> bool:
        for batch in (self._batch, *reversed(self._held)):
            if id in batch:
                return batch[id].article is not None
        self._settle(id)
        target, body = self._target, {"ids": [document_id(id)]}
        found = self._client.connection.call(
            lambda client, t: client.mget(index=target, body=body, params={"_source": "false"}, request_timeout=t)
        )
        return bool(found["docs"][0].get("found"))

    def _check_usable(self) -> None:
        self._check_open(self._client.address)
        if self._is_half_sent:
            problem = "an earlier batch of this writer could not be sent; roll back, and begin anew"
            raise IndexProblemError(self._client.address, problem)

    def _change(self, change: _Change) -> None:
        self._check_usable()
        earlier = self._batch.pop(change.id, None)  # the last change of an id is the one that counts
        if earlier is not None and earlier.article is not None and change.article is not None:
            self.replaced += 1
        self._batch[change.id] = change
        self._batch_bytes += len(change.article or b"")
        if len(self._batch) >= BATCH or self._batch_bytes >= _BATCH_BYTES:
            self._hold()

    def _hold(self) -> None:
        self._held.append(self._batch)
        self._held_bytes += self._batch_bytes
        self._batch, self._batch_bytes = {}, 0
        if self._rebuild or self._sent or self._held_bytes > HELD_BACK:
            self._send_held()

    # -- sending ---------------------------------------------------------------------------------------------

    def _send_held(self) -> None:
        self._sent = True
        try:
            while self._held:
                batch = self._held.popleft()
                for id in batch:
                    self._settle(id)
                while len(self._at_work) >= self._most_at_work:
                    self._finish(FIRST_COMPLETED)
                self._at_work[self._pool.submit(self._send, list(batch.values()))] = frozenset(batch)
        except BaseException:
            self._is_half_sent = True
            raise
        self._held_bytes = 0

    def _settle(self, id: str) -> None:
        """Waits while an earlier change of an id is under way: requests may overtake one another."""
        while any(id in ids for ids in self._at_work.values()):
            self._finish(FIRST_COMPLETED)

    def _finish(self, when: str) -> None:
        done, _ = wait(self._at_work, return_when=when)
        for future in done:
            del self._at_work[future]
            try:
                future.result()
            except BaseException:  # the app may catch it, but a commit would leave something out
                self._is_half_sent = True
                raise

    def _send(self, changes: list[_Change]) -> None:
        """Makes documents and sends them until each is stored, refused or gone.  Raises IndexUnavailableError."""
        articles = [c.article for c in changes if c.article is not None]
        made = self._processes.make(articles) if self._processes else make(articles)
        documents = iter(zip(made.data, made.problems, strict=True))
        waiting: dict[str, tuple[_Change, bytes]] = {}
        for change in changes:
            own = msgspec.json.encode(document_id(change.id))
            if change.article is None:
                waiting[change.id] = change, b'{"delete":{"_id":%b}}\n' % own
                continue
            data, problem = next(documents)
            if problem:
                self._refuse(change.id, problem)
            else:
                waiting[change.id] = change, b'{"index":{"_id":%b}}\n%b\n' % (own, data)
        end, pause = time.monotonic() + _PATIENCE, _PAUSE
        while waiting:
            waiting = self._try(waiting, max(end - time.monotonic(), 1.0))
            if not waiting:
                return
            pause = min(2 * pause, _LONGEST_PAUSE) * random.uniform(0.5, 1)  # the cluster has too much to do
            if time.monotonic() + pause > end:
                raise IndexUnavailableError(
                    self._client.address, f"{len(waiting)} articles were turned away as too much for {_PATIENCE:g} s"
                )
            time.sleep(pause)

    def _try(self, waiting: dict[str, tuple[_Change, bytes]], left: float) -> dict[str, tuple[_Change, bytes]]:
        """Sends what waits; what has to wait longer."""
        body, target = b"".join(line for _, line in waiting.values()), self._target
        params = {"timeout": "30s", "filter_path": "items.*.status,items.*.result,items.*.error"}
        if not self._rebuild:
            params["require_alias"] = "true"  # a bulk request would make an index that is gone
        answer = self._client.connection.call(
            lambda client, t: client.bulk(body=body, index=target, params=dict(params), request_timeout=t), timeout=left
        )
        again: dict[str, tuple[_Change, bytes]] = {}
        results = Counter[str]()
        for (id, sent), item in zip(waiting.items(), answer["items"], strict=True):
            [said] = item.values()
            if said["status"] in _TOO_MUCH:
                again[id] = sent
            elif "error" in said:
                if said["error"].get("type") == "index_not_found_exception":
                    raise IndexProblemError(
                        self._client.address, "the index was removed or rebuilt while it was written to"
                    )
                self._refuse(id, _reason(said["error"]))
            else:
                results[said["result"]] += 1
        with self._lock:
            self.added += results["created"]
            self.replaced += results["updated"]
            self.deleted += results["deleted"]
        return again

    def _refuse(self, id: str, reason: str) -> None:
        self.refused.append(ReadError(f"article {id}", None, reason))

    # -- the end -----------------------------------------------------------------------------------------------

    def commit(self, *, optimize: bool = False) -> None:
        """Sends what waits, makes everything visible and ends the writer."""
        try:
            self._check_usable()
            if self._batch:
                self._hold()
            self._send_held()
            while self._at_work:
                self._finish(FIRST_COMPLETED)
            self._client.refresh(self._target)
            if self._rebuild:
                self._client.swap(self._target)
        except BaseException as e:
            try:
                self.rollback()
            except IndexProblemError as left:
                e.add_note(f"the index {self._target}, which was to take the name, may be left: {left}")
            raise
        self._close()
        if optimize:
            self._client.optimize()

    def rollback(self) -> None:
        """Forgets what was not sent yet, and ends the writer; an index that was being rebuilt stays as it was."""
        if self._closed:
            return
        self._close()
        if self._rebuild:
            self._client.give_up(self._target)

    def _close(self) -> None:
        self._closed = True
        self._batch, self._held = {}, deque()
        self._pool.shutdown(wait=False, cancel_futures=True)
        if self._processes is not None:
            self._processes.close()
        self._pool.shutdown(wait=True)


def _reason(error: dict[str, Any]) -> str:
    cause = error.get("caused_by", {}).get("reason")
    return f"{error.get('type')}: {error.get('reason')}" + (f" ({cause})" if cause else "")
