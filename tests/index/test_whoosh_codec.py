"""Whoosh's own queries over our segments: the same documents, orders and scores as over Whoosh's own."""

import os
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from whoosh import query as wq
from whoosh.filedb.filestore import RamStorage
from whoosh.qparser import QueryParser
from whoosh.scoring import BM25F, Frequency
from whoosh.sorting import FieldFacet

from vnsearch import Article, Index, IndexProblemError
from vnsearch.index import merge
from vnsearch.index.article_json import dump
from vnsearch.index.whoosh_codec import schema
from vnsearch.text.tokenize import folded_term, tokenize
from vnsearch.vietnam.provinces import slug_or_name

TEXTS = ("title", "lead", "body")
FIELDS = [name + view for name in TEXTS for view in ("", "_folded")]
PLAIN = [*"dân dẫn đàn dan vận văn van hội hồi hoi hoà nghị quyết tỉnh uỷ".split(), *(f"tin{n}" for n in range(20))]
COMPOUNDS = ["25-NQ/TW", "TP.HCM", "7/2/2023", "e-mail", "4.600", "ngày 7 tháng 2", "dân, vận.", "…"]
# a byte of Whoosh's holds these lengths as they are; others, it rounds
WHOLE_LENGTHS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 16, 17, 18, 20, 21, 23, 25]


@dataclass(frozen=True)
class Pair:
    """The same commits in both, segment by segment: searchers over our arrays and over Whoosh's own files."""

    index: Index
    ours: Any
    stock: Any

    def ids(self, query: Any, **options: Any) -> tuple[list[str], list[str]]:
        """What each finds, in order."""
        options = {"limit": None, **options}
        ours, stock = (searcher.search(query, **options) for searcher in (self.ours, self.stock))
        return [hit["id"] for hit in ours], [hit["id"] for hit in stock]


def make_articles(words: list[str], chance: random.Random) -> list[Article]:
    """80 of them; some without title, lead or body, without day, province or source."""

    def text(most: int) -> str:
        lengths = [length for length in WHOLE_LENGTHS if length <= most]
        return " ".join(chance.choices(words, k=chance.choice(lengths))) if chance.random() < 0.9 else ""

    return [
        Article(
            id=str(number),
            title=(title := text(6)),
            lead=text(10),
            body=text(25) or ("" if title else "dân"),
            published=chance.choice([None, date.fromordinal(738_000 + chance.randrange(40))]),
            provinces=tuple(chance.sample(["Lạng Sơn", "Huế", "Nơi Lạ"], chance.randrange(3))),
            topics=tuple(chance.sample(["dan-van", "kinh-te"], chance.randrange(3))),
            source=chance.choice(["", "a.vn", "b.vn"]),
        )
        for number in range(80)
    ]


def add_to_stock(writer: Any, article: Article) -> None:
    columns = {"provinces": map(slug_or_name, article.provinces), "topics": article.topics, "source": [article.source]}
    tags = {column: joined for column, values in columns.items() if (joined := ",".join(values))}
    texts = {field: getattr(article, field.removesuffix("_folded")) for field in FIELDS}
    day = {"day": article.day.toordinal()} if article.day else {}
    writer.update_document(id=article.id, article=dump(article), **texts, **tags, **day)


