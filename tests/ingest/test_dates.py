"""Dates: day first, the weekday as witness, nothing guessed."""

import re
import unicodedata
from datetime import date
from pathlib import Path

import pytest

from vnsearch import ArticleError
from vnsearch.ingest.dates import date_of_url, find_date, parse_date

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
