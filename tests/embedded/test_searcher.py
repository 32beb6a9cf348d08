"""The engine against an oracle in plain Python and against stock Whoosh: matches, scores, order, pages, facets.

hypothesis writes small corpora in several commits, with articles replaced and deleted, and searches them
with plan trees of its own, so that every node meets every other one, whatever the query language can say.
"""

import math
import os
import random
import re
import tempfile
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias
from unittest import mock

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from whoosh import query as wq
from whoosh.filedb.filestore import RamStorage

from vnsearch import Article, Index
from vnsearch.article import VIETNAM
from vnsearch.embedded import searcher
from vnsearch.embedded.facets import count_facet
from vnsearch.embedded.searcher import Engine, Found
from vnsearch.index import layout, merge_policy
from vnsearch.index import writer as writing
from vnsearch.index.article_json import dump, load
from vnsearch.index.whoosh_codec import schema
from vnsearch.query import plan as p
from vnsearch.query.periods import Period
from vnsearch.query.plan import Has, InOrder, Plan, Published, Ranked, Similar, StartsWith, Tagged, Term, Together
from vnsearch.query.planner import FACETS, SORTS
from vnsearch.ranking import matching
from vnsearch.ranking.bm25f import K1, W_LEAD, W_TITLE, B
from vnsearch.ranking.proximity import CLOSE, CLOSE_WINDOW, COVER, EARLY, FIRST, NEAR, PAIR, TITLE, WINDOW
from vnsearch.ranking.spellings import LEAST, PRIOR
from vnsearch.text.tokenize import folded_term, tokenize

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
        mock.patch.object(merge_policy, "SMALL", 0),  # several segments
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
SIMILAR = st.builds(Similar, ANY_TERM, st.integers(1, 2), SOME_FIELDS)


def phrases(terms: st.SearchStrategy[Term], slops: st.SearchStrategy[int]) -> st.SearchStrategy[InOrder]:
    """Two or three terms, often the same one twice."""
    several = st.lists(terms, min_size=2, max_size=3) | terms.map(lambda term: [term, term])
    return st.builds(InOrder, several.map(tuple), slops, SOME_FIELDS, WEIGHTS)


@st.composite
def togethers(draw: st.DrawFn) -> Together:
    """Two to four terms of any weights, some of them side by side."""
    terms = draw(st.lists(ANY_TERM, min_size=2, max_size=4, unique=True))
    numbers = st.integers(0, len(terms) - 1)
    weights = draw(st.lists(WEIGHTS, min_size=len(terms), max_size=len(terms)))
    pairs = draw(st.lists(st.tuples(numbers, numbers), max_size=4, unique=True))
    shorts = st.tuples(EXACT, st.lists(numbers, min_size=1, max_size=2, unique=True).map(tuple))
    instead = draw(st.lists(shorts, max_size=1))
    return Together(tuple(terms), tuple(weights), tuple(pairs), draw(SOME_FIELDS), tuple(instead))


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
        return st.builds(p.All, some) | st.builds(p.Any, some) | ranked

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


# -- the oracle ----------------------------------------------------------------------------------------

Accepts: TypeAlias = Callable[[str], bool]  # which terms of the index count as one


@cache
def distance(a: str, b: str) -> int:
    """Levenshtein's, straight from its definition."""
    if not a or not b:
        return len(a) + len(b)
    return min(distance(a[1:], b) + 1, distance(a, b[1:]) + 1, distance(a[1:], b[1:]) + (a[0] != b[0]))


@cache
def accepts(node: "Term | Has | StartsWith | Similar", folded: bool = False) -> Accepts:
    """Whether a term of the index is one of those that the node stands for."""
    match node:
        case Term(text, exact):
            view: Callable[[str], str] = str if exact and not folded else folded_term
            return lambda term: view(term) == view(text)
        case Has(term):
            return accepts(term, folded)
        case StartsWith(Term(text, exact)):
            view = str if exact else folded_term
            return lambda term: view(term).startswith(view(text))
        case Similar(Term(text, exact), edits):
            view = str if exact else folded_term
            return lambda term: view(term)[0] == view(text)[0] and distance(view(term), view(text)) <= edits


