"""The markup of a page -> a tree whose elements are found by class, id and name.  Nothing is fetched, no entity opened.

>>> page = Elements(parse('<div class="box big"><p id="a">Họp</p></div>'))
>>> [e.text for e in page.select("div.box p#a, h1")]
['Họp']
"""

import codecs
import html as entities
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Any, NamedTuple

from ...errors import ArticleError
from ...text.legacy import decode_legacy
from ...text.normalize import clean

_DECLARED = re.compile(rb"""charset\s{0,9}=\s{0,9}["']?\s{0,9}([\w-]{2,40})""", re.IGNORECASE)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_HEAD = 4096  # bytes in which a page says its encoding
_NEAR = 60  # steps up that are examined: a page may be nested 2,048 deep at each of its elements
_BETWEEN = "\n\0\n"  # texts decoded together
_BOXES = re.compile(r"</?(?:div|section|article|table|tbody|tr|td|ul|ol|li|center)\b[^<>]{0,2000}>", re.IGNORECASE)
_MARKS = re.compile(r"</?(?:span|font|b|i|u|em|strong|small|big)\b[^<>]{0,2000}>", re.IGNORECASE)
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,2000}>")
_MOST_COMMENTS = 1_000  # of a page that are kept


def parse(data: bytes | str) -> Any:
    """The root element of a page.  Links that lead nowhere are unwrapped: `<a name>` is a mark in the text, no link."""
    from lxml import etree

    text = unicodedata.normalize("NFC", _decode(data) if isinstance(data, bytes) else data)
    text = _CONTROLS.sub(" ", text)
    try:
        tree, is_whole = _parsed(text)
        if not is_whole:  # libxml2 goes down 2,048 steps and leaves out what is below
            tree, is_whole = _parsed(_BOXES.sub("<br>", _MARKS.sub("", text)))
    except (etree.ParserError, etree.XMLSyntaxError) as e:
        raise ArticleError("body", f"this is no HTML page ({e})") from None
    if not is_whole:
        raise ArticleError("body", "this page is nested more than 2,048 deep, and its text cannot be read whole")
    if next(islice(tree.iter(etree.Comment), _MOST_COMMENTS, None), None) is not None:
        etree.strip_tags(tree, etree.Comment)  # walking over comments side by side takes lxml quadratic time
    _to_unicode(tree)
    for anchor in list(tree.iter("a")):
        if not anchor.get("href"):
            anchor.tag = "span"
    return tree


def _parsed(text: str) -> tuple[Any, bool]:
    """The root element, and whether it is all of the page."""
    from lxml import html

    parser = html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=True, remove_pis=True)
    tree = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    return tree, not any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log)


