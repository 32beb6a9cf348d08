"""The bytes of a web page: encodings, size, and what is not to be trusted."""

from pathlib import Path

import pytest
from tests.ingest.pages.written import HEADLINE, PARAGRAPHS, TEXT, article, page

from vnsearch.ingest.pages.html import read_fragment, read_html


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
