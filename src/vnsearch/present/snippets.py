"""The sentences of an article that answer a query, with what matched marked in them.

Text and offsets only; `Snippet.html` and `Snippet.ansi` dress it.  The text is a slice of the article
as stored, whatever spelling matched.

Only what may match is tokenized: the texts of a page of hits are folded letter by letter (one NumPy look-up, so
offsets stay), syllables that were asked for are looked up in them as numbers of eight bytes, anything else by one
regular expression, and the tokenizer, asked about these few words alone, decides, once a search for each spelling.

    >>> from vnsearch.query.plan import plan
    >>> Marker(plan("dan van").marked).snippet(("Ban Dân vận họp.",)).html()
    'Ban <mark>Dân vận</mark> họp.'
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from html import escape
from itertools import islice, pairwise
from typing import NamedTuple, TypeAlias

import numpy as np

from ..arrays import Array
from ..deadline import check_time, in_time
from ..printable import printable
from ..query.plan import Mark
from ..text.abbreviations import long_forms
from ..text.fold import fold, is_unmarked
from ..text.memo import Memo
from ..text.normalize import clean
from ..text.tokenize import Token, folded_term, tokenize

SNIPPET_CHARS = 240
LONGEST_TEXT = 1_000_000  # characters of a text that are looked at; a match behind them is found but not shown
_PIECE = 1 << 16  # characters that are looked at in one go: a long text is left once all that was asked for is found
_MOST_CANDIDATES = 1_000  # of a piece
_USUAL, _MOST_LONG = (
    80,
    400,
)  # characters of a chunk; longer ones of a page, each of which takes a third of a millisecond
_FEW = 12  # syllables that are compared with one by one


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of an article; highlights are (start, end) character offsets into `text`, in order."""

    text: str
    highlights: tuple[tuple[int, int], ...]

    def __str__(self) -> str:
        """The text alone."""
        return self.text

    def __html__(self) -> str:
        """What Jinja, Django and others put into a page."""
        return self.html()

    def html(self, before: str = "<mark>", after: str = "</mark>") -> str:
        """The snippet as HTML: everything but the marks is escaped."""
        return self._dressed(before, after, _page)

    def ansi(self) -> str:
        """The snippet for a terminal, matches bold and yellow."""
        return self._dressed("\x1b[1;33m", "\x1b[0m", partial(printable, lines=True))

    def _dressed(self, before: str, after: str, escape: Callable[[str], str]) -> str:
        pieces, done = [], 0
        for start, end in self.highlights:
            pieces += [escape(self.text[done:start]), before, escape(self.text[start:end]), after]
            done = end
        return "".join([*pieces, escape(self.text[done:])])


def _page(text: str) -> str:
    return escape(printable(text, lines=True))


_Places: TypeAlias = int  # a set of places in the query, one bit each; neighbours there are neighbours here
_Read: TypeAlias = tuple[tuple[int, int, _Places, _Places], ...]  # start, end, matched, matched but for accents


_Hit: TypeAlias = tuple[int, int, _Places, bool]  # start, end, matched; the hit before stands beside it


class _Scan(NamedTuple):
    """A piece of a text: its letters folded, and what matches in it."""

    text: str
    folded: bytes
    hits: list[_Hit]


