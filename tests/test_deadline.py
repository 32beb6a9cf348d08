"""A search ends when its time is over, wherever that is; what it then says is true, and nothing is left half made.

Time is told by a clock that goes on by a second at each look at it, so a test chooses at which look the time is over.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from vnsearch import Article, Index, deadline
from vnsearch.deadline import Deadline, Late, check_time, in_time

DAN = "dân vận tỉnh ủy hội nghị công tác nông thôn mới".split()


class Clock:
    """Seconds that are looks at it."""

    def __init__(self) -> None:
        self.looks = 0

    def __call__(self) -> float:
        self.looks += 1
        return float(self.looks)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(deadline, "clock", clock)
    return clock


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of an index of three segments; some articles tell the same, one is long."""
    path = tmp_path_factory.mktemp("deadline") / "index"
    index = Index.create(path)
    for part in range(3):
        with index.writer() as writer:
            for n in range(40):
                same = " ".join(DAN * 4) if n % 4 == 0 else f"{' '.join(DAN[n % 9 :])} số{n} mã{part}x{n} lớp{n % 7}."
                writer.add(Article(id=f"{part}-{n}", title=f"dân vận {n}", body=same, source=f"s{n % 5}.vn"))
            writer.add(Article(id=f"{part}-long", title="dài", body="Họp dài. " + "dân vận họp. " * 9_000))
    return path


SEARCHES: dict[str, dict[str, Any]] = {
    "words": {"text": "dân vận hội nghị", "facets": ("source", "year"), "recency": True},
    "any": {"text": "dân tỉnh họp", "match": "any"},
    "nearest": {"text": "dân vận zzz lớp3"},
    "mistyped": {"text": "danv vanj hoij nghi"},
    "phrases": {"text": '"dân vận" AND "hội nghị"~5'},
    "prefixes": {"text": "s* lớ* title:d* *ớp*"},
    "fuzzy": {"text": "lớpp~ OR hộii~2"},
    "collapsed": {"text": "dân", "collapse": "story", "limit": 60},
    "newest": {"text": "", "sort": "newest", "facets": ("source",)},
    "deep": {"text": "dân", "offset": 70},
    "long": {"text": "họp dài dân"},
    "nothing": {"text": "dân vận", "source": "x.vn", "since": "2030"},
}


def shown(index: Index, given: dict[str, Any], milliseconds: float | None) -> tuple[Any, ...]:
    """What an app shows of a search, and whether its time was over."""
    found = index.search(**given, timeout_ms=milliseconds)
    hits = [(hit.id, hit.score, hit.same_story, hit.title, hit.snippet) for hit in found]
    rest = found.suggestion, found.relaxed, found.cursor, found.total, dict(found.facets), found.missing, found.matched
    return (*rest, hits, found.searched_as), found.partial, found.timed_out


