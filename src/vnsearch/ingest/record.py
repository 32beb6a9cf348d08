"""Raw fields of any origin -> an Article, with date, provinces and topics found in the text.

>>> made = make_article({"headline": "Lạng Sơn: tập huấn dân vận", "text": "...", "date": "7/2/2023"})
>>> made.article.published.isoformat(), made.article.provinces, made.article.topics
('2023-02-07', ('Lạng Sơn',), ('dan-van',))
"""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import partial
from hashlib import blake2b
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec

from ..article import Article
from ..errors import ArticleError, QueryError
from . import provinces, topics
from .dates import date_of_url, parse_date
from .legacy import decode_legacy
from .page import read_page, without_placeholders
from .places import Found, provinces_in
from .terms import read_terms

AT_ONCE = 64  # records to make articles of in one go: what is known in their texts is found in one pass
SYNONYMS: dict[str, tuple[str, ...]] = {  # field -> names under which records bring it, the first present is taken
    "id": ("id", "_id", "guid"),
    "title": ("title", "headline"),
    "lead": ("lead", "sapo", "summary", "description", "abstract"),
    "body": ("body", "text", "content", "articleBody"),
    "url": ("url", "link"),
    "source": ("source", "site", "publisher"),
    "published": ("published", "published_at", "pubDate", "date", "datePublished"),
    "provinces": ("provinces", "province"),
    "topics": ("topics", "topic"),
    "author": ("author", "byline"),
}


class Made(NamedTuple):
    """An article, why it has its provinces and topics, and what was wrong with the record but could be left out."""

    article: Article
    provinces: tuple[Found, ...]
    topics: tuple[Found, ...]
    warnings: tuple[str, ...]


def make_article(record: Mapping[str, Any], fields: Mapping[str, str] | None = None) -> Made:
    """An article from a record; `fields` maps our field to the record's key ({"title": "headline"}).

    Without an id, the URL or a hash of title and text is the id.  A date that cannot be read, and a
    province or topic of no known name, stay in `extra` under the key they came with, with a warning.
    Raises ArticleError for a record that no article can be made of.
    """
    (made,) = make_articles([record], fields)
    if isinstance(made, ArticleError):
        raise made
    return made


def make_articles(
    records: Iterable[Mapping[str, Any]], fields: Mapping[str, str] | None = None
) -> list[Made | ArticleError]:
    """As `make_article`, of AT_ONCE records or so, which costs half as much; errors stand where they arose."""
    drafts = [_draft(record, fields or {}) for record in records]
    sound = [draft for draft in drafts if isinstance(draft, _Draft)]
    terms = read_terms((d.text["title"], f"{d.text['lead']}\n{d.text['body']}") for d in sound)
    found_provinces = provinces_in(terms, [d.host for d in sound], [d.published for d in sound])
    found_topics = topics.topics_in(terms, [d.section for d in sound])
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


def _made(draft: _Draft, provinces: list[Found], topics: list[Found]) -> Made | ArticleError:
    """The article, with what was found where nothing is stated."""
    provinces, topics = draft.provinces or provinces, draft.topics or topics
    try:
        article = Article(
            **{**draft.text, "source": _host(draft.text["source"]) or draft.text["source"] or draft.host},
            id=draft.id,
            published=draft.published,
            provinces=tuple(f.value for f in provinces),
            topics=tuple(f.value for f in topics),
            extra=draft.extra,
        )
    except ArticleError as e:
        return e
    return Made(article, tuple(provinces), tuple(topics), tuple(draft.warnings))


def _draft(record: Mapping[str, Any], fields: Mapping[str, str]) -> _Draft | ArticleError:
    try:
        return _read(record, fields)
    except ArticleError as e:
        return e


def _read(record: Mapping[str, Any], fields: Mapping[str, str]) -> _Draft:
    chosen = _choose(record, fields)
    keys = {key: record_key for key, (record_key, _) in chosen.items()}
    value = {key: v for key, (_, v) in chosen.items()}
    extra = {k: v for k, v in record.items() if k not in keys.values() and v not in (None, "", [], {})}
    warnings: list[str] = []

    text = {f: _text(value, f) for f in ("title", "lead", "body", "url", "source", "author")}
    if not text["body"] and isinstance(extra.get("html"), str):
        from .html import read_fragment

        lead, text["body"] = read_fragment(extra.pop("html"))
        text["lead"] = text["lead"] or lead
    _decode_legacy(text)
    text["body"], captions = without_placeholders(text["body"])
    if captions:
        extra.setdefault("captions", list(captions))
    published = None
    if value.get("published"):
        try:
            published = parse_date(str(value["published"]))
        except ArticleError as e:
            warnings.append(str(e))
            extra[keys["published"]] = value["published"]
    else:
        published = date_of_url(text["url"])
    identity = value.get("id") or text["url"] or _hash(text["title"], text["lead"], text["body"])
    return _Draft(
        id=str(identity) if isinstance(identity, int) else identity,
        text=text,
        host=_host(text["source"]) or _host(text["url"]),
        section=_section(record, text["url"]),
        published=published,
        provinces=_given("provinces", lambda name: provinces.find_by_name(name).name, value, warnings, extra, keys),
        topics=_given("topics", topics.find_by_name, value, warnings, extra, keys),
        extra=extra,
        warnings=warnings,
    )


