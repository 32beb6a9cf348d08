"""Stock Whoosh as a second opinion: it finds the same articles."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawn import (
    COMMITS,
    FIELDS,
    STORAGES,
    WHOOSH_LEAVES,
    Commit,
    Storage,
    examples,
    left,
    page,
    run,
    trees,
    written,
)
from tests.oracle import tags
from whoosh import query as wq
from whoosh.filedb.filestore import RamStorage

from vnsearch import Article
from vnsearch.index.article_json import dump
from vnsearch.index.whoosh_codec import schema
from vnsearch.query import plan as p
from vnsearch.query.plan import Has, InOrder, Published, Ranked, StartsWith, Tagged, Term
from vnsearch.text.tokenize import folded_term


def stock(articles: Iterable[Article]) -> Any:
    """An index of Whoosh's own making, in memory, over the same schema."""
    index = RamStorage().create_index(schema())
    writer = index.writer()
    for article in articles:
        texts = {name + view: getattr(article, name) for name in FIELDS for view in ("", "_folded")}
        columns = {column: ",".join(values) for column, values in tags(article).items() if values}
        day = {"day": article.day.toordinal()} if article.day else {}
        writer.add_document(id=article.id, article=dump(article), **texts, **columns, **day)
    writer.commit()
    return index


def translated(node: p.Node) -> Any:
    """A plan's node as a query of Whoosh's."""
    match node:
        case Has(term, fields, _, others):
            views = [term] + [Term(folded_term(term.text), False)] * bool(others)
            return wq.Or([wq.Term(view(field, t), t.text) for field in fields for t in views])
        case StartsWith(prefix, fields):
            return wq.Or([wq.Prefix(view(field, prefix), prefix.text) for field in fields])
        case InOrder(terms, _, fields):
            texts = [term.text for term in terms]
            return wq.Or([wq.Phrase(view(field, terms[0]), texts) for field in fields])
        case Tagged(column, values):
            return wq.Or([wq.Term(column, value) for value in sorted(values)])
        case Published(period):
            since, until = period.since or date.min, period.until or date.max
            return wq.NumericRange("day", since.toordinal(), until.toordinal())
        case p.AllOf(nodes):
            return wq.And([translated(child) for child in nodes])
        case p.AnyOf(nodes):
            return wq.Or([translated(child) for child in nodes])
        case Ranked(must, should, without, _):
            chosen = wq.And if must else wq.Or
            wanted = chosen([translated(child) for child in must or should]) if must or should else wq.Every()
            return wq.And([wanted, *(wq.Not(translated(child)) for child in without)])
    raise AssertionError(node)


def view(field: str, term: Term) -> str:
    return field if term.exact else f"{field}_folded"


@settings(examples, max_examples=25)
@given(COMMITS, STORAGES, st.lists(trees(WHOOSH_LEAVES), min_size=4, max_size=8))
def test_matches_are_stock_whooshs(commits: list[Commit], storage: Storage, nodes: list[p.Node]) -> None:
    """Terms, prefixes, phrases, filters, AND, OR and NOT find what Whoosh 2.7.4 finds with its own codec."""
    with written(commits, storage) as index, stock(left(commits).values()).searcher() as searcher:
        engine = index._fresh()
        for node in nodes:
            expected = sorted(hit["id"] for hit in searcher.search(translated(node), limit=None))
            assert sorted(id for id, _ in page(engine, run(engine, node))) == expected, node
