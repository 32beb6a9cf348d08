"""The record that everything passes on: one news article.

>>> article = Article(id="1", title="Lễ hội Lồng Tồng", body="Sáng 7/2, ...", published=date(2023, 2, 7))
>>> article.day.isoformat()
'2023-02-07'
"""

from datetime import date, datetime, timedelta, timezone
from typing import Any

import msgspec

from .errors import ArticleError

VIETNAM = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")  # no daylight saving since 1945's regimes ended in 1975


class Article(msgspec.Struct, frozen=True, kw_only=True):
    """One article as published.  Equal when all fields are; hashable by id.

    id: any text that is not empty; adding a second article with it replaces the first.
    title, body: text; one of them may be empty, not both.
    lead: the paragraph under the headline.
    published: a date, or a datetime; one without time zone is taken as Asia/Ho_Chi_Minh.
    provinces: names as published, first the one that the article is about.
    topics: slugs.
    extra: whatever else came with it, JSON values; kept, not searched.

    Raises ArticleError for anything else.
    """

    id: str
    title: str
    body: str
    lead: str = ""
    url: str = ""
    source: str = ""
    published: date | None = None
    provinces: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    author: str = ""
    extra: dict[str, Any] = {}

    def __post_init__(self) -> None:
        for field in ("id", "title", "body", "lead", "url", "source", "author"):
            _check_text(field, getattr(self, field))
        if not self.id.strip():
            raise ArticleError("id", "is empty; give each article an id of its own, its URL for example")
        if not (self.title.strip() or self.body.strip()):
            raise ArticleError("body", "title and body are both empty; an article needs text")
        if self.published is not None and not isinstance(self.published, date):
            raise ArticleError("published", f"expected a date or datetime, got {self.published!r}")
        if isinstance(self.published, datetime) and self.published.tzinfo is None:
            msgspec.structs.force_setattr(self, "published", self.published.replace(tzinfo=VIETNAM))
        for field in ("provinces", "topics"):
            names = getattr(self, field)
            if isinstance(names, str):
                raise ArticleError(field, f"expected several names, got the text {names!r}; write ({names!r},)")
            for name in names:
                _check_text(field, name)
            msgspec.structs.force_setattr(self, field, tuple(names))

    def __hash__(self) -> int:
        return hash(self.id)

    @property
    def day(self) -> date | None:
        """The day of publication in Viet Nam."""
        if isinstance(self.published, datetime):
            return self.published.astimezone(VIETNAM).date()
        return self.published


def _check_text(field: str, value: object) -> None:
    if not isinstance(value, str):
        raise ArticleError(field, f"expected text, got {type(value).__name__} {value!r:.60}")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as e:
            raise ArticleError(
                field, f"character {e.start} is half of a surrogate pair; decode the text anew"
            ) from None
