"""Dates as Vietnamese sites write them: day first, the weekday as witness, nothing guessed.

>>> parse_date("Thứ Ba, 7/2/2023 | 11:34").isoformat()
'2023-02-07T11:34:00+07:00'
>>> parse_date("Tue, 07 Feb 2023 04:34:00 GMT").isoformat()
'2023-02-07T11:34:00+07:00'
>>> parse_date("Thứ Tư, 7/2/2023")
Traceback (most recent call last):
...
vnsearch.errors.ArticleError: published: "Thứ Tư, 7/2/2023" contradicts itself: 2023-02-07 is a Thứ Ba
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import NamedTuple

from ..article import VIETNAM
from ..errors import ArticleError
from ..text.fold import fold
from ..text.normalize import clean

EARLIEST = date(1945, 9, 2)  # nothing was published by the state before there was one
_WEEKDAYS = ["hai", "ba", "tu", "nam", "sau", "bay"]
_WEEKDAY_NAMES = ["Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ Nhật"]

# all on folded lower-case text, one blank between words: so none of them looks at a blank twice
_WEEKDAY = re.compile(
    r"\bthu ?(hai|ba|tu|nam|sau|bay|[2-7])\b|\b(chu nhat|cn)\b|\b(mon|tue|wed|thu|fri|sat|sun)(?:[a-z]*day\b|,\s*\d)"
)
_VIETNAMESE_MONTHS = "gieng|mot|hai|ba|tu|nam|sau|bay|tam|chin|muoi mot|muoi hai|muoi|chap"
_ENGLISH_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_MONTH = re.compile(f"thang|{_ENGLISH_MONTHS}")
_NAMED_MONTHS = (  # month and day by name: put into figures first
    re.compile(rf"(?<!\d)(?P<d>\d{{1,2}}) ?,? ?thang (?P<m>{_VIETNAMESE_MONTHS}) ?,? ?(?:nam )?(?P<y>\d{{4}})(?!\d)"),
    re.compile(
        rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th)? (?P<m>{_ENGLISH_MONTHS})[a-z]*\.?,? (?P<y>\d{{4}}|\d{{2}})(?!\d)"
    ),
    re.compile(rf"\b(?P<m>{_ENGLISH_MONTHS})[a-z]*\.? (?P<d>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y>\d{{4}})(?!\d)"),
)
_MONTHS = {name: number for number, name in enumerate(_ENGLISH_MONTHS.split("|"), 1)} | {
    name: number
    for number, names in enumerate("gieng|mot hai ba tu nam sau bay tam chin muoi muoi_mot muoi_hai|chap".split(), 1)
    for name in names.replace("_", " ").split("|")
}
_FORMS = (
    re.compile(r"(?<!\d)(?P<y>\d{4})([/-])(?P<m>\d{1,2})\2(?P<d>\d{1,2})(?!\d)"),
    re.compile(r"(?<![\d/.-])(?P<d>\d{1,2})\s?([/.-])\s?(?P<m>\d{1,2})\s?\2\s?(?P<y>\d{4})(?!\d)"),
    re.compile(r"(?<!\d)(?P<d>\d{1,2}) ?,? ?thang ?(?P<m>\d{1,2}) ?[,.]? ?(?:nam)? ?(?P<y>\d{4})(?!\d)"),
    re.compile(r"(?<![\d/.-])(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>\d{2})(?![\d/])"),
)
_CLOCK = re.compile(
    r"(?<![\d:])(?P<h>\d{1,2})\s?(?::|h|gio)\s?(?P<min>\d{2})(?::(?P<s>\d{2}))?(?:\.\d+)? ?(?P<half>am|pm|sa|ch)?"
    r" ?(?:\(?\[?(?:gmt|utc)?\s?(?P<zone>[+-]\d{1,2}(?::?\d{2})?|z\b)|(?P<utc>gmt|utc)\b)?"
)


class _Reading(NamedTuple):
    day: date
    end: int  # of the date in the folded text
    start: int


def parse_date(text: str, *, today: date | None = None) -> date:
    """The one date in a text, a datetime where a time of day stands with it (Asia/Ho_Chi_Minh).

    Raises ArticleError when there is none, when it does not exist, when the weekday contradicts it,
    and when it lies in the future (of `today`, by default the real one) or before 1945-09-02.
    """
    found = find_date(text, today=today)
    if found is None:
        raise ArticleError(
            "published", f'no date in "{text.strip()[:60]}"; expected something like 7/2/2023 or 2023-02-07'
        )
    return found


def find_date(text: str, *, today: date | None = None) -> date | None:
    """As `parse_date`, but None when the text has no date at all."""
    cleaned = " ".join(clean(text).text.split())
    folded = fold(cleaned).lower()
    if len(folded) != len(cleaned):  # only a text in other scripts
        folded = " ".join(text.lower().split())
    for named in _NAMED_MONTHS if _MONTH.search(folded) else ():
        folded = named.sub(lambda m: f"{m['d']}/{_MONTHS[m['m']]}/{m['y']}", folded)
    reading = _read_day(folded, text)
    if reading is None:
        return None
    day = reading.day
    if not EARLIEST <= day <= (today or datetime.now(VIETNAM).date()):
        raise ArticleError("published", f"{day} is not a day between {EARLIEST} and today")
    weekday = _weekday(folded)
    if weekday is not None and weekday != day.weekday():
        name = _WEEKDAY_NAMES[day.weekday()]
        raise ArticleError("published", f'"{text.strip()[:60]}" contradicts itself: {day} is a {name}')
    return _with_clock(day, folded[: reading.start] + " | " + folded[reading.end :])


_IN_URL = re.compile(  # /2023/02/07/..., ...-20230207113400123.htm: systems put the moment of publication there
    r"/(?P<y>(?:19|20)\d\d)[/-](?P<m>\d{1,2})[/-](?P<d>\d{1,2})/|[-/](?P<Y>20\d\d)(?P<M>\d\d)(?P<D>\d\d)\d{6,11}(?:\.\w+)?$"
)


def date_of_url(url: str, *, today: date | None = None) -> date | None:
    """The day in an article's address, or None where none is plainly there."""
    m = _IN_URL.search(url)
    if m is None:
        return None
    try:
        day = date(int(m["y"] or m["Y"]), int(m["m"] or m["M"]), int(m["d"] or m["D"]))
    except ValueError:
        return None
    return day if EARLIEST <= day <= (today or datetime.now(VIETNAM).date()) else None


