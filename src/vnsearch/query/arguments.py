"""What a search is given is of the kind that it has to be: an error that says so, rather than one from deep within."""

from collections.abc import Iterable
from datetime import date
from itertools import islice
from typing import Any

from ..errors import QueryError
from ..limits import FILTER_VALUES
from ..printable import shown

_NAMES = ("facets", "fields", "province", "topic", "source")  # what they name is looked up later
_NUMBERS = ("limit", "offset", "snippet_chars")
_FLAGS = ("recency", "literal", "as_typed")


def check(**arguments: Any) -> dict[str, Any]:
    """The arguments, those that name several things as tuples.  Raises QueryError."""
    checked = dict(arguments)
    for name, value in arguments.items():
        if name in ("text", "prefix") and not isinstance(value, str):
            raise _unexpected(name, "text", value)
        if name in ("after", "collapse", "sort", "match") and not isinstance(value, str | None):
            raise _unexpected(name, "text", value)
        if name in _NUMBERS and (not isinstance(value, int) or not 0 <= value < 1 << 60):
            raise _unexpected(name, "a number from 0", value)
        if name in ("since", "until", "now") and not isinstance(value, date | str | None):
            raise _unexpected(name, "a date or text", value)
        if name in _FLAGS and not isinstance(value, bool):
            raise _unexpected(name, "True or False", value)
        if name == "timeout_ms" and not (value is None or isinstance(value, int | float) and value >= 0):
            raise _unexpected(name, "a number of milliseconds from 0", value)
        if name in _NAMES and value is not None and not isinstance(value, str):
            checked[name] = _several(name, value)
    if checked.get("facets", "") is None:
        checked["facets"] = ()
    if isinstance(arguments.get("now"), str):
        raise _unexpected("now", "a date", arguments["now"])
    return checked


def _several(name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, Iterable):
        raise _unexpected(name, "a name or several", value)
    several = tuple(islice(value, FILTER_VALUES + 1))  # whoever looks them up says that they are too many
    for one in several:
        if not isinstance(one, str):
            raise _unexpected(name, "names", one)
    return several


def _unexpected(name: str, expected: str, got: object) -> QueryError:
    return QueryError(f"{name}: expected {expected}, got {type(got).__name__} {shown(got)}")
