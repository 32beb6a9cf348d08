"""What size costs vnsearch: indexing and searching ever more articles of one corpus.

    python benchmarks/curve.py --corpus articles.jsonl.xz --sizes 10000,30000,84132,500000

Each size is a row: docs/s on one core, size, peak memory, and p50 / p95 of `Index.search` for each set of queries, in
ms.  Articles, queries and numbers are those of `speed.py`; beyond the corpus articles are repeated with shuffled
sentences.  Rows are printed as they come; with curve.json, curve.md and curve.png in --out at the end.
"""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from speed import (
    ROOT,
    Base,
    about,
    child,
    indexing_cells,
    measure,
    prepare,
    query_sets,
    say,
    size,
    table,
    vnsearch_engines,
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=ROOT / "examples", help="file or folder (default: examples/)")
    sizes = parser.add_argument("--sizes", type=lambda text: [int(n) for n in text.split(",")], default=[300, 1000])
    sizes.metavar, sizes.help = "1000,3000,...", "numbers of documents; default: 300,1000"
    parser.add_argument("--queries", type=int, default=100, help="of each set; default: 100")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks/results")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    base = Base(options.corpus, max(options.sizes))
    points: list[dict[str, Any]] = []
    for number in options.sizes:
        with tempfile.TemporaryDirectory(prefix="vnsearch-curve-") as folder:
            points.append(curve_point(base, number, options.queries, Path(folder)))
        say(curve_table(points[-1:]))
        text = "# What size costs\n\ndocs/s; p50 / p95 of `Index.search`, ms: see `benchmarks/curve.py`.\n\n"
        (options.out / "curve.md").write_text(text + curve_table(points) + "\n")
        (options.out / "curve.json").write_text(json.dumps(points, indent=1) + "\n")
    print(curve_table(points))
    plot_curve(points, options.out / "curve.png")


def curve_point(base: Base, number: int, queries: int, folder: Path) -> dict[str, Any]:
    """vnsearch alone at one size."""
    corpus = prepare(base, number, queries, folder / "corpus", peers=False)
    indexed = child("index", corpus.articles, folder / "index", 1)
    sets = query_sets(corpus, queries)
    measured = {}
    for name, asked in sets.items():
        engines = vnsearch_engines(folder / "index")
        measured[name] = measure(name, asked, {"search": engines["search"]})
    return {
        "about": about(base, corpus),
        "documents": number,
        "indexing": indexed | size(folder / "index", corpus, number),
        "queries": measured,
    }


def curve_table(curve: list[dict[str, Any]]) -> str:
    names = list(curve[0]["queries"])
    rows = []
    for point in curve:
        cells = indexing_cells(point["indexing"])
        searches = [point["queries"].get(name, {}).get("search") for name in names]
        cells += [f"{found['p50']:.2f} / {found['p95']:.2f}" if found else "" for found in searches]
        rows.append(cells)
    return table(("documents", "docs/s", "docs/CPU s", "size / text", "peak MB", *names), rows)


def plot_curve(curve: list[dict[str, Any]], path: Path) -> None:
    """Docs/s, and times of searches; nothing where matplotlib is not installed."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        say("no picture: matplotlib is not installed")
        return
    figure = Figure(figsize=(12, 5), layout="constrained")
    left, right = figure.subplots(1, 2)
    sizes = [point["documents"] for point in curve]
    left.plot(sizes, [n / point["indexing"]["seconds"] for n, point in zip(sizes, curve, strict=True)], "o-")
    left.set(xscale="log", xlabel="documents", ylabel="indexing, docs/s, 1 worker", ylim=(0, None))
    for number, name in enumerate(curve[0]["queries"]):
        for p, style in (("p50", "o-"), ("p95", "s--")):
            y = [point["queries"].get(name, {}).get("search", {}).get(p, np.nan) for point in curve]
            right.plot(sizes, y, style, color=f"C{number}", label=f"{name} {p}")
    right.set(xscale="log", yscale="log", xlabel="documents", ylabel="Index.search, ms")
    figure.legend(loc="outside right upper", fontsize="small")
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    main()
