"""How long a search may take: one deadline, which everything that it calls looks at without being handed it.

Whatever has a step or a turn of a loop that may cost a millisecond calls `check_time` there.  The clock runs only while
the search is at work (`Deadline.run`): a page that is shown a minute later has as much time as one that is shown at
once.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from typing import TypeVar

from .limits import SHOWING_MS

T = TypeVar("T")
_NEVER = float("inf")
_end: ContextVar[float] = ContextVar("end", default=_NEVER)  # in seconds of `clock`
clock = time.perf_counter


class Late(Exception):
    """The time is over; what was being worked out is dropped."""


def seconds_left() -> float:
    """Until the deadline of the search that is at work; infinite where it has none."""
    end = _end.get()
    return end if end == _NEVER else end - clock()


def check_time() -> None:
    """Raises Late where the deadline of the search that is at work has passed."""
    end = _end.get()
    if end != _NEVER and clock() >= end:
        raise Late


def in_time(items: Iterable[T], every: int = 256) -> Iterator[T]:
    """The items; the time is examined after every so many."""
    if _end.get() == _NEVER:
        yield from items
        return
    for number, item in enumerate(items):
        if not number % every:
            check_time()
        yield item


class Deadline:
    """The time of one search: of what it finds and, later on, of what is shown of that."""

    def __init__(self, milliseconds: float | None) -> None:
        self._left = None if milliseconds is None else milliseconds / 1000
        self.has_passed = False  # something was dropped
        self._is_shown = False

    def run(self, make: Callable[[], T], otherwise: Callable[[], T]) -> T:
        """What `make` returns, or `otherwise` where that takes longer than what is left of the time."""
        if self._left is None:
            return make()
        begun = clock()
        before = _end.set(min(_end.get(), begun + self._left))
        try:
            return make()
        except Late:
            self.has_passed = True
        finally:
            _end.reset(before)
            self._left -= clock() - begun
        return otherwise()

    def show(self, make: Callable[[], T], otherwise: Callable[[], T]) -> T:
        """Runs what shows a search in time; showing has some time of its own where the search took it all."""
        if self._left is not None and not self._is_shown:
            self._left, self._is_shown = max(self._left, SHOWING_MS / 1000), True
        return self.run(make, otherwise)
