"""Text and arguments of a search -> plan.  Knows neither Whoosh nor files."""

from collections.abc import Iterable, Sequence
from datetime import date

from ..errors import QueryError
from ..text.synonyms import Synonyms
from . import periods, syntax
from .budget import within_budget
from .builder import Builder
from .filters import filters_by
from .meant import NO_SYNONYMS, Spell, unread
from .plan import ALL_FIELDS, Cut, Fields, Filter, Plan, Published, Term

SORTS = ("relevance", "newest", "oldest")
MATCHES = ("auto", "all", "any", "phrase")
FACETS = ("province", "province34", "topic", "source", "year", "month")


def _single(terms: Sequence[Term]) -> list[int]:
    return [1] * len(terms)


def plan(
    text: str,
    *,
    province: str | Iterable[str] | None = None,
    topic: str | Iterable[str] | None = None,
    source: str | Iterable[str] | None = None,
    since: date | str | None = None,
    until: date | str | None = None,
    sort: str = "relevance",
    limit: int = 10,
    offset: int = 0,
    facets: Iterable[str] = (),
    now: date | None = None,
    recency: bool = False,
    literal: bool = False,
    match: str = "auto",
    fields: str | Iterable[str] | None = None,
    cut: Cut = _single,
    spell: Spell = unread,
    synonyms: Synonyms = NO_SYNONYMS,
) -> Plan:
    """The plan of a search; arguments as in `Index.search`.  Raises QueryError.

    cut: what finds the words in terms that stand in a row; by default each term is a word.
    spell: what reads words typed without marks; by default nothing does.
    synonyms: other words for the same.
    """
    facets = (facets,) if isinstance(facets, str) else tuple(facets)
    _check_choice("sort", (sort,), SORTS)
    _check_choice("match", (match,), MATCHES)
    _check_choice("facet", facets, FACETS)
    if recency and sort != "relevance":
        raise QueryError(f"recency= is for sort='relevance', not {sort!r}", hint="leave one of them out")
    for name, number in (("limit", limit), ("offset", offset)):
        if not isinstance(number, int) or number < 0:
            raise QueryError(f"{name} is a number from 0, not {number!r}")
    builder = Builder(text, now, match, cut, spell, synonyms, shorten=literal)
    within = ALL_FIELDS if fields is None else _fields(fields)
    if literal:
        text = text[: syntax.LONGEST_QUERY]
    if literal or syntax.is_plain(text):  # most queries need no tree
        found = builder.words(" ".join(text.split()), within, True)
    else:
        found = builder.node(within_budget(syntax.parse(text)), within)
    filters: list[Filter] = []
    for column, names in (("provinces", province), ("topics", topic), ("source", source)):
        if names is not None:
            filters += filters_by(column, names)
    if since is not None or until is not None:
        period = periods.Period(
            periods.as_bound(since, last=False, now=now) if since is not None else None,
            periods.as_bound(until, last=True, now=now) if until is not None else None,
        )
        if period.since and period.until and period.is_turned_round:
            begin, end = periods.shown(period.since), periods.shown(period.until)
            raise QueryError(f"since {begin} comes after until {end}", hint="turn them round")
        filters.append(Published(period))
    return Plan(
        found, tuple(filters), tuple(builder.tokens), tuple(builder.equivalents), tuple(builder.ranges),
        sort, limit, offset, facets, (now or periods.today()) if recency else None, match == "any",
        tuple(builder.also), tuple(builder.read_as),
    )  # fmt: skip


def _fields(names: str | Iterable[str]) -> Fields:
    chosen = {syntax.FIELDS.get(name, name) for name in ((names,) if isinstance(names, str) else names)}
    _check_choice("field", sorted(map(str, chosen)), ALL_FIELDS)
    if not chosen:
        raise QueryError("fields= names no field", hint="choose from " + ", ".join(ALL_FIELDS))
    return tuple(field for field in ALL_FIELDS if field in chosen)


def _check_choice(what: str, chosen: Sequence[str], known: Sequence[str]) -> None:
    for name in chosen:
        if name not in known:
            raise QueryError(f'there is no {what} "{name}"', hint="choose from " + ", ".join(known))
