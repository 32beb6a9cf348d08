"""What is worked out of a segment for one query, and kept for the next."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar

from . import kernels
from .deadline import check_time
from .forks import ForkSafeLock

T = TypeVar("T")
# bytes; without compiled kernels a common word takes two a document, and a thousand are in use
_LEAST, _A_DOCUMENT = (384 << 20, 2 << 10) if kernels.KIND == "numpy" else (14 << 20, 0)


class Cache:
    """The least recently used values go when there is no room; safe to share between threads."""

    def __init__(self, size: int = _LEAST, documents: int = 0) -> None:
        size = max(size, _A_DOCUMENT * documents)
        self._size, self._used = size, 0
        self._values: OrderedDict[Any, tuple[Any, int]] = OrderedDict()
        self._lock = ForkSafeLock()

    def get(self, key: Any, make: Callable[[], T], size: Callable[[T], int]) -> T:
        """The value of a key, made where it is not there; made outside the lock, so perhaps twice."""
        if (kept := self._values.get(key)) is not None:
            try:  # noqa: SIM105 - quicker than suppress(), and each search comes by some ten times
                self._values.move_to_end(key)
            except KeyError:  # no lock is held, so it may have been let go meanwhile
                pass
            value: T = kept[0]
            return value
        check_time()
        value = make()
        bytes_ = size(value)
        with self._lock:
            if key not in self._values:
                self._values[key] = value, bytes_
                self._used += bytes_
            while self._used > self._size and self._values:
                self._used -= self._values.popitem(last=False)[1][1]
        return value
