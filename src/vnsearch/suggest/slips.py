"""What a word may have been typed for: words that one slip makes into it, and how probable the slip is.

The kinds of slips and how frequent they are stand in `data/slips.tsv`.  A slip of the finger that can happen in
several ways (which letter was left out, which one was hit instead) shares its probability among these.

    >>> sorted((slip.word, slip.what) for slip in finger("vna", {"van", "na"}.intersection))
    [('na', 'added'), ('van', 'swapped')]
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from math import log
from pathlib import Path
from typing import NamedTuple
from unicodedata import normalize

from ..text.normalize import TONES, syllable_key

_TABLE = Path(__file__).with_name("data") / "slips.tsv"
_LETTERS = "abcdeghiklmnopqrstuvxyfjwz"
_BESIDE = {  # on a QWERTY keyboard
    near[0]: near[1:]
    for near in (
        "qwa wqeas ewrsd retdf trfyg ytugh uyihj iuojk oipkl pol aqwsz sawedzx dserfxc fdrtgcv gftyhvb hgyujbn jhuikmn "
        "kjiolm lkop zasx xzsdc cxdfv vcfgb bvghn nbhjm mnjk"
    ).split()
}
LONGEST = 12  # letters of a word that is mended


class Slip(NamedTuple):
    """A word that may have been meant.  cost: the logarithm of the probability that it is typed so."""

    word: str
    kind: str  # slip, sound
    what: str  # as in the table
    cost: float


@cache
def costs() -> dict[tuple[str, str], float]:
    """The logarithm of the probability of each slip, by kind and name."""
    rows = (line.split("\t") for line in _TABLE.read_text("utf-8").splitlines() if not line.startswith("#"))
    return {(kind, what): -log(float(one_of)) for kind, what, one_of, _ in rows}


def finger(typed: str, known: Callable[[Iterable[str]], Iterable[str]]) -> Iterator[Slip]:
    """The known words that one slip of the finger makes into the typed one; both without diacritics.

    known: those of some words that are known.
    """
    if not 1 < len(typed) <= LONGEST:
        return
    found: dict[str, tuple[float, str]] = {}
    size = len(typed)
    doubled, added, swapped, neighbour, replaced, left_out = (
        (costs()["slip", what] - log(ways), what)
        for what, ways in (
            ("doubled", size), ("added", 25 * size), ("swapped", size - 1), ("neighbour", 4 * size),
            ("replaced", 20 * size), ("left out", size + 1),
        )
    )  # fmt: skip
    for at in range(size):
        before, letter, behind = typed[:at], typed[at], typed[at + 1 :]
        made = [(before + behind, doubled if before.endswith(letter) else added)]
        if behind:
            made.append((before + behind[0] + letter + behind[1:], swapped))
        near, rest = _BESIDE.get(letter, ""), letter + behind
        made += [(before + other + behind, neighbour if other in near else replaced) for other in _LETTERS]
        made += [(before + other + rest, left_out) for other in _LETTERS]
        for word, slip in made:
            if word not in found or found[word][0] < slip[0]:
                found[word] = slip
    for other in _LETTERS:
        found.setdefault(typed + other, left_out)
    found.pop(typed, None)
    for word in known(found):
        cost, what = found[word]
        yield Slip(word, "slip", what, cost)


_INITIALS = [("l n", "l", "n"), ("ch tr", "ch", "tr"), ("s x", "s", "x"), ("d gi r", "d", "gi"), ("d gi r", "d", "r"),
             ("d gi r", "gi", "r"), ("d v gi", "d", "v"), ("d v gi", "v", "gi")]  # fmt: skip
_BEFORE_NH = frozenset("iíìỉĩịêếềểễệ")
_FINALS = [("n ng", "n", "ng"), ("c t", "c", "t"), ("n nh", "n", "nh")]
_SYLLABLE = re.compile(r"(ngh|ng|nh|ch|gh|gi(?=.)|kh|ph|th|tr|qu|[bcdghklmnpqrstvx])?(.*?)(ch|ng|nh|[cmnpt])?")


def sounds(typed: str) -> Iterator[Slip]:
    """The syllables that some people pronounce like the typed one, of the same marks; perhaps no syllables at all."""
    match = _SYLLABLE.fullmatch(typed)
    if match is None or len(typed) > 7:
        return
    initial, vowels, final = (part or "" for part in match.groups())
    for what, *both in _INITIALS:
        if initial in both:
            other = both[1 - both.index(initial)]
            if not (other == "gi" and vowels[:1] in ("i", "í", "ì", "ỉ", "ĩ", "ị")):
                yield Slip(syllable_key(other + vowels + final), "sound", what, costs()["sound", what])
    for what, *both in _FINALS:
        if final in both and vowels and (what != "n nh" or vowels[-1] in _BEFORE_NH):
            yield Slip(initial + vowels + both[1 - both.index(final)], "sound", what, costs()["sound", what])


def other_tone(typed: str) -> Iterator[Slip]:
    """The syllable with hỏi for ngã or the other way round."""
    parts = normalize("NFD", typed)
    for a, b in (("\u0309", "\u0303"), ("\u0303", "\u0309")):
        if a in parts:
            yield Slip(normalize("NFC", parts.replace(a, b)), "sound", "hỏi ngã", costs()["sound", "hỏi ngã"])


def marks_apart(a: str, b: str) -> int:
    """How many marks of two syllables are different: a tone for another is one, and so is a vowel's or đ's own.

    >>> marks_apart("bê", "bể"), marks_apart("bơi", "bối"), marks_apart("đan", "dàn")
    (1, 2, 2)
    """
    one, other = (_tone_and_letters(word) for word in (a, b))
    return sum(x != y for x, y in zip(one, other, strict=False))


def _tone_and_letters(word: str) -> tuple[str, ...]:
    parts = normalize("NFD", word)
    tone = "".join(c for c in parts if c in TONES)
    return tone, *normalize("NFC", "".join(c for c in parts if c not in TONES))


def is_one(a: str, b: str) -> bool:
    """Whether one letter added, left out or changed, or two swapped, make a into b (Damerau 1964).

    >>> is_one("vận", "vạan"), is_one("vna", "van"), is_one("vận", "vậnn")
    (False, True, True)
    """
    shorter = min(len(a), len(b))
    if abs(len(a) - len(b)) > 1:
        return False
    begin = 0
    while begin < shorter and a[begin] == b[begin]:
        begin += 1
    end = 0
    while end < shorter - begin and a[-1 - end] == b[-1 - end]:
        end += 1
    one, other = a[begin : len(a) - end], b[begin : len(b) - end]
    return len(one) + len(other) > 0 and (max(len(one), len(other)) == 1 or len(one) == 2 and one == other[::-1])
