"""What the index's own words offer: a better spelling of a query, and completions.

Diacritics are restored where all words of a query were typed without: the most likely sequence of the index's
syllables, by triples, pairs and single ones (absolute discounting; Ney, Essen, Kneser 1994), with a bonus for what pyvi
found to be words; among the best few, what is oftener in the same articles (the pointwise mutual information of Church,
Hanks 1990).  Slips are mended where words never stand together so: `dân vân`,
`Lạng Xơn`, `dânvận`.  A query that the index has as it is has no better spelling.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from unicodedata import normalize

import numpy as np

from ..index.container import Array
from ..index.segment import Segment
from ..text.fold import is_unmarked
from ..text.normalize import syllable_key
from ..text.tokenize import folded_term
from .context import Context, Pair, Slot
from .edits import within
from .reading import Typed, Word, read

_MOST_COMPLETIONS = 5_000  # words that are looked at for one prefix
_DISCOUNT, _TRIPLE_DISCOUNT = 0.75, 0.5
_KINDS = 0.6  # of what occurs n times, about n to this power different syllables stand behind (Heaps 1978)
_PATHS = 24  # sequences that are followed
_CLOSE, _TOGETHER, _FAR = 4.0, 0.5, 8  # those as good but for so much; what being in the same articles counts; words
_WORD, _WORD_FREQUENCY = 3.0, 0.3  # what a word's being one is worth, and e-fold more articles with it
_LONGEST_SPLIT = 15  # letters: two syllables
_SURE = 2  # articles with a word that a slip is mended to
_CLEARLY = 5  # times as many articles have it as any other word that is as near
_RATHER = 20  # times as many articles may have what is taken for a slip; what two wrong marks count less than one
_SLIP = 7.0  # e to so much likelier must be what is meant: of a thousand syllables about one is a slip
_SYLLABLE = re.compile(  # without diacritics
    r"(?:ngh|ng|nh|ch|gh|gi|kh|ph|th|tr|qu|[bcdghklmnpqrstvx])?[aeiouy]{1,3}(?:ch|ng|nh|[cmnpt])?"
)
_VOWEL = re.compile("[aeiouy]")


def suggest(segments: Sequence[Segment], context: Context, text: str) -> str | None:
    """A better spelling of a query; None where it is fine, or nothing better is known.

    Only words are touched; quotes, operators and filters stay as they are.
    """
    found = read(segments, context, text)
    return found.text if found and found.text != text else None


def read_run(segments: Sequence[Segment], context: Context, run: Sequence[Typed], unmarked: bool) -> list[Word]:
    """Words that stand side by side, as read.  unmarked: the whole query is typed without diacritics."""
    keys = [word.key for word in run]
    mended = _mend(segments, context, keys, unmarked)
    mended = [key if word.fixed else new for word, key, new in zip(run, keys, mended, strict=True)]
    if unmarked:
        restored = iter(_restore(segments, context, [k for m in mended for k in m.split(" ")]))
        mended = [" ".join(next(restored) for _ in m.split(" ")) for m in mended]
        mended = [key if word.fixed else new for word, key, new in zip(run, keys, mended, strict=True)]
    return [
        Word(word.start, word.start + len(word.text), word.text, *_said(word, new))
        for word, new in zip(run, mended, strict=True)
    ]


def _said(word: Typed, new: str) -> tuple[str, str]:
    """A word as read in the letters typed, and what was done to it."""
    if new == word.key:
        return word.text, ""
    kind = "blank" if " " in new else "marks" if folded_term(new) == word.key else "slip"
    return _dressed(word.text, new), kind


def _dressed(typed: str, key: str) -> str:
    """A word of the index in the letters typed: capitals, and y where y was typed (see syllable_key)."""
    if len(key) == len(typed) and typed[-1] in "yY" and "y" not in key:
        key = key.translate(_Y_FOR_I)
    return key.upper() if typed.isupper() and len(typed) > 1 else key.capitalize() if typed[0].isupper() else key


_Y_FOR_I = str.maketrans("iíìỉĩị", "yýỳỷỹỵ")


# -- diacritics ------------------------------------------------------------------------------------------


def _restore(segments: Sequence[Segment], context: Context, typed: Sequence[str]) -> list[str]:
    """The most likely syllables of the index for syllables without diacritics; others stay as they are."""
    slots = [_slot(context, syllable) for syllable in typed]
    if len(slots) == 1:
        return [slots[0].spellings[0]]
    paths, scores = _likely(segments, context, slots)
    close = scores > scores[0] - _CLOSE
    if len(slots) > 2 and close[1:].any():
        paths = paths[close]
        scores = scores[close] + _TOGETHER * _agreement(context, slots, paths)
    best = paths[scores.argmax()].tolist()
    return [slot.spellings[place] for slot, place in zip(slots, best, strict=True)]


def _likely(segments: Sequence[Segment], context: Context, slots: Sequence[Slot]) -> tuple[Array, Array]:
    """The likeliest sequences, at most `_PATHS`, a row each with the number of every slot's spelling; their scores."""
    alone = _alone(context, slots)
    pairs = [context.pair(*both) for both in pairwise(slots)]
    bonus = [_word_bonus(segments, both) for both in pairwise(slots)]
    chances = [_behind(pair, alone_) for pair, alone_ in zip(pairs, alone[1:], strict=True)]
    every = np.log(alone[0])[:, None] + np.log(chances[0]) + bonus[0]
    paths, scores = _best(every, np.arange(len(every))[:, None])
    for at in range(2, len(slots)):
        a, b = paths[:, -2], paths[:, -1]
        before, triples = (counts[a, b] for counts in context.triples(pairs[at - 2], pairs[at - 1]))
        before = before[:, None]
        found = np.maximum(triples - _TRIPLE_DISCOUNT, 0) / np.maximum(before, 1)
        chance = chances[at - 1][b]
        every = np.log(np.where(before > 0, found + _TRIPLE_DISCOUNT * chance, chance))
        every += scores[:, None] + bonus[at - 1][b] + _word_bonus(segments, slots[at - 2 : at + 1])[a, b]
        paths, scores = _best(every, paths)
    return paths, scores


