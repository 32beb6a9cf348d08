"""One hit a story: of articles that tell the same, the best one stands for all."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from ..deadline import Late
from ..text.fingerprint import first_of_each_story

_MORE = 3  # times as many matches are examined where stories were too few

F = TypeVar("F")
M = TypeVar("M")


def collapsed(
    begin: int,
    end: int,
    find: Callable[[int], tuple[F, list[M], bool]],
    prints_of: Callable[[list[M]], Sequence[int]],
    most: int = 1 << 62,
) -> tuple[F, list[M], list[tuple[M, ...]], bool]:
    """Stories begin..end: the best match of each, and with it the others of its story among those examined.

    find: what was found, at least so many of its best matches, and whether the deadline passed meanwhile.
    prints_of: the fingerprints of matches; may raise Late.  most: matches that `find` can give.
    Returns first what `find` gave last, and at the end whether the deadline passed.
    """
    number = min(2 * end + 10, most)
    while True:
        found, matches, partial = find(number)
        matches = matches[:number]
        try:
            kept, others = first_of_each_story(np.array(prints_of(matches), np.uint64))
        except Late:
            return found, [], [], True
        if len(kept) >= end or len(matches) < number or number == most or partial:
            same = [tuple(matches[n] for n in later) for later in others[begin:end]]
            return found, [matches[n] for n in kept[begin:end]], same, partial
        number = min(_MORE * number, most)
