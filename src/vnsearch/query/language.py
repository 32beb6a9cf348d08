"""What stands behind what in Vietnamese news: counts of syllables and of pairs of them, for restoring diacritics.

They say how the language goes where an index is too small to; made by `scripts/make_pairs.py`, which tells what is
in `data/pairs.txt`.  A line is read when its syllable is asked for.

    >>> frequency("việt") > frequency("viết")
    True
    >>> behind("tủ")["bếp"] > behind("từ").get("bếp", 0)
    True
"""

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path

_PAIRS = Path(__file__).with_name("data") / "pairs.txt"
_LEVEL = re.compile(r"(\d+) (\D+)")
_KEPT = 2_000  # lines that stay read


@cache
def _lines() -> dict[bytes, bytes]:
    """The rest of each line by its syllable."""
    rows = (line.partition(b" ") for line in _PAIRS.read_bytes().splitlines())
    return {syllable: rest for syllable, _, rest in rows}


def frequency(syllable: str) -> float:
    """About how often a syllable occurred; 0 for one that hardly did."""
    level = _lines().get(syllable.encode(), b"").partition(b" ")[0]
    return 2 ** (int(level) / 2) if level else 0.0


@cache
def total() -> float:
    """About how many syllables were counted."""
    return sum(2 ** (int(rest.partition(b" ")[0]) / 2) for rest in _lines().values())


@lru_cache(_KEPT)
def behind(syllable: str) -> Mapping[str, float]:
    """About how often which syllable stood behind this one, where that tells something."""
    found: dict[str, float] = {}
    for level, words in _LEVEL.findall(_lines().get(syllable.encode(), b"").decode()):
        found.update(dict.fromkeys(words.split(), 2 ** (int(level) / 2)))
    return found