class Document:
    """An article as the oracle sees it: the positions of every term in every field, counted from the field's first."""

    def __init__(self, article: Article, live: bool = True) -> None:
        self.article, self.live, self.width = article, live, 0
        self.starts: dict[str, int] = {}  # where each field begins in the stream of all; a gap lies between two
        self.places: dict[str, dict[str, list[int]]] = defaultdict(lambda: {field: [] for field in FIELDS})
        for field in FIELDS:
            tokens = tokenize(getattr(article, field))
            self.starts[field] = self.width + len(self.starts)
            self.width += max((token.position + token.width for token in tokens), default=0)
            for token in tokens:
                self.places[token.term][field].append(token.position)

    def has(self, group: Accepts) -> bool:
        return any(map(group, self.places))

    def frequency(self, group: Accepts, fields: p.Fields) -> float:
        """BM25F's weighted count over the whole article; within some fields a plain count."""
        total = 0.0
        for places in (places for term, places in self.places.items() if group(term)):
            count: float = sum(len(places[field]) for field in fields)
            if fields == FIELDS:
                count += (W_TITLE - 1) * min(len(places["title"]), 3) + (W_LEAD - 1) * bool(places["lead"])
            total += count
        return total

    def phrases(self, node: InOrder) -> int:
        """How many places of the first term the others follow in one field, at most `slop` positions between."""
        groups = [accepts(term) for term in node.terms]
        found = 0
        for field in node.fields:
            slots = [{at for t, places in self.places.items() if g(t) for at in places[field]} for g in groups]
            for start in slots[0]:
                ends = {start}
                for slot in slots[1:]:
                    ends = {at for at in slot if any(end < at for end in ends)}
                found += any(end - start <= len(groups) - 1 + node.slop for end in ends)
        return found

    def positions(self, group: Accepts, fields: p.Fields) -> list[int]:
        """Where a group occurs in the stream of all fields, ascending."""
        found = [places for term, places in self.places.items() if group(term)]
        return sorted(self.starts[field] + at for places in found for field in fields for at in places[field])


