"""Relevance of every engine on sets of queries with known answers: the bundled one, or those among the corpora."""

import json
import tempfile
from pathlib import Path

from vnsearch import read

from . import options
from .asked import plain
from .engines import ENGINES
from .relevance import DEPTH, Collection, Query, load_set, measure
from .typing_ways import WAYS

SETS = ("xquad_vi", "alqac_legal", "mailong_qa", "vmds_clusters", "vinewsqa_dev", "vimedaqa")
TYPED = ("as written", "without")


def sets(corpus: str) -> dict[str, Path]:
    """Set -> its folder: the bundled one for the sample, else those that are among the corpora."""
    if corpus == options.SAMPLE:
        return {"sample": options.BUNDLED}
    folder = options.data() / "relevance"
    return {name: folder / name for name in SETS if (folder / name).is_dir()} or {"sample": options.BUNDLED}


def load(folder: Path) -> Collection:
    """A set by its folder."""
    return bundled() if folder == options.BUNDLED else load_set(folder)


def bundled() -> Collection:
    """Our own articles, and our own questions over them; what answers each was judged by who wrote both."""
    from .corpus import sha256

    paths = options.corpus(options.SAMPLE).paths
    articles = tuple(article for path in paths for article in read(path))
    file = options.BUNDLED / "questions.jsonl"
    asked = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    queries = tuple(Query(q["qid"], q["query"], frozenset(q["relevant"])) for q in asked)
    return Collection("sample", articles, queries, sha256([*paths, file]))


def of_engine(name: str, folder: str) -> dict[str, float]:
    """nDCG@10 of queries as written and without marks; the means."""
    return {way: sum(values) / len(values) for way, values in by_query(name, folder).items()}


def by_query(name: str, folder: str) -> dict[str, list[float]]:
    """nDCG@10 of each query."""
    collection = load(Path(folder))
    with tempfile.TemporaryDirectory() as place:
        engine = ENGINES[name](Path(place))
        engine.build(collection.articles)
        engine = ENGINES[name](Path(place))
        engine.open()
        depth = min(DEPTH, len(collection.articles))
        relevant = {query.id: query.relevant for query in collection.queries}
        found = {}
        for way in TYPED:
            run = {
                query.id: engine.ids(engine.search(plain(WAYS[way](query.text, number)), depth))
                for number, query in enumerate(collection.queries)
            }
            found[way] = measure(relevant, run)["nDCG@10"].tolist()
        engine.close()
    return found
