"""Words of a text that was typed without diacritics: a logistic regression on each gap between syllables.

The table (`data/segment_unmarked.txt`) is made by scripts/make_segment_tables.py from text that pyvi cut:
syllables and numbers only.

    >>> inside_unmarked("tinh uy lang son tap huan".split())
    [False, True, False, True, False, True]
"""

from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import NamedTuple

from .crf import known_syllables, model
from .fold import fold, is_unmarked


class _Folded(NamedTuple):
    """How strongly folded syllables want to be one word, in log-odds; made by scripts/make_segment_tables.py."""

    leads: dict[str, int]  # as the first of two
    trails: dict[str, int]  # as the second
    pairs: dict[str, dict[str, int]]
    shapes: list[float]  # see _shape
    before: list[float]  # what the pair before takes away, by its weight / 10 from -6
    behind: list[float]
    compounds: list[float]  # what pyvi's compounds, folded, add: to a pair, to the second gap of three, to the first


@cache
def _folded() -> _Folded:
    head, *lines = (files(__package__) / "data/segment_unmarked.txt").read_text("utf-8").splitlines()
    table = _Folded({}, {}, {}, *([float(x) for x in part.split()] for part in head.split(";")))
    for first, leads, trails, *pairs in map(str.split, lines):
        table.leads[first], table.trails[first] = int(leads), int(trails)
        table.pairs[first] = dict(zip(pairs[::2], map(int, pairs[1::2]), strict=True))
    return table


def mostly_unmarked(syllables: list[str]) -> bool:
    """Whether a text was typed without diacritics: four syllables at least, most of them Vietnamese."""
    letters = [syllable for syllable in syllables if syllable.isalpha()]
    if len(letters) < 4 or not all(map(is_unmarked, letters)):
        return False
    known = _folded_syllables()
    return sum(syllable.lower() in known for syllable in letters) > 0.7 * len(letters)


def inside_unmarked(syllables: list[str]) -> list[bool]:
    """A logistic regression on each gap: the pair, the pairs around it, their capitals."""
    table, known, count = _folded(), _folded_compounds(), len(syllables)
    lower = [syllable.lower() if syllable.isalpha() else "" for syllable in syllables]
    no_case = not any(map(str.islower, syllables)) or not any(s[:1].isupper() for s in syllables)
    weights = [_EDGE] + [_weight(table, a, b) for a, b in pairwise(lower)] + [_EDGE]  # of the gap before each syllable
    inside = [False] * count
    for at in range(1, count):
        if lower[at - 1] and lower[at]:
            total = weights[at] / 10 + table.shapes[0 if no_case else _shape(syllables[at - 1], syllables[at])]
            total += table.before[_bin(weights[at - 1])] + table.behind[_bin(weights[at + 1])]
            total += (" ".join(lower[max(at - 2, 0) : at + 1]) in known) * table.compounds[1] / 10 if at > 1 else 0
            total += (" ".join(lower[at - 1 : at + 2]) in known) * table.compounds[2] / 10 if at + 1 < count else 0
            inside[at] = total > 0
    return inside


_EDGE = -200


def _weight(table: _Folded, first: str, second: str) -> int:
    if not (first and second):
        return _EDGE
    pair = table.pairs.get(first, {}).get(second, 0)
    known = table.compounds[0] if f"{first} {second}" in _folded_compounds() else 0
    return int(pair + table.leads.get(first, 0) + table.trails.get(second, 0) + known)


@cache
def _folded_compounds() -> frozenset[str]:
    return frozenset(fold("\n".join(c for c in model().compounds if c.islower())).split("\n"))


@cache
def _folded_syllables() -> frozenset[str]:
    return frozenset(fold(" ".join(known_syllables())).split())


def _bin(weight: int) -> int:
    return min(max(weight // 10, -6), 8) + 6


def _shape(first: str, second: str) -> int:
    """1 to 4 by the initials' capitals; 5 to 7 where an abbreviation takes part, both, the first, the second."""
    long = len(first) > 1 and first.isupper(), len(second) > 1 and second.isupper()
    if any(long):
        return 5 if first.isupper() and second.isupper() else 6 if first.isupper() else 7
    return 1 + 2 * first[0].isupper() + second[0].isupper()
