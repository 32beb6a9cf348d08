"""A saved web page -> the fields of an article.

The main text is trafilatura's; title, date, author and section come from what the page declares
(JSON-LD, OpenGraph, meta) before what it shows.  A date is never guessed from elsewhere.
"""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from ..errors import ArticleError
from ..text.normalize import clean
from .dates import find_date
from .page import is_furniture

_ARTICLE_TYPES = {"NewsArticle", "Article", "ReportageNewsArticle", "BlogPosting"}


def read_html(data: bytes | str) -> dict[str, Any]:
    """The raw fields of the article on a page: title, lead, body, url, source, published, author, category.

    Raises ArticleError when the page holds no text of an article.
    """
    import trafilatura
    from lxml import html

    tree = trafilatura.load_html(data)
    if tree is None:
        raise ArticleError("body", "this is no HTML page")
    declared = _json_ld(tree)
    text = trafilatura.extract(
        html.tostring(tree, encoding="unicode"), include_comments=False, include_tables=True, favor_precision=False
    )
    title = _plain(declared.get("headline")) or _meta(tree, "og:title") or _headline(tree)
    lead = _sapo(tree) or _plain(declared.get("description")) or _meta(tree, "og:description", "description")
    body = _body(text or "", title, lead)
    if not body and not lead:
        raise ArticleError("body", "no main text was found on this page")
    url = _first(tree, "//link[@rel='canonical']/@href") or _meta(tree, "og:url") or _plain(declared.get("url"))
    author = declared.get("author")
    author = author[0] if isinstance(author, list) and author else author
    return {
        "title": title or _text(tree, "//title"),
        "lead": lead if lead and not body.startswith(lead) else "",
        "body": body,
        "url": url,
        "source": (urlsplit(url).hostname or "").removeprefix("www."),
        "published": _plain(declared.get("datePublished"))
        or _meta(tree, "article:published_time", "pubdate", "date", "dc.date", "datePublished")
        or _visible_date(tree),
        "author": _plain(author.get("name")) if isinstance(author, dict) else _meta(tree, "author", "article:author"),
        "category": _plain(declared.get("articleSection")) or _meta(tree, "article:section"),
    }


def _json_ld(tree: Any) -> dict[str, Any]:
    """The page's own description as schema.org NewsArticle, or {}."""
    for script in tree.xpath("//script[@type='application/ld+json']/text()"):
        try:
            data = json.loads(script, strict=False)
        except ValueError:
            continue  # a broken script is the site's mistake; what the page shows is used instead
        for item in _items(data):
            kinds = item.get("@type", ())
            if _ARTICLE_TYPES & set([kinds] if isinstance(kinds, str) else kinds):
                return item
    return {}


def _items(data: Any) -> Iterator[dict[str, Any]]:
    if isinstance(data, list):
        for item in data:
            yield from _items(item)
    elif isinstance(data, dict):
        yield data
        yield from _items(data.get("@graph", []))


def _meta(tree: Any, *names: str) -> str:
    for name in names:
        for value in tree.xpath("//meta[@property=$n or @name=$n or @itemprop=$n]/@content", n=name):
            if value.strip():
                return _plain(value)
    return ""


def _first(tree: Any, path: str) -> str:
    found = tree.xpath(path)
    return _plain(found[0]) if found else ""


def _text(tree: Any, path: str) -> str:
    found = tree.xpath(path)
    return _plain(found[0].text_content()) if found else ""


def _headline(tree: Any) -> str:
    """The first heading that is a title; a site's name in a heading is none."""
    return _text(tree, "//h1[contains(@class, 'title') or contains(@class, 'headline')]") or _text(
        tree, "//h1[not(contains(@class, 'logo'))]"
    )


def read_fragment(text: str) -> tuple[str, str]:
    """(lead, body) of an article's own markup without a page around it; a line for each block."""
    from lxml import html

    tree = html.fromstring(f"<div>{text}</div>")
    lead = _sapo(tree)
    for element in tree.xpath("//script | //style"):
        element.drop_tree()
    for element in tree.xpath("//p | //div | //br | //li | //tr | //h1 | //h2 | //h3 | //h4"):
        element.tail = "\n" + (element.tail or "")
    return lead, _body(tree.text_content(), "", lead)


def _sapo(tree: Any) -> str:
    """The paragraph under the headline: Vietnamese systems mark it "sapo"."""
    found = tree.xpath("//*[self::p or self::h2 or self::div or self::strong][contains(@class, 'sapo')]")
    text = _plain(found[0].text_content()) if found else ""
    return text if len(text) < 800 else ""


def _visible_date(tree: Any) -> str:
    """The first short text on the page that is a date: by its time element, else in reading order."""
    for value in tree.xpath("//time/@datetime"):
        return _plain(value)
    for value in tree.xpath("//body//text()[not(ancestor::script or ancestor::style or ancestor::footer)]"):
        line = _plain(value)
        if 8 <= len(line) <= 60 and re.search(r"\d", line):
            try:
                if find_date(line) is not None:
                    return line
            except ArticleError:
                return line  # a wrong date is reported by whoever makes the article
    return ""


def _plain(value: object) -> str:
    return " ".join(clean(value).text.split()) if isinstance(value, str) else ""


def _body(text: str, title: str, lead: str) -> str:
    """The main text without what stands elsewhere: headline, lead, the site's furniture."""
    lines = [" ".join(line.split()).lstrip("#-* ").strip() for line in text.split("\n")]
    elsewhere = {clean(part).text for part in (title, lead) if part}
    return "\n".join(line for line in lines if line and clean(line).text not in elsewhere and not is_furniture(line))
