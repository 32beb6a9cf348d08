"""Dates in a query: one period for every way to say it."""

from datetime import UTC, date, datetime

import pytest

from vnsearch import QueryError
from vnsearch.query.dates import as_day, read_period

NOW = date(2026, 11, 23)  # a Monday


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("2023-02-07", "2023-02-07", "2023-02-07"),
        ("7/2/2023", "2023-02-07", "2023-02-07"),
        ("ngày 7 tháng 2 năm 2023", "2023-02-07", "2023-02-07"),
        ("2/2023", "2023-02-01", "2023-02-28"),
        ("02-2024", "2024-02-01", "2024-02-29"),
        ("tháng 2/2023", "2023-02-01", "2023-02-28"),
        ("thang 12 nam 2023", "2023-12-01", "2023-12-31"),
        ("2023-02", "2023-02-01", "2023-02-28"),
        ("2023", "2023-01-01", "2023-12-31"),
        ("năm 2023", "2023-01-01", "2023-12-31"),
        ("quý I/2023", "2023-01-01", "2023-03-31"),
        ("quy 4 nam 2023", "2023-10-01", "2023-12-31"),
        ("2023-02-01..2023-02-28", "2023-02-01", "2023-02-28"),
        ("2022..2/2023", "2022-01-01", "2023-02-28"),
        ("từ 1/2/2023 đến 3/2/2023", "2023-02-01", "2023-02-03"),
        (">=2023-02-01", "2023-02-01", None),
        (">2023", "2024-01-01", None),
        ("<2023", None, "2022-12-31"),
        ("<=7/2/2023", None, "2023-02-07"),
        ("..2023", None, "2023-12-31"),
        ("hôm nay", "2026-11-23", "2026-11-23"),
        ("hôm qua", "2026-11-22", "2026-11-22"),
        ("7 ngày qua", "2026-11-16", "2026-11-23"),
        ("tuần này", "2026-11-23", "2026-11-29"),
        ("tuần trước", "2026-11-16", "2026-11-22"),
        ("tháng trước", "2026-10-01", "2026-10-31"),
        ("tháng này", "2026-11-01", "2026-11-30"),
        ("năm ngoái", "2025-01-01", "2025-12-31"),
    ],
)
def test_a_period(text: str, since: str | None, until: str | None) -> None:
    """First and last day, both included."""
    period = read_period(text, now=NOW)
    assert period.since == (date.fromisoformat(since) if since else None)
    assert period.until == (date.fromisoformat(until) if until else None)


@pytest.mark.parametrize("text", ["31/2/2023", "13/2023", "quý V/2023", "abc", "", "2023-02-28..2023-02-01", "0000"])
def test_what_is_no_date(text: str) -> None:
    """A QueryError with examples, never an empty period."""
    with pytest.raises(QueryError):
        read_period(text, now=NOW)


def test_a_bound_takes_the_first_or_last_day() -> None:
    """since= and until= of a longer period; a datetime counts in Viet Nam."""
    assert as_day("tháng 2/2023", last=False) == date(2023, 2, 1)
    assert as_day("tháng 2/2023", last=True) == date(2023, 2, 28)
    assert as_day(datetime(2023, 2, 7, 20, tzinfo=UTC), last=True) == date(2023, 2, 8)
    with pytest.raises(QueryError):
        as_day(20230207, last=True)  # type: ignore[arg-type]
