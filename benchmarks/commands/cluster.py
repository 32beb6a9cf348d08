"""The engine on an OpenSearch cluster beside the one in a folder: relevance, indexing, latencies.

    python -m benchmarks cluster --hosts 127.0.0.1:9200,... [--quality] [--speed N] [--data FOLDER]

Without --hosts three nodes are started on loopback (tests/cluster/nodes.py) and stopped at the end: processes of one
machine, on whose cores the client runs too; so times say what one search costs, not what a cluster can do.

--quality: nDCG@10 of the sets of relevance/, as written and without diacritics, both engines, and the difference.
--speed N: N articles of news/vntc10.jsonl.xz into SHARDS shards with a replica and into a folder, docs/s; then p50
and p95 of SEARCHES searches of 2 to 4 adjacent syllables of random titles and texts (seed 0), from 1, 4 and 16 clients
that each wait for their answer; bytes on disk; what the nodes take of memory.

Writes <date>-cluster.json to --out.
"""

import os
import random
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from vnsearch import Article, Index, read

from ..lib import options, results
from ..lib.judged import SETS
from ..lib.nodes import three_nodes
from ..lib.relevance import build, load_set, searcher
from ..lib.tables import table
from ..lib.typing_ways import WAYS
from .quality import run

TYPED = ("as written", "without")
SHARDS, REPLICAS = 3, 1
SEARCHES, CLIENTS = 400, (1, 4, 16)


def main() -> int:
    """Prints and writes the tables."""
    parser = options.parser(__doc__)
    options.add_data(parser)
    parser.add_argument("--hosts")
    parser.add_argument("--quality", action="store_true")
    parser.add_argument("--speed", type=int, metavar="N", default=0)
    parser.add_argument("--sets", nargs="*", choices=SETS, default=list(SETS))
    asked = parser.parse_args()
    options.need_data(parser, asked.data)
    figures: dict[str, Any] = {}
    with cluster(asked.hosts) as hosts, tempfile.TemporaryDirectory() as folder:
        for name in asked.sets if asked.quality else ():
            figures.setdefault("quality", {})[name] = quality(asked.data, name, hosts, Path(folder))
            print(name, figures["quality"][name], flush=True)
            results.save(asked.out, "judged", "cluster", figures)
        if asked.speed:
            figures["speed"] = speed(asked.data, asked.speed, hosts, Path(folder))
            results.save(asked.out, "judged", "cluster", figures)
    print(report(figures))
    return 0


@contextmanager
def cluster(hosts: str | None) -> Iterator[str]:
    """Hosts of a running cluster; of three nodes of this machine where none are given."""
    if hosts:
        yield hosts
        return
    with three_nodes() as ours:
        yield ",".join(ours)


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


def report(figures: dict[str, Any]) -> str:
    lines = []
    if found := figures.get("quality"):
        rows = [
            [name, way, f"{v['folder']:.4f}", f"{v['cluster']:.4f}", f"{v['cluster'] - v['folder']:+.4f}"]
            for name, ways in found.items()
            for way, v in ways.items()
        ]
        lines += [table(("nDCG@10", "typed", "folder", "cluster", "difference"), rows), ""]
    if found := figures.get("speed"):
        lines += [
            f"{found['articles']:,} articles, {found['raw bytes']:,} bytes of text, {SHARDS} shards, "
            f"{REPLICAS} replica; {os.cpu_count()} cores for all, load average {found['load of the machine']}.",
            "",
        ]
        rows = []
        for key, value in found["cluster"].items():
            own = found["folder"].get(key)
            if isinstance(value, dict):
                rows += [[f"{key}, {name}", f"{own[name]:,}", f"{value[name]:,}"] for name in value]
            else:
                rows.append([key, "-" if own is None else f"{own:,}", f"{value:,}"])
        lines += [table(("", "folder", "cluster"), rows), ""]
    return "\n".join(lines)
