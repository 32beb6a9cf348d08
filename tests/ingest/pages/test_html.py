# ruff: noqa: E501  (markup reads best unbroken)
"""A web page becomes the article on it: each field from what the page's witnesses agree upon, nothing of the site."""

from pathlib import Path

import pytest
from tests.ingest.pages.written import HEADLINE, PARAGRAPHS, TEXT, article, ld, page

from vnsearch import read
from vnsearch.errors import ArticleError, ReadError
from vnsearch.ingest.pages.containers import containers
from vnsearch.ingest.pages.html import read_html

# -- titles --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headline",
    [
        '"H&#7885;p b&#225;o th&#432;&#7901;ng k&#7923; qu&#253; I"',
        '"H&amp;#7885;p b&amp;#225;o th&amp;#432;&amp;#7901;ng k&amp;#7923; qu&amp;#253; I"',
        '"Họp báo thường kỳ quý I"',
    ],
)
def test_entities_in_json_ld_are_read(headline: str) -> None:
    """Escaped once, twice or not at all: the headline is the same text."""
    item = f'{{"@type":"NewsArticle","headline":{headline},"author":{{"name":"NH&#7852;T A"}}}}'
    found = read_html(page(PARAGRAPHS, ld(item), title=""))
    assert (found["title"], found["author"]) == ("Họp báo thường kỳ quý I", "NHẬT A")


def test_og_title_escaped_twice() -> None:
    """A meta element whose entities were escaped once more is read like any other."""
    meta = '<meta property="og:title" content="H&amp;#7885;p &amp;quot;qu&amp;#253; I&amp;quot; c&amp;#7911;a huy&amp;#7879;n">'
    assert read_html(page(PARAGRAPHS, meta, title=""))["title"] == 'Họp "quý I" của huyện'


def test_a_headline_that_was_cut_off_loses_to_the_whole_one() -> None:
    """JSON-LD may hold 110 characters only; what a reader sees is the title."""
    whole = (
        "Huyện A triển khai nhiệm vụ phát triển kinh tế, xã hội và bảo đảm quốc phòng, an ninh của cả năm 2023 sau Tết"
    )
    item = f'{{"@type":"NewsArticle","headline":"{whole[:60]}..."}}'
    assert read_html(page(f"<h1>{whole}</h1>{PARAGRAPHS}", ld(item), title=whole))["title"] == whole


@pytest.mark.parametrize(
    ("body", "head", "title"),
    [
        ("<div class='title-detail'>{h}</div>{p}", "", ""),  # a div as headline
        ("<h3>{h}</h3>{p}", "", "Cổng thông tin điện tử xã A"),  # only a lower heading
        ("<div class='tieude'>{h}</div>{p}", "", "Cổng TTĐT xã A"),  # only a div
        ("<h1>Báo Xã A</h1><h2 class='title'>{h}</h2>{p}", "", "{h} - Báo Xã A"),  # the site's name in h1
        ("<p>x</p>{p}", "", "{h} - Cổng TTĐT xã A"),  # the site's name behind the title
        ("<h1>{h}</h1>{p}", '<meta property="og:title" content="Báo Xã A">', "Báo Xã A"),  # og:title is the site's name
        ("<h1>Thời sự</h1><h2>{h}</h2>{p}", '<meta property="og:title" content="{h}">', "{h}"),  # a section in h1
    ],
)
def test_the_title_is_the_headline_and_not_the_site(body: str, head: str, title: str) -> None:
    """Where the headline is no h1, or the site's name is in its place, the headline is found."""
    filled = [part.format(h=HEADLINE, p=PARAGRAPHS) for part in (body, head, title)]
    assert read_html(page(*filled))["title"] == HEADLINE


@pytest.mark.parametrize("title", ["Báo động cháy rừng ở huyện A", "Báo cáo kết quả sáu tháng", "Trang Hạ ra sách mới"])
def test_a_headline_that_begins_like_a_site_s_name(title: str) -> None:
    """ "Báo" is a newspaper, and the beginning of other words."""
    assert read_html(page(f"<h1>{title}</h1>{PARAGRAPHS}", title=title))["title"] == title


