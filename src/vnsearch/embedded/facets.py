"""How many of the matches have each value: provinces as published or as of today, topics, sources, years, months."""

from collections.abc import Iterable
from datetime import date

import numpy as np

from ..arrays import Array, spans
from ..deadline import check_time
from ..engine import most_first
from ..index.folder import Snapshot
from ..index.segment_reader import Segment
from ..vietnam.provinces import provinces_today, shown_province
from .docsets import as_numbers


def count_facet(snapshot: Snapshot, sets: list[Array], name: str) -> dict[str, int]:
    """How many of the matches have each value of a facet; the most frequent first, then by name.  Raises Late."""
    counts: dict[str, int] = {}
    for segment, matches in zip(snapshot.segments, sets, strict=True):
        check_time()
        for value, count in _facet(segment, as_numbers(matches), name):
            counts[value] = counts.get(value, 0) + count
    return most_first(counts)


_EPOCH = date(1970, 1, 1).toordinal()


def _facet(segment: Segment, documents: Array, name: str) -> Iterable[tuple[str, int]]:
    if name in ("year", "month"):
        days = segment.day[documents]
        days = days[days > 0]
        if not len(days):
            return []
        first, unit = int(days.min()), "M8[Y]" if name == "year" else "M8[M]"
        by_day = np.bincount(days - first)
        periods = (np.arange(len(by_day)) + (first - _EPOCH)).astype("M8[D]").astype(unit)
        starts = np.flatnonzero(np.concatenate(([True], periods[1:] != periods[:-1])))
        sums = np.add.reduceat(by_day, starts)
        return [(str(period), int(count)) for period, count in zip(periods[starts], sums, strict=True) if count]
    column = {"province": "provinces", "province34": "provinces", "topic": "topics", "source": "source"}[name]
    firsts, numbers = segment.tags(column)
    firsts = firsts.astype(np.int64)
    many = firsts[documents + 1] - firsts[documents]
    mine = numbers[spans(firsts[documents], many)].astype(np.int64)
    names = segment.tag_names(column)
    if name == "province":
        names = [shown_province(slug) for slug in names]
    elif name == "province34":  # an article of two parts of one province counts once
        shown = [provinces_today().get(slug, slug) for slug in names]
        names = sorted(set(shown))
        number_of = {name: number for number, name in enumerate(names)}
        now = np.array([number_of[name] for name in shown], np.int64)
        width = max(len(names), 1)
        mine = np.unique(np.repeat(np.arange(len(documents)), many) * width + now[mine]) % width if len(mine) else mine
    counts = np.bincount(mine, minlength=len(names))
    return [(names[n], int(counts[n])) for n in np.flatnonzero(counts)]
