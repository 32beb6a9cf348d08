"""What is kept between searches has a bound, and a forked child finds no lock held."""

import os
import threading
from collections.abc import Callable

import pytest

from vnsearch.cache import Cache
from vnsearch.forks import ForkSafeLock
from vnsearch.text.memo import Memo


def test_the_least_recently_used_goes_first() -> None:
    """Bytes are counted; what is asked for again is not made again; what is larger than all room is not kept."""
    made: list[str] = []

    def value(key: str, size: int | None = 40) -> str:
        def make() -> str:
            made.append(key)
            return key.upper()

        return cache.get(key, make, lambda _: size)

    cache = Cache(100)
    assert [value("a"), value("b"), value("a"), value("c"), value("a")] == ["A", "B", "A", "C", "A"]
    assert made == ["a", "b", "c"]
    value("b")
    assert made == ["a", "b", "c", "b"]
    value("big", 101)
    value("big", 101)
    value("unkept", None)
    value("unkept", None)
    assert made[4:] == ["big", "big", "unkept", "unkept"]


def test_a_memo_starts_afresh_when_it_is_full() -> None:
    """A stream of new keys cannot make it grow; long keys are not kept."""
    calls: list[str] = []

    def length(key: str) -> int:
        calls.append(key)
        return len(key)

    memo = Memo(length, limit=3, longest=4)
    assert [memo[key] for key in ("a", "bb", "a", "ccc")] == [1, 2, 1, 3]
    assert calls == ["a", "bb", "ccc"]
    assert memo["dddd"] == 4 and len(memo) == 1
    assert memo["eeeee"] == memo["eeeee"] == 5 and calls[-2:] == ["eeeee", "eeeee"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # from 3.12 on: a fork beside threads
def test_a_forked_child_finds_locks_free() -> None:
    """Also one that another thread held; then what it guards is told that it may be half changed."""
    spoilt: list[int] = []
    lock, free = ForkSafeLock(lambda: spoilt.append(os.getpid())), ForkSafeLock(lambda: spoilt.append(-1))
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with lock:
            held.set()
            done.wait(60)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(60)
    assert _in_child(lambda: spoilt == [os.getpid()] and _taken(lock) and _taken(free))
    done.set()
    thread.join()
    assert spoilt == [] and _taken(lock)


def _taken(lock: ForkSafeLock) -> bool:
    with lock:
        return True


def _in_child(holds: Callable[[], bool]) -> bool:
    """Whether it holds in a forked child."""
    child = os.fork()
    if not child:
        os._exit(0 if holds() else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
