"""Dates: day first, the weekday as witness, nothing guessed."""

import re
import unicodedata
from datetime import date
from pathlib import Path

import pytest

from vnsearch import ArticleError
from vnsearch.vietnam.dates import date_of_url, find_date, parse_date

KINDS = [line.split("\t") for line in (Path(__file__).parent.parent / "data/dates.tsv").read_text("utf-8").splitlines()]


@pytest.mark.parametrize(("written", "meant"), KINDS, ids=[written for written, _ in KINDS])
def test_every_kind_that_sites_write(written: str, meant: str) -> None:
    """The day, and the time of day in Viet Nam where one stands with it; in whatever encoding."""
    for text in (written, f" {written} ", unicodedata.normalize("NFD", written)):
        assert parse_date(text).isoformat() == meant


def test_there_are_many_kinds() -> None:
    assert len({re.sub(r"\d+", "9", written) for written, _ in KINDS}) >= 36


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


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("9/5/2026 1:30:00 PM", "2026-09-05T13:30:00+07:00"),
        ("3/5/2026 6:52:01 AM", "2026-03-05T06:52:01+07:00"),
        ("1/28/2026 6:52:01 AM", "2026-01-28T06:52:01+07:00"),
        ("9/5/2026 1:30:00 CH", "2026-05-09T13:30:00+07:00"),  # Vietnamese halves of the day: day first
        ("20/01/2022 01:39 PM", "2022-01-20T13:39:00+07:00"),
        ("1675744440", "2023-02-07T11:34:00+07:00"),
        ("1675744440000", "2023-02-07T11:34:00+07:00"),
        ("/Date(1675744440000)/", "2023-02-07T11:34:00+07:00"),
        ("20230207", "2023-02-07"),
        ("20230207113400", "2023-02-07T11:34:00+07:00"),
        ("20230207T043400Z", "2023-02-07T11:34:00+07:00"),
        ("Cập nhật: 08/03/2023 15:00; Đăng ngày 06/03/2023", "2023-03-06"),
        ("Chúa nhật, 5/2/2023", "2023-02-05"),
    ],
)
def test_what_systems_write(text: str, right: str) -> None:
    """.NET's English form is month first; seconds since 1970; figures without signs between."""
    assert parse_date(text, today=date(2026, 11, 27)).isoformat() == right


def test_month_or_day_first_is_not_guessed() -> None:
    """Figures that may be either are an error that says so; a Sunday must be one, by its other name too."""
    with pytest.raises(ArticleError, match="month first or day first"):
        parse_date("11/12/2025 10:30:00 AM", today=date(2026, 11, 27))
    with pytest.raises(ArticleError, match="contradicts itself"):
        parse_date("Chúa nhật, 6/2/2023")


@pytest.mark.parametrize(
    ("url", "right"),
    [
        ("https://a.vn/x-102260905122709839.htm", "2026-09-05"),
        ("a.vn/x-196260307071308923.htm", "2026-03-07"),
        ("a.vn/x-18826030622484142.chn?utm=1", "2026-03-06"),
        ("https://a.vn/x-20260307075519174.htm", "2026-03-07"),
        ("https://a.vn/x-102261305122709839.htm", "None"),  # no thirteenth month
        ("https://a.vn/x-5047363.html", "None"),
    ],
)
def test_days_in_addresses(url: str, right: str) -> None:
    """The commonest systems' addresses, with and without the three figures of the site."""
    assert str(date_of_url(url, today=date(2026, 11, 27))) == right
