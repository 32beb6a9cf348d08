"""One hit a story, from an index in a folder."""

from msgspec.structs import replace

from ..deadline import in_time
from ..query.plan import Plan
from ..ranking.stories import collapsed
from .searcher import Engine, Found, Match


def run_collapsed(engine: Engine, plan: Plan) -> tuple[Found, list[tuple[Match, ...]]]:
    """What a plan finds, its page without repeated stories; and for each hit the others of its story after it.

    `offset` and `limit` count stories; `total` counts articles.
    """
    segments = engine.snapshot.segments

    def find(number: int) -> tuple[Found, list[Match], bool]:
        found = engine.run(replace(plan, offset=0, limit=number))
        return found, found.page, found.partial

    def prints_of(page: list[Match]) -> list[int]:
        return [int(segments[match.segment].data["story"][match.document]) for match in in_time(page)]

    found, page, others, partial = collapsed(plan.offset, plan.offset + plan.limit, find, prints_of)
    return found._replace(page=page, partial=partial), others