class Oracle:
    """Every document of every segment, deleted ones too, in plain Python."""

    def __init__(self, documents: list[Document]) -> None:
        self.documents = documents
        self.live = [document for document in documents if document.live]
        self._idf: dict[Accepts, float] = {}
        self.mean = max(sum(document.width for document in documents) / max(len(documents), 1), 1.0)

    @classmethod
    def of(cls, engine: Engine) -> "Oracle":
        """From the articles that the segments store; what was inverted is not looked at."""
        snapshot = engine.snapshot
        pairs = zip(snapshot.segments, snapshot.deleted, strict=True)
        return cls([Document(load(s.stored(n)), not gone[n]) for s, gone in pairs for n in range(s.documents)])

    def idf(self, group: Accepts) -> float:
        if group not in self._idf:
            df = sum(document.has(group) for document in self.documents)
            self._idf[group] = math.log(1 + (len(self.documents) - df + 0.5) / (df + 0.5))
        return self._idf[group]

    def saturated(self, frequency: float, document: Document) -> float:
        return (K1 + 1) * frequency / (frequency + K1 * (1 - B + B * document.width / self.mean))

    def found(self, node: p.Node | None, filters: Iterable[p.Node] = ()) -> list[Document]:
        """The live documents that match."""
        nodes = [*filters, *([] if node is None else [node])]
        return [document for document in self.live if all(self.matches(node, document) for node in nodes)]

    def matches(self, node: p.Node, document: Document) -> bool:
        article = document.article
        match node:
            case Has(_, fields, _, others):
                groups = [accepts(node)] + [accepts(node, folded=True)] * bool(others)
                return any(document.frequency(group, fields) > 0 for group in groups)
            case StartsWith(_, fields) | Similar(_, _, fields):
                return document.frequency(accepts(node), fields) > 0
            case InOrder():
                return document.phrases(node) > 0
            case Together():
                return False
            case Tagged(column, values):
                return not values.isdisjoint(tags(article)[column])
            case Published(period):
                time = shown(article)
                begin, end = ("" if bound is None else shown_bound(bound) for bound in period)
                return bool(time) and begin <= time and (not end or time[: len(end)] <= end)
            case p.All(nodes):
                return all(self.matches(child, document) for child in nodes)
            case p.Any(nodes):
                return any(self.matches(child, document) for child in nodes)
            case Ranked(must, should, without, _):
                if any(self.matches(child, document) for child in without):
                    return False
                if must:
                    return all(self.matches(child, document) for child in must)
                return not should or any(self.matches(child, document) for child in should)
            case _:
                raise AssertionError(f"{node} is settled before it is matched")

    def score(self, node: p.Node, document: Document) -> float:
        """0 where the node does not match; else what its kind says."""
        if not self.matches(node, document):
            return 0.0
        match node:
            case Has(instead=words) if words:
                own_idf, idf = self.idf(accepts(node)), sum(w.weight * self.idf(accepts(w)) for w in words)
                score = self.score(Has(node.term, node.fields, node.weight), document) * idf / own_idf
                return max(0.0, score - sum(self.score(word, document) for word in words))
            case Has(_, fields, weight, others):
                own, every = accepts(node), accepts(node, folded=True)
                score = self.group_score(own, document, fields)
                if score or not others:
                    return weight * score
                if fields != FIELDS:
                    return weight * others * self.group_score(every, document, fields)
                share = np.float32(others * self.idf(every) / self.idf(own))
                impact = math.ceil(self.impact(document.frequency(every, fields), document) * share)
                return weight * self.idf(own) * (K1 + 1) * impact / 255
            case StartsWith(_, fields) | Similar(_, _, fields):
                return self.group_score(accepts(node), document, fields)
            case InOrder(terms, _, _, weight):  # as often as it occurs, as rare as its rarest term
                rarest = max(self.idf(accepts(term)) for term in terms)
                return weight * rarest * self.saturated(document.phrases(node), document)
            case p.All(nodes) | p.Any(nodes):
                return sum(self.score(child, document) for child in nodes)
            case Ranked(must, should, _, boosts):
                return sum(self.score(child, document) for child in (*must, *should, *boosts))
            case _:
                return 0.0

    def scores(self, node: p.Node | None, found: list[Document]) -> list[float]:
        """Of all that a query finds: how its words stand together counts for the whole query only."""
        total = [0.0 if node is None else self.score(node, document) for document in found]
        for boost in node.boosts if isinstance(node, Ranked) else ():
            if isinstance(boost, Together):
                total = [a + b for a, b in zip(total, self.together(boost, found), strict=True)]
        return total

    def together(self, node: Together, found: list[Document]) -> list[float]:
        """The formula of `ranking.proximity`, in its own order: pairs, windows, early words, the title, all words."""
        idfs, read = self.read(node, found)
        unscaled = [weight * idf for weight, idf in zip(node.weights, idfs, strict=True)]
        whole = sum(w * self.idf(accepts(term)) for w, term in zip(node.weights, node.terms, strict=True))
        worth = [each * whole / sum(unscaled) for each in unscaled]
        stand = [  # an abbreviation that is a spelling of the word itself is dropped where that is
            [*kept, *(accepts(s) for s, ws in node.instead if n in ws and not accepts(node.terms[n])(s.text))]
            for n, kept in enumerate(read)
        ]
        places = [
            [sorted({at for group in some for at in document.positions(group, node.fields)}) for some in stand]
            for document in found
        ]
        beside = [[sum(at + 1 in each[b] for at in each[a]) for a, b in node.pairs] for each in places]
        info = []
        for number, pair in enumerate(node.pairs):
            rarer = max(pair, key=lambda n: round(idfs[n], 6))
            having, paired = sum(bool(each[rarer]) for each in places), sum(counts[number] > 0 for counts in beside)
            info.append(-math.log(min(1, (paired + 0.5) / (having + 0.5))))

        def within(each: list[list[int]], first: int, behind: int) -> float:
            return sum(w for w, own in zip(worth, each, strict=True) if any(first <= at < behind for at in own))

        total = []
        for document, each, counts in zip(found, places, beside, strict=True):
            pairs = sum(i * self.saturated(n, document) for i, n in zip(info, counts, strict=True))
            near, close = (
                max((within(each, at, at + width) for own in each for at in own), default=0.0)
                for width in (WINDOW, CLOSE_WINDOW)
            )
            early, title = within(each, 0, FIRST), within(each, 0, document.starts["lead"] - 1)
            cover = sum(w for w, own in zip(worth, each, strict=True) if own)
            total.append(PAIR * pairs + NEAR * near + CLOSE * close + EARLY * early + TITLE * title + COVER * cover)
        return total

    def read(self, node: Together, found: list[Document]) -> tuple[list[float], list[list[Accepts]]]:
        """The formula of `ranking.spellings`: for each term its idf, and the spellings that it is taken to have."""
        shorts = [[accepts(s) for s, words in node.instead if n in words] for n in range(len(node.terms))]

        def places(document: Document, accepted: list[Accepts]) -> set[int]:
            return {at for group in accepted for at in document.positions(group, node.fields)}

        def beside(spelling: Accepts, others: list[int], away: int) -> int:
            return sum(
                any(
                    at + away in places(document, [accepts(node.terms[o]), *shorts[o]])
                    for at in document.positions(spelling, node.fields)
                    for o in others
                )
                for document in found
            )

        idfs = [self.idf(accepts(term)) for term in node.terms]
        kept = [[accepts(term)] for term in node.terms]
        for n, term in enumerate(node.terms):
            names = sorted({name for document in self.documents for name in document.places if kept[n][0](name)})
            behind = [second for first, second in node.pairs if first == n]
            before = [first for first, second in node.pairs if second == n]
            if term.exact or len(names) < 2 or not (behind or before):
                continue
            spellings = [accepts(Term(name, True)) for name in names]
            number = [sum(bool(d.positions(spelling, node.fields)) for d in found) for spelling in spellings]
            evidence = [
                math.prod(
                    beside(spelling, others, away) + PRIOR * count / sum(number)
                    for others, away in ((behind, 1), (before, -1))
                    if others
                )
                / math.sqrt(count)
                if count
                else 0.0
                for spelling, count in zip(spellings, number, strict=True)
            ]
            if any(evidence):
                chances = [e / sum(evidence) for e in evidence]
                idfs[n] = sum(c * self.idf(spelling) for c, spelling in zip(chances, spellings, strict=True))
                kept[n] = [s for s, e in zip(spellings, evidence, strict=True) if e >= LEAST * max(evidence)]
        return idfs, kept

    def group_score(self, group: Accepts, document: Document, fields: p.Fields) -> float:
        """In all fields by steps of 1/255, within some exactly."""
        frequency = document.frequency(group, fields)
        if not frequency:
            return 0.0
        if fields == FIELDS:
            return self.idf(group) * (K1 + 1) * self.impact(frequency, document) / 255
        return self.idf(group) * self.saturated(frequency, document)

    def impact(self, frequency: float, document: Document) -> int:
        """In the precision of the engine: which step is the next above must not depend on the last bit."""
        tf = np.float32(round(10 * frequency)) / np.float32(10)
        norm = np.float32(K1 * (1 - B + B * document.width / self.mean))
        return math.ceil(tf / (tf + norm) * np.float32(255))


