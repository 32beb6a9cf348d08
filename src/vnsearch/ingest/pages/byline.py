"""The line of a text that says who wrote it or whom it was taken from, and names of authors.

>>> read_byline("Nguyễn Văn A - Q.Minh (tổng hợp)")
Byline(author='Nguyễn Văn A, Q.Minh', credit='')
>>> read_byline("Theo Báo Xã A")
Byline(author='', credit='Theo Báo Xã A')
>>> read_byline("Họ đã về đến nhà.")
"""

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from ...text.fold import fold
from ...vietnam.dates import beside_date

_LONGEST = 120
_CREDIT = re.compile(
    r"\(?\s?(?:theo\s?:?|nguồn(?: tin)?\s?:?|dẫn nguồn)\s((?:[^.!?]|\.(?=\w)){2,80})\)?(\.?)", re.IGNORECASE
)
_ROLE = re.compile(
    r"(?:bài(?:\s?(?:,|và|&|-)\s?ảnh)?|tin(?:\s?(?:,|và|&|-)\s?ảnh)?|ảnh|thực hiện|tác giả(?: bài viết)?"
    r"|người viết|phóng viên|biên tập|pv|by)\s?[:.]\s?",
    re.IGNORECASE,
)
_PHOTO = re.compile(r"ảnh\s?:\s?[^.!?]{2,60}", re.IGNORECASE)
_DONE = re.compile(r"\s(?:tổng hợp|thực hiện|ghi|lược ghi|lược dịch|biên dịch|biên soạn|sưu tầm|dịch)$", re.IGNORECASE)
_ASIDE = re.compile(r"\([^()]{1,60}\)")
_BETWEEN = re.compile(r"\s[-–—]\s|[,;&|/]|\s(?:và|and)\s")
_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|[.'’-])*\.?")
_MARKS = re.compile(r"^[\s\-–—•*:.,|]+|[\s\-–—•*:,|]+$")
_NO_NAMES = frozenset(  # folded: what stands where an author's name would
    "admin administrator super user quan tri vien ban bien tap bbt bien tap vien toa soan editor webmaster"
    " unknown anonymous ten tac gia tac gia an danh nguoi dang nguoi viet".split()
)
_INSTITUTION = re.compile(
    r"^(?:báo|tạp chí|cổng (?:thông|ttđt)|trang (?:tin|thông|chủ|ttđt)|đài (?:phát|truyền|pt)|sở|bộ|ubnd"
    r"|ủy ban|uỷ ban|cục|tổng cục|ban biên tập|ban quản trị|tòa soạn|toà soạn|thư viện|trung tâm|văn phòng"
    r"|hội (?:đồng|nông|liên|phụ|cựu)|công ty)\b|\b(?:điện tử|online|news|media|express)$"
)


class Byline(NamedTuple):
    """Names divided by commas, and the source as it is written; "" where the line has none."""

    author: str
    credit: str


def read_byline(line: str, known: Iterable[str] = ()) -> Byline | None:
    """What a line says of its writers, None of any other line.  `known`: authors that the page declares."""
    line = line.strip()
    if not 2 <= len(line) <= _LONGEST:
        return None
    bare = line[1:-1].strip() if line[0] in "([" and line[-1] in ")]" else line
    if _is_credit(bare) or _PHOTO.fullmatch(bare) or _key(bare) in _sources():
        return Byline("", bare)
    role = _ROLE.match(bare)
    rest = bare[role.end() :] if role else bare
    asides = _ASIDE.findall(rest)
    rest = _DONE.sub("", _MARKS.sub("", _ASIDE.sub(" ", rest)))
    credit = ""
    if asides and (aside := asides[-1].strip("()")) and _is_credit(aside):
        credit = aside
    names = names_in(rest)
    whole = {_key(name) for name in known}
    if names and all(_key(name) in whole or is_name(name) for name in names):
        return Byline(", ".join(names), credit)
    return None


def _is_credit(text: str) -> bool:
    """Whether a text is "Theo Báo A" or "Nguồn: a.vn" and no sentence that begins so."""
    m = _CREDIT.fullmatch(text)
    if m is None:
        return False
    words = m[1].split()
    is_name = m[1][0].isupper() or words[0].lower() in ("báo", "tạp", "trang", "tờ", "đài") or "." in m[1]
    return is_name and len(words) <= (3 if m[2] else 10)


@cache
def _sources() -> frozenset[str]:
    """Newspapers and agencies, with and without "Báo" before them."""
    lines = (files(__package__) / "data" / "sources.txt").read_text("utf-8").splitlines()
    keys = [_key(line) for line in lines if line and not line.startswith("#")]
    return frozenset(keys + [f"bao {key}" for key in keys])


def names_in(text: str) -> list[str]:
    """The names in a list of names: "A - B", "A, B và C"."""
    return [name for part in _BETWEEN.split(text[:_LONGEST]) if (name := _MARKS.sub("", part))]


def is_name(text: str) -> bool:
    """Whether a text is built like a person's name or pen name: up to five words with a capital each, no figure."""
    words = text.split()
    if not 1 <= len(words) <= 5 or len(text) > 40:
        return False
    return all(_WORD.fullmatch(word) and word[0].isupper() for word in words) and not is_site_name(text)


def is_site_name(text: str, others: Iterable[str] = ()) -> bool:
    """Whether a name is a site's, an institution's or a role's, no person's.  `others`: what the site calls itself."""
    key = _key(text)
    if not key or re.search(r"\w\.(?:vn|com|net|org|info)\b|https?:|@|facebook", text.lower()[:200]):
        return True
    compact = key.replace(" ", "")
    for other in map(_key, others):
        if other and (
            key == other or compact == other.replace(" ", "") or compact == other.split(".")[0].replace(" ", "")
        ):
            return True
    return set(key.split()) <= _NO_NAMES or bool(_INSTITUTION.search(" ".join(text.lower().split())))


def _key(text: str) -> str:
    return " ".join(fold(text).lower().split()).strip(" .-")


def author_beside_date(text: str) -> str:
    """The name in "A. Bình - 07/02/2023 11:34", "" where there is none."""
    rest = beside_date(text) if len(text) <= 100 else ""
    byline = read_byline(rest) if rest else None
    return byline.author if byline else ""
