"""What people mean by a date in a query: a first and a last day, or minute.

>>> read_period("tháng 2/2023", now=date(2026, 1, 1))
Period(since=datetime.date(2023, 2, 1), until=datetime.date(2023, 2, 28))
"""

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from ..article import DAY, VIETNAM, moment_of
from ..errors import ArticleError, QueryError
from ..limits import DATE_CHARS
from ..text.fold import fold
from ..text.normalize import clean
from ..vietnam.dates import find_date


class Period(NamedTuple):
    """From since to until, both included: a date is its whole day, a datetime its minute; None: open."""

    since: date | None
    until: date | None

    @property
    def moments(self) -> tuple[int | None, int | None]:
        """The first and the last minute, as `Article.moment` has them."""
        end = None
        if self.until is not None:
            end = moment_of(self.until) + (0 if isinstance(self.until, datetime) else DAY - 1)
        return moment_of(self.since) if self.since is not None else None, end

    @property
    def is_turned_round(self) -> bool:
        """Whether it ends before it begins."""
        begin, end = self.moments
        return begin is not None and end is not None and begin > end

    def __str__(self) -> str:
        return f"{shown(self.since) if self.since else ''}..{shown(self.until) if self.until else ''}"


def shown(time: date) -> str:
    """2023-02-07, or 2023-02-07 17:00."""
    return time.isoformat() if not isinstance(time, datetime) else time.isoformat(" ", "minutes")[:16]


_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_HINT = (
    "write 7/2/2023, 2023-02-07, 2023-02-07 17:00, 2/2023, 2023, 2023-02-01..2023-02-28, >=2023-02-01, tháng 2/2023, "
    "quý I/2023 or 7 ngày qua"
)
_WHOLE_HOUR = re.compile(r"(?<![\d:])(\d{1,2}) ?(?:h|gio)(?=[ ,]|$)(?! \d{1,2}(?: |$))")  # 17h, but not 17 giờ 30
_CLOCK = re.compile(r"\d ?(?::|h\b|h\d|g\d|gio\b|am\b|pm\b|sa\b|ch\b)")  # what looks like a time of day
_WEEKDAY = re.compile(r"\bthu ?[2-7]\b")


def today() -> date:
    """The day it is in Viet Nam."""
    return datetime.now(VIETNAM).date()


def as_bound(value: date | str, *, last: bool, now: date | None = None) -> date:
    """A bound of a filter: a date, a datetime, or text; of a longer period its first or `last` day."""
    if isinstance(value, datetime):
        return _minute(value)
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        raise QueryError(f"expected a date, a datetime or text, got {type(value).__name__}", hint=_HINT)
    period = read_period(value, now=now)
    bound = period.until if last else period.since
    if bound is None:
        raise QueryError(f'"{value.strip()}" has no {"end" if last else "beginning"}', query=value, hint=_HINT)
    return bound


def _minute(time: datetime) -> datetime:
    """In Viet Nam; so it is meant where it says no time zone."""
    try:
        local = time.astimezone(VIETNAM) if time.tzinfo else time.replace(tzinfo=VIETNAM)
    except (OverflowError, ValueError):
        raise QueryError(f"{time!r} is on no day of the calendar in Viet Nam", hint=_HINT) from None
    return local.replace(second=0, microsecond=0)


def read_period(text: str, *, now: date | None = None) -> Period:
    """The period that a text names, in either language's usual ways; relative ones from `now` (today).

    Raises QueryError for what is no date, no day of the calendar, or a range turned round.
    """
    now = now or today()
    now = _minute(now).date() if isinstance(now, datetime) else now
    text = " ".join(text.split())
    if len(text) > DATE_CHARS:
        problem = f"a date is at most {DATE_CHARS} characters, this has {len(text):,}"
        raise QueryError(problem, query=text, hint=_HINT)
    folded = " ".join(fold(clean(text).text).lower().split())
    if m := re.fullmatch(r"(.*?) ?(?:\.\.|\bden\b) ?(.*)", folded):
        since = _period(m[1].removeprefix("tu "), now).since if m[1] else None
        until = _period(m[2], now).until if m[2] else None
        period = Period(since, until)
        if since and until and period.is_turned_round:
            raise QueryError(f"{shown(since)} comes after {shown(until)}", query=text, hint="put the earlier one first")
        return period
    if m := re.fullmatch(r"(>=|>|<=|<|(?:tu|truoc|sau)(?= )) ?(\S.*)", folded):
        period = _period(m[2], now)
        try:
            return _open_period(m[1], period)
        except OverflowError:
            raise QueryError(f'"{text}" is beyond the calendar', query=text, hint=_HINT) from None
    return _period(folded, now, text)


