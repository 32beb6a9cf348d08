"""Did a change make anything worse?  A commit and the checkout as it lies, in turns in one run; 1 where it did.

    python -m benchmarks compare BASE [--corpus vntc10 --documents 10000]

Speed.  In each of --rounds rounds two fresh processes, one a tree, take turns by ten queries, in an order drawn anew;
every query is asked once ("new"), then twice more, the quicker of which counts ("again").  Beside the sets of queries
(`lib/sets.py`): indexing (the first --indexed articles), start (Python to the first answer), memory (not mapped from
files, after all that), size.  Times are of the processor, so another program on the machine disturbs little, and
what only waits is not seen.
Quality.  nDCG@10 as written and without marks, and F1 of all that is returned (at most 1,000), query by query: the
bundled questions, and the sets of the large corpora where they are there (`--sets` takes some).

The change has its 95 % interval; the verdict stands in `lib/verdicts.py`: within noise, unless the difference is sure
among all figures (of times one false alarm in a hundred runs, of qualities one in twenty of what is found) and worth it
(2 % of a time, .001 of a quality).
"""

import argparse
import math
import random
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from ..lib import corpus, judged, options, results
from ..lib.articles import dump, load_all
from ..lib.machine import commit
from ..lib.progress import Progress, progress
from ..lib.relevance import DEPTH, measure, randomization_p
from ..lib.returned import f1
from ..lib.tables import number, table
from ..lib.trees import Worker, base_tree, pair, this_tree
from ..lib.verdicts import (
    ALPHA_QUALITY,
    WORTH,
    WORTH_QUALITY,
    Spread,
    false_discovery,
    holm,
    sign_flip_p,
    spread,
    verdict,
)

TURN = 10  # queries
FEWEST, MOST = 12, 20  # rounds: n give no p below 2 / 2^n, which counts once for each figure
MOST_SHOWN = 8  # changed queries of a set


def main() -> int:
    """Prints the verdicts."""
    parser = options.parser(__doc__)
    parser.add_argument("base", metavar="BASE", help="a commit, branch or tag")
    parser.add_argument("--corpus", default=options.SAMPLE)
    parser.add_argument("--documents", type=int, help="default: all, 2,000 of the sample")
    parser.add_argument("--queries", type=int, default=60, help="of each set; default: 60")
    parser.add_argument("--rounds", type=int, default=14, help=f"{FEWEST} to {MOST}; default: 14")
    parser.add_argument("--indexed", type=int, default=200, help="articles indexed in each round; default: 200")
    parser.add_argument("--sets", nargs="*", help="of judged queries; default: all that are there")
    parser.add_argument("--only", choices=("speed", "quality"))
    asked = parser.parse_args()
    if not FEWEST <= asked.rounds <= MOST:
        parser.error(f"--rounds takes {FEWEST} to {MOST}: with fewer no difference of speed can be sure")
    figures: dict[str, Any] = {"base": asked.base, "this": commit(), "rounds": asked.rounds}
    steps = {"building both": 20.0, **dict.fromkeys(_steps(asked), 7.0), **dict.fromkeys(_judged(asked), 20.0)}
    with tempfile.TemporaryDirectory(prefix="vnsearch-compare-") as place, progress(steps) as shown:
        folder = Path(place)
        shown.step("building both")
        trees = base_tree(asked.base, folder / "base"), this_tree(folder / "this")
        if asked.only != "quality":
            figures["speed"] = speed(asked, trees, folder, shown)
        if asked.only != "speed":
            figures["quality"] = quality(asked, trees, shown)
    print(report(figures))
    print(f"\n{results.save(asked.out, 'compared', 'compare', figures)}", file=sys.stderr)
    every = {**figures.get("speed", {}), **figures.get("quality", {})}
    return int(any(found["verdict"] == "worse" for found in every.values()))


def _steps(asked: argparse.Namespace) -> list[str]:
    return [] if asked.only == "quality" else [f"round {at + 1} of {asked.rounds}" for at in range(asked.rounds)]


def _judged(asked: argparse.Namespace) -> dict[str, Path]:
    if asked.only == "speed":
        return {}
    there = {"sample": options.BUNDLED} | judged.sets("all")
    if asked.sets is not None and (unknown := set(asked.sets) - set(there)):
        raise SystemExit(f"no set is called {', '.join(unknown)}; there are {', '.join(there)}")
    return {name: path for name, path in there.items() if asked.sets is None or name in asked.sets}


