# ruff: noqa: E501  (markup reads best unbroken)
"""A web page becomes the article on it: each field from what the page's witnesses agree upon, nothing of the site."""

from collections.abc import Callable
from pathlib import Path

import pytest

from vnsearch import read
from vnsearch.errors import ArticleError, ReadError
from vnsearch.ingest.pages.containers import containers
from vnsearch.ingest.pages.html import read_fragment, read_html
from vnsearch.ingest.pages.seen import NotAnArticle

TEXT = (
    "Sáng 7/2, UBND huyện A tổ chức hội nghị triển khai nhiệm vụ phát triển kinh tế, xã hội năm 2023.",
    "Dự hội nghị có lãnh đạo các phòng, ban và đại diện 18 xã, thị trấn trên địa bàn huyện.",
    "Năm qua, thu ngân sách của huyện đạt 112 phần trăm kế hoạch, ba xã về đích nông thôn mới.",
    "Kết luận hội nghị, đồng chí Chủ tịch yêu cầu các đơn vị bắt tay ngay vào công việc sau Tết.",
)
PARAGRAPHS = "".join(f"<p>{paragraph}</p>" for paragraph in TEXT)
HEADLINE = "Huyện A triển khai nhiệm vụ năm 2023"
LINKS = "".join(f'<li><a href="/tin-{n}.html">Một tin khác hẳn của huyện, số {n}</a></li>' for n in range(8))


def page(body: str, head: str = "", title: str = HEADLINE) -> str:
    return f"<!doctype html><html><head><title>{title}</title>{head}</head><body>{body}</body></html>"


def article(inside: str = PARAGRAPHS, head: str = "", above: str = "", below: str = "") -> str:
    return page(f"{above}<div class='box'><h1>{HEADLINE}</h1><div class='text'>{inside}</div></div>{below}", head)


def ld(json: str) -> str:
    return f'<script type="application/ld+json">{json}</script>'


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


# -- the body ----------------------------------------------------------------------------------------------


def test_text_in_named_anchors_stays() -> None:
    """An anchor that leads nowhere is a mark in the text: headings and clauses of laws are in such."""
    clauses = "".join(
        f'<p><a name="dieu_{n}"><strong>Điều {n}.</strong></a></p><p><a name="k{n}"><span>{n}. Quyền của người dân chỉ có'
        f" thể bị hạn chế theo quy định của luật.</span></a></p>"
        for n in range(1, 5)
    )
    lines = read_html(article('<h2><a name="_Toc1"></a>Chương I. Phạm vi</h2>' + clauses + PARAGRAPHS))["body"].split(
        "\n"
    )
    assert lines[0] == "Chương I. Phạm vi"
    assert [line for line in lines if line.startswith("Điều")] == [f"Điều {n}." for n in range(1, 5)]
    assert "3. Quyền của người dân chỉ có thể bị hạn chế theo quy định của luật." in lines


def test_layout_tables_are_unfolded_and_tables_of_data_kept() -> None:
    """A page laid out by tables is read cell by cell, a table of data row by row; head and foot of the site are out."""
    text = "".join(f"<p>Điều {n}. {paragraph}</p>" for n, paragraph in enumerate(TEXT, 1))
    data = "<table border=1><tr><th>Xã</th><th>Hộ nghèo</th></tr><tr><td>A</td><td>12</td></tr><tr><td>B</td><td>7</td></tr></table>"
    layout = (
        "<table><tr><td>LOGO</td></tr><tr><td><table><tr><td><a href='/'>Menu</a></td><td><h1>Quyết định về việc giao chỉ tiêu</h1>"
        f"<table><tr><td>Số: 12/QĐ-UBND</td></tr></table>{text}{data}</td></tr></table></td></tr>"
        "<tr><td>Địa chỉ: số 1 phố A</td></tr></table>"
    )
    lines = read_html(page(layout, title="Quyết định về việc giao chỉ tiêu"))["body"].split("\n")
    assert lines[:3] == ["Số: 12/QĐ-UBND", f"Điều 1. {TEXT[0]}", f"Điều 2. {TEXT[1]}"]
    assert lines[-3:] == ["Xã | Hộ nghèo", "A | 12", "B | 7"]


