"""What a search returns as a whole: which articles, how many, the newest; `make result-set` fails under a floor.

    python -m benchmarks result_set [--data FOLDER] [--peers] [--pin [--lower REASON]]

Keywords: queries of one to three words over news/gov.jsonl.xz, as written and without marks, and the truth by brute
force (`lib/returned.py`, which says what precision, recall and "newest ten" are).  Dates are made up, so that "newest"
has an order.  "agree": total, pages, facets and their filters say the same, share of queries.
Clusters: vmds_clusters, a headline typed as query, and mailong_qa, a question: F1 of what is returned, mean over
queries; mean size; nDCG@10 beside that of match="any", which drops nothing.

--peers: precision, recall and newest ten of other engines on the same.  --pin: this run's figures, rounded down to two
digits, become the floors (floors/result_set_floors.json); one falls only with --lower REASON.  Writes
<date>-result_set.json to --out.  Not measured: time.
"""

import json
import math
import tempfile
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from statistics import fmean
from typing import Any

from vnsearch import Article, Index, read

from ..lib import options, results
from ..lib.articles import dump
from ..lib.child import call
from ..lib.engines import PEERS
from ..lib.relevance import DEPTH, load_set, measure
from ..lib.returned import f1, of_engine, sought
from ..lib.setting import available
from ..lib.tables import table

FLOORS = Path(__file__).parents[1] / "floors/result_set_floors.json"


def main() -> int:
    """Prints and writes the table; 1 under a floor."""
    parser = options.parser(__doc__)
    options.add_data(parser)
    parser.add_argument("--peers", action="store_true", help="other engines too")
    parser.add_argument("--pin", action="store_true", help="make this run's figures the floors")
    parser.add_argument("--lower", metavar="REASON", help="with --pin: let floors fall, and keep why")
    asked = parser.parse_args()
    options.need_data(parser, asked.data)
    articles = gov(asked.data)
    figures = {"keywords": keywords(articles)}
    figures |= {name: clusters(asked.data, name) for name in ("vmds_clusters", "mailong_qa")}
    found: dict[str, Any] = {"figures": figures}
    print(report(found))
    if asked.peers:
        found["peers"] = peers(articles)
        for name, one in found["peers"].items():
            print(name, one if isinstance(one, str) else {what: round(value, 3) for what, value in one.items()})
    results.save(asked.out, "judged", "result_set", found)
    wrong = below(figures, json.loads(FLOORS.read_text("utf-8")) if FLOORS.exists() else {})
    if asked.pin:
        if wrong and not asked.lower:
            raise SystemExit("floors would fall; give --lower REASON:\n" + "\n".join(wrong))
        pinned = {name: {what: math.floor(100 * v) / 100 for what, v in own.items()} for name, own in figures.items()}
        FLOORS.write_text(json.dumps(pinned | ({"lowered": asked.lower} if asked.lower else {}), indent=1) + "\n")
        wrong = []
    if wrong:
        raise SystemExit("\n".join(wrong))
    return 0


def report(found: dict[str, Any]) -> str:
    """The figures as Markdown."""
    rows = [[name, what, f"{value:.3f}"] for name, own in found["figures"].items() for what, value in own.items()]
    return table(("", "figure", ""), rows)


def below(figures: dict[str, dict[str, float]], floors: dict[str, dict[str, float]]) -> list[str]:
    """What is under its floor; sizes have none."""
    return [
        f"{name}: {what} is {figures[name][what]:.3f}, its floor {floor}"
        for name, own in floors.items()
        if name in figures
        for what, floor in own.items()
        if what != "mean size" and figures[name][what] < floor
    ]


# -- keywords ------------------------------------------------------------------------------------------------


def gov(data: Path) -> list[Article]:
    """Government news, with made-up days."""
    first = date(2015, 1, 1)
    return [
        dated(article, first + timedelta(days=number * 7919 % 3600))
        for number, article in enumerate(read(data / "news" / "gov.jsonl.xz"))
    ]


def dated(article: Article, day: date) -> Article:
    return Article(
        id=article.id, title=article.title, lead=article.lead, body=article.body, published=day, topics=article.topics
    )


def keywords(articles: Sequence[Article]) -> dict[str, float]:
    """Figures over all forms of all queries that enough articles have."""
    rows: dict[str, list[float]] = {"precision": [], "recall": [], "newest ten": [], "agree": []}
    with tempfile.TemporaryDirectory() as folder:
        index = build(articles, Path(folder) / "index")
        for text, right in sought(articles):
            one(index, text, right, rows)
    return {what: fmean(values) for what, values in rows.items()} | {"searches": float(len(rows["recall"]))}


def one(index: Index, text: str, right: set[str], rows: dict[str, list[float]]) -> None:
    """Adds the figures of one search."""
    found_all = index.search(text, limit=100_000, facets=("topic", "year"))
    found = {hit.id for hit in found_all.hits}
    newest = [hit.id for hit in index.search(text, sort="newest", limit=10).hits]
    rows["precision"].append(len(found & right) / max(len(found), 1))
    rows["recall"].append(len(found & right) / len(right))
    rows["newest ten"].append(len(set(newest) & right) / len(newest))
    year, count = next(iter(found_all.facets["year"].items()))
    halves = [
        hit.id for at in (0, len(found) // 2 + 1) for hit in index.search(text, offset=at, limit=at or 10**5).hits
    ]
    agree = found_all.total == len(found) and index.search(text, since=year, until=year, limit=0).total == count
    rows["agree"].append(float(agree and found == set(halves)))


def peers(articles: Iterable[Article]) -> dict[str, Any]:
    """The same of other engines, each in a process of its own; what it cannot do, where it has no such search."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "articles.jsonl"
        file.write_bytes(b"".join(dump(article) + b"\n" for article in articles))
        return {name: call(of_engine, name, str(file)) for name in available("all")[0] if name in PEERS}


# -- clusters ------------------------------------------------------------------------------------------------


def clusters(data: Path, name: str) -> dict[str, float]:
    """F1 of what is returned, how much that is, and nDCG@10 beside that of everything with any word."""
    collection = load_set(data / "relevance" / name)
    with tempfile.TemporaryDirectory() as folder:
        index = build(collection.articles, Path(folder) / "index")
        found = {q.id: [h.id for h in index.search(q.text, literal=True, limit=10_000)] for q in collection.queries}
        loose = {
            q.id: [h.id for h in index.search(q.text, literal=True, limit=DEPTH, match="any")]
            for q in collection.queries
        }
    right = {query.id: query.relevant for query in collection.queries}
    kept, whole = (measure(right, run)["nDCG@10"].mean() for run in (cut(found), loose))
    return {
        "F1": fmean(f1(set(ids), right[query]) for query, ids in found.items()),
        "mean size": fmean(map(len, found.values())),
        "nDCG@10": float(kept),
        "nDCG@10 less that of match=any": float(kept - whole),
    }


def cut(run: dict[str, list[str]]) -> dict[str, list[str]]:
    return {query: ids[:DEPTH] for query, ids in run.items()}


def build(articles: Sequence[Article], path: Path) -> Index:
    index = Index.create(path)
    with index.writer(workers=2) as writer:
        for article in articles:
            writer.add(article)
    return index
