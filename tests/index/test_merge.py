"""Merging segments is inverting what is left of them at once, and merges keep the segments few."""

import os
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vnsearch import Article, Index
from vnsearch.arrays import Array
from vnsearch.index import layout
from vnsearch.index import merge as merging
from vnsearch.index.article_json import dump
from vnsearch.index.inverter import Inverter
from vnsearch.index.merge import merge
from vnsearch.index.segment_reader import Segment

WORDS = ["dân", "dẫn", "dan", "vận", "văn", "hội", "hồi", "hoi", "nghị", "25-NQ/TW", "TP.HCM", "7/2/2023", "dân vận"]
TEXTS = st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)


@st.composite
def articles(draw: st.DrawFn) -> Article:
    title, body = draw(TEXTS), draw(TEXTS)
    return Article(
        id=draw(st.text("ab1đ", min_size=1, max_size=3)),
        title=title if title or body else "văn",
        lead=draw(TEXTS),
        body=body,
        published=draw(st.sampled_from([None, date(2023, 2, 7), date(2024, 1, 1)])),
        provinces=draw(st.lists(st.sampled_from(["Lạng Sơn", "Huế", "Nơi Lạ"]), max_size=2).map(tuple)),
        topics=draw(st.lists(st.sampled_from(["dan-van", "kinh-te"]), max_size=2).map(tuple)),
        source=draw(st.sampled_from(["", "a.vn", "b.vn"])),
    )


def inverted(articles: list[Article], path: Path) -> Segment:
    """A segment made of the articles at once."""
    inverter = Inverter()
    for article in articles:
        inverter.add(dump(article))
    inverter.write(path, sync=False)
    return Segment(path)


def merged(groups: list[list[Article]], gone: list[list[bool]], folder: Path) -> tuple[Segment, Segment]:
    """A segment for each group, merged without those that are gone; and what is left, inverted at once."""
    segments = [inverted(group, folder / f"{number}.seg") for number, group in enumerate(groups)]
    left = [
        a
        for group, flags in zip(groups, gone, strict=True)
        for a, is_gone in zip(group, flags, strict=True)
        if not is_gone
    ]
    deleted = [np.array(flags, bool) for flags in gone]
    assert merge(segments, deleted, folder / "merged.seg", sync=False) == len(left)
    return Segment(folder / "merged.seg"), inverted(left, folder / "fresh.seg")


def arrays(segment: Segment) -> dict[str, Array]:
    return {name: segment.data[name] for name in segment.data.names}


def as_bytes(array: Array) -> tuple[str, tuple[int, ...], bytes]:
    return array.dtype.str, array.shape, array.tobytes()


def assert_same(found: Segment, expected: Segment) -> None:
    """Every array of the same name, type, shape and bytes; stored articles, copied in blocks, of the same contents."""
    assert found.documents == expected.documents
    assert arrays(found).keys() == arrays(expected).keys()
    found_arrays = {name: as_bytes(array) for name, array in arrays(found).items()}
    different = {
        name: (arrays(found)[name].tolist()[:20], array.tolist()[:20])
        for name, array in arrays(expected).items()
        if name not in ("stored", "stored_first", "stored_ends") and found_arrays[name] != as_bytes(array)
    }
    assert not different
    assert [*map(found.stored, range(found.documents))] == [*map(expected.stored, range(expected.documents))]
    assert not found.data.problems()


# -- merging is inverting at once ----------------------------------------------------------------------

GROUPS = st.lists(st.lists(articles(), min_size=1, max_size=8), min_size=1, max_size=4)


@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(GROUPS, st.sampled_from([1, 7, 4_000_000]))
def test_a_merge_is_an_inversion_at_once(groups: list[list[Article]], piece: int) -> None:
    """Without deletions: every array to the byte, however many postings are copied at a time."""
    with tempfile.TemporaryDirectory() as folder, mock.patch.object(merging, "PIECE", piece):
        assert_same(*merged(groups, [[False] * len(group) for group in groups], Path(folder)))


@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(GROUPS, st.sampled_from([1, 7, 4_000_000]), st.data())
def test_a_merge_forgets_deleted_articles(groups: list[list[Article]], piece: int, data: st.DataObject) -> None:
    """With deletions: the arrays are those of an index that never held the deleted ones, dictionaries included."""
    gone = [data.draw(st.lists(st.booleans(), min_size=len(group), max_size=len(group))) for group in groups]
    with tempfile.TemporaryDirectory() as folder, mock.patch.object(merging, "PIECE", piece):
        assert_same(*merged(groups, gone, Path(folder)))


