"""Plan -> the query language of OpenSearch, with the same set of matches.

A word is BM25F over title, lead and body (`combined_fields`; Robertson, Zaragoza 2004); where a word with marks
counts its other accents, the better of the two counts (`dis_max`), which is the exact one wherever it occurs.
Scores are those of the words; how they stand together is added to the best of them afterwards (`candidates`).
"""

from collections.abc import Sequence
from typing import Any, TypeAlias

from ..errors import QueryError
from ..query import plan as p
from ..query.plan import Plan
from ..ranking.bm25f import K1, W_LEAD, W_TITLE
from .mapping import clock, folded_key, key

Query: TypeAlias = dict[str, Any]
_WEIGHTS = {"title": f"title^{W_TITLE}", "lead": f"lead^{W_LEAD}", "body": "body"}
STEP = K1 + 1  # Lucene's BM25 leaves this constant out
INSTEAD = 0.5  # an abbreviation, for each word that it stands for: what it is worth beyond them, on average
_ONE_CLAUSE = {"term", "terms", "match_phrase", "prefix", "wildcard", "fuzzy", "span_term", "range"}
_MOST_CLAUSES = 900  # OpenSearch takes 1,024 of a query, each field of a word counted
SORTS: dict[str, list[Any]] = {
    "relevance": ["_score", {"published": {"order": "desc", "missing": "_last"}}, "id"],
    "newest": [{"published": {"order": "desc", "missing": "_last"}}, "id"],
    "oldest": [{"published": {"order": "asc", "missing": "_last"}}, "id"],
}


def query(plan: Plan) -> Query:
    """What matches the plan, which has no `Words`, scored by its words where the order is by relevance."""
    filters = [node(f) for f in plan.filters]
    if plan.match is None:
        return _filtered({"match_all": {}}, filters)
    match = fitting(plan.match, filters) if plan.sort == "relevance" else node(plan.match, lean=True)
    if _clauses([match, filters]) > _MOST_CLAUSES:
        raise QueryError("this query has more words than a cluster takes", hint="leave some out")
    if plan.sort != "relevance":
        return _filtered({"match_all": {}}, [match, *filters])
    return _filtered(match, filters)


def fitting(it: p.Node, beside: list[Query]) -> Query:
    """One node of a plan, in fewer clauses where it and what stands beside it would have too many."""
    found = node(it)
    return node(it, lean=True) if _clauses([found, beside]) > _MOST_CLAUSES else found


def each(nodes: Sequence[p.Node], id: str) -> Query:
    """One article by its id; which of the nodes match it, each under its number as name."""
    found = [node(one) for one in nodes]
    if _clauses(found) > _MOST_CLAUSES:
        found = [node(one, lean=True) for one in nodes]
    clauses = [{"bool": {"must": [one], "_name": f"{number}"}} for number, one in enumerate(found)]
    return {"bool": {"should": clauses, "filter": [{"term": {"id": id}}]}}


def order(plan: Plan) -> list[Any]:
    """The sort; ties go to the newer article, then to the smaller id."""
    return SORTS["newest" if plan.match is None and plan.sort == "relevance" else plan.sort]


