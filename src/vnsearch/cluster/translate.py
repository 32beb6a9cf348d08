"""Plan -> the query language of OpenSearch, with the same set of matches.

A word is BM25F over title, lead and body (`combined_fields`; Robertson, Zaragoza 2004); where a word with marks
counts its other accents, the better of the two counts (`dis_max`), which is the exact one wherever it occurs.
Scores are those of the words; how they stand together is added to the best of them afterwards (`rerank`).
"""

from collections.abc import Iterable
from typing import Any, TypeAlias

from ..query import plan as p
from ..query.plan import Plan
from ..query.postings import W_LEAD, W_TITLE
from .mapping import FIELDS, folded_key, key

Query: TypeAlias = dict[str, Any]
_WEIGHTS = {"title": f"title^{W_TITLE}", "lead": f"lead^{W_LEAD}", "body": "body"}
_MOST_CLAUSES = 900  # OpenSearch takes 1,024 of a query, each field of a word counted
_SORTS: dict[str, list[Any]] = {
    "relevance": ["_score", {"day": {"order": "desc", "missing": "_last"}}, "id"],
    "newest": [{"day": {"order": "desc", "missing": "_last"}}, "id"],
    "oldest": [{"day": {"order": "asc", "missing": "_last"}}, "id"],
}


def query(plan: Plan) -> Query:
    """What matches the plan, scored by its words where the order is by relevance."""
    filters = [node(f) for f in plan.filters]
    if plan.match is None:
        return _filtered({"match_all": {}}, filters)
    if plan.sort != "relevance":
        return _filtered({"match_all": {}}, [node(plan.match), *filters])
    return _filtered(node(_bounded(plan.match)), filters, [node(plan.match)] if _is_long(plan.match) else [])


def order(plan: Plan) -> list[Any]:
    """The sort; ties go to the newer article, then to the smaller id."""
    return _SORTS["newest" if plan.match is None and plan.sort == "relevance" else plan.sort]
