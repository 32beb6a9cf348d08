"""What an article is, and what it cannot be."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from vnsearch import Article, ArticleError
from vnsearch.article import VIETNAM
from vnsearch.index.article_json import dump, load


def test_a_naive_time_is_viet_nams_and_the_day_too() -> None:
    """18:30 UTC is the next day in Hà Nội."""
    naive = Article(id="1", title="A", body="", published=datetime(2023, 2, 7, 14, 35))
    assert naive.published == datetime(2023, 2, 7, 14, 35, tzinfo=VIETNAM)
    utc = Article(id="1", title="A", body="", published=datetime(2023, 2, 7, 18, 30, tzinfo=UTC))
    assert utc.day == date(2023, 2, 8)
    assert Article(id="1", title="A", body="", published=date(2023, 2, 7)).day == date(2023, 2, 7)
    assert Article(id="1", title="A", body="").day is None


def test_the_minute_of_publication() -> None:
    """Counted in Viet Nam; a day alone is its first minute, seconds do not count, no date is 0."""

    def moment(published: date | None) -> int:
        return Article(id="1", title="A", body="", published=published).moment

    first = moment(date(2023, 2, 7))
    assert moment(datetime(2023, 2, 7)) == first == moment(date(2023, 2, 6)) + 24 * 60
    assert moment(datetime(2023, 2, 7, 17, 5, 59)) == first + 17 * 60 + 5
    assert moment(datetime(2023, 2, 6, 18, 30, tzinfo=UTC)) == first + 90
    assert moment(None) == 0 < moment(date(1, 1, 1))


def nested(levels: int) -> list[object]:
    """A list in a list in a list ..."""
    value: list[object] = []
    for _ in range(levels - 1):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"id": ""}, "id"),
        ({"id": "  "}, "id"),
        ({"id": 7}, "id"),
        ({"title": "", "body": " \n"}, "body"),
        ({"title": None}, "title"),
        ({"body": "nửa cặp \ud800"}, "body"),
        ({"published": "2023-02-07"}, "published"),
        ({"provinces": "Lạng Sơn"}, "provinces"),
        ({"topics": (1,)}, "topics"),
        ({"topics": None}, "topics"),
        ({"provinces": 7}, "provinces"),
        ({"published": datetime(9999, 12, 31, 23, tzinfo=UTC)}, "published"),  # a day later in Viet Nam
        ({"published": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))}, "published"),
        ({"extra": [1]}, "extra"),
        ({"extra": None}, "extra"),
        ({"extra": {1: "x"}}, "extra"),
        ({"extra": {"x": object()}}, "extra"),
        ({"extra": {"x": b"bytes"}}, "extra"),
        ({"extra": {"x": date(2023, 2, 7)}}, "extra"),  # would come back as text
        ({"extra": {"x": float("nan")}}, "extra"),  # would come back as None
        ({"extra": {"x": ["\ud800"]}}, "extra"),
        ({"extra": {"x": {"\ud800": 1}}}, "extra"),
        ({"extra": {"x": nested(64)}}, "extra"),
        ({"extra": {"x": nested(100_000)}}, "extra"),
    ],
)
def test_an_impossible_value_names_its_field(values: dict[str, object], field: str) -> None:
    """The error says which field, what was expected and what came."""
    with pytest.raises(ArticleError) as error:
        Article(**{"id": "1", "title": "A", "body": "B", **values})  # type: ignore[arg-type]
    assert error.value.field == field


def test_an_article_is_frozen_and_hashable() -> None:
    """It may be a member of a set; it cannot be changed."""
    article = Article(id="1", title="A", body="B", provinces=["Lạng Sơn"])  # type: ignore[arg-type]
    assert article.provinces == ("Lạng Sơn",)
    assert {article: 1}[article] == 1
    with pytest.raises(AttributeError):
        article.title = "C"  # type: ignore[misc]


def test_what_extra_takes_comes_back() -> None:
    """All values of JSON, nested as deep as is allowed; names of any iterable, read once."""
    extra = {"a": [1, 1.5, True, None, "chữ", {"b": {}}], "deep": nested(63), "large": 1 << 70}
    article = Article(id="1", title="A", body="B", extra=extra, topics=(name for name in ("x", "y")))  # type: ignore[arg-type]
    assert load(dump(article)) == article
    assert article.topics == ("x", "y")


@pytest.mark.parametrize("data", [b"[", b"[" * 100_000, b"null", b"7", b'{"id":1}', b'{"id":"1"}', b'{"x":1}', b"\xff"])
def test_what_is_stored_and_no_article_is_an_article_error(data: bytes) -> None:
    """Whatever a stranger's index holds."""
    with pytest.raises(ArticleError):
        load(data)
