"""What a page says of an article in several places: its JSON-LD, meta elements, visible parts and address.

Each statement is kept with its witness; a field is what most and best witnesses agree upon.
"""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit, urlunsplit

from ...article import VIETNAM
from ...errors import ArticleError
from ...text.fold import fold
from ...vietnam.dates import date_of_url, find_date
from .byline import is_site_name
from .markup import Elements, plain, text_of

_ARTICLE = re.compile(r"(?:Article|BlogPosting|Report|LiveBlogPosting)$")
_WRAPPING = re.compile(
    r"^\s*(?:<!--|//\s?<!\[CDATA\[|/\*\s?<!\[CDATA\[\s?\*/|<!\[CDATA\[)|(?://\s?\]\]>|/\*\s?\]\]>\s?\*/|\]\]>|-->|;)\s*$"
)
_COMMA_TOO_MANY = re.compile(r",\s{0,99}([}\]])")
_SAVED_FROM = re.compile(r"saved from url=\(\d{1,5}\)(\S{1,2000})")
_ARCHIVED = re.compile(
    r"^https?://(?:web\.archive\.org/web/[^/]{1,30}|archive\.(?:is|ph|today)/[^/]{1,30}(?:/[^/]{1,30})?)/(https?://\S+)$"
)
_SUFFIX = re.compile(r"\s(?:[-–—|]|::|»|\.:)\s")
_PUBLISHED = (
    "article:published_time og:article:published_time pubdate publishdate date dc.date dc.date.issued datepublished"
    " published_time publish-date"
).split()
_MODIFIED = ("article:modified_time", "og:updated_time", "lastmod", "datemodified", "last-modified")


_ITEMS = 200  # objects of JSON-LD that are examined


class Said(NamedTuple):
    """A value, by whom, and how much that witness counts."""

    value: str
    by: str
    weight: float


class Declared(NamedTuple):
    """What a page declares in its head, before anything is weighed."""

    items: list[dict[str, Any]]  # of JSON-LD
    meta: dict[str, str]  # names in small letters -> the first value that is not empty
    url: str  # absolute, "" where nothing says it
    url_by: str
    host: str
    names: tuple[str, ...]  # what the site calls itself

    def article(self, titles: Iterable[str] = ()) -> dict[str, Any]:
        """The item that describes this page's article, {} where there is none or it is another page's."""
        items = [item for item in self.items if _is_article(item)]
        own = [item for item in items if (urls := _urls_of(item)) and any(same_page(url, self.url) for url in urls)]
        others = [item for item in items if self.url and _urls_of(item) and item not in own]
        titled = [item for item in items if any(is_same(plain(item.get("headline")), title) for title in titles)]
        rest = [item for item in items if item not in others]
        best = own or titled or (rest if len(rest) == 1 or not titles else [])
        return best[0] if best else {}


def declared(page: Elements, address: str = "") -> Declared:
    """What the head says; `address`: where the page was read from, if that is known."""
    meta: dict[str, str] = {}
    for element in page.tags("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop") or ""
        value = plain(element.get("content"))
        if name and value:
            meta.setdefault(name.strip().lower(), value)
    items = list(islice(json_ld(page), _ITEMS))
    url, by = _address(page, meta, items, address)
    names = [meta.get("og:site_name", ""), meta.get("application-name", ""), meta.get("apple-mobile-web-app-title", "")]
    for item in items:
        publisher = item.get("publisher")
        names.append(plain(publisher.get("name")) if isinstance(publisher, dict) else "")
        if item.get("@type") in ("WebSite", "Organization", "NewsMediaOrganization"):
            name = plain(item.get("name"))
            names.append(
                "" if is_same(name, meta.get("og:title", "")) else name[:60]
            )  # some sites fill in the headline
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    names.append(host)
    if not urlsplit(url).path.strip("/") and not urlsplit(url).query:
        url = ""  # a site's own address is no article's
    return Declared(items, meta, url, by, host, tuple(dict.fromkeys(name for name in names if name)))


# -- JSON-LD -----------------------------------------------------------------------------------------


def json_ld(page: Elements) -> Iterator[dict[str, Any]]:
    """All objects that a page describes itself with, those within @graph and mainEntity too."""
    for script in page.tags("script"):
        if "ld+json" not in (script.get("type") or "").lower() or not script.text:
            continue
        text = _WRAPPING.sub("", _WRAPPING.sub("", script.text.strip())).strip()
        for attempt in (text, _COMMA_TOO_MANY.sub(r"\1", text)):
            try:
                yield from _objects(json.loads(attempt, strict=False))
                break
            except (ValueError, RecursionError):
                continue  # a broken script is the site's mistake; what the page shows is used instead


