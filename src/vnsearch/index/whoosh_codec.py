"""The index as a Whoosh index: a codec whose readers and matchers stand on a segment's arrays.

For apps that know Whoosh: `Index.whoosh.searcher()` takes Whoosh's own queries (Term, And, Or, Not,
Phrase, Prefix, Wildcard, FuzzyTerm, ranges) and scores them as Whoosh does, from exact field lengths
where Whoosh keeps them in a byte.  It is as slow as Whoosh; `Index.search` does not come this way.
`whoosh.index.open_dir(folder)` comes here too, by the table of contents that `whoosh_toc` writes.  Of that only Whoosh
reads anything; here the schema is `schema()` and the segments are the manifest's.
"""

from collections.abc import Iterator
from errno import ENOENT
from os import strerror
from pathlib import Path
from typing import Any

import numpy as np
from whoosh.codec import base
from whoosh.index import Index as WhooshIndexBase
from whoosh.reading import EmptyReader, MultiReader, SegmentReader

from ..arrays import Array
from ..errors import IndexCorruptError, IndexProblemError
from .folder import Part, open_part
from .segment_reader import Segment
from .whoosh_readers import ArrayDocuments, ArrayTerms, schema

__all__ = ["ArrayCodec", "NoSegments", "StoredSegment", "WhooshIndex", "schema"]  # tables of contents name them here


class WhooshIndex(WhooshIndexBase):  # type: ignore[misc]
    """What `Index.whoosh` gives: reads the newest generation; writing goes through `vnsearch.Index.writer`."""

    def __init__(self, snapshot: Any) -> None:
        self._snapshot = snapshot  # a function that gives the newest Snapshot
        self.schema = schema()

    def latest_generation(self) -> int:
        """The number of the newest commit."""
        return int(self._snapshot().generation)

    def is_empty(self) -> bool:
        """Whether nothing was ever added."""
        return not self._snapshot().segments

    def doc_count_all(self) -> int:
        """Documents, deleted ones too."""
        return sum(segment.documents for segment in self._snapshot().segments)

    def doc_count(self) -> int:
        """Documents that are not deleted."""
        return int(self._snapshot().articles)

    def reader(self, reuse: Any = None) -> Any:
        """A reader of the newest generation."""
        snapshot = self._snapshot()
        readers = [
            SegmentReader(None, self.schema, _WhooshSegment(segment, gone), snapshot.generation, ArrayCodec())
            for segment, gone in zip(snapshot.segments, snapshot.deleted, strict=True)
        ]
        if not readers:
            return EmptyReader(self.schema)
        return readers[0] if len(readers) == 1 else MultiReader(readers, generation=snapshot.generation)

    def writer(self, **_: Any) -> Any:
        """Raises IndexProblemError: Whoosh cannot write this index."""
        raise IndexProblemError("index.whoosh", "is for reading; write with vnsearch.Index.writer()")


class _WhooshSegment(base.Segment):  # type: ignore[misc]
    """A segment and its deletions, as Whoosh knows segments."""

    def __init__(self, segment: Segment, gone: Array) -> None:
        super().__init__("vnsearch")
        self.segid, self.data, self.gone = segment.path.stem, segment, gone

    def codec(self) -> "ArrayCodec":
        return ArrayCodec()

    def doc_count_all(self) -> int:
        return self.data.documents

    def deleted_count(self) -> int:
        return int(self.gone.sum())

    def deleted_docs(self) -> Iterator[int]:
        return iter(np.flatnonzero(self.gone).tolist())

    def is_deleted(self, docnum: int) -> bool:
        return docnum < len(self.gone) and bool(self.gone[docnum])  # Whoosh asks for one beyond the last


class StoredSegment(base.Segment):  # type: ignore[misc]
    """A segment as `whoosh_toc` names it: opened when Whoosh reads it, from the folder that Whoosh has opened."""

    def __init__(self, name: str, documents: int, deletions: str) -> None:
        super().__init__("vnsearch")
        self.segid, self.documents, self.deletions = name, documents, deletions

    def codec(self) -> "ArrayCodec":
        return ArrayCodec()

    def doc_count_all(self) -> int:
        """Raises IndexProblemError: readers know it themselves, only a writer of Whoosh's asks."""
        raise _not_for_writing()

    def open(self, storage: Any) -> "_WhooshSegment":
        """The segment's arrays.  FileNotFoundError where a commit removed it: Whoosh then reads the table again."""
        try:
            segment, gone = open_part(Path(storage.folder), Part(self.segid, self.documents, self.deletions))
        except IndexCorruptError as e:
            for name in (f"{self.segid}.seg", self.deletions):
                if name and not Path(storage.folder, name).exists():
                    raise FileNotFoundError(ENOENT, strerror(ENOENT), name) from e
            raise
        return _WhooshSegment(segment, gone)


class NoSegments(list[StoredSegment]):
    """The segments of an index without articles."""

    def __iter__(self) -> Iterator[StoredSegment]:
        """Raises IndexProblemError: nobody but a writer of Whoosh's asks, since there are none."""
        raise _not_for_writing()


def _not_for_writing() -> IndexProblemError:
    return IndexProblemError("index", "Whoosh only reads it; write with vnsearch.Index.open(folder).writer()")


class ArrayCodec(base.Codec):  # type: ignore[misc]
    """Reads segments of arrays.  They are written by `index.writer`, not through Whoosh."""

    def __init__(self) -> None:
        self._opened: _WhooshSegment | None = None  # a codec is made for each reader

    def _open(self, storage: Any, segment: "_WhooshSegment | StoredSegment") -> _WhooshSegment:
        if self._opened is None:
            self._opened = segment if isinstance(segment, _WhooshSegment) else segment.open(storage)
        return self._opened

    def terms_reader(self, storage: Any, segment: "_WhooshSegment | StoredSegment") -> ArrayTerms:
        return ArrayTerms(self._open(storage, segment).data)

    def per_document_reader(self, storage: Any, segment: "_WhooshSegment | StoredSegment") -> ArrayDocuments:
        opened = self._open(storage, segment)
        return ArrayDocuments(opened, opened.data)
