"""Makes src/vnsearch/ingest/data/topic_weights.tsv: which words and pairs of words speak for or against a topic.

    python scripts/make_topics.py DATA/news

A logistic regression for each topic that news sites have a section of, trained on every other article of three
corpora (file and class below); the other half is what `python -m benchmarks ingest` measures on.  L1 keeps few terms,
so the file can be read and corrected by hand: `term <tab> topic weight <tab> topic weight ...`, weights of
log2(1 + n) / sqrt(length), n how often the term stands in the text plus twice how often in the title, length in
syllables.  Needs scikit-learn; the library does not.
"""

import json
import lzma
import random
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix, diags
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from vnsearch.text.term_stream import TITLE_END, forms_at, read_terms

# class -> topics; None: of no topic here, and no evidence against those in _SPARED
CLASSES: dict[str, dict[str, str | None]] = {
    "vntc10.jsonl.xz": {
        "The thao": "the-thao", "Suc khoe": "y-te", "Kinh doanh": "kinh-te", "Van hoa": "van-hoa",
        "Khoa hoc": "khoa-hoc-cong-nghe", "Vi tinh": "khoa-hoc-cong-nghe", "Phap luat": "phap-luat",
        "The gioi": "quoc-te", "Chinh tri Xa hoi": None, "Doi song": None,
    },
    "dantri2020.jsonl.xz": {
        "suc-khoe": "y-te", "giao-duc-huong-nghiep": "giao-duc", "suc-manh-so": "khoa-hoc-cong-nghe",
        "the-gioi": "quoc-te", "the-thao": "the-thao", "giai-tri": "van-hoa", "khoa-hoc-cong-nghe":
        "khoa-hoc-cong-nghe", "kinh-doanh": "kinh-te", "du-lich": "du-lich", "xa-hoi": None,
    },
    "rss_headlines.jsonl.xz": {
        "Thế giới": "quoc-te", "Thể thao": "the-thao", "Kinh doanh": "kinh-te", "Công nghệ": "khoa-hoc-cong-nghe",
    },
}  # fmt: skip
MOST = {"vntc10.jsonl.xz": 16_000, "dantri2020.jsonl.xz": 1_400, "rss_headlines.jsonl.xz": 8_000}
COUNTS = {"vntc10.jsonl.xz": 1.0, "dantri2020.jsonl.xz": 4.0, "rss_headlines.jsonl.xz": 0.7}  # of one article
# only one corpus has a section for them, so articles of the others say nothing about them unless of a clear topic
_SPARED = {"giao-duc", "du-lich"}
_LEAST_DOCUMENTS = 25  # that a term stands in
_STRENGTH = 6.0  # C of the regression: larger keeps more terms
_SMALLEST = 1.5  # weights nearer to 0 are left out

Row = tuple[str, str, str, str | None]  # file, title, text, topic


def main(folder: Path) -> None:
    """Writes the data file; prints how many terms speak for each topic."""
    rows = [row for name in CLASSES for row in training_half(folder / name)]
    terms = [forms_at(read_terms([(title, text)]).keys.codes[1:-1]) for _, title, text, _ in rows]
    counter = CountVectorizer(analyzer=ngrams, min_df=_LEAST_DOCUMENTS, dtype=np.float32)
    counts = counter.fit_transform(terms)
    names = counter.get_feature_names_out()
    counts.data = np.log2(1 + counts.data)
    features = csr_matrix(diags([1 / np.sqrt(max(1, len(t) - 1)) for t in terms]) @ counts)
    topics = sorted({topic for *_, topic in rows if topic})
    weights: dict[str, list[tuple[str, float]]] = {}
    for topic in topics:
        used = np.array([t is not None or topic not in _SPARED or f.startswith("dantri") for f, _, _, t in rows])
        labels = np.array([t == topic for *_, t in rows])[used]
        shares = np.array([COUNTS[f] for f, *_ in rows])[used]
        model = LogisticRegression(penalty="l1", solver="liblinear", C=_STRENGTH, max_iter=60, tol=1e-2)
        model.fit(features[used], labels, sample_weight=shares)
        for place in np.flatnonzero(np.abs(model.coef_[0]) >= _SMALLEST):
            weights.setdefault(str(names[place]), []).append((topic, float(model.coef_[0][place])))
        weights.setdefault("", []).append((topic, float(model.intercept_[0])))
        print(topic, int((np.abs(model.coef_[0]) >= _SMALLEST).sum()), "terms")
    target = Path(__file__).parent.parent / "src/vnsearch/ingest/data/topic_weights.tsv"
    about = "# What words say of a topic; made by scripts/make_topics.py, which tells how to read it; first the biases"
    lines = ["\t".join([term, *(f"{t} {w:.1f}" for t, w in found)]) for term, found in sorted(weights.items())]
    target.write_text("\n".join([about, *lines]) + "\n", "utf-8")
    print(f"{len(lines)} terms, {target.stat().st_size:,} bytes -> {target.name}")


def training_half(path: Path) -> list[Row]:
    """The articles of a file at even places, shuffled, as many as MOST says."""
    classes = CLASSES[path.name]
    rows: list[Row] = []
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if number % 2 == 0:
                record = json.loads(line)
                if record["category"] in classes:
                    text = f"{record.get('lead') or ''}\n{record.get('body') or record.get('text') or ''}"
                    rows.append((path.name, record.get("title") or "", text, classes[record["category"]]))
    random.Random(7).shuffle(rows)
    return rows[: MOST[path.name]]


def ngrams(terms: list[str]) -> list[str]:
    """Terms and pairs of neighbours; those of the title, before TITLE_END, twice more."""
    end = terms.index(TITLE_END)
    title, text = terms[:end], terms[end + 1 :]
    pairs = [" ".join(pair) for part in (title, title, text) for pair in pairwise(part)]
    return title * 2 + text + pairs


if __name__ == "__main__":
    main(Path(sys.argv[1]))
