"""Small corpora written in several commits, with articles replaced and deleted, and plans to search them with.

hypothesis draws both, so that every node of a plan meets every other one, whatever the query language can say.
"""

import os
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from vnsearch import Article, Index
from vnsearch.article import VIETNAM
from vnsearch.embedded.searcher import Engine, Found
from vnsearch.index import layout, merge
from vnsearch.index import writer as writing
from vnsearch.query import plan as p
from vnsearch.query.periods import Period
from vnsearch.query.plan import Fuzzy, Has, InOrder, Plan, Published, Ranked, StartsWith, Tagged, Term, Together
from vnsearch.query.planner import FACETS
from vnsearch.text.tokenize import folded_term, tokenize

examples = settings(deadline=None, suppress_health_check=list(HealthCheck))

FIELDS = p.ALL_FIELDS
ALL = 10_000  # more than any corpus here has

# -- corpora -------------------------------------------------------------------------------------------

WORDS = (
    *"dân dẫn đàn dan Dân vận văn van hội hồi hoi HỘI hoà hòa nghị 25-NQ/TW 25-nq/tw TP.HCM e-mail 4.600".split(),
    "dân, vận.", "“hội”", "7/2/2023", "25 - NQ/TW", "ngày 7 tháng 2 năm 2023", "...",
    unicodedata.normalize("NFD", "vận"), "d\u200bân",
)  # fmt: skip
DAYS = (None, None, date(1, 1, 1), date(2023, 2, 1), date(2023, 2, 7), date(2024, 2, 7), date(9999, 12, 31),
        datetime(2023, 2, 6, 20, tzinfo=UTC), datetime(2023, 2, 7, 17, 0), datetime(2023, 2, 7, 17, 1, 30),
        datetime(9999, 12, 31, 23, 59))  # fmt: skip  # that of UTC is 7 February in Viet Nam
PROVINCES = {"Lạng Sơn": "lang-son", "Huế": "hue", "Nơi Lạ": "Nơi Lạ"}  # as published, as filed
TOPICS, SOURCES = ("dan-van", "kinh-te"), ("a.vn", "b.vn")

OFTEN = ("dân", "vận", "dẫn", "văn", "hội")  # half of all words, so that many articles have what is looked for
MANY = "dân " * 33  # 31 occurrences fit in a code
TEXTS = st.lists(st.sampled_from((*OFTEN, MANY)) | st.sampled_from(WORDS), max_size=5).map(" ".join)


@st.composite
def articles(draw: st.DrawFn, ids: st.SearchStrategy[str]) -> Article:
    title, lead, body = draw(TEXTS), draw(TEXTS), draw(TEXTS)
    return Article(
        id=draw(ids),
        title=title if title or body else "văn",
        lead=lead,
        body=body,
        published=draw(st.sampled_from(DAYS)),
        provinces=draw(st.lists(st.sampled_from([*PROVINCES, "lang son"]), max_size=2).map(tuple)),
        topics=draw(st.lists(st.sampled_from(TOPICS), max_size=2).map(tuple)),
        source=draw(st.sampled_from(("", *SOURCES))),
    )


IDS = st.integers(0, 30).map(str)
LISTS = st.lists(articles(IDS), min_size=2, max_size=25, unique_by=lambda article: article.id)


class Commit(NamedTuple):
    """What one writer does: articles to add, and ids (str) to delete, in order."""

    changes: list[Article | str]
    optimize: bool


COMMITS = st.lists(
    st.builds(
        Commit,
        st.lists(articles(st.integers(0, 9).map(str)) | st.integers(0, 9).map(str), min_size=2, max_size=8),
        st.sampled_from([False] * 4 + [True]),
    ),
    min_size=1,
    max_size=3,
)


class Storage(NamedTuple):
    """How it is stored: articles of a run (so several a commit, or one), and how rare a term without a row is."""

    batch: int = writing.BATCH
    dense: int = layout.DENSE


