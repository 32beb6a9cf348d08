"""A byte-bounded LRU cache of what queries compute from segments."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar

from .deadline import check_time
from .forks import ForkSafeLock

T = TypeVar("T")


class Cache:
    """The least recently used values go when there is no room; safe to share between threads."""

    def __init__(self, size: int) -> None:
        """size: bytes."""
        self._size, self._used = size, 0
        self._values: OrderedDict[Any, tuple[Any, int]] = OrderedDict()
        self._lock = ForkSafeLock()

    def get(self, key: Any, make: Callable[[], T], size: Callable[[T], int | None]) -> T:
        """The value of a key, made where it is not there; made outside the lock, so perhaps twice.

        size: bytes of a value; None: it is not kept.
        """
        if (kept := self._values.get(key)) is not None:
            try:  # noqa: SIM105 - quicker than suppress(), and each search comes by some ten times
                self._values.move_to_end(key)
            except KeyError:  # no lock is held, so it may have been let go meanwhile
                pass
            value: T = kept[0]
            return value
        check_time()
        value = make()
        if (bytes_ := size(value)) is None:
            return value
        with self._lock.lock:
            if key not in self._values:
                self._values[key] = value, bytes_
                self._used += bytes_
            while self._used > self._size and self._values:
                self._used -= self._values.popitem(last=False)[1][1]
        return value
