"""Sets of documents: ascending numbers where few, one bool a document where many."""

import numpy as np

from ..arrays import Array


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
    at = np.searchsorted(b, a)
    at[at == len(b)] = 0
    common: Array = a[b[at] == a]
    return common
