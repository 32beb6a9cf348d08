"""One encoding and one spelling for every way to write a Vietnamese syllable."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnsearch.text.normalize import clean, syllable_key

TEXTS = st.text(
    st.one_of(st.sampled_from("aăâeêioôơuưyđÐnghtỷờệ \u0301\u0302\u0323\u031b\u200b\u00ad\u00a0"), st.characters())
)


@pytest.mark.parametrize(
    ("written", "meant", "why"),
    [
        (unicodedata.normalize("NFD", "Tỉnh uỷ Lạng Sơn"), "Tỉnh uỷ Lạng Sơn", "decomposed"),
        ("a\u0301\u0302", "ấ", "tone typed before the circumflex"),
        ("á\u0302", "ấ", "half composed, half not"),
        ("e\u0323\u0302", "ệ", "the canonical order"),
        ("e\u0302\u0323", "ệ", "the order of most keyboards"),
        ("o\u031b\u0300", "ờ", "horn, then tone"),
        ("o\u0300\u031b", "ờ", "tone, then horn"),
        ("Ðà Lạt", "Đà Lạt", "Icelandic eth for đ"),
        ("ðường", "đường", "small eth"),
        ("Việt\u200bNam", "ViệtNam", "zero-width space"),
        ("Viet\u00adnam", "Vietnam", "soft hyphen"),
        ("Hà\u00a0Nội", "Hà Nội", "non-breaking space"),
        ("ＵＢＮＤ", "UBND", "full-width letters"),
        ("\ufeffThứ Ba", "Thứ Ba", "byte order mark"),
    ],
)  # fmt: skip
def test_clean_gives_one_encoding(written: str, meant: str, why: str) -> None:
    """However a text is encoded, what a reader sees comes out in NFC."""
    assert clean(written).text == meant, why


@given(TEXTS)
def test_every_piece_of_the_clean_text_comes_from_where_it_says(text: str) -> None:
    """Cleaning the original slice of any single cleaned character gives that character again."""
    cleaned = clean(text)
    for at, character in enumerate(cleaned.text):
        start, end = cleaned.span(at, at + 1)
        assert 0 <= start < end <= len(text)
        assert character in clean(text[start:end]).text


@given(TEXTS)
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    """What is clean stays as it is, but for marks that now stand beside another letter."""
    once = clean(text).text
    assert clean(once).text == clean(clean(once).text).text


def test_a_pile_of_marks_costs_linear_time() -> None:
    """A megabyte of combining marks on one letter is read, not sorted for hours."""
    assert clean("a" + "\u0301\u0323" * 500_000).text.startswith("ạ")


@pytest.mark.parametrize(
    ("group", "why"),
    [
        ("hoà hòa Hoà HÒA hòA", "oa, open"),
        ("khoẻ khỏe", "oe, open"),
        ("thuỷ thủy THUỶ Thuỷ", "uy, open"),
        ("thuỵ thụy", "complaint: thuỵ is not found as thụy"),
        ("hoàn hòan", "closed syllables bear it on the second vowel"),
        ("việt vịêt", "complaint: tone typed on the wrong vowel"),
        ("quý qúy quí", "qu is a consonant; i for y"),
        ("giá gía", "gi is a consonant"),
        ("thuở thủơ", "the horned vowel bears it"),
        ("người ngừơi", "the second of ươ bears it"),
        ("kỹ kĩ", "i for y after k"),
        ("sỹ sĩ", "i for y after s"),
        ("tỷ tỉ TỶ", "i for y after t"),
        ("lý lí", "i for y after l"),
        ("mỹ mĩ", "i for y after m"),
        ("hy hi", "i for y after h, without tone"),
        ("khuỷu khủyu", "three vowels: the middle one"),
        ("ngoài ngòai", "three vowels"),
    ],
)
def test_spellings_of_one_syllable_share_a_key(group: str, why: str) -> None:
    """All spellings in a group are filed under one key of the same length."""
    assert len({syllable_key(word) for word in group.split()}) == 1, why
    assert all(len(syllable_key(word)) == len(word) for word in group.split())


@pytest.mark.parametrize(
    "pair",
    ["giá già", "chó chò", "thủy thúy", "yêu iêu", "tai tay", "thuy thui", "duong dương", "gì gi", "hày hài", "y i"],
)
def test_different_syllables_keep_different_keys(pair: str) -> None:
    """Unifying spellings never makes two words one."""
    one, other = pair.split()
    assert syllable_key(one) != syllable_key(other)


@pytest.mark.parametrize("word", ["café", "naïve", "straße", "Москва", "naïvetés", "2023", "çelik", "à", "é"])
def test_what_is_no_vietnamese_syllable_is_only_lowered(word: str) -> None:
    """Foreign words keep their letters."""
    assert syllable_key(word) == word.lower()
