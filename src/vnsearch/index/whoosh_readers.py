"""How Whoosh reads a segment: its dictionary, its postings, its documents and their days, from the segment's arrays."""

from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from whoosh import columns, fields
from whoosh.analysis import Analyzer, Token
from whoosh.codec import base
from whoosh.matching import LeafMatcher, ReadTooFar
from whoosh.reading import TermInfo

from ..arrays import Array
from ..text.tokenize import tokenize
from . import layout
from .segment_reader import Segment

_TEXT = ("title", "lead", "body")
_NAMES = {name: number for number, name in enumerate(_TEXT)}


class Terms(Analyzer):  # type: ignore[misc]  # Whoosh is untyped
    """Whoosh's view of `text.tokenize`, for query parsers of Whoosh's."""

    def __init__(self, folded: bool) -> None:
        self.folded = folded

    def __call__(self, value: str, **options: Any) -> Iterator[Token]:
        token = Token(positions=True, chars=True)
        if not options.get("tokenize", True):  # a pattern of Whoosh's query language, d*n: not to be broken
            token.text = token.original = value.lower()
            token.pos, token.startchar, token.endchar, token.stopped, token.boost = 0, 0, len(value), False, 1.0
            yield token
            return
        for found in tokenize(value):
            token.text = token.original = found.folded if self.folded else found.term
            token.pos, token.startchar, token.endchar = found.position, found.start, found.end
            token.stopped, token.boost = False, 1.0
            yield token


def schema() -> fields.Schema:
    """Each text field in two views, as typed and `_folded`; filter columns as keywords; `day` as a number."""
    text = {}
    for name in _TEXT:
        text[name] = fields.TEXT(analyzer=Terms(folded=False), phrase=True)
        text[f"{name}_folded"] = fields.TEXT(analyzer=Terms(folded=True), phrase=True)
    tags = {column: fields.KEYWORD(commas=True) for column in layout.COLUMNS}
    day = fields.NUMERIC(int, bits=32, shift_step=0, sortable=True, default=0)
    return fields.Schema(id=fields.ID(unique=True, stored=True), day=day, article=fields.STORED(), **text, **tags)


