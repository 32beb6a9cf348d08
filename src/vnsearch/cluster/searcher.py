"""A search on a cluster, stage by stage: settle what the words match, run, refine the best, collapse, cut the page."""

from collections.abc import Collection, Sequence
from functools import partial
from typing import Any

import numpy as np

from ..deadline import Late
from ..engine import Answer, Row, in_no_time
from ..errors import QueryError
from ..query import plan as p
from ..ranking.matching import BEST, settle
from ..ranking.recency import factors
from ..ranking.stories import collapsed
from . import cursor
from . import facets as counting
from .candidates import boosts, terms_of
from .client import IndexClient
from .connection import RequestError
from .matches import Found, Match, article_of, match_of
from .score_parts import parts
from .settling import Counts, time_limit
from .translate import order, query

WINDOW = 10_000  # matches that pages by offset reach, index.max_result_window of OpenSearch


class Searcher:
    """Finds the matches of plans on a cluster.  Threads share it."""

    def __init__(self, client: IndexClient) -> None:
        self._client = client

    def search(self, plan: p.Plan, *, after: str | None = None, collapse: bool = False) -> Answer:
        """The matches of a plan."""
        last = None if after is None else cursor.read(after, plan.sort)
        try:
            if last is not None:
                return self._after(plan, last)
            settled, matched = settle(plan, Counts(self._client))
        except Late:
            return in_no_time(plan)
        return self._search(settled, collapse)._replace(matched=matched)

    def _search(self, plan: p.Plan, collapse: bool) -> Answer:
        if collapse and plan.limit:
            return self._collapsed(plan)
        begin, end = plan.offset, plan.offset + plan.limit
        if end > WINDOW:
            raise QueryError(
                f"offset + limit is {end}; a cluster goes to {WINDOW}", hint="give after= the cursor of a page"
            )
        if not _is_refined(plan) or begin >= BEST:
            found = self._run(plan, begin, plan.limit, facets=True)
            return self._answer(plan, found, found.page, end)
        if not plan.limit:
            return self._answer(plan, self._run(plan, 0, 0, facets=True), [], end)
        found = self._refined(plan, self._run(plan, 0, max(BEST, end), facets=True, terms=_sought(plan)))
        return self._answer(plan, found, found.page[begin:end], end)

    def _answer(
        self, plan: p.Plan, found: Found, page: Sequence[Match], end: int, same: Sequence[tuple[str, ...]] = ()
    ) -> Answer:
        rows = tuple(
            Row(
                partial(str, match.id),
                match.score,
                partial(article_of, match.article),
                behind,
                tuple if found.partial else partial(parts, self._client, plan, match),
            )
            for match, behind in zip(page, same or [()] * len(page), strict=True)
        )
        following = cursor.Cursor(plan.sort, page[-1].id, end, page[-1].order, found.pit) if page else None
        more = following is not None and end < found.total and not found.partial
        counts = counting.read(plan.facets, found.counts)
        behind_it = str(following) if more else None
        return Answer(lambda: rows, found.total, counts, lambda: behind_it, found.partial)

    def _collapsed(self, plan: p.Plan) -> Answer:
        def find(number: int) -> tuple[Found, list[Match], bool]:
            found = self._run(plan, 0, max(number, BEST), facets=True, terms=_sought(plan))
            found = self._refined(plan, found) if _is_refined(plan) else found
            return found, found.page, found.partial

        end = plan.offset + plan.limit
        found, page, others, partial = collapsed(plan.offset, end, find, lambda page: [m.story for m in page], WINDOW)
        same = [tuple(match.id for match in later) for later in others]
        return self._answer(plan, found._replace(partial=partial), page, found.total, same)

    def _after(self, plan: p.Plan, last: cursor.Cursor) -> Answer:
        """The page after a cursor, as of the moment when the first such page was requested."""
        if last.pit is None:
            last = last._replace(pit=self._client.open_point())
        try:
            return self._page_after(plan, last)
        except RequestError as e:
            if "search_context_missing" not in f"{e.kind} {e}":
                raise
        return self._page_after(plan, last._replace(pit=self._client.open_point()))  # it was kept for too long

    def _page_after(self, plan: p.Plan, last: cursor.Cursor) -> Answer:
        plan, matched = settle(plan, Counts(self._client, last.pit))
        return self._settled_page_after(plan, last)._replace(matched=matched)

    def _settled_page_after(self, plan: p.Plan, last: cursor.Cursor) -> Answer:
        if _is_refined(plan) and last.rank < BEST:
            found = self._run(plan, 0, BEST, facets=True, pit=last.pit)
            refined = self._refined(plan, found)
            ranked, found = refined.page, found._replace(partial=refined.partial)
            ids = [match.id for match in ranked]
            at = ids.index(last.id) + 1 if last.id in ids else last.rank
            page = ranked[at : at + plan.limit]
            if len(page) < plan.limit and found.total > len(ranked):
                rest = self._run(plan, 0, plan.limit - len(page), after=found.page[-1].order, pit=found.pit)
                page, found = [*page, *rest.page], found._replace(pit=rest.pit)
            return self._answer(plan, found, page, at + len(page))
        found = self._run(plan, 0, plan.limit, facets=True, after=last.order, pit=last.pit)
        return self._answer(plan, found, found.page, last.rank + len(found.page))

    def _run(
        self, plan: p.Plan, offset: int, size: int, *, facets: bool = False, after: Sequence[Any] = (),
        pit: str | None = None, terms: Collection[p.Term] = (),
    ) -> Found:  # fmt: skip
        """One request: matches offset..offset + size in the cluster's own order.

        terms: those whose statistics are wanted next; what is not known of them is requested along the way.
        """
        body: dict[str, Any] = {
            "query": query(plan), "sort": order(plan), "size": size,
            "_source": True, "docvalue_fields": ["story"],  # no more is stored; choosing would mean parsing
            "track_total_hits": True, "track_scores": plan.sort == "relevance", **time_limit(),
        }  # fmt: skip
        if offset:
            body["from"] = offset
        if after:
            body["search_after"] = list(after)
        if facets and plan.facets:
            body["aggs"] = counting.ask(plan.facets)
        unknown = self._client.statistics.unknown(map(p.Has, terms)) if terms and pit is None else None
        if unknown is None:
            answer = self._client.ask(body, pit)
        else:
            answer, *counted = self._client.ask_many([body, *unknown.bodies])
            self._client.statistics.learn(unknown, counted)
        total = int(answer["hits"]["total"]["value"])
        page = [match_of(hit, plan) for hit in answer["hits"]["hits"]]
        return Found(page, total, answer.get("aggregations", {}), answer.get("pit_id", pit), answer["timed_out"])

    def _refined(self, plan: p.Plan, found: Found) -> Found:
        """What was found, its page `_ranked`, or in the cluster's own order where there is no time for it."""
        try:
            return found._replace(page=self._ranked(plan, found.page))
        except Late:
            return found._replace(partial=True)

    def _ranked(self, plan: p.Plan, page: list[Match]) -> list[Match]:
        """The best BEST of a page, by how their words stand together too, and by age where asked; then the others."""
        best = page[:BEST]
        if not best:
            return page
        scores = np.array([match.score for match in best], np.float32)
        if nodes := _boosts(plan):
            _, mean_width = self._client.statistics.of(terms_of(nodes))
            words = self._client.words_of([(match.id, match.article) for match in best])
            scores += boosts(nodes, words, mean_width, lambda terms: self._client.statistics.of(terms)[0])
        if plan.recency:
            scores *= factors(np.array([match.day for match in best]), plan.recency)
        scored = [match._replace(score=float(score)) for match, score in zip(best, scores, strict=True)]
        scored.sort(key=lambda m: (-m.score, *m.later))
        return [*scored, *page[BEST:]]


def _is_refined(plan: p.Plan) -> bool:
    """Whether the best by their words are put in another order here."""
    return plan.sort == "relevance" and plan.match is not None and bool(_boosts(plan) or plan.recency)


def _boosts(plan: p.Plan) -> tuple[p.Node, ...]:
    return plan.match.boosts if isinstance(plan.match, p.Ranked) else ()


def _sought(plan: p.Plan) -> set[p.Term]:
    """The terms whose statistics are needed for a plan's boosts."""
    return terms_of(_boosts(plan)) if _is_refined(plan) else set()
