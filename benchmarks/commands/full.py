"""Everything, on the large corpora: what benchmarks/results holds, in one command.

    python -m benchmarks full --out benchmarks/results

One command after the other, each in a process of its own; how long each took is part of the result.  `--only` takes
some; `--keep` keeps corpora, peers' indexes and peers' relevance for the next run, which then measures vnsearch anew
and the peers' searches: some 40 minutes on two processors, two hours more where nothing was kept.

Afterwards `python -m benchmarks page` writes results/README.md and what README quotes.
"""

import json
import lzma
import os
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from vnsearch import Article, Index, read

from ..lib import child, options, results
from ..lib.progress import progress
from ..lib.relevance import load_set

HEADLINES = 40_000  # of the index that queries mistyped are read with

STEPS: dict[str, tuple[list[str], float]] = {  # name -> (command, about how many seconds)
    "bench": (["bench", "--corpus", "vntc10", "--queries", "600", "--patience", "3"], 1100),
    "quality": (["quality", "--known"], 115),
    "result_set": (["result_set"], 40),
    "reading": (["reading", "--headlines", "{rss40}", "--questions", "{alqac}"], 30),
    "suggest": (["suggest", "--index", "{rss}", "{gov}"], 95),
    "ingest": (["ingest"], 135),
    "app": (["app", "--corpus", "vntc10"], 65),
    "curve": (["curve", "--corpus", "vntc10", "--sizes", "1000,10000,84132", "--queries", "150"], 105),
    "ranking": (["ranking"], 460),
    "text": (["text"], 20),
    "text_segment": (["text_segment"], 12),
}


def main() -> int:
    """Runs the steps; the worst exit code."""
    parser = options.parser(__doc__)
    options.add_data(parser)
    parser.add_argument("--only", nargs="*", choices=STEPS, default=list(STEPS), metavar="STEP", help=", ".join(STEPS))
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave corpora and indexes there for the next run")
    parser.add_argument(
        "--peers", default="all", help="all, none, or names with commas between; default: all there are"
    )
    asked = parser.parse_args()
    options.need_data(parser, asked.data)
    taken: dict[str, dict[str, Any]] = {}
    worst = 0
    with tempfile.TemporaryDirectory() as folder, progress({step: STEPS[step][1] for step in asked.only}) as shown:
        for step in asked.only:
            shown.step(step)
            begun = time.perf_counter()
            command = [word.format(**indexes(word, asked.data, Path(folder))) for word in STEPS[step][0]]
            if step in ("bench", "app", "curve"):
                command += ["--keep", str(asked.keep or folder)]
            if step == "bench":
                command += ["--peers", asked.peers]
            own = {**os.environ, "VNSEARCH_DATA": str(asked.data.resolve())}
            code = child.command([*command, "--out", str(asked.out.resolve())], own)
            taken[step] = {"seconds": round(time.perf_counter() - begun), "exit code": code}
            worst = max(worst, code)
            results.save(asked.out, "judged", "full", {"steps": taken})
    print({step: one["seconds"] for step, one in taken.items()})
    return worst


# -- the indexes that some steps read ------------------------------------------------------------------


def indexes(word: str, data: Path, folder: Path) -> dict[str, str]:
    """Name -> path of those that a word of a command names, made where they are not there yet."""
    wanted = [name for name in ("rss40", "rss", "gov", "alqac") if f"{{{name}}}" in word]
    for name in wanted:
        if not (folder / name).exists():
            with Index.create(folder / name).writer(workers=2) as writer:
                for article in articles(name, data):
                    writer.add(article)
    return {name: str(folder / name) for name in wanted}


def articles(name: str, data: Path) -> Iterator[Article]:
    """Headlines with their leads, government news, articles of laws."""
    if name.startswith("rss"):
        with lzma.open(data / "news/rss_headlines.jsonl.xz", "rt", encoding="utf-8") as lines:
            for row in map(json.loads, islice(lines, HEADLINES if name == "rss40" else None)):
                yield Article(id=row["id"], title=row["title"], body=row["lead"] or row["title"])
    elif name == "gov":
        yield from read(data / "news/gov.jsonl.xz")
    else:
        yield from load_set(data / "relevance/alqac_legal").articles
