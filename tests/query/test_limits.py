"""Any text is a result or a QueryError; what is too much is refused with its limit."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vnsearch import Index, QueryError
from vnsearch.query import parse

PIECES = st.sampled_from(
    'dân vận dan van AND VÀ NOT ( ) + - " “ * a* ng* aaaa~ ~2 title: tinh: ngay:2023 ngay: 25-NQ/TW https://a.vn '
    "😀 <b> \u0301 \u200b \x00".split(" ")
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(PIECES, max_size=10), st.sampled_from([" ", ""]))
def test_any_text_is_a_result_or_an_error(sample: Index, pieces: list[str], between: str) -> None:
    """Search, snippets and suggestion; as plain words never an error."""
    text = between.join(pieces)
    try:
        results = sample.search(text)
        for hit in results:
            assert hit.snippet.text in f"{hit.article.lead}\n{hit.article.body}"
        assert results.suggestion is None or sample.search(results.suggestion).total
    except QueryError as e:
        assert str(e)
        assert e.column is None or 1 <= e.column <= len(text)
    sample.search(text, literal=True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("dân " * 1000, "at most 256 words"),
        ("dân " * 10_000, f"at most {parse.LONGEST_QUERY} characters"),
        ("(" * 1000 + "dân" + ")" * 1000, f"{parse.DEEPEST_BRACKETS} deep"),
    ],
)
def test_what_is_too_much(sample: Index, text: str, message: str) -> None:
    """10,000 words and 1,000 brackets: refused with the limit; the words alone are searched, cut."""
    with pytest.raises(QueryError, match=message):
        sample.search(text)
    assert sample.search(text, literal=True).total > 0


@pytest.mark.parametrize(
    "text", ["*", "a*", "aaaa~", "aaaa~2", "a* " * 50, "aaaa~ " * 50, "-a*", '"a b"~999', "~", "+" * 1000]
)
def test_what_is_much_but_allowed(sample: Index, text: str) -> None:
    """Short prefixes and fuzzy words are answered or refused, not hung on."""
    try:
        assert sample.search(text).suggestion in (None, "aaaa")
    except QueryError as e:
        assert e.hint or "~" in text
