"""What each part of the ranking is worth: nDCG@10 with one part left out at a time, on the sets of relevance/ and on
the known items of `known_items`.

    python benchmarks/ranking.py [--data FOLDER] [--sets xquad_vi ...]

Queries as written and without diacritics.  A part is left out by setting its constant to 0 (or K1 to what it was)
inside the library, so this is no benchmark of the public face.  Writes results/ranking.md.
"""

import argparse
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

from known_items import Item, draw
from quality import KNOWN, KNOWN_ARTICLES, RESULTS, SETS, items_run, markdown
from relevance import Asked, build, load_set, searcher
from typing_ways import WAYS
from vnsearch import Article, Index, read
from vnsearch.embedded import searcher as folder_searcher
from vnsearch.embedded import term_groups
from vnsearch.query import nodes
from vnsearch.ranking import proximity
from vnsearch.text.phrase_matcher import PhraseMatcher

VARIANTS: dict[str, list[tuple[Any, str, Any]]] = {  # name -> constants (module, name, value) unlike the library's
    "the whole": [],
    "without pairs": [(proximity, "PAIR", 0.0)],
    "without the window of 30": [(proximity, "NEAR", 0.0)],
    "without the window of 8": [(proximity, "CLOSE", 0.0)],
    "without early words": [(proximity, "EARLY", 0.0)],
    "without words of the title": [(proximity, "TITLE", 0.0)],
    "without how many words occur at all": [(proximity, "COVER", 0.0)],
    "words alone": [(proximity, name, 0.0) for name in ("PAIR", "NEAR", "CLOSE", "EARLY", "TITLE", "COVER")],
    "without reading spellings": [(folder_searcher.Engine, "_spellings", lambda engine, node: None)],
    "spellings read, weights not scaled": [(proximity, "_scaled", lambda weights, others: weights)],
    "without abbreviations of typed long forms": [(nodes, "_short_forms", lambda version: PhraseMatcher({}))],
    "K1 1.2": [(term_groups, "K1", 1.2)],
}
TYPED = ("as written", "without")


def main() -> None:
    """Prints and writes the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("VNSEARCH_DATA", "../shared/data")))
    parser.add_argument("--sets", nargs="*", choices=(*SETS, KNOWN), default=[*SETS, KNOWN])
    options = parser.parse_args()
    if not (options.data / "relevance").is_dir():
        parser.error(f"{options.data} is not there; name the folder of corpora with --data or $VNSEARCH_DATA")
    rows = {name: [name] for name in VARIANTS}
    for name in options.sets:
        articles, items = load(options.data, name)
        with tempfile.TemporaryDirectory() as folder:
            build(articles, Path(folder) / "index")
            for variant in VARIANTS:
                rows[variant] += figures(items, Path(folder) / "index", variant)
        print(written(rows, options.sets), flush=True)


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
    """The table of the sets that are done, which goes into the results, too."""
    head = ["nDCG@10", *(f"{name}, {way}" for name in sets for way in TYPED)][: len(rows["the whole"])]
    table = "\n".join(markdown([head, *rows.values()]))
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "ranking.md").write_text(
        f"# What each part of the ranking is worth\n\nBy `{Path(__file__).name}`.\n\n{table}\n"
    )
    return table


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


if __name__ == "__main__":
    main()
