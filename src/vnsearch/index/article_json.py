"""Articles as bytes."""

from collections.abc import Iterable
from datetime import date, datetime

import msgspec

from ..article import Article, check_extra, moment_of
from ..errors import ArticleError
from ..limits import ARTICLE_BYTES
from ..printable import shown


def dump(article: Article) -> bytes:
    """JSON, every field.  Raises ArticleError for what is no article, or no longer: `extra` can be changed."""
    if not isinstance(article, Article):
        raise ArticleError("article", f"expected an Article, got {type(article).__name__} {shown(article)}")
    if article.extra:
        check_extra(article.extra)
    data = msgspec.json.encode(article)
    if len(data) > ARTICLE_BYTES:
        problem = f"{len(data):,} bytes as JSON, at most {ARTICLE_BYTES:,} are stored; split it into several articles"
        raise ArticleError("article", problem)
    return data


def each(articles: Iterable[Article]) -> Iterable[Article]:
    """The articles that a writer is given.  Raises ArticleError for what is not several."""
    if not isinstance(articles, Iterable):
        raise ArticleError("articles", f"expected several, got {type(articles).__name__} {shown(articles)}")
    return articles


def load(data: bytes) -> Article:
    """The article that `dump` got.  Raises ArticleError where it is none."""
    try:
        values = msgspec.json.decode(data)
        if text := values.get("published"):
            values["published"] = _time(text)
        return Article(**values)
    except (ValueError, TypeError, AttributeError, RecursionError) as e:  # msgspec's and ours are ValueErrors
        raise ArticleError("article", f"what is stored is none ({e})") from None


class Indexed(msgspec.Struct):
    """What of an article is indexed; its values were checked when the article was made."""

    id: str
    title: str
    body: str
    lead: str = ""
    source: str = ""
    published: str | None = None
    provinces: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()

    @property
    def moment(self) -> int:
        """`Article.moment`."""
        return moment_of(_time(self.published)) if self.published else 0


_indexed = msgspec.json.Decoder(Indexed)


def indexed(data: bytes) -> Indexed:
    """The part of the article that `dump` got.  Raises ArticleError where it is none."""
    try:
        return _indexed.decode(data)
    except ValueError as e:
        raise ArticleError("article", f"what is stored is none ({e})") from None


def moment(data: bytes) -> int:
    """`Article.moment` of the article that `dump` got.  Raises ArticleError where it is none."""
    try:
        return indexed(data).moment
    except (ValueError, OverflowError) as e:
        raise ArticleError("article", f"what is stored is none ({e})") from None


def _time(text: str) -> date:
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
