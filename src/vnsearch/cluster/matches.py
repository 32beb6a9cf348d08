"""Matches as a cluster answers them: the article's JSON, the score, and what the order went by."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from ..article import DAY, Article, moment_of
from ..index.article_json import load
from ..query import plan as p
from .translate import STEP

_EPOCH = moment_of(date(1970, 1, 1))


class Match(NamedTuple):
    """One match: its article's JSON, and what the order went by."""

    id: str
    score: float
    article: str
    story: int
    order: tuple[Any, ...]

    @property
    def day(self) -> int:
        """The ordinal of the day that it was published on, 0 for none."""
        return moment(self.order[-2]) // DAY

    @property
    def later(self) -> tuple[float, str]:
        """What ties are decided by: the newer one, then the id."""
        time, id = self.order[-2:]
        return -moment(time) or float("inf"), id


class Found(NamedTuple):
    """A page of matches and what was counted over all of them, or, where the deadline passed, over a part of them."""

    page: list[Match]
    total: int
    counts: Mapping[str, Any]
    pit: str | None
    partial: bool


def match_of(hit: dict[str, Any], plan: p.Plan) -> Match:
    """The match that a hit of the cluster's answer is."""
    score = (hit["_score"] or 0.0) * STEP if plan.sort == "relevance" and plan.match is not None else 0.0
    [story] = hit.get("fields", {}).get("story", ["0"])
    sort = tuple(hit["sort"])
    return Match(sort[-1], score, hit["_source"]["article"], int(story, 16), sort)


def moment(milliseconds: int) -> int:
    """The minute that is sorted by, as `Article.moment`; 0 for none, which OpenSearch puts at an end of time."""
    return milliseconds // 60_000 + _EPOCH if abs(milliseconds) < 1 << 62 else 0


def article_of(data: str) -> Article:
    """The article of its JSON."""
    return load(data.encode())
