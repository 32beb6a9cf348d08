"""Searches for whatever comes: any text must give a result or a QueryError, and none may take long.

    python scripts/fuzz_queries.py --minutes 10 --seed 1

Over an index of examples/.  Each text is searched as a query and literally, its hits' snippets made and its
suggestion asked for.  A text that raises anything else, or takes more than --seconds, is printed; exit code 1.
"""

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

from vnsearch import Index, QueryError, read

ROOT = Path(__file__).parent.parent
PIECES = (
    "dân vận hội nghị lạng sơn dan van lang son 25-NQ/TW 7/2/2023 4.600 UBND TP.HCM 98,2% 14:35 AND OR NOT VÀ HOẶC "
    'title: tỉnh: ngày: source: number: x: * a* ng* aaaa~ hội~2 ~ ~5 + - ( ) (( )) " “ ” .. >= < https://a.vn @ <b> & '
    "\u0301 \u200b Ð ｕｂｎｄ Москва 中文 😀 \x00 \ud800 \x1b[31m ' \\ / [ ] { } ^ % _"
).split(" ")
LETTERS = 'aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạ \t\n"()+-:*~.,/0123456789\u0301\u0323\u200b'


def text(random_: random.Random) -> str:
    """A text of pieces of the language, of letters, or of one piece many times."""
    kind = random_.random()
    if kind < 0.6:
        return random_.choice((" ", " ", "")).join(random_.choices(PIECES, k=random_.randint(0, 12)))
    if kind < 0.9:
        return "".join(random_.choices(LETTERS, k=random_.randint(0, 60)))
    return random_.choice((" ", "")).join([random_.choice(PIECES)] * random_.choice((50, 1000, 10_000)))


def try_one(index: Index, query: str) -> None:
    """Everything that an app does with a query.  Raises whatever is not a QueryError."""
    for literal in (False, True):
        try:
            results = index.search(query, literal=literal, facets=("province", "year"))
        except QueryError:
            if literal:
                raise
            continue
        for hit in results:
            assert hit.snippet.html().count("<mark>") == len(hit.snippet.highlights)
        assert results.suggestion is None or index.search(results.suggestion).total


def main() -> None:
    """Until the time is over."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seconds", type=float, default=2.0, help="processor time that one text may take")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    random_, end = random.Random(options.seed), time.monotonic() + 60 * options.minutes
    tried, bad, slowest = 0, 0, (0.0, "")
    with tempfile.TemporaryDirectory() as folder:
        index = Index.create(Path(folder) / "index")
        with index.writer() as writer:
            for article in read(ROOT / "examples"):
                writer.add(article)
        while time.monotonic() < end:
            query, begun = text(random_), time.process_time()
            tried += 1
            try:
                try_one(index, query)
            except Exception as e:
                bad += 1
                print(f"{type(e).__name__}: {e}\n  {query[:200]!r}")
            took = time.process_time() - begun
            slowest = max(slowest, (took, query[:80]))
            if took > options.seconds:
                bad += 1
                print(f"{took:.1f} s\n  {query[:200]!r}")
    print(f"{tried:,} texts, {bad} bad; the slowest took {slowest[0] * 1000:.0f} ms: {slowest[1]!r}")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
