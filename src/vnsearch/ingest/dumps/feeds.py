"""XML -> records: RSS, Atom, RDF, what WordPress exports (WXR), and custom lists of articles.

>>> import io
>>> feed = "<rss><channel><item><title>Họp báo</title><link>https://a.vn/1</link></item></channel></rss>"
>>> [raw.record for raw in feed_records(io.BytesIO(feed.encode()))]
[{'title': 'Họp báo', 'link': 'https://a.vn/1'}]
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from html import unescape
from typing import IO, Any

from .raw import MAX_RECORD_BYTES, SAMPLE, Raw, Skipped, too_long

_RECORDS = {"item", "entry", "article", "post", "news", "record", "row", "doc"}
_NO_ARTICLE = {  # kinds of WordPress' posts that are none; those of the system itself begin with "wp_"
    "attachment", "nav_menu_item", "revision", "custom_css", "customize_changeset", "oembed_cache", "user_request",
}  # fmt: skip
_UNPUBLISHED = {"draft", "auto-draft", "private", "trash", "pending", "future"}


def feed_records(stream: IO[bytes], most: int = MAX_RECORD_BYTES, *, all: bool = False) -> Iterator[Raw]:
    """The records of a stream of XML; nothing is fetched, and no entity that it declares is followed.

    all: also what a WordPress export holds that was not published, or is no article (attachments, menus).
    """
    from lxml import etree

    parser = etree.XMLPullParser(
        ("start", "end"), recover=True, resolve_entities=False, no_network=True, load_dtd=False, strip_cdata=True
    )
    left_out: Counter[str] = Counter()
    outer, number, size, root = None, 0, 0, ""
    for data in _pieces(stream, parser):
        size += data
        for event, element in parser.read_events():
            root = root or _name(element)
            if event == "start":
                if outer is None and element.getparent() is not None and _name(element).lower() in _RECORDS:
                    outer, size = element, data
            elif element is outer:
                number += 1
                record = _record(element)
                if (reason := _left_out(record)) and not all:
                    left_out[reason] += 1
                else:
                    yield Raw(number, record)
                outer = None
                _forget(element)
        if size > most:
            yield Raw(number + 1, too_long(most))
            return
        if outer is None:
            size = 0
    for reason, many in left_out.items():
        yield Raw(None, Skipped(f"{many:,} left out: {reason}"))
    if not number:
        known = ", ".join(sorted(_RECORDS))
        holds = f"<{root}> holds no element of a list of articles ({known})" if root else "this is no XML"
        yield Raw(None, Skipped(f"no record: {holds}"))


def _pieces(stream: IO[bytes], parser: Any) -> Iterator[int]:
    """Feeds the parser; the size of each piece, last 0: what is left when the file is at its end."""
    from lxml import etree

    while data := stream.read(SAMPLE):
        parser.feed(data)
        yield len(data)
    with suppress(etree.XMLSyntaxError):
        parser.close()
    yield 0


def _forget(element: Any) -> None:
    """Frees what was read already."""
    element.clear(keep_tail=False)
    while element.getprevious() is not None:
        del element.getparent()[0]


def _record(element: Any) -> dict[str, Any]:
    """The children as keys; those that come several times are lists."""
    record: dict[str, Any] = {}
    for child in element:
        if not isinstance(child.tag, str) or not (value := _value(child)):
            continue
        key = _name(child)
        if key not in record:
            record[key] = value
        elif isinstance(record[key], list):
            record[key].append(value)
        else:
            record[key] = [record[key], value]
    if "published" not in record and "updated" in record and "pubDate" not in record:
        record["published"] = record.pop("updated")  # Atom demands only that one
    return record


def _name(element: Any) -> str:
    """ "content:encoded": the name with its usual prefix."""
    local = element.tag.rpartition("}")[2]
    return f"{element.prefix}:{local}" if element.prefix else local


def _value(child: Any) -> str:
    local = child.tag.rpartition("}")[2]
    if local == "link" and child.get("href"):
        return child.get("href") if child.get("rel", "alternate") == "alternate" else ""
    if local == "category":
        is_tag = child.get("domain") in ("post_tag", "tag")
        return "" if is_tag else child.get("label") or _text(child) or child.get("term") or ""
    if local in ("author", "contributor"):
        names = [_text(one) for one in child if isinstance(one.tag, str) and one.tag.endswith("name")]
        return ", ".join(names) or _text(child)
    return _markup(child) if child.get("type") == "xhtml" else _text(child)


def _text(element: Any) -> str:
    """All text within; an entity that only HTML knows (&nbsp;) is what it is there."""
    parts = [element.text or ""]
    for child in element:
        parts += [_text(child) if isinstance(child.tag, str) else unescape(child.text or ""), child.tail or ""]
    return "".join(parts).strip()


def _markup(element: Any) -> str:
    from lxml import etree

    return "".join([element.text or "", *(etree.tostring(child, encoding="unicode") for child in element)]).strip()


def _left_out(record: dict[str, Any]) -> str:
    kind, status = record.get("wp:post_type", "post"), record.get("wp:status", "publish")
    if kind in _NO_ARTICLE or str(kind).startswith("wp_"):
        return f'items of type "{kind}" are no articles'
    return f'items with status "{status}" were not published' if status in _UNPUBLISHED else ""
