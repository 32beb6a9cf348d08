"""Makes src/vnsearch/text/data/segment_names.txt and segment_unmarked.txt from news text.

    python scripts/make_segment_tables.py DATA    # DATA/news/gov.jsonl.xz, DATA/news/vntc10.jsonl.xz

names     pairs of syllables that mostly have two capitals inside a sentence, for headlines in capitals.
unmarked  for text without diacritics, how strongly folded syllables want to be one word: a logistic
          regression on pyvi's words in the folded corpus (pair, first, second, capitals, pyvi's compounds),
          then a second one, on rows that the first has not seen, of what the pairs around add or take.

The files hold syllables and numbers only.  Some minutes, 4 GB; needs scikit-learn, which pyvi brings.
"""

import json
import lzma
import random
import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

from vnsearch.text.crf import model
from vnsearch.text.fold import fold
from vnsearch.text.unmarked import _bin, _shape
from vnsearch.text.words import segment

OUT = Path(__file__).parents[1] / "src/vnsearch/text/data"
SEED = 7
CORPORA = (("gov", 1, 0.15), ("vntc10", 4, 0.4))  # one document in so many; share of its gaps that is learned from
SMALL = 0.3  # share of runs learned as if written without capitals
PAIRS, SYLLABLES = 25_000, 4_500  # what is kept
EDGE = -200

Ints = NDArray[np.int64]
Run = list[tuple[str, bool]]  # syllables, each with whether it continues the word before it


def main(data: Path) -> None:
    warnings.simplefilter("ignore")  # the first regression is stopped before it has converged
    rng = random.Random(SEED)
    pairs: Counter[str] = Counter()
    names: Counter[str] = Counter()
    numbers = {"": 0}
    gaps: list[int] = []
    for run, share in runs(data):
        for (a, _), (b, _) in pairwise(run[1:]):  # the first syllable may be a sentence's
            if not (a.isupper() or b.isupper()):
                pair = f"{a} {b}".lower()
                pairs[pair] += 1
                names[pair] += a.istitle() and b.istitle()
        if rng.random() < share:
            gaps.extend(gaps_of(run, numbers, rng.random() < SMALL))
    write_names(pairs, names)
    write_unmarked(np.array(gaps, np.int64).reshape(-1, 6), list(numbers))


