"""Gives readers, articles, arguments and cursors whatever comes: the answer is a result or a VnsearchError, in time.

    python scripts/fuzz_inputs.py --minutes 10 --seed 1

Bytes are those of files of all formats, changed, cut, repeated and joined; values are of all types.  What raises
anything else, or takes more than --seconds of processor time, is printed with its seed; exit code 1.
"""

import argparse
import base64
import copy
import json
import pickle
import random
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from vnsearch import Article, Index, VnsearchError, read
from vnsearch.ingest.readers import FORMATS, Report

ROOT = Path(__file__).parent.parent
TOKENS = (
    '{ } [ ] " \\ , : \n \t \r \0 < > </p> <p> <div> <span> <script> <!-- --> &amp; &# ; = ? / // '
    "http://[x http://a]b/ é ộ "
    "\ud800 \x1b[2J \u202e \ufeff <html> <title> <item> <rss> <?xml ]]> <![CDATA[ null 1e999 -0 NaN "
    "true 2023-02-07 7/2/2023 "
    '"title" "body" "published" "url" "id" "extra" title,body a;b;c ="" MIME-Version: boundary= '
    "Content-Type: \x1f\x8b \x28\xb5\x2f\xfd"
).split(" ")


def values(rng: random.Random, depth: int = 0) -> Any:
    """A value of any type."""
    kind = rng.randrange(16 if depth < 4 else 10)
    if kind == 0:
        return rng.choice([None, True, False, 0, -1, 1, 5, 10**30, 2**63, 1.5, -0.0, float("nan"), float("inf")])
    if kind == 1:
        return rng.choice(
            [date(2023, 2, 7), date.min, date.max, datetime(1, 1, 1), datetime(9999, 12, 31, 23, tzinfo=UTC)]
        )
    if kind == 2:
        return datetime(2023, 2, 7, tzinfo=timezone(timedelta(hours=rng.randint(-23, 23), seconds=rng.randint(0, 59))))
    if kind == 3:
        return rng.choice(
            [b"bytes", bytearray(b"x"), object(), int, print, {1, 2}, range(3), Path("x"), 1j, iter("ab")]
        )
    if kind == 4:
        return rng.choice(TOKENS) * rng.choice([0, 1, 3, 1_000])
    if kind == 5:
        return "".join(
            chr(rng.choice([rng.randrange(128), rng.randrange(0x300), rng.randrange(0x110000)])) for _ in range(9)
        )
    if kind < 10:
        return rng.choice(
            ["dân vận", "Lạng Sơn", "7/2/2023", "2023", "newest", "story", "a*", "giáo dục", "year", "province"]
        )
    if kind < 12:
        return [values(rng, depth + 1) for _ in range(rng.randint(0, 3))]
    if kind < 13:
        return tuple(values(rng, depth + 1) for _ in range(rng.randint(0, 3)))
    if kind < 15:
        return {rng.choice(["a", "b", 1, None, "\ud800"]): values(rng, depth + 1) for _ in range(rng.randint(0, 3))}
    deep: Any = 1
    for _ in range(rng.choice([10, 70, 2_000])):
        deep = [deep] if rng.random() < 0.9 else {"a": deep}
    return deep


