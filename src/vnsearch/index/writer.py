"""Adds, replaces and deletes articles; all of it becomes visible at once.

Articles go in batches to worker processes, each of which writes its batch as a segment of its own;
the commit merges those.  A small change never starts a process.
"""

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock

import numpy as np

from ..arrays import Array
from ..article import Article, check_id
from ..errors import ArgumentError, IndexProblemError, ReadError
from ..transaction import Transaction
from . import article_json, folder
from .chunk_table import forget_chunks
from .container import FORMAT
from .folder import Manifest, Part
from .lock import Lock
from .merge import PIECE, Piece, first_to_merge, improvable, merge
from .runs import Workers, write_run
from .segment_reader import Segment

BATCH = 2_000  # articles of one run; a worker holds one at a time
_LEAST_MB, _OWN_MB = 200, 150  # what a process needs for small batches; what it takes before the first
_TIMES = 25  # bytes of memory for a byte of a batch
_MERGE_MB = 500  # what copying PIECE postings takes, a process's own included
_BATCH_BYTES = 16 << 20  # of a batch's JSON, at most
_MANY = 100_000  # documents beside whose merging filling a table of chunks anew takes no time, but room is wanted


class Writer(Transaction):
    """The writer of an index; get it from `Index.writer`.

    As a context manager it commits at the end and rolls back on an exception.  `added`, `replaced` and
    `deleted` count since it was opened; whether an article is new is known after the commit.  Threads may share it.

    An article that cannot be stored raises ArticleError, and nothing is changed.  Where a change fails or is
    interrupted half-way, by a full disk or Ctrl-C, the writer takes no more of them, and its commit fails.
    """

    def __init__(
        self,
        path: Path,
        *,
        timeout: float = 0.0,
        workers: int = 1,
        memory_mb: int | None = None,
        fallback: bool = False,
    ) -> None:
        self._path, self._process = path, os.getpid()
        self._batch_most, self._piece = _BATCH_BYTES, PIECE
        if memory_mb is not None:
            self._batch_most, self._piece = _within(memory_mb, workers + 1 if workers > 1 else 1)
        self._workers = Workers(path, workers) if workers > 1 else None
        self._lock = Lock(path, timeout)
        try:
            self._before = folder.open_snapshot(path, fallback=fallback)
            folder.remove_leftovers(path)
            self.problem = self._before.problem  # why it goes on from an earlier generation; "": it does not
        except BaseException:
            self._lock.release()
            raise
        self._runs: list[str | Future[str]] = []
        self._run_sizes: list[int] = []
        self._batch: list[bytes] = []
        self._batch_bytes = 0
        self._latest: dict[str, int] = {}  # id -> BATCH x its run + its document, as added last
        self._gone: dict[int, list[int]] = {}  # run -> documents that were replaced or deleted again
        self._deleted_ids: set[str] = set()
        self._closed = self._is_half_changed = False
        self._one_by_one = RLock()
        self.added = self.replaced = self.deleted = 0
        self.refused: list[ReadError] = []  # a folder takes every article

    # -- changes -------------------------------------------------------------------------------------------

    def add(self, article: Article) -> None:
        """Adds an article; one of the same id is replaced."""
        data = article_json.dump(article)  # first: where it fails, nothing is changed
        with self._changing():
            if self._forget(article.id):
                self.replaced += 1
            else:
                self.added += 1
            self._latest[article.id] = BATCH * len(self._runs) + len(self._batch)
            self._batch.append(data)
            self._batch_bytes += len(data)
            if len(self._batch) >= BATCH or self._batch_bytes >= self._batch_most:
                self._flush()

    def add_all(self, articles: Iterable[Article]) -> None:
        """Adds several; where one cannot be added, those before it are."""
        for article in article_json.each(articles):
            self.add(article)

    def delete(self, id: str) -> bool:
        """Deletes the article of this id; whether there was one."""
        check_id(id)
        with self._changing():
            there = self._forget(id) or (id not in self._deleted_ids and self._before.find(id) is not None)
            self._deleted_ids.add(id)
            self.deleted += there
            return there

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """One change at a time; where one is left half done, there will be no commit."""
        self._check_process()
        with self._one_by_one:
            self._check_usable()
            try:
                yield
            except BaseException:
                self._is_half_changed = True
                raise

    def _forget(self, id: str) -> bool:
        place = self._latest.pop(id, None)
        if place is None:
            return False
        run, document = divmod(place, BATCH)
        self._gone.setdefault(run, []).append(document)
        return True

    def _flush(self) -> None:
        if not self._batch:
            return
        name = folder.new_name()
        self._run_sizes.append(len(self._batch))
        if self._workers is not None:
            self._runs.append(self._workers.submit(name, self._batch))
        else:
            try:
                write_run(self._path / f"{name}.seg", self._batch)
            except OSError as e:
                raise self._failed(e) from e
            self._runs.append(name)
        self._batch, self._batch_bytes = [], 0

    def _check_usable(self) -> None:
        self._check_open(self._path)
        if self._is_half_changed:
            problem = "an earlier change of this writer failed half-way; nothing is changed: roll back, and begin anew"
            raise IndexProblemError(self._path, problem)

    def _check_held(self) -> None:
        """That what is written now is still the same index.  People remove locks, and move folders."""
        if not self._lock.is_held():
            problem = "the folder or its lock was moved, removed or replaced while this writer was at work"
            raise IndexProblemError(self._path, f"{problem}; nothing was changed: begin anew")

    def _check_process(self) -> None:
        if self._process != os.getpid():
            problem = f"this writer belongs to process {self._process}, which forked this one; get a new one here"
            raise IndexProblemError(self._path, problem)

    # -- the end -------------------------------------------------------------------------------------------

    def commit(self, *, optimize: bool = False) -> None:
        """Makes everything since the last commit visible and ends the writer; on return it is on disk."""
        self._check_process()
        with self._one_by_one:
            self._commit(optimize)

    def _commit(self, optimize: bool) -> None:
        try:
            self._check_usable()
            self._check_held()
            self._flush()
            names = [run if isinstance(run, str) else run.result() for run in self._runs]
            manifest = self._before.manifest
            deleted = self._deletions()
            self._latest.clear()  # the merge needs the room
            parts = [
                Piece(part.name, segment, gone, part.deletions, bool((gone != before).any()))
                for part, segment, gone, before in zip(
                    manifest.parts, self._before.segments, deleted, self._before.deleted, strict=True
                )
            ]
            runs = [self._run(number, name) for number, name in enumerate(names)]
            if runs or any(part.changed for part in parts) or (optimize and improvable(parts)):
                kept = self._write(parts, runs, optimize)
                new = Manifest(FORMAT, manifest.generation + 1, tuple(kept))
                folder.write_manifest(self._path, new, manifest, self._check_unchanged)
            if optimize:  # it is requested to get rid of what was deleted
                folder.forget_previous(self._path)
        except OSError as e:
            raise self._failed(e) from e
        finally:
            self._close()

    def _check_unchanged(self) -> None:
        """That nobody else has committed since this writer began."""
        self._check_held()
        if not self.problem and folder.read_manifest(self._path) != self._before.manifest:
            problem = "another commit was made while this writer was at work; nothing was changed: begin anew"
            raise IndexProblemError(self._path, problem)
        self._check_held()

    def _failed(self, e: OSError) -> IndexProblemError:
        return IndexProblemError(self._path, f"the commit failed: {e.strerror or e}; nothing was changed")

    def rollback(self) -> None:
        """Forgets everything since the last commit and ends the writer."""
        if not self._closed:
            self._close()

    def _close(self) -> None:
        self._closed = True
        if self._process != os.getpid():
            return  # a forked child has neither the lock nor the worker processes
        try:
            if self._workers is not None:
                self._workers.close()
            with suppress(OSError):
                if self._lock.is_held():  # else these may be another writer's files
                    folder.remove_leftovers(self._path)
        finally:
            self._lock.release()

    def _deletions(self) -> list[Array]:
        """For each earlier segment, its documents that are deleted now."""
        found: list[Array] = []
        ids = self._deleted_ids | self._latest.keys() if self._before.segments else set()
        for segment, gone in zip(self._before.segments, self._before.deleted, strict=True):
            gone = gone.copy()
            if len(ids) * 16 < segment.documents:
                documents = [d for d in map(segment.find_id, ids) if d is not None]
            else:
                documents = [d for d, id in enumerate(segment.ids.all()) if id in ids]
            fresh = [d for d in documents if not gone[d]]
            replaced = sum((id := segment.ids[d]) in self._latest and id not in self._deleted_ids for d in fresh)
            self.replaced, self.added = self.replaced + replaced, self.added - replaced
            gone[fresh] = True
            found.append(gone)
        return found

    def _run(self, number: int, name: str) -> "Piece":
        gone = np.zeros(self._run_sizes[number], bool)
        gone[self._gone.get(number, [])] = True
        return Piece(name, Segment(self._path / f"{name}.seg"), gone, "", bool(gone.any()))

    def _write(self, parts: list["Piece"], runs: list["Piece"], optimize: bool) -> list[Part]:
        """The parts of the new manifest; runs become one segment, and small earlier segments join them."""
        pieces = parts + runs
        first = 0 if optimize else first_to_merge(parts, sum(len(run.gone) for run in runs))
        merged = pieces[first:]
        kept = [piece.part(self._path) for piece in pieces[:first]]
        # a run in which an article was replaced is copied without it: in a segment an id stands once
        if len(merged) == 1:
            (only,) = merged
            if not only.is_emptied and not (only.gone.any() and (optimize or only in runs)):
                return [*kept, only.part(self._path)]
        if sum(len(piece.gone) for piece in merged) > _MANY:
            forget_chunks()
        name = folder.new_name()
        segments, deleted = [piece.segment for piece in merged], [piece.gone for piece in merged]
        documents = merge(segments, deleted, self._path / f"{name}.seg", piece=self._piece) if merged else 0
        return [*kept, Part(name, documents)] if documents else kept


def _within(memory_mb: int, processes: int) -> tuple[int, int]:
    """(bytes of a batch, postings copied at a time) for so much memory.  Merging comes when the others have ended."""
    least = _LEAST_MB * processes
    if memory_mb < least:
        problem = f"expected at least {least} for {processes} process{'es' * (processes > 1)}, got {memory_mb}"
        raise ArgumentError("memory_mb", problem)
    batch = min(_BATCH_BYTES, ((memory_mb // processes - _OWN_MB) << 20) // _TIMES)
    return batch, min(PIECE, PIECE * (memory_mb - _OWN_MB) // (_MERGE_MB - _OWN_MB))