class Marker:
    """Marks what a query matches; made once a search, asked for each of its articles.  Safe to share by threads."""

    def __init__(self, wanted: Iterable[Mark | Token]) -> None:
        marks = [mark if isinstance(mark, Mark) else Mark(mark.term, mark.position) for mark in wanted]
        bits = _bits(mark.position for mark in marks)
        self._exact: dict[str, _Places] = {}
        self._folded: dict[str, _Places] = {}
        self._loose: dict[str, _Places] = {}
        self._ranges: list[tuple[Mark, _Places]] = []
        self._marked = self._all = 0
        for mark in marks:
            place = bits[mark.position]
            self._all |= place
            if mark.is_range:
                self._ranges.append((mark, place))
            elif is_unmarked(mark.term):
                self._folded[mark.term] = self._folded.get(mark.term, 0) | place
            else:
                self._marked |= place
                self._exact[mark.term] = self._exact.get(mark.term, 0) | place
                folded = folded_term(mark.term)
                self._loose[folded] = self._loose.get(folded, 0) | place
        plain = {m: key for m in marks if not m.is_range and (key := _plain_syllable(m.term))}
        self._syllables = np.array([int.from_bytes(key, "little") for key in sorted(set(plain.values()))], np.uint64)
        self._pattern = _pattern([mark for mark in marks if mark not in plain])
        self._kind = np.dtype(np.int64 if self._all.bit_length() < 63 else object)
        self._long_left = _MOST_LONG
        self._reads: Memo[_Read] = Memo(self._read)
        self._whole: Memo[tuple[_Places, _Places]] = Memo(self._read_whole)

    def shown(self, articles: Sequence[tuple[str, Sequence[str]]], chars: int) -> list[tuple[Snippet, Snippet]]:
        """Of articles, each a title and its texts: the title marked, and the snippet."""
        self._long_left = _MOST_LONG
        articles = [(title, [text[:LONGEST_TEXT] for text in texts]) for title, texts in articles]
        pieces = [piece for title, texts in articles for piece in (title[:_PIECE], *map(_first_piece, texts))]
        scans = iter(self._scan(pieces))
        return [
            (
                Snippet(title, _marks(title, next(scans).hits, 0)),
                self._snippet(texts, [next(scans) for _ in texts], chars),
            )
            for title, texts in articles
        ]

    def snippet(self, texts: Sequence[str], chars: int = SNIPPET_CHARS) -> Snippet:
        """At most `chars` characters of the first of the texts that covers most of the query.

        Whole sentences where they fit; the beginning of the first text that is not empty, where nothing matches.
        """
        return self.shown([("", texts)], chars)[0][1]

    def highlight(self, text: str) -> Snippet:
        """A whole text, a title for example, with what matched marked."""
        return self.shown([(text, ())], 0)[0][0]

    def _snippet(self, texts: Sequence[str], scans: Sequence["_Scan"], chars: int) -> Snippet:
        best, best_score = Snippet("", ()), -1.0
        for text, scan in zip(texts, scans, strict=True):
            while scan.text:
                check_time()
                if 1.5 * _union(scan.hits).bit_count() > best_score:
                    score, begin, stop, inside = _best_window(scan, chars)
                    if score > best_score:
                        best, best_score = Snippet(scan.text[begin:stop], _marks(scan.text, inside, begin)), score
                        if self._all and _union(inside) == self._all:
                            return best
                text = text[len(scan.text) :]
                if not text:
                    break
                (scan,) = self._scan([_first_piece(text)])
        return best

    # -- finding -------------------------------------------------------------------------------------------

    def _scan(self, pieces: Sequence[str]) -> list["_Scan"]:
        """What matches in pieces of texts."""
        check_time()
        joined, begins = _joined(pieces)
        folded = _fold_letters(joined)
        own = [folded[begin : begin + len(piece)] + _PAD for begin, piece in zip(begins.tolist(), pieces, strict=True)]
        if _ODD not in folded:
            return list(map(_Scan, pieces, own, self._hits(joined, folded, begins)))
        cleaned = list(map(clean, pieces))  # decomposed, invisible or full-width letters: told as given
        joined, begins = _joined([piece.text for piece in cleaned])
        hits = [
            [(*piece.span(start, end), *rest) for start, end, *rest in found]
            for piece, found in zip(cleaned, self._hits(joined, _fold_letters(joined), begins), strict=True)
        ]
        return list(map(_Scan, pieces, own, hits))  # type: ignore[arg-type]

    def _hits(self, text: str, folded: bytes, begins: Array) -> list[list[_Hit]]:
        """What matches in each of the pieces that begin there."""
        starts, ends, exact, loose = self._found(text, folded, len(begins) * _MOST_CANDIDATES)
        piece = begins.searchsorted(starts, "right") - 1
        there = np.zeros(len(begins), self._kind)
        np.bitwise_or.at(there, piece, exact)
        places = exact | loose & (self._marked & ~there)[piece]
        places, beside = _in_context(starts, ends, places, piece, folded)
        seen = (places != 0).nonzero()[0]
        at = starts[seen].searchsorted([*begins, len(folded)]).tolist()
        starts, ends = starts - begins[piece], ends - begins[piece]
        hits = list(zip(*(column[seen].tolist() for column in (starts, ends, places, beside)), strict=True))
        return [hits[a:b] for a, b in pairwise(at)]

    def _found(self, text: str, folded: bytes, most: int) -> tuple[Array, Array, Array, Array]:
        """Start, end, what matches exactly and what but for accents: a column each, in order, none in another."""
        words = np.frombuffer(b" " + folded.translate(_AS_SYLLABLES) + b" " * 8, np.uint8)
        starts, ends = (column[:most] for column in _words_among(words, self._syllables))
        alone = _are_alone(folded, starts, ends)
        others = list(zip(starts[~alone].tolist(), ends[~alone].tolist(), strict=True))
        if self._pattern is not None:
            others += [match.span() for match in islice(in_time(self._pattern.finditer(folded)), most)]
        starts, ends = starts[alone], ends[alone]
        whole = self._whole
        read = [whole[text[a:b]] for a, b in in_time(zip(starts.tolist(), ends.tolist(), strict=True))]
        exact, loose = (np.array(c, self._kind) for c in (zip(*read, strict=True) if read else ((), ())))
        if not others:
            return starts, ends, exact, loose
        reads = self._reads
        more = [
            (start + a, start + b, *places)
            for start, end in in_time(self._affordable(dict.fromkeys(_chunk(folded, *span) for span in others)), 16)
            for a, b, *places in reads[text[start:end]]
        ]
        columns = zip(*more, strict=True) if more else ((),) * 4
        starts, ends, exact, loose = (
            np.append(own, np.array(c, own.dtype)) for own, c in zip((starts, ends, exact, loose), columns, strict=True)
        )
        order = np.lexsort((-ends, starts))  # longer ones first
        before = np.maximum.accumulate(ends[order])[:-1]
        order = order[np.append(True, starts[order[1:]] >= before)] if len(order) else order
        return starts[order], ends[order], exact[order], loose[order]

    def _affordable(self, chunks: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
        """Those of usual length, and of runs without a blank as many as a page may have; others are not marked."""
        for start, end in chunks:
            if end - start > _USUAL:
                self._long_left -= 1
                if self._long_left < 0:
                    continue
            yield start, end

    def _read_whole(self, word: str) -> tuple[_Places, _Places]:
        """What a syllable that is a chunk of its own matches exactly, and what but for accents."""
        exact = loose = 0
        for _, _, also, also_loose in self._read(word):
            exact, loose = exact | also, loose | also_loose
        return exact, loose

    def _read(self, word: str) -> _Read:
        """The parts of a word, or of a compound with blanks, that match; parts of what matches whole are in it."""
        read: list[tuple[int, int, _Places, _Places]] = []
        for token in _tokens[word]:
            folded = token.folded
            exact = self._exact.get(token.term, 0) | self._folded.get(folded, 0)
            for mark, place in self._ranges:
                form = folded if is_unmarked(mark.term) else token.term
                if mark.fits(form):
                    exact |= place
            loose = self._loose.get(folded, 0)
            if not exact | loose:
                continue
            if read and token.start < read[-1][1]:
                start, end, before, before_loose = read.pop()
                read.append((start, end, before | exact, before_loose | loose))
            else:
                read.append((token.start, token.end, exact, loose))
        return tuple(read)


def unmarked(title: str, texts: Sequence[str], chars: int) -> tuple[Snippet, Snippet]:
    """A title, and the beginning of the first text that is not empty, where there is no time to look what matched."""
    text = next((text for text in texts if text and not text.isspace()), "")
    text = text[:LONGEST_TEXT].strip()
    begin, end = _cut(text, 0, len(text), [], chars)
    return Snippet(title, ()), Snippet(text[begin:end].rstrip(), ())


_tokens: Memo[tuple[Token, ...]] = Memo(lambda word: tuple(tokenize(word)), limit=50_000)


def _bits(positions: Iterable[int]) -> dict[int, _Places]:
    """A bit for each position; there is a bit free between positions that do not follow one another."""
    bits: dict[int, _Places] = {}
    bit, last = 1, None
    for position in sorted(set(positions)):
        bit <<= 1 if last == position - 1 else 2
        bits[position], last = bit, position
    return bits


def _words_among(words: Array, wanted: Array) -> tuple[Array, Array]:
    """Start and end of the words that are among those wanted, numbers of at most eight letters.

    words: letters, blanks between words, one in front that is not counted and eight behind.
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


def _are_alone(folded: bytes, starts: Array, ends: Array) -> Array:
    """Which of the words are a chunk of their own, but for signs around it."""
    letters = np.frombuffer(folded, np.uint8)
    behind = letters[ends]
    alone: Array = _IS_BEFORE[letters[starts - 1]] & (
        _IS_BLANK[behind] | _IS_BEHIND[behind] & _IS_BLANK[letters[ends + 1]]
    )
    return alone


def _in_context(starts: Array, ends: Array, places: Array, piece: Array, folded: bytes) -> tuple[Array, Array]:
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


# -- which part ------------------------------------------------------------------------------------------


def _best_window(scan: _Scan, chars: int) -> tuple[float, int, int, list[_Hit]]:
    """Score, start, end and hits of the whole sentences that cover most of the query; the earliest among equals."""
    text, hits, sentences = scan.text, scan.hits, _Sentences(scan.folded)
    if sentences.first >= sentences.last:
        return -1.0, 0, 0, []
    starts = [hit[0] for hit in hits]
    best, best_score, most = sentences.first, 0.0, _score(hits)
    behind, tried = 0, -1
    for at, begin in in_time(enumerate(starts), 1):
        while behind < len(starts) and starts[behind] < begin + chars:
            behind += 1
        if 1.5 * (behind - at) <= best_score or _score(hits[at:behind]) <= best_score:
            continue  # no sentences that begin before this hit have more
        start = sentences.start(begin)
        if start == tried:
            continue
        tried, first = start, bisect_left(starts, start)
        score = _score(hits[first : min(bisect_left(starts, sentences.stop(start, chars)), first + chars)])
        if score > best_score:
            best, best_score = start, score
            if score == most:
                break
    start, stop = best, sentences.stop(best, chars)
    end = start + len(text[start:stop].rstrip())
    if end - start > chars and (before := sentences.start(stop - 1)) > start:
        end = start + len(text[start:before].rstrip())
    if end - start > chars:
        start, end = _cut(text, start, end, [hit for hit in hits if start <= hit[0] < end], chars)
    elif end - chars < start:  # whole sentences as long as they fit, those that follow first
        start = min(start, sentences.next(end - chars))
    inside = [hit for hit in hits if start <= hit[0] and hit[1] <= end]
    return _score(inside), start, end, inside


def _union(hits: Iterable[_Hit]) -> _Places:
    places = 0
    for hit in hits:
        places |= hit[2]
    return places


def _score(hits: Sequence[_Hit]) -> float:
    """How many of the query's words are there, and half as much for each that stands beside its neighbour."""
    places, beside = 0, 0
    for hit in hits:
        places |= hit[2]
        beside += hit[3]
    distinct = places.bit_count()
    return distinct + 0.5 * min(beside, distinct)


def _cut(text: str, start: int, end: int, hits: list[_Hit], chars: int) -> tuple[int, int]:
    """`chars` characters of a long sentence around its densest hits, cut at blanks."""
    best, best_score, last = start, -1.0, 0
    for number, first in enumerate(hits):
        last = max(last, number)
        while last < len(hits) and hits[last][1] <= first[0] + chars * 3 // 4:
            last += 1
        score = _score(hits[number : min(last, number + chars)])
        if score > best_score:
            best, best_score = first[0], score
    begin = max(start, best - chars // 4) if hits else start
    begin = min(begin, max(start, end - chars))
    stop = min(end, begin + chars)
    if begin > start and (blank := text.find(" ", begin, min(stop, best) + 1)) >= 0:
        begin = blank + 1
    if stop < end and (blank := text.rfind(" ", begin, stop)) > begin:
        stop = blank
    return begin, stop


def _marks(text: str, hits: Sequence[_Hit], base: int) -> tuple[tuple[int, int], ...]:
    """The stretches to mark, counted from `base`: neighbouring words as one."""
    marks: list[tuple[int, int]] = []
    for start, end, *_ in hits:
        if marks and start <= marks[-1][1] + 1 and not text[marks[-1][1] : start].strip(" "):
            marks[-1] = (marks[-1][0], max(marks[-1][1], end))
        else:
            marks.append((start, end))
    return tuple((start - base, end - base) for start, end in marks)


# -- letters ---------------------------------------------------------------------------------------------

_ODD, _LETTER = b"\xfe", b"\xff"  # what must be cleaned first; a letter or digit that has no ASCII letter of its own
_WORD = rb"a-z0-9\xff"
# one letter for i and y, which the key of a syllable does not always tell apart; blanks for what is in no word
_AS_SYLLABLES = bytes(
    ord("i") if c == ord("y") else c if c < 128 and chr(c).isalnum() or c == _LETTER[0] else ord(" ")
    for c in range(256)
)
_PAD = b"  "  # behind a text, so that there is a letter behind each, and a blank in front of the first
_BREAK = "\n\n"  # between texts; nothing that may match has two
_IS_BLANK = np.isin(np.arange(256), list(b" \n"))
_IS_BEFORE = np.isin(np.arange(256), list(b' \n("'))  # what stands in front of a word that is a chunk of its own
_IS_BEHIND = np.isin(np.arange(256), list(b'.,;:!?)"'))  # and behind it, with a blank
_LETTERS_OF = np.array([(1 << 8 * length) - 1 for length in range(9)], np.uint64)  # of so long a word, in eight bytes
_BETWEEN = bytes(c for c in range(128) if not chr(c).isalnum()) + b"\x01"
# no sentence ends behind an initial or a title: TP. Huế, PGS. TS. Nguyễn Văn A. Bình
_sentence_end = re.compile(
    rb"""[.!?\n](?:(?<=\n)\s*"""
    rb"""|(?=[ "')])(?<!\b[a-z]\.)(?<!\b(?:tp|tx|tt|gs|ts|bs|ks)\.)(?<!\b(?:pgs|ths)\.)["')]?[ ]+(?=[^ \n]))"""
).match
_AS_STOPS = bytes(ord(".") if chr(c) in "!?\n" else c for c in range(256))


@cache
def _letters() -> Array:
    """Code point -> one byte: a letter without its marks, a digit, a blank, a sign."""
    table = np.full(1 << 16, _LETTER[0], np.uint8)
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
    table[np.array(every)[odd]] = _ODD[0]
    return table


def _fold_letters(text: str) -> bytes:
    """The text without marks and capitals, one byte a character."""
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    return bytes(_letters().take(points, mode="clip").tobytes())


def _joined(pieces: Sequence[str]) -> tuple[str, Array]:
    """The pieces as one text, padded, and where each begins."""
    lengths = np.array([len(piece) + len(_BREAK) for piece in pieces])
    return _BREAK.join(pieces) + _PAD.decode(), np.cumsum(lengths) - lengths


def _first_piece(text: str) -> str:
    """What of a text is looked at in one go."""
    if len(text) <= _PIECE:
        return text
    end = max(text.rfind("\n", 0, _PIECE), text.rfind(" ", 0, _PIECE)) + 1
    return text[: end or _PIECE]


def _chunk(folded: bytes, start: int, end: int) -> tuple[int, int]:
    """A candidate with all that stands around it without a blank; what is longer than any compound is cut."""
    before = folded[max(0, start - 100) : start]
    behind = folded[end : end + 100]
    start -= len(before) - 1 - max(before.rfind(b" "), before.rfind(b"\n"))
    blank = _BLANK.search(behind)
    return start, end + (blank.start() if blank else len(behind))


_BLANK = re.compile(rb"[ \n]")


class _Sentences:
    """Where sentences begin and end in a folded text, looked for around what is asked; the end of a line ends one."""

    def __init__(self, folded: bytes) -> None:
        self._folded = folded.replace(_ODD, _LETTER)
        self._stops = folded.translate(_AS_STOPS)
        self.first, self.last = len(folded) - len(self._folded.lstrip()), len(self._folded.rstrip())

    def start(self, at: int) -> int:
        """Where the sentence begins that holds the character `at`."""
        stop = at
        while (stop := self._stops.rfind(b".", self.first, stop)) >= 0:
            check_time()
            if (gap := _sentence_end(self._folded, stop, self.last)) and gap.end() <= at:
                return gap.end()
        return self.first

    def next(self, at: int) -> int:
        """Where the first sentence begins that does not begin before `at`; or where the text ends."""
        if at <= self.first:
            return self.first
        stop = max(at - 2, self.first - 1)  # a sign and a blank, at least, are in front
        if self.start(min(at, self.last)) == at:
            return at
        while (stop := self._stops.find(b".", stop + 1, self.last)) >= 0:
            check_time()
            if (gap := _sentence_end(self._folded, stop, self.last)) and gap.end() > at:
                return gap.end()
        return self.last

    def stop(self, start: int, chars: int) -> int:
        """Where the last sentence ends that fits behind `start`, a blank at its end not counted; the first at least."""
        if start + chars + 1 >= self.last:
            return self.last
        stop = self.start(start + chars + 1)
        return stop if stop > start else self.next(start + chars + 1)


# -- one expression for all that was asked for ---------------------------------------------------------------


@lru_cache(10_000)
def _plain_syllable(term: str) -> bytes | None:
    """What is looked for, where that is a syllable that is written in one way only but for its accents."""
    form = _fold_letters(folded_term(term))
    if _LETTER in _fold_letters(term) or not form.isalpha() or _written(form) != {_spelled(form)}:
        return None
    return form.translate(_AS_SYLLABLES)


def _pattern(marks: Sequence[Mark]) -> "re.Pattern[bytes] | None":
    """Finds everything that may match, and more; longer alternatives first.

    Each alternative opens with a plain letter, so that the scan runs at the speed of a search for letters.
    """
    forms = sorted(set().union(*map(_forms, marks)), key=lambda form: (-len(form), form))
    return re.compile(b"(?:" + b"|".join(map(_after_no_letter, forms)) + rb")(?![%s])" % _WORD) if forms else None


def _forms(mark: Mark) -> set[bytes]:
    form = _fold_letters(folded_term(mark.term))
    if _LETTER in _fold_letters(mark.term):  # of another alphabet: whatever holds such a letter
        return {_LETTER + rb"[%s]*" % _WORD, rb"[a-z0-9][a-z0-9]*\xff[%s]*" % _WORD}
    if mark.pattern:
        any_ = rb"[%s]" % _WORD
        after = {ord("?"): any_, ord("*"): any_ + b"*"}
        rest = b"".join(after.get(c) or _spelled(bytes((c,))) for c in form)
        # an alternative opens with a letter, so "*" in front is none or one and more
        return (
            {rest[len(any_) + 1 :], b"[a-z0-9]" + rest}
            if form[:1] == b"*"
            else {b"[a-z0-9]" + rest[len(any_) :] if form[:1] == b"?" else rest}
        )
    if mark.prefix:
        return {_spelled(form) + rb"[%s]*" % _WORD}
    if mark.edits:
        least, most = max(0, len(form) - 1 - mark.edits), len(form) - 1 + mark.edits
        return {form[:1] + rb"[%s]{%d,%d}" % (_WORD, least, most)}
    return _written(form)


def _after_no_letter(form: bytes) -> bytes:
    """The expression, not within a word: asked behind the first letter, which keeps that letter in front."""
    first = form[: form.index(b"]") + 1] if form[:1] == b"[" else form[:1]
    return first + rb"(?<![%s]%s)" % (_WORD, first) + form[len(first) :]


def _spelled(form: bytes) -> bytes:
    """i and y are one letter at the end of some syllables; initials are written with signs between."""
    return b"".join(b"[iy]" if c in b"iy" else re.escape(bytes((c,))) for c in form)


def _written(form: bytes) -> set[bytes]:
    """How a folded term may be written: dots in a number, blanks in the number of a document, dates in words."""
    if re.fullmatch(rb"\d{4}-\d\d(-\d\d)?|\d\d?/\d\d?", form):
        return {rb"[0-9][-0-9/.]{2,9}", rb"ngay\s\d\d?\sthang\s\d\d?(?:,?\snam\s\d{4})?"}
    if re.fullmatch(rb"\d\d?:\d\d", form):
        return {rb"[0-9][0-9]?[:hg][0-9]{2}"}
    if m := re.fullmatch(rb"(\d+)(,\d+)?(%|d|usd)?", form):
        unit = {None: b"", b"%": b"%", b"d": b"(?:dong|d|vnd)", b"usd": b"usd"}[m[3]]
        return {rb"[.,]?".join(b"%c" % digit for digit in m[1]) + (m[2] or b"") + unit}
    pieces = [rb"t[.]?[uw]" if piece == b"tw" else _spelled(piece) for piece in re.findall(rb"[a-z0-9]+", form)]
    if len(pieces) != 1:  # the number of a document, an address
        return {(rb"[^%s\n]{1,3}" % _WORD).join(pieces)} if pieces else set()
    if len(form) > 7 or not re.search(rb"[aeiouy]", form) or long_forms(form.decode("latin-1")):  # or hyphenated
        return {rb"[-.&]?".join(_spelled(b"%c" % letter) for letter in form)} if form != b"tw" else set(pieces)
    return {_spelled(form)}
