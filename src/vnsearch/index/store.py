"""The folder of an index: made, opened, written, checked, copied.  The only place that knows Whoosh's storage.

news/vnsearch.json     the format's number, so that another version says what to do
news/*.toc *.seg ...   Whoosh's own files
"""

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from whoosh import index as whoosh_index

from ..article import Article
from ..errors import (
    IndexCorruptError,
    IndexExistsError,
    IndexLockedError,
    IndexNotFoundError,
    IndexProblemError,
    IndexVersionError,
)
from . import schema

_MANIFEST = "vnsearch.json"


class Verification(NamedTuple):
    """What `verify` looked at, and what it found wrong."""

    articles: int
    terms: int
    files: int
    bytes: int
    seconds: float
    problems: tuple[str, ...]


def create(path: Path) -> Any:
    """A new empty Whoosh index in a folder, which is made where it is not there."""
    if (path / _MANIFEST).exists() or path.is_dir() and whoosh_index.exists_in(str(path)):
        raise IndexExistsError(path, "an index is already here; open it, or remove the folder first")
    if path.exists() and not path.is_dir():
        raise IndexExistsError(path, "is a file; an index is a folder")
    try:
        path.mkdir(parents=True, exist_ok=True)
        found = whoosh_index.create_in(str(path), schema.schema())
        (path / _MANIFEST).write_text(json.dumps({"format": schema.FORMAT}) + "\n")
    except OSError as e:
        raise IndexProblemError(path, f"cannot be made here: {e.strerror or e}") from e
    return found


def open_(path: Path) -> Any:
    """The Whoosh index in a folder."""
    if not (path / _MANIFEST).exists():
        if path.is_dir() and whoosh_index.exists_in(str(path)):
            raise IndexVersionError(path, "a Whoosh index, but not one that vnsearch wrote; index the articles anew")
        raise IndexNotFoundError(path, "no index is here; make one with: vnsearch index FILES --index " + str(path))
    try:
        written = json.loads((path / _MANIFEST).read_text())["format"]
    except (ValueError, KeyError, TypeError, OSError) as e:
        raise IndexCorruptError(path, f"{_MANIFEST} cannot be read ({e}); restore a backup or index anew") from e
    if written != schema.FORMAT:
        raise IndexVersionError(
            path, f"format {written}, this version reads format {schema.FORMAT}; index the articles anew"
        )
    with _translated(path):
        return whoosh_index.open_dir(str(path))


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    """Whatever Whoosh raises over broken files becomes one error that says what to do."""
    try:
        yield
    except IndexProblemError:
        raise
    except Exception as e:  # Whoosh has no exception of its own for this: struct.error, KeyError, EOFError ...
        problem = f"the index cannot be read ({type(e).__name__}: {e}); restore a backup or index anew"
        raise IndexCorruptError(path, problem) from e


def searcher(whoosh: Any, path: Path, weighting: Any) -> Any:
    """A Whoosh searcher on a snapshot of the newest generation."""
    with _translated(path):
        return whoosh.searcher(weighting=weighting)


class Writer:
    """Adds, replaces and deletes articles; all of it is seen at once after `commit`.

    As a context manager it commits at the end and rolls back on an exception.
    """

    def __init__(self, whoosh: Any, path: Path, *, timeout: float = 0.0) -> None:
        self._path = path
        try:
            self._writer = whoosh.writer(timeout=timeout, limitmb=256)
        except whoosh_index.LockError:
            raise IndexLockedError(
                path, f"another writer is at work (waited {timeout:g} s); try again when it is done"
            ) from None
        except OSError as e:
            raise IndexProblemError(path, f"cannot be written: {e.strerror or e}") from e
        self.added = self.replaced = self.deleted = 0
        self._pending: dict[str, int] = {}  # id -> number in the segment being written, which Whoosh cannot search yet

    def add(self, article: Article) -> None:
        """Adds an article; one of the same id is replaced."""
        document = schema.document(article)
        replaced = self._remove(article.id)
        self._pending[article.id] = self._writer.docnum
        self._writer.add_document(**document)
        self.replaced += replaced
        self.added += not replaced

    def delete(self, id: str) -> bool:
        """Deletes the article of this id; whether there was one."""
        deleted = self._remove(id)
        self.deleted += deleted
        return deleted

    def _remove(self, id: str) -> bool:
        if (number := self._pending.pop(id, None)) is not None:
            self._writer.newsegment.delete_document(number)
            return True
        return bool(self._writer.delete_by_term("id", id))

    def commit(self, *, optimize: bool = False) -> None:
        """Makes everything since the last commit visible and ends the writer."""
        self._writer.commit(optimize=optimize)

    def rollback(self) -> None:
        """Forgets everything since the last commit and ends the writer."""
        self._writer.cancel()

    def __enter__(self) -> "Writer":
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is None:
            self.commit()
        else:
            self.rollback()


def verify(whoosh: Any, path: Path) -> Verification:
    """Reads everything that a search could read: every posting of every term, every stored article."""
    begun = time.perf_counter()
    problems: list[str] = []
    articles = terms = 0
    files = [file for file in path.iterdir() if file.is_file()]
    try:
        with whoosh.reader() as all_of_it:
            for number in all_of_it.all_doc_ids():
                stored = all_of_it.stored_fields(number)
                if schema.load(stored["article"]).id != stored["id"]:
                    problems.append(f"document {number}: its id is not that of its article")
                articles += 1
            for field, text in all_of_it.all_terms():
                matcher = all_of_it.postings(field, text)
                while matcher.is_active():
                    matcher.next()
                terms += 1
    except Exception as e:  # as in _translated: anything may come out of broken files
        problems.append(f"{type(e).__name__}: {e}")
    size = sum(file.stat().st_size for file in files)
    return Verification(articles, terms, len(files), size, time.perf_counter() - begun, tuple(problems))


def backup(whoosh: Any, path: Path, target: Path) -> None:
    """Copies the index as of its last commit to a new folder; the copy opens like any index."""
    if target.exists() and any(target.iterdir()):
        raise IndexExistsError(target, "is not empty; a backup goes into a new folder")
    lock = Writer(whoosh, path, timeout=10.0)  # so that no commit removes files while they are copied
    part = target.with_name(target.name + f".part{os.getpid()}")
    try:
        shutil.copytree(path, part, ignore=shutil.ignore_patterns("*LOCK", "*.part*"))
        if target.exists():
            target.rmdir()
        part.rename(target)
    finally:
        lock.rollback()
        shutil.rmtree(part, ignore_errors=True)


def size(path: Path) -> int:
    """Bytes of all files of the index."""
    return sum(file.stat().st_size for file in path.iterdir() if file.is_file())