def _objects(data: Any) -> Iterator[dict[str, Any]]:
    waiting = [data]  # the next one last
    while waiting:
        each = waiting.pop()
        if isinstance(each, list):
            waiting += reversed(each)
        elif isinstance(each, dict):
            yield each
            inner = ("@graph", "mainEntity", "mainEntityOfPage", "hasPart")
            waiting += [each[key] for key in reversed(inner) if key in each]


def _is_article(item: dict[str, Any]) -> bool:
    kinds = item.get("@type", ())
    return any(
        isinstance(kind, str) and _ARTICLE.search(kind) for kind in ([kinds] if isinstance(kinds, str) else kinds or ())
    )


def _urls_of(item: dict[str, Any]) -> list[str]:
    page = item.get("mainEntityOfPage")
    page = page.get("@id") or page.get("url") if isinstance(page, dict) else page
    return [url for url in (item.get("url"), page) if isinstance(url, str) and urlsplit(url).path.strip("/")]


def same_page(one: str, other: str) -> bool:
    """Whether two addresses are one page's, whatever their scheme, www and ending slash."""
    a, b = urlsplit(one), urlsplit(other)
    hosts = [(each.hostname or "").removeprefix("www.").removeprefix("m.") for each in (a, b)]
    return a.path.rstrip("/") == b.path.rstrip("/") and (hosts[0] == hosts[1] or not all(hosts))


# -- the address ---------------------------------------------------------------------------------------


def _address(page: Elements, meta: dict[str, str], items: list[dict[str, Any]], address: str) -> tuple[str, str]:
    """The page's own address and who says it: the first with a path, else the first with a host."""
    said: list[tuple[str, str]] = []
    said += [(link.get("href") or "", "canonical") for link in page.select("link[rel=canonical]")]
    said.append((meta.get("og:url", ""), "og:url"))
    said.append((meta.get("twitter:url", ""), "twitter:url"))
    said += [(url, "JSON-LD") for item in items if _is_article(item) for url in _urls_of(item)]
    said.append((_saved_from(page), "saved from url"))
    said.append((address, "the address"))
    base = next((plain(element.get("href")) for element in page.tags("base") if element.get("href")), "")
    absolute = next((url for url, _ in [*said, (base, "")] if urlsplit_or_none(url)), "")
    found = [(whole, by) for url, by in said if url and (whole := _whole(url, base or absolute))]
    if not found:
        return (_whole(base, ""), "base") if base and _whole(base, "") else ("", "")
    return next(((url, by) for url, by in found if urlsplit(url).path.strip("/") or urlsplit(url).query), found[0])


def urlsplit_or_none(url: str) -> bool:
    """Whether an address is absolute."""
    try:
        return bool(urlsplit(url).scheme in ("http", "https") and urlsplit(url).hostname)
    except ValueError:
        return False


def _whole(url: str, base: str) -> str:
    """The address with its site, an archive's taken off; "" where it has none."""
    url = plain(url)[:2000]
    try:
        url = urljoin(base, url) if base else url
        if m := _ARCHIVED.match(url):
            url = m[1]
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return ""
        return urlunsplit(parts._replace(fragment=""))
    except ValueError:
        return ""


def _saved_from(page: Elements) -> str:
    """The address that browsers write into a page that they save."""
    from lxml import etree

    root = page.tree.getroottree().getroot()
    comments = list(root.itersiblings(tag=etree.Comment, preceding=True))
    comments += [comment for comment, _ in zip(root.iter(etree.Comment), range(5), strict=False)]
    for comment in comments:
        if m := _SAVED_FROM.search(comment.text or ""):
            return m[1]
    return ""


# -- titles ------------------------------------------------------------------------------------------


def is_same(one: str, other: str) -> bool:
    """Whether two titles are one, cut off or with a site's name after it or not."""
    a, b = sorted((_bare(one), _bare(other)), key=len)
    return a == b and bool(a) or len(a) >= 15 and b.startswith(a)


def _bare(title: str) -> str:
    return "".join(c for c in fold(title).lower() if c.isalnum())


def without_site(title: str, names: Iterable[str], headlines: Iterable[str] = ()) -> str:
    """A title without the site's name before or after it: "Họp báo - Cổng TTĐT xã A"."""
    cuts = list(_SUFFIX.finditer(title))
    for cut in cuts:
        head, tail = title[: cut.start()].strip(), title[cut.end() :].strip()
        if any(_bare(head) == _bare(headline) for headline in headlines) or len(head) >= 8 and _is_site(tail, names):
            return head
    if cuts and len(tail := title[cuts[0].end() :].strip()) >= 15 and _is_site(title[: cuts[0].start()], names):
        return tail
    return title


def is_site_title(title: str, names: Iterable[str]) -> bool:
    """Whether a title is the site's and no article's."""
    return not title or _is_site(title, names)


