"""Makes src/vnsearch/suggest/data/pairs.npz: which syllables stand behind which in news, for reading queries.

    python scripts/make_pairs.py indexes/gov indexes/vntc10 indexes/rss    # indexes of news, see indexes/README.md

names: the syllables with a blank between, in order; level: of each, 2 log2 of how often it occurs; size: of each, how
many syllables are told that stand behind it; second, pair_level: these, by number, in order, and the level of the pair.
Left out are rare syllables and pairs.  What the table says nothing of shares what is left (`language.rest`).

The file holds syllables and numbers only.  A minute, 4 GB for 60 million positions.
"""

import argparse
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from vnsearch.arrays import Array
from vnsearch.index.folder import open_snapshot
from vnsearch.index.segment_reader import Segment

OUT = Path(__file__).parents[1] / "src/vnsearch/suggest/data/pairs.npz"
LONGEST = 7  # letters of a syllable: "nghiêng"
RAREST, RAREST_PAIR = 20, 6  # occurrences
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
    table = chosen(list(numbers), pairs, counts, options.rarest_pair)
    options.out.parent.mkdir(exist_ok=True)
    np.savez_compressed(options.out, allow_pickle=False, **table)
    print(f"{int(counts.sum()):,} pairs seen, {len(table['second']):,} kept, {options.out.stat().st_size:,} bytes")


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


def chosen(names: list[str], pairs: Array, counts: Array, rarest: int) -> dict[str, Array]:
    """The arrays of the file."""
    single = np.bincount(pairs >> BITS, weights=counts, minlength=len(names) + 1)[1:]
    kept = sorted((single >= RAREST).nonzero()[0].tolist(), key=names.__getitem__)
    number = np.full(len(names) + 1, -1)
    number[np.array(kept) + 1] = np.arange(len(kept))
    first, second = number[pairs >> BITS], number[pairs & (1 << BITS) - 1]
    enough = ((counts >= rarest) & (first >= 0) & (second >= 0)).nonzero()[0]
    order = enough[np.lexsort((second[enough], first[enough]))]
    return {
        "names": np.frombuffer(" ".join(names[n] for n in kept).encode(), np.uint8),
        "level": level(single[kept]),
        "size": np.bincount(first[order], minlength=len(kept)).astype(np.uint16),
        "second": second[order].astype(np.uint16),
        "pair_level": level(counts[order]),
    }


def level(counts: Array) -> Array:
    """2 log2 of counts."""
    levels: Array = np.rint(2 * np.log2(counts)).astype(np.uint8)
    return levels


if __name__ == "__main__":
    main()