def _best(scores: Array, paths: Array) -> tuple[Array, Array]:
    """The best of the paths (rows of `scores`) with one more place (its columns), and their scores."""
    best = np.argsort(-scores, axis=None, kind="stable")[:_PATHS]
    path, last = np.divmod(best, scores.shape[1])
    return np.column_stack((paths[path], last)), scores.reshape(-1)[best]


def _agreement(context: Context, slots: Sequence[Slot], paths: Array) -> Array:
    """How much more often the words of each path are in the same articles than by chance, logarithms added.

    Those side by side are left out: pairs say more of them.  So are those that all paths have.
    """
    agreement = np.zeros(len(paths))
    columns: list[list[int]] = paths.T.tolist()
    for at, first in enumerate(columns):
        for away, second in enumerate(columns[at + 2 : at + _FAR], at + 2):
            both = list(zip(first, second, strict=True))
            if len(different := set(both)) > 1:
                worth = {(a, b): context.agreement(slots[at], a, slots[away], b) for a, b in different}
                agreement += [worth[pair] for pair in both]
    return agreement


def _alone(context: Context, slots: Sequence[Slot]) -> list[Array]:
    """The chance of each spelling of each slot, whatever stands before it."""
    return [(slot.frequency + 0.1) / context.total for slot in slots]


def _behind(pair: Pair, alone: Array) -> Array:
    """The chance of each spelling of the next slot behind each: of pairs, the rest by how frequent it is alone."""
    following = pair.following[:, None]
    rest = _DISCOUNT * following**_KINDS * alone
    return np.where(following > 0, (np.maximum(pair.counts - _DISCOUNT, 0) + rest) / np.maximum(following, 1), alone)


def _word_bonus(segments: Sequence[Segment], slots: Sequence[Slot]) -> Array:
    """What the variants are worth together as a word of the index, one axis a slot."""
    bonus = np.zeros([len(slot.spellings) for slot in slots])
    words = _spelled(segments, " ".join(folded_term(slot.spellings[0]) for slot in slots))
    if not words:
        return bonus
    places = [{syllable: place for place, syllable in enumerate(slot.spellings)} for slot in slots]
    for word, count in words.items():
        at = tuple(place.get(syllable, -1) for place, syllable in zip(places, word.split(" "), strict=True))
        if -1 not in at:
            bonus[at] = _WORD + _WORD_FREQUENCY * math.log(count)
    return bonus


def _slot(context: Context, typed: str) -> Slot:
    """What a syllable may stand for in the index; what is none stays."""
    syllable = _SYLLABLE.fullmatch(typed) or not _VOWEL.search(typed)
    return (context.spelled(folded_term(typed)) if syllable else None) or context.only(typed)


# -- slips -----------------------------------------------------------------------------------------------


def _mend(segments: Sequence[Segment], context: Context, keys: Sequence[str], unmarked: bool) -> list[str]:
    """The words, those mended that never stand so beside one another where a word of the index is very near.

    unmarked: the whole query is typed without diacritics; what is mended has none either.
    """
    mended = list(keys)
    for at, key in enumerate(keys):
        known = is_unmarked(key) and context.spelled(key)
        if not known and not _frequency(segments, key) and (parts := _split(segments, key)):
            mended[at] = " ".join(map(folded_term, parts.split(" "))) if unmarked else parts
    for at in range(len(keys) - 1):
        pair = keys[at : at + 2]
        if mended[at : at + 2] != pair or all(map(is_unmarked, pair)) or not all(map(_is_spelled_out, pair)):
            continue
        if word := _near_word(segments, pair):
            sides = keys[max(at - 1, 0) : at + 1], keys[at + 1 : at + 3]
            beside = [frequency(segments, " ".join(side)) for side in sides if len(side) == 2]
            if max(beside, default=0) * _CLEARLY > frequency(segments, word):
                continue  # these two do not belong together: xe hơi chợ tốt, những phát hiện này
            meant = word.split(" ")
            before, behind = keys[max(at - 1, 0) : at], keys[at + 2 : at + 3]
            whole, typed = [*before, *meant, *behind], [*before, *pair, *behind]
            if _likelihood(context, whole) - _likelihood(context, typed) >= _SLIP:
                mended[at : at + 2] = meant
    return mended


