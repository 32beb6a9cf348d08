"""Records become articles: what is stated wins, what is found has reasons."""

from datetime import date
from typing import Any

from vnsearch.ingest.reasons import explain
from vnsearch.ingest.record import make_article


def make(**record: Any) -> Any:
    return make_article({"title": "Huyện Cao Lộc họp", "body": "Sáng nay, huyện họp.", **record})


def test_a_date_that_contradicts_itself_is_none() -> None:
    """With a warning that says so; the value stays where it was."""
    made = make(date="Thứ Tư, 7/2/2023")
    assert made.article.published is None
    assert made.article.extra == {"date": "Thứ Tư, 7/2/2023"}
    assert "contradicts itself" in made.warnings[0]


def test_the_address_gives_day_section_and_source_where_none_is_stated() -> None:
    """And only there."""
    url = "https://baolangson.vn/the-thao/tin-20230207113400123.htm"
    article = make(url=url).article
    assert (article.published, article.source, article.topics[0]) == (date(2023, 2, 7), "baolangson.vn", "the-thao")
    article = make(url=url, date="8/2/2023", category="Giáo dục", source="Báo Lạng Sơn").article
    assert (article.published, article.source, article.topics[0]) == (date(2023, 2, 8), "Báo Lạng Sơn", "giao-duc")
    assert article.provinces == ("Lạng Sơn",)


def test_markup_without_a_page_around_it_becomes_text() -> None:
    """Blocks are lines; scripts are gone; the lead is told apart."""
    html = (
        '<div class="sapo">Ba xã ra quân.</div><p>Sáng nay,<b> ba xã</b> làm đường.</p><script>x()</script>'
        "<p>Chiều nay nghỉ.</p>"
    )
    article = make_article({"title": "Làm đường", "html": html}).article
    assert (article.lead, article.body) == ("Ba xã ra quân.", "Sáng nay, ba xã làm đường.\nChiều nay nghỉ.")
    assert "html" not in article.extra


def test_placeholders_go_and_captions_stand_apart() -> None:
    """A line in brackets that is text stays."""
    body = "Sáng nay họp.\n[img]\nToàn cảnh cuộc họp. Ảnh: N.H\nChiều nghỉ.\n[Hình ảnh]\nTối họp tiếp.\n[1] Ghi chú."
    article = make(body=body).article
    assert article.body == "Sáng nay họp.\nChiều nghỉ.\nTối họp tiếp.\n[1] Ghi chú."
    assert article.extra["captions"] == ["Toàn cảnh cuộc họp. Ảnh: N.H"]


def test_where_each_value_comes_from() -> None:
    """Found again in the article itself; what cannot be found was stated."""
    made = make(url="https://baolangson.vn/tin-20230207113400123.htm", topics=["dan-van"], category="Thể thao")
    reasons = {(reason.field, reason.value): reason.why for reason in explain(made.article)}
    assert reasons["id", made.article.url] == reasons["source", "baolangson.vn"] == "the address"
    assert reasons["published", "2023-02-07"] == "the address"
    assert reasons["topics", "dan-van"] == "stated"
    assert reasons["provinces", "Lạng Sơn"].startswith("domain baolangson.vn; title: ")
