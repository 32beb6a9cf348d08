"""What size costs: vnsearch alone at ever more articles.

    python -m benchmarks curve --corpus vntc10 --sizes 3000,10000,30000,84132

For each size: docs/s of processor time, bytes on disk / bytes of text, peak memory of indexing, and p50 / p95 in ms of
new queries, each once in a fresh process, for each set.  Beyond the corpus articles are repeated with other sentences.
"""

from typing import Any

from ..lib import options, results
from ..lib.engines import OWN
from ..lib.parts import indexing, new_queries
from ..lib.progress import progress
from ..lib.setting import setting
from ..lib.tables import number, table


def main() -> int:
    """Prints the table, and keeps each size when it is done."""
    parser = options.parser(__doc__)
    options.add_engines(parser, 200)
    parser.add_argument("--sizes", type=lambda text: [int(n) for n in text.split(",")], default=[300, 1000])
    asked = parser.parse_args()
    asked.peers = "none"
    figures: dict[str, Any] = {}
    with progress({f"{size:,} articles": 5 + size / 500 for size in asked.sizes}) as shown:
        for size in asked.sizes:
            shown.step(f"{size:,} articles")
            asked.documents = size
            with setting(asked, shown) as made:
                name = made.corpus.name
                found = {"corpus": made.described()["corpus"], "indexing": indexing(made)[OWN]}
                figures[str(size)] = found | {"alone": new_queries(made)["alone"]}
            results.save(asked.out, f"{name}-curve", "curve", figures)
    print(report(figures))
    return 0


def report(figures: dict[str, Any]) -> str:
    """A row a size."""
    sets = list(next(iter(figures.values()))["alone"])
    rows = []
    for size, found in figures.items():
        made = found["indexing"]
        cells = [
            f"{int(size) / made['cpu_seconds']:,.0f}",
            f"{made['bytes'] / found['corpus']['text_bytes']:.2f}",
            f"{made['peak_mb']:,}",
        ]
        times = [found["alone"].get(name, {}).get("all") for name in sets]
        cells += [f"{number(ms['p50'])} / {number(ms['p95'])}" if ms else "-" for ms in times]
        rows.append([f"{int(size):,}", *cells])
    return table(("articles", "docs/s", "size / text", "peak MB", *sets), rows)
