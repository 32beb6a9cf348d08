"""Snippets: slices of the article, marks on what matched, safe to show."""

import html
import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from vnsearch.present.marker import Marker
from vnsearch.present.snippet import Snippet
from vnsearch.query.planner import plan
from vnsearch.text.fold import fold
from vnsearch.text.normalize import clean
from vnsearch.text.tokenize import tokenize

BODY = (
    "Sáng nay trời đẹp, đàn chim bay về phía đồng văn. Đó là một ngày mới.\n"
    "Ban Dân vận Tỉnh uỷ Lạng Sơn tập huấn cho 4.600 đại biểu. UBND tỉnh dự.\n"
    "Kết thúc."
)


def marked(query: str, text: str = BODY, chars: int = 240) -> list[str]:
    snippet = Marker(plan(query).marked).snippet((text,), chars)
    return [snippet.text[a:b] for a, b in snippet.highlights]


def test_marks_lie_on_every_spelling_that_matched() -> None:
    """Typed without diacritics, in the other tone placement, decomposed, as abbreviation or long form."""
    assert marked("dan van lang son", chars=60) == ["Dân vận", "Lạng Sơn"]
    assert marked("không có") == []


@pytest.mark.parametrize(
    ("query", "text", "marks"),
    [
        ("tỉnh ủy", BODY, ["Tỉnh uỷ"]),
        ("tinh uy", unicodedata.normalize("NFD", "Tỉnh uỷ họp"), [unicodedata.normalize("NFD", "Tỉnh uỷ")]),
        ("uỷ ban nhân dân", "UBND tỉnh dự.", ["UBND"]),
        ("UBND", "Ủy ban nhân dân tỉnh dự.", ["Ủy ban nhân dân"]),
        ("ubnd", "U.B.N.D xã", ["U.B.N.D"]),
        ("tphcm", "TP.HCM và TP HCM", ["TP.HCM"]),
        ("4600", "có 4.600 đại biểu", ["4.600"]),
        ("25-NQ/TW", "Nghị quyết 25 - NQ/T.Ư, 25-NQ/TW.", ["25 - NQ/T.Ư", "25-NQ/TW"]),
        ("43/2014/nd-cp", "(43/2014/NĐ-CP)", ["43/2014/NĐ-CP"]),
        ("7/2/2023", "ngày 7 tháng 2 năm 2023; 07-02-2023", ["ngày 7 tháng 2 năm 2023", "07-02-2023"]),
        ("14:30", "lúc 14h30, 14g30", ["14h30", "14g30"]),
        ("ky thuat", "Kỹ thuật, kĩ thuật", ["Kỹ thuật", "kĩ thuật"]),
        ("Đà Lạt", "Ðà Lạt", ["Ðà Lạt"]),
        ("nghị quyết", "ng\u200bhị qu\u00adyết", ["ng\u200bhị qu\u00adyết"]),
        ("nông*", "nông dân và NÔNG-LÂM", ["nông", "NÔNG-LÂM"]),
        ("thuỷ~", "thủ thuỷ thuyền", ["thủ thuỷ"]),
        ("phan-xi-păng", "đỉnh Phan-xi-păng", ["Phan-xi-păng"]),
        ("Москва", "ở Москва.", ["Москва"]),
        ("title:dân -văn", "dân văn", ["dân"]),
        ("baolangson.vn", "(theo baolangson.vn)", ["baolangson.vn"]),
        ("50%", "đạt 50%, 50 hộ", ["50%"]),
    ],
)
def test_what_is_marked(query: str, text: str, marks: list[str]) -> None:
    """The whole spelling that matched, in the letters of the article."""
    assert marked(query, text) == marks


def test_chance_matches_are_left_alone() -> None:
    """`dan van` is dân vận there, so đàn and văn here are not marked."""
    assert marked("dan van", chars=1000) == ["Dân vận"]


def test_an_accented_word_means_its_accents() -> None:
    """`dàn` does not mark dân where dàn itself stands."""
    assert marked("dàn", "dàn dân dạn") == ["dàn"]
    assert marked("dàn", "dân dạn") == ["dân dạn"]


