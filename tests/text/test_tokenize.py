"""Tokens know what they are and where they came from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnsearch.text.tokenize import Token, ends_sentence, terms, tokenize


def whole(text: str) -> list[str]:
    """The terms of a text without the parts of compounds."""
    kept: list[Token] = []
    for token in tokenize(text):
        if not kept or token.start >= kept[-1].end:
            kept.append(token)
    return [token.term for token in kept]


@pytest.mark.parametrize(
    ("written", "term", "kind"),
    [
        ("25-NQ/TW", "25-nq/tw", "document"),
        ("25 - NQ/TW", "25-nq/tw", "document"),
        ("25–NQ/TW", "25-nq/tw", "document"),
        ("25-NQ/T.Ư", "25-nq/tw", "document"),
        ("43/2014/NĐ-CP", "43/2014/nđ-cp", "document"),
        ("43/2014/nd-cp", "43/2014/nd-cp", "document"),
        ("1203/NQ-UBTVQH15", "1203/nq-ubtvqh15", "document"),
        ("15/2017/QH14", "15/2017/qh14", "document"),
        ("112/KH-UBND", "112/kh-ubnd", "document"),
        ("7/2/2023", "2023-02-07", "date"),
        ("07-02-2023", "2023-02-07", "date"),
        ("2023-02-07", "2023-02-07", "date"),
        ("ngày 7 tháng 2 năm 2023", "2023-02-07", "date"),
        ("ngay 7 thang 2 nam 2023", "2023-02-07", "date"),
        ("2/2023", "2023-02", "date"),
        ("30/4", "30/4", "date"),
        ("4.600", "4600", "number"),
        ("1.234.567,5", "1234567,5", "number"),
        ("12,5%", "12,5%", "number"),
        ("50.000đ", "50000đ", "money"),
        ("14:35", "14:35", "time"),
        ("14h35", "14:35", "time"),
        ("TP.HCM", "tphcm", "abbreviation"),
        ("T.Ư", "tw", "abbreviation"),
        ("GD&ĐT", "gdđt", "abbreviation"),
        ("gd-đt", "gdđt", "abbreviation"),
        ("LĐ-TB&XH", "lđtbxh", "abbreviation"),
        ("Phan-xi-păng", "phanxipăng", "compound"),
        ("toasoan@baolangson.vn", "toasoan@baolangson.vn", "email"),
        ("https://baolangson.vn/tin?id=7", "https://baolangson.vn/tin?id=7", "url"),
        ("baolangson.vn", "baolangson.vn", "url"),
    ],
)
def test_a_compound_is_one_token(written: str, term: str, kind: str) -> None:
    """However it is written, a compound is found under one key, and its slice is what was written."""
    text = f"theo {written}, thì"
    (token,) = [t for t in tokenize(text) if t.kind == kind]
    assert token.term == term
    assert text[token.start : token.end] == written


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dân.Các đồng chí", ["dân", "các", "đồng", "chí"]),
        ("31/2/2023", ["31", "2", "2023"]),
        ("10/người", ["10", "người"]),
        ("(30.4.1975-30.4.2025)", ["1975-04-30", "2025-04-30"]),
        ("Công an tỉnh An Giang", ["công", "an", "tỉnh", "an", "giang"]),
        ("...!?  ", []),
        ("", []),
        ("Ảnh:N.H", ["ảnh", "nh"]),
        ("lần thứ XIII", ["lần", "thứ", "xiii"]),
    ],
)
def test_words_come_apart_where_they_should(text: str, expected: list[str]) -> None:
    """No word is dropped, none is glued to its neighbour."""
    assert whole(text) == expected


def test_a_phrase_may_name_a_compound_whole_or_in_parts() -> None:
    """A compound and its first part share a position, and the next word follows the last part."""
    places = {token.term: token.position for token in tokenize("quyết 25-NQ/TW của")}
    assert places == {"quyết": 0, "25-nq/tw": 1, "25": 1, "nq": 2, "tw": 3, "của": 4}


ANY_TEXT = st.text(
    st.one_of(st.sampled_from("aàđĐ .,-/:%&@()0123456789NQTWhtps\u0301\u200b\n"), st.characters()), max_size=200
)


@given(ANY_TEXT)
def test_tokens_lie_in_order_and_overlap_only_their_parts(text: str) -> None:
    """For any string: offsets are inside the text, ordered, and only a compound covers other tokens."""
    outer = None
    for token in tokenize(text):
        assert 0 <= token.start < token.end <= len(text)
        if outer is None or token.start >= outer.end:
            outer = token
        else:
            assert outer.width > 1
            assert token.end <= outer.end
        assert outer.position <= token.position < outer.position + outer.width


@given(ANY_TEXT)
def test_the_indexer_sees_the_same_terms(text: str) -> None:
    """`terms` is `tokenize` without offsets."""
    assert list(terms(text)) == [(token.term, token.position) for token in tokenize(text)]


@given(ANY_TEXT)
def test_a_slice_gives_its_token_again(text: str) -> None:
    """Tokenizing the slice that a token names gives the token's term first."""
    for token in tokenize(text):
        again = tokenize(text[token.start : token.end])
        assert again
        assert token.term in {t.term for t in again} | {"tw"}


@pytest.mark.parametrize("unit", ["a", "a-", "1.", "ngày 7 tháng ", "25-NQ/", "a@", "\u0301", "http://", "\ud800", "é́"])
def test_a_long_run_of_anything_is_read(unit: str) -> None:
    """No input makes it crash or run away."""
    text = unit * (200_000 // len(unit))
    tokens = tokenize(text)
    assert all(token.end <= len(text) for token in tokens[-3:])


@pytest.mark.parametrize("chunk", ["vậy.", "vậy!", "vậy?»", "vậy:", "vậy;", "vậy…", "vậy.”)", "TP.", "...", "?"])
def test_a_sign_at_its_end_makes_a_chunk_end_a_sentence(chunk: str) -> None:
    """Behind it quotes and brackets may close."""
    assert ends_sentence(chunk)


@pytest.mark.parametrize("chunk", ["vậy", "vậy,", "(vậy)", "7.2", "vnexpress.net", "”", "-"])
def test_other_chunks_end_none(chunk: str) -> None:
    """A dot within a chunk, a comma, closing quotes alone."""
    assert not ends_sentence(chunk)
