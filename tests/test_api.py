"""The public face on the bundled sample: what a search finds, and in which order."""

import json
import unicodedata
from datetime import date
from itertools import combinations_with_replacement
from pathlib import Path
from typing import Any

import pytest

from vnsearch import Article, Index, QueryError
from vnsearch.api import Sort


def ids(index: Index, text: str = "", **options: object) -> list[str]:
    return [hit.id for hit in index.search(text, limit=1000, **options)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "typed",
    [
        "công tác dân vận Lạng Sơn",
        "cong tac dan van lang son",
        "CÔNG TÁC DÂN VẬN LẠNG SƠN",
        "công tác dân vận Lang Son",
        unicodedata.normalize("NFD", "công tác dân vận Lạng Sơn"),
    ],
)
def test_however_it_is_typed_the_same_article_comes_first(sample: Index, typed: str) -> None:
    """Accented, without diacritics, in capitals, half and half, decomposed."""
    first = sample.search(typed).hits[0]
    assert "dân vận" in first.article.title.lower()
    assert first.article.provinces == ("Lạng Sơn",)
    assert first.snippet.highlights


def test_encodings_of_one_query_rank_alike(sample: Index) -> None:
    """NFD and the other tone placement give the same articles in the same order."""
    query = "tỉnh ủy hòa bình thủy lợi"
    assert ids(sample, query) == ids(sample, unicodedata.normalize("NFD", query))
    assert ids(sample, query) == ids(sample, "tỉnh uỷ hoà bình thuỷ lợi")


def test_an_accented_word_ranks_its_own_accents_first(sample: Index) -> None:
    """Other accents are still found, behind."""
    hits = sample.search("bão", match="any", limit=1000).hits
    exact = ["bão" in f"{h.article.title} {h.article.lead} {h.article.body}".lower() for h in hits]
    assert exact[0]
    assert exact.index(False) > 0
    assert not any(exact[exact.index(False) + 3 :])


def test_filters_and_their_names(sample: Index) -> None:
    """Province, topic, source and dates, as arguments and in the text, mean the same."""
    by_argument = ids(sample, "", province="Lang Son", topic="Dân vận", since="2023-02-01", until="tháng 2/2023")
    assert by_argument
    assert ids(sample, 'tinh:"Lạng Sơn" chude:"dân vận" ngay:2023-02-01..2023-02-28') == by_argument
    for id in by_argument:
        article = sample.get(id)
        assert article is not None
        assert article.provinces == ("Lạng Sơn",)
        assert "dan-van" in article.topics
        assert article.day is not None
        assert date(2023, 2, 1) <= article.day <= date(2023, 2, 28)
    assert ids(sample, "", source="www.baolangson.vn") == ids(sample, "nguồn:baolangson.vn")
    assert ids(sample, "", province="Lạng Sơn", until="2000") == []


@pytest.mark.parametrize("first", [date(1, 1, 1), date(1975, 4, 30)], ids=["days of 32 bits", "days of 16 bits"])
def test_periods_are_those_of_the_calendar(tmp_path: Path, first: date) -> None:
    days = [first, date(1990, 1, 1), date(2023, 2, 6), date(2023, 2, 7), date(2023, 2, 7), date(2026, 11, 27), None]
    index = Index.create(tmp_path / "index")
    with index.writer() as writer:
        for number, day in enumerate(days):
            writer.add(Article(id=str(number), title="tin", body="", published=day))
    bounds = [None, date.min, date(1975, 4, 29), date(1990, 1, 2), *days[2:4], date(2026, 11, 27), date(9999, 12, 31)]
    for since, until in combinations_with_replacement(bounds[1:], 2):
        for asked in ((since, until), (since, None), (None, until)):
            low, high = asked[0] or date.min, asked[1] or date.max
            expected = {str(n) for n, day in enumerate(days) if day and low <= day <= high}
            assert {hit.id for hit in index.search("", since=asked[0], until=asked[1])} == expected, asked


