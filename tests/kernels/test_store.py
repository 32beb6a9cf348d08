"""What compiled kernels read of a segment is what NumPy reads of it, and a broken segment breaks nothing else."""

import os
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from vnsearch import Article, IndexCorruptError, kernels
from vnsearch.cache import Cache
from vnsearch.embedded.candidates import Leaf, added
from vnsearch.embedded.positions import Places
from vnsearch.embedded.term_groups import Group, Postings
from vnsearch.index.inverter import Inverter
from vnsearch.index.segment_reader import Segment

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
        inverter.add(Article(id=f"{n}", title=text(rng, 5), lead=text(rng, 4) if n % 3 else "", body=body))
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


def test_impacts_are_the_same(segment: Segment, slow: Segment) -> None:
    """Of terms, of groups, of a term beside its other accents; byte by byte."""
    fast, plain = Postings(segment, 17.5, Cache()), Postings(slow, 17.5, Cache())

    def row(group: Group) -> list[int]:
        found = np.zeros(segment.documents, np.uint8)
        found[group.documents if group.row is None else slice(None)] = group.impacts
        assert group.size == np.count_nonzero(found)
        return found.tolist()

    for terms in groups(segment):
        assert row(fast.make_group(terms)) == row(plain.make_group(terms))
        assert fast.size(terms) == plain.size(terms)
    every, some = tuple(segment.find_folded("dan")), np.arange(3, segment.documents, 97)
    for own in ((), *((term,) for term in every)):
        for share in (0.03, 0.1, 1.0):
            expected = row(plain.spelled(own, every, share))
            assert row(fast.spelled(own, every, share)) == expected
            assert fast.impacts_at(own, every, share, some).tolist() == [expected[n] for n in some.tolist()]


def test_phrases_stand_where_they_stand(segment: Segment, slow: Segment) -> None:
    """Of terms and groups, in all documents and in some, across the ends of fields never."""
    fast, plain = Places(segment, Cache()), Places(slow, Cache())
    some, known = np.arange(0, segment.documents, 7), [group for group in groups(segment) if group]
    for first in known:
        for second in known:
            for slots in ([first, second], [first, second, known[0]]):
                for among in (None, some):
                    found = fast.in_a_row(slots, among).tolist()
                    assert found == sorted(set(plain.in_a_row(slots, among).tolist()))


def test_occurrences_are_the_segments(segment: Segment, slow: Segment) -> None:
    """Positions of some documents, by document, position and word; of some fields where only these are asked for."""
    assert segment.store is not None
    documents = np.arange(0, segment.documents, 13)
    terms = [term for group in groups(segment)[:2] for term in group]
    words, codes = np.arange(len(terms), dtype=np.int32), np.arange(len(terms), dtype=np.int32)[::-1].copy()
    places = Places(slow, Cache())
    for fields, names in ((7, ("title", "lead", "body")), (1, ("title",)), (6, ("lead", "body"))):
        found = segment.store.gather(np.array(terms), words, codes, documents, fields)
        expected = []
        for word, term in enumerate(terms):
            at, positions = slow.occurrences(term, documents)
            kept = places.in_fields(places.starts(documents[at]) + positions, names)
            both = zip(at[kept].tolist(), positions[kept].tolist(), strict=True)
            expected += [(a, position, word, int(codes[word])) for a, position in both]
        assert [tuple(row) for row in np.frombuffer(found, np.int32).reshape(-1, 4).tolist()] == sorted(expected)


