"""Each compiled kernel of indexing does what its twin does, and refuses arrays that do not fit together."""

import os
import random
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vnsearch.kernels import twins
from vnsearch.text.tokenize import SPACED

quick = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
FRAGMENTS = (
    "25 - NQ/TW|25-NQ/TW|số 43/2014/NĐ-CP|12 /2020 /QĐ - UBND|ngày 7 tháng 2 năm 2023|Ngày 30 thang 4|NGÀY 1 THÁNG 5"
    "|ngay 2 tháng 9, năm 1945|ngaỳ 3 tháng 2|xngày 7 tháng 2|1 2 3 - 4|9 NQ - TW|５-NQ/TW|٣ - NQ/TW|đ5-NQ/TW"
    "|5\u00a0-\u00a0NQ/TW|5 NQ–TW|dân,|漢字5 -NQ/TW|\n|  |\t|4.600|n|N|-|/|é|5\u3000- NQ/TW|07 NĐ/CP|ng|a\x00b"
).split("|")


def read(make: Any, texts: list[str], spaced: Any = SPACED) -> tuple[list[list[int]], list[str]]:
    """(the numbers of each text, the pieces in order of their numbers)."""
    table = make(os.urandom(16), 7)
    found = [np.frombuffer(table.read(text, spaced), np.int32).tolist() for text in texts]
    pieces = table.pieces(0)
    assert len(table) == 7 + len(pieces) and all(table.pieces(7 + n) == pieces[n:] for n in range(len(pieces) + 2)[:9])
    return found, pieces


@quick
@given(
    texts=st.lists(st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=4), max_size=12), max_size=3),
    join=st.sampled_from(["", " "]),
)
def test_a_text_falls_into_the_same_pieces(native: ModuleType, texts: list[list[str]], join: str) -> None:
    """Numbers of documents and days in words included, wherever bytes suggest them."""
    joined = [join.join(parts) for parts in texts]
    for spaced in (SPACED, None):
        assert read(native.Table, joined, spaced) == read(twins.Table, joined, spaced)


def test_a_table_grows_and_forgets_nothing(native: ModuleType) -> None:
    """Pieces of all lengths, those that share their beginnings too."""
    rng = random.Random(3)
    pieces = list(
        dict.fromkeys("ab"[n % 2] * (n % 40) + "đ" * rng.randrange(9) + str(rng.randrange(99)) for n in range(30_000))
    )
    text = " ".join(pieces)
    found, learnt = read(native.Table, [text, text])
    assert found[0] == found[1] == list(range(7, 7 + len(pieces))) and learnt == pieces


@quick
@given(st.lists(st.text(st.sampled_from("ađ\0"), min_size=1, max_size=24), max_size=40), st.integers(0, 20))
def test_pieces_of_any_length_are_told_apart(native: ModuleType, pieces: list[str], behind: int) -> None:
    """Shorter and longer than what is compared at once, with zeros in them, at the end of a text or not."""
    text = " ".join(pieces) + " " * behind
    found, known = read(native.Table, [text], None)
    assert known == list(dict.fromkeys(pieces)) and [known[n - 7] for n in found[0]] == pieces


def test_what_is_no_text_and_no_pattern_is_refused(native: ModuleType) -> None:
    """By an error; what was read before it stays."""
    table = native.Table(bytes(16), 0)
    with pytest.raises(UnicodeEncodeError):
        table.read("một \ud800")
    with pytest.raises(AttributeError):
        table.read("một 25 - NQ/TW", "no pattern")
    for wrong in ((bytes(8), 0), (bytes(16), -1), ("x" * 16, 0), ()):
        with pytest.raises((ValueError, TypeError)):
            native.Table(*wrong)
    assert table.pieces(-5) == [] and table.pieces(2**40) == [] and len(table) == 0
    assert table.read("") == b""


def model(rng: np.random.Generator, forms: int) -> dict[str, Any]:
    """A word model of random weights and compounds."""
    places = rng.integers(0, 6, forms)
    keys = np.unique(rng.integers(1, 6, 12) << 20 | rng.integers(1, 6, 12))
    may_be_key = np.zeros(64, bool)
    may_be_key[twins.slot(keys >> 20, keys & 0xFFFFF, 64)] = True
    triples = np.unique(rng.integers(0, len(keys), 9) << 20 | rng.integers(1, 6, 9))
    scores = rng.normal(0, 2, (3, forms))
    scores[0, 0] = -np.inf
    return {
        "own": scores[0], "to_right": scores[1], "to_left": scores[2], "places": places,
        "leads": rng.integers(0, 3, forms), "trails": rng.integers(1, 4, forms), "keys": keys,
        "starts": keys.searchsorted(np.arange(8) << 20), "is_pair": rng.random(len(keys)) < 0.7, "triples": triples,
        "triple_starts": triples.searchsorted(np.arange(len(keys) + 1) << 20), "may_be_key": may_be_key,
    }  # fmt: skip


