"""Text -> tokens that know where they came from.

A text is split at blanks into *chunks*: `dân,`, `25-NQ/TW`, `(TP.HCM).`; compounds that are written
with blanks (`25 - NQ/TW`, `ngày 7 tháng 2 năm 2023`) are found first and are one chunk.  `_dissect`
decides once for each distinct chunk what tokens are in it: words, and compounds (dates, document
numbers, abbreviations ...) that are a token *and* its parts.  So a text costs one scan, one split
and one look-up a chunk.

    >>> [(t.term, t.kind, t.position) for t in tokenize("Nghị quyết 25-NQ/TW")]  # doctest: +NORMALIZE_WHITESPACE
    [('nghị', 'word', 0), ('quyết', 'word', 1), ('25-nq/tw', 'document', 2), ('25', 'number', 2), ('nq', 'word', 3),
     ('tw', 'word', 4)]
"""

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import NamedTuple

from .abbreviations import is_abbreviation
from .fold import VIETNAMESE_LETTERS, fold
from .memo import Memo
from .normalize import clean, syllable_key


class Token(NamedTuple):
    """One indexable unit.

    `text[start:end]` is what it was made from.  `position` counts the smallest units (syllables,
    parts): a compound stands at the position of its first part, so a phrase may name it whole or in
    parts; `width` is the number of positions that it covers.
    """

    term: str  # the key in the index's accented view
    start: int
    end: int
    position: int
    width: int
    kind: str  # word number date time money document abbreviation compound email url

    @property
    def folded(self) -> str:
        """The key in the view without diacritics."""
        return folded_term(self.term)


class _Part(NamedTuple):
    """A token of a chunk; offsets and position count from the chunk's beginning."""

    term: str
    start: int
    end: int
    position: int
    width: int
    kind: str


_DASH = "-–—‐‑‒―−"
_DOCUMENT_TYPES = (  # what stands after the number: nghị quyết, nghị định, quyết định, chỉ thị, kết luận ...
    "NQ NĐ ND QĐ QD CT KL TB HD KH TT TTLT TTr TTR BC CV CĐ CD ĐA DA CTr CTR CTPH PL L SL HĐ GP QH UBND HĐND HDND BCT "
    "VBHN SY UBTVQH NQLT QC GM TTg TTG VPCP BTV TU TW BTC BYT SGDĐT STP LĐLĐ STC UBMTTQ MTTQ BTTTU BDV BTG BNV"
).split()
_TYPE = "(?:" + "|".join(sorted(_DOCUMENT_TYPES, key=len, reverse=True)) + ")"
_CODE = r"(?i:T\.Ư|[^\W\d_]{1,8}\d*)(?!\w)"
_REST_OF_DOCUMENT = (  # the look-ahead, a dash or slash after the type, spares most numbers the list of types
    rf"\d*(?:\s?/\s?\d{{4}})?(?:\s?[{_DASH}/]\s?|\s)(?=\w+\s?[{_DASH}/])(?i:{_TYPE}\d*)(?:\s?[{_DASH}/]\s?{_CODE})+"
)
_REST_OF_DATE = r"(?i:gày|gay)\s\d{1,2}\s(?i:tháng|thang)\s\d{1,2}(?:,?\s(?i:năm|nam)\s\d{4})?(?!\w)"
# opens with one class of characters, which is what makes the scan fast; then: not inside a word
SPACED = re.compile(rf"[\dnN](?<!\w\w)(?:(?<=\d){_REST_OF_DOCUMENT}|(?<!\d){_REST_OF_DATE})")
_URL = r"(?i:https?://|www\.)[^\s<>\"“”()\[\]{}\ud800-\udfff]*[^\s<>\"“”()\[\]{}.,;:!?'’\ud800-\udfff]"
_RUN = re.compile(rf"{_URL}|[^\W_]+(?:[{_DASH}./,:&@+_'’]+[^\W_]+)*%?")  # letters and digits, connected
_LONGEST_COMPOUND = 80  # characters; longer runs are split into their parts, whatever they are
AROUND = ".,;:!?…\"“”'‘’()[]«»" + _DASH  # punctuation at the ends of words; part of none
# (signs, word, signs) of what most chunks are: a word of Vietnamese or ASCII letters, perhaps in punctuation
in_signs = re.compile(f"([{re.escape(AROUND)}]*)([a-zA-Z{VIETNAMESE_LETTERS}]+)([{re.escape(AROUND)}]*)").fullmatch
_begins_url = re.compile(r"(?i:https?://|www\.)").match
_PART = re.compile(r"[^\W_]+")
_BLANK = re.compile(r"\S+")


