"""A backup is a whole index of its own."""

import os
import re
import shutil
import threading
from pathlib import Path

import pytest
from tests.index.small import add, article, break_byte, ids, segments

from vnsearch import (
    Index,
    IndexCorruptError,
    IndexExistsError,
    IndexNotFoundError,
)

DATA = Path(__file__).parent.parent / "data"


@pytest.fixture
def index(tmp_path: Path) -> Index:
    return Index.create(tmp_path / "index")


def test_a_backup_of_a_live_index_waits_for_nobody(index: Index, tmp_path: Path) -> None:
    """A writer holds the lock and others commit; the copy is one generation, whole, and stays so."""
    add(index, "1", "2")
    writer = index.writer()
    writer.add(article("3"))
    index.backup(tmp_path / "copy")
    writer.commit()
    index.optimize()
    copy = Index.open(tmp_path / "copy")
    assert ids(copy) == {"1", "2"}
    assert not copy.verify().problems
    add(copy, "4")
    assert ids(index) == {"1", "2", "3"}


def test_backups_while_commits_go_on(index: Index, tmp_path: Path) -> None:
    """Each is a generation of its own that verifies."""
    add(index, "0")
    stop = threading.Event()

    def commit() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            with index.writer() as writer:
                writer.add(article("0", f"lần {number}"))
                writer.add(article("1", f"lần {number}"))

    thread = threading.Thread(target=commit)
    thread.start()
    try:
        for number in range(10):
            index.backup(tmp_path / str(number))
            copy = Index.open(tmp_path / str(number))
            assert not copy.verify().problems
            assert len({a.body for a in copy if a.body.startswith("lần")}) <= 1
    finally:
        stop.set()
        thread.join()


def test_a_backup_without_hard_links_is_a_copy(index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On another file system."""
    add(index, "1")

    def refuse(*_: object, **__: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    index.backup(tmp_path / "copy")
    (file,) = (tmp_path / "copy").glob("*.seg")
    assert file.stat().st_nlink == 1
    assert file.read_bytes() == (index.path / file.name).read_bytes()
    assert ids(Index.open(tmp_path / "copy")) == {"1"}


def test_a_backup_is_restored_by_a_backup(index: Index, tmp_path: Path) -> None:
    """To the place where the index was; articles and all."""
    add(index, "1", "2")
    index.backup(tmp_path / "copy")
    shutil.rmtree(index.path)
    with pytest.raises(IndexNotFoundError):
        index.search("")
    Index.open(tmp_path / "copy").backup(index.path)
    assert ids(index) == {"1", "2"}


def test_a_broken_index_is_not_backed_up(index: Index, tmp_path: Path) -> None:
    """No copy is left; the generation before can be."""
    add(index, "1")
    before = segments(index)
    add(index, "2")
    (newest,) = segments(index) - before
    break_byte(newest)
    with pytest.raises(IndexCorruptError):
        index.backup(tmp_path / "copy")
    assert list((tmp_path / "copy").iterdir()) == []
    with pytest.warns(RuntimeWarning):
        Index.open(index.path, fallback=True).backup(tmp_path / "copy")
    assert ids(Index.open(tmp_path / "copy")) == {"1"}
    with pytest.raises(IndexExistsError, match="not empty"):
        index.backup(tmp_path / "copy")


def test_verify_tells_what_it_looked_at(index: Index) -> None:
    """Manifest, checksums, postings, articles, the generation before; each with how much and how long."""
    add(index, "1")
    add(index, "2")
    found = index.verify()
    assert not found.problems
    assert [check.what for check in found.checks] == [
        "manifest", "checksums", "postings", "articles", "generation before",
    ]  # fmt: skip
    assert all(check.seconds >= 0 and re.search(r"\d", check.amount) for check in found.checks)
    assert (found.generation, found.articles, found.files) == (2, 2, 4)
    assert found.bytes == sum(file.stat().st_size for file in index.path.iterdir() if file.suffix in (".seg", ".json"))


def test_backup_is_an_index(index: Index, tmp_path: Path) -> None:
    """It opens, verifies, holds the same; it never overwrites."""
    with index.writer() as writer:
        writer.add(article("1"))
    index.backup(tmp_path / "copy")
    copy = Index.open(tmp_path / "copy")
    assert ids(copy) == {"1"}
    assert not copy.verify().problems
    with pytest.raises(IndexExistsError):
        index.backup(tmp_path / "copy")
    with index.writer() as writer:  # the original is not held
        writer.add(article("2"))
    assert ids(copy) == {"1"}
