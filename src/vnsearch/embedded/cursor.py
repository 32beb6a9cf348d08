"""Where a page ended, as text that the next search is given: `Index.search(after=results.cursor)`.

It names the last hit by what it was ordered by, so that articles added or removed in front of it move nothing:
by date exactly; by relevance as far as scores, which every article changes a little, allow.
"""

from typing import Any, NamedTuple

from msgspec.structs import replace

from ..deadline import Late, in_time
from ..query import cursor
from ..query.plan import Plan
from .searcher import Engine, Found, Match


class Cursor(NamedTuple):
    """The last hit of a page: order, moment (see `Article.moment`), score, id; hits up to the page's end."""

    sort: str
    moment: int  # before the score: so an earlier cursor, which has a day after it, is refused
    score: float
    id: str
    rank: int

    def __str__(self) -> str:
        return cursor.encode(self)


def read(text: str, sort: str) -> Cursor:
    """The cursor that a text is.  Raises QueryError for anything else, or one of another order."""
    return Cursor(*cursor.decode(text, sort, _fits))


def _fits(fields: list[Any]) -> bool:
    return (str, int, float, str, int) == tuple(map(type, fields)) and 0 <= fields[4] < 1 << 31


def of(engine: Engine, plan: Plan, found: Found, rank: int) -> Cursor | None:
    """The cursor after a page of hits; None where it is the last one."""
    if not found.page or rank >= found.total:
        return None
    match = found.page[-1]
    segment = engine.snapshot.segments[match.segment]
    return Cursor(plan.sort, int(segment.moment[match.document]), match.score, segment.ids[match.document], rank)


def run_after(engine: Engine, plan: Plan, last: Cursor) -> tuple[Found, int]:
    """The page after a cursor, and how many hits there are up to its end."""
    wanted = last.rank + 2 * plan.limit  # a few more: articles may have come in
    while True:
        found = engine.run(replace(plan, offset=0, limit=wanted))
        try:
            at = _behind(engine, plan, found.page, last)
        except Late:
            return found._replace(page=[], partial=True), 0
        if len(found.page) - at >= plan.limit or wanted >= found.total or found.partial:
            page = found.page[at : at + plan.limit]
            return found._replace(page=page), at + len(page)
        wanted *= 2


def _behind(engine: Engine, plan: Plan, page: list[Match], last: Cursor) -> int:
    """How many of the matches are not after a cursor."""
    ids = [engine.snapshot.segments[m.segment].ids[m.document] for m in in_time(page)]
    if last.id in ids and plan.sort == "relevance":
        return ids.index(last.id) + 1
    end = _key(last.sort, last.score, last.moment, last.id)
    return sum(_key_of(engine, plan, match, id) <= end for match, id in in_time(zip(page, ids, strict=True)))


def _key_of(engine: Engine, plan: Plan, match: Match, id: str) -> tuple[float, float, str]:
    return _key(plan.sort, match.score, int(engine.snapshot.segments[match.segment].moment[match.document]), id)


def _key(sort: str, score: float, moment: int, id: str) -> tuple[float, float, str]:
    """What hits are ordered by: see `Engine.run`."""
    by_time = float("inf") if not moment else moment if sort == "oldest" else -moment
    return (-score if sort == "relevance" else 0.0), by_time, id
