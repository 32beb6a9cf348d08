"""The best documents of words whose scores are added up: bounds choose them, scores decide.

A *leaf* is a word of a query as one segment has it.  Adding rows of integers, one row a common word, bounds the scores
of all documents from above; only of those whose bounds are high enough scores are worked out.
"""

import math
from collections.abc import Sequence

import numpy as np

from .. import kernels
from ..arrays import Array, nth
from .term_groups import Group

_PEAK = 128  # documents of which the best one is looked at first
STEPS = 512  # of a bound, in a score of 1: scores of a page differ by more, and most sums fit 16 bits
_ROUNDING = 1e-3  # of a step: more than sums of floats can lose


class Leaf:
    """A group that adds to the scores of an OR: its impacts, of one byte or of any size, x unit.

    bounds: of what it adds, from above, in steps of 1 / STEPS, one beside each impact; of a row `_padded`.  They are
    kept, since adding rows of integers takes a third of the time of multiplying rows of bytes first; where each impact
    has a bound of its own, the row of impacts need not be kept beside them.
    """

    def __init__(self, group: Group, unit: float) -> None:
        self.group, self.unit = group, np.float32(unit)
        self._scores: Array | None = None  # of each bound
        if kernels.KIND == "numpy":
            self._bound_all(group, unit)

    def _bound_all(self, group: Group, unit: float) -> None:
        impacts = group.impacts
        self.most = self._bound(unit * (255.0 if impacts.dtype == np.uint8 else float(impacts.max(initial=0.0))))
        kind = np.uint32 if self.most > 0xFFFF else np.uint16
        if impacts.dtype != np.uint8:
            self.bounds = np.ceil(impacts * (unit * STEPS) + _ROUNDING).astype(kind)
            return
        table = np.array([self._bound(unit * impact) for impact in range(256)], kind)
        self.bounds = table.take(impacts)
        if group.row is None:
            return
        row, self.bounds = self.bounds, np.zeros(_padded(len(impacts)), kind)
        self.bounds[: len(row)] = row
        if unit * STEPS >= 1:
            row = self.bounds[: len(row)]
            self.group = group._replace(row=row, impacts=row)
            self._scores = np.zeros(self.most + 1, np.float32)
            self._scores[table] = np.arange(256) * self.unit

    @classmethod
    def of(cls, documents: Array, scores: Array) -> "Leaf":
        """Of scores as they are."""
        return cls(Group(None, documents, scores, len(documents)), 1.0)

    @property
    def nbytes(self) -> int:
        """Memory in use."""
        if kernels.KIND == "compiled":
            return self.group.nbytes
        return self.group.nbytes + (self.bounds.nbytes if self._scores is None else self._scores.nbytes)

    def at(self, documents: Array) -> Array:
        """What it adds to the scores of documents (ascending)."""
        found = self.group.at(documents)
        return found * self.unit if self._scores is None else self._scores.take(found)

    @staticmethod
    def _bound(score: float) -> int:
        return math.ceil(score * STEPS + _ROUNDING) if score else 0


def best_of(leaves: Sequence[Leaf], documents: int, allowed: Array | None, wanted: int) -> tuple[Array, Array, Array]:
    """(one bool a document: whether it is allowed and any leaf adds to it, the best `wanted` of these and all that
    equal the least of them, ascending, their scores).  allowed: one bool a document; None: all.
    """
    if kernels.KIND == "numpy":
        found = bounds(leaves, documents)
        if allowed is not None:  # of one kind: numpy converts bools as it multiplies by them, slowly
            found[:documents] *= allowed.astype(found.dtype)
        return found[:documents] > 0, *best_by(found, leaves, wanted)
    matches = np.empty(documents, bool)
    parts = [
        (None if g.row is not None else g.documents, g.impacts, float(leaf.unit))
        for leaf in leaves
        for g in [leaf.group]
    ]
    _, best_documents, scores = kernels.best_of(parts, allowed, matches, wanted)
    return matches, np.frombuffer(best_documents, np.int64), np.frombuffer(scores, np.float32).copy()


def bounds(leaves: Sequence[Leaf], documents: int) -> Array:
    """Bounds from above of the scores of all documents, in steps of 1 / STEPS; `_padded`."""
    kind = np.uint32 if sum(leaf.most for leaf in leaves) > 0xFFFF else np.uint16
    rows = [leaf.bounds for leaf in leaves if leaf.group.row is not None]
    if len(rows) > 1:
        bounds: Array = np.add(rows[0], rows[1], dtype=kind)
    else:
        bounds = rows[0].astype(kind) if rows else np.zeros(_padded(documents), kind)
    for row in rows[2:]:
        bounds += row
    for leaf in leaves:
        if leaf.group.row is None:
            bounds[leaf.group.documents] += leaf.bounds
    return bounds


def best_by(bounds: Array, leaves: Sequence[Leaf], wanted: int) -> tuple[Array, Array]:
    """(the best `wanted` documents of those that have a bound and all that equal the least of them, ascending, their
    scores).
    """
    if not wanted:
        return np.empty(0, np.int64), np.empty(0, np.float32)
    peaks = np.maximum.reduce(bounds.reshape(_PEAK, -1))
    number = wanted + wanted // 4 + 8  # some more than are wanted, since bounds are rounded up
    floor = max(int(nth(peaks, number)), 1) if len(peaks) > number else 1
    documents, scores = _at_least(floor, bounds, leaves)
    if floor > 1:
        least = nth(scores, wanted) * STEPS
        if least < floor:  # a document of a lower bound might still be among the best
            documents, scores = _at_least(max(int(least), 1), bounds, leaves)
    chosen = best(scores, wanted)
    return documents[chosen], scores[chosen]


def _at_least(floor: int, bounds: Array, leaves: Sequence[Leaf]) -> tuple[Array, Array]:
    """The documents of at least this bound, and their scores."""
    documents = (bounds >= floor).nonzero()[0]
    return documents, added(leaves, documents)


def _padded(documents: int) -> int:
    """A multiple of _PEAK."""
    return -(-documents // _PEAK) * _PEAK


def added(leaves: Sequence[Leaf], documents: Array) -> Array:
    """The summed scores of documents (ascending)."""
    scores = np.zeros(len(documents), np.float32)
    for leaf in leaves:
        scores += leaf.at(documents)
    return scores


def best(scores: Array, number: int) -> Array | slice:
    """Where the `number` greatest scores are, and all that equal the least of them."""
    if len(scores) <= number:
        return slice(None)
    if number <= 0:
        return slice(0)
    chosen: Array = scores >= nth(scores, number)
    return chosen
