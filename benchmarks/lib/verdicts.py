"""Whether two trees differ, by tests that assume nothing of how times are spread.

A figure of speed is measured in rounds: a pair of fresh processes, one a tree, that take turns.  A round gives one
number, the mean of log(time of this tree / time of the base) over its queries, so what one round has by chance (a busy
neighbour, where memory lies) counts once and not once a query.  Without a difference, each round could as well have
come out with the other sign: p is the share of all choices of signs whose sum is as far from 0 or farther.  That is
exact, and with 14 rounds as small as 2 / 2^14.

A figure of quality is one number a query; p is that of `relevance.randomization_p`, the same test with drawn signs.

Many figures are judged together, so p is put right: among the times by Holm's method, so that where nothing differs one
run in a hundred says anything; among the qualities by Benjamini's and Hochberg's, so that of what is called better or
worse one in twenty is by chance.  Equal trees answer alike, so of them nothing is said; what is asked there is whether
queries like these would be answered worse, too, and a loss of .01 on one set is not to be hidden by how many sets there
are.  And a difference that is sure may still be too small to matter: WORTH.
"""

import math
from collections.abc import Mapping, Sequence
from statistics import fmean, stdev
from typing import NamedTuple

import numpy as np

ALPHA = 0.01
ALPHA_QUALITY = 0.05
WORTH = 0.02  # of a time, memory or size
WORTH_QUALITY = 0.001
_T = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20, 2.18, 2.16, 2.14, 2.13, 2.12)  # .975, by df


class Spread(NamedTuple):
    """A ratio of this tree to the base: the middle, and where it lies with 95 % certainty."""

    ratio: float
    low: float
    high: float


def sign_flip_p(rounds: Sequence[float]) -> float:
    """Two-sided, exact; at most 20 rounds."""
    if len(rounds) > 20:
        raise ValueError(f"at most 20 rounds are tested exactly, got {len(rounds)}")
    sums = np.zeros(1)
    for value in rounds:
        sums = np.concatenate([sums + value, sums - value])
    return float(np.mean(np.abs(sums) >= abs(sum(rounds)) - 1e-12))


def spread(rounds: Sequence[float]) -> Spread:
    """Of the logs of ratios, one a round."""
    middle = fmean(rounds)
    half = 0.0
    if len(rounds) > 1:
        quantile = _T[min(len(rounds) - 1, len(_T)) - 1]
        half = quantile * stdev(rounds) / math.sqrt(len(rounds))
    return Spread(math.exp(middle), math.exp(middle - half), math.exp(middle + half))


def holm(p: Mapping[str, float]) -> dict[str, float]:
    """Each p as it stands among all of them."""
    put_right: dict[str, float] = {}
    greatest = 0.0
    for rank, (name, value) in enumerate(sorted(p.items(), key=lambda item: item[1])):
        greatest = max(greatest, min(1.0, (len(p) - rank) * value))
        put_right[name] = greatest
    return put_right


def false_discovery(p: Mapping[str, float]) -> dict[str, float]:
    """Each p as it stands among all of them, where a share of what is found may be by chance (Benjamini, Hochberg)."""
    put_right: dict[str, float] = {}
    least = 1.0
    for rank, (name, value) in reversed(list(enumerate(sorted(p.items(), key=lambda item: item[1]), 1))):
        put_right[name] = least = min(least, value * len(p) / rank)
    return put_right


def verdict(change: float, p: float, worth: float, *, is_less_better: bool, alpha: float = ALPHA) -> str:
    """better, worse, or within noise; `change` is 0 where nothing differs."""
    if p >= alpha or abs(change) < worth:
        return "within noise"
    return "better" if (change < 0) == is_less_better else "worse"
