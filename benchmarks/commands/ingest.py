"""How well dates, provinces, topics and stories are found in real articles, and what finding them costs.

    python -m benchmarks ingest [--data FOLDER] [--only cost dates provinces topics stories facets pages]

* cost: process time of reading terms, provinces, topics, dates and fingerprints, as shares of the whole
  (records to articles to an index, one process, as many at once as `vnsearch index` takes), medians of five rounds.
* provinces: province/stamps.jsonl (title and lead; odd and even lines apart: landmarks and words come from reading
  the even ones, but the thresholds were chosen with the figures of both in sight) and news/binhdinh.jsonl.
  "found": some province; "first": the first one is right; precision = first/found.
* topics: the half of each corpus that make_topics.py does not learn from (odd lines), beside a bag-of-words logistic
  regression trained on the even lines.  Three constants (C, the least logit, pieces read) were chosen with a part of
  these figures in sight.  An article's topic is the first found one that the corpus has a class of.
* stories: pairs of articles of vntc10 with equal first 400 characters, and other pairs that are told to be one story.
* pages: see lib/field.py.
* facets: 50,000 headlines with dates and sources of their own; counts of the index against counts of the input.

Needs scikit-learn (pyvi brings it).  Writes <date>-ingest.json to --out.
"""

import json
import lzma
import random
import statistics
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from vnsearch import Index
from vnsearch.errors import ArticleError, QueryError
from vnsearch.index.article_json import dump
from vnsearch.index.inverter import Inverter
from vnsearch.index.writer import BATCH
from vnsearch.ingest.find_provinces import find_provinces, provinces_in
from vnsearch.ingest.find_topics import find_topics, topics_in
from vnsearch.ingest.found import Found
from vnsearch.ingest.record import AT_ONCE, Made, make_article, make_articles
from vnsearch.text.fingerprint import agreement, fingerprint, stories
from vnsearch.text.term_stream import read_terms
from vnsearch.vietnam.dates import find_date
from vnsearch.vietnam.provinces import filter_slugs, find_by_name

from ..lib import field, options, results
from ..lib.tables import table

ROUNDS = 5
CLASSES: dict[str, dict[str, tuple[str, ...]]] = {  # corpus -> its class -> topics that are right for it
    "vntc10.jsonl.xz": {
        "The thao": ("the-thao",), "Suc khoe": ("y-te",), "Kinh doanh": ("kinh-te",), "Van hoa": ("van-hoa",),
        "Khoa hoc": ("khoa-hoc-cong-nghe",), "Vi tinh": ("khoa-hoc-cong-nghe",),
        "Phap luat": ("phap-luat", "an-ninh-trat-tu"), "The gioi": ("quoc-te", "doi-ngoai"),
    },
    "dantri2020.jsonl.xz": {
        "suc-khoe": ("y-te",), "giao-duc-huong-nghiep": ("giao-duc",), "suc-manh-so": ("khoa-hoc-cong-nghe",),
        "the-gioi": ("quoc-te", "doi-ngoai"), "the-thao": ("the-thao",), "giai-tri": ("van-hoa",),
        "khoa-hoc-cong-nghe": ("khoa-hoc-cong-nghe",), "kinh-doanh": ("kinh-te",), "du-lich": ("du-lich",),
    },
    "rss_headlines.jsonl.xz": {
        "Thế giới": ("quoc-te", "doi-ngoai"), "Thể thao": ("the-thao",), "Kinh doanh": ("kinh-te",),
        "Công nghệ": ("khoa-hoc-cong-nghe",),
    },
    "binhdinh.jsonl": {
        "Chính trị": ("xay-dung-dang", "dan-van", "mat-tran-doan-the", "quoc-hoi-hdnd", "cai-cach-hanh-chinh"),
        "Kinh tế": ("kinh-te", "nong-nghiep"), "Văn hóa": ("van-hoa",), "Pháp luật": ("phap-luat", "an-ninh-trat-tu"),
        "Du lịch": ("du-lich",), "Hội nhập quốc tế": ("doi-ngoai",), "Thể thao": ("the-thao",),
    },
}  # fmt: skip

Table = list[list[str]]
Section = tuple[str, dict[str, Any], list[tuple[str, Table]]]  # heading, figures, tables with a line above each


def main() -> int:
    """Prints and writes the tables."""
    parser = options.parser(__doc__)
    options.add_data(parser)
    parser.add_argument("--only", nargs="*", choices=PARTS, default=list(PARTS))
    asked = parser.parse_args()
    options.need_data(parser, asked.data)
    figures: dict[str, Any] = {}
    for name in asked.only:
        heading, found, tables = PARTS[name](asked.data)
        lines = [f"## {heading}", ""]
        for above, (head, *rows) in tables:
            lines += [above, "", table(head, rows), ""]
        figures[name] = {"figures": found, "text": "\n".join(lines)}
        print(figures[name]["text"])
        results.save(asked.out, "judged", "ingest", figures)
    return 0