def tokenize(text: str) -> list[Token]:
    """All tokens of a text in order; linear in its length, for any string.

    A compound comes before its parts.  Offsets are characters of `text` as given.
    """
    cleaned = clean(text)
    tokens: list[Token] = []
    position = 0
    for begin, stop in _chunk_spans(cleaned.text):
        parts = _dissections[cleaned.text[begin:stop]]
        for term, start, end, offset, width, kind in parts:
            start, end = begin + start, begin + end
            if cleaned.starts:
                start, end = cleaned.span(start, end)
            tokens.append(Token(term, start, end, position + offset, width, kind))
        if parts:
            position += parts[-1].position + 1
    return tokens


def terms(text: str) -> Iterator[tuple[str, int]]:
    """(term, position) of every token: what `tokenize` says, without offsets."""
    base = 0
    for chunk in chunks(clean(text).text):
        found = chunk_terms(chunk)
        for term, position in found:
            yield term, base + position
        if found:
            base += found[-1][1] + 1


def chunks(text: str) -> list[str]:
    """A cleaned text in pieces that can be tokenized by themselves (see `chunk_terms`), as `kernels.Table` reads them.

    Some hold nothing: ends of lines, which the word model wants to see, and what is between two blanks.
    """
    found: list[str] = []
    done = 0
    for spaced in SPACED.finditer(text):
        found += _split(text[done : spaced.start()])
        found.append(spaced.group())
        done = spaced.end()
    found += _split(text[done:])
    return found


def _split(text: str) -> list[str]:
    return text.replace("\n", " \n ").split(" ")


def chunk_terms(chunk: str) -> tuple[tuple[str, int], ...]:
    """The (term, position) pairs of a chunk, positions from 0; the last one has the greatest."""
    return tuple((part.term, part.position) for part in _dissections[chunk])


def _chunk_spans(text: str) -> Iterator[tuple[int, int]]:
    if text.isalpha():  # one word, as of a query
        yield 0, len(text)
        return
    done = 0
    for spaced in SPACED.finditer(text):
        yield from (blank.span() for blank in _BLANK.finditer(text, done, spaced.start()))
        yield spaced.span()
        done = spaced.end()
    yield from (blank.span() for blank in _BLANK.finditer(text, done))


def folded_term(term: str) -> str:
    """The key of a term in the view without diacritics."""
    return _folded_terms[term]


# -- one chunk ---------------------------------------------------------------------------------------


def _dissect(chunk: str) -> tuple[_Part, ...]:
    """The tokens of one chunk, perhaps none; a compound before its parts."""
    word = chunk.strip(AROUND)
    if word.isalpha():  # most chunks are a word, perhaps in punctuation
        start = chunk.index(word)
        return (_Part(syllable_key(word), start, start + len(word), 0, 1, "word"),)
    if len(word) < len(chunk) and _RUN.fullmatch(word) and not _begins_url(word):  # which may have signs at its end
        return tuple(_shifted(chunk, [(start := chunk.index(word), start + len(word))]))
    if SPACED.fullmatch(chunk):
        return _read_run(chunk)
    runs = [run.span() for run in _RUN.finditer(chunk)]
    if runs == [(0, len(chunk))]:
        return _read_run(chunk)
    return tuple(_shifted(chunk, runs))


