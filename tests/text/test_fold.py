"""Without marks: Unidecode's table at the speed of one translate."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from unidecode import unidecode

from vnsearch.text.fold import fold

LETTERS = [
    unicodedata.normalize("NFC", case(letter) + tone)
    for letter in "aăâeêioôơuưyđbcghklmnpqrstvx"
    for tone in ["", "\u0300", "\u0301", "\u0309", "\u0303", "\u0323"]
    for case in (str.lower, str.upper)
]


def test_every_vietnamese_letter_folds_as_unidecode_folds_it() -> None:
    """In every case and tone."""
    for letter in LETTERS:
        if len(letter) == 1:
            assert fold(letter) == unidecode(letter)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_other_letters_are_left_to_unidecode(text: str) -> None:
    """Any text comes out in ASCII and, but for the case of caseless scripts, as Unidecode gives it."""
    assert fold(text).isascii()
    assert fold(text).lower() == unidecode(text).lower()