STORAGES = st.builds(Storage, st.sampled_from([2, 2000]), st.sampled_from([1, 4, layout.DENSE]))


@contextmanager
def written(commits: Iterable[Commit], storage: Storage = Storage()) -> Iterator[Index]:  # noqa: B008  (immutable)
    """An index that was written so.  Nothing waits for the disk: what survives a crash is another test's."""
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch.object(os, "fsync"),
        mock.patch.object(writing, "BATCH", storage.batch),
        mock.patch.object(merge, "SMALL", 0),  # several segments
        mock.patch.object(layout, "DENSE", storage.dense),
    ):
        index = Index.create(Path(folder) / "index")
        for changes, optimize in commits:
            writer = index.writer()
            for change in changes:
                if isinstance(change, str):
                    writer.delete(change)
                else:
                    writer.add(change)
            writer.commit(optimize=optimize)
        yield index


def left(commits: Iterable[Commit]) -> dict[str, Article]:
    """The articles that are there after the commits."""
    articles: dict[str, Article] = {}
    for change in (change for commit in commits for change in commit.changes):
        if isinstance(change, str):
            articles.pop(change, None)
        else:
            articles[change.id] = change
    return articles


def run(engine: Engine, node: p.Node | None, **options: Any) -> Found:
    """The engine's answer; every match unless options say otherwise."""
    values: dict[str, Any] = {"filters": (), "sort": "relevance", "limit": ALL, "offset": 0} | options
    return engine.run(Plan(match=node, tokens=(), equivalents=(), ranges=(), facets=FACETS, **values))


def page(engine: Engine, found: Found) -> list[tuple[str, float]]:
    """(id, score) of the asked page."""
    return [(engine.snapshot.segments[m.segment].ids[m.document], m.score) for m in found.page]


# -- plans ---------------------------------------------------------------------------------------------

TERMS = sorted({token.term for word in WORDS for token in tokenize(word)} | {"qqq"})
TEXT = st.sampled_from(OFTEN) | st.sampled_from(TERMS)
EXACT = TEXT.map(lambda term: Term(term, True))
FOLDED = TEXT.map(lambda term: Term(folded_term(term), False))
ANY_TERM = EXACT | FOLDED
SOME_FIELDS = st.sampled_from([FIELDS, FIELDS, FIELDS, ("title",), ("lead",), ("body",), ("title", "body")])
WEIGHTS = st.sampled_from([1.0, 0.2, 2.0])
PREFIXES = st.builds(lambda term, length: term._replace(text=term.text[:length]), ANY_TERM, st.integers(1, 3))
TAGGED = (
    st.builds(Tagged, st.just("provinces"), st.frozensets(st.sampled_from(sorted(PROVINCES.values())), max_size=2)),
    st.builds(Tagged, st.just("topics"), st.frozensets(st.sampled_from((*TOPICS, "qqq")), max_size=2)),
    st.builds(Tagged, st.just("source"), st.frozensets(st.sampled_from(SOURCES), max_size=2)),
)


def published(*bounds: date | None) -> st.SearchStrategy[Published]:
    """Periods between any two of these."""
    return st.builds(Published, st.builds(Period, *[st.sampled_from(bounds)] * 2))


DAY_FILTERS = st.one_of(*TAGGED, published(None, date(2023, 2, 1), date(2023, 2, 7)))
MINUTES = [datetime(2023, 2, 7, *time, tzinfo=VIETNAM) for time in ((0, 0), (3, 0), (17, 0), (17, 1), (23, 59))]
FILTERS = st.one_of(*TAGGED, published(None, date(2023, 2, 1), date(2023, 2, 7), *MINUTES))
HAS = st.builds(Has, ANY_TERM, SOME_FIELDS, WEIGHTS, st.sampled_from([0.0, 0.1]))
INSTEAD = st.builds(Has, EXACT, SOME_FIELDS, instead=st.lists(HAS, min_size=1, max_size=3).map(tuple))
STARTS_WITH = st.builds(StartsWith, PREFIXES, SOME_FIELDS)
SIMILAR = st.builds(Fuzzy, ANY_TERM, st.integers(1, 2), SOME_FIELDS)


