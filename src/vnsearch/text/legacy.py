r"""Old encodings: TCVN3 (ABC) and VNI text, in which state documents were typed before Unicode.

Such a document comes as a string whose bytes were read as cp1252 or Latin-1: U+00A1 to U+00FE, and
for TCVN3 the soft hyphen, which is its ư.  Decode before `normalize.clean`, which drops soft hyphens.

    >>> decode_legacy("Héi nghÞ tæng kÕt c«ng t¸c d©n vËn n¨m 2008 cña tØnh Hµ Giang")
    'Hội nghị tổng kết công tác dân vận năm 2008 của tỉnh Hà Giang'
    >>> decode_legacy("Le congrès a été salué par les délégués étrangers")
"""

import re
from collections import Counter
from typing import Literal

from .normalize import _TONE, _WITHOUT_TONE

Encoding = Literal["tcvn3", "vni"]

_LETTERS_READ = 40  # a shorter text shows too few words to be sure
_EVIDENCE = 6  # different words that become syllables, twice if with a sign that no other spelling explains
_SHARE = 0.8  # of the words with marks become syllables; in real text .88 and more
_MARGIN = 0.8  # of these, at most so many may be syllables without any conversion; in real text .74 and less

# -- tables -----------------------------------------------------------------------------------------

_UNICODE = "àáảãạ ăằắẳẵặ âầấẩẫậ èéẻẽẹ êềếểễệ ìíỉĩị òóỏõọ ôồốổỗộ ơờớởỡợ ùúủũụ ưừứửữự ỳýỷỹỵ đ ĂÂÊÔƠƯĐ"
_TCVN3 = "µ¸¶·¹ ¨»¾¼½Æ ©ÇÊÈÉË ÌÐÎÏÑ ªÒÕÓÔÖ ×ÝØÜÞ ßãáâä «åèæçé ¬êíëìî ïóñòô -õøö÷ù úýûüþ ® ¡¢£¤¥¦§".replace(
    "-", "\u00ad"
)
_VNI = """
    aø aù aû aõ aï  aê aè aé aú aü aë  aâ aà aá aå aã aä  eø eù eû eõ eï  eâ eà eá eå eã eä  ì í æ ó ò
    oø où oû oõ oï  oâ oà oá oå oã oä  ô ôø ôù ôû ôõ ôï  uø uù uû uõ uï  ö öø öù öû öõ öï  yø yù yû yõ î  ñ
"""

# code -> letter, {"¸": "á"}; there are no capitals with tones, a capital font shows the small letters' codes so
TCVN3: dict[str, str] = dict(zip("".join(_TCVN3.split()), "".join(_UNICODE.split()), strict=True))
VNI: dict[str, str] = {  # also code -> letter, of one character or two: {"aù": "á", "AÙ": "Á", "ñ": "đ"}
    recase(code): recase(letter)
    for recase in (str.lower, str.upper)
    for code, letter in zip(_VNI.split(), TCVN3.values(), strict=False)  # without the capitals of TCVN3
}


def _vni_code() -> re.Pattern[str]:
    """Any code of VNI; a mark after a letter that cannot bear it is none."""
    marks: dict[str, str] = {}
    for code in VNI:
        base = code[0].lower()
        marks[base] = marks.get(base, "") + code[1:]
    pairs = [f"[{base}{base.upper()}][{those}]" for base, those in marks.items() if those]
    return re.compile("|".join([*pairs, f"[{''.join(code for code in VNI if len(code) == 1)}]"]))


_VNI_CODE = _vni_code()
_TCVN3_CODES = str.maketrans(TCVN3)
_CONTROLS = {  # “ ” – … that were read as Latin-1; cp1252 leaves five bytes free
    byte: bytes([byte]).decode("cp1252") for byte in range(0x80, 0xA0) if byte not in b"\x81\x8d\x8f\x90\x9d"
}
_LONE_SIGNS = "·©"  # as words, bullet and copyright: ã and â are none

# «Letters» of the old encodings are signs in Latin-1; combining marks keep a decomposed word in one piece
_WORD = re.compile(r"[\w\u00a1-\u00ff\u00ad\u0300-\u036f]+")
_SIGNS: dict[Encoding, re.Pattern[str]] = {
    "tcvn3": re.compile("[\u00a1-\u00bf×÷]"),
    "vni": re.compile("[aeouyôö][øùûõïâàáåãäêèéúüë]", re.IGNORECASE),
}
_DIGIT = re.compile(r"\d")
_BEYOND_LATIN = re.compile("[\u0102-\u01b0\u0300-\u0323\u1ea0-\u1ef9]")
_SAME: dict[Encoding, re.Pattern[str]] = {  # words that are the same in Unicode: "kính" in VNI
    "tcvn3": re.compile("[A-Za-zý]+"),
    "vni": re.compile("[A-Za-zìíÌÍ]+"),
}

_SAMPLE = 200  # characters

# -- Is it one? -------------------------------------------------------------------------------------

_SYLLABLE = re.compile(  # of the small toneless form; stricter than normalize's: a rime that there is
    r"(?:ngh?|nh|ch|gh?|gi|kh|ph|th|tr|qu?|[bcdđhklmnprstvx])?(?:"
    r"o?a(?:[cimnoptuy]|ch|ng|nh)?|o?ă(?:[ckmnpt]|ng)|o?e(?:[cmnopt]|ng)?|u?â(?:[cmnptuy]|ng)|u?ê(?:[cmnptu]|ch|nh)?"
    r"|i(?:[amnptu]|ch|nh|ê(?:[cmnptu]|ng))?|o(?:[cimnpt]|ng|oc|ong)?|ô(?:[cimnpt]|ng)?|ơ[imnpt]?"
    r"|u(?:[acimnpt]|ng|ô(?:[cimnt]|ng)|ơ)?|u?y(?:[anptu]|ch|nh|ê(?:[mntu]|ng))?|ư(?:[acimntu]|ng|ơ(?:[cimnptu]|ng))?)"
)
_ABBREVIATION = re.compile("[A-ZĐ]+")  # HĐND, QĐ: no syllable, and nothing against the reading
_ACUTE, _DOT = 2, 5


