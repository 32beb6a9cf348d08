"""What goes wrong around a writer without anybody meaning harm: too few descriptors, caught exceptions, locks gone."""

import subprocess
import sys
from pathlib import Path

import pytest

from vnsearch import Article, ArticleError, Index


def run(code: str, *args: str) -> str:
    """What a process of its own prints."""
    done = subprocess.run([sys.executable, "-c", code, *args], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def article(id: str, body: str = "Ban dân vận họp.", **values: object) -> Article:
    return Article(id=id, title=f"Tin {id}", body=body, **values)  # type: ignore[arg-type]


@pytest.fixture
def index(tmp_path: Path) -> Index:
    return Index.create(tmp_path / "index")


def contents(index: Index) -> dict[str, str]:
    return {found.id: found.body for found in index}


# -- too few descriptors, too little memory --------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process")
def test_too_few_descriptors_lose_nothing(index: Index) -> None:
    """Whatever is left when a writer begins: it is no broken index, and the commit before is not gone back to."""
    code = """
import os, resource, sys, warnings
from vnsearch import Article, Index, IndexCorruptError, IndexProblemError
def leave(number):
    open_now = max(map(int, os.listdir("/dev/fd"))) + 1
    resource.setrlimit(resource.RLIMIT_NOFILE, (open_now + number if number else 1024, 4096))
def make(id):
    return Article(id=id, title="dân vận", body=id)
for segment in range(3):
    with Index.open(sys.argv[1]).writer() as writer:
        for number in range(130):
            writer.add(make(f"{segment}-{number}"))
for left in range(1, 12):
    index = Index.open(sys.argv[1], fallback=True)
    before = len(index)
    leave(left)
    try:
        Index.open(sys.argv[1])
    except IndexCorruptError as e:
        print("called corrupt", e)
    except IndexProblemError as e:
        assert "Too many open files" in str(e), e
    try:
        writer = index.writer()
    except IndexCorruptError as e:
        leave(0)
        print("called corrupt", e)
    except IndexProblemError as e:
        leave(0)
        assert "Too many open files" in str(e), e
    else:
        leave(0)
        writer.add(make(f"after-{left}"))
        writer.commit()
        assert len(Index.open(sys.argv[1])) == before + 1, left
index = Index.open(sys.argv[1])
print(index.get("2-5") is not None, index.verify().problems)
"""
    assert run(code, str(index.path)) == "True ()\n"


@pytest.mark.skipif(sys.platform != "linux", reason="a limit of address space that is kept")
def test_too_little_memory_is_not_a_broken_index(index: Index) -> None:
    """A file that cannot be mapped is an error that says so, and the index opens once there is room."""
    code = """
import resource, sys
from vnsearch import Article, Index, IndexCorruptError, IndexProblemError
index = Index.open(sys.argv[1])
with index.writer() as writer:
    for number in range(200):
        writer.add(Article(id=str(number), title="dân", body=" ".join(f"x{number}y{n}" for n in range(3_000))))
index.search("dân").hits
size = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
for open_it in (lambda: Index.open(sys.argv[1]), lambda: Index.open(sys.argv[1], fallback=True)):
    resource.setrlimit(resource.RLIMIT_AS, (size, resource.RLIM_INFINITY))
    try:
        open_it()
    except IndexCorruptError as e:
        said = f"corrupt: {e}"
    except (IndexProblemError, MemoryError) as e:
        said = "short"
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    print(said, len(open_it()))
"""
    assert run(code, str(index.path)) == "short 200\nshort 200\n"


# -- a failing add that the app catches --------------------------------------------------------------------


def poisoned(id: str) -> Article:
    """An article whose dict was spoilt after it was made."""
    spoilt = article(id, extra={"x": 1})
    spoilt.extra["x"] = object()
    return spoilt


def test_a_caught_add_harms_no_other(index: Index) -> None:
    """Neither the next article, nor the older one of its id; counts are right, the mended article goes in."""
    with index.writer() as writer:
        writer.add(article("old", "cũ"))
    with index.writer() as writer:
        for id in ("a", "old"):
            with pytest.raises(ArticleError, match="extra: expected values of JSON, got object"):
                writer.add(poisoned(id))
        with pytest.raises(ArticleError, match="expected an Article"):
            writer.add({"id": "a"})  # type: ignore[arg-type]
        writer.add(article("b"))
        writer.add(article("a", "mới"))
        with pytest.raises(ArticleError):
            writer.add(poisoned("a"))
    assert (writer.added, writer.replaced) == (2, 0)
    assert contents(index) == {"old": "cũ", "a": "mới", "b": "Ban dân vận họp."}
    assert not index.verify().problems


def test_a_caught_add_before_a_deletion(index: Index) -> None:
    """As the last call but one: the commit deletes what it was asked to, and only that."""
    with index.writer() as writer:
        writer.add(article("a"))
        writer.add(article("b"))
    with index.writer() as writer:
        with pytest.raises(ArticleError):
            writer.add(poisoned("a"))
        assert writer.delete("a")
    assert set(contents(index)) == {"b"}


def test_an_article_that_is_too_large_is_refused(index: Index) -> None:
    """Before anything is noted of it."""
    with index.writer() as writer:
        with pytest.raises(ArticleError, match="at most 67,108,864 are stored"):
            writer.add(article("large", "x" * (64 << 20)))
        writer.add(article("small"))
    assert set(contents(index)) == {"small"}


def test_what_is_nested_deep_is_refused_before_it_is_stored(index: Index, tmp_path: Path) -> None:
    """What can be stored can be read from any depth of an app's stack."""
    deep = article("a", extra={"x": 1})
    value: object = 1
    for _ in range(500):
        value = [value]
    deep.extra["x"] = value
    with index.writer() as writer:
        with pytest.raises(ArticleError, match="nested more than 64 deep"):
            writer.add(deep)
        writer.add(article("b", extra={"x": [[[1]]]}))

    def below(frames: int) -> int:
        return below(frames - 1) if frames else len([hit.snippet for hit in index.search("dân vận")])

    assert below(700) == 1
