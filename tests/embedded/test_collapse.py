"""Articles that tell the same story, on the bundled sample: collapsed, counted, found together."""

from datetime import date
from pathlib import Path

import pytest

from vnsearch import Article, Index, QueryError

TOLD = (
    "Sáng 7/2, huyện Cao Lộc phát động phong trào toàn dân làm đường giao thông nông thôn. Hơn ba trăm người của sáu "
    "thôn đã hiến đất, góp công đổ bê tông hai ki-lô-mét đường liên thôn. Chủ tịch xã cho biết con đường sẽ xong trước "
    "mùa mưa, giúp bà con chở na và gỗ keo ra chợ huyện nhanh hơn, đỡ phải thuê xe qua đoạn dốc lầy lội."
)
OTHER = (
    "Chiều 8/2, Đồn Biên phòng Chi Ma cùng thanh niên huyện Cao Lộc trồng hai nghìn cây xanh dọc đường tuần tra. Ban "
    "tổ chức trao mười suất quà cho học sinh vượt khó, và khám bệnh miễn phí cho người già ở bốn thôn giáp biên."
)


@pytest.fixture
def stories(tmp_path: Path) -> Index:
    """Three sites tell one story, each with a line of its own; one article tells another."""
    index = Index.create(tmp_path / "stories")
    with index.writer() as writer:
        writer.add(Article(id="first", title="Cao Lộc làm đường nông thôn", body=TOLD, published=date(2023, 2, 7)))
        writer.add(Article(id="copy", title="Hơn 300 người làm đường", body=TOLD.upper(), published=date(2023, 2, 8)))
        writer.add(Article(id="other", title="Trồng cây ở Cao Lộc", body=OTHER, published=date(2023, 2, 8)))
    with index.writer() as writer:  # in a segment of its own
        writer.add(Article(id="late", title="Làm đường", body=f"{TOLD} (TTXVN)", published=date(2023, 2, 9)))
    return index


def test_a_story_is_one_hit(stories: Index) -> None:
    """Of three that tell the same the best one stands; it names the others, and the total counts articles."""
    every = stories.search("cao lộc đường")
    assert sorted(hit.id for hit in every) == ["copy", "first", "late", "other"]
    assert all(hit.same_story == () for hit in every)
    one = stories.search("cao lộc đường", collapse="story")
    best = next(hit.id for hit in every if hit.id != "other")
    assert {hit.id for hit in one} == {best, "other"}
    assert one.total == every.total == 4
    assert {hit.id: set(hit.same_story) for hit in one}[best] == {"first", "copy", "late"} - {best}


def test_pages_count_stories(stories: Index) -> None:
    """One hit a page: two pages, and nothing behind them; the newest of a story where sorted by date."""
    pages = [[h.id for h in stories.search("", sort="newest", collapse="story", limit=1, offset=n)] for n in range(3)]
    assert pages == [["late"], ["other"], []]
    stories.optimize()  # fingerprints are merged with the rest
    assert [hit.id for hit in stories.search("", sort="newest", collapse="story")] == ["late", "other"]


@pytest.mark.parametrize("options", [{"collapse": "site"}, {"collapse": "story", "after": "x"}])
def test_collapse_is_by_story_and_has_no_cursor(stories: Index, options: dict[str, str]) -> None:
    with pytest.raises(QueryError, match="collapse is None or 'story'"):
        stories.search("", **options)  # type: ignore[arg-type]
