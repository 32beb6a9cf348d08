"""Sets of documents: ascending numbers where few, one bool a document where many."""

from collections.abc import Iterator

import numpy as np

from ..arrays import Array, find_in, nth
from ..deadline import check_time


def size_of(documents: Array) -> int:
    """How many documents a set has."""
    return int(np.count_nonzero(documents)) if documents.dtype == bool else len(documents)


def as_numbers(documents: Array) -> Array:
    """A set as ascending numbers."""
    return np.flatnonzero(documents) if documents.dtype == bool else documents


def as_mask(documents: Array, size: int) -> Array:
    """A set as one bool for each of `size` documents."""
    if documents.dtype == bool:
        return documents
    mask = np.zeros(size, bool)
    mask[documents] = True
    return mask


def intersect(a: Array, b: Array) -> Array:
    """The documents of both sets."""
    if a.dtype == bool and b.dtype == bool:
        both: Array = a & b
        return both
    if a.dtype == bool:
        return b[a[b]]
    if b.dtype == bool:
        return a[b[a]]
    if len(a) > len(b):
        a, b = b, a
    if not len(b):
        return b
    common: Array = a[find_in(b, a)[1]]
    return common


def best(scores: Array, number: int) -> Array | slice:
    """Where the `number` greatest scores are, and all that equal the least of them."""
    if len(scores) <= number:
        return slice(None)
    if number <= 0:
        return slice(0)
    chosen: Array = scores >= nth(scores, number)
    return chosen


def batches(widths: Array, most: int) -> Iterator[slice]:
    """Parts of documents that have about `most` positions each, or more where it is one; the time is examined before
    each.
    """
    part = np.cumsum(widths, dtype=np.int64) // most
    ends = np.append((part[1:] != part[:-1]).nonzero()[0] + 1, len(widths)).tolist()
    begin = 0
    for end in ends:
        check_time()
        yield slice(begin, end)
        begin = end
