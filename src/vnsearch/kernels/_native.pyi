from collections.abc import Callable
from typing import Any

from ..arrays import Array
from . import Leaf, Phrase

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
        late: Callable[[], None],
    ) -> None: ...
    def size(self, terms: tuple[int, ...]) -> int: ...
    def having(
        self, words: tuple[tuple[Phrase, ...], ...], allowed: Array | None, most: int, seconds: float
    ) -> bytes: ...
    def in_a_row(
        self, groups: tuple[tuple[int, ...], ...], fields: int, allowed: Array | None, seconds: float
    ) -> tuple[bytes, bytes]: ...
    def gather(
        self, groups: tuple[tuple[int, ...], ...], codes: Array | None, documents: Array, fields: int, seconds: float
    ) -> bytes: ...
    def pairs(
        self,
        first: tuple[int, ...],
        second: tuple[int, ...],
        starts: Array,
        documents: int,
        following: Array,
        counts: Array,
    ) -> tuple[bytes, bytes]: ...
    def together(
        self, terms: tuple[int, ...], first: tuple[int, ...], second: tuple[int, ...], documents: int
    ) -> tuple[bytes, bytes]: ...
    def scores(self, leaves: list[Leaf], norm: Array, tenths: Array, documents: Array) -> bytearray: ...
    def best(
        self,
        leaves: list[Leaf],
        lists: list[tuple[Array, Array]],
        norm: Array,
        tenths: Array,
        allowed: Array | None,
        wanted: int,
    ) -> tuple[bytes, bytes]: ...
    def find(self, folded: str, exact: str) -> int: ...
    def find_folded(self, folded: str) -> tuple[int, int]: ...
    def find_words(self, folded: str) -> tuple[int, int, bool]: ...
    def words_among(self, syllables: tuple[str, ...], longest: int) -> list[tuple[int, int, int, int]]: ...

def beside(occurrences: bytes, partners: Array, read: Array, sample: Array, counts: Array) -> None: ...
def chances(
    table: tuple[Array, ...],
    least: float,
    numbers: Array,
    known: Array,
    alone: Array,
    sizes: Array,
    asked: Array,
    pairs: Array,
    triples: Array,
) -> None: ...
def look(
    occurrences: bytes,
    pairs: Array,
    weights: Array,
    dropped: Array,
    titles: Array,
    norm: Array,
    sample: Array,
    first: Array,
    ends: Array,
    more: float,
    factors: tuple[float, float, float, float, float, float, float],
    windows: tuple[int, int, int],
) -> tuple[bytes, bytes, bytes]: ...
def in_a_row(
    places: bytes, codes: bytes, others: bytes, other_codes: bytes, end: int, before: Array, counts: Array
) -> None: ...
def through(
    order: int,
    whole: bool,
    sizes: Array,
    alone: Array,
    pairs: Array,
    triples: Array,
    cost: Array,
    at: Array,
    worth: Array,
    steps: Array,
    found: Array,
) -> None: ...
def weigh(
    whole: bool,
    sizes: Array,
    alone: Array,
    seen: tuple[tuple[Array, Array] | None, ...],
    threes: tuple[tuple[Array, Array] | None, ...],
    weights: tuple[float, float, float, float],
    pairs: Array,
    triples: Array,
) -> None: ...
def sequences(sizes: Array, steps: Array, scores: Array, found: Array) -> int: ...
