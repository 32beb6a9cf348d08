"""Which articles the words of a query match: the rule of `vnsearch.ranking.matching`, a test for each of its rows."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vnsearch import Article, Index, QueryError

TEXTS = {
    "fees": ("Học phí năm học mới", "Trường đại học tăng học phí từ tháng chín."),
    "fees2": ("Miễn học phí", "Tỉnh miễn học phí cho trẻ mầm non."),
    "apart": ("Sinh viên học nghề", "Các em học nghề; lệ phí thi do tỉnh trả."),
    "people": ("Dân vận khéo ở Lạng Sơn", "Ban Dân vận Tỉnh ủy Lạng Sơn họp về công tác dân vận."),
    "people2": ("Ban Dân vận họp", "Ban Dân vận Lạng Sơn và Ban Dân vận Cao Bằng họp chung."),
    "other": ("Dân vận ở Cao Bằng", "Cán bộ dân vận về thôn."),
    "guitar": ("Đàn tính của người Tày", "Nghệ nhân dạy đàn tính cho trẻ em."),
    "crowd": ("Người dân đi chợ", "Dân các bản về chợ phiên."),
    "crowd2": ("Chợ phiên cuối năm", "Chợ phiên đông người mua."),
    "short2": ("UBND xã họp", "UBND huyện và UBND xã họp."),
    "decree": ("Xử phạt nồng độ cồn", "Theo Nghị định số 100/2019/NĐ-CP, mức phạt tăng."),
    "decree2": ("Mức phạt mới", "Nghị định 123/2021/NĐ-CP sửa nhiều điều."),
    "resolution": ("Nghị quyết về công tác dân vận", "Nghị quyết 25-NQ/TW được quán triệt."),
    "resolution2": ("Nghị quyết về bộ máy", "Nghị quyết 18-NQ/TW, và 25 xã làm trước; NQ của TW."),
    "committee": ("Họp giao ban", "Ủy ban nhân dân huyện họp giao ban tháng chín."),
    "short": ("Giao ban UBND huyện", "UBND huyện họp."),
    "bare": ("Thong bao khong dau", "Hoc phi dai hoc nam nay tang, van ban danh khong dau."),
    "fire": ("Cháy rừng ở Nghệ An", "Cháy rừng lan rộng trên núi."),
    "fire2": ("Cháy rừng được khống chế", "Vụ cháy rừng đã tắt."),
    "fire3": ("Ba vụ cháy rừng", "Cháy rừng ở ba xã."),
    "fire4": ("Phòng cháy rừng", "Tập huấn phòng cháy rừng."),
    "fire5": ("Cháy rừng đầu mùa", "Đề phòng cháy rừng."),
    "kitchen": ("Cháy bếp nhà dân", "Nhà ở bìa rừng bị cháy bếp."),
}


FIRES = {"fire", "fire2", "fire3", "fire4", "fire5"}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    index = Index.create(tmp_path_factory.mktemp("matching") / "index")
    with index.writer() as writer:
        for number, (id, (title, body)) in enumerate(TEXTS.items()):
            province = ("Lạng Sơn",) if id == "people" else ("Cao Bằng",) if id == "other" else ()
            day = date(2020 + number % 4, 1, 1 + number)
            writer.add(Article(id=id, title=title, body=body, published=day, provinces=province))
        for number in range(30):  # so that words are rare or common as in life
            writer.add(Article(id=f"filler-{number}", title=f"Tin {number}", body="Bản tin thời tiết trong ngày."))
    return index


def found(index: Index, text: str, **options: object) -> set[str]:
    results = index.search(text, limit=1000, **options)  # type: ignore[arg-type]
    assert results.total == len(results.hits)
    return {hit.id for hit in results.hits}


@pytest.mark.parametrize(
    ("query", "ids", "how"),
    [
        (
            "học phí",
            {"fees", "fees2", "bare"},
            "all",
        ),  # one word, its syllables side by side; also in a text without marks
        ("hoc phi", {"fees", "fees2", "bare"}, "all"),  # typed without marks: in any accents
        ("dân vận Lạng Sơn", {"people", "people2"}, "all"),  # every word
        ("dan van lang son", {"people", "people2"}, "all"),
        ("DÂN VẬN LẠNG SƠN", {"people", "people2"}, "all"),
        ("25-NQ/TW", {"resolution"}, "all"),  # a number is one word; its parts are no match
        ("25-nq/tw", {"resolution"}, "all"),
        ("26-NQ/TW", set(), "all"),
        ("Nghị quyết 25-NQ/TW", {"resolution"}, "all"),
        ("nghị định 100", {"decree"}, "all"),  # the number may go on, and "số" may stand before it
        ("nghị định số 100", {"decree"}, "all"),
        ("nghị định 23", set(), "all"),
        ("sohieu:100/2019", {"decree"}, "everything"),
        ("number:123", {"decree2"}, "everything"),
        ("UBND huyện", {"committee", "short", "short2"}, "all"),  # an abbreviation and its long form are one word
        ("ủy ban nhân dân huyện", {"committee", "short", "short2"}, "all"),
        ("đàn", {"guitar"}, "all"),  # marks mean what they say
        ("chợ phiên", {"crowd", "crowd2"}, "all"),
        ("chơ phiên", {"crowd", "crowd2"}, "accents"),  # unless nothing has them
        ("cháy rừng", FIRES, "all"),  # no word of pyvi's, but mostly side by side
        ("chay rung", FIRES, "all"),
        ("xeng", set(), "all"),
    ],
)
def test_a_row_of_the_rule(index: Index, query: str, ids: set[str], how: str) -> None:
    """What matches, and what is said of how, in every order."""
    results = index.search(query)
    assert (results.matched, found(index, query)) == (how, ids)
    for sort in ("newest", "oldest"):
        assert found(index, query, sort=sort) == ids


def test_few_with_every_word_and_what_comes_near(index: Index) -> None:
    """Where few articles have every word of a longer query, what scores nearly as well as the best is there too, and
    the words that no article has are named.
    """
    results = index.search("cán bộ dân vận về thôn bản Phiêng Xeng")
    assert results.matched == "nearest"
    assert results.hits[0].id == "other"
    assert results.total < 10
    assert {"xeng"} <= {word.split()[-1] for word in results.missing}


def test_match_says_otherwise(index: Index) -> None:
    """all: no line by relevance; any: any word; phrase: the words in this order."""
    text = "dân vận Cao Bằng Lạng Sơn"
    assert found(index, text, match="all") == {"people2"}
    assert {"people", "other", "people2"} <= found(index, text, match="any")
    assert index.search(text, match="any").matched == "any"
    assert found(index, "dân vận khéo", match="phrase") == {"people"}
    assert found(index, "khéo dân vận", match="phrase") == set()
    with pytest.raises(QueryError, match="match"):
        index.search(text, match="some")  # type: ignore[arg-type]


def test_words_in_some_fields(index: Index) -> None:
    """fields= says where the words have to stand, in either language."""
    assert found(index, "dân vận", fields="title") == {"people", "people2", "other", "resolution"}
    assert found(index, "dân vận", fields=["noidung"]) == {"people", "people2", "other"}
    assert found(index, "dân vận", fields=("title", "body")) == {"people", "people2", "other", "resolution"}
    with pytest.raises(QueryError, match="field"):
        index.search("dân vận", fields="author")  # type: ignore[arg-type]


def test_a_filter_chooses_among_what_the_words_match(index: Index) -> None:
    """A facet says what its filter will find, by argument or in the query."""
    results = index.search("dân vận", facets=("province", "year"))
    for name, count in results.facets["province"].items():
        assert index.search("dân vận", province=name).total == count
        assert index.search(f'dân vận tỉnh:"{name}"').total == count
    for year, count in results.facets["year"].items():
        assert index.search("dân vận", since=year, until=year).total == count
    assert index.search("phiên chợ dân vận bản mường Phiêng Xeng", province="Huế").total == 0


def test_nothing_found_says_what_could_be_left_out(index: Index) -> None:
    """A word, or a filter, with how many articles there are without it."""
    results = index.search("đàn Lạng Sơn", match="all")
    assert (results.matched, results.total, results.missing) == ("all", 0, ())  # each word is somewhere as typed
    assert dict(results.relaxed) == {"đàn": 2, "lạng sơn": 1}
    assert dict(index.search("dân vận", province="Huế", since="2020").relaxed) == {"province": 4}
    assert index.search("dân vận").relaxed == ()


def test_the_words_of_an_article_that_is_gone_do_not_count(tmp_path: Path) -> None:
    """Whether articles have every word is asked of those that are there."""
    index = Index.create(tmp_path / "index")
    with index.writer() as writer:
        writer.add(Article(id="a", title="đàn tính", body="x"))
        writer.add(Article(id="b", title="dân tình", body="x"))
    with index.writer() as writer:
        writer.delete("a")
    results = index.search("đàn")
    assert (results.matched, [hit.id for hit in results]) == ("accents", ["b"])


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ('dân vận NOT tỉnh:"Lạng Sơn"', {"people2", "other", "resolution"}),
        ('dân vận KHÔNG tỉnh:"Lạng Sơn"', {"people2", "other", "resolution"}),
        ('dân vận -tỉnh:"Lạng Sơn"', {"people2", "other", "resolution"}),
        ('tỉnh:"Lạng Sơn" OR tỉnh:"Cao Bằng"', {"people", "other"}),
        ('tỉnh:"Lạng Sơn" HOẶC tỉnh:"Cao Bằng"', {"people", "other"}),
        ('dân vận AND title:"Cao Bằng"', {"other"}),
        ('dân vận VÀ title:"Cao Bằng"', {"other"}),
        ("cháy NOT ngày:2020", set()),
        ("(học phí) AND -title:nghề", {"fees", "fees2", "bare"}),
        ("học phí -title:nghề", {"fees", "fees2", "bare"}),
    ],
)
def test_an_operator_before_a_field(index: Index, query: str, ids: set[str]) -> None:
    """It is an operator there too, in both languages; beside it words are the words of the rule."""
    if "ngày:2020" in query:
        ids = {id for id in (*FIRES, "kitchen") if "2020" not in str(index.get(id).published)}  # type: ignore[union-attr]
    assert found(index, query) == ids


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("ch?y rừng", {*FIRES, "kitchen"}),
        ("*áy rừng", {*FIRES, "kitchen"}),
        ("c*y rung", {*FIRES, "kitchen"}),
        ("title:ng?ời", {"guitar", "crowd"}),
        ("học^2 phí", {"fees", "fees2", "apart"}),
        ('"học phí"^3', {"fees", "fees2"}),
    ],
)
def test_open_letters_and_boosts(index: Index, query: str, ids: set[str]) -> None:
    """? is one letter, * any number, in front too; a boost changes the order alone."""
    assert found(index, query) == ids
    assert all(hit.snippet.highlights or hit.title.highlights for hit in index.search(query).hits)


def test_a_boost_counts_in_the_order(index: Index) -> None:
    """The same articles; the boosted word's first."""
    first = [index.search(f"nghề^{a} OR phiên^{b}").hits[0].id for a, b in ((9, 1), (1, 9))]
    assert first == ["apart", "crowd2"]


