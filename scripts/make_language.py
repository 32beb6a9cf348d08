"""Makes src/vnsearch/suggest/data/language.npz: which syllables stand behind which in news, for reading queries.

    python scripts/make_language.py indexes/gov indexes/vntc10 indexes/rss    # indexes of news, see indexes/README.md

names: the syllables with a blank between, in order; level: of each, 2 log2 of how often it occurs; size: of each, how
many syllables are told that stand behind it; second, pair_level: these, by number, in order, and the level of the pair;
triple_size, third, triple_level: the same of what stands behind each pair.  Left out are rare syllables and pairs, and
triples that hardly change what a pair says (entropy pruning; Stolcke 1998): those whose occurrences times the logarithm
of the ratio of the two chances come to less than LEAST_NEWS.  What the table says nothing of shares what is left.

The file holds syllables and numbers only.  A minute, 6 GB for 60 million positions.
"""

import argparse
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from vnsearch.arrays import Array
from vnsearch.index.folder import open_snapshot
from vnsearch.index.segment_reader import Segment

OUT = Path(__file__).parents[1] / "src/vnsearch/suggest/data/language.npz"
LONGEST = 7  # letters of a syllable: "nghiêng"
RAREST, RAREST_PAIR, RAREST_TRIPLE = 20, 6, 5  # occurrences
LEAST_NEWS = 20.0
BITS = 21  # of a key for each syllable
AT_ONCE = 20_000  # terms whose postings are looked at together


def main() -> None:
    """Counts, prunes, writes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("indexes", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    numbers: dict[str, int] = {}
    rows = [stream(segment, numbers) for folder in options.indexes for segment in open_snapshot(folder).segments]
    pairs, triples = count(rows, 2), count(rows, 3)
    table = chosen(list(numbers), pairs, triples)
    options.out.parent.mkdir(exist_ok=True)
    np.savez_compressed(options.out, allow_pickle=False, **table)
    kept = f"{len(table['second']):,} pairs and {len(table['third']):,} triples"
    print(f"{int(pairs[1].sum()):,} pairs seen; kept {kept}, {options.out.stat().st_size:,} bytes")


def count(rows: Iterable[Array], size: int) -> tuple[Array, Array]:
    """(keys of so many syllables in a row, ascending, how often each occurs)."""
    found = []
    for row in rows:
        columns = [row[at : len(row) - size + 1 + at] for at in range(size)]
        key = np.zeros(len(columns[0]), np.int64)
        there = np.ones(len(key), bool)
        for column in columns:
            key = key << BITS | column
            there &= column > 0
        found.append(np.unique(key[there], return_counts=True))
    keys, at = np.unique(np.concatenate([keys for keys, _ in found]), return_inverse=True)
    return keys, np.bincount(at, weights=np.concatenate([counts for _, counts in found]))


def stream(segment: Segment, numbers: dict[str, int]) -> Array:
    """The numbers of a segment's syllables as its texts have them; 0 where something else stands.

    numbers: filled with the syllables' numbers, from 1.
    """
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


def chosen(names: list[str], pairs: tuple[Array, Array], triples: tuple[Array, Array]) -> dict[str, Array]:
    """The arrays of the file."""
    keys, counts = pairs
    mask = (1 << BITS) - 1
    single = np.bincount(keys >> BITS, weights=counts, minlength=len(names) + 1)[1:]
    kept = sorted((single >= RAREST).nonzero()[0].tolist(), key=names.__getitem__)
    number = np.full(len(names) + 1, -1)
    number[np.array(kept) + 1] = np.arange(len(kept))
    first, second = number[keys >> BITS], number[keys & mask]
    enough = ((counts >= RAREST_PAIR) & (first >= 0) & (second >= 0)).nonzero()[0]
    order = enough[np.lexsort((second[enough], first[enough]))]
    first, second, counts = first[order], second[order], counts[order]
    table = {
        "names": np.frombuffer(" ".join(names[n] for n in kept).encode(), np.uint8),
        "level": level(single[kept]),
        "size": np.bincount(first, minlength=len(kept)).astype(np.uint16),
        "second": second.astype(np.uint16),
        "pair_level": level(counts),
    }
    keys, times = triples
    parts = [number[keys >> shift & mask] for shift in (2 * BITS, BITS, 0)]
    at = (times >= RAREST_TRIPLE) & (np.minimum.reduce(parts) >= 0)
    parts, times = [part[at] for part in parts], times[at]
    order = np.lexsort(parts[::-1])
    (one, two, three), times = (part[order] for part in parts), times[order]
    every = first.astype(np.int64) << BITS | second
    before, there = _among(every, one << BITS | two)
    behind, known = _among(every, two << BITS | three)
    chance = np.where(known, counts[behind], 0.5) / single[kept][two]
    news = times * np.abs(np.log(times / np.maximum(counts[before], times) / chance))
    at = there & (news >= LEAST_NEWS)
    return table | {
        "triple_size": np.bincount(before[at], minlength=len(first)).astype(np.uint16),
        "third": three[at].astype(np.uint16),
        "triple_level": level(times[at]),
    }


def _among(keys: Array, wanted: Array) -> tuple[Array, Array]:
    """Where each of the wanted is among ascending keys, and whether it is there."""
    at = np.minimum(keys.searchsorted(wanted), len(keys) - 1)
    return at, keys[at] == wanted


def level(counts: Array) -> Array:
    """2 log2 of counts."""
    levels: Array = np.rint(2 * np.log2(counts)).astype(np.uint8)
    return levels


if __name__ == "__main__":
    main()
