"""Raw fields of any origin -> an Article, with date, provinces and topics found in the text.

>>> made = make_article({"headline": "Lạng Sơn: tập huấn dân vận", "text": "...", "date": "7/2/2023"})
>>> made.article.published.isoformat(), made.article.provinces, made.article.topics
('2023-02-07', ('Lạng Sơn',), ('dan-van',))
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from functools import partial
from typing import Any, NamedTuple

from ..article import Article
from ..errors import ArticleError, QueryError
from ..printable import shortened
from ..text.legacy import decode_legacy
from ..text.term_stream import read_terms
from ..vietnam import provinces
from ..vietnam.dates import date_of_url, parse_date
from ..vietnam.topics import find_by_name as find_topic_by_name
from . import address, find_provinces, find_topics
from .dumps.fields import (
    bare,
    choose,
    is_empty,
    is_markup,
    is_page,
    names_of,
    scalar,
    text_of,
    unescaped,
    without_escapes,
)
from .find_provinces import provinces_in
from .found import Found
from .identity import content_hash
from .pages.text_page import read_page, without_placeholders

AT_ONCE = 128  # records to make articles of in one go: what is known in their texts is found in one pass
_DEEPEST = 64  # that lists and objects in `extra` may be nested: what shows an article must not run out of stack


class Made(NamedTuple):
    """An article, why it has its provinces and topics, and what was wrong with the record but could be left out.

    unused: the keys of the record that no field was made of, which stay in `extra`.
    keys: field -> the record's key that it was made of.
    """

    article: Article
    provinces: tuple[Found, ...]
    topics: tuple[Found, ...]
    warnings: tuple[str, ...]
    unused: tuple[str, ...] = ()
    keys: Mapping[str, str] = {}


def make_article(record: Mapping[str, Any], fields: Mapping[str, str] | None = None) -> Made:
    """An article from a record; `fields` maps our field to the record's key ({"title": "headline"}).

    Keys are known by many names (`fields.SYNONYMS`), in any case, with or without accents; a text may be HTML, a list,
    or escaped.  Without an id, the address or a hash of title and text is the id.  A date that cannot be read, a
    province or topic of no known name, and any other value of no use, stay in `extra` under the key they came with,
    with a warning.  Raises ArticleError for a record that no article can be made of.
    """
    (made,) = make_articles([record], fields)
    if isinstance(made, ArticleError):
        raise made
    return made


def make_articles(
    records: Iterable[Mapping[str, Any]], fields: Mapping[str, str] | None = None
) -> list[Made | ArticleError]:
    """Makes articles of AT_ONCE records or so, at half the cost of one by one; errors stand where they arose."""
    find_provinces.prepare()
    find_topics.prepare()
    drafts = [_draft(record, fields or {}) for record in records]
    sound = [draft for draft in drafts if isinstance(draft, _Draft)]
    terms = read_terms((d.text["title"], f"{d.text['lead']}\n{d.text['body']}") for d in sound)
    found_provinces = provinces_in(terms, [d.host for d in sound], [d.published for d in sound])
    found_topics = find_topics.topics_in(terms, [d.section for d in sound])
    found = zip(found_provinces, found_topics, strict=True)
    return [_made(draft, *next(found)) if isinstance(draft, _Draft) else draft for draft in drafts]


class _Draft(NamedTuple):
    """An article without the provinces and topics that its text shows."""

    id: Any
    text: Mapping[str, str]  # field -> text
    host: str
    section: str
    published: date | None
    provinces: list[Found]  # as stated
    topics: list[Found]
    extra: dict[str, Any]
    warnings: list[str]
    unused: tuple[str, ...]
    keys: Mapping[str, str]  # field -> the record's key


def _made(draft: _Draft, provinces: list[Found], topics: list[Found]) -> Made | ArticleError:
    """The article, with what was found where nothing is stated."""
    provinces, topics = draft.provinces or provinces, draft.topics or topics
    try:
        article = Article(
            **draft.text,
            id=draft.id,
            published=draft.published,
            provinces=tuple(f.value for f in provinces),
            topics=tuple(f.value for f in topics),
            extra=draft.extra,
        )
    except ArticleError as e:
        return e
    return Made(article, tuple(provinces), tuple(topics), tuple(draft.warnings), draft.unused, draft.keys)


def _draft(record: Mapping[str, Any], fields: Mapping[str, str]) -> _Draft | ArticleError:
    try:
        return _Reading(record, fields).draft()
    except ArticleError as e:
        return e
    except (ValueError, TypeError, RecursionError) as e:  # of a library, on a value that nobody thought of
        return ArticleError("record", f"cannot be read: {type(e).__name__} {e}")


_CLOCK = re.compile(r"\d{1,2}\s?[:hg]\s?\d{2}(?::\d{2})?")
_OURS = {"captions", "credit", "extra", "number", "updated", "why"}  # keys of `extra` that are no stranger's


class _Reading:
    """One record: what of it becomes which field, which keys were used for that, and what was odd."""

    def __init__(self, record: Mapping[str, Any], fields: Mapping[str, str]) -> None:
        self._record, self._fields = record, fields
        self._keys = choose(record, fields)
        self._used: dict[str, str] = {}  # key -> field
        self._warnings: list[str] = []

    def draft(self) -> _Draft:
        """The article but for what is found in its text."""
        text = self._texts()
        if isinstance(self._record.get("why"), dict) and isinstance(told := self._record.get("warnings"), list):
            self._warnings += map(str, told)  # of a page whose witnesses contradict one another
            self._used["warnings"] = ""
        source = self._one("source")
        url = self._one("url") or (source if address.names_one_article(source) else "")
        text["url"] = address.plain(url, source)
        domain = address.host(source)
        host = domain or address.host(text["url"])
        text["source"] = domain or source or host
        text["author"] = self._author()
        stated = self._one("id")
        published = self._published() or (None if "published" in self._keys else date_of_url(text["url"]))
        given = (
            self._given("provinces", lambda name: provinces.find_by_name(name).name),
            self._given("topics", find_topic_by_name),
        )
        section = self._section(text["url"])
        if not (text["title"] or text["body"]):
            raise ArticleError("body", self._without_text())
        extra = self._extra()
        unused = tuple(key for key in extra if key not in _OURS and key not in self._keys.get("category", ()))
        text["body"], captions = without_placeholders(text["body"])
        if captions:
            extra.setdefault("captions", list(captions))
        identity = text["url"] if address.names_one_article(text["url"]) else ""
        return _Draft(
            id=stated or identity or content_hash(text["title"], text["lead"], text["body"]),
            text=text,
            host=host,
            section=section,
            published=published,
            provinces=given[0],
            topics=given[1],
            extra=extra,
            warnings=self._warnings,
            unused=unused,
            keys={field: key for key, field in self._used.items()},
        )

    # -- texts

    def _texts(self) -> dict[str, str]:
        title, lead, body = (self._text(field) for field in ("title", "lead", "body"))
        if is_page(body):
            return self._texts_of_page(title, lead, body)
        if is_markup(body := unescaped(body)):
            above, body = _fragment(body)
            if not lead:
                lead = above
            elif above and above not in lead:
                body = f"{above}\n{body}"
        if is_markup(lead := unescaped(lead)):
            lead = "\n".join(part for part in _fragment(lead) if part)
        text = {"title": bare(title), "lead": lead.strip(), "body": body.strip()}
        _decode_legacy(text)
        number = self._one("number") if "number" in self._keys else ""
        if number and number not in f"{text['title']}{text['body']}":
            text["body"] = f"Số: {number}\n{text['body']}".strip()  # the number of a document is looked for like a word
        return text

    def _texts_of_page(self, title: str, lead: str, page: str) -> dict[str, str]:
        """The texts of a record that holds a whole page: what it states itself goes before what the page says."""
        from .pages.html import read_html

        found = read_html(page, every=True)  # that it is a record says that it is an article
        of_page = {key: value for key, value in found.items() if key not in self._keys and key not in self._record}
        own = {key: value for key, value in self._record.items() if key not in self._keys["body"]}
        self._record = {**own, **of_page, "body": found["body"]}
        self._keys = choose(self._record, {key: name for key, name in self._fields.items() if key != "body"})
        self._used.clear()
        return self._texts()

    def _text(self, field: str) -> str:
        """The first text that a key of the field holds."""
        for key in self._keys.get(field, ()):
            if (text := text_of(self._record[key])) is None:
                self._odd(key, "text")
            elif text := text.strip():
                self._used[key] = field
                if "\r" in text or "\0" in text:
                    text = text.replace("\r", "").replace("\0", " ")
                return without_escapes(text) if "\\" in text else text
        return ""

    def _one(self, field: str) -> str:
        """The first text or number of one line."""
        for key in self._keys.get(field, ()):
            if text := scalar(self._record[key]):
                self._used[key] = field
                return " ".join(unescaped(text).split())
            self._odd(key, "text")
        return ""

    def _author(self) -> str:
        """Names; a number is an account's."""
        for key in self._keys.get("author", ()):
            if names := names_of(self._record[key]):
                self._used[key] = "author"
                return ", ".join(dict.fromkeys(bare(name) for name in names))
        return ""

    # -- what else is stated

    def _published(self) -> date | None:
        """The first date that can be read."""
        keys = self._keys.get("published", ())
        for key in keys:
            try:
                found = self._date(key)
            except ArticleError as e:
                self._warnings.append(str(e))
            else:
                self._used[key] = "published"
                return found if isinstance(found, datetime) or len(keys) == 1 else self._with_clock(found)
        return None

    def _date(self, key: str) -> date:
        value = self._record[key]
        if isinstance(value, date):
            return value
        text = " ".join(names_of(value)) if isinstance(value, list) else scalar(value)
        if text is None:
            raise ArticleError("published", f"expected a date, got {type(value).__name__} {value!r:.60}")
        return parse_date(text)

    def _with_clock(self, day: date) -> date:
        """The day with the time of day that another key has alone ("Ngày", "Giờ")."""
        for key in self._keys["published"]:
            if key not in self._used and _CLOCK.fullmatch(clock := scalar(self._record[key]) or ""):
                self._used[key] = "published"
                return parse_date(f"{day.isoformat()} {clock}")
        return day

    def _section(self, url: str) -> str:
        """The site's own category, which stays in `extra`, else the first folder of the address: "/kinh-doanh/..."."""
        for key in self._keys.get("category", ()):
            if names := names_of(self._record[key]):
                return names[0]
        folders = address.split(url).path.split("/")[1:-1]
        return folders[0] if folders else ""

    def _given(self, field: str, resolve: Callable[[str], str]) -> list[Found]:
        found = []
        for key in self._keys.get(field, ()):
            if not (names := names_of(self._record[key])):
                self._odd(key, "a name or several")
            self._used[key] = field
            for name in names:
                try:
                    found.append(Found(resolve(name), 10.0, partial(tuple, [f"stated: {name}"])))
                except QueryError as e:
                    self._warnings.append(f"{field}: {e}")
                    self._used.pop(key)
        return found

    # -- the rest

    def _extra(self) -> dict[str, Any]:
        extra = {key: value for key, value in self._record.items() if key not in self._used and not is_empty(value)}
        if isinstance(inner := extra.get("extra"), dict):  # of an article that was printed as JSON
            extra = {**inner, **{key: value for key, value in extra.items() if key != "extra"}}
        for key, value in extra.items():
            if isinstance(value, dict | list) and _is_deeper(value, _DEEPEST):
                raise ArticleError(str(key), f"is nested more than {_DEEPEST} deep; leave it out")
        return extra

    def _odd(self, key: str, expected: str) -> None:
        value = self._record[key]
        self._warnings.append(f"{key}: expected {expected}, got {type(value).__name__} {value!r:.60}")

    def _without_text(self) -> str:
        if self._warnings:
            return f"title and body are both empty ({'; '.join(self._warnings[:3])})"
        filled = [shortened(str(key), 60) for key, value in self._record.items() if not is_empty(value)]
        if not filled or "title" in self._keys or "body" in self._keys:
            return "title and body are both empty; an article needs text"
        return f"no key is known as title or text among {', '.join(filled[:12])}; say which is, as in --field title=KEY"


def _is_deeper(value: Any, most: int) -> bool:
    """Whether lists and objects are nested more than `most` deep."""
    layer = [value]
    for _ in range(most):
        layer = [
            inner
            for outer in layer
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not layer:
            return False
    return True


def _fragment(markup: str) -> tuple[str, str]:
    from .pages.html import read_fragment

    return read_fragment(markup)


def page_record(text: str) -> dict[str, Any]:
    """A text page of the seed's form (see `pages.text_page`) as a record."""
    page = read_page(text)
    record: dict[str, Any] = {
        "title": page.title, "body": page.body, "published": page.date_line, "source": page.source,
    }  # fmt: skip
    if page.captions:
        record["captions"] = list(page.captions)
    for name in ("credit", "author", "number"):
        if value := getattr(page, name):
            record[name] = value
    return record


def _decode_legacy(text: dict[str, str]) -> None:
    """TCVN3 and VNI become Unicode; a short field alone would not show which it is, so all are examined together."""
    fields = ("title", "lead", "body")
    decoded = decode_legacy("\n\0\n".join(text[field] for field in fields))  # no field holds a zero
    if decoded is not None:
        text.update(zip(fields, decoded.split("\n\0\n"), strict=True))