@pytest.mark.parametrize(
    ("query", "problem"),
    [("/h.c/", "regular"), ("học^0", "boost"), ("học^500", "boost"), ("h*?", "few letters"), ("?*a", "few letters")],
)
def test_what_is_not_searched_for_is_said(index: Index, query: str, problem: str) -> None:
    """An error with its column, never a search for something else."""
    with pytest.raises(QueryError, match=problem) as raised:
        index.search(query)
    assert raised.value.column


def test_a_question_mark_at_the_end_is_no_pattern(index: Index) -> None:
    """Questions end so."""
    assert found(index, "dân vận khéo là gì?") == found(index, "dân vận khéo là gì")


# -- sets of trees ---------------------------------------------------------------------------------------

LEAVES = st.sampled_from(
    ["dân vận", "học phí", "họp", '"cháy rừng"', "title:dân", 'tỉnh:"Lạng Sơn"', "ngày:2021", "UBND", "chơ~", "ch?y",
     "cán bộ dân vận xeng", "nghị định 100", "xeng", "thôn*"]
)  # fmt: skip
TREES = st.recursive(
    LEAVES,
    lambda inner: st.builds(
        "({}) {} ({})".format, inner, st.sampled_from(["AND", "OR", "NOT", "VÀ", "HOẶC", ""]), inner
    ),
    max_leaves=4,
)
PROPERTY = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@PROPERTY
@given(TREES, TREES)
def test_what_is_kept_and_what_is_left_out_make_the_whole(index: Index, a: str, b: str) -> None:
    """a AND b and a NOT b share nothing and are a together; OR is what either finds."""
    whole, other = found(index, a), found(index, b)
    assert found(index, f"({a}) AND ({b})") == whole & other
    assert found(index, f"({a}) NOT ({b})") == whole - other
    assert found(index, f"({a}) OR ({b})") == whole | other


