"""Files, texts and queries of strangers, through what an app calls.

Each is read, refused or cut, its neighbours stay, and time and memory grow with its length and no faster.
"""

import gc
import gzip
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vnsearch import Article, Index, Report, VnsearchError, read

GOOD = {"id": "good", "title": "Hội nghị dân vận", "body": "Tỉnh Lạng Sơn họp bàn về công tác dân vận."}


def seconds(run: Callable[[], object]) -> float:
    """The processor time of a call that may be refused, without that of collecting what other tests left."""
    gc.collect()
    gc.disable()
    begun = time.process_time()
    with suppress(VnsearchError):
        run()
    took = time.process_time() - begun
    gc.enable()
    return took


def grows(run: Callable[[int], object], size: int) -> float:
    """How many times as long ten times the size takes, at the best of some tries; 0 where that takes a moment."""
    ratios = []
    for _ in range(6):  # other programs disturb; what is quadratic grows a hundredfold each time
        long = seconds(lambda: run(10 * size))
        if long < 0.1:
            return 0
        ratios.append(long / max(min(seconds(lambda: run(size)) for _ in range(3)), 0.005))
        if ratios[-1] < 15:
            break
    return min(ratios)


@pytest.fixture
def add(tmp_path: Path) -> Callable[..., Index]:
    """A new index of these articles."""
    numbers = count()

    def made(*articles: Article) -> Index:
        index = Index.create(tmp_path / f"index{next(numbers)}")
        with index.writer() as writer:
            for article in articles:
                writer.add(article)
        return index

    return made


@pytest.mark.slow
@pytest.mark.parametrize("unit", ["-", "a.", "+", "a-", "www.", "a@", "😀", "dân.", "25-"])
def test_indexing_a_run_without_blanks_is_linear(add: Callable[..., Index], unit: str) -> None:
    """Of 40,000 characters at last; each another one, since a run that came before is known."""
    numbers = count()

    def run(size: int) -> None:
        add(Article(id="1", title="t", body=f"{next(numbers)}{unit * (size // len(unit))}"))

    assert grows(run, 4_000) < 15


def colliding(number: int, slot: int) -> str:
    """Words of eight letters and digits that one place of a table is for, where its factors are these for ever."""
    inverse = [np.uint64(pow(factor, -1, 1 << 64)) for factor in (0x165667B19E3779F9, 0x9E3779B97F4A7C15)]
    found: list[str] = []
    for at in count(0, 1 << 20):
        values = (np.uint64(slot) << np.uint64(46)) | np.arange(at, at + (1 << 20), dtype=np.uint64)
        mixed = values * inverse[0]
        mixed ^= mixed >> np.uint64(32)
        mixed *= inverse[1]
        for byte in range(8):
            letter = (mixed >> np.uint64(8 * byte)).astype(np.uint8)
            mixed = mixed[(letter - 48 < 10) | (letter - 65 < 26) | (letter - 97 < 26)]
        found += [key.tobytes().decode() for key in mixed]
        if len(found) >= number:
            return " ".join(found[:number])
    raise AssertionError


