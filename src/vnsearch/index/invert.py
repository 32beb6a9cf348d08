"""Articles -> a segment: terms become numbers as they are read, postings come out of one sort.

A text costs one split and one look-up a chunk; everything after that happens to a whole batch at once,
in NumPy.
"""

from array import array
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from ..article import DAY, Article
from ..ingest import provinces, story
from ..text.normalize import clean
from ..text.tokenize import folded_term
from . import layout
from .chunks import current_chunks
from .container import Array, ContainerWriter
from .layout import BODY, LEAD, TITLE
from .lexicon import count_words, write_words


class Inverter:
    """Collects articles, and writes them as one segment."""

    def __init__(self) -> None:
        self._chunks = current_chunks()
        self._stream = array("i")  # numbers of the chunks of all documents
        self._field_ends = array("q")  # three a document, into the stream; there a GAP, a GAP, a TEXT_END
        self._records: list[tuple[str, int, bytes]] = []  # id, moment, JSON
        self._tags: dict[str, list[tuple[str, ...]]] = {column: [] for column in layout.COLUMNS}

    def __len__(self) -> int:
        return len(self._records)

    def add(self, article: Article) -> None:
        """Adds an article as the next document."""
        ends = (self._chunks.GAP, self._chunks.GAP, self._chunks.TEXT_END)
        for text, end in zip((article.title, article.lead, article.body), ends, strict=True):
            if text:
                self._stream.extend(self._chunks.read(clean(text).text))
            self._field_ends.append(len(self._stream))
            self._stream.append(end)
        self._records.append((article.id, article.moment, msgspec.json.encode(article)))
        self._tags["provinces"].append(tuple(dict.fromkeys(province_slugs(article))))
        self._tags["topics"].append(tuple(dict.fromkeys(article.topics)))
        self._tags["source"].append((article.source,) if article.source else ())

    def write(self, path: Path, *, sync: bool = True) -> None:
        """Writes the segment."""
        stream, documents = self._chunk_stream()
        out = ContainerWriter(path)
        occurrences = self._occurrences(stream, documents)
        self._write_documents(out, occurrences.widths, self.fingerprints())
        self._write_terms(out, occurrences)
        first, syllables = self._chunks.syllables()
        inside, count = layout.rows(first, stream)
        write_words(out, count_words(self._chunks.forms, syllables[inside], np.repeat(documents, count)))
        out.close({"documents": len(self)}, sync)

    def _chunk_stream(self) -> tuple[Array, Array]:
        """(numbers of all chunks, the document of each)."""
        lengths = np.diff(np.array([-1, *self._field_ends[2::3]]))  # chunks of each document, its TEXT_END counted
        return np.array(self._stream, np.int32), np.repeat(np.arange(len(self)), lengths)

    # -- from chunks to tokens ---------------------------------------------------------------------------

    def _occurrences(self, stream: Array, document_of_chunk: Array) -> "_Occurrences":
        """Every token of every document, in order of document and position, its term by rank."""
        field_ends = np.array(self._field_ends, np.int64).reshape(-1, 3)
        place = np.concatenate(([0], np.cumsum(self._chunks.widths()[stream], dtype=np.int64)))  # before each chunk
        starts = np.concatenate(([0], field_ends[:-1, 2] + 1)) if len(self) else np.empty(0, np.int64)
        ends = place[field_ends]
        begins = np.column_stack((place[starts], ends[:, :2] + 1))  # behind the gap, which takes one position
        first, numbers, offsets = self._chunks.terms()
        inside, count = layout.rows(first, stream)
        positions = np.repeat(place[:-1] - place[starts][document_of_chunk], count) + offsets[inside]
        names, rank = self._ranked(numbers[inside])
        return _Occurrences(names, rank[numbers[inside]], np.repeat(document_of_chunk, count), positions, ends - begins)

    def fingerprints(self) -> Array:
        """`story.fingerprint` of each document's lead and body."""
        stream, document_of_chunk = self._chunk_stream()
        title_ends = np.array(self._field_ends[::3], np.int64)
        first, hashes = self._chunks.hashes()
        before = np.concatenate(([0], np.cumsum(np.diff(first)[stream], dtype=np.int64)))[:-1]  # hashes, of each chunk
        behind_title = np.arange(len(stream)) > title_ends[document_of_chunk]
        is_read = behind_title & (before - before[title_ends][document_of_chunk] < story.READ)
        inside, count = layout.rows(first, stream[is_read])
        documents = np.repeat(document_of_chunk[is_read], count)
        many = np.bincount(documents, minlength=len(self))
        # the last chunk of a text may hold more than one syllable
        kept = np.arange(len(documents)) - (np.cumsum(many) - many)[documents] < story.READ
        return story.fingerprints(hashes[inside][kept], np.minimum(many, story.READ))

    def _ranked(self, numbers: Array) -> tuple[list[str], Array]:
        """The terms that occur, in order; for each number of a term its place in it."""
        used = np.bincount(numbers, minlength=len(self._chunks.names)).nonzero()[0].tolist()
        named = sorted((folded_term(name := self._chunks.names[number]), name, number) for number in used)
        rank = np.zeros(len(self._chunks.names), np.int32)
        rank[[number for _, _, number in named]] = np.arange(len(named), dtype=np.int32)
        return [name for _, name, _ in named], rank

    def _write_terms(self, out: ContainerWriter, found: "_Occurrences") -> None:
        names, ranks, documents, positions, widths = found
        order = layout.stable_order(ranks, len(names))
        ranks, documents, positions = ranks[order], documents[order], positions[order]
        new = np.ones(len(ranks), bool)
        new[1:] = (ranks[1:] != ranks[:-1]) | (documents[1:] != documents[:-1])
        first = np.flatnonzero(new)
        counts = np.diff(np.append(first, len(ranks)))
        field = (positions > widths[documents, TITLE]).astype(np.uint8)
        field += positions > widths[documents, TITLE] + 1 + widths[documents, LEAD]
        in_title = np.add.reduceat((field == TITLE).astype(np.uint32), first) if len(first) else first
        in_lead = np.add.reduceat((field == LEAD).astype(np.uint32), first) if len(first) else first
        write_dictionary(out, names)
        wide = len(widths) > 0 and int(widths.sum(1).max()) + 2 > 0xFFFF
        postings = Postings(ranks[first], documents[first], layout.encode(counts, in_title, in_lead), counts)
        sink = PostingsWriter(out, len(self), np.uint32 if wide else np.uint16)
        sink.append(0, len(names), postings, positions)
        sink.close(names)

    # -- documents -----------------------------------------------------------------------------------------

    def _write_documents(self, out: ContainerWriter, widths: Array, stories: Array) -> None:
        write_documents(
            out,
            [record[0] for record in self._records],
            np.array([record[1] for record in self._records], np.int64),
            widths.astype(np.uint32),
            self._tags,
            stories,
        )
        stored = StoredWriter(out)
        for _, _, data in self._records:
            stored.append(data)
        stored.close()