class Fuzz:
    """Something to try with each kind of input."""

    def __init__(self, temporary: Path) -> None:
        self.folder, self.index = temporary, Index.create(temporary / "index")
        self.files = [
            path
            for folder in (ROOT / "examples", ROOT / "tests" / "data" / "fuzz" / "files")
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.stat().st_size < 100_000
        ]
        with self.index.writer() as writer:
            for article in read(ROOT / "examples"):
                writer.add(article)
        self.cursor = self.index.search("dân", limit=2).cursor or ""

    def reader(self, rng: random.Random) -> None:
        """Changed bytes of a file, under a name of any format."""
        data = bytearray(rng.choice(self.files).read_bytes()[:20_000])
        for _ in range(rng.randint(0, 8)):
            at, kind = rng.randrange(len(data) + 1), rng.randrange(6)
            token = rng.choice(TOKENS).encode("utf-8", "surrogatepass")
            if kind == 0:
                data[at:at] = token
            elif kind == 1:
                data[at:at] = token * rng.choice([10, 1_000, 20_000])
            elif kind == 2:
                del data[at : at + rng.randint(1, 500)]
            elif kind == 3:
                data[at : at + 1] = bytes([rng.randrange(256)])
            elif kind == 4:
                data = data.decode("utf-8", "replace").encode(
                    rng.choice(["utf-16", "cp1258", "utf-8", "utf-32"]), "replace"
                )  # type: ignore[assignment]
                data = bytearray(data)
            else:
                end = rng.randrange(len(data) + 1)
                data[at:at] = data[min(at, end) : max(at, end)]
        suffix = rng.choice(
            ["jsonl", "json", "csv", "tsv", "xml", "html", "mhtml", "txt", "jsonl.gz", "json.zst", "", "xz"]
        )
        path = self.folder / f"file.{suffix}"
        path.write_bytes(data)
        try:
            for article in read(path, format=rng.choice(FORMATS), report=Report(), all=rng.random() < 0.5):
                pickle.dumps(article)
        finally:
            path.unlink()

    def article(self, rng: random.Random) -> None:
        """An article of any values; what is one goes in and comes back."""
        given = {"id": "x", "title": "tin", "body": "dân vận"}
        for name in rng.sample(Article.__struct_fields__, rng.randint(1, 4)):
            given[name] = values(rng)
        article = Article(**given)  # type: ignore[arg-type]
        with self.index.writer() as writer:
            writer.add(article)
        assert self.index.get(article.id) is not None
        with self.index.writer() as writer:
            assert writer.delete(article.id)

    def arguments(self, rng: random.Random) -> None:
        """A search whose arguments are of any kind."""
        names = "text province topic source since until sort limit offset after facets now collapse snippet_chars"
        names += " timeout_ms match fields"
        chosen = {name: values(rng) for name in rng.sample(names.split(), rng.randint(1, 4))}
        chosen.setdefault("text", "dân vận")
        if isinstance(chosen.get("limit"), int):
            chosen["limit"] = min(chosen["limit"], 50)
        found = self.index.search(**chosen)
        for hit in found.hits[:5]:
            hit.snippet.html()
        _ = found.cursor, found.suggestion

    def ids(self, rng: random.Random) -> None:
        """Calls with one argument."""
        index = self.index
        calls: list[Callable[[Any], object]] = [index.get, index.similar, index.complete, index.suggest]
        call = rng.choice(calls)
        try:
            call(values(rng))
        except KeyError as e:  # similar to nothing
            assert call == self.index.similar, e

    def cursors(self, rng: random.Random) -> None:
        """A changed cursor."""
        data = bytearray(base64.urlsafe_b64decode(self.cursor + "=" * (-len(self.cursor) % 4)))
        if rng.random() < 0.5:
            row = json.loads(data)
            row[rng.randrange(len(row))] = rng.choice([None, -1, 10**20, "x", [], [[]], 1.5, True])
            data = bytearray(json.dumps(row).encode())
        else:
            data[rng.randrange(len(data))] = rng.randrange(256)
        text = base64.urlsafe_b64encode(data).decode().rstrip("=")
        for hit in self.index.search("dân", limit=2, after=text):
            _ = hit.id


def main() -> None:
    """Until the time is over."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seconds", type=float, default=3.0, help="processor time that one input may take")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    tried, refused, bad, slowest = Counter[str](), Counter[str](), 0, (0.0, "")
    end, seed = time.monotonic() + 60 * options.minutes, options.seed * 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        fuzz = Fuzz(Path(folder))
        kinds = (fuzz.reader, fuzz.article, fuzz.arguments, fuzz.ids, fuzz.cursors)
        while time.monotonic() < end:
            seed += 1
            rng = random.Random(seed)
            kind = rng.choice(kinds)
            begun = time.process_time()
            try:
                kind(rng)
            except VnsearchError as e:
                refused[kind.__name__] += 1
                assert str(copy.copy(e)) == str(e)
            except Exception as e:
                bad += 1
                at = traceback.extract_tb(e.__traceback__)[-1]
                print(
                    f"{kind.__name__} {seed}: {type(e).__name__}: {str(e)[:200]} ({Path(at.filename).name}:{at.lineno})"
                )
            took = time.process_time() - begun
            tried[kind.__name__] += 1
            slowest = max(slowest, (took, f"{kind.__name__} {seed}"))
            if took > options.seconds:
                bad += 1
                print(f"{kind.__name__} {seed}: {took:.1f} s")
    counts = ", ".join(f"{number:,} {name} ({refused[name]:,} refused)" for name, number in tried.items())
    print(f"{counts}; {bad} bad; the slowest took {slowest[0] * 1000:.0f} ms: {slowest[1]}")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
