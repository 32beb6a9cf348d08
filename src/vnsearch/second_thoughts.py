"""What is made of a search that finds little: another reading, a suggestion, what could be left out."""

from typing import TYPE_CHECKING

from msgspec import structs

from .deadline import Late
from .errors import QueryError

if TYPE_CHECKING:
    from .engine import Answer, Engine
    from .query.plan import Filter, Plan


_MOST_READ = 8  # words of a query that are read anew where no article has them all


def another_reading(engine: "Engine", asked: "Plan", found: "Answer", text: str) -> str | None:
    """What else plain words were surely meant to be, where no article has every one of them."""
    if not found.matched.none or found.partial:
        return None
    from .query.plan import Words
    from .query.syntax import is_plain

    if not isinstance(asked.match, Words) or len(asked.match.every) > _MOST_READ or not is_plain(text):
        return None
    reading = engine.read(text)
    if reading is None or not reading.confident or all(word.kind in ("", "marks") for word in reading.words):
        return None
    return reading.text if is_plain(reading.text) else None  # a blank put in may make a field of a word


def what_to_leave_out(engine: "Engine", asked: "Plan", total: int) -> tuple[tuple[str, int], ...]:
    from .query.relax import relaxed

    if total:
        return ()
    counting = structs.replace(asked, limit=0, offset=0, facets=())
    found = [(name, total_of(engine, plan)) for name, plan in relaxed(counting)]
    return tuple(sorted(((name, count) for name, count in found if count), key=lambda one: -one[1]))


def suggestion_for(engine: "Engine", text: str, filters: "tuple[Filter, ...]") -> str | None:
    """A better spelling that finds something."""
    from .query.planner import plan
    from .query.syntax import is_plain
    from .text.tokenize import terms

    better = engine.suggest(text)
    if better is None:
        return None
    words = [term for term, _ in terms(better)] if is_plain(better) and not filters else []
    if words and engine.has(max(words, key=len)):
        return better  # of plain words one is enough, as articles that come nearest match; the longest is likely rare
    try:
        asked = plan(better, limit=0)
    except QueryError:  # a blank put in may make a field of a word
        return None
    found = total_of(engine, structs.replace(asked, filters=(*asked.filters, *filters)))
    return better if found else None


def total_of(engine: "Engine", asked: "Plan") -> int:
    """How many match.  Raises Late."""
    found = engine.search(asked)
    if found.partial:
        raise Late
    return found.total


def in_no_time(asked: "Plan") -> "Answer":
    from .engine import in_no_time

    return in_no_time(asked)
