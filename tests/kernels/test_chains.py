"""The best sequences through places in a row: the compiled kernels say what their twins say, to the last bit."""

from itertools import product
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from vnsearch.kernels import twins

Array = np.ndarray[Any, Any]


def _steps(order: int, sizes: Array) -> int:
    return sum(int(np.prod(sizes[max(0, place + 1 - order) : place + 1])) for place in range(len(sizes)))


def _given(rng: np.random.Generator, order: int) -> list[Any]:
    """Places of one to twelve spellings; some sequences are exactly as good as others."""
    sizes = rng.choice([1, 1, 2, 5, 12], rng.integers(1, 9)).astype(np.int64)
    number, all_ = _steps(order, sizes), int(sizes.sum())
    steps, cost = (np.round(-9 * rng.random(n), rng.choice([0, 1, 15])) for n in (number, all_))
    at = rng.integers(0, number, rng.integers(0, 6))
    return [order, bool(rng.integers(2)), sizes, steps, cost, at, 3 * rng.random(len(at)), np.zeros(all_)]


@pytest.mark.parametrize("seed", range(100))
def test_best_sequences_are_the_same(native: ModuleType, seed: int) -> None:
    """Of one place and of several, by pairs and by triples."""
    rng = np.random.default_rng(seed)
    for order in (2, 3):
        own = _given(rng, order)
        other: list[Any] = [one.copy() if isinstance(one, np.ndarray) else one for one in own]
        native.through(*own)
        twins.through(*other)
        for mine, its in zip(own[2:], other[2:], strict=True):
            assert mine.tolist() == its.tolist()
    sizes, steps, most = own[2], own[3], int(rng.integers(1, 20))
    scores, found = np.zeros((2, most)), np.zeros((2, most * len(sizes)), np.int64)
    numbers = [make.sequences(sizes, steps, scores[n], found[n]) for n, make in enumerate((native, twins))]
    assert numbers[0] == numbers[1] > 0
    assert scores[0].tolist() == scores[1].tolist()
    assert found[0].tolist() == found[1].tolist()


@pytest.mark.parametrize("seed", range(20))
def test_the_best_one_is_the_best_of_all(seed: int) -> None:
    """Each spelling has the score of the best of all sequences that it is in, as trying them all tells."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 4, rng.integers(1, 6))
    steps, found = -rng.random(_steps(3, sizes)), np.zeros(int(sizes.sum()))
    nothing = np.zeros(0)
    twins.through(3, True, sizes, steps, np.zeros(len(found)), nothing.astype(np.int64), nothing, found)
    tables = twins._tables(3, sizes, steps)
    scores = {
        path: sum(float(table[path[max(0, at - 2) : at + 1]]) for at, table in enumerate(tables))
        for path in product(*map(range, sizes.tolist()))
    }
    begins = np.concatenate(([0], np.cumsum(sizes)[:-1])).tolist()
    for at, begin in enumerate(begins):
        for spelling in range(int(sizes[at])):
            best_with = max(score for path, score in scores.items() if path[at] == spelling)
            assert found[begin + spelling] == pytest.approx(best_with)
    rows, best = np.zeros(16 * len(sizes), np.int64), np.zeros(16)
    twins.sequences(sizes, steps, best, rows)
    assert tuple(rows[: len(sizes)].tolist()) == max(scores, key=lambda path: scores[path])


def test_what_does_not_fit_is_refused(native: ModuleType) -> None:
    """Sizes of other arrays, places beyond the end, no room for what is found: an error, no crash."""
    rng, refused = np.random.default_rng(3), 0
    for _ in range(400):
        order = int(rng.integers(2, 4))
        given = _given(rng, order)
        which = int(rng.choice([0, 2, 3, 4, 5, 7]))
        if which == 0:
            given[0] = int(rng.choice([-1, 0, 1, 4]))
        elif which in (2, 5) and len(given[which]):
            given[which][rng.integers(0, len(given[which]))] = rng.choice([-1, 1 << 40])
        elif len(given[which]):
            given[which] = given[which][:-1]
        else:
            continue
        with pytest.raises(ValueError):
            native.through(*given)
        refused += 1
        sizes = given[2]
        with pytest.raises(ValueError):
            native.sequences(sizes, np.zeros(3), np.zeros(2), np.zeros(2 * len(sizes) + 1, np.int64))
    assert refused > 200