@quick
@given(seed=st.integers(0, 2**32), size=st.integers(1, 60))
def test_the_word_model_decides_alike(native: ModuleType, seed: int, size: int) -> None:
    """With several texts at once, compounds that overlap, and scores that are near."""
    rng = np.random.default_rng(seed)
    arrays = model(rng, 20)
    at = rng.integers(0, 20, size).astype(np.int32)
    weights = (*rng.normal(0, 1, 6), -1.5, 1.5, *rng.normal(0, 1, 4))
    found = []
    both: tuple[Any, ...] = (native.decode, twins.decode)
    for decode in both:
        inside = np.ones(size, bool)
        decode(at, *arrays.values(), inside, weights)
        found.append(inside.tolist())
    assert found[0] == found[1]


@quick
@given(seed=st.integers(0, 2**32), size=st.integers(1, 80))
def test_words_are_counted_alike(native: ModuleType, seed: int, size: int) -> None:
    """Node by node."""
    rng = np.random.default_rng(seed)
    first = np.concatenate(([0], np.cumsum(rng.integers(0, 3, 6))))
    arguments = (
        rng.integers(0, 6, size).astype(np.int32),
        rng.random(size) < 0.6,
        first,
        rng.integers(0, 4, first[-1], np.int32),
    )
    arguments[1][0] = False
    nodes = [
        np.frombuffer(count(*arguments), np.int32).reshape(-1, 4)[:, :3].tolist()
        for count in (native.count_words, twins.count_words)
    ]
    assert nodes[0] == nodes[1]


def chunks(rng: np.random.Generator, documents: int) -> tuple[Any, ...]:
    """Arguments of `invert`."""
    first = np.concatenate(([0], np.cumsum(rng.integers(0, 4, 8))))
    lengths = rng.integers(0, 6, 3 * documents) + 1
    field_ends = np.cumsum(lengths) - 1
    stream = rng.integers(0, 8, int(lengths.sum())).astype(np.int32)
    terms, ranks = rng.integers(0, 7, first[-1], np.int32), rng.permutation(7).astype(np.int32)
    widths = np.array([max(1, n) for n in np.diff(first)], np.int32)
    offsets = (
        np.concatenate([np.arange(n) for n in np.diff(first)]).astype(np.int32) if first[-1] else np.empty(0, np.int32)
    )
    return stream, field_ends, widths, first, terms, offsets, ranks, 7


@quick
@given(seed=st.integers(0, 2**32), documents=st.integers(0, 8))
def test_postings_are_the_same(native: ModuleType, seed: int, documents: int) -> None:
    """Frequencies, counts by field, positions, widths; without a document too."""
    arguments = chunks(np.random.default_rng(seed), documents)
    assert native.invert(*arguments) == twins.invert(*arguments)


@quick
@given(seed=st.integers(0, 2**32), texts=st.integers(0, 6))
def test_fingerprints_are_the_same(native: ModuleType, seed: int, texts: int) -> None:
    """Of texts of no syllable to more than are read."""
    rng = np.random.default_rng(seed)
    first = np.concatenate(([0], np.cumsum(rng.integers(0, 5, 9))))
    lengths = rng.integers(0, 250, texts)
    stops = np.cumsum(lengths)
    stream = rng.integers(0, 9, int(lengths.sum())).astype(np.int32)
    hashes, multipliers = rng.integers(0, 2**32, first[-1], np.uint32), rng.integers(0, 2**32, 16, np.uint32)
    found = np.zeros(texts, np.uint64), np.zeros(texts, np.uint64)
    for fingerprints, own in zip((native.fingerprints, twins.fingerprints), found, strict=True):
        fingerprints(stream, stops - lengths, stops, first, hashes, multipliers, own)
    assert found[0].tolist() == found[1].tolist()


@pytest.mark.parametrize("kernel", ["decode", "count_words", "invert", "fingerprints"])
def test_arrays_that_do_not_fit_together_are_refused(native: ModuleType, kernel: str) -> None:
    """Numbers beyond an array, offsets that descend, arrays that are too short: an error or an answer, no crash."""
    rng = np.random.default_rng(9)
    refused = 0
    for _ in range(3_000):
        arrays = model(rng, 20)
        inside, found = np.zeros(30, bool), np.zeros(2, np.uint64)
        stops = np.array([5, 9])
        first = np.concatenate(([0], np.cumsum(rng.integers(0, 4, 8))))
        values, multipliers = rng.integers(0, 2**32, first[-1], np.uint32), rng.integers(0, 2**32, 16, np.uint32)
        at = rng.integers(0, 8, 30).astype(np.int32)
        arguments: list[Any] = {
            "decode": [at, *arrays.values(), inside, (0.5,) * 12],
            "count_words": [at, inside, first, values.view(np.int32)],
            "invert": list(chunks(rng, 3)),
            "fingerprints": [at, stops - 4, stops, first, values, multipliers, found],
        }[kernel]
        which = int(rng.integers(0, len(arguments)))
        if isinstance(arguments[which], np.ndarray) and len(arguments[which]):
            broken = arguments[which] = arguments[which].copy()
            if rng.random() < 0.3:
                arguments[which] = broken[: rng.integers(0, len(broken))]
            elif broken.dtype.kind == "i":
                broken[rng.integers(0, len(broken))] = rng.choice([-1, 7, 40, 1 << 30, -(1 << 31)])
        try:
            getattr(native, kernel)(*arguments)
        except ValueError:
            refused += 1
    assert refused > 100
