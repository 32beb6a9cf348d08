"""Several segments -> one, without their deleted documents; nothing is tokenized again.

Dictionaries are joined; postings are copied range by range of terms, so memory is bounded by
`piece` postings, however large the segments are.  Which segments a commit merges is said first (`first_to_merge`).
"""

from collections import Counter
from itertools import compress
from pathlib import Path

import numpy as np

from ..arrays import Array, stable_order
from ..kernels import gather_rows
from ..text.tokenize import folded_term
from . import folder, layout
from .container_writer import ContainerWriter
from .folder import Part
from .inverter import Postings, PostingsWriter, StoredWriter, write_dictionary, write_documents
from .segment_reader import Segment
from .word_counts import words_of, write_words

PIECE = 1_000_000  # postings copied at a time
_BLOCKS_READ = 1_000  # blocks of articles between two releases of memory
_TIER = 8  # that many segments of about a size become one
SMALL = 120  # documents that are copied with every commit, rather than searched as many small segments


class Piece:
    """A segment that a commit keeps or merges."""

    def __init__(self, name: str, segment: Segment, gone: Array, deletions: str, changed: bool) -> None:
        self.name, self.segment, self.gone, self.deletions, self.changed = name, segment, gone, deletions, changed

    @property
    def is_emptied(self) -> bool:
        """Most of it is deleted."""
        return 2 * int(self.gone.sum()) > len(self.gone)

    def part(self, path: Path) -> Part:
        """The segment's entry in the manifest; its deletions are written where they changed."""
        if not self.changed:
            return Part(self.name, len(self.gone), self.deletions)
        file = f"{self.name}.{folder.new_name()}.del"
        folder.write_deletions(path, file, self.gone)
        return Part(self.name, len(self.gone), file)


def improvable(parts: list[Piece]) -> bool:
    return len(parts) > 1 or any(part.gone.any() or not part.segment.has_minutes for part in parts)


def first_to_merge(parts: list[Piece], new: int) -> int:
    """From which segment on all are merged with what is new: a logarithmic policy.

    Segments stand in order of age, large ones first.  What is new joins the last ones while they are few
    documents together.  When the last _TIER - 1 of those left are all smaller than _TIER times what comes
    together, they join too; so an article is copied O(log n) times.  A segment that is mostly deleted goes.
    """
    live = [int(len(part.gone) - part.gone.sum()) for part in parts]
    first, total = len(parts), new
    while new and first and total + live[first - 1] <= SMALL:
        first -= 1
        total += live[first]
    while True:
        tail = first
        while tail and live[tail - 1] < _TIER * max(total, 1):
            tail -= 1
        if first - tail < _TIER - 1:
            break
        first, total = tail, total + sum(live[tail:first])
    emptied = (n for n, part in enumerate(parts) if part.is_emptied)
    return min(first, next(emptied, first))


def merge(segments: list[Segment], deleted: list[Array], path: Path, *, sync: bool = True, piece: int = PIECE) -> int:
    """Writes one segment of all documents that are not deleted (one bool a document); how many there are.

    Every byte of the segments is checked first: what is copied gets checksums of its own.
    """
    for segment in segments:
        segment.data.check_all()
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
    _merge_terms(out, segments, moved, total, piece)
    words: Counter[str] = Counter()
    for segment, gone in zip(segments, deleted, strict=True):
        words.update(dict(zip(segment.words.all(), segment.data["word_df"].tolist(), strict=True)))
        for document in np.flatnonzero(gone).tolist():
            words.subtract(words_of(segment.article(document)))
    write_words(out, +words)
    out.close({"documents": total}, sync)
    return total


def _merge_documents(out: ContainerWriter, segments: list[Segment], live: list[Array]) -> None:
    ids: list[str] = []
    tags: dict[str, list[tuple[str, ...]]] = {column: [] for column in layout.COLUMNS}
    stored = StoredWriter(out)
    for segment, documents in zip(segments, live, strict=True):
        own = segment.ids.all()
        ids += [own[document] for document in documents.tolist()]
        _copy_stored(stored, segment, documents)
        for column, rows in tags.items():
            first, numbers = segment.tags(column)
            names = segment.tag_names(column)
            known: dict[tuple[str, ...], tuple[str, ...]] = {}  # most articles share theirs with others
            own_tags = (tuple(names[n] for n in numbers[first[d] : first[d + 1]]) for d in documents)
            rows.extend(known.setdefault(found, found) for found in own_tags)
        segment.data.release()
    stored.close()
    pairs = list(zip(segments, live, strict=True))
    moments = np.concatenate([np.empty(0, np.int64), *(s.moment[d] for s, d in pairs)])
    body = [s.width[d] - s.title_width[d] - s.lead_width[d] for s, d in pairs]
    widths = [np.column_stack((s.title_width[d], s.lead_width[d], b)) for (s, d), b in zip(pairs, body, strict=True)]
    stories = np.concatenate([np.empty(0, np.uint64), *(s.data["story"][d] for s, d in pairs)])
    write_documents(out, ids, moments, np.concatenate([np.empty((0, 3), np.uint32), *widths]), tags, stories)


