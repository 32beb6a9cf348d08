"""Fingerprints that are equal for one story told by two sites: MinHash over folded syllables, 64 bits.

Agencies syndicate: the same text comes with another headline, another first line, a few words cut.
`fingerprint` keeps, of all runs of four syllables, the smallest hash under each of 16 orders (Broder 1997),
four bits of each (Li and König 2010, b-bit minwise hashing).  The share of runs that two texts have in
common shows in how many of the 16 agree.

>>> one = fingerprint("Sáng 7/2, huyện Cao Lộc ra quân làm đường giao thông nông thôn, hơn 300 người tham gia.")
>>> two = fingerprint("SANG 7/2, HUYEN CAO LOC RA QUAN LAM DUONG GIAO THONG NONG THON, HON 300 NGUOI THAM GIA")
>>> agreement(one, two)
16
"""

import re
from array import array

import numpy as np
import numpy.typing as npt

from .. import kernels
from ..deadline import in_time
from .fold import fold
from .memo import Memo
from .normalize import clean

ORDERS = 16
SAME_STORY = 12  # agreements from which on two texts are one story: see benchmarks/results/ingest.md
_WORD = re.compile(r"[^\W_]+")
# two prints of one story differ in four orders at most, so of these five parts they have one in common
_PARTS = [0xFFFF, 0xFFF << 16, 0xFFF << 28, 0xFFF << 40, 0xFFF << 52]
_MULTIPLIERS = np.random.default_rng(1997).integers(1, 2**32, ORDERS, np.uint32) | np.uint32(1)
_SHIFTS = np.arange(ORDERS, dtype=np.uint64) * np.uint64(4)


def fingerprint(text: str) -> int:
    """64 bits of a text, 0 for one of fewer than four syllables; compare with `agreement`."""
    hashes = np.array(syllable_hashes(clean(text).text), np.uint32)
    return int(fingerprints(np.zeros(1, np.int32), np.array([0]), np.array([1]), np.array([0, len(hashes)]), hashes)[0])


def syllable_hashes(text: str) -> "array[int]":
    """32 bits for each syllable of a cleaned text, folded (FNV-1a)."""
    return array("I", map(_hashes.__getitem__, _WORD.findall(fold(text).lower())))


def _hash(word: str) -> int:
    value = 0x811C9DC5
    for byte in word.encode():
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value


_hashes: Memo[int] = Memo(_hash)


def syllable_hash(folded: str) -> int:
    """32 bits of one syllable that is folded and in small letters."""
    return _hashes[folded]


def fingerprints(
    stream: npt.NDArray[np.int32],
    begins: npt.NDArray[np.int64],
    stops: npt.NDArray[np.int64],
    first: npt.NDArray[np.int64],
    hashes: npt.NDArray[np.uint32],
) -> npt.NDArray[np.uint64]:
    """The fingerprint of each text: chunks begins[n]..stops[n] of the stream, chunk c with the `syllable_hashes`
    first[c]..first[c + 1].  What stands after its first 300 syllables is not read.
    """
    found = np.zeros(len(begins), np.uint64)
    kernels.fingerprints(stream, begins, stops, first, hashes, _MULTIPLIERS, found)
    return found


def agreement(one: int, other: int) -> int:
    """In how many of the 16 orders two fingerprints agree; unrelated texts: one or two."""
    differing = one ^ other
    return sum(not differing >> 4 * place & 15 for place in range(ORDERS))


def first_of_each_story(prints: npt.NDArray[np.uint64]) -> tuple[list[int], list[list[int]]]:
    """Splits fingerprints in order: (numbers of those that tell a new story, for each the later numbers of it).

    0 tells no story twice.
    """
    kept: list[int] = []
    others: list[list[int]] = []
    near: dict[tuple[int, int], list[int]] = {}  # by what they have in a part of their bits: places in kept
    for number, own in in_time(enumerate(prints.tolist()), 16):
        parts = [(part, own & mask) for part, mask in enumerate(_PARTS)]
        met = sorted({place for part in parts for place in near.get(part, ())}) if own else ()
        same = next((place for place in met if agreement(own, int(prints[kept[place]])) >= SAME_STORY), None)
        if same is not None:
            others[same].append(number)
        else:
            for part in parts if own else ():
                near.setdefault(part, []).append(len(kept))
            kept.append(number)
            others.append([])
    return kept, others


def stories(fingerprints: npt.NDArray[np.uint64], least: int = SAME_STORY) -> npt.NDArray[np.int64]:
    """For each fingerprint the place of the first one of its story; its own where it is the first.

    Candidates share one of the four words of 16 bits (four orders), so that those with 13 agreements
    are always met (16 - 13 differences cannot touch all four words) and nearly all with 12.
    """
    first = np.arange(len(fingerprints), dtype=np.int64)
    for word in range(4):
        keys = fingerprints >> np.uint64(16 * word) & np.uint64(0xFFFF)
        order = np.argsort(keys, kind="stable")
        bounds = np.flatnonzero(np.diff(keys[order])) + 1
        for group in np.split(order, bounds):
            _join(group, fingerprints, first, least)
    for place in range(len(first)):  # roots come before what points to them
        first[place] = first[first[place]]
    return np.where(fingerprints == 0, np.arange(len(first)), first)


def _join(
    group: npt.NDArray[np.int64], fingerprints: npt.NDArray[np.uint64], first: npt.NDArray[np.int64], least: int
) -> None:
    while len(group) > 1:
        head, group = group[0], group[1:]
        differing = fingerprints[group] ^ fingerprints[head]
        agreeing = sum(
            ((differing >> np.uint64(4 * place) & np.uint64(15)) == 0).astype(int) for place in range(ORDERS)
        )
        same = group[np.asarray(agreeing) >= least]
        first[same] = np.minimum(first[same], first[head])
        group = group[np.asarray(agreeing) < least]
