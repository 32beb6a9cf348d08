"""The sentences of an article that answer a query, with what matched marked in them.

Text and offsets only; `Snippet.html` and `Snippet.ansi` dress it.  The text is a slice of the article
as stored, whatever spelling matched.

Only what may match is tokenized: the texts of a page of hits are folded letter by letter (one NumPy look-up, so
offsets stay), syllables that were requested are looked up in them as numbers of eight bytes, anything else by one
regular expression, and the tokenizer, asked about these few words alone, decides, once a search for each spelling.

    >>> from vnsearch.query.planner import plan
    >>> Marker(plan("dan van").marked).snippet(("Ban Dân vận họp.",)).html()
    'Ban <mark>Dân vận</mark> họp.'
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, pairwise
from typing import TypeAlias

import numpy as np

from ..arrays import Array
from ..deadline import check_time, in_time
from ..query.plan import Mark
from ..text.fold import is_unmarked
from ..text.memo import Memo
from ..text.normalize import clean
from ..text.tokenize import Token, folded_term, tokenize
from .forms import pattern_of, plain_syllable
from .letters import AS_SYLLABLES, ODD, PAD, are_alone, chunk_around, fold_letters, in_context, join, words_among
from .snippet import SNIPPET_CHARS, Snippet
from .windows import Hit, QueryBits, Scan, best_window, cut_window, marks_of, union

LONGEST_TEXT = 1_000_000  # characters of a text that are examined; a match after them is found but not shown
_PIECE = 1 << 16  # characters that are examined in one go: a long text is left once all that was requested is found
_MOST_CANDIDATES = 1_000  # of a piece
_USUAL, _MOST_LONG = (
    80,
    400,
)  # characters of a chunk; longer ones of a page, each of which takes a third of a millisecond
_Read: TypeAlias = tuple[tuple[int, int, QueryBits, QueryBits], ...]  # start, end, matched, matched but for accents


class Marker:
    """Marks what a query matches; made once a search, asked for each of its articles.  Safe to share by threads."""

    def __init__(self, wanted: Iterable[Mark | Token]) -> None:
        marks = [mark if isinstance(mark, Mark) else Mark(mark.term, mark.position) for mark in wanted]
        bits = _bits(mark.position for mark in marks)
        self._exact: dict[str, QueryBits] = {}
        self._folded: dict[str, QueryBits] = {}
        self._loose: dict[str, QueryBits] = {}
        self._ranges: list[tuple[Mark, QueryBits]] = []
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
        plain = {m: key for m in marks if not m.is_range and (key := plain_syllable(m.term))}
        self._syllables = np.array([int.from_bytes(key, "little") for key in sorted(set(plain.values()))], np.uint64)
        self._pattern = pattern_of([mark for mark in marks if mark not in plain])
        self._kind = np.dtype(np.int64 if self._all.bit_length() < 63 else object)
        self._long_left = _MOST_LONG
        self._reads: Memo[_Read] = Memo(self._read)
        self._whole: Memo[tuple[QueryBits, QueryBits]] = Memo(self._read_whole)

    def shown(self, articles: Sequence[tuple[str, Sequence[str]]], chars: int) -> list[tuple[Snippet, Snippet]]:
        """The marked title and the snippet of each article, given as a title and its texts."""
        self._long_left = _MOST_LONG
        articles = [(title, [text[:LONGEST_TEXT] for text in texts]) for title, texts in articles]
        pieces = [piece for title, texts in articles for piece in (title[:_PIECE], *map(_first_piece, texts))]
        scans = iter(self._scan(pieces))
        return [
            (
                Snippet(title, marks_of(title, next(scans).hits, 0)),
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

    def _snippet(self, texts: Sequence[str], scans: Sequence["Scan"], chars: int) -> Snippet:
        best, best_score = Snippet("", ()), -1.0
        for text, scan in zip(texts, scans, strict=True):
            while scan.text:
                check_time()
                if 1.5 * union(scan.hits).bit_count() > best_score:
                    score, begin, stop, inside = best_window(scan, chars)
                    if score > best_score:
                        best, best_score = Snippet(scan.text[begin:stop], marks_of(scan.text, inside, begin)), score
                        if self._all and union(inside) == self._all:
                            return best
                text = text[len(scan.text) :]
                if not text:
                    break
                (scan,) = self._scan([_first_piece(text)])
        return best

    # -- finding -------------------------------------------------------------------------------------------

    def _scan(self, pieces: Sequence[str]) -> list["Scan"]:
        """What matches in pieces of texts."""
        check_time()
        joined, begins = join(pieces)
        folded = fold_letters(joined)
        own = [folded[begin : begin + len(piece)] + PAD for begin, piece in zip(begins.tolist(), pieces, strict=True)]
        if ODD not in folded:
            return list(map(Scan, pieces, own, self._hits(joined, folded, begins)))
        cleaned = list(map(clean, pieces))  # decomposed, invisible or full-width letters: told as given
        joined, begins = join([piece.text for piece in cleaned])
        hits = [
            [(*piece.span(start, end), *rest) for start, end, *rest in found]
            for piece, found in zip(cleaned, self._hits(joined, fold_letters(joined), begins), strict=True)
        ]
        return list(map(Scan, pieces, own, hits))  # type: ignore[arg-type]

    def _hits(self, text: str, folded: bytes, begins: Array) -> list[list[Hit]]:
        """What matches in each of the pieces that begin there."""
        starts, ends, exact, loose = self._found(text, folded, len(begins) * _MOST_CANDIDATES)
        piece = begins.searchsorted(starts, "right") - 1
        there = np.zeros(len(begins), self._kind)
        np.bitwise_or.at(there, piece, exact)
        places = exact | loose & (self._marked & ~there)[piece]
        places, beside = in_context(starts, ends, places, piece, folded)
        seen = (places != 0).nonzero()[0]
        at = starts[seen].searchsorted([*begins, len(folded)]).tolist()
        starts, ends = starts - begins[piece], ends - begins[piece]
        hits = list(zip(*(column[seen].tolist() for column in (starts, ends, places, beside)), strict=True))
        return [hits[a:b] for a, b in pairwise(at)]

    def _found(self, text: str, folded: bytes, most: int) -> tuple[Array, Array, Array, Array]:
        """Start, end, what matches exactly and what but for accents: a column each, in order, none in another."""
        words = np.frombuffer(b" " + folded.translate(AS_SYLLABLES) + b" " * 8, np.uint8)
        starts, ends = (column[:most] for column in words_among(words, self._syllables))
        alone = are_alone(folded, starts, ends)
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
        chunks = (chunk_around(folded, *span) for span in others)
        more = [
            (start + a, start + b, *places)
            for start, end in in_time(self._affordable(dict.fromkeys(chunks)), 16)
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
        """The texts of usual length, and of runs without a blank as many as a page may have; others are not marked."""
        for start, end in chunks:
            if end - start > _USUAL:
                self._long_left -= 1
                if self._long_left < 0:
                    continue
            yield start, end

    def _read_whole(self, word: str) -> tuple[QueryBits, QueryBits]:
        """What a syllable that is a chunk of its own matches exactly, and what but for accents."""
        exact = loose = 0
        for _, _, also, also_loose in self._read(word):
            exact, loose = exact | also, loose | also_loose
        return exact, loose

    def _read(self, word: str) -> _Read:
        """The parts of a word, or of a compound with blanks, that match; parts of what matches whole are in it."""
        read: list[tuple[int, int, QueryBits, QueryBits]] = []
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
    begin, end = cut_window(text, 0, len(text), [], chars)
    return Snippet(title, ()), Snippet(text[begin:end].rstrip(), ())


_tokens: Memo[tuple[Token, ...]] = Memo(lambda word: tuple(tokenize(word)), limit=50_000)


def _bits(positions: Iterable[int]) -> dict[int, QueryBits]:
    """A bit for each position; there is a bit free between positions that do not follow one another."""
    bits: dict[int, QueryBits] = {}
    bit, last = 1, None
    for position in sorted(set(positions)):
        bit <<= 1 if last == position - 1 else 2
        bits[position], last = bit, position
    return bits


def _first_piece(text: str) -> str:
    """What of a text is examined in one go."""
    if len(text) <= _PIECE:
        return text
    end = max(text.rfind("\n", 0, _PIECE), text.rfind(" ", 0, _PIECE)) + 1
    return text[: end or _PIECE]