def report(figures: dict[str, Any]) -> str:
    """All parts, a level below a page's."""
    return "\n".join(part["text"].replace("## ", "### ", 1) for part in figures.values())


def records(path: Path) -> Iterable[dict[str, Any]]:
    with lzma.open(path, "rt", encoding="utf-8") if path.suffix == ".xz" else path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


# -- cost ----------------------------------------------------------------------------------------------


def cost(data: Path) -> Section:
    """Of two corpora."""
    found = {name: cost_of(data / "news" / name) for name in ("gov.jsonl.xz", "vntc10.jsonl.xz")}
    tables = [table for _, table in found.values()]
    return "Cost", {name: figures for name, (figures, _) in found.items()}, tables


def cost_of(path: Path) -> tuple[dict[str, Any], tuple[str, Table]]:
    """Each stage over the same articles, one after the other, so that a busy machine slows all alike."""
    sample = list(islice(records(path), BATCH))
    batches = [sample[at : at + AT_ONCE] for at in range(0, len(sample), AT_ONCE)]
    texts = [[(r.get("title") or "", r["text"]) for r in batch] for batch in batches]
    terms = [read_terms(batch) for batch in texts]
    nothing = [("",) * len(batch) for batch in batches]
    articles = [made.article for batch in batches for made in make_articles(batch) if isinstance(made, Made)]
    inverter = Inverter()
    for article in articles:
        inverter.add(dump(article))

    def index() -> None:
        with tempfile.TemporaryDirectory() as folder, Index.create(Path(folder) / "index").writer() as writer:
            for article in articles:
                writer.add(article)

    made, indexed = "record -> article, the first four included", "article -> index, the fingerprint included"
    stages: dict[str, Callable[[], object]] = {
        "terms": lambda: [read_terms(batch).keys for batch in texts],
        "provinces": lambda: [provinces_in(t, n, [None] * len(n)) for t, n in zip(terms, nothing, strict=True)],
        "topics": lambda: [topics_in(t, n) for t, n in zip(terms, nothing, strict=True)],
        "dates": lambda: [find_date("Thứ Ba, 7/2/2023 | 11:34") for _ in sample],
        "fingerprint": inverter.fingerprints,
        made: lambda: [make_articles(batch) for batch in batches],
        indexed: index,
        "str.split, for comparison": lambda: [r["text"].split() for r in sample],
    }
    rounds: list[dict[str, float]] = []
    for _ in range(ROUNDS + 1):
        taken = {}
        for name, stage in stages.items():
            begun = time.process_time()
            stage()
            taken[name] = (time.process_time() - begun) / len(sample) * 1000
        rounds.append(taken)
    rounds = rounds[1:]  # the first warms what is remembered
    medians = {name: statistics.median(taken[name] for taken in rounds) for name in stages}
    found = ("terms", "provinces", "topics", "dates", "fingerprint")
    share = statistics.median(sum(t[n] for n in found) / (t[made] + t[indexed]) for t in rounds)
    whole = statistics.median(t[made] + t[indexed] for t in rounds)
    rows = [["stage", "ms a document", "of the whole"]]
    rows += [[name, f"{ms:.3f}", f"{ms / whole:.1%}"] for name, ms in medians.items()]
    characters = sum(len(r["text"]) for r in sample) // len(sample)
    about = (
        f"{len(sample):,} articles of {path.name}, of {characters:,} characters. "
        f"Enrichment (the first five): **{share:.1%}**."
    )
    return {"share": share, "ms": medians}, (about, rows)


# -- dates ---------------------------------------------------------------------------------------------


def dates(data: Path) -> Section:
    """All collected strings: the day found against the day that the article's address or page has."""
    right, wrong, forms = 0, [["written", "collected as", "read as"]], set()
    pairs = list(records(data / "dates" / "date_pairs.jsonl"))
    for pair in pairs:
        forms.add("".join("9" if c.isdigit() else c for c in pair["raw"].strip()))
        try:
            found = str(find_date(pair["raw"]))[:10]
        except ArticleError as e:
            found = str(e)
        if found == pair["gold"][:10]:
            right += 1
        else:
            wrong.append([pair["raw"].strip(), pair["gold"][:10], found])
    about = f"{right} of {len(pairs)} strings give the day collected with them ({len(forms)} forms by their digits)."
    return "Dates", {"right": right, "of": len(pairs)}, [(about, wrong)] if wrong[1:] else [(about, [["wrong: none"]])]