def runs(data: Path) -> Iterator[tuple[Run, float]]:
    """Runs of syllables between punctuation marks and numbers."""
    for name, every, share in CORPORA:
        with lzma.open(data / f"news/{name}.jsonl.xz", "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines):
                if number % every == 0:
                    for run in cut(segment(json.loads(line)["text"])):
                        yield run, share


def cut(words: list[str]) -> Iterator[Run]:
    run: Run = []
    for word in [*words, ""]:
        parts = word.split("_")
        if all(part.isalpha() for part in parts):
            run += [(part, at > 0) for at, part in enumerate(parts)]
        elif run:
            yield run
            run = []


def gaps_of(run: Run, numbers: dict[str, int], small: bool) -> Iterator[int]:
    """For each gap: the syllables two before, before, behind and two behind it, their capitals, the answer."""
    ids = [0, *(numbers.setdefault(fold(s).lower(), len(numbers)) for s, _ in run), 0]
    small = small or not any(s[0].isupper() for s, _ in run)
    for at in range(1, len(run)):
        yield from ids[at - 1 : at + 3]
        yield 0 if small else _shape(run[at - 1][0], run[at][0])
        yield run[at][1]


def write_names(pairs: Counter[str], names: Counter[str]) -> None:
    found: dict[str, list[str]] = {}
    for pair, times in sorted(names.items()):
        if times >= 4 and 2 * times > pairs[pair]:
            first, second = pair.split(" ")
            found.setdefault(first, []).append(second)
    write("segment_names.txt", [f"{first} {' '.join(seconds)}" for first, seconds in found.items()])


def write_unmarked(rows: Ints, syllables: list[str]) -> None:
    known = Known(syllables)
    size = len(syllables)
    learn, hold = rows[np.arange(len(rows)) % 7 != 0], rows[::7]
    keys, of_row, counts = np.unique(learn[:, 1] * size + learn[:, 2], return_inverse=True, return_counts=True)
    features = [one_hot(of_row, len(keys)), one_hot(learn[:, 1], size), one_hot(learn[:, 2], size)]
    extra = csr_matrix(2.0 * known.of(learn))  # twice, so that the penalty weighs less on them
    weights = fit(hstack([*features, one_hot(learn[:, 4], 8), extra]), learn[:, 5], 70)
    pair, first, second, _ = np.split(weights, len(keys) + np.array([0, size, 2 * size]))
    compound = np.round(20 * weights[-3:])
    kept = np.sort(np.argsort(-counts * np.abs(pair))[:PAIRS])
    keys, pair = keys[kept], np.round(10 * pair[kept])
    frequent = np.zeros(size, bool)
    frequent[np.argsort(-np.bincount(learn[:, 1], minlength=size) * (np.abs(first) + np.abs(second)))[:SYLLABLES]] = 1
    frequent[keys // size] = frequent[keys % size] = 1
    first, second = np.round(10 * first) * frequent, np.round(10 * second) * frequent

    def weight(a: Ints, b: Ints) -> Ints:
        at = np.searchsorted(keys, a * size + b).clip(max=len(keys) - 1)
        total = np.where(keys[at] == a * size + b, pair[at], 0) + first[a] + second[b]
        return np.where((a > 0) & (b > 0), total + compound[0] * known.pairs(a, b), EDGE).astype(np.int64)

    z, a, b, c, shape, answer = hold.T
    own = weight(a, b) + known.of(hold)[:, 1:] @ compound[1:]
    bins = np.vectorize(_bin, otypes=[np.int64])
    around = [one_hot(bins(weight(x, y)), 15) for x, y in ((z, a), (b, c))]
    weights = fit(hstack([csr_matrix(own[:, None] / 10), one_hot(shape, 8), *around]), answer, 300)
    weights /= weights[0]
    head = [weights[1:9], weights[9:24], weights[24:39], compound]
    lines = [";".join(" ".join(f"{x:.2f}" for x in part) for part in head)]
    after: dict[int, list[str]] = {}
    for key, value in zip(keys.tolist(), pair.astype(int).tolist(), strict=True):
        after.setdefault(key // size, []).append(f"{syllables[key % size]} {value}")
    for number in sorted(np.flatnonzero(frequent).tolist(), key=syllables.__getitem__):
        name = syllables[number]
        if name.isalpha() and name.isascii():
            lines.append(" ".join([name, f"{first[number]:.0f}", f"{second[number]:.0f}", *after.get(number, [])]))
    write("segment_unmarked.txt", lines)


class Known:
    """pyvi's compounds of two and three, folded, as numbers."""

    def __init__(self, syllables: list[str]) -> None:
        self._size = len(syllables)
        numbers = {syllable: number for number, syllable in enumerate(syllables)}
        keys: dict[int, list[int]] = {2: [], 3: []}
        for compound in model().compounds:
            parts = [numbers.get(fold(s), 0) for s in compound.split(" ")]
            if len(parts) in keys and all(parts):
                keys[len(parts)].append(self._key(*parts))
        self._twos, self._threes = np.unique(keys[2]), np.unique(keys[3])

    def _key(self, *parts: Any) -> Any:
        key = parts[0]
        for part in parts[1:]:
            key = key * self._size + part
        return key

    def pairs(self, a: Ints, b: Ints) -> NDArray[np.bool_]:
        return np.isin(self._key(a, b), self._twos)

    def of(self, rows: Ints) -> NDArray[np.float64]:
        """Three columns: the gap is in a pair, it is the second gap of a triple, the first of one."""
        z, a, b, c = rows.T[:4]
        triples = [np.isin(self._key(*parts), self._threes) for parts in ((z, a, b), (a, b, c))]
        return np.stack([self.pairs(a, b), *triples], 1).astype(np.float64)


def one_hot(numbers: Ints, width: int) -> Any:
    rows = np.arange(len(numbers))
    return csr_matrix((np.ones(len(numbers), np.float32), (rows, numbers)), shape=(len(numbers), width))


def fit(features: Any, answers: Ints, steps: int) -> NDArray[np.float64]:
    regression = LogisticRegression(C=1.0, max_iter=steps, fit_intercept=False).fit(features.tocsr(), answers)
    print(f"{len(answers):,} gaps, {regression.score(features.tocsr(), answers):.4f} right", flush=True)
    weights: NDArray[np.float64] = regression.coef_[0]
    return weights


def write(name: str, lines: list[str]) -> None:
    text = "\n".join(lines) + "\n"
    (OUT / name).write_text(text, "utf-8")
    print(f"{name}: {len(lines)} lines, {len(text.encode()):,} bytes", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
