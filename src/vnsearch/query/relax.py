"""What a search that found nothing could do without: a word, or a filter, and how much is found then."""

from collections.abc import Iterator
from typing import TypeVar

from msgspec.structs import replace

from . import plan as p

T = TypeVar("T")
_NAMES = {"provinces": "province", "topics": "topic", "source": "source"}  # columns -> arguments of a search


def relaxed(plan: p.Plan) -> Iterator[tuple[str, p.Plan]]:
    """(what is left out, the plan without it) for each word of a query that is words alone, then for each filter.

    A word is as typed; a filter is the name of its argument, "since" for both bounds of dates.
    """
    match plan.match:
        case p.Words(every, names=names, wider=wider) as words if len(every) > 1:
            for at, name in enumerate(names):
                rest = replace(
                    words,
                    every=_without(every, at),
                    names=_without(names, at),
                    nearest=False,
                    wider=_without(wider, at),
                )
                yield name, replace(plan, match=rest)
    for at, one in enumerate(plan.filters):
        name = _NAMES[one.column] if isinstance(one, p.Tagged) else "since"
        yield name, replace(plan, filters=_without(plan.filters, at))


def _without(nodes: tuple[T, ...], at: int) -> tuple[T, ...]:
    return nodes[:at] + nodes[at + 1 :]
