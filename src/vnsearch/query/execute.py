"""Plan -> the numbers of matching documents, best first, through Whoosh's own queries and BM25."""

from collections import Counter
from datetime import date
from typing import Any, NamedTuple

from whoosh import query as whoosh
from whoosh.scoring import BM25F

from ..index.schema import NO_DAY
from . import plan as p
from .plan import Plan

WEIGHTING = BM25F(B=0.75, K1=1.2)
_FIRST_DAY, _LAST_DAY = 1, date.max.toordinal()


class Matches(NamedTuple):
    """All documents that match, in the plan's order."""

    documents: list[int]
    scores: list[float]


def execute(searcher: Any, plan: Plan) -> Matches:
    """Runs a plan over a Whoosh searcher.  Ties go to the newer article, then to the smaller id."""
    query = whoosh.Every() if plan.match is None else _translate(plan.match)
    filters = [_translate(node) for node in plan.filters]
    results = searcher.search(query, limit=None, filter=whoosh.And(filters) if filters else None)
    reader = searcher.reader()
    days = reader.column_reader("day") if results.top_n else None

    def day(number: int) -> int:
        return int(days[number]) if days is not None else NO_DAY

    def order(match: tuple[float, int]) -> tuple[float, int, str]:
        score, number = match
        return -score, -day(number), reader.stored_fields(number)["id"]

    matches = [(0.0 if plan.match is None else score, number) for score, number in results.top_n]
    if plan.sort == "relevance" and plan.match is not None:
        matches = _sort_ties(matches, order)
    else:
        oldest_first = plan.sort == "oldest"
        matches.sort(key=lambda m: (not day(m[1]), day(m[1]) if oldest_first else -day(m[1]), order((0.0, m[1]))[2]))
    return Matches([number for _, number in matches], [score for score, _ in matches])


def _sort_ties(matches: list[tuple[float, int]], order: Any) -> list[tuple[float, int]]:
    """Whoosh has sorted by score; only runs of equal scores are looked at again."""
    ordered: list[tuple[float, int]] = []
    at = 0
    while at < len(matches):
        end = at + 1
        while end < len(matches) and matches[end][0] == matches[at][0]:
            end += 1
        ordered += matches[at:end] if end == at + 1 else sorted(matches[at:end], key=order)
        at = end
    return ordered


def count_facets(searcher: Any, matches: Matches, names: tuple[str, ...]) -> dict[str, dict[str, int]]:
    """For each facet, how many of the matches have each value; the most frequent first, then by name."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in names}
    for number in matches.documents if names else ():
        provinces, topics, source, day = searcher.stored_fields(number)["facts"]
        values = {
            "province": provinces,
            "topic": topics,
            "source": (source,) if source else (),
            "year": (day[:4],) if day else (),
            "month": (day[:7],) if day else (),
        }
        for name in names:
            counts[name].update(values[name])
    return {name: dict(sorted(c.items(), key=lambda item: (-item[1], item[0]))) for name, c in counts.items()}


# -- Whoosh's queries ----------------------------------------------------------------------------------


def _translate(node: p.Node) -> Any:
    match node:
        case p.Has(term, fields, weight):
            return _over(fields, lambda f, w: whoosh.Term(_view(f, term), term.text, boost=w * weight))
        case p.InOrder(terms, slop, fields, weight):
            if any(t.exact for t in terms) and not all(t.exact for t in terms):
                return _mixed_phrase(node)
            texts = [t.text for t in terms]
            return _over(fields, lambda f, w: whoosh.Phrase(_view(f, terms[0]), texts, slop=slop + 1, boost=w * weight))
        case p.StartsWith(prefix, fields):
            return _over(fields, lambda f, w: whoosh.Prefix(_view(f, prefix), prefix.text, boost=w))
        case p.Similar(term, edits, fields):
            return _over(
                fields,
                lambda f, w: whoosh.FuzzyTerm(_view(f, term), term.text, boost=w, maxdist=edits, prefixlength=1),
            )
        case p.HasWord(text, kind, weight):
            return whoosh.Term(kind, text, boost=weight)
        case p.Tagged(column, values):
            return whoosh.ConstantScoreQuery(whoosh.Or([whoosh.Term(column, v) for v in sorted(values)]), 0.0)
        case p.Published(period):
            since = period.since.toordinal() if period.since else _FIRST_DAY
            until = period.until.toordinal() if period.until else _LAST_DAY
            return whoosh.ConstantScoreQuery(whoosh.NumericRange("day", since, until), 0.0)
        case p.All(nodes):
            return whoosh.And([_translate(n) for n in nodes])
        case p.Any(nodes):
            return whoosh.Or([_translate(n) for n in nodes])
        case p.Ranked():
            return _ranked(node)


def _view(field: str, term: p.Term) -> str:
    return field if term.exact else f"{field}_folded"


def _over(fields: tuple[tuple[str, float], ...], make: Any) -> Any:
    queries = [make(field, weight) for field, weight in fields]
    return queries[0] if len(queries) == 1 else whoosh.Or(queries)


def _mixed_phrase(node: p.InOrder) -> Any:
    """A phrase typed partly with marks: its folded form, where its marked terms occur exactly."""
    folded = p.InOrder(tuple(p._folded(t) for t in node.terms), node.slop, node.fields, node.weight)
    exact = [_translate(p.Has(t, node.fields)) for t in node.terms if t.exact]
    return whoosh.AndMaybe(whoosh.And([_translate(folded), *exact]), whoosh.NullQuery)


def _ranked(node: p.Ranked) -> Any:
    must = [_translate(n) for n in node.must]
    should = [_translate(n) for n in (*node.should, *node.boosts)]
    if must:
        wanted: Any = whoosh.And(must)
        if should:
            wanted = whoosh.AndMaybe(wanted, whoosh.Or(should))
    else:
        wanted = whoosh.Or(should) if should else whoosh.Every()
    if node.without:
        wanted = whoosh.AndNot(wanted, whoosh.Or([_translate(n) for n in node.without]))
    return wanted