_SITE_WORDS = re.compile(
    r"^(?:báo (?!(?:cáo|động|chí|hiệu|hại|thù|ứng|tin|đáp|giá|ân|hỷ|oán)\b)\w+|cổng (?:thông tin|ttđt|giao tiếp)"
    r"|trang (?:thông tin|tin|chủ|ttđt)|website|tạp chí|chuyên trang|đài phát thanh|cơ sở dữ liệu|csdl"
    r"|tin tức mới nhất|home|homepage)\b|\.(?:vn|com)\b|\b(?:online|24h)$"
)


def _is_site(text: str, names: Iterable[str]) -> bool:
    bare = _bare(text)
    key = text.lower().strip(" -|.:")
    for name in names:
        known = _bare(name)
        if known and (
            bare == known
            or bare == _bare(name.split(".")[0])
            or known in bare
            and len(bare) < len(known) + 25
            and len(known) > 5
        ):
            return True
    return bool(_SITE_WORDS.search(key)) and len(key) < 60 or not bare


# -- dates -------------------------------------------------------------------------------------------


class Moment(NamedTuple):
    """When, by whom."""

    when: date
    by: str
    weight: float


def moment(said: Said) -> Moment | None:
    """The date in a statement; None where it cannot be read."""
    try:
        found = find_date(said.value[:200])
    except (ArticleError, ValueError, OverflowError):
        return None
    return None if found is None else Moment(found, said.by, said.weight)


def declared_dates(head: Declared, article: dict[str, Any]) -> tuple[list[Said], list[Said]]:
    """When the head says that the article was published, and changed."""
    published = [Said(plain(_text(article.get(key))), f"JSON-LD {key}", weight) for key, weight in
                 (("datePublished", 3.0), ("dateCreated", 1.5), ("uploadDate", 1.0)) if article.get(key)]  # fmt: skip
    published += [Said(head.meta[name], f"meta {name}", 3.0) for name in _PUBLISHED if name in head.meta][:2]
    changed = [Said(plain(_text(article.get("dateModified"))), "JSON-LD dateModified", 3.0)]
    changed += [Said(head.meta[name], f"meta {name}", 2.5) for name in _MODIFIED if name in head.meta][:2]
    return published, [each for each in changed if each.value]


def _text(value: Any) -> Any:
    """The first of a list; a number as text."""
    value = value[0] if isinstance(value, list) and value else value
    value = value.get("@value") if isinstance(value, dict) else value
    return str(value) if isinstance(value, int | float) else value


def address_date(url: str) -> list[Moment]:
    """The day in the address: when the article was begun, so it counts less than what the page states."""
    day = date_of_url(url)
    return [Moment(day, "the address", 0.5)] if day else []


def agreed(moments: list[Moment]) -> tuple[Moment | None, list[Moment]]:
    """The moment with the most weight behind its day, and those that name another day.

    Of the moments of a day, the one with a time of day that most agree upon.
    """
    days: dict[date, float] = {}
    for each in moments:
        days[_day(each.when)] = days.get(_day(each.when), 0) + each.weight
    if not days:
        return None, []
    best = max(days, key=lambda day: days[day])
    of_day = [each for each in moments if _day(each.when) == best]
    timed = [
        each
        for each in of_day
        if isinstance(each.when, datetime) and each.when.astimezone(VIETNAM).strftime("%H%M%S") != "000000"
    ]
    minutes: dict[str, float] = {}
    for each in timed:
        minutes[_minute(each.when)] = minutes.get(_minute(each.when), 0) + each.weight
    chosen = max(timed or of_day, key=lambda each: (minutes.get(_minute(each.when), 0), each.weight))
    return chosen, [each for each in moments if _day(each.when) != best]


def _day(when: date) -> date:
    return when.astimezone(VIETNAM).date() if isinstance(when, datetime) else when


def _minute(when: date) -> str:
    return f"{when.astimezone(VIETNAM):%Y-%m-%d %H:%M}" if isinstance(when, datetime) else ""


# -- authors -----------------------------------------------------------------------------------------


def declared_authors(head: Declared, article: dict[str, Any]) -> list[str]:
    """The persons that JSON-LD names, else the meta element; without the site's own name."""
    found: list[str] = []
    authors = article.get("author") or article.get("creator") or []
    for author in authors if isinstance(authors, list) else [authors]:
        name = author.get("name") if isinstance(author, dict) else author
        for each in name if isinstance(name, list) else [name]:
            found.append(plain(each))
    if not any(name and not is_site_name(name, head.names) for name in found):
        found = [head.meta.get(key, "") for key in ("author", "article:author", "dc.creator", "byl")]
    return list(
        dict.fromkeys(name for name in found if name and len(name) < 100 and not is_site_name(name, head.names))
    )


def visible_text(element: Any) -> str:
    """What an element shows; a `time` without words shows its datetime."""
    return text_of(element) or plain(element.get("datetime") or element.get("content") or "")
