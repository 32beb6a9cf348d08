"""Loops over arrays that indexing and searching spend their time in: compiled where a compiler was, else NumPy.

Each kernel is defined by its twin in `twins`, which is plain and may be slow; the compiled one gives the same, bit for
bit.  `KIND` says which are in use: "compiled" or "numpy".  $VNSEARCH_KERNELS chooses: "numpy" the twins, "compiled"
nothing else than the compiled ones, with an error where they are missing.
"""

import os
from typing import TYPE_CHECKING

from ..errors import VnsearchError

_VERSION = 6  # of what is asked of the compiled module: one that was left by another version is not used


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
    from .twins import Table, count_words, decode, fingerprints, invert
else:
    from ._native import Table, count_words, decode, fingerprints, invert

if TYPE_CHECKING or KIND == "compiled":
    from ._native import Store, beside, best_of, look

__all__ = ["KIND", "Store", "Table", "beside", "best_of", "count_words", "decode", "fingerprints", "invert", "look"]
