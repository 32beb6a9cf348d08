"""Where a page ended, as text: the fields of an engine's cursor, of which the first is the order of the search."""

import base64
from collections.abc import Callable
from typing import Any

import msgspec

from ..errors import QueryError


def encode(cursor: tuple[Any, ...]) -> str:
    """The text of a cursor's fields."""
    return base64.urlsafe_b64encode(msgspec.json.encode(cursor)).decode().rstrip("=")


def decode(text: str, sort: str, fits: Callable[[list[Any]], bool]) -> list[Any]:
    """The fields of a cursor's text.  Raises QueryError where they do not fit, or are of another order.

    fits: whether these are the fields of a cursor; what it raises of TypeError and ValueError is a no.
    """
    if not isinstance(text, str):
        raise QueryError(f"a cursor is text, not {type(text).__name__}", hint="after= takes results.cursor of a page")
    try:
        found = msgspec.json.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=list[Any])
        good = fits(found)
    except (ValueError, TypeError, RecursionError):  # msgspec's errors are ValueErrors
        good = False
    if not good:
        raise QueryError(f'"{text:.40}" is no cursor', hint="after= takes the cursor of an earlier page's results")
    if found[0] != sort:
        raise QueryError(f"this cursor is of a search sorted by {found[0]}, not {sort}", hint="begin anew without it")
    return found
