"""Articles -> a segment: terms become numbers as they are read, postings come out of one sort.

A text costs one split and one look-up a chunk; everything after that happens to a whole batch at once,
in NumPy.
"""

from array import array
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from .. import kernels
from ..arrays import Array, rows
from ..article import DAY
from ..text import fingerprint
from ..text.normalize import cleaned
from ..text.tokenize import folded_term
from ..vietnam import provinces
from . import article_json, layout
from .chunk_table import current_chunks
from .container_writer import ContainerWriter
from .layout import BODY, LEAD, TITLE
from .word_counts import count_words, write_words


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

    def add(self, data: bytes) -> None:
        """Adds an article, as `article_json.dump` has it, as the next document."""
        article = article_json.indexed(data)
        ends = (self._chunks.GAP, self._chunks.GAP, self._chunks.TEXT_END)
        for text, end in zip((article.title, article.lead, article.body), ends, strict=True):
            if text:
                self._stream.frombytes(self._chunks.read(cleaned(text)))
            self._field_ends.append(len(self._stream))
            self._stream.append(end)
        self._records.append((article.id, article.moment, data))
        self._tags["provinces"].append(tuple(dict.fromkeys(province_slugs(article.provinces))))
        self._tags["topics"].append(tuple(dict.fromkeys(article.topics)))
        self._tags["source"].append((article.source,) if article.source else ())

    def write(self, path: Path, *, sync: bool = True) -> None:
        """Writes the segment."""
        stream, field_ends = np.array(self._stream, np.int32), np.array(self._field_ends)
        out = ContainerWriter(path)
        names, postings, positions, widths = self._inverted(stream, field_ends)
        self._write_documents(out, widths, self.fingerprints())
        self._write_terms(out, names, postings, positions, widths)
        write_words(out, count_words(self._chunks, self._chunks.syllables().of_rows(stream)))
        out.close({"documents": len(self)}, sync)

    def fingerprints(self) -> Array:
        """`text.fingerprint` of each document's lead and body."""
        titles, bodies = np.array(self._field_ends[::3]), np.array(self._field_ends[2::3])
        return fingerprint.fingerprints(np.array(self._stream, np.int32), titles + 1, bodies, *self._chunks.hashes())

    # -- from chunks to postings -------------------------------------------------------------------------

    def _inverted(self, stream: Array, field_ends: Array) -> tuple[list[str], "Postings", Array, Array]:
        """(terms by rank, postings, positions in the same order, positions of each document's three fields)."""
        chunk_widths, first, numbers, offsets = self._chunks.terms()
        names, rank = self._ranked(stream, first, numbers)
        found = kernels.invert(stream, field_ends, chunk_widths, first, numbers, offsets, rank, len(names))
        df, _, documents, counts, in_title, in_lead, positions, widths = (
            np.frombuffer(part, kind) for part, kind in zip(found, "qqIIIIIq", strict=True)
        )
        codes = layout.encode(counts, in_title, in_lead)
        postings = Postings(np.repeat(np.arange(len(names)), df), documents, codes, counts)
        return names, postings, positions, widths.reshape(-1, 3)

    def _ranked(self, stream: Array, first: Array, numbers: Array) -> tuple[list[str], Array]:
        """The terms that occur, in order; for each number of a term its place in it."""
        chunks = np.bincount(stream, minlength=len(first) - 1).nonzero()[0]
        used = np.bincount(numbers[rows(first, chunks)[0]], minlength=len(self._chunks.names)).nonzero()[0]
        named = sorted((folded_term(name := self._chunks.names[number]), name, number) for number in used.tolist())
        rank = np.zeros(len(self._chunks.names), np.int32)
        rank[[number for _, _, number in named]] = np.arange(len(named), dtype=np.int32)
        return [name for _, name, _ in named], rank

    def _write_terms(
        self, out: ContainerWriter, names: list[str], postings: "Postings", positions: Array, widths: Array
    ) -> None:
        write_dictionary(out, names)
        wide = len(widths) > 0 and int(widths.sum(1).max()) + 2 > 0xFFFF
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


def province_slugs(names: Iterable[str]) -> list[str]:
    """The slugs under which a filter finds an article of these provinces; a name of no known one is its own."""
    return [provinces.slug_or_name(name) for name in names]


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
    from ..zstd import zstd

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
