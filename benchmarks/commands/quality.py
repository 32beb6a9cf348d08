"""How well the right article comes first, however the query is typed; `make quality` fails where it got worse.

    python benchmarks/quality.py [--data FOLDER] [--sets xquad_vi ...] [--known] [--peers] [--pin [--lower REASON]]

Sets: those of relevance/ (queries of people and of editors, with known answers), and with --known the items that
`known_items` draws from 500 articles of news/gov.jsonl.xz.  Each is indexed by vnsearch, with the defaults of a
user; each query is searched in the five ways of `typing_ways`, the best 100 kept.  Measures: nDCG@10, MRR@10,
Recall@100 by ir_measures, means over queries.  "/ written": nDCG@10 as a share of that of the queries as written.
"pinned": the difference in nDCG@10 to the last pinned run, and the p of a paired randomization test.

--peers: the engines of `quality_peers` on the same articles and queries, as written, without and half without.
--pin: this run becomes the pinned one, and its means the floors (quality_floors.json); a floor falls only with
--lower REASON, which is kept.  Exit code 1: something is under its floor, or a set's files are not those pinned.

Writes results/quality.json and quality.md.  Not measured: time, snippets, facets, suggestions.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

import floors
import known_items
from quality_peers import PEERS
from relevance import MEASURES, Asked, Collection, Search, Values, build, load_set, measure, randomization_p, searcher
from typing_ways import WAYS
from vnsearch import read

HERE = Path(__file__).parent
RESULTS = HERE / "results"
FLOORS, PINNED = HERE / "quality_floors.json", HERE / "quality_pinned.json"
SETS = ("xquad_vi", "alqac_legal", "mailong_qa", "vmds_clusters", "vinewsqa_dev", "vimedaqa")
KNOWN, KNOWN_ARTICLES = "known_items", 500
PEER_WAYS = ("as written", "without", "half without")
Found = dict[str, Values]  # way -> measure -> values


def main() -> None:
    """Prints and writes the tables; exits with 1 under a floor."""
    options = arguments()
    pinned, kept = load(PINNED), load(FLOORS)
    figures: dict[str, Any] = load(RESULTS / "quality.json")
    wrong: list[str] = []
    for name in [*options.sets, *([KNOWN] if options.known else [])]:
        digest, found, peers = (known if name == KNOWN else typed)(options.data, name, options.peers)
        means = {way: {m: float(v.mean()) for m, v in values.items()} for way, values in found.items()}
        changes = {way: against(values["nDCG@10"], pinned.get(name, {}).get(way)) for way, values in found.items()}
        queries = {way: len(values["nDCG@10"]) for way, values in found.items()}
        figures[name] = {"sha256": digest, "queries": queries, "means": means, "pinned": changes, "peers": peers}
        print(table(name, figures[name]), flush=True)
        if options.pin:
            try:
                kept = floors.pinned(kept, name, digest, means, options.lower)
            except ValueError as e:
                raise SystemExit(str(e)) from None
            pinned[name] = {way: [round(float(v), 4) for v in values["nDCG@10"]] for way, values in found.items()}
        wrong += floors.below(kept, name, digest, means)
    RESULTS.mkdir(exist_ok=True)
    dump(RESULTS / "quality.json", figures, 1)
    whole = "\n".join(table(name, figures[name]) for name in (*SETS, KNOWN) if name in figures)
    (RESULTS / "quality.md").write_text(
        f"# Quality\n\nBy `make quality`; `benchmarks/quality.py` says what.\n\n{whole}"
    )
    if options.pin:
        dump(FLOORS, kept, 1)
        dump(PINNED, pinned, None)
    for line in wrong:
        print(line, file=sys.stderr)
    raise SystemExit(1 if wrong else 0)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("VNSEARCH_DATA", "../shared/data")))
    parser.add_argument("--sets", nargs="*", choices=SETS, default=list(SETS))
    parser.add_argument("--known", action="store_true", help="known items from news too")
    parser.add_argument("--peers", action="store_true", help="Whoosh, FTS5, tantivy and plain BM25 too")
    parser.add_argument("--pin", action="store_true", help="make this run the pinned one")
    parser.add_argument("--lower", metavar="REASON", help="with --pin: let floors fall, and keep why")
    options = parser.parse_args()
    if options.lower is not None and not (options.pin and options.lower.strip()):
        parser.error("--lower takes a reason, and goes with --pin")
    if not (options.data / "relevance").is_dir():
        parser.error(f"{options.data} is not there; name the folder of corpora with --data or $VNSEARCH_DATA")
    return options


def load(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def dump(path: Path, value: object, indent: int | None) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=indent) + "\n", "utf-8")


# -- runs ----------------------------------------------------------------------------------------------


def typed(data: Path, name: str, with_peers: bool) -> tuple[str, Found, dict[str, Any]]:
    """(hash of the set, what was measured for each way of typing, nDCG@10 of the peers)."""
    collection = load_set(data / "relevance" / name)
    with tempfile.TemporaryDirectory() as folder:
        search = searcher(build(collection.articles, Path(folder) / "index"))
        found = {way: run(collection, search, spell) for way, spell in WAYS.items()}
    peers = {}
    for peer, make in PEERS.items() if with_peers else ():
        search = make(collection.articles)
        peers[peer] = {way: float(run(collection, search, WAYS[way])["nDCG@10"].mean()) for way in PEER_WAYS}
    return collection.sha256, found, peers


def run(collection: Collection, search: Search, spell: Callable[[str, int], str]) -> Values:
    answers = {q.id: search(Asked(spell(q.text, number))) for number, q in enumerate(collection.queries)}
    return measure({q.id: q.relevant for q in collection.queries}, answers)


def known(data: Path, name: str, with_peers: bool) -> tuple[str, Found, dict[str, Any]]:
    """The same for known items; filters are for vnsearch alone, so fielded items have no peer."""
    source = data / "news" / "gov.jsonl.xz"
    articles = list(read(source))
    forms = known_items.draw(articles, KNOWN_ARTICLES)
    with tempfile.TemporaryDirectory() as folder:
        search = searcher(build(articles, Path(folder) / "index"))
        found = {form: items_run(items, search) for form, items in forms.items()}
    peers = {}
    for peer, make in PEERS.items() if with_peers else ():
        search = make(articles)
        unfiltered = {form: items for form, items in forms.items() if not any(i.asked.filters for i in items)}
        peers[peer] = {form: float(items_run(items, search)["nDCG@10"].mean()) for form, items in unfiltered.items()}
    return sha256(source.read_bytes()).hexdigest(), found, peers


def items_run(items: Sequence[known_items.Item], search: Search) -> Values:
    relevant = {str(number): item.relevant for number, item in enumerate(items)}
    return measure(relevant, {str(number): search(item.asked) for number, item in enumerate(items)})


def against(values: "np.ndarray[Any, Any]", before: Sequence[float] | None) -> dict[str, float] | None:
    """The change of the mean, and whether chance explains it."""
    if before is None or len(before) != len(values):
        return None
    rounded = np.round(values, 4)
    return {"change": float((rounded - before).mean()), "p": randomization_p(rounded, before)}


# -- what is shown -------------------------------------------------------------------------------------


def table(name: str, figures: Mapping[str, Any]) -> str:
    """One set as Markdown."""
    written = figures["means"]["as written"]["nDCG@10"]
    rows = [["", "queries", *MEASURES, "/ written", "pinned"]]
    for way, means in figures["means"].items():
        numbers = [f"{means[measure]:.4f}" for measure in MEASURES]
        change = figures["pinned"][way]
        shown = f"{change['change']:+.4f}, p {change['p']:.3f}" if change else ""
        rows.append([way, str(figures["queries"][way]), *numbers, f"{means['nDCG@10'] / written:.3f}", shown])
    lines = [f"## {name}", "", f"SHA-256 {figures['sha256'][:16]}", "", *markdown(rows), ""]
    if figures["peers"]:
        ways = list(next(iter(figures["peers"].values())))
        own = ["vnsearch", *(f"{figures['means'][way]['nDCG@10']:.4f}" for way in ways)]
        others = [[peer, *(f"{found[way]:.4f}" for way in ways)] for peer, found in figures["peers"].items()]
        lines += ["nDCG@10 beside its peers:", "", *markdown([["", *ways], own, *others]), ""]
    return "\n".join(lines)


def markdown(rows: Sequence[Sequence[str]]) -> list[str]:
    head, *body = rows
    return [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *body)]


if __name__ == "__main__":
    main()
