"""A saved web page -> the fields of an article.

The main text stands in a known container (data/containers.tsv) or where the page's prose is densest; the other fields
are what the page's witnesses agree upon: JSON-LD, meta elements, the visible headline, date and byline, the address.
A date is never guessed from elsewhere: not from a clock, a licence, a teaser or a sentence.
"""

import re
from itertools import islice, pairwise
from typing import Any, NamedTuple

from ...errors import ArticleError
from ...text.fold import fold
from ...vietnam.dates import beside_date, find_date, is_date_line
from .body import Line, Sizes, find_body, is_hidden, lines_of, teasers_in, unwanted_in, without_teasers
from .byline import is_name, is_site_name, names_in, read_byline
from .containers import Container, containers
from .document import is_place_and_date, is_seat_of_state, read_document
from .markup import Elements, parse, plain, text_of
from .text_page import is_furniture
from .witnesses import (
    Declared,
    Moment,
    Said,
    address_date,
    agreed,
    declared,
    declared_authors,
    declared_dates,
    is_same,
    is_site_title,
    moment,
    visible_text,
    without_site,
)

_LEAD = 1200  # characters at most
_STUB = 40  # characters of text that an article has at least
_CLOCK = re.compile(
    r"clock|current-?date|to-?day|date-?top|top-?date|header-?date|time-?now|dong-?ho|hom-?nay|weather|live-?header"
)
_ISSUED = re.compile(
    r"(?:^|\| ?)(?:ngày ban hành|ngày ký|ngày văn bản|ban hành ngày)\s?[:|]?[\s:|]{0,3}(?:ngày )?"
    r"(\d{1,2}[/.-]\d{1,2}[/.-]\d{4})",
    re.IGNORECASE,
)
_ISSUER = re.compile(
    r"(?:^|\| ?)(?:nơi ban hành|cơ quan ban hành|cơ quan ban hành văn bản)\s?[:|]?[\s:|]{0,3}([^|:]{3,80})",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"(?:^|\| ?)(?:số hiệu|số ký hiệu|số/ký hiệu|số văn bản)\s?[:|]?[\s:|]{0,3}(\d[\w/.Đđ&-]{2,40})", re.IGNORECASE
)
_ABSTRACT = re.compile(r"^(?:trích yếu(?: nội dung)?|về việc)\s?[:|][\s:|]{0,3}([^|]{10,500})", re.IGNORECASE)
_IN_FORCE = re.compile(r"hieu luc|het han|tu ngay|den ngay|truoc ngay|giay phep|cap ngay|khai truong|sinh ngay")
_TITLE = re.compile(r"title|tieu-?de|headline")
_SAPO = re.compile(r"(?:sapo|chapeau|chappeau|trich-?dan)(?!.*(?:thumb|list|other|relate|box))")
_AUTHOR = re.compile(r"author|tac-?gia|byline|but-?danh")
_LABELLED = re.compile(r"(?:tác giả(?: bài viết)?|người viết|bút danh)\s?:", re.IGNORECASE)
_BEFORE_NAME = re.compile(r"^(?:[a-zđ][\w-]{0,20}:?\s){1,2}(?=[A-ZÀ-ỸĐ])")  # what an icon is called
_ARTICLE_OF_LAW = re.compile(r"(?:Điều|Chương|Mục)\s+[\dIVXLC]+", re.IGNORECASE)


class NotAnArticle(ArticleError):
    """The page is a section front, a home page, a stub or navigation."""


class _Seen(NamedTuple):
    """A page, read so far."""

    page: Elements
    sizes: Sizes
    head: Declared
    body: Any
    bodies: list[Any]  # that and its brothers, where the text is in several
    container: Container | None
    teasers: set[Any]

    @property
    def first(self) -> int:
        return self.page.position[self.body]

    @property
    def last(self) -> int:
        return self.sizes.ends[self.page.position[self.bodies[-1]]]


