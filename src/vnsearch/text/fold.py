"""Letters without their marks: what people type when they type no diacritics.

>>> fold("đường"), fold("Москва").lower()
('duong', 'moskva')
"""

import unicodedata

_VIETNAMESE = "aăâeêioôơuưyđ"
_TABLE = str.maketrans(
    {
        letter: unicodedata.normalize("NFD", letter)[0].replace("đ", "d").replace("Đ", "D")
        for small in _VIETNAMESE
        for base in (small, small.upper())
        for mark in ("", "\u0300", "\u0301", "\u0309", "\u0303", "\u0323")
        for letter in (unicodedata.normalize("NFC", base + mark),)
        if len(letter) == 1 and not letter.isascii()
    }
)
VIETNAMESE_LETTERS = "".join(map(chr, _TABLE))  # those that are not ASCII


def fold(text: str) -> str:
    """The text without diacritics: ASCII, by Unidecode's table, lower case where the text is.

    Vietnamese letters take one `str.translate`; only a text with other letters than these pays for
    Unidecode itself.  A character that Unidecode does not know disappears.
    """
    if text.isascii():
        return text
    plain = text.translate(_TABLE)
    if plain.isascii():
        return plain
    from unidecode import unidecode

    spelled = unidecode("".join(c for c in plain if not "\ud800" <= c <= "\udfff"))
    return spelled.lower() if text.islower() else spelled


def is_unmarked(text: str) -> bool:
    """Whether the text could have been typed by someone who leaves out all diacritics."""
    return text.isascii()