def _copy_stored(out: StoredWriter, segment: Segment, documents: Array) -> None:
    """The articles of some documents: blocks of which all are wanted as they are, unless they are small."""
    bounds = segment.data["stored_first"].astype(np.int64)
    wanted = np.diff(documents.searchsorted(bounds))  # of each block
    for block, (first, end, number) in enumerate(
        zip(bounds.tolist(), bounds[1:].tolist(), wanted.tolist(), strict=False)
    ):
        if block % _BLOCKS_READ == 0:
            segment.data.release()
        if number == end - first >= layout.BLOCK // 2:
            out.append_block(*segment.stored_block(block))
        else:
            at = documents.searchsorted(first)
            for document in documents[at : at + number].tolist():
                out.append(segment.stored(document))


def _merge_terms(out: ContainerWriter, segments: list[Segment], moved: list[Array], documents: int, piece: int) -> None:
    living: set[str] = set()
    for segment, table in zip(segments, moved, strict=True):
        living.update(compress(segment.terms.all(), _live(segment, table)))
        segment.data.release()
    names = [name for _, name in sorted((folded_term(name), name) for name in living)]
    number = {name: rank for rank, name in enumerate(names)}
    ranks = [_ranks(segment.terms.all(), number) for segment in segments]  # decoded again: all at once is a lot to keep
    widths = [segment.width[table >= 0] for segment, table in zip(segments, moved, strict=True)]
    widest = max((int(width.max()) for width in widths if len(width)), default=0) + 2
    sizes = np.zeros(len(names) + 1, np.int64)
    for segment, rank in zip(segments, ranks, strict=True):
        sizes += np.bincount(rank, weights=segment.df, minlength=len(sizes)).astype(np.int64)
        segment.data.release()
    write_dictionary(out, names)
    sink = PostingsWriter(out, documents, np.uint32 if widest > 0xFFFF else np.uint16)
    ends = np.cumsum(sizes[:-1])
    begin = 0
    while begin < len(names):
        before = ends[begin - 1] if begin else 0
        end = max(begin + 1, int(np.searchsorted(ends, before + piece, side="right")))
        postings, positions = _collect(segments, ranks, moved, begin, end)
        sink.append(begin, end, postings, positions)
        for segment in segments:
            segment.data.release()
        begin = end
    sink.close(names)


def _live(segment: Segment, moved: Array) -> Array:
    """Which terms of a segment still have a document, one bool each."""
    if (moved >= 0).all():
        return np.ones(len(segment.df), bool)
    before = np.concatenate(([0], np.cumsum(moved[segment.data["docs"]] >= 0)))
    live: Array = np.diff(before[segment.data["first"]]) > 0
    for term in np.flatnonzero(segment.row_numbers != layout.NO_ROW):
        row = segment.row(int(term))
        live[term] = row is not None and bool(row[moved >= 0].any())
    return live


def _ranks(terms: list[str], number: dict[str, int]) -> Array:
    """The rank of each term.  One without postings takes that of the next: ranks ascend, and it adds nothing."""
    ranks = np.array([number.get(term, len(number)) for term in terms], np.int32)
    ascending: Array = np.minimum.accumulate(ranks[::-1])[::-1]
    return ascending


def _collect(
    segments: list[Segment], ranks: list[Array], moved: list[Array], begin: int, end: int
) -> tuple[Postings, Array]:
    """The live postings of the terms of rank begin..end in all segments, in order of (term, document)."""
    collected = [
        _postings(segment, rank, table, begin, end) for segment, rank, table in zip(segments, ranks, moved, strict=True)
    ]
    terms, documents, codes, counts, positions = (np.concatenate(parts) for parts in zip(*collected, strict=True))
    order = stable_order(terms - begin, end - begin)  # documents ascend within and across segments
    first = np.concatenate(([0], np.cumsum(counts)))
    ordered = gather_rows(first, positions.astype(np.uint32, copy=False), order.astype(np.int32))
    positions = np.frombuffer(ordered, np.uint32)
    return Postings(terms[order], documents[order], codes[order], counts[order]), positions


def _postings(segment: Segment, rank: Array, moved: Array, begin: int, end: int) -> tuple[Array, ...]:
    """The postings of one segment: terms, documents, codes, counts, positions."""
    first, last = (int(n) for n in rank.searchsorted(np.array([begin, end], rank.dtype)))
    terms, documents, codes = segment.all_postings(first, last)
    counts = segment.all_counts(first, last, codes)
    begin_position, end_position = segment.position_range(first, last)
    positions = segment.positions.part(begin_position, end_position)
    new = moved[documents]
    kept = new >= 0
    if kept.all():
        return rank[terms], new, codes, counts, positions
    return rank[terms[kept]], new[kept], codes[kept], counts[kept], positions[np.repeat(kept, counts)]
