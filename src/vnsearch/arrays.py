"""What NumPy arrays lack: runs of indices, rows of a table, a stable order, the n-th greatest, each once, look-ups."""

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def spans(starts: Array, lengths: Array) -> Array:
    """The indices starts[0], starts[0] + 1, ... of `lengths[0]` items, then those of the next, as int64."""
    ends = lengths.cumsum(dtype=np.int64)
    if not len(ends) or not (total := int(ends[-1])):
        return np.empty(0, np.int64)
    found: Array = (starts - (ends - lengths)).repeat(lengths)
    found += np.arange(total)
    return found


def rows(first: Array, chosen: Array) -> tuple[Array, Array]:
    """(indices of the values of the chosen rows of a CSR table, one row after the other; how many each has)."""
    counts = np.diff(first)[chosen]
    return spans(first[chosen], counts), counts


def stable_order(keys: Array, largest: int) -> Array:
    """argsort that keeps equal keys in place; NumPy sorts 16-bit keys by radix, so wider ones take two passes."""
    low = np.argsort((keys & 0xFFFF).astype(np.uint16), kind="stable")
    if largest < 1 << 16:
        return low
    high = (keys >> 16).astype(np.uint16)[low]
    order: Array = low[np.argsort(high, kind="stable")]
    return order


def nth(numbers: Array, n: int) -> Any:
    """The n-th greatest, n from 1."""
    numbers = numbers.copy()
    numbers.partition(len(numbers) - n)
    return numbers[-n]


def distinct(ascending: Array) -> Array:
    """Each number of an ascending array once."""
    if len(ascending) < 2:
        return ascending
    found: Array = ascending[np.concatenate(([True], ascending[1:] != ascending[:-1]))]
    return found


def find_in(ascending: Array, wanted: Array) -> tuple[Array, Array]:
    """(where each of the wanted numbers would stand among ascending ones, which of them do: one bool each)."""
    at = ascending.searchsorted(wanted)
    at[at == len(ascending)] = 0
    there: Array = ascending[at] == wanted if len(ascending) else np.zeros(len(wanted), bool)
    return at, there
