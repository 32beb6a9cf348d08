"""What a person meant by a query: the words of it as read, each beside what was typed.

`cong an, tinh Binh Dinh` as `công an, tỉnh Bình Định`: cong as công (marks), an as it is, ...

Only words are read: quotes, operators, fields and their filters, numbers and punctuation stay as typed, and so does
what is excluded.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..errors import QueryError
from ..index.segment import Segment
from ..text.fold import is_unmarked
from ..text.tokenize import tokenize
from . import parse
from .context import Context

_MOST_WORDS = 64  # of a query that are read


class Word(NamedTuple):
    """A word of the query as typed, and as read.

    kind: what was done to it: "" nothing, "marks" (diacritics put on), "slip" (a slip of the finger or a wrong mark
    mended), "keyboard" (Telex or VNI sequences), "sound" (letters that some pronounce alike), "blank" (a blank put in
    or, `typed` holding it, taken out).
    """

    start: int  # text[start:end] is what was typed
    end: int
    typed: str
    spelled: str  # in the capitals typed; with blanks where some were put in
    kind: str


class Reading(NamedTuple):
    """A query as read.  confident: nothing else it may mean is nearly as likely, so it may be searched unasked."""

    text: str
    words: tuple[Word, ...]
    confident: bool


class Typed(NamedTuple):
    """A word of a query, its key, where it stands.  fixed: a number or a part of one, which means what it says."""

    text: str
    key: str
    start: int
    fixed: bool


def read(segments: Sequence[Segment], context: Context, text: str) -> Reading | None:
    """The likeliest reading of a query; None where it cannot be read: wrong grammar, no words, or too many.

    A query typed without diacritics is read with them, so `words` says what each of its syllables is; where all words
    stay as typed, so does the text.  Costs about a millisecond for a few words.
    """
    from .suggest import read_run

    try:
        runs = [run for run in _runs(parse.parse(text), text) if run]
    except QueryError:
        return None
    if not 0 < sum(map(len, runs)) <= _MOST_WORDS:
        return None
    unmarked = all(is_unmarked(word.text) for run in runs for word in run)
    words: list[Word] = []
    for run in runs:
        words += read_run(segments, context, run, unmarked)
    for word in reversed(words):
        text = text[: word.start] + word.spelled + text[word.end :]
    return Reading(text, tuple(words), True)


def _runs(tree: parse.Node, text: str) -> Iterator[list[Typed]]:
    """The plain words of a query that stand side by side; phrases are runs of their own; nothing that is excluded."""
    match tree:
        case parse.Phrase(inside, _, column):
            yield _typed(inside, column, text)
        case parse.Word(inside, column):
            yield _typed(inside, column - 1, text)
        case parse.InField(field, item, _):
            if field in ("title", "lead", "body"):
                yield from _runs(item, text)
        case parse.Required(item):
            yield from _runs(item, text)
        case parse.Both(items) | parse.Either(items):
            for item in items:
                yield from _runs(item, text)
        case parse.Group(items):
            run: list[Typed] = []
            for item in items:
                if isinstance(item, parse.Word):
                    run += _typed(item.text, item.column - 1, text)
                    continue
                yield run
                run = []
                yield from _runs(item, text)
            yield run


def _typed(inside: str, start: int, text: str) -> list[Typed]:
    """The smallest tokens of a part of the query; none where its letters are not as the parser gives them."""
    if not text.startswith(inside, start):
        return []
    found: list[Typed] = []
    fixed_to = 0
    for term, begin, end, _, width, kind in tokenize(inside):
        if width > 1:  # its parts follow
            fixed_to = max(fixed_to, end if kind not in ("compound", "date") else 0)
        else:
            fixed = kind not in ("word", "compound") or end <= fixed_to
            found.append(Typed(inside[begin:end], term, start + begin, fixed))
    return found
