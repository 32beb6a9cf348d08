"""Loops over arrays that indexing and searching spend their time in: compiled where a compiler was, else NumPy.

Each kernel is defined by its twin, which is plain and may be slow: see `twins`, and `embedded.plain_store` for the
methods of `Store`.  The compiled one gives the same, bit for bit.  `KIND` says which are in use: "compiled" or "numpy".
$VNSEARCH_KERNELS chooses: "numpy" the twins, "compiled" nothing else than the compiled ones, with an error where they
are missing.
"""

import os
from typing import TYPE_CHECKING, TypeAlias

from ..errors import VnsearchError

_VERSION = 22  # of what is asked of the compiled module: one that was left by another version is not used


def _kind() -> str:
    wanted = os.environ.get("VNSEARCH_KERNELS", "")
    if wanted not in ("", "numpy", "compiled"):
        raise VnsearchError(f'VNSEARCH_KERNELS is "numpy", "compiled" or not set, not {wanted!r}')
    if wanted == "numpy":
        return wanted
    try:
        from . import _native

        if _native.VERSION == _VERSION:
            return "compiled"
        problem = f"they are of another version ({_native.VERSION}, not {_VERSION})"
    except ImportError as e:
        problem = str(e)
    if wanted == "compiled":
        raise VnsearchError(f"VNSEARCH_KERNELS=compiled, but there are none: {problem}; install with a C compiler")
    return "numpy"


KIND = _kind()

if TYPE_CHECKING or KIND == "numpy":
    from .twins import (
        Table,
        beside,
        chances,
        count_phrases,
        count_words,
        decode,
        find_phrases,
        fingerprints,
        gather_rows,
        in_a_row,
        invert,
        look,
        sequences,
        through,
        weigh,
    )  # fmt: skip
else:
    from ._native import (
        Table,
        beside,
        chances,
        count_phrases,
        count_words,
        decode,
        find_phrases,
        fingerprints,
        gather_rows,
        in_a_row,
        invert,
        look,
        sequences,
        through,
        weigh,
    )  # fmt: skip

if TYPE_CHECKING or KIND == "compiled":
    from ._native import Store

Phrase: TypeAlias = tuple[int, tuple[tuple[int, ...], ...]]  # fields, groups of terms: see `embedded.plain_store`
Leaf: TypeAlias = tuple[tuple[int, ...], tuple[int, ...], float, float]  # own terms, all accents, share, unit

__all__ = [
    "KIND", "Leaf", "Phrase", "Store", "Table", "beside", "chances", "count_phrases", "count_words", "decode",
    "find_phrases", "fingerprints", "gather_rows", "in_a_row", "invert", "look", "sequences", "through", "weigh",
]  # fmt: skip