class _Occurrences(NamedTuple):
    names: list[str]  # terms by rank
    ranks: Array
    documents: Array
    positions: Array
    widths: Array  # documents x 3 fields


def province_slugs(article: Article) -> list[str]:
    """The slugs under which a filter finds the article; a name of no known province is its own."""
    return [provinces.slug_or_name(name) for name in article.provinces]


# -- parts of a segment, also written by merges ----------------------------------------------------------


class Postings(NamedTuple):
    """Postings in order of (term, document); parallel arrays.  `terms` are ranks."""

    terms: Array
    documents: Array
    codes: Array
    counts: Array


class PostingsWriter:
    """Writes postings and positions, ascending ranges of terms at a time."""

    def __init__(self, out: ContainerWriter, documents: int, position_type: type) -> None:
        self._out, self._documents, self._position_type = out, documents, position_type
        self._df: list[Array] = []
        self._cf: list[Array] = []
        empty = np.empty(0, np.int64)
        self.append(0, 0, Postings(empty, empty, empty.astype(np.uint8), empty), empty)  # all arrays, even of no term

    def append(self, begin: int, end: int, postings: Postings, positions: Array) -> None:
        """All postings of the terms of rank begin..end, and their positions in the same order."""
        terms = postings.terms - begin
        df = np.bincount(terms, minlength=end - begin)
        cf = np.bincount(terms, weights=postings.counts, minlength=end - begin).astype(np.int64)
        self._df.append(df)
        self._cf.append(cf)
        dense = layout.is_dense(df, self._documents)
        sparse = ~dense[terms]
        self._out.append("docs", postings.documents[sparse].astype(np.uint32))
        self._out.append("codes", postings.codes[sparse])
        first = np.concatenate(([0], np.cumsum(df)))
        width = layout.row_width(self._documents)
        self._out.append("rows", np.zeros((0, width), np.uint8))
        for term in np.flatnonzero(dense):
            mine = slice(first[term], first[term + 1])
            row = np.zeros((1, width), np.uint8)
            row[0, postings.documents[mine]] = postings.codes[mine]
            self._out.append("rows", row)
        self._out.append("positions", positions.astype(self._position_type))
        long = np.flatnonzero(postings.counts >= layout.COUNT_LONG)
        self._out.append("long_terms", postings.terms[long].astype(np.uint32))
        self._out.append("long_docs", postings.documents[long].astype(np.uint32))
        self._out.append("long_counts", postings.counts[long].astype(np.uint32))

    def close(self, names: list[str]) -> None:
        """Writes the dictionary's numbers."""
        df = np.concatenate([np.empty(0, np.int64), *self._df])
        cf = np.concatenate([np.empty(0, np.int64), *self._cf])
        assert len(df) == len(names)
        dense = layout.is_dense(df, self._documents)
        row = np.full(len(df), layout.NO_ROW, np.uint32)
        row[dense] = np.arange(int(dense.sum()))
        self._out.append("df", df.astype(np.uint32))
        self._out.append("cf", _narrow(cf))
        self._out.append("row", row)
        self._out.append("first", _narrow(np.concatenate(([0], np.cumsum(np.where(dense, 0, df))))))
        self._out.append("first_position", _narrow(np.concatenate(([0], np.cumsum(cf)))))


