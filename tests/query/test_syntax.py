"""The query language: what each text means, and what is an error at which column."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnsearch import QueryError
from vnsearch.query.syntax import Both, Either, Excluded, Fuzzy, Group, InField, Phrase, Prefix, Required, Word, parse


def shape(node: object) -> object:
    """A tree without columns, short enough to write down."""
    match node:
        case Word(text, _):
            return text
        case Phrase(text, slop, _):
            return f'"{text}"' + (f"~{slop}" if slop else "")
        case Prefix(text, _):
            return f"{text}*"
        case Fuzzy(text, edits, _):
            return f"{text}~{edits}"
        case InField(field, item, _):
            return (field, shape(item))
        case Required(item):
            return ("+", shape(item))
        case Excluded(item):
            return ("-", shape(item))
        case Group(items):
            return [shape(item) for item in items]
        case Both(operands):
            return ("AND", *map(shape, operands))
        case Either(operands):
            return ("OR", *map(shape, operands))
    raise AssertionError(node)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("dân vận", ["dân", "vận"]),
        ('"dân vận"', '"dân vận"'),
        ("“dân vận”", '"dân vận"'),
        ('"dân vận"~5', '"dân vận"~5'),
        ("+dân -vận", [("+", "dân"), ("-", "vận")]),
        ("a b AND c OR d", ("OR", ("AND", ["a", "b"], "c"), "d")),
        ("a VÀ b HOẶC c", ("OR", ("AND", "a", "b"), "c")),
        ("a KHÔNG b c", ["a", ("-", ["b", "c"])]),
        ("(a OR b) c", [("OR", "a", "b"), "c"]),
        ("nông*", "nông*"),
        ("thuỷ~", "thuỷ~1"),
        ("thuỷ~2", "thuỷ~2"),
        ("*", "*"),
        ("title:dân", ("title", "dân")),
        ("tiêuđề:dân", ("title", "dân")),
        ("tiêu đề:dân", ("title", "dân")),
        ('TỈNH:"Lạng Sơn" x', [("province", '"Lạng Sơn"'), "x"]),
        ("ngay:>=2023-02-01", ("date", ">=2023-02-01")),
        ("25 - NQ/TW", ["25", "-", "NQ/TW"]),
        ("14:35 https://x.vn", ["14:35", "https://x.vn"]),
        ("Thông báo: họp", ["Thông", "báo", ":", "họp"]),
        ("HỘI NGHỊ VÀ ĐẠI HỘI", ["HỘI", "NGHỊ", "VÀ", "ĐẠI", "HỘI"]),
        ("", []),
        ("   ", []),
    ],
)
def test_what_a_query_means(text: str, meaning: object) -> None:
    """Each construct alone and a few together."""
    assert shape(parse(text)) == meaning


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ('dân "vận', 5, "quote is not closed"),
        ("(dân", 1, "bracket is not closed"),
        ("dân)", 4, "closes nothing"),
        ("dân AND", 5, "between two operands"),
        ("OR dân", 1, "between two operands"),
        ("tinhh:x", 1, 'did you mean "tinh:"'),
        ("x title:", 3, "nothing to search for"),
        ("e\u0301e\u0301 (", 6, "nothing|not closed"),
        ("(" * 60, 51, "50 deep"),
        ("title:body:x", 7, "within a field"),
        ("title:" * 2000, 7, "within a field"),
    ],
)
def test_a_wrong_query_says_where(text: str, column: int, words: str) -> None:
    """The column counts characters of the text as typed, from 1."""
    with pytest.raises(QueryError, match=words) as error:
        parse(text)
    assert error.value.column == column


@given(st.text(st.one_of(st.sampled_from('ab "()+-:*~ANDOR“”.,đ0123456789'), st.characters()), max_size=100))
def test_any_text_is_a_query_or_an_error(text: str) -> None:
    """Never a crash."""
    try:
        parse(text)
    except QueryError as e:
        assert str(e)
        assert e.column is None or 1 <= e.column <= len(text)
