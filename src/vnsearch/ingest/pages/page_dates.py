"""When a page's article was published, as the page shows and declares it."""

import re
from typing import Any

from ...text.fold import fold
from ...vietnam.dates import find_date, is_date_line
from .byline import author_beside_date
from .containers import containers
from .headline import is_aside
from .lines import Line
from .markup import plain
from .seen import Seen
from .witnesses import Moment, Said, address_date, agreed, declared_dates, moment, visible_text

_CLOCK = re.compile(
    r"clock|current-?date|to-?day|date-?top|top-?date|header-?date|time-?now|dong-?ho|hom-?nay|weather|live-?header"
)
ISSUED = re.compile(
    r"(?:^|\| ?)(?:ngày ban hành|ngày ký|ngày văn bản|ban hành ngày)\s?[:|]?[\s:|]{0,3}(?:ngày )?"
    r"(\d{1,2}[/.-]\d{1,2}[/.-]\d{4})",
    re.IGNORECASE,
)
_IN_FORCE = re.compile(r"hieu luc|het han|tu ngay|den ngay|truoc ngay|giay phep|cap ngay|khai truong|sinh ngay")


def find_dates(
    seen: Seen,
    headline: Any,
    article: dict[str, Any],
    around: list[Line],
    document: dict[str, str] | None,
    warnings: list[str],
) -> tuple[Said, Said]:
    """When it was published, and when it was changed since then."""
    published, changed = declared_dates(seen.head, article)
    said = published + _shown_dates(seen, headline, around)
    if document and document.get("published"):
        said = [Said(document["published"], "the document's date of issue", 3)]
    elif document:
        said = []
    moments = [m for each in said if (m := moment(each)) is not None]
    chosen, others = agreed(moments or address_date(seen.head.url))
    if said and not moments:
        warnings.append(f'published: {said[0].by} says "{said[0].value[:60]}", which is no date that can be')
    strong = [m for m in others if chosen and m.weight >= 3 and abs((_as_day(m) - _as_day(chosen)).days) > 1]
    if chosen and strong:
        warnings.append(f"published: {chosen.by} says {chosen.when}, {strong[0].by} {strong[0].when}")
    update, _ = agreed([m for each in changed if (m := moment(each)) is not None])
    when = Said(chosen.when.isoformat(), chosen.by, chosen.weight) if chosen else Said("", "", 0)
    later = (
        Said(update.when.isoformat(), update.by, 1)
        if update and chosen and update.when != chosen.when
        else Said("", "", 0)
    )
    return when, later


def _as_day(moment: Moment) -> Any:
    return find_date(moment.when.isoformat()[:10])


def _shown_dates(seen: Seen, headline: Any, around: list[Line]) -> list[Said]:
    """The dates between headline and text, and right around them; never a clock, a teaser or a sentence."""
    page = seen.page
    start, common = _start(seen, headline)
    found: list[Said] = []
    known = [(seen.container.date, 4.0, seen.container.name)] if seen.container and seen.container.date else []
    known += [(c.date, 2.5, f"{c.name}'s date") for c in containers() if c.date and not c.hosts]
    known.append(("time", 2.5, "time element"))
    for selector, weight, by in known:
        for element in page.select(selector):
            if (
                not start <= page.position[element] <= seen.last + 40
                or is_aside(seen, element)
                or _is_clock(element, common)
            ):
                continue
            text = plain(element.get("datetime")) or visible_text(element)
            if len(text) <= 160 and not _IN_FORCE.search(fold(text).lower()) and moment(Said(text, by, 1)):
                found.append(Said(text, by, weight))
                break
    if any(said.weight >= 4 for said in found):
        return found
    for line in around:
        if start <= line.at <= seen.last + 40 and len(line.text) <= 160:
            weight = _date_weight(seen, headline, line)
            if weight and not _is_clock(page.all[line.at], common):
                found.append(Said(line.text, "a date line", weight))
                break
    return found[:3]


def _start(seen: Seen, headline: Any) -> tuple[int, Any]:
    """Where dates may stand from: a little before the headline within what holds headline and text."""
    page = seen.page
    if headline is None:
        above = [e for e in seen.body.iterancestors() if e.tag not in ("body", "html")][:2]
        return (page.position[above[-1]] if above else seen.first), (above[-1] if above else seen.body)
    around = {headline, *headline.iterancestors()}
    common = next((e for e in (seen.body, *seen.body.iterancestors()) if e in around), seen.page.tree)
    if common.tag in ("body", "html"):
        return page.position[headline], common
    return max(page.position[common], page.position[headline] - 25), common


def _is_clock(element: Any, common: Any) -> bool:
    for each in (element, *element.iterancestors()):
        if each is common:
            return False
        if _CLOCK.search(f"{each.get('class') or ''} {each.get('id') or ''}".lower().replace("_", "-")):
            return True
    return False


def _date_weight(seen: Seen, headline: Any, line: Line) -> float:
    """How surely a line says when the article was published: 0 for one that does not."""
    at_headline = seen.page.position[headline] if headline is not None else seen.first
    is_inside = seen.first < line.at <= seen.last
    if is_date_line(line.text):
        if line.at >= at_headline and not is_inside:
            return 2.5
        return 2.0 if not is_inside or line.at - seen.first < 12 or seen.last - line.at < 12 else 0.0
    is_opening = is_inside and line.at - seen.first < 12 and bool(author_beside_date(line.text))
    if is_inside and not is_opening or line.at < at_headline or len(line.text) > 100 or line.text.endswith("."):
        return 0.0
    folded = fold(line.text).lower()
    if _IN_FORCE.search(folded) or not re.search(
        r"\d{1,2}\s?(?::|h|gio)\s?\d{2}|\b(?:dang|cap nhat|ngay dang)\b", folded
    ):
        return 0.0
    return 1.5 if moment(Said(line.text, "", 1)) else 0.0
