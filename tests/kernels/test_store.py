"""What compiled kernels read of a segment is what NumPy reads of it, and a broken segment breaks nothing else.

Longer than other tests, since all kernels that read a segment read the same one.
"""

import itertools
import math
import os
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from vnsearch import Article, IndexCorruptError, kernels
from vnsearch.deadline import Deadline
from vnsearch.embedded.plain_store import AnyStore, PlainStore
from vnsearch.index.article_json import dump
from vnsearch.index.inverter import Inverter
from vnsearch.index.segment_reader import Segment
from vnsearch.kernels import Leaf, Phrase, twins
from vnsearch.ranking.bm25f import TENTHS
from vnsearch.ranking.occurrences import OCCURRENCE
from vnsearch.suggest import cooccurrence
from vnsearch.text.fold import fold

WORDS = "dân dan dẫn vận van văn nghị quyết 25-NQ/TW hội họp lễ".split()
Array = np.ndarray[Any, Any]


def text(rng: np.random.Generator, most: int) -> str:
    """Mostly a few common words, now and then a rare one."""
    words = WORDS + [f"hiếm{n}" for n in range(20)]
    chances = np.array([8.0] * len(WORDS) + [0.2] * 20)
    return " ".join(rng.choice(words, int(rng.integers(1, most)), p=chances / chances.sum()))


@pytest.fixture(scope="module")
def segment(tmp_path_factory: pytest.TempPathFactory) -> Segment:
    """Rows and lists, titles and leads, counts that fit in no code; more documents than a block of sums has."""
    if kernels.KIND == "numpy":
        pytest.skip("there are no compiled kernels")
    rng, inverter = np.random.default_rng(4), Inverter()
    for n in range(4_500):
        body = text(rng, 40) + " dân vận" * (60 if n % 300 == 0 else 0)
        inverter.add(dump(Article(id=f"{n}", title=text(rng, 5), lead=text(rng, 4) if n % 3 else "", body=body)))
    path = tmp_path_factory.mktemp("store") / "a.seg"
    inverter.write(path, sync=False)
    return Segment(path)


@pytest.fixture(scope="module")
def slow(segment: Segment) -> Segment:
    """The same, read by NumPy."""
    other = Segment(segment.path)
    other.store = None
    return other


def groups(segment: Segment) -> list[tuple[int, ...]]:
    """One term, all accents of one, and none."""
    found = [tuple(segment.find_folded(text)) for text in ("dan", "van", "le", "25-nq/tw", "hiem3")]
    return [*found, *((segment.find(word),) for word in ("dân", "vận", "hiếm3", "quyết")), ()]  # type: ignore[list-item]


def test_terms_are_found(segment: Segment, slow: Segment) -> None:
    """Every term by its name and by its folded form; nothing else."""
    for name in [*slow.terms.all(), "", "zz", "dâ", "dânn", "hiếm"]:
        assert segment.find(name) == slow.find(name)
    for name in [*slow.folded.all(), "", "zz", "da"]:
        assert segment.find_folded(name) == slow.find_folded(name)
    for name in [*slow.words_folded.all(), "", "zz", "da", "dan va"]:
        assert segment.find_words(name) == slow.find_words(name)


def test_words_in_a_row_of_syllables_are_found(segment: Segment, slow: Segment) -> None:
    """Those that the segment has, from two syllables on; of any row, with what is no word and what is long."""
    rng, some = np.random.default_rng(7), 0
    known = [*"dan van nghi quyet hoi hop le zz".split(), "", "d" * 1_020, "d" * 3_000]
    for _ in range(300):
        row = rng.choice(known, int(rng.integers(0, 9))).tolist()
        found = segment.words_among(row, 4)
        assert found == slow.words_among(row, 4)
        some += bool(found)
    assert some > 30


def phrases(segment: Segment, rng: np.random.Generator) -> tuple[Phrase, ...]:
    """One to three phrases of one to three groups."""
    known = groups(segment)
    return tuple(
        (int(rng.choice([7, 7, 7, 1, 6])), tuple(known[n] for n in rng.integers(0, len(known), rng.integers(1, 4))))
        for _ in range(rng.integers(1, 4))
    )