def _narrow(numbers: Array) -> Array:
    """In four bytes each where these do."""
    return numbers.astype(np.uint64 if numbers.max(initial=0) >> 32 else np.uint32)


class StoredWriter:
    """Writes articles' JSON in compressed blocks."""

    def __init__(self, out: ContainerWriter) -> None:
        self._out = out
        self._block: list[bytes] = []
        self._documents = self._end = 0
        out.append("stored", np.empty(0, np.uint8))  # these arrays are there even without an article
        out.append("stored_ends", np.empty(0, np.uint64))
        out.append("stored_sizes", np.empty(0, np.uint32))

    def append(self, data: bytes) -> None:
        """The next document's."""
        self._block.append(data)
        if len(self._block) == layout.BLOCK:
            self._flush()

    def append_block(self, packed: Array, sizes: Array) -> None:
        """A block of another segment, as it is."""
        self._flush()
        self._write(packed, sizes)

    def close(self) -> None:
        """The last block."""
        self._flush()
        self._out.append("stored_first", np.array([self._documents], np.uint32))

    def _flush(self) -> None:
        if self._block:
            packed = np.frombuffer(compress(b"".join(self._block)), np.uint8)
            self._write(packed, np.array([len(data) for data in self._block], np.uint32))
            self._block.clear()

    def _write(self, packed: Array, sizes: Array) -> None:
        self._end += len(packed)
        self._out.append("stored", packed)
        self._out.append("stored_ends", np.array([self._end], np.uint64))
        self._out.append("stored_first", np.array([self._documents], np.uint32))
        self._out.append("stored_sizes", sizes)
        self._documents += len(sizes)


def compress(data: bytes) -> bytes:
    """zstd, level 3: a quarter of the time of level 9, 7 % larger."""
    from .zstd import zstd

    return bytes(zstd.compress(data, 3))


def write_documents(
    out: ContainerWriter,
    ids: list[str],
    moments: Array,
    widths: Array,
    tags: dict[str, list[tuple[str, ...]]],
    stories: Array,
) -> None:
    """The arrays that have one row a document, but for the stored articles."""
    out.append_texts("ids", ids)
    out.append("id_order", np.array(sorted(range(len(ids)), key=lambda n: ids[n].encode()), np.uint32))
    out.append("day", (moments // DAY).astype(np.int32))
    out.append("minute", (moments % DAY).astype(np.uint16))
    out.append("story", stories)
    out.append("title_width", widths[:, TITLE].astype(np.uint32))
    out.append("lead_width", widths[:, LEAD].astype(np.uint32))
    out.append("width", widths[:, [TITLE, LEAD, BODY]].sum(1).astype(np.uint32))
    for column, values in tags.items():
        known = sorted({value for row in values for value in row})
        number = {value: n for n, value in enumerate(known)}
        out.append_texts(f"tags_{column}", known)
        out.append(f"{column}_first", np.cumsum([0, *map(len, values)]).astype(np.uint32))
        out.append(f"{column}_tags", np.array([number[v] for row in values for v in row], np.uint32))


def write_dictionary(out: ContainerWriter, names: list[str]) -> None:
    """The terms, already in order of (folded, exact)."""
    folded: list[str] = []
    first: list[int] = []
    for number, name in enumerate(names):
        key = folded_term(name)
        if not folded or folded[-1] != key:
            folded.append(key)
            first.append(number)
    out.append_texts("terms", names)
    out.append_texts("folded", folded)
    out.append("folded_first", np.array([*first, len(names)], np.uint32))
