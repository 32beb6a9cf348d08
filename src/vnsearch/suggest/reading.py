"""What a person meant by a query: the words of it as read, each beside what was typed.

`cong an, tinh Binh Dinh` as `công an, tỉnh Bình Định`: cong as công (marks), an as it is, ...

Only words are read: quotes, operators, fields and their filters, numbers and punctuation stay as typed, and so does
what is excluded.  How else words may be understood: `ways`.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from ..deadline import check_time
from ..errors import QueryError
from ..index.segment_reader import Segment
from ..query import syntax
from ..query.meant import unread
from ..text.fold import is_unmarked
from ..text.tokenize import folded_term, tokenize
from . import language, slips
from .chain import Note
from .cooccurrence import Context
from .likeliest import in_a_row, judge, likeliest, met, met_in_index, met_in_language, side_by_side, with_chances
from .ways import MARKS, VOWEL, Typed, Way, as_typed, blanks, keyboards, with_slips

_MOST_WORDS = 64  # of a query that are read
_CLEARLY = 1.0  # e-fold likelier than anything else


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
    what: str = ""  # which slip it was, as `data/slips.tsv` names them


class Reading(NamedTuple):
    """A query as read.  confident: nothing else it may mean is nearly as likely, so it may be searched unasked.

    found: words that were typed without a blank between are side by side in the index, with a neighbour or as one of
    its words; where they are not, the reading is searched if nothing else is found, but not suggested, as texts have
    words that were printed so.
    """

    text: str
    words: tuple[Word, ...]
    confident: bool
    found: bool


def read(segments: Sequence[Segment], context: Context, text: str) -> Reading | None:
    """The likeliest reading of a query; None where it cannot be read: wrong grammar, no words, or too many.

    A query typed without diacritics is read with them, so `words` says what each of its syllables is; where all words
    stay as typed, so does the text.  Costs about a millisecond for a few words.
    """
    try:
        runs = [run for run in _runs(syntax.parse(text), text) if run]
    except QueryError:
        return None
    if not 0 < sum(map(len, runs)) <= _MOST_WORDS:
        return None
    unmarked = all(is_unmarked(word.text) for run in runs for word in run)
    words: list[Word] = []
    best = [_read_run(context, run, unmarked) for run in runs]
    for run, one in zip(runs, best, strict=True):
        words += _words_of(run, one)
    better = text
    for word in reversed(words):
        better = better[: word.start] + word.spelled + better[word.end :]
    words = [word._replace(typed=text[word.start : word.end]) for word in words]
    found = all(_is_found(context, one) for one in best)
    return Reading(better, tuple(words), all(one.clear for one in best), found)


def slips_told(reading: Reading | None) -> list[str]:
    """What a reading takes for slips, a line each: which one, and in one of how many words it is believed to happen."""
    return [
        f"{word.spelled}, typed {word.typed} ({word.kind}: {word.what}, one of {math.exp(-cost):,.0f})"
        for word in (reading.words if reading else ())
        if word.what and (cost := slips.costs()[word.kind, word.what]) < 0
    ]


def spell(context: Context, words: Sequence[str]) -> Sequence[tuple[str, float]]:
    """How each of some words in a row is spelled, as `query.meant.unread` says; nothing of a slip is mended."""
    if len(words) > _MOST_WORDS:
        return unread(words)
    typed = [Typed(word, word, 0, not word.isalpha()) for word in words]
    places = [as_typed(context, word, is_unmarked(word.key)) for word in typed]
    best, found = with_chances(context, places)
    counts = met(context, best.words)
    beside = [[count >= _MET for count in counts[max(0, at - 1) : at + 1]] for at in range(len(words))]
    joined = sum(count >= _MET for count in counts)
    is_sentence = len(words) >= _SENTENCE and joined >= _JOINED * len(counts)
    if is_sentence:
        found = [_sharper(chances) for chances in found]
    likely, half_met = (_LIKELY_IN_SENTENCE, 1.0) if is_sentence else (_LIKELY, _HALF_MET)
    return [
        (chances[0][0], min(chances[0][1], 1.0 if all(both) else half_met))
        if one.notes[0] == MARKS and any(both) and chances[0][1] >= likely
        else (word, 0.0)
        for word, one, chances, both in zip(words, places, found, beside, strict=True)
    ]


def _sharper(chances: Sequence[tuple[str, float]]) -> Sequence[tuple[str, float]]:
    """How probable spellings are whose neighbours belong to them: the likely ones more."""
    worth = [chance**_SHARPER for _, chance in chances]
    whole = sum(worth) / sum(chance for _, chance in chances)
    return [(spelling, own / whole) for (spelling, _), own in zip(chances, worth, strict=True)]


def _runs(tree: syntax.Node, text: str) -> Iterator[list[Typed]]:
    """The plain words of a query that stand side by side; phrases are runs of their own; nothing that is excluded."""
    match tree:
        case syntax.Phrase(inside, _, column):
            yield _typed(inside, column, text)
        case syntax.Word(inside, column):
            yield _typed(inside, column - 1, text)
        case syntax.InField(field, item, _):
            if field in ("title", "lead", "body"):
                yield from _runs(item, text)
        case syntax.Required(item):
            yield from _runs(item, text)
        case syntax.Both(items) | syntax.Either(items):
            for item in items:
                yield from _runs(item, text)
        case syntax.Group(items):
            run: list[Typed] = []
            for item in items:
                if isinstance(item, syntax.Word):
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


# -- what was meant --------------------------------------------------------------------------------------

_LONG = 8  # words: of more than so many, one that goes with either neighbour is as meant
_MOST_SUSPECTED = 3  # words of a query that are examined for slips
_FAR_OFTENER = 20  # as what it may be confused with is: then a word that goes with its neighbour is suspected, too
_MET = 2.0  # what stands together so often is no accident
_HALF_MET = 0.95  # how probable a spelling is at most, but in a sentence, that does not go with one of its neighbours
_LIKELY, _LIKELY_IN_SENTENCE = 0.4, 0.25  # spellings less probable are left open
_SENTENCE = 7  # words of a sentence at least; fewer are rather remembered, and stand apart
_JOINED = 0.92  # share of its words that go with the next one
_SHARPER = 1.6  # in a sentence chances are raised to this power
_SURE = 20  # occurrences of a word that a slip is mended to with no neighbour to tell


class _Meant(NamedTuple):
    """The likeliest words of a way.  cost: of its slips; clear: nothing else is nearly as likely."""

    way: Way
    words: tuple[str, ...]
    notes: tuple[Note, ...]
    cost: float
    clear: bool


def _read_run(context: Context, run: Sequence[Typed], unmarked: bool) -> _Meant:
    """Words that stand side by side, as read.

    unmarked: the whole query is typed without diacritics.
    """
    typed = Way([as_typed(context, word, unmarked) for word in run], [(n, n + 1) for n in range(len(run))])
    best, *_ = _meant(context, typed)
    if not (suspected := _suspected(context, run, best)):
        return best

    def better(way: Way) -> _Meant:
        check_time()
        found = best
        for other in _meant(context, way):
            slips_in_it = other.cost < 0  # which marks are likelier `likeliest` knows better
            if slips_in_it and _is_likelier(context, other, found) and _is_borne_out(context, run, other, unmarked):
                found = other
        return found

    for way in keyboards(context, run, typed, unmarked):
        best = better(way)
    keys = sum(note.kind == "keyboard" for note in best.notes)
    if keys > 1 and not _suspected(context, run, best):
        return best  # more than a slip, and nothing odd is left
    for way in blanks(context, run, typed, suspected, unmarked):
        best = better(way)
    near = with_slips(context, run, typed, suspected, unmarked)
    return better(near) if near else best


def _meant(context: Context, way: Way) -> list[_Meant]:
    paths = likeliest(context, way.places)
    clear = len(paths) == 1 or paths[1].score < paths[0].score - _CLEARLY
    return [_Meant(way, path.words, path.notes, path.cost + way.cost, clear) for path in paths]


def _suspected(context: Context, run: Sequence[Typed], meant: _Meant) -> list[int]:
    """The words that do not go with their neighbours, the oddest first."""
    odd: dict[int, float] = {}
    counts = met_in_language(meant.words)
    confused = _confused(meant.words) if len(run) <= _LONG else ()
    for at, word in enumerate(run):
        if word.fixed or not word.key[0].isalpha():
            continue
        beside = [n for n in (at - 1, at) if 0 <= n < len(counts)]
        strange = not context.is_known(meant.words[at]) or len(word.key) == 1 and not VOWEL.search(word.key)
        if len(run) > _LONG and not strange and any(counts[n] for n in beside):
            continue  # in a question some words always are beside one another for the first time
        for n in beside:
            counts[n] = counts[n] or met_in_index(context, *meant.words[n : n + 2])
        rare = sum(counts[n] < _MET for n in beside)
        if strange or at in confused or rare == len(beside) > 0 or rare and len(run) <= _LONG:
            odd[at] = 2 * strange + rare / max(1, len(beside))
    return sorted(sorted(odd, key=lambda at: -odd[at])[:_MOST_SUSPECTED])


def _confused(words: Sequence[str]) -> set[int]:
    """The words that sound like another one which stands beside a neighbour far more often (hổ trợ: hỗ trợ)."""
    found: list[tuple[int, int]] = []  # (place, number of another word for it)
    for at, word in enumerate(words):
        for slip in (*slips.sounds(word), *slips.other_tone(word)):
            number = language.number(slip.word)
            if number != language.unknown():
                found.append((at, number))
    numbers = [language.number(word) for word in words]
    odd: set[int] = set()
    for away in (-1, 1):
        mine = [(at, number) for at, number in found if 0 <= at + away < len(words)]
        beside, typed = [numbers[at + away] for at, _ in mine], [numbers[at] for at, _ in mine]
        meant = [number for _, number in mine]
        both = ((beside, meant), (beside, typed)) if away < 0 else ((meant, beside), (typed, beside))
        others, own = (language.pairs(*one) for one in both)
        odd |= {at for (at, _), more, less in zip(mine, others, own, strict=True) if more > _FAR_OFTENER * max(less, 1)}
    return odd


def _is_likelier(context: Context, one: _Meant, other: _Meant) -> bool:
    """Whether a sequence is likelier than another, slips and all; where both are the same need not be examined."""
    if one.words == other.words:
        return one.cost > other.cost
    shorter = min(len(one.words), len(other.words))
    begin = next((n for n in range(shorter) if one.words[n] != other.words[n]), shorter)
    end = next((n for n in range(shorter - begin) if one.words[-1 - n] != other.words[-1 - n]), shorter - begin)
    mine, its = (
        judge(context, words[max(0, begin - 2) : len(words) - max(0, end - 2)]) for words in (one.words, other.words)
    )
    return mine + one.cost > its + other.cost


def _is_borne_out(context: Context, run: Sequence[Typed], meant: _Meant, unmarked: bool) -> bool:
    """Whether each mended word stands beside a neighbour elsewhere too, or, alone, is frequent.

    Where what was typed with marks is a word, or may be a new name, it must be found with two neighbours, or, typed
    with marks, be a part of a word of the index.  Marks are put on one that has none among others that have only where
    it is clear which.
    """
    if not {note.kind for note in meant.notes} & {"slip", "sound", "blank"}:
        return True
    counts = met(context, meant.words)
    for at, note in enumerate(meant.notes):
        one_word = at and meant.way.of[at] == meant.way.of[at - 1]
        if unmarked and one_word and note.what == "forgotten" and counts[at - 1] < _MET:
            return False
        if note.kind not in ("slip", "sound"):
            continue
        beside = [counts[n] for n in (at - 1, at) if 0 <= n < len(counts)]
        if not beside and context.occurrences(meant.words[at]) < _SURE or beside and max(beside) < _MET:
            return False
        typed = run[meant.way.of[at][0]].key
        if note.what in ("mark", "marks") and is_unmarked(typed) and not meant.clear:
            return False
        unsure = context.is_known_folded(typed) if unmarked else is_unmarked(typed) or context.is_known(typed)
        if unsure and not in_a_row(context, meant.words, at, as_word=unmarked or not is_unmarked(typed)):
            return False
    return True


def _is_found(context: Context, meant: _Meant) -> bool:
    """Whether words between which a blank was forgotten stand so in the index."""
    return all(
        side_by_side(context, meant.words, at)
        for at in range(1, len(meant.words))
        if meant.way.of[at] == meant.way.of[at - 1]
    )


def _words_of(run: Sequence[Typed], meant: _Meant) -> list[Word]:
    """What was meant, word for word as typed."""
    found: list[Word] = []
    for (first, behind), places in groupby(range(len(meant.words)), key=lambda at: meant.way.of[at]):
        at = list(places)
        start, end = run[first].start, run[behind - 1].start + len(run[behind - 1].text)
        typed = "".join(word.text for word in run[first:behind])
        note = next((meant.notes[n] for n in at if meant.notes[n].kind not in ("", "marks")), meant.notes[at[0]])
        new = " ".join(meant.words[n] for n in at)
        if new == run[first].key:
            found.append(Word(start, end, run[first].text, run[first].text, ""))
        else:
            spelled = _dressed(typed, new)
            found.append(Word(start, end, typed if behind == first + 1 else "", spelled, note.kind, note.what))
    return found


def _dressed(typed: str, key: str) -> str:
    """A word of the index in the letters typed: capitals, and y where y was typed (see syllable_key)."""
    if "y" in typed.lower() and "y" not in key:
        key = _with_y(typed.lower(), key)
    return key.upper() if typed.isupper() and len(typed) > 1 else key.capitalize() if typed[0].isupper() else key


def _with_y(typed: str, key: str) -> str:
    letters = key.replace(" ", "")
    if len(letters) != len(typed):
        return key.translate(_Y_FOR_I)
    left = iter(typed)
    return "".join(
        letter if letter == " " or folded_term(next(left)) != "y" else letter.translate(_Y_FOR_I) for letter in key
    )


_Y_FOR_I = str.maketrans("iíìỉĩị", "yýỳỷỹỵ")
