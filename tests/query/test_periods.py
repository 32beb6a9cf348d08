"""Dates in a query: one period for every way to say it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from vnsearch import QueryError
from vnsearch.article import VIETNAM
from vnsearch.query.periods import as_bound, read_period

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


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("2023-02-07 17:00", "2023-02-07 17:00", "2023-02-07 17:00"),
        ("2023-02-07T17:00:59", "2023-02-07 17:00", "2023-02-07 17:00"),
        ("2023-02-07T17:00:00Z", "2023-02-08 00:00", "2023-02-08 00:00"),
        ("2023-02-07T17:00+09:00", "2023-02-07 15:00", "2023-02-07 15:00"),
        ("17:00 ngày 7/2/2023", "2023-02-07 17:00", "2023-02-07 17:00"),
        ("7/2/2023 17h30", "2023-02-07 17:30", "2023-02-07 17:30"),
        ("17h 7/2/2023", "2023-02-07 17:00", "2023-02-07 17:00"),
        ("17 giờ ngày 7/2/2023", "2023-02-07 17:00", "2023-02-07 17:00"),
        ("17 giờ 30 ngày 7/2/2023", "2023-02-07 17:30", "2023-02-07 17:30"),
        ("Thứ 3, 7/2/2023 | 5:30 PM", "2023-02-07 17:30", "2023-02-07 17:30"),
        ("7/2/2023 8:00..7/2/2023 17:00", "2023-02-07 08:00", "2023-02-07 17:00"),
        ("7/2/2023 8:00..7/2/2023", "2023-02-07 08:00", "2023-02-07"),
        ("từ 7/2/2023 8h đến 8/2/2023", "2023-02-07 08:00", "2023-02-08"),
        (">7/2/2023 23:59", "2023-02-08 00:00", None),
        ("trước 8/2/2023 0:00", None, "2023-02-07 23:59"),
        ("<= 7/2/2023 8:00", None, "2023-02-07 08:00"),
    ],
)
def test_a_time_of_day(text: str, since: str | None, until: str | None) -> None:
    """A bound is then its minute in Viet Nam, whatever zone it was written in."""

    def bound(written: str | None) -> date | None:
        if written is None:
            return None
        return datetime.fromisoformat(f"{written}+07:00") if " " in written else date.fromisoformat(written)

    period = read_period(text, now=NOW)
    assert (period.since, period.until) == (bound(since), bound(until))
    assert str(period) == f"{since or ''}..{until or ''}"


@pytest.mark.parametrize("text", ["31/2/2023", "13/2023", "quý V/2023", "abc", "", "2023-02-28..2023-02-01", "0000"])
def test_what_is_no_date(text: str) -> None:
    """A QueryError with examples, never an empty period."""
    with pytest.raises(QueryError):
        read_period(text, now=NOW)


@pytest.mark.parametrize(
    "text",
    [
        "2023-02-07 25:00", "7/2/2023 24h", "7/2/2023 5pm", "7/2/2023 17g30", "17:61 7/2/2023", "7/2/2023 17",
        "17 giờ 7 tháng 2 năm 2023", "7/2/2023 17:00..7/2/2023 8:00", "7/2/2023..6/2/2023 8:00", "17:00",
    ],
)  # fmt: skip
def test_a_time_that_cannot_be_read_is_refused(text: str) -> None:
    """It is never left out."""
    with pytest.raises(QueryError):
        read_period(text, now=NOW)


def test_relative_days_are_of_the_day_in_viet_nam() -> None:
    """Also where `now` is a moment."""
    late = datetime(2026, 11, 22, 20, tzinfo=UTC)
    assert read_period("hôm nay", now=late) == (NOW, NOW)
    assert read_period("7 ngày qua", now=late) == (NOW - timedelta(days=7), NOW)


def test_a_bound_takes_the_first_or_last_day() -> None:
    """since= and until= of a longer period; a datetime is its minute in Viet Nam."""
    assert as_bound("tháng 2/2023", last=False) == date(2023, 2, 1)
    assert as_bound("tháng 2/2023", last=True) == date(2023, 2, 28)
    for last in (False, True):
        assert as_bound(datetime(2023, 2, 7, 20, tzinfo=UTC), last=last) == datetime(2023, 2, 8, 3, tzinfo=VIETNAM)
        assert as_bound(datetime(2023, 2, 7, 20, 5, 9), last=last) == datetime(2023, 2, 7, 20, 5, tzinfo=VIETNAM)
    with pytest.raises(QueryError):
        as_bound(datetime.max.replace(tzinfo=UTC), last=True)
    with pytest.raises(QueryError):
        as_bound(20230207, last=True)  # type: ignore[arg-type]
