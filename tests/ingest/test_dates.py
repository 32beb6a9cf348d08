"""Dates: day first, the weekday as witness, nothing guessed."""

from datetime import date, datetime

import pytest

from vnsearch import ArticleError
from vnsearch.article import VIETNAM
from vnsearch.ingest.dates import date_of_url, find_date, parse_date


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=VIETNAM)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Thứ Ba, 7/2/2023", date(2023, 2, 7)),
        ("Thứ 5, 20/04/2023 | 11:34", at(2023, 4, 20, 11, 34)),
        ("Thứ Năm, 20/04/2023 | 11:34", at(2023, 4, 20, 11, 34)),
        ("07/02/2023 14:35 GMT+7", at(2023, 2, 7, 14, 35)),
        ("07/02/2023 09:05 PM", at(2023, 2, 7, 21, 5)),
        (" 06/03/2022 22:16 PM ", at(2022, 3, 6, 22, 16)),
        ("ngày 7 tháng 2 năm 2023", date(2023, 2, 7)),
        ("Cập nhật: 15:59, 24/08/2022", at(2022, 8, 24, 15, 59)),
        ("24/08/20 15:59", at(2020, 8, 24, 15, 59)),
        ("Chủ Nhật, 08/06/2025, 09:12 [GMT+7]", at(2025, 6, 8, 9, 12)),
        ("Chủ nhật, 8.6.2025", date(2025, 6, 8)),
        ("2023-02-07", date(2023, 2, 7)),
        ("2023-02-07T18:30:00+07:00", at(2023, 2, 7, 18, 30)),
        ("2023-02-07T20:30:00Z", at(2023, 2, 8, 3, 30)),
        ("thu ba, 07-02-2023", date(2023, 2, 7)),
        ("Thu\u0301\u031b Ba, 7/2/2023", date(2023, 2, 7)),
    ],
)
def test_every_form_that_sites_write(written: str, meant: date) -> None:
    """The day, and the time of day in Viet Nam where one stands with it."""
    assert parse_date(written) == meant


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("Thứ Tư, 7/2/2023", "a Thứ Ba"),
        ("31/2/2023", "no day of the calendar"),
        ("13/13/2023", "no day of the calendar"),
        ("7/2/2093", "between"),
        ("7/2/1844", "between"),
        ("sáng nay", "no date"),
        ("", "no date"),
    ],
)
def test_a_wrong_date_is_an_error_not_a_guess(written: str, problem: str) -> None:
    """The message says what is wrong with it."""
    with pytest.raises(ArticleError, match=problem):
        parse_date(written)


def test_a_text_without_date_is_no_error() -> None:
    """find_date tells "none" from "wrong"."""
    assert find_date("Ban Dân vận Tỉnh ủy") is None
    assert find_date("Nghị quyết 25/2023/NQ-HĐND ngày 7") is None


def test_tomorrow_is_refused() -> None:
    """Today is the last day that an article can have."""
    assert parse_date("7/2/2023", today=date(2023, 2, 7)) == date(2023, 2, 7)
    with pytest.raises(ArticleError, match="between"):
        parse_date("8/2/2023", today=date(2023, 2, 7))


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        ("https://x.vn/kinh-te/lua-duoc-mua-20230207113400123.htm", date(2023, 2, 7)),
        ("https://x.vn/2023/2/7/lua-duoc-mua.html", date(2023, 2, 7)),
        ("https://x.vn/2023-02-07/lua-duoc-mua", date(2023, 2, 7)),
        ("https://x.vn/lua-duoc-mua-20231307113400123.htm", None),
        ("https://x.vn/lua-duoc-mua-185250807.htm", None),
        ("https://x.vn/nghi-quyet-20230207", None),
        ("https://x.vn/2093/02/07/lua.html", None),
        ("", None),
    ],
)
def test_the_day_in_an_address(url: str, meant: date | None) -> None:
    """Where a system plainly put it; a number is no date."""
    assert date_of_url(url) == meant
