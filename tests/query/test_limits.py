"""Any text is a result or a QueryError; what is too much is refused with its limit."""

from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vnsearch import Article, Index, QueryError, deadline
from vnsearch.query import syntax
from vnsearch.query.filters import MOST_VALUES

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
        ("dân " * 10_000, f"at most {syntax.LONGEST_QUERY} characters"),
        ("(" * 1000 + "dân" + ")" * 1000, f"{syntax.DEEPEST_BRACKETS} deep"),
    ],
)
def test_what_is_too_much(sample: Index, text: str, message: str) -> None:
    """10,000 words and 1,000 brackets: refused with the limit; the words alone are searched, cut."""
    with pytest.raises(QueryError, match=message):
        sample.search(text)
    assert sample.search(text, literal=True).total > 0


def test_a_million_terms_are_refused_not_attempted(sample: Index) -> None:
    """As a query, as prefixes, as brackets, as filters; as plain words the first of them are searched."""
    number = 1_000_000
    for text in ("dân " * number, "a* " * number, "(dân " * number, '"dân vận" ' * number, "title:dân OR " * number):
        with pytest.raises(QueryError, match=f"at most {syntax.LONGEST_QUERY} characters"):
            sample.search(text)
    assert sample.search("dân " * number, literal=True).total > 0
    for name in ("province", "topic"):
        with pytest.raises(QueryError):
            sample.search("", **{name: (f"không có {n}" for n in range(number))})  # type: ignore[arg-type]
    with pytest.raises(QueryError, match=f"at most {MOST_VALUES}"):
        sample.search("", source=(f"s{n}.vn" for n in range(number)))


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Index:
    """An index of five segments."""
    index = Index.create(tmp_path_factory.mktemp("parts") / "index")
    for part in range(5):
        with index.writer() as writer:
            for n in range(200):
                writer.add(Article(id=f"{part}-{n}", title=f"dân số{n}", body=f"ban dân vận {part} họp"))
    assert index.stats()["segments"] == 5
    return index


def test_no_time_finds_nothing_and_says_so(parts: Index) -> None:
    """Whatever is asked, in whatever order; a cursor is not given, since it would skip what was not looked at."""
    options: list[dict[str, Any]] = [
        {}, {"sort": "newest"}, {"collapse": "story"}, {"facets": ("source",)}, {"limit": 0}, {"province": "Huế"},
    ]  # fmt: skip
    for text in ("dân vận", '"dân vận"', "dân AND vận", "s*", ""):
        for more in options:
            found = parts.search(text, timeout_ms=0, **more)
            assert (found.partial, found.total, found.hits, found.cursor) == (True, 0, (), None)
    cursor = parts.search("dân", limit=3).cursor
    assert parts.search("dân", limit=3, after=cursor, timeout_ms=0).partial


def test_enough_time_finds_all(parts: Index) -> None:
    """The same as without a limit."""
    for text in ("dân vận", '"dân vận"', "dân AND số7", ""):
        found, expected = parts.search(text, timeout_ms=60_000), parts.search(text)
        assert not found.partial
        assert not expected.partial
        assert [(hit.id, hit.score) for hit in found] == [(hit.id, hit.score) for hit in expected]
        assert found.total == expected.total


def test_some_time_finds_some(parts: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever step the time ends at: the hits are matches of whole segments, and what was dropped is told."""
    seen = set()
    for looks in range(150):
        clock = count()  # a second passes at each look at it
        monkeypatch.setattr(deadline, "clock", lambda clock=clock: next(clock))
        found = parts.search("dân vận", limit=1000, timeout_ms=1000 * looks)
        monkeypatch.undo()
        assert found.total == len(found.hits)
        assert {hit.id.split("-")[0] for hit in found} == set("01234"[: found.total // 200])
        assert found.partial or found.total == 1000
        seen.add((found.total, found.partial))
    assert {(0, True), (200, True), (800, True), (1000, True), (1000, False)} <= seen


@pytest.mark.parametrize("wrong", [-1, float("nan")])
def test_a_time_that_is_none(parts: Index, wrong: float) -> None:
    """Is told."""
    with pytest.raises(QueryError, match="timeout_ms"):
        parts.search("dân", timeout_ms=wrong)


@pytest.mark.parametrize(
    "text", ["*", "a*", "aaaa~", "aaaa~2", "a* " * 50, "aaaa~ " * 50, "-a*", '"a b"~999', "~", "+" * 1000]
)
def test_what_is_much_but_allowed(sample: Index, text: str) -> None:
    """Short prefixes and fuzzy words are answered or refused, not hung on."""
    try:
        assert sample.search(text).suggestion in (None, "aaaa")
    except QueryError as e:
        assert e.hint or "~" in text
