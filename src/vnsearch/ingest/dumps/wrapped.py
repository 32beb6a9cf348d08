"""The records in an object: itself, or those that it wraps, in lists, under keys of their own, or as columns.

>>> records_in({"status": "ok", "articles": [{"title": "Họp báo"}, {"title": "Giá vàng"}]})
[{'title': 'Họp báo'}, {'title': 'Giá vàng'}]
>>> records_in({"_id": "7", "_source": {"title": "Họp báo"}})
[{'_id': '7', 'title': 'Họp báo'}]
>>> records_in({"title": {"0": "Họp báo", "1": "Giá vàng"}, "views": {"0": 3, "1": 4}})
[{'title': 'Họp báo', 'views': 3}, {'title': 'Giá vàng', 'views': 4}]
"""

from typing import Any

from .fields import choose, fields_of

Record = dict[str, Any]

_LISTS = {  # keys under which an object that has a title of its own still is but a list of articles
    "articles", "items", "data", "results", "hits", "docs", "documents", "posts", "news", "entries", "records", "rows",
    "stories", "list", "baiviet", "tintuc",
}  # fmt: skip
_NESTED = {"_source", "attributes", "fields", "doc", "node", "article", "post", "data"}  # hold a record's own keys
_ASIDE = {"related", "relatedArticles", "comments", "tags", "categories", "authors", "media", "images", "videos"}
_DEPTH = 6


def records_in(value: Record) -> list[Record]:
    """The records of an object; itself, where it wraps none."""
    if "title" in value and _LISTS.isdisjoint(value) and not isinstance(value["title"], dict | list):
        return [value]  # the most usual, without further looking
    return _records(value, _DEPTH) or [value]


def _is_record(value: Any) -> bool:
    """Whether an object has a title or a text of its own."""
    if not isinstance(value, dict):
        return False
    found = fields_of(value)
    keys = (*found.get("title", ()), *found.get("body", ()))
    return any(
        isinstance(value[key], str | int | list) or (isinstance(value[key], dict) and not _is_record(value[key]))
        for key in keys
    )


def _records(value: Any, depth: int) -> list[Record]:
    if depth == 0:
        return []
    if isinstance(value, list):
        own = [_unnested(one) for one in value if isinstance(one, dict)]
        if any(map(_is_record, own[:20])):
            return own
        return [record for one in value for record in _records(one, depth - 1)]
    if not isinstance(value, dict):
        return []
    if (table := _table(value)) is not None:
        return table
    if _is_record(value):
        if _LISTS.isdisjoint(value) or "body" in choose(value):
            return [value]
        return [record for key in value if key in _LISTS for record in _records(value[key], depth - 1)] or [value]
    return _inside(value, depth)


def _inside(value: Record, depth: int) -> list[Record]:
    """The records within an object that is no record itself."""
    single = {key: one for key, one in value.items() if key not in _ASIDE and _is_record(one) and not _table(one)}
    lists = [
        record
        for key, one in value.items()
        if key not in single and key not in _ASIDE
        for record in _records(one, depth - 1)
    ]
    if lists:
        return [one for one in single.values() if "body" in choose(one)] + lists
    if (own := _unnested(value)) is not value:
        return [own]
    return [one if _has_identity(one) else {"id": key, **one} for key, one in single.items()]


def _has_identity(record: Record) -> bool:
    return not choose(record).keys().isdisjoint(("id", "url"))


def _unnested(value: Record) -> Record:
    """A record whose fields lie one deeper ({"_id": ..., "_source": {...}}), in one object."""
    inner = [key for key, one in value.items() if key in _NESTED and _is_record(one)]
    if len(inner) != 1 or (_is_record(value) and not isinstance(value[inner[0]], dict)):
        return value
    outer = {key: one for key, one in value.items() if key != inner[0] and (not key.startswith("_") or key == "_id")}
    return {**outer, **value[inner[0]]}


def _table(value: Record) -> list[Record] | None:
    """The rows of columns, as pandas writes them: a dict or list each, or "columns" and "data"."""
    if isinstance(names := value.get("columns"), list) and isinstance(rows := value.get("data"), list):
        is_whole = all(isinstance(row, list) and len(row) == len(names) for row in rows)
        return [dict(zip(map(str, names), row, strict=True)) for row in rows] if is_whole else None
    columns = list(value.values())
    if len(columns) < 2:
        return None
    if all(isinstance(one, dict) for one in columns):
        keys = columns[0].keys()
        if keys and all(one.keys() == keys for one in columns) and not fields_of(columns[0]):
            return [{name: column[key] for name, column in value.items()} for key in keys]
    elif all(isinstance(one, list) for one in columns):
        many = len(columns[0])
        titles: list[Any] = next((value[key] for key in fields_of(value).get("title", ())), [])
        if many > 1 and titles and all(len(one) == many for one in columns) and all(isinstance(t, str) for t in titles):
            return [dict(zip(value, row, strict=True)) for row in zip(*columns, strict=True)]
    return None
