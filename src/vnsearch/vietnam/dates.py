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
from datetime import UTC, date, datetime, time, timedelta, timezone
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
    r"\bthu ?(hai|ba|tu|nam|sau|bay|[2-7])\b|\b(chu nhat|chua nhat|cn)\b"
    r"|\b(mon|tue|wed|thu|fri|sat|sun)(?:[a-z]*day\b|,\s*\d)"
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
_AMERICAN = re.compile(  # .NET's en-US: month first, no zeros before figures; with SA and CH these are Vietnamese
    r"(?<![\d/])(?P<m>\d{1,2})/(?P<d>\d{1,2})/(?P<y>\d{4}),? (?P<h>\d{1,2}):\d{2}(?P<s>:\d{2})? ?[ap]m\b"
)
_SECONDS = re.compile(
    r"/date\((?P<ms>-?\d{1,14})(?:[+-]\d{4})?\)/|(?P<epoch>\d{9,10})(?:\.\d{1,9})?|(?P<epoch_ms>\d{12,13})"
)
_COMPACT = re.compile(  # 20230207, 20230207T113400+0700, 20230207113400
    r"(?P<y>(?:19|20)\d\d)(?P<m>[01]\d)(?P<d>[0-3]\d)(?:[t ]?(?P<h>[0-2]\d):?(?P<min>[0-5]\d)(?::?(?P<s>[0-5]\d))?"
    r"(?:\.\d{1,9})?(?P<zone>z|[+-]\d\d:?\d\d)?)?"
)
_UPDATED = re.compile(r"\b(?:cap nhat|chinh sua|sua doi|updated|modified)\b")
_PUBLISHED = re.compile(r"\b(?:dang ngay|ngay dang|dang luc|dang tai|dang|xuat ban|phat hanh|published|posted)\b")


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
    """The date that a text states, as `parse_date` gives it; None where the text has none at all.

    Seconds and milliseconds since 1970 and `20230207` count where they are the whole text.
    """
    folded = _folded(text)
    if (moment := _of_figures(folded.strip(), today)) is not None:
        return moment
    if (update := _UPDATED.search(folded)) and (published := _PUBLISHED.search(folded, update.end())):
        later = folded[published.end() :]  # "Cập nhật: 8/3/2023; Đăng ngày 7/3/2023"
        folded = later if any(form.search(later) for form in _FORMS) else folded
    reading = (_read_american(folded, text) if "m" in folded[-3:] else None) or _read_day(folded, text)
    if reading is None:
        return None
    day = reading.day
    _check(day, today)
    weekday = _weekday(folded)
    if weekday is not None and weekday != day.weekday():
        name = _WEEKDAY_NAMES[day.weekday()]
        raise ArticleError("published", f'"{text.strip()[:60]}" contradicts itself: {day} is a {name}')
    return _with_clock(day, folded[: reading.start] + " | " + folded[reading.end :])


def _folded(text: str) -> str:
    """Small letters without marks, months by name as figures."""
    cleaned = " ".join(clean(text).text.split())
    folded = fold(cleaned).lower()
    if len(folded) != len(cleaned):  # only a text in other scripts
        folded = " ".join(text.lower().split())
    for named in _NAMED_MONTHS if _MONTH.search(folded) else ():
        folded = named.sub(lambda m: f"{m['d']}/{_MONTHS[m['m']]}/{m['y']}", folded)
    return folded


def _check(day: date, today: date | None) -> None:
    if not EARLIEST <= day <= (today or datetime.now(VIETNAM).date()):
        raise ArticleError("published", f"{day} is not a day between {EARLIEST} and today")


def _of_figures(folded: str, today: date | None) -> date | None:
    """A text that is one number."""
    if len(folded) > 40 or not folded[:4].isdigit() and not folded.startswith("/date("):
        return None
    if m := _COMPACT.fullmatch(folded):
        try:
            day = date(int(m["y"]), int(m["m"]), int(m["d"]))
            _check(day, today)
            if not m["h"]:
                return day
            clock = time(int(m["h"]), int(m["min"]), int(m["s"] or 0), tzinfo=_zone(m["zone"]))
            return datetime.combine(day, clock).astimezone(VIETNAM)
        except ValueError:
            return None
    if m := _SECONDS.fullmatch(folded):
        seconds = int(m["epoch"]) if m["epoch"] else int(m["ms"] or m["epoch_ms"]) / 1000
        moment = datetime.fromtimestamp(seconds, VIETNAM).replace(microsecond=0)
        _check(moment.date(), today)
        return moment
    return None


