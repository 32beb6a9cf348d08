"""What follows what in Vietnamese news: counts of syllables, pairs and triples of them, for reading queries.

They say how the language goes where an index is too small to; made by `scripts/make_language.py`, which tells what is
in `data/language.npz`.  A syllable is a number; what is no syllable of the table has the number `unknown()`.

    >>> a, b = number("tủ"), number("bếp")
    >>> frequency(number("việt")) > frequency(number("viết")), pairs([a], [b]) > pairs([number("từ")], [b])
    (True, True)
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from .. import kernels
from ..arrays import Array
from ..text.fold import fold

_COUNTS = Path(__file__).with_name("data") / "language.npz"
_LEAST_REST = 0.02


class _Table(NamedTuple):
    names: list[str]
    numbers: dict[str, int]
    frequency: Array  # of each syllable, and 0 for what is none
    seconds: Array  # of the pairs, those of each first syllable ascending
    begins: Array  # of each first syllable, of what is none, and the end
    levels: Array  # of each pair: see `times`
    rest: Array  # for each syllable the share of what follows it that no pair tells, and 1 for what is none
    thirds: Array  # of the triples, those of each pair ascending
    third_begins: Array  # of each pair, and the end
    third_levels: Array
    times: Array  # about how often what is of a level occurred


@cache
def _table() -> _Table:
    times = (2 ** (np.arange(256) / 2)).astype(np.float32)
    with np.load(_COUNTS) as data:
        names = data["names"].tobytes().decode().split(" ")
        frequency = np.append(times[data["level"]], 0)
        begins = np.cumsum(np.concatenate(([0], data["size"], [0])), dtype=np.int64)
        third_begins = np.zeros(len(data["triple_size"]) + 1, np.uint32)
        np.cumsum(data["triple_size"], out=third_begins[1:])
        seconds, levels = data["second"], data["pair_level"]
        thirds, third_levels = data["third"], data["triple_level"]
    sums = np.zeros(len(levels) + 1)
    times.astype(np.float64).take(levels, out=sums[1:])
    told = np.diff(sums.cumsum(out=sums)[begins[:-1]])  # in place, as it is most of the memory that loading takes
    rest = np.append(1 - np.minimum(told / frequency[:-1], 1 - _LEAST_REST), 1)
    return _Table(
        names, {name: number for number, name in enumerate(names)}, frequency, seconds, begins, levels, rest,
        thirds, third_begins, third_levels, times,
    )  # fmt: skip


def number(syllable: str) -> int:
    """The number of a syllable."""
    return _table().numbers.get(syllable, len(_table().names))


def known(syllables: Sequence[str]) -> tuple[list[int], list[float]]:
    """The number of each of some syllables, and about how often each occurred."""
    table = _table()
    none, often = len(table.names), table.frequency.data
    numbers = [table.numbers.get(syllable, none) for syllable in syllables]
    return numbers, [often[number] for number in numbers]


def unknown() -> int:
    """The number of all that is no syllable of the table."""
    return len(_table().names)


@cache
def _spelled() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for name in _table().names:
        found.setdefault(fold(name), []).append(name)  # not by `folded_term`, which would keep them all once more
    return {folded: tuple(names) for folded, names in found.items()}


def spelled(folded: str) -> Sequence[str]:
    """The syllables that are spelled so without diacritics."""
    return _spelled().get(folded, ())


@cache
def all_folded() -> Mapping[str, float]:
    """All syllables without diacritics, and how often each occurred by all its spellings."""
    return {folded: sum(frequency(number(name)) for name in names) for folded, names in _spelled().items()}


def frequency(number: int) -> float:
    """About how often a syllable occurred; 0 for one that hardly did."""
    return float(_table().frequency.item(number))


@cache
def total() -> float:
    """About how many syllables were counted."""
    return float(_table().frequency.sum(dtype=np.float64))


def pairs(first: Sequence[int], second: Sequence[int]) -> list[float]:
    """About how often each second followed the first beside it, by their numbers; 0 where that was rare."""
    table, found = _table(), []
    seconds, begins, levels, times = table.seconds.data, table.begins.data, table.levels.data, table.times.data
    for one, other in zip(first, second, strict=True):
        end = begins[one + 1]
        at = bisect_left(seconds, other, begins[one], end)
        found.append(times[levels[at]] if at < end and seconds[at] == other else 0.0)
    return found


def following(first: str, beginning: str) -> Mapping[str, float]:
    """The syllables that follow one and begin so without diacritics, and about how often each does."""
    table, at = _table(), number(first)
    folded, places = _in_order()
    begin, end = table.begins[at : at + 2].tolist()
    place = places[table.seconds[begin:end]]
    low, high = bisect_left(folded, beginning), bisect_left(folded, beginning + "\U0010ffff")
    found = ((place >= low) & (place < high)).nonzero()[0] + begin
    names = [table.names[second] for second in table.seconds[found].tolist()]
    return dict(zip(names, table.times[table.levels[found]].tolist(), strict=True))


@cache
def _in_order() -> tuple[list[str], Array]:
    """All syllables without diacritics, ascending, and the place of each syllable among them."""
    folded = [fold(name) for name in _table().names]
    order = sorted(range(len(folded)), key=lambda n: folded[n])
    places = np.empty(len(order), np.int64)
    places[order] = np.arange(len(order))
    return [folded[n] for n in order], places


def chances(numbers: Array, known: Array, alone: Array, sizes: Array, asked: Array) -> tuple[Array, Array]:
    """How probable syllables are in places in a row; sizes: how many each place has.

    numbers: of the syllables of all places; known, alone: how often each occurs in the language, how probable each is
    anywhere.  Returns (for each place but the first its syllables after each of the place before it, for each place of
    `asked` those two places on after each two), the last one varying quickest.
    """
    own = sizes.tolist()
    two = [a * b for a, b in pairwise(own)]
    pairs, triples = np.empty(sum(two)), np.empty(sum([two[at] * own[at + 2] for at in asked.tolist()]))
    t = _table()
    table = t.seconds, t.begins, t.levels, t.rest, t.thirds, t.third_begins, t.third_levels, t.times
    kernels.chances(table, _LEAST_REST, numbers, known, alone, sizes, asked, pairs, triples)
    return pairs, triples