class ArrayTerms(base.TermsReader):  # type: ignore[misc]
    """The dictionary of a segment, and matchers over its postings.  Texts are bytes, as in Whoosh."""

    def __init__(self, segment: Segment) -> None:
        self._segment = segment
        self._text_dictionaries: dict[str, tuple[list[bytes], list[list[int]]]] = {}

    # -- dictionaries: every field's terms in order of their bytes ---------------------------------------------

    def _exact(self, field: int) -> tuple[list[bytes], list[list[int]]]:
        present, texts = self._present(field), self._segment.terms.all()
        pairs = sorted((texts[number].encode(), number) for number in np.flatnonzero(present).tolist())
        return [text for text, _ in pairs], [[number] for _, number in pairs]

    def _folded(self, field: int) -> tuple[list[bytes], list[list[int]]]:
        present, first = self._present(field), self._segment.data["folded_first"].tolist()
        texts, numbers = [], []
        for text, (a, b) in zip(self._segment.folded.all(), pairwise(first), strict=True):
            if len(mine := np.flatnonzero(present[a:b])):
                texts.append(text.encode())
                numbers.append((a + mine).tolist())
        return texts, numbers

    def _present(self, field: int) -> Array:
        """Which exact terms occur in a field, one bool each; codes tell it but for a few terms of the body."""
        codes = np.arange(256)
        in_title = codes >> layout.TITLE_SHIFT & layout.TITLE_MOST
        in_lead = (codes & layout.LEAD_BIT) > 0
        if field == layout.TITLE:
            return self._any_code(in_title > 0)
        if field == layout.LEAD:
            return self._any_code(in_lead)
        certain = (in_title < layout.TITLE_MOST) & ~in_lead & ((codes & layout.COUNT_MASK) > in_title)
        present = self._any_code(certain)
        for number in np.flatnonzero(~present).tolist():
            present[number] = len(self._text_postings(layout.BODY, [number])[0]) > 0
        return present

    def _any_code(self, wanted: Array) -> Array:
        """Which exact terms have a posting of one of the wanted codes (one bool for each of 256)."""
        data = self._segment.data
        before = np.concatenate(([0], np.cumsum(wanted[data["codes"]])))
        found: Array = np.diff(before[data["first"]]) > 0
        for number in np.flatnonzero(data["row"] != layout.NO_ROW).tolist():
            found[number] = bool(wanted[self._segment.row(number)].any())
        return found

    @cached_property
    def _days(self) -> tuple[list[bytes], list[list[int]]]:
        days = np.unique(self._segment.day[self._segment.day > 0]).tolist()
        encode = schema()["day"].to_bytes
        return [encode(day) for day in days], [[day] for day in days]

    @cached_property
    def _tags(self) -> dict[str, tuple[list[bytes], list[list[int]]]]:
        names = {column: self._segment.tag_names(column) for column in layout.COLUMNS}
        return {column: ([n.encode() for n in own], [[i] for i in range(len(own))]) for column, own in names.items()}

    @cached_property
    def _ids(self) -> tuple[list[bytes], list[list[int]]]:
        ids = sorted((id.encode(), number) for number, id in enumerate(self._segment.ids.all()))
        return [id for id, _ in ids], [[number] for _, number in ids]

    def _dictionary(self, field: str) -> tuple[list[bytes], list[list[int]]]:
        name = field.removesuffix("_folded")
        if name in _NAMES:
            if field not in self._text_dictionaries:
                read = self._exact if field == name else self._folded
                self._text_dictionaries[field] = read(_NAMES[name])
            return self._text_dictionaries[field]
        if field in layout.COLUMNS:
            return self._tags[field]
        return {"day": self._days, "id": self._ids}[field]

    def _find(self, field: str, text: bytes) -> list[int]:
        texts, numbers = self._dictionary(field)
        at = bisect_left(texts, text)
        if at == len(texts) or texts[at] != text:
            raise KeyError((field, text))
        return numbers[at]

    # -- what Whoosh asks -------------------------------------------------------------------------------------

    def indexed_field_names(self) -> list[str]:
        return [*_TEXT, *(f"{name}_folded" for name in _TEXT), *layout.COLUMNS, "day", "id"]

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        try:
            return len(self._postings(*term)[0]) > 0
        except KeyError:
            return False

    def terms(self) -> Iterator[tuple[str, bytes]]:
        for field in sorted(self.indexed_field_names()):
            for text in self._dictionary(field)[0]:
                yield field, text

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        texts = self._dictionary(fieldname)[0]
        return ((fieldname, text) for text in texts[bisect_left(texts, prefix) :])

    def items(self) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        return ((term, self.term_info(*term)) for term in self.terms())

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        return ((term, self.term_info(*term)) for term in self.terms_from(fieldname, prefix))

    def cursor(self, fieldname: str, fieldobj: Any) -> "_Cursor":
        return _Cursor(self._dictionary(fieldname)[0], fieldobj.from_bytes)

    def term_info(self, fieldname: str, text: bytes) -> TermInfo:
        documents, weights, _ = self._postings(fieldname, text)
        if not len(documents):
            return TermInfo(weight=0, df=0)
        lengths = self._lengths(fieldname)[documents]
        return TermInfo(
            float(weights.sum()), len(documents), int(lengths.min()), int(lengths.max()), float(weights.max()),
            int(documents[0]), int(documents[-1]),
        )  # fmt: skip

    def matcher(self, fieldname: str, text: bytes, format_: Any, scorer: Any = None) -> "ArrayMatcher":
        documents, weights, positions = self._postings(fieldname, text)
        return ArrayMatcher((fieldname, text), documents, weights, positions, self._lengths(fieldname), format_, scorer)

    def _lengths(self, field: str) -> Array:
        return field_lengths(self._segment, field)

    def _postings(self, field: str, text: bytes) -> tuple[Array, Array, list[Array] | None]:
        """(documents, how often, positions for each document) of a term in one field."""
        numbers = self._find(field, text)
        segment = self._segment
        name = field.removesuffix("_folded")
        if name in _NAMES:
            return self._text_postings(_NAMES[name], numbers)
        if field == "day":
            documents = np.flatnonzero(segment.day == numbers[0])
        elif field == "id":
            documents = np.array(numbers)
        else:
            documents = segment.tagged(field, frozenset([segment.tag_names(field)[numbers[0]]]))
        return documents, np.ones(len(documents)), None

    def _text_postings(self, field: int, numbers: list[int]) -> tuple[Array, Array, list[Array]]:
        segment = self._segment
        documents = np.unique(np.concatenate([segment.postings(number)[0] for number in numbers]))
        found = [segment.occurrences(number, documents) for number in numbers]
        at, positions = (np.concatenate(parts) for parts in zip(*found, strict=True))
        lead = segment.title_width[documents][at].astype(np.int64) + 1
        body = lead + segment.lead_width[documents][at] + 1
        begins = (np.zeros_like(lead), lead, body)[field]
        ends = (lead - 1, body - 1, np.full_like(body, np.iinfo(np.int64).max))[field]
        mine = (positions >= begins) & (positions < ends)
        at, positions = at[mine], positions[mine] - begins[mine]
        order = np.lexsort((positions, at))
        at, positions = at[order], positions[order]
        present, first, counts = np.unique(at, return_index=True, return_counts=True)
        return documents[present], counts.astype(np.float64), np.split(positions, first[1:])


def field_lengths(segment: Segment, field: str) -> Array:
    """The number of positions of a field in each document; 1 for fields that are no text."""
    match field.removesuffix("_folded"):
        case "title":
            return segment.title_width
        case "lead":
            return segment.lead_width
        case "body":
            return segment.width - segment.title_width - segment.lead_width
    return np.ones(segment.documents, np.uint32)


