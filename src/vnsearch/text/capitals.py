"""Headlines in capitals, put into the case of running text, so that the word model knows them.

>>> without_capitals("TỈNH ỦY LẠNG SƠN HỌP".split())
['Tỉnh', 'ủy', 'Lạng', 'Sơn', 'họp']
"""

import re
from functools import cache
from importlib.resources import files

from .crf import known_syllables
from .normalize import syllable_key


def without_capitals(syllables: list[str]) -> list[str]:
    """Runs of capitals in the case of running text: small, but for names, sentence beginnings, abbreviations."""
    restored = list(syllables)
    start = 0
    for end in range(len(syllables) + 1):
        if end == len(syllables) or syllables[end].upper() != syllables[end]:
            run = syllables[start:end]
            letters = [s for s in run if s.isalpha()]
            small = sum(map(_is_syllable, letters))
            if small > 1 and 2 * small >= len(letters):
                opens = start == 0 or not syllables[start - 1].isalnum()
                restored[start:end] = _running_case(run, opens)
            start = end + 1
    return restored


def _running_case(run: list[str], opens: bool) -> list[str]:
    small = [s.lower() if _is_syllable(s) else s.title() if _FOREIGN(s) else s for s in run]
    cased = list(small)
    for at, (syllable, before) in enumerate(zip(small, ["", *small], strict=False)):
        if at and syllable in _names().get(before, ()):
            cased[at - 1 : at + 1] = before.title(), syllable.title()
        elif opens and syllable.isalpha():
            cased[at] = syllable.title() if syllable.islower() else syllable
        opens = (opens and not syllable.isalnum()) or syllable in _OPENERS
    return cased


_FOREIGN = re.compile(r"(?=.*[AEIOUY])[A-Z]{4,}").fullmatch  # MACRON, but not UBND
_OPENERS = frozenset('.:!?"“…\n')


def _is_syllable(syllable: str) -> bool:
    """Whether a syllable is a Vietnamese one rather than an abbreviation; "A" may be either."""
    return len(syllable) > 1 and syllable_key(syllable) in known_syllables()


@cache
def _names() -> dict[str, frozenset[str]]:
    """Pairs of syllables that are names: the first one -> the second ones."""
    lines = (files(__package__) / "data/segment_names.txt").read_text("utf-8").splitlines()
    return {first: frozenset(seconds) for first, *seconds in map(str.split, lines)}
