"""A saved web page -> the fields of an article.

The main text stands in a known container (data/containers.tsv) or where the page's prose is densest; the other fields
are what the page's witnesses agree upon: JSON-LD, meta elements, the visible headline, date and byline, the address.
A date is never guessed from elsewhere: not from a clock, a licence, a teaser or a sentence.
"""

import re
from itertools import pairwise
from typing import Any

from .authors import dated_bylines, find_authors, shown_author
from .body import Sizes, find_body, teasers_in, unwanted_in
from .document import is_place_and_date, is_seat_of_state, read_document
from .headline import ABSTRACT, LEAD, declared_titles, find_lead, find_title, without_head
from .lines import Line, lines_of, without_teasers
from .markup import Elements, parse, plain, text_of
from .page_dates import ISSUED, find_dates
from .seen import NotAnArticle, Seen, text_around
from .text_page import is_furniture
from .witnesses import Said, declared, is_same

_STUB = 40  # characters of text that an article has at least
_ISSUER = re.compile(
    r"(?:^|\| ?)(?:nơi ban hành|cơ quan ban hành|cơ quan ban hành văn bản)\s?[:|]?[\s:|]{0,3}([^|:]{3,80})",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"(?:^|\| ?)(?:số hiệu|số ký hiệu|số/ký hiệu|số văn bản)\s?[:|]?[\s:|]{0,3}(\d[\w/.Đđ&-]{2,40})", re.IGNORECASE
)
_ARTICLE_OF_LAW = re.compile(r"(?:Điều|Chương|Mục)\s+[\dIVXLC]+", re.IGNORECASE)


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
    seen = Seen(page, sizes, head, bodies[0], bodies, container, teasers)
    warnings: list[str] = []
    title, headline = find_title(seen, warnings)
    article = head.article([title.value])
    drop = container.drop if container else ""
    shown = shown_author(seen, headline)
    unwanted = {each for each in (shown.element, headline) if each is not None} - {*bodies, *bodies[0].iterancestors()}
    written = [
        line for each in bodies for line in lines_of(page, each, unwanted | unwanted_in(page, sizes, each, drop))
    ]
    lines = without_teasers(written)
    around = text_around(seen, root, written)
    document = _document(lines, around)
    if document and document.get("title") and (not title.value or title.weight < 1):
        title = Said(document["title"], "the document's form", 1)
    if title.weight < 0.8 and lines and lines[0].is_marked and 10 <= len(lines[0].text) <= 200:
        title = Said(lines[0].text, "the first line, which is bold", 0.8)
    lead = find_lead(seen, headline, article, title.value, lines)
    lines = without_head(lines, title.value, lead.value)
    dated = dated_bylines(seen, headline, around)
    lines, author, credit = find_authors(seen, shown, article, lines, dated, bool(document))
    published, updated = find_dates(seen, headline, article, around, document, warnings)
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
    unwanted = {sapo} if sapo is not None and len(lead) < LEAD else set()
    lines = [line.text for line in lines_of(page, page.tree, unwanted) if not is_furniture(line.text)]
    return lead if unwanted else "", "\n".join(lines)


# -- what it is ----------------------------------------------------------------------------------------


def _document(lines: list[Line], around: list[Line]) -> dict[str, str] | None:
    """Title, number, day of issue and issuing body of a law or official document; None of any other page."""
    texts = [line.text for line in lines]
    articles = sum(bool(_ARTICLE_OF_LAW.match(text)) for text in texts)
    labels = [line.text for line in around if len(line.text) < 1000]
    issued = next((m[1] for text in labels if (m := ISSUED.search(text))), "")
    issued = issued or _after_label(labels, ("ngày ban hành", "ngày ký"))
    number = next((m[1] for text in labels if (m := _NUMBER.search(text))), "")
    abstract = next((m[1] for text in labels if (m := ABSTRACT.search(text))), "") or _after_label(
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
    """The line after one that is only a label: "Ngày ban hành:", "12/06/2018"."""
    for line, value in pairwise(lines):
        if line.strip(" :").lower() in labels and len(value) < 300:
            return value
    return ""


def _category(seen: Seen, article: dict[str, Any]) -> Said:
    section = article.get("articleSection")
    section = section[0] if isinstance(section, list) and section else section
    if text := plain(section):
        return Said(text, "JSON-LD articleSection", 1)
    return Said(seen.head.meta.get("article:section", ""), "meta article:section", 1)


def _place(seen: Seen) -> str:
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
    seen: Seen,
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
    is_stated = any(is_same(said.value, title.value) for said in declared_titles(seen, [title.value]))
    is_sure = is_stated or links < 2 * text or title.weight >= 1.5 and published.weight >= 2
    is_headlined = title.weight > 1 and len(title.value) >= 25 and is_sure
    if links > text and not is_known and not is_headlined:
        return f"a section front without a headline: {found}"
    return ""
