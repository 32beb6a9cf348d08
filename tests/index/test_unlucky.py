"""What goes wrong around a writer without anybody meaning harm: too few descriptors, caught exceptions, locks gone."""

import errno
import gc
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from vnsearch import Article, ArticleError, Index, IndexLockedError, IndexProblemError
from vnsearch.index import disk
from vnsearch.index import writer as module
from vnsearch.index.lock import CREATING, Lock


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
taken = []
def leave(number):
    # so many descriptors; 0: enough
    while taken:
        os.close(taken.pop())
    resource.setrlimit(resource.RLIMIT_NOFILE, (100 if number else 1024, 4096))
    while number:
        try:
            taken.append(os.open(os.devnull, os.O_RDONLY))
        except OSError:
            break
    for _ in range(number):
        os.close(taken.pop())
def make(id):
    return Article(id=id, title="dân vận", body=id)
for segment in range(3):
    with Index.open(sys.argv[1]).writer() as writer:
        for number in range(130):
            writer.add(make(f"{segment}-{number}"))
short = 0
for left in range(1, 12):
    index = Index.open(sys.argv[1], fallback=True)
    before = len(index)
    leave(left)
    try:
        writer = index.writer()
    except IndexCorruptError as e:
        leave(0)
        print("called corrupt", e)
    except IndexProblemError as e:
        leave(0)
        short += 1
        assert "Too many open files" in str(e), e
    else:
        leave(0)
        writer.add(make(f"after-{left}"))
        writer.commit()
        assert len(Index.open(sys.argv[1])) == before + 1, left
for left in range(1, 12):
    leave(left)
    try:
        Index.open(sys.argv[1])
    except IndexCorruptError as e:
        print("called corrupt", e)
    except IndexProblemError as e:
        short += 1
        assert "Too many open files" in str(e), e
    leave(0)
index = Index.open(sys.argv[1])
print(index.get("2-5") is not None, index.verify().problems, short > 4)
"""
    assert run(code, str(index.path)) == "True () True\n"


@pytest.mark.skipif(sys.platform != "linux", reason="a limit of address space that is kept")
def test_too_little_memory_is_not_a_broken_index(index: Index) -> None:
    """A file that cannot be mapped is an error that says so, and the index opens once there is room."""
    code = """
import resource, sys
from vnsearch import Article, Index, IndexCorruptError, IndexProblemError
index = Index.open(sys.argv[1])
with index.writer() as writer:
    for number in range(20):
        writer.add(Article(id=str(number), title="dân", body=" ".join(f"x{number}y{n}" for n in range(300))))
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
    assert run(code, str(index.path)) == "short 20\nshort 20\n"


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


@pytest.mark.parametrize("value", [object(), "\ud800", {1: 2}], ids=repr)
def test_whatever_a_caught_add_raises_the_next_articles_are_there(index: Index, value: object) -> None:
    """An app that goes on after any exception, with another article and with the mended one, loses neither."""
    with index.writer() as writer:
        writer.add(article("old"))
    with index.writer() as writer:
        for id in ("a", "old"):
            spoilt = article(id, extra={"x": 1})
            spoilt.extra["x"] = value
            with suppress(Exception):
                writer.add(spoilt)
        writer.add(article("b"))
        writer.add(article("a"))
    assert set(contents(Index.open(index.path))) == {"old", "a", "b"}


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