def allowed(segment: Segment, rng: np.random.Generator) -> Array | None:
    """Some documents, few or many, or all."""
    share = float(rng.choice([0.01, 0.5, 1.0]))
    return None if share == 1 else rng.random(segment.documents) < share


def test_documents_that_have_words_are_the_same(segment: Segment) -> None:
    """Of words of several phrases, among all documents and some, within fields; and where phrases begin."""
    assert segment.store is not None
    rng, plain, some = np.random.default_rng(3), PlainStore(segment), 0
    for group in groups(segment):
        assert segment.store.size(group) == plain.size(group)
    for _ in range(150):
        words = tuple(phrases(segment, rng) for _ in range(rng.integers(1, 4)))
        mask, most = allowed(segment, rng), int(rng.choice([1, 5, 1 << 40]))
        found = segment.store.having(words, mask, most, math.inf)
        assert found == plain.having(words, mask, most, math.inf)
        some += bool(found)
        fields, in_a_row = words[0][0]
        assert segment.store.in_a_row(in_a_row, fields, mask, math.inf) == plain.in_a_row(
            in_a_row, fields, mask, math.inf
        )
    assert some > 50


def test_long_phrases_of_few_words_are_found_where_they_stand(tmp_path: Path) -> None:
    """Words that come again and again, in phrases and in documents: each place, and none else; also within fields."""
    rng, inverter, documents = np.random.default_rng(8), Inverter(), []
    for n in range(12):
        unit = rng.choice(["dân", "vận", "dan"], int(rng.integers(1, 5))).tolist()
        words = [word for _ in range(40) for word in (unit * 30)[: int(rng.integers(20, 90))]]
        documents.append((unit * 20, words))
        inverter.add(dump(Article(id=f"{n}", title=" ".join(unit * 20), body=" ".join(words))))
    inverter.write(tmp_path / "a.seg", sync=False)
    segment, found = Segment(tmp_path / "a.seg"), 0
    stores: list[AnyStore] = [PlainStore(segment), *([segment.store] if segment.store else [])]
    for n in range(60):
        wanted = (documents[n % 12][0] * 20)[: int(rng.integers(17, 80))]
        if n % 3 == 0:
            wanted[int(rng.integers(len(wanted)))] = "vận"
        slots = tuple(
            tuple(m for m in segment.find_folded(fold(word)) if n % 2 == 0 or segment.terms[m] == word)
            for word in wanted
        )
        same = [word if n % 2 else fold(word) for word in wanted]
        expected = [
            (number, begin)
            for number, (title, body) in enumerate(documents)
            for at, words in ((0, title), (len(title) + 2, body))
            for begin in range(at, at + len(words) - len(same) + 1)
            if [word if n % 2 else fold(word) for word in words[begin - at : begin - at + len(same)]] == same
            and (n % 5 or at)
        ]
        for store in stores:
            rows = store.in_a_row(slots, 7 if n % 5 else 6, None, math.inf)
            assert list(zip(*(np.frombuffer(own, np.int64).tolist() for own in rows), strict=True)) == expected
            there = store.having((((7 if n % 5 else 6, slots),),), None, 1 << 40, math.inf)
            assert np.frombuffer(there, np.int64).tolist() == sorted({number for number, _ in expected})
        found += len(expected)
    assert found > 1_000


def test_occurrences_are_the_same(segment: Segment) -> None:
    """Positions of some documents, by document, position and word; of some fields where only these are wanted."""
    assert segment.store is not None
    documents = np.arange(0, segment.documents, 13)
    own = tuple(groups(segment))
    codes = np.arange(sum(map(len, own)), dtype=np.int32)[::-1].copy()
    for fields, known in itertools.product((7, 1, 6), (codes, None)):
        found = segment.store.gather(own, known, documents, fields, math.inf)
        assert found == PlainStore(segment).gather(own, known, documents, fields, math.inf)
        assert found


