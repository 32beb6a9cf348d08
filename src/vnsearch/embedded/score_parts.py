"""What the score of one match is made of, for a person: `Hit.explain`."""

import numpy as np
from msgspec.structs import replace

from ..arrays import Array
from ..engine import Part, parts_of
from ..query import plan as p
from ..query.describe import leaves, named
from ..ranking.proximity import rest
from ..ranking.recency import factors
from .searcher import Engine, Found, Match
from .segment_searcher import SegmentSearcher


def parts(engine: Engine, plan: p.Plan, found: Found, match: Match) -> tuple[Part, ...]:
    """The parts of a match's score, in the order of the query; their sum is the score, but for rounding.

    found: what the match is of.
    What words side by side are worth depends on the other matches, so it is what the other parts leave.
    """
    if plan.sort != "relevance" or plan.match is None:
        return ()
    segment, document = engine.segments[match.segment], np.array([match.document])
    ranked = _scored(engine.settled(plan).match or plan.match)
    shown = [_part(engine, segment, match, node, document) for node in (*ranked.must, *ranked.should)]
    together = [node for node in ranked.boosts if isinstance(node, p.Together)]
    for words, own in zip(together, found.worth, strict=True):
        terms = [engine.lookup.resolve(term) for term in words.terms]
        near = rest(words, own, segment.occurrences(words, terms, own.spellings, document))
        shown.append(Part("near one another, early, in the title, all", float(near[0])))
    for node in ranked.boosts:
        if node not in together:
            shown.append(Part(named(node), float(segment.scores((node,), document)[0])))
    day = engine.snapshot.segments[match.segment].day[document]
    newer = 1.0 if plan.recency is None else float(factors(day, plan.recency)[0])
    return parts_of(match.score, shown, newer, "side by side")


def _scored(node: p.Node) -> p.Ranked:
    """What the score of a match was made of: words in their parts, where nothing else was requested."""
    if isinstance(node, p.Chosen) and node.known:
        return p.Ranked(should=node.words.ranked, boosts=node.words.boosts)
    if not isinstance(node, p.Ranked):
        node = p.Ranked(must=(node,))
    must: list[p.Node] = []
    for child in node.must:
        must += child.words.ranked if isinstance(child, p.Chosen | p.Having) and not child.known else (child,)
    return replace(node, must=tuple(must))


def _part(engine: Engine, segment: SegmentSearcher, match: Match, node: p.Node, document: Array) -> Part:
    score = float(segment.scores((node,), document)[0])
    terms: dict[int, None] = {}
    for leaf in leaves(node):
        every = isinstance(leaf, p.Has) and leaf.others > 0
        what = leaf.term if isinstance(leaf, p.Has) else replace(leaf, weight=1.0)
        own = engine.lookup.resolve(what).terms[match.segment]
        here = _in_document(segment, own, match.document)
        if not here and every:
            here = _in_document(segment, engine.lookup.resolve(what, folded=True).terms[match.segment], match.document)
        terms |= dict.fromkeys(here)
    names = engine.snapshot.segments[match.segment].terms
    return Part(named(node), score, tuple(names[term] for term in terms))


def _in_document(segment: SegmentSearcher, terms: tuple[int, ...], document: int) -> list[int]:
    return [term for term in terms if segment.has(term, document)]
