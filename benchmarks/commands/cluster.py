"""The engine on an OpenSearch cluster beside the one in a folder: relevance, indexing, latencies.

    python benchmarks/cluster.py --hosts 127.0.0.1:9200,... [--quality] [--speed N] [--data FOLDER]

Without --hosts three nodes are started on loopback (tests/cluster/nodes.py) and stopped at the end: processes of one
machine, on whose cores the client runs too; so times say what one search costs, not what a cluster can do.

--quality: nDCG@10 of the sets of relevance/, as written and without diacritics, both engines, and the difference.
--speed N: N articles of news/vntc10.jsonl.xz into SHARDS shards with a replica and into a folder, docs/s; then p50
and p95 of SEARCHES searches of 2 to 4 adjacent syllables of random titles and texts (seed 0), from 1, 4 and 16 clients
that each wait for their answer; bytes on disk; what the nodes take of memory.

Writes results/cluster.json and cluster.md.
"""

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from quality import SETS, markdown, run
from relevance import build, load_set, searcher
from typing_ways import WAYS
from vnsearch import Article, Index, read

HERE = Path(__file__).parent
RESULTS = HERE / "results"
TYPED = ("as written", "without")
SHARDS, REPLICAS = 3, 1
SEARCHES, CLIENTS = 400, (1, 4, 16)


def main() -> None:
    """Prints and writes the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts")
    parser.add_argument("--quality", action="store_true")
    parser.add_argument("--speed", type=int, metavar="N", default=0)
    parser.add_argument("--sets", nargs="*", choices=SETS, default=list(SETS))
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("VNSEARCH_DATA", "../shared/data")))
    options = parser.parse_args()
    file = RESULTS / "cluster.json"
    figures: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    with cluster(options.hosts) as hosts, tempfile.TemporaryDirectory() as folder:
        if options.quality:
            for name in options.sets:
                figures.setdefault("quality", {})[name] = quality(options.data, name, hosts, Path(folder))
                print(name, figures["quality"][name], flush=True)
                keep(figures)
        if options.speed:
            figures["speed"] = speed(options.data, options.speed, hosts, Path(folder))
    print(keep(figures))


def keep(figures: dict[str, Any]) -> str:
    """Writes the results; the tables."""
    (RESULTS / "cluster.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    (RESULTS / "cluster.md").write_text(text := tables(figures), "utf-8")
    return text


@contextmanager
def cluster(hosts: str | None) -> Iterator[str]:
    """Hosts of a running cluster; of three nodes of this machine where none are given."""
    if hosts:
        yield hosts
        return
    sys.path.insert(0, str(HERE.parent / "tests" / "cluster"))
    from nodes import Nodes

    with tempfile.TemporaryDirectory() as folder, Nodes(Path(folder), heap="1g", quick_start=False) as nodes:
        yield ",".join(nodes.hosts)


def fresh(hosts: str) -> str:
    """The address of an index that is not there yet."""
    return f"opensearch://{hosts}/benchmark-{os.getpid()}-{random.randrange(1 << 30)}"


# -- relevance -----------------------------------------------------------------------------------------


def quality(data: Path, name: str, hosts: str, folder: Path) -> dict[str, dict[str, float]]:
    """nDCG@10 for each way of typing: folder, cluster."""
    collection = load_set(data / "relevance" / name)
    on_cluster = Index.create(fresh(hosts), shards=SHARDS, replicas=REPLICAS)
    with on_cluster.writer() as writer:
        for article in collection.articles:
            writer.add(article)
    engines = {"folder": build(collection.articles, folder / name), "cluster": on_cluster}
    return {
        way: {
            engine: round(float(run(collection, searcher(index), WAYS[way])["nDCG@10"].mean()), 4)
            for engine, index in engines.items()
        }
        for way in TYPED
    }


# -- speed ---------------------------------------------------------------------------------------------


def speed(data: Path, number: int, hosts: str, folder: Path) -> dict[str, Any]:
    """Articles a second into each engine, bytes, latencies."""
    articles = list(islice(read(data / "news" / "vntc10.jsonl.xz"), number))
    raw = sum(len(f"{a.title}{a.lead}{a.body}".encode()) for a in articles)
    figures: dict[str, Any] = {"articles": len(articles), "raw bytes": raw}
    asked = queries(articles)
    address = fresh(hosts)
    for engine, index in (
        ("folder", Index.create(folder / "speed")),
        ("cluster", Index.create(address, shards=SHARDS, replicas=REPLICAS)),
    ):
        begun = time.perf_counter()
        with index.writer(workers=2) as writer:
            for article in articles:
                writer.add(article)
        seconds = time.perf_counter() - begun
        if len(index) != len(articles) or writer.refused:
            raise SystemExit(f"{engine} holds {len(index)} of {len(articles)} articles: {writer.refused[:3]}")
        index.optimize()
        figures[engine] = {"docs/s": round(len(articles) / seconds), "bytes": index.stats()["bytes"]}
        print(engine, figures[engine], flush=True)
        latencies(index, asked[:100], 1)  # nothing is measured cold
        for clients in CLIENTS:
            figures[engine][f"{clients} clients"] = latencies(index, asked, clients)
            print(engine, clients, figures[engine][f"{clients} clients"], flush=True)
    figures["cluster"]["memory of the nodes, bytes"] = memory()
    figures["load of the machine"] = round(os.getloadavg()[2], 1)
    return figures


def memory() -> int:
    """Resident bytes of the processes that this one started; 0 where the cluster is another's."""
    command = ["ps", "-o", "rss=", "--ppid", str(os.getpid())]
    listed = subprocess.run(command, capture_output=True, text=True).stdout.split()
    return 1024 * sum(map(int, listed))


