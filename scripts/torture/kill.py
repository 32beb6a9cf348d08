"""Kills a process that writes an index, again and again, and looks at what is left.

    python scripts/torture/kill.py --runs 200

A child commits in a loop: new articles, one replaced, old ones deleted, now and then everything merged; it notes
the beginning and the end of each commit in a log on disk.  It is killed (SIGKILL) at a random moment, in every
second run at one inside a commit.  What is left must be the index after the last commit that had returned, or
after the one that was under way: it verifies, every article is found by a search of its own, none twice, and the
next child goes on from there.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import NoReturn

from faults import seen_by_whoosh

from vnsearch import Article, Index

NEW = 10  # articles of a commit
KEPT = 60  # commits whose articles are still there
MERGED = 7  # every so many commits all segments become one


def main() -> None:
    """Prints what happened; ends with 1 where something was lost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20261123)
    options = parser.parse_args()
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        within, merging, commits = torture(Path(folder), options.runs, random.Random(options.seed))
    print(
        f"{options.runs} processes killed, {within} of them inside a commit ({merging} that merged everything); "
        f"{commits} commits; nothing lost; {time.perf_counter() - begun:.0f} s"
    )


def torture(folder: Path, runs: int, rng: random.Random) -> tuple[int, int, int]:
    """(kills inside a commit, those that merged everything, commits).  AssertionError where something is lost."""
    Index.create(folder / "index")
    within = merging = 0
    for run in range(runs):
        seen = len(log_of(folder))
        child = os.fork()
        if child == 0:
            write(folder)
        wait(folder, child, seen + 2 * rng.randint(0, 4) + 1)  # it has begun the first commit, or some later one
        time.sleep(rng.uniform(0, 0.06 if run % 2 else 0.6))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        log = log_of(folder)
        if log[-1:] == ["begin"]:
            within += 1
            merging += log.count("begin") % MERGED == 0
        check(folder)
    return within, merging, state_of(Index.open(folder / "index"))


def wait(folder: Path, child: int, words: int) -> None:
    """Until so many words are noted."""
    while len(log_of(folder)) < words:
        if os.waitpid(child, os.WNOHANG)[0]:
            sys.exit("the writing process ended by itself")
        time.sleep(0.002)


def log_of(folder: Path) -> list[str]:
    """The words noted so far; one that was cut by the kill does not count."""
    path = folder / "log"
    return (
        [line.strip() for line in path.read_text().splitlines(keepends=True) if line.endswith("\n")]
        if path.exists()
        else []
    )


def write(folder: Path) -> NoReturn:
    """Commits until it is killed."""
    try:
        index = Index.open(folder / "index")
        commit = state_of(index)
        with (folder / "log").open("a") as log:

            def note(word: str) -> None:
                log.write(f"{word}\n")
                log.flush()
                os.fsync(log.fileno())

            while True:
                commit += 1
                writer = index.writer(timeout=5)  # the lock of a dead process is taken over
                for article in added(commit):
                    writer.add(article)
                for id in deleted(commit):
                    writer.delete(id)
                note("begin")
                writer.commit(optimize=commit % MERGED == 0)
                note("end")
    finally:  # a forked child must not go on as its parent
        os._exit(1)


def added(commit: int) -> list[Article]:
    """The new articles of a commit, the first one of the commit before in a new version, and a counter."""
    articles = [article(f"{commit}-{n}", commit) for n in range(NEW)]
    return [*articles, *([article(f"{commit - 1}-0", commit)] if commit > 1 else []), article("counter", commit)]


def deleted(commit: int) -> list[str]:
    """One of the commit before, and those that are too old."""
    old = commit - KEPT
    return [f"{commit - 1}-1"] * (commit > 1) + [f"{old}-{n}" for n in range(NEW) if n != 1 and old > 0]


def article(id: str, commit: int) -> Article:
    return Article(
        id=id, title=f"bài {id.replace('-', 'x')}", body=f"lần {commit}: cán bộ xã họp dân, bàn việc làm đường. " * 5
    )


def state_of(index: Index) -> int:
    """After which commit an index stands."""
    counter = index.get("counter")
    return int(counter.body.split()[1].rstrip(":")) if counter else 0


def expected(commits: int) -> dict[str, Article]:
    """What an index holds after so many commits."""
    articles: dict[str, Article] = {}
    for commit in range(max(1, commits - KEPT - 1), commits + 1):
        articles |= {a.id: a for a in added(commit)}
        for id in deleted(commit):
            articles.pop(id, None)
    return articles


def check(folder: Path) -> None:
    """The index is whole, and that of a commit that returned or was under way."""
    log = log_of(folder)
    index = Index.open(folder / "index")
    verified = index.verify()
    assert not verified.problems, verified
    state = state_of(index)
    returned = log.count("end")
    assert returned <= state, f"after {returned} commits that had returned the index is that of commit {state}"
    if state > returned:  # the commit under way was already on disk: from now on it counts
        assert state == returned + 1
        assert log[-1:] == ["begin"]
        with (folder / "log").open("a") as file:
            file.write("end\n")
    elif log[-1:] == ["begin"]:  # it was not: its beginning is forgotten
        (folder / "log").write_text("".join(f"{word}\n" for word in log[:-1]))
    articles = expected(state)
    assert {a.id: a for a in index} == articles
    assert len(index) == len(articles)
    seen = seen_by_whoosh(folder / "index")  # a kill between manifest and table: the commit before
    assert seen in (articles.keys(), expected(state - 1).keys()), (state, seen)
    for id in random.Random(state).sample(sorted(articles), min(20, len(articles))):
        hits = [hit.id for hit in index.search(f'title:"{articles[id].title}"', limit=100)]
        assert hits.count(id) == 1, (id, hits)


if __name__ == "__main__":
    main()