def test_occurrences_in_a_long_article_are_the_same(tmp_path: Path) -> None:
    """Thousands of each of many words, which stand among one another; where there is no time, they are given up."""
    if kernels.KIND == "numpy":
        pytest.skip("there are no compiled kernels")
    rng, inverter = np.random.default_rng(4), Inverter()
    for n in range(3):
        body = " ".join(f"chữ{number}" for number in np.minimum(rng.geometric(0.1, 20_000), 60))
        inverter.add(dump(Article(id=str(n), title="dân", body=body)))
    inverter.write(tmp_path / "a.seg", sync=False)
    segment = Segment(tmp_path / "a.seg")
    assert segment.store is not None
    terms = rng.permutation(len(segment.terms)).tolist()
    asked = tuple(tuple(terms[n::20]) for n in range(20)), None, np.arange(3), 7
    found = segment.store.gather(*asked, math.inf)
    assert len(found) > 3 * 20_000
    assert found == PlainStore(segment).gather(*asked, math.inf)
    gather = segment.store.gather
    given_up = Deadline(0).run(lambda: gather(*asked, 0), lambda: b"given up")
    assert given_up == b"given up"


def starts_of(segment: Segment) -> Array:
    """The place of each document's first position, and of the end."""
    return np.concatenate(([0], np.cumsum(segment.width.astype(np.int64) + 3)))


def room(first: int, second: int) -> tuple[Array, Array]:
    """Where counts of pairs are added."""
    return np.zeros(first), np.zeros((first, second))


def test_pairs_are_the_same(segment: Segment) -> None:
    """How often spellings stand behind others, and where; of common and rare ones, in the first documents and all."""
    assert segment.store is not None
    rng, starts, some = np.random.default_rng(12), starts_of(segment), 0
    known = [(*own, -1) for own in groups(segment)]
    for _ in range(200):
        first, second = (known[n] for n in rng.integers(0, len(known), 2))
        if rng.random() < 0.3:
            first = tuple(rng.choice(first, int(rng.integers(0, min(3, len(first)))), replace=False).tolist())
        documents = int(rng.choice([0, 1, 77, 4_400, segment.documents]))
        following, counts = np.ones((2, len(first))), np.ones((2, len(first), len(second)))
        found = segment.store.pairs(first, second, starts, documents, following[0], counts[0])
        assert found == cooccurrence._pairs(segment, first, second, starts, documents, following[1], counts[1])
        assert following[0].tolist() == following[1].tolist()
        assert counts[0].tolist() == counts[1].tolist()
        some += bool(found[0])
    assert some > 60


@pytest.mark.usefixtures("segment")  # there is none where there are no compiled kernels
def test_pairs_of_long_articles_are_the_same(tmp_path: Path) -> None:
    """More positions than are marked at once, and more of a word than a code counts."""
    rng, inverter = np.random.default_rng(4), Inverter()
    for n in range(150):
        length = 90_000 if n in (3, 120) else int(rng.integers(1, 900))
        body = " ".join(f"chữ{number}" for number in np.minimum(rng.geometric(0.1, length), 60))
        inverter.add(dump(Article(id=str(n), title="dân", body=body)))
    inverter.write(tmp_path / "a.seg", sync=False)
    segment = Segment(tmp_path / "a.seg")
    assert segment.store is not None
    starts, terms = starts_of(segment), rng.permutation(len(segment.terms)).tolist()
    for n in range(0, 48, 6):
        asked = tuple(terms[n : n + 4]), tuple(terms[n + 4 : n + 10]), starts, int(rng.choice([100, 121, 150]))
        given = np.zeros((2, 4)), np.zeros((2, 4, 6))
        found = segment.store.pairs(*asked, given[0][0], given[1][0])
        assert found == cooccurrence._pairs(segment, *asked, given[0][1], given[1][1])
        assert len(found[1]) == given[1][0].sum() == given[1][1].sum() > 20


