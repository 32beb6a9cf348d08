"""The lines of a page's text: paragraphs, headings, captions, rows of tables."""

import re
from collections.abc import Iterable
from itertools import islice
from typing import Any, NamedTuple

from .markup import HIDDEN, Elements, text_of
from .text_page import is_furniture

_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details div dl dt fieldset figcaption"
    " figure footer form h1"
    " h2 h3 h4 h5 h6 header hr html legend li main nav ol p pre section summary table tbody td tfoot th thead"
    " tr ul".split()
)
HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())
INLINE = frozenset(
    "a abbr b bdi big cite code em font i ins mark q s small span strong sub sup u".split()
)  # parts of sentences
_CAPTION = re.compile(r"caption|chu-?thich", re.IGNORECASE)
_RIGHT = re.compile(r"text-align\s?:\s?right", re.IGNORECASE)
_LAW_HEADING = re.compile(r"\s*(?:Phần|Chương|Mục|Tiểu mục|Điều)\s+(?:[\dIVXLC]+|thứ \w+)\b", re.IGNORECASE)
_MORE = re.compile(
    r"[>»▶►*•+\-\s]{0,6}(?:xem thêm|đọc thêm|xem tiếp|tin liên quan|bài liên quan|có thể bạn quan tâm|mời xem)\b",
    re.IGNORECASE,
)
_LAID_OUT = 600  # characters of a cell from which on it is no datum
_ROWS = 200  # of a table that are examined to tell data from layout


class Line(NamedTuple):
    """A line of the text and what it was on the page."""

    text: str
    kind: str  # "p", "heading", "item", "row", "caption"
    linked: float  # the share of its characters that lead elsewhere
    at: int  # the position of its element in the page
    is_marked: bool  # set apart from the text: to the right, or all bold or italic


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
    if tag in HEADINGS:
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
