"""What stands behind what in Vietnamese news: counts of syllables, pairs and triples of them, for reading queries.

They say how the language goes where an index is too small to; made by `scripts/make_language.py`, which tells what is
in `data/language.npz`.  A syllable is a number; what is no syllable of the table has the number `unknown()`.

    >>> a, b = number("tủ"), number("bếp")
    >>> frequency(number("việt")) > frequency(number("viết")), bool(pairs([a], [b]) > pairs([number("từ")], [b]))
    (True, True)
"""

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from math import prod
from pathlib import Path
from typing import NamedTuple

import numpy as np

from .. import kernels
from ..arrays import Array
from ..text.tokenize import folded_term

_COUNTS = Path(__file__).with_name("data") / "language.npz"
_LEAST_REST = 0.02
BITS = 16  # of a key for each syllable


class _Table(NamedTuple):
    names: list[str]
    numbers: dict[str, int]
    frequency: Array  # of each syllable, and 0 for what is none
    keys: Array  # of the pairs, ascending: first << BITS | second
    counts: Array
    rest: Array  # for each syllable the share of what stands behind it that no pair tells, and 1 for what is none
    triple_keys: Array  # of the triples, ascending: number of the pair << BITS | third
    triple_counts: Array
    triple_rest: Array  # the same as rest, for each pair


@cache
def _table() -> _Table:
    with np.load(_COUNTS) as data:
        names = data["names"].tobytes().decode().split(" ")
        keys = np.repeat(np.arange(len(names), dtype=np.uint32), data["size"]) << BITS | data["second"]
        count = np.append(2 ** (np.arange(256) / 2), 0).astype(np.float32)
        frequency = np.append(count[data["level"]], 0)
        keys, counts = np.append(keys, np.uint32(2**32 - 1)), np.append(count[data["pair_level"]], np.float32(0))
        pair = np.repeat(np.arange(len(keys) - 1, dtype=np.int64), data["triple_size"])
        triple_keys = np.append(pair << BITS | data["third"], 2**62)
        triple_counts = np.append(count[data["triple_level"]], np.float32(0))
    told = np.bincount(keys[:-1] >> BITS, weights=counts[:-1], minlength=len(frequency))
    told_behind = np.bincount(pair, weights=triple_counts[:-1], minlength=len(keys))
    return _Table(
        names, {name: number for number, name in enumerate(names)}, frequency, keys, counts, _rest(told, frequency),
        triple_keys, triple_counts, _rest(told_behind, counts),
    )  # fmt: skip


def _rest(told: Array, of: Array) -> Array:
    """The share that is not told; 1 for the last one, which is none."""
    return np.append(1 - np.minimum(told[:-1] / of[:-1], 1 - _LEAST_REST), 1)


def number(syllable: str) -> int:
    """The number of a syllable."""
    return _table().numbers.get(syllable, len(_table().names))


def unknown() -> int:
    """The number of all that is no syllable of the table."""
    return len(_table().names)


@cache
def _spelled() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in _table().names:
        found.setdefault(folded_term(name), []).append(name)
    return found


def spelled(folded: str) -> Sequence[str]:
    """The syllables that are spelled so without diacritics."""
    return _spelled().get(folded, ())


@cache
def all_folded() -> Mapping[str, float]:
    """All syllables without diacritics, and how often each occurred by all its spellings."""
    return {folded: sum(frequency(number(name)) for name in names) for folded, names in _spelled().items()}


def frequency(number: int) -> float:
    """About how often a syllable occurred; 0 for one that hardly did."""
    return float(_table().frequency[number])


@cache
def total() -> float:
    """About how many syllables were counted."""
    return float(_table().frequency.sum(dtype=np.float64))


def pairs(first: Array | Sequence[int], second: Array | Sequence[int]) -> Array:
    """About how often each second stood behind the first beside it, by their numbers; 0 where that was rare."""
    keys = np.asarray(first, np.uint32) << BITS | np.asarray(second, np.uint32)
    at = _table().keys.searchsorted(keys)
    return np.where(_table().keys[at] == keys, _table().counts[at], np.float32(0))


def chances(
    numbers: Array, known: Array, alone: Array, sizes: Sequence[int], asked: Sequence[int]
) -> tuple[list[Array], list[Array]]:
    """How probable syllables are in places one behind the other; sizes: how many each place has.

    numbers: of the syllables of all places; known, alone: how often each occurs in the language, how probable each is
    anywhere.  Returns (for each place but the first its syllables behind each of the place before it, for each place of
    `asked` those two places on behind each two).
    """
    two = list(pairwise(sizes))
    three = [(sizes[at], sizes[at + 1], sizes[at + 2]) for at in asked]
    pairs, triples = np.empty(sum(map(prod, two))), np.empty(sum(map(prod, three)))
    t = _table()
    table = t.keys, t.counts, t.rest, t.triple_keys, t.triple_counts, t.triple_rest
    kernels.chances(table, numbers, known, alone, np.array(sizes, np.int64), np.array(asked, np.int64), pairs, triples)
    return _parted(pairs, two), _parted(triples, three)


def _parted(row: Array, shapes: Sequence[tuple[int, ...]]) -> list[Array]:
    found, begin = [], 0
    for shape in shapes:
        found.append(row[begin : begin + prod(shape)].reshape(shape))
        begin += prod(shape)
    return found