@settings(deadline=None, max_examples=15, suppress_health_check=list(HealthCheck))
@given(GROUPS, st.sampled_from([1, 7, 4_000_000]), st.data())
def test_a_merge_keeps_the_postings_of_the_living(groups: list[list[Article]], piece: int, data: st.DataObject) -> None:
    """Whatever stays in the dictionaries: each living word has its documents, codes and positions, nothing else has."""
    gone = [data.draw(st.lists(st.booleans(), min_size=len(group), max_size=len(group))) for group in groups]
    with tempfile.TemporaryDirectory() as folder, mock.patch.object(merging, "PIECE", piece):
        found, expected = merged(groups, gone, Path(folder))
        everything = np.arange(expected.documents)
        for number, term in enumerate(found.terms.all()):
            known = expected.find(term)
            if known is None:
                assert found.df[number] == 0
                continue
            for mine, theirs in zip(found.postings(number), expected.postings(known), strict=True):
                assert mine.tolist() == theirs.tolist()
            for mine, theirs in zip(
                found.occurrences(number, everything), expected.occurrences(known, everything), strict=True
            ):
                assert mine.tolist() == theirs.tolist()
        assert set(expected.terms.all()) <= set(found.terms.all())
        for document in range(expected.documents):
            assert found.stored(document) == expected.stored(document)
            assert found.ids[document] == expected.ids[document]
        for name in ("width", "title_width", "lead_width", "day", "id_order", "sentences", "sentences_first"):
            assert (arrays(found)[name] == arrays(expected)[name]).all()


def some(number: int, chance: random.Random) -> list[Article]:
    """Short articles with words of their own and common ones."""
    words = ["dân", "vận", *(f"tin{n}" for n in range(60))]
    return [
        Article(id=f"{chance.random()}", title="dân", body=" ".join(chance.choices(words, k=12))) for _ in range(number)
    ]


LONG = {
    "31 times": "dân " * 30,  # with the one in the title: the greatest count that might be in a code
    "32 times": "dân " * 31,
    "300 times": "dân " * 299,
    "65,535 positions": "vận " * 65_533,
    "65,536 positions": "vận " * 65_534,
    "70,000 positions": "vận dân " * 35_000,
}


@pytest.mark.parametrize("body", LONG.values(), ids=LONG)
@pytest.mark.parametrize("others", [0, 3, 60])
@pytest.mark.parametrize("piece", [7, 4_000_000])
def test_long_articles_merge(body: str, others: int, piece: int, tmp_path: Path) -> None:
    """Counts too long for a code and positions too large for 16 bits come through, in rare terms and common ones."""
    chance = random.Random(1)
    long = Article(id="long", title="dân", body=body)
    groups = [some(others, chance), [*some(1, chance), long, *some(others, chance)], [long]]
    with mock.patch.object(merging, "PIECE", piece):
        found, expected = merged(groups, [[False] * len(group) for group in groups], tmp_path)
    assert_same(found, expected)
    document, term = found.find_id("long"), found.find("dân")
    assert document is not None
    assert term is not None
    assert found.occurrences(term, np.array([document]))[0].size == f"dân {body}".count("dân")


def test_positions_are_wide_only_where_a_living_article_is_long(tmp_path: Path) -> None:
    """When the one long article is deleted, a position takes two bytes again."""
    groups = [[Article(id="1", title="vận", body=""), Article(id="2", title="vận", body="vận " * 70_000)]]
    assert_same(*merged(groups, [[False, True]], tmp_path))


def test_a_word_that_only_deleted_articles_had_is_gone(tmp_path: Path) -> None:
    """It is in no dictionary after a merge: not among the terms, not among the words that are suggested."""
    groups = [[Article(id="1", title="dân vận", body=""), Article(id="2", title="hội nghị", body="")]]
    found, _ = merged(groups, [[False, True]], tmp_path)
    assert found.terms.all() == ["dân", "vận"]
    assert dict(zip(found.words.all(), found.data["word_df"].tolist(), strict=True)) == {"dân vận": 1}


