"""The table of chunks that all writers of a process share."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unicodedata import normalize

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnsearch import Article
from vnsearch.index import chunk_table
from vnsearch.index.article_json import dump
from vnsearch.index.inverter import Inverter
from vnsearch.index.segment_reader import Segment
from vnsearch.text import tokenize
from vnsearch.text.fingerprint import fingerprint, syllable_hashes

THREADS, ARTICLES = 4, 60


@pytest.fixture
def busy() -> Iterator[None]:
    """A new table, and threads that take turns as often as they can."""
    kept, interval = chunk_table._current[:], sys.getswitchinterval()
    chunk_table._current.clear()
    chunk_table.current_chunks()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)
    chunk_table._current[:] = kept


def written(path: Path, thread: int) -> Segment:
    """Half of the words are met by all threads at about the same time, half by one alone."""
    inverter = Inverter()
    for n in range(ARTICLES):
        body = " ".join(f"chung{n}k{m}. riêng{thread}x{n}k{m}, dân vận" for m in range(20))
        inverter.add(dump(Article(id=f"{n}", title=f"tin {n}", body=body)))
    inverter.write(path, sync=False)
    return Segment(path)


def test_threads_that_write_at_once_do_not_mix_their_words(busy: None, tmp_path: Path) -> None:
    """Every segment is what the same articles make alone."""
    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(lambda n: written(tmp_path / f"{n}.seg", n), range(THREADS)))
    for thread, segment in enumerate(found):
        chunk_table._current.clear()  # a table that nobody shared
        alone = written(tmp_path / f"alone{thread}.seg", thread)
        assert segment.terms.all() == alone.terms.all()
        for name in ("docs", "codes", "rows", "positions", "cf", "word_df", "width", "story"):
            assert segment.data[name].tobytes() == alone.data[name].tobytes(), name


PARTS = st.sampled_from(
    "TP Ông ThS Mr A Đ HĐND hoà quý Kỹ x 5 25-NQ/TW 7/2 4.600 % @ ... . , ( ) “ – - ’ ầ ǅ ß 中 \u2028 \n".split(" ")
)


@given(st.lists(st.lists(PARTS, min_size=1, max_size=4).map("".join), max_size=12))
def test_a_chunk_holds_what_its_text_does(chunks: list[str]) -> None:
    """Its terms, positions, syllables of the word model and hashes: many at once are what each is alone."""
    table = chunk_table.ChunkTable()
    numbers = np.frombuffer(table.read(" ".join(chunks)), np.int32)
    chunks = list(filter(None, tokenize.chunks(" ".join(chunks))))  # some parts together are a compound
    widths, first, terms, positions = table.terms()
    (of_syllables, syllables), (of_hashes, hashes) = table.syllables(), table.hashes()
    assert len(numbers) == len(chunks)
    for chunk, number in zip(chunks, numbers.tolist(), strict=True):
        mine = slice(*first[number : number + 2])
        found = [(table.names[term], place) for term, place in zip(terms[mine], positions[mine], strict=True)]
        assert found == list(tokenize.chunk_terms(chunk))
        assert widths[number] == (found[-1][1] + 1 if found else 0)
        own = syllables[slice(*of_syllables[number : number + 2])]
        assert own.tolist() == table.forms.of_chunk(normalize("NFC", chunk)).tolist()
        assert hashes[slice(*of_hashes[number : number + 2])].tolist() == syllable_hashes(chunk).tolist()


def test_a_table_that_is_full_is_followed_by_another(busy: None) -> None:
    """A stream of random strings does not grow without end; who holds the old one goes on with it."""
    old = chunk_table.current_chunks()
    assert chunk_table.current_chunks() is old
    old.read(" ".join(f"{n}" for n in range(500_000)))
    assert chunk_table.current_chunks() is not old
    assert len(np.frombuffer(old.read("thêm 7"), np.int32)) == 2


def test_fingerprints_of_chunks_are_those_of_the_text(tmp_path: Path) -> None:
    """Of lead and body alone, of their first syllables, with compounds that are one chunk or one at the bound."""
    word = "Nghị quyết 25-NQ/TW ngày 7 tháng 2 năm 2023, TP.HCM "
    texts = [("", ""), ("Ba chữ", ""), ("Một, hai\n ba", "bốn\u00a0năm"), (word, word * 60), ("", "x " * 298 + word)]
    inverter = Inverter()
    for n, (lead, body) in enumerate(texts):
        inverter.add(dump(Article(id=f"{n}", title=word, lead=lead, body=body)))
    inverter.write(tmp_path / "a.seg", sync=False)
    expected = [fingerprint(f"{lead}\n{body}") for lead, body in texts]
    assert Segment(tmp_path / "a.seg").data["story"].tolist() == expected
    assert [bool(one) for one in expected] == [False, False, True, True, True]
