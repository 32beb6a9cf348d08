"""Kills a process that writes an index, again and again, and looks at what is left.

    python scripts/torture.py --runs 200

A child commits in a loop: new articles, one replaced, one deleted, now and then everything merged; it notes the
beginning and the end of each commit in a log on disk.  It is killed (SIGKILL) at a random moment.  What is left
must be the index after the last commit that had returned, or after the one that was under way: it verifies, every
article is found by a search of its own, none twice, and the next child goes on from there.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from vnsearch import Article, Index

NEW = 10  # articles of a commit


def main() -> None:
    """Prints what happened; ends with 1 where something was lost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        write(options.child)
        return
    with tempfile.TemporaryDirectory() as folder:
        within, commits = torture(Path(folder), options.runs, random.Random(options.seed))
    print(f"{options.runs} processes killed, {within} of them inside a commit; {commits} commits; nothing lost")


def torture(folder: Path, runs: int, rng: random.Random) -> tuple[int, int]:
    """(how many kills fell into a commit, how many commits there were).  AssertionError where something is lost."""
    Index.create(folder / "index")
    within = 0
    for _ in range(runs):
        seen = log_of(folder)
        child = subprocess.Popen([sys.executable, __file__, "--child", str(folder)])
        while log_of(folder) == seen and child.poll() is None:  # it has started
            time.sleep(0.01)
        time.sleep(rng.uniform(0, 1.5))
        child.kill()
        child.wait()
        within += log_of(folder)[-1:] == ["begin"]
        check(folder)
    return within, state_of(Index.open(folder / "index"))


def log_of(folder: Path) -> list[str]:
    """The words noted so far; one that was cut by the kill does not count."""
    path = folder / "log"
    return (
        [line.strip() for line in path.read_text().splitlines(keepends=True) if line.endswith("\n")]
        if path.exists()
        else []
    )


def write(folder: Path) -> None:
    """Commits until it is killed."""
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
            writer.commit(optimize=commit % 7 == 0)
            note("end")


def added(commit: int) -> list[Article]:
    """The new articles of a commit, the first one of the commit before in a new version, and a counter."""
    articles = [article(f"{commit}-{n}", commit) for n in range(NEW)]
    return [*articles, *([article(f"{commit - 1}-0", commit)] if commit > 1 else []), article("counter", commit)]


def deleted(commit: int) -> list[str]:
    return [f"{commit - 1}-1"] if commit > 1 else []


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
    for commit in range(1, commits + 1):
        articles |= {a.id: a for a in added(commit)}
        for id in deleted(commit):
            del articles[id]
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
    assert sorted(a.id for a in index) == sorted(articles)
    assert {a.id: a for a in index} == articles
    for id in random.Random(state).sample(sorted(articles), min(20, len(articles))):
        hits = [hit.id for hit in index.search(f'title:"{articles[id].title}"', limit=100)]
        assert hits.count(id) == 1, (id, hits)


if __name__ == "__main__":
    main()
