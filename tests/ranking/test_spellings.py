"""Words typed without marks are read by their neighbours."""

import pytest
from tests.drawn import (
    Commit,
    run,
    written,
)

from vnsearch import Article
from vnsearch.query.plan import Has, Ranked, Term, Together


def test_reading_moves_weight_from_word_to_word() -> None:
    """Each spelling is rarer than its word; what all words come to stays, however often one article repeats itself."""
    terms = Term("dan", False), Term("van", False)
    query = Ranked(should=tuple(map(Has, terms)), boosts=(Together(terms, (1.0, 1.0), ((0, 1),)),))
    weights = []
    for repeated in (1, 9):
        bodies = "dân vận", "dân vận", "đàn hội", "dẫn văn " * repeated
        articles = [Article(id=str(n), title="x", body=body) for n, body in enumerate(bodies)]
        with written([Commit([*articles], False)]) as index:
            engine = index._fresh()
            [worth] = run(engine, query).worth
            in_any_spelling = [engine.lookup.resolve(term).idf for term in terms]
        assert worth.weights.sum() == pytest.approx(sum(in_any_spelling))
        assert worth.weights[0] > 1.5 * in_any_spelling[0]
        weights.append(worth.weights.tolist())
    assert weights[0] == weights[1]
