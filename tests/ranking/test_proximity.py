"""How words stand together: what phrases and pairs add, and where they add nothing."""

import math
from unittest import mock

import pytest
from msgspec.structs import replace
from tests.drawn import (
    DAN,
    HOI,
    VAN,
    answer,
)
from tests.oracle import Document, Oracle

from vnsearch import Article
from vnsearch.embedded import searcher
from vnsearch.query import plan as p
from vnsearch.query.plan import Has, InOrder, Ranked, Term, Together
from vnsearch.ranking.bm25f import K1
from vnsearch.ranking.proximity import CLOSE, COVER, EARLY, LONGER, NEAR, PAIR, SENTENCE


@pytest.mark.parametrize("slop", [0, 1, 2, 3])
def test_a_phrase_never_crosses_fields(slop: int) -> None:
    """However far apart its words may be, they stand in one field; an empty lead between joins nothing."""
    assert answer(InOrder((DAN, VAN), slop), Article(id="1", title="dân", lead="vận", body="x")) == {}
    assert answer(InOrder((DAN, VAN), slop), Article(id="1", title="dân", body="vận")) == {}
    assert answer(InOrder((DAN, VAN), slop), Article(id="1", title="x", lead="dân", body="vận")) == {}
    assert answer(InOrder((DAN, VAN), slop), Article(id="1", title="x", lead="x dân", body="x vận dân")) == {}
    assert answer(InOrder((DAN, VAN), slop, ("title",)), Article(id="1", title="dân", lead="vận", body="x")) == {}


def test_a_node_that_does_not_match_adds_nothing() -> None:
    """(dân AND vận) OR hội: an article with dân and hội scores for hội alone."""
    articles = [
        Article(id="1", title="dân hội", body=""),
        Article(id="2", title="xxx hội", body=""),
        Article(id="3", title="dân vận", body=""),
    ]
    both_or_one = answer(p.AnyOf((p.AllOf((Has(DAN), Has(VAN))), Has(HOI))), *articles)
    assert both_or_one["1"] == both_or_one["2"]
    ranked = answer(p.AnyOf((Ranked(should=(Has(DAN),), without=(Has(HOI),)), Has(HOI))), *articles)
    assert ranked["1"] == ranked["2"]


def test_a_pair_is_worth_what_it_says_beyond_its_words() -> None:
    """One of two articles has it: -ln(1.5 / 2.5), saturated.  Where every article has it, it is worth nothing."""
    words = Ranked(should=(Has(DAN), Has(VAN)))
    query = Ranked(should=words.should, boosts=(Together((DAN, VAN), (1.0, 1.0), ((0, 1),)),))
    apart, beside = Article(id="1", title="x", body="vận dân"), Article(id="2", title="x", body="dân vận")
    scores = answer(query, apart, beside)
    sat = (K1 + 1) / (1 + K1)  # once, in an article of mean length
    assert scores["2"] - scores["1"] == pytest.approx(PAIR * math.log(2.5 / 1.5) * sat, rel=1e-5)
    worth = math.log(1 + 0.5 / 2.5)  # each word's idf; both stand early and close, neither in the title
    assert scores["1"] - answer(words, apart, beside)["1"] == pytest.approx(
        2 * worth * (NEAR + CLOSE + EARLY + COVER), rel=1e-5
    )
    both = answer(query, beside, Article(id="3", title="x", body="dân vận"))
    assert both["2"] == both["3"] == pytest.approx(scores["1"], rel=1e-5)


def test_of_a_question_a_sentence_counts_that_has_its_words() -> None:
    """The most that one sentence has, divided by its length; a title ends one without a sign."""
    words = Ranked(should=(Has(DAN), Has(VAN)))
    alike = Together((DAN, VAN), (1.0, 1.0), ())
    asked = [Ranked(should=words.should, boosts=(replace(alike, asks=asks),)) for asks in (False, True)]
    articles = [
        Article(id="one", title="x", body="Một hai. Dân ba vận! Bốn"),
        Article(id="two", title="x", body="Một dân. Ba vận hai? Bốn"),
        Article(id="title", title="vận", body="dân một hai ba bốn năm"),
    ]
    plain, questions = (answer(query, *articles) for query in asked)
    worth = math.log(1 + 0.5 / 3.5)  # each word's idf
    for id, told in (
        ("one", 2 * worth / (1 + 3 * LONGER)),
        ("two", worth / (1 + 2 * LONGER)),
        ("title", worth / (1 + 2 * LONGER)),
    ):
        assert questions[id] - plain[id] == pytest.approx(SENTENCE * told, rel=1e-4)


def test_how_words_stand_together_does_not_depend_on_what_is_looked_at_at_once() -> None:
    """Documents are read all at once, or one by one."""
    words = tuple(Term(word, True) for word in "một hai ba bốn năm sáu bảy tám chín".split())
    pairs = tuple((n, n + 1) for n in range(8))
    query = Ranked(should=tuple(map(Has, words)), boosts=(Together(words, (1.0,) * 9, pairs),))
    bodies = "một hai ba bốn năm sáu bảy tám chín", "chín tám bảy sáu năm", "tám chín một hai " * 9, "bốn năm"
    articles = [Article(id=str(n), title="x", body=body) for n, body in enumerate(bodies)]
    at_once = answer(query, *articles)
    oracle = Oracle([Document(article) for article in articles])
    assert [at_once[str(n)] for n in range(4)] == pytest.approx(oracle.scores(query, oracle.documents), rel=1e-4)
    with mock.patch.object(searcher, "_GATHERED", 1):
        assert answer(query, *articles) == at_once
