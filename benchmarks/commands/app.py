"""What an app asks beside a search: facets, snippets, articles, suggestions, completion, similar articles.

    python -m benchmarks app --corpus vntc10

Processor time of one thread, ms, vnsearch alone.  The or set, every second query without marks; each is asked --rounds
times and the quickest kept, so what can be cached is.  search: `Index.search`, hits not opened.  facets: the same with
five of them.  open: ten hits' articles read.  snippets: ten hits' snippets and titles marked, articles already read.
suggest: the query without marks.  complete: the first two letters, and a word with half of the next.  similar: of
random articles.
"""

import random
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from vnsearch import Index
from vnsearch.api import Facet
from vnsearch.results import Results

from ..lib import options, results
from ..lib.analysis import folded
from ..lib.corpus import SEED
from ..lib.engines import OWN
from ..lib.machine import percentiles
from ..lib.progress import progress
from ..lib.setting import setting
from ..lib.tables import number, table

FACETS: tuple[Facet, ...] = ("province", "topic", "source", "year", "month")


def main() -> int:
    """Prints the table."""
    parser = options.parser(__doc__)
    options.add_engines(parser, 100)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    asked.peers = "none"
    with progress({"indexing": 30.0, "asking": 30.0}) as shown:
        shown.step("indexing")
        with setting(asked, shown) as made:
            index = Index.open(Path(made.folder(OWN)) / "index")
            shown.step("asking")
            words = [query.words for query in made.corpus.queries["or"]]
            times = measure(index, [folded(text) if at % 2 else text for at, text in enumerate(words)], asked.rounds)
            found = {what: {**percentiles(ms), "asked": len(ms)} for what, ms in times.items()}
            name = f"{made.corpus.name}-{made.corpus.number}"
            results.save(asked.out, name, "app", {"corpus": made.described()["corpus"], "ms": found})
    print(report({"ms": found}))
    return 0


def report(figures: dict[str, Any]) -> str:
    """A row a question."""
    rows = [
        [what, str(ms["asked"]), *(number(ms[p]) for p in ("p50", "p95", "p99"))] for what, ms in figures["ms"].items()
    ]
    return table(("ms", "asked", "p50", "p95", "p99"), rows)


def measure(index: Index, queries: list[str], rounds: int) -> dict[str, list[float]]:
    """Times of every kind of question."""
    times: dict[str, list[float]] = defaultdict(list)
    times["first suggestion"].append(_quickest(1, lambda: index.suggest("dan van")))
    ids = [article.id for article in index]
    chance = random.Random(SEED)
    for text in queries:
        typed = folded(text)
        start = typed[: typed.find(" ") + 1 + (len(typed) - typed.find(" ")) // 2]
        asked: dict[str, Callable[[], Any]] = {
            "search": partial(index.search, text),
            "search with facets": partial(index.search, text, facets=FACETS),
            "suggest": partial(index.suggest, typed),
            "complete two letters": partial(index.complete, typed[:2]),
            "complete a word and a half": partial(index.complete, start),
            "similar": partial(index.similar, chance.choice(ids)),
        }
        for what, run in asked.items():
            times[what].append(_quickest(rounds, run))
        opened, marked = [], []
        for _ in range(rounds):
            found = index.search(text)
            opened.append(_quickest(1, partial(_opened, found)))
            marked.append(_quickest(1, partial(_marked, found)))
        times["open ten"].append(min(opened))
        times["snippets of ten"].append(min(marked))
    return dict(times)


def _opened(found: Results) -> list[object]:
    return [hit.article for hit in found]


def _marked(found: Results) -> list[object]:
    return [(hit.snippet, hit.title) for hit in found]


def _quickest(rounds: int, run: Callable[[], Any]) -> float:
    taken = []
    for _ in range(rounds):
        begun = time.process_time()
        run()
        taken.append(1000 * (time.process_time() - begun))
    return min(taken)