def detect(text: str) -> Encoding | None:
    """The old encoding that a text is in; None for any other text, and when unsure.  Linear in len(text).

    It abstains on texts of fewer than 40 letters.  A word with letters beyond Latin-1 speaks for
    Unicode: up to a fifth of the words with marks may be such (a heading around an old text).
    """
    if text.isascii() or _is_unicode_throughout(text) or _is_unicode(text):
        return None
    candidates: list[Encoding] = [name for name, sign in _SIGNS.items() if sign.search(text)]
    words = _WORD.findall(text) if candidates else []
    if sum(map(len, words)) - len(_DIGIT.findall(text)) < _LETTERS_READ:
        return None
    # a sign alone is no evidence, but » (ằ, which is no word) shows that « and » are quotation marks
    marked = Counter(w for w in words if not w.isascii() and (len(w) > 1 or w == "»") and not _DIGIT.search(w))
    return next((name for name in candidates if _reads_as(name, marked)), None)


def _is_unicode_throughout(text: str) -> bool:
    """Whether a long text is Unicode at its beginning, middle and end: then it need not be read whole."""
    many = len(text)
    starts = (0, many // 2, many - _SAMPLE)
    return many > 4 * _SAMPLE and all(_is_unicode(text[start : start + _SAMPLE]) for start in starts)


def _is_unicode(text: str) -> bool:
    """The quick answer for nearly every text: too many letters that Latin-1 does not have."""
    marked = len(text) - len(text.encode("ascii", "ignore"))
    three_bytes = len(text.encode("utf-8", "replace")) - len(text) - marked  # ạ to ỹ, and a few typographic signs
    return 2 * three_bytes > marked or 3 * len(_BEYOND_LATIN.findall(text)) > marked


def _reads_as(encoding: Encoding, marked: Counter[str]) -> bool:
    """Whether words with marks {word: times} are Vietnamese in this encoding, and are not as they stand."""
    good = already = total = evidence = signs = 0
    for word, times in marked.items():
        decoded = _decode_word(word, encoding)
        same = decoded == word
        if _SAME[encoding].fullmatch(word) if same else _ABBREVIATION.fullmatch(decoded):
            continue
        total += times
        already += times * is_syllable(word)
        if not same and is_syllable(decoded):
            good += times
            evidence += 1
            signs += bool(_SIGNS[encoding].search(word))
    return signs > 0 and evidence + signs >= _EVIDENCE and good >= _SHARE * total and already <= _MARGIN * good


def is_syllable(word: str) -> bool:
    """Whether a word is built like a Vietnamese syllable, its tone included: after c, ch, p, t only sắc and nặng."""
    word = word.lower()
    if len(word) > 7 or not _SYLLABLE.fullmatch(word.translate(_WITHOUT_TONE)):  # "nghiêng" has 7 letters
        return False
    tones = [_TONE[c] for c in word if c in _TONE]
    if word.endswith(("c", "ch", "k", "p", "t")):
        return len(tones) == 1 and tones[0] in (_ACUTE, _DOT)
    return len(tones) <= 1


# -- What does it say? ------------------------------------------------------------------------------


def decode_legacy(text: str) -> str | None:
    """A TCVN3 or VNI text in Unicode (precomposed letters), None when `detect` abstains.  Linear in len(text).

    Words that are Unicode already stay as they are.  TCVN3 headlines in a capital font get capitals;
    a single capital with a tone ("Ủy ban") cannot be told from a small letter and stays small.
    """
    encoding = detect(text)
    if encoding is None:
        return None
    decoded = _WORD.sub(lambda found: _decode_word(found[0], encoding), text).translate(_CONTROLS)
    return _CAPITAL_RUN.sub(_raise, decoded) if encoding == "tcvn3" else decoded


def _decode_word(word: str, encoding: Encoding) -> str:
    """The word in Unicode; itself when it has letters of Unicode, so that á in đá is not taken for a code."""
    if word.isascii() or max(word) > "\u00ff" or word in _LONE_SIGNS:
        return word
    if encoding == "tcvn3":
        return word.translate(_TCVN3_CODES)
    return _VNI_CODE.sub(lambda code: VNI[code[0].upper() if code[0][0].isupper() else code[0].lower()], word)


_CAPITAL_RUN = re.compile(r"(?<!\S)[^\sa-z]++(?!\S)(?:[ \t]++[^\sa-z]++(?!\S))*")  # words without a plain small letter
_LETTERS = re.compile(r"[^\W\d_]+")
_SECOND_CAPITAL = re.compile(r"[^\W\d_][A-ZĂÂÊÔƠƯĐ]")


def _raise(run: re.Match[str]) -> str:
    """A run in capitals when a word of it, not an abbreviation, surely was: HộI NGHị, but not UBND Hà."""
    capitals = (word for word in _LETTERS.findall(run[0]) if _SECOND_CAPITAL.search(word))
    sure = any(not word.isupper() or (len(word) > 2 and is_syllable(word)) for word in capitals)
    return run[0].upper() if sure else run[0]
