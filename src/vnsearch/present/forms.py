"""How a word of a query may be written in a text, as a regular expression over letters."""

import re
from collections.abc import Sequence
from functools import lru_cache

from ..query.plan import Mark
from ..text.abbreviations import long_forms
from ..text.tokenize import folded_term
from .letters import AS_SYLLABLES, LETTER, WORD, fold_letters

# -- one expression for all that was requested ---------------------------------------------------------------


@lru_cache(10_000)
def plain_syllable(term: str) -> bytes | None:
    """What is looked for, where that is a syllable that is written in one way only but for its accents."""
    form = fold_letters(folded_term(term))
    if LETTER in fold_letters(term) or not form.isalpha() or _written(form) != {spelled(form)}:
        return None
    return form.translate(AS_SYLLABLES)


def pattern_of(marks: Sequence[Mark]) -> "re.Pattern[bytes] | None":
    """Finds everything that may match, and more; longer alternatives first.

    Each alternative opens with a plain letter, so that the scan runs at the speed of a search for letters.
    """
    forms = sorted(set().union(*map(forms_of, marks)), key=lambda form: (-len(form), form))
    return re.compile(b"(?:" + b"|".join(map(_after_no_letter, forms)) + rb")(?![%s])" % WORD) if forms else None


def forms_of(mark: Mark) -> set[bytes]:
    form = fold_letters(folded_term(mark.term))
    if LETTER in fold_letters(mark.term):  # of another alphabet: whatever holds such a letter
        return {LETTER + rb"[%s]*" % WORD, rb"[a-z0-9][a-z0-9]*\xff[%s]*" % WORD}
    if mark.pattern:
        any_ = rb"[%s]" % WORD
        after = {ord("?"): any_, ord("*"): any_ + b"*"}
        rest = b"".join(after.get(c) or spelled(bytes((c,))) for c in form)
        # an alternative opens with a letter, so "*" in front is none or one and more
        return (
            {rest[len(any_) + 1 :], b"[a-z0-9]" + rest}
            if form[:1] == b"*"
            else {b"[a-z0-9]" + rest[len(any_) :] if form[:1] == b"?" else rest}
        )
    if mark.prefix:
        return {spelled(form) + rb"[%s]*" % WORD}
    if mark.edits:
        least, most = max(0, len(form) - 1 - mark.edits), len(form) - 1 + mark.edits
        return {form[:1] + rb"[%s]{%d,%d}" % (WORD, least, most)}
    return _written(form)


def _after_no_letter(form: bytes) -> bytes:
    """The expression, not within a word: asked after the first letter, which keeps that letter in front."""
    first = form[: form.index(b"]") + 1] if form[:1] == b"[" else form[:1]
    return first + rb"(?<![%s]%s)" % (WORD, first) + form[len(first) :]


def spelled(form: bytes) -> bytes:
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
    pieces = [rb"t[.]?[uw]" if piece == b"tw" else spelled(piece) for piece in re.findall(rb"[a-z0-9]+", form)]
    if len(pieces) != 1:  # the number of a document, an address
        return {(rb"[^%s\n]{1,3}" % WORD).join(pieces)} if pieces else set()
    if len(form) > 7 or not re.search(rb"[aeiouy]", form) or long_forms(form.decode("latin-1")):  # or hyphenated
        return {rb"[-.&]?".join(spelled(b"%c" % letter) for letter in form)} if form != b"tw" else set(pieces)
    return {spelled(form)}