def test_each_field_says_its_witness() -> None:
    """`why` names where a field is from; witnesses that contradict one another are a warning."""
    found = read_html(article(head='<meta property="og:title" content="Một tiêu đề khác hẳn, của bài khác">'))
    assert found["why"]["title"] == "h1" and found["why"]["body"] == "the densest prose"
    assert not found.get("warnings")  # the title element agrees with the headline
    other = '<meta property="article:published_time" content="2023-02-07"><meta name="pubdate" content="2022-01-01">'
    assert "2022-01-01" in read_html(article(head=other))["warnings"][0]


# -- JSON-LD in all shapes -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "script",
    [
        ld('//<![CDATA[\n{"@type":"NewsArticle","datePublished":"2023-02-07T11:34:00+07:00"}\n//]]>'),
        '<script type="application/ld+json; charset=utf-8">{"@type":["NewsArticle"],"datePublished":"2023-02-07T11:34"}</script>',
        ld('{"@type":"WebPage","mainEntity":{"@type":"NewsArticle","datePublished":"2023-02-07T04:34:00Z"}}'),
        ld(
            '{"@graph":[{"@type":"WebSite","name":"x"},{"@type":"Article","datePublished":"2023-02-07T11:34:00+0700"}]}'
        ),
        ld('[{"@type":"BreadcrumbList"},{"@type":"NewsArticle","datePublished":"2023-02-07 11:34",}]'),
    ],
    ids=["CDATA", "charset in the type", "mainEntity", "@graph", "a comma too many"],
)
def test_json_ld_is_found_however_it_is_wrapped(script: str) -> None:
    """All the shapes in which sites write it state the same moment."""
    assert read_html(article(head=script))["published"] == "2023-02-07T11:34:00+07:00"


def test_of_several_articles_the_page_s_own_counts() -> None:
    """An article with another page's address is a related one."""
    items = (
        '[{"@type":"NewsArticle","url":"https://a.vn/khac.html","headline":"Khác hẳn","datePublished":"2020-01-01","author":"B C"},'
        '{"@type":"NewsArticle","url":"https://a.vn/nay.html","headline":"'
        + HEADLINE
        + '","datePublished":"2023-02-07"}]'
    )
    found = read_html(article(head='<link rel="canonical" href="https://a.vn/nay.html">' + ld(items)))
    assert (found["title"], found["published"], found["author"]) == (HEADLINE, "2023-02-07", "")


@pytest.mark.parametrize(
    ("author", "right"),
    [
        ('"Nguyễn Văn A"', "Nguyễn Văn A"),
        ('["Nguyễn Văn A","Trần B"]', "Nguyễn Văn A, Trần B"),
        ('[{"name":"Nguyễn Văn A"},{"@type":"Person","name":"Trần B"}]', "Nguyễn Văn A, Trần B"),
        ('{"name":["Nguyễn Văn A","Trần B"]}', "Nguyễn Văn A, Trần B"),
        ('{"name":"Báo Xã A"}', ""),
        ('{"name":"xa-a.vn"}', ""),
    ],
)
def test_authors_of_json_ld(author: str, right: str) -> None:
    """One or several, as text or object; a site's name is no author."""
    item = f'{{"@type":"NewsArticle","author":{author},"publisher":{{"name":"Xã A"}}}}'
    assert read_html(article(head=ld(item)))["author"] == right


def test_a_date_that_cannot_be_does_not_hide_another() -> None:
    """The year 1 in JSON-LD leaves the word to what the page shows."""
    item = ld('{"@type":"NewsArticle","datePublished":"0001-01-01T00:00:00"}')
    shown = article("<p class='when'>Thứ Ba, 07/02/2023 11:34</p>" + PARAGRAPHS, item)
    assert read_html(shown)["published"] == "2023-02-07T11:34:00+07:00"


