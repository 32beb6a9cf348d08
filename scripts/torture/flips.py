"""Changes every region of every file of an index in turn, and cuts every file everywhere.

    python scripts/torture/flips.py

An index of two generations, with deletions, is broken in one place at a time: a byte flipped in every region of so
many bytes, the file cut there, or half of the region zeroed.  `verify` must find each one.  A search, of many kinds,
must give an error of vnsearch's or the answer that the whole index gives; anything else, be it a wrong answer, an
exception of Python's or the end of the interpreter, ends this script.
"""

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from corpus import articles
from whoosh.query import Or, Phrase, Term

from vnsearch import Index, VnsearchError
from vnsearch.index.verify import verify


def main() -> None:
    """Prints a line for each file; ends with 1 where something was not found, or wrongly answered."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=400)
    parser.add_argument("--regions", type=int, default=500, help="of each file, at most; no region is under a byte")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = make(Path(folder), options.articles)
        expected = answers(path)
        assert not any(isinstance(answer, Exception) for answer in expected), expected
        for file in sorted(path.iterdir()):
            if file.name != "vnsearch.lock":
                begun = time.perf_counter()
                size, number, right, refused = torture(path, file, expected, options.regions)
                print(
                    f"{file.name}: {size:,} bytes, {number} changes, each found by verify; of {right + refused} "
                    f"searches {right} right, {refused} errors, none wrong; {time.perf_counter() - begun:.0f} s"
                )


def make(folder: Path, number: int) -> Path:
    """An index whose generations share one segment and have one of their own each."""
    index = Index.create(folder / "index")
    for part, prefix in ((articles(number, prefix="a"), "a"), (articles(number // 20, seed=1, prefix="b"), "b")):
        with index.writer() as writer:
            for article in part:
                writer.add(article)
            writer.delete(f"{prefix}3")
    with index.writer() as writer:
        writer.delete("a5")
    path: Path = index.path
    return path


def _hits(search: Callable[[Index], Any]) -> Callable[[Index], Any]:
    def run(index: Index) -> Any:
        found = search(index)
        return found.total, found.facets, [(h.id, h.score, h.article, h.snippet.text, h.title.text) for h in found]

    return run


def _whoosh(query: Any) -> Callable[[Index], Any]:
    def run(index: Index) -> Any:
        with index.whoosh.searcher() as searcher:
            return [(hit["id"], hit.score) for hit in searcher.search(query, limit=5)]

    return run


SEARCHES: tuple[Callable[[Index], Any], ...] = (
    _hits(lambda index: index.search("dân vận", facets=("province", "source"))),
    _hits(lambda index: index.search("dan van tinh uy", province="Lạng Sơn")),
    _hits(lambda index: index.search('"hội nghị"')),
    _hits(lambda index: index.search("mã7 AND đường")),
    _hits(lambda index: index.search("số17 OR so3*", source="bao2.vn")),
    _hits(lambda index: index.search('title:"công tác" -bão')),
    _hits(lambda index: index.search("", sort="newest", limit=3)),
    _hits(lambda index: index.search("cầu", collapse="story", limit=3)),
    lambda index: [hit.id for hit in index.similar("a7")],
    lambda index: index.complete("nông t"),
    lambda index: index.suggest("nong thon moi"),
    lambda index: [index.get(f"a{n}") for n in (0, 5, 50)],
    lambda index: index.stats(),
    _whoosh(Term("title_folded", "dan")),
    _whoosh(Or([Term("body", "mã7"), Phrase("body", ["hội", "nghị"])])),
)


def answers(path: Path) -> list[Any]:
    """What each search gives: its answer or vnsearch's error."""
    return [answer(path, search) for search in SEARCHES]


def answer(path: Path, search: Callable[[Index], Any]) -> Any:
    """Of an index that was opened for this search alone."""
    try:
        return search(Index.open(path))
    except VnsearchError as e:
        return e


def changes(whole: bytes, regions: int) -> Iterator[bytes]:
    """The file broken in one place each, one place in each region."""
    region = max(1, len(whole) // regions)
    for begin in range(0, len(whole), region):
        at = min(begin + begin // region % region, len(whole) - 1)  # not the same byte of each region
        yield whole[:at] + bytes([whole[at] ^ (1 << at % 8)]) + whole[at + 1 :]
        if begin // region % 10 == 0:
            yield whole[:at]
            zeroed = whole[:begin] + bytes(region) + whole[begin + region :]
            if zeroed[: len(whole)] != whole:
                yield zeroed[: len(whole)]


def torture(path: Path, file: Path, expected: list[Any], regions: int) -> tuple[int, int, int, int]:
    """(bytes, changes, searches answered rightly, searches refused)."""
    whole = file.read_bytes()
    number = right = refused = 0
    broken = path.with_name("broken")
    shutil.copytree(path, broken)
    for number, data in enumerate(changes(whole, regions), 1):
        (broken / file.name).unlink()  # never in place: what is mapped must not shrink
        (broken / file.name).write_bytes(data)
        verified = verify(broken)
        assert any(file.name in problem for problem in verified.problems), (file.name, number, verified)
        for at, search in enumerate(SEARCHES):
            if at % 4 != number % 4:  # a quarter of the kinds for each change
                continue
            got = answer(broken, search)
            assert isinstance(got, VnsearchError) or got == expected[at], (file.name, number, at, got, expected[at])
            refused += isinstance(got, VnsearchError)
            right += not isinstance(got, VnsearchError)
    shutil.rmtree(broken)
    return len(whole), number, right, refused


if __name__ == "__main__":
    main()
