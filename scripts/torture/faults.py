"""Makes every call to the file system fail once, while a commit is at work.

    python scripts/torture/faults.py

A commit that adds, replaces and deletes is made again and again on copies of one index, and each time another of
its calls fails, with ENOSPC and then with EIO: opening, reading, mapping, writing, syncing, renaming, removing,
locking.  Afterwards either the commit has raised an error and the index is what it was, or it has returned (what
failed was tidying up) and the index is what was committed; in both cases it verifies, no file is left over, none is
left open, no lock is left, and the next commit works.
"""

import argparse
import errno
import gc
import mmap
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from corpus import articles
from whoosh.index import open_dir
from whoosh.query import Every

from vnsearch import Article, Index, IndexProblemError
from vnsearch.index import container_writer, disk, lock, merge

CALLS = (
    "open",
    "fstat",
    "read",
    "pread",
    "write",
    "fsync",
    "close",
    "replace",
    "unlink",
    "listdir",
    "link",
    "truncate",
)
ERRORS = (errno.ENOSPC, errno.EIO)


def main() -> None:
    """Prints a line for each kind of commit; ends with 1 where one broke its promise."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=1, help="only every n-th call fails")
    options = parser.parse_args()
    container_writer._SPOOL = 2_000  # bytes: so that these small commits, too, keep arrays on disk while they write
    merge.SMALL = 0  # documents: so that there are several segments to merge
    with tempfile.TemporaryDirectory() as folder:
        template = make(Path(folder))
        for name, commit in COMMITS.items():
            begun = time.perf_counter()
            raised, done = torture(template, commit, options.every)
            calls = ", ".join(f"{name} {raised[name] + done[name]}" for name in sorted(raised | done))
            print(
                f"{name}: {(raised + done).total()} failures: {raised.total()} errors with the index as before, "
                f"{done.total()} commits done all the same ({calls}); {time.perf_counter() - begun:.0f} s"
            )


def make(folder: Path) -> Path:
    """An index of several segments, some with deletions: the next small commit merges them."""
    index = Index.create(folder / "template")
    for number in range(7):
        with index.writer() as writer:
            for article in articles(6, seed=number, prefix=f"{number}-"):
                writer.add(article)
            writer.delete(f"{number - 1}-1")
    assert index.stats()["segments"] > 3
    path: Path = index.path
    return path


def change(index: Index) -> None:
    """Adds, replaces, deletes; small segments are merged."""
    with index.writer() as writer:
        for article in [*articles(5, seed=99, prefix="new-"), *articles(1, seed=98, prefix="3-")]:
            writer.add(article)
        writer.delete("2-2")


def delete(index: Index) -> None:
    """Deletes alone."""
    with index.writer() as writer:
        writer.delete("0-0")


COMMITS: dict[str, Callable[[Index], None]] = {"change": change, "delete": delete, "optimize": Index.optimize}


class Faulty:
    """A module whose n-th call fails."""

    def __init__(self, real: ModuleType, count: Callable[[str], OSError | None], calls: tuple[str, ...]) -> None:
        self._real, self._count, self._calls = real, count, calls

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._real, name)
        if name not in self._calls:
            return real

        def call(*args: Any, **kwargs: Any) -> Any:
            error = self._count(name)
            if error is None:
                return real(*args, **kwargs)
            if name == "close":  # the system closes a file even where it says that it could not
                real(*args, **kwargs)
            raise error

        return call


@contextmanager
def watched(act: Callable[[str, int], OSError | None]) -> Iterator[None]:
    """Within it `act` sees each call before it is made, by name and number from 0, and says whether it fails."""
    seen = 0

    def count(name: str) -> OSError | None:
        nonlocal seen
        seen += 1
        return act(name, seen - 1)

    faulty, taking = Faulty(os, count, CALLS), lock._take

    def take(fd: int) -> None:
        if error := count("flock"):
            raise error
        taking(fd)

    patched: dict[Any, dict[str, Any]] = {
        disk: {"os": faulty, "mmap": Faulty(mmap, count, ("mmap",))}, lock: {"os": faulty, "_take": take}
    }  # fmt: skip
    before = {module: {name: getattr(module, name) for name in names} for module, names in patched.items()}
    try:
        for module, names in patched.items():
            vars(module).update(names)
        yield
    finally:
        for module, names in before.items():
            vars(module).update(names)


@contextmanager
def failing(number: int, code: int, among: tuple[str, ...] = ()) -> Iterator[list[str]]:
    """Within it the call of that number fails, from 0, of those `among` or of all; its name is in the list then."""
    failed, seen = list[str](), 0

    def act(name: str, _: int) -> OSError | None:
        nonlocal seen
        if among and name not in among:
            return None
        seen += 1
        if seen != number + 1:
            return None
        failed.append(name)
        return OSError(code, os.strerror(code))

    with watched(act):
        yield failed


def torture(template: Path, commit: Callable[[Index], None], every: int) -> tuple[Counter[str], Counter[str]]:
    """(calls whose failure was an error, those whose was not).  AssertionError where a promise is broken."""
    before = contents(Index.open(template))
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(template, copy)
        commit(Index.open(copy))
        after = contents(Index.open(copy))
        raised, done = Counter[str](), Counter[str]()
        number = 0
        while True:
            for code in ERRORS:
                shutil.rmtree(copy)
                shutil.copytree(template, copy)
                index, opened = Index.open(copy), open_files()
                try:
                    with failing(number, code) as failed:
                        commit(index)
                    if not failed:
                        return raised, done
                    outcome, expected = done, after
                except IndexProblemError:
                    outcome, expected = raised, before
                outcome.update(failed)
                check(index, expected, opened, f"{failed} {number} {os.strerror(code)}")
            number += every


def contents(index: Index) -> dict[str, Article]:
    return {article.id: article for article in index}


def seen_by_whoosh(path: Path) -> set[str]:
    """The ids of all articles as `whoosh.index.open_dir` has them."""
    with open_dir(str(path)).searcher() as searcher:
        return {hit["id"] for hit in searcher.search(Every(), limit=None)}


def open_files() -> int:
    gc.collect()
    return len(list(Path("/proc/self/fd").iterdir())) if sys.platform == "linux" else 0


def check(index: Index, expected: dict[str, Article], opened: int, what: str) -> None:
    """The promises, after a failure."""
    assert contents(index) == expected, what
    assert contents(Index.open(index.path)) == expected, what
    verified = index.verify()
    assert not verified.problems, (what, verified)
    with index.writer() as writer:
        writer.add(Article(id="next", title="sau đó", body=""))
    assert contents(index).keys() == expected.keys() | {"next"}, what
    names = {path.name for path in index.path.iterdir()}
    index.optimize()
    names = {path.suffix for path in index.path.iterdir()}
    assert names == {".json", ".lock", ".seg", ".toc"}, (what, names)
    assert len(list(index.path.iterdir())) == 4, what
    assert seen_by_whoosh(index.path) == contents(index).keys(), what
    del index
    assert open_files() <= opened + 2, what  # the files of the index as it is now


if __name__ == "__main__":
    main()