def test_what_is_together_is_the_same(segment: Segment) -> None:
    """In how many documents terms are, and two of them: of common and rare ones, in the first documents and in all."""
    assert segment.store is not None
    rng, some = np.random.default_rng(13), 0
    known = [-1, *(term for own in groups(segment) for term in own)]
    for _ in range(100):
        terms = tuple(rng.choice(known, int(rng.integers(1, 9))).tolist())
        first, second = (tuple(rng.integers(0, len(terms), 6).tolist()) for _ in range(2))
        documents = int(rng.choice([0, 1, 77, 4_400, segment.documents]))
        each, both = found = segment.store.together(terms, first, second, documents)
        assert found == cooccurrence._together(segment, terms, first, second, documents)
        some += any(np.frombuffer(both, np.int64)) and any(np.frombuffer(each, np.int64))
    assert some > 60


def leaves(segment: Segment, rng: np.random.Generator) -> list[Leaf]:
    """Terms, some with their other accents; some of both are nowhere."""
    found = []
    for _ in range(int(rng.integers(0, 6))):
        every = groups(segment)[int(rng.integers(0, 4))]
        own = tuple(rng.choice(every, 1).tolist()) if rng.random() < 0.8 else ()
        share, unit = float(np.float32(rng.choice([0.03, 0.1, 1.0]))), float(np.float32(rng.random()))
        found.append((own, every, share, unit) if rng.random() < 0.6 else (own, (), 0.0, unit))
    return found


def test_scores_are_the_same(segment: Segment) -> None:
    """Of all documents and of some, to the last bit; and the best of them, with all that equal the last."""
    assert segment.store is not None
    rng, plain = np.random.default_rng(8), PlainStore(segment)
    norm = (0.3 + rng.random(segment.documents)).astype(np.float32)
    for _ in range(100):
        own, mask = leaves(segment, rng), allowed(segment, rng)
        documents = (rng.random(segment.documents) < rng.random()).nonzero()[0]
        assert segment.store.scores(own, norm, TENTHS, documents) == plain.scores(own, norm, TENTHS, documents)
        lists = []
        for _ in range(int(rng.integers(0, 3))):
            listed = (rng.random(segment.documents) < rng.random() ** 4).nonzero()[0]
            lists.append((listed, rng.random(len(listed)).astype(np.float32)))
        wanted = int(rng.choice([0, 1, 10, 100, 10_000]))
        assert segment.store.best(own, lists, norm, TENTHS, mask, wanted) == plain.best(
            own, lists, norm, TENTHS, mask, wanted
        )


def drawn_sentences(rng: np.random.Generator, documents: int) -> tuple[Array, Array]:
    """Where those of each document end; some have none, or end before their last words."""
    ends = [np.unique(rng.integers(1, 70, int(rng.integers(0, 9)))).astype(np.uint32) for _ in range(documents)]
    return np.cumsum([0, *map(len, ends)]), np.concatenate(ends)


def test_words_stand_together_the_same(native: ModuleType) -> None:
    """Codes beside their partners, windows, sentences, pairs, early and in the title; spellings that share a place."""
    rng = np.random.default_rng(5)
    for words in (1, 3, 9, 14):
        for _ in range(20):
            documents, codes = int(rng.integers(1, 30)), 3 * words
            found = np.empty(int(rng.integers(0, 400)), OCCURRENCE)
            found["document"], found["position"] = (
                rng.integers(0, documents, len(found)),
                rng.integers(0, 60, len(found)),
            )
            found["code"] = rng.integers(0, codes, len(found))
            found["word"] = found["code"] // 3
            found = found[np.lexsort((found["word"], found["position"], found["document"]))]
            partners = rng.random((words, words)) < 0.3
            read, sample = rng.random(words) < 0.7, (rng.random(documents) < 0.8).astype(np.float32)
            counts = [np.zeros(3 * codes, np.float32) for _ in range(2)]
            for kernel, own in zip((native.beside, twins.beside), counts, strict=True):
                kernel(found.tobytes(), partners, read, sample, own)
            assert counts[0].tolist() == counts[1].tolist()
            pairs = np.argwhere(partners).astype(np.int32)
            looks, sentences = [], drawn_sentences(rng, documents)
            for kernel in (native.look, twins.look):
                weights, dropped = np.random.default_rng(2).random(words).astype(np.float32), np.arange(codes) % 5 == 4
                titles = (np.arange(documents) % 9).astype(np.uint32)
                norm = np.random.default_rng(3).random(documents).astype(np.float32) + np.float32(0.1)
                asked = found.tobytes(), pairs.reshape(-1), weights, dropped, titles, norm, sample, *sentences
                looks.append(kernel(*asked, 1.9, (0.2, 1.0, 0.5, 0.5, 2.0, 1.5, 0.02), (8, 30, 20)))
            assert looks[0] == looks[1]