def test_the_best_are_the_best(native: ModuleType) -> None:
    """All that match, the best with all that equal the last of them, in order; over rows, lists and scores."""
    rng = np.random.default_rng(8)
    for round in range(200):
        documents = int(rng.integers(1, 10_000))
        leaves, parts = [], list[tuple[Array | None, Array, float]]()
        for _ in range(int(rng.integers(0, 5))):
            impacts = np.where(rng.random(documents) < rng.random(), rng.integers(1, 9, documents), 0).astype(np.uint8)
            own, unit = impacts.nonzero()[0], float(np.float32(rng.random()))
            if rng.random() < 0.4:
                leaves.append(Leaf(Group.of_row(impacts, len(own)), unit))
                parts.append((None, impacts, unit))
            else:
                values = impacts[own] if rng.random() < 0.5 else impacts[own].astype(np.float32)
                leaves.append(Leaf(Group(None, own, values, len(own)), unit))
                parts.append((own, values, unit))
        allowed = rng.random(documents) < 0.7 if round % 2 else None
        wanted, matches = int(rng.integers(0, 200)), np.empty(documents, bool)
        count, found, scores = native.best_of(parts, allowed, matches, wanted)
        all_ = added(leaves, np.arange(documents))
        expected = (all_ > 0) & (True if allowed is None else allowed)
        assert matches.tolist() == expected.tolist() and count == expected.sum()
        numbers = expected.nonzero()[0]
        least = np.sort(all_[numbers])[-wanted] if 0 < wanted <= len(numbers) else 0
        best = numbers[all_[numbers] >= least] if wanted else numbers[:0]
        assert np.frombuffer(found, np.int64).tolist() == best.tolist()
        assert np.frombuffer(scores, np.float32).tolist() == all_[best].tolist()


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


def test_broken_arrays_crash_nothing(segment: Segment, native: ModuleType) -> None:
    """Whatever stands in them: an answer, or an error that says so.  $VNSEARCH_FUZZ: how many to try."""
    rng, said = np.random.default_rng(6), 0
    data = segment.data
    names = ["docs", "codes", "rows", "positions", "first", "first_position", "row", "long_terms", "long_docs"]
    names += ["long_counts", "width", "title_width", "lead_width", "folded", "terms"]
    whole: list[Array] = [np.array(data[name]) for name in names]
    whole += [segment.folded.ends, segment.terms.ends, data["folded_first"]]
    whole[2] = whole[2].reshape(-1)
    norm, row = np.ones(segment.documents, np.float32), np.empty(segment.documents, np.uint8)
    starts, documents = np.arange(segment.documents) * 300, np.arange(0, segment.documents, 31)
    pairs, words = [group for group in groups(segment) if group], np.zeros(2, np.int32)

    slots = np.array([0, len(pairs[0]), len(pairs[0]) + len(pairs[1])])
    calls: list[tuple[Any, ...]] = [
        ("in_a_row", np.array([*pairs[0], *pairs[1]]), slots, starts, None, 5, 1 << 40),
        ("gather", np.array([pairs[0][0], pairs[4][0]]), words, words, documents, 5),
        ("impacts", np.array(pairs[1]), norm, row),
        ("spelled", np.array(pairs[1][:1]), np.array(pairs[1]), 0.1, norm, row),
        ("impacts_at", np.array(pairs[1][:1]), np.array(pairs[1]), 0.1, norm, documents, row[: len(documents)]),
        ("size", np.array(pairs[0])),
        ("find", "dan", "dân"),
        ("find_folded", "van"),
    ]

    def refuse(what: Any, *_: Any) -> None:
        raise IndexCorruptError(Path("a.seg"), str(what))

    for _ in range(int(os.environ.get("VNSEARCH_FUZZ", 300))):
        arrays = broken(rng, list(whole))
        file = np.concatenate(
            [np.frombuffer(own.tobytes() + bytes(-own.nbytes % 64), np.uint8) for own in [*arrays, whole[0][:2]]]
        )
        mapped, at = [], 0
        for own in arrays:
            mapped.append(np.frombuffer(file.data[at : at + own.nbytes], own.dtype))
            at += own.nbytes + -own.nbytes % 64
        pages = -(-len(file) // 4096)
        pending, near = bytearray(pages), bytearray(pages)
        try:
            store = native.Store(
                tuple(mapped), file, pending, near, np.zeros(pages, np.uint32), len(file), refuse, refuse
            )
        except ValueError:
            said += 1
            continue
        for kernel, *arguments in calls:
            try:
                getattr(store, kernel)(*arguments)
            except (IndexCorruptError, ValueError):
                said += 1
    assert said


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
    assert changed.store.size(np.array([rare])) == segment.df[rare]
    with pytest.raises(IndexCorruptError, match="rows"):
        changed.store.size(np.array([term]))
