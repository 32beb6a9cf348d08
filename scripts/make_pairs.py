"""Makes src/vnsearch/query/data/pairs.txt: which syllables stand behind which in news, for restoring diacritics.

    python scripts/make_pairs.py indexes/gov indexes/vntc10 indexes/rss    # indexes of news, see indexes/README.md

A line: a syllable, its level, then levels, each with the syllables that stand behind it so often.  A level is
2 log2 of a count.  Left out is what tells nothing: pairs whose syllables have no other accents; pairs far rarer than
another spelling of the same; and pairs that the syllables' own frequencies would choose anyway.

The file holds syllables and numbers only.  A minute, 4 GB for 60 million positions.
"""

import argparse
from collections.abc import Iterable
from math import log2
from pathlib import Path

import numpy as np

from vnsearch.index.container import Array
from vnsearch.index.folder import open_snapshot
from vnsearch.index.segment import Segment
from vnsearch.text.tokenize import folded_term

OUT = Path(__file__).parents[1] / "src/vnsearch/query/data/pairs.txt"
LONGEST = 7  # letters of a syllable: "nghiêng"
RAREST, RAREST_PAIR = 30, 6  # occurrences
SHARE = 0.15  # of the most frequent spelling of a pair
BITS = 21  # of a key for each syllable
AT_ONCE = 20_000  # terms whose postings are looked at together


def main() -> None:
    """Counts, prunes, writes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("indexes", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--rarest-pair", type=int, default=RAREST_PAIR)
    options = parser.parse_args()
    numbers: dict[str, int] = {}
    segments = [segment for folder in options.indexes for segment in open_snapshot(folder).segments]
    pairs, counts = count(segments, numbers)
    single = np.bincount(pairs >> BITS, weights=counts, minlength=len(numbers) + 1)
    chosen = telling(list(numbers), pairs, counts, single, options.rarest_pair)
    options.out.parent.mkdir(exist_ok=True)
    options.out.write_text("\n".join(lines(list(numbers), pairs[chosen], counts[chosen], single)) + "\n", "utf-8")
    print(f"{int(counts.sum()):,} pairs seen, {len(chosen):,} kept, {options.out.stat().st_size:,} bytes")


def count(segments: Iterable[Segment], numbers: dict[str, int]) -> tuple[Array, Array]:
    """(keys of the pairs, ascending, how often each occurs); numbers: filled with the syllables' numbers, from 1."""
    found = []
    for segment in segments:
        row = stream(segment, numbers)
        pairs = row[:-1] << BITS | row[1:]
        found.append(np.unique(pairs[(row[:-1] > 0) & (row[1:] > 0)], return_counts=True))
    keys = np.concatenate([keys for keys, _ in found])
    pairs, at = np.unique(keys, return_inverse=True)
    return pairs, np.bincount(at, weights=np.concatenate([counts for _, counts in found]))


def stream(segment: Segment, numbers: dict[str, int]) -> Array:
    """The numbers of a segment's syllables as its texts have them; 0 where something else stands."""
    length = segment.width.astype(np.int64) + 3  # with the gaps between fields, and one behind
    begin = np.cumsum(length) - length
    row = np.zeros(int(length.sum()) + 1, np.int64)
    terms = segment.terms.all()
    number = np.zeros(len(terms), np.int64)
    for term in np.flatnonzero(segment.data["cf"] > 1).tolist():
        if len(terms[term]) <= LONGEST and terms[term].isalpha():
            number[term] = numbers.setdefault(terms[term], len(numbers) + 1)
    for first in range(0, len(terms), AT_ONCE):
        last = min(first + AT_ONCE, len(terms))
        of, documents, codes = segment.all_postings(first, last)
        counts = segment.all_counts(first, last, codes)
        starts = np.cumsum(counts) - counts + segment.position_range(first, last)[0]
        wanted = (number[of] > 0).nonzero()[0]
        of, documents, counts, starts = of[wanted], documents[wanted], counts[wanted], starts[wanted]
        places = np.repeat(begin[documents], counts) + segment.positions.runs(starts, counts)
        row[places] = np.repeat(number[of], counts)
    return row


def telling(names: list[str], pairs: Array, counts: Array, single: Array, rarest: int) -> Array:
    """Which of the pairs are kept, ascending."""
    folds: dict[str, int] = {}
    fold = np.array([0, *(folds.setdefault(folded_term(name), len(folds) + 1) for name in names)])
    spellings = np.bincount(fold, weights=single >= RAREST)
    by_frequency = np.lexsort((single, fold))
    most_frequent = np.zeros(len(folds) + 1, np.int64)
    most_frequent[fold[by_frequency]] = by_frequency  # the last one stays
    first, second = pairs >> BITS, pairs & (1 << BITS) - 1
    enough = ((counts >= rarest) & (single[first] >= RAREST) & (single[second] >= RAREST)).nonzero()[0]
    keys = fold[first[enough]] << BITS | fold[second[enough]]
    order = np.lexsort((-counts[enough], keys))
    at, keys = enough[order], keys[order]
    begin = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
    size = np.diff(np.append(begin, len(keys)))
    best = at[begin]
    others = np.add.reduceat(counts[at], begin) - counts[best]
    obvious = (most_frequent[fold[first[best]]] == first[best]) & (most_frequent[fold[second[best]]] == second[best])
    obvious &= others < SHARE * counts[best]
    kept = ~np.repeat(obvious, size) & (counts[at] >= SHARE * np.repeat(counts[best], size))
    kept &= (spellings[fold[first[at]]] > 1) | (spellings[fold[second[at]]] > 1)
    return np.sort(at[kept])


def lines(names: list[str], pairs: Array, counts: Array, single: Array) -> list[str]:
    """The lines of the file, in order of syllable."""
    behind: dict[int, dict[int, list[str]]] = {}
    for pair, times in zip(pairs.tolist(), counts.tolist(), strict=True):
        levels = behind.setdefault(pair >> BITS, {})
        levels.setdefault(round(2 * log2(times)), []).append(names[(pair & (1 << BITS) - 1) - 1])
    return sorted(
        " ".join(
            [
                name,
                str(round(2 * log2(single[number]))),
                *(f"{level} {' '.join(sorted(found))}" for level, found in sorted(behind.get(number, {}).items())),
            ]
        )
        for number, name in enumerate(names, 1)
        if single[number] >= RAREST
    )


if __name__ == "__main__":
    main()
