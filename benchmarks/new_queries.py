"""What a search costs that nobody asked before: streams of different queries, each once, in a process that saw none.

    python benchmarks/new_queries.py --corpus articles.jsonl.xz --documents 30000

Corpus, peers and sets are those of `speed.py` (which keeps the quickest of fifteen runs of each query, so it tells what
asking again costs); `keywords`, where --keywords names a file of JSON lines {"query": ...}, is what people typed into a
search box.  No two queries of a set have the same text.

Each set has a fresh process.  In it the engines take turns query by query, in another order each time, so all find the
processor's caches as full of the others' code and data; each query is run once by each.  vnsearch's time is of
`len(index.search(text, limit=10).hits)`, from text to ten hits, not opened; the peers' query objects are made
beforehand, and they count all matches but for Whoosh, which may also hold fewer documents.  Modules are loaded and one
query, of a word that is in no article, is run by each engine before the first is measured.

  first   p50 / p95 / p99 in ms of the first hundred queries
  rest    the same of those behind them
  x       time of vnsearch / time of the peer: below 1, vnsearch is quicker

Memory: of a fresh process that runs all sets with vnsearch alone, its anonymous memory (what is not mapped from files)
before and behind them.  Searches a second: of fresh processes, each query of all sets once, shared by threads of one
index, or by processes forked from one that has opened it; forking is in the time.
"""

import argparse
import json
import pickle
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from peers import PEERS, Prepare, Query, Run
from speed import (
    FORKED,
    ROOT,
    SEED,
    Base,
    about,
    child_index,
    distinct_terms,
    index_peer,
    kept,
    prepare,
    query_sets,
    read_text,
    say,
    search_arguments,
    size,
    table,
)  # fmt: skip
from vnsearch import Index
from vnsearch.text.fold import is_unmarked
from vnsearch.text.tokenize import folded_term, tokenize

FIRST = 100  # queries
WORKERS = (1, 2, 4)
NO_WORD = Query("qqqxzqq", "any", ("qqqxzqq",))


def main() -> None:
    if sys.argv[1:2] == ["child"]:
        print(json.dumps(CHILDREN[sys.argv[2]](*sys.argv[3:])))
        return
    options = arguments()
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="vnsearch-new-queries-") as folder:
        if options.keep:
            options.keep.mkdir(parents=True, exist_ok=True)
        results = benchmark(options, options.keep or Path(folder))
    text = report(results)
    (options.out / "new_queries.json").write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n")
    (options.out / "new_queries.md").write_text(text)
    print(text)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=ROOT / "examples", help="file or folder (default: examples/)")
    parser.add_argument("--documents", type=int, help="default: all of --corpus, 3000 of examples/")
    parser.add_argument("--whoosh-documents", type=int, default=2000, metavar="M", help="default: 2000")
    parser.add_argument("--queries", type=int, default=600, help="of each set; default: 600")
    parser.add_argument("--keywords", type=Path, metavar="FILE", help="JSON lines with what people typed as query")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks/results")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave corpus and indexes there for the next run")
    parser.add_argument("--skip-peers", nargs="*", default=[], choices=sorted(PEERS), metavar="PEER")
    options = parser.parse_args()
    if options.documents is None and options.corpus == ROOT / "examples":
        options.documents = 3000
    for path in (options.corpus, *filter(None, [options.keywords])):
        if not path.exists():
            parser.error(f"no such file or folder: {path}")
    return options


