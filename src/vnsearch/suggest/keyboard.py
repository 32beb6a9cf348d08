"""What was typed with the input method off: Telex and VNI key sequences, whole or half, in any order of their marks.

    >>> telex("vaanj"), telex("vanaj"), telex("dduwowngf"), vni("va65n"), vni("d9u7o7ng2"), telex("vân")
    ('vận', 'vận', 'đường', 'vận', 'đường', None)

Telex: aa ee oo dd double, w for a breve or horn, s f r x j for tones, z for none.  VNI: 1 to 5 tones, 6 circumflex,
7 horn, 8 breve, 9 stroke, 0 none.
"""

import re
from unicodedata import normalize

from ..text.normalize import TONES, syllable_key

_GRAVE, _ACUTE, _HOOK, _TILDE, _DOT = list(TONES)
_TELEX = {"s": _ACUTE, "f": _GRAVE, "r": _HOOK, "x": _TILDE, "j": _DOT, "z": ""}
_VNI = {"1": _ACUTE, "2": _GRAVE, "3": _HOOK, "4": _TILDE, "5": _DOT, "0": ""}
_CIRCUMFLEX = {"a": "â", "e": "ê", "o": "ô"}
_WORD = re.compile(  # what the keys may spell: initial, vowels, final
    r"(?:ngh|ng|nh|ch|gh|gi|kh|ph|th|tr|qu|[bcdđghklmnpqrstvx])?"
    r"(?:[aăâeêioôơuưy]|ai|ao|au|âu|ay|ây|eo|êu|i[aêu]|o[aăei]|oo|ôi|ơi|u[aâêiôơy]|ư[aiơu]|yê"
    r"|iêu|yêu|oai|oay|oeo|uây|uôi|uya|uyê|uyu|ươi|ươu|uêu|oao|uăn)(ch|ng|nh|[cmnpt])?"
)

_LONGEST = 24  # keys, more than any syllable has
_BETWEEN = re.compile(r"[iuy]?(?:ch|ng|nh|[cmnpt])?")  # a vowel and its double: vanaj, cuoio


def telex(word: str) -> str | None:
    """The key of the syllable that these keys spell; None where they spell no more than they are.

    Words of other languages are spelled too (axits: axít); whether there is such a word is for the caller to know.
    """
    if len(word) > _LONGEST:
        return None
    letters: list[str] = []
    tone: str | None = None
    for letter in _apart(word):
        if letter in TONES:
            tone = letter
        elif letter in _TELEX and _has_vowel(letters):
            if tone is not None and letter != "z":
                return None  # a second tone
            tone = _TELEX[letter]
        elif letter == "w":
            if not _horned(letters):
                letters.append("ư")
        elif letter in _CIRCUMFLEX and letter in letters and _BETWEEN.fullmatch("".join(letters).rpartition(letter)[2]):
            letters[_last(letters, letter)] = _CIRCUMFLEX[letter]
        elif letter == "d" and (letters[-1:] == ["d"] or letters[:1] == ["d"]):
            letters[-1 if letters[-1:] == ["d"] else 0] = "đ"
        else:
            letters.append(letter)
    return _spelled(word, letters, tone)


def vni(word: str) -> str | None:
    """The key of the syllable that these VNI keys spell; None where they spell no more than they are."""
    if len(word) > _LONGEST:
        return None
    letters: list[str] = []
    tone: str | None = None
    for letter in _apart(word):
        if letter in TONES:
            tone = letter
        elif letter in _VNI:
            if tone is not None and letter != "0":
                return None
            tone = _VNI[letter]
        elif letter == "6":
            at = max((n for n, x in enumerate(letters) if x in _CIRCUMFLEX), default=-1)
            if at < 0:
                return None
            letters[at] = _CIRCUMFLEX[letters[at]]
        elif letter == "7" or letter == "8":
            if not _horned(letters, "uo" if letter == "7" else "a"):
                return None
        elif letter == "9" and "d" in letters:
            letters[_last(letters, "d")] = "đ"
        else:
            letters.append(letter)
    return _spelled(word, letters, tone)


def _apart(word: str) -> str:
    """Its letters in lower case, each tone a character after its vowel."""
    found = []
    for letter in word.lower():
        parts = normalize("NFD", letter)
        tone = "".join(c for c in parts if c in TONES)
        found.append(normalize("NFC", "".join(c for c in parts if c not in TONES)) + tone)
    return "".join(found)


def _has_vowel(letters: list[str]) -> bool:
    return any(letter in "aăâeêioôơuưy" for letter in letters)


def _last(letters: list[str], letter: str) -> int:
    return len(letters) - 1 - letters[::-1].index(letter)


def _horned(letters: list[str], those: str = "aou") -> bool:
    """Gives the vowels a horn or breve; whether one could have it."""
    word = "".join(letters)
    if "ươ" in word:
        return True
    begin = 2 if word.startswith("qu") else 0
    for plain, marked in (("uo", "ươ"), ("ưo", "ươ"), ("uơ", "ươ"), ("ua", "ưa"), ("uu", "ưu")):
        if plain[0] in those + "ươ" and (at := word.find(plain, begin)) >= 0:
            if plain == "ua" and word[at + 2 :]:
                continue  # of hoặc, xuân: no horn
            letters[at : at + 2] = marked
            return True
    for at in range(len(letters) - 1, begin - 1, -1):
        if letters[at] in those:
            letters[at] = {"a": "ă", "o": "ơ", "u": "ư"}[letters[at]]
            return True
    return False


def _spelled(word: str, letters: list[str], tone: str | None) -> str | None:
    found = "".join(letters)
    match = _WORD.fullmatch(found)
    if match and match[1] in ("c", "ch", "p", "t") and tone in (_GRAVE, _HOOK, _TILDE):
        return None
    if found.endswith("ươ"):
        found = found[:-2] + "uơ"  # thuở; ươ is never the end
    if tone and not match and not _has_vowel(letters):
        return None
    if tone:
        at = max(n for n, letter in enumerate(found) if letter in "aăâeêioôơuưy")
        found = normalize("NFC", found[: at + 1] + tone) + found[at + 1 :]
    key = syllable_key(found)
    return key if key != syllable_key(word) and not key.isascii() else None
