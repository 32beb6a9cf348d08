"""Snippets: slices of the article, marks on what matched, safe to show."""

from hypothesis import given
from hypothesis import strategies as st

from vnsearch.query.plan import plan
from vnsearch.query.snippets import Snippet, make_snippet
from vnsearch.text.fold import fold
from vnsearch.text.tokenize import tokenize

BODY = (
    "Sáng nay trời đẹp, đàn chim bay về phía đồng văn. Đó là một ngày mới.\n"
    "Ban Dân vận Tỉnh uỷ Lạng Sơn tập huấn cho 4.600 đại biểu. UBND tỉnh dự.\n"
    "Kết thúc."
)


def marked(query: str, text: str = BODY, chars: int = 240) -> list[str]:
    snippet = make_snippet((text,), plan(query).marked, chars)
    return [snippet.text[a:b] for a, b in snippet.highlights]


def test_marks_lie_on_every_spelling_that_matched() -> None:
    """Typed without diacritics, in the other tone placement, decomposed, as abbreviation or long form."""
    assert marked("dan van lang son", chars=60) == ["Dân vận", "Lạng Sơn"]
    assert marked("tỉnh ủy") == ["Tỉnh uỷ"] or marked("tỉnh ủy") == ["Tỉnh uỷ", "tỉnh"]
    assert "UBND" in " ".join(marked("ủy ban nhân dân"))
    assert marked("4600") == ["4.600"]
    assert marked("không có") == []


def test_chance_matches_are_left_alone() -> None:
    """`dan van` is dân vận there, so đàn and văn here are not marked."""
    assert marked("dan van", chars=1000) == ["Dân vận"]


def test_an_accented_word_means_its_accents() -> None:
    """`dàn` does not mark dân where dàn itself stands."""
    assert marked("dàn", "dàn dân dạn") == ["dàn"]
    assert marked("dàn", "dân dạn") == ["dân dạn"]


TEXT = st.text(st.sampled_from("dân vận lạngsơn .,!?\n<>&\"'abcđ\u0301\u200b"), max_size=400)


@given(TEXT, TEXT, st.integers(20, 300))
def test_a_snippet_is_a_slice_with_its_marks_inside(text: str, query: str, chars: int) -> None:
    """For any text and query."""
    snippet = make_snippet((text,), tokenize(query), chars)
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
    import html

    snippet = make_snippet((text,), tokenize("dân vận"))
    dressed = snippet.html()
    assert "<" not in dressed.replace("<mark>", "").replace("</mark>", "")
    assert html.unescape(dressed.replace("<mark>", "").replace("</mark>", "")) == snippet.text
    assert dressed.count("<mark>") == len(snippet.highlights)


def test_an_article_cannot_steer_a_terminal() -> None:
    """Escape sequences of an article do not reach the shell."""
    assert "\x1b[2J" not in Snippet("\x1b[2Jdân", ()).ansi()


def test_long_texts_cost_little() -> None:
    """A body without any full stop is cut at blanks around the matches."""
    text = "tin " * 50_000 + "dân vận " + "tin " * 1000
    snippet = make_snippet((text[-10_000:],), tokenize("dân vận"), 100)
    assert [snippet.text[a:b] for a, b in snippet.highlights] == ["dân vận"]
    assert len(snippet.text) <= 100
    assert not snippet.text.startswith(" ")
    assert fold(snippet.text).startswith("tin")
