"""What goes wrong around an index by bad luck: shortage, Ctrl-C, removed locks, creators at once, caught exceptions.

    python scripts/torture/unlucky.py

shortage    each open and each map fails once with EMFILE, ENFILE, ENOMEM, while an index is opened, searched, backed
            up and committed to, by one that may fall back to the commit before: it never does, nothing is called broken
interrupt   Ctrl-C at each call of a commit: afterwards the index is as before or as committed, and whole
swapped     at each call of a commit up to the one that renames the manifest, the lock file is removed and another
            writer commits, or the folder is moved and another index put in its place: no commit that returned is gone
creators    eight processes make one index at the same time, and each that made it commits: one does
caught      random adds and deletions, some of which fail and are caught: what the others asked for is there, no more
"""

import argparse
import errno
import multiprocessing
import random
import shutil
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.synchronize import Barrier
from pathlib import Path

from corpus import articles
from faults import COMMITS, check, contents, failing, make, open_files, watched

from vnsearch import Article, ArticleError, Index, IndexCorruptError, IndexExistsError, IndexProblemError
from vnsearch.index import container_writer, merge
from vnsearch.index import writer as policy

SHORT = (errno.EMFILE, errno.ENFILE, errno.ENOMEM)
CREATORS = 8


def main() -> None:
    """Prints a line for each kind; AssertionError where a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=1, help="only every n-th call")
    parser.add_argument("--rounds", type=int, default=200, help="of creators and of caught exceptions")
    options = parser.parse_args()
    warnings.simplefilter("error")
    container_writer._SPOOL = 2_000  # bytes: so that these small commits, too, keep arrays on disk while they write
    merge.SMALL = 0  # documents: so that there are several segments to merge
    with tempfile.TemporaryDirectory() as folder:
        template = make(Path(folder))
        for kind in (shortage, interrupt, swapped):
            begun = time.perf_counter()
            print(f"{kind.__name__}: {kind(template, options.every)}; {time.perf_counter() - begun:.0f} s", flush=True)
        for other in (creators, caught):
            begun = time.perf_counter()
            said = other(Path(folder), options.rounds)
            print(f"{other.__name__}: {said}; {time.perf_counter() - begun:.0f} s", flush=True)


def copied(template: Path, folder: Path) -> Path:
    """A copy that is put in the place of the last one."""
    for name in ("copy", "moved", "backup"):
        shutil.rmtree(folder / name, ignore_errors=True)
    shutil.copytree(template, folder / "copy")
    return folder / "copy"


def uses(path: Path) -> dict[str, Callable[[], object]]:
    """What is done with an index that may fall back."""

    def search() -> object:
        index = Index.open(path, fallback=True)
        return [hit.snippet for hit in index.search("dân vận", facets=("province",))], len(index)

    return {
        "search": search,
        "backup": lambda: Index.open(path, fallback=True).backup(path.with_name("backup")),
        **{name: lambda commit=commit: commit(Index.open(path, fallback=True)) for name, commit in COMMITS.items()},  # type: ignore[misc]
    }


def shortage(template: Path, every: int) -> str:
    before, outcomes = contents(Index.open(template)), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        for name in uses(Path()):
            whole = copied(template, Path(folder))
            uses(whole)[name]()
            after = contents(Index.open(whole))
            for code in SHORT:
                number = 0
                while True:
                    path = copied(template, Path(folder))
                    expected = before
                    with failing(number, code, ("open", "mmap")) as failed:
                        try:
                            uses(path)[name]()
                            outcomes["done all the same"] += bool(failed)
                            expected = after
                        except IndexCorruptError as e:
                            raise AssertionError(f"{name}: called corrupt: {e}") from e
                        except IndexProblemError:
                            outcomes["errors with the index as before"] += 1
                    assert contents(Index.open(path)) == expected, (name, code, number)
                    assert not Index.open(path).verify().problems, (name, code, number)
                    if not failed:
                        break
                    number += every
    return f"{outcomes.total()} failures: " + ", ".join(f"{n} {what}" for what, n in outcomes.items())


def interrupt(template: Path, every: int) -> str:
    before, outcomes = contents(Index.open(template)), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        for name, commit in COMMITS.items():
            path = copied(template, Path(folder))
            commit(Index.open(path))
            after = contents(Index.open(path))
            number = 0
            while True:
                path = copied(template, Path(folder))
                index, opened = Index.open(path), open_files()
                was_made = False

                def stop(_: str, seen: int, number: int = number) -> None:
                    nonlocal was_made
                    if seen == number:
                        was_made = True
                        raise KeyboardInterrupt

                with suppress(KeyboardInterrupt), watched(stop):
                    commit(index)
                if not was_made:
                    break
                found = contents(Index.open(path))
                assert found in (before, after), (name, number)
                outcomes["as before" if found == before else "committed"] += 1
                check(index, found, opened + 1, f"{name} {number}")
                number += every
    return f"{outcomes.total()} interrupts: " + ", ".join(f"{n} {what}" for what, n in outcomes.items())


def remove_lock(path: Path) -> None:
    (path / "vnsearch.lock").unlink()


def put_another(path: Path) -> None:
    path.rename(path.with_name("moved"))
    shutil.copytree(path.with_name("moved"), path, ignore=shutil.ignore_patterns("*.lock", "*.new", "*.part"))


class Swap:
    """Makes a change and a commit of another writer at a call from `number` on, once the lock is held."""

    article = Article(id="other", title="tin khác", body="của người khác")

    def __init__(self, path: Path, change: Callable[[Path], None], number: int) -> None:
        self._path, self._change, self._number = path, change, number
        self.is_done = self._is_late = False

    def __call__(self, name: str, seen: int) -> None:
        self._is_late |= name == "replace"  # the manifest is renamed now
        if self.is_done or self._is_late or seen < self._number or not (self._path / "vnsearch.lock").stat().st_size:
            return
        self.is_done = True
        self._change(self._path)
        with Index.open(self._path).writer() as writer:
            writer.add(self.article)


def swapped(template: Path, every: int) -> str:
    before, outcomes = contents(Index.open(template)), Counter[str]()
    other = Swap.article
    with tempfile.TemporaryDirectory() as folder:
        for change in (remove_lock, put_another):
            for commit in COMMITS.values():
                number = 0
                while True:
                    path = copied(template, Path(folder))
                    index, is_changed, is_over = Index.open(path), False, False

                    def act(
                        name: str,
                        seen: int,
                        number: int = number,
                        path: Path = path,
                        change: Callable[[Path], None] = change,
                    ) -> None:
                        nonlocal is_changed, is_over
                        if name == "replace":
                            is_over = True  # the manifest is renamed now
                        if (
                            seen >= number
                            and not is_changed
                            and not is_over
                            and (path / "vnsearch.lock").stat().st_size
                        ):
                            is_changed = True
                            change(path)
                            with Index.open(path).writer() as writer:
                                writer.add(other)

                    failed = True
                    with suppress(IndexProblemError), watched(act):
                        commit(index)
                        failed = False
                    if not is_changed:
                        break
                    found = contents(Index.open(path))
                    assert "other" in found, (change.__name__, number)
                    assert not Index.open(path).verify().problems
                    outcomes["errors, the other's commit is there" if failed else "both commits are there"] += 1
                    if failed:
                        assert found == before | {"other": other}, (change.__name__, number)
                    number += every
    return f"{outcomes.total()} swaps: " + ", ".join(f"{n} {what}" for what, n in outcomes.items())


def create(path: str, number: int, barrier: Barrier, rounds: int) -> None:
    """One creator of each round; exit code: how many it made."""
    made = 0
    for turn in range(rounds):
        barrier.wait(60)
        with suppress(IndexExistsError), Index.create(f"{path}/{turn}/i").writer() as writer:
            writer.add(Article(id=f"{turn}", title="dân vận", body=f"{number}"))
            made += 1
    sys.exit(made)


def creators(folder: Path, rounds: int) -> str:
    rounds = min(rounds, 200)  # an exit code is a byte
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(CREATORS)
    arguments = [(str(folder / "made"), number, barrier, rounds) for number in range(CREATORS)]
    processes = [context.Process(target=create, args=one) for one in arguments]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert sum(process.exitcode or 0 for process in processes) == rounds, [p.exitcode for p in processes]
    for turn in range(rounds):
        index = Index.open(folder / "made" / str(turn) / "i")
        assert list(contents(index)) == [str(turn)]
        assert not index.verify().problems
    return f"{rounds} rounds of {CREATORS} processes: one made the index in each, and its commit is there"


def spoilt(article: Article, rng: random.Random) -> Article:
    """An article whose dict was changed to what cannot be stored."""
    other = Article(id=article.id, title=article.title, body=article.body, extra={"x": 1})
    deep: object = 1
    for _ in range(500):
        deep = [deep]
    other.extra["x"] = rng.choice([object(), "\ud800", float("nan"), deep, b"x", {1: 2}])
    return other


def caught(folder: Path, rounds: int) -> str:
    index, rng, expected = Index.create(folder / "caught"), random.Random(26), dict[str, Article]()
    failures = asked = 0
    policy.BATCH = 5
    for turn in range(rounds):
        made = articles(20, seed=turn, prefix="")
        with index.writer() as writer:
            for _ in range(rng.randint(1, 15)):
                article = rng.choice(made)
                kind = rng.random()
                asked += 1
                if kind < 0.3:
                    failures += 1
                    try:
                        writer.add(spoilt(article, rng))
                    except ArticleError:
                        continue
                    raise AssertionError("stored")
                if kind < 0.45:
                    assert writer.delete(article.id) == (expected.pop(article.id, None) is not None)
                else:
                    writer.add(article)
                    expected[article.id] = article
        assert contents(index) == expected, turn
    assert not index.verify().problems
    return f"{asked:,} changes in {rounds} commits, {failures:,} of them failed and were caught; all others are there"


if __name__ == "__main__":
    main()