def test_the_known_container_wins_over_a_class_in_the_foot() -> None:
    """Headings stay in order; a foot of class "content" is no text."""
    inside = f"<h2>Mục 1</h2>{PARAGRAPHS}<h3>Mục 2</h3><ul><li>Việc thứ nhất.</li><li>Việc thứ hai.</li></ul>"
    foot = '<div class="footer__flex"><div class="content"><p>Tải ứng dụng:</p><p>BÁO ĐIỆN TỬ</p></div></div>'
    body = f'<div class="detail-content afcbc-body" data-role="content">{inside}</div>{foot}'
    found = read_html(page(f"<h1>{HEADLINE}</h1>{body}"))
    assert found["body"] == "\n".join(["Mục 1", *TEXT, "Mục 2", "Việc thứ nhất.", "Việc thứ hai."])
    assert found["why"]["body"] == "the container of VCCorp"


def test_other_headlines_before_the_text_are_not_the_article() -> None:
    """A column of teasers above the text, each an `article` with a link, is left out."""
    column = "".join(
        f"<li><article><a href='/{n}.html'>Tin khác của ngày hôm qua, số {n}</a></article></li>" for n in range(4)
    )
    body = (
        f"<main><div><ul>{column}</ul></div><h1>{HEADLINE}</h1><div id='content_detail_news'>{PARAGRAPHS}</div></main>"
    )
    assert read_html(page(body))["body"] == "\n".join(TEXT)


def test_the_lead_is_the_article_s_own() -> None:
    """A teaser's sapo above is not taken for it, whatever its class contains."""
    teaser = '<div class="sapo_thumb">Sapo của một bài khác hẳn, không phải của bài này.</div>'
    body = f"{teaser}<h1>{HEADLINE}</h1><div class='sapo_detail'>{TEXT[0]}</div><div id='content_detail_news'>{PARAGRAPHS}</div>"
    found = read_html(page(body))
    assert (found["lead"], found["body"]) == (TEXT[0], "\n".join(TEXT[1:]))


@pytest.mark.parametrize(
    ("tail", "author", "credit"),
    [
        ("<p style='text-align:right'><strong>A. Bình</strong> <em>(tổng hợp)</em></p>", "A. Bình", ""),
        ("<p><strong>NHẬT A - NGHI B</strong></p>", "NHẬT A, NGHI B", ""),
        ("<p><b>Lê Văn C</b></p><p><i>Theo Báo Xã A</i></p>", "Lê Văn C", "Theo Báo Xã A"),
        ("<p><em>(*) Không sao chép dưới mọi hình thức</em></p>", "", ""),
        ("<p>© 2023 Báo Xã A</p>", "", ""),
        ("<p>Đại Đoàn kết</p>", "", "Đại Đoàn kết"),
        ("<p>Theo Bộ A, việc này sẽ xong trong năm.</p>", None, ""),  # a sentence
    ],
)
def test_byline_source_and_copyright_are_no_text(tail: str, author: str | None, credit: str) -> None:
    """The last lines that say who wrote it become fields; a copyright line goes."""
    found = read_html(article(PARAGRAPHS + tail))
    text = "\n".join(TEXT) if author is not None else "\n".join([*TEXT, "Theo Bộ A, việc này sẽ xong trong năm."])
    assert (found["body"], found["author"], found.get("credit", "")) == (text, author or "", credit)


def test_teasers_shares_and_comments_within_the_text_are_out_and_words_of_sentences_in() -> None:
    """What a site puts between paragraphs goes; a link within a sentence stays, whatever its class is called."""
    box = '<div class="related-news"><p>Tin liên quan</p><p><a href="/x.html">Một tin khác hẳn của huyện</a></p></div>'
    inside = f"<p>{TEXT[0]}</p>{box}<div class='social'>Chia sẻ bài này</div><p>Xem thêm: <a href='/y.html'>Một tin khác nữa của xã</a></p>"
    inside += "<p>Tại <a class='cms-relate' href='/huyen'>huyện A</a>, mọi việc đã xong.</p><figure><figcaption>Quang cảnh. Ảnh: B</figcaption></figure>"
    inside += f"<p>{TEXT[1]}</p><p>{TEXT[2]}</p>"
    lines = read_html(article(inside))["body"].split("\n")
    assert lines == [TEXT[0], "Tại huyện A, mọi việc đã xong.", "Quang cảnh. Ảnh: B", TEXT[1], TEXT[2]]


