"""Articles -> a segment: terms become numbers as they are read, postings come out of one sort.

A text costs one split and one look-up a chunk; everything after that happens to a whole batch at once,
in NumPy.
"""

from array import array
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from ..article import Article
from ..ingest import provinces
from ..text.memo import Memo
from ..text.normalize import clean
from ..text.segment import segment
from ..text.tokenize import chunk_terms, chunks, folded_term
from . import layout
from .container import Array, ContainerWriter
from .layout import BODY, LEAD, TITLE


class _ChunkNumbers(dict[str, int]):
    """Chunk -> its number in the tables of an Inverter."""

    def __init__(self, inverter: "Inverter") -> None:
        super().__init__()
        self._inverter = inverter

    def __missing__(self, chunk: str) -> int:
        number = self[chunk] = self._inverter.add_chunk(chunk)
        return number


class Inverter:
    """Collects articles, and writes them as one segment."""

    def __init__(self) -> None:
        self._term_numbers: dict[str, int] = {}
        # a chunk's terms, their positions counted from its own, and how many positions it takes; 0 is the gap
        self._chunk_first = array("q", [0, 0])
        self._chunk_terms = array("i")
        self._chunk_positions = array("i")
        self._chunk_widths = array("i", [1])
        self._numbers = _ChunkNumbers(self)
        self._stream = array("i")  # chunk numbers of all documents, gaps between the fields
        self._field_ends = array("q")  # three a document, into the stream
        self._words: Counter[str] = Counter()
        self._records: list[tuple[str, int, bytes]] = []  # id, day, JSON
        self._tags: dict[str, list[tuple[str, ...]]] = {column: [] for column in layout.COLUMNS}

    def __len__(self) -> int:
        return len(self._records)

    @property
    def size(self) -> int:
        """About how many bytes of memory are in use."""
        return 40 * len(self._stream) + sum(len(record[2]) for record in self._records[-1:]) * len(self._records)

    def add(self, article: Article) -> None:
        """Adds an article as the next document."""
        number = self._numbers.__getitem__
        for field, text in enumerate((article.title, article.lead, article.body)):
            if field:
                self._stream.append(0)
            if text:
                self._stream.extend(map(number, chunks(clean(text).text)))
            self._field_ends.append(len(self._stream))
        self._words.update(words_of(article))
        day = article.day
        self._records.append((article.id, day.toordinal() if day else 0, msgspec.json.encode(article)))
        self._tags["provinces"].append(tuple(dict.fromkeys(province_slugs(article))))
        self._tags["topics"].append(tuple(dict.fromkeys(article.topics)))
        self._tags["source"].append((article.source,) if article.source else ())

    def add_chunk(self, chunk: str) -> int:
        """A new number for a chunk; its terms get theirs."""
        found = chunk_terms(chunk)
        for term, position in found:
            self._chunk_terms.append(self._term_numbers.setdefault(term, len(self._term_numbers)))
            self._chunk_positions.append(position)
        self._chunk_first.append(len(self._chunk_terms))
        self._chunk_widths.append(found[-1][1] + 1 if found else 0)
        return len(self._chunk_widths) - 1

    def write(self, path: Path, *, sync: bool = True) -> None:
        """Writes the segment."""
        with_terms = self._occurrences()
        out = ContainerWriter(path)
        self._write_documents(out, with_terms.widths)
        self._write_terms(out, with_terms)
        write_words(out, self._words)
        out.close({"documents": len(self)}, sync)

    # -- from chunks to tokens ---------------------------------------------------------------------------

    def _occurrences(self) -> "_Occurrences":
        """Every token of every document, in order of document and position, its term by rank."""
        stream = np.frombuffer(self._stream, np.int32) if self._stream else np.empty(0, np.int32)
        chunk_first = np.frombuffer(self._chunk_first, np.int64)
        chunk_widths = np.frombuffer(self._chunk_widths, np.int32)
        field_ends = np.frombuffer(self._field_ends, np.int64).reshape(-1, 3)
        document_starts = np.concatenate(([0], field_ends[:, 2]))

        place = np.concatenate(([0], np.cumsum(chunk_widths[stream], dtype=np.int64)))  # before each chunk, and the end
        bounds = place[np.column_stack((document_starts[:-1], field_ends))]
        widths = np.diff(bounds, axis=1) - (0, 1, 1)  # the gap that opens lead and body is not theirs

        tokens_of_chunk = np.diff(chunk_first)[stream]
        inside = layout.spans(chunk_first[stream], tokens_of_chunk)
        document_of_chunk = np.repeat(np.arange(len(self)), np.diff(document_starts))
        documents = np.repeat(document_of_chunk, tokens_of_chunk)
        position = np.repeat(place[:-1] - bounds[document_of_chunk, 0], tokens_of_chunk)
        position += np.frombuffer(self._chunk_positions, np.int32)[inside] if len(inside) else 0
        terms = np.frombuffer(self._chunk_terms, np.int32)[inside] if len(inside) else np.empty(0, np.int32)

        names = list(self._term_numbers)
        ordered = sorted(range(len(names)), key=lambda number: (folded_term(names[number]), names[number]))
        rank = np.empty(len(names), np.int32)
        rank[ordered] = np.arange(len(names), dtype=np.int32)
        return _Occurrences([names[number] for number in ordered], rank[terms], documents, position, widths)

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

    def _write_documents(self, out: ContainerWriter, widths: Array) -> None:
        write_documents(
            out,
            [record[0] for record in self._records],
            np.array([record[1] for record in self._records], np.int32),
            widths.astype(np.uint32),
            self._tags,
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


def words_of(article: Article) -> set[str]:
    """pyvi's words of several syllables in an article, as terms with blanks."""
    text = clean(f"{article.title}\n{article.lead}\n{article.body}").text
    return {_word_keys[word] for word in segment(text) if "_" in word}


_word_keys: Memo[str] = Memo(lambda word: " ".join(term for part in word.split("_") for term, _ in chunk_terms(part)))


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
        self._out.append("rows", np.zeros((0, self._documents), np.uint8))
        for term in np.flatnonzero(dense):
            mine = slice(first[term], first[term + 1])
            row = np.zeros((1, self._documents), np.uint8)
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
        self._out.append("cf", cf.astype(np.uint64))
        self._out.append("row", row)
        self._out.append("first", np.concatenate(([0], np.cumsum(np.where(dense, 0, df)))).astype(np.uint64))
        self._out.append("first_position", np.concatenate(([0], np.cumsum(cf))).astype(np.uint64))


class StoredWriter:
    """Writes articles' JSON in compressed blocks."""

    def __init__(self, out: ContainerWriter) -> None:
        self._out = out
        self._block: list[bytes] = []
        self._end = 0

    def append(self, data: bytes) -> None:
        """The next document's."""
        self._block.append(data)
        if len(self._block) == layout.BLOCK:
            self._flush()

    def close(self) -> None:
        """The last block."""
        self._flush()

    def _flush(self) -> None:
        packed = compress(b"".join(self._block)) if self._block else b""
        self._end += len(packed)
        self._out.append("stored", np.frombuffer(packed, np.uint8))
        self._out.append("stored_ends", np.array([self._end] if self._block else [], np.uint64))
        self._out.append("stored_sizes", np.array([len(data) for data in self._block], np.uint32))
        self._block.clear()


def compress(data: bytes) -> bytes:
    """zstd, level 9: half the time of 12, 3 % larger."""
    from .zstd import zstd

    return bytes(zstd.compress(data, 9))


def write_documents(
    out: ContainerWriter, ids: list[str], days: Array, widths: Array, tags: dict[str, list[tuple[str, ...]]]
) -> None:
    """The arrays that have one row a document, but for the stored articles."""
    out.append_texts("ids", ids)
    out.append("id_order", np.array(sorted(range(len(ids)), key=lambda n: ids[n].encode()), np.uint32))
    out.append("day", days.astype(np.int32))
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


def write_words(out: ContainerWriter, words: Iterable[str] | Counter[str]) -> None:
    """pyvi's words and how many documents have each."""
    counts = words if isinstance(words, Counter) else Counter(words)
    keys = {word: " ".join(map(folded_term, word.split(" "))) for word in counts}
    ordered = sorted(counts, key=lambda word: (keys[word], word))
    out.append_texts("words", ordered)
    out.append_texts("words_folded", [keys[word] for word in ordered])
    out.append("word_df", np.array([counts[word] for word in ordered], np.uint32))