def test_a_batch_that_fails_is_not_committed_without(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk while a batch is written, caught by the app: no commit leaves out what `add` was told."""
    monkeypatch.setattr(module, "BATCH", 3)
    writer = index.writer()
    writer.add(article("1"))
    real = disk.NewFile.write

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(disk.NewFile, "write", full)
    with pytest.raises(IndexProblemError, match="No space left on device"):
        for id in "23":
            writer.add(article(id))
    monkeypatch.setattr(disk.NewFile, "write", real)
    with pytest.raises(IndexProblemError, match="failed half-way"):
        writer.add(article("4"))
    with pytest.raises(IndexProblemError, match="failed half-way; nothing is changed"):
        writer.commit()
    assert contents(index) == {}
    with index.writer() as writer:
        writer.add(article("5"))
    assert set(contents(index)) == {"5"}


# -- locks and folders that are no longer there ----------------------------------------------------------


def remove_lock(path: Path) -> None:
    (path / "vnsearch.lock").unlink()


def replace_lock(path: Path) -> None:
    remove_lock(path)
    (path / "vnsearch.lock").touch()


def move_folder(path: Path) -> None:
    path.rename(path.with_name("moved"))


def put_another(path: Path) -> None:
    move_folder(path)
    with Index.create(path).writer() as writer:
        writer.add(article("other"))


def remove_folder(path: Path) -> None:
    shutil.rmtree(path)


def link_lock(path: Path) -> None:
    (path / "vnsearch.lock").rename(path / "held")
    (path / "vnsearch.lock").symlink_to(path / "held")


CHANGES = [remove_lock, replace_lock, move_folder, put_another, remove_folder, link_lock]


@pytest.mark.parametrize("optimize", [False, True])
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_lock_or_folder_that_is_gone_fails_the_commit(
    index: Index, change: Callable[[Path], None], optimize: bool
) -> None:
    """Whatever stands in its place stays as it is, and what was there before is whole."""
    with index.writer() as writer:
        writer.add(article("before"))
    writer = index.writer()
    writer.add(article("late"))
    change(index.path)
    with pytest.raises(IndexProblemError, match=r"moved, removed or replaced.*nothing was changed"):
        writer.commit(optimize=optimize)
    if change is link_lock:
        (index.path / "vnsearch.lock").unlink()
    for path in (index.path, index.path.with_name("moved")):
        if (path / "vnsearch.json").exists():
            found = Index.open(path)
            assert set(contents(found)) == {"other"} if change is put_another and path == index.path else {"before"}
            assert not found.verify().problems
            with found.writer() as writer:
                writer.add(article("next"))
            assert {file.suffix for file in path.iterdir()} <= {".seg", ".json", ".lock", ".del", ".toc", ""}


def test_a_commit_of_a_writer_that_lost_its_lock_takes_nothing_back(index: Index) -> None:
    """The second writer's article stays, and so do its files while it is at work."""
    first = index.writer()
    first.add(article("one"))
    remove_lock(index.path)
    module_batch = module.BATCH
    module.BATCH = 2
    try:
        second = index.writer()
        second.add(article("two"))
        second.add(article("three"))  # on disk
        files = set(index.path.glob("*.seg"))
        assert files
        with pytest.raises(IndexProblemError, match="moved, removed or replaced"):
            first.commit()
        assert set(index.path.glob("*.seg")) == files
        second.commit()
    finally:
        module.BATCH = module_batch
    assert set(contents(index)) == {"two", "three"}
    third, fourth = index.writer(), None
    third.add(article("four"))
    remove_lock(index.path)
    fourth = index.writer()
    fourth.rollback()
    third.rollback()
    assert set(contents(index)) == {"two", "three"}


def test_a_commit_that_somebody_else_made_is_not_overwritten(index: Index) -> None:
    """An older copy that is restored under a writer, lock and all: it was not begun from that."""
    with index.writer() as writer:
        writer.add(article("1"))
    manifest = (index.path / "vnsearch.json").read_bytes()
    with index.writer() as writer:
        writer.add(article("2"))
    late = index.writer()
    late.add(article("3"))
    newest = (index.path / "vnsearch.json").read_bytes()
    (index.path / "vnsearch.json").write_bytes(manifest)
    with pytest.raises(IndexProblemError, match=r"another commit was made.*nothing was changed"):
        late.commit()
    assert (index.path / "vnsearch.json").read_bytes() == manifest
    assert newest != manifest


def test_a_forgotten_writer_lets_the_next_one_in(index: Index) -> None:
    """It is neither committed nor rolled back, and nobody has it any more."""
    writer = index.writer()
    writer.add(article("1"))
    with pytest.raises(IndexLockedError):
        index.writer()
    del writer
    gc.collect()
    with index.writer() as writer:
        writer.add(article("2"))
    assert set(contents(index)) == {"2"}


def test_threads_share_a_writer(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that each added is there, and nothing twice."""
    monkeypatch.setattr(module, "BATCH", 7)
    sys.setswitchinterval(1e-5)
    try:
        with index.writer() as writer, ThreadPoolExecutor(8) as pool:
            for added in [pool.submit(writer.add, article(str(number % 60))) for number in range(180)]:
                added.result()
    finally:
        sys.setswitchinterval(0.005)
    assert set(contents(index)) == set(map(str, range(60)))
    assert len(index) == 60
    assert (writer.added, writer.replaced) == (60, 120)
    assert not index.verify().problems


def test_a_creator_keeps_no_writer_out(index: Index) -> None:
    """One that looks once more whether an index is there, while it keeps other creators out."""
    looking = Lock(index.path, 0, CREATING)
    with index.writer() as writer:
        writer.add(article("2"))
    looking.release()
    assert "2" in contents(index)
    assert not (index.path / CREATING).exists()


@pytest.mark.parametrize("path", ["", None, 7])
def test_a_path_that_is_none(path: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is refused; "" would be the working folder, where nobody wants an index."""
    monkeypatch.chdir(tmp_path)
    for call in (Index.create, Index.open):
        with pytest.raises(IndexProblemError, match="expected the path of a folder"):
            call(path)  # type: ignore[arg-type]
    assert not os.listdir()  # noqa: PTH208


def test_ids_that_no_article_has(index: Index) -> None:
    """Half of a surrogate pair, or no text: an ArticleError, wherever an id is asked for."""
    writer = index.writer()
    for id in ("\ud800", 7, None, b"1"):
        for call in (index.get, index.similar, writer.delete):
            with pytest.raises(ArticleError, match=r"^id: "):
                call(id)  # type: ignore[arg-type]
