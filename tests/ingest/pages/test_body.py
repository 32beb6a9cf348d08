# ruff: noqa: E501  (markup reads best unbroken)
"""The body of an article on a web page: all of its text and nothing of the site; and pages that are no article."""

from collections.abc import Callable

import pytest
from tests.ingest.pages.written import HEADLINE, LINKS, PARAGRAPHS, TEXT, article, ld, page

from vnsearch.ingest.pages.html import read_html
from vnsearch.ingest.pages.seen import NotAnArticle

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
