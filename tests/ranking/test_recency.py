"""What being new is worth."""

from datetime import date, timedelta

import numpy as np
import pytest

from vnsearch.ranking.recency import HALF_LIFE, NEWER, factors

TODAY = date(2026, 11, 1)


@pytest.mark.parametrize(
    ("age", "factor"),
    [(0, 1 + NEWER), (HALF_LIFE, 1 + NEWER / 2), (2 * HALF_LIFE, 1 + NEWER / 4), (-30, 1 + NEWER), (36_500, 1.0)],
)
def test_it_halves_with_each_half_life(age: float, factor: float) -> None:
    """Most for today and for what bears a later day; nothing for what is very old."""
    [found] = factors(np.array([(TODAY - timedelta(days=age)).toordinal()]), TODAY)
    assert found == pytest.approx(factor, abs=1e-4)


def test_an_article_without_a_day_gets_nothing() -> None:
    """Whatever its neighbours get."""
    assert factors(np.array([0, TODAY.toordinal()]), TODAY).tolist() == pytest.approx([1.0, 1 + NEWER])