@pytest.mark.parametrize(
    ("first", "ends"),
    [([0, 2, 1], [3, 9]), ([0, 1, 3], [3, 9]), ([1, 1, 2], [3, 9]), ([0, 2], [3, 9]), ([0, 2, 2], [9, 9])],
)
def test_sentences_that_do_not_fit_are_refused(native: ModuleType, first: list[int], ends: list[int]) -> None:
    """They do not ascend, are not of so many documents, or are not all there: nothing is read beyond them."""
    found = np.zeros(1, OCCURRENCE).tobytes()
    ones = np.ones(2, np.float32)
    with pytest.raises(ValueError, match="sentences do not end one after the other"):
        native.look(
            found, np.zeros(0, np.int32), ones[:1], np.zeros(1, bool), np.zeros(2, np.uint32), ones, ones,
            np.array(first, np.int64), np.array(ends, np.uint32), 1.9, (0.2, 1.0, 0.5, 0.5, 2.0, 1.5, 0.02),
            (8, 30, 20),
        )  # fmt: skip


def broken(rng: np.random.Generator, arrays: list[Array]) -> list[Array]:
    """One of them cut, or with a number of its own that is another."""
    which = int(rng.integers(0, len(arrays)))
    own = arrays[which] = arrays[which].copy()
    if len(own) and rng.random() < 0.2:
        arrays[which] = own[: rng.integers(0, len(own))]
    elif own.size:
        most = int(np.iinfo(own.dtype).max)
        values = rng.choice(np.array([0, 1, most, most // 2, most - 1, 4_499, 4_500], np.uint64), 3)
        own.reshape(-1)[rng.integers(0, own.size, 3)] = values.astype(own.dtype)
    return arrays


def arrays_of(segment: Segment) -> list[Array]:
    """Those that a store has, as they stand in the file."""
    data = segment.data
    names = ["docs", "codes", "rows", "positions", "first", "first_position", "row", "long_terms", "long_docs"]
    names += ["long_counts", "width", "title_width", "lead_width", "folded", "terms", "words_folded"]
    whole: list[Array] = [np.array(data[name]) for name in names]
    whole += [segment.folded.ends, segment.terms.ends, segment.words_folded.ends, data["folded_first"], data["df"]]
    whole[2] = whole[2].reshape(-1)
    return whole


def refuse(what: Any, *_: Any) -> None:
    """What a store does where something is wrong."""
    raise IndexCorruptError(Path("a.seg"), str(what))


def store_of(native: ModuleType, arrays: list[Array]) -> Any:
    """A store of a file of these, each of whose pages is checked."""
    file = np.concatenate(
        [np.frombuffer(own.tobytes() + bytes(-own.nbytes % 64), np.uint8) for own in [*arrays, np.zeros(1)]]
    )
    mapped, at = [], 0
    for own in arrays:
        mapped.append(np.frombuffer(file.data[at : at + own.nbytes], own.dtype))
        at += own.nbytes + -own.nbytes % 64
    end = len(file) - 8  # where the sums of pages would begin
    pages = -(-end // 4096)
    pending, near = bytearray(pages), bytearray(pages)
    return native.Store(tuple(mapped), file, pending, near, np.zeros(pages, np.uint32), end, refuse, refuse, refuse)


def test_broken_arrays_crash_nothing(segment: Segment, native: ModuleType) -> None:
    """Whatever stands in them: an answer, or an error that says so.  $VNSEARCH_FUZZ: how many to try."""
    rng, said, answered = np.random.default_rng(6), 0, 0
    whole = arrays_of(segment)
    norm, documents = np.ones(segment.documents, np.float32), np.arange(0, segment.documents, 31)
    known = groups(segment)
    leaf, rare, listed = (known[5], known[0], 0.1, 1.0), (known[7], (), 0.0, 1.0), (documents, norm[: len(documents)])
    calls: list[tuple[Any, ...]] = [
        ("having", (((7, (known[0], known[1])), (7, (known[5],))), ((5, (known[2],)),)), None, 1 << 40, math.inf),
        ("having", (((7, (known[7], known[0])),),), norm.astype(bool), 3, math.inf),
        ("in_a_row", (known[0], known[1]), 5, None, math.inf),
        ("in_a_row", (known[5], known[6]), 7, np.arange(segment.documents) % 97 == 0, math.inf),
        ("gather", (known[0], known[4]), None, documents, 5, math.inf),
        ("scores", [leaf, rare], norm, TENTHS, documents),
        ("best", [leaf, rare], [listed], norm, TENTHS, None, 10),
        ("size", known[0]),
        ("pairs", (*known[0], -1), known[1], starts_of(segment), 4_000, *room(len(known[0]) + 1, len(known[1]))),
        ("pairs", known[5], known[0], starts_of(segment), 4_400, *room(len(known[5]), len(known[0]))),
        ("together", (known[0][0], known[5][0], known[4][0], -1), (0, 0, 3), (1, 2, 0), 4_000),
        ("find", "dan", "dân"),
        ("find_folded", "van"),
        ("find_words", "dan"),
        ("words_among", ("dan", "van", "nghi", "quyet"), 4),
    ]

    for _ in range(int(os.environ.get("VNSEARCH_FUZZ", 300))):
        arrays = broken(rng, list(whole))
        try:
            store = store_of(native, arrays)
        except ValueError:
            said += 1
            continue
        for kernel, *arguments in calls:
            try:
                getattr(store, kernel)(*arguments)
                answered += 1
            except (IndexCorruptError, ValueError):
                said += 1
    assert said and answered > said


def test_a_term_that_is_there_no_times_is_refused(segment: Segment, native: ModuleType) -> None:
    """A code of fields with no count: said, and what is asked next is told the truth."""
    arrays, (first, second), starts = arrays_of(segment), (groups(segment)[0], groups(segment)[1]), starts_of(segment)
    arrays[2] = arrays[2] & 0xE0 | (arrays[2] & 0x1F) * (np.arange(len(arrays[2])) % 7 > 0).astype(np.uint8)
    arrays[3] = np.zeros_like(arrays[3])  # positions that any document has
    with pytest.raises(IndexCorruptError, match="no times"):
        store_of(native, arrays).pairs(first, second, starts, 4_000, *room(len(first), len(second)))
    for store in (segment.store, store_of(native, arrays_of(segment))):
        assert store is not None
        mine, its = room(len(first), len(second)), room(len(first), len(second))
        found = store.pairs(first, second, starts, 4_000, *mine)
        assert found == cooccurrence._pairs(segment, first, second, starts, 4_000, *its)
        assert all((one == other).all() for one, other in zip(mine, its, strict=True))


def test_a_changed_page_is_refused_by_kernels(segment: Segment, tmp_path: Path) -> None:
    """When something of it is read, and not before."""
    data = bytearray(segment.path.read_bytes())
    term = segment.find("quyết")
    assert term is not None
    row = segment.data.lazy("rows")
    data[row.begin + row._row * int(segment.row_numbers[term]) + 5] ^= 1
    path = tmp_path / "b.seg"
    path.write_bytes(data)
    changed = Segment(path)
    rare = changed.find("hiếm3")
    assert changed.store is not None and rare is not None
    assert changed.store.size((rare,)) == segment.df[rare]
    with pytest.raises(IndexCorruptError, match="rows"):
        changed.store.size((term,))
