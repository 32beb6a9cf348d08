"""What the client makes of the articles that a cluster sends: the same postings as an index in a folder has."""

from collections.abc import Collection

import numpy as np
import pytest

from vnsearch import Index
from vnsearch.cluster.candidates import Candidates, Words, boosts, current_words, terms_of
from vnsearch.cluster.scores import Scorer
from vnsearch.query import plan as p
from vnsearch.query.planner import plan
from vnsearch.ranking.occurrences import OCCURRENCE

TERMS = [p.Term(*given) for given in (("dân", True), ("dan", False), ("vận", True), ("25", True), ("qwxz", True))]


def test_postings_are_those_of_the_words(sample: Index) -> None:
    """For each term and article the positions that a look at every word finds; a word without marks has all accents."""
    words = [Words(article, current_words()) for article in sample]
    found = Candidates(words, 100.0)
    together = p.Together(tuple(TERMS), (1.0,) * len(TERMS), ())
    occurrences = found.occurrences(together, [[current_words().having(term)] for term in TERMS], 0)
    got: dict[tuple[int, int], list[int]] = {}
    for document, position, number, _ in np.frombuffer(occurrences.found, OCCURRENCE).tolist():
        got.setdefault((number, document), []).append(position)
    expected: dict[tuple[int, int], list[int]] = {}
    for document, one in enumerate(words):
        for position, forms in enumerate(one.spelled()):
            for number, term in enumerate(TERMS):
                if (term.text if term.exact else f"~{term.text}") in forms.split("|"):
                    expected.setdefault((number, document), []).append(position)
    assert got == expected
    assert {number for number, _ in got} == {0, 1, 2, 3}


def ones(terms: Collection[p.Term]) -> dict[p.Term, float]:
    return dict.fromkeys(terms, 1.0)


@pytest.mark.parametrize("text", ["dân vận lạng sơn", "dan van", "nghị quyết 25-NQ/TW dân vận"])
def test_boosts(sample: Index, text: str) -> None:
    """Articles with none of the words get nothing, others something; their order is of no matter."""
    match = plan(text, match="any").match
    assert isinstance(match, p.Ranked)
    words = [Words(article, current_words()) for article in sample]
    given = boosts(match.boosts, words, 100.0, ones)
    sought = {term.text if term.exact else f"~{term.text}" for term in terms_of(match.boosts)}
    has_any = np.array([any(sought & set(forms.split("|")) for forms in one.spelled()) for one in words])
    assert 0 < has_any.sum() < len(words)
    assert not given[~has_any].any()
    if text == "dan van":  # articles with none but the wrong spellings, as "đàn", get nothing for them
        assert (given[has_any] >= 0).all()
        assert given[has_any].any()
    else:
        assert (given[has_any] > 0).all()
    backwards = boosts(match.boosts, words[::-1], 100.0, ones)[::-1]
    np.testing.assert_allclose(given, backwards, rtol=1e-5)


QUERIES = ["dân vận lạng sơn", "dan van", "UBND tỉnh", "ủy ban nhân dân tỉnh", "nghị quyết 25-NQ/TW"]


@pytest.mark.parametrize("fields", [None, "title", ("lead", "body")])
@pytest.mark.parametrize("text", QUERIES)
def test_scores_are_those_of_a_folder(sample: Index, text: str, fields: str | tuple[str, ...] | None) -> None:
    """Of every article by what words are ranked by, abbreviations and other accents among it."""
    engine = sample._engine.fresh()  # type: ignore[attr-defined]
    [segment], ids = engine.segments, engine.snapshot.segments[0].ids.all()
    words = [Words(article, current_words()) for article in map(sample.get, ids) if article]
    match = plan(text, fields=fields).match
    assert isinstance(match, p.Words)
    wanted = segment.scores(match.ranked, np.arange(len(words)))
    mean_width = float(np.mean([one.width for one in words]))
    given = Scorer(
        words, mean_width, lambda terms: {term: engine.lookup.resolve(term).idf for term in terms}, match.ranked
    )
    np.testing.assert_allclose(given.sum(match.ranked), wanted, rtol=1e-5, atol=1e-6)
    assert (wanted > 0).any()
