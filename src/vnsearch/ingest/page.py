"""A scraped text page -> its parts: date line, headline, captions, body, the source in brackets, furniture.

Thứ Ba, 7/2/2023                      a date line (or none)
HEADLINE
 a photo's caption                    indented, above the body
First paragraph ...
(baolangson.vn)                       the source
Gửi cho bạn bè                        the site's furniture: not the article's
"""

import re
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from ..text.fold import fold
from ..text.normalize import clean
from .dates import find_date

_SOURCE = re.compile(r"^\(?\s*((?:[\w-]+\.)+(?:vn|com|net|org))\s*\)?$", re.IGNORECASE)
_CREDIT = re.compile(r"^\(?(?:theo|nguồn:?)\s+[^.]{2,60}\)?$", re.IGNORECASE)  # "Theo Báo Gia Lai"
_PHOTO_CREDIT = re.compile(r"(?:Ảnh|Nguồn)\s*:.{0,60}$")  # ends a caption
_DATE_LINE = 60  # characters at most: a longer line with a date in it is a sentence
_LINES_BEFORE_HEADLINE = 3


class Page(NamedTuple):
    """What a page says of itself; `date_line` is as written, "" where there is none."""

    date_line: str
    title: str
    body: str
    source: str
    captions: tuple[str, ...]
    credit: str


def read_page(text: str) -> Page:
    """The parts of a page of plain text.  Never raises: what is not recognised stays in the body."""
    lines = text.replace("\r\n", "\n").lstrip("\ufeff\n ").split("\n")
    date_line = ""
    while lines and not lines[0].strip():
        lines.pop(0)
    for number, line in enumerate(lines[:_LINES_BEFORE_HEADLINE]):
        if _is_date_line(line):
            date_line = lines.pop(number).strip()
            break
    while lines and not lines[0].strip():
        lines.pop(0)
    title = lines.pop(0).strip() if lines else ""
    if not date_line:  # some sites put it below the headline
        for number, line in enumerate(lines[:_LINES_BEFORE_HEADLINE]):
            if _is_date_line(line):
                date_line = lines.pop(number).strip()
                break
    lines, source = _cut_at_source(lines)
    lines = _without_furniture(lines)
    captions = []
    while lines and (not lines[0].strip() or _is_caption(lines[0])):
        line = lines.pop(0).strip()
        if line:
            captions.append(line)
    credit = ""
    while lines and (not lines[-1].strip() or _CREDIT.match(lines[-1].strip())):
        credit = lines.pop().strip() or credit
    body = "\n".join(line.strip() for line in lines if line.strip())
    return Page(date_line, title, body, source, tuple(captions), credit)


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


def _is_date_line(line: str) -> bool:
    if not 6 <= len(line.strip()) <= _DATE_LINE:
        return False
    try:
        return find_date(line) is not None
    except ValueError:  # a date, if a wrong one; whoever reads the page reports it
        return True


def _is_caption(line: str) -> bool:
    """Indented, one line, no full stop at its end: what stands under a photo above the body."""
    return line[:1] in " \t\u00a0" and len(line.strip()) < 200 and not line.rstrip().endswith((".", ":", "…"))


def _cut_at_source(lines: list[str]) -> tuple[list[str], str]:
    """The lines before the last line that is nothing but a domain, and that domain."""
    for number in range(len(lines) - 1, -1, -1):
        if m := _SOURCE.match(lines[number].strip()):
            return lines[:number], m[1].lower().removeprefix("www.")
    return lines, ""


def _without_furniture(lines: list[str]) -> list[str]:
    for number, line in enumerate(lines):
        if is_furniture(line):
            return lines[:number] if number >= len(lines) / 2 else [x for x in lines if not is_furniture(x)]
    return lines


def is_furniture(line: str) -> bool:
    """Whether a line is the site's and not the article's: "Gửi cho bạn bè", "Các tin khác" ..."""
    return fold(clean(line).text).lower().strip(" .:»>-|\u00a0") in _furniture()


@cache
def _furniture() -> frozenset[str]:
    lines = (files(__package__) / "data" / "furniture.txt").read_text("utf-8").splitlines()
    return frozenset(fold(line).lower().strip() for line in lines if line and not line.startswith("#"))