def _decode(data: bytes) -> str:
    """By the byte order mark, as UTF-8 where it is that (but for a few stray bytes), else as the page declares."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return data[len(bom) :].decode(encoding, "replace")
    declared = _DECLARED.search(data[:_HEAD])
    name = declared[1].decode("ascii").lower() if declared else ""
    text = data.decode("utf-8", "replace")
    wrong, marked = text.count("\ufffd"), len(data) - len(text)
    if not wrong or name in ("utf-8", "utf8") or 20 * wrong < marked:
        return text
    try:
        return data.decode(name if name not in ("iso-8859-1", "latin1", "us-ascii", "") else "cp1252")
    except (UnicodeError, LookupError):
        return data.decode("cp1252", "replace") if name != "cp1252" else data.decode("latin-1")


def _to_unicode(tree: Any) -> None:
    """TCVN3 and VNI in all texts of a page; one alone is too short to show which it is."""
    from lxml import etree

    places: list[tuple[Any, str]] = []
    for element in tree.iter(etree.Element):
        if element.text and element.tag not in ("script", "style"):
            places.append((element, "text"))
        if element.tail:
            places.append((element, "tail"))
        if element.tag == "meta" and element.get("content"):
            places.append((element, "content"))
    texts = [e.get(where) if where == "content" else getattr(e, where) for e, where in places]
    decoded = decode_legacy(_BETWEEN.join(texts).replace("\x00", "\x1f"))
    if decoded is None:
        return
    for (element, where), text in zip(places, decoded.split(_BETWEEN.replace("\x00", "\x1f")), strict=True):
        if where == "content":
            element.set(where, text)
        else:
            setattr(element, where, text)


def plain(value: object) -> str:
    """One line of plain text of a value that may hold entities, escaped once or more, and tags; "" of no text."""
    if not isinstance(value, str):
        return ""
    for _ in range(3):
        if "&" not in value or (unescaped := entities.unescape(value)) == value:
            break
        value = unescaped
    if "<" in value:
        value = _TAG.sub(" ", value)
    return " ".join(clean(value).text.split())


def text_of(element: Any) -> str:
    """The words of an element in one line, scripts and styles left out."""
    from lxml import etree

    while len(element) == 1 and not (element.text or "").strip():  # the text of <td><p><span>12</span></p></td>
        child = element[0]
        if not isinstance(child.tag, str) or child.tag in HIDDEN or (child.tail or "").strip():
            break
        element = child
    if not len(element):
        return " ".join(clean(element.text or "").text.split())
    parts: list[str] = []
    for event, each in etree.iterwalk(element, events=("start", "end", "comment")):
        if event == "start" and isinstance(each.tag, str):
            parts += [" "] if each.tag in ("br", "p", "div", "li", "td") else []
            parts += [each.text] if each.text and each.tag not in HIDDEN else []
        if event != "start" and each is not element and each.tail:
            parts.append(each.tail)
    return " ".join(clean("".join(parts)).text.split())


HIDDEN = frozenset("script style noscript template iframe object embed svg select textarea head".split())


class _Step(NamedTuple):
    """One element of a selector: h1.title[itemprop=headline]."""

    tag: str
    id: str
    classes: frozenset[str]
    attributes: tuple[tuple[str, str, str], ...]  # name, "" or "=" or "*=", value

    def fits(self, element: Any) -> bool:
        if self.tag and element.tag != self.tag or self.id and element.get("id") != self.id:
            return False
        if self.classes and not self.classes <= set((element.get("class") or "").split()):
            return False
        for name, how, value in self.attributes:
            found = element.get(name)
            if found is None or how == "=" and found.strip() != value or how == "*=" and value not in found:
                return False
        return True


_STEP = re.compile(r"([a-zA-Z][\w-]*)?((?:[#.][\w:-]+|\[[\w:-]+(?:\*?=[^\]]*)?\])*)$")
_CLASS = 200  # characters of a class name that are examined
_PART = re.compile(r"([#.])([\w:-]+)|\[([\w:-]+)(\*?=)?([^\]]*)\]")


@cache
def _steps(selector: str) -> tuple[tuple[_Step, ...], ...]:
    """Alternatives, each a way down through elements.  Raises ValueError for what is no selector."""
    ways = []
    for way in selector.split(","):
        steps = []
        for word in way.split():
            m = _STEP.match(word)
            if m is None or len(word) > 200:
                raise ValueError(
                    f'"{word}" is no selector; expected something like div.content or #main [itemprop=articleBody]'
                )
            parts = _PART.findall(m[2])
            steps.append(
                _Step(
                    (m[1] or "").lower(),
                    next((name for sign, name, *_ in parts if sign == "#"), ""),
                    frozenset(name for sign, name, *_ in parts if sign == "."),
                    tuple((key, how, value.strip("\"'")) for _, _, key, how, value in parts if key),
                )
            )
        if steps:
            ways.append(tuple(steps))
    return tuple(ways)


def check_selector(selector: str) -> None:
    """Raises ValueError with the reason for what `Elements.select` would not take."""
    _steps(selector)


class Elements:
    """All elements of a tree in order, looked up by what selectors name; built in one pass."""

    def __init__(self, tree: Any) -> None:
        from lxml import etree

        self.tree = tree
        self.all: list[Any] = list(tree.iter(etree.Element))  # kept: so an element stays the same object
        self.position: dict[Any, int] = {}
        self._by: dict[tuple[str, str], list[Any]] = {}
        for number, element in enumerate(self.all):
            self.position[element] = number
            keys = {("tag", element.tag), *(("attribute", name) for name in element.attrib)}
            if identity := element.get("id"):
                keys.add(("id", identity))
            if classes := element.get("class"):
                keys.update(("class", name) for name in classes.split())
            for key in keys:
                self._by.setdefault(key, []).append(element)

    def select(self, selector: str) -> Iterator[Any]:
        """Elements that a selector names, one alternative after the other.

        A selector: tag, #id, .class, [attribute], [attribute=value], [attribute*=part], ways down by blanks,
        alternatives by commas.
        """
        for way in _steps(selector):
            *above, last = way
            for element in self._candidates(last):
                if last.fits(element) and _is_below(element, above):
                    yield element

    def _candidates(self, step: _Step) -> list[Any]:
        if step.id:
            key = ("id", step.id)
        elif step.classes:
            return min((self._by.get(("class", name), []) for name in step.classes), key=len)
        elif step.attributes:
            key = ("attribute", step.attributes[0][0])
        else:
            key = ("tag", step.tag)
        return self._by.get(key, [])

    def of_class(self, pattern: re.Pattern[str]) -> list[Any]:
        """Elements with a class that a pattern is found in, in the order of the page."""
        names = [name for kind, name in self._by if kind == "class" and pattern.search(name[:_CLASS])]
        return sorted({e for name in names for e in self._by["class", name]}, key=self.position.__getitem__)

    def tags(self, *names: str) -> list[Any]:
        """Elements of these names, in the order of the page."""
        found = [e for name in names for e in self._by.get(("tag", name), [])]
        return sorted(found, key=self.position.__getitem__) if len(names) > 1 else found


def _is_below(element: Any, above: list[_Step]) -> bool:
    wanted = len(above) - 1
    for ancestor in islice(element.iterancestors(), _NEAR) if wanted >= 0 else ():
        if above[wanted].fits(ancestor):
            wanted -= 1
            if wanted < 0:
                break
    return wanted < 0
