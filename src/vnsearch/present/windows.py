"""The best window of a text: which sentences answer the query, and where they are cut."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias

from ..deadline import check_time, in_time
from .letters import LETTER, ODD

QueryBits: TypeAlias = int  # a set of places in the query, one bit each; neighbours there are neighbours here
Hit: TypeAlias = tuple[int, int, QueryBits, bool]  # start, end, matched; the hit before stands beside it


class Scan(NamedTuple):
    """A piece of a text: its letters folded, and what matches in it."""

    text: str
    folded: bytes
    hits: list[Hit]


# -- which part ------------------------------------------------------------------------------------------


def best_window(scan: Scan, chars: int) -> tuple[float, int, int, list[Hit]]:
    """Score, start, end and hits of the whole sentences that cover most of the query; the earliest among equals."""
    text, hits, sentences = scan.text, scan.hits, _Sentences(scan.folded)
    if sentences.first >= sentences.last:
        return -1.0, 0, 0, []
    starts = [hit[0] for hit in hits]
    best, best_score, most = sentences.first, 0.0, score_of(hits)
    behind, tried = 0, -1
    for at, begin in in_time(enumerate(starts), 1):
        while behind < len(starts) and starts[behind] < begin + chars:
            behind += 1
        if 1.5 * (behind - at) <= best_score or score_of(hits[at:behind]) <= best_score:
            continue  # no sentences that begin before this hit have more
        start = sentences.start(begin)
        if start == tried:
            continue
        tried, first = start, bisect_left(starts, start)
        score = score_of(hits[first : min(bisect_left(starts, sentences.stop(start, chars)), first + chars)])
        if score > best_score:
            best, best_score = start, score
            if score == most:
                break
    start, stop = best, sentences.stop(best, chars)
    end = start + len(text[start:stop].rstrip())
    if end - start > chars and (before := sentences.start(stop - 1)) > start:
        end = start + len(text[start:before].rstrip())
    if end - start > chars:
        start, end = cut_window(text, start, end, [hit for hit in hits if start <= hit[0] < end], chars)
    elif end - chars < start:  # whole sentences as long as they fit, those that follow first
        start = min(start, sentences.next(end - chars))
    inside = [hit for hit in hits if start <= hit[0] and hit[1] <= end]
    return score_of(inside), start, end, inside


def union(hits: Iterable[Hit]) -> QueryBits:
    places = 0
    for hit in hits:
        places |= hit[2]
    return places


def score_of(hits: Sequence[Hit]) -> float:
    """How many of the query's words are there, and half as much for each that stands beside its neighbour."""
    places, beside = 0, 0
    for hit in hits:
        places |= hit[2]
        beside += hit[3]
    distinct = places.bit_count()
    return distinct + 0.5 * min(beside, distinct)


def cut_window(text: str, start: int, end: int, hits: list[Hit], chars: int) -> tuple[int, int]:
    """`chars` characters of a long sentence around its densest hits, cut at blanks."""
    best, best_score, last = start, -1.0, 0
    for number, first in in_time(enumerate(hits), 8):
        last = max(last, number)
        while last < len(hits) and hits[last][1] <= first[0] + chars * 3 // 4:
            last += 1
        score = score_of(hits[number : min(last, number + chars)])
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


def marks_of(text: str, hits: Sequence[Hit], base: int) -> tuple[tuple[int, int], ...]:
    """The stretches to mark, counted from `base`: neighbouring words as one."""
    marks: list[tuple[int, int]] = []
    for start, end, *_ in hits:
        if marks and start <= marks[-1][1] + 1 and not text[marks[-1][1] : start].strip(" "):
            marks[-1] = (marks[-1][0], max(marks[-1][1], end))
        else:
            marks.append((start, end))
    return tuple((start - base, end - base) for start, end in marks)


# no sentence ends after an initial or a title: TP. Huế, PGS. TS. Nguyễn Văn A. Bình
_sentence_end = re.compile(
    rb"""[.!?\n](?:(?<=\n)\s*"""
    rb"""|(?=[ "')])(?<!\b[a-z]\.)(?<!\b(?:tp|tx|tt|gs|ts|bs|ks)\.)(?<!\b(?:pgs|ths)\.)["')]?[ ]+(?=[^ \n]))"""
).match
_AS_STOPS = bytes(ord(".") if chr(c) in "!?\n" else c for c in range(256))


class _Sentences:
    """Where sentences begin and end in a folded text, looked for around what is asked; the end of a line ends one."""

    def __init__(self, folded: bytes) -> None:
        self._folded = folded.replace(ODD, LETTER)
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
        """Where the last sentence ends that fits after `start`, a blank at its end not counted; the first at least."""
        if start + chars + 1 >= self.last:
            return self.last
        stop = self.start(start + chars + 1)
        return stop if stop > start else self.next(start + chars + 1)
