from collections.abc import Callable
from typing import Any

from .twins import Array

VERSION: int

class Store:
    def __init__(
        self,
        arrays: tuple[Array, ...],
        file: Any,
        pending: bytearray,
        near: bytearray,
        sums: Array,
        end: int,
        check: Callable[[int, int], None],
        broken: Callable[[str], None],
    ) -> None: ...
    def in_a_row(
        self, terms: Array, first: Array, starts: Array, among: Array | None, fields: int, most: int
    ) -> tuple[bytes, bytes]: ...
    def gather(self, terms: Array, words: Array, codes: Array, documents: Array, fields: int) -> bytes: ...
    def impacts(self, terms: Array, norm: Array, row: Array) -> int: ...
    def spelled(self, own: Array, every: Array, share: float, norm: Array, row: Array) -> int: ...
    def impacts_at(
        self, own: Array, every: Array, share: float, norm: Array, documents: Array, found: Array
    ) -> None: ...
    def size(self, terms: Array) -> int: ...
    def find(self, folded: str, exact: str) -> int: ...
    def find_folded(self, folded: str) -> tuple[int, int]: ...

def best_of(
    leaves: list[tuple[Array | None, Array, float]], allowed: Array | None, matches: Array, wanted: int
) -> tuple[int, bytes, bytes]: ...
def beside(occurrences: bytes, partners: Array, read: Array, sample: Array, counts: Array) -> None: ...
def look(
    occurrences: bytes,
    pairs: Array,
    weights: Array,
    dropped: Array,
    titles: Array,
    has: Array,
    counts: Array,
    rest: Array,
    factors: tuple[float, float, float, float, float],
) -> None: ...
