"""The ways in which one query reaches a search box: its diacritics, their encoding, their place.

    >>> WAYS["without"]("Hòa Bình, Đà Lạt", 0)
    'Hoa Binh, Da Lat'

Made here from Unicode alone, so that they do not share the library's own idea of Vietnamese.
"""

import random
import re
import unicodedata
from collections.abc import Callable

SEED = 20261123
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_TONED = re.compile(rf"([\u0302\u0306\u031b]?)([{_TONES}])([\u0302\u0306\u031b]?)")  # and the mark that makes â, ă, ơ
_MOVABLE = re.compile(  # oa, oe, uy at the end of a syllable, with the tone on either letter
    rf"(?<![qQ])([oO](?=[{_TONES}]?[aAeE])|[uU](?=[{_TONES}]?[yY]))([{_TONES}]?)([aAeEyY])([{_TONES}]?)(?![\w\u0300-\u036f])"
)


def without(text: str) -> str:
    """No diacritics at all; đ is d."""
    plain = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", plain).replace("đ", "d").replace("Đ", "D")


def other_placement(text: str) -> str:
    """hòa as hoà and hoà as hòa; oe and uy too, but not quý."""

    def move(found: re.Match[str]) -> str:
        first, on_first, second, on_second = found.groups()
        return first + on_second + second + on_first

    return unicodedata.normalize("NFC", _MOVABLE.sub(move, unicodedata.normalize("NFD", text)))


def decomposed(text: str) -> str:
    """NFD: every mark a character of its own."""
    return unicodedata.normalize("NFD", text)


def half_without(text: str, number: int) -> str:
    """Half of the words, rounded up, without diacritics; `number` of the query and SEED say which."""
    words = text.split()
    chosen = set(random.Random(f"{SEED} {number}").sample(range(len(words)), (len(words) + 1) // 2))
    return " ".join(without(word) if at in chosen else word for at, word in enumerate(words))


def wrong_tone(text: str, number: int) -> str:
    """One word that has a tone gets another one; the text as it is where none has."""
    chance = random.Random(f"{SEED} {number}")
    words = unicodedata.normalize("NFD", text).split()
    toned = [at for at, word in enumerate(words) if _TONED.search(word)]
    if toned:
        at = chance.choice(toned)
        words[at] = _TONED.sub(lambda found: _other(found, chance), words[at], count=1)
    return unicodedata.normalize("NFC", " ".join(words))


def _other(found: re.Match[str], chance: random.Random) -> str:
    before, tone, behind = found.groups()
    return before + behind + chance.choice([mark for mark in _TONES if mark != tone])


WAYS: dict[str, Callable[[str, int], str]] = {  # name -> (query, its number) -> as typed
    "as written": lambda text, number: text,
    "without": lambda text, number: without(text),
    "half without": half_without,
    "other tone placement": lambda text, number: other_placement(text),
    "NFD": lambda text, number: decomposed(text),
}
