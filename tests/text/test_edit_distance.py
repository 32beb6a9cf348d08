"""How far words are apart, beside the table of Levenshtein 1966."""

from hypothesis import given
from hypothesis import strategies as st

from vnsearch.text.edit_distance import within

WORDS = st.text("aăbd", max_size=7)


def distance(a: str, b: str) -> int:
    """By definition: the least of three ways to begin."""
    if not a or not b:
        return len(a) + len(b)
    return min(distance(a[1:], b) + 1, distance(a, b[1:]) + 1, distance(a[1:], b[1:]) + (a[0] != b[0]))


@given(WORDS, WORDS, st.integers(0, 4))
def test_within_is_the_distance_by_definition(a: str, b: str, edits: int) -> None:
    """Added, left out and changed letters count one each, whichever of the words is first."""
    assert within(a, b, edits) == within(b, a, edits) == (distance(a, b) <= edits)