@pytest.fixture(scope="module", params=["words", "words and compounds"])
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Five segments; in all but the last some articles were deleted or replaced later."""
    chance = random.Random(7)
    words = PLAIN if request.param == "words" else PLAIN + COMPOUNDS
    articles = make_articles(words, chance)
    index = Index.create(tmp_path_factory.mktemp("codec") / "index")
    stock = RamStorage().create_index(schema())
    commits: list[tuple[list[Article], list[str]]] = [(articles[at : at + 20], []) for at in range(0, 80, 20)]
    commits.append((make_articles(words, chance)[5:70:13], ["0", "1", "19", "25", "77"]))
    with mock.patch.object(os, "fsync"), mock.patch.object(merge, "SMALL", 0):
        for added, deleted in commits:
            theirs = stock.writer()
            with index.writer() as ours:
                for id in deleted:
                    ours.delete(id)
                    theirs.delete_by_term("id", id)
                for article in added:
                    ours.add(article)
                    add_to_stock(theirs, article)
            theirs.commit(merge=False)
    assert index.stats()["segments"] == len(commits)
    with index.whoosh.searcher() as ours, stock.searcher() as theirs:
        yield Pair(index, ours, theirs)


def in_all(make: Any, fields: Iterable[str] = FIELDS) -> list[Any]:
    """A query in each of the fields."""
    return [make(field) for field in fields]


DAN, VAN = wq.Term("body", "dân"), wq.Term("body_folded", "van")
QUERIES: dict[str, list[Any]] = {
    "Term": [
        *(wq.Term(name, word) for name in TEXTS for word in (*PLAIN[:17], "qqq")),
        *(wq.Term(f"{name}_folded", folded_term(word)) for name in TEXTS for word in (*PLAIN[:17], "qqq")),
        *in_all(lambda field: wq.Term(field, "25-nq/tw")),
        *(wq.Term("topics", topic) for topic in ("dan-van", "kinh-te", "dan")),
        *(wq.Term("provinces", slug) for slug in ("lang-son", "hue", "Nơi Lạ")),
        *(wq.Term("source", source) for source in ("a.vn", "b.vn")),
        *(wq.Term("id", id) for id in ("0", "5", "18", "44", "qqq")),
        *(wq.Term("day", day) for day in range(738_000, 738_040)),
    ],
    "And": [
        wq.And([DAN, VAN]),
        wq.And([DAN, wq.Term("topics", "dan-van"), wq.Term("source", "a.vn")]),
        wq.And([DAN, wq.Term("body", "qqq")]),
        wq.And([wq.Or([DAN, VAN]), wq.Term("title_folded", "hoi")]),
    ],
    "Or": [
        wq.Or([DAN, VAN]),
        wq.Or(in_all(lambda field: wq.Term(field, "van"))),
        wq.Or([wq.And([DAN, VAN]), wq.Phrase("title", ["hội", "nghị"]), wq.Term("id", "44")]),
        wq.DisjunctionMax([DAN, VAN, wq.Term("title", "dân")]),
        wq.AndMaybe(DAN, VAN),
    ],
    "Not": [
        wq.Not(DAN),
        wq.And([VAN, wq.Not(DAN)]),
        wq.AndNot(VAN, wq.Or([DAN, wq.Term("source", "a.vn")])),
        wq.And([wq.Every(), wq.Not(wq.Term("provinces", "lang-son"))]),
    ],
    "Phrase": [
        *(wq.Phrase("body", [a, b]) for a in PLAIN[:15] for b in PLAIN[:5]),
        *(wq.Phrase(field, ["dan", "van"]) for field in FIELDS),
        *(wq.Phrase("body_folded", ["dan", "van"], slop=slop) for slop in (2, 3, 5)),
        *(wq.Phrase("body_folded", [a, "hoi", b]) for a in ("dan", "van") for b in ("dan", "van")),
        wq.Phrase("body", ["25-nq/tw", "nq", "tw"]),
        wq.Phrase("body", ["25", "nq", "tw"]),
        wq.Phrase("body", ["dân", "qqq"]),
    ],
    "Prefix": [
        *in_all(lambda field: wq.Prefix(field, "h")),
        *in_all(lambda field: wq.Prefix(field, "tin1")),
        *in_all(lambda field: wq.Prefix(field, "đ")),
        *in_all(lambda field: wq.Prefix(field, "qqq")),
        wq.Prefix("id", "4"), wq.Prefix("topics", "dan"), wq.Prefix("body", "25-"),
    ],
    "Wildcard": [
        *in_all(lambda field: wq.Wildcard(field, "v?n")),
        wq.Wildcard("body", "*i"), wq.Wildcard("title_folded", "d*n"),
        wq.Wildcard("source", "?.vn"), wq.Regex("body_folded", "[dv]an"),
    ],
    "FuzzyTerm": [
        wq.FuzzyTerm(field, text, maxdist=edits, prefixlength=prefix)
        for field, text in [("title", "dân"), ("body_folded", "van"), ("lead_folded", "hoii")]
        for edits, prefix in [(1, 0), (1, 1), (2, 1)]
    ],
    "NumericRange": [
        *(wq.NumericRange("day", 738_010, until) for until in (738_009, 738_010, 738_020, None)),
        wq.NumericRange("day", None, 738_020), wq.NumericRange("day", 738_010, 738_020, startexcl=True, endexcl=True),
        wq.And([DAN, wq.NumericRange("day", 738_005, 738_030)]),
    ],
    "TermRange": [
        *in_all(lambda field: wq.TermRange(field, "d", "h"), ["title", "body_folded"]),
        *in_all(lambda field: wq.TermRange(field, "dan", "van", startexcl=True, endexcl=True), ["lead", "body_folded"]),
        wq.TermRange("title", "v", None), wq.TermRange("title_folded", None, "tin"),
        wq.TermRange("id", "1", "3"), wq.TermRange("source", "a", "a.zz"),
    ],
    "Every": [wq.Every()],
    "Every in a column": [wq.Every(field) for field in ("day", "topics", "provinces", "source", "id")],
    "Every in a text": in_all(wq.Every),
}  # fmt: skip


# -- documents -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", QUERIES)
def test_queries_find_what_they_find_in_stock_whoosh(pair: Pair, kind: str) -> None:
    """In several segments, without the deleted documents, and each kind finds something."""
    found = 0
    for query in QUERIES[kind]:
        ours, stock = pair.ids(query)
        assert sorted(ours) == sorted(stock), query
        found += len(ours)
    assert found
    numbers = pair.ours.docs_for_query(query)
    assert sorted(pair.ours.stored_fields(number)["id"] for number in numbers) == sorted(stock)


@pytest.mark.parametrize(
    "text",
    ["dân vận", "title:dân OR lead_folded:van", "van* NOT tin1", "d*n", "topics:dan-van -dân", "[d TO h]",
     "day:[738010 TO 738020]"],
)  # fmt: skip
def test_whooshs_own_query_language_works(pair: Pair, text: str) -> None:
    """Its parser reads the schema, and breaks words as the index did."""
    ours, stock = pair.ids(QueryParser("body", pair.index.whoosh.schema).parse(text))
    assert sorted(ours) == sorted(stock)
    assert ours


def test_a_quoted_phrase_in_whooshs_query_language(pair: Pair) -> None:
    """What stands in quotes is broken as the text was: the first words of an article find it."""
    parser = QueryParser("body", pair.index.whoosh.schema)
    for article in list(pair.index)[:20]:
        words = article.body.split()[:2]
        if len(words) == 2 and set(words) < set(PLAIN):  # a compound and its parts stand at one place, not in a row
            ours, stock = pair.ids(parser.parse(f'"{words[0]} {words[1]}"'))
            assert sorted(ours) == sorted(stock)
            assert article.id in ours


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("query", [wq.Every(), DAN, wq.Or([DAN, VAN])], ids=str)
def test_sorting_by_day(pair: Pair, query: Any, reverse: bool) -> None:
    """As Whoosh sorts: documents without a day count as day 0, equal days stand in order of document."""
    for limit in (None, 10):
        ours, stock = pair.ids(query, sortedby=FieldFacet("day", reverse=reverse), limit=limit)
        assert ours == stock
        assert ours


def test_stored_fields(pair: Pair) -> None:
    """The id and the whole article, of every document that is not deleted."""
    numbers = list(pair.ours.reader().all_doc_ids())
    assert numbers == list(pair.stock.reader().all_doc_ids())
    for number in numbers:
        assert pair.ours.stored_fields(number) == pair.stock.stored_fields(number)
    documents = [fields["article"] for fields in pair.ours.reader().all_stored_fields()]
    assert sorted(documents) == sorted(map(dump, pair.index))


def test_counts(pair: Pair) -> None:
    """Documents with and without the deleted ones; readers and index agree."""
    ours, stock = pair.ours.reader(), pair.stock.reader()
    whoosh = pair.index.whoosh
    assert ours.doc_count_all() == stock.doc_count_all() == whoosh.doc_count_all() == 85
    assert ours.doc_count() == stock.doc_count() == whoosh.doc_count() == len(pair.index) == 75
    assert ours.has_deletions()
    deleted = [number for number in range(85) if ours.is_deleted(number)]
    assert deleted == [number for number in range(85) if stock.is_deleted(number)]
    assert not whoosh.is_empty()


# -- postings and scores -------------------------------------------------------------------------------


def postings(reader: Any, field: str, text: bytes) -> list[tuple[int, float, list[int]]]:
    """(document, how often, positions) of a term."""
    matcher, found = reader.postings(field, text), []
    while matcher.is_active():
        found.append((matcher.id(), matcher.weight(), matcher.value_as("positions")))
        matcher.next()
    return found


@pytest.mark.parametrize("field", FIELDS)
def test_postings_are_stock_whooshs(pair: Pair, field: str) -> None:
    """Documents, frequencies and positions of every term of a field; document frequencies, deleted ones included."""
    ours, stock = pair.ours.reader(), pair.stock.reader()
    for text in stock.lexicon(field):
        assert postings(ours, field, text) == postings(stock, field, text), text
        assert ours.doc_frequency(field, text) == stock.doc_frequency(field, text)
        assert ours.frequency(field, text) == stock.frequency(field, text)
    assert ours.doc_frequency(field, "qqq") == ours.frequency(field, "qqq") == 0
    assert (field, "qqq") not in ours


def test_a_field_lists_its_own_words(tmp_path: Path) -> None:
    """Words of the body are none of the title's, in its dictionary or for a query that expands to all of it."""
    index = Index.create(tmp_path / "index")
    with index.writer() as writer:
        writer.add(Article(id="1", title="dân", body="vận"))
        writer.add(Article(id="2", title="", body="hội"))
    with index.whoosh.searcher() as searcher:
        assert list(searcher.reader().field_terms("title")) == ["dân"]
        assert list(searcher.reader().field_terms("body_folded")) == ["hoi", "van"]
        assert [hit["id"] for hit in searcher.search(wq.Every("title"))] == ["1"]


