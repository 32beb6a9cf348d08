"""The weight of a word by how often it occurs, also beyond what a byte holds."""

import pytest
from tests.drawn import (
    DAN,
    answer,
)
from tests.oracle import Document, Oracle

from vnsearch import Article
from vnsearch.query.plan import Has, StartsWith, Term


@pytest.mark.parametrize("occurrences", [31, 32, 6_553, 6_554, 70_000])
def test_frequencies_do_not_stop_growing(occurrences: int) -> None:
    """A code holds up to 31, and what is kept is ten times the frequency: neither is where counting ends."""
    articles = [Article(id="1", title="x", body="dân " * occurrences), *(Article(id=w, title=w, body="") for w in "yz")]
    oracle = Oracle([Document(article) for article in articles])
    score = answer(Has(DAN), *articles)["1"]
    assert score == pytest.approx(oracle.score(Has(DAN), oracle.documents[0]), rel=1e-4)


@pytest.mark.parametrize("occurrences", [6_551, 7_000])
def test_a_prefix_counts_the_words_of_a_whole_book(occurrences: int) -> None:
    """Frequencies of many terms add up beyond 16 bits; 6,551 in the body and two in the lead are 65,536 tenths."""
    words = [f"t{n}" for n in range(700)]  # each ten times or less: no count is too long for its code
    book = Article(id="1", title="x", lead="t0 t1", body=" ".join((words * 10)[:occurrences]))
    articles = [book, *(Article(id=w, title=w, body="") for w in "yz")]
    node = StartsWith(Term("t", False))
    oracle = Oracle([Document(article) for article in articles])
    assert answer(node, *articles) == pytest.approx({"1": oracle.score(node, oracle.documents[0])}, rel=1e-4)
