"""Other words for the same: who types `xe hơi` wants articles on `ô tô`, too.

A table is a text file of lines; a line is a group of words and phrases with marks:

    xe hơi = ô tô = ôtô                      # each stands for each other
    sổ đỏ = sổ hồng > giấy chứng nhận quyền sử dụng đất
                               # who types one of the first wants the last, too, but not the other way round

`data/synonyms.txt` is used where an index is opened without a table; a file of one's own takes its place.

    >>> found = shipped().find(["gia", "xe", "hoi"])
    >>> [(match.start, match.end, [phrase for phrase, _ in match.value]) for match in found]
    [(1, 3, [('xe', 'hơi')])]
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TypeAlias

from .phrase_matcher import Match, PhraseMatcher
from .tokenize import folded_term, tokenize

Phrase: TypeAlias = tuple[str, ...]  # terms
Known: TypeAlias = tuple[tuple[Phrase, tuple[Phrase, ...]], ...]  # phrases and what stands for each
_TABLE = Path(__file__).with_name("data") / "synonyms.txt"
_MOST, _LONGEST = 8, 16  # others of a phrase, terms of one


class SynonymError(ValueError):
    """A line of a table that says nothing."""


class Synonyms:
    """A table of them.  It never changes."""

    def __init__(self, groups: Iterable[tuple[Phrase, tuple[Phrase, ...]]] = ()) -> None:
        """groups: a phrase and what else is looked for where it is typed."""
        others: dict[Phrase, dict[Phrase, None]] = {}
        for phrase, also in groups:
            others.setdefault(phrase, {}).update(dict.fromkeys(one for one in also if one != phrase))
        known: dict[Phrase, Known] = {}
        for phrase, also_ in others.items():
            folded = tuple(map(folded_term, phrase))
            known[folded] = (*known.get(folded, ()), (phrase, tuple(also_)[:_MOST]))
        self._matcher = PhraseMatcher(known)

    def find(self, folded: Sequence[str]) -> Iterator[Match[Known]]:
        """The phrases of the table among terms without diacritics: all that are spelled so, longest match first."""
        return self._matcher.find(folded)


def read(path: str | Path) -> Synonyms:
    """The table in a file.  Raises OSError; SynonymError, a ValueError, which names the line."""
    groups: list[tuple[Phrase, tuple[Phrase, ...]]] = []
    try:
        lines = Path(path).read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError as e:
        raise SynonymError(f"{path}: not UTF-8 at byte {e.start}; save it as UTF-8") from None
    for number, line in enumerate(lines, 1):
        if line := line.partition("#")[0].strip():
            try:
                groups += _group(line)
            except SynonymError as e:
                raise SynonymError(f"{path}, line {number}: {e}") from None
    return Synonyms(groups)


def _group(line: str) -> Iterator[tuple[Phrase, tuple[Phrase, ...]]]:
    parts = line.split(">")
    if len(parts) > 2:
        raise SynonymError(f"expected one > at most, got {len(parts) - 1}; write a line for each")
    sides = [[_phrase(text) for text in part.split("=")] for part in parts]
    if len(parts) == 1 and len(sides[0]) < 2:
        raise SynonymError("expected two words or more with = or > between; got one")
    also = tuple(dict.fromkeys(one for side in sides for one in side))[: _MOST + 1]  # a phrase itself may be among them
    yield from ((phrase, also) for phrase in sides[0])


def _phrase(text: str) -> Phrase:
    found = tuple(token.term for token in tokenize(text) if token.width == 1)
    if not 0 < len(found) <= _LONGEST:
        raise SynonymError(f'"{text.strip()}" has {len(found)} words; expected 1 to {_LONGEST}')
    return found


@cache
def shipped() -> Synonyms:
    """The table that comes with the library: everyday words and those that officials and laws use."""
    return read(_TABLE)