def test_not_at_the_end_of_a_segment(tmp_path: Path) -> None:
    """NOT looks one document beyond the last."""
    index = Index.create(tmp_path / "index")
    with index.writer() as writer:
        writer.add(Article(id="1", title="dân", body=""))
        writer.add(Article(id="2", title="vận", body=""))
    with index.whoosh.searcher() as searcher:
        assert [hit["id"] for hit in searcher.search(wq.Not(wq.Term("title", "vận")))] == ["1"]
        assert [hit["id"] for hit in searcher.search(wq.Not(wq.Term("title", "qqq")))] == ["1", "2"]


def test_positions_of_a_term_in_the_title(pair: Pair) -> None:
    """They are counted from the title's own first token, as `tokenize` counts them."""
    found = {
        pair.ours.stored_fields(number)["id"]: positions
        for number, _, positions in postings(pair.ours.reader(), "title", "dân".encode())
    }
    expected = {
        article.id: places
        for article in pair.index
        if (places := [token.position for token in tokenize(article.title) if token.term == "dân"])
    }
    assert found == expected
    assert any(places[0] for places in found.values())


WEIGHTINGS = {"BM25F": BM25F(), "BM25F by field": BM25F(B=0.3, K1=2.0, title_B=1.0), "Frequency": Frequency()}
SCORED = [
    wq.Term("title", "dân"),
    wq.Or([DAN, VAN]),
    wq.Or([*in_all(lambda field: wq.Term(field, "van")), wq.Term("body", "tin3")]),
    wq.And([DAN, VAN]),
    wq.And([VAN, wq.Not(DAN)]),
    wq.Or([wq.Term("body", "dân", boost=2.0), wq.Term("lead", "hội"), wq.Term("topics", "dan-van")]),
    wq.AndMaybe(VAN, wq.Term("title", "hội")),
    wq.DisjunctionMax([DAN, VAN]),
    wq.Phrase("body_folded", ["dan", "van"]),
    wq.Prefix("body", "tin1"),
    wq.Wildcard("body", "v?n"),
]