@pytest.mark.slow
def test_words_that_collide_elsewhere_cost_no_more(tmp_path: Path) -> None:
    """Each is read as any other: ten times as many take about ten times as long.  What was met before is known."""

    def write(number: int) -> Path:
        path = tmp_path / f"{number}.jsonl"
        words = colliding(number, number)
        texts = (words[at : at + 1_800] for at in range(0, len(words), 1_800))
        path.write_text("\n".join(json.dumps({"title": f"tin {number}", "body": text}) for text in texts))
        return path

    few, many, warm = write(400), write(4_000), write(10)
    list(read(warm))
    short = seconds(lambda: list(read(few)))
    assert seconds(lambda: list(read(many))) < 15 * max(short, 0.01)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("a.csv", 'z","\n'),
        ("a.csv", '"a\n'),
        ("a.txt", "\t\n"),
        ("a.txt", "\r\n"),
        ("a.txt", " a\n"),
        ("a.html", "<p>\t"),
    ],
)
def test_reading_is_linear(tmp_path: Path, name: str, unit: str) -> None:
    """Rows that are never closed, lines of nothing, a megabyte of them at last."""

    def run(size: int) -> None:
        (tmp_path / name).write_bytes(b"title,body\n" + (unit * (size // len(unit))).encode())
        list(read(tmp_path / name, report=Report()))

    assert grows(run, 30_000 if name.endswith("csv") else 100_000) < 15


@pytest.mark.slow
def test_a_long_header_costs_once(tmp_path: Path) -> None:
    """And not again in the message of each row that is refused."""

    def run(size: int) -> None:
        (tmp_path / "a.csv").write_text("k" * size + "\n" + "x\n" * size)
        list(read(tmp_path / "a.csv", report=Report()))

    assert grows(run, 3_000) < 15


def test_a_table_of_synonyms_is_linear(add: Callable[..., Index], tmp_path: Path) -> None:
    """Of one line, in which thousands stand for one another; each time others, since what was met before is known."""
    path, numbers = add().path, count()

    def run(size: int) -> None:
        (tmp_path / "table.txt").write_text(" = ".join(f"a{next(numbers)}" for _ in range(size)))
        Index.open(path, synonyms=tmp_path / "table.txt")

    assert grows(run, 1_000) < 15


@pytest.mark.parametrize("begin", ["1 tháng 1", "thứ", "11:30", "tu"])
def test_dates_are_linear(add: Callable[..., Index], begin: str) -> None:
    """In a query, an argument, a record; blanks behind what begins as a date does."""
    index = add(Article(id="good", title=GOOD["title"], body=GOOD["body"]))
    assert grows(lambda size: index.search(f'ngày:"{begin}{" " * size}x"'), 60) < 15
    assert grows(lambda size: index.search("a", since=f"{begin}{' ' * size}x"), 60) < 15


@pytest.mark.slow
def test_a_late_page_of_stories_is_linear(add: Callable[..., Index]) -> None:
    """Of articles that all tell something else."""
    rng = np.random.default_rng(7)

    def body() -> str:
        return " ".join(f"w{number}" for number in rng.integers(0, 100_000, 40))

    few, many = (add(*(Article(id=str(n), title="dân", body=body()) for n in range(size))) for size in (400, 4_000))

    def run(size: int) -> None:
        found = (few if size == 400 else many).search("dân", collapse="story", offset=size - 10, snippet_chars=40)
        assert len(found.hits) > 5

    assert grows(run, 400) < 15


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["fuzzy words", "phrases with gaps"])
def test_a_time_limit_holds_within_one_segment(add: Callable[..., Index], kind: str) -> None:
    """What takes long takes a fifth of that at most where it has a hundredth of the time; what is shown of it, too."""
    rng = np.random.default_rng(5)

    def word() -> str:
        return "".join(rng.choice(list("aeioubcdghklmnpqrst"), int(rng.integers(2, 9))))

    rare = [f"{' '.join(word() for _ in range(60))} dân vận" for _ in range(1_500)]
    long = ["dân vận " * 60_000] * 4
    path = add(*(Article(id=str(n), title="dân", body=body) for n, body in enumerate(rare + long))).path
    text = {
        "fuzzy words": " ".join("".join(rng.choice(list("aeioubcdghk"), 6)) + "~2" for _ in range(31)),
        "phrases with gaps": " OR ".join(['"dân vận"~999'] * 32),
    }[kind]

    def run(milliseconds: float | None) -> None:
        found = Index.open(path).search(text, timeout_ms=milliseconds)
        assert found.partial or milliseconds is None
        _ = [(hit.snippet, hit.title) for hit in found.hits], found.suggestion

    run(1)  # tables are loaded
    whole = seconds(lambda: run(None))
    assert min(seconds(lambda: run(10 * whole)) for _ in range(3)) < whole / 5


def test_few_of_the_runs_without_blanks_are_read_for_a_page(add: Callable[..., Index]) -> None:
    """However many places in them may match: half of their 800,000 characters at most, for ten snippets."""
    hits = add(*(Article(id=str(n), title="t", body="dân." * 20_000) for n in range(10))).search("dân").hits
    characters = 0

    def look(frame: object, event: str, _: object) -> None:
        nonlocal characters
        code = frame.f_code  # type: ignore[attr-defined]
        if event == "call" and code.co_name == "tokenize" and "vnsearch" in code.co_filename:
            characters += len(frame.f_locals[code.co_varnames[0]])  # type: ignore[attr-defined]

    sys.setprofile(look)
    try:
        assert all(hit.snippet.text for hit in hits)
    finally:
        sys.setprofile(None)
    assert 0 < characters < 400_000


ODD: list[dict[str, Any]] = [
    *({"url": url} for url in ("http://[x", "http://a]b/", "http://\u2100.vn/", "//[", "http://a.vn:port/")),
    *({"html": html} for html in ("<p>a</p>\u0001b", "<a href='http://[x'>x</a>", "<i " * 3_000, "<b>" * 3_000)),
    *({"html": f"<script type='application/ld+json'>{said}</script>"} for said in ('{"@type":[{}]}', "[" * 5_000)),
    {"title": "a\n\0\nb", "body": "c\n\0\nd"}, {"published": "1 tháng 1" + " " * 500 + "x"}, {"published": 10**30},
    {"extra": "[" * 50}, {"id": "\ud800"}, {"provinces": [[]]}, {"tags": {"a": {"b": []}}},
]  # fmt: skip


def test_a_bad_record_costs_itself(tmp_path: Path) -> None:
    """It is read or told; all others are read."""
    lines = [json.dumps({"title": f"tin {n}", "body": "dân vận họp"} | odd) for n, odd in enumerate(ODD)]
    lines += ["[" * 100_000, '{"a":' * 100_000, "\x00"]
    (tmp_path / "a.jsonl").write_text("\n".join([*lines, json.dumps(GOOD)]))
    report = Report()
    found = [article.id for article in read(tmp_path / "a.jsonl", report=report)]
    assert found[-1] == "good"
    assert len(found) + len(report.refused) == len(lines) + 1


@pytest.mark.parametrize(
    "said",
    [
        *("5", "null", "[{}]", "[" * 5_000, '{"@type":5}', '{"@type":[null]}', '{"@type":[{}]}'),
        *(f'{{"@type":"NewsArticle","{key}":"http://[x"}}' for key in ("url", "mainEntityOfPage", "@id", "author")),
    ],
    ids=lambda said: said[:50],
)
def test_a_page_is_read_whatever_it_says_of_itself(tmp_path: Path, said: str) -> None:
    """JSON-LD of any types, addresses that are none."""
    text = "<p>Sáng 7/2, tỉnh Lạng Sơn họp bàn về công tác dân vận trong năm, với sự có mặt của nhiều người.</p>" * 4
    head = (
        f"<title>Hội nghị dân vận</title><link rel=canonical href='http://[x'><script type='application/ld+json'>{said}"
    )
    (tmp_path / "a.html").write_text(f"<html><head>{head}</script></head><body><h1>Hội nghị dân vận</h1>{text}</body>")
    [article] = read(tmp_path / "a.html")
    assert "Lạng Sơn họp bàn" in article.body


@pytest.mark.parametrize("markup", ["<span>", "<div>", "<b><i>", "<table><tr><td>"])
def test_text_below_deep_markup_is_not_lost(tmp_path: Path, markup: str) -> None:
    """Of unclosed elements: in a page and in a record."""
    line = "Tỉnh Lạng Sơn họp bàn về công tác dân vận trong năm, với sự có mặt của nhiều người. "
    text = f"<p>{line * 3}</p>{markup * 400}<p>{line} Câu cuối cùng của bài.</p>"
    (tmp_path / "a.html").write_text(f"<html><title>Hội nghị dân vận</title><body><h1>Hội nghị dân vận</h1>{text}")
    (tmp_path / "b.jsonl").write_text(json.dumps({"title": "Hội nghị", "html": text}))
    assert ["Câu cuối cùng" in article.body for article in read(tmp_path)] == [True, True]


@pytest.mark.parametrize("depth", [60, 200, 983])
def test_a_record_nested_deep_makes_no_search_fail(tmp_path: Path, add: Callable[..., Index], depth: int) -> None:
    """It is stored, or refused when it is read; an app that is deep in its own calls shows every hit."""
    deep = '{"id":"deep","title":"dân","body":"vận","x":' + "[" * depth + "]" * depth + "}"
    (tmp_path / "a.jsonl").write_text(f"{json.dumps(GOOD)}\n{deep}\n")
    report = Report()
    index = add(*read(tmp_path / "a.jsonl", report=report))

    def below(frames: int) -> list[str]:
        return below(frames - 1) if frames else [hit.article.id for hit in index.search("dân")]

    assert len(below(700)) + len(report.refused) == 2


NO_OPTIONS: list[dict[str, Any]] = [
    {"format": "xyz"}, {"format": None}, {"format": []},
    {"fields": {"nonsense": "x"}}, {"fields": {"title": "a", "": "x"}}, {"fields": {"title": 5}}, {"fields": 5},
    {"report": 5}, {"max_record_bytes": "5"}, {"max_record_bytes": -5}, {"max_record_bytes": 10**30},
]  # fmt: skip


@pytest.mark.parametrize("given", NO_OPTIONS, ids=str)
def test_an_option_of_reading_that_is_none_is_told(tmp_path: Path, given: dict[str, Any]) -> None:
    """Not taken for another one, not passed over."""
    (tmp_path / "a.jsonl").write_text(json.dumps(GOOD))
    with pytest.raises(VnsearchError):
        list(read(tmp_path / "a.jsonl", **given))


@pytest.mark.parametrize("path", ["", 5, None, b"a.jsonl", ["a.jsonl"], "a\0", "a\ud800", "x" * 5_000], ids=ascii)
def test_a_path_that_is_none_is_told(path: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty one is not the working folder."""
    (tmp_path / "a.jsonl").write_text(json.dumps(GOOD))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(VnsearchError):
        list(read(path))
    if path:
        with pytest.raises(VnsearchError):
            Index.create("index").backup(path)


def test_of_a_million_errors_some_are_kept(tmp_path: Path) -> None:
    """All are counted; so a file of a million bad lines takes no more memory than one of ten thousand."""
    (tmp_path / "a.jsonl").write_text("x\n" * 30_000 + json.dumps(GOOD))
    report = Report()
    assert [article.id for article in read(tmp_path / "a.jsonl", report=report)] == ["good"]
    assert len(report.refused) == 10_000
    assert report.refused.total == 30_000


def test_a_first_article_of_many_words_spoils_no_other(tmp_path: Path) -> None:
    """One with more distinct words than anybody has: what comes behind it is of its province all the same."""
    words = " ".join(f"w{n}x" for n in range(300_000))
    body = "Sáng nay, Bí thư Tỉnh ủy Lạng Sơn dự hội nghị về công tác dân vận."
    others = [{"id": str(n), "title": f"Tỉnh Lạng Sơn họp lần {n}", "body": body} for n in range(300)]
    records = [{"id": "first", "title": words, "body": words}, *others]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, records)))
    code = "import sys, vnsearch; print({a.provinces for a in vnsearch.read(sys.argv[1]) if a.id != 'first'})"
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout == "{('Lạng Sơn',)}\n"


@pytest.mark.skipif(sys.platform != "linux", reason="a limit of address space that is kept")
@pytest.mark.parametrize(
    ("name", "begin", "end"),
    [
        ("a.jsonl", '{"id":"1","title":"', '"}\n' + json.dumps(GOOD)),
        ("a.jsonl", '{"id":"1",', "\n" + json.dumps(GOOD)),
        ("a.jsonl", "", "\n" + json.dumps(GOOD)),
        ("a.json", '[{"id":"1","title":"', '"},\n' + json.dumps(GOOD) + "]"),
        ("a.csv", "title,body\na,", "\ndân vận,họp\n"),
        ("a.xml", "<rss><channel><item><title>", "</title></item></channel></rss>"),
        ("a.html", "<html><title>a</title><p>", "</p>"),
        ("a.txt", "", ""),
    ],
)  # fmt: skip
def test_a_packed_file_of_any_size_takes_memory_within_limits(tmp_path: Path, name: str, begin: str, end: str) -> None:
    """Half a gigabyte in a small file is refused, with some 300 MB to spare; what is behind it is read."""
    with gzip.open(tmp_path / f"{name}.gz", "wb", compresslevel=1) as file:
        file.write(begin.encode())
        for _ in range(500):
            file.write(b"x" * 1_000_000)
        file.write(end.encode())
    code = """
import resource, sys
from vnsearch import Report, read
list(read(*sys.argv[2:]))  # tables are loaded
size = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize() + 300_000_000
resource.setrlimit(resource.RLIMIT_AS, (size, size))
report = Report()
print(len(list(read(sys.argv[1], report=report))), len(report.refused))
"""
    line = "<p>Sáng 7/2, tỉnh Lạng Sơn họp bàn về công tác dân vận trong năm, với sự có mặt của nhiều người.</p>"
    (tmp_path / "b.jsonl").write_text(json.dumps(GOOD))
    (tmp_path / "b.html").write_text(f"<html><title>Hội nghị dân vận</title><h1>Hội nghị</h1>{line * 4}")
    arguments = [sys.executable, "-c", code, *(str(tmp_path / one) for one in (f"{name}.gz", "b.jsonl", "b.html"))]
    done = subprocess.run(
        arguments, capture_output=True, text=True, timeout=120, env={**os.environ, "MALLOC_ARENA_MAX": "2"}
    )
    is_one = name.endswith(("html", "txt", "xml"))  # record, or nothing in it is whole
    assert (done.stdout, done.stderr) == ("0 1\n" if is_one else "1 1\n", "")
