"""A scraped text page -> its parts: date line, headline, captions, body, the source in brackets, furniture.

Thứ Ba, 7/2/2023                      a date line (or none)
HEADLINE
 a photo's caption                    indented, above the body
First paragraph ...
(baolangson.vn)                       the source
Gửi cho bạn bè                        the site's furniture: not the article's

An official document has its title, number, date and issuing body from its form (see `document`).
"""

import re
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from ...text.fold import fold
from ...text.normalize import clean
from ...vietnam.dates import is_date_line
from .byline import read_byline
from .document import is_seat_of_state, read_document

_SOURCE = re.compile(r"^\(?\s*((?:[\w-]+\.)+(?:vn|com|net|org))\s*\)?$", re.IGNORECASE)
_PHOTO_CREDIT = re.compile(r"(?:Ảnh|Nguồn)\s*:.{0,60}$")  # ends a caption
_COPYRIGHT = re.compile(  # folded
    r"©|\(c\)|\(?\*\)?\s?(?:khong sao chep|vui long khong|moi hanh vi)|copyright|ban quyen (?:thuoc|cua)|giu ban quyen"
    r"|all rights reserved"
    r"|(?:vui long |xin |de nghi )?(?:ghi ro|dan) nguon|khong (?:duoc )?sao chep (?:duoi|khi)"
    r"|moi quy (?:doc gia|vi) (?:don|xem|theo doi)"
)
_COUNTER = re.compile(  # folded: "Lượt xem: 1.234", "Tổng số điểm của bài viết là: 5 trong 1 đánh giá"
    r"(?:so )?(?:luot|lan) (?:xem|doc|truy cap)\b.{0,20}|(?:da xem|views?|luot xem)\s?:?\s?[\d.,]+"
    r"|tong so diem cua bai viet\b.{0,60}"
    r"|xep hang\s?:.{0,40}|[\d.,]+ (?:luot xem|luot doc|views?|binh luan)|co chu\b.{0,20}"
    r"|mau chu\b.{0,20}|[\w.+-]{2,40}@[\w.-]{3,40}"
)
_TODAY = re.compile(r"\bhôm nay,? (?:ngày )?(\d{1,2}[/.-]\d{1,2}[/.-]\d{4})\b", re.IGNORECASE)
_FORM = re.compile(r"CỘNG H[ÒO][ÀA] XÃ HỘI|V/v|Số\s?:\s?\d|ĐẢNG CỘNG SẢN", re.IGNORECASE)  # a document may have
_LINES_BEFORE_HEADLINE = 3


class Page(NamedTuple):
    """What a page says of itself; `date_line` is as written, "" where there is none."""

    date_line: str
    title: str
    body: str
    source: str = ""
    captions: tuple[str, ...] = ()
    credit: str = ""
    author: str = ""
    number: str = ""  # of an official document


def read_page(text: str) -> Page:
    """The parts of a page of plain text.  Never raises: what is not recognised stays in the body."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff\n ").split("\n")
    if _FORM.search(text[:3000]) and (document := _document(lines)) is not None:
        return document
    lines, date_line = _cut_date_line(lines)
    first = _first_written(lines)
    title = lines[first].strip() if first < len(lines) else ""
    lines = lines[first + 1 :]
    if not date_line:  # some sites put it below the headline
        lines, date_line = _cut_date_line(lines)
    if not date_line and (m := _TODAY.search(title)):
        date_line = m[1]
    lines, source = _cut_at_source(lines)
    lines = _without_furniture(lines)
    captions: list[str] = []
    first = 0
    while first < len(lines) and (not lines[first].strip() or _is_caption(lines[first])):
        captions += [line] if (line := lines[first].strip()) else []
        first += 1
    lines, author, credit = _cut_byline(lines[first:])
    body = "\n".join(line.strip() for line in lines if line.strip())
    return Page(date_line, title, body, source, tuple(captions), credit, author)


def _document(lines: list[str]) -> Page | None:
    """The page as an official document; where a ministry signed it is not what it is about."""
    found = read_document(lines)
    if found is None or not found.title:
        return None
    if found.place_line >= 0 and is_seat_of_state(found.published, found.issuer):
        lines = list(lines)
        lines[found.place_line] = lines[found.place_line].replace(found.published, "")
    body = "\n".join(" ".join(line.split()) for line in lines if line.strip())
    body = body.replace(found.written, found.number, 1) if found.number else body  # "3467 /QĐ-BYT" is looked for as one
    return Page(found.published, found.title, body, author=found.issuer, number=found.number)


def _first_written(lines: list[str]) -> int:
    return next((number for number, line in enumerate(lines) if line.strip()), len(lines))


def _cut_date_line(lines: list[str]) -> tuple[list[str], str]:
    """The lines without the first date line of the first few, and that."""
    first = _first_written(lines)
    for number, line in enumerate(lines[first : first + _LINES_BEFORE_HEADLINE], first):
        if is_date_line(line):
            return lines[first:number] + lines[number + 1 :], line.strip()
    return lines[first:], ""


def without_placeholders(text: str) -> tuple[str, tuple[str, ...]]:
    """A body without "[img]" and the like, and the captions that stood below them."""
    if "[" not in text:
        return text, ()
    kept: list[str] = []
    captions: list[str] = []
    is_below = False
    for line in text.split("\n"):
        if line.lstrip().startswith("[") and is_furniture(line):
            is_below = True
        elif is_below and _PHOTO_CREDIT.search(line):
            captions.append(line.strip())
            is_below = False
        else:
            kept.append(line)
            is_below = is_below and not line.strip()
    return "\n".join(kept), tuple(captions)


def _is_caption(line: str) -> bool:
    """Indented, one line, no full stop at its end: what stands under a photo above the body."""
    return line[:1] in " \t\u00a0" and len(line.strip()) < 200 and not line.rstrip().endswith((".", ":", "…"))


def _cut_at_source(lines: list[str]) -> tuple[list[str], str]:
    """The lines before the last line that is nothing but a domain, and that domain."""
    for number in range(len(lines) - 1, -1, -1):
        if len(lines[number]) < 100 and (m := _SOURCE.match(lines[number].strip())):
            return lines[:number], m[1].lower().removeprefix("www.")
    return lines, ""


def _cut_byline(lines: list[str]) -> tuple[list[str], str, str]:
    """The lines without what the last of them say of writer and source."""
    author = credit = ""
    end = len(lines)
    while end and (not lines[end - 1].strip() or not (author and credit)):
        line = lines[end - 1].strip()
        byline = read_byline(line) if line else None
        if line and (byline is None or end < 3 or (byline.author and author) or (byline.credit and credit)):
            break
        if byline:
            author, credit = byline.author or author, byline.credit or credit
        end -= 1
    return lines[:end], author, credit


def _without_furniture(lines: list[str]) -> list[str]:
    for number, line in enumerate(lines):
        if is_furniture(line):
            return lines[:number] if number >= len(lines) / 2 else [x for x in lines if not is_furniture(x)]
    return lines


def is_furniture(line: str) -> bool:
    """Whether a line is the site's and not the article's: "Gửi cho bạn bè", "Các tin khác", a copyright ..."""
    if len(line) > 300:
        return False
    folded = fold(clean(line).text).lower().strip(" .:»>-|\u00a0")
    return folded in _furniture() or bool(_COPYRIGHT.match(folded) or _COUNTER.fullmatch(folded))


@cache
def _furniture() -> frozenset[str]:
    lines = (files(__package__) / "data" / "furniture.txt").read_text("utf-8").splitlines()
    return frozenset(fold(line).lower().strip() for line in lines if line and not line.startswith("#"))
