"""The table of chunks that all writers of a process share."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from vnsearch import Article
from vnsearch.index import chunk_table
from vnsearch.index.article_json import dump
from vnsearch.index.inverter import Inverter
from vnsearch.index.segment_reader import Segment
from vnsearch.text.fingerprint import fingerprint

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
