"""The engine against an oracle in plain Python: matches, scores, order, pages."""

import random
from collections.abc import Iterator
from datetime import date

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.drawn import (
    COMMITS,
    EVERYTHING_OR_TREES,
    FILTERS,
    LISTS,
    SEVERAL,
    STORAGES,
    Commit,
    Storage,
    examples,
    left,
    page,
    run,
    written,
)
from tests.oracle import Oracle, best, by_time

from vnsearch import Article
from vnsearch.embedded.searcher import Engine
from vnsearch.query import plan as p
from vnsearch.query.periods import Period
from vnsearch.query.plan import Has, InOrder, Published, Ranked, Term, Together
from vnsearch.query.planner import SORTS
from vnsearch.ranking import matching


@settings(examples, max_examples=25)
@given(COMMITS, STORAGES, SEVERAL, st.lists(FILTERS, max_size=1))
def test_matches_are_the_oracles(
    commits: list[Commit], storage: Storage, nodes: list[p.Node], filters: list[p.Node]
) -> None:
    """A plan finds every live article that its definition says, none else and none twice; total counts them."""
    with written(commits, storage) as index:
        engine = index._fresh()
        oracle = Oracle.of(engine)
        assert {d.article.id: d.article for d in oracle.live} == left(commits)
        for node in (None, *nodes):
            found = run(engine, node, filters=tuple(filters))
            expected = sorted(document.article.id for document in oracle.found(node, filters))
            assert sorted(id for id, _ in page(engine, found)) == expected, node
            assert found.total == len(expected)
            numbers = (np.flatnonzero(chosen) if chosen.dtype == bool else chosen for chosen in found.sets)
            sets = zip(engine.snapshot.segments, numbers, strict=True)
            assert sorted(segment.ids[int(n)] for segment, chosen in sets for n in chosen) == expected


BESIDE_ITSELF = Ranked(
    should=(Has(Term("dân", True)),),
    boosts=(Together((Term("dân", True), Term("vận", True)), (1.0, 1.0), ((0, 0),), ("title",)),),
)


@settings(examples, max_examples=25)
@given(COMMITS, STORAGES, SEVERAL)
@example([Commit([Article(id="0", title="dân dân", body="")], False)], Storage(), [BESIDE_ITSELF])
def test_scores_are_the_formulas(commits: list[Commit], storage: Storage, nodes: list[p.Node]) -> None:
    """BM25F in steps of a byte, over all documents; the best come first, then the newer, then the smaller id."""
    with written(commits, storage) as index:
        engine = index._fresh()
        oracle = Oracle.of(engine)
        by_id = {document.article.id: document for document in oracle.live}
        for node in nodes:
            found = page(engine, run(engine, node))
            expected = oracle.scores(node, [by_id[id] for id, _ in found])
            assert [score for _, score in found] == pytest.approx(expected, rel=1e-4, abs=1e-6), node
            keys = [(-score, by_time(by_id[id].article, "newest"), id) for id, score in found]
            assert keys == sorted(keys)


# -- segments ------------------------------------------------------------------------------------------


@settings(examples, max_examples=16)
@given(LISTS, st.integers(2, 12), STORAGES, SEVERAL)
def test_the_answer_does_not_depend_on_the_segments(
    articles: list[Article], size: int, storage: Storage, nodes: list[p.Node]
) -> None:
    """One commit or several: the same articles in the same order with the same scores, to the last bit."""
    several = [Commit(list(articles[at : at + size]), False) for at in range(0, len(articles), size)]
    with written([Commit(list(reversed(articles)), False)]) as one, written(several, storage) as other:
        engines = one._fresh(), other._fresh()
        for node in nodes:
            first, second = (page(engine, run(engine, node)) for engine in engines)
            assert first == second, node


@settings(examples, max_examples=10)
@given(COMMITS, STORAGES, SEVERAL)
def test_optimize_forgets_what_was_deleted(commits: list[Commit], storage: Storage, nodes: list[p.Node]) -> None:
    """Afterwards the scores are those of an index that never held the deleted articles."""
    with written(commits, storage) as index, written([Commit(list(left(commits).values()), False)]) as fresh:
        index.optimize()
        engines = index._fresh(), fresh._fresh()
        assert len(engines[0].snapshot.segments) == (1 if left(commits) else 0)
        for node in nodes:
            first, second = (page(engine, run(engine, node)) for engine in engines)
            assert first == second, node


# -- order and pages -----------------------------------------------------------------------------------


@settings(examples, max_examples=16)
@given(COMMITS, STORAGES, EVERYTHING_OR_TREES, st.lists(FILTERS, max_size=1))
def test_newest_and_oldest(commits: list[Commit], storage: Storage, nodes: list[p.Node], filters: list[p.Node]) -> None:
    """Sorted by day in Viet Nam, then by id; articles without a day come last in both."""
    with written(commits, storage) as index:
        engine = index._fresh()
        oracle = Oracle.of(engine)
        for node in nodes:
            found = [document.article for document in oracle.found(node, filters)]
            for sort in ("newest", "oldest"):
                expected = sorted((by_time(article, sort), article.id) for article in found)
                answer = page(engine, run(engine, node, filters=tuple(filters), sort=sort))
                assert [id for id, _ in answer] == [id for _, id in expected]