# -- speed -----------------------------------------------------------------------------------------------


def speed(asked: argparse.Namespace, trees: tuple[Path, Path], folder: Path, shown: Progress) -> dict[str, Any]:
    """Figure -> base, this, change, p, verdict."""
    named = options.corpus(asked.corpus)
    typed = options.typed(asked.corpus)
    number_ = asked.documents or named.default_documents
    made = corpus.prepare(named.name, named.paths, number_, asked.queries, typed, folder)
    (folder / "queries").write_bytes(msgspec.json.encode(made.queries))
    few = folder / "few.jsonl"
    few.write_bytes(b"".join(dump(article) + b"\n" for article in islice(load_all(made.articles), asked.indexed)))
    size, kinds = [], []
    for tree in trees:
        worker = Worker(tree)
        kinds.append(worker.kernels)
        (tree / "built").mkdir()
        size.append(worker.ask("build", made.articles, str(tree / "built"))["bytes"])
        worker.end()
    if len(set(kinds)) > 1:
        raise SystemExit(f"one tree has {kinds[0]} kernels, the other {kinds[1]}: nothing else would be seen")
    sets = {name: len(queries) for name, queries in made.queries.items()}
    rounds: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    chance = random.Random()
    for at, step in enumerate(["", *_steps(asked)]):  # the first is thrown away: it fills the system's caches
        if step:
            shown.step(step)
        with pair(*trees) as workers:
            found = _round(workers, trees, sets if at else dict(list(sets.items())[:1]), folder, few, chance)
        for name, one in found.items() if at else ():
            rounds[name].append(one)
    p = {name: sign_flip_p([log for log, _, _ in values]) for name, values in rounds.items()}
    right = holm(p)
    figures = {}
    for name, values in rounds.items():
        change = spread([log for log, _, _ in values])
        base, this = (float(np.median([value[side] for value in values])) for side in (1, 2))
        figures[name] = _figure(base, this, change, right[name], WORTH)
    ratio = size[1] / size[0]
    figures["size, MB"] = _figure(size[0] / 1e6, size[1] / 1e6, Spread(ratio, ratio, ratio), 0.0, WORTH)
    return figures


def _round(
    workers: tuple[Worker, Worker],
    trees: tuple[Path, Path],
    sets: dict[str, int],
    folder: Path,
    few: Path,
    chance: random.Random,
) -> dict[str, tuple[float, float, float]]:
    """Figure -> (log of this / base, base, this)."""

    def both(what: str, *values: object, own: Sequence[str] = ()) -> list[Any]:
        """Of the base and of this tree, asked in an order that is drawn; `own`: a value for each."""
        answers: dict[int, Any] = {}
        for side in chance.sample((0, 1), 2):
            answers[side] = workers[side].ask(what, *own[side : side + 1], *values)
        return [answers[0], answers[1]]

    base, this = both("open", str(folder / "queries"), own=[str(tree / "built") for tree in trees])
    found = {"start, s": _one(base, this)}
    for name in chance.sample(sorted(sets), len(sets)):
        new: tuple[list[float], list[float]] = ([], [])
        again: tuple[list[float], list[float]] = ([], [])
        for first in range(0, sets[name], TURN):
            runs = [both("search", name, first, first + TURN) for _ in range(3)]
            for side in (0, 1):
                new[side].extend(runs[0][side])
                again[side].extend(map(min, runs[1][side], runs[2][side]))
        found[f"new: {name}, ms"] = _many(*new)
        found[f"again: {name}, ms"] = _many(*again)
    found["memory, MB"] = _one(*both("memory"))
    found["indexing, s"] = _one(*both("rebuild", str(few)))
    return found


def _one(base: float, this: float) -> tuple[float, float, float]:
    return math.log(this / base), base, this


def _many(base: Sequence[float], this: Sequence[float]) -> tuple[float, float, float]:
    """Times of queries: the mean log, and medians in ms."""
    logs = np.log(np.array(this)) - np.log(np.array(base))
    return float(logs.mean()), 1000 * float(np.median(base)), 1000 * float(np.median(this))


