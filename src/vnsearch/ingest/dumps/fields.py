"""Which key of a record is which field, and what a value says, whatever shape a crawler or CMS gave it.

>>> choose({"Tiêu đề": "Họp báo", "noi_dung": "...", "Ngày đăng": "7/2/2023", "views": 3})
{'title': ['Tiêu đề'], 'body': ['noi_dung'], 'published': ['Ngày đăng']}
>>> scalar({"$oid": "63e1"}), scalar(["https://baolangson.vn/1"]), scalar("['Họp báo']"), scalar(7.0)
('63e1', 'https://baolangson.vn/1', 'Họp báo', '7')
>>> text_of([{"type": "h2", "data": {"text": "Mở đầu"}}, "Sáng 7/2, tỉnh họp."])
'Mở đầu\\nSáng 7/2, tỉnh họp.'
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from html import unescape
from math import isnan
from typing import Any

import msgspec

from ...text.fold import fold

# field -> names of keys, the best first, as `_folded` writes them.  They come from what crawlers (Scrapy projects,
# news-please, newspaper, fundus, trafilatura), feeds, systems (WordPress, NukeViet, Drupal, .NET) and services
# (NewsAPI, schema.org) write, in English and Vietnamese.
SYNONYMS: dict[str, tuple[str, ...]] = {
    field: tuple(names.split())
    for field, names in {
        "id": "id _id guid uuid articleid postid newsid itemid docid wppostid pk maso maid mabai",
        "title":
            "title headline tieude tentin tenbai heading subject trichyeu trichyeunoidung tuade daude tenbaiviet "
            "webtitle name",
        "lead":
            "lead sapo summary description abstract excerpt preview teaser intro introduction standfirst dek mota "
            "tomtat gioithieu trichdan shortdescription shortdesc desc metadescription excerptencoded",
        "body":
            "body articlebody maintext bodytext content contents contenttext contentencoded fulltext fullcontent "
            "text plaintext cleantext cleanedtext rawtext textcontent noidung noidungchitiet noidungdaydu "
            "maincontent chitiet toanvan vanban detail details paragraphs story contenthtml bodyhtml texthtml "
            "htmlcontent htmlbody articlehtml article document passage html rawhtml",
        "url":
            "url link href permalink canonicalurl canonical sourceurl originalurl fullurl weburl urlbaiviet "
            "webpageurl duongdan duonglink lienket diachi loc mainentityofpage",
        "source":
            "source site publisher sourcename sourcedomain sitename website webname domain hostname newspaper "
            "outlet provider publication nguon nguontin trangbao tenbao toasoan",
        "published":
            "published publishedat publisheddate publishedtime publishdate publishtime publishat pubdate pubtime "
            "publtime datepublished datepublish datepublication publicationdate publishingdate publicationtime "
            "firstpublishedat firstpublished dateposted datepost postdate posteddate postedat postedon posttime "
            "releasedate releasetime issuedate dateissued timepublished publicdate publictime datepublic "
            "webpublicationdate ngaydang ngaygiodang ngaycongbo ngaydangtin ngaydangbai thoigiandang "
            "thoigiandangtin ngayxuatban thoigianxuatban ngaybanhanh ngayphathanh date datetime timestamp ngay "
            "ngaythang ngaygio thoigian dcdate timecreatepostorigin time createdat createddate createdtime "
            "createdon created createdate createtime datecreated ngaytao gio",
        "provinces": "provinces province tinh tinhthanh tinhthanhpho",
        "topics": "topics topic chude",
        "author":
            "author authors byline creator dccreator authorname tacgia nguoiviet butdanh writer journalist "
            "reporter",
        "category":
            "category section articlesection categories categoryname chuyenmuc danhmuc chuyentrang "
            "theloai",
        "number": "sohieu sokyhieu sovanban sohieuvanban documentnumber",
    }.items()
}  # fmt: skip
_FIELD_OF = {name: (rank, field) for field, names in SYNONYMS.items() for rank, name in enumerate(names)}
_AROUND = re.compile(r"^(?:article|news|post|item|page|story|baiviet|baibao|tintuc|tin|bai|wp)|"
                     r"(?:baiviet|baibao|tintuc|article|post|bai|tin|vi|vn)$")  # fmt: skip
_EMPTY = {"", "nan", "none", "null", "nat", "n/a", "undefined", "[]", "{}"}
Stated = Mapping[str, str]


def choose(record: Mapping[str, Any], stated: Stated | None = None) -> dict[str, list[str]]:
    """Field -> keys of the record that hold something of it, the best first; `stated` names them outright."""
    chosen: dict[str, list[str]] = {}
    for field, keys in _plan(tuple(record)).items():
        if not (stated and field in stated) and (filled := [key for key in keys if not is_empty(record[key])]):
            chosen[field] = filled
    for field, key in stated.items() if stated else ():
        if not is_empty(record.get(key)):
            chosen[field] = [key]
    return chosen


def fields_of(record: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Field -> the record's keys of its names, the best first, filled or not."""
    return _plan(tuple(record))


