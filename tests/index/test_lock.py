"""One writer at a time, in any thread or process; the others are told who it is."""

import multiprocessing
import os
import socket
from pathlib import Path

import pytest
from tests.index.small import article

from vnsearch import Index, IndexLockedError, IndexProblemError
from vnsearch.index.lock import LOCK, Lock


@pytest.fixture
def index(tmp_path: Path) -> Index:
    return Index.create(tmp_path / "index")


def _hold(path: Path, ready: "multiprocessing.synchronize.Event", done: "multiprocessing.synchronize.Event") -> None:
    with Index.open(path).writer():
        ready.set()
        done.wait(30)


def test_a_second_writer_waits_and_then_says_why(index: Index) -> None:
    """In another process; when the first is done, the next one works."""
    context = multiprocessing.get_context("spawn")
    ready, done = context.Event(), context.Event()
    process = context.Process(target=_hold, args=(index.path, ready, done))
    process.start()
    assert ready.wait(30)
    with pytest.raises(IndexLockedError, match=r"waited 0\.2 s"):
        index.writer(timeout=0.2)
    done.set()
    process.join(30)
    with index.writer(timeout=5) as writer:
        writer.add(article("1"))
    assert len(index) == 1


def test_the_file_says_who_holds_it(index: Index) -> None:
    """Process, host and time, in the error and its message; nobody any more once it is released."""
    with index.writer(), pytest.raises(IndexLockedError) as raised:
        index.writer()
    assert raised.value.pid == os.getpid() and str(os.getpid()) in str(raised.value)
    assert raised.value.since is not None and raised.value.host == socket.gethostname()
    assert (index.path / LOCK).read_bytes() == b""


def test_a_removed_file_is_no_lock(tmp_path: Path) -> None:
    """Who held it is told so, and the next one holds another file."""
    first = Lock(tmp_path, 0)
    (tmp_path / LOCK).unlink()
    second = Lock(tmp_path, 0)
    assert (first.is_held(), second.is_held()) == (False, True)
    second.release()


def test_a_forgotten_lock_is_free(tmp_path: Path) -> None:
    """However it was lost, no file of this process keeps it."""
    lock = Lock(tmp_path, 0)
    del lock
    Lock(tmp_path, 0).release()


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """Is an error of ours that names the folder."""
    with pytest.raises(IndexProblemError, match="cannot be written"):
        Lock(tmp_path / "none", 0)
