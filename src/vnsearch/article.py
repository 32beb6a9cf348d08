"""The record that everything passes on: one news article.

>>> article = Article(id="1", title="Lễ hội Lồng Tồng", body="Sáng 7/2, ...", published=date(2023, 2, 7))
>>> article.day.isoformat()
'2023-02-07'
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta, timezone
from math import isfinite
from typing import Any

import msgspec

from .errors import ArticleError
from .limits import EXTRA_LEVELS
from .printable import shown

DAY = 24 * 60  # minutes
VIETNAM = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")  # no daylight saving since 1945's regimes ended in 1975


class Article(msgspec.Struct, frozen=True, kw_only=True):
    """One article as published.  Equal when all fields are; hashable by id.

    id: any text that is not empty; adding a second article with it replaces the first.
    title, body: text; one of them may be empty, not both.
    lead: the paragraph under the headline.
    published: a date, or a datetime; one without time zone is taken as Asia/Ho_Chi_Minh.
    provinces: names as published, first the one that the article is about.
    topics: slugs.
    extra: whatever else came with it, JSON values, at most 64 levels of them; kept, not searched.

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
            raise ArticleError("published", f"expected a date or datetime, got {shown(self.published)}")
        if isinstance(self.published, datetime):
            if self.published.tzinfo is None:
                msgspec.structs.force_setattr(self, "published", self.published.replace(tzinfo=VIETNAM))
            self._check_day()
        for field in ("provinces", "topics"):
            msgspec.structs.force_setattr(self, field, _names(field, getattr(self, field)))
        if self.extra != {}:
            check_extra(self.extra)

    def _check_day(self) -> None:
        try:
            _ = self.day
        except (OverflowError, ValueError):
            problem = f"{shown(self.published)} is on no day of the calendar in Viet Nam"
            raise ArticleError("published", problem) from None

    def __hash__(self) -> int:
        return hash(self.id)

    @property
    def day(self) -> date | None:
        """The day of publication in Viet Nam."""
        if isinstance(self.published, datetime):
            return self.published.astimezone(VIETNAM).date()
        return self.published

    @property
    def moment(self) -> int:
        """The minute of publication: see `moment_of`; 0 for none."""
        return moment_of(self.published) if self.published is not None else 0


def moment_of(time: date) -> int:
    """A minute in Viet Nam as a number: DAY for each day that `date.toordinal` counts; a date is its first minute."""
    if not isinstance(time, datetime):
        return time.toordinal() * DAY
    local = time.astimezone(VIETNAM)
    return local.toordinal() * DAY + local.hour * 60 + local.minute


def check_id(id: object) -> None:
    """Raises ArticleError for what no article can have as its id."""
    _check_text("id", id)


def check_extra(extra: object) -> None:
    """Raises ArticleError for what cannot be stored as JSON and read again as it was."""
    if not isinstance(extra, dict):
        raise ArticleError("extra", f"expected a dict, got {type(extra).__name__} {shown(extra)}")
    for key, value in extra.items():
        _check_text("extra", key)
        if type(value) is str:  # as mostly
            _check_text("extra", value)
        else:
            _check_json(value, EXTRA_LEVELS - 1)


def _check_json(value: object, levels: int) -> None:
    if isinstance(value, str):
        _check_text("extra", value)
    elif isinstance(value, dict | list | tuple):
        if not levels:
            raise ArticleError("extra", f"is nested more than {EXTRA_LEVELS} deep; flatten it, or keep it as text")
        for key in value if isinstance(value, dict) else ():
            _check_text("extra", key)
        for inner in value.values() if isinstance(value, dict) else value:
            _check_json(inner, levels - 1)
    elif isinstance(value, float):
        if not isfinite(value):
            raise ArticleError("extra", f"{value!r} is no number of JSON; leave it out, or keep it as text")
    elif value is not None and not isinstance(value, int):
        problem = f"expected values of JSON, got {type(value).__name__} {shown(value)}; keep it as text"
        raise ArticleError("extra", problem)


def _names(field: str, names: object) -> tuple[str, ...]:
    if isinstance(names, str):
        raise ArticleError(field, f"expected several names, got the text {shown(names)}; write it as ({shown(names)},)")
    if not isinstance(names, Iterable):
        raise ArticleError(field, f"expected several names, got {type(names).__name__} {shown(names)}")
    several = tuple(names)
    for name in several:
        _check_text(field, name)
    return several


def _check_text(field: str, value: object) -> None:
    if not isinstance(value, str):
        raise ArticleError(field, f"expected text, got {type(value).__name__} {shown(value)}")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as e:
            raise ArticleError(
                field, f"character {e.start} is half of a surrogate pair; decode the text anew"
            ) from None
