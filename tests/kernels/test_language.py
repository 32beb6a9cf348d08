"""How probable syllables are behind one another: the compiled kernel says what its twin says, to the last bit."""

from math import prod
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from vnsearch.kernels import twins
from vnsearch.suggest import language

Array = np.ndarray[Any, Any]


def arguments(rng: np.random.Generator) -> list[Any]:
    """Places of one to twelve syllables, of which the language has most."""
    own = language._table()
    table = (own.seconds, own.begins, own.levels, own.rest, own.thirds, own.third_begins, own.third_levels, own.times)
    sizes = rng.integers(1, 13, rng.integers(1, 7))
    often = rng.choice([40, 400, language.unknown() + 1])
    numbers = np.argsort(-own.frequency)[rng.integers(0, often, sizes.sum())].astype(np.uint32)
    known, alone = own.frequency[numbers].astype(np.float64), rng.random(len(numbers))
    asked = np.array([at for at in range(len(sizes) - 2) if rng.random() < 0.7], np.int64)
    pairs = sum(prod(sizes[at : at + 2].tolist()) for at in range(len(sizes) - 1))
    triples = sum(prod(sizes[at : at + 3].tolist()) for at in asked.tolist())
    return [table, 0.02, numbers, known, alone, sizes, asked, np.zeros(pairs), np.zeros(triples)]


@pytest.mark.parametrize("seed", range(60))
def test_chances_are_the_same(native: ModuleType, seed: int) -> None:
    """Of queries of one word and of several."""
    own = arguments(np.random.default_rng(seed))
    other = [*own[:-2], own[-2].copy(), own[-1].copy()]
    native.chances(*own)
    twins.chances(*other)
    for mine, its in zip(own[-2:], other[-2:], strict=True):
        assert mine.tolist() == its.tolist()
        assert not len(mine) or mine.min() > 0


def test_places_that_do_not_fit_are_refused(native: ModuleType) -> None:
    """Sizes of other arrays, steps beyond the end, numbers beyond the table: an error, no crash."""
    rng, refused = np.random.default_rng(5), 0
    for _ in range(500):
        given = arguments(rng)
        which = int(rng.integers(2, len(given)))
        if not len(given[which]):
            continue
        changed: Array = given[which].copy()
        if rng.random() < 0.5:
            changed = changed[:-1]
        else:
            changed[rng.integers(0, len(changed))] = rng.choice([0, 7, 60_000, 1 << 31])
        given[which] = changed
        try:
            native.chances(*given)
        except ValueError:
            refused += 1
    assert refused > 200