def benchmark(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Everything, in order; see the module's docstring."""
    base = Base(options.corpus, options.documents)
    number = options.documents or base.number
    folder /= f"{base.sha256[:16]}-{number}-{options.queries}"
    folder.mkdir(exist_ok=True)
    corpus = kept(folder / "corpus", lambda path: prepare(base, number, options.queries, path))
    sets = query_sets(corpus, options.queries)
    if options.keywords:
        sets["keywords"] = keywords(options.keywords, options.queries)
    sets = {name: different(queries) for name, queries in sets.items()}
    (folder / "sets").write_bytes(pickle.dumps(sets))
    indexing = kept(folder / "vnsearch", lambda path: index_vnsearch(corpus, path))
    peers = {}
    for name in [name for name in PEERS if name not in options.skip_peers]:
        many = min(options.whoosh_documents, number) if name == "whoosh" else number
        try:
            kept(folder / f"{name}-{many}", partial(index_peer, name, corpus, many))
            peers[name] = many
        except ImportError as e:
            say(f"{name} is left out: {e}")
    asked = [f"{name}-{many}" for name, many in peers.items()]
    return {
        "about": about(base, corpus),
        "peers": peers,
        "indexing": indexing,
        "sets": {name: child("stream", folder, name, *asked) for name in sets},
        "memory_mb": child("memory", folder),
        "threads": {n: child("rate", folder, "threads", n) for n in WORKERS},
        "processes": {n: child("rate", folder, "processes", n) for n in WORKERS},
    }


def index_vnsearch(corpus: Any, path: Path) -> dict[str, Any]:
    return child_index(str(corpus.articles), str(path / "index"), "1") | size(path, corpus, corpus.number)


def keywords(path: Path, number: int) -> list[Query]:
    """Drawn from the file's, as words that are only ranked."""
    with path.open("rb") as lines:
        typed = [msgspec.json.decode(line)["query"] for line in lines]
    random.Random(SEED).shuffle(typed)
    return [query for text in typed if (query := keyword(text)).terms][:number]


def keyword(text: str) -> Query:
    tokens = [token for token in tokenize(text) if token.width == 1]
    terms = distinct_terms([(token, text[token.start : token.end]) for token in tokens])
    folded = is_unmarked(text)
    return Query(text, "any", tuple(dict.fromkeys(map(folded_term, terms))) if folded else terms, folded=folded)


def different(queries: list[Query]) -> list[Query]:
    """Without those whose text came before."""
    return list({query.text: query for query in reversed(queries)}.values())[::-1]


# -- processes of their own ----------------------------------------------------------------------------


def child(what: str, *values: object) -> Any:
    command = [sys.executable, __file__, "child", what, *map(str, values)]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


def child_stream(folder: str, name: str, *peers: str) -> dict[str, Any]:
    """Each query of a set once by each engine, in turns."""
    engines: dict[str, Prepare] = {"vnsearch": searches(Index.open(Path(folder) / "vnsearch/index"))}
    for peer in peers:
        engines |= PEERS[peer.rsplit("-", 1)[0]](Path(folder) / peer).engines()
    engines.pop("tantivy, top 10", None)  # does not count
    order = list(engines)
    for engine in order:
        engines[engine](NO_WORD)()
    taken: dict[str, list[float]] = {engine: [] for engine in order}
    found: dict[str, list[int]] = {engine: [] for engine in order}
    rng = random.Random(SEED)
    for query in read_sets(folder)[name]:
        rng.shuffle(order)
        for engine in order:
            run = engines[engine](query)
            begun = time.perf_counter()
            matches = run()
            taken[engine].append(1000 * (time.perf_counter() - begun))
            found[engine].append(matches)
    return {
        engine: {"first": percentiles(ms[:FIRST]), "rest": percentiles(ms[FIRST:] or ms), "matches": sum(found[engine])}
        for engine, ms in taken.items()
    }


def searches(index: Index) -> Prepare:
    """The whole search, from text to hits."""

    def prepare_search(query: Query) -> Run:
        asked = search_arguments(query)
        return lambda: len(index.search(**asked).hits)

    return prepare_search


def read_sets(folder: str) -> dict[str, list[Query]]:
    sets: dict[str, list[Query]] = pickle.loads((Path(folder) / "sets").read_bytes())
    return sets


def all_queries(folder: str) -> list[Query]:
    queries = different([query for queries in read_sets(folder).values() for query in queries])
    random.Random(SEED).shuffle(queries)
    return queries


def child_memory(folder: str) -> dict[str, float]:
    queries, search = all_queries(folder), searches(Index.open(Path(folder) / "vnsearch/index"))
    search(NO_WORD)()
    runs = [search(query) for query in queries]
    before = anonymous_mb()
    for run in runs:
        run()
    return {"queries": len(queries), "before": before, "behind": anonymous_mb()}


def anonymous_mb() -> float:
    """Of this process; 0 where the system does not tell."""
    lines = read_text("/proc/self/smaps_rollup").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Anonymous:")) / 1024


def child_rate(folder: str, kind: str, number: str) -> float:
    """Searches a second."""
    queries, search = all_queries(folder), searches(Index.open(Path(folder) / "vnsearch/index"))
    search(NO_WORD)()
    runs = [search(query) for query in queries]

    def work(share: int) -> None:
        for run in runs[share :: int(number)]:
            run()

    make: Callable[..., Any] = threading.Thread if kind == "threads" else FORKED
    workers = [make(target=work, args=(share,)) for share in range(int(number))]
    begun = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if any(getattr(worker, "exitcode", 0) for worker in workers):
        raise RuntimeError("a process that searched failed; why stands above")
    return round(len(runs) / (time.perf_counter() - begun), 1)


CHILDREN: dict[str, Callable[..., Any]] = {"stream": child_stream, "memory": child_memory, "rate": child_rate}


def percentiles(ms: list[float]) -> dict[str, float]:
    ordered = sorted(ms)
    return {name: round(ordered[int(len(ordered) * p)], 4) for name, p in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))}


