"""What an article is, and what it cannot be."""

from datetime import UTC, date, datetime

import pytest

from vnsearch import Article, ArticleError
from vnsearch.article import VIETNAM


def test_a_naive_time_is_viet_nams_and_the_day_too() -> None:
    """18:30 UTC is the next day in Hà Nội."""
    naive = Article(id="1", title="A", body="", published=datetime(2023, 2, 7, 14, 35))
    assert naive.published == datetime(2023, 2, 7, 14, 35, tzinfo=VIETNAM)
    utc = Article(id="1", title="A", body="", published=datetime(2023, 2, 7, 18, 30, tzinfo=UTC))
    assert utc.day == date(2023, 2, 8)
    assert Article(id="1", title="A", body="", published=date(2023, 2, 7)).day == date(2023, 2, 7)
    assert Article(id="1", title="A", body="").day is None


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
