"""Names of provinces, topics and sources as a person writes them -> filters."""

from collections.abc import Iterable
from itertools import islice

from ..errors import QueryError
from ..limits import FILTER_VALUES
from ..printable import shown
from .plan import Tagged

MOST_VALUES = FILTER_VALUES


def filters_by(column: str, names: str | Iterable[str]) -> list[Tagged]:
    names = (
        list(islice(names, MOST_VALUES + 1)) if isinstance(names, Iterable) and not isinstance(names, str) else [names]
    )
    if wrong := [name for name in names if not isinstance(name, str)]:
        raise QueryError(f"a filter by {column} is a name or several, as text, not {shown(wrong[0])}")
    if len(names) > MOST_VALUES:
        raise QueryError(f"a filter by {column} takes at most {MOST_VALUES} names", hint="leave some out")
    return [tagged(column, names)] if names else []


def tagged(column: str, names: Iterable[str]) -> Tagged:
    """A filter by names as a person writes them.  Raises QueryError for a name that is unknown."""
    from ..vietnam import provinces, topics

    values: set[str] = set()
    for name in names:
        if column == "provinces":
            values |= provinces.filter_slugs(name)
        elif column == "topics":
            values.add(topics.find_by_name(name))
        else:
            values.add(name.strip().lower().removeprefix("www."))
    return Tagged(column, frozenset(values))
