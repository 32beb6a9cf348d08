"""One hit a story: as many matches are looked at as are needed for a page of stories, and no more than there are."""

import numpy as np
import pytest

from vnsearch.deadline import Late
from vnsearch.ranking.stories import collapsed

PRINTS = [int(n) for n in np.random.default_rng(5).integers(1, 1 << 63, 40)]


def matches(copies: int) -> list[tuple[int, int]]:
    """The first story `copies` times, then each of the others once: (number, fingerprint)."""
    return list(enumerate([PRINTS[0]] * copies + PRINTS[1:]))


def prints_of(page: list[tuple[int, int]]) -> list[int]:
    return [own for _, own in page]


def test_more_are_asked_for_until_there_are_enough() -> None:
    """A story that fills the first pages costs further ones; what is behind its first match goes with it."""
    asked: list[int] = []

    def find(number: int) -> tuple[str, list[tuple[int, int]], bool]:
        asked.append(number)
        return f"found {number}", matches(50)[:number], False

    found, page, others, partial = collapsed(0, 3, find, prints_of)
    assert [number for number, _ in page] == [0, 50, 51]
    assert [[number for number, _ in same] for same in others] == [list(range(1, 50)), [], []]
    assert (found, partial, asked) == ("found 144", False, [16, 48, 144])
    assert [number for number, _ in collapsed(2, 4, find, prints_of)[1]] == [51, 52]


def test_no_more_are_asked_for_than_can_be_given() -> None:
    """Where an engine gives a number of matches at most, the stories of these are all."""
    asked: list[int] = []

    def find(number: int) -> tuple[None, list[tuple[int, int]], bool]:
        asked.append(number)
        return None, matches(50)[: number + 7], False  # engines may give more than was asked for

    _, page, others, _ = collapsed(0, 3, find, prints_of, most=30)
    assert [number for number, _ in page] == [0]
    assert len(others[0]) == 29 and asked == [16, 30]


@pytest.mark.parametrize("while_finding", [True, False])
def test_a_deadline_ends_it(while_finding: bool) -> None:
    """What was found by then is what there is; where stories could not be compared there is no page."""

    def late(page: list[tuple[int, int]]) -> list[int]:
        raise Late

    def find(number: int) -> tuple[str, list[tuple[int, int]], bool]:
        return "found", matches(50)[:number], while_finding

    found, page, _, partial = collapsed(0, 3, find, prints_of if while_finding else late)
    assert found == "found" and partial
    assert [number for number, _ in page] == ([0] if while_finding else [])
