"""The best sequences through places in a row: the compiled kernels say what their twins say, to the last bit."""

from itertools import pairwise, product
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from vnsearch.kernels import twins

Array = np.ndarray[Any, Any]


def _steps(order: int, sizes: Array) -> int:
    return sum(int(np.prod(sizes[max(0, place + 1 - order) : place + 1])) for place in range(len(sizes)))


def _threes(sizes: Array, whole: bool) -> Array:
    """How many sequences of three there are from each place on that have chances."""
    all_ = sizes[:-2] * sizes[1:-1] * sizes[2:]
    return np.where(all_ > (0 if whole else 1), all_, 0)


def _chances(rng: np.random.Generator, *shape: int) -> Array:
    """Some of them are the same."""
    return np.maximum(np.round(rng.random(shape), rng.choice([1, 15])), 1e-9)


def _given(rng: np.random.Generator, order: int) -> list[Any]:
    """Places of one to twelve spellings; some sequences are exactly as good as others."""
    sizes = rng.choice([1, 1, 2, 5, 12], rng.integers(1, 9)).astype(np.int64)
    number, all_, whole = _steps(order, sizes), int(sizes.sum()), bool(rng.integers(2))
    pairs, at = int((sizes[:-1] * sizes[1:]).sum()), rng.integers(0, number, rng.integers(0, 6))
    threes = int(_threes(sizes, whole).sum()) if order == 3 else 0
    chances = [_chances(rng, n) for n in (all_, pairs, threes)]
    worth = 3 * rng.random(len(at))
    return [order, whole, sizes, *chances, -_chances(rng, all_), at, worth, np.zeros(number), np.zeros(all_)]


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
    sizes, steps, most = own[2], own[-2], int(rng.integers(1, 20))
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
    number, steps, found = int(sizes.sum()), np.zeros(_steps(3, sizes)), np.zeros(int(sizes.sum()))
    alone, pairs = rng.random(number), rng.random(int((sizes[:-1] * sizes[1:]).sum()))
    triples, nothing, nowhere = rng.random(int(_threes(sizes, True).sum())), np.zeros(0), np.zeros(0, np.int64)
    twins.through(3, True, sizes, alone, pairs, triples, np.zeros(number), nowhere, nothing, steps, found)
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
        which = int(rng.choice([0, 2, 5, 6, 7, 9, 10]))
        if which == 0:
            given[0] = int(rng.choice([-1, 0, 1, 4]))
        elif which in (2, 7) and len(given[which]):
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


def _counted(rng: np.random.Generator) -> list[Any]:
    """What an index says of some of the places of a query, often nothing."""
    sizes = rng.choice([1, 1, 2, 5, 12], rng.integers(2, 9)).astype(np.int64)
    whole, own = bool(rng.integers(2)), sizes.tolist()

    def counts(*shape: int) -> Array:
        found: Array = np.floor(rng.exponential(3, shape)) * (rng.random(shape) < 0.7)
        return found

    seen, threes = [], []
    for a, b in pairwise(own):
        seen.append((counts(a) if rng.random() < 0.7 else counts(a, b), counts(a, b)) if rng.random() < 0.8 else None)
    for a, b, c in zip(own, own[1:], own[2:], strict=False):
        threes.append((counts(a, b), counts(a, b, c)) if rng.random() < 0.6 else None)
    pairs = _chances(rng, int((sizes[:-1] * sizes[1:]).sum()))
    triples = _chances(rng, int(_threes(sizes, whole).sum()))
    weights = (0.35, 0.75, 0.7, 0.6)
    return [whole, sizes, _chances(rng, int(sizes.sum())), tuple(seen), tuple(threes), weights, pairs, triples]


@pytest.mark.parametrize("seed", range(60))
def test_counts_are_weighed_in_the_same(native: ModuleType, seed: int) -> None:
    """Of pairs and of triples, to the last bit, where something was counted and where nothing was."""
    own = _counted(np.random.default_rng(seed))
    other = [*own[:-2], own[-2].copy(), own[-1].copy()]
    native.weigh(*own)
    twins.weigh(*other)
    for mine, its in zip(own[-2:], other[-2:], strict=True):
        assert mine.tolist() == its.tolist()


def test_counts_that_do_not_fit_are_refused(native: ModuleType) -> None:
    """Counts of other places, too few, of no shape at all: an error, no crash."""
    rng, refused = np.random.default_rng(7), 0
    for _ in range(300):
        given = _counted(rng)
        which = int(rng.choice([1, 2, 3, 4, 7]))
        if which == 1:
            given[1][rng.integers(0, len(given[1]))] = rng.choice([-1, 0, 77, 1 << 40])
        elif which in (3, 4) and given[which]:
            wrong = rng.choice(4)
            at = int(rng.integers(0, len(given[which])))
            odd = (np.zeros(3), np.zeros(2)) if wrong == 0 else ((np.zeros(3),) if wrong == 1 else 7)
            given[which] = given[which][:-1] if wrong == 3 else (*given[which][:at], odd, *given[which][at + 1 :])
        elif len(given[which]):
            given[which] = given[which][:-1]
        else:
            continue
        with pytest.raises((ValueError, TypeError)):
            native.weigh(*given)
        refused += 1
    assert refused > 200


def _standing(rng: np.random.Generator) -> tuple[bytes, bytes]:
    """Where two spellings stand, as `Store.pairs` says it."""
    places = np.unique(rng.integers(0, 300, rng.integers(0, 200)))
    codes = rng.integers(0, 3, len(places)) << 4 | rng.integers(0, 4, len(places))
    return places.tobytes(), codes.astype(np.uint8).tobytes()


@pytest.mark.parametrize("seed", range(40))
def test_three_in_a_row_are_the_same(native: ModuleType, seed: int) -> None:
    """Added to what was counted; where spellings are not those of the table: an error, no crash."""
    rng = np.random.default_rng(seed)
    given, before, counts = (*_standing(rng), *_standing(rng)), np.ones((2, 3, 4)), np.ones((2, 3, 4, 4))
    end = int(rng.integers(0, 400))
    native.in_a_row(*given, end, before[0], counts[0])
    twins.in_a_row(*given, end, before[1], counts[1])
    assert before[0].tolist() == before[1].tolist()
    assert counts[0].tolist() == counts[1].tolist()
    many = (np.arange(5).tobytes(), bytes([0x33] * 5))
    for odd in ((*many, *many), (many[0], b"", *many), (*many, many[0], b"")):
        with pytest.raises(ValueError):
            native.in_a_row(*odd, 9, np.zeros((3, 4)), np.zeros((3, 4, 4)))
    with pytest.raises(ValueError):
        native.in_a_row(*given, end, np.zeros((3, 4)), np.zeros(7))