@lru_cache(maxsize=1_000)  # the records of a file have few shapes
def _plan(keys: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[tuple[int, int, str]]] = {}
    for place, key in enumerate(keys):
        if isinstance(key, str) and (known := _field_of(key)) is not None:
            rank, field = known
            found.setdefault(field, []).append((rank, place, key))
    return {field: tuple(key for *_, key in sorted(ranked)) for field, ranked in found.items()}


def _field_of(key: str) -> tuple[int, str] | None:
    """(rank, field) of a key; its own name goes before one with "article", "post" ... before or after it."""
    name = _folded(key)
    if name in _FIELD_OF:
        return _FIELD_OF[name]
    inner = _AROUND.sub("", name, count=1)
    if inner in _FIELD_OF:
        rank, field = _FIELD_OF[inner]
        return rank + 100, field
    return None


def _folded(key: str) -> str:
    """ "Ngày đăng", "ngay_dang", "NgayDang" -> "ngaydang"; signs in front stay: "@timestamp" is a machine's own."""
    key = key.strip().lower()
    sign = key[:1] if key[:1] in "@#$_" and key != "_id" and len(key) > 1 else ""
    return "_id" if key == "_id" else sign + re.sub(r"[^a-z0-9]", "", fold(key).lower())


def knows(name: str) -> bool:
    """Whether a column of this name is some field."""
    return _field_of(name) is not None


def is_empty(value: Any) -> bool:
    """Whether a value says nothing: also what pandas and databases write for "nothing"."""
    if isinstance(value, str):
        return len(value) < 10 and value.strip().lower() in _EMPTY
    return (
        value is None or (not value and isinstance(value, list | dict)) or (isinstance(value, float) and isnan(value))
    )


# -- values ---------------------------------------------------------------------------------------------

_DEPTH = 6  # that lists and objects are looked into
_SAYS = ("rendered", "#text", "@value", "$value", "_", "$oid", "$date", "$numberLong", "$numberInt", "$numberDouble",
         "name", "value", "title", "label", "text", "url", "href", "@id", "_id", "id")  # fmt: skip


def scalar(value: Any) -> str | None:
    """The one text or number that a value is, or holds as {"name": ...}, {"rendered": ...} or [...]; else None."""
    if isinstance(value, str) and not value.startswith("["):
        return value.strip()
    for _ in range(_DEPTH):
        if isinstance(value, dict):
            value = next((value[key] for key in _SAYS if not is_empty(value.get(key))), None)
        elif isinstance(value, list | tuple):
            value = next((one for one in value if not is_empty(one)), None)
        elif isinstance(value, str) and (parts := _listed(value)):
            value = parts[0]
        else:
            break
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def names_of(value: Any) -> list[str]:
    """The names in a value: one, several, or objects that have a name."""
    if isinstance(value, str):
        several = _listed(value) or [value]
    else:
        several = list(value) if isinstance(value, list | tuple) else [value]
    return [name for one in several if isinstance(one, str | dict | list) and (name := scalar(one))]


def text_of(value: Any) -> str | None:
    """The text that a value holds, a line for each part of a list; None for what is no text."""
    if isinstance(value, str):
        return _unlisted(value)
    if isinstance(value, bool) or value is None:
        return None
    if not isinstance(value, list | tuple | dict):
        return scalar(value)
    return _joined(_unlisted(part) for part in _texts(value, _DEPTH + 6)).strip()


# of an object within a text: these keys hold text (and what is not so called holds kinds, addresses and sizes)
_TEXTUAL = re.compile(r"rendered|text|title|heading|content|body|para|caption|html|value|data|items|children|blocks|"
                      r"section|list|rows|cells|tieude|noidung|chuthich|lead|sapo|quote|cite|name")  # fmt: skip