def test_common_and_rare_terms_change_places(tmp_path: Path) -> None:
    """A term common in one segment and rare in the whole becomes sparse, and the reverse."""
    only = [Article(id=f"a{n}", title="dân", body="") for n in range(5)]
    rest = [Article(id=f"b{n}", title=f"tin{n}", body="") for n in range(100)]
    groups = [only, rest]
    found, expected = merged(groups, [[False] * 5, [False] * 100], tmp_path)
    assert_same(found, expected)
    term = found.find("dân")
    assert term is not None
    assert found.row(term) is None
    (tmp_path / "again").mkdir()
    found, expected = merged(groups, [[False] * 5, [n > 20 for n in range(100)]], tmp_path / "again")
    term = found.find("dân")
    assert term is not None
    assert found.row(term) is not None
    assert found.row_numbers[term] != layout.NO_ROW


def test_a_merge_of_deleted_articles_only(tmp_path: Path) -> None:
    """Is a segment without documents."""
    found, expected = merged([[Article(id="1", title="dân", body="")]], [[True]], tmp_path)
    assert found.documents == expected.documents == 0


def test_articles_without_a_word_merge(tmp_path: Path) -> None:
    """Where no article has a token, there are no terms, but there still are articles."""
    found, expected = merged(
        [[Article(id="1", title="...", body="")], [Article(id="2", title="?!", body="")]], [[False]] * 2, tmp_path
    )
    assert_same(found, expected)
    assert len(found.terms) == 0


# -- the policy ----------------------------------------------------------------------------------------


@contextmanager
def quick_index() -> Iterator[Index]:
    """An index that does not wait for the disk."""
    with tempfile.TemporaryDirectory() as folder, mock.patch.object(os, "fsync"):
        yield Index.create(Path(folder) / "index")


def commit(index: Index, first: int, number: int) -> int:
    """Adds articles in one commit; how many documents the commit copied from segments that were there."""
    before = {part.path.stem for part in index._fresh().snapshot.segments}
    with index.writer() as writer:
        for id in range(first, first + number):
            writer.add(Article(id=str(id), title="dân vận", body=""))
    new = [part.documents for part in index._fresh().snapshot.segments if part.path.stem not in before]
    return sum(new) - number


def test_sixty_small_commits_leave_few_segments() -> None:
    """At most seven of a size at any time, and an article is copied once for each eightfold growth."""
    with quick_index() as index, mock.patch.object(merging, "SMALL", 0):
        copied = 0
        for number in range(60):
            copied += commit(index, number, 1)
            sizes = [segment.documents for segment in index._fresh().snapshot.segments]
            assert len(sizes) <= 14
            assert max(sizes.count(size) for size in sizes) <= 7
        assert len(index) == 60
        assert copied <= 2 * 60  # log8(60) < 2
        assert index.search("dan van", limit=100).total == 60
        index.optimize()
        assert len(list(index.path.glob("*.seg"))) == 1


def test_what_is_new_joins_few_documents_of_before() -> None:
    """So small commits leave one small segment, and what many documents hold is not copied for them."""
    with quick_index() as index:
        copied = commit(index, 0, 1_000)
        for number in range(1_000, 1_060):
            copied += commit(index, number, 1)
        assert [segment.documents for segment in index._fresh().snapshot.segments] == [1_000, 60]
        assert copied == sum(range(60))


def test_a_segment_that_is_mostly_deleted_goes() -> None:
    """With the commit that deletes the half of it."""
    with quick_index() as index:
        commit(index, 0, 1_000)
        for at in range(0, 600, 100):
            with index.writer() as writer:
                for id in range(at, at + 100):
                    writer.delete(str(id))
        assert [segment.documents for segment in index._fresh().snapshot.segments] == [400]
        assert len(index) == 400


@pytest.mark.parametrize("seed", range(3))
def test_commits_of_any_size_leave_few_segments(seed: int) -> None:
    """With articles deleted and replaced meanwhile; every article is found, once."""
    chance = random.Random(seed)
    with quick_index() as index:
        there: set[str] = set()
        for _ in range(30):
            with index.writer() as writer:
                for id in map(str, chance.choices(range(200), k=chance.choice([1, 1, 2, 5, 40]))):
                    writer.add(Article(id=id, title="dân vận", body=""))
                    there.add(id)
                for id in map(str, chance.choices(range(200), k=3)):
                    writer.delete(id)
                    there.discard(id)
            assert len(index._fresh().snapshot.segments) <= 21
        assert {hit.id for hit in index.search("dan", limit=1000)} == there
        assert index.search("dan").total == len(there)
        index.optimize()
        assert len(index._fresh().snapshot.segments) == 1
        assert {article.id for article in index} == there
        assert not index.verify().problems
