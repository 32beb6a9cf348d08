"""Facets as aggregations: `terms` of a column, `date_histogram` of the day in Viet Nam."""

from collections.abc import Mapping
from typing import Any

from ..engine import most_first
from ..vietnam.provinces import shown_province

_COLUMNS = {"province": "provinces", "province34": "provinces34", "topic": "topics", "source": "source"}
_SPANS = {"year": "yyyy", "month": "yyyy-MM"}
_MOST_VALUES = 10_000  # of a facet; what a shard has beyond them is not counted


def ask(names: tuple[str, ...]) -> dict[str, Any]:
    """The aggregations of some facets."""
    return {name: _aggregation(name) for name in names}


def _aggregation(name: str) -> dict[str, Any]:
    if name in _COLUMNS:
        return {"terms": {"field": _COLUMNS[name], "size": _MOST_VALUES, "shard_size": _MOST_VALUES}}
    span = {"field": "published", "calendar_interval": name, "format": _SPANS[name], "min_doc_count": 1}
    return {"date_histogram": span}


def read(names: tuple[str, ...], found: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """For each facet, how many of the matches have each value; the most frequent first, then by name."""
    counts: dict[str, dict[str, int]] = {}
    for name in names:
        mine: dict[str, int] = {}
        for bucket in found[name]["buckets"]:
            value = bucket.get("key_as_string", bucket["key"])
            value = shown_province(value) if name == "province" else value
            mine[value] = mine.get(value, 0) + bucket["doc_count"]
        counts[name] = most_first(mine)
    return counts
