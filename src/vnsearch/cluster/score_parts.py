"""What the score of one match is made of: the cluster scores each part of the query by a name, for that match alone."""

import numpy as np

from ..engine import Part, parts_of
from ..query import plan as p
from ..query.describe import leaves, named
from ..query.patterns import compiled
from ..ranking.recency import factors
from ..text.edit_distance import within
from ..text.tokenize import folded_term
from .candidates import Words
from .client import IndexClient
from .mapping import FOLDED, OTHER_FORM
from .matches import Match
from .translate import STEP, each


def parts(client: IndexClient, plan: p.Plan, match: Match) -> tuple[Part, ...]:
    """The parts of a match's score, in the order of the query; their sum is the score, but for rounding.

    What the words are worth together depends on the other matches, so it is what the other parts leave.
    """
    if plan.sort != "relevance" or plan.match is None:
        return ()
    nodes = _scored(plan.match)
    body = {"query": each(nodes, match.id), "size": 1, "_source": False}
    hits = client.ask(body, include_named_queries_score="true")["hits"]["hits"]
    given = hits[0]["matched_queries"] if hits else {}
    [words] = client.words_of([(match.id, match.article)])
    forms = _forms(words)
    found = [
        Part(named(node), STEP * given[str(number)], _found(node, forms))
        for number, node in enumerate(nodes)
        if str(number) in given
    ]
    newer = 1.0 if plan.recency is None else float(factors(np.array([match.day]), plan.recency)[0])
    return parts_of(match.score, found, newer, "side by side, near one another, early, in the title, all")


def _scored(node: p.Node) -> tuple[p.Node, ...]:
    """What the score of a match was made of: words in their parts, where nothing else was requested."""
    if isinstance(node, p.Having) and node.known:
        return node.words.ranked
    ranked = node if isinstance(node, p.Ranked) else p.Ranked(must=(node,))
    must: list[p.Node] = []
    for one in ranked.must:
        must += one.words.ranked if isinstance(one, p.Having) and not one.known else (one,)
    return (*must, *ranked.should)


def _forms(words: Words) -> list[str]:
    """The terms of an article as they are spelled, each once."""
    forms = (form for word in words.spelled() for form in word.split(OTHER_FORM))
    return [form for form in dict.fromkeys(forms) if form and not form.startswith(FOLDED)]


def _found(node: p.Node, forms: list[str]) -> tuple[str, ...]:
    """The article's terms that matched the node."""
    found: list[str] = []
    for leaf in leaves(node):
        match leaf:
            case p.Has(term, others=others):
                exact = [form for form in forms if form == term.text] if term.exact else []
                found += exact or [f for f in forms if folded_term(f) == folded_term(term.text) and _any(term, others)]
            case p.StartsWith(term):
                found += [f for f in forms if (f if term.exact else folded_term(f)).startswith(term.text)]
            case p.Like(term):
                fits = compiled(term.text).fullmatch
                found += [f for f in forms if fits(f if term.exact else folded_term(f))]
            case p.Fuzzy(term, edits):
                spelled = [(form, form if term.exact else folded_term(form)) for form in forms]
                found += [f for f, own in spelled if own[0] == term.text[0] and within(own, term.text, edits)]
    return tuple(dict.fromkeys(found))


def _any(term: p.Term, others: float) -> bool:
    return others > 0 or not term.exact