def test_the_merger_of_provinces(sample: Index) -> None:
    """Today's province finds what it was made of; an old one finds what names it, before or after."""
    today, before = set(ids(sample, "", province="Phú Thọ")), set(ids(sample, "", province="Hòa Bình"))
    assert before < today
    names = {name for id in today for name in sample.get(id).provinces}  # type: ignore[union-attr]
    assert names >= {"Phú Thọ", "Hòa Bình", "Vĩnh Phúc"}
    assert set(ids(sample, "", province=["Phú Thọ", "Hòa Bình"])) == today


def test_boolean_operators(sample: Index) -> None:
    """Sets as they should be, in both languages."""
    both, either = set(ids(sample, '"nông thôn mới" AND "dân vận"')), set(ids(sample, '"nông thôn mới" HOẶC "dân vận"'))
    one, other = set(ids(sample, '"nông thôn mới"')), set(ids(sample, '"dân vận"'))
    assert one
    assert other
    assert both == one & other
    assert either == one | other
    assert set(ids(sample, '"nông thôn mới" -"dân vận"')) == one - other
    assert set(ids(sample, '"nông thôn mới" KHÔNG "dân vận"')) == one - other
    assert set(ids(sample, '+"dân vận" nông')) == other & set(ids(sample, "nông"))
    assert set(ids(sample, 'title:"tập trung"')) < set(ids(sample, '"tập trung"'))
    assert set(ids(sample, "dân* AND vận")) >= other


def test_numbers_of_documents(sample: Index) -> None:
    """A document is found by its number however it is spaced, and by number: exactly."""
    found = set(ids(sample, "number:25-NQ/TW"))
    assert found
    for spelling in ("25-NQ/TW", "25-nq/tw", "25 - NQ/TW"):
        hits = sample.search(spelling, limit=len(found)).hits
        assert {hit.id for hit in hits} == found
        assert all(hit.article.id in found for hit in hits)


def test_abbreviations_both_ways(sample: Index) -> None:
    """The long form finds the short one and the reverse."""
    for id in ids(sample, '"HĐND"'):
        assert id in ids(sample, "hội đồng nhân dân")
    text = '"hội đồng nhân dân"'
    assert set(ids(sample, text)) <= set(ids(sample, "HĐND"))


def test_order_paging_and_totals(sample: Index) -> None:
    """Pages put together are the whole; dates sort; total counts all."""
    everything = sample.search("", sort="newest", limit=1000)
    assert everything.total == len(everything.hits) == len(sample)
    days = [hit.article.day for hit in everything if hit.article.day]
    assert days == sorted(days, reverse=True)
    pages = [
        hit.id for start in range(0, len(sample), 7) for hit in sample.search("", sort="newest", limit=7, offset=start)
    ]
    assert pages == [hit.id for hit in everything]
    oldest = [h.article.day for h in sample.search("", sort="oldest", limit=1000) if h.article.day]
    assert oldest == sorted(oldest)
    scores = [hit.score for hit in sample.search("dân vận", limit=1000)]
    assert scores == sorted(scores, reverse=True)
    assert sample.search("dân vận", limit=0).hits == ()


def test_facets_count_all_matches(sample: Index) -> None:
    """They equal a count over the articles themselves."""
    results = sample.search("hội nghị", facets=("province", "topic", "source", "year", "month"), limit=1000)
    articles = [hit.article for hit in results]
    assert results.total == len(articles)
    for name, count in results.facets["province"].items():
        assert count == sum(name in a.provinces for a in articles)
    for year, count in results.facets["year"].items():
        assert count == sum(a.day is not None and f"{a.day.year}" == year for a in articles)
    assert sum(results.facets["source"].values()) == sum(bool(a.source) for a in articles)
    assert list(results.facets["topic"].values()) == sorted(results.facets["topic"].values(), reverse=True)
    assert set(sample.search("hội nghị", facets="month").facets) == {"month"}


