"""Phrases and rows: each compiled kernel does what its twin does, and refuses arrays that do not fit together."""

from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vnsearch.kernels import twins
from vnsearch.text.term_stream import Phrases, code, read_terms

quick = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
WORDS = st.lists(st.sampled_from("a b c d".split()), max_size=20)
PHRASES = st.sets(st.lists(st.sampled_from("a b c d".split()), min_size=1, max_size=5).map(tuple), max_size=12)


@quick
@given(st.lists(st.tuples(WORDS, WORDS), max_size=4), PHRASES, st.integers(1, 3))
def test_phrases_are_found_alike(
    native: ModuleType, texts: list[tuple[list[str], list[str]]], phrases: set[tuple[str, ...]], in_title: int
) -> None:
    """The longest of a place, and how often each is in a text."""
    known = Phrases(sorted(phrases))
    keys = read_terms([(" ".join(title), " ".join(text)) for title, text in texts]).keys
    both: tuple[Any, Any] = (native, twins)
    assert len({kernels.find_phrases(keys.codes, *known._trie) for kernels in both}) == 1
    ends = keys.title_ends, keys.ends
    assert len({k.count_phrases(keys.codes, *known._trie, *ends, in_title, len(phrases)) for k in both}) == 1


def test_a_trie_that_does_not_fit_is_refused(native: ModuleType) -> None:
    """Or answers something: codes, steps, nodes and numbers are never followed beyond an array."""
    rng, refused = np.random.default_rng(3), 0
    known = Phrases(["a b c".split(), "b c".split(), ["a"], "c d a b".split()])
    keys = read_terms([("a b c d", "a b c d a b c a b " * 9)] * 3).keys
    sound = [keys.codes, *known._trie, keys.title_ends, keys.ends]
    for _ in range(400):
        given, which = list(sound), int(rng.integers(0, 7))
        changed = given[which].copy()
        if rng.random() < 0.3:
            changed = changed[: rng.integers(0, len(changed))]
        else:
            own = np.isin(np.arange(len(changed)), [code(word) for word in "abcd"]) | (len(changed) < 400)
            value = int(rng.choice([0, 1, 5, 2**31 - 1, 2**31, 2**62, -1]))
            changed[rng.choice(own.nonzero()[0])] = np.array(value).astype(changed.dtype)
        given[which] = changed
        for run, arguments in ((native.find_phrases, given[:5]), (native.count_phrases, [*given, 3, 4])):
            try:
                assert len(run(*arguments)) % 24 == 0
            except ValueError:
                refused += 1
    assert refused > 100
    with pytest.raises(ValueError):
        native.count_phrases(*sound, 0, 4)
    with pytest.raises(ValueError):
        native.count_phrases(*sound, 3, 3)


@quick
@given(st.lists(st.lists(st.integers(0, 2**32 - 1), max_size=4), min_size=1, max_size=9), st.data())
def test_rows_are_gathered_alike(native: ModuleType, rows: list[list[int]], data: st.DataObject) -> None:
    """Any rows in any order, also none; what is no row is refused."""
    first = np.cumsum([0, *map(len, rows)])
    values = np.array([value for row in rows for value in row], np.uint32)
    chosen = data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=9))
    numbers = np.array(chosen, np.int32)
    expected = [value for row in chosen for value in rows[row]]
    for kernels in (native, twins):
        assert np.frombuffer(kernels.gather_rows(first, values, numbers), np.uint32).tolist() == expected
    for wrong in (np.array([len(rows)], np.int32), np.array([-1], np.int32)):
        with pytest.raises(ValueError):
            native.gather_rows(first, values, wrong)
    for broken in (first + 1, first - 1, np.append(first[:-1], 1 << 62), first[::-1].copy() + 2):
        with pytest.raises(ValueError):
            native.gather_rows(broken, values, np.arange(len(rows), dtype=np.int32))
