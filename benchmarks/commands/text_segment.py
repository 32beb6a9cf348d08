"""Word segmentation: its speed beside pyvi's, and how far it bears capitals and missing diacritics.

    python -m benchmarks text_segment [--data DIR] [--documents 400] [--titles 5000]

Needs pyvi's own dependencies, and the corpora in --data, $VNSEARCH_DATA or ../shared/data.

speed      pyvi and `segment`, document by document in turn on news/gov.jsonl.xz, after one pass that
           warms the memory; ratio of the sums, the median of the documents' ratios, differing tokens.
           "alone": `segment` by itself, as an indexer calls it, against the same pyvi times.
           Processor time, which other programs disturb less than the clock.
capitals   a title's words as pyvi cuts it in its own case, against the words of the title in capitals:
           share of titles with the same words, F1 of word spans.  "as is": `words` on the title as it was.
unmarked   F1 of word spans against segmentation/ud_vtb_dev.jsonl, as written and without diacritics.
"""

import json
import lzma
import random
import time
import warnings
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

from vnsearch.text.crf import model
from vnsearch.text.fold import fold
from vnsearch.text.words import segment, words

from ..lib import options, results

SEED = 20261123
Spans = set[tuple[int, int]]


def main() -> int:
    """Prints the tables."""
    parser = options.parser(__doc__)
    options.add_data(parser)
    parser.add_argument("--documents", type=int, default=400)
    parser.add_argument("--titles", type=int, default=5000)
    asked = parser.parse_args()
    options.need_data(parser, asked.data)
    begin = time.perf_counter()
    model()
    with results.printed(asked.out, "text_segment"):
        print(f"model loaded in {1000 * (time.perf_counter() - begin):.0f} ms")
        pyvi = load_pyvi()
        speed(pyvi, list(islice(records(asked.data / "news/gov.jsonl.xz"), asked.documents)))
        capitals(pyvi, asked.data, asked.titles)
        unmarked(pyvi, asked.data)
    return 0


def load_pyvi() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an old pickle, read by a new scikit-learn
        from pyvi import ViTokenizer
    return ViTokenizer


def records(path: Path) -> Iterator[dict[str, Any]]:
    with lzma.open(path, "rt", encoding="utf-8") if path.suffix == ".xz" else path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


# -- speed --------------------------------------------------------------------------------------------


def speed(pyvi: Any, documents: list[dict[str, Any]]) -> None:
    texts = [document["text"] for document in documents]
    differing = tokens = 0
    for text in texts:
        ours, theirs = segment(text), pyvi.tokenize(text).split(" ")
        tokens += len(theirs)
        differing += sum(a != b for a, b in zip(ours, theirs, strict=False)) + abs(len(ours) - len(theirs))
    times = [(seconds(pyvi.tokenize, text), seconds(segment, text)) for text in texts]
    alone = min(sum(seconds(segment, text) for text in texts) for _ in range(3))
    pyvi_time, our_time = sum(a for a, _ in times), sum(b for _, b in times)
    print(f"\nspeed, {len(texts)} documents, {tokens:,} words, {differing} differing")
    print(f"  pyvi            {pyvi_time / tokens * 1e6:6.2f} us a word")
    print(f"  segment         {our_time / tokens * 1e6:6.2f} us a word, ratio {pyvi_time / our_time:.1f},", end=" ")
    print(f"median {median(a / b for a, b in times):.1f}")
    print(f"  segment, alone  {alone / tokens * 1e6:6.2f} us a word, ratio {pyvi_time / alone:.1f}")


def seconds(function: Any, text: str) -> float:
    begin = time.process_time()
    function(text)
    return time.process_time() - begin


# -- quality ------------------------------------------------------------------------------------------


def capitals(pyvi: Any, data: Path, limit: int) -> None:
    headlines = [r["title"] for r in records(data / "news/rss_headlines.jsonl.xz")]
    sets = {
        "rss_headlines": random.Random(SEED).sample(headlines, min(limit, len(headlines))),
        "binhdinh": [r["title"] for r in records(data / "news/binhdinh.jsonl")],
    }
    for name, titles in sets.items():
        titles = [title for title in titles if title and len(title.upper()) == len(title)]
        gold = [spans(pyvi.tokenize(title).split(" ")) for title in titles]
        print(f"\ncapitals, {name}, {len(titles)} titles: same words, F1")
        report("words", gold, [spans(texts(title.upper())) for title in titles])
        report("pyvi", gold, [spans(pyvi.tokenize(title.upper()).split(" ")) for title in titles])
        report("words as is", gold, [spans(texts(title)) for title in titles])


def unmarked(pyvi: Any, data: Path) -> None:
    sentences = list(records(data / "segmentation/ud_vtb_dev.jsonl"))
    gold = [spans(sentence["tokens"]) for sentence in sentences]
    marked = [" ".join(sentence["tokens"]) for sentence in sentences]
    plain = [fold(text) for text in marked]
    print(f"\nunmarked, ud_vtb_dev, {len(gold)} sentences: same words, F1")
    for name, forms in (
        ("as written", marked),
        ("no marks", plain),
        ("no marks, small", [t.lower() for t in plain]),
    ):
        report(f"words, {name}", gold, [spans(texts(text)) for text in forms])
        report(f"pyvi, {name}", gold, [spans(pyvi.tokenize(text).split(" ")) for text in forms])


def texts(text: str) -> list[str]:
    return [word.text for word in words(text)]


def spans(found: Iterable[str]) -> Spans:
    """Words as spans of characters, blanks and "_" not counted."""
    places, at = set(), 0
    for word in found:
        length = len(word.replace("_", "").replace(" ", ""))
        if length:
            places.add((at, at + length))
        at += length
    return places


def report(name: str, gold: list[Spans], found: list[Spans]) -> None:
    right = sum(len(a & b) for a, b in zip(gold, found, strict=True))
    f1 = 2 * right / (sum(map(len, gold)) + sum(map(len, found)))
    same = sum(a == b for a, b in zip(gold, found, strict=True)) / len(gold)
    print(f"  {name:24} {same:6.1%}  {f1:.4f}")