WORDS = ("dân", "dan", "vận", "kỹ", "ki", "á", "a", "2", "22", "đ")
TEXT = st.text(st.sampled_from("dân vận lạngsơn .,!?\n<>&\"'abcđ\u0301\u200b"), max_size=400)


@given(TEXT, TEXT, st.integers(20, 300))
def test_a_snippet_is_a_slice_with_its_marks_inside(text: str, query: str, chars: int) -> None:
    """For any text and query."""
    snippet = Marker(tokenize(query)).snippet((text,), chars)
    assert snippet.text in text
    assert len(snippet.text) <= max(chars, 20)
    wanted = {t.folded for t in tokenize(query)}
    end = -1
    for start, stop in snippet.highlights:
        assert end < start < stop <= len(snippet.text)
        assert any(t.folded in wanted for t in tokenize(snippet.text[start:stop]))
        end = stop


@given(TEXT)
def test_html_is_harmless_and_loses_nothing(text: str) -> None:
    """Everything but the marks is escaped; taking both out gives the text again."""
    snippet = Marker(tokenize("dân vận")).snippet((text,))
    dressed = snippet.html()
    assert "<" not in dressed.replace("<mark>", "").replace("</mark>", "")
    assert html.unescape(dressed.replace("<mark>", "").replace("</mark>", "")) == snippet.text
    assert dressed.count("<mark>") == len(snippet.highlights)


def test_an_article_cannot_steer_a_terminal() -> None:
    """Escape sequences of an article do not reach the shell."""
    assert "\x1b[2J" not in Snippet("\x1b[2Jdân", ()).ansi()


@given(st.text(st.sampled_from("dânvậnkỹĩáa2 .,-/&%'@đ\u0301\u200bÐ\n"), max_size=60), st.sampled_from(WORDS))
def test_marks_are_the_tokens_that_match(text: str, word: str) -> None:
    """Of a query of one word: all of them and nothing else, though only candidates are tokenized."""
    assume(not clean(clean(text).text).starts)  # a mark behind an invisible character: two readings are possible
    (token,) = tokenize(word)
    found = [t for t in tokenize(text) if t.term == token.term or token.term.isascii() and t.folded == token.term]
    if not found:
        found = [t for t in tokenize(text) if t.folded == token.folded]
    expected = {c for t in found for c in range(t.start, t.end)}
    marks = {c for start, end in Marker([token]).highlight(text).highlights for c in range(start, end)}
    assert {c for c in marks ^ expected if text[c] != " "} == set()


def test_the_sentence_with_most_of_the_query_is_shown() -> None:
    """Whole sentences, an abbreviation does not end one; the best one first, then what fits behind it."""
    text = "Mở đầu về dân. TP. Lạng Sơn họp về dân vận. Câu cuối dài hơn một chút so với trước. " + "Thêm. " * 90
    snippet = Marker(plan("dân vận lạng sơn").marked).snippet((text,), 60)
    assert snippet.text == "Mở đầu về dân. TP. Lạng Sơn họp về dân vận."
    snippet = Marker(plan("dân vận lạng sơn").marked).snippet((text,), 40)
    assert snippet.text == "TP. Lạng Sơn họp về dân vận."


def test_a_text_of_megabytes() -> None:
    """The one sentence that answers is found far behind the beginning."""
    text = "Một câu không liên quan gì. " * 30_000 + "Hội nghị dân vận Lạng Sơn. " + "Câu khác. " * 400_000
    snippet = Marker(plan("dan van lang son").marked).snippet((text,), 60)
    assert [snippet.text[a:b] for a, b in snippet.highlights] == ["dân vận Lạng Sơn"]


def test_long_texts_cost_little() -> None:
    """A body without any full stop is cut at blanks around the matches."""
    text = "tin " * 50_000 + "dân vận " + "tin " * 1000
    snippet = Marker(tokenize("dân vận")).snippet((text[-10_000:],), 100)
    assert [snippet.text[a:b] for a, b in snippet.highlights] == ["dân vận"]
    assert len(snippet.text) <= 100
    assert not snippet.text.startswith(" ")
    assert fold(snippet.text).startswith("tin")