def test_suggest_complete_similar(sample: Index) -> None:
    """From the index's own words."""
    assert sample.search("dan van lang son").suggestion == "dân vận lạng sơn"
    assert sample.suggest("dân vận") is None
    assert sample.suggest("") is None
    assert sample.suggest("dânvận") == "dân vận"
    assert sample.suggest("công tác dân vân") == "công tác dân vận"
    assert sample.suggest("Lạng Xơn") == "Lạng Sơn"
    assert sample.suggest('+"dan van" -ton tỉnh:"Lạng Sơn"') == '+"dân vận" -ton tỉnh:"Lạng Sơn"'
    assert sample.suggest('+"cong tac dan van" province:"lang son"') == '+"công tác dân vận" province:"lang son"'
    assert sample.suggest("Ky thuat") == "Kỹ thuật"
    assert sample.suggest("qqqq zzzz") is None
    assert sample.suggest('"dân') is None
    assert sample.search("dan van", until="1990").suggestion is None  # nothing is found with it either
    assert "dân vận" in sample.complete("dan v")
    assert "dân vận" in sample.complete("Dân V")
    assert sample.complete("dàn v") == []
    assert sample.complete("") == []


@pytest.mark.parametrize("typed", ["xây dựng nông thôn m", "xay dung nong thon m", "XÂY DỰNG NÔNG THÔN MỚ"])
def test_completion_goes_on_behind_several_words(sample: Index, typed: str) -> None:
    """What the index's titles and texts go on with, in their own spelling."""
    assert sample.complete(typed) == ["xây dựng nông thôn mới"]
    assert sample.complete("dựng xây nông m") == []


def test_completion_prefers_a_word_to_its_first_syllable(sample: Index) -> None:
    """A syllable that mostly goes on as a word is no completion beside the word."""
    found = sample.complete("của ng")
    assert found.index("của người") == 0
    assert "của nghệ nhân" in found
    assert "của nghệ" not in found
    (id,) = ids(sample, 'title:"hướng mạnh về thôn, bản vùng biên"')
    similar = sample.similar(id, limit=3)
    assert len(similar) == 3
    assert id not in [hit.id for hit in similar]
    assert any("dan-van" in hit.article.topics for hit in similar)
    with pytest.raises(KeyError):
        sample.similar("no such id")


def test_facets_by_todays_provinces(sample: Index) -> None:
    """Each article once, however many of the old provinces it names became one."""
    counts = sample.search("", facets="province34", limit=0).facets["province34"]
    assert counts["Phú Thọ"] == sample.search("", province="Phú Thọ", limit=0).total
    assert "Hòa Bình" not in counts
    assert "Bắc Kạn" not in counts


@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest"])
def test_a_cursor_goes_through_everything_once(sample: Index, sort: Sort) -> None:
    """Pages by cursor are the pages by offset; the last one has none."""
    whole = ids(sample, "tỉnh", sort=sort)
    found, cursor = [], None
    while True:
        page = sample.search("tỉnh", sort=sort, limit=7, after=cursor)
        found += [hit.id for hit in page]
        cursor = page.cursor
        if cursor is None:
            break
    assert found == whole
    for wrong in ("x", "", "e30", "WzFd"):
        with pytest.raises(QueryError, match="no cursor"):
            sample.search("tỉnh", after=wrong)
    first = sample.search("tỉnh", sort=sort, limit=7).cursor
    with pytest.raises(QueryError, match="sorted by"):
        sample.search("tỉnh", sort="newest" if sort != "newest" else "oldest", after=first)
    with pytest.raises(QueryError, match="exclude each other"):
        sample.search("tỉnh", sort=sort, after=first, offset=3)