# -- provinces -----------------------------------------------------------------------------------------


def provinces(data: Path) -> Section:
    """Precision and recall over all, and the worst confusions."""
    stamps = list(records(data / "province" / "stamps.jsonl"))
    binhdinh = list(records(data / "news" / "binhdinh.jsonl"))

    def of_lead(record: dict[str, Any]) -> list[Found]:
        return find_provinces(record["title"], record["lead"])

    def of_text(record: dict[str, Any]) -> list[Found]:
        return find_provinces(record["title"], record["body"])

    def of_site(record: dict[str, Any]) -> list[Found]:
        return find_provinces(record["title"], record["body"], source="baobinhdinh.vn")

    runs: list[tuple[str, list[dict[str, Any]], Callable[[dict[str, Any]], list[Found]]]] = [
        ("stamps, even lines", stamps[::2], of_lead),
        ("stamps, odd lines", stamps[1::2], of_lead),
        ("stamps, all", stamps, of_lead),
        ("binhdinh, text alone", binhdinh, of_text),
        ("binhdinh, with the site's domain", binhdinh, of_site),
    ]
    rows = [["on", "texts", "found", "first right", "precision", "recall", "right among all found"]]
    figures: dict[str, Any] = {}
    confusions: Counter[tuple[str, str]] = Counter()
    for name, texts, find in runs:
        found = first = among = 0
        for record in texts:
            gold, answer = same(record["province"]), [same(f.value) for f in find(record)]
            found += bool(answer)
            first += answer[:1] == [gold]
            among += gold in answer
            if answer and answer[0] != gold and name in ("stamps, all", "binhdinh, text alone"):
                confusions[record["province"], find(record)[0].value] += 1
        n = len(texts)
        figures[name] = {"texts": n, "found": found, "first": first, "among": among}
        numbers = [f"{found} ({found / n:.1%})", str(first), f"{first / max(1, found):.1%}", f"{first / n:.1%}"]
        rows.append([name, str(n), *numbers, str(among)])
    worst = [["is", "found first", "times"]] + [[a, b, str(n)] for (a, b), n in confusions.most_common(10)]
    named = sum(
        any(name in f"{r['title']} {r['body']}" for name in ("Bình Định", "Quy Nhơn", "(BĐ)", "binhdinh"))
        for r in binhdinh
    )
    note = (
        f"Of the 68 articles of Bình Định {named} have its name, its town's, or the newspaper's mark anywhere in the "
        "text; the others are national news, or name no place. Read by eye, none of the five in which nothing is found "
        'names a place of the province: two speak of its police as "CA tỉnh" alone, two of national rules, one of '
        "football in three other provinces. The headlines of the RSS corpus come from three national sites: no domain "
        "in it tells a province."
    )
    return "Provinces", figures, [(note, rows), ("The ten worst confusions:", worst)]


def same(name: str) -> str:
    """One name for Thừa Thiên Huế and Huế."""
    try:
        return min(filter_slugs(name) if "Huế" in name else [find_by_name(name).slug])
    except QueryError:
        return name


# -- topics --------------------------------------------------------------------------------------------


def topics(data: Path, most_tested: int = 3000, most_learned: int = 12_000) -> Section:
    """Precision, recall and F1 of each class, beside the yardstick's."""
    figures: dict[str, Any] = {}
    summary = [["corpus", "tested", "macro F1", "yardstick"]]
    tables = []
    for name, classes in CLASSES.items():
        of_topic = {topic: topics[0] for topics in classes.values() for topic in topics}
        halves: list[list[tuple[str, str, str]]] = [[], []]
        for number, record in enumerate(records(data / "news" / name)):
            if record["category"] in classes:
                text = f"{record.get('lead') or ''}\n{record.get('body') or record.get('text') or ''}"
                halves[number % 2].append((record.get("title") or "", text, classes[record["category"]][0]))
        for half in halves:
            random.Random(7).shuffle(half)
        learned, tested = halves[0][:most_learned], halves[1][:most_tested]
        gold = [label for *_, label in tested]
        ours = [first(find_topics(title, text), of_topic) for title, text, _ in tested]
        theirs = yardstick(learned, tested)
        rows = [["topic", "articles", "precision", "recall", "F1", "yardstick: precision", "recall", "F1"]]
        scores: dict[str, list[float]] = {"ours": [], "yardstick": []}
        for label in sorted(set(of_topic.values())):
            one, other = score(gold, ours, label), score(gold, theirs, label)
            scores["ours"].append(one[2])
            scores["yardstick"].append(other[2])
            rows.append([label, str(gold.count(label)), *(f"{x:.3f}" for x in (*one, *other))])
        macro = {who: statistics.mean(values) for who, values in scores.items()}
        figures[name] = macro
        summary.append([name, str(len(tested)), f"**{macro['ours']:.3f}**", f"{macro['yardstick']:.3f}"])
        tables.append((f"{name}:", rows))
    about = "First found topic that the corpus has a class of; macro F1 over its topics."
    return "Topics", figures, [(about, summary), *tables]