def read_html(data: bytes | str, *, url: str = "", every: bool = False) -> dict[str, Any]:
    """The raw fields of the article on a page: title, lead, body, url, source, published, author, category.

    `updated`, `credit`, `warnings` and a document's `number` where there are any; `why`: field -> its witness.

    url: where the page is from, for what does not say so itself.
    every: section fronts, home pages and stubs too, which raise NotAnArticle otherwise; so does a page without text.
    """
    page = Elements(parse(data))
    sizes = Sizes(page)
    head = declared(page, url)
    bodies, container = find_body(page, sizes, head.host)
    if not bodies:
        raise NotAnArticle("body", "no main text was found on this page; is it a front, a menu or a stub?")
    root = next(iter(page.tags("body")), page.tree)
    teasers = teasers_in(page, sizes, root) - {*bodies, *bodies[0].iterancestors()}
    seen = _Seen(page, sizes, head, bodies[0], bodies, container, teasers)
    warnings: list[str] = []
    title, headline = _title(seen, warnings)
    article = head.article([title.value])
    drop = container.drop if container else ""
    shown = _shown_author(seen, headline)
    unwanted = {each for each in (shown.element, headline) if each is not None} - {*bodies, *bodies[0].iterancestors()}
    written = [
        line for each in bodies for line in lines_of(page, each, unwanted | unwanted_in(page, sizes, each, drop))
    ]
    lines = without_teasers(written)
    around = _around(seen, root, written)
    document = _document(lines, around)
    if document and document.get("title") and (not title.value or title.weight < 1):
        title = Said(document["title"], "the document's form", 1)
    if title.weight < 0.8 and lines and lines[0].is_marked and 10 <= len(lines[0].text) <= 200:
        title = Said(lines[0].text, "the first line, which is bold", 0.8)
    lead = _lead(seen, headline, article, title.value, lines)
    lines = _without_head(lines, title.value, lead.value)
    dated = _dated_bylines(seen, headline, around)
    lines, author, credit = _authors(seen, shown, article, lines, dated, bool(document))
    published, updated = _dates(seen, headline, article, around, document, warnings)
    issuer = document["issuer"] if document else ""
    text = "\n".join(line.text for line in lines if not (document and is_seat_of_state(line.text, issuer)))
    if not text and not lead.value:
        raise NotAnArticle("body", "no main text was found on this page; is it a front, a menu or a stub?")
    if not every and (
        reason := _why_no_article(seen, title, article, written, lines, lead.value, bool(document), published)
    ):
        raise NotAnArticle("body", reason)
    if issuer:
        author = Said(issuer, "the document's form", 1)
    fields = {
        "title": title, "lead": lead, "published": published, "author": author, "credit": credit, "updated": updated,
        "url": Said(head.url, head.url_by, 1), "source": Said(head.host, head.url_by, 1),
        "number": Said((document or {}).get("number", ""), "the document's form", 1),
        "category": _category(seen, article),
    }  # fmt: skip
    optional = ("credit", "updated", "number")
    record: dict[str, Any] = {key: said.value for key, said in fields.items() if said.value or key not in optional}
    record["body"] = text
    record["why"] = {key: said.by for key, said in fields.items() if said.value} | {"body": _place(seen)}
    if warnings:
        record["warnings"] = warnings
    return record


def read_fragment(text: str) -> tuple[str, str]:
    """(lead, body) of an article's own markup without a page around it; a line for each block."""
    page = Elements(parse(f"<div>{text}</div>"))
    sapo = next(
        (e for e in page.all if e.tag in ("p", "h2", "div", "strong") and "sapo" in (e.get("class") or "")), None
    )
    lead = text_of(sapo) if sapo is not None else ""
    unwanted = {sapo} if sapo is not None and len(lead) < _LEAD else set()
    lines = [line.text for line in lines_of(page, page.tree, unwanted) if not is_furniture(line.text)]
    return lead if unwanted else "", "\n".join(lines)


# -- the headline --------------------------------------------------------------------------------------


def _title(seen: _Seen, warnings: list[str]) -> tuple[Said, Any]:
    """The headline that a reader sees, and its element; what the head declares where none is to be seen."""
    page = seen.page
    visible = _headlines(seen)
    texts = [said.value for _, said in visible]
    stated = _declared_titles(seen, texts)

    def worth(pair: tuple[Any, Said]) -> float:
        is_sound = "\ufffd" not in pair[1].value  # a stray byte
        return pair[1].weight + 3 * any(is_same(pair[1].value, said.value) for said in stated) * is_sound

    best = max(visible, key=worth, default=None)
    if best is not None:
        element, said = best
        is_headline = said.weight >= 1.5 and (stated and stated[0].weight < 1 or not _is_section(seen, said.value))
        if worth(best) >= 3 or not stated or said.weight >= 2 or is_headline:
            other = next(
                (each for each in stated if each.weight >= 1), None
            )  # a title element alone is often the site's
            if other and worth(best) < 3:
                warnings.append(f'title: {said.by} says "{said.value[:80]}", {other.by} "{other.value[:80]}"')
            return said, element
    if stated:
        return stated[0], _element_of(seen, stated[0].value)
    title = next(iter(page.tags("title")), None)
    return Said(text_of(title) if title is not None else "", "title element", 0.5), None