def test_a_cursor_stays_right_while_articles_come_in(tmp_path: Path) -> None:
    """Articles added in front or behind, the last one seen deleted: none of the others twice, none left out."""
    index = Index.create(tmp_path / "index")
    days = [date(2024, 1, n) for n in (9, 8, 8, 7)] + [None, None]
    with index.writer() as writer:
        for number, day in enumerate(days):
            writer.add(Article(id=f"a{number}", title="Tin dân vận", body="Một câu.", published=day))
    page = index.search("dân vận", sort="newest", limit=2)
    assert [hit.id for hit in page] == ["a0", "a1"]
    with index.writer() as writer:
        for number in range(9):
            writer.add(Article(id=f"new{number}", title="Tin dân vận", body="Một câu.", published=date(2024, 2, 1)))
        writer.delete("a1")
    page = index.search("dân vận", sort="newest", limit=2, after=page.cursor)
    assert [hit.id for hit in page] == ["a2", "a3"]
    page = index.search("dân vận", sort="newest", limit=5, after=page.cursor)
    assert [hit.id for hit in page] == ["a4", "a5"]
    assert page.cursor is None


def test_literal_text_never_fails(sample: Index) -> None:
    """Signs of the language are only signs; a text that is too long is cut."""
    for text in ('"dân', "dân vận AND (", "x:y ngay:31/2/2023", "-", "*", "~", "(" * 1000, "dân " * 10_000, ""):
        assert sample.search(text, literal=True).total > 0 or "x:y" in text
    assert ids(sample, '"dân vận', literal=True) == ids(sample, "dân vận")
    assert sample.search('"dân', literal=True).suggestion is None


def test_a_hit_tells_what_its_score_is_made_of(sample: Index) -> None:
    """The parts add up to the score; each word names the spellings that the article has; a filter its evidence."""
    asked: list[tuple[str, dict[str, Any]]] = [
        ("tinh uy dan van", {}),
        ("ủy ban nhân dân tỉnh", {"recency": True, "now": date(2026, 11, 1)}),
        ("+dân (vận OR động) huyện*", {}),
        ('"dân vận"', {"recency": True, "now": date(2024, 1, 1)}),
    ]
    for text, options in asked:
        for hit in sample.search(text, **options).hits:
            total, *parts = hit.explain().splitlines()
            assert total == f"score {hit.score:.3f}"
            assert sum(float(part.split()[0]) for part in parts) == pytest.approx(hit.score, abs=0.001 * len(parts))
    hit = sample.search("dan van", province="Lạng Sơn", since="2023").hits[0]
    told = hit.explanation
    assert told.score == hit.score and str(told) == hit.explain()
    assert sum(part.score for part in told.parts) == pytest.approx(hit.score, abs=0.0005 * (len(told.parts) + 1))
    assert {reason.field for reason in told.reasons} == {"provinces", "published"}
    assert json.loads(json.dumps(told.asdict()))["parts"][0]["found"]
    assert "dan (found: dân" in hit.explain()
    assert "provinces: Lạng Sơn - " in hit.explain()
    assert "published: 2023-" in hit.explain()
    inside = sample.search('dan van tinh:"Lạng Sơn"').hits[0].explain()
    assert "provinces: Lạng Sơn - " in inside
    assert "published" not in inside


def test_newer_articles_rank_higher_where_asked_for(tmp_path: Path) -> None:
    """By at most three tenths, half of that after 180 days; none for those without date, of the future all of it."""
    days = {"old": date(1990, 1, 1), "half": date(2024, 1, 1), "new": date(2024, 6, 29), "later": date(2025, 1, 1)}
    index = Index.create(tmp_path / "index")
    with index.writer() as writer:
        for id, day in {"none": None, **days}.items():
            writer.add(Article(id=id, title="dân vận", body="x", published=day))
    for text in ("dân vận", "dân", "dân AND vận", '"dân vận"'):
        plain = index.search(text, now=date(2024, 6, 29)).hits
        found = index.search(text, now=date(2024, 6, 29), recency=True).hits
        assert len({hit.score for hit in plain}) == 1
        scores = {hit.id: hit.score / plain[0].score for hit in found}
        assert scores == pytest.approx({"none": 1, "old": 1, "half": 1.15, "new": 1.3, "later": 1.3}, abs=1e-4)
    with pytest.raises(QueryError, match="recency="):
        index.search("dân", recency=True, sort="newest")


