"""What a search returns as a whole: which articles, how many, the newest; `make result-set` fails under a floor.

    python benchmarks/result_set.py [--data FOLDER] [--pin [--lower REASON]]

Keywords: `KEYWORDS`, queries of one to three words over news/gov.jsonl.xz, as written and without diacritics.  The
truth is found by brute force in the articles' texts: every one of pyvi's words of the query as written, its syllables
side by side, marks as typed, any accents where none were typed.  Queries whose words fewer than ten articles have are
left out.  Dates are made up, so that "newest" has an order.
  precision, recall   of all that is returned, means over queries
  newest ten          share of right ones among the ten newest
  agree               total, pages, facets and their filters say the same, share of queries
Clusters: vmds_clusters, a headline typed as query, and mailong_qa, a question: F1 of what is returned, mean over
queries; mean size; nDCG@10 beside that of match="any", which drops nothing.

--pin: this run's figures, rounded down to two digits, become the floors (result_set_floors.json); one falls only with
--lower REASON.  Writes results/result_set.json and .md.  Not measured: time.
"""

import argparse
import json
import math
import os
import re
import tempfile
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from statistics import fmean

from unidecode import unidecode

from relevance import DEPTH, load_set, measure
from vnsearch import Article, Index, read
from vnsearch.text.normalize import syllable_key
from vnsearch.text.words import segment

HERE = Path(__file__).parent
RESULTS, FLOORS = HERE / "results", HERE / "result_set_floors.json"
ENOUGH = 10  # articles that have every word
KEYWORDS = (
    "học sinh", "bảo hiểm xã hội", "thuế", "du lịch Quảng Ninh", "tai nạn lao động", "xử phạt vi phạm", "đường sắt",
    "dịch bệnh chăn nuôi", "bầu cử đại biểu Quốc hội", "lũ miền Trung", "phá rừng", "nước sạch", "khiếu nại tố cáo",
    "tinh giản biên chế", "đầu tư công", "kỷ luật cán bộ", "biển đảo", "y tế cơ sở", "thủy điện", "xuất khẩu thủy sản",
    "an toàn thực phẩm", "sáp nhập huyện", "tiền lương", "đất đai", "giá điện", "ma túy", "hộ nghèo", "Phạm Minh Chính",
    "Công an tỉnh Bình Định",
)  # fmt: skip


def main() -> None:
    """Prints and writes the table; exits with 1 under a floor."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("VNSEARCH_DATA", "../shared/data")))
    parser.add_argument("--pin", action="store_true", help="make this run's figures the floors")
    parser.add_argument("--lower", metavar="REASON", help="with --pin: let floors fall, and keep why")
    options = parser.parse_args()
    if not (options.data / "relevance").is_dir():
        parser.error(f"{options.data} is not there; name the folder of corpora with --data or $VNSEARCH_DATA")
    figures = {"keywords": keywords(options.data)}
    figures |= {name: clusters(options.data, name) for name in ("vmds_clusters", "mailong_qa")}
    text = "# What a search returns\n\nBy `make result-set`; `benchmarks/result_set.py` says what.\n\n" + table(figures)
    print(text)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "result_set.json").write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", "utf-8")
    (RESULTS / "result_set.md").write_text(text, "utf-8")
    wrong = below(figures, json.loads(FLOORS.read_text("utf-8")) if FLOORS.exists() else {})
    if options.pin:
        if wrong and not options.lower:
            raise SystemExit("floors would fall; give --lower REASON:\n" + "\n".join(wrong))
        pinned = {name: {what: math.floor(100 * v) / 100 for what, v in own.items()} for name, own in figures.items()}
        FLOORS.write_text(json.dumps(pinned | ({"lowered": options.lower} if options.lower else {}), indent=1) + "\n")
        wrong = []
    raise SystemExit("\n".join(wrong) or 0)


def below(figures: dict[str, dict[str, float]], floors: dict[str, dict[str, float]]) -> list[str]:
    """What is under its floor; sizes have none."""
    return [
        f"{name}: {what} is {figures[name][what]:.3f}, its floor {floor}"
        for name, own in floors.items()
        if name in figures
        for what, floor in own.items()
        if what != "mean size" and figures[name][what] < floor
    ]


def table(figures: dict[str, dict[str, float]]) -> str:
    """As Markdown."""
    lines = ["| | figure | |", "| --- | --- | --- |"]
    lines += [f"| {name} | {what} | {value:.3f} |" for name, own in figures.items() for what, value in own.items()]
    return "\n".join(lines) + "\n"


# -- keywords ------------------------------------------------------------------------------------------------


def keywords(data: Path) -> dict[str, float]:
    """Figures over all forms of all queries that enough articles have."""
    days = date(2015, 1, 1)
    articles = [
        replace_date(article, days + timedelta(days=number * 7919 % 3600))
        for number, article in enumerate(read(data / "news" / "gov.jsonl.xz"))
    ]
    texts = {a.id: [spaced(text) for text in (a.title, a.lead, a.body)] for a in articles}
    bare = {id: [unidecode(text) for text in own] for id, own in texts.items()}
    rows: dict[str, list[float]] = {"precision": [], "recall": [], "newest ten": [], "agree": []}
    with tempfile.TemporaryDirectory() as folder:
        index = build(articles, Path(folder) / "index")
        for keyword in KEYWORDS:
            words = [spaced(word.replace("_", " ")) for word in segment(keyword)]
            for text, sought, among in (
                (keyword, words, texts),
                (unidecode(keyword), list(map(unidecode, words)), bare),
            ):
                right = {id for id, own in among.items() if all(any(word in part for part in own) for word in sought)}
                if len(right) >= ENOUGH:
                    one(index, text, right, rows)
    return {what: fmean(values) for what, values in rows.items()} | {"searches": float(len(rows["recall"]))}


def one(index: Index, text: str, right: set[str], rows: dict[str, list[float]]) -> None:
    """Adds the figures of one search."""
    results = index.search(text, limit=100_000, facets=("topic", "year"))
    found = {hit.id for hit in results.hits}
    newest = [hit.id for hit in index.search(text, sort="newest", limit=10).hits]
    rows["precision"].append(len(found & right) / max(len(found), 1))
    rows["recall"].append(len(found & right) / len(right))
    rows["newest ten"].append(len(set(newest) & right) / len(newest))
    year, count = next(iter(results.facets["year"].items()))
    halves = [
        hit.id for at in (0, len(found) // 2 + 1) for hit in index.search(text, offset=at, limit=at or 10**5).hits
    ]
    agree = results.total == len(found) and index.search(text, since=year, until=year, limit=0).total == count
    rows["agree"].append(float(agree and found == set(halves)))


def spaced(text: str) -> str:
    """Its syllables in one spelling, one blank round each."""
    syllables = re.findall(r"[^_\W]+", unicodedata.normalize("NFC", text))
    return f" {' '.join(map(syllable_key, syllables))} "


def replace_date(article: Article, day: date) -> Article:
    return Article(
        id=article.id, title=article.title, lead=article.lead, body=article.body, published=day, topics=article.topics
    )


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


def f1(found: set[str], right: Iterable[str]) -> float:
    right = set(right)
    return 2 * len(found & right) / (len(found) + len(right))


def build(articles: Sequence[Article], path: Path) -> Index:
    index = Index.create(path)
    with index.writer(workers=2) as writer:
        for article in articles:
            writer.add(article)
    return index


if __name__ == "__main__":
    main()