def _headlines(seen: _Seen) -> list[tuple[Any, Said]]:
    """Elements that may be the headline, the most plausible first."""
    page, found = seen.page, list[tuple[Any, Said]]()
    sources = [(seen.container.title, 2.0, seen.container.name)] if seen.container else []
    sources += [("h1", 1.5, "h1"), ("[itemprop=headline]", 1.5, "itemprop headline")]
    sources += [(c.title, 1.2, f"{c.name}'s headline") for c in containers() if not c.hosts]
    sources += [("h2", 0.4, "h2"), ("h3", 0.2, "h3")]
    taken: set[Any] = set()
    places = [(list(page.select(selector)), weight, by) for selector, weight, by in sources]
    for elements, weight, by in [*places, (page.of_class(_TITLE), 0.3, "a class that is called title")]:
        for element in elements:
            at = page.position[element]
            if element in taken or at > seen.last or seen.sizes.text[at] > 500 or _is_aside(seen, element):
                continue
            taken.add(element)
            text = plain(element.get("content")) if element.tag == "meta" else text_of(element)
            names = f"{element.get('class') or ''} {element.get('id') or ''}".lower()
            if (
                (1 if element.tag == "h1" else 5) <= len(text) <= 400
                and "logo" not in names
                and not is_site_title(text, seen.head.names)
            ):
                is_of_text = at > seen.first and element.tag in ("h2", "h3")
                found.append((element, Said(text, by, min(weight, 0.1) if is_of_text else weight)))
    return found


def _is_aside(seen: _Seen, element: Any) -> bool:
    """Whether an element stands in a menu, a foot, a teaser, or is not shown."""
    for each in (element, *islice(element.iterancestors(), 100)):
        if each.tag in ("nav", "footer", "aside") or each in seen.teasers or is_hidden(each):
            return True
        if each is seen.body:
            return False
    return False


def _declared_titles(seen: _Seen, headlines: list[str]) -> list[Said]:
    """The titles of the head without the site's name; one that is cut off stands last."""
    head, page = seen.head, seen.page
    article = head.article(headlines)
    title = next(iter(page.tags("title")), None)
    said = [
        Said(head.meta.get("og:title", ""), "og:title", 1),
        Said(plain(article.get("headline")), "JSON-LD headline", 1),
        Said(head.meta.get("twitter:title", ""), "twitter:title", 1),
        Said(plain(article.get("name")), "JSON-LD name", 1),
        Said(head.meta.get("title", ""), "meta title", 1),
        Said(text_of(title) if title is not None else "", "title element", 0.9),
    ]
    cut = [each._replace(value=without_site(each.value[:500], head.names, headlines)) for each in said if each.value]
    kept = [each for each in cut if not is_site_title(each.value, head.names)]
    return sorted(kept, key=lambda each: each.value.endswith(("...", "…")))


def _is_section(seen: _Seen, text: str) -> bool:
    """Whether a heading names a section: short, or what the page says of its category."""
    section = seen.head.meta.get("article:section", "")
    return len(text) < 20 and len(text.split()) <= 4 or bool(section) and is_same(text, section)


def _element_of(seen: _Seen, title: str) -> Any:
    """The innermost element before the text's end that shows a title."""
    tries = 0
    for element in seen.page.all[seen.last - 1 :: -1]:
        if tries > 200:
            break
        if seen.sizes.text[seen.page.position[element]] <= 2 * len(title) and element.tag not in (
            "title",
            "meta",
            "script",
        ):
            tries += seen.sizes.text[seen.page.position[element]] >= len(title) // 2
            if is_same(text_of(element), title) and not _is_aside(seen, element):
                return element
    return None


# -- the lead --------------------------------------------------------------------------------------------


