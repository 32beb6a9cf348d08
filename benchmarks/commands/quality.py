"""How well the right article comes first, however the query is typed; `make quality` fails where it got worse.

    python -m benchmarks quality [--data FOLDER] [--sets xquad_vi ...] [--known] [--peers] [--pin [--lower REASON]]

Sets: those of relevance/ (queries of people and of editors, with known answers), and with --known the items that
`known_items` draws from 500 articles of news/gov.jsonl.xz.  Each is indexed by vnsearch, with the defaults of a
user; each query is searched in the five ways of `typing_ways`, the best 100 kept.  Measures: nDCG@10, MRR@10,
Recall@100 by ir_measures, means over queries.  "/ written": nDCG@10 as a share of that of the queries as written.
"pinned": the difference in nDCG@10 to the last pinned run, and the p of a paired randomization test.

--peers: other engines on the same articles and queries, as written and without marks.
--pin: this run becomes the pinned one, and its means the floors (quality_floors.json); a floor falls only with
--lower REASON, which is kept.  Exit code 1: something is under its floor, or a set's files are not those pinned.

Writes <date>-quality.json to --out.  Not measured: time, snippets, facets, suggestions.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from vnsearch import read

from ..lib import floors, judged, known_items, options, results
from ..lib.child import call
from ..lib.engines import PEERS
from ..lib.judged import SETS
from ..lib.relevance import (
    MEASURES,
    Asked,
    Collection,
    Search,
    Values,
    build,
    load_set,
    measure,
    randomization_p,
    searcher,
)
from ..lib.setting import available
from ..lib.typing_ways import WAYS

KEPT = Path(__file__).parents[1] / "floors"
FLOORS, PINNED = KEPT / "quality_floors.json", KEPT / "quality_pinned.json"
KNOWN, KNOWN_ARTICLES = "known_items", 500
Found = dict[str, Values]  # way -> measure -> values


def main() -> int:
    """Prints and writes the tables; 1 under a floor."""
    asked = arguments()
    pinned, kept = load(PINNED), load(FLOORS)
    figures: dict[str, Any] = {}
    wrong: list[str] = []
    for name in [*asked.sets, *([KNOWN] if asked.known else [])]:
        digest, found, peers = (known if name == KNOWN else typed)(asked.data, name, asked.peers)
        means = {way: {m: float(v.mean()) for m, v in values.items()} for way, values in found.items()}
        changes = {way: against(values["nDCG@10"], pinned.get(name, {}).get(way)) for way, values in found.items()}
        queries = {way: len(values["nDCG@10"]) for way, values in found.items()}
        figures[name] = {"sha256": digest, "queries": queries, "means": means, "pinned": changes, "peers": peers}
        print(table(name, figures[name]), flush=True)
        if asked.pin:
            try:
                kept = floors.pinned(kept, name, digest, means, asked.lower)
            except ValueError as e:
                raise SystemExit(str(e)) from None
            pinned[name] = {way: [round(float(v), 4) for v in values["nDCG@10"]] for way, values in found.items()}
        wrong += floors.below(kept, name, digest, means)
        results.save(asked.out, "judged", "quality", figures)
    if asked.pin:
        dump(FLOORS, kept, 1)
        dump(PINNED, pinned, None)
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


def arguments() -> argparse.Namespace:
    parser = options.parser(__doc__)
    options.add_data(parser)
    parser.add_argument("--sets", nargs="*", choices=SETS, default=list(SETS))
    parser.add_argument("--known", action="store_true", help="known items from news too")
    parser.add_argument("--peers", action="store_true", help="other engines too")
    floors.add_pin(parser)
    asked = floors.parse(parser)
    options.need_data(parser, asked.data)
    return asked


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
    installed = [peer for peer in available("all")[0] if peer in PEERS] if with_peers else []
    peers = {peer: call(judged.of_engine, peer, str(data / "relevance" / name)) for peer in installed}
    return collection.sha256, found, peers


def run(collection: Collection, search: Search, spell: Callable[[str, int], str]) -> Values:
    answers = {q.id: search(Asked(spell(q.text, number))) for number, q in enumerate(collection.queries)}
    return measure({q.id: q.relevant for q in collection.queries}, answers)


def known(data: Path, name: str, with_peers: bool) -> tuple[str, Found, dict[str, Any]]:
    """The same for known items, without peers."""
    source = data / "news" / "gov.jsonl.xz"
    articles = list(read(source))
    forms = known_items.draw(articles, KNOWN_ARTICLES)
    with tempfile.TemporaryDirectory() as folder:
        search = searcher(build(articles, Path(folder) / "index"))
        found = {form: items_run(items, search) for form, items in forms.items()}
    return sha256(source.read_bytes()).hexdigest(), found, {}


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


def report(figures: Mapping[str, Any]) -> str:
    """All sets as Markdown."""
    return "\n".join(table(name, found).replace("## ", "### ", 1) for name, found in figures.items())


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