def _texts(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple) and depth:
        for one in value:
            yield from _texts(one, depth - 1)
    elif isinstance(value, dict) and depth:
        if isinstance(value.get("rendered"), str):
            yield value["rendered"]
            return
        textual = [one for key, one in value.items() if _TEXTUAL.search(_folded(str(key)))]
        said = (one for one in value.values() if not isinstance(one, str) or " " in one)  # "image", "x1" is no text
        for one in textual or said:
            yield from _texts(one, depth - 1)


def _joined(parts: Iterable[str]) -> str:
    """Parts one after the other: on lines of their own, but where they are bits of one sentence (XPath's text())."""
    whole: list[str] = []
    last = "\n"
    for part in parts:
        if not part:
            continue
        if last.isspace() or part[0].isspace() or (last == " " and part[0].islower()) or part[0] in ",.;:)!?”":
            whole.append(part)
        else:
            whole += ("\n", part)
        last = part[-1]
    return "".join(whole)


_ITEM = r"""(?:'(?:[^'\\]|\\.)*+'|"(?:[^"\\]|\\.)*+")"""
_LIST = re.compile(rf"\[\s*+{_ITEM}(?:[\s,]++{_ITEM})*+\s*+,?\s*+\]\s*$", re.DOTALL)  # as Python, NumPy, JSON print one
_ITEMS = re.compile(_ITEM, re.DOTALL)


def _listed(text: str) -> list[str]:
    """The parts of a list that was printed into a cell: "['a', 'b']"; [] where a text is none."""
    if not (text.startswith("[") and text.rstrip().endswith("]") and _LIST.match(text)):
        return []
    return _parts(text)


def _parts(text: str) -> list[str]:
    try:
        parts = msgspec.json.decode(text)
        return [part for part in parts if isinstance(part, str)]
    except (msgspec.DecodeError, RecursionError):
        return [_unquoted(item) for item in _ITEMS.findall(text)]


def _unquoted(item: str) -> str:
    if "\\" not in item:
        return item[1:-1]
    try:
        return str(ast.literal_eval(item))
    except (SyntaxError, ValueError):
        return item[1:-1]


def _unlisted(text: str) -> str:
    """A text without the brackets and quotes of a printed list, which may stand after its first paragraph."""
    if not text.rstrip().endswith(("']", '"]')):
        return text
    begin = text.find("['") if "['" in text else text.find('["')
    if begin < 0 or not _LIST.match(text, begin):
        return text
    listed = _joined(_parts(text[begin:]))
    return f"{text[:begin]}\n{listed}" if begin else listed


# -- markup -----------------------------------------------------------------------------------------------

_TAG = re.compile(r"</?(?:p|div|br|span|a|b|i|u|em|strong|h[1-6]|ul|ol|li|table|tbody|tr|td|th|img|figure|figcaption|"
                  r"blockquote|section|article|html|body|font|center|iframe|script|style|sup|sub|hr|!doctype)"
                  r"(?:\s[^<>]*)?/?>", re.IGNORECASE)  # fmt: skip
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});", re.IGNORECASE)
_PAGE = re.compile(r"\s*(?:<!doctype html|<html|<\?xml[^>]*>\s*<(?:!doctype )?html)", re.IGNORECASE)


def is_page(text: str) -> bool:
    """Whether a text is a whole HTML page."""
    return "<" in text and _PAGE.match(text) is not None


def is_markup(text: str) -> bool:
    """Whether a text is HTML; a sign "<" alone is none."""
    return "<" in text and _TAG.search(text) is not None


def unescaped(text: str) -> str:
    """A text whose entities (&agrave; &#7885; &lt;p&gt;) are letters, also where they were escaped twice."""
    for _ in range(2):
        if "&" not in text or not _ENTITY.search(text):
            break
        text = unescape(text)
    return text


_ESCAPED = re.compile(r"\\(?:u[0-9a-fA-F]{4}|r\\n|n|t)")


def without_escapes(text: str) -> str:
    r"""A text in which line breaks and letters stand as a program writes them (\n, \u1ea1), as they were meant."""
    if "\\" not in text or "\n" in text or len(_ESCAPED.findall(text)) < 2 or re.search(r"[a-zA-Z]:\\", text):
        return text
    text = _ESCAPED.sub(lambda m: {"n": "\n", "t": "\t", "r": "\n"}.get(m[0][1]) or chr(int(m[0][2:], 16)), text)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # two halves are one letter


_ANY_TAG = re.compile(r"<[^<>]*>")


def bare(text: str) -> str:
    """A title or name on one line, without markup."""
    text = unescaped(text)
    return " ".join((_ANY_TAG.sub(" ", text) if is_markup(text) else text).split())