def _read_run(run: str) -> tuple[_Part, ...]:
    """A connected run as a compound where it is one, else as the words in it."""
    if run.isalpha() or run.isdigit():
        return _words(run)
    if len(run) <= _LONGEST_COMPOUND or _is_url(run):
        for kind, read in _OF_FIGURES if _is_figures(run) else _OF_DIGITS if run[0].isdigit() else _OF_LETTERS:
            term = read(run)
            if term is not None:
                # the parts of 4.600 or 14:35 mean nothing by themselves
                parts = () if kind in ("number", "time", "money") else _words(run)
                if len(parts) < 2:
                    return (_Part(term, 0, len(run), 0, 1, kind),)
                return (_Part(term, 0, len(run), 0, len(parts), kind), *parts)
    for between in _BETWEEN:  # words that somebody forgot to space
        pieces = [piece.span() for piece in between.finditer(run)]
        if len(pieces) > 1:
            return tuple(_shifted(run, pieces))
    return _words(run)


def _shifted(chunk: str, pieces: list[tuple[int, int]]) -> Iterator[_Part]:
    position = 0
    for begin, stop in pieces:
        parts = _dissections[chunk[begin:stop]]
        for part in parts:
            term, start, end, at, width, kind = part
            yield _Part(term, begin + start, begin + end, position + at, width, kind)
        if parts:
            position += parts[-1].position + 1


def _words(chunk: str) -> tuple[_Part, ...]:
    return tuple(
        _Part(syllable_key(m.group()), m.start(), m.end(), at, 1, "number" if m.group().isdigit() else "word")
        for at, m in enumerate(_PART.finditer(chunk))
    )


def _full(pattern: str) -> Callable[[str], "re.Match[str] | None"]:
    return re.compile(pattern).fullmatch


