"""A bounded memory for pure functions of short strings: the cost of a repeated syllable is one look-up."""

from collections.abc import Callable
from typing import TypeVar

V = TypeVar("V")


class Memo(dict[str, V]):
    """`memo[key]` is `function(key)`, computed once; starts afresh when `limit` keys are kept.

    A language has some ten thousand syllables, so a restart is rare; a stream of random strings
    cannot make it grow.  Safe to share between threads: at worst a value is computed twice.
    """

    def __init__(self, function: Callable[[str], V], limit: int = 500_000, longest: int = 80) -> None:
        super().__init__()
        self._function, self._limit, self._longest = function, limit, longest

    def __missing__(self, key: str) -> V:
        value = self._function(key)
        if len(key) <= self._longest:
            if len(self) >= self._limit:
                self.clear()
            self[key] = value
        return value