def queries(articles: Sequence[Article]) -> list[str]:
    """2 to 4 adjacent syllables of random articles."""
    chance = random.Random(0)
    found: list[str] = []
    while len(found) < SEARCHES:
        article = chance.choice(articles)
        words = re.findall(r"[^\W\d_]+", article.title or article.body)
        if len(words) > 4:
            at = chance.randrange(len(words) - 4)
            found.append(" ".join(words[at : at + chance.randint(2, 4)]))
    return found


def latencies(index: Index, asked: Sequence[str], clients: int) -> dict[str, float]:
    """Milliseconds of a whole search, hits not opened, and searches a second."""

    def search(text: str) -> float:
        begun = time.perf_counter()
        index.search(text, literal=True)
        return time.perf_counter() - begun

    begun = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        taken = 1000 * np.array(list(pool.map(search, asked)))
    rate = len(asked) / (time.perf_counter() - begun)
    return {
        "p50 ms": round(float(np.percentile(taken, 50)), 2),
        "p95 ms": round(float(np.percentile(taken, 95)), 2),
        "searches/s": round(rate, 1),
    }


# -- what is shown -------------------------------------------------------------------------------------


def tables(figures: dict[str, Any]) -> str:
    lines = [
        "# The engine on a cluster",
        "",
        "By `benchmarks/cluster.py`, which says what is measured, and on what.",
        "",
    ]
    if found := figures.get("quality"):
        rows = [["nDCG@10", "typed", "folder", "cluster", "difference"]]
        for name, ways in found.items():
            rows += [
                [name, way, f"{v['folder']:.4f}", f"{v['cluster']:.4f}", f"{v['cluster'] - v['folder']:+.4f}"]
                for way, v in ways.items()
            ]
        lines += [*markdown(rows), ""]
    if found := figures.get("speed"):
        lines += [
            f"{found['articles']:,} articles, {found['raw bytes']:,} bytes of text, {SHARDS} shards, "
            f"{REPLICAS} replica; {os.cpu_count()} cores for all, load average {found['load of the machine']}.",
            "",
        ]
        rows = [["", "folder", "cluster"]]
        for key, value in found["cluster"].items():
            own = found["folder"].get(key)
            if isinstance(value, dict):
                rows += [[f"{key}, {name}", f"{own[name]:,}", f"{value[name]:,}"] for name in value]
            else:
                rows.append([key, "-" if own is None else f"{own:,}", f"{value:,}"])
        lines += [*markdown(rows), ""]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