def _period(folded: str, now: date, text: str = "") -> Period:
    """The period of one folded date; `text` is what was typed."""
    text = text or folded
    for pattern, days in _FORMS:
        if m := re.fullmatch(pattern, folded):
            try:
                return days(m, now)
            except (ValueError, OverflowError):
                raise QueryError(f'"{text}" is no day of the calendar', query=text, hint=_HINT) from None
    try:
        with_minutes = _WHOLE_HOUR.sub(r"\1:00", folded)
        day = find_date(text if with_minutes == folded else with_minutes, today=date.max - timedelta(days=1))
    except ArticleError as e:
        raise QueryError(e.problem, query=text, hint=_HINT) from None
    if day is None:
        raise QueryError(f'"{text}" is no date', query=text, hint=_HINT)
    if isinstance(day, datetime):
        day = _minute(day)
    elif _CLOCK.search(folded) or len(re.findall(r"\d+", _WEEKDAY.sub("", folded))) > 3:
        raise QueryError(f'"{text}" has more than a day that can be read', query=text, hint="write 2023-02-07 17:00")
    return Period(day, day)


def _open_period(sign: str, period: Period) -> Period:
    bound = period.until if sign in (">", "sau") else period.since
    one = timedelta(minutes=1) if isinstance(bound, datetime) else timedelta(days=1)
    if sign in (">=", "tu"):
        return Period(period.since, None)
    if sign in ("<=",):
        return Period(None, period.until)
    if sign in (">", "sau"):
        return Period(period.until + one if period.until else None, None)
    return Period(None, period.since - one if period.since else None)


def _month(year: int, month: int, months: int = 1) -> Period:
    first = date(year, month, 1)
    year, month = year + (month + months - 2) // 12, (month + months - 2) % 12 + 1
    return Period(first, date(year, month, monthrange(year, month)[1]))


def _months_ago(now: date, months: int) -> tuple[int, int]:
    number = now.year * 12 + now.month - 1 - months
    return number // 12, number % 12 + 1


def _days_ago(m: "re.Match[str]", now: date) -> Period:
    days = int(m[1]) * {"ngay": 1, "tuan": 7, "thang": 30, "nam": 365}[m[2]]
    return Period(now - timedelta(days=days), now)


def _week(now: date, weeks_ago: int) -> Period:
    monday = now - timedelta(days=now.weekday() + 7 * weeks_ago)
    return Period(monday, monday + timedelta(days=6))


def _day(now: date, days_ago: int) -> Period:
    day = now - timedelta(days=days_ago)
    return Period(day, day)


_FORMS: tuple[tuple[str, Callable[["re.Match[str]", date], Period]], ...] = (
    (r"(?:nam )?(\d{4})", lambda m, now: Period(date(int(m[1]), 1, 1), date(int(m[1]), 12, 31))),
    (r"(?:thang )?(\d{1,2})[/.-](\d{4})", lambda m, now: _month(int(m[2]), int(m[1]))),
    (r"thang (\d{1,2})(?:,? nam)? (\d{4})", lambda m, now: _month(int(m[2]), int(m[1]))),
    (r"(\d{4})-(\d{1,2})", lambda m, now: _month(int(m[1]), int(m[2]))),
    (r"quy (i{1,3}|iv|[1-4])(?:[/ -]|,? nam )(\d{4})",
     lambda m, now: _month(int(m[2]), 3 * (_ROMAN.get(m[1]) or int(m[1])) - 2, 3)),
    (r"hom nay|today", lambda m, now: _day(now, 0)),
    (r"hom qua|yesterday", lambda m, now: _day(now, 1)),
    (r"(\d{1,4}) (ngay|tuan|thang|nam) (?:qua|gan day|vua qua)", _days_ago),
    (r"tuan nay", lambda m, now: _week(now, 0)),
    (r"tuan (?:truoc|qua)", lambda m, now: _week(now, 1)),
    (r"thang nay", lambda m, now: _month(now.year, now.month)),
    (r"thang (?:truoc|qua)", lambda m, now: _month(*_months_ago(now, 1))),
    (r"nam nay", lambda m, now: _month(now.year, 1, 12)),
    (r"nam (?:truoc|ngoai|qua)", lambda m, now: _month(now.year - 1, 1, 12)),
)  # fmt: skip