# -- dates -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "above",
    [
        '<div id="clock">Thứ Sáu, 27/11/2026</div>',
        "<div class='top'><ul><li>Giấy phép số 12/GP-TTĐT cấp ngày 17/10/2015</li></ul></div>",
        '<ul><li><time datetime="2026-11-20T08:00"></time><a href="/nong.html">Một tin nóng của hôm nay, dài</a></li>'
        '<li><time datetime="2026-11-20T09:00"></time><a href="/nong2.html">Một tin nóng khác của hôm nay</a></li></ul>',
    ],
    ids=["clock", "licence", "teaser"],
)
def test_what_stands_first_on_a_page_is_not_its_date(above: str) -> None:
    """The clock, the licence and other articles' dates are none of the article's."""
    below = "<div class='post-time'>07/02/2023 11:34</div>" + PARAGRAPHS
    assert read_html(article(below, above=above))["published"] == "2023-02-07T11:34:00+07:00"
    assert read_html(article(above=above))["published"] == ""


@pytest.mark.parametrize(
    ("shown", "right"),
    [
        ("<p>Quy định có hiệu lực từ ngày 1/3/2024.</p>", ""),
        ("<div>Thứ Ba, <span>7</span>/<span>2</span>/<span>2023</span></div>", "2023-02-07"),
        (
            "<div>Đăng ngày: Thứ Ba, 07/02/2023 | 11:34 (GMT+7) - Cập nhật lần cuối: 08/02/2023 | 10:00 (GMT+7)</div>",
            "2023-02-07T11:34:00+07:00",
        ),
        ("<p>Lễ hội diễn ra trong ba ngày, khai mạc ngày 8/2/2023 tại trung tâm huyện.</p>", ""),
    ],
)
def test_a_date_line_is_a_date_and_nothing_else(shown: str, right: str) -> None:
    """In pieces or long, it is read; a sentence with a date in it is none."""
    assert read_html(article(shown + PARAGRAPHS))["published"] == right


def test_name_and_date_in_one_line() -> None:
    """Above the text, outside of its container or in it: the date is read, the name is the author's, the line no text."""
    line = "<div>Nguyễn Văn A - 07/02/2023 11:34</div>"
    for body in (
        f"<h1>{HEADLINE}</h1>{line}<div>{PARAGRAPHS}</div>",
        f"<h1>{HEADLINE}</h1><div>{line}{PARAGRAPHS}</div>",
    ):
        found = read_html(page(body))
        assert (found["published"], found["author"]) == ("2023-02-07T11:34:00+07:00", "Nguyễn Văn A")
        assert found["body"] == "\n".join(TEXT)


def test_the_author_behind_a_label() -> None:
    """Below the text, outside of its container, as portals print it."""
    below = "<p><strong>Tác giả bài viết: </strong>Hoàng Thị B</p>"
    found = read_html(page(f"<div><h1>{HEADLINE}</h1><div id='news-bodyhtml'>{PARAGRAPHS}</div>{below}</div>"))
    assert (found["author"], found["body"]) == ("Hoàng Thị B", "\n".join(TEXT))


def test_published_and_updated_are_told_apart() -> None:
    """The time of day stays; the change stands in a field of its own."""
    head = (
        '<meta property="article:published_time" content="2023-02-07T11:34:00+07:00">'
        '<meta property="article:modified_time" content="2023-02-08T09:00:00+07:00">'
    )
    found = read_html(article(head=head))
    assert (found["published"], found["updated"]) == ("2023-02-07T11:34:00+07:00", "2023-02-08T09:00:00+07:00")


def test_the_moment_that_most_witnesses_state() -> None:
    """JSON-LD an hour off against meta element and page."""
    head = ld('{"@type":"NewsArticle","datePublished":"2023-02-07T10:34:00+07:00"}')
    head += '<meta property="article:published_time" content="2023-02-07T11:34:00+07:00">'
    shown = article("<div class='time'>07/02/2023 11:34 AM</div>" + PARAGRAPHS, head)
    assert read_html(shown)["published"] == "2023-02-07T11:34:00+07:00"


def test_the_day_in_the_address_where_nothing_else_is() -> None:
    """The commonest system's addresses hold the moment that the article was begun."""
    head = '<link rel="canonical" href="https://a.vn/trien-khai-nhiem-vu-102230207113400123.htm">'
    found = read_html(article(head=head))
    assert (found["published"], found["why"]["published"]) == ("2023-02-07", "the address")


