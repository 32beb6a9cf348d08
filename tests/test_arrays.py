"""What NumPy lacks, beside what plain Python says."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vnsearch.arrays import distinct, find_in, nth, rows, spans, stable_order

SMALL = st.lists(st.integers(0, 9), max_size=12)
KEYS = st.lists(st.integers(0, 1 << 20), max_size=40)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 4)), max_size=8))
def test_spans_are_ranges_one_after_the_other(pairs: list[tuple[int, int]]) -> None:
    """Empty ones among them give nothing."""
    starts, lengths = (np.array([pair[n] for pair in pairs], np.int64) for n in (0, 1))
    assert spans(starts, lengths).tolist() == [n for start, length in pairs for n in range(start, start + length)]


@given(st.lists(SMALL, min_size=1, max_size=6), st.data())
def test_rows_of_a_table(table: list[list[int]], data: st.DataObject) -> None:
    """The values of chosen rows in the order of the choice, a row as often as it is chosen."""
    chosen = data.draw(st.lists(st.integers(0, len(table) - 1), max_size=6))
    values = np.array([value for row in table for value in row], np.int64)
    first = np.cumsum([0, *map(len, table)])
    found, counts = rows(first, np.array(chosen, np.int64))
    assert values[found].tolist() == [value for number in chosen for value in table[number]]
    assert counts.tolist() == [len(table[number]) for number in chosen]


@given(KEYS)
def test_an_order_keeps_equal_keys_in_place(keys: list[int]) -> None:
    """As `sorted` does, also of keys beyond 16 bits."""
    order = stable_order(np.array(keys, np.int64), max(keys, default=0))
    assert order.tolist() == sorted(range(len(keys)), key=keys.__getitem__)


@given(st.lists(st.integers(0, 20), min_size=1, max_size=30), st.data())
def test_the_nth_greatest(numbers: list[int], data: st.DataObject) -> None:
    """Equal ones count each; what is asked about stays as it is."""
    n, array = data.draw(st.integers(1, len(numbers))), np.array(numbers)
    assert nth(array, n) == sorted(numbers, reverse=True)[n - 1]
    assert array.tolist() == numbers


@given(SMALL)
def test_each_number_once(numbers: list[int]) -> None:
    """Of ascending ones."""
    assert distinct(np.array(sorted(numbers))).tolist() == sorted(set(numbers))


@given(st.sets(st.integers(0, 15)), SMALL)
def test_what_is_among_ascending_numbers(numbers: set[int], wanted: list[int]) -> None:
    """Which are there, and where; none among none."""
    ascending = np.array(sorted(numbers), np.int64)
    at, there = find_in(ascending, np.array(wanted, np.int64))
    assert there.tolist() == [number in numbers for number in wanted]
    assert ascending[at[there]].tolist() == [number for number in wanted if number in numbers]
