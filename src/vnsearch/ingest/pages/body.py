"""The main text of a page: where it stands, and its lines in order, without what is the site's.

A heading, a paragraph, an item of a list, a caption, a row of a table of data are a line each; a table that only lays
out the page is read cell by cell.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from itertools import accumulate, islice
from typing import Any, NamedTuple

from .containers import Container, containers
from .markup import HIDDEN, Elements, text_of
from .text_page import is_furniture

_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details div dl dt fieldset figcaption"
    " figure footer form h1"
    " h2 h3 h4 h5 h6 header hr html legend li main nav ol p pre section summary table tbody td tfoot th thead"
    " tr ul".split()
)
_HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())
_NEVER = frozenset("nav aside footer form button dialog audio video".split())  # below the container of the text
_INLINE = frozenset(
    "a abbr b bdi big cite code em font i ins mark q s small span strong sub sup u".split()
)  # parts of sentences
_UNSEEN = re.compile(r"display\s?:\s?none|visibility\s?:\s?hidden", re.IGNORECASE)
_CAPTION = re.compile(r"caption|chu-?thich", re.IGNORECASE)
_RIGHT = re.compile(r"text-align\s?:\s?right", re.IGNORECASE)
_LAW_HEADING = re.compile(r"\s*(?:Phần|Chương|Mục|Tiểu mục|Điều)\s+(?:[\dIVXLC]+|thứ \w+)\b", re.IGNORECASE)
_MORE = re.compile(
    r"[>»▶►*•+\-\s]{0,6}(?:xem thêm|đọc thêm|xem tiếp|tin liên quan|bài liên quan|có thể bạn quan tâm|mời xem)\b",
    re.IGNORECASE,
)
_PROSE = 40  # characters from which on a line counts as prose
_LAID_OUT = 600  # characters of a cell from which on it is no datum
_ROWS = 200  # of a table that are looked at to tell data from layout
_MOST = 0.4  # of the text: what holds more is never dropped for its name


class Line(NamedTuple):
    """A line of the text and what it was on the page."""

    text: str
    kind: str  # "p", "heading", "item", "row", "caption"
    linked: float  # the share of its characters that lead elsewhere
    at: int  # the position of its element in the page
    is_marked: bool  # set apart from the text: to the right, or all bold or italic


class Sizes:
    """How many characters each element holds, and how many of these in links, by position in the page."""

    def __init__(self, page: Elements) -> None:
        number = len(page.all)
        self.text, self.links = [0] * number, [0] * number
        position, parents = page.position, [-1] * number
        for at, element in enumerate(page.all):
            above = element.getparent()
            parents[at] = parent = position[above] if above is not None and above in position else -1
            if element.tag not in HIDDEN and element.text:
                self.text[at] += len(element.text.strip())
            if parent >= 0 and element.tail:
                self.text[parent] += len(element.tail.strip())
        self.ends = list(range(1, number + 1))  # the position behind the last element below each
        for at in range(number - 1, 0, -1):
            if parents[at] >= 0:
                self.ends[parents[at]] = max(self.ends[parents[at]], self.ends[at])
            if page.all[at].tag == "a" and page.all[at].get("href"):
                self.links[at] = self.text[at]
            if parents[at] >= 0 and page.all[at].tag not in HIDDEN:
                self.text[parents[at]] += self.text[at]
                self.links[parents[at]] += self.links[at]
        self.parents = parents

    def prose(self, at: int) -> int:
        """Characters outside links."""
        return self.text[at] - self.links[at]

    def density(self, at: int) -> float:
        """The share of characters in links."""
        return self.links[at] / self.text[at] if self.text[at] else 0.0


# -- Where? ------------------------------------------------------------------------------------------


def find_body(page: Elements, sizes: Sizes, host: str) -> tuple[list[Any], Container | None]:
    """The element that holds the main text, or several brothers of one class, and the known container they are."""
    known = containers()
    of_host = [c for c in known if c.is_of(host)]
    for group in (of_host, [c for c in known if not c.hosts or not of_host]):
        found = [(element, c) for c in group for element in _largest(page, sizes, c.body)]
        if found:
            most = max(sizes.prose(page.position[e]) for e, _ in found)
            near = [(e, c) for e, c in found if sizes.prose(page.position[e]) >= 0.7 * most]
            best, known_as = min(near, key=lambda pair: _least(sizes, page.position[pair[0]]))
            return _with_brothers(page, sizes, best), known_as
    densest = _densest(page, sizes)
    return ([] if densest is None else [densest]), None


def _least(sizes: Sizes, at: int) -> tuple[int, int]:
    """Order among elements that hold about the same prose: fewest links, then smallest."""
    return sizes.links[at], sizes.text[at]


def _with_brothers(page: Elements, sizes: Sizes, element: Any) -> list[Any]:
    """An element and those beside it that hold more of the same text: of its class, with prose and hardly a link."""
    names, above = set((element.get("class") or "").split()), element.getparent()
    if not names or above is None:
        return [element]
    brothers = [e for e in above.iterchildren(element.tag) if names <= set((e.get("class") or "").split())]
    at = {e: page.position[e] for e in brothers}
    return [e for e in brothers if e is element or sizes.prose(at[e]) >= _PROSE and sizes.density(at[e]) < 0.2]


def _largest(page: Elements, sizes: Sizes, selector: str) -> list[Any]:
    """The first alternative of a selector that holds prose, and not much less than another does; [] where none does.

    Of several elements of an alternative, the one with most prose, the first of about equal ones.
    """
    best: list[int] = []
    least = max(1, min(_PROSE, sizes.prose(0) // 3))
    for way in selector.split(","):
        found = sorted({page.position[e] for e in page.select(way)})
        most = max(map(sizes.prose, found), default=0)
        best += [at for at in found if sizes.prose(at) >= 0.8 * most][:1] if most >= least else []
    most = max(map(sizes.prose, best), default=0)
    return [page.all[at] for at in best if sizes.prose(at) >= 0.5 * most][:1]


def _densest(page: Elements, sizes: Sizes) -> Any:
    """The element whose own paragraphs hold most prose, after Readability: each counts for what it stands in."""
    bodies = page.tags("body") or [page.tree]
    unwanted = {e for e in unwanted_in(page, sizes, bodies[0]) if e.tag != "form"}
    scores: dict[int, float] = {}
    prose: list[tuple[int, float]] = []
    lines = [(line, len(line.text) * (1 - line.linked)) for line in lines_of(page, bodies[0], unwanted)]
    least = _PROSE if any(worth >= _PROSE for _, worth in lines) else 1
    for line, worth in lines:
        if worth < least or line.kind == "caption":
            continue
        holder = sizes.parents[line.at] if page.all[line.at].tag in ("p", "li", *_HEADINGS) else line.at
        scores[holder] = scores.get(holder, 0) + worth
        prose.append((line.at, worth))
    if not scores:
        return None
    prose.sort()
    places = [at for at, _ in prose]
    sums = [0.0, *accumulate(worth for _, worth in prose)]

    def below(at: int) -> float:
        return sums[bisect_left(places, sizes.ends[at])] - sums[bisect_left(places, at)]

    best = max(scores, key=lambda at: scores[at] * (1 - sizes.density(at)))
    while (above := sizes.parents[best]) > 0 and page.all[above].tag not in ("body", "html"):
        if below(above) < 1.25 * below(best) or sizes.density(above) > 0.35:
            break
        best = above
    return page.all[best]


# -- What is not the article's? ------------------------------------------------------------------------


def unwanted_in(page: Elements, sizes: Sizes, body: Any, drop: str = "") -> set[Any]:
    """Elements below the body that are the site's: menus, related articles, shares, comments, what is not shown."""
    first = page.position[body]
    whole = sizes.text[first] or 1
    named = page.select(drop) if drop else ()
    unwanted = {e for e in named if e.tag not in _INLINE} - {body, *body.iterancestors()}
    for element in body.iter("*"):
        at = page.position.get(element, -1)
        share = sizes.text[at] / whole
        if at > first and (share <= _MOST and _is_unwanted(element) or share <= 2 * _MOST and is_hidden(element)):
            unwanted.add(element)
    return unwanted | teasers_in(page, sizes, body)