@pytest.mark.parametrize("name", SEARCHES)
def test_wherever_the_time_is_over_it_is_said_and_nothing_is_spoilt(path: Path, clock: Clock, name: str) -> None:
    """At each look: no error; what is not said to be cut off is whole; the index gives the same afterwards as before.

    Behind the look at which the time is over there are few others: no step goes on.
    """
    given = SEARCHES[name]
    whole, *_ = shown(Index.open(path), given, None)
    with Index.open(path) as index:
        assert shown(index, given, 1e12) == (whole, False, False)
    looks = clock.looks
    for ends in sorted({*range(12), *range(0, looks, max(looks // 60, 1)), looks}):
        with Index.open(path) as index:
            clock.looks = 0
            found, partial, timed_out = shown(index, given, 1000.0 * ends)
            assert timed_out or (found == whole and not partial)
            assert clock.looks <= ends + 40 + 20 * len(found[7])
            assert shown(index, given, None)[0] == whole


def test_a_page_is_shown_without_marks_where_there_is_no_time(path: Path, clock: Clock) -> None:
    """Titles whole, snippets the beginning of the text; that it is so is told, and the search itself was not cut."""
    with Index.open(path) as index:
        before = index.search("họp dài dân", timeout_ms=1e12)
        looks = clock.looks
        clock.looks = 0
        found = index.search("họp dài dân", timeout_ms=1000.0 * looks + 500)
        assert (found.partial, found.timed_out, found.total) == (False, False, before.total)
        for hit in found.hits:
            assert hit.title.text == hit.article.title
            assert hit.article.body.startswith(hit.snippet.text) or hit.snippet.highlights
            assert len(hit.snippet.text) <= 240
        assert found.timed_out
        assert any(not hit.snippet.highlights for hit in found.hits)


def _looks(make: Callable[[int], Callable[[], object]], size: int, clock: Clock) -> int:
    clock.looks = 0
    Deadline(1e12).run(make(size), lambda: None)
    return clock.looks


def _index_of(words: int, folder: Path) -> Index:
    index = Index.create(folder / f"{words}")
    with index.writer() as writer:
        for n in range(0, words, 20):
            body = " ".join(f"ba{chr(97 + m % 26)}{m:x}" for m in range(n, n + 20))
            writer.add(Article(id=str(n), title=f"tin {n}", body=body))
    return index


def test_what_takes_long_looks_often(tmp_path: Path, clock: Clock) -> None:
    """Of ten times as much, about ten times as often: words that a pattern or a fuzzy word may mean, stories,
    long texts.
    """
    import numpy as np

    from vnsearch.present.marker import Marker
    from vnsearch.query.planner import plan
    from vnsearch.text.fingerprint import first_of_each_story

    prints = np.random.default_rng(1).integers(1, 1 << 63, 20_000, np.uint64)
    marker = Marker(plan("dan van b* ho~").marked)
    indexes = {size: _index_of(size, tmp_path) for size in (1_000, 10_000)}
    kinds: dict[str, Callable[[int], Callable[[], object]]] = {
        "patterns": lambda n: lambda: indexes[n].search("*a*f*"),
        "fuzzy words": lambda n: lambda: indexes[n].search("bazzz~2"),
        "stories": lambda n: lambda: first_of_each_story(prints[:n]),
        "texts": lambda n: lambda: marker.snippet(("bân họp bàn về hoà " * 4 * n,)),
    }  # fmt: skip
    for name, make in kinds.items():
        small, large = _looks(make, 1_000, clock), _looks(make, 10_000, clock)
        assert large > 3 * small, (name, small, large)


def test_searches_without_time_go_on_where_the_last_one_stopped(tmp_path: Path, clock: Clock) -> None:
    """Going through the terms of a segment takes many looks; each search that has time for some does its part."""
    from vnsearch.index.article_json import dump
    from vnsearch.index.inverter import Inverter
    from vnsearch.index.segment_reader import Segment
    from vnsearch.suggest.known import KnownFolded

    inverter = Inverter()
    inverter.add(dump(Article(id="1", title="tin", body=" ".join(f"từ{n} từ{n}" for n in range(40_000)) + " zử zử")))
    inverter.write(tmp_path / "a.seg", sync=False)
    known = KnownFolded([Segment(tmp_path / "a.seg")])
    tries = 0

    def filled() -> bool:
        known.fill()
        return True

    while not Deadline(2_000).run(filled, lambda: False):
        tries += 1
        assert tries < 20
    assert (tries > 2, "zu" in known, "zuu" in known) == (True, True, False)


def test_a_clock_runs_only_while_something_is_made(clock: Clock) -> None:
    """What happens between two calls costs no time; what is made inside another has the other's time, too."""
    one = Deadline(10_000)
    assert one.run(lambda: list(in_time(range(3), 1)), list) == [0, 1, 2]
    clock.looks += 1_000
    assert one.run(lambda: list(in_time(range(3), 1)), list) == [0, 1, 2]

    def endless() -> Iterator[int]:
        n = 0
        while True:
            yield (n := n + 1)

    inner = Deadline(1_000_000)
    assert one.run(lambda: inner.run(lambda: sum(in_time(endless(), 1)), lambda: -1), lambda: -2) in (-1, -2)
    assert clock.looks < 1_100
    with pytest.raises(ZeroDivisionError):
        one.run(lambda: 1 / 0, lambda: 0)
    check_time()


def test_no_deadline_is_never_over() -> None:
    """Without one, nothing is looked at."""
    assert Deadline(None).run(lambda: list(in_time(range(9), 1)), lambda: []) == list(range(9))
    with pytest.raises(Late):
        Deadline(0).run(lambda: _fails_inside(), lambda: (_ for _ in ()).throw(Late()))


def _fails_inside() -> None:
    check_time()


@pytest.mark.parametrize("limit", [None, 60_000])
def test_long_phrases_are_found_where_they_stand(tmp_path: Path, limit: float | None) -> None:
    """Found where they stand whole, as often as they do, in any field, and nowhere else."""
    words = [f"chữ{n}" for n in range(30)]
    phrase = " ".join(words)
    wrong = [" ".join([*words[:n], "khác", *words[n + 1 :]]) for n in range(30)]
    with Index.create(tmp_path / "index") as index:
        with index.writer() as writer:
            writer.add(Article(id="body", title="a", body=f"x {phrase} y. {phrase}"))
            writer.add(Article(id="title", title=f"{phrase} z", body="b"))
            writer.add(Article(id="split", title=" ".join(words[:9]), body=" ".join(words[9:])))
            writer.add_all(Article(id=f"w{n}", title="a", body=body) for n, body in enumerate(wrong))
            writer.add(Article(id="same", title="a", body="dân " * 40))
        for text in (f'"{phrase}"', f'"{phrase}" AND chữ3', f'+"{phrase}" -dân'):
            assert {hit.id for hit in index.search(text, timeout_ms=limit)} == {"body", "title"}
        assert [hit.id for hit in index.search(f'title:"{phrase}"', timeout_ms=limit)] == ["title"]
        assert [hit.id for hit in index.search(f'"{"dân " * 39}"', timeout_ms=limit)] == ["same"]
        assert index.search(f'"{"dân " * 41}"', match="all", timeout_ms=limit).total == 0
