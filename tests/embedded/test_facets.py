"""Facets count every match, whatever the plan."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawn import (
    COMMITS,
    FILTERS,
    PROVINCES,
    STORAGES,
    TREES,
    Commit,
    Storage,
    examples,
    run,
    some_of,
    written,
)
from tests.oracle import Oracle, tags

from vnsearch.embedded.facets import count_facet
from vnsearch.query import plan as p
from vnsearch.query.planner import FACETS


@settings(examples, max_examples=16)
@given(COMMITS, STORAGES, some_of(st.none(), TREES), st.lists(FILTERS, max_size=1))
def test_facets_count_the_matches(
    commits: list[Commit], storage: Storage, node: p.Node | None, filters: list[p.Node]
) -> None:
    """Every match once for each of its values, whatever the page; the most frequent first, then by name."""
    with written(commits, storage) as index:
        engine = index._fresh()
        found = [document.article for document in Oracle.of(engine).found(node, filters)]
        sets = run(engine, node, filters=tuple(filters), limit=1).sets
        answer = {name: count_facet(engine.snapshot, sets, name) for name in FACETS}
        names = {slug: name for name, slug in PROVINCES.items()}
        days = [article.day.isoformat() for article in found if article.day]
        expected = {
            "province": Counter(names[slug] for article in found for slug in tags(article)["provinces"]),
            "topic": Counter(topic for article in found for topic in tags(article)["topics"]),
            "source": Counter(article.source for article in found if article.source),
            "year": Counter(day[:4] for day in days),
            "month": Counter(day[:7] for day in days),
        }
        for facet, counts in expected.items():
            ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
            assert list(answer[facet].items()) == ordered