def _lead(seen: _Seen, headline: Any, article: dict[str, Any], title: str, lines: list[Line]) -> Said:
    """The paragraph under the headline; else what the page declares as its description."""
    page = seen.page
    after = page.position[headline] if headline is not None else -1
    known = [(c.lead, c.name) for c in ([seen.container] if seen.container else []) if c.lead]
    known += [(c.lead, f"{c.name}'s lead") for c in containers() if c.lead and not c.hosts]
    places = [(list(page.select(selector)), by) for selector, by in known]
    for elements, by in [*places, (page.of_class(_SAPO), "a class that is called sapo")]:
        for element in elements:
            at = page.position[element]
            if (
                not after < at <= seen.last
                or element is seen.body
                or element in seen.body.iterancestors()
                or _is_aside(seen, element)
            ):
                continue
            text = " ".join(line.text for line in without_teasers(lines_of(page, element)))
            if 20 <= len(text) <= _LEAD and not is_same(text, title) and (at <= seen.first or _opens(lines, text)):
                return Said(text, by, 1)
    described = [
        Said(plain(article.get("description")), "JSON-LD description", 1),
        Said(seen.head.meta.get("og:description", ""), "og:description", 1),
        Said(seen.head.meta.get("description", ""), "meta description", 1),
    ]
    for said in described:
        if len(said.value) < 20 or is_same(said.value, title):
            continue
        for line in lines[:3]:
            if _holds(line.text, said.value) and len(line.text) <= _LEAD:
                return Said(line.text, f"the first paragraph, as {said.by}", 1)
        if not said.value.endswith(("...", "…")) or len(said.value) > 60:
            return said
    prose = [line for line in lines[:6] if line.kind == "p" and len(line.text) >= 60]
    if len(prose) > 1 and prose[0].is_marked and not prose[1].is_marked and len(prose[0].text) <= _LEAD:
        return Said(prose[0].text, "the first paragraph, which is bold", 1)
    return Said("", "", 0)


def _holds(line: str, described: str) -> bool:
    """Whether a line is what the page describes itself with, cut off or not, behind a place or not."""
    return is_same(line, described) or described.rstrip(". …")[:80].strip() in line[: len(described) + 40]


def _opens(lines: list[Line], text: str) -> bool:
    return any(is_same(line.text, text) or text.startswith(line.text) for line in lines[:4])


def _without_head(lines: list[Line], title: str, lead: str) -> list[Line]:
    """The lines without headline, lead and date, which stand elsewhere."""
    kept = []
    for number, line in enumerate(lines):
        is_repeated = any(
            len(part) == len(line.text) and fold(line.text).lower() == fold(part).lower() for part in (title, lead)
        )
        is_part = number < 4 and len(line.text) > 20 and bool(lead) and line.text in lead
        if (
            not is_repeated
            and not is_part
            and not (number < 6 and (is_date_line(line.text) or _author_beside_date(line.text)))
        ):
            kept.append(line)
    return kept


# -- who wrote it --------------------------------------------------------------------------------------


class _Shown(NamedTuple):
    """Names in an element that a known container keeps authors in."""

    names: list[str]
    by: str
    element: Any


def _authors(
    seen: _Seen, shown: _Shown, article: dict[str, Any], lines: list[Line], dated: list[str], is_document: bool
) -> tuple[list[Line], Said, Said]:
    """The lines without those of writer and source; these."""
    stated = declared_authors(seen.head, article)
    known = [*stated, *shown.names]
    names = seen.head.names
    written: list[str] = []
    credit = ""
    kept = list(lines)
    while kept and not is_document:
        line = kept[-1]
        byline = read_byline(line.text, known)
        if (
            is_date_line(line.text)
            or is_furniture(line.text)
            or len(line.text) < 60
            and is_site_name(line.text, names)
            and line.text.istitle()
        ):
            kept.pop()
            continue
        names_here = names_in(byline.author) if byline else []
        is_known = set(names_here) <= set(known)
        if (
            byline is None
            or line.kind == "heading"
            or not is_known
            and (written or len(kept) < 2 and not line.is_marked)
        ):
            break
        written = names_here + written
        credit = byline.credit or credit
        kept.pop()
    written = written or dated
    for line in kept[:3] if not is_document else ():
        byline = read_byline(line.text, known)
        if byline and byline.author and (line.is_marked or set(names_in(byline.author)) <= set(known)):
            written = written or names_in(byline.author)
            kept.remove(line)
    best, witness = shown.names, shown.by
    if not best or len(written) > len(best) and _same_names(best, written):
        best, witness = written, "the byline"
    is_longer = len(stated) > len(best) or len(stated) == len(best) and ", ".join(best).isupper()
    if not best or is_longer and _same_names(best, stated):
        best, witness = stated, "JSON-LD" if article.get("author") else "meta author"
    best = [name for name in best if not is_site_name(name, names)]
    return kept, Said(", ".join(best), witness, 1), Said(credit, "the last lines", 1)


