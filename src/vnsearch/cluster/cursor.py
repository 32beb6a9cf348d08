"""Where a page ended: the last hit by what it was ordered by, and the point in time that it is read at."""

from typing import Any, NamedTuple

from ..query import cursor


class Cursor(NamedTuple):
    """rank: hits up to the page's end; order: the last hit's sort values; pit: None on the first page."""

    sort: str
    id: str
    rank: int
    order: tuple[Any, ...]  # to the minute: after the id, so that earlier cursors, to the day, are refused
    pit: str | None

    def __str__(self) -> str:
        return cursor.encode(self)


def read(text: str, sort: str) -> Cursor:
    """The cursor that a text is.  Raises QueryError for anything else, or one of another order."""
    found = Cursor(*cursor.decode(text, sort, _fits))
    return found._replace(order=tuple(found.order))


def _fits(fields: list[Any]) -> bool:
    _, _, rank, _, pit = fields
    return (str, str, int, list) == tuple(map(type, fields[:4])) and 0 <= rank < 1 << 31 and isinstance(pit, str | None)
