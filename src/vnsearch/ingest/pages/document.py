"""Official documents in the form of Decree 30/2020: issuing body, number, place and date, kind and abstract or subject.

ỦY BAN NHÂN DÂN        CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
TỈNH A                 Độc lập - Tự do - Hạnh phúc
Số: 12/QĐ-UBND         A, ngày 13 tháng 02 năm 2023
QUYẾT ĐỊNH
Về việc ...
"""

import re
from typing import NamedTuple

from ...text.fold import fold
from ...text.normalize import clean

_HEAD = 60  # lines at most in which the form stands
_CELLS = re.compile(r"\t+| {3,}|\s\|\s")
_MOTTO = re.compile(
    r"cong hoa xa hoi chu nghia viet nam|doc lap\s?[-–—]\s?tu do\s?[-–—]\s?hanh phuc|^dang cong san viet nam$"
)
_NUMBER = re.compile(
    r"^(?:luật |nghị quyết |pháp lệnh )?số\s?:?\s?(\d{1,6}[a-zđ]?\s?/[\wĐ/.&-]{1,40}(?:\s?[-–]\s?[\wĐ.&]{1,20}){0,3})",
    re.IGNORECASE,
)
_NO_NUMBER = re.compile(r"^(?:luat )?so\s?:")
_PLACE_AND_DATE = re.compile(
    r"^[^\d,]{2,40},?\s(?:ngay)\s(\d{1,2})\s?(?:thang|/)\s?(\d{1,2})\s?(?:nam|/)\s?(\d{4})\.?$"
)
_SUBJECT = re.compile(r"^(?:v/v|về việc)\b", re.IGNORECASE)
_KINDS = frozenset(
    "hien phap|bo luat|luat|phap lenh|lenh|nghi quyet|nghi quyet lien tich|nghi dinh|quyet dinh|chi thi|thong tu"
    "|thong tu lien tich|quy che|quy dinh|thong cao|thong bao|huong dan|chuong trinh|ke hoach"
    "|phuong an|de an|du an|bao cao|bien ban|to trinh"
    "|hop dong|cong dien|ban ghi nho|ban thoa thuan|giay moi|giay gioi thieu|ket luan|cong van"
    "|thu cong|van ban hop nhat".split("|")
)
_AFTER_TITLE = re.compile(
    r"^(?:kinh gui|can cu|loi noi dau|theo de nghi|xet |dieu \d|phan |chuong |muc |i\.|1\."
    r"|quyet dinh:?$|quyet nghi:?$|noi nhan"
    r"|luat so|so:)"
    r"|^(?:bo truong|chu tich|thu tuong|chinh phu$|quoc hoi$|uy ban|hoi dong|giam doc|tong giam doc|thong doc"
    r"|chanh an|vien truong)"
)


class Document(NamedTuple):
    """What the form says; "" for what it leaves out."""

    title: str
    number: str
    written: str  # the number as it stands there
    published: str  # the line of place and date, as written
    issuer: str
    place_line: int  # of the lines that were given; -1: none


def is_place_and_date(line: str) -> bool:
    """Whether a line is "Hà Nội, ngày 15 tháng 11 năm 2024": where and when a document was signed."""
    return len(line) < 80 and bool(_PLACE_AND_DATE.match(_key(line)))


def is_seat_of_state(line: str, issuer: str) -> bool:
    """Whether a line of place and date only tells the seat of the state: of a paper of a ministry, not of the city."""
    return is_place_and_date(line) and _key(line).startswith("ha noi") and "ha noi" not in _key(issuer)


def read_document(lines: list[str], *, is_sure: bool = False) -> Document | None:
    """The form of an official document; None of lines that are not in it.

    It has the motto, or a number at its head, and a number, a kind or a subject.

    is_sure: that it is one is known, though a part of the form may be missing.
    """
    cells = [(at, cell.strip(" *_|")) for at, line in enumerate(lines[:_HEAD]) for cell in _CELLS.split(line[:400])]
    cells = [(at, cell) for at, cell in cells if any(map(str.isalnum, cell))]
    keys = [_key(cell) for _, cell in cells]
    mottos = [n for n, key in enumerate(keys[:12]) if _MOTTO.search(key)]
    numbered = -1
    number, written, dated, place_line, kind_at, subject = "", "", "", -1, -1, ""
    for n, (at, cell) in enumerate(cells):
        if not number and (m := _NUMBER.match(cell)):
            written = m[1].rstrip(" .-/")
            number = "".join(written.split())
            numbered = n
        elif not dated and _PLACE_AND_DATE.match(keys[n]):
            dated, place_line = cell, at
        elif not subject and _SUBJECT.match(cell):
            subject = _joined(cells, keys, n)
        elif kind_at < 0 and keys[n].rstrip(" :") in _KINDS and cell.upper() == cell:
            kind_at = n
    if not number and kind_at < 0 and not subject:
        return None
    if not mottos and not is_sure and not (0 <= numbered < 6 and (dated or subject or 0 <= kind_at < 12)):
        return None
    title = subject
    if kind_at >= 0:
        title = f"{cells[kind_at][1].rstrip(' :')} {_joined(cells, keys, kind_at + 1)}".strip()
    return Document(title, number, written, dated, _issuer(cells, keys, kind_at), place_line)


def _joined(cells: list[tuple[int, str]], keys: list[str], first: int) -> str:
    """The lines of an abstract: up to four, until something else begins."""
    parts: list[str] = []
    for n in range(first, min(first + 4, len(cells))):
        cell, key = cells[n][1], keys[n]
        if _MOTTO.search(key) and parts or _AFTER_TITLE.match(key) or _PLACE_AND_DATE.match(key) or _NUMBER.match(cell):
            break
        if parts and (parts[-1].endswith((".", ";")) or cell.isupper() != parts[-1].isupper() or key in _KINDS):
            break
        parts.append(cell)
        if len(" ".join(parts)) > 300:
            break
    return " ".join(parts)


def _issuer(cells: list[tuple[int, str]], keys: list[str], kind_at: int) -> str:
    """The lines in capitals above the number that are no motto: "ỦY BAN NHÂN DÂN", "TỈNH A"."""
    parts: list[str] = []
    for n, (_, cell) in enumerate(cells[: kind_at if kind_at >= 0 else 8][:8]):
        if _NO_NUMBER.match(keys[n]) or _SUBJECT.match(cell):
            break
        if not _MOTTO.search(keys[n]) and cell.isupper() and len(cell) < 80:
            parts.append(cell)
    return " ".join(parts[:3])


def _key(text: str) -> str:
    return " ".join(fold(clean(text).text).lower().split())
