"""One segment, read: what `layout` says of its arrays, as look-ups.

Everything here is a view of mapped memory or a small array made from it; a segment never changes.
Which of its documents are deleted is the snapshot's business (see `folder`).
"""

from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np

from .. import kernels
from ..arrays import Array, stable_order
from ..article import DAY, Article
from ..deadline import check_time
from ..errors import ArticleError, IndexCorruptError
from ..limits import STORED_BYTES
from ..text.tokenize import folded_term
from ..zstd import zstd
from . import article_json, layout
from .container import Container, Texts


def _whole(name: str) -> "cached_property[Array]":
    """An array that is checked whole when it is first asked for."""

    def read(segment: "Segment") -> Array:
        return segment.data[name]

    return cached_property(read)


def _offsets(name: str, values: str) -> "cached_property[Array]":
    """Checks an array of where the rows of a CSR table begin and end."""

    def read(segment: "Segment") -> Array:
        offsets, end = segment.data[name], len(segment.data.lazy(values))
        if int(offsets[-1]) != end or (offsets[1:] < offsets[:-1]).any():
            segment.data.corrupt(f"the offsets {name}", expected=f"to ascend to {end}", got=int(offsets[-1]))
        return offsets

    return cached_property(read)


class Segment:
    """The arrays of one segment file.  Sizes are checked on opening, contents when they are read (see `container`)."""

    df, day, _long_terms, word_df = _whole("df"), _whole("day"), _whole("long_terms"), _whole("word_df")
    width, title_width, lead_width = _whole("width"), _whole("title_width"), _whole("lead_width")
    _first, _first_position = _offsets("first", "docs"), _offsets("first_position", "positions")
    _folded_first, _sentences_first = (
        _offsets("folded_first", "terms_lengths"),
        _offsets("sentences_first", "sentences"),
    )

    def __init__(self, path: Path) -> None:
        self.path = path
        self.data = Container(path)
        documents = self.data.meta.get("documents")
        if not isinstance(documents, int) or documents < 0:
            self.data.corrupt("documents", expected="a number", got=documents)
        self.documents: int = documents
        self._docs, self._codes = self.data.lazy("docs"), self.data.lazy("codes")
        self.positions, self._rows = self.data.lazy("positions"), self.data.lazy("rows")
        self._sentences = self.data.lazy("sentences")
        self._tags: dict[str, tuple[Array, Array]] = {}
        self._check()

    def _check(self) -> None:
        """Sizes that everything else relies on: a wrong one is an error now, not a wrong answer later."""
        size = {name: len(self.data.lazy(name)) for name in self.data.names}
        try:
            terms, words, long, documents = (
                size["terms_lengths"],
                size["words_lengths"],
                size["long_docs"],
                self.documents,
            )
            expected = {
                "folded_first": size["folded_lengths"] + 1, "df": terms, "cf": terms, "row": terms, "first": terms + 1,
                "first_position": terms + 1, "codes": size["docs"], "long_terms": long, "long_counts": long,
                "words_folded_lengths": words, "word_df": words, "stored_first": size["stored_ends"] + 1,
            }  # fmt: skip
            a_document = (
                "width",
                "title_width",
                "lead_width",
                "day",
                "minute",
                "story",
                "ids_lengths",
                "id_order",
                "stored_sizes",
            )
            expected |= dict.fromkeys(a_document, documents)
            expected |= {f"{name}_first": documents + 1 for name in (*layout.COLUMNS, "sentences")}
            wrong = [name for name, length in expected.items() if size[name] != length]
        except KeyError as e:
            self.data.corrupt(f"there is no array {e.args[0]}")
        if wrong:
            self.data.corrupt(f"rows of the array {wrong[0]}", expected=expected[wrong[0]], got=size[wrong[0]])
        if self._rows.shape[1:] != (width := layout.row_width(documents),):
            self.data.corrupt("documents of a common term", expected=width, got=self._rows.shape[1:])

    @cached_property
    def row_numbers(self) -> Array:
        """For each term the number of its row, or NO_ROW."""
        numbers = self.data["row"]
        if not np.array_equal(numbers[numbers != layout.NO_ROW], np.arange(len(self._rows))):
            self.data.corrupt("rows of common terms", expected=f"0 to {len(self._rows) - 1}", got="others")
        return numbers

    @cached_property
    def terms(self) -> Texts:
        """Exact terms, in order of (folded, exact)."""
        return self.data.texts("terms")

    @cached_property
    def folded(self) -> Texts:
        """Terms without diacritics, in order."""
        return self.data.texts("folded")

    @cached_property
    def store(self) -> "kernels.Store | None":
        """What compiled kernels read of it; None where there are none."""
        if kernels.KIND == "numpy":
            return None
        data, (file, pending, near, sums, end, check) = self.data, self.data.checking
        arrays = (
            self._docs.unchecked, self._codes.unchecked, self._rows.unchecked, self.positions.unchecked,
            self._first, self._first_position, self.row_numbers,
            self._long_terms, data["long_docs"], data["long_counts"],
            self.width, self.title_width, self.lead_width,
            data.lazy("folded").unchecked, data.lazy("terms").unchecked, data.lazy("words_folded").unchecked,
            self.folded.ends, self.terms.ends, self.words_folded.ends, self._folded_first, self.df,
        )  # fmt: skip
        try:
            return kernels.Store(arrays, file, pending, near, sums, end, check, data.corrupt, check_time)
        except ValueError as e:
            data.corrupt(str(e))

    # -- dictionary ----------------------------------------------------------------------------------------

    def find_folded(self, folded: str) -> range:
        """The numbers of all exact terms that fold to this."""
        if self.store is not None:
            return range(*self.store.find_folded(folded))
        at = self.folded.bisect(folded)
        if at == len(self.folded) or self.folded[at] != folded:
            return range(0)
        return self.folding_to(at)

    def folding_to(self, folded: int) -> range:
        """The numbers of all exact terms that fold to the folded term of this number."""
        return range(int(self._folded_first[folded]), int(self._folded_first[folded + 1]))

    def find(self, term: str) -> int | None:
        """The number of an exact term."""
        if self.store is not None:
            number = self.store.find(folded_term(term), term)
            return None if number < 0 else number
        return next((n for n in self.find_folded(folded_term(term)) if self.terms[n] == term), None)

    def find_words(self, folded: str) -> tuple[range, bool]:
        """(the numbers of the words that fold to this, whether a word begins so and goes on)."""
        if self.store is not None:
            first, last, longer = self.store.find_words(folded)
            return range(first, last), longer
        keys = self.words_folded
        first = last = keys.bisect(folded)
        while last < len(keys) and keys[last] == folded:
            last += 1
        return range(first, last), last < len(keys) and keys[last].startswith(f"{folded} ")

    def words_among(self, syllables: Sequence[str], longest: int) -> list[tuple[int, int, int, int]]:
        """Of each row of two to `longest` of some folded syllables that words of the segment fold to: (where it begins,
        where it ends, the numbers of these words from one to before another).
        """
        if self.store is not None:
            return self.store.words_among(tuple(syllables), longest)
        found = []
        for begin in range(len(syllables)):
            for end in range(begin + 2, min(begin + longest, len(syllables)) + 1):
                numbers, goes_on = self.find_words(" ".join(syllables[begin:end]))
                if numbers:
                    found.append((begin, end, numbers.start, numbers.stop))
                elif not goes_on:
                    break
        return found

    @property
    def folded_counts(self) -> Array:
        """How often each folded term occurs."""
        counts: Array = np.add.reduceat(self.data["cf"], self._folded_first[:-1].astype(np.int64))
        return counts

    def starting_with(self, prefix: str, *, exact: bool) -> list[int]:
        """The numbers of the terms that begin so, exactly or when folded."""
        folded = folded_term(prefix)
        begin, end = self.folded.bisect(folded), self.folded.bisect(folded + "\U0010ffff")
        first, last = int(self._folded_first[begin]), int(self._folded_first[end])
        return self.terms.beginning(prefix, first, last).tolist() if exact else list(range(first, last))

    # -- postings ------------------------------------------------------------------------------------------

    def row(self, term: int) -> Array | None:
        """The codes of a common term, one a document; None for a rare one."""
        number = int(self.row_numbers[term])
        return None if number == layout.NO_ROW else self._rows.part(number, number + 1)[0, : self.documents]

    def postings(self, term: int) -> tuple[Array, Array]:
        """(documents ascending, codes) of a term."""
        row = self.row(term)
        if row is not None:
            documents = (row > 0).nonzero()[0]  # of bools, which is quicker
            return documents, row[documents]
        mine = int(self._first[term]), int(self._first[term + 1])
        return self._docs.part(*mine), self._codes.part(*mine)

    def all_postings(self, first: int, last: int) -> tuple[Array, Array, Array]:
        """(terms, documents, codes) of the terms first..last, in order of (term, document)."""
        mine = int(self._first[first]), int(self._first[last])
        numbers = np.arange(first, last)
        terms = np.repeat(numbers, np.diff(self._first[first : last + 1]).astype(np.int64))
        documents, codes = self._docs.part(*mine), self._codes.part(*mine)
        common = numbers[self.row_numbers[first:last] != layout.NO_ROW]
        if not len(common):
            return terms, documents, codes
        in_order = self.row_numbers[common]  # so their rows stand side by side
        rows = self._rows.part(int(in_order[0]), int(in_order[-1]) + 1)[:, : self.documents]
        at, in_rows = rows.nonzero()
        terms = np.concatenate((terms, common[at]))
        order = stable_order(terms - first, last - first)
        documents = np.concatenate((documents, in_rows.astype(np.uint32)))
        return terms[order], documents[order], np.concatenate((codes, rows[at, in_rows]))[order]

    def all_counts(self, first: int, last: int, codes: Array) -> Array:
        """How often each of the terms first..last occurs in each of its documents, in the order of `all_postings`."""
        counts = (codes & layout.COUNT_MASK).astype(np.int64)
        long = np.flatnonzero(counts == layout.COUNT_LONG)
        if len(long):  # both in order of (term, document)
            counts[long] = self.data["long_counts"][slice(*self._long_terms.searchsorted((first, last)))]
        return counts

    def counts(self, term: int, documents: Array, codes: Array) -> Array:
        """How often the term occurs in each of its documents, from their codes."""
        counts = (codes & layout.COUNT_MASK).astype(np.int64)
        long_documents, long_counts = self.long_counts(term)
        if len(long_documents):
            long = np.flatnonzero(counts == layout.COUNT_LONG)
            counts[long] = long_counts[np.searchsorted(long_documents, documents[long])]
        return counts

    def long_counts(self, term: int) -> tuple[Array, Array]:
        """(documents, counts) of a term's postings whose count does not fit in their code."""
        begin, end = self._long_terms.searchsorted((term, term + 1))
        return self.data["long_docs"][begin:end], self.data["long_counts"][begin:end]

    def occurrences(self, term: int, wanted: Array) -> tuple[Array, Array]:
        """(places in `wanted`, positions) of every occurrence of a term in the wanted documents (ascending)."""
        documents, codes = self.postings(term)
        in_wanted = np.zeros(self.documents, bool)
        in_wanted[wanted] = True
        at = in_wanted[documents].nonzero()[0]
        if not len(at):
            return at, at
        there = wanted.searchsorted(documents[at])
        counts = self.counts(term, documents, codes)
        ends = np.cumsum(counts)
        starts = ends[at] - counts[at] + int(self._first_position[term])
        return np.repeat(there, counts[at]), self.positions.runs(starts, counts[at]).astype(np.int64)

    def occurrences_of(self, term: int) -> int:
        """How often a term occurs in all documents."""
        return int(self._first_position[term + 1] - self._first_position[term])

    def occurrences_of_each(self, first: int, last: int) -> list[int]:
        """The same of each of the terms first..last."""
        return [end - begin for begin, end in pairwise(self._first_position[first : last + 1].tolist())]

    def occurrences_of_all(self, first: int, last: int) -> int:
        """The same of the terms first..last together."""
        return int(self._first_position[last]) - int(self._first_position[first])

    def position_range(self, first: int, last: int) -> tuple[int, int]:
        """Where the positions of the terms of number first..last stand in the array of all."""
        return int(self._first_position[first]), int(self._first_position[last])

    # -- documents -----------------------------------------------------------------------------------------

    @cached_property
    def words(self) -> Texts:
        """pyvi's words with blanks, in order of (folded, word); `word_df` counts their documents."""
        return self.data.texts("words")

    @cached_property
    def words_folded(self) -> Texts:
        """The words without diacritics."""
        return self.data.texts("words_folded")

    @cached_property
    def ids(self) -> Texts:
        """The documents' ids."""
        return self.data.texts("ids")

    @cached_property
    def moment(self) -> Array:
        """The minute of each document's publication, as `Article.moment` has it."""
        return self.day.astype(np.int64) * DAY + self.data["minute"]

    def sentences(self, documents: Array) -> tuple[Array, Array]:
        """(how many sentences each of some documents has; where each ends, as `layout` has it)."""
        starts = self._sentences_first[documents].astype(np.int64)
        counts = self._sentences_first[documents + 1].astype(np.int64) - starts
        return counts, self._sentences.runs(starts, counts)

    def find_id(self, id: str) -> int | None:
        """The document of an id."""
        order = self.data["id_order"]
        wanted = id.encode()
        at = bisect_left(range(self.documents), wanted, key=lambda n: self.ids[int(order[n])].encode())
        if at < self.documents and self.ids[int(order[at])] == id:
            return int(order[at])
        return None

    def stored(self, document: int) -> bytes:
        """The JSON of a document's article."""
        block = int(self.data["stored_first"].searchsorted(document, side="right")) - 1
        packed, sizes = self.stored_block(block)
        data = self._unpacked(packed, sizes)
        before = document - int(self.data["stored_first"][block])
        start = int(sizes[:before].sum())
        return bytes(data[start : start + int(sizes[before])])

    def _unpacked(self, packed: Array, sizes: Array) -> bytes:
        whole = int(sizes.sum())
        if whole > STORED_BYTES:
            self.data.corrupt("bytes of stored articles", expected=f"at most {STORED_BYTES}", got=whole)
        unpacking = zstd.ZstdDecompressor()
        try:
            data = unpacking.decompress(packed.tobytes(), max_length=whole + 1)  # a stranger's may unpack to terabytes
        except zstd.ZstdError as e:
            raise IndexCorruptError(self.path, f"stored articles: {e}") from None
        if len(data) != whole:
            self.data.corrupt("bytes of stored articles", expected=whole, got=f"{len(data)} or more")
        return bytes(data)

    def article(self, document: int) -> Article:
        """A document's article."""
        try:
            return article_json.load(self.stored(document))
        except ArticleError as e:
            self.data.corrupt(f"stored article {document}: {e}")

    def stored_block(self, block: int) -> tuple[Array, Array]:
        """(the bytes of a zstd block, the size of each article in it)."""
        ends = self.data["stored_ends"]
        first, end = (int(n) for n in self.data["stored_first"][block : block + 2])
        packed = self.data.lazy("stored").part(int(ends[block - 1]) if block else 0, int(ends[block]))
        return packed, self.data["stored_sizes"][first:end]

    def tag_names(self, column: str) -> list[str]:
        """The values of a filter column, by number."""
        return self._tag_names[column]

    @cached_property
    def _tag_names(self) -> dict[str, list[str]]:
        return {column: self.data.texts(f"tags_{column}").all() for column in layout.COLUMNS}

    def tags(self, column: str) -> tuple[Array, Array]:
        """(first, numbers): the values of document d are numbers[first[d]:first[d + 1]]."""
        found = self._tags.get(column)
        if found is None:
            first, numbers = self.data[f"{column}_first"], self.data[f"{column}_tags"]
            names = len(self.tag_names(column))
            if first[0] or int(first[-1]) != len(numbers) or (first[1:] < first[:-1]).any():
                self.data.corrupt(f"the offsets {column}_first", expected=f"to ascend to {len(numbers)}", got="others")
            if int(numbers.max(initial=0)) >= max(names, 1):
                self.data.corrupt(f"the array {column}_tags", expected=f"numbers below {names}", got=int(numbers.max()))
            found = self._tags[column] = first, numbers
        return found

    def has_tag(self, column: str) -> Array:
        """Which documents have any value in a filter column."""
        return np.diff(self.tags(column)[0].astype(np.int64)) > 0

    def tagged(self, column: str, values: frozenset[str]) -> Array:
        """The documents that have any of the values, ascending."""
        first, numbers = self.tags(column)
        chosen = np.array([name in values for name in self.tag_names(column)], bool)
        if not chosen.any():
            return np.empty(0, np.int64)
        hits = np.flatnonzero(chosen[numbers])
        return np.unique(np.searchsorted(first, hits, side="right") - 1)
