"""The ways to understand words that stand side by side in a query: as typed, with slips, other blanks, other keys.

Each is a `Way`: what may stand in each place, with what it costs.  Which of them is the likeliest, `reading` decides.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from heapq import nlargest
from math import log
from typing import NamedTuple

from ..deadline import check_time
from ..text.fold import is_unmarked
from ..text.normalize import syllable_key
from ..text.tokenize import folded_term
from . import slips
from .chain import Note, Place, alone, either, place
from .cooccurrence import Context
from .keyboard import telex, vni
from .slips import Slip

_SYLLABLE = re.compile(  # without diacritics
    r"(?:ngh|ng|nh|ch|gh|gi|kh|ph|th|tr|qu|[bcdghklmnpqrstvx])?[aeiouy]{1,3}(?:ch|ng|nh|[cmnpt])?"
)
VOWEL = re.compile("[aeiouy]")
MARKS, _TYPED = Note("marks"), Note("")
_MOST_NEAR = 12  # words that one may have been typed for
_LEAST, _FREQUENT = 1e-9, 3e-6  # chance of a word; of one that may be a part of others typed without a blank
_MOST_PARTS, _LONGEST_SPLIT = 4, 24  # words that were typed without blanks, their letters
_TRIED = 2  # ways to put blanks in that are compared


class Typed(NamedTuple):
    """A word of a query, its key, where it stands.  fixed: a number or a part of one, which means what it says."""

    text: str
    key: str
    start: int
    fixed: bool


class Way(NamedTuple):
    """One way to understand a run: what may stand in each place, and which words of the run each place is
    (first, after the last)."""

    places: list[Place]
    of: list[tuple[int, int]]
    cost: float = 0.0

    def with_(self, at: int, behind: int, places: Sequence[Place], cost: float) -> "Way":
        """The places at..behind are these instead."""
        span = self.of[at][0], self.of[behind - 1][1]
        return Way(
            [*self.places[:at], *places, *self.places[behind:]],
            [*self.of[:at], *[span] * len(places), *self.of[behind:]],
            self.cost + cost,
        )


def as_typed(context: Context, word: Typed, unmarked: bool) -> Place:
    """A word with no slip in it; of one typed without diacritics any spelling."""
    if unmarked and not word.fixed and (_SYLLABLE.fullmatch(word.key) or not VOWEL.search(word.key)):
        slot = context.spelled(folded_term(word.key))
        if slot is not None:
            return place(slot, MARKS)
    return place(context.only(word.key), _TYPED)


def with_slips(
    context: Context, run: Sequence[Typed], typed: Way, suspected: Sequence[int], unmarked: bool
) -> Way | None:
    """The suspected words may be others that were mistyped, too."""
    places = list(typed.places)
    for at in suspected:
        check_time()
        key = run[at].key
        if len(key) < 2 and is_unmarked(key) or not key.isalpha():
            continue
        if is_unmarked(key) and not VOWEL.search(key) and (len(key) == 2 or unmarked and context.is_known_folded(key)):
            continue  # an abbreviation
        near = _near_unmarked(context, run[at].key) if unmarked else _near_marked(context, run[at])
        if near:
            places[at] = either([places[at], *near])
    return typed._replace(places=places) if places != typed.places else None


def _near_unmarked(context: Context, key: str) -> list[Place]:
    """Words that one without diacritics was mistyped for, in any spelling."""
    found: dict[str, Slip] = {}
    sounds = (slip for slip in slips.sounds(key) if context.is_known_folded(slip.word))
    for slip in (*sounds, *slips.finger(key, context.known_folded.among)):
        if slip.word not in found or found[slip.word].cost < slip.cost:
            found[slip.word] = slip
    best = nlargest(_MOST_NEAR, found.values(), key=lambda slip: slip.cost + log(context.chance(slip.word) + _LEAST))
    slots = ((slip, context.spelled(slip.word)) for slip in best)
    less = slips.costs()["word", "open"] if context.is_known_folded(key) else 0.0
    return [place(slot, Note(slip.kind, slip.what), slip.cost + less) for slip, slot in slots if slot is not None]


def _near_marked(context: Context, typed: Typed) -> list[Place]:
    """Words that one was mistyped for where the query has diacritics."""
    key, raw = typed.key, typed.text.lower()  # a key has its tone in its place, wherever it was typed
    costs, folded = slips.costs(), folded_term(key)
    if context.is_known(key):
        itself = "unmarked" if is_unmarked(key) else "marked"
    else:
        itself = "foreign" if is_unmarked(key) else "new"
    less = costs["word", itself]
    sounded = costs["word", "sounded"]
    found: dict[str, tuple[Note, float]] = {}
    for slip in (*slips.sounds(key), *slips.other_tone(key)):
        if context.is_known(slip.word):
            found[slip.word] = Note(slip.kind, slip.what), slip.cost
    if itself != "unmarked":
        for word in context.spellings(folded):
            if word != key and word not in found:
                what = "mark" if slips.marks_apart(word, key) < 2 else "marks"
                found[word] = Note("slip", what), costs["slip", what]
    for slip in slips.finger(folded, context.known_folded.among):
        for word in context.spellings(slip.word):
            if word not in found and (slips.is_one(raw, word) or slips.is_one(key, word)):
                found[word] = Note("slip", slip.what), slip.cost

    def likelihood(word: str) -> float:
        return found[word][1] + log(context.chance_of(word) + _LEAST)

    best = nlargest(_MOST_NEAR, found, key=likelihood)
    return [
        place(
            context.only(word),
            found[word][0],
            found[word][1] + (sounded if found[word][0].kind == "sound" else less),
        )
        for word in best
    ]


def blanks(
    context: Context, run: Sequence[Typed], typed: Way, suspected: Sequence[int], unmarked: bool
) -> Iterator[Way]:
    """Blanks put in and taken out at the suspected words."""
    costs = slips.costs()
    for at in suspected:
        check_time()
        if not unmarked and is_unmarked(run[at].key):
            continue  # a name
        for parts in _parts(context, run[at].key, unmarked)[:_TRIED]:
            words = [as_typed(context, Typed(part, part, 0, False), unmarked) for part in parts]
            note = Note("blank", "forgotten")
            words = [one._replace(notes=(note,) * len(one.notes)) for one in words]
            yield typed.with_(at, at + 1, words, (len(parts) - 1) * costs["blank", "forgotten"])
    for at in range(len(run) - 1):
        both = run[at].key + run[at + 1].key
        if run[at].fixed or run[at + 1].fixed or not {at, at + 1} & set(suspected) or not unmarked and both.isascii():
            continue
        joined = syllable_key(both)
        if context.is_known_folded(joined) if unmarked else context.is_known(joined):
            one = as_typed(context, Typed(joined, joined, 0, False), unmarked)
            one = one._replace(notes=(Note("blank", "added"),) * len(one.notes))
            both_words = all(context.is_known_folded(folded_term(word.key)) for word in run[at : at + 2])
            yield typed.with_(at, at + 2, [one], costs["blank", "added"] + both_words * costs["word", "marked"])


def _parts(context: Context, key: str, unmarked: bool) -> list[tuple[str, ...]]:
    """The ways to cut a word into known syllables, those of fewest first."""
    known = context.is_known_folded if unmarked else context.is_known
    found: list[tuple[str, ...]] = []

    @cache
    def is_word(part: str) -> bool:
        if _is_syllable(part):
            return known(part)
        return len(part) > 2 and context.chance(folded_term(part)) > _FREQUENT and known(part)

    def cut(rest: str, before: tuple[str, ...]) -> None:
        if before and is_word(syllable_key(rest)):
            found.append((*before, syllable_key(rest)))
        if len(before) + 1 < _MOST_PARTS:
            for at in range(1, len(rest)):
                part = syllable_key(rest[:at])
                if is_word(part):
                    cut(rest[at:], (*before, part))

    if 2 < len(key) <= _LONGEST_SPLIT and not known(key):
        cut(key, ())

    def rarest(parts: tuple[str, ...]) -> tuple[int, float]:
        places = (as_typed(context, Typed(part, part, 0, False), unmarked) for part in parts)
        return len(parts), -sum(alone(context, one) for one in places)

    return sorted(found, key=rarest)


def _is_syllable(key: str) -> bool:
    return _SYLLABLE.fullmatch(folded_term(key)) is not None


def keyboards(context: Context, run: Sequence[Typed], typed: Way, unmarked: bool) -> Iterator[Way]:
    """The whole run was typed in Telex or VNI keys."""
    costs = slips.costs()
    for name, read_keys in (("telex", telex), ("vni", vni)):
        places, strange = list(typed.places), False
        for at, word in enumerate(run):
            key = read_keys(word.text) if word.text[0].isalpha() and not word.fixed else None
            if key is not None and (context.is_known(key)):
                places[at] = place(context.only(key), Note("keyboard", name))
                strange = strange or not _is_syllable(word.key) or not context.is_known_folded(folded_term(word.key))
            elif len(places[at].spellings) > 1:
                unmarked_cost = costs["keyboard", "unmarked"]
                cost = [unmarked_cost if spelling != word.key else 0.0 for spelling in places[at].spellings]
                places[at] = places[at]._replace(cost=tuple(cost))
        if strange:
            half = 0.0 if unmarked else costs["keyboard", "half"]
            yield typed._replace(places=places, cost=costs["keyboard", name] + half)