def _is_unwanted(element: Any) -> bool:
    if element.tag in _NEVER or is_hidden(element):
        return True
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    return names != " " and element.tag not in _INLINE and _is_site_name(names)


def is_hidden(element: Any) -> bool:
    """Whether an element is not shown."""
    style = element.get("style")
    return bool(style and _UNSEEN.search(style)) or element.get("hidden") is not None


def teasers_in(page: Elements, sizes: Sizes, body: Any) -> set[Any]:
    """Elements below the body that only lead to other articles: brothers with a headline each, lists of links."""
    first = page.position[body]
    whole = sizes.text[first] or 1
    groups: dict[tuple[int, str, str], list[int]] = {}
    for element in body.iter("div", "li", "article", "section", "ul", "tr", "td"):
        at = page.position[element]
        if at > first and sizes.links[at] and sizes.text[at] <= _MOST * whole:
            groups.setdefault((sizes.parents[at], element.tag, (element.get("class") or "")[:60]), []).append(at)
    found: set[Any] = set()
    for (_, tag, _), members in groups.items():
        if _are_teasers(page, sizes, tag, members):
            found.update(page.all[at] for at in members)
    return found


def _are_teasers(page: Elements, sizes: Sizes, tag: str, members: list[int]) -> bool:
    """Whether siblings are lists of headlines: each leads elsewhere, with little text of its own."""
    if tag in ("ul", "tr", "td"):  # by themselves, and nearly nothing but links
        return all(sizes.density(at) > 0.85 for at in members) and sum(sizes.text[at] for at in members) > 60
    if len(members) < 2:
        return False
    teasers = sum(1 for at in members if sizes.density(at) > 0.2 and sizes.text[at] < 900 and _has_headline(page, at))
    return teasers >= 0.7 * len(members)


