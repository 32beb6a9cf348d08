"""Locks between threads that a forked child finds free.

A prefork server forks while other threads may hold a lock; in the child these threads are gone, and what
they held would never be released.
"""

import os
from collections.abc import Callable
from threading import Lock
from types import TracebackType
from weakref import WeakSet


class ForkSafeLock:
    """threading.Lock for `with`; `lock` is the lock itself, quicker to enter, and only until the next fork.

    spoilt: called in a child that was forked while the lock was held: what it guards may be half changed.
    """

    def __init__(self, spoilt: Callable[[], None] | None = None) -> None:
        self.lock, self._spoilt = Lock(), spoilt
        _all.add(self)

    def __enter__(self) -> None:
        self.lock.acquire()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.lock.release()

    def renew(self) -> None:
        """What a forked child does."""
        held, self.lock = self.lock.locked(), Lock()
        if held and self._spoilt:
            self._spoilt()


_all: WeakSet[ForkSafeLock] = WeakSet()


def _after_fork() -> None:
    for lock in list(_all):
        lock.renew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