_BETWEEN = [re.compile(f"[^{separators}]+") for separators in (",:@+'’", _DASH, "./&_")]  # what stands between these
_is_figures = _full(f"[{_DASH}0-9.,:/%]+")
_is_url = _full(
    rf"{_URL}|(?i:[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:vn|com|net|org|gov|edu|info|asia)(?:/[^\s\ud800-\udfff]*)?)"
)
_is_email = _full(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_day_month_year = _full(rf"(\d{{1,2}})([{_DASH}/.])(\d{{1,2}})\2(\d{{4}})")
_year_month_day = _full(r"(\d{4})([-/])(\d{1,2})\2(\d{1,2})")
_month_year = _full(rf"(\d{{1,2}})[{_DASH}/.](\d{{4}})")
_day_month = _full(rf"(\d{{1,2}})[{_DASH}/](\d{{1,2}})")
_spelled_date = _full(f"[nN]{_REST_OF_DATE}")
_clock = _full(r"(\d{1,2})[:hg](\d{2})(?::(\d{2}))?")
_grouped_number = _full(r"(\d{1,3}(?:\.\d{3})+|\d{1,3}(?:,\d{3}){2,}|\d+)(?:,(\d+))?%?")
_plain_number = _full(r"\d+(?:[.,]\d+)+%?")
_sum_of_money = _full(r"(\d{1,3}(?:\.\d{3})+|\d+)(?:,(\d+))?(?i:(đồng|đ|vnđ|vnd|usd))")
_document = _full(
    rf"(\d+)(?:\s?/\s?(\d{{4}}))?(?:\s?[{_DASH}/]\s?|\s)((?i:{_TYPE})\d*(?:\s?[{_DASH}/]\s?(?i:T\.Ư|[^\W\d_]{{1,8}}\d*))*)"
    rf"|(\d+)(?:/(\d{{4}}))?[{_DASH}/]([A-ZĐƯ]{{2,8}}\d*(?:[{_DASH}/][A-ZĐƯ]{{1,8}}\d*)*)"
)
_pieces_of_letters = _full(rf"[^\W\d_]+(?:[{_DASH}.&][^\W\d_]+)+")
_initials = _full(rf"[A-ZĐƯ]{{1,6}}(?:[{_DASH}.&](?:[A-ZĐƯ]{{1,6}}|\d{{1,2}}))+")
_hyphenated = _full(rf"[^\W\d_]+(?:[{_DASH}][^\W\d_]+)+")


def _read_date(chunk: str) -> str | None:
    if m := _day_month_year(chunk):
        return _iso(m[4], m[3], m[1])
    if m := _year_month_day(chunk):
        return _iso(m[1], m[3], m[4])
    if m := _month_year(chunk):
        return f"{m[2]}-{int(m[1]):02}" if 1 <= int(m[1]) <= 12 else None
    if m := _day_month(chunk):
        return f"{int(m[1])}/{int(m[2])}" if _iso("2000", m[2], m[1]) else None
    return None


def _read_spelled_date(chunk: str) -> str | None:
    if not _spelled_date(chunk):
        return None
    day, month, *year = re.findall(r"\d+", chunk)
    return _iso(year[0], month, day) if year else f"{int(day)}/{int(month)}"


def _iso(year: str, month: str, day: str) -> str | None:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None


def _read_time(chunk: str) -> str | None:
    m = _clock(chunk)
    return f"{int(m[1])}:{m[2]}" if m and int(m[1]) < 24 and int(m[2]) < 60 else None


def _read_number(chunk: str) -> str | None:
    percent = "%" if chunk.endswith("%") else ""
    if m := _grouped_number(chunk):
        return re.sub(r"[.,]", "", m[1]) + (f",{m[2]}" if m[2] else "") + percent
    return chunk if _plain_number(chunk) else None


def _read_money(chunk: str) -> str | None:
    m = _sum_of_money(chunk)
    if m is None:
        return None
    unit = "usd" if m[3].lower() == "usd" else "đ"
    return m[1].replace(".", "") + (f",{m[2]}" if m[2] else "") + unit


def _read_document(chunk: str) -> str | None:
    m = _document(chunk)
    if m is None:
        return None
    number, year, rest = m.group(1, 2, 3) if m[1] else m.group(4, 5, 6)
    codes = [_central(code) for code in re.split(rf"\s?([{_DASH}/])\s?", rest)]
    codes = ["-" if code in _DASH else code for code in codes]
    # 25/NQ-TW is how some write 25-NQ/TW; both separators are kept as typed but for dashes and blanks
    return number + (f"/{year}" if year else "") + ("/" if year else _first_separator(chunk)) + "".join(codes)


def _first_separator(chunk: str) -> str:
    return "/" if re.match(r"\d+\s?/", chunk) else "-"


def _central(code: str) -> str:
    code = code.lower()
    return "tw" if code in ("t.ư", "tư", "tu.") else code


def _read_abbreviation(chunk: str) -> str | None:
    if not _pieces_of_letters(chunk) and not _initials(chunk):
        return None
    joined = re.sub(rf"[{_DASH}.&]", "", chunk).lower()
    if joined == "tư":
        return "tw"
    return joined if _initials(chunk) and len(joined) <= 12 or is_abbreviation(joined) else None


def _read_hyphenated(chunk: str) -> str | None:
    if not _hyphenated(chunk) or len(chunk) > 24:
        return None
    return "".join(syllable_key(m.group()) for m in _PART.finditer(chunk))


_Kind = tuple[str, Callable[[str], str | None]]
_NAMES_OF_PLACES: tuple[_Kind, ...] = (
    ("url", lambda chunk: chunk.lower() if ("." in chunk or ":" in chunk) and _is_url(chunk) else None),
    ("email", lambda chunk: chunk.lower() if "@" in chunk and _is_email(chunk) else None),
)
_OF_FIGURES: tuple[_Kind, ...] = (  # what a run without a letter may be
    ("date", _read_date),
    ("time", _read_time),
    ("number", _read_number),
)
_OF_DIGITS: tuple[_Kind, ...] = (  # what a run may be that begins with a digit, in this order
    *_NAMES_OF_PLACES,
    *_OF_FIGURES,
    ("money", _read_money),
    ("document", _read_document),
)
_OF_LETTERS: tuple[_Kind, ...] = (
    *_NAMES_OF_PLACES,
    ("date", _read_spelled_date),
    ("abbreviation", _read_abbreviation),
    ("compound", _read_hyphenated),
)

_dissections: Memo[tuple[_Part, ...]] = Memo(_dissect)
_folded_terms: Memo[str] = Memo(lambda term: "".join(fold(term).lower().split()) or term)