def tags(article: Article) -> dict[str, list[str]]:
    """The values of an article in the filter columns, each once."""
    slugs = (PROVINCES["Lạng Sơn"] if name == "lang son" else PROVINCES[name] for name in article.provinces)
    source = [article.source] if article.source else []
    return {"provinces": sorted(set(slugs)), "topics": sorted(set(article.topics)), "source": source}


def shown_bound(time: date) -> str:
    """2023-02-07T17:05 in Viet Nam, or 2023-02-07: what begins so is within it."""
    return time.astimezone(VIETNAM).isoformat()[:16] if isinstance(time, datetime) else time.isoformat()


def shown(article: Article) -> str:
    """When it was published, a day as its first minute; "" for no date."""
    text = shown_bound(article.published) if article.published is not None else ""
    return f"{text}T00:00" if len(text) == len("2023-02-07") else text


def by_time(article: Article, sort: str) -> tuple[int, ...]:
    """A key for the order of minutes: the newest first, or the oldest; those without one last."""
    numbers = tuple(map(int, re.findall(r"\d+", shown(article)))) or (10_000,)
    return numbers if sort == "oldest" or numbers == (10_000,) else tuple(-number for number in numbers)


examples = settings(deadline=None, suppress_health_check=list(HealthCheck))


# -- a, b: against the oracle --------------------------------------------------------------------------


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


# -- c: against stock Whoosh ---------------------------------------------------------------------------


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
        case p.All(nodes):
            return wq.And([translated(child) for child in nodes])
        case p.Any(nodes):
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


# -- d: segments ---------------------------------------------------------------------------------------


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


# -- e: order, pages, facets ---------------------------------------------------------------------------


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


@cache
def best(oracle: Oracle, node: p.Node, filters: tuple[p.Node, ...] = ()) -> list[float]:
    """The scores of all matches, the greatest first."""
    return sorted(oracle.scores(node, oracle.found(node, filters)), reverse=True)


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


# -- single facts --------------------------------------------------------------------------------------

DAN, VAN, HOI = (Term(text, True) for text in ("dân", "vận", "hội"))


def answer(node: p.Node, *articles: Article) -> dict[str, float]:
    """id -> score of what a node finds in an index of these articles."""
    with written([Commit(list(articles), False)]) as index:
        engine = index._fresh()
        return dict(page(engine, run(engine, node)))


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
    both_or_one = answer(p.Any((p.All((Has(DAN), Has(VAN))), Has(HOI))), *articles)
    assert both_or_one["1"] == both_or_one["2"]
    ranked = answer(p.Any((Ranked(should=(Has(DAN),), without=(Has(HOI),)), Has(HOI))), *articles)
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
