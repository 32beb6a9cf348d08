"""Four processes and four threads read an index while it is written to.

    python scripts/torture/readers.py --seconds 60

Each commit replaces the same GROUP articles, so that all of them tell its number, and adds or deletes others, so that
their number follows from it; now and then everything is merged.  Readers search without pause, through an index that
they hold open and through new ones; whatever a search finds, its facets and its articles, must belong to one commit,
and later ones never to an earlier commit.
"""

import argparse
import multiprocessing
import threading
import time
from collections.abc import Callable
from multiprocessing.synchronize import Event
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from corpus import articles

from vnsearch import Article, Index

READERS = 4  # processes, and as many threads of the writer's
GROUP = 20  # articles that every commit replaces
MOST = 7  # articles of the second kind come and go
_JOIN = 30  # seconds


def main() -> None:
    """Prints what was done; ends with 1 where a reader failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        commits, searches, generations = torture(Path(folder) / "index", options.seconds)
    print(
        f"{commits} commits in {options.seconds:g} s beside {READERS} processes and {READERS} threads: {searches} "
        f"searches, each of one generation; the reader that saw fewest saw {generations}; no error"
    )


def torture(path: Path, seconds: float) -> tuple[int, int, int]:
    """(commits, searches, fewest generations that a reader saw).  AssertionError where a reader failed."""
    index = Index.create(path)
    with index.writer() as writer:
        for article in articles(500):
            writer.add(article)
    commit(index, 1)
    context = multiprocessing.get_context("spawn")
    stop, answers = context.Event(), context.Queue()
    running = context.Value("i", 0)
    processes = [context.Process(target=reader, args=(path, stop, answers, running)) for _ in range(READERS)]
    threads = [threading.Thread(target=reader, args=(path, stop, answers, running, index)) for _ in range(READERS)]
    readers: list[Any] = [*processes, *threads]
    for one in readers:
        one.start()
    while running.value < 2 * READERS and all(process.is_alive() for process in processes):
        time.sleep(0.05)
    number, until = 1, time.monotonic() + seconds
    while time.monotonic() < until:
        number += 1
        commit(index, number)
    stop.set()
    found = [answers.get(timeout=_JOIN) for _ in readers]
    for one in readers:
        one.join(_JOIN)
    problems = [answer for answer in found if isinstance(answer, str)]
    assert not problems, problems
    assert not index.verify().problems
    return number, sum(searches for searches, _ in found), min(generations for _, generations in found)


def others(number: int) -> int:
    """How many articles of the second kind there are after a commit."""
    return number % MOST + 1


def commit(index: Index, number: int) -> None:
    """Replaces, adds or deletes; every tenth merges everything."""
    writer = index.writer()
    for n in range(GROUP):
        writer.add(Article(id=f"g{n}", title="nhóm chung", body=f"lần {number}", source=f"s{number}.vn"))
    for n in range(MOST):
        if n < others(number):
            writer.add(Article(id=f"o{n}", title="bài riêng", body=f"lần {number}"))
        else:
            writer.delete(f"o{n}")
    writer.commit(optimize=number % 10 == 0)


def reader(path: Path, stop: Event, answers: Any, running: Any, index: Index | None = None) -> None:
    """Searches until it is told to stop; answers (searches, generations seen), or what went wrong."""
    try:
        answers.put(read(path, stop, running, index or Index.open(path)))
    except Exception as e:  # the writer tells it
        stop.set()
        answers.put(f"{type(e).__name__}: {e}")


def read(path: Path, stop: Event, running: Any, index: Index) -> tuple[int, int]:
    """(searches, generations seen)."""
    searches, last, seen = 0, 0, set[int]()
    ways: tuple[Callable[[], Index], ...] = (lambda: index, index.snapshot, lambda: Index.open(path))
    with running.get_lock():
        running.value += 1
    while not stop.is_set():
        for way in ways:
            number = look(way())
            assert number >= last, f"commit {number} after {last}"
            last = number
            seen.add(number)
            searches += 1
        frozen = index.snapshot()
        number = look(frozen)
        found = frozen.search("riêng", limit=50)
        assert found.total == len(found.hits) == others(number), (found.total, number)
        assert {hit.article.body for hit in found} == {f"lần {number}"}
        searches += 2
        last = max(last, number)
    return searches, len(seen)


def look(index: Index) -> int:
    """The commit that a search's results are of."""
    found = index.search("nhóm", limit=50, facets=("source",))
    bodies = {hit.article.body for hit in found}
    assert found.total == len(found.hits) == GROUP, (found.total, len(found.hits))
    assert len(bodies) == 1, bodies
    number = int(bodies.pop().removeprefix("lần "))
    assert found.facets["source"] == {f"s{number}.vn": GROUP}, found.facets
    return number


if __name__ == "__main__":
    main()
