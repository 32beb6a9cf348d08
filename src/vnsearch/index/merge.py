"""Several segments -> one, without their deleted documents; nothing is tokenized again.

Dictionaries are joined; postings are copied range by range of terms, so memory is bounded by
PIECE postings, however large the segments are.
"""

from collections import Counter
from pathlib import Path

import numpy as np

from ..text.tokenize import folded_term
from . import layout, records
from .container import Array, ContainerWriter
from .invert import Postings, PostingsWriter, StoredWriter, write_dictionary, write_documents
from .lexicon import words_of, write_words
from .segment import Segment

PIECE = 4_000_000  # postings copied at a time


def merge(segments: list[Segment], deleted: list[Array], path: Path, *, sync: bool = True) -> int:
    """Writes one segment of all documents that are not deleted (one bool a document); how many there are."""
    live = [np.flatnonzero(~gone) for gone in deleted]
    bases = np.cumsum([0, *map(len, live)])
    moved = []  # old number of a document -> new one, or -1
    for documents, gone, base in zip(live, deleted, bases[:-1], strict=True):
        table = np.full(len(gone), -1, np.int64)
        table[documents] = base + np.arange(len(documents))
        moved.append(table)
    total = int(bases[-1])
    out = ContainerWriter(path)
    _merge_documents(out, segments, live)
    _merge_terms(out, segments, moved, total)
    words: Counter[str] = Counter()
    for segment, gone in zip(segments, deleted, strict=True):
        words.update(dict(zip(segment.words.all(), segment.data["word_df"].tolist(), strict=True)))
        for document in np.flatnonzero(gone).tolist():
            words.subtract(words_of(records.load(segment.stored(document))))
    write_words(out, +words)
    out.close({"documents": total}, sync)
    return total


def _merge_documents(out: ContainerWriter, segments: list[Segment], live: list[Array]) -> None:
    ids: list[str] = []
    tags: dict[str, list[tuple[str, ...]]] = {column: [] for column in layout.COLUMNS}
    stored = StoredWriter(out)
    for segment, documents in zip(segments, live, strict=True):
        for document in documents.tolist():
            ids.append(segment.ids[document])
            stored.append(segment.stored(document))
        for column, rows in tags.items():
            first, numbers = segment.tags(column)
            names = segment.tag_names(column)
            rows.extend(tuple(names[n] for n in numbers[first[d] : first[d + 1]]) for d in documents)
    stored.close()
    pairs = list(zip(segments, live, strict=True))
    days = np.concatenate([np.empty(0, np.int32), *(s.day[d] for s, d in pairs)])
    body = [s.width[d] - s.title_width[d] - s.lead_width[d] for s, d in pairs]
    widths = [np.column_stack((s.title_width[d], s.lead_width[d], b)) for (s, d), b in zip(pairs, body, strict=True)]
    write_documents(out, ids, days, np.concatenate([np.empty((0, 3), np.uint32), *widths]), tags)


def _merge_terms(out: ContainerWriter, segments: list[Segment], moved: list[Array], documents: int) -> None:
    terms = [segment.terms.all() for segment in segments]
    kept = [_live(segment, table) for segment, table in zip(segments, moved, strict=True)]
    living = (mine[n] for mine, live in zip(terms, kept, strict=True) for n in np.flatnonzero(live).tolist())
    names = sorted(set(living), key=lambda name: (folded_term(name), name))
    # a term without postings takes the rank of the next one: ranks stay ascending, and it adds nothing
    ranks = [_ranks(mine, names) for mine in terms]
    widths = [segment.width[table >= 0] for segment, table in zip(segments, moved, strict=True)]
    widest = max((int(width.max()) for width in widths if len(width)), default=0) + 2
    sizes = np.zeros(len(names) + 1, np.int64)
    for segment, rank in zip(segments, ranks, strict=True):
        np.add.at(sizes, rank, segment.df)
    sizes = sizes[:-1]
    write_dictionary(out, names)
    sink = PostingsWriter(out, documents, np.uint32 if widest > 0xFFFF else np.uint16)
    ends = np.cumsum(sizes)
    begin = 0
    while begin < len(names):
        before = ends[begin - 1] if begin else 0
        end = max(begin + 1, int(np.searchsorted(ends, before + PIECE, side="right")))
        postings, positions = _collect(segments, ranks, moved, begin, end)
        sink.append(begin, end, postings, positions)
        begin = end
    sink.close(names)


def _live(segment: Segment, moved: Array) -> Array:
    """Which terms of a segment still have a document, one bool each."""
    before = np.concatenate(([0], np.cumsum(moved[segment.data["docs"]] >= 0)))
    live: Array = np.diff(before[segment.data["first"]]) > 0
    for term in np.flatnonzero(segment.row_numbers != layout.NO_ROW):
        row = segment.row(int(term))
        live[term] = row is not None and bool(row[moved >= 0].any())
    return live


def _ranks(terms: list[str], names: list[str]) -> Array:
    """The place in `names` of each term, or of the next greater name; both in order of (folded, exact)."""
    found, at = np.empty(len(terms), np.int64), 0
    keys = [(folded_term(name), name) for name in names]
    for number, term in enumerate(terms):
        key = (folded_term(term), term)
        while at < len(keys) and keys[at] < key:
            at += 1
        found[number] = at
    return found


def _collect(
    segments: list[Segment], ranks: list[Array], moved: list[Array], begin: int, end: int
) -> tuple[Postings, Array]:
    """The live postings of the terms of rank begin..end in all segments, in order of (term, document)."""
    collected = [
        _postings(segment, rank, table, begin, end) for segment, rank, table in zip(segments, ranks, moved, strict=True)
    ]
    terms, documents, codes, counts, positions = (np.concatenate(parts) for parts in zip(*collected, strict=True))
    order = layout.stable_order(terms - begin, end - begin)  # documents ascend within and across segments
    starts = np.cumsum(counts) - counts
    positions = positions[layout.spans(starts[order], counts[order])]
    return Postings(terms[order], documents[order], codes[order], counts[order]), positions


def _postings(segment: Segment, rank: Array, moved: Array, begin: int, end: int) -> tuple[Array, ...]:
    """The same of one segment: terms, documents, codes, counts, positions."""
    first, last = (int(n) for n in np.searchsorted(rank, [begin, end]))
    found = [segment.postings(term) for term in range(first, last)]
    empty = np.empty(0, np.int64)
    documents = np.concatenate([empty, *(docs for docs, _ in found)])
    codes = np.concatenate([np.empty(0, np.uint8), *(codes for _, codes in found)])
    terms = np.repeat(np.arange(first, last), [len(docs) for docs, _ in found])
    counts = (codes & layout.COUNT_MASK).astype(np.int64)
    long = np.flatnonzero(counts == layout.COUNT_LONG)
    if len(long):
        mine = slice(*np.searchsorted(segment.data["long_terms"], [first, last]))
        counts[long] = segment.data["long_counts"][mine]  # both in order of (term, document)
    begin_position, end_position = segment.position_range(first, last)
    positions = segment.data["positions"][begin_position:end_position].astype(np.int64)
    new = moved[documents]
    kept = new >= 0
    return rank[terms[kept]], new[kept], codes[kept], counts[kept], positions[np.repeat(kept, counts)]
