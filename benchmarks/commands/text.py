"""What each stage of text analysis costs, beside pyvi's segmentation of the same articles in the same run.

    python -m benchmarks text [--data FOLDER] [--documents N]

Each round runs every stage over the same batch of articles, one after the other, single-threaded; the
figures are medians over the rounds, so a busy machine slows all of them alike.  The words of `segment`
are compared with pyvi's token by token.  Reading the corpus is not measured.
"""

import json
import lzma
import statistics
import time
import warnings
from collections.abc import Callable
from pathlib import Path

from vnsearch.text.normalize import clean
from vnsearch.text.tokenize import folded_term, terms, tokenize
from vnsearch.text.words import segment, words

from ..lib import options, results

ROUNDS = 5


def main() -> int:
    """Prints the table."""
    parser = options.parser(__doc__)
    options.add_data(parser)
    parser.add_argument("--documents", type=int, default=300)
    arguments = parser.parse_args()
    texts = read_texts(arguments.data, arguments.documents)
    with results.printed(arguments.out, "text"):
        compare(texts)
    return 0


def compare(texts: list[str]) -> None:
    """Prints what each stage takes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an old pickle, read by a new scikit-learn
        from pyvi import ViTokenizer

    stages: dict[str, Callable[[str], object]] = {
        "clean": lambda text: clean(text),
        "terms": lambda text: list(terms(text)),
        "terms, both views": lambda text: [(term, folded_term(term)) for term, _ in terms(text)],
        "tokens with offsets": lambda text: tokenize(text),
        "segment (pyvi's words)": lambda text: segment(text),
        "words (with offsets)": lambda text: words(text),
        "terms and segment": lambda text: (list(terms(text)), segment(text)),
        "pyvi itself": lambda text: ViTokenizer.tokenize(text),
    }
    seconds = measure(stages, texts)
    different = sum(
        ours != theirs
        for text in texts
        for ours, theirs in zip(segment(text), ViTokenizer.tokenize(text).split(" "), strict=False)
    )
    count = sum(len(segment(text)) for text in texts)
    print(f"{len(texts)} articles, {count:,} tokens; {different} tokens differ from pyvi's\n")
    print(f"{'stage':<24} {'docs/s':>9} {'x pyvi':>8}")
    for name, taken in seconds.items():
        print(f"{name:<24} {len(texts) / taken:>9,.0f} {seconds['pyvi itself'] / taken:>8.1f}")


def read_texts(data: Path, number: int) -> list[str]:
    """The first texts of the corpus of government news."""
    path = data / "news" / "gov.jsonl.xz"
    if not path.exists():
        raise SystemExit(f"{path} is not there; name the folder of corpora with --data or $VNSEARCH_DATA")
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line)["text"] for _, line in zip(range(number), lines, strict=False)]


def measure(stages: dict[str, Callable[[str], object]], texts: list[str]) -> dict[str, float]:
    """Median seconds of each stage over all texts; a first round warms what is remembered and is not counted."""
    taken: dict[str, list[float]] = {name: [] for name in stages}
    for number in range(ROUNDS + 1):
        for name, stage in stages.items():
            begun = time.perf_counter()
            for text in texts:
                stage(text)
            if number:
                taken[name].append(time.perf_counter() - begun)
    return {name: statistics.median(values) for name, values in taken.items()}