@PROPERTY
@given(TREES, TREES)
def test_both_spellings_and_brackets_mean_the_same(index: Index, a: str, b: str) -> None:
    """VÀ HOẶC KHÔNG are AND OR NOT; + and - are AND and NOT; a bracket round it all changes nothing."""
    for one, other in (("AND", "VÀ"), ("OR", "HOẶC"), ("NOT", "KHÔNG")):
        assert found(index, f"({a}) {one} ({b})") == found(index, f"({a}) {other} ({b})")
    assert found(index, f"+({a}) +({b})") == found(index, f"({a}) AND ({b})")
    assert found(index, f"({a}) -({b})") == found(index, f"({a}) NOT ({b})")
    assert found(index, f"(({a}))") == found(index, a)


# -- read otherwise --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("nong thonn moi", "nông thôn mới"),  # a letter doubled
        ("noong thoon mowis", "nông thôn mới"),  # Telex
        ("no6ng tho6n mo7i1", "nông thôn mới"),  # VNI
    ],
)
def test_what_no_article_has_is_read_otherwise(sample: Index, typed: str, read: str) -> None:
    """The reading is searched, and said; as typed, or in quotes, what was typed stands."""
    results, expected = sample.search(typed), sample.search(read)
    assert results.searched_as is not None
    assert results.searched_as.lower() == read
    assert {hit.id for hit in results} == {hit.id for hit in expected}
    for other in (sample.search(typed, as_typed=True), sample.search(typed, literal=True), sample.search(f'"{typed}"')):
        assert other.searched_as is None


def test_what_articles_have_is_not_read_otherwise(sample: Index) -> None:
    """Nothing is read otherwise where articles have every word as typed."""
    for text in ("nông thôn mới", "nong thon moi", "dân vận", ""):
        assert sample.search(text).searched_as is None