def _has_headline(page: Elements, at: int) -> bool:
    """A link that is a headline: 20 characters or more, and no word within a sentence."""
    for link in islice(page.all[at].iter("a"), 20):
        if link.get("href") and link.getparent().tag not in ("p", "i", "em") and len(text_of(link)) >= 20:
            return True
    return False


@cache
def _is_site_name(names: str) -> bool:
    return len(names) < 500 and bool(_site_names().search(names.lower().replace("_", "-")))


@cache
def _site_names() -> re.Pattern[str]:
    lines = (files(__package__) / "data" / "furniture_classes.txt").read_text("utf-8").splitlines()
    words = "|".join(re.escape(line.strip()) for line in lines if line.strip() and not line.startswith("#"))
    return re.compile(rf"(?:^|[\s-])(?:{words})(?:[\s-]|\d|$)")


# -- In what lines? ------------------------------------------------------------------------------------


class _Pen:
    """Writes lines: text comes in pieces, a block ends the line."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._pieces: list[str] = []
        self._linked = self._strong = 0
        self.at = 0

    def write(self, text: str | None, *, is_link: bool, is_strong: bool) -> None:
        if text:
            self._pieces.append(text)
            size = len(text.strip())
            self._linked += size * is_link
            self._strong += size * is_strong

    def end(self, kind: str, *, is_right: bool = False, is_plain: bool = False) -> None:
        if not self._pieces:
            return
        whole = "".join(self._pieces)
        for written in whole.split("\n") if is_plain else (whole,):
            text = " ".join(written.split())
            if any(map(str.isalnum, text)):
                size = len(text)
                is_marked = is_right or self._strong >= 0.9 * size
                self.lines.append(Line(text, kind, min(1.0, self._linked / size), self.at, is_marked))
        self._pieces, self._linked, self._strong = [], 0, 0


def lines_of(page: Elements, body: Any, unwanted: Iterable[Any] = ()) -> list[Line]:
    """The lines of an element in order, without the unwanted ones below it."""
    from lxml import etree

    unwanted = set(unwanted)
    pen = _Pen()
    kinds: list[str] = ["p"]
    rights: list[bool] = [False]
    links = strong = plain = 0
    law: dict[Any, bool] = {}  # bold elements that begin as an article of a law does -> with its title
    walk = etree.iterwalk(body, events=("start", "end", "comment"))
    for event, element in walk:
        if event == "comment":
            if element is not body:
                pen.write(element.tail, is_link=links > 0, is_strong=strong > 0)
            continue
        tag = element.tag
        if not isinstance(tag, str):
            continue
        if event == "start":
            if element is not body and (tag in HIDDEN or element in unwanted):
                walk.skip_subtree()
                unwanted.add(element)
                if tag in _BLOCKS:
                    pen.end(kinds[-1], is_right=rights[-1])
                continue
            if tag in _BLOCKS or tag == "br":
                pen.end(kinds[-1], is_right=rights[-1], is_plain=plain > 0)
            if tag in _BLOCKS:
                pen.at = page.position.get(element, pen.at)
                kinds.append(_kind(element, tag, kinds[-1]))
                rights.append(
                    rights[-1] or element.get("align") == "right" or bool(_RIGHT.search(element.get("style") or ""))
                )
                plain += tag == "pre"
            links += tag == "a" and bool(element.get("href"))
            if tag in ("b", "strong", "em", "i"):
                strong += 1
                words = _opening_words(element) if tag in ("b", "strong") else ""
                if len(words) < 400 and (m := _LAW_HEADING.match(words)):
                    pen.end(kinds[-1], is_right=rights[-1])
                    law[element] = len(words[m.end() :].split()) > 1
            if tag == "table" and _is_data(element):
                _write_rows(page, element, unwanted, pen)
                walk.skip_subtree()
                unwanted.add(element)
                kinds.pop(), rights.pop()
                continue
            pen.write(element.text, is_link=links > 0, is_strong=strong > 0)
        else:
            skipped = element in unwanted and element is not body
            if not skipped:
                if tag in _BLOCKS:
                    pen.end(kinds.pop(), is_right=rights.pop(), is_plain=plain > 0)
                    plain -= tag == "pre"
                    pen.at = page.position.get(element.getparent(), pen.at) if element is not body else pen.at
                links -= tag == "a" and bool(element.get("href"))
                strong -= tag in ("b", "strong", "em", "i")
                if law.get(element):
                    pen.end(kinds[-1])
            if element is not body:
                pen.write(element.tail, is_link=links > 0, is_strong=strong > 0)
    return pen.lines


def _opening_words(element: Any) -> str:
    """The text of an element of few parts, the first words of another."""
    parts = []
    for each in islice(element.iter(), 20):
        parts.append(each.text if isinstance(each.tag, str) else "")
        parts.append(each.tail if each is not element else "")
    return "".join(part for part in parts if part)


def _kind(element: Any, tag: str, above: str) -> str:
    if tag in _HEADINGS:
        return "heading"
    if tag in ("figcaption", "caption") or _CAPTION.search(element.get("class") or ""):
        return "caption"
    if tag in ("li", "dd", "dt"):
        return "item"
    return above if above in ("caption", "heading") else "p"


def _is_data(table: Any) -> bool:
    """Whether a table holds data: rows of several cells, none of which holds a table, a heading or a long text."""
    if table.get("role") == "presentation" or next(table.iterdescendants("table"), None) is not None:
        return False
    rows = [list(row.iterchildren("td", "th")) for row in islice(table.iter("tr"), _ROWS)]
    wide = sum(len(row) > 1 for row in rows)
    if wide < 2 or wide < 0.5 * len(rows):
        return False
    if len(rows) < 3 and table.get("border", "0") == "0" and next(table.iter("th"), None) is None:
        return False
    for row in rows:
        for cell in row:
            if next(cell.iter("h1", "h2", "h3"), None) is not None or len("".join(cell.itertext())) > _LAID_OUT:
                return False
    return True


def _write_rows(page: Elements, table: Any, unwanted: set[Any], pen: _Pen) -> None:
    for row in table.iter("tr", "caption"):
        if row in unwanted or row.getparent() in unwanted:
            continue
        cells = [row] if row.tag == "caption" else list(row.iterchildren("td", "th"))
        texts = [text for cell in cells if cell not in unwanted and (text := text_of(cell))]
        if any(map(str.isalnum, "".join(texts))):
            linked = sum(len(text_of(a)) for a in row.iter("a") if a.get("href"))
            text = " | ".join(texts)
            pen.lines.append(Line(text, "row", min(1.0, linked / len(text)), page.position.get(row, pen.at), False))


# -- Which of them are the article's? ------------------------------------------------------------------


def without_teasers(lines: list[Line]) -> list[Line]:
    """The lines without those that lead to other articles and those of the site."""
    kept: list[Line] = []
    is_after_heading = False  # "Tin liên quan": what follows is links
    for line in lines:
        if is_furniture(line.text):
            is_after_heading = True
        elif not _is_teaser(line) and not (is_after_heading and line.linked > 0.5):
            is_after_heading = False
            kept.append(line)
    return kept


def _is_teaser(line: Line) -> bool:
    """Whether a line is a link to another article: all of it, or "Xem thêm:" and a link."""
    if line.linked > 0.85 and len(line.text) >= 20 and not _LAW_HEADING.match(line.text):
        return True
    return line.linked > 0.3 and bool(_MORE.match(line.text))