def _author_beside_date(text: str) -> str:
    """The name in "A. Bình - 07/02/2023 11:34", "" where there is none."""
    rest = beside_date(text) if len(text) <= 100 else ""
    byline = read_byline(rest) if rest else None
    return byline.author if byline else ""


def _dated_bylines(seen: _Seen, headline: Any, around: list[Line]) -> list[str]:
    """The names in a line of name and date between headline and text, or behind "Tác giả:" near the text."""
    start = seen.page.position[headline] if headline is not None else seen.first
    for line in around:
        if start <= line.at < seen.first + 12 and (author := _author_beside_date(line.text)):
            return names_in(author)
        if start <= line.at < seen.last + 40 and _LABELLED.match(line.text) and (byline := read_byline(line.text)):
            return names_in(byline.author)
    return []


def _same_names(few: list[str], many: list[str]) -> bool:
    return {fold(name).lower() for name in few} <= {fold(name).lower() for name in many}


def _shown_author(seen: _Seen, headline: Any) -> _Shown:
    """The names in the element that known containers keep the author in, near the text."""
    page = seen.page
    start = page.position[headline] - 60 if headline is not None else seen.first - 120
    known = [(seen.container.author, seen.container.name)] if seen.container and seen.container.author else []
    known += [(c.author, f"{c.name}'s author") for c in containers() if c.author and not c.hosts]
    places = [(list(page.select(selector)), by) for selector, by in known]
    for elements, by in [*places, (page.of_class(_AUTHOR), "a class that is called author")]:
        for element in elements:
            if not start <= page.position[element] <= seen.last + 60 or _is_aside(seen, element):
                continue
            names = _names_of(seen, element)
            if names:
                return _Shown(names, by, element)
    return _Shown([], "", None)


def _names_of(seen: _Seen, element: Any) -> list[str]:
    texts = [line.text for line in lines_of(seen.page, element)] or [visible_text(element)]
    for text in texts:
        text = _BEFORE_NAME.sub("", text)
        byline = read_byline(text)
        names = names_in(byline.author) if byline else [name for name in names_in(text) if is_name(name)]
        names = [name for name in names if not is_site_name(name, seen.head.names)]
        if names and len(text) < 120:
            return names
    return []


# -- when ------------------------------------------------------------------------------------------------


def _around(seen: _Seen, root: Any, written: list[Line]) -> list[Line]:
    """The lines of the whole page but for teasers, scripts and what is always the site's; `written`: the body's."""
    unwanted = {*seen.teasers, *root.iter("nav", "footer", "aside")} - set(seen.body.iterancestors())
    outside = lines_of(seen.page, root, unwanted | set(seen.bodies)) if root not in seen.bodies else []
    return (
        [line for line in outside if line.at < seen.first]
        + written
        + [line for line in outside if line.at >= seen.first]
    )


