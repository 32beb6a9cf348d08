"""How long a search takes, and what an app asks with it: facets, snippets, suggest, complete, similar.

    python benchmarks/query.py --corpus articles.jsonl.xz --documents 84132
    python benchmarks/query.py --index indexes/news

Processor time of one thread, ms.  Queries are 2 to 5 adjacent syllables of random articles (--seed), every second one
without diacritics; each is asked --rounds times and the quickest kept, so what is cached is warm; percentiles are over
queries.  search: `Index.search`, hits not opened.  facets: what the five of them add.  open: ten hits' articles read.
snippets: ten hits' snippets and titles marked, articles already read. suggest: the same without diacritics; "first
suggest": the first one of all, which loads what the language's pairs are read from. complete: the first two letters
and a word with half of the next. similar: of random articles. Articles of a corpus come without dates and provinces
being looked for; they get days of ten years in turn. The table goes to --out as query.md, with the numbers as
query.json.
"""

import argparse
import json
import platform
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from vnsearch import Article, Index, Results
from vnsearch.api import Facet
from vnsearch.ingest.readers import read
from vnsearch.text.fold import fold

FACETS: tuple[Facet, ...] = ("province", "topic", "source", "year", "month")


def articles_of(results: Results) -> list[Article]:
    return [hit.article for hit in results]


def snippets_of(results: Results) -> list[tuple[str, str]]:
    return [(str(hit.snippet), str(hit.title)) for hit in results]


def articles(corpus: Path, documents: int) -> Iterator[Article]:
    """The first articles of a corpus; JSON lines directly, anything else by `vnsearch.read`."""
    if ".jsonl" not in corpus.name:
        yield from islice(read(corpus), documents)
        return
    import lzma

    with (lzma.open if corpus.suffix == ".xz" else open)(corpus, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(islice(lines, documents)):
            row = json.loads(line)
            body = row.get("text") or row.get("body") or row.get("lead") or row.get("title") or "-"
            day = date(2016, 1, 1) + timedelta(days=number * 7919 % 3650)
            yield Article(id=str(number), title=row.get("title") or "", body=body, published=day)


def quickest(rounds: int, run: Callable[[], Any]) -> float:
    """The least processor time, ms."""
    times = []
    for _ in range(rounds):
        begun = time.process_time()
        run()
        times.append(1000 * (time.process_time() - begun))
    return min(times)


def measure(index: Index, number: int, rounds: int, seed: int) -> dict[str, list[float]]:
    """Times of every kind of question."""
    random_ = random.Random(seed)
    every = [article.id for article in index]
    times: dict[str, list[float]] = {}

    def note(kind: str, run: Callable[[], Any]) -> None:
        times.setdefault(kind, []).append(quickest(rounds, run))

    asked = 0
    begun = time.process_time()
    index.suggest("dan van")
    times["first suggest"] = [1000 * (time.process_time() - begun)]
    while asked < number:
        id = random_.choice(every)
        article = index.get(id)
        words = (
            [word for word in f"{article.title} {article.body}".lower().split() if word.isalpha()] if article else []
        )
        if len(words) < 8:
            continue
        at, length = random_.randrange(len(words) - 5), random_.randint(2, 5)
        accented = " ".join(words[at : at + length])
        query = accented if asked % 2 else fold(accented)
        asked += 1
        note("search", partial(index.search, query))
        note("search with facets", partial(index.search, query, facets=FACETS))
        opened, marked = [], []
        for _ in range(rounds):
            results = index.search(query)
            opened.append(quickest(1, partial(articles_of, results)))
            marked.append(quickest(1, partial(snippets_of, results)))
        times.setdefault("open ten", []).append(min(opened))
        times.setdefault("snippets of ten", []).append(min(marked))
        note("suggest", partial(index.suggest, fold(accented)))
        note("suggest, typed right", partial(index.suggest, accented))
        note("complete", partial(index.complete, words[at][:2]))
        note("complete two", partial(index.complete, f"{words[at]} {words[at + 1][:2]}"))
        note("similar", partial(index.similar, id))
    times["facets alone"] = [b - a for a, b in zip(times["search"], times["search with facets"], strict=True)]
    return times


def main() -> None:
    """Prints the table and writes it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", type=Path, default=Path("examples/articles.jsonl"))
    parser.add_argument("--documents", type=int, default=84_132)
    parser.add_argument("--index", type=Path, help="an index that is there already, instead of a corpus")
    parser.add_argument("--queries", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.index:
            index = Index.open(options.index)
        else:
            index = Index.create(Path(folder) / "index")
            with index.writer() as writer:
                for article in articles(options.corpus, options.documents):
                    writer.add(article)
        times = measure(index, options.queries, options.rounds, options.seed)
        documents = len(index)
    lines = [
        f"{documents:,} articles of {(options.index or options.corpus).name}, {options.queries} queries, "
        f"Python {platform.python_version()}, ms of processor time",
        "",
        "| | p50 | p95 | max |",
        "|---|---|---|---|",
        *(
            f"| {k} | " + " | ".join(f"{v:.2f}" for v in np.percentile(t, (50, 95, 100))) + " |"
            for k, t in times.items()
        ),
    ]
    print("\n".join(lines))
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "query.md").write_text("\n".join(lines) + "\n", "utf-8")
    (options.out / "query.json").write_text(json.dumps({"documents": documents, "ms": times}), "utf-8")


if __name__ == "__main__":
    main()
