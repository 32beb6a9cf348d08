"""One hit a story: of articles that tell the same, the best one stands for all."""

import numpy as np
from msgspec.structs import replace

from ..deadline import Late, in_time
from ..query.plan import Plan
from ..text.fingerprint import first_of_each_story
from .searcher import Engine, Found, Match

_MORE = 3  # times as many matches are examined where stories were too few


def run_collapsed(engine: Engine, plan: Plan) -> tuple[Found, list[tuple[Match, ...]]]:
    """What a plan finds, its page without repeated stories; and for each hit the others of its story after it.

    `offset` and `limit` count stories; `total` counts articles.
    """
    wanted = plan.offset + plan.limit
    number = 2 * wanted + 10
    while True:
        found = engine.run(replace(plan, offset=0, limit=number))
        try:
            kept, others = _stories(engine, found.page)
        except Late:
            return found._replace(page=[], partial=True), []
        if len(kept) >= wanted or len(found.page) < number or found.partial:
            page = slice(plan.offset, wanted)
            return found._replace(page=kept[page]), [tuple(same) for same in others[page]]
        number *= _MORE


def _stories(engine: Engine, page: list[Match]) -> tuple[list[Match], list[list[Match]]]:
    segments = engine.snapshot.segments
    prints = np.array([segments[m.segment].data["story"][m.document] for m in in_time(page)], np.uint64)
    kept, others = first_of_each_story(prints)
    return [page[n] for n in kept], [[page[n] for n in behind] for behind in others]
