"""Texts as letters without diacritics, one byte each, so that offsets stay; and words in them."""

import re
from collections.abc import Sequence
from functools import cache

import numpy as np

from ..arrays import Array
from ..text.fold import fold
from ..text.normalize import clean

_FEW = 12  # syllables that are compared with one by one


def words_among(words: Array, wanted: Array) -> tuple[Array, Array]:
    """Start and end of the words that are among those wanted, numbers of at most eight letters.

    words: letters, blanks between words, one before that is not counted and eight after.
    """
    letter = words != ord(" ")
    edges = (letter[1:] != letter[:-1]).nonzero()[0]
    starts, ends = edges[::2], edges[1::2]
    eight: Array = np.ndarray(len(words) - 7, "<u8", words, strides=(1,))
    keys = eight[starts + 1] & _LETTERS_OF[np.minimum(ends - starts, 8)]
    if len(wanted) > _FEW:
        there = np.isin(keys, wanted)
    else:  # quicker, where there are few
        there = np.zeros(len(keys), bool)
        for word in wanted:
            there |= keys == word
    return starts[there], ends[there]


def are_alone(folded: bytes, starts: Array, ends: Array) -> Array:
    """Which of the words are a chunk of their own, but for signs around it."""
    letters = np.frombuffer(folded, np.uint8)
    behind = letters[ends]
    alone: Array = _IS_BEFORE[letters[starts - 1]] & (
        _IS_BLANK[behind] | _IS_BEHIND[behind] & _IS_BLANK[letters[ends + 1]]
    )
    return alone


def in_context(starts: Array, ends: Array, places: Array, piece: Array, folded: bytes) -> tuple[Array, Array]:
    """The places that hits have, without chance matches, and which stand beside the hit before.

    "dan van" means dân vận, not đàn here and văn there: a place of the query that somewhere in a piece stands beside
    its neighbour in the query counts only there.
    """
    both = places[:-1] << 1 & places[1:]
    away = starts[1:] - ends[:-1]
    close = (both != 0) & (away < 8) & (piece[1:] == piece[:-1])
    for n in (close & (away != 1)).nonzero()[0].tolist():  # no word ends before a letter, so one character is none
        close[n] = not folded[ends[n] : starts[n + 1]].strip(_BETWEEN)
    at = close.nonzero()[0]
    near = places & (places << 1 | places >> 1)  # the parts of a compound
    near[at] |= both[at] >> 1
    near[at + 1] |= both[at]
    beside = np.zeros(len(places), bool)
    beside[at + 1] = True
    paired = np.zeros(int(piece.max(initial=-1)) + 1, places.dtype)
    np.bitwise_or.at(paired, piece, near)
    return near | places & ~paired[piece], beside


# -- letters ---------------------------------------------------------------------------------------------

ODD, LETTER = b"\xfe", b"\xff"  # what must be cleaned first; a letter or digit that has no ASCII letter of its own
WORD = rb"a-z0-9\xff"


# one letter for i and y, which the key of a syllable does not always tell apart; blanks for what is in no word
AS_SYLLABLES = bytes(
    ord("i") if c == ord("y") else c if c < 128 and chr(c).isalnum() or c == LETTER[0] else ord(" ") for c in range(256)
)
PAD = b"  "  # after a text, so that there is a letter after each, and a blank in front of the first
_BREAK = "\n\n"  # between texts; nothing that may match has two
_IS_BLANK = np.isin(np.arange(256), list(b" \n"))
_IS_BEFORE = np.isin(np.arange(256), list(b' \n("'))  # what stands in front of a word that is a chunk of its own
_IS_BEHIND = np.isin(np.arange(256), list(b'.,;:!?)"'))  # and after it, with a blank
_LETTERS_OF = np.array([(1 << 8 * length) - 1 for length in range(9)], np.uint64)  # of so long a word, in eight bytes
_BETWEEN = bytes(c for c in range(128) if not chr(c).isalnum()) + b"\x01"


@cache
def _letters() -> Array:
    """Code point -> one byte: a letter without its marks, a digit, a blank, a sign."""
    table = np.full(1 << 16, LETTER[0], np.uint8)
    for number in range(0x3000):  # CJK and what follows are letters, but for signs that matter little
        letter = chr(number)
        if letter.isspace():
            table[number] = ord("\n" if letter in "\n\r\x0b\x0c\x85\u2028\u2029" else " ")
        elif not letter.isalnum():
            table[number] = number if number < 128 else 1
        elif number < 0x250 or 0x1E00 <= number < 0x1F00:  # Latin
            plain = fold(letter).lower()
            if len(plain) == 1 and plain.isalnum() and plain.isascii():
                table[number] = ord(plain)
    for signs, plain in (("“”„«»", '"'), ("‘’", "'"), ("–—‐‑‒―−", "-"), ("…", ".")):
        table[[ord(sign) for sign in signs]] = ord(plain)
    every = [number for number in range(0x80, 1 << 16) if number <= 0x3000 or number >= 0xFE00]
    cleaned = clean("".join("a" + chr(number) for number in every))
    odd = np.ones(len(every), bool)
    for start, end, copied in cleaned.origins:
        odd[start // 2 : end // 2] &= not copied
    table[np.array(every)[odd]] = ODD[0]
    return table


def fold_letters(text: str) -> bytes:
    """The text without marks and capitals, one byte a character."""
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    return bytes(_letters().take(points, mode="clip").tobytes())


def join(pieces: Sequence[str]) -> tuple[str, Array]:
    """The pieces as one text, padded, and where each begins."""
    lengths = np.array([len(piece) + len(_BREAK) for piece in pieces])
    return _BREAK.join(pieces) + PAD.decode(), np.cumsum(lengths) - lengths


def chunk_around(folded: bytes, start: int, end: int) -> tuple[int, int]:
    """A candidate with all that stands around it without a blank; what is longer than any compound is cut."""
    before = folded[max(0, start - 100) : start]
    behind = folded[end : end + 100]
    start -= len(before) - 1 - max(before.rfind(b" "), before.rfind(b"\n"))
    blank = _BLANK.search(behind)
    return start, end + (blank.start() if blank else len(behind))


_BLANK = re.compile(rb"[ \n]")