def node(it: p.Node, *, lean: bool = False) -> Query:
    """One node of a plan; lean: what matches the same in fewer clauses, with other scores."""
    match it:
        case p.Has(term, fields, weight, others, instead):
            weight *= INSTEAD * len(instead) or 1.0
            if lean and others:
                return _word(folded_key(term.text), fields, weight)
            own = _word(_key(term), fields, weight)
            return _best(own, _word(folded_key(term.text), fields, weight * others)) if others else own
        case p.InOrder(terms, slop, fields, weight):
            return _any([_phrase(terms, slop, field, weight) for field in fields])
        case p.StartsWith(prefix, fields, weight):
            return _constant([{"prefix": {field: {"value": _key(prefix)}}} for field in fields], weight)
        case p.Like(pattern, fields, weight):
            value = _key(pattern).replace("\\", "\\\\")  # "?" and "*" mean the same there
            return _constant([{"wildcard": {field: {"value": value}}} for field in fields], weight)
        case p.Fuzzy(term, edits, fields, weight):
            value = _key(term)
            fuzzy = {
                "value": value,
                "fuzziness": edits,
                "prefix_length": 1 if term.exact else 2,  # the first letter is kept, and FOLDED before it
                "transpositions": False,
                "rewrite": "constant_score",  # all of them, not the first fifty
            }
            return _constant([{"fuzzy": {field: fuzzy}} for field in fields], weight)
        case p.Tagged(column, values):
            return _unscored({"terms": {column: sorted(values)}})
        case p.Published(period):
            ends = zip(("gte", "lte"), period.moments, strict=True)
            return _unscored({"range": {"published": {name: clock(moment) for name, moment in ends if moment}}})
        case p.Together() | p.Words() | p.Chosen():  # words are settled before
            return {"match_none": {}}
        case p.Having(_, _, known) if known:
            if lean:
                return _unscored({"terms": {"id": [id for id, _ in known]}})
            return _any([{"constant_score": {"filter": {"term": {"id": id}}, "boost": boost}} for id, boost in known])
        case p.Having(words, nodes):
            if lean:
                return node(p.AllOf(nodes), lean=True)
            return having(nodes, words.ranked)
        case p.AllOf(nodes):
            return {"bool": {"must": [node(child, lean=lean) for child in nodes]}}
        case p.AnyOf(nodes):
            return _any([node(child, lean=lean) for child in nodes])
        case p.Ranked(must, should, without, _):
            clauses: Query = {}
            if must:
                clauses["must"] = [node(child, lean=lean) for child in must]
            if should:
                clauses |= {
                    "should": [node(child, lean=lean) for child in should],
                    "minimum_should_match": 0 if must else 1,
                }
            if without:
                clauses["must_not"] = [node(child, lean=True) for child in without]
            return {"bool": clauses}


def having(nodes: Sequence[p.Node], scored: Sequence[p.Node]) -> Query:
    """What matches all of the nodes, scored by others."""
    return {"bool": {"filter": [node(one, lean=True) for one in nodes], "should": list(map(node, scored))}}


def _key(term: p.Term) -> str:
    return key(term.text) if term.exact else folded_key(term.text)


def _word(value: str, fields: p.Fields, boost: float) -> Query:
    if len(fields) == 1:
        return {"term": {fields[0]: {"value": value, "boost": boost}}}
    weighted = [_WEIGHTS[field] for field in fields]
    return {"combined_fields": {"query": value, "fields": weighted, "boost": boost}}


def _phrase(terms: tuple[p.Term, ...], slop: int, field: str, weight: float) -> Query:
    """A phrase, scored by the sum of its words' idf: each counts as a part, as if all had the mean one."""
    keys, boost = [_key(term) for term in terms], weight / len(terms)
    if not slop:
        return {"match_phrase": {field: {"query": " ".join(keys), "boost": boost}}}
    spans = [{"span_term": {field: value}} for value in keys]
    return {"span_near": {"clauses": spans, "slop": slop, "in_order": True, "boost": boost}}


def _any(clauses: list[Query]) -> Query:
    if len(clauses) == 1:
        return clauses[0]
    return {"bool": {"should": clauses, "minimum_should_match": 1}} if clauses else {"match_none": {}}


def _best(*clauses: Query) -> Query:
    return {"dis_max": {"queries": list(clauses)}}


def _constant(clauses: list[Query], weight: float) -> Query:
    return {"constant_score": {"filter": _any(clauses), "boost": weight}}


def _unscored(clause: Query) -> Query:
    return {"constant_score": {"filter": clause, "boost": 0.0}}


def _filtered(scored: Query, filters: list[Query]) -> Query:
    return {"bool": {"must": [scored], "filter": filters}} if filters else scored


def _clauses(query: object) -> int:
    """How many clauses OpenSearch counts: each field of a word is one."""
    if isinstance(query, list):
        return sum(map(_clauses, query))
    if not isinstance(query, dict):
        return 0
    counted = len(query["combined_fields"]["fields"]) if "combined_fields" in query else 0
    counted += len(query.keys() & _ONE_CLAUSE)
    return counted + sum(map(_clauses, query.values()))
