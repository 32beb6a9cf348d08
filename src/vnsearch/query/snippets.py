"""The sentences of an article that answer a query, with what matched marked in them.

Text and offsets only; `Snippet.html` and `Snippet.ansi` dress it.  The text is a slice of the
article as stored, whatever spelling matched.
"""

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ..text.fold import is_unmarked
from ..text.tokenize import Token, folded_term, tokenize

SNIPPET_CHARS = 240
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”’)]?\s+(?=\S)|\n+")
_LONGEST_TEXT = 200_000  # characters of a body that are looked at for a snippet


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of an article; highlights are (start, end) character offsets into `text`, in order."""

    text: str
    highlights: tuple[tuple[int, int], ...]

    def html(self, before: str = "<mark>", after: str = "</mark>") -> str:
        """The snippet as HTML: everything but the marks is escaped."""
        return self._dressed(before, after, html.escape)

    def ansi(self) -> str:
        """The snippet for a terminal, matches bold."""
        return self._dressed("\x1b[1;33m", "\x1b[0m", _printable)

    def _dressed(self, before: str, after: str, escape: Callable[[str], str]) -> str:
        pieces, done = [], 0
        for start, end in self.highlights:
            pieces += [escape(self.text[done:start]), before, escape(self.text[start:end]), after]
            done = end
        return "".join([*pieces, escape(self.text[done:])])


def _printable(text: str) -> str:
    """Without control characters: an article must not be able to steer a terminal."""
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text)


@dataclass(frozen=True, slots=True)
class _Hit:
    start: int
    end: int
    position: int
    places: frozenset[int]  # positions in the query that it matches


def make_snippet(texts: Sequence[str], wanted: Sequence[Token], chars: int = SNIPPET_CHARS) -> Snippet:
    """The best `chars` characters of the first of the texts that covers most of a query's tokens.

    The beginning of the first text that is not empty, where nothing matches.
    """
    best, best_score = Snippet("", ()), -1.0
    for text in texts:
        text = text[:_LONGEST_TEXT]
        hits = _hits(text, wanted)
        score, start, end = _best_window(text, hits, chars)
        if score > best_score:
            inside = [hit for hit in hits if start <= hit.start and hit.end <= end]
            marks = tuple((a - start, b - start) for a, b in _marks(text, inside))
            best, best_score = Snippet(text[start:end], marks), score
    return best


def highlight(text: str, wanted: Sequence[Token]) -> Snippet:
    """A whole text, a title for example, with what matched marked."""
    return Snippet(text, tuple(_marks(text, _hits(text, wanted))))


def _hits(text: str, wanted: Sequence[Token]) -> list[_Hit]:
    """The tokens of a text that a query's tokens match, exactly where typed with marks, else folded.

    A query's token typed with marks also takes other accents, but only where it has no exact match.
    """
    if not wanted:
        return []
    exact: dict[str, set[int]] = {}
    folded: dict[str, set[int]] = {}
    for token in wanted:
        (folded if is_unmarked(token.term) else exact).setdefault(token.term, set()).add(token.position)
    tokens = tokenize(text)
    found = [(t, exact.get(t.term, set()) | folded.get(t.folded, set())) for t in tokens]
    missing = set().union(*exact.values()).difference(*(places for _, places in found))
    if missing:
        loose: dict[str, set[int]] = {}
        for term, places in exact.items():
            if places <= missing:
                loose.setdefault(folded_term(term), set()).update(places)
        found = [(t, places | loose.get(t.folded, set())) for t, places in found]
    return _in_context([_Hit(t.start, t.end, t.position, frozenset(places)) for t, places in found if places])


def _in_context(hits: list[_Hit]) -> list[_Hit]:
    """Without chance matches: "dan van" means dân vận, not đàn here and văn there.

    A token of the query that somewhere stands beside its neighbour in the query keeps only those places.
    """
    at: dict[int, set[int]] = {}
    for hit in hits:
        at.setdefault(hit.position, set()).update(hit.places)

    def beside(hit: _Hit, place: int) -> bool:
        return place + 1 in at.get(hit.position + 1, ()) or place - 1 in at.get(hit.position - 1, ())

    paired = {place for hit in hits for place in hit.places if beside(hit, place)}
    return [hit for hit in hits if any(beside(hit, p) or p not in paired for p in hit.places)]


def _best_window(text: str, hits: list[_Hit], chars: int) -> tuple[float, int, int]:
    """Score, start and end of the stretch of sentences that covers most of the query; the earliest among equals."""
    sentences = _sentences(text)
    if not sentences:
        return -1.0, 0, 0
    best, best_score, at = 0, -1.0, 0
    for number, (start, end) in enumerate(sentences):
        while at < len(hits) and hits[at].start < start:
            at += 1
        inside = []
        for hit in hits[at:]:
            if hit.start >= min(end, start + 4 * chars):
                break
            inside.append(hit)
        distinct = len({n for hit in inside for n in hit.places})
        adjacent = sum(b.position == a.position + 1 for a, b in pairwise(inside))
        score = distinct + 0.5 * min(adjacent, distinct)
        if score > best_score:
            best, best_score = number, score
    start, end = sentences[best]
    if end - start > chars:
        return best_score, *_cut(text, start, end, [h for h in hits if start <= h.start < end], chars)
    following = best + 1  # whole sentences as long as they fit
    while following < len(sentences) and sentences[following][1] - start <= chars:
        end = sentences[following][1]
        following += 1
    return best_score, start, end


def _sentences(text: str) -> list[tuple[int, int]]:
    spans, start = [], 0
    for gap in _SENTENCE_END.finditer(text):
        spans.append((start, gap.start() + len(gap.group()) - len(gap.group().lstrip('"”’)'))))
        start = gap.end()
    spans.append((start, len(text)))
    return [(a, b) for a, b in spans if text[a:b].strip()]


def _cut(text: str, start: int, end: int, hits: list[_Hit], chars: int) -> tuple[int, int]:
    """`chars` characters of a long sentence around its densest hits, cut at blanks."""
    best = (0, start)
    for first in hits:
        covered = {
            n
            for hit in hits
            if first.start <= hit.start and hit.end <= first.start + chars * 3 // 4
            for n in hit.places
        }
        best = max(best, (len(covered), first.start), key=lambda b: (b[0], -b[1]))
    begin = max(start, best[1] - chars // 4) if hits else start
    begin = min(begin, max(start, end - chars))
    stop = min(end, begin + chars)
    if begin > start and (blank := text.find(" ", begin, stop)) >= 0:
        begin = blank + 1
    if stop < end and (blank := text.rfind(" ", begin, stop)) > begin:
        stop = blank
    return begin, stop


def _marks(text: str, hits: Sequence[_Hit]) -> list[tuple[int, int]]:
    """The stretches to mark: neighbouring words as one."""
    marks: list[tuple[int, int]] = []
    for hit in hits:
        if marks and hit.start <= marks[-1][1] + 1 and not text[marks[-1][1] : hit.start].strip(" "):
            marks[-1] = (marks[-1][0], max(marks[-1][1], hit.end))
        else:
            marks.append((hit.start, hit.end))
    return marks