def _dates(
    seen: _Seen,
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


def _shown_dates(seen: _Seen, headline: Any, around: list[Line]) -> list[Said]:
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
                or _is_aside(seen, element)
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


def _start(seen: _Seen, headline: Any) -> tuple[int, Any]:
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


def _date_weight(seen: _Seen, headline: Any, line: Line) -> float:
    """How surely a line says when the article was published: 0 for one that does not."""
    at_headline = seen.page.position[headline] if headline is not None else seen.first
    is_inside = seen.first < line.at <= seen.last
    if is_date_line(line.text):
        if line.at >= at_headline and not is_inside:
            return 2.5
        return 2.0 if not is_inside or line.at - seen.first < 12 or seen.last - line.at < 12 else 0.0
    is_opening = is_inside and line.at - seen.first < 12 and bool(_author_beside_date(line.text))
    if is_inside and not is_opening or line.at < at_headline or len(line.text) > 100 or line.text.endswith("."):
        return 0.0
    folded = fold(line.text).lower()
    if _IN_FORCE.search(folded) or not re.search(
        r"\d{1,2}\s?(?::|h|gio)\s?\d{2}|\b(?:dang|cap nhat|ngay dang)\b", folded
    ):
        return 0.0
    return 1.5 if moment(Said(line.text, "", 1)) else 0.0


# -- what it is ----------------------------------------------------------------------------------------


def _document(lines: list[Line], around: list[Line]) -> dict[str, str] | None:
    """Title, number, day of issue and issuing body of a law or official document; None of any other page."""
    texts = [line.text for line in lines]
    articles = sum(bool(_ARTICLE_OF_LAW.match(text)) for text in texts)
    labels = [line.text for line in around if len(line.text) < 1000]
    issued = next((m[1] for text in labels if (m := _ISSUED.search(text))), "")
    issued = issued or _after_label(labels, ("ngày ban hành", "ngày ký"))
    number = next((m[1] for text in labels if (m := _NUMBER.search(text))), "")
    abstract = next((m[1] for text in labels if (m := _ABSTRACT.search(text))), "") or _after_label(
        labels, ("trích yếu",)
    )
    is_law = articles >= 3 or bool(issued and (articles or number or abstract))
    form = read_document(texts, is_sure=is_law)
    if not form and not is_law:
        return None
    found = {"title": "", "number": "", "published": "", "issuer": ""}
    if form:
        found = {"title": form.title, "number": form.number, "published": form.published, "issuer": form.issuer}
    issuer = next((m[1].strip() for text in labels if (m := _ISSUER.search(text))), "") or _after_label(
        labels, ("nơi ban hành", "cơ quan ban hành")
    )
    found["title"] = found["title"] or abstract.strip()
    found["published"] = issued or found["published"] or next((t for t in labels if is_place_and_date(t)), "")
    found["issuer"] = issuer if issuer and not issuer.isupper() else found["issuer"]
    found["number"] = found["number"] or number
    return found


def _after_label(lines: list[str], labels: tuple[str, ...]) -> str:
    """The line behind one that is only a label: "Ngày ban hành:", "12/06/2018"."""
    for line, value in pairwise(lines):
        if line.strip(" :").lower() in labels and len(value) < 300:
            return value
    return ""


def _category(seen: _Seen, article: dict[str, Any]) -> Said:
    section = article.get("articleSection")
    section = section[0] if isinstance(section, list) and section else section
    if text := plain(section):
        return Said(text, "JSON-LD articleSection", 1)
    return Said(seen.head.meta.get("article:section", ""), "meta article:section", 1)


def _place(seen: _Seen) -> str:
    return f"the container of {seen.container.name}" if seen.container else "the densest prose"


def _is_list(lines: list[Line]) -> bool:
    """Whether at least three paragraphs, and most of all, stand each right under a link to an article."""
    prose = led = 0
    for above, line in pairwise(lines):
        if line.linked < 0.5 and len(line.text) >= 40 and line.kind != "heading":
            prose += 1
            led += above.linked > 0.85 and len(above.text) >= 15
    return led >= 3 and led > 0.6 * prose


def _why_no_article(
    seen: _Seen,
    title: Said,
    article: dict[str, Any],
    written: list[Line],
    lines: list[Line],
    lead: str,
    is_document: bool,
    published: Said,
) -> str:
    """Why the page is no article, "" where it is one."""
    text = sum(len(line.text) for line in lines if line.linked < 0.5) + len(lead)
    linked = sum(len(line.text) for line in lines if line.linked >= 0.5)
    if article and text >= _STUB or is_document and text >= 2 * _STUB:
        return ""
    sizes = (seen.sizes.text[seen.page.position[link]] for link in seen.page.tags("a") if link.get("href"))
    links = sum(size for size in sizes if size >= 25)  # headlines; a menu's entries are shorter
    found = f"{links} characters of links to articles, {text} of text; all=True (--all) reads it"
    if text < _STUB and (links > text or not text):
        return f"a stub or a menu: {found}"
    if _is_list(written):
        return f"a section front: most paragraphs stand under links to articles; {found}"
    if linked > text:
        return f"a section front: {found}"
    if not seen.head.url and seen.head.host and links > text:
        return f"the home page of a site: {found}"
    is_known = seen.container is not None and (bool(seen.container.hosts) or published.weight >= 2)
    is_stated = any(is_same(said.value, title.value) for said in _declared_titles(seen, [title.value]))
    is_sure = is_stated or links < 2 * text or title.weight >= 1.5 and published.weight >= 2
    is_headlined = title.weight > 1 and len(title.value) >= 25 and is_sure
    if links > text and not is_known and not is_headlined:
        return f"a section front without a headline: {found}"
    return ""