def test_a_law_has_chapters_and_articles_on_lines_of_their_own() -> None:
    """Bold beginnings within a running paragraph are headings; title, number, day of issue and issuing body are read."""
    head = (
        "<table><tr><td><b>QUỐC HỘI<br>-------</b></td><td><b>CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM</b></td></tr>"
        "<tr><td>Luật số: 12/2018/QH14</td><td><i>Hà Nội, ngày 12 tháng 6 năm 2018</i></td></tr></table><p><b>LUẬT</b></p><p><b>GIỮ NƯỚC</b></p>"
    )
    text = f"<div><b>Chương I</b><br><b>QUY ĐỊNH CHUNG</b><br><b>Điều 1. Phạm vi điều chỉnh</b> {TEXT[0]} <b>Điều 2. Đối tượng</b> {TEXT[1]}</div>"
    text += "".join(f"<p><b>Điều {n}.</b> {TEXT[2]}</p>" for n in (3, 4, 5))
    found = read_html(page(f"<div>{head}{text}</div>", title="Cơ sở dữ liệu văn bản"))
    assert (
        found["title"] == "LUẬT GIỮ NƯỚC"
        and found["published"] == "2018-06-12T00:00:00+07:00"[:10]
        or found["published"]
    )
    assert (found["number"], found["author"]) == ("12/2018/QH14", "QUỐC HỘI")
    lines = found["body"].split("\n")
    at = lines.index("Chương I")
    assert lines[at : at + 6] == [
        "Chương I",
        "QUY ĐỊNH CHUNG",
        "Điều 1. Phạm vi điều chỉnh",
        TEXT[0],
        "Điều 2. Đối tượng",
        TEXT[1],
    ]
    assert not any("Hà Nội" in line for line in lines)  # where it was signed is not what it is about


def test_the_day_of_issue_wins_over_the_site_s_last_change() -> None:
    """A library of laws declares when it changed the page; a document's date is that of issue."""
    table = (
        "<table border=1><tr><td>Số hiệu:</td><td>12/QĐ-UBND</td></tr><tr><td>Ngày ban hành:</td><td>12/06/2018</td></tr>"
        "<tr><td>Nơi ban hành:</td><td>Tỉnh A</td></tr></table>"
    )
    text = "".join(f"<p>Điều {n}. {paragraph}</p>" for n, paragraph in enumerate(TEXT, 1))
    item = ld('{"@type":"NewsArticle","datePublished":"2026-01-03T08:48:00+07:00","author":{"name":"luat.example.vn"}}')
    found = read_html(page(f"<h1>{HEADLINE}</h1>{table}<div class='content1'>{text}</div>", item))
    assert (found["published"], found["author"], found["number"]) == ("2018-06-12", "Tỉnh A", "12/QĐ-UBND")


def test_a_page_of_attributes_is_a_document() -> None:
    """Number, day and issuing body stand in a table, the title behind "Trích yếu"."""
    rows = "".join(
        f"<tr><td>{label}</td><td>{value}</td></tr>"
        for label, value in (
            ("Số ký hiệu", "12/QĐ-UBND"),
            ("Ngày ban hành", "07/02/2023"),
            ("Cơ quan ban hành", "UBND tỉnh B"),
            ("Trích yếu", "Về việc phê duyệt kế hoạch sử dụng đất năm 2023 của huyện C"),
        )
    )
    found = read_html(page(f"<table>{rows}</table><div>{PARAGRAPHS}</div>", title="Hệ thống văn bản"))
    assert found["title"] == "Về việc phê duyệt kế hoạch sử dụng đất năm 2023 của huyện C"
    assert (found["number"], found["published"], found["author"]) == ("12/QĐ-UBND", "2023-02-07", "UBND tỉnh B")


# -- not an article ------------------------------------------------------------------------------------------


def _front() -> str:
    return page(f"<h1>Kinh tế</h1><ul>{LINKS}</ul><div><p>{TEXT[0]}</p></div>", title="Kinh tế - Báo Xã A")


def _flat_front() -> str:
    """Headlines and their leads without anything around each."""
    teasers = "".join(
        f"<h3><a href='/{n}.html'>Tin thứ {n} của huyện A hôm nay</a></h3><p>{TEXT[n % 4]}</p>" for n in range(8)
    )
    return page(f"<h1>Kinh tế</h1>{teasers}")


def _home() -> str:
    return article(head='<link rel="canonical" href="https://xa-a.vn/">', below=f"<ul>{LINKS}</ul>" * 3)


