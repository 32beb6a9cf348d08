"""Where a page ended, as text: the last hit by what it was ordered by, and the point in time that it is read at."""

import base64
import json
from typing import Any, NamedTuple

from ..errors import QueryError


class Cursor(NamedTuple):
    """rank: hits up to the page's end; order: the last hit's sort values; pit: None on the first page."""

    sort: str
    id: str
    rank: int
    order: tuple[Any, ...]  # to the minute: behind the id, so that cursors of before, to the day, are refused
    pit: str | None

    def __str__(self) -> str:
        return base64.urlsafe_b64encode(json.dumps(self).encode()).decode().rstrip("=")


def read(text: str, sort: str) -> Cursor:
    """The cursor that a text is.  Raises QueryError for anything else, or one of another order."""
    try:
        found = Cursor(*json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))))
        good = (str, str, int, list) == tuple(map(type, found[:4])) and 0 <= found.rank < 1 << 31
        good = good and (found.pit is None or isinstance(found.pit, str))
    except (ValueError, TypeError, RecursionError):
        good = False
    if not good:
        raise QueryError(f'"{text:.40}" is no cursor', hint="after= takes the cursor of an earlier page's results")
    if found.sort != sort:
        raise QueryError(f"this cursor is of a search sorted by {found.sort}, not {sort}", hint="begin anew without it")
    return found._replace(order=tuple(found.order))
