"""Abbreviations of the Vietnamese state: UBND is ủy ban nhân dân, at query time and both ways.

The table is data (`data/abbreviations.tsv`: short form, long forms), a user may add to it with
`extend`; stored text is never changed.

    >>> long_forms("ubnd")
    (('ủy', 'ban', 'nhân', 'dân'),)
"""

import re
from functools import cache
from pathlib import Path

from .fold import fold
from .normalize import syllable_key

_extra: dict[str, tuple[tuple[str, ...], ...]] = {}
_extended = 0  # times


def key(short: str) -> str:
    """One key for all ways to write an abbreviation: "GD-ĐT", "GD&ĐT" and "GDĐT" are "gdđt"."""
    return re.sub(r"[^\w]", "", short).lower()


def is_abbreviation(term: str) -> bool:
    """Whether a term (see `key`) stands for a longer form."""
    return term in _extra or term in _tables()[0]


def long_forms(term: str) -> tuple[tuple[str, ...], ...]:
    """The long forms of an abbreviation as terms, the usual one first; () for any other term.

    One typed without diacritics ("hdnd") stands for whatever it may be.
    """
    known = _extra.get(term) or _tables()[0].get(term)
    if known is not None or not term.isascii():
        return known or ()
    return tuple(form for short in _marked().get(term, ()) for form in long_forms(short))


@cache
def _marked() -> dict[str, tuple[str, ...]]:
    """Abbreviation without diacritics -> those with diacritics that it may stand for."""
    table: dict[str, tuple[str, ...]] = {}
    for short in dict.fromkeys((*_tables()[0], *_extra)):
        if not short.isascii():
            table[fold(short)] = (*table.get(fold(short), ()), short)
    return table


def long_to_short() -> dict[tuple[str, ...], tuple[str, ...]]:
    """Each long form and the abbreviations that stand for it."""
    table = dict(_tables()[1])
    for short, longs in _extra.items():
        for phrase in longs:
            table[phrase] = (*table.get(phrase, ()), short)
    return table


def extend(table: dict[str, str]) -> None:
    """Adds custom abbreviations for this process: {"BQLDA": "ban quản lý dự án"}."""
    global _extended
    for short, long in table.items():
        _extra[key(short)] = (_terms(long),)
    _marked.cache_clear()
    _extended += 1


def version() -> int:
    """Another number after each `extend`: what is made of the table is made anew."""
    return _extended


def _terms(phrase: str) -> tuple[str, ...]:
    return tuple(syllable_key(word) for word in re.findall(r"\w+", phrase))


@cache
def _tables() -> tuple[dict[str, tuple[tuple[str, ...], ...]], dict[tuple[str, ...], tuple[str, ...]]]:
    """Short form -> long forms, and the usual long form -> short forms."""
    longs: dict[str, tuple[tuple[str, ...], ...]] = {}
    shorts: dict[tuple[str, ...], tuple[str, ...]] = {}
    table = (Path(__file__).parent / "data" / "abbreviations.tsv").read_text("utf-8")
    for line in table.splitlines():
        if not line or line.startswith(("#", "?")):  # "?": too ambiguous outside document numbers
            continue
        short, *phrases = line.split("\t")
        forms = tuple(_terms(phrase) for phrase in phrases)
        if key(short) not in longs:
            longs[key(short)] = forms
            shorts[forms[0]] = (*shorts.get(forms[0], ()), key(short))
    return longs, shorts
