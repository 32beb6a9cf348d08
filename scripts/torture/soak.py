"""A thousand small commits, and what they leave: open files, memory, segments, how long a search takes.

    python scripts/torture/soak.py --commits 1000

An index of some thousand articles gets a few new ones, replaces as many and deletes as many with every commit, so its
size stays; a second Index, open all the time, searches after each one.
"""

import argparse
import random
import resource
import sys
import time
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import NamedTuple

from corpus import articles

from vnsearch import Index

QUERIES = ("dân vận", "hoi nghi nong thon", '"thành phố"', "mã7 OR mã8", "bão AND lũ")
NEW = 5  # articles of a commit
REPEATS = 3  # of each query, the quickest counts: what else the machine does is not the index's


class State(NamedTuple):
    """What one commit left behind."""

    open_files: int
    megabytes: float
    segments: int
    files: int
    commit_ms: float
    first_ms: float  # the first search, which opens the new generation
    search_ms: list[float]


def main() -> None:
    """Prints the first tenth beside the last; ends with 1 where something grew."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--commits", type=int, default=1_000)
    parser.add_argument("--articles", type=int, default=3_000)
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        states = soak(Path(folder) / "index", options.commits, options.articles)
    tenth = max(1, len(states) // 10)
    first, last = states[:tenth], states[-tenth:]
    for name in ("open_files", "megabytes", "segments", "files"):
        most_first, most_last = (max(getattr(state, name) for state in part) for part in (first, last))
        print(f"{name:<12} at most {most_first:8.1f} in the first tenth, {most_last:8.1f} in the last")
    for name, values in (
        ("commit_ms", [[state.commit_ms for state in part] for part in (first, last)]),
        ("first_ms", [[state.first_ms for state in part] for part in (first, last)]),
        ("search_ms", [[ms for state in part for ms in state.search_ms] for part in (first, last)]),
    ):
        (a50, a95), (b50, b95) = map(middle_and_95th, values)
        print(f"{name:<12} p50 {a50:.2f} -> {b50:.2f}, p95 {a95:.2f} -> {b95:.2f}, {b95 / a95:.2f} x")
    assert max(state.open_files for state in last) <= max(state.open_files for state in first) + 20
    assert max(state.segments for state in last) <= 24


def middle_and_95th(values: list[float]) -> tuple[float, float]:
    cuts = quantiles(values, n=20)
    return cuts[9], cuts[18]


def soak(path: Path, commits: int, number: int) -> list[State]:
    """The state after each commit."""
    index = Index.create(path)
    with index.writer() as writer:
        for article in articles(number):
            writer.add(article)
    reader, rng, live, states = Index.open(path), random.Random(7), [f"a{n}" for n in range(number)], list[State]()
    for commit in range(commits):
        new = articles(2 * NEW, seed=commit + 1, prefix=f"c{commit}-")
        begun = time.perf_counter()
        with index.writer() as writer:
            for article in new[:NEW]:
                writer.add(article)
                live.append(article.id)
            for article in new[NEW:]:  # another text under an id that is there
                writer.add(type(article)(id=rng.choice(live), title=article.title, body=article.body))
            for _ in range(NEW):
                writer.delete(live.pop(rng.randrange(len(live))))
        commit_ms = 1000 * (time.perf_counter() - begun)
        states.append(state(path, reader, commit_ms))
        assert len(reader) == number
    assert not reader.verify().problems
    return states


def state(path: Path, reader: Index, commit_ms: float) -> State:
    first_ms = search(reader, "dân vận")
    found = [min(search(reader, query) for _ in range(REPEATS)) for query in QUERIES]
    linux = sys.platform == "linux"
    return State(
        len(list(Path("/proc/self/fd").iterdir())) if linux else 0,
        _resident() if linux else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        reader.stats()["segments"], len(list(path.iterdir())), commit_ms, first_ms, found,
    )  # fmt: skip


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / (1 << 20)


def search(index: Index, query: str) -> float:
    """Milliseconds that a search takes."""
    begun = time.perf_counter()
    found = index.search(query, limit=10)
    took = 1000 * (time.perf_counter() - begun)
    assert found.hits
    return took


if __name__ == "__main__":
    main()