def phrases(terms: st.SearchStrategy[Term], slops: st.SearchStrategy[int]) -> st.SearchStrategy[InOrder]:
    """Two or three terms, often the same one twice."""
    several = st.lists(terms, min_size=2, max_size=3) | terms.map(lambda term: [term, term])
    return st.builds(InOrder, several.map(tuple), slops, SOME_FIELDS, WEIGHTS)


@st.composite
def togethers(draw: st.DrawFn) -> Together:
    """Two to four terms of any weights, some of them side by side; some are a question."""
    terms = draw(st.lists(ANY_TERM, min_size=2, max_size=4, unique=True))
    numbers = st.integers(0, len(terms) - 1)
    weights = draw(st.lists(WEIGHTS, min_size=len(terms), max_size=len(terms)))
    pairs = draw(st.lists(st.tuples(numbers, numbers), max_size=4, unique=True))
    shorts = st.tuples(EXACT, st.lists(numbers, min_size=1, max_size=2, unique=True).map(tuple))
    instead = draw(st.lists(shorts, max_size=1))
    return Together(tuple(terms), tuple(weights), tuple(pairs), draw(SOME_FIELDS), tuple(instead), draw(st.booleans()))


IN_ORDER = phrases(ANY_TERM, st.integers(0, 3))
# what Whoosh has too: its phrase stands in one field, so all its terms are of one view, and knows no slop like ours
STRICT = st.sampled_from([EXACT, FOLDED]).flatmap(lambda terms: phrases(terms, st.just(0)))


def some_of(*kinds: st.SearchStrategy[Any]) -> st.SearchStrategy[p.Node]:
    """Each kind as often as the next, however many kinds it is made of."""
    return st.sampled_from(kinds).flatmap(lambda kind: kind)


LEAVES = some_of(HAS, HAS, INSTEAD, STARTS_WITH, IN_ORDER, IN_ORDER, SIMILAR, FILTERS, togethers())
WHOOSH_LEAVES = some_of(HAS, HAS, STARTS_WITH, STRICT, DAY_FILTERS)  # it knows no minutes


def trees(leaves: st.SearchStrategy[p.Node]) -> st.SearchStrategy[p.Node]:
    """Nodes of nodes over these leaves; every second one is a leaf itself."""

    def deeper(nodes: st.SearchStrategy[p.Node]) -> st.SearchStrategy[p.Node]:
        some = st.lists(nodes, min_size=1, max_size=3).map(tuple)
        perhaps = st.lists(nodes, max_size=2).map(tuple)
        ranked = st.builds(Ranked, perhaps, perhaps, perhaps, perhaps)
        return st.builds(p.AllOf, some) | st.builds(p.AnyOf, some) | ranked

    return some_of(leaves, st.recursive(leaves, deeper, max_leaves=5))


SOME_HAS = st.lists(some_of(HAS, HAS, INSTEAD), min_size=1, max_size=4).map(tuple)
WORDS_TOGETHER = st.builds(
    Ranked,
    should=SOME_HAS,
    boosts=st.lists(some_of(togethers(), togethers(), IN_ORDER), min_size=1, max_size=2).map(tuple),
)
TREES = some_of(trees(LEAVES), trees(LEAVES), WORDS_TOGETHER)
SEVERAL = st.lists(TREES, min_size=4, max_size=8)
EVERYTHING_OR_TREES = st.lists(some_of(st.none(), TREES, TREES), min_size=2, max_size=4)


# -- what a plan finds ---------------------------------------------------------------------------------

DAN, VAN, HOI = (Term(text, True) for text in ("dân", "vận", "hội"))


def answer(node: p.Node, *articles: Article) -> dict[str, float]:
    """id -> score of what a node finds in an index of these articles."""
    with written([Commit(list(articles), False)]) as index:
        engine = index._fresh()
        return dict(page(engine, run(engine, node)))