@pytest.mark.parametrize("query", SCORED, ids=str)
@pytest.mark.parametrize("weighting", WEIGHTINGS.values(), ids=WEIGHTINGS)
@pytest.mark.parametrize("pair", ["words"], indirect=True)
def test_the_top_ten_score_as_in_stock_whoosh(pair: Pair, query: Any, weighting: Any) -> None:
    """To the last digits, and in the same order.

    The fields' lengths here are among those that Whoosh's one byte holds as they are, and no token is
    a compound (Whoosh's length counts it and its parts, ours the positions): so nothing is rounded.
    """
    best = []
    for searcher in (pair.ours, pair.stock):
        with mock.patch.object(searcher, "weighting", weighting):
            found = searcher.search(query, limit=10)
            best.append([(hit["id"], hit.score) for hit in found])
    ours, stock = best
    assert [id for id, _ in ours] == [id for id, _ in stock]
    assert [score for _, score in ours] == pytest.approx([score for _, score in stock], rel=1e-9)
    assert len(ours) >= 3


# -- what it is not ------------------------------------------------------------------------------------


def test_whoosh_cannot_write(pair: Pair) -> None:
    """It says who can."""
    with pytest.raises(IndexProblemError, match=r"vnsearch\.Index\.writer"):
        pair.index.whoosh.writer()
    with pytest.raises(IndexProblemError, match="for reading"):
        pair.index.whoosh.delete_by_term("id", "5")


def test_an_empty_index_has_a_searcher(tmp_path: Path) -> None:
    """That finds nothing."""
    index = Index.create(tmp_path / "index")
    assert index.whoosh.is_empty()
    with index.whoosh.searcher() as searcher:
        assert len(searcher.search(wq.Every())) == 0
        assert len(searcher.search(wq.Term("title", "dân"))) == 0


def test_a_new_searcher_sees_the_newest_commit(tmp_path: Path) -> None:
    """One that is open keeps what it has."""
    index = Index.create(tmp_path / "index")
    whoosh = index.whoosh
    with index.writer() as writer:
        writer.add(Article(id="1", title="dân", body=""))
    with whoosh.searcher() as before:
        generation = whoosh.latest_generation()
        with index.writer() as writer:
            writer.delete("1")
            writer.add(Article(id="2", title="dân", body=""))
        index.optimize()
        assert [hit["id"] for hit in before.search(wq.Term("title", "dân"))] == ["1"]
        assert not before.up_to_date()
        assert whoosh.latest_generation() > generation
        with before.refresh() as after:
            assert [hit["id"] for hit in after.search(wq.Term("title", "dân"))] == ["2"]