def _figure(base: float, this: float, change: Spread, p: float, worth: float) -> dict[str, Any]:
    judged_ = verdict(change.ratio - 1, p, worth, is_less_better=True)
    return {"base": base, "this": this, "change": change._asdict(), "p": p, "verdict": judged_}


# -- quality ---------------------------------------------------------------------------------------------


def quality(asked: argparse.Namespace, trees: tuple[Path, Path], shown: Progress) -> dict[str, Any]:
    """Figure -> means, p, verdict, and the queries that changed most."""
    values: dict[str, tuple[list[float], list[float], list[str]]] = {}
    for name, path in _judged(asked).items():
        shown.step(name)
        collection = judged.load(path)
        right = {query.id: query.relevant for query in collection.queries}
        texts = [query.text for query in collection.queries]
        for way in judged.TYPED:
            shown.say(way)
            runs = []
            for tree in trees:
                worker = Worker(tree)
                runs.append(worker.ask("judge", str(path), way))
                worker.end()
            ndcg = [measure(right, {q: ids[:DEPTH] for q, ids in run.items()})["nDCG@10"].tolist() for run in runs]
            values[f"{name}, nDCG@10, {way}"] = (ndcg[0], ndcg[1], texts)
            if way == judged.TYPED[0]:
                returned = [[f1(set(run[q]), relevant) for q, relevant in right.items()] for run in runs]
                values[f"{name}, F1 of what is returned"] = (returned[0], returned[1], texts)
    right_p = false_discovery({name: randomization_p(this, base) for name, (base, this, _) in values.items()})
    return {name: _judged_figure(*three, right_p[name]) for name, three in values.items()}


def _judged_figure(base: list[float], this: list[float], texts: list[str], p: float) -> dict[str, Any]:
    change = float(np.mean(this) - np.mean(base))
    order = sorted(range(len(texts)), key=lambda at: -abs(this[at] - base[at]))
    changed = [at for at in order if this[at] != base[at]]
    said = verdict(change, p, WORTH_QUALITY, is_less_better=False, alpha=ALPHA_QUALITY)
    return {
        "base": float(np.mean(base)),
        "this": float(np.mean(this)),
        "p": p,
        "verdict": said if changed else "the same",
        "changed": len(changed),
        "of": len(texts),
        "most": [{"query": texts[at], "base": base[at], "this": this[at]} for at in changed[:MOST_SHOWN]],
    }


# -- what is shown ---------------------------------------------------------------------------------------


def report(figures: dict[str, Any]) -> str:
    """What is worse first, then both tables and the changed queries."""
    every = {**figures.get("speed", {}), **figures.get("quality", {})}
    lines = [f"{figures['this']} beside {figures['base']}, {figures['rounds']} rounds", ""]
    for what in ("worse", "better"):
        names = [name for name, found in every.items() if found["verdict"] == what]
        lines.append(f"{what.capitalize()}: {', '.join(names) or 'nothing'}.")
    if speeds := figures.get("speed"):
        rows = [
            [name, number(f["base"]), number(f["this"]), _interval(f["change"]), f"{f['p']:.4f}", f["verdict"]]
            for name, f in speeds.items()
        ]
        lines += ["", table(("", "base", "this", "change, 95 % interval", "p", "verdict"), rows)]
    if judged_ := figures.get("quality"):
        rows = [
            [
                name,
                f"{f['base']:.4f}",
                f"{f['this']:.4f}",
                f"{f['changed']} of {f['of']}",
                f"{f['p']:.4f}",
                f["verdict"],
            ]
            for name, f in judged_.items()
        ]
        lines += ["", table(("", "base", "this", "queries changed", "p", "verdict"), rows)]
        for name, found in judged_.items():
            if found["most"]:
                lines += ["", f"{name}, changed most:"]
                lines += [f"  {one['base']:.3f} -> {one['this']:.3f}  {one['query']}" for one in found["most"]]
    return "\n".join(lines)


def _interval(change: dict[str, float]) -> str:
    low, middle, high = (100 * (change[name] - 1) for name in ("low", "ratio", "high"))
    return f"{middle:+.1f} % ({low:+.1f} to {high:+.1f})"