# -- what is shown -------------------------------------------------------------------------------------


def report(results: dict[str, Any]) -> str:
    where = results["about"]
    memory = results["memory_mb"]
    rates = [[kind, *(f"{results[kind][n]:,.0f}" for n in WORKERS)] for kind in ("threads", "processes")]
    parts = [
        "# What a search costs that nobody asked before",
        f"{where['documents']:,} articles of {where['corpus']}, Python {where['python']}, vnsearch "
        f"{where['versions']['vnsearch']}, kernels {where['kernels']}, {where['cpu']}, {where['cpus']} processors, "
        f"load {where['load'][0]}, {where['date'][:10]}.  Each query once, p50 / p95 / p99 in ms: see "
        "`benchmarks/new_queries.py`.",
        "The first hundred:",
        times_table(results["sets"], "first"),
        "All behind them:",
        times_table(results["sets"], "rest"),
        "Time of vnsearch / time of the peer, p50, p95:",
        ratio_table(results["sets"]),
        f"Anonymous memory: {memory['before']:.0f} MB before and {memory['behind']:.0f} MB behind "
        f"{memory['queries']:,} different queries, {memory['behind'] - memory['before']:.0f} more.",
        "Searches a second:",
        table(("", *map(str, WORKERS)), rates),
    ]
    return "\n\n".join(parts) + "\n"


def times_table(sets: Mapping[str, Mapping[str, Any]], part: str) -> str:
    engines = list(next(iter(sets.values())))
    rows = [
        [name, *(" / ".join(f"{n:.2f}" for n in found[e][part].values()) for e in engines)]
        for name, found in sets.items()
    ]
    return table(("", *engines), rows)


def ratio_table(sets: Mapping[str, Mapping[str, Any]]) -> str:
    peers = [engine for engine in next(iter(sets.values())) if engine != "vnsearch"]
    rows = [[name, *(cell for peer in peers for cell in ratios(found, peer))] for name, found in sets.items()]
    return table(("", *(f"{part} / {peer}" for peer in peers for part in ("first", "rest"))), rows)


def ratios(found: Mapping[str, Any], peer: str) -> Iterator[str]:
    for part in ("first", "rest"):
        both = [found["vnsearch"][part][p] / found[peer][part][p] for p in ("p50", "p95")]
        yield ", ".join(f"{n:.2f}" if n < 10 else f"{n:.0f}" for n in both)


if __name__ == "__main__":
    main()