@settings(examples, max_examples=16)
@given(LISTS, EVERYTHING_OR_TREES, st.integers(0, 6), st.integers(0, 8))
def test_a_page_is_a_slice_of_the_whole(
    articles: list[Article], nodes: list[p.Node | None], limit: int, offset: int
) -> None:
    """In every order; total does not depend on the page."""
    half = len(articles) // 2
    with written([Commit(list(articles[:half]), False), Commit(list(articles[half:]), False)]) as index:
        engine = index._fresh()
        for node in nodes:
            for sort in SORTS:
                whole = run(engine, node, sort=sort)
                part = run(engine, node, sort=sort, limit=limit, offset=offset)
                assert page(engine, part) == page(engine, whole)[offset : offset + limit]
                assert part.total == whole.total == len(whole.page)


# -- more matches than candidates ----------------------------------------------------------------------


WANTED: dict[str, p.Node] = {
    "common words": Ranked(should=(Has(Term("dân", True), others=0.1), Has(Term("van", False)))),
    "rare words and a common one": Ranked(
        should=(*(Has(Term(f"hiem{n}", False)) for n in range(4)), Has(Term("hội", True), weight=8.0))
    ),
    "a rare and a common word": Ranked(should=(Has(Term("qqq", False)), Has(Term("hoi", False)))),
    "a word before the body": Has(Term("dan", False), ("title", "lead")),
    "a word excluded": Ranked(should=(Has(Term("dan", False)),), without=(Has(Term("tin7", True)),)),
    "a phrase among words": Ranked(should=(InOrder((Term("dân", True), Term("vận", True))), Has(Term("hội", True)))),
    "a rare and a common word in a row": InOrder((Term("dan", False), Term("hiem7", True)), 3),
    "a word required": Ranked(must=(Has(Term("dân", True)),), should=(Has(Term("văn", True)),)),
}
WITH_PAIR = Ranked(
    should=(Has(Term("dan", False)), Has(Term("van", False))),
    boosts=(InOrder((Term("dan", False), Term("van", False)), weight=0.4),),
)
PERIODS: dict[str, tuple[Published, ...]] = {
    "all": (),
    "half of them": (Published(Period(date(2023, 1, 1), date(2023, 6, 30))),),
    "a few": (Published(Period(date(2023, 1, 1), date(2023, 1, 30))),),
    "none": (Published(Period(date(2025, 1, 1), None)),),
}


@pytest.fixture(scope="module")
def many() -> Iterator[tuple[Engine, Oracle]]:
    """800 articles, so that most words have more matches than there are candidates."""
    chance = random.Random(20230207)
    words = ["dân", "dẫn", "đàn", "vận", "văn", "hội", "hồi", *(f"tin{n}" for n in range(40))]

    def text(most: int) -> str:
        return " ".join(chance.choices(words, k=chance.randint(1, most)))

    articles: list[Article | str] = [
        Article(
            id=f"{n:04}",
            title=text(6),
            lead=text(8),
            body=text(30) + " dân" * 40 * (n % 50 == 7) + " qqq" * (n % 20 == 0) + f" hiem{n % 29}",
            published=date.fromordinal(date(2023, 1, 1).toordinal() + n % 365),
        )
        for n in range(800)
    ]
    with written([Commit(articles, False)]) as index:
        engine = index._fresh()
        yield engine, Oracle.of(engine)


@pytest.mark.parametrize("period", PERIODS)
@pytest.mark.parametrize("name", WANTED)
def test_the_first_ten_of_many(many: tuple[Engine, Oracle], name: str, period: str) -> None:
    """Where not all matches are scored, the first ten are still those of the formula, and all matches are counted."""
    engine, oracle = many
    expected = best(oracle, WANTED[name], PERIODS[period])
    found = run(engine, WANTED[name], filters=PERIODS[period], limit=10)
    assert found.total == len(expected)
    assert period != "all" or found.total > 40 or isinstance(WANTED[name], InOrder)
    assert [score for _, score in page(engine, found)] == pytest.approx(expected[:10], rel=1e-4)


def test_pairs_among_many(many: tuple[Engine, Oracle]) -> None:
    """Only the best by the words alone are looked at for pairs; the first ten are all among them."""
    engine, oracle = many
    expected = best(oracle, WITH_PAIR)
    found = run(engine, WITH_PAIR, limit=10)
    assert found.total == len(expected) > matching.BEST
    assert [score for _, score in page(engine, found)] == pytest.approx(expected[:10], rel=1e-4)