_NOT_DATES = re.compile(  # what may stand beside a date in a line that says when an article was published
    r"\b(?:thu ?(?:hai|ba|tu|nam|sau|bay|[2-7])|chu nhat|chua nhat|cn|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*|gmt|utc"
    r"|am|pm|ngay|luc|gio|phut|viet nam|sa|ch|cap nhat|lan cuoi|dang tin|dang|tai|xuat ban|phat hanh|thoi gian|luot xem"
    r"|lan xem|so|views?|updated|published|posted|on|at|date)\b"
)
_LETTER = re.compile(r"[^\W\d_]")


def is_date_line(text: str) -> bool:
    """Whether a line is nothing but a date: weekday, day, clock, zone and words like "Cập nhật" and "Ngày đăng"."""
    if not 6 <= len(text.strip()) <= 160 or not any(map(str.isdigit, text)):
        return False
    folded = _folded(text)
    dates = _dates_in(folded)
    rest = _CLOCK.sub(" ", re.sub(r"\bt(?=\d)", " ", _blanked(folded, dates)))
    return bool(dates) and not _LETTER.search(_NOT_DATES.sub(" ", rest)) and sum(map(str.isdigit, rest)) <= 6


def beside_date(text: str) -> str:
    """What stands beside date and time of day in a short line: "A. Bình" in "A. Bình - 07/02/2023 11:34"; or ""."""
    cleaned = " ".join(clean(text[:200]).text.split())
    folded = _folded(cleaned)
    dates = _dates_in(folded)
    if len(cleaned) > 100 or len(folded) != len(cleaned) or not dates:
        return ""
    clock = _CLOCK.search(_blanked(folded, dates))
    if clock is None:
        return ""
    spans = [*dates, clock.span()]
    spans += [m.span() for m in _NOT_DATES.finditer(_blanked(folded, spans))]
    return " ".join(_blanked(cleaned, spans).split()).strip(" -–|,:;()[]")


def _blanked(text: str, spans: list[tuple[int, int]]) -> str:
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def _dates_in(folded: str) -> list[tuple[int, int]]:
    """Where the first date stands, and the second, that of an update; whether or not they are days of the calendar."""
    found: list[tuple[int, int]] = []
    for _ in range(2):
        rest = _blanked(folded, found)
        if (span := next((m.span() for form in _FORMS if (m := form.search(rest))), None)) is None:
            break
        found.append(span)
    return found


_IN_URL = re.compile(  # /2023/02/07/..., ...-20230207113400123.htm: systems put the moment of publication there
    r"/(?P<y>(?:19|20)\d\d)[/-](?P<m>\d{1,2})[/-](?P<d>\d{1,2})/|[-/](?P<Y>20\d\d)(?P<M>\d\d)(?P<D>\d\d)\d{6,11}(?:\.\w+)?$"
)
_OF_SITE = re.compile(
    r"[-/]\d{3}(\d\d)(\d\d)(\d\d)(?:[01]\d|2[0-3])[0-5]\d[0-5]\d\d{1,4}\.\w{2,5}$"
)  # a site's 3 figures first


def date_of_url(url: str, *, today: date | None = None) -> date | None:
    """The day in an article's address, or None where none is plainly there."""
    if "?" in url or "#" in url or len(url) > 2000:
        url = url[:2000].split("?")[0].split("#")[0]
    if m := _IN_URL.search(url):
        figures = (m["y"] or m["Y"], m["m"] or m["M"], m["d"] or m["D"])
        if (day := _day_of(*figures, today)) is not None:
            return day
    if m := _OF_SITE.match(url, max(url.rfind("-"), url.rfind("/"))):
        return _day_of("20" + m[1], m[2], m[3], today)
    return None


def _day_of(year: str, month: str, day: str, today: date | None) -> date | None:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return found if EARLIEST <= found <= (today or datetime.now(VIETNAM).date()) else None


def _read_american(folded: str, text: str) -> _Reading | None:
    """A date of .NET's en-US: seconds and an English half of the day, no figure with a zero before it.

    Raises ArticleError where it might as well be day first.
    """
    m = _AMERICAN.search(folded)
    if m is None or any(m[part].startswith("0") for part in "mdh"):
        return None
    month, day = int(m["m"]), int(m["d"])
    if month > 12 or month == day or not m["s"] and day <= 12:
        return None
    if day <= 12 and min(month, day, int(m["h"])) >= 10:
        raise ArticleError(
            "published", f'"{text.strip()[:60]}" may be month first or day first; write it as 2023-02-07'
        )
    try:
        return _Reading(date(int(m["y"]), month, day), m.end("y"), m.start())
    except ValueError:
        raise ArticleError("published", f'"{text.strip()[:60]}" is no day of the calendar') from None


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
