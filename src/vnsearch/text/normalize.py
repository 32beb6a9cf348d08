r"""Characters: every way of encoding a Vietnamese syllable becomes one.

Two ordered steps, and only the second forgets anything:

* `clean` is about *encoding*.  NFD, stacked or misordered marks, full-width letters, zero-width
  characters, Ð for Đ: what a reader sees stays the same.  It keeps a map to the original offsets.
* `syllable_key` is about *spelling*.  Capitals, the two styles of tone placement, i for y: it gives
  the key under which the index files a syllable, and keeps its length.

    >>> clean("vie\u0302\u0323t\u200bnam").text, syllable_key("Thuỷ"), syllable_key("Kỹ")
    ('việtnam', 'thủy', 'kĩ')
"""

import re
import unicodedata
from bisect import bisect_right
from typing import NamedTuple

from .memo import Memo

TONES = "\u0300\u0301\u0309\u0303\u0323"  # grave (huyền), acute (sắc), hook (hỏi), tilde (ngã), dot (nặng)
_QUALITIES = "\u0302\u0306\u031b"  # circumflex, breve, horn
_MARKS = "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_MARKS_READ = 16  # of a longer pile only these are read: ordering marks is quadratic, a Zalgo text is not Vietnamese
_INVISIBLE = "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff"
_SPACES = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_LETTERS = str.maketrans({"Ð": "Đ", "Ɖ": "Đ", "ð": "đ", "ɖ": "đ"})

_ODD_CHARACTER = re.compile(f"[{_MARKS}{_INVISIBLE}{_SPACES}ÐƉðɖ\uff01-\uff5e]")  # one class: the fast question
_ODD = re.compile(f"[^{_MARKS}]?[{_MARKS}]+|[{_INVISIBLE}]+|[{_SPACES}ÐƉðɖ\uff01-\uff5e]")


class Clean(NamedTuple):
    """A cleaned text and the way back: run i of `text` begins at starts[i] and stems from origins[i]."""

    text: str
    starts: list[int]  # offsets into `text`, ascending; empty when text is the original itself
    origins: list[tuple[int, int, bool]]  # start and end in the original; True: copied letter for letter

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in the original of the characters start..end (end > start) of `text`."""
        if not self.starts:
            return start, end
        first, last = bisect_right(self.starts, start) - 1, bisect_right(self.starts, end - 1) - 1
        begin, _, copied = self.origins[first]
        if copied:
            begin += start - self.starts[first]
        last_begin, stop, copied = self.origins[last]
        if copied:
            stop = last_begin + end - self.starts[last]
        return begin, stop


def clean(text: str) -> Clean:
    """Text in one encoding: NFC letters, plain spaces, nothing invisible.  Linear in len(text).

    Typographic quotes and dashes are left to the tokenizer, which treats them as it treats " and -.
    """
    if text.isascii() or not _ODD_CHARACTER.search(text):
        return Clean(text, [], [])
    pieces: list[str] = []
    starts: list[int] = []
    origins: list[tuple[int, int, bool]] = []
    length = done = 0

    def append(piece: str, begin: int, end: int, copied: bool) -> None:
        nonlocal length
        if piece:
            pieces.append(piece)
            starts.append(length)
            origins.append((begin, end, copied))
            length += len(piece)

    for odd in _ODD.finditer(text):
        append(text[done : odd.start()], done, odd.start(), True)
        append(_mended[odd.group()], odd.start(), odd.end(), False)
        done = odd.end()
    append(text[done:], done, len(text), True)
    return Clean("".join(pieces), starts, origins)


def cleaned(text: str) -> str:
    """`clean(text).text`, for those who need no way back."""
    if text.isascii() or not _ODD_CHARACTER.search(text):
        return text
    return _ODD.sub(lambda odd: _mended[odd.group()], text)


def _mend(run: str) -> str:
    """One odd run in its plain form."""
    if len(run) == 1 and "\uff01" <= run <= "\uff5e":
        return chr(ord(run) - 0xFEE0)  # the full-width forms are ASCII, moved
    if run.isspace():
        return " "
    letters = unicodedata.normalize("NFD", run[: _MARKS_READ + 1].translate(_LETTERS))
    letters = "".join(c for c in letters if not _is_invisible(c))
    base, marks = letters[:1], letters[1:]
    if not marks:
        return base
    # NFC composes ấ only from a + circumflex + acute, whatever order they were typed in
    marks = "".join(sorted(marks, key=lambda c: 0 if c in _QUALITIES else 1 if c in TONES else 2))
    return unicodedata.normalize("NFC", base + marks)


_is_invisible = re.compile(f"[{_INVISIBLE}]").match
_mended: Memo[str] = Memo(_mend)


# -- spelling ---------------------------------------------------------------------------------------


def _vowels() -> tuple[dict[str, str], dict[str, int]]:
    plain, tone = {}, {}
    for vowel in "aăâeêioôơuưy":
        for number, mark in enumerate(TONES, 1):
            toned = unicodedata.normalize("NFC", vowel + mark)
            plain[toned], tone[toned] = vowel, number
    return plain, tone


_PLAIN, _TONE = _vowels()  # {"ờ": "ơ"}, {"ờ": 1}
_TONED = {(plain, _TONE[toned]): toned for toned, plain in _PLAIN.items()}
_WITHOUT_TONE = str.maketrans(_PLAIN)
_SYLLABLE = re.compile(  # of the toneless form: initial, nucleus, final
    r"(ngh|ng|nh|ch|gh|gi|kh|ph|th|tr|qu|[bcdđghklmnpqrstvx])?([aăâeêioôơuưy]{1,3})(ch|ng|nh|[cmnpt])?"
)
_I_FOR_Y = {"h", "k", "l", "m", "s", "t", "qu"}  # initials after which a final i and y are one sound


def syllable_key(syllable: str) -> str:
    """The one lower-case spelling under which all spellings of a syllable are filed; same length.

    Tone marks go where "hòa, thủy" have them (not "hoà, thuỷ"), wherever they were typed; in open
    syllables after h k l m s t and qu, y becomes i.  What is not built like a Vietnamese syllable
    is only lower-cased.  Expects the output of `clean`.
    """
    lower = syllable.lower()
    if len(lower) > 7 or not lower.isalpha():  # "nghiêng" has 7 letters
        return lower
    toned = [c for c in lower if c in _TONE]
    if len(toned) > 1:
        return lower
    toneless = lower.translate(_WITHOUT_TONE) if toned else lower
    match = _SYLLABLE.fullmatch(toneless)
    if match is None:
        return lower
    initial, nucleus, final = match.groups()
    if nucleus == "y" and not final and initial in _I_FOR_Y:
        nucleus, toneless = "i", toneless[:-1] + "i"
    if not toned:
        return toneless
    at = match.start(2) + _tone_place(nucleus, bool(final))
    return toneless[:at] + _TONED[toneless[at], _TONE[toned[0]]] + toneless[at + 1 :]


def _tone_place(nucleus: str, closed: bool) -> int:
    """Index of the vowel that bears the tone: the last one with a quality mark, else by position."""
    for at in range(len(nucleus) - 1, -1, -1):
        if nucleus[at] in "ăâêôơư" and not (nucleus[at] == "ư" and nucleus[at + 1 : at + 2] == "ơ"):
            return at
    if len(nucleus) == 1:
        return 0
    return 1 if closed or len(nucleus) == 3 else 0
