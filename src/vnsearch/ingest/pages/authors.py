"""Who wrote a page's article, as the page shows and declares it."""

import re
from typing import Any, NamedTuple

from ...text.fold import fold
from ...vietnam.dates import is_date_line
from .byline import author_beside_date, is_name, is_site_name, names_in, read_byline
from .containers import containers
from .headline import is_aside
from .lines import Line, lines_of
from .seen import Seen
from .text_page import is_furniture
from .witnesses import Said, declared_authors, visible_text

_AUTHOR = re.compile(r"author|tac-?gia|byline|but-?danh")
_LABELLED = re.compile(r"(?:tác giả(?: bài viết)?|người viết|bút danh)\s?:", re.IGNORECASE)
_BEFORE_NAME = re.compile(r"^(?:[a-zđ][\w-]{0,20}:?\s){1,2}(?=[A-ZÀ-ỸĐ])")  # what an icon is called


# -- who wrote it --------------------------------------------------------------------------------------


class _Shown(NamedTuple):
    """Names in an element that a known container keeps authors in."""

    names: list[str]
    by: str
    element: Any


def find_authors(
    seen: Seen, shown: _Shown, article: dict[str, Any], lines: list[Line], dated: list[str], is_document: bool
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


def dated_bylines(seen: Seen, headline: Any, around: list[Line]) -> list[str]:
    """The names in a line of name and date between headline and text, or after "Tác giả:" near the text."""
    start = seen.page.position[headline] if headline is not None else seen.first
    for line in around:
        if start <= line.at < seen.first + 12 and (author := author_beside_date(line.text)):
            return names_in(author)
        if start <= line.at < seen.last + 40 and _LABELLED.match(line.text) and (byline := read_byline(line.text)):
            return names_in(byline.author)
    return []


def _same_names(few: list[str], many: list[str]) -> bool:
    return {fold(name).lower() for name in few} <= {fold(name).lower() for name in many}


def shown_author(seen: Seen, headline: Any) -> _Shown:
    """The names in the element that known containers keep the author in, near the text."""
    page = seen.page
    start = page.position[headline] - 60 if headline is not None else seen.first - 120
    known = [(seen.container.author, seen.container.name)] if seen.container and seen.container.author else []
    known += [(c.author, f"{c.name}'s author") for c in containers() if c.author and not c.hosts]
    places = [(list(page.select(selector)), by) for selector, by in known]
    for elements, by in [*places, (page.of_class(_AUTHOR), "a class that is called author")]:
        for element in elements:
            if not start <= page.position[element] <= seen.last + 60 or is_aside(seen, element):
                continue
            names = _names_of(seen, element)
            if names:
                return _Shown(names, by, element)
    return _Shown([], "", None)


def _names_of(seen: Seen, element: Any) -> list[str]:
    texts = [line.text for line in lines_of(seen.page, element)] or [visible_text(element)]
    for text in texts:
        text = _BEFORE_NAME.sub("", text)
        byline = read_byline(text)
        names = names_in(byline.author) if byline else [name for name in names_in(text) if is_name(name)]
        names = [name for name in names if not is_site_name(name, seen.head.names)]
        if names and len(text) < 120:
            return names
    return []