def test_an_abbreviation_and_its_long_form_are_one_word(tmp_path: Path) -> None:
    """Whichever of the two an article has, beside an operator too; the abbreviation alone counts as much."""
    index = Index.create(tmp_path / "index")
    with index.writer() as writer:
        writer.add(Article(id="long", title="x", body="ủy ban nhân dân tỉnh"))
        writer.add(Article(id="short", title="x", body="UBND tỉnh y y y"))
        writer.add(Article(id="other", title="x", body="một hai ba bốn năm"))
    assert ids(index, "(ủy ban nhân dân) AND tỉnh") == ["long", "short"]
    assert ids(index, '"ủy ban nhân dân" AND tỉnh') == ["long"]  # a phrase is what it says
    long, short = index.search("ủy ban nhân dân").hits
    words = {
        hit.id: sum(float(p.split()[0]) for p in hit.explain().splitlines()[1:] if "side" not in p)
        for hit in (long, short)
    }
    assert words["short"] == pytest.approx(words["long"], rel=0.02)


def test_explain_shows_the_steps(sample: Index) -> None:
    """Tree, plan, filters, marks; a wrong query is the error that a search gives."""
    text = sample.explain('dân* +"Lạng Sơn" ngay:2/2023', province="Huế")
    for part in (
        "Prefix text=dân",
        "StartsWith",
        "InOrder terms=[lạng sơn]",
        "2023-02-01..2023-02-28",
        "values=[",
        "dân*",
    ):
        assert part in text
    with pytest.raises(QueryError):
        sample.explain('"dân')


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"province": "Lạng Xơn"}, "did you mean Lạng Sơn"),
        ({"topic": "qqq"}, "no topic"),
        ({"topic": 3}, "topic: expected a name or several, got int 3"),
        ({"province": ["Lạng Sơn", b"Hue"]}, "province: expected names, got bytes"),
        ({"since": "31/2/2023"}, "no day of the calendar"),
        ({"since": "2023", "until": "2022"}, "comes after"),
        ({"sort": "best"}, "relevance, newest, oldest"),
        ({"facets": ("colour",)}, "province, province34, topic"),
        ({"limit": -1}, "from 0"),
    ],
)
def test_a_wrong_argument_is_a_query_error(sample: Index, options: dict[str, object], message: str) -> None:
    """With what was expected."""
    with pytest.raises(QueryError, match=message):
        sample.search("dân vận", **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "column"),
    [('tinh:"Lạng Xơn"', 6), ("dân ngay:31/2/2023", 10), ("tinhh:x", 1), ('"dân', 1), ("số:5", 1), ("number:x", 8)],
)
def test_a_wrong_query_is_never_an_empty_result(sample: Index, text: str, column: int) -> None:
    """It raises, with the column."""
    with pytest.raises(QueryError) as error:
        sample.search(text)
    assert error.value.column == column
    assert error.value.query == text


def test_a_search_for_nothing_known_finds_nothing(sample: Index) -> None:
    """No error either."""
    for text in ("qqqqxyz", "qqqx*", "qqqzzx~2"):
        assert sample.search(text).total == 0
    assert sample.search("...").total == len(sample)
    assert sample.search("-qqqqxyz").total == len(sample)


def test_the_whoosh_index_is_there(sample: Index) -> None:
    """An app that knows Whoosh can use it."""
    from whoosh.query import Term

    with sample.whoosh.searcher() as searcher:
        assert len(searcher.search(Term("body_folded", "van"), limit=None)) > 0


def test_stats_and_verify(sample: Index) -> None:
    """Counts agree with the articles."""
    stats = sample.stats()
    assert stats["articles"] == len(sample) == len(list(sample))
    assert stats["with_date"] == sum(article.day is not None for article in sample)
    assert stats["bytes"] > 0
    found = sample.verify()
    assert found.articles == len(sample)
    assert found.problems == ()
