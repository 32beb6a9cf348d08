"""What a ranking needs of an engine: where the words of a query stand in some documents."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol, TypeAlias

from ..arrays import Array

Terms: TypeAlias = tuple[int, ...]  # numbers of terms that count as one: a group


class Occurring(NamedTuple):
    """Postings of groups in some documents; int64."""

    group: Array  # its number
    which: Array  # of its terms
    at: Array  # which of the documents
    start: Array  # index of the first position
    number: Array  # how many positions, at least one


class Positions(Protocol):
    """The positions of words in documents; a *place* is a position counted over all documents."""

    def occurring(self, groups: Sequence[Terms], documents: Array) -> Occurring:
        """The postings of groups in documents (ascending)."""

    def widths(self, documents: Array) -> Array:
        """How many positions each document has, gaps between fields included."""

    def starts(self, documents: Array) -> Array:
        """The place of each document's first position."""

    def in_fields(self, places: Array, fields: tuple[str, ...]) -> Array:
        """Which of the places lie in one of the fields."""

    def positions(self, start: Array, count: Array) -> Array:
        """The positions of postings, concatenated."""

    def checked_positions(self, start: Array, count: Array) -> Array:
        """The positions of postings whose pages `first_positions` has checked, concatenated."""

    def first_positions(self, start: Array, count: Array) -> Array:
        """The first position of each posting."""


class Documents(Protocol):
    """A set of documents."""

    @property
    def title_width(self) -> Array:
        """How many positions the title of each document has."""

    @property
    def store(self) -> Any:
        """What compiled kernels read; None without them."""


class Postings(Protocol):
    """Documents and the positions of their words."""

    @property
    def segment(self) -> Documents:
        """The documents."""

    @property
    def places(self) -> Positions:
        """The positions of their words."""

    def saturated(self, frequencies: Array, documents: Array) -> Array:
        """(K1 + 1) n / (n + norm) of plain counts."""