def first(found: list[Found], of_topic: dict[str, str]) -> str:
    return next((of_topic[f.value] for f in found if f.value in of_topic), "")


def score(gold: list[str], answers: list[str], label: str) -> tuple[float, float, float]:
    """Precision, recall, F1."""
    right = sum(g == a == label for g, a in zip(gold, answers, strict=True))
    precision = right / max(1, answers.count(label))
    recall = right / max(1, gold.count(label))
    return precision, recall, 2 * precision * recall / (precision + recall or 1)


def yardstick(learned: list[tuple[str, str, str]], tested: list[tuple[str, str, str]]) -> list[str]:
    """A bag-of-words logistic regression of the corpus' own other half; not part of the library."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    vectors = TfidfVectorizer(sublinear_tf=True, min_df=3 if len(learned) > 500 else 1, token_pattern=r"\w+")
    features = vectors.fit_transform([f"{title}\n{text}" for title, text, _ in learned])
    model = LogisticRegression(C=10, max_iter=300).fit(features, [label for *_, label in learned])
    return [str(label) for label in model.predict(vectors.transform([f"{title}\n{text}" for title, text, _ in tested]))]


# -- stories -------------------------------------------------------------------------------------------


def same_stories(data: Path) -> Section:
    """Pairs of equal beginnings must agree; unrelated pairs must not."""
    texts = [record["text"] for record in records(data / "news" / "vntc10.jsonl.xz")]
    prints = [fingerprint(text) for text in texts]
    groups: dict[str, list[int]] = defaultdict(list)
    for number, text in enumerate(texts):
        groups[text[:400]].append(number)
    pairs = [(group[0], other) for group in groups.values() for other in group[1:]]
    story = stories(np.array(prints, np.uint64))
    recall = statistics.mean(bool(story[a] == story[b]) for a, b in pairs)
    rng = random.Random(7)
    chance = [rng.sample(range(len(texts)), 2) for _ in range(200_000)]
    agreements = Counter(agreement(prints[a], prints[b]) for a, b in chance if texts[a][:400] != texts[b][:400])
    others = sum(int(s != n) and texts[s][:400] != texts[n][:400] for n, s in enumerate(story.tolist()))
    rows = [["", ""]]
    rows += [["pairs with equal first 400 characters", f"{len(pairs):,}"], ["of these one story", f"{recall:.2%}"]]
    rows += [["other articles joined to a story", f"{others:,}"]]
    rows += [["most agreements of 200,000 pairs by chance", f"{max(agreements)} of 16"]]
    figures = {"pairs": len(pairs), "recall": recall, "others": others, "by_chance": max(agreements)}
    about = "MinHash, 16 orders of 4 bits, over runs of four folded syllables of the first 300; one story from 12 on."
    return "Stories", figures, [(about, rows)]


# -- facets --------------------------------------------------------------------------------------------


def facets(data: Path, number: int = 50_000) -> Section:
    """Counts by source and month of an index against counts over its input."""
    by_source: Counter[str] = Counter()
    by_month: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        index = Index.create(Path(folder) / "index")
        with index.writer() as writer:
            for record in islice(records(data / "news" / "rss_headlines.jsonl.xz"), number):
                writer.add(make_article(record).article)
                by_source[record["source"]] += 1
                by_month[record["published"][:7]] += 1  # all are written in +07:00
        counts = index.search("", limit=0, facets=("source", "month")).facets
    equal = {"source": dict(by_source) == counts["source"], "month": dict(by_month) == counts["month"]}
    rows = [["facet", "values", "articles", "equal to the input"]]
    rows += [[f, str(len(counts[f])), f"{sum(counts[f].values()):,}", "yes" if equal[f] else "NO"] for f in equal]
    return "Facets", equal, [(f"{number:,} headlines with their own dates and sources.", rows)]


PARTS: dict[str, Callable[[Path], Section]] = {
    "cost": cost, "dates": dates, "provinces": provinces, "topics": topics, "stories": same_stories, "facets": facets,
    "pages": field.pages,
}  # fmt: skip