class _Cursor(base.FieldCursor):  # type: ignore[misc]
    """A place in a dictionary, for Whoosh's fuzzy search."""

    def __init__(self, texts: list[bytes], decode: Any) -> None:
        self._texts, self._decode, self._at = texts, decode, 0

    def first(self) -> str | None:
        self._at = 0
        return self.text()

    def find(self, text: str | bytes) -> str | None:
        self._at = bisect_left(self._texts, text.encode() if isinstance(text, str) else text)
        return self.text()

    def next(self) -> str | None:
        self._at += 1
        return self.text()

    def text(self) -> str | None:
        return str(self._decode(self._texts[self._at])) if self._at < len(self._texts) else None


class ArrayMatcher(LeafMatcher):  # type: ignore[misc]
    """Whoosh's walk over one term's postings."""

    def __init__(
        self, term: tuple[str, bytes], documents: Array, weights: Array, positions: list[Array] | None, lengths: Array,
        format_: Any, scorer: Any,
    ) -> None:  # fmt: skip
        self._term, self.format, self.scorer = term, format_, scorer
        self._documents, self._weights, self._positions, self._lengths = documents, weights, positions, lengths
        self._at = 0

    def is_active(self) -> bool:
        return self._at < len(self._documents)

    def copy(self) -> "ArrayMatcher":
        other = ArrayMatcher(
            self._term, self._documents, self._weights, self._positions, self._lengths, self.format, self.scorer
        )
        other._at = self._at
        return other

    def _here(self) -> int:
        if not self.is_active():
            raise ReadTooFar
        return self._at

    def id(self) -> int:
        return int(self._documents[self._here()])

    def next(self) -> bool:
        self._at = self._here() + 1
        return self.is_active()

    def skip_to(self, id: int) -> None:
        self._at = int(np.searchsorted(self._documents, id)) if self.id() < id else self._at

    def all_ids(self) -> Iterator[int]:
        return iter(self._documents[self._at :].tolist())

    def weight(self) -> float:
        return float(self._weights[self._here()])

    def supports(self, astype: str) -> bool:
        return astype in ("frequency", "weight") or astype == "positions" and self._positions is not None

    def value_as(self, astype: str) -> Any:
        if astype == "positions" and self._positions is not None:
            return self._positions[self._here()].tolist()
        return self.weight()

    def block_max_weight(self) -> float:
        return float(self._weights.max(initial=0))

    def block_min_length(self) -> int:
        return int(self._lengths[self._documents].min(initial=1 << 31))

    def skip_to_quality(self, minquality: float) -> int:
        """All postings are one block."""
        if self.block_quality() <= minquality:
            self._at = len(self._documents)
            return 1
        return 0


class ArrayDocuments(base.PerDocumentReader):  # type: ignore[misc]
    """What Whoosh asks of single documents: of a segment as Whoosh knows it, and of its data."""

    def __init__(self, segment: base.Segment, data: Segment) -> None:
        self._segment, self._data = segment, data

    def doc_count(self) -> int:
        return self._segment.doc_count()  # type: ignore[no-any-return]

    def doc_count_all(self) -> int:
        return self._data.documents

    def has_deletions(self) -> bool:
        return bool(self._segment.has_deletions())

    def is_deleted(self, docnum: int) -> bool:
        return self._segment.is_deleted(docnum)  # type: ignore[no-any-return]

    def deleted_docs(self) -> Iterator[int]:
        return self._segment.deleted_docs()  # type: ignore[no-any-return]

    def supports_columns(self) -> bool:
        return True

    def has_column(self, fieldname: str) -> bool:
        return fieldname == "day"

    def list_columns(self) -> list[str]:
        return ["day"]

    def column_reader(self, fieldname: str, column: Any) -> "_DayColumn":
        return _DayColumn(self._data.day)

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        return int(field_lengths(self._data, fieldname)[docnum])

    def field_length(self, fieldname: str) -> int:
        return int(field_lengths(self._data, fieldname).sum())

    def min_field_length(self, fieldname: str) -> int:
        return int(field_lengths(self._data, fieldname).min(initial=0))

    def max_field_length(self, fieldname: str) -> int:
        return int(field_lengths(self._data, fieldname).max(initial=0))

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        return {"id": self._data.ids[docnum], "article": self._data.stored(docnum)}

    def all_stored_fields(self) -> Iterator[dict[str, Any]]:
        return (self.stored_fields(docnum) for docnum in self.all_doc_ids())


class _DayColumn(columns.ColumnReader):  # type: ignore[misc]
    """The days of publication, for Whoosh's sorting."""

    def __init__(self, days: Array) -> None:
        self._days, self._sign = days, 1

    def __len__(self) -> int:
        return len(self._days)

    def __getitem__(self, docnum: int) -> int:
        return int(self._days[docnum])

    def sort_key(self, docnum: int) -> int:
        return self._sign * self[docnum]

    def set_reverse(self) -> None:
        self._sign = -1

    def load(self) -> list[int]:
        return list(self._days.tolist())