@pytest.mark.parametrize(
    "make",
    [
        _front,
        _flat_front,
        _home,
        lambda: page("<h1>Văn bản</h1>"),
        lambda: page(f"<ul>{LINKS}</ul>"),
        lambda: page(
            "<h1>Liên hệ</h1><p>Điện thoại: 0200 000 000</p><p><a href='/ban-do'>Bản đồ của trang thông tin</a></p>"
        ),
    ],
    ids=["front", "flat front", "home", "heading", "menu", "stub"],
)
def test_what_is_no_article_is_refused_with_the_reason(make: Callable[[], str]) -> None:
    """Section fronts, home pages, menus and stubs raise NotAnArticle."""
    with pytest.raises(NotAnArticle, match=r"front|home page|menu|stub"):
        read_html(make())


def test_all_pages_may_be_asked_for() -> None:
    """With `every`, a home page is an article like any other."""
    assert read_html(_home(), every=True)["body"] == "\n".join(TEXT)


# -- encodings, size, safety -----------------------------------------------------------------------------------


def test_tcvn3_in_any_wrapping() -> None:
    """Bytes declared as windows-1252, and the same characters in a UTF-8 page, whose ư is a soft hyphen."""
    codes = str.maketrans(
        "áàảãạăắằẳẵặâấầẩẫậéèẻẽẹêếềểễệíìỉĩịóòỏõọôốồổỗộơớờởỡợúùủũụưứừửữựýỳỷỹỵđĐ",
        "¸µ¶·¹¨¾»¼½Æ©ÊÇÈÉËÐÌÎÏÑªÕÒÓÔÖÝ×ØÜÞãßáâä«èåæçé¬íêëìîóïñòô­øõö÷ùýúûüþ®§",
    )
    text = article().lower().replace("<!doctype html>", "<!DOCTYPE html>")
    old = text.translate(codes)
    as_bytes = old.replace("<head>", '<head><meta charset="windows-1252">').encode("cp1252")
    for data in (as_bytes, old.encode("utf-8"), old):
        found = read_html(data)
        assert found["title"] == HEADLINE.lower() and TEXT[1].lower() in found["body"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1258"])
def test_encodings(encoding: str) -> None:
    """A byte order mark or the declared encoding says how to read a page."""
    import unicodedata

    text = article(head='<meta charset="windows-1258">' if encoding == "cp1258" else "")
    if encoding == "cp1258":  # its tones are marks of their own
        marked = unicodedata.normalize("NFD", text)
        for letter, plain in (("ă", "ă"), ("â", "â"), ("ê", "ê"), ("ô", "ô"), ("ơ", "ơ"), ("ư", "ư")):
            for one, other in ((letter, plain), (letter.upper(), plain.upper())):
                marked = marked.replace(unicodedata.normalize("NFD", one), other)
        text = _with_tones_behind(marked)
    assert read_html(text.encode(encoding))["body"] == "\n".join(TEXT)


def _with_tones_behind(text: str) -> str:
    """ạ and a breve: windows-1258 writes the letter ă first, then its tone, as NFD of "ặ" does not."""
    import re
    import unicodedata

    return re.sub(
        "([aAeEoO])(\u0323)([\u0302\u0306])", lambda m: unicodedata.normalize("NFC", m[1] + m[3]) + m[2], text
    )


def test_deep_markup_loses_nothing() -> None:
    """300 unclosed spans, as converters leave them, and 300 divs: the text below them is all there."""
    assert read_html(article("<span>" * 300 + PARAGRAPHS))["body"] == "\n".join(TEXT)
    for tag in ("div", "span", "b"):  # deeper than the parser goes
        found = read_html(article(f"<{tag}>" * 5000 + PARAGRAPHS))
        assert found["body"].split("\n")[-4:] == list(TEXT)
    assert read_fragment("<div>" * 300 + "<p>Xin chào</p>" + "</div>" * 300) == ("", "Xin chào")


def test_nothing_is_fetched_and_no_entity_opened(tmp_path: Path) -> None:
    """An external entity in a page stays what it is: text, or nothing."""
    secret = tmp_path / "secret"
    secret.write_text("bí mật của máy này", "utf-8")
    bomb = (
        f'<!DOCTYPE html [<!ENTITY x SYSTEM "file://{secret}">]>'
        + page(f"<h1>{HEADLINE}</h1>{PARAGRAPHS}<p>&x;</p>")[15:]
    )
    assert "bí mật" not in str(read_html(bomb))


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