def _is_spelled_out(key: str) -> bool:
    """Whether it may be a syllable, and is no abbreviation."""
    return key.isalpha() and bool(_VOWEL.search(folded_term(key)))


def _frequency(segments: Sequence[Segment], key: str) -> int:
    """How many articles have a syllable, with any marks where it has none."""
    total = 0
    for segment in segments:
        numbers = segment.find_folded(key) if is_unmarked(key) else [segment.find(key)]
        total += sum(int(segment.df[number]) for number in numbers if number is not None)
    return total


def _very_sure(segments: Sequence[Segment]) -> int:
    """Articles with a word that a slip is mended to, where what was typed is a word too."""
    return max(3, min(30, sum(segment.documents for segment in segments) // 20))


def _split(segments: Sequence[Segment], key: str) -> str:
    """A word whose blank was forgotten: the most frequent word of the index that is spelled so."""
    found = Counter[str]()
    for cut in range(1, len(key) if len(key) <= _LONGEST_SPLIT else 0):
        first, second = syllable_key(key[:cut]), syllable_key(key[cut:])
        for word, count in _spelled(segments, f"{folded_term(first)} {folded_term(second)}").items():
            if is_unmarked(key) or word == f"{first} {second}":
                found[word] += count
    word = max(found, key=lambda word: (found[word], word), default="")
    if found[word] < (_very_sure(segments) if is_unmarked(key) else _SURE):
        return ""
    return word


def _likelihood(context: Context, keys: Sequence[str]) -> float:
    """The logarithm of the chance that these syllables stand in a row."""
    slots = [context.only(key) for key in keys]
    alone = _alone(context, slots)
    behind = (_behind(context.pair(*both), chance) for both, chance in zip(pairwise(slots), alone[1:], strict=True))
    return math.log(alone[0].item()) + sum(math.log(chance.item()) for chance in behind)


def _near_word(segments: Sequence[Segment], pair: Sequence[str]) -> str:
    """The word of the index that a pair of syllables was meant to be: other accents, or one letter wrong."""
    first, second = map(folded_term, pair)
    known = _spelled(segments, f"{first} {second}")
    if " ".join(pair) in known:
        return ""
    if not known and not all(_frequency(segments, key) for key in pair):
        known = Counter(dict(w for segment in segments for w in _words(segment, first + " ") if w[0].count(" ") == 1))
        for a, b in _CONFUSED:
            if first.startswith(a):
                known += _spelled(segments, f"{b}{first[len(a) :]} {second}")
    near = {word: count * share for word, count in known.items() if (share := _one_slip(pair, word.split(" ")))}
    word, *others = sorted(near, key=lambda word: (-near[word], word)) or [""]
    if not word or others and near[word] < _CLEARLY * near[others[0]]:
        return ""
    wrong = _frequency(segments, next(a for a, b in zip(pair, word.split(" "), strict=True) if a != b))
    return word if known[word] >= max(_very_sure(segments) if wrong else _SURE, wrong / _RATHER) else ""


_CONFUSED = [  # initials that sound alike somewhere
    (a, b) for x, y in (("s", "x"), ("ch", "tr"), ("d", "gi"), ("d", "r"), ("r", "gi"), ("l", "n"), ("v", "d"))
    for a, b in ((x, y), (y, x))
]  # fmt: skip


def _one_slip(pair: Sequence[str], word: Sequence[str]) -> float:
    """Whether one syllable is the same and the other has other marks or one letter more, less or changed: 1, 0 where
    not, and a share of 1 where more than one mark is wrong.
    """
    same = [a == b for a, b in zip(pair, word, strict=True)]
    if sum(same) != 1:
        return 0.0
    a, b = (normalize("NFD", both[same.index(False)]) for both in (pair, word))
    if within(a, b, 1):
        return 1.0
    return 1 / _RATHER if folded_term(a) == folded_term(b) else 0.0


# -- words of the index ------------------------------------------------------------------------------------


def frequency(segments: Sequence[Segment], word: str) -> int:
    """In how many articles a word (terms with blanks) occurs, deleted ones too."""
    return _spelled(segments, " ".join(folded_term(term) for term in word.split(" ")))[word]


def _spelled(segments: Sequence[Segment], folded: str) -> Counter[str]:
    """The words of the index that are spelled so without diacritics, and how many articles have each."""
    found = Counter[str]()
    for segment in segments:
        keys = segment.words_folded
        for number in range(keys.bisect(folded), len(keys)):
            if keys[number] != folded:
                break
            found[segment.words[number]] += int(segment.data["word_df"][number])
    return found


def _words(segment: Segment, folded: str) -> Iterator[tuple[str, int]]:
    """(word, articles) of the words that begin so when folded."""
    keys, words = segment.words_folded, segment.words
    counts = segment.data["word_df"]
    begin = keys.bisect(folded)
    for number in range(begin, min(begin + _MOST_COMPLETIONS, len(keys))):
        if not keys[number].startswith(folded):
            break
        yield words[number], int(counts[number])