def _read_day(folded: str, text: str) -> _Reading | None:
    for form in _FORMS:
        if m := form.search(folded):
            year = int(m["y"]) + (2000 if len(m["y"]) == 2 else 0)
            try:
                return _Reading(date(year, int(m["m"]), int(m["d"])), m.end(), m.start())
            except ValueError:
                raise ArticleError("published", f'"{text.strip()[:60]}" is no day of the calendar') from None
    return None


def _weekday(folded: str) -> int | None:
    """0 for Monday, as date.weekday()."""
    m = _WEEKDAY.search(folded)
    if m is None:
        return None
    if m[1]:
        return int(m[1]) - 2 if m[1].isdigit() else _WEEKDAYS.index(m[1])
    if m[2]:
        return 6
    return ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].index(m[3])


def _with_clock(day: date, rest: str) -> date:
    rest = re.sub(r"^(\s*\|\s*)t(?=\d)", r"\1", rest)  # 2023-02-07T11:34
    m = _CLOCK.search(rest)
    if m is None:
        return day
    hour, minute, second = int(m["h"]), int(m["min"]), int(m["s"] or 0)
    if m["half"] in ("pm", "ch") and hour < 12:
        hour += 12
    elif m["half"] in ("am", "sa") and hour == 12:
        hour = 0
    if hour > 23 or minute > 59 or second > 59:
        return day
    return datetime(
        day.year, day.month, day.day, hour, minute, second, tzinfo=UTC if m["utc"] else _zone(m["zone"])
    ).astimezone(VIETNAM)


def _zone(written: str | None) -> timezone:
    if written is None:
        return VIETNAM
    if written == "z":
        return UTC
    digits = written[1:].replace(":", "")
    hours, minutes = int(digits[:2]), int(digits[2:] or 0)
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if written[0] == "-" else offset) if hours < 24 else VIETNAM