class Reason(NamedTuple):
    """Where one value of an article comes from."""

    field: str
    value: str
    why: str


def explain(article: Article) -> list[Reason]:
    """Where the values of an article come from, by finding them once more in its own text.

    What would not be found was stated by the record that it was made from.
    """
    bare = msgspec.to_builtins(article)
    stated = {"provinces": bare.pop("provinces"), "topics": bare.pop("topics")}
    bare.pop("published")
    made = make_article({**article.extra, **bare, "published": article.published})
    found = {"provinces": made.provinces, "topics": made.topics}
    reasons = [Reason("id", article.id, _why_id(article))]
    if article.source:
        is_of_url = _host(article.url) == article.source
        reasons.append(Reason("source", article.source, "the address" if is_of_url else "stated"))
    if article.published:
        is_of_url = article.published == date_of_url(article.url)
        reasons.append(Reason("published", str(article.published), "the address" if is_of_url else "stated"))
    for field, values in stated.items():
        why = {each.value: "; ".join(each.evidence) + f" (weight {each.weight:.1f})" for each in found[field]}
        reasons += [Reason(field, value, why.get(value, "stated")) for value in values]
    return reasons


def _why_id(article: Article) -> str:
    if article.id == article.url:
        return "the address"
    is_hash = article.id == _hash(article.title, article.lead, article.body)
    return "a hash of title and text" if is_hash else "stated"


def page_record(text: str) -> dict[str, Any]:
    """A text page of the seed's form (see `page`) as a record."""
    page = read_page(text)
    record: dict[str, Any] = {
        "title": page.title, "body": page.body, "published": page.date_line, "source": page.source,
    }  # fmt: skip
    if page.captions:
        record["captions"] = list(page.captions)
    if page.credit:
        record["credit"] = page.credit
    return record


def _choose(record: Mapping[str, Any], fields: Mapping[str, str]) -> dict[str, tuple[str, Any]]:
    chosen = {}
    for field, names in SYNONYMS.items():
        for name in (fields[field],) if field in fields else names:
            if record.get(name) is not None:
                chosen[field] = (name, record[name])
                break
    return chosen


def _text(value: Mapping[str, Any], field: str) -> str:
    found = value.get(field, "")
    if isinstance(found, list) and field == "author":
        found = ", ".join(map(str, found))
    if not isinstance(found, str):
        raise ArticleError(field, f"expected text, got {type(found).__name__} {found!r:.60}")
    return found.strip()


def _decode_legacy(text: dict[str, str]) -> None:
    """TCVN3 and VNI become Unicode; a short field alone would not show which it is, so all are looked at together."""
    fields = ("title", "lead", "body")
    decoded = decode_legacy("\n\0\n".join(text[field] for field in fields))
    if decoded is not None:
        text.update(zip(fields, decoded.split("\n\0\n"), strict=True))


def _section(record: Mapping[str, Any], url: str) -> str:
    """The site's own category, else the first folder of the address: "/kinh-doanh/..."."""
    stated = record.get("category") or record.get("section")
    if isinstance(stated, str):
        return stated
    folders = urlsplit(url).path.split("/")[1:-1]
    return folders[0] if folders else ""


def _given(
    field: str,
    resolve: Any,
    value: Mapping[str, Any],
    warnings: list[str],
    extra: dict[str, Any],
    keys: Mapping[str, str],
) -> list[Found]:
    names = value.get(field) or []
    names = [names] if isinstance(names, str) else names
    if not isinstance(names, list | tuple):
        raise ArticleError(field, f"expected a name or several, got {type(names).__name__} {names!r:.60}")
    found = []
    for name in names:
        try:
            found.append(Found(resolve(str(name)), 10.0, partial(tuple, [f"stated: {name}"])))
        except QueryError as e:
            warnings.append(f"{field}: {e}")
            extra[keys[field]] = value[field]
    return found


def _host(source: str) -> str:
    """The domain in a source or URL; "" where there is none."""
    if "://" in source:
        return (urlsplit(source).hostname or "").removeprefix("www.")
    return source.lower().removeprefix("www.") if "." in source and " " not in source else ""


def _hash(*parts: str) -> str:
    return blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
