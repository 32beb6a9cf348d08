"""The bytes of a web page: encodings, size, and what is not to be trusted."""

from pathlib import Path

import pytest

from vnsearch.ingest.pages.html import read_fragment, read_html

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
