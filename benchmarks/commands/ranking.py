"""What each part of the ranking is worth: nDCG@10 with one part left out at a time, on the sets of relevance/ and on
the known items of `known_items`.

    python -m benchmarks ranking [--data FOLDER] [--sets xquad_vi ...]

Queries as written and without diacritics.  A part is left out by setting its constant to 0 (or K1 to what it was)
inside the library, so this is no benchmark of the public face.  Writes <date>-ranking.json to --out.
"""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

from vnsearch import Article, Index, read
from vnsearch.embedded import searcher as folder_searcher
from vnsearch.embedded import segment_searcher
from vnsearch.query import nodes
from vnsearch.ranking import proximity
from vnsearch.text.phrase_matcher import PhraseMatcher

from ..lib import options, results
from ..lib.judged import SETS
from ..lib.known_items import Item, draw
from ..lib.relevance import Asked, build, load_set, searcher
from ..lib.tables import table
from ..lib.typing_ways import WAYS
from .quality import KNOWN, KNOWN_ARTICLES, items_run

VARIANTS: dict[str, list[tuple[Any, str, Any]]] = {  # name -> constants (module, name, value) unlike the library's
    "the whole": [],
    "without pairs": [(proximity, "PAIR", 0.0)],
    "without the window of 30": [(proximity, "NEAR", 0.0)],
    "without the window of 8": [(proximity, "CLOSE", 0.0)],
    "without sentences": [(proximity, "SENTENCE", 0.0)],
    "without early words": [(proximity, "EARLY", 0.0)],
    "without words of the title": [(proximity, "TITLE", 0.0)],
    "without how many words occur at all": [(proximity, "COVER", 0.0)],
    "words alone": [
        (proximity, name, 0.0) for name in ("PAIR", "NEAR", "CLOSE", "SENTENCE", "EARLY", "TITLE", "COVER")
    ],
    "without reading spellings": [(folder_searcher.Engine, "_spellings", lambda engine, node: None)],
    "spellings read, weights not scaled": [(proximity, "_scaled", lambda weights, others: weights)],
    "without abbreviations of typed long forms": [(nodes, "_short_forms", lambda version: PhraseMatcher({}))],
    "K1 1.2": [(segment_searcher, "K1", 1.2)],
}
TYPED = ("as written", "without")


def main() -> int:
    """Prints and writes the table."""
    parser = options.parser(__doc__)
    options.add_data(parser)
    parser.add_argument("--sets", nargs="*", choices=(*SETS, KNOWN), default=[*SETS, KNOWN])
    asked = parser.parse_args()
    options.need_data(parser, asked.data)
    rows = {name: [name] for name in VARIANTS}
    for name in asked.sets:
        articles, items = load(asked.data, name)
        with tempfile.TemporaryDirectory() as folder:
            build(articles, Path(folder) / "index")
            for variant in VARIANTS:
                rows[variant] += figures(items, Path(folder) / "index", variant)
        print(written(rows, asked.sets), flush=True)
    results.save(asked.out, "judged", "ranking", {"sets": asked.sets, "ways": TYPED, "nDCG@10": rows})
    return 0


def report(figures: dict[str, Any]) -> str:
    """The table of a result."""
    return written(figures["nDCG@10"], figures["sets"])


def load(data: Path, name: str) -> tuple[Sequence[Article], Mapping[str, Sequence[Item]]]:
    """(articles, way of typing -> queries) of a set."""
    if name == KNOWN:
        articles = list(read(data / "news" / "gov.jsonl.xz"))
        return articles, draw(articles, KNOWN_ARTICLES)
    collection = load_set(data / "relevance" / name)
    queries = collection.queries
    items = {way: [Item(Asked(WAYS[way](q.text, n)), q.relevant) for n, q in enumerate(queries)] for way in TYPED}
    return collection.articles, items


def written(rows: dict[str, list[str]], sets: Sequence[str]) -> str:
    """The table of the sets that are done."""
    head = ["nDCG@10", *(f"{name}, {way}" for name in sets for way in TYPED)][: len(rows["the whole"])]
    return table(head, list(rows.values()))


def figures(items: Mapping[str, Sequence[Item]], path: Path, variant: str) -> list[str]:
    """nDCG@10 in both ways of typing; the index is opened anew, since postings are kept with their K1."""
    patches = [mock.patch.object(*constant) for constant in VARIANTS[variant]]
    for patch in patches:
        patch.start()
    try:
        search = searcher(Index.open(path))
        return [f"{items_run(items[way], search)['nDCG@10'].mean():.4f}" for way in TYPED]
    finally:
        for patch in patches:
            patch.stop()