# -- addresses -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "head", "url", "source"),
    [
        ("", '<link rel="canonical" href="https://xa.example.gov.vn/">', "", "xa.example.gov.vn"),
        (
            "",
            '<link rel="canonical" href="https://web.archive.org/web/20230207/https://baolangson.vn/x.html">',
            "https://baolangson.vn/x.html",
            "baolangson.vn",
        ),
        (
            "",
            '<base href="https://www.xa-a.vn/"><link rel="canonical" href="/tin-tuc/x.html">',
            "https://www.xa-a.vn/tin-tuc/x.html",
            "xa-a.vn",
        ),
        ("", '<link rel="canonical" href="/tin-tuc/x.html">', "", ""),
        ("<!-- saved from url=(0023)https://xa-a.vn/tin.html -->", "", "https://xa-a.vn/tin.html", "xa-a.vn"),
        (
            "",
            '<link rel="canonical" href="https://xa-a.vn/"><meta property="og:url" content="https://xa-a.vn/tin.html">',
            "https://xa-a.vn/tin.html",
            "xa-a.vn",
        ),
    ],
    ids=["no path", "web archive", "base", "relative", "saved from", "og:url"],
)
def test_address_and_source(before: str, head: str, url: str, source: str) -> None:
    """A canonical without a path is no identity; an archive's and a browser's notes are read."""
    body = f"<h1>{HEADLINE}</h1><p>07/02/2023 11:34</p>{PARAGRAPHS}"
    found = read_html(f"<!doctype html>{before}" + page(body, head + ld('{"@type":"NewsArticle"}'))[15:])
    assert (found["url"], found["source"]) == (url, source)


def test_four_pages_with_the_site_as_canonical_are_four_articles(tmp_path: Path) -> None:
    """Nothing is lost where all pages of a portal name its front as their address."""
    for number in range(4):
        text = PARAGRAPHS.replace("18 xã", f"{number + 10} xã")
        head = '<link rel="canonical" href="https://xa.example.gov.vn/">'
        (tmp_path / f"p{number}.html").write_text(article(text, head), "utf-8")
    found = list(read(tmp_path))
    assert len({each.id for each in found}) == 4 and {each.source for each in found} == {"xa.example.gov.vn"}


# -- a container of one's own ------------------------------------------------------------------------------------


def test_a_user_s_own_containers_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line in the file that $VNSEARCH_CONTAINERS names says where a site keeps the parts of its articles."""
    mine = tmp_path / "mine.tsv"
    mine.write_text("Xã A\txa-a.vn\t#t\t#s\t#d\t#a\t#b\t.out\n", "utf-8")
    body = (
        f"<p id='t'>{HEADLINE}</p><p id='s'>{TEXT[0]}</p><i id='d'>7/2/2023</i><i id='a'>Lê C</i>"
        f"<p>{TEXT[3]}</p><p>{TEXT[3]}</p><div id='b'>{TEXT[1]}<br>{TEXT[2]}<p class='out'>Một dòng thừa</p></div>"
    )
    html = page(body, '<link rel="canonical" href="https://xa-a.vn/1.html">', title="")
    monkeypatch.setenv("VNSEARCH_CONTAINERS", str(mine))
    found = read_html(html)
    assert (found["title"], found["lead"], found["author"]) == (HEADLINE, TEXT[0], "Lê C")
    assert (found["published"], found["body"]) == ("2023-02-07", f"{TEXT[1]}\n{TEXT[2]}")
    assert found["why"]["body"] == "the container of Xã A"


@pytest.mark.parametrize(("line", "reason"), [("a\tb\tc\n", "columns"), ("x\t\t\t\t\t\tdiv > p\t\n", "no selector")])
def test_a_wrong_line_of_containers_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, reason: str
) -> None:
    """File, line and what was expected."""
    mine = tmp_path / "wrong.tsv"
    mine.write_text(line, "utf-8")
    monkeypatch.setenv("VNSEARCH_CONTAINERS", str(mine))
    with pytest.raises(ReadError, match=reason):
        read_html(article())


def test_the_built_in_containers_are_sound() -> None:
    """Every line is read, and every one names where the text is."""
    assert len(containers()) > 20 and all(each.body for each in containers())


def test_an_empty_page_is_refused() -> None:
    """No markup, no article."""
    with pytest.raises(ArticleError):
        read_html(b"")
